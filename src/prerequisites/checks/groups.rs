//! Checks which patch group the node is in, and whether the group has a baseline for the node's
//! system.

use super::command::{Cli, NODE};
use super::problem::Problem;
use super::subject::Subject;
use crate::error::Error;
use crate::group::PatchGroupTagKey;
use crate::prerequisites::{FindingKind, Severity};
use crate::types::{Ec2Instance, OperatingSystem};

pub(super) fn check(subject: &Subject<'_>) -> Vec<Problem> {
    match subject.instance {
        Some(instance) => of_instance(subject, instance),
        None if subject.id.is_hybrid() && subject.managed.is_some() => of_hybrid(subject),
        None => Vec::new(),
    }
}

/// The values of the tags `Patch Group` and `PatchGroup`. The first counts if there are both.
pub(super) fn of(instance: &Ec2Instance) -> (Option<&str>, Option<&str>) {
    let value = |key: PatchGroupTagKey| {
        let mut tags = instance.tags.iter();
        let tag = tags.find(|tag| tag.key == key.as_str());
        tag.map(|tag| tag.value.as_str())
    };
    (
        value(PatchGroupTagKey::Spaced),
        value(PatchGroupTagKey::Joined),
    )
}

fn of_instance(subject: &Subject<'_>, instance: &Ec2Instance) -> Vec<Problem> {
    let mut problems = Vec::new();
    let group = match of(instance) {
        (None, None) => {
            let key = PatchGroupTagKey::for_instance(instance);
            return vec![no_group(subject, key)];
        }
        (Some(spaced), Some(joined)) => {
            let seen = format!("`Patch Group`={spaced} and `PatchGroup`={joined}");
            problems.push(both_keys().seen(subject.id.as_str(), seen));
            spaced
        }
        (Some(group), None) | (None, Some(group)) => group,
    };
    let os = subject.operating_system();
    problems.extend(os.and_then(|os| match &subject.facts.bindings {
        Ok(bindings) if bindings.has(group, &os) => None,
        Ok(_) => Some(not_bound(
            subject,
            &format!("the group {group}"),
            group,
            &os,
        )),
        Err(error) => Some(bindings_unread(error)),
    }));
    problems
}

/// For hybrid nodes, only the keys of tags are known, and whether the group has a baseline.
fn of_hybrid(subject: &Subject<'_>) -> Vec<Problem> {
    let known = match &subject.facts.hybrid_groups {
        Ok(known) => known,
        Err(error) => return vec![Problem::not_checked("the tags of hybrid nodes", error)],
    };
    let (spaced, joined) = (
        known.spaced.contains(subject.id),
        known.joined.contains(subject.id),
    );
    let mut problems = Vec::new();
    match (spaced, joined) {
        (false, false) => return vec![no_group(subject, PatchGroupTagKey::Spaced)],
        (true, true) => problems.push(both_keys().seen(subject.id.as_str(), "tagged with both")),
        _ => {}
    }
    problems.extend(
        subject
            .operating_system()
            .and_then(|os| match &subject.facts.bindings {
                Ok(_) if known.bound.contains(subject.id) => None,
                Ok(_) => Some(not_bound(subject, "its group", "GROUP", &os)),
                Err(error) => Some(bindings_unread(error)),
            }),
    );
    problems
}

fn bindings_unread(error: &Error) -> Problem {
    Problem::not_checked("the baselines of the groups", error)
}

fn no_group(subject: &Subject<'_>, key: PatchGroupTagKey) -> Problem {
    let key = key.as_str();
    let tag = format!("Key={key},Value=GROUP");
    let command = if subject.id.is_hybrid() {
        Cli::regional("ssm add-tags-to-resource", subject.region())
            .option("--resource-type", "ManagedInstance")
            .option("--resource-id", NODE)
            .option("--tags", &tag)
            .each()
    } else {
        Cli::regional("ec2 create-tags", subject.region())
            .option("--tags", &tag)
            .listing("--resources")
    };
    Problem::new(
        Severity::Note,
        FindingKind::NoPatchGroup,
        "the node is in no patch group; the default baseline applies",
        format!("tag it with the key `{key}`"),
    )
    .seen(subject.id.as_str(), tags_of(subject))
    .by(command)
}

/// The node's tag keys, so that a misspelt one is visible.
fn tags_of(subject: &Subject<'_>) -> String {
    let Some(instance) = subject.instance else {
        return "neither `Patch Group` nor `PatchGroup`".to_owned();
    };
    let keys: Vec<_> = instance.tags.iter().map(|tag| tag.key.as_str()).collect();
    match keys.as_slice() {
        [] => "no tags".to_owned(),
        keys => format!("tagged {}", keys.join(", ")),
    }
}

fn both_keys() -> Problem {
    Problem::new(
        Severity::Warning,
        FindingKind::BothTagKeys,
        "the node has the tags of both patch group keys",
        "keep one of the two; targets by the other key then miss the node",
    )
}

fn not_bound(subject: &Subject<'_>, named: &str, group: &str, os: &OperatingSystem) -> Problem {
    let message = format!("{named} has no baseline for {os}; the default baseline applies");
    let operation = "ssm register-patch-baseline-for-patch-group";
    let command = Cli::regional(operation, subject.region())
        .option("--patch-group", group)
        .option("--baseline-id", "BASELINE");
    Problem::new(
        Severity::Note,
        FindingKind::GroupNotBound,
        message,
        format!("register a baseline for {os} with it, unless you mean the default"),
    )
    .seen(subject.id.as_str(), "tagged")
    .by(command.once())
}
