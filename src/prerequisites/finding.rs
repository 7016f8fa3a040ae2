use std::fmt;

use serde::{Deserialize, Serialize};

use crate::types::NodeId;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Patching works; this is worth knowing.
    Note,
    /// Unknown: a permission is missing, or no API tells.
    Unknown,
    /// Patching works, but probably not as intended.
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
        /// The kind of finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum FindingKind {
            $( $(#[$meta])* $name, )+
        }

        impl FindingKind {
            /// Every kind.
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
    /// The agent lost contact.
    ConnectionLost = "connection-lost",
    /// The agent is older than AWS-RunPatchBaseline needs, or its variant with hooks.
    AgentTooOld = "agent-too-old",
    /// No operating system of Patch Manager matches the platform's name.
    PlatformUnknown = "platform-unknown",
    /// The User Guide does not list the version of the operating system for Patch Manager.
    SystemUnsupported = "system-unsupported",
    /// The instance has no profile, or one without a role, and nothing else gives it a role.
    NoInstanceProfile = "no-instance-profile",
    /// Default Host Management gives roles, and this instance cannot take one.
    HostManagementUnfit = "host-management-unfit",
    /// The role behind the profile lacks the managed policy for Systems Manager.
    PolicyMissing = "policy-missing",
    /// No route table was found for the subnet.
    RouteTableUnseen = "route-table-unseen",
    /// A route leads to a network that this account cannot see.
    WayOutUnseen = "way-out-unseen",
    /// A private subnet lacks an endpoint.
    EndpointMissing = "endpoint-missing",
    /// The endpoint exists but does not work: not yet, no longer, or because it has no subnet.
    EndpointNotAvailable = "endpoint-not-available",
    /// The endpoint exists, but the service's DNS names do not resolve to it.
    EndpointPrivateDnsOff = "endpoint-private-dns-off",
    /// The endpoint's policy does not allow everything.
    EndpointPolicyNarrow = "endpoint-policy-narrow",
    /// The endpoint's security groups do not let the node in.
    EndpointBlocked = "endpoint-blocked",
    /// The VPC's DNS is off, or does not resolve the private names of endpoints.
    VpcDnsOff = "vpc-dns-off",
    /// The node's own security groups do not let HTTPS out.
    OutboundBlocked = "outbound-blocked",
    /// It is unknown whether the node reaches the repositories of its system.
    RepositoryUnseen = "repository-unseen",
    /// The node has no patch group tag.
    NoPatchGroup = "no-patch-group",
    /// The node has the tags of both patch group keys.
    BothTagKeys = "both-tag-keys",
    /// The group has no baseline for the node's operating system, so the default applies.
    GroupNotBound = "group-not-bound",
    /// The baseline that the node gets, of its group or the default, does not exist.
    BaselineMissing = "baseline-missing",
    /// The node never ran a scan or an install.
    NeverScanned = "never-scanned",
    /// The last scan or install is too old.
    ScanTooOld = "scan-too-old",
    /// A question could not be answered.
    NotChecked = "not-checked",
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A resource and what was seen there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Evidence {
    /// The resource: a node, a subnet, a route table, an endpoint, an operation.
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
    /// The command that does it, if there is one, in lines for a POSIX shell: one for each 50
    /// nodes. Replace the words in capitals.
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

/// One thing that keeps nodes from being patched, with all the nodes that it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The kind of finding.
    pub kind: FindingKind,
    /// The same in words, such as `vpc-… has no endpoint for ssm`.
    pub message: String,
    /// The nodes that it concerns, in the order of the question; empty if it concerns the account.
    pub nodes: Vec<NodeId>,
    /// What was seen, with ids.
    pub evidence: Vec<Evidence>,
    /// What to do about it.
    pub fix: Fix,
}

impl Finding {
    /// Whether its nodes cannot be patched.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
