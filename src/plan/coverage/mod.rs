//! Which schedules and which baseline reach each node, and who is not patched.

mod advice;
mod judge;
mod reach;
mod render;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use self::judge::Judge;
pub(crate) use self::source::Source;
use super::{MirrorPart, MirrorScope, MirrorSnapshot, ResourceKind, Unread};
use crate::error::{ErrorKind, Result};
use crate::group::PatchGroup;
use crate::manager::PatchManager;
use crate::prerequisites::{Finding, exit_code};
use crate::schedule::Recurrence;
use crate::telemetry::verb;
use crate::types::{BaselineId, NodeId, OperatingSystem, PatchOperation};

/// Which schedules and which baseline reach each node of an account, and what is wrong with them.
///
/// The findings are of the kinds that [`FindingKind`](crate::prerequisites::FindingKind) lists under
/// coverage; `Display` prints them as a [`PrerequisiteReport`](crate::prerequisites::PrerequisiteReport)
/// does, the worst first.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::plan::MirrorScope;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let coverage = manager.coverage(&MirrorScope::new()).await?;
/// assert!(!coverage.is_covered(), "the sample has no schedule");
/// for node in coverage.without_install() {
///     println!("{}: nothing installs patches", node.node);
/// }
/// println!("{coverage}");
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Coverage {
    /// When the account was read.
    pub taken_at: Timestamp,
    /// The nodes, by id: the managed ones, and the instances.
    pub nodes: Vec<NodeCoverage>,
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
    /// What could not be read, or was left out by the scope.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// The schedules and the baseline of one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeCoverage {
    /// The node.
    pub node: NodeId,
    /// Its operating system, if Systems Manager knows the node and its platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
    /// Its patch group, if it is tagged with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch_group: Option<PatchGroup>,
    /// The baseline of its group, or the default of its operating system. A patch policy ignores both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineId>,
    /// The schedules that reach it.
    pub schedules: Vec<CoveringSchedule>,
    /// The schedules of which it is not known whether they reach it: they target a resource group,
    /// whose members are not read, or the tags of the node could not be read, or they are patch policies
    /// for organizational units, and no association of theirs shows that this account is in one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub possible_schedules: Vec<CoveringSchedule>,
}

/// A schedule that scans or installs on a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CoveringSchedule {
    /// A patch policy, a maintenance window or an association.
    pub kind: ResourceKind,
    /// Its id, or its ARN.
    pub id: String,
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Scan or Install.
    pub operation: PatchOperation,
    /// When it runs: `cron(…)`, `rate(…)` or `at(…)`.
    pub schedule: String,
    /// The same with its zone, offset and dates; absent if it cannot be read.
    #[serde(skip)]
    pub(super) recurrence: Option<Arc<Recurrence>>,
    /// The baseline by which it judges the node. Absent if that is not known: with an override file,
    /// and where a policy means AWS's defaults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineId>,
}

impl CoveringSchedule {
    /// The first run after an instant; `None` if it does not run again, or its schedule cannot be read.
    ///
    /// The rate of a policy counts from the instant, because its start is not known.
    pub fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        self.recurrence.as_ref()?.next_after(instant)
    }
}

impl NodeCoverage {
    /// The schedules that install patches on it.
    pub fn installs(&self) -> impl Iterator<Item = &CoveringSchedule> {
        self.of(PatchOperation::Install)
    }

    /// The schedules that scan it and install nothing.
    pub fn scans(&self) -> impl Iterator<Item = &CoveringSchedule> {
        self.of(PatchOperation::Scan)
    }

    /// The first install after an instant by a schedule that reaches it.
    ///
    /// A schedule of [`possible_schedules`](Self::possible_schedules) can install before.
    pub fn next_install_after(&self, instant: Timestamp) -> Option<Timestamp> {
        let installs = self.installs();
        installs.filter_map(|one| one.next_after(instant)).min()
    }

    fn of(&self, operation: PatchOperation) -> impl Iterator<Item = &CoveringSchedule> {
        let schedules = self.schedules.iter();
        schedules.filter(move |schedule| schedule.operation == operation)
    }
}

