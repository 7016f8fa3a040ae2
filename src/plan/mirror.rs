//! The verbs that read an account into memory.

use super::mirror_read::Reader;
use super::{MirrorScope, MirrorSnapshot};
use crate::error::Result;
use crate::manager::PatchManager;
use crate::telemetry::verb;

/// Mirrors.
impl PatchManager {
    /// Reads what Patch Manager holds in the account, as plain data.
    ///
    /// The scope says which parts; [`MirrorScope::explain`] says with which calls. No node takes a call of
    /// its own unless the scope has [patches](MirrorScope::patches) or the node is hybrid. What the caller
    /// may not read, or the backend cannot, is in [`unread`](MirrorSnapshot::unread), and the reading goes
    /// on. A resource that is deleted while it is read is left out.
    ///
    /// # Errors
    ///
    /// Any other error of a call, such as `Throttled` or `InvalidCredentials`: read again. Only the patches
    /// of a single node that cannot be read are noted whatever the error.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::plan::MirrorScope;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await?;
    /// assert!(snapshot.is_complete());
    /// println!("{} nodes at {}", snapshot.nodes.len(), snapshot.taken_at);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn mirror_snapshot(&self, scope: &MirrorScope) -> Result<MirrorSnapshot> {
        verb!(mirror_snapshot(), Reader::new(self, scope).read())
    }
}
