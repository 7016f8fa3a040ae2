//! Checks of resource ids before a call.

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, future, stream};

use crate::error::{Result, Violations};
use crate::types::Identifier;

/// Refuses an identifier that the service would refuse.
pub(super) fn check<I: Identifier>(id: &I, operation: &'static str) -> Result<()> {
    let mut found = Violations::new();
    found.identifier(id);
    found.or(operation, ())
}

/// The listing, or the reason why the input is refused.
pub(super) fn listed<T: Send + 'static>(
    checked: Result<()>,
    listing: impl FnOnce() -> BoxStream<'static, Result<T>>,
) -> BoxStream<'static, Result<T>> {
    match checked {
        Ok(()) => listing(),
        Err(error) => stream::once(future::ready(Err(error))).boxed(),
    }
}
