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
    /// The ids that the mirror made up, each with what stands for it.
    created: HashMap<String, String>,
    /// The lengths of those ids: a few, one for each form of ids.
    lengths: BTreeSet<usize>,
}

impl Recorder {
    /// Over what this layer records: reads as well, for their IAM actions.
    pub(super) fn new(record: Record) -> Self {
        Self {
            record,
            created: HashMap::new(),
            lengths: BTreeSet::new(),
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
                if let Some((id, stands_for_it)) = created(&recorded) {
                    self.lengths.insert(id.len());
                    self.created.insert(id, stands_for_it);
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
            self.replace_ids(&mut call.request);
        }
        (calls, actions)
    }

    /// Replaces the ids that the mirror made up. It looks up the places at which a word begins, so a
    /// text takes the same time however many ids there are.
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
                let stands_for_it = self.created.get(text.get(at..at + length)?)?;
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

    fn replace_ids(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.replace_in(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.replace_ids(item)),
            Value::Object(members) => {
                let members = members.values_mut();
                members.for_each(|member| self.replace_ids(member));
            }
            _ => {}
        }
    }
}

/// The id in an answer that created something, and what stands for it.
fn created(recorded: &RecordedCall) -> Option<(String, String)> {
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
    let mut names = ["AssociationName", "Name"].into_iter();
    let name = names.find_map(|member| recorded.request.get(member)?.as_str());
    let name = name.unwrap_or_default();
    Some((id.to_owned(), format!("(id of {what} {name})")))
}
