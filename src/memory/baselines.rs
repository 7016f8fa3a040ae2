use crate::baseline::PatchBaseline;
use crate::types::OperatingSystem;

/// The account's baselines, its defaults, and which group uses which.
#[derive(Debug, Default)]
pub(super) struct BaselineShelf {}

impl BaselineShelf {
    /// A shelf with AWS's predefined baselines of a Region.
    pub(super) fn predefined(_region: &str) -> Self {
        Self::default()
    }

    /// The baseline a node of this group and operating system gets: the group's, else the default.
    /// `None` only for an operating system without a predefined baseline.
    pub(super) fn for_node(&self, _group: &str, _os: &OperatingSystem) -> Option<&PatchBaseline> {
        None
    }

    /// The baseline of this id, bare or ARN.
    pub(super) fn get(&self, _id: &str) -> Option<&PatchBaseline> {
        None
    }
}
