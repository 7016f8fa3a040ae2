use crate::error::{Error, ErrorKind};
use crate::prerequisites::{Evidence, FindingKind, Severity};
use crate::types::NodeId;

/// A finding about one node, before equal ones are put together.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) severity: Severity,
    pub(crate) kind: FindingKind,
    pub(crate) message: String,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) advice: String,
    pub(crate) command: Command,
}

impl Problem {
    pub(super) fn new(
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
        }
    }

    pub(super) fn error(
        kind: FindingKind,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Error, kind, message, advice)
    }

    pub(super) fn seen(mut self, resource: impl Into<String>, seen: impl Into<String>) -> Self {
        self.evidence.push(Evidence::new(resource, seen));
        self
    }

    pub(super) fn with_evidence(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub(super) fn by(mut self, command: Command) -> Self {
        self.command = command;
        self
    }

    /// Something that could not be read, and what would let it be read.
    pub(super) fn not_checked(what: &str, error: &Error) -> Self {
        let operation = error.operation().unwrap_or("the service");
        let advice = match error.kind() {
            ErrorKind::AccessDenied => format!("allow the caller {operation}, and ask again"),
            _ => format!("use a backend that can do {operation}"),
        };
        Self::new(
            Severity::Unknown,
            FindingKind::NotChecked,
            format!("{what} could not be read"),
            advice,
        )
        .seen(operation, error.to_string())
    }

    /// Whether the node is not there to look at more closely.
    pub(super) fn is_about_existence(&self) -> bool {
        matches!(self.kind, FindingKind::NoSuchNode | FindingKind::NotRunning)
    }
}

/// A command line that mends something on one node or on several.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Command {
    /// There is none.
    None,
    /// The same for all nodes.
    Once(String),
    /// It takes every node's id at its end, separated by spaces.
    Listing(String),
    /// It takes one node's id in the place of `NODE`.
    Each(String),
}

impl Command {
    /// The command line for these nodes.
    pub(crate) fn line(&self, nodes: &[NodeId]) -> Option<String> {
        let ids = || {
            nodes
                .iter()
                .map(NodeId::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        };
        match self {
            Self::None => None,
            Self::Once(line) => Some(line.clone()),
            Self::Listing(line) => Some(format!("{line} {}", ids())),
            Self::Each(line) => Some(match nodes {
                [node] => line.replace("NODE", node.as_str()),
                _ => {
                    let line = line.replace("NODE", "$node");
                    format!("for node in {}; do {line}; done", ids())
                }
            }),
        }
    }
}
