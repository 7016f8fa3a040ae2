//! Checks of ids before a call, and streams over the pages of a listing.

use std::future::Future;
use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, future, stream};

use crate::error::{Result, Violations};
use crate::page::{Page, PageRequest, paginate};
use crate::types::Identifier;

/// Every item of a listing, in pages of this size.
pub(crate) fn pages<B, T, F, Fut>(
    backend: &Arc<B>,
    size: u32,
    fetch: F,
) -> BoxStream<'static, Result<T>>
where
    B: ?Sized + Send + Sync + 'static,
    T: Send + 'static,
    F: Fn(Arc<B>, PageRequest) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Page<T>>> + Send + 'static,
{
    let backend = Arc::clone(backend);
    paginate(move |token| {
        let page = PageRequest::first()
            .with_max_results(size)
            .with_next_token(token);
        fetch(Arc::clone(&backend), page)
    })
}

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
