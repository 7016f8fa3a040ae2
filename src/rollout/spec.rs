use std::fmt;

use serde::{Deserialize, Serialize};

use super::{NodeSet, Wave};
use crate::types::{RebootOption, Redacted};

/// What a rollout installs: one frozen set of patches, so that a later wave installs what the earlier
/// ones have tried.
///
/// URLs may be presigned, so `Debug` does not show them. They are part of the serialized state.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum FrozenPatches {
    /// A snapshot of each baseline, under one SnapshotId for all waves: the default.
    ///
    /// The service stores a snapshot for 3 days, so the last wave must start within 3 days of the
    /// first command. On Windows the approved patches are frozen, on Linux and macOS the rules of
    /// the baseline: a delay that ends meanwhile still approves. Source: User Guide, "How patch
    /// baseline rules work"; the node's own code.
    #[default]
    Snapshot,
    /// The baselines in the file at this `https://` or `s3://` URL, which
    /// [`BaselineOverride`](crate::operation::BaselineOverride) writes. Do not change the file while
    /// the rollout runs. Such a run reports no compliance, so no gate can demand it.
    BaselineOverride {
        /// The URL, at most 256 characters.
        url: String,
    },
    /// The patches in the list at this `https://` or `s3://` URL, which
    /// [`InstallOverrideList`](crate::operation::InstallOverrideList) writes. Do not change the file
    /// while the rollout runs.
    InstallOverrideList {
        /// The URL, at most 256 characters.
        url: String,
    },
    /// What the registered baselines approve at the time of each wave. It is one set if they approve
    /// by `ApproveUntilDate` and nobody changes them: this crate does not check that.
    RegisteredBaselines,
}

impl fmt::Debug for FrozenPatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot => f.write_str("Snapshot"),
            Self::BaselineOverride { .. } => {
                f.debug_tuple("BaselineOverride").field(&Redacted).finish()
            }
            Self::InstallOverrideList { .. } => f
                .debug_tuple("InstallOverrideList")
                .field(&Redacted)
                .finish(),
            Self::RegisteredBaselines => f.write_str("RegisteredBaselines"),
        }
    }
}

/// What a [`NodeLimit`] counts separately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LimitPer {
    /// Each value of the tag with this key. The nodes without it count together.
    Tag(String),
    /// Each Availability Zone. Hybrid nodes, which have none, count together.
    AvailabilityZone,
}

/// How many nodes may be patched at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeLimit {
    /// The number of nodes, from 1.
    pub nodes: u32,
    /// What it holds for.
    pub per: LimitPer,
}

/// A staged rollout of patches: waves, with a gate after each.
///
/// It is plain data. [`begin`](Self::begin) checks it, finds its nodes, and makes the
/// [`RolloutState`](super::RolloutState) that a [`RolloutRun`](super::RolloutRun) carries out.
///
/// ```
/// use std::time::Duration;
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::rollout::{
///     Gate, InMemoryRolloutStore, LimitPer, Rollout, RolloutRun, RolloutStatus, Wave,
/// };
/// use aws_patch_manager::types::NodeId;
/// use futures_util::TryStreamExt;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let nodes = manager.list_nodes().map_ok(|node| node.instance_id);
/// let nodes: Vec<NodeId> = nodes.try_collect().await?;
/// let rollout = Rollout::new("june")
///     .target(nodes)
///     .limit(1, LimitPer::AvailabilityZone)
///     .wave(Wave::share("canary", 5).bake(Duration::from_hours(12)))
///     .wave(Wave::share("early", 25).gate(Gate::new(50)).bake(Duration::from_hours(12)))
///     .wave(Wave::rest("rest").gate(Gate::new(50)));
/// let state = rollout.begin(&manager).await?;
/// let store = InMemoryRolloutStore::new();
/// let outcome = RolloutRun::new(&manager, state, store).finish().await?;
/// assert_eq!(outcome.status, RolloutStatus::Completed);
/// println!("{outcome}");
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[must_use]
#[non_exhaustive]
pub struct Rollout {
    /// Its name, 1 to 40 characters, none of them a control character. It is part of each command's comment.
    pub name: String,
    /// The nodes that the waves share. Waves together must have each of them exactly once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<NodeSet>,
    /// The waves, in order.
    pub waves: Vec<Wave>,
    /// How many nodes may be patched at the same time; 50 of each command by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<NodeLimit>,
    /// What is installed.
    #[serde(default)]
    pub patches: FrozenPatches,
    /// Whether nodes reboot. By default they do if a patch needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reboot: Option<RebootOption>,
}

impl Rollout {
    /// A rollout without waves.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            target: None,
            waves: Vec::new(),
            limit: None,
            patches: FrozenPatches::default(),
            reboot: None,
        }
    }

    /// Sets the nodes that the waves share: a patch group, or a [`NodeSet`].
    ///
    /// Shares and the rest are parts of it. If every wave has a set of its own, the target is
    /// optional; with it, the waves must cover it exactly.
    pub fn target(mut self, nodes: impl Into<NodeSet>) -> Self {
        self.target = Some(nodes.into());
        self
    }

    /// Adds a wave.
    pub fn wave(mut self, wave: Wave) -> Self {
        self.waves.push(wave);
        self
    }

    /// Never patches more than this number of nodes at the same time for each value of a tag, or in
    /// each Availability Zone.
    pub fn limit(mut self, nodes: u32, per: LimitPer) -> Self {
        self.limit = Some(NodeLimit { nodes, per });
        self
    }

    /// Sets what is installed. The default is a snapshot.
    pub fn patches(mut self, patches: FrozenPatches) -> Self {
        self.patches = patches;
        self
    }

    /// Sets whether nodes reboot. By default they do if a patch needs it.
    pub fn reboot(mut self, option: RebootOption) -> Self {
        self.reboot = Some(option);
        self
    }
}
