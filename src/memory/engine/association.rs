//! Associations that run.

use jiff::{SignedDuration, Timestamp};

use super::Engine;
use super::queue::Event;
use crate::memory::store::associations::Run;
use crate::memory::store::later;
use crate::operation::SendCommand;
use crate::schedule::association::CreateAssociation;
use crate::types::{AssociationId, MaxConcurrency};

/// How many nodes at the same time where nothing is said: all (SSM model,
/// `CreateAssociationRequest`).
const CONCURRENCY: MaxConcurrency = MaxConcurrency::Percent(100);

impl Engine {
    /// Enters the next firing of what an association says now, after an instant.
    pub(crate) fn plan_association(&mut self, id: &AssociationId, after: Timestamp) {
        let Some(kept) = self.state.associations.get(id) else {
            return;
        };
        let recurrence = kept.current.recurrence.as_ref();
        if let Some(at) = recurrence.and_then(|recurrence| recurrence.next_after(after)) {
            let (id, version) = (id.clone(), kept.current.number);
            let event = Event::Association { id, version };
            self.queue.enter(at, event);
        }
    }

    /// Runs an association by its schedule, and plans the next run. A version that is no longer
    /// current does nothing.
    pub(super) fn fire_association(&mut self, id: &AssociationId, version: usize, now: Timestamp) {
        let kept = self.state.associations.get(id);
        if kept.is_some_and(|kept| kept.current.number == version) {
            self.run_association(id, now);
            self.plan_association(id, now);
        }
    }

    /// Runs an association on the nodes that its targets mean at this instant.
    pub(crate) fn run_association(&mut self, id: &AssociationId, now: Timestamp) {
        let Some(kept) = self.state.associations.get(id) else {
            return;
        };
        let current = &kept.current;
        let means = self
            .state
            .fleet
            .managed()
            .filter(|node| current.means(node));
        let nodes = means.map(|node| node.facts.id().clone()).collect();
        let (request, version) = (command(&current.says), current.number);
        let hours = current.says.duration.map(i64::from);
        let command = self.send(request, nodes, None, now);
        if let Some(hours) = hours {
            let cut_off = later(now, SignedDuration::from_hours(hours));
            self.queue.enter(cut_off, Event::CutOff(command));
        }
        let run = Run {
            id: self.state.ids.uuid(),
            version,
            created: now,
            command,
        };
        if let Some(kept) = self.state.associations.get_mut(id) {
            kept.runs.push(run);
        }
    }
}

/// The command that does the work of an association.
fn command(says: &CreateAssociation) -> SendCommand {
    let place = says.output_location.as_ref();
    let place = place.and_then(|location| location.s3_location.as_ref());
    SendCommand {
        document_name: says.name.clone().unwrap_or_default(),
        document_version: says.document_version.clone(),
        instance_ids: says.instance_id.iter().cloned().collect(),
        targets: says.targets.clone().unwrap_or_default(),
        parameters: says.parameters.clone().unwrap_or_default(),
        max_concurrency: Some(says.max_concurrency.unwrap_or(CONCURRENCY)),
        max_errors: says.max_errors,
        output_s3_bucket_name: place.and_then(|place| place.output_s3_bucket_name.clone()),
        output_s3_key_prefix: place.and_then(|place| place.output_s3_key_prefix.clone()),
        ..SendCommand::default()
    }
}
