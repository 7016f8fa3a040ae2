use std::fmt;

use serde::{Deserialize, Serialize};

use crate::types::NodeId;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing; patching works.
    Note,
    /// Could not be found out, for want of a permission or of an API that tells.
    Unknown,
    /// Patching works, and probably not as meant.
    Warning,
    /// The node cannot be patched.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! finding_kinds {
    ($( $(#[$meta:meta])* $name:ident = $code:literal ),+ $(,)?) => {
        /// What was found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum FindingKind {
            $( $(#[$meta])* $name, )+
        }

        impl FindingKind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$( Self::$name ),+];

            /// Its name in reports, such as `endpoint-missing`; it stays the same between versions.
            pub fn code(self) -> &'static str {
                match self {
                    $( Self::$name => $code, )+
                }
            }
        }
    };
}

finding_kinds! {
    /// EC2 knows no instance of this id, or Systems Manager no hybrid node.
    NoSuchNode = "no-such-node",
    /// The instance is not running.
    NotRunning = "not-running",
    /// Systems Manager does not know the node.
    NotManaged = "not-managed",
    /// The agent lost touch.
    ConnectionLost = "connection-lost",
    /// The agent is older than AWS-RunPatchBaseline needs.
    AgentTooOld = "agent-too-old",
    /// No operating system of Patch Manager goes with the platform's name.
    PlatformUnknown = "platform-unknown",
    /// The instance has no profile, or one without a role, and nothing else gives it a role.
    NoInstanceProfile = "no-instance-profile",
    /// Default Host Management gives roles, and this instance cannot take one.
    HostManagementUnfit = "host-management-unfit",
    /// The role behind the profile lacks the managed policy for Systems Manager.
    PolicyMissing = "policy-missing",
    /// No route table of the subnet could be seen.
    RouteTableUnseen = "route-table-unseen",
    /// A route leads to something behind which nothing can be seen.
    WayOutUnseen = "way-out-unseen",
    /// A private subnet lacks an endpoint.
    EndpointMissing = "endpoint-missing",
    /// The endpoint is there and does not work: not yet, no longer, or for want of a subnet.
    EndpointNotAvailable = "endpoint-not-available",
    /// The endpoint is there, and the service's names do not lead to it.
    EndpointPrivateDnsOff = "endpoint-private-dns-off",
    /// The endpoint's policy does not allow everything.
    EndpointPolicyNarrow = "endpoint-policy-narrow",
    /// The endpoint's security groups do not let the node in.
    EndpointBlocked = "endpoint-blocked",
    /// The VPC's name server is off, or does not know the private names of endpoints.
    VpcDnsOff = "vpc-dns-off",
    /// The node's own security groups do not let HTTPS out.
    OutboundBlocked = "outbound-blocked",
    /// Whether the node reaches the patches of its system cannot be seen.
    RepositoryUnseen = "repository-unseen",
    /// The node carries no patch group tag.
    NoPatchGroup = "no-patch-group",
    /// The node carries both patch group keys.
    BothTagKeys = "both-tag-keys",
    /// The group has no baseline for the node's operating system, so the default applies.
    GroupNotBound = "group-not-bound",
    /// The node never ran a scan or an install.
    NeverScanned = "never-scanned",
    /// The last scan or install is too long ago.
    ScanTooOld = "scan-too-old",
    /// A question could not be answered.
    NotChecked = "not-checked",
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// Something that was seen, by id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Evidence {
    /// What was looked at: the id of a node, a subnet, a route table, an endpoint, an operation.
    pub resource: String,
    /// What was seen there.
    pub seen: String,
}

impl Evidence {
    /// This was seen at this resource.
    pub fn new(resource: impl Into<String>, seen: impl Into<String>) -> Self {
        Self {
            resource: resource.into(),
            seen: seen.into(),
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.resource, self.seen)
    }
}

/// What to do about a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct Fix {
    /// In one sentence.
    pub advice: String,
    /// The command that does it, where one does, in lines for a POSIX shell: one for each 50 nodes.
    /// Words in capitals are yours to fill in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.advice)?;
        match &self.command {
            Some(command) => write!(f, ": {command}"),
            None => Ok(()),
        }
    }
}

/// One thing that stands between nodes and their patches, once for all the nodes it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What was found.
    pub kind: FindingKind,
    /// The same in words, such as `vpc-… has no endpoint for ssm`.
    pub message: String,
    /// The nodes that it concerns, in the order asked for; none where it concerns what the account has.
    pub nodes: Vec<NodeId>,
    /// What was seen, with ids.
    pub evidence: Vec<Evidence>,
    /// What to do about it.
    pub fix: Fix,
}

impl Finding {
    /// Whether it keeps its nodes from being patched.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
