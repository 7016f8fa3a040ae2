//! The command lines that fix a problem, for a POSIX shell.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::types::NodeId;

/// How many nodes one line names: the most that SendCommand allows (SSM model); CreateTags and
/// StartInstances allow more.
const NODES: usize = 50;

/// The placeholder for a node's id in a line.
pub(crate) const NODE: &str = "NODE";

/// A line of the AWS CLI. Every value is quoted here, so that the shell reads it as text.
#[derive(Debug)]
pub(crate) struct Cli(String);

impl Cli {
    /// An operation that is the same in every Region.
    pub(super) fn global(operation: &str) -> Self {
        Self(format!("aws {operation}"))
    }

    /// An operation in this Region, or in the shell's Region if it is unknown.
    pub(crate) fn regional(operation: &str, region: Option<&str>) -> Self {
        let line = Self::global(operation);
        match region {
            Some(region) => line.option("--region", region),
            None => line,
        }
    }

    pub(crate) fn option(mut self, name: &str, value: &str) -> Self {
        // The CLI reads a value that starts with `-` as an option, unless it is joined to its name.
        let between = if value.starts_with('-') { '=' } else { ' ' };
        self = self.flag(name);
        self.0.push(between);
        self.0.push_str(&quoted(value));
        self
    }

    pub(super) fn flag(mut self, name: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(name);
        self
    }

    /// The same line for all nodes.
    pub(crate) fn once(self) -> Command {
        Command::Once(self.0)
    }

    /// Adds every node's id at the end.
    pub(crate) fn listing(self, name: &str) -> Command {
        Command::Listing(self.flag(name).0)
    }

    /// One line for each node, with its id in the place of [`NODE`].
    pub(crate) fn each(self) -> Command {
        Command::Each(self.0)
    }

    /// Adds what the problems name at the end.
    pub(super) fn over(self, name: &str) -> Command {
        Command::Over(self.flag(name).0)
    }
}

/// A value as one word of a POSIX shell.
fn quoted(value: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(format!("'{}'", value.replace('\'', r"'\''")))
}

/// A command line that fixes a problem on one node or on several.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Command {
    /// There is none.
    None,
    /// The same for all nodes.
    Once(String),
    /// Every node's id goes at the end, separated by spaces.
    Listing(String),
    /// One node's id goes in the place of `NODE`.
    Each(String),
    /// What its problems name, such as their subnets, goes at the end.
    Over(String),
}

impl Command {
    /// The command for these nodes and what their problems name; a line for each batch of nodes.
    pub(crate) fn lines(
        &self,
        nodes: &[NodeId],
        named: &BTreeMap<String, String>,
    ) -> Option<String> {
        let batches = nodes.chunks(NODES);
        match self {
            Self::None => None,
            Self::Once(line) => Some(line.clone()),
            Self::Over(line) => {
                let named: Vec<_> = named.values().map(|value| quoted(value)).collect();
                Some(format!("{line} {}", named.join(" ")))
            }
            Self::Listing(line) => Some(joined(batches.map(|of| format!("{line} {}", ids(of))))),
            Self::Each(line) => Some(match nodes {
                [node] => line.replace(NODE, node.as_str()),
                _ => {
                    let line = line.replace(NODE, "$node");
                    joined(batches.map(|of| format!("for node in {}; do {line}; done", ids(of))))
                }
            }),
        }
    }
}

fn ids(nodes: &[NodeId]) -> String {
    let ids: Vec<&str> = nodes.iter().map(NodeId::as_str).collect();
    ids.join(" ")
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}
