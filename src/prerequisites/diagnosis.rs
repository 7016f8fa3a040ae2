//! Runs every check on every node, and merges equal problems into findings.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::checks::{self, Command, Problem, Subject};
use super::{Evidence, Facts, Finding, FindingKind, Fix, Selection, Severity};
use crate::types::NodeId;

/// What keeps these nodes from being patched, the worst first.
pub(crate) fn diagnose(selection: &Selection, nodes: &[NodeId], facts: &Facts) -> Vec<Finding> {
    let mut gathered = Gathered::default();
    if *selection == Selection::Account {
        for problem in checks::listings(facts) {
            gathered.add(None, problem);
        }
    }
    for node in nodes {
        for problem in checks::all(&Subject::of(node, facts)) {
            gathered.add(Some(node), problem);
        }
    }
    gathered.into_findings()
}

/// Two problems with the same key are one finding.
type Key = (Severity, FindingKind, String, String, Command);

#[derive(Debug, Default)]
struct Gathered {
    places: HashMap<Key, usize>,
    findings: Vec<Finding>,
    seen: Vec<HashSet<Evidence>>,
    /// What a command takes from all its problems, so that one line fixes all of them.
    named: HashMap<Command, BTreeMap<String, String>>,
}

impl Gathered {
    /// Adds a problem of this node, or of the account.
    fn add(&mut self, node: Option<&NodeId>, problem: Problem) {
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

    fn into_findings(mut self) -> Vec<Finding> {
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
