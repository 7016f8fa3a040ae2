//! State Manager associations, as the service accepts and describes them.

mod batch;
mod filter;
mod settings;
mod status;
mod summary;

pub use batch::{
    CreateAssociationBatchOutput, CreateAssociationBatchRequestEntry, FailedCreateAssociation,
    Fault,
};
pub use filter::{
    AssociationExecutionFilter, AssociationExecutionTargetsFilter, AssociationFilter,
    AssociationFilterOperator,
};
pub use settings::{
    AssociationComplianceSeverity, AssociationDescription, AssociationSettings,
    AssociationSyncCompliance, CreateAssociation, InstanceAssociationOutputLocation,
    S3OutputLocation, TargetLocation, UpdateAssociation,
};
pub use status::{
    AssociationExecution, AssociationExecutionTarget, AssociationOverview, AssociationStatus,
    AssociationStatusName, InstanceAssociation, InstanceAssociationOutputUrl,
    InstanceAssociationStatusInfo, OutputSource, S3OutputUrl,
};
pub use summary::{Association, AssociationVersionInfo};
