//! A slow store; some reads and listings fail, by a seed.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use async_trait::async_trait;
use aws_patch_manager::data_sync::object_store::memory::InMemory;
use aws_patch_manager::data_sync::object_store::path::Path;
use aws_patch_manager::data_sync::object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, future, stream};

/// Read-only; every failure is the store's own fault.
#[derive(Debug)]
pub(crate) struct FailingStore {
    inner: Arc<InMemory>,
    seed: AtomicU64,
    /// One read in this many fails, and one listing in this many.
    fails: Option<(u64, u64)>,
    reads: AtomicUsize,
    most_reads: AtomicUsize,
}

impl fmt::Display for FailingStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FailingStore")
    }
}

fn failure() -> Error {
    Error::Generic {
        store: "FailingStore",
        source: "the seed says so".into(),
    }
}

/// Waits a while.
async fn pass(turns: u64) {
    for _ in 0..=turns {
        tokio::task::yield_now().await;
    }
}

impl FailingStore {
    /// One read in eleven fails, one listing in seven.
    pub(crate) fn new(inner: Arc<InMemory>, seed: u64) -> Self {
        Self {
            fails: Some((11, 7)),
            ..Self::slow(inner, seed)
        }
    }

    /// Nothing fails.
    pub(crate) fn slow(inner: Arc<InMemory>, seed: u64) -> Self {
        Self {
            inner,
            seed: AtomicU64::new(seed),
            fails: None,
            reads: AtomicUsize::new(0),
            most_reads: AtomicUsize::new(0),
        }
    }

    /// How many reads were under way at the same time, at most.
    pub(crate) fn most_reads(&self) -> usize {
        self.most_reads.load(Ordering::Relaxed)
    }

    fn read_fails(&self) -> bool {
        self.fails.is_some_and(|(reads, _)| self.draw(reads) == 0)
    }

    fn listing_fails(&self) -> bool {
        self.fails
            .is_some_and(|(_, listings)| self.draw(listings) == 0)
    }

    fn draw(&self, below: u64) -> u64 {
        let seed = self
            .seed
            .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mixed = (seed ^ (seed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 32) % below
    }
}

#[async_trait]
impl ObjectStore for FailingStore {
    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(failure())
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(failure())
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let reads = self.reads.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_reads.fetch_max(reads, Ordering::Relaxed);
        pass(self.draw(6)).await;
        self.reads.fetch_sub(1, Ordering::Relaxed);
        if self.read_fails() {
            return Err(failure());
        }
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        _: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        stream::iter([Err(failure())]).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let listed = stream::once(pass(self.draw(20))).filter_map(|()| future::ready(None));
        let listed = listed.chain(self.inner.list(prefix));
        if self.listing_fails() {
            let last = stream::iter([Err(failure())]);
            return listed.take(20).chain(last).boxed();
        }
        listed.boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        pass(self.draw(6)).await;
        if self.listing_fails() {
            return Err(failure());
        }
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(failure())
    }
}
