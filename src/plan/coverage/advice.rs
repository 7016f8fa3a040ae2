//! The problems that coverage finds, in words, each with its fix.

use super::source::Source;
use crate::error::ErrorKind;
use crate::group::PatchGroupTagKey;
use crate::plan::{MirrorPart, MirroredNode, Unread};
use crate::prerequisites::{Cli, Command, FindingKind, NODE, Problem, Severity};
use crate::types::{Ec2Instance, NodeId, OperatingSystem, Tag, Target};

/// The severity, or unknown if something that decides it was not read.
fn if_known(known: bool, severity: Severity) -> Severity {
    if known { severity } else { Severity::Unknown }
}

pub(super) fn not_managed(id: &NodeId) -> Problem {
    Problem::new(
        Severity::Error,
        FindingKind::NotManaged,
        "Systems Manager does not manage the node, so no schedule reaches it",
        "run check_prerequisites for it, which says what is missing",
    )
    .seen(id.as_str(), "running, and not listed by Systems Manager")
}

pub(super) fn no_schedule(known: bool) -> Problem {
    Problem::new(
        if_known(known, Severity::Error),
        FindingKind::NoSchedule,
        match known {
            true => "no schedule scans the node or installs patches on it",
            false => "it is not known whether a schedule reaches the node",
        },
        "tag it so that a schedule targets it, or make a schedule for it",
    )
}

pub(super) fn no_install(known: bool) -> Problem {
    Problem::new(
        if_known(known, Severity::Error),
        FindingKind::NoInstallSchedule,
        match known {
            true => "the node is scanned, and no schedule installs patches on it",
            false => "it is not known whether a schedule installs patches on the node",
        },
        "give it a schedule that installs, unless another tool patches it",
    )
}

pub(super) fn no_scan(known: bool) -> Problem {
    Problem::new(
        if_known(known, Severity::Note),
        FindingKind::NoScanSchedule,
        match known {
            true => {
                "no schedule scans the node between installs, so its compliance is as old as the last"
            }
            false => "it is not known whether a schedule scans the node between installs",
        },
        "scan it every day",
    )
}

