//! Checks that the baseline that the node gets exists and can be read.

use super::command::Cli;
use super::problem::Problem;
use super::subject::Subject;
use crate::error::{Error, ErrorKind};
use crate::prerequisites::{Facts, FindingKind};
use crate::types::{BaselineId, NodeId, OperatingSystem};

/// Where the baseline of a node comes from (User Guide, patch groups).
#[derive(Debug)]
pub(crate) enum BaselineChoice<'a> {
    /// From its patch group.
    Group(&'a str, &'a BaselineId),
    /// The default of the account for its operating system.
    Default(OperatingSystem),
}

impl<'a> BaselineChoice<'a> {
    /// The choices for these nodes, as far as their systems and groups are known.
    pub(crate) fn of_nodes(
        nodes: &'a [NodeId],
        facts: &'a Facts,
    ) -> impl Iterator<Item = BaselineChoice<'a>> {
        nodes
            .iter()
            .filter_map(|node| Self::of(&Subject::of(node, facts)))
    }

    fn of(subject: &Subject<'a>) -> Option<Self> {
        let os = subject.operating_system()?;
        let Some(instance) = subject.instance else {
            return of_hybrid(subject, os);
        };
        let (spaced, joined) = super::groups::of(instance);
        let Some(group) = spaced.or(joined) else {
            return Some(Self::Default(os));
        };
        let bindings = subject.facts.bindings.as_ref().ok()?;
        if !bindings.has(group, &os) {
            return Some(Self::Default(os));
        }
        let baseline = bindings.baseline(group, &os)?;
        Some(Self::Group(group, baseline))
    }
}

/// The name of a hybrid node's group is not known, so neither is the baseline of a bound one.
fn of_hybrid<'a>(subject: &Subject<'a>, os: OperatingSystem) -> Option<BaselineChoice<'a>> {
    let groups = subject.facts.hybrid_groups.as_ref().ok()?;
    let (is_tagged, is_bound) = (
        groups.spaced.contains(subject.id) || groups.joined.contains(subject.id),
        groups.bound.contains(subject.id),
    );
    let is_default = !is_tagged || (subject.facts.bindings.is_ok() && !is_bound);
    (subject.id.is_hybrid() && is_default).then_some(BaselineChoice::Default(os))
}

pub(super) fn check(subject: &Subject<'_>) -> Option<Problem> {
    let known = &subject.facts.baselines;
    let choice = BaselineChoice::of(subject)?;
    let id = match &choice {
        BaselineChoice::Group(_, id) => *id,
        BaselineChoice::Default(os) => match known.defaults.get(os)? {
            Ok(id) => id,
            Err(error) => {
                let what = format!("which baseline is the default for {os}");
                return Some(unread(subject, &choice, &what, error));
            }
        },
    };
    let error = known.readable.get(id)?.as_ref().err()?;
    Some(unread(
        subject,
        &choice,
        &format!("the baseline {id}"),
        error,
    ))
}

fn unread(
    subject: &Subject<'_>,
    choice: &BaselineChoice<'_>,
    what: &str,
    error: &Error,
) -> Problem {
    if error.kind() != ErrorKind::NotFound {
        return Problem::not_checked(what, error);
    }
    let (message, advice, command) = match choice {
        BaselineChoice::Group(group, id) => (
            format!("the baseline {id} of the group {group} does not exist"),
            "take the group off it, and register another baseline with the group",
            Cli::regional(
                "ssm deregister-patch-baseline-for-patch-group",
                subject.region(),
            )
            .option("--baseline-id", id.as_str())
            .option("--patch-group", group),
        ),
        BaselineChoice::Default(os) => (
            format!("the default baseline for {os} does not exist"),
            "make another baseline the default",
            Cli::regional("ssm register-default-patch-baseline", subject.region())
                .option("--baseline-id", "BASELINE"),
        ),
    };
    Problem::error(FindingKind::BaselineMissing, message, advice)
        .seen(
            error.operation().unwrap_or("the service"),
            error.to_string(),
        )
        .by(command.once())
}
