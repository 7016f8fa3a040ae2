//! The steps of a plan.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::resource::ResourceKind;
use crate::backend::Operation;
use crate::types::{Difference, OperatingSystem};
use crate::visible::visible_line;

/// A resource by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PlannedResource {
    /// The kind.
    pub kind: ResourceKind,
    /// The name; of nodes, their targets.
    pub name: String,
    /// The operating system, if it is a part of what identifies the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
}

impl PlannedResource {
    pub(super) fn new(kind: ResourceKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            operating_system: None,
        }
    }

    pub(super) fn on(mut self, os: impl Into<OperatingSystem>) -> Self {
        self.operating_system = Some(os.into());
        self
    }
}

impl fmt::Display for PlannedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        if !self.name.is_empty() {
            write!(f, " {}", visible_line(&self.name))?;
        }
        let os = self.operating_system.as_ref();
        match os.map(|os| visible_line(os.as_str())) {
            Some(os) if self.name.is_empty() => write!(f, " {os}"),
            Some(os) => write!(f, " ({os})"),
            None => Ok(()),
        }
    }
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PlannedAction {
    /// Creates the resource.
    Create,
    /// Changes the resource.
    Update,
    /// Creates a baseline in place of the state's own one of the same name for another operating
    /// system, which is deleted at the end: an operating system cannot be changed.
    Replace,
    /// Changes a resource that belonged to no state, and tags it as this state's own.
    Adopt,
    /// Deletes the resource, or gives it back: a default is AWS's again.
    Delete,
    /// Nothing: the resource is as desired.
    Unchanged,
}

impl PlannedAction {
    /// The sign in front of the step, as Terraform prints it.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Create => "+",
            Self::Update | Self::Adopt => "~",
            Self::Replace => "-/+",
            Self::Delete => "-",
            Self::Unchanged => " ",
        }
    }
}

/// A call that changes something. `Debug` leaves the request out, because it can have secrets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PlannedCall {
    /// The operation.
    pub operation: Operation,
    /// The request in AWS's JSON form. An id that an earlier call creates stands as text in
    /// parentheses. It can have secrets: parameters, and the configuration of a baseline's sources.
    pub request: Value,
}

impl fmt::Debug for PlannedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlannedCall")
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

/// One resource of a plan, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PlannedStep {
    /// The resource.
    pub resource: PlannedResource,
    /// Its id or ARN; absent if it is created, and of what has no id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the step does.
    pub action: PlannedAction,
    /// The members that change, with the current value and the desired one. Of a resource that is
    /// created, only those of its parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// The calls that change something, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<PlannedCall>,
    /// The IAM actions that the step needs, those of its reads included.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub iam_actions: BTreeSet<String>,
}

impl PlannedStep {
    /// The differences that are printed: of thousands of nodes only the first ones.
    pub(super) fn shown_differences(&self) -> &[Difference] {
        const SHOWN: usize = 20;
        match self.resource.kind {
            ResourceKind::Nodes => self.differences.get(..SHOWN).unwrap_or(&self.differences),
            _ => &self.differences,
        }
    }

    /// Whether the step changes something.
    pub fn is_change(&self) -> bool {
        self.action != PlannedAction::Unchanged
    }
}

/// The sign and the resource, and each difference on a line of its own.
impl fmt::Display for PlannedStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>3} {}", self.action.sign(), self.resource)?;
        if self.action == PlannedAction::Adopt {
            f.write_str(", adopted")?;
        }
        let shown = self.shown_differences();
        for difference in shown {
            write!(f, "\n        {difference}")?;
        }
        match self.differences.len() - shown.len() {
            0 => Ok(()),
            more => write!(f, "\n        and {more} more"),
        }
    }
}
