//! The checks, a file for each subject, and the findings that their problems make. Each check is about one
//! node.

mod baseline;
mod command;
mod data_sync;
mod endpoint;
mod endpoint_access;
mod endpoints;
mod execution_role;
mod groups;
mod managed;
mod outbound;
mod passage;
mod patch_policy;
mod permissions;
mod policy;
mod problem;
mod repository;
mod run;
mod scans;
mod subject;
mod way_out;

use std::collections::{BTreeMap, HashMap, HashSet};

pub(crate) use self::baseline::BaselineChoice;

pub(crate) use self::command::{Cli, Command, NODE};
use self::endpoints::Endpoints;
use self::outbound::Outbound;
pub(crate) use self::permissions::DEFAULT_ROLE;
pub(crate) use self::problem::Problem;
use self::subject::Subject;
use super::facts::ExecutionRoles;
use super::{Evidence, Facts, Finding, FindingKind, Fix, Selection, Severity};
use crate::types::NodeId;

/// What keeps these nodes from being patched, the worst first.
pub(crate) fn diagnose(selection: &Selection, nodes: &[NodeId], facts: &Facts) -> Vec<Finding> {
    let mut gathered = Gathered::default();
    if *selection == Selection::Account {
        for problem in listings(facts) {
            gathered.add(None, problem);
        }
    }
    for problem in data_sync::check(facts) {
        gathered.add(None, problem);
    }
    for problem in execution_role::check(&facts.execution_roles) {
        gathered.add(None, problem);
    }
    for node in nodes {
        for problem in all(&Subject::of(node, facts)) {
            gathered.add(Some(node), problem);
        }
    }
    gathered.into_findings()
}

/// What keeps Automation from acting in these accounts, without any node.
pub(crate) fn diagnose_roles(roles: &ExecutionRoles) -> Vec<Finding> {
    let mut gathered = Gathered::default();
    for problem in execution_role::check(roles) {
        gathered.add(None, problem);
    }
    gathered.into_findings()
}

/// Two problems with the same key are one finding.
type Key = (Severity, FindingKind, String, String, Command);

/// Findings as their problems come in, one for all nodes with the same problem.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    places: HashMap<Key, usize>,
    findings: Vec<Finding>,
    seen: Vec<HashSet<Evidence>>,
    /// What a command takes from all its problems, so that one line fixes all of them.
    named: HashMap<Command, BTreeMap<String, String>>,
}

impl Gathered {
    /// Adds a problem of this node, or of the account.
    pub(crate) fn add(&mut self, node: Option<&NodeId>, problem: Problem) {
        let Problem {
            severity,
            kind,
            message,
            evidence,
            advice,
            command,
            named,
        } = problem;
        if !named.is_empty() {
            let all = self.named.entry(command.clone()).or_default();
            named.into_iter().for_each(|(key, value)| {
                all.entry(key).or_insert(value);
            });
        }
        let key = (severity, kind, message.clone(), advice.clone(), command);
        let place = *self.places.entry(key).or_insert_with(|| {
            self.seen.push(HashSet::new());
            self.findings.push(Finding {
                severity,
                kind,
                message,
                nodes: Vec::new(),
                evidence: Vec::new(),
                fix: Fix {
                    advice,
                    command: None,
                },
            });
            self.findings.len() - 1
        });
        let (Some(finding), Some(seen)) = (self.findings.get_mut(place), self.seen.get_mut(place))
        else {
            return;
        };
        if finding.nodes.last() != node {
            finding.nodes.extend(node.cloned());
        }
        let new = evidence.into_iter().filter(|one| seen.insert(one.clone()));
        finding.evidence.extend(new);
    }

    /// The findings, the worst first.
    pub(crate) fn into_findings(mut self) -> Vec<Finding> {
        let none = BTreeMap::new();
        for ((.., command), place) in &self.places {
            if let Some(finding) = self.findings.get_mut(*place) {
                let named = self.named.get(command).unwrap_or(&none);
                finding.fix.command = command.lines(&finding.nodes, named);
            }
        }
        self.findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        self.findings
    }
}

/// Every problem of one node, in the order in which an operator would check.
fn all(subject: &Subject<'_>) -> Vec<Problem> {
    let unread = subject.unread();
    let mut problems: Vec<Problem> = managed::check(subject);
    let is_there = !problems.iter().any(Problem::is_about_existence);
    problems.extend(unread);
    if is_there {
        problems.extend(permissions::check(subject));
        problems.extend(patch_policy::check(subject));
        problems.extend(network(subject));
        problems.extend(scans::check(subject));
        problems.extend(run::check(subject));
    }
    problems.extend(groups::check(subject));
    problems.extend(baseline::check(subject));
    problems
}

/// Why the nodes of an account are not all known.
fn listings(facts: &Facts) -> impl Iterator<Item = Problem> {
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
