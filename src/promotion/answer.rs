//! The answer: the patches that are not promoted as they should be.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::compliance::ReportFailure;
use crate::types::timestamp;

/// What production would get that the earlier environment has not run long enough, and the reverse.
///
/// `Display` prints a line for each finding; [`to_markdown`](Self::to_markdown) is for a change request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PromotionCheck {
    /// The name of the earlier environment's baseline.
    pub earlier: String,
    /// The name of production's baseline.
    pub later: String,
    /// The instant at which production would install.
    #[serde(with = "timestamp")]
    pub at: Timestamp,
    /// The days that the earlier environment must have run a patch.
    pub min_days: u32,
    /// The nodes of the earlier environment that reported their patches.
    pub nodes: usize,
    /// The nodes that have reported none: never scanned, or of an unknown system.
    pub unknown_nodes: usize,
    /// The patches that production would get and the earlier environment has run long enough.
    pub proven: usize,
    /// The patches that are not so, the worst first.
    pub findings: Vec<PromotionFinding>,
    /// What the earlier environment has run by its baseline, and the catalog does not have: whether
    /// production would get it is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unjudged: Vec<String>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<ReportFailure>,
}

/// A patch that production would get too early, or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PromotionFinding {
    /// The patch: a KB number, or `name.arch`.
    pub patch: String,
    /// Its title, which on Linux has the version.
    pub title: String,
    /// What is wrong.
    pub kind: PromotionFindingKind,
    /// The nodes of the earlier environment that have it installed.
    pub nodes: usize,
    /// Since when the first of them has it, if that is known.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub since: Option<Timestamp>,
    /// Why a baseline does not approve it, in the words of
    /// [`approvals`](crate::baseline::approval::approvals).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// How a patch is not promoted as it should be, the worst first.
///
/// Production would get all but [`NotPromoted`](Self::NotPromoted).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PromotionFindingKind {
    /// Its install failed on a node of the earlier environment.
    InstallFailed,
    /// The earlier baseline does not approve it, and no node has it.
    NotApproved,
    /// The earlier baseline approves it, and no node has it.
    NotInstalled,
    /// The nodes that have it wait for a reboot.
    PendingReboot,
    /// The nodes that need it have a newer version, and did not report this one.
    NewerInstalled,
    /// The nodes that have it do not report since when.
    InstalledWithoutDate,
    /// No node has it for so many days.
    TooRecent,
    /// No node of the earlier environment needs it. It is not run, and waiting would not change that.
    NotApplicable,
    /// The earlier environment has run it long enough, and production would not get it.
    NotPromoted,
}

impl PromotionFindingKind {
    /// Whether production would get a patch that the earlier environment could have run, and has not.
    pub fn is_unproven(self) -> bool {
        !matches!(self, Self::NotApplicable | Self::NotPromoted)
    }
}

impl PromotionCheck {
    /// Whether production can install: it would get nothing
    /// [unproven](PromotionFindingKind::is_unproven), everything was read, and a node has reported.
    pub fn is_ready(&self) -> bool {
        let unproven = self.findings.iter().any(|one| one.kind.is_unproven());
        !unproven && self.failures.is_empty() && self.nodes > 0
    }

    /// The findings of a kind.
    pub fn of_kind(&self, kind: PromotionFindingKind) -> impl Iterator<Item = &PromotionFinding> {
        self.findings.iter().filter(move |one| one.kind == kind)
    }
}
