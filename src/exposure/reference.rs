//! What an export does not have, and an answer about CVEs needs.

use serde::{Deserialize, Serialize};

use crate::baseline::PatchBaseline;
use crate::plan::MirrorSnapshot;
use crate::types::Patch;

/// The catalog and the baselines, for an answer from the export of a resource data sync, which has
/// neither.
///
/// A [`MirrorSnapshot`] with the [catalog](crate::plan::MirrorScope::catalog) has both. Store it as JSON
/// beside the export.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::exposure::ExposureReference;
/// use aws_patch_manager::plan::MirrorScope;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let snapshot = manager.mirror_snapshot(&MirrorScope::new().catalog()).await?;
/// let reference = ExposureReference::from(&snapshot);
/// assert!(!reference.patches.is_empty() && !reference.baselines.is_empty());
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ExposureReference {
    /// The patches of the catalog. Nodes of a product of Linux that none of them is for are unknown.
    pub patches: Vec<Patch>,
    /// The baselines of all accounts, and those of AWS. A fix that a node does not report as missing has
    /// no approval if the node's baseline is not among them.
    pub baselines: Vec<PatchBaseline>,
}

impl ExposureReference {
    /// Neither patches nor baselines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds patches of the catalog.
    #[must_use]
    pub fn patches(mut self, patches: impl IntoIterator<Item = Patch>) -> Self {
        self.patches.extend(patches);
        self
    }

    /// Adds baselines, such as those of another account.
    #[must_use]
    pub fn baselines(mut self, baselines: impl IntoIterator<Item = PatchBaseline>) -> Self {
        self.baselines.extend(baselines);
        self
    }
}

impl From<&MirrorSnapshot> for ExposureReference {
    fn from(snapshot: &MirrorSnapshot) -> Self {
        let own = snapshot.baselines.iter().map(|own| &own.baseline);
        let baselines = own.chain(&snapshot.predefined_baselines).cloned();
        Self::new()
            .patches(snapshot.catalog.iter().flatten().cloned())
            .baselines(baselines)
    }
}
