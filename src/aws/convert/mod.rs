//! Conversion between this crate's types and those of the SSM SDK.

pub(super) mod association;
pub(super) mod automation;
pub(super) mod baseline;
pub(super) mod command;
mod compliance;
mod data_sync;
mod filter;
pub(super) mod member;
pub(super) mod window;

use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::backend::Operation;
use crate::error::{Error, ErrorKind, Result};
use crate::page::{Page, PageRequest, PageToken};

/// Converts an instant of the SDK to ours; an instant out of range counts as absent.
pub(super) fn instant(time: DateTime) -> Option<Timestamp> {
    let nanos = i32::try_from(time.subsec_nanos()).ok()?;
    Timestamp::new(time.secs(), nanos).ok()
}

pub(super) fn instant_of(time: Option<DateTime>) -> Option<Timestamp> {
    time.and_then(instant)
}

pub(super) fn token(request: &PageRequest) -> Option<String> {
    request
        .next_token
        .as_ref()
        .map(|token| token.as_str().to_owned())
}

pub(super) fn limit(request: &PageRequest) -> Option<i32> {
    request.max_results.and_then(|max| i32::try_from(max).ok())
}

pub(super) fn page<S, T>(
    items: Option<Vec<S>>,
    next_token: Option<String>,
    convert: impl Fn(S) -> T,
) -> Page<T> {
    Page::new(
        items.unwrap_or_default().into_iter().map(convert).collect(),
        next_token.map(PageToken::new),
    )
}

/// A member that the service always sends.
pub(super) fn required<T>(member: Option<T>, operation: Operation, name: &str) -> Result<T> {
    member.ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidResponse,
            format!("the answer lacks {name}"),
        )
        .with_operation(operation)
    })
}

/// The error of a request without a required member, which the SDK's builders refuse.
pub(super) fn built<T, E: std::error::Error + Send + Sync + 'static>(
    result: Result<T, E>,
) -> Result<T> {
    result
        .map_err(|error| Error::new(ErrorKind::InvalidInput, error.to_string()).with_source(error))
}
