//! What runs a query.

use std::fmt;

use futures_core::stream::BoxStream;

use super::sql::AthenaQuery;
use crate::error::Result;

/// A row of an answer: a value for each column of its query, in their order. Null is `None`.
pub type AthenaRow = Vec<Option<String>>;

/// Runs queries on Athena, or on anything that understands its dialect.
///
/// [`AthenaExport`](super::AthenaExport) needs nothing else of Athena, so a test can answer itself:
///
/// ```
/// use aws_patch_manager::Result;
/// use aws_patch_manager::athena::{AthenaQueries, AthenaQuery, AthenaRow};
/// use futures_util::StreamExt;
/// use futures_util::stream::{self, BoxStream};
///
/// /// Answers every query with no row.
/// #[derive(Debug)]
/// struct Empty;
///
/// impl AthenaQueries for Empty {
///     fn rows(&self, _: AthenaQuery) -> BoxStream<'static, Result<AthenaRow>> {
///         stream::empty().boxed()
///     }
/// }
/// # let _ = Empty;
/// ```
pub trait AthenaQueries: fmt::Debug + Send + Sync + 'static {
    /// Runs a query, and returns its rows without a header, in their order. After an error no row
    /// comes. If the stream is dropped, the query is stopped.
    fn rows(&self, query: AthenaQuery) -> BoxStream<'static, Result<AthenaRow>>;
}
