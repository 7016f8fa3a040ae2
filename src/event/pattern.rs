use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::kind::Members;
use super::matching::{OR, PREFIX, is_match};
use super::{Event, EventKind};
use crate::error::{Result, Violation, Violations};
use crate::spelling::nearest;
use crate::types::{
    AutomationExecutionId, CommandId, Identifier, NodeId, REGION, WindowId, is_account, is_region,
};

/// The most characters of a rule's pattern (EventBridge model, `EventPattern`).
const MOST: usize = 4096;

/// The documents that patch: AWS-RunPatchBaseline, and those with hooks or for associations.
const PATCH_DOCUMENTS: &str = "AWS-RunPatchBaseline";

/// The pattern of an EventBridge rule: which events its target gets.
///
/// Start from kinds of events, narrow them with conditions, and join patterns with [`or`](Self::or).
/// All conditions must hold; of the values of one condition, any. Statuses are matched in both spellings
/// that AWS documents, `Canceled` and `Cancelled`, and the two names of a window's change of state are
/// both matched. A later condition on the same member replaces an earlier one.
///
/// ```
/// use aws_patch_manager::event::EventPattern;
///
/// let pattern = EventPattern::commands()
///     .patch_documents()
///     .ended()
///     .or(EventPattern::patch_compliance().statuses(["non_compliant"]));
/// println!("{}", pattern.to_json()?);
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct EventPattern {
    alternatives: Vec<Alternative>,
    violations: Vec<Violation>,
}

/// The events of one kind that the pattern matches.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Alternative {
    kind: EventKind,
    top: BTreeMap<String, Vec<Value>>,
    detail: BTreeMap<String, Vec<Value>>,
}

