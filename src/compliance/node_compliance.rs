//! The verdict on a node, and what makes it unknown.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::{InstancePatchState, for_output};
use crate::types::{BaselineId, ComplianceStatus, InstanceInformation, NodeId};

/// Whether a node is patched.
///
/// ```
/// use aws_patch_manager::compliance::Verdict;
/// use aws_patch_manager::{ComplianceQuery, PatchManager};
/// use futures_util::TryStreamExt;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let mut nodes = manager.compliance(&ComplianceQuery::all());
/// while let Some(node) = nodes.try_next().await? {
///     match node.verdict {
///         Verdict::Compliant => {}
///         Verdict::NonCompliant => println!("{}: patch it: {}", node.node, node.reason()),
///         _ => println!("{}: look at it: {}", node.node, node.reason()),
///     }
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum Verdict {
    /// No patch is missing, failed, rejected or waiting for a reboot.
    Compliant,
    /// At least one patch is missing, failed, rejected or waiting for a reboot.
    NonCompliant,
    /// It is not known; [`UnknownReason`] says why.
    Unknown,
}

/// Why it is not known whether a node is patched.
///
/// ```
/// use aws_patch_manager::compliance::{NodeCompliance, UnknownReason, Verdict};
///
/// let node = NodeCompliance::unknown("i-0123456789abcdef0").with_unknown_reason(UnknownReason::Stopped);
/// assert_eq!(node.verdict, Verdict::Unknown);
/// assert_eq!(UnknownReason::Stopped.to_string(), "not running");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum UnknownReason {
    /// It never ran a patch operation.
    NeverScanned,
    /// Its last patch operation is older than the query accepts.
    ScanTooOld {
        /// When the operation ended.
        since: Timestamp,
    },
    /// Its agent is offline: its last result may be out of date.
    AgentLost,
    /// The instance is not running.
    Stopped,
    /// Systems Manager does not list it: it was never managed, or it is deleted. If EC2 cannot be
    /// read, it can also be [`Stopped`](Self::Stopped).
    NotManaged,
    /// Its last patch operation used another baseline than it would use now.
    OtherBaseline {
        /// The baseline that was used.
        used: BaselineId,
        /// The baseline that it would use now. Absent if the account does not list the used one: it
        /// is deleted, or a patch policy's copy.
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<BaselineId>,
    },
    /// A call for it failed, or its exported data cannot be read: see
    /// [`SweepFailure::into_unknown`](crate::manager::SweepFailure::into_unknown).
    NotAnswered {
        /// The error, as its `Display` prints it.
        error: String,
    },
}

impl fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverScanned => f.write_str("never scanned"),
            Self::ScanTooOld { since } => write!(f, "not scanned since {since}"),
            Self::AgentLost => f.write_str("agent lost"),
            Self::Stopped => f.write_str("not running"),
            Self::NotManaged => f.write_str("not listed by Systems Manager"),
            Self::OtherBaseline { used, expected } => match expected {
                Some(expected) => write!(f, "scanned by {used}, would now use {expected}"),
                None => write!(f, "scanned by {used}, which the account does not list"),
            },
            Self::NotAnswered { error } => write!(f, "not answered: {error}"),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Compliant => "compliant",
            Self::NonCompliant => "non-compliant",
            Self::Unknown => "unknown",
        })
    }
}

/// The compliance of one node, with the patch operation behind it.
///
/// ```
/// use std::time::Duration;
/// use aws_patch_manager::{ComplianceQuery, PatchManager, PatchRequest};
/// use futures_util::TryStreamExt;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let nodes = ["i-0c0ffee0000000001"];
/// let run = manager.run(&PatchRequest::scan().nodes(nodes)).await?;
/// run.wait(Duration::from_secs(2 * 3600)).await?;
/// let mut answers = manager.compliance(&ComplianceQuery::nodes(nodes));
/// while let Some(node) = answers.try_next().await? {
///     let baseline = node.state.as_ref().map(|state| &state.baseline_id);
///     println!("{} {} {} by {baseline:?}", node.node, node.verdict, node.reason());
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeCompliance {
    /// The node.
    pub node: NodeId,
    /// Whether it is patched.
    pub verdict: Verdict,
    /// The result of its last patch operation: baseline, operation, time and counts. Absent if it
    /// never ran one. It is serialized without the owner information and the query of a presigned URL.
    #[serde(serialize_with = "for_output", skip_serializing_if = "Option::is_none")]
    pub state: Option<InstancePatchState>,
    /// Why the verdict is unknown; absent for other verdicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<UnknownReason>,
    /// The node's name, platform and agent, if the query made a call that has them anyway. From
    /// DescribeInstanceProperties, its `name` is also that of an instance, from the tag `Name`, and it has
    /// no IP address; from DescribeInstanceInformation, only a hybrid node has a name. For an export, from
    /// `AWS:InstanceInformation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub information: Option<Box<InstanceInformation>>,
}

