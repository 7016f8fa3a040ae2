//! State Manager associations, and what became of them.

// A default body answers that the operation is unsupported, and reads nothing of its input.
#![allow(unused_variables)]

use std::fmt;

use async_trait::async_trait;

use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::schedule::association::{
    Association, AssociationDescription, AssociationExecution, AssociationExecutionFilter,
    AssociationExecutionTarget, AssociationExecutionTargetsFilter, AssociationFilter,
    AssociationVersionInfo, CreateAssociation, InstanceAssociation, InstanceAssociationStatusInfo,
    UpdateAssociation,
};
use crate::types::{AssociationId, NodeId};

/// The input of ListAssociations. Pages of 1 to 50.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListAssociations {
    /// The filters; ANDed.
    pub filters: Vec<AssociationFilter>,
    /// The page.
    pub page: PageRequest,
}

impl ListAssociations {
    /// A request for the associations that pass these filters.
    pub fn new(filters: Vec<AssociationFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// The input of DescribeAssociationExecutions. Pages of 1 to 50.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeAssociationExecutions {
    /// The association.
    pub association_id: AssociationId,
    /// The filters; ANDed.
    pub filters: Vec<AssociationExecutionFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribeAssociationExecutions {
    /// A request for the runs of this association.
    pub fn new(
        association_id: impl Into<AssociationId>,
        filters: Vec<AssociationExecutionFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            association_id: association_id.into(),
            filters,
            page,
        }
    }
}

/// The input of DescribeAssociationExecutionTargets. Pages of 1 to 50.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeAssociationExecutionTargets {
    /// The association.
    pub association_id: AssociationId,
    /// The run.
    pub execution_id: String,
    /// The filters; ANDed.
    pub filters: Vec<AssociationExecutionTargetsFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribeAssociationExecutionTargets {
    /// A request for the targets of this run.
    pub fn new(
        association_id: impl Into<AssociationId>,
        execution_id: impl Into<String>,
        filters: Vec<AssociationExecutionTargetsFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            association_id: association_id.into(),
            execution_id: execution_id.into(),
            filters,
            page,
        }
    }
}

/// Keeps State Manager associations, and tells what became of them.
///
/// ```
/// use aws_patch_manager::backend::AssociationStore;
/// use aws_patch_manager::{MemoryBackend, PolicySchedule};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let store = MemoryBackend::sample();
/// for wanted in PolicySchedule::new("web").scan_daily_at(1, 0).associations()? {
///     let made = store.create_association(wanted).await?;
///     assert!(made.association_id.is_some());
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AssociationStore: fmt::Debug + Send + Sync + 'static {
    /// CreateAssociation. Not idempotent: a repeated call can make a second association, which
    /// patches too, so that an error after which there may be one is
    /// [marked](crate::Error::with_unknown_effect).
    async fn create_association(
        &self,
        request: CreateAssociation,
    ) -> Result<AssociationDescription> {
        Err(Error::unsupported("CreateAssociation"))
    }

    /// UpdateAssociation; answers the association as it then is.
    async fn update_association(
        &self,
        request: UpdateAssociation,
    ) -> Result<AssociationDescription> {
        Err(Error::unsupported("UpdateAssociation"))
    }

    /// DeleteAssociation.
    async fn delete_association(&self, association: &AssociationId) -> Result<()> {
        Err(Error::unsupported("DeleteAssociation"))
    }

    /// DescribeAssociation.
    async fn describe_association(
        &self,
        association: &AssociationId,
    ) -> Result<AssociationDescription> {
        Err(Error::unsupported("DescribeAssociation"))
    }

    /// ListAssociations.
    async fn list_associations(&self, request: ListAssociations) -> Result<Page<Association>> {
        Err(Error::unsupported("ListAssociations"))
    }

    /// ListAssociationVersions, the latest first. Pages of 1 to 50.
    async fn list_association_versions(
        &self,
        association: &AssociationId,
        page: PageRequest,
    ) -> Result<Page<AssociationVersionInfo>> {
        Err(Error::unsupported("ListAssociationVersions"))
    }

    /// StartAssociationsOnce: runs 1 to 10 associations now, besides their schedules.
    async fn start_associations_once(&self, associations: &[AssociationId]) -> Result<()> {
        Err(Error::unsupported("StartAssociationsOnce"))
    }

    /// DescribeAssociationExecutions, the latest first.
    async fn describe_association_executions(
        &self,
        request: DescribeAssociationExecutions,
    ) -> Result<Page<AssociationExecution>> {
        Err(Error::unsupported("DescribeAssociationExecutions"))
    }

    /// DescribeAssociationExecutionTargets.
    async fn describe_association_execution_targets(
        &self,
        request: DescribeAssociationExecutionTargets,
    ) -> Result<Page<AssociationExecutionTarget>> {
        Err(Error::unsupported("DescribeAssociationExecutionTargets"))
    }

    /// DescribeEffectiveInstanceAssociations: what applies to a node. Pages of 1 to 5.
    async fn describe_effective_instance_associations(
        &self,
        node: &NodeId,
        page: PageRequest,
    ) -> Result<Page<InstanceAssociation>> {
        Err(Error::unsupported("DescribeEffectiveInstanceAssociations"))
    }

    /// DescribeInstanceAssociationsStatus: how a node fares by each. Pages of 1 to 50.
    async fn describe_instance_associations_status(
        &self,
        node: &NodeId,
        page: PageRequest,
    ) -> Result<Page<InstanceAssociationStatusInfo>> {
        Err(Error::unsupported("DescribeInstanceAssociationsStatus"))
    }
}