impl Coverage {
    /// Judges an account that was read. Makes no call.
    ///
    /// A part that could not be read makes unknown what depends on it: a node is not uncovered if the
    /// maintenance windows are unread. What the scope of the snapshot left out counts as not there;
    /// [`PatchManager::coverage`] takes it as unread.
    ///
    /// ```
    /// use aws_patch_manager::plan::{Coverage, MirrorSnapshot};
    ///
    /// let snapshot = MirrorSnapshot::new("2026-05-14T00:00:00Z".parse()?);
    /// let coverage = Coverage::of(&snapshot);
    /// assert_eq!(coverage.to_string(), "the account has no node");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(snapshot: &MirrorSnapshot) -> Self {
        Judge::new(snapshot).coverage()
    }

    /// Whether each node is scanned and patched as it should be, as far as schedules, groups and tags
    /// tell: no finding is an error or unknown, and there is a node.
    pub fn is_covered(&self) -> bool {
        self.exit_code() == 0
    }

    /// The nodes that no schedule installs patches on, although everything that decides it was read.
    pub fn without_install(&self) -> impl Iterator<Item = &NodeCoverage> {
        self.without(PatchOperation::Install)
    }

    /// The nodes that no schedule scans or patches, although everything that decides it was read.
    pub fn without_schedule(&self) -> impl Iterator<Item = &NodeCoverage> {
        let nodes = self.without(PatchOperation::Install);
        let scanned = |node: &NodeCoverage| node.scans().next().is_some();
        nodes.filter(move |node| !scanned(node) && node.possible_schedules.is_empty())
    }

    fn without(&self, operation: PatchOperation) -> impl Iterator<Item = &NodeCoverage> {
        let complete = !self.lacks_schedules();
        self.nodes.iter().filter(move |node| {
            let schedules = node.schedules.iter().chain(&node.possible_schedules);
            complete && schedules.clone().all(|one| one.operation != operation)
        })
    }

    /// Whether a schedule could not be read, which may reach any node.
    fn lacks_schedules(&self) -> bool {
        self.unread.iter().any(Unread::is_of_schedule)
    }

    /// The first install of each node after the account was read, as
    /// [`DeadlineReport::with_next_installs`](crate::compliance::DeadlineReport::with_next_installs) takes
    /// it. A node that no schedule installs on is not in it.
    ///
    /// ```
    /// use aws_patch_manager::plan::MirrorScope;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::quick_setup_default("every-node").patch_policy()?;
    /// manager.ensure_policy(&policy).await?;
    /// let coverage = manager.coverage(&MirrorScope::new()).await?;
    /// assert_eq!(coverage.next_installs().len(), coverage.nodes.len());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn next_installs(&self) -> BTreeMap<NodeId, Timestamp> {
        let nodes = self.nodes.iter();
        let next = nodes.filter_map(|node| {
            let next = node.next_install_after(self.taken_at)?;
            Some((node.node.clone(), next))
        });
        next.collect()
    }

    /// The node of this id.
    pub fn node(&self, id: &NodeId) -> Option<&NodeCoverage> {
        self.nodes.iter().find(|node| node.node == *id)
    }

    /// The findings about one node.
    pub fn of_node<'a>(&'a self, node: &'a NodeId) -> impl Iterator<Item = &'a Finding> {
        let findings = self.findings.iter();
        findings.filter(move |finding| finding.nodes.contains(node))
    }

    /// The exit code for a program that is a gate, such as a step of a pipeline: 0 if
    /// [covered](Self::is_covered), 1 if a finding is an error, 2 if something is unknown, or if
    /// there is no node.
    pub fn exit_code(&self) -> u8 {
        exit_code(&self.findings, self.nodes.is_empty())
    }
}

impl Unread {
    fn is_of_schedule(&self) -> bool {
        matches!(
            self.part,
            MirrorPart::Policies | MirrorPart::Windows | MirrorPart::Associations
        )
    }

    /// Whether it can change what covers a node. Of tags, only those of nodes do.
    fn decides_coverage(&self) -> bool {
        match self.part {
            MirrorPart::Patches | MirrorPart::Catalog => false,
            MirrorPart::Tags => {
                let id = self.resource.as_deref().map(NodeId::new);
                id.is_some_and(|id| id.is_hybrid())
            }
            _ => true,
        }
    }
}

/// Coverage.
impl PatchManager {
    /// Which schedules and which baseline reach each node, and who is not patched: nodes without a
    /// schedule, nodes that two mechanisms patch, targets that match no node, groups and policies
    /// without a baseline for the system of a node, and tag keys that are spelled otherwise.
    ///
    /// It reads the account as [`mirror_snapshot`](Self::mirror_snapshot) does, so
    /// [`MirrorScope::explain`] says with which calls; no call is for one node, unless it is hybrid. A
    /// part that the scope leaves out is unknown. Every target is matched with the tags that nodes have
    /// now.
    ///
    /// # Errors
    ///
    /// Those of [`mirror_snapshot`](Self::mirror_snapshot). What the caller may not read is a finding.
    ///
    /// ```
    /// use aws_patch_manager::plan::MirrorScope;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::quick_setup_default("every-node").patch_policy()?;
    /// manager.ensure_policy(&policy).await?;
    /// let coverage = manager.coverage(&MirrorScope::new()).await?;
    /// assert_eq!(coverage.without_install().count(), 0);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn coverage(&self, scope: &MirrorScope) -> Result<Coverage> {
        verb!(coverage(), async {
            let mut snapshot = self.mirror_snapshot(scope).await?;
            snapshot.unread.extend(left_out(scope));
            Ok(Coverage::of(&snapshot))
        })
    }
}

/// The parts that decide coverage and that a scope leaves out.
fn left_out(scope: &MirrorScope) -> impl Iterator<Item = Unread> {
    let parts = [
        (MirrorPart::Policies, scope.has_policies()),
        (MirrorPart::Windows, scope.has_windows()),
        (MirrorPart::Associations, scope.has_associations()),
        (MirrorPart::ManagedNodes, scope.has_nodes()),
    ];
    let left_out = parts.into_iter().filter(|(_, read)| !read);
    left_out.map(|(part, _)| lacking(part))
}

/// That a scope leaves out a part.
pub(super) fn lacking(part: MirrorPart) -> Unread {
    Unread {
        part,
        resource: None,
        kind: ErrorKind::Unsupported,
        message: "the scope leaves them out".to_owned(),
    }
}
