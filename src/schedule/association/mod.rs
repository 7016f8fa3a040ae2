//! State Manager associations, in the form in which the service takes and describes them.

mod batch;
mod description;
mod execution;
mod filter;
mod node;
mod output;
mod request;
mod setting;
mod summary;
mod target_location;

pub use batch::{
    CreateAssociationBatchOutput, CreateAssociationBatchRequestEntry, FailedCreateAssociation,
    Fault,
};
pub use description::AssociationDescription;
pub use execution::{AssociationExecution, AssociationExecutionTarget, OutputSource};
pub use filter::{
    AssociationExecutionFilter, AssociationExecutionTargetsFilter, AssociationFilter,
    AssociationFilterOperator,
};
pub use node::{InstanceAssociation, InstanceAssociationStatusInfo};
pub use output::{
    InstanceAssociationOutputLocation, InstanceAssociationOutputUrl, S3OutputLocation, S3OutputUrl,
};
pub use request::{CreateAssociation, UpdateAssociation};
pub use setting::{
    AssociationComplianceSeverity, AssociationOverview, AssociationStatus, AssociationStatusName,
    AssociationSyncCompliance,
};
pub use summary::{Association, AssociationVersionInfo};
pub use target_location::TargetLocation;
