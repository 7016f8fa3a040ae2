//! Streams over the pages of a listing.

use std::future::Future;
use std::sync::Arc;

use futures_core::stream::BoxStream;

use crate::error::Result;
use crate::page::{Page, PageRequest, paginate};

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
