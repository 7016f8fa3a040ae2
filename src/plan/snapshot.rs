//! An account as it was read, as plain data.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::baseline::{PatchBaseline, PatchBaselineIdentity};
use crate::compliance::{InstancePatchState, PatchComplianceData};
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroupMapping;
use crate::schedule::PatchPolicyState;
use crate::schedule::association::AssociationDescription;
use crate::schedule::window::{
    MaintenanceWindow, MaintenanceWindowTarget, MaintenanceWindowTaskDetail,
};
use crate::strict;
use crate::types::{
    BaselineId, Ec2Instance, InstanceInformation, NodeId, OperatingSystem, Patch, PatchPolicyArn,
    Tag, timestamp,
};

/// What Patch Manager holds in one account and Region, as it was read at one instant.
///
/// It is plain data: its JSON is for a file, a review or another machine. A part that could not be
/// read is empty, and [`unread`](Self::unread) says why.
///
/// ```
/// use aws_patch_manager::plan::MirrorSnapshot;
///
/// let snapshot = MirrorSnapshot::new("2026-05-14T00:00:00Z".parse()?);
/// let written = serde_json::to_string(&snapshot)?;
/// assert_eq!(serde_json::from_str::<MirrorSnapshot>(&written)?, snapshot);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MirrorSnapshot {
    /// When the reading began.
    #[serde(with = "timestamp")]
    pub taken_at: Timestamp,
    /// The Region, if an ARN that was read names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The account's twelve digits, if an ARN that was read names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The account's own baselines, in the order of the listing.
    #[serde(default)]
    pub baselines: Vec<MirroredBaseline>,
    /// The predefined baselines of AWS that were read in full: those that a default, a patch group
    /// or a policy uses, and the others if the scope has them.
    #[serde(default)]
    pub predefined_baselines: Vec<PatchBaseline>,
    /// Every baseline, as DescribePatchBaselines lists it: the account's own and AWS's.
    #[serde(default)]
    pub baseline_listing: Vec<PatchBaselineIdentity>,
    /// The patch groups and their baselines: one row for each group and operating system.
    #[serde(default)]
    pub patch_groups: Vec<PatchGroupMapping>,
    /// The patch policies, with their parameters.
    #[serde(default)]
    pub policies: Vec<PatchPolicyState>,
    /// The maintenance windows.
    #[serde(default)]
    pub windows: Vec<MirroredWindow>,
    /// The State Manager associations.
    #[serde(default)]
    pub associations: Vec<MirroredAssociation>,
    /// The nodes, by id: the managed ones, and the instances if EC2 could be read.
    #[serde(default)]
    pub nodes: Vec<MirroredNode>,
    /// The patches that the service lists for the operating systems of the fleet; absent if the
    /// scope leaves them out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog: Option<Vec<Patch>>,
    /// What could not be read.
    #[serde(default)]
    pub unread: Vec<Unread>,
}

impl MirrorSnapshot {
    /// An empty account at this instant.
    pub fn new(taken_at: Timestamp) -> Self {
        Self {
            taken_at,
            region: None,
            account: None,
            baselines: Vec::new(),
            predefined_baselines: Vec::new(),
            baseline_listing: Vec::new(),
            patch_groups: Vec::new(),
            policies: Vec::new(),
            windows: Vec::new(),
            associations: Vec::new(),
            nodes: Vec::new(),
            catalog: None,
            unread: Vec::new(),
        }
    }

    /// The snapshot as JSON, which [`from_json`](Self::from_json) reads back.
    ///
    /// # Errors
    ///
    /// None in practice: every snapshot can be written.
    pub fn to_json(&self) -> Result<String> {
        strict::write(self, "MirrorSnapshot")
    }

