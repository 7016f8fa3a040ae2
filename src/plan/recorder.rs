//! Reads off what the verbs write to a mirror.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::step::PlannedCall;
use crate::backend::layer::{Record, RecordedCall, RecordedOutcome};
use crate::backend::{Access, Operation};

/// What a mirror was asked, in the form of a plan.
#[derive(Debug)]
pub(super) struct Recorder {
    record: Record,
    created: CreatedIds,
}

/// Ids of what a plan creates, each with the text that stands for it in the plan.
#[derive(Debug, Default)]
pub(super) struct CreatedIds {
    stands_for: HashMap<String, String>,
    /// The lengths of the ids: a few, one for each form of ids.
    lengths: BTreeSet<usize>,
}

impl Recorder {
    /// Over what this layer records: reads as well, for their IAM actions.
    pub(super) fn new(record: Record) -> Self {
        Self {
            record,
            created: CreatedIds::default(),
        }
    }

    /// The writes since the last time, and the IAM actions of them and of the reads between them.
    pub(super) fn take(&mut self) -> (Vec<PlannedCall>, BTreeSet<String>) {
        let mut calls = Vec::new();
        let mut actions = BTreeSet::new();
        for recorded in self.record.take() {
            let operation = recorded.operation;
            for action in operation.iam_actions() {
                if !actions.contains(*action) {
                    actions.insert((*action).to_owned());
                }
            }
            if operation.access() == Access::Write && recorded.is_success() {
                if let Some((id, what, name)) = created(&recorded) {
                    self.created.insert(id, what, name);
                }
                let mut request = recorded.request;
                if let (Value::Object(members), Some(token)) =
                    (&mut request, operation.client_token())
                {
                    members.remove(token);
                }
                calls.push(PlannedCall { operation, request });
            }
        }
        for call in &mut calls {
            self.created.replace_in_value(&mut call.request);
        }
        (calls, actions)
    }

    /// Replaces the ids that the mirror made up.
    pub(super) fn replace_in(&self, text: &mut String) {
        self.created.replace_in(text);
    }
}

impl CreatedIds {
    /// Adds the id of a resource of this kind, in words, and this name.
    pub(super) fn insert(&mut self, id: &str, what: &str, name: &str) {
        self.lengths.insert(id.len());
        let stands_for_it = format!("(id of {what} {name})");
        self.stands_for.insert(id.to_owned(), stands_for_it);
    }

    /// Replaces the ids in a text. It looks up the places at which a word begins, so a text takes the
    /// same time however many ids there are.
    pub(super) fn replace_in(&self, text: &mut String) {
        let mut replaced = String::new();
        let mut copied = 0;
        let mut in_word = false;
        for (at, c) in text.char_indices() {
            let begins = !in_word && at >= copied;
            in_word = c.is_ascii_alphanumeric();
            if !(begins && in_word) {
                continue;
            }
            let created = self.lengths.iter().rev().find_map(|length| {
                let stands_for_it = self.stands_for.get(text.get(at..at + length)?)?;
                Some((length, stands_for_it))
            });
            if let Some((length, stands_for_it)) = created {
                replaced += text.get(copied..at).unwrap_or_default();
                replaced += stands_for_it;
                copied = at + length;
            }
        }
        if copied > 0 {
            replaced += text.get(copied..).unwrap_or_default();
            *text = replaced;
        }
    }

    /// Replaces the ids in the texts of a value.
    pub(super) fn replace_in_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.replace_in(text),
            Value::Array(items) => {
                let items = items.iter_mut();
                items.for_each(|item| self.replace_in_value(item));
            }
            Value::Object(members) => {
                let members = members.values_mut();
                members.for_each(|member| self.replace_in_value(member));
            }
            _ => {}
        }
    }
}

/// The id in an answer that created something, with its kind in words and its name.
fn created(recorded: &RecordedCall) -> Option<(&str, &'static str, &str)> {
    let (pointer, what) = match recorded.operation {
        Operation::CreatePatchBaseline => ("/BaselineId", "baseline"),
        Operation::CreateMaintenanceWindow => ("/WindowId", "maintenance window"),
        Operation::RegisterTargetWithMaintenanceWindow => ("/WindowTargetId", "target"),
        Operation::RegisterTaskWithMaintenanceWindow => ("/WindowTaskId", "task"),
        Operation::CreateConfigurationManager => ("/ManagerArn", "patch policy"),
        Operation::CreateAssociation => ("/AssociationDescription/AssociationId", "association"),
        _ => return None,
    };
    let RecordedOutcome::Answered(answer) = &recorded.outcome else {
        return None;
    };
    let id = answer.pointer(pointer)?.as_str()?;
    Some((id, what, name_in(&recorded.request)))
}

/// The name of what a request creates.
pub(super) fn name_in(request: &Value) -> &str {
    let mut names = ["AssociationName", "Name"].into_iter();
    let name = names.find_map(|member| request.get(member)?.as_str());
    name.unwrap_or_default()
}
