//! A mirror: an account read into memory, which continues from there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use aws_patch_manager::plan::{MirrorScope, MirrorSnapshot};
use aws_patch_manager::{MemoryBackend, PatchManager};

#[tokio::test]
async fn a_snapshot_reads_back_from_json_as_it_was() {
    let manager = PatchManager::in_memory();
    let scope = MirrorScope::new().patches().catalog();
    let snapshot = manager.mirror_snapshot(&scope).await.unwrap();
    let json = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(
        serde_json::from_str::<MirrorSnapshot>(&json).unwrap(),
        snapshot
    );
    let mirror = MemoryBackend::from_snapshot(&snapshot);
    assert_eq!(mirror.clock().now(), snapshot.taken_at);
}