    /// A snapshot from its JSON form.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if it is not JSON of that form, with one
    /// [`Violation`](crate::Violation) for each unknown member, each member that is there twice and each
    /// value that cannot be read, with its path.
    ///
    /// ```
    /// use aws_patch_manager::plan::MirrorSnapshot;
    ///
    /// let error = MirrorSnapshot::from_json(r#"{"TakenAt": "2026-05-14T00:00:00Z", "Window": []}"#);
    /// let error = error.err().ok_or("it was read")?;
    /// assert_eq!(error.violations()[0].field, "Window");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_json(json: &str) -> Result<Self> {
        strict::read(json, "MirrorSnapshot", &[])
    }

    /// The default baseline for an operating system, if the listing names one.
    pub fn default_baseline(&self, os: &OperatingSystem) -> Option<&BaselineId> {
        let mut listed = self.baseline_listing.iter();
        let default = listed.find(|listed| {
            listed.default_baseline && listed.operating_system.as_ref() == Some(os)
        })?;
        default.baseline_id.as_ref()
    }

    /// A baseline that was read in full, the account's own or AWS's.
    pub fn baseline(&self, id: &BaselineId) -> Option<&PatchBaseline> {
        let own = self.baselines.iter().map(|own| &own.baseline);
        let mut known = own.chain(&self.predefined_baselines);
        known.find(|baseline| baseline.baseline_id == *id)
    }

    /// The node of this id.
    pub fn node(&self, id: &NodeId) -> Option<&MirroredNode> {
        self.nodes.iter().find(|node| node.id == *id)
    }

    /// Whether every part that the scope has was read.
    pub fn is_complete(&self) -> bool {
        self.unread.is_empty()
    }
}

/// A baseline of the account's own, and its tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MirroredBaseline {
    /// The baseline.
    pub baseline: PatchBaseline,
    /// Its tags; empty if they could not be read.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A maintenance window with its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MirroredWindow {
    /// The window.
    pub window: MaintenanceWindow,
    /// The registered targets.
    #[serde(default)]
    pub targets: Vec<MaintenanceWindowTarget>,
    /// The tasks, with their invocation parameters.
    #[serde(default)]
    pub tasks: Vec<MaintenanceWindowTaskDetail>,
    /// Its tags; empty if they could not be read.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A State Manager association.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MirroredAssociation {
    /// The association, as DescribeAssociation describes it.
    pub association: AssociationDescription,
    /// Its tags; empty if they could not be read.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// The patch policy that Quick Setup made it for. Do not change it: Quick Setup would change it
    /// back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PatchPolicyArn>,
}

/// A node, as Systems Manager and EC2 describe it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MirroredNode {
    /// The node.
    pub id: NodeId,
    /// The managed node; absent if Systems Manager does not list it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub information: Option<InstanceInformation>,
    /// The instance; absent for a hybrid node, and if EC2 could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Ec2Instance>,
    /// Its tags; empty if they could not be read.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// The result of its last scan or install; absent if there is none, or if the scope leaves
    /// patches out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch_state: Option<InstancePatchState>,
    /// Its patches, as DescribeInstancePatches lists them; absent if the scope leaves them out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patches: Option<Vec<PatchComplianceData>>,
}

impl MirroredNode {
    /// A node of which only the id is known.
    pub fn new(id: impl Into<NodeId>) -> Self {
        Self {
            id: id.into(),
            information: None,
            instance: None,
            tags: Vec::new(),
            patch_state: None,
            patches: None,
        }
    }
}

/// A part of an account that a snapshot can lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MirrorPart {
    /// The listing of baselines, or one baseline.
    Baselines,
    /// The patch groups.
    PatchGroups,
    /// The listing of patch policies, or one policy.
    Policies,
    /// The listing of maintenance windows, or one window and its parts.
    Windows,
    /// The listing of associations, or one association.
    Associations,
    /// The managed nodes.
    ManagedNodes,
    /// The instances of EC2.
    Instances,
    /// The tags of one resource.
    Tags,
    /// The patches of one node, or the patch states of some.
    Patches,
    /// The catalog of patches.
    Catalog,
}

impl fmt::Display for MirrorPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Baselines => "baselines",
            Self::PatchGroups => "patch groups",
            Self::Policies => "patch policies",
            Self::Windows => "maintenance windows",
            Self::Associations => "associations",
            Self::ManagedNodes => "managed nodes",
            Self::Instances => "instances",
            Self::Tags => "tags",
            Self::Patches => "patches",
            Self::Catalog => "catalog",
        })
    }
}

/// Something that a snapshot lacks because a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Unread {
    /// The part.
    pub part: MirrorPart,
    /// The resource, if the call was for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The kind of the error.
    pub kind: ErrorKind,
    /// The error, as its `Display` prints it.
    pub message: String,
}

impl Unread {
    pub(super) fn new(part: MirrorPart, resource: Option<&str>, error: &Error) -> Self {
        Self {
            part,
            resource: resource.map(str::to_owned),
            kind: error.kind(),
            message: error.to_string(),
        }
    }
}

/// One line, such as `patch policies were not read: …`.
impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.part)?;
        if let Some(resource) = &self.resource {
            write!(f, " of {resource}")?;
        }
        write!(f, " were not read: {}", self.message)
    }
}
