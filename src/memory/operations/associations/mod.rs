//! AssociationStore over the State Manager associations. The engine runs them.

mod change;
pub(super) mod describe;
mod filter;

pub(in crate::memory) use change::recurrence;

use async_trait::async_trait;

use crate::backend::{
    AssociationStore, DeleteAssociation, DescribeAssociation, DescribeAssociationExecutionTargets,
    DescribeAssociationExecutions, DescribeEffectiveInstanceAssociations,
    DescribeInstanceAssociationsStatus, ListAssociationVersions, ListAssociations, Operation,
    StartAssociationsOnce,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::operations::check;
use crate::memory::operations::paging::{Bounds, passing};
use crate::memory::store::State;
use crate::memory::store::associations::AssociationRecord;
use crate::memory::store::fleet::Node;
use crate::page::Page;
use crate::schedule::association::{
    Association, AssociationDescription, AssociationExecution, AssociationExecutionTarget,
    AssociationVersionInfo, CreateAssociation, InstanceAssociation, InstanceAssociationStatusInfo,
    UpdateAssociation,
};
use crate::types::{AssociationId, NodeId, is_uuid};

fn gone(id: &AssociationId) -> Error {
    Error::service(ErrorKind::NotFound, "AssociationDoesNotExist", "").with_resource(id.as_str())
}

/// An id that the model's pattern refuses is invalid, not missing.
fn well_formed(operation: Operation, field: &str, id: &str) -> Result<()> {
    let mut validation = check::Validation::of(operation);
    validation.require(is_uuid(id), field, "wrong pattern");
    validation.finish()
}

fn find<'a>(
    state: &'a State,
    operation: Operation,
    id: &AssociationId,
) -> Result<&'a AssociationRecord> {
    well_formed(operation, "associationId", id.as_str())?;
    let stored = state.associations.get(id);
    stored.ok_or_else(|| gone(id))
}

fn managed<'a>(state: &'a State, operation: Operation, id: &NodeId) -> Result<&'a Node> {
    let known = state.fleet.get(id).filter(|node| node.is_managed());
    known.ok_or_else(|| check::invalid_instance_id(operation, id))
}

#[async_trait]
impl AssociationStore for MemoryBackend {
    async fn create_association(
        &self,
        request: CreateAssociation,
    ) -> Result<AssociationDescription> {
        self.call_engine(Operation::CreateAssociation, |engine, now| {
            change::create(engine, request, now)
        })
        .await
    }

    async fn update_association(
        &self,
        request: UpdateAssociation,
    ) -> Result<AssociationDescription> {
        self.call_engine(Operation::UpdateAssociation, |engine, now| {
            change::update(engine, request, now)
        })
        .await
    }

    async fn delete_association(&self, request: DeleteAssociation) -> Result<()> {
        let association = &request.association_id;

        const OPERATION: Operation = Operation::DeleteAssociation;
        self.call(OPERATION, |state, _| {
            find(state, OPERATION, association)?;
            state.associations.remove(association);
            state.tags.remove(association.as_str());
            Ok(())
        })
        .await
    }

    async fn describe_association(
        &self,
        request: DescribeAssociation,
    ) -> Result<AssociationDescription> {
        let association = &request.association_id;

        const OPERATION: Operation = Operation::DescribeAssociation;
        self.call(OPERATION, |state, now| {
            let stored = find(state, OPERATION, association)?;
            Ok(describe::description(state, stored, now))
        })
        .await
    }

