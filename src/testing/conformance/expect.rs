//! The expectations of rules.

use std::fmt::Debug;

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;

use super::Failure;
use crate::error::{ErrorKind, Result};

/// Fails with this text unless the condition holds.
pub(super) fn holds(condition: bool, text: impl Into<String>) -> Result<(), Failure> {
    if condition {
        Ok(())
    } else {
        Err(Failure::new(text))
    }
}

/// Fails unless both are the same.
pub(super) fn same<A: PartialEq<B> + Debug, B: Debug>(
    what: &str,
    got: A,
    expected: B,
) -> Result<(), Failure> {
    let text = || format!("{what}: expected {expected:?}, got {got:?}");
    if got == expected {
        Ok(())
    } else {
        Err(Failure::new(text()))
    }
}

/// Fails unless the call was refused with this kind of error.
pub(super) fn refused<T: Debug>(
    what: &str,
    result: Result<T>,
    kind: ErrorKind,
) -> Result<(), Failure> {
    match result {
        Ok(value) => Err(Failure::new(format!(
            "{what}: expected {kind:?}, but it succeeded: {value:?}"
        ))),
        Err(error) if error.kind() == kind => Ok(()),
        Err(error) => Err(Failure::new(format!(
            "{what}: expected {kind:?}, got {:?}: {error}",
            error.kind()
        ))),
    }
}

/// The first item that passes, or a failure that names what is missing.
pub(super) fn one<'a, T>(
    what: &str,
    items: &'a [T],
    passes: impl Fn(&T) -> bool,
) -> Result<&'a T, Failure> {
    items
        .iter()
        .find(|item| passes(item))
        .ok_or_else(|| Failure::new(format!("{what}: there is none")))
}

/// Every item of a listing.
pub(super) async fn all<T>(listing: BoxStream<'_, Result<T>>) -> Result<Vec<T>, Failure> {
    Ok(listing.try_collect().await?)
}
