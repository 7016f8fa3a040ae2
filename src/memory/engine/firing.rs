//! Associations that fire, those of patch policies among them.

use jiff::{SignedDuration, Timestamp};

use super::{Engine, Event};
use crate::memory::store::associations::AssociationRun;
use crate::memory::store::later;
use crate::operation::SendCommand;
use crate::schedule::association::CreateAssociation;
use crate::types::{AssociationId, MaxConcurrency};

/// How many nodes of an association at the same time if it does not say: all (SSM model,
/// `CreateAssociationRequest`).
const CONCURRENCY: MaxConcurrency = MaxConcurrency::Percent(100);

impl Engine {
    /// Enters the next firing of what an association has now, after an instant.
    pub(crate) fn plan_association(&mut self, id: &AssociationId, after: Timestamp) {
        let Some(stored) = self.state.associations.get(id) else {
            return;
        };
        let recurrence = stored.current.recurrence.as_ref();
        if let Some(at) = recurrence.and_then(|recurrence| recurrence.next_after(after)) {
            let (id, version) = (id.clone(), stored.current.number);
            let event = Event::Association { id, version };
            self.queue.enter(at, event);
        }
    }

    /// Runs an association by its schedule, and plans the next run. A version that is no longer
    /// current does nothing.
    pub(super) fn fire_association(&mut self, id: &AssociationId, version: usize, now: Timestamp) {
        let stored = self.state.associations.get(id);
        if stored.is_some_and(|stored| stored.current.number == version) {
            self.run_association(id, now);
            self.plan_association(id, now);
        }
    }

    /// Runs an association on the nodes that its targets mean at this instant.
    pub(crate) fn run_association(&mut self, id: &AssociationId, now: Timestamp) {
        let Some(stored) = self.state.associations.get(id) else {
            return;
        };
        let current = &stored.current;
        let managed = self.state.fleet.managed();
        let covered = managed.filter(|node| current.covers(node));
        let nodes = covered.map(|node| node.facts.id().clone()).collect();
        let (mut request, version) = (command(&current.settings), current.number);
        let hours = current.settings.duration.map(i64::from);
        let policy = stored.policy.as_ref().and_then(|arn| self.policy_run(arn));
        if let Some(run) = &policy {
            request.comment = self.policy_comment(run, &request);
            self.tag_targets(&run.policy, id);
        }
        let command = self.send(request, nodes, policy, now);
        if let Some(hours) = hours {
            let cut_off = later(now, SignedDuration::from_hours(hours));
            self.queue.enter(cut_off, Event::CutOff(command));
        }
        let run = AssociationRun {
            id: self.state.ids.uuid(),
            version,
            created: now,
            command,
        };
        if let Some(stored) = self.state.associations.get_mut(id) {
            stored.runs.push(run);
        }
    }
}

/// The command that does the work of an association.
fn command(settings: &CreateAssociation) -> SendCommand {
    let place = settings.output_location.as_ref();
    let place = place.and_then(|location| location.s3_location.as_ref());
    SendCommand {
        document_name: settings.name.clone().unwrap_or_default(),
        document_version: settings.document_version.clone(),
        instance_ids: settings.instance_id.iter().cloned().collect(),
        targets: settings.targets.clone().unwrap_or_default(),
        parameters: settings.parameters.clone().unwrap_or_default(),
        max_concurrency: Some(settings.max_concurrency.unwrap_or(CONCURRENCY)),
        max_errors: settings.max_errors,
        output_s3_bucket_name: place.and_then(|place| place.output_s3_bucket_name.clone()),
        output_s3_key_prefix: place.and_then(|place| place.output_s3_key_prefix.clone()),
        ..SendCommand::default()
    }
}
