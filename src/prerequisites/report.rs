//! The findings, and the report that holds them.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use crate::gate;
use crate::lines::Lines;
use crate::types::NodeId;
use crate::visible::visible_line;

/// What keeps nodes from being patched, the worst first.
///
/// `Display` prints it like compiler errors. It can be written as JSON and read again.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::prerequisites::Prerequisites;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let report = manager.check_prerequisites(&Prerequisites::account()).await?;
/// if !report.is_ready() {
///     println!("{report}");
/// }
/// let blocked = report.blocked().count();
/// assert!(blocked > 0 && blocked < report.nodes.len());
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct PrerequisiteReport {
    /// The nodes that were checked, in the order of the question.
    pub nodes: Vec<NodeId>,
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
}

impl PrerequisiteReport {
    /// Whether every node can be patched; `false` if something is unknown.
    pub fn is_ready(&self) -> bool {
        let ready =
            |finding: &Finding| !matches!(finding.severity, Severity::Error | Severity::Unknown);
        self.findings.iter().all(ready)
    }

    /// The exit code for a program that is a gate, such as a step of a pipeline: 0 if [ready](Self::is_ready), 1
    /// if a finding is an error, 2 if something is unknown, or if there is no node.
    pub fn exit_code(&self) -> u8 {
        exit_code(&self.findings, self.nodes.is_empty())
    }

    /// The findings about one node.
    pub fn of<'a>(&'a self, node: &'a NodeId) -> impl Iterator<Item = &'a Finding> {
        let findings = self.findings.iter();
        findings.filter(move |finding| finding.nodes.contains(node))
    }

    /// The nodes that cannot be patched, in the order of the question.
    pub fn blocked(&self) -> impl Iterator<Item = &NodeId> {
        let blocked = self.with(Severity::Error);
        self.nodes.iter().filter(move |node| blocked.contains(node))
    }

    /// The nodes for which it is unknown whether they can be patched, in the order of the question.
    pub fn undecided(&self) -> impl Iterator<Item = &NodeId> {
        let (blocked, unknown) = (self.with(Severity::Error), self.with(Severity::Unknown));
        let nodes = self.nodes.iter();
        nodes.filter(move |node| unknown.contains(node) && !blocked.contains(node))
    }

    fn with(&self, severity: Severity) -> BTreeSet<&NodeId> {
        let findings = self.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .flat_map(|finding| &finding.nodes)
            .collect()
    }
}

/// The most nodes, lines of evidence and lines of a command that a finding shows; it counts the
/// rest.
const SHOWN: usize = 6;

impl fmt::Display for PrerequisiteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}\n")?;
        }
        let (blocked, undecided) = (self.blocked().count(), self.undecided().count());
        let total = self.nodes.len();
        let ready = total - blocked - undecided;
        write!(f, "{ready} of {total} nodes can be patched")?;
        if undecided > 0 {
            write!(f, ", {undecided} may be")?;
        }
        write_counts(f, &self.findings)
    }
}

/// The exit code of a gate with these findings.
pub(crate) fn exit_code(findings: &[Finding], has_no_nodes: bool) -> u8 {
    let has = |severity| findings.iter().any(|found| found.severity == severity);
    gate::exit_code(has(Severity::Error), has(Severity::Unknown) || has_no_nodes)
}

/// The number of findings of each severity, such as `; 2 errors; 1 note`.
pub(crate) fn write_counts(f: &mut fmt::Formatter<'_>, findings: &[Finding]) -> fmt::Result {
    for severity in [
        Severity::Error,
        Severity::Warning,
        Severity::Unknown,
        Severity::Note,
    ] {
        let count = findings
            .iter()
            .filter(|one| one.severity == severity)
            .count();
        if count > 0 {
            write!(
                f,
                "; {count} {severity}{}",
                if count == 1 { "" } else { "s" }
            )?;
        }
    }
    Ok(())
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        let message = visible_line(&self.message);
        writeln!(f, "{}[{}]: {message}", self.severity, self.kind)?;
        let mut shown: Vec<_> = self.nodes.iter().take(SHOWN).map(NodeId::as_str).collect();
        if shown.is_empty() {
            shown.push("the account");
        }
        write!(f, "  --> {}", visible_line(&shown.join(", ")))?;
        writeln!(f, "{}", rest(self.nodes.len()))?;
        for evidence in self.evidence.iter().take(SHOWN) {
            writeln!(f, "   | {evidence}")?;
        }
        if self.evidence.len() > SHOWN {
            writeln!(f, "   |{}", rest(self.evidence.len()))?;
        }
        writeln!(f, "   = fix: {}", visible_line(&self.fix.advice))?;
        let lines: Vec<&str> = self
            .fix
            .command
            .iter()
            .flat_map(|all| all.lines())
            .collect();
        for line in lines.iter().take(SHOWN) {
            writeln!(f, "          {}", visible_line(line))?;
        }
        if lines.len() > SHOWN {
            writeln!(f, "         {} lines", rest(lines.len()))?;
        }
        Ok(())
    }
}

fn rest(all: usize) -> String {
    match all.saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}

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
    /// The role behind the profile lacks the tag by which a patch policy admits it.
    PolicyTagMissing = "policy-tag-missing",
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
    /// The last operation took longer than the step of the run may take.
    StepTimeoutShort = "step-timeout-short",
    /// It is unknown whether the output of the run reaches its bucket or log group.
    OutputUnseen = "output-unseen",
    /// The last run of a resource data sync failed.
    DataSyncFailed = "data-sync-failed",
    /// A resource data sync has not succeeded for too long.
    DataSyncStale = "data-sync-stale",
    /// The execution role of a target account cannot be assumed from this account.
    ExecutionRoleRefused = "execution-role-refused",
    /// A question could not be answered.
    NotChecked = "not-checked",
    /// Coverage: no schedule scans the node or installs patches on it.
    NoSchedule = "no-schedule",
    /// Coverage: schedules scan the node, and none installs patches.
    NoInstallSchedule = "no-install-schedule",
    /// Coverage: schedules install patches on the node, and none scans it in between.
    NoScanSchedule = "no-scan-schedule",
    /// Coverage: two policies, windows or associations install patches on the node.
    InstalledTwice = "installed-twice",
    /// Coverage: schedules judge the node by different baselines.
    SeveralBaselines = "several-baselines",
    /// Coverage: the targets of a schedule match no node.
    TargetUnmatched = "target-unmatched",
    /// Coverage: a patch policy selects no baseline for the operating system of the node.
    PolicyBaselineMissing = "policy-baseline-missing",
    /// Coverage: a tag key of the node is almost one of the two patch group keys.
    TagKeyMisspelled = "tag-key-misspelled",
    /// Coverage: a tag of the node is almost the target of a schedule, which misses the node.
    TagMismatch = "tag-mismatch",
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
        let (resource, seen) = (visible_line(&self.resource), visible_line(&self.seen));
        write!(f, "{resource}: {seen}")
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
