//! One file for each thing that is looked at; each check looks at one node.

mod endpoint;
mod endpoint_access;
mod endpoints;
mod groups;
mod managed;
mod outbound;
mod permissions;
mod problem;
mod repository;
mod scans;
mod subject;
mod way_out;

pub(crate) use permissions::DEFAULT_ROLE;
pub(super) use problem::{Command, Problem};
pub(super) use subject::Subject;

/// Every problem of one node, in the order in which an operator would look for them.
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
    problems
}

fn network(subject: &Subject<'_>) -> Vec<Problem> {
    let Some(home) = subject.home() else {
        return Vec::new();
    };
    let way_out = way_out::of(&home);
    let mut problems = endpoints::check(subject, &home, &way_out);
    problems.extend(endpoint_access::check(&home));
    problems.extend(outbound::check(&home, &way_out));
    problems.extend(repository::check(subject, &home, &way_out));
    problems
}