impl NodeCompliance {
    /// A node that never ran a patch operation.
    pub fn unknown(node: impl Into<NodeId>) -> Self {
        Self {
            node: node.into(),
            verdict: Verdict::Unknown,
            state: None,
            unknown: Some(UnknownReason::NeverScanned),
            information: None,
        }
    }

    /// The same node with the verdict unknown for this reason. Its last state stays.
    #[must_use]
    pub fn with_unknown_reason(mut self, reason: UnknownReason) -> Self {
        self.verdict = Verdict::Unknown;
        self.unknown = Some(reason);
        self
    }

    /// Whether the node is known to be patched.
    pub fn is_compliant(&self) -> bool {
        self.verdict == Verdict::Compliant
    }

    /// Whether its last operation counted missing or failed patches. A node that only waits for a
    /// reboot has none.
    pub(crate) fn has_offences(&self) -> bool {
        let state = self.state.as_ref();
        self.verdict == Verdict::NonCompliant
            && state.is_some_and(|state| state.missing_count > 0 || state.failed_count > 0)
    }

    /// The reason for the verdict, in a few words.
    pub fn reason(&self) -> String {
        if let Some(unknown) = &self.unknown {
            return unknown.to_string();
        }
        let Some(state) = &self.state else {
            return UnknownReason::NeverScanned.to_string();
        };
        let reasons: Vec<String> = state
            .non_compliant_counts()
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        match (self.verdict, reasons.is_empty()) {
            (Verdict::NonCompliant, true) => "available security updates".to_owned(),
            (_, true) => "nothing missing".to_owned(),
            _ => reasons.join(", "),
        }
    }
}

/// The node, its verdict and why, such as `i-0123456789abcdef0 non-compliant: 2 missing`.
impl fmt::Display for NodeCompliance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.node, self.verdict, self.reason())
    }
}

impl From<InstancePatchState> for NodeCompliance {
    fn from(state: InstancePatchState) -> Self {
        let verdict = match state.compliance_status() {
            ComplianceStatus::Compliant => Verdict::Compliant,
            _ => Verdict::NonCompliant,
        };
        Self {
            node: state.instance_id.clone(),
            verdict,
            state: Some(state),
            unknown: None,
            information: None,
        }
    }
}

impl InstancePatchState {
    /// The number of patches that make the node non-compliant, by state.
    fn non_compliant_counts(&self) -> [(u32, &'static str); 4] {
        [
            (self.missing_count, "missing"),
            (self.failed_count, "failed"),
            (
                self.installed_pending_reboot_count.unwrap_or_default(),
                "pending reboot",
            ),
            (
                self.installed_rejected_count.unwrap_or_default(),
                "rejected but installed",
            ),
        ]
    }

    /// Whether the node complied after the operation.
    ///
    /// It does not comply if a patch is missing, failed, rejected but installed, or waiting for a
    /// reboot. It also does not comply if the run counted something as non-compliant: so available
    /// security updates on Windows count if the baseline says so.
    pub fn compliance_status(&self) -> ComplianceStatus {
        let counted = [
            self.critical_non_compliant_count,
            self.security_non_compliant_count,
            self.other_non_compliant_count,
        ];
        let wrong = self
            .non_compliant_counts()
            .iter()
            .any(|(count, _)| *count > 0)
            || counted.into_iter().flatten().any(|count| count > 0);
        if wrong {
            ComplianceStatus::NonCompliant
        } else {
            ComplianceStatus::Compliant
        }
    }
}

/// Whether a node is online, as far as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Nothing yet.
    Unknown,
    /// Managed and online.
    Online,
    /// Managed and offline.
    Lost,
    /// The instance does not run.
    Stopped,
}

/// What makes the verdict unknown although the node was scanned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Doubts {
    pub(crate) older_than: Option<Duration>,
    pub(crate) offline: bool,
    pub(crate) other_baseline: bool,
}

impl Doubts {
    /// The reason why the query counts the node as unknown; the most severe one of several.
    ///
    /// `other_baseline` returns the reason if the state is of another baseline.
    pub(crate) fn judge(
        &self,
        stands: NodeCompliance,
        presence: Presence,
        other_baseline: impl FnOnce(&InstancePatchState) -> Option<UnknownReason>,
        now: Timestamp,
    ) -> NodeCompliance {
        let absent = match presence {
            Presence::Online => None,
            Presence::Lost => Some(UnknownReason::AgentLost),
            Presence::Stopped => Some(UnknownReason::Stopped),
            Presence::Unknown => Some(UnknownReason::NotManaged),
        };
        let absent = absent.filter(|_| self.offline);
        let reason = match &stands.state {
            Some(state) => absent
                .or_else(|| other_baseline(state))
                .or_else(|| self.too_old(state, now)),
            None => absent,
        };
        match reason {
            Some(reason) => stands.with_unknown_reason(reason),
            None => stands,
        }
    }

    fn too_old(&self, state: &InstancePatchState, now: Timestamp) -> Option<UnknownReason> {
        let age = self.older_than?;
        let since = state.operation_end_time;
        let ago = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        (ago > age).then_some(UnknownReason::ScanTooOld { since })
    }
}
