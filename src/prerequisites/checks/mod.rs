//! The checks, a file for each subject. Each check is about one node.

mod baseline;
mod command;
mod endpoint;
mod endpoint_access;
mod endpoints;
mod groups;
mod managed;
mod outbound;
mod passage;
mod permissions;
mod policy;
mod problem;
mod repository;
mod scans;
mod subject;
mod way_out;

pub(crate) use baseline::BaselineChoice;
pub(super) use command::Command;
pub(crate) use permissions::DEFAULT_ROLE;
pub(super) use problem::Problem;
pub(super) use subject::Subject;

use super::{Facts, Severity};
use endpoints::Endpoints;
use outbound::Outbound;

/// Every problem of one node, in the order in which an operator would check.
pub(super) fn all(subject: &Subject<'_>) -> Vec<Problem> {
    let unread = subject.unread();
    let mut problems: Vec<Problem> = managed::check(subject);
    let is_there = !problems.iter().any(Problem::is_about_existence);
    problems.extend(unread);
    if is_there {
        problems.extend(permissions::check(subject));
        problems.extend(network(subject));
        problems.extend(scans::check(subject));
    }
    problems.extend(groups::check(subject));
    problems.extend(baseline::check(subject));
    problems
}

/// Why the nodes of an account are not all known.
pub(super) fn listings(facts: &Facts) -> impl Iterator<Item = Problem> {
    let managed = facts.managed.as_ref().err();
    let instances = facts.instances.as_ref().err();
    [
        ("which nodes Systems Manager manages", managed),
        ("which instances there are", instances),
    ]
    .into_iter()
    .filter_map(|(what, error)| Some(Problem::not_checked(what, error?)))
}

fn network(subject: &Subject<'_>) -> Vec<Problem> {
    let Some(home) = subject.home() else {
        return Vec::new();
    };
    let way_out = way_out::of(&home);
    let outbound = Outbound::of(&home);
    let endpoints = Endpoints::of(subject, &home, way_out.table(), &outbound);
    let past = !endpoints.lacking.is_empty();
    let mut problems = endpoints.problems(&home, &way_out);
    problems.extend(outbound.check(&home, &way_out, past));
    problems.extend(repository::check(subject, &home, &way_out));
    if subject.proves_its_way() {
        return proven(problems);
    }
    problems
}

/// Lowers network problems of a node that was scanned recently. The scan answers what is unknown,
/// and it proves that a way exists even if it looks blocked, such as a proxy.
fn proven(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.retain(|problem| problem.severity != Severity::Unknown);
    for problem in &mut problems {
        problem.severity = problem.severity.min(Severity::Warning);
    }
    problems
}
