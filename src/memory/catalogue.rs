use crate::types::Patch;

/// The patches there are.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    patches: Vec<Patch>,
}

impl Catalogue {
    /// Every patch, superseded ones included; the node's own repositories still hold those.
    pub(super) fn patches(&self) -> &[Patch] {
        &self.patches
    }
}
