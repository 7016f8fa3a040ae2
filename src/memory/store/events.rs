//! The events that EventBridge would deliver, if they are recorded.

use jiff::{Timestamp, Unit};
use serde_json::{Value, json};

use super::State;
use super::account::{Account, Ids};
use crate::event::EventKind;
use crate::types::{NodeId, WindowId};

/// The events since they were last taken.
#[derive(Debug, Clone)]
pub(crate) struct EventLog {
    is_on: bool,
    /// Not the account's: the same calls give the same ids, recorded or not.
    ids: Ids,
    recorded: Vec<Value>,
}

impl EventLog {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            is_on: false,
            ids: Ids::seeded(seed),
            recorded: Vec::new(),
        }
    }

    pub(crate) fn turn_on(&mut self) {
        self.is_on = true;
    }

    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }

    /// Records an event, if they are recorded. Its time has whole seconds, as EventBridge writes it.
    pub(crate) fn record(
        &mut self,
        account: &Account,
        kind: &EventKind,
        at: Timestamp,
        resources: Vec<String>,
        detail: Value,
    ) {
        if !self.is_on {
            return;
        }
        self.recorded.push(json!({
            "version": "0",
            "id": self.ids.uuid(),
            "detail-type": kind,
            "source": kind.source(),
            "account": account.id,
            "time": at.round(Unit::Second).unwrap_or(at),
            "region": account.region,
            "resources": resources,
            "detail": detail,
        }));
    }

    pub(crate) fn take(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.recorded)
    }
}

impl State {
    /// Records what became of a window, or of its target or task by the member of the event that has its id.
    pub(crate) fn record_window(
        &mut self,
        kind: &EventKind,
        window: &WindowId,
        part: Option<(&str, &str, &str)>,
        status: &str,
        now: Timestamp,
    ) {
        let mut resources = vec![self.account.ssm_arn(&format!("maintenancewindow/{window}"))];
        let mut detail = json!({ "window-id": window, "status": status });
        if let Some((member, resource, id)) = part {
            resources.push(self.account.ssm_arn(&format!("{resource}/{id}")));
            if let Some(detail) = detail.as_object_mut() {
                detail.insert(member.to_owned(), json!(id));
            }
        }
        self.events
            .record(&self.account, kind, now, resources, detail);
    }
}

impl Account {
    /// The ARN of a resource of Systems Manager, such as `maintenancewindow/mw-…`.
    pub(crate) fn ssm_arn(&self, resource: &str) -> String {
        format!("arn:aws:ssm:{}:{}:{resource}", self.region, self.id)
    }

    /// The ARN of a node: of its instance, or of the managed node if it is hybrid.
    pub(crate) fn node_arn(&self, node: &NodeId) -> String {
        match node.is_hybrid() {
            true => self.ssm_arn(&format!("managed-instance/{node}")),
            false => format!("arn:aws:ec2:{}:{}:instance/{node}", self.region, self.id),
        }
    }
}