    async fn list_associations(&self, request: ListAssociations) -> Result<Page<Association>> {
        const OPERATION: Operation = Operation::ListAssociations;
        self.call(OPERATION, |state, now| {
            let filters = &request.filters;
            filter::legal(OPERATION, filters)?;
            let all = state.associations.iter();
            let items = all
                .map(|stored| describe::listed(state, stored, now))
                .filter(|listed| filters.iter().all(|one| filter::passes(listed, one)))
                .collect();
            let key = format!("{filters:?}");
            state.page(items, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }

    async fn list_association_versions(
        &self,
        request: ListAssociationVersions,
    ) -> Result<Page<AssociationVersionInfo>> {
        let association = &request.association_id;
        let page = request.page;

        const OPERATION: Operation = Operation::ListAssociationVersions;
        self.call(OPERATION, |state, _| {
            let stored = find(state, OPERATION, association)?;
            let versions = stored.versions();
            let items = versions
                .map(|version| describe::version_info(stored, version))
                .collect();
            let key = association.as_str();
            state.page(items, &page, OPERATION, Bounds::TO_50, key)
        })
        .await
    }

    async fn start_associations_once(&self, request: StartAssociationsOnce) -> Result<()> {
        let associations = &request.association_ids;

        const OPERATION: Operation = Operation::StartAssociationsOnce;
        self.call_engine(OPERATION, |engine, now| {
            let mut validation = check::Validation::of(OPERATION);
            validation.count("associationIds", associations, 1..=10);
            validation.finish()?;
            for id in associations {
                find(&engine.state, OPERATION, id)?;
            }
            for id in associations {
                engine.run_association(id, now);
            }
            Ok(())
        })
        .await
    }

    async fn describe_association_executions(
        &self,
        request: DescribeAssociationExecutions,
    ) -> Result<Page<AssociationExecution>> {
        const OPERATION: Operation = Operation::DescribeAssociationExecutions;
        self.call(OPERATION, |state, _| {
            let filters = &request.filters;
            filter::legal_executions(OPERATION, filters)?;
            let stored = find(state, OPERATION, &request.association_id)?;
            let runs = stored.runs.iter().rev();
            let items = runs
                .filter_map(|run| describe::execution(state, stored, run))
                .filter(|run| filters.iter().all(|one| filter::passes_execution(run, one)))
                .collect();
            let key = format!("{} {filters:?}", request.association_id);
            state.page(items, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }

    async fn describe_association_execution_targets(
        &self,
        request: DescribeAssociationExecutionTargets,
    ) -> Result<Page<AssociationExecutionTarget>> {
        const OPERATION: Operation = Operation::DescribeAssociationExecutionTargets;
        self.call(OPERATION, |state, _| {
            let (id, filters) = (&request.execution_id, &request.filters);
            filter::legal_targets(OPERATION, filters)?;
            well_formed(OPERATION, "executionId", id)?;
            let stored = find(state, OPERATION, &request.association_id)?;
            let run = stored
                .runs
                .iter()
                .find(|run| run.id == *id)
                .ok_or_else(|| {
                    Error::service(ErrorKind::NotFound, "AssociationExecutionDoesNotExist", "")
                        .with_resource(id)
                })?;
            let passes = |on: &AssociationExecutionTarget| {
                filters.iter().all(|one| filter::passes_target(on, one))
            };
            let all = |from| describe::execution_targets(state, stored, run, from);
            let rows = |from| passing(all, filters.is_empty(), passes, from);
            let key = format!("{} {id} {filters:?}", request.association_id);
            state.page_of_rows(rows, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }

    async fn describe_effective_instance_associations(
        &self,
        request: DescribeEffectiveInstanceAssociations,
    ) -> Result<Page<InstanceAssociation>> {
        let id = &request.instance_id;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeEffectiveInstanceAssociations;
        self.call(OPERATION, |state, _| {
            let known = managed(state, OPERATION, id)?;
            let items = describe::associations_of(state, known)
                .map(|stored| describe::effective(stored, id))
                .collect();
            let bounds = Bounds::new(1, 5, 5);
            state.page(items, &page, OPERATION, bounds, id.as_str())
        })
        .await
    }

    async fn describe_instance_associations_status(
        &self,
        request: DescribeInstanceAssociationsStatus,
    ) -> Result<Page<InstanceAssociationStatusInfo>> {
        let node = &request.instance_id;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeInstanceAssociationsStatus;
        self.call(OPERATION, |state, _| {
            let known = managed(state, OPERATION, node)?;
            let items = describe::associations_of(state, known)
                .map(|stored| describe::status_of(state, stored, node))
                .collect();
            state.page(items, &page, OPERATION, Bounds::TO_50, node.as_str())
        })
        .await
    }
}