impl EventPattern {
    /// Events of this kind.
    ///
    /// ```
    /// use aws_patch_manager::event::{EventKind, EventPattern};
    ///
    /// let pattern = EventPattern::of(EventKind::Ec2StateChange).statuses(["running"]);
    /// let json = r#"{"detail":{"state":["running"]},"detail-type":["EC2 Instance State-change Notification"],"source":["aws.ec2"]}"#;
    /// assert_eq!(pattern.to_json()?, json);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn of(kind: EventKind) -> Self {
        Self::any_of([kind])
    }

    /// Events of any of these kinds.
    pub fn any_of(kinds: impl IntoIterator<Item = EventKind>) -> Self {
        let alternative = |kind| Alternative {
            kind,
            top: BTreeMap::new(),
            detail: BTreeMap::new(),
        };
        let alternatives: Vec<_> = kinds.into_iter().map(alternative).collect();
        let violations = match alternatives.is_empty() {
            true => vec![Violation::new("detail-type", "", "at least one kind")],
            false => Vec::new(),
        };
        Self {
            alternatives,
            violations,
        }
    }

    /// Changes of commands, as a whole and on each node.
    pub fn commands() -> Self {
        Self::any_of([
            EventKind::CommandStatusChange,
            EventKind::CommandInvocationStatusChange,
        ])
    }

    /// Changes of maintenance windows, their targets and tasks, and their runs.
    pub fn windows() -> Self {
        Self::any_of([
            EventKind::WindowStateChange,
            EventKind::WindowTargetRegistration,
            EventKind::WindowTaskRegistration,
            EventKind::WindowExecutionStateChange,
            EventKind::WindowTaskExecutionStateChange,
            EventKind::WindowTaskTargetInvocationStateChange,
        ])
    }

    /// Changes of the patch compliance of nodes.
    pub fn patch_compliance() -> Self {
        let mut pattern = Self::of(EventKind::ComplianceStateChange);
        let patch = [json!("Patch")];
        pattern.narrow(|_| Some("compliance-type"), "compliance-type", &patch);
        pattern
    }

    /// Only of these commands. Systems Manager gives a command its id when it is sent: a rule that is made
    /// before can name the [documents](Self::patch_documents).
    pub fn command_ids<I>(self, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<CommandId>,
    {
        self.with_ids(|members| members.command, ids)
    }

    /// Only of these nodes.
    pub fn nodes<I>(self, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        self.with_ids(|members| members.node, ids)
    }

    /// Only of these maintenance windows.
    pub fn window_ids<I>(self, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<WindowId>,
    {
        self.with_ids(|members| members.window, ids)
    }

    /// Only of these executions of runbooks.
    pub fn execution_ids<I>(self, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<AutomationExecutionId>,
    {
        self.with_ids(|members| members.execution, ids)
    }

    /// Only of these documents or runbooks.
    pub fn documents<I>(self, names: I) -> Self
    where
        I: IntoIterator,
        I::Item: ToString,
    {
        self.with(|members| members.document, "document-name", names)
    }

    /// Only of the documents that patch: those whose name begins with `AWS-RunPatchBaseline`.
    pub fn patch_documents(mut self) -> Self {
        let prefix = vec![json!({ PREFIX: PATCH_DOCUMENTS })];
        self.narrow(|members| members.document, "document-name", &prefix);
        self
    }

    /// Only with these statuses, spelled as [the kind](EventKind) spells them, such as
    /// `Success`, `TIMED_OUT`, `non_compliant` or `running`. A status that is not known, and is like one
    /// that is, is refused: a rule that names it would never deliver an event.
    pub fn statuses<I>(mut self, statuses: I) -> Self
    where
        I: IntoIterator,
        I::Item: ToString,
    {
        let statuses = statuses.into_iter().map(|status| status.to_string());
        let statuses: Vec<String> = statuses.collect();
        self.check_statuses(&statuses);
        let spelled = statuses
            .into_iter()
            .flat_map(|status| match status.as_str() {
                "Cancelled" | "Canceled" => vec!["Canceled".to_owned(), "Cancelled".to_owned()],
                _ => vec![status],
            });
        self.with(|members| members.status, "status", spelled)
    }

    /// Only with a final status: of commands, runs of windows, associations and runbooks.
    pub fn ended(mut self) -> Self {
        let mut without = Vec::new();
        for alternative in &mut self.alternatives {
            let members = alternative.kind.members();
            let ended = members
                .filter(|members| !members.ended.is_empty())
                .and_then(|members| Some((members.status?, members.ended)));
            match ended {
                Some((member, ended)) => {
                    let ended = ended.iter().map(|status| json!(status)).collect();
                    alternative.detail.insert(member.to_owned(), ended);
                }
                None => without.push(alternative.kind.clone()),
            }
        }
        for kind in without {
            let legal = "a kind with a final status";
            let violation = Violation::new("detail-type", kind.to_string(), legal);
            self.violations.push(violation);
        }
        self
    }

    /// Only of these accounts, for a bus that gets the events of several.
    pub fn accounts<I>(self, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: ToString,
    {
        self.with_top("account", ids, is_account, "12 digits")
    }

    /// Only of these Regions.
    pub fn regions<I>(self, regions: I) -> Self
    where
        I: IntoIterator,
        I::Item: ToString,
    {
        self.with_top("region", regions, is_region, REGION)
    }

    /// Also what another pattern matches.
    pub fn or(mut self, other: Self) -> Self {
        self.alternatives.extend(other.alternatives);
        self.violations.extend(other.violations);
        self
    }

    /// Checks the pattern.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with all violations: a condition without
    /// a value, or on a kind whose events do not have the member; a malformed id, account or Region, and a
    /// misspelled status; and a pattern of more than 4,096 characters. Without a raised quota, EventBridge accepts 2,048.
    pub fn check(&self) -> Result<()> {
        let mut found = Violations::new();
        for violation in &self.violations {
            found.add(violation.clone());
        }
        let length = self.json().to_string().chars().count();
        let legal = format!("at most {MOST} characters: split it over several rules");
        found.require(length <= MOST, "EventPattern", length, legal);
        found.or("PutRule", ())
    }

    /// The pattern as JSON, for PutRule, CloudFormation (`EventPattern`) or Terraform (`event_pattern`).
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn to_json(&self) -> Result<String> {
        self.check()?;
        Ok(self.json().to_string())
    }

    /// Whether a rule with this pattern would deliver the event, by EventBridge's rules.
    ///
    /// ```
    /// use aws_patch_manager::event::{Event, EventPattern};
    ///
    /// # fn of(event: &Event) -> Result<(), aws_patch_manager::Error> {
    /// let pattern = EventPattern::commands().nodes(["i-0c0ffee0000000001"]);
    /// if pattern.matches(event) {
    ///     println!("{event}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn matches(&self, event: &Event) -> bool {
        let Value::Object(pattern) = self.json() else {
            return false;
        };
        is_match(&pattern, event.json())
    }

    fn with_ids<I, T>(mut self, member: fn(&Members) -> Option<&'static str>, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<T>,
        T: Identifier,
    {
        let ids: Vec<T> = ids.into_iter().map(Into::into).collect();
        for id in ids.iter().filter(|id| !id.is_well_formed()) {
            let violation = Violation::new(T::FIELD, id.to_string(), T::LEGAL);
            self.violations.push(violation);
        }
        self.with(member, T::FIELD, ids)
    }

    fn with<I>(
        mut self,
        member: fn(&Members) -> Option<&'static str>,
        field: &str,
        values: I,
    ) -> Self
    where
        I: IntoIterator,
        I::Item: ToString,
    {
        let values = self.values(field, values);
        self.narrow(member, field, &values);
        self
    }

    /// Records statuses that are misspelled.
    fn check_statuses(&mut self, statuses: &[String]) {
        let kinds = self.alternatives.iter();
        let known: BTreeSet<&str> = kinds.flat_map(|one| one.kind.statuses()).collect();
        for status in statuses {
            if known.contains(status.as_str()) {
                continue;
            }
            if let Some(meant) = nearest(status, known.iter().copied()) {
                let legal = format!("no such status of these events; the nearest is `{meant}`");
                self.violations
                    .push(Violation::new("status", status, legal));
            }
        }
    }

    fn with_top<I>(
        mut self,
        member: &str,
        values: I,
        is_legal: fn(&str) -> bool,
        legal: &str,
    ) -> Self
    where
        I: IntoIterator,
        I::Item: ToString,
    {
        let values = self.values(member, values);
        for value in values.iter().filter_map(Value::as_str) {
            if !is_legal(value) {
                self.violations.push(Violation::new(member, value, legal));
            }
        }
        for alternative in &mut self.alternatives {
            alternative.top.insert(member.to_owned(), values.clone());
        }
        self
    }

    /// The values of a condition, each once.
    fn values<I>(&mut self, field: &str, values: I) -> Vec<Value>
    where
        I: IntoIterator,
        I::Item: ToString,
    {
        let values = values.into_iter().map(|value| value.to_string());
        let values: BTreeSet<String> = values.collect();
        if values.is_empty() {
            let violation = Violation::new(field, "", "at least one value");
            self.violations.push(violation);
        }
        values.into_iter().map(Value::from).collect()
    }

    /// Demands one of the values in a member of the detail, which events of another kind may name
    /// differently.
    fn narrow(
        &mut self,
        member: fn(&Members) -> Option<&'static str>,
        field: &str,
        values: &[Value],
    ) {
        let mut without = Vec::new();
        for alternative in &mut self.alternatives {
            match alternative.kind.members().and_then(|known| member(&known)) {
                Some(name) => {
                    let values = values.to_vec();
                    alternative.detail.insert(name.to_owned(), values);
                }
                None => without.push(alternative.kind.to_string()),
            }
        }
        for kind in without {
            let legal = format!("a kind whose events have the member {field}");
            self.violations
                .push(Violation::new("detail-type", kind, legal));
        }
    }

    fn json(&self) -> Value {
        let mut parts: Vec<(Map<String, Value>, BTreeSet<&str>)> = Vec::new();
        for alternative in &self.alternatives {
            let part = alternative.conditions();
            let names = alternative.kind.spellings();
            match parts.iter_mut().find(|(same, _)| *same == part) {
                Some((_, kinds)) => kinds.extend(names),
                None => parts.push((part, names.into_iter().collect())),
            }
        }
        let mut parts: Vec<Value> = parts
            .into_iter()
            .map(|(mut part, kinds)| {
                part.insert("detail-type".to_owned(), json!(kinds));
                Value::Object(part)
            })
            .collect();
        match parts.len() {
            1 => parts.remove(0),
            _ => json!({ OR: parts }),
        }
    }
}

impl Alternative {
    /// Its pattern without the kind.
    fn conditions(&self) -> Map<String, Value> {
        let mut part = Map::new();
        if let Some(source) = self.kind.source() {
            part.insert("source".to_owned(), json!([source]));
        }
        for (member, values) in &self.top {
            part.insert(member.clone(), json!(values));
        }
        if !self.detail.is_empty() {
            part.insert("detail".to_owned(), json!(self.detail));
        }
        part
    }
}

/// The pattern as JSON, checked or not.
impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.json())
    }
}

impl Serialize for EventPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}
