//! Associations that are made and changed.

use jiff::Timestamp;

use super::book::{Kept, Version};
use super::check;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::state::State;
use crate::schedule::association::{AssociationDescription, CreateAssociation, UpdateAssociation};
use crate::types::AssociationId;

const CREATE: &str = "CreateAssociation";
const UPDATE: &str = "UpdateAssociation";

fn too_many(operation: &str, code: &str) -> Error {
    Error::service(ErrorKind::LimitExceeded, code, "").with_operation(operation)
}

impl State {
    pub(super) fn create_association(
        &mut self,
        says: CreateAssociation,
        now: Timestamp,
    ) -> Result<AssociationDescription> {
        let recurrence = check::says(CREATE, &says, self, now)?;
        if let (Some(document), Some(node)) = (&says.name, &says.instance_id)
            && let Some(known) = self.associations.of_node(document, node)
        {
            let code = "AssociationAlreadyExists";
            return Err(Error::service(ErrorKind::AlreadyExists, code, "")
                .with_operation(CREATE)
                .with_resource(known.id.as_str()));
        }
        if self.associations.len() >= self.limits.associations {
            return Err(too_many(CREATE, "AssociationLimitExceeded"));
        }
        let id = AssociationId::new(self.ids.uuid());
        self.tags
            .insert(id.as_str(), says.tags.clone().unwrap_or_default());
        let first = Version {
            number: 1,
            made: now,
            says,
            recurrence,
        };
        self.associations.enter(Kept::new(id.clone(), first));
        self.take_effect(CREATE, &id, now)
    }

    pub(super) fn update_association(
        &mut self,
        request: UpdateAssociation,
        now: Timestamp,
    ) -> Result<AssociationDescription> {
        let id = request.association_id.clone();
        let id = id.unwrap_or_else(|| AssociationId::new(""));
        let kept = self.kept(UPDATE, &id)?;
        known_version(kept, request.association_version.as_deref())?;
        let number = kept.current.number + 1;
        let says = changed(&kept.current.says, request);
        let recurrence = check::says(UPDATE, &says, self, now)?;
        if number > self.limits.versions_per_association {
            let code = "AssociationVersionLimitExceeded";
            return Err(too_many(UPDATE, code).with_resource(id.as_str()));
        }
        if let Some(kept) = self.associations.get_mut(&id) {
            kept.change(Version {
                number,
                made: now,
                says,
                recurrence,
            });
        }
        self.take_effect(UPDATE, &id, now)
    }

    /// Runs what has just been said, unless it waits for its schedule, plans the next run, and
    /// describes the association.
    fn take_effect(
        &mut self,
        operation: &'static str,
        id: &AssociationId,
        now: Timestamp,
    ) -> Result<AssociationDescription> {
        if !self.kept(operation, id)?.current.waits() {
            self.run_association(id, now);
        }
        self.plan_association(id, now);
        let kept = self.kept(operation, id)?;
        Ok(self.association(kept, now))
    }
}

/// The version that is changed, where the caller names one.
fn known_version(kept: &Kept, version: Option<&str>) -> Result<()> {
    let known = match version {
        None | Some("$LATEST") => true,
        Some(number) => kept
            .versions()
            .any(|version| version.number.to_string() == number),
    };
    if known {
        return Ok(());
    }
    Err(
        Error::service(ErrorKind::InvalidInput, "InvalidAssociationVersion", "")
            .with_operation(UPDATE)
            .with_resource(kept.id.as_str()),
    )
}

/// What an association says after an update: what is left out is cleared (SSM model,
/// `UpdateAssociation`), but for document and targets, which recorded answers keep.
fn changed(before: &CreateAssociation, update: UpdateAssociation) -> CreateAssociation {
    let targets = update.targets.filter(|targets| !targets.is_empty());
    let moved = targets.is_some();
    CreateAssociation {
        name: update.name.or_else(|| before.name.clone()),
        document_version: update.document_version,
        instance_id: before.instance_id.clone().filter(|_| !moved),
        parameters: update.parameters,
        targets: targets.or_else(|| before.targets.clone()),
        schedule_expression: update.schedule_expression,
        output_location: update.output_location,
        association_name: update.association_name,
        automation_target_parameter_name: update.automation_target_parameter_name,
        max_errors: update.max_errors,
        max_concurrency: update.max_concurrency,
        compliance_severity: update.compliance_severity,
        sync_compliance: update.sync_compliance,
        apply_only_at_cron_interval: update.apply_only_at_cron_interval,
        calendar_names: update.calendar_names,
        target_locations: update.target_locations,
        schedule_offset: update.schedule_offset,
        duration: update.duration,
        target_maps: update.target_maps,
        tags: None,
        alarm_configuration: update.alarm_configuration,
        association_dispatch_assume_role: update.association_dispatch_assume_role,
    }
}
