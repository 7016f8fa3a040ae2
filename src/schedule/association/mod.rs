//! State Manager associations, in the form in which the service describes them.

mod batch;
mod description;
mod execution;
mod node;
mod output;
mod setting;
mod summary;
mod target_location;

pub use batch::{
    CreateAssociationBatchOutput, CreateAssociationBatchRequestEntry, FailedCreateAssociation,
    Fault,
};
pub use description::AssociationDescription;
pub use execution::{AssociationExecution, AssociationExecutionTarget, OutputSource};
pub use node::{InstanceAssociation, InstanceAssociationStatusInfo};
pub use output::{
    InstanceAssociationOutputLocation, InstanceAssociationOutputUrl, S3OutputLocation, S3OutputUrl,
};
pub use setting::{
    AssociationComplianceSeverity, AssociationOverview, AssociationStatus, AssociationStatusName,
    AssociationSyncCompliance,
};
pub use summary::{Association, AssociationVersionInfo};
pub use target_location::TargetLocation;
