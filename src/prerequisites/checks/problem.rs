use std::collections::BTreeMap;

use super::command::Command;
use crate::error::{Error, ErrorKind};
use crate::prerequisites::{Evidence, FindingKind, Severity};

/// A finding about one node, before equal findings are merged.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) severity: Severity,
    pub(crate) kind: FindingKind,
    pub(crate) message: String,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) advice: String,
    pub(crate) command: Command,
    /// What this problem adds to a command for several problems; the command takes one value for
    /// each key.
    pub(crate) named: BTreeMap<String, String>,
}

impl Problem {
    pub(crate) fn new(
        severity: Severity,
        kind: FindingKind,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            kind,
            message: message.into(),
            evidence: Vec::new(),
            advice: advice.into(),
            command: Command::None,
            named: BTreeMap::new(),
        }
    }

    pub(super) fn error(
        kind: FindingKind,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Error, kind, message, advice)
    }

    pub(crate) fn seen(mut self, resource: impl Into<String>, seen: impl Into<String>) -> Self {
        self.evidence.push(Evidence::new(resource, seen));
        self
    }

    pub(super) fn with_evidence(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub(crate) fn by(mut self, command: Command) -> Self {
        self.command = command;
        self
    }

    pub(super) fn naming(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.named.insert(key.into(), value.into());
        self
    }

    /// Something that could not be read, and how to read it.
    pub(super) fn not_checked(what: &str, error: &Error) -> Self {
        let operation = error.operation().unwrap_or("the service");
        let advice = match error.kind() {
            ErrorKind::AccessDenied => {
                format!("allow {operation} to the caller, and run the check again")
            }
            _ => format!("use a backend that supports {operation}"),
        };
        Self::new(
            Severity::Unknown,
            FindingKind::NotChecked,
            format!("could not read {what}"),
            advice,
        )
        .seen(operation, error.to_string())
    }

    /// Whether both are the same finding, apart from their severity.
    pub(super) fn tells_the_same(&self, other: &Self) -> bool {
        let key = |of: &Self| (of.kind, of.message.clone(), of.advice.clone());
        key(self) == key(other)
    }

    /// Whether the node does not exist or does not run, so that no other check applies.
    pub(super) fn is_about_existence(&self) -> bool {
        matches!(self.kind, FindingKind::NoSuchNode | FindingKind::NotRunning)
    }
}
