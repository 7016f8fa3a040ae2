//! State Manager associations, as the service accepts and describes them.

mod settings;
mod status;

pub use settings::{
    Association, AssociationComplianceSeverity, AssociationDescription, AssociationSettings,
    AssociationSyncCompliance, AssociationVersionInfo, CreateAssociation,
    CreateAssociationBatchOutput, CreateAssociationBatchRequestEntry, FailedCreateAssociation,
    Fault, InstanceAssociationOutputLocation, S3OutputLocation, TargetLocation, UpdateAssociation,
};
pub use status::{
    AssociationExecution, AssociationExecutionFilter, AssociationExecutionTarget,
    AssociationExecutionTargetsFilter, AssociationFilter, AssociationFilterOperator,
    AssociationOverview, AssociationStatus, AssociationStatusName, InstanceAssociation,
    InstanceAssociationOutputUrl, InstanceAssociationStatusInfo, OutputSource, S3OutputUrl,
};
