use async_trait::async_trait;

use super::create::Creating;
use crate::aws::convert::member::{always, answer, listing, unless_empty};
use crate::aws::convert::{self, association, required};
use crate::aws::{AwsBackend, send, unrepeatable};
use crate::backend::{
    AssociationStore, DeleteAssociation, DescribeAssociation, DescribeAssociationExecutionTargets,
    DescribeAssociationExecutions, DescribeEffectiveInstanceAssociations,
    DescribeInstanceAssociationsStatus, ListAssociationVersions, ListAssociations, Operation,
    StartAssociationsOnce,
};
use crate::error::Result;
use crate::page::Page;
use crate::schedule::association::{
    Association, AssociationDescription, AssociationExecution, AssociationExecutionTarget,
    AssociationVersionInfo, CreateAssociation, InstanceAssociation, InstanceAssociationStatusInfo,
    UpdateAssociation,
};

#[async_trait]
impl AssociationStore for AwsBackend {
    /// CreateAssociation has no client token, and a repeated call creates a second association,
    /// which patches too. So the SDK's retry is off for it. If the outcome is unknown, the
    /// association is looked up by the tag `aws-patch-manager/request`, and sent again only if it
    /// does not exist. The tag stays on the association.
    async fn create_association(
        &self,
        request: CreateAssociation,
    ) -> Result<AssociationDescription> {
        unrepeatable::make(&Creating::new(self, request)).await
    }

    async fn update_association(
        &self,
        request: UpdateAssociation,
    ) -> Result<AssociationDescription> {
        const OPERATION: Operation = Operation::UpdateAssociation;
        let call = association::update(self.ssm.update_association(), request)?;
        let output = send!(self, OPERATION, call)?;
        let described = output.association_description;
        let described = required(described, OPERATION, "AssociationDescription")?;
        answer(described, OPERATION)
    }

    async fn delete_association(&self, request: DeleteAssociation) -> Result<()> {
        let association = &request.association_id;

        let call = self
            .ssm
            .delete_association()
            .association_id(association.as_str());
        send!(self, Operation::DeleteAssociation, call).map(drop)
    }

    async fn describe_association(
        &self,
        request: DescribeAssociation,
    ) -> Result<AssociationDescription> {
        let association = &request.association_id;

        const OPERATION: Operation = Operation::DescribeAssociation;
        let call = self
            .ssm
            .describe_association()
            .association_id(association.as_str());
        let output = send!(self, OPERATION, call)?;
        let described = output.association_description;
        let described = required(described, OPERATION, "AssociationDescription")?;
        answer(described, OPERATION)
    }

    async fn list_associations(&self, request: ListAssociations) -> Result<Page<Association>> {
        const OPERATION: Operation = Operation::ListAssociations;
        let call = self
            .ssm
            .list_associations()
            .set_association_filter_list(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.associations, output.next_token, OPERATION)
    }

    async fn list_association_versions(
        &self,
        request: ListAssociationVersions,
    ) -> Result<Page<AssociationVersionInfo>> {
        let association = &request.association_id;
        let page = request.page;

        const OPERATION: Operation = Operation::ListAssociationVersions;
        let call = self
            .ssm
            .list_association_versions()
            .association_id(association.as_str())
            .set_max_results(convert::limit(&page))
            .set_next_token(convert::token(&page));
        let output = send!(self, OPERATION, call)?;
        listing(output.association_versions, output.next_token, OPERATION)
    }

    async fn start_associations_once(&self, request: StartAssociationsOnce) -> Result<()> {
        let call = self
            .ssm
            .start_associations_once()
            .set_association_ids(always(request.association_ids)?);
        send!(self, Operation::StartAssociationsOnce, call).map(drop)
    }

    async fn describe_association_executions(
        &self,
        request: DescribeAssociationExecutions,
    ) -> Result<Page<AssociationExecution>> {
        const OPERATION: Operation = Operation::DescribeAssociationExecutions;
        let call = self
            .ssm
            .describe_association_executions()
            .association_id(request.association_id.as_str())
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.association_executions, output.next_token, OPERATION)
    }

    async fn describe_association_execution_targets(
        &self,
        request: DescribeAssociationExecutionTargets,
    ) -> Result<Page<AssociationExecutionTarget>> {
        const OPERATION: Operation = Operation::DescribeAssociationExecutionTargets;
        let call = self
            .ssm
            .describe_association_execution_targets()
            .association_id(request.association_id.as_str())
            .execution_id(request.execution_id)
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(
            output.association_execution_targets,
            output.next_token,
            OPERATION,
        )
    }

    async fn describe_effective_instance_associations(
        &self,
        request: DescribeEffectiveInstanceAssociations,
    ) -> Result<Page<InstanceAssociation>> {
        let node = &request.instance_id;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeEffectiveInstanceAssociations;
        let call = self
            .ssm
            .describe_effective_instance_associations()
            .instance_id(node.as_str())
            .set_max_results(convert::limit(&page))
            .set_next_token(convert::token(&page));
        let output = send!(self, OPERATION, call)?;
        listing(output.associations, output.next_token, OPERATION)
    }

    async fn describe_instance_associations_status(
        &self,
        request: DescribeInstanceAssociationsStatus,
    ) -> Result<Page<InstanceAssociationStatusInfo>> {
        let node = &request.instance_id;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeInstanceAssociationsStatus;
        let call = self
            .ssm
            .describe_instance_associations_status()
            .instance_id(node.as_str())
            .set_max_results(convert::limit(&page))
            .set_next_token(convert::token(&page));
        let output = send!(self, OPERATION, call)?;
        listing(
            output.instance_association_status_infos,
            output.next_token,
            OPERATION,
        )
    }
}