pub(super) fn installed_twice(sources: &[&Source<'_>]) -> Problem {
    let labels: Vec<String> = sources.iter().map(|source| source.label()).collect();
    let problem = Problem::new(
        Severity::Warning,
        FindingKind::InstalledTwice,
        format!("{} install patches on the same node", and(&labels)),
        "leave the node in the targets of one of them; two runs at once may both fail",
    );
    sources.iter().fold(problem, |problem, source| {
        problem.seen(source.id, source.schedule)
    })
}

pub(super) fn several_baselines(judged: &[(&Source<'_>, String)]) -> Problem {
    let problem = Problem::new(
        Severity::Warning,
        FindingKind::SeveralBaselines,
        "schedules judge the node by different baselines, so its compliance changes with each run",
        "let all of them use one: a patch policy ignores patch groups and defaults",
    );
    judged.iter().fold(problem, |problem, (source, baseline)| {
        problem.seen(
            source.label(),
            format!("{} by {baseline}", source.operation),
        )
    })
}

pub(super) fn group_not_bound(
    group: &str,
    os: &OperatingSystem,
    elsewhere: Option<String>,
    region: Option<&str>,
) -> Problem {
    let severity = match elsewhere {
        Some(_) => Severity::Warning,
        None => Severity::Note,
    };
    let command = Cli::regional("ssm register-patch-baseline-for-patch-group", region)
        .option("--patch-group", group)
        .option("--baseline-id", "BASELINE");
    Problem::new(
        severity,
        FindingKind::GroupNotBound,
        format!("the group {group} has no baseline for {os}; the default baseline applies"),
        format!("register a baseline for {os} with it, unless you mean the default"),
    )
    .seen(
        group,
        elsewhere.unwrap_or_else(|| "bound to no baseline at all".to_owned()),
    )
    .by(command.once())
}

pub(super) fn policy_baseline_missing(source: &Source<'_>, os: &OperatingSystem) -> Problem {
    let label = source.label();
    Problem::new(
        Severity::Error,
        FindingKind::PolicyBaselineMissing,
        format!("{label} selects no baseline for {os}: its runs fail with exit code 163"),
        format!("select one for {os}, AWS's default or your own, by PolicySchedule::baseline"),
    )
    .seen(source.id, "selects baselines for other systems only")
}

pub(super) fn tag_key_misspelled(node: &MirroredNode, tag: &Tag, region: Option<&str>) -> Problem {
    let (key, right) = (&tag.key, group_key(node.instance.as_ref()));
    Problem::new(
        Severity::Warning,
        FindingKind::TagKeyMisspelled,
        format!("the tag key `{key}` is not `{right}`, so the node is in no patch group"),
        "tag it with the right key, and delete the other tag",
    )
    .seen(node.id.as_str(), format!("tagged `{key}`={}", tag.value))
    .by(tagging(node, right, &tag.value, region))
}

/// The node has a tag that is almost the target of a schedule.
pub(super) fn tag_mismatch(
    node: &MirroredNode,
    tag: &Tag,
    source: &Source<'_>,
    target: &Target,
    region: Option<&str>,
) -> Problem {
    let key = target.key.strip_prefix("tag:").unwrap_or_default();
    let value = target
        .values
        .iter()
        .find(|value| value.eq_ignore_ascii_case(&tag.value));
    let value = value.map_or(tag.value.as_str(), String::as_str);
    let message = format!(
        "{} targets `{key}`={value}, and the node is tagged `{}`={}",
        source.label(),
        tag.key,
        tag.value
    );
    let problem = |advice| {
        Problem::new(Severity::Warning, FindingKind::TagMismatch, message, advice).seen(
            node.id.as_str(),
            format!("tagged `{}`={}", tag.key, tag.value),
        )
    };
    let keys = PatchGroupTagKey::ALL.map(PatchGroupTagKey::as_str);
    if keys.contains(&tag.key.as_str()) && keys.contains(&key) {
        // Both keys are right: which one a node takes depends on its metadata.
        return problem("let a schedule target the other patch group key as well");
    }
    problem("tag the node as the schedule targets it, or correct the target")
        .by(tagging(node, key, value, region))
}

pub(super) fn target_unmatched(source: &Source<'_>, known: bool, hints: Vec<String>) -> Problem {
    let label = source.label();
    let problem = Problem::new(
        if_known(known, Severity::Warning),
        FindingKind::TargetUnmatched,
        match known {
            true => format!("{label} matches no node now"),
            false => format!("it is not known whether {label} matches a node"),
        },
        "correct its targets or tag the nodes; delete it if its nodes are gone",
    );
    let targets = source.targets.iter().flatten();
    let problem = targets.fold(problem, |problem, target| {
        problem.seen(source.id, format!("targets {}", shown(target)))
    });
    hints
        .into_iter()
        .fold(problem, |problem, hint| problem.seen(source.id, hint))
}

/// A target names nodes that do not exist.
pub(super) fn nodes_gone(source: &Source<'_>, gone: &[NodeId]) -> Problem {
    let problem = Problem::new(
        Severity::Note,
        FindingKind::TargetUnmatched,
        format!("{} names nodes that do not exist", source.label()),
        "take them out of its targets",
    );
    gone.iter().fold(problem, |problem, id| {
        problem.seen(source.id, format!("targets {id}"))
    })
}

pub(super) fn not_read(unread: &Unread) -> Problem {
    let part = unread.part;
    let advice = match unread.kind {
        ErrorKind::AccessDenied => format!("allow the caller to read {part}, and run it again"),
        _ => format!("read {part} with a scope and a backend that have them"),
    };
    let resource = unread.resource.as_deref();
    let resource = resource.map_or_else(|| part.to_string(), str::to_owned);
    Problem::new(
        Severity::Unknown,
        FindingKind::NotChecked,
        format!("could not read {}", what(part)),
        advice,
    )
    .seen(resource, unread.message.as_str())
}

fn what(part: MirrorPart) -> String {
    match part {
        MirrorPart::Tags => "the tags of hybrid nodes".to_owned(),
        part => format!("the {part}"),
    }
}

fn group_key(instance: Option<&Ec2Instance>) -> &'static str {
    let key = instance.map_or(PatchGroupTagKey::Spaced, PatchGroupTagKey::for_instance);
    key.as_str()
}

fn tagging(node: &MirroredNode, key: &str, value: &str, region: Option<&str>) -> Command {
    let tag = format!("Key={key},Value={value}");
    if node.id.is_hybrid() {
        return Cli::regional("ssm add-tags-to-resource", region)
            .option("--resource-type", "ManagedInstance")
            .option("--resource-id", NODE)
            .option("--tags", &tag)
            .each();
    }
    Cli::regional("ec2 create-tags", region)
        .option("--tags", &tag)
        .listing("--resources")
}

/// A target, such as ``tag:Role=web, proxy``.
fn shown(target: &Target) -> String {
    match target.values.as_slice() {
        [first, .., last] if target.values.len() > 3 => {
            let count = target.values.len();
            format!("{}={first} to {last}, {count} values", target.key)
        }
        values => format!("{}={}", target.key, values.join(", ")),
    }
}

fn and(labels: &[String]) -> String {
    match labels {
        [first, .., last] if labels.len() > 2 => {
            format!("{first}, {} more and {last}", labels.len() - 2)
        }
        labels => labels.join(" and "),
    }
}
