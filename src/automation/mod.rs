//! Automation: runbooks, their executions in one account or an organization, and what came of them.
//!
//! [`PatchRunbook`] writes the runbook that patches the nodes of an account and Region.

mod document;
mod execution;
mod explain;
mod outcome;
mod request;
mod runbook;
mod start;

pub use self::document::{
    AccountSharingInfo, AttachmentInformation, AttachmentsContent, AttachmentsSource,
    AttachmentsSourceKey, Document, DocumentDefaultVersionDescription, DocumentDescription,
    DocumentFilter, DocumentFormat, DocumentIdentifier, DocumentParameter, DocumentParameterType,
    DocumentRequires, DocumentStatus, DocumentType, ReviewInformation, ReviewStatus,
};
pub use self::execution::{
    AutomationExecution, AutomationExecutionFilter, AutomationExecutionMetadata,
    AutomationExecutionStatus, AutomationSubtype, AutomationType, ExecutionMode, FailureDetails,
    ParentStepDetails, ProgressCounters, ResolvedTargets, Runbook, StepExecution,
    StepExecutionFilter, StopType, TargetsSummary,
};
pub use self::outcome::{LocationOutcome, OrganizationOutcome};
pub use self::request::OrganizationRequest;
pub use self::runbook::PatchRunbook;
pub(crate) use self::runbook::{COMMAND_ID, STEP, is_document_name};
pub use self::start::StartAutomationExecution;
pub use crate::schedule::association::TargetLocation;

/// The role with which Automation acts in an account, if a run names no other (SSM model,
/// `TargetLocation`).
pub const EXECUTION_ROLE: &str = "AWS-SystemsManager-AutomationExecutionRole";
