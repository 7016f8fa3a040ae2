use serde::{Deserialize, Serialize};

/// What a plan does besides what the desired state says.
///
/// ```
/// use aws_patch_manager::plan::PlanOptions;
///
/// let nightly = PlanOptions::new().prune(true);
/// assert!(nightly.prune && !nightly.adopt);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct PlanOptions {
    /// Whether to delete what belongs to the state by its tag and is not in it any more: baselines,
    /// windows and associations, and the groups and the default of baselines that stay.
    pub prune: bool,
    /// Whether to tag existing resources as the state's own, even if nothing else of them changes.
    pub adopt: bool,
}

impl PlanOptions {
    /// Neither deletes nor adopts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether to delete what is not in the state any more.
    #[must_use]
    pub fn prune(mut self, prune: bool) -> Self {
        self.prune = prune;
        self
    }

    /// Sets whether to adopt existing resources that are already as desired.
    #[must_use]
    pub fn adopt(mut self, adopt: bool) -> Self {
        self.adopt = adopt;
        self
    }
}
