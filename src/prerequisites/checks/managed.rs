//! Checks that the node runs, that Systems Manager manages it, and that its agent is online and new
//! enough.

use super::command::Cli;
use super::endpoints::may_need_ec2messages;
use super::problem::Problem;
use super::subject::Subject;
use crate::operation::{RUN_PATCH_BASELINE, RUN_PATCH_BASELINE_WITH_HOOKS};
use crate::prerequisites::{FindingKind, Severity};
use crate::types::{InstanceInformation, PingStatus};

/// The oldest agent that runs AWS-RunPatchBaseline (User Guide, patch documents).
const OLDEST_AGENT: &str = "2.0.834.0";

/// The oldest agent that runs AWS-RunPatchBaselineWithHooks (User Guide, patch documents).
const OLDEST_AGENT_WITH_HOOKS: &str = "3.0.502";

pub(super) fn check(subject: &Subject<'_>) -> Vec<Problem> {
    if let Some(problem) = check_running(subject) {
        return vec![problem];
    }
    if subject.facts.managed.is_err() {
        return Vec::new();
    }
    let Some(managed) = subject.managed else {
        return vec![not_managed()];
    };
    [
        check_touch(subject, managed),
        check_agent(subject, managed),
        check_platform(subject, managed),
        check_system(subject, managed),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn check_running(subject: &Subject<'_>) -> Option<Problem> {
    let no_such = |keeper: &str| {
        let message = format!("{keeper} does not know this node");
        let advice = "leave it out, or check the account and the Region";
        Problem::error(FindingKind::NoSuchNode, message, advice)
            .seen(subject.id.as_str(), "not found")
    };
    let Some(state) = subject.state() else {
        let is_hybrid = subject.id.is_hybrid();
        let unknown_hybrid =
            is_hybrid && subject.facts.managed.is_ok() && subject.managed.is_none();
        let unknown_instance = !is_hybrid && subject.facts.instances.is_ok();
        return match (unknown_hybrid, unknown_instance) {
            (true, _) => Some(no_such("Systems Manager")),
            (_, true) => Some(no_such("EC2")),
            _ => None,
        };
    };
    let (name, is_gone) = (state.name.as_str(), state.is_gone());
    let stopped = |advice: &str| {
        let message = format!("the instance is {name}");
        Problem::error(FindingKind::NotRunning, message, advice).seen(subject.id.as_str(), name)
    };
    match name {
        "running" => None,
        "pending" => Some(stopped("wait until it runs")),
        _ if is_gone => Some(stopped("leave it out")),
        _ => {
            let start = Cli::regional("ec2 start-instances", subject.region());
            Some(stopped("start it").by(start.listing("--instance-ids")))
        }
    }
}

fn not_managed() -> Problem {
    let advice = "install the agent, give the instance a role for Systems Manager and a way to its \
                  endpoints; then restart the agent";
    Problem::error(
        FindingKind::NotManaged,
        "Systems Manager does not know the node",
        advice,
    )
    .seen("DescribeInstanceInformation", "does not list it")
}

fn check_touch(subject: &Subject<'_>, managed: &InstanceInformation) -> Option<Problem> {
    let status = managed.ping_status.as_ref()?;
    if *status == PingStatus::Online {
        return None;
    }
    let since = managed.last_ping_date_time.map_or_else(
        || status.to_string(),
        |time| format!("{status}, last seen {}", time.strftime("%F %R UTC")),
    );
    let advice = if may_need_ec2messages(subject) {
        "restart the agent, and check the node's way to the ssm, ssmmessages and ec2messages endpoints"
    } else {
        "restart the agent, and check the node's way to the ssm and ssmmessages endpoints"
    };
    Some(
        Problem::error(
            FindingKind::ConnectionLost,
            "the agent has lost contact with Systems Manager",
            advice,
        )
        .seen(managed.instance_id.as_str(), since),
    )
}

fn check_agent(subject: &Subject<'_>, managed: &InstanceInformation) -> Option<Problem> {
    let version = managed.agent_version.as_deref()?;
    let is_older = |(oldest, _): &(&str, &str)| version_of(version) < version_of(oldest);
    let needed = (OLDEST_AGENT, RUN_PATCH_BASELINE);
    let needed_with_hooks = (OLDEST_AGENT_WITH_HOOKS, RUN_PATCH_BASELINE_WITH_HOOKS);
    let with_hooks = subject.facts.with_hooks.then_some(needed_with_hooks);
    let mut lacking = [needed].into_iter().chain(with_hooks).filter(is_older);
    let (oldest, document) = lacking.next()?;
    let message = format!("the agent is older than {oldest}, which {document} needs");
    let update = Cli::regional("ssm send-command", subject.region())
        .option("--document-name", "AWS-UpdateSSMAgent");
    Some(
        Problem::error(FindingKind::AgentTooOld, message, "update the agent")
            .seen(managed.instance_id.as_str(), format!("agent {version}"))
            .by(update.listing("--instance-ids")),
    )
}

/// The numbers of an agent's version, if it is known.
pub(super) fn agent_version(managed: Option<&InstanceInformation>) -> Option<Vec<u64>> {
    managed?.agent_version.as_deref().map(version_of)
}

fn version_of(version: &str) -> Vec<u64> {
    let parts = version.split('.');
    parts.filter_map(|part| part.parse().ok()).collect()
}

fn check_platform(subject: &Subject<'_>, managed: &InstanceInformation) -> Option<Problem> {
    let platform = managed.platform_type.as_ref()?;
    if subject.operating_system().is_some() {
        return None;
    }
    let name = managed.platform_name.as_deref().unwrap_or("no name");
    let message =
        format!("cannot match {platform} ({name}) to an operating system of Patch Manager");
    let advice = "check that Patch Manager supports the node's system and version";
    let problem = Problem::new(
        Severity::Unknown,
        FindingKind::PlatformUnknown,
        message,
        advice,
    );
    let version = managed.platform_version.as_deref().unwrap_or("no version");
    Some(problem.seen(managed.instance_id.as_str(), format!("{name}, {version}")))
}

/// The service refuses a version that it does not know, and the run ends with exit code 146
/// (UnsupportedOperatingSystem). It still knows some that the guide no longer lists, such as CentOS 7: a
/// recent scan proves that.
fn check_system(subject: &Subject<'_>, managed: &InstanceInformation) -> Option<Problem> {
    let os = subject.operating_system()?;
    let version = managed.platform_version.as_deref().unwrap_or_default();
    let (severity, message) = match os.supports(version) {
        Some(true) => return None,
        Some(false) if !subject.proves_its_way() => (
            Severity::Error,
            format!("the User Guide does not list {os} {version}; a run ends with exit code 146"),
        ),
        Some(false) => (
            Severity::Warning,
            format!("the User Guide does not list {os} {version}"),
        ),
        None if os.listed_versions().is_none() => (
            Severity::Warning,
            format!("the User Guide does not list {os}"),
        ),
        // The version is not a number: no finding can be sure.
        None => return None,
    };
    let name = managed.platform_name.as_deref().unwrap_or("no name");
    let advice = "upgrade the node to a version that the User Guide lists (Patch Manager \
                  prerequisites), or leave it out of the targets; without updates it may show as \
                  compliant";
    Some(
        Problem::new(severity, FindingKind::SystemUnsupported, message, advice)
            .seen(managed.instance_id.as_str(), format!("{name}, {version}")),
    )
}
