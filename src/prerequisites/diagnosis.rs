//! From what was read to findings: every check on every node, and equal problems put together.

use std::collections::{HashMap, HashSet};

use super::checks::{self, Command, Problem, Subject};
use super::{Evidence, Facts, Finding, FindingKind, Fix, Severity};
use crate::types::NodeId;

/// What stands between these nodes and their patches, the worst first.
pub(crate) fn diagnose(nodes: &[NodeId], facts: &Facts) -> Vec<Finding> {
    let mut gathered = Gathered::default();
    for node in nodes {
        for problem in checks::all(&Subject::of(node, facts)) {
            gathered.add(node, problem);
        }
    }
    gathered.into_findings()
}

/// What makes two problems of different nodes one finding.
type Key = (Severity, FindingKind, String, String, Command);

#[derive(Debug, Default)]
struct Gathered {
    places: HashMap<Key, usize>,
    findings: Vec<Finding>,
    seen: Vec<HashSet<Evidence>>,
}

impl Gathered {
    fn add(&mut self, node: &NodeId, problem: Problem) {
        let Problem {
            severity,
            kind,
            message,
            evidence,
            advice,
            command,
        } = problem;
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
        if finding.nodes.last() != Some(node) {
            finding.nodes.push(node.clone());
        }
        let new = evidence.into_iter().filter(|one| seen.insert(one.clone()));
        finding.evidence.extend(new);
    }

    fn into_findings(mut self) -> Vec<Finding> {
        for ((.., command), place) in &self.places {
            if let Some(finding) = self.findings.get_mut(*place) {
                finding.fix.command = command.line(&finding.nodes);
            }
        }
        self.findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        self.findings
    }
}
