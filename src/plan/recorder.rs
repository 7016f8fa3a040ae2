//! Reads off what the verbs write to a mirror.

use std::collections::BTreeSet;

use serde_json::Value;

use super::step::PlannedCall;
use crate::backend::layer::{Record, RecordedCall, RecordedOutcome};
use crate::backend::{Access, Operation};

/// What a mirror was asked, in the form of a plan.
#[derive(Debug)]
pub(super) struct Recorder {
    record: Record,
    /// The ids that the mirror made up, each with what stands for it.
    created: Vec<(String, String)>,
}

impl Recorder {
    /// Over what this layer records: reads as well, for their IAM actions.
    pub(super) fn new(record: Record) -> Self {
        Self {
            record,
            created: Vec::new(),
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
                self.created.extend(created(&recorded));
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

    /// Replaces the ids that the mirror made up.
    pub(super) fn replace_in(&self, text: &mut String) {
        for (id, stands_for_it) in &self.created {
            if text.contains(id) {
                *text = text.replace(id, stands_for_it);
            }
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
