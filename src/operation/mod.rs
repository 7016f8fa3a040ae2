//! Scan and Install now: the patch document's parameters, commands, and the outcome of each node.

mod baseline_override;
mod command;
mod command_filter;
mod command_settings;
mod explanation;
mod install_override_list;
mod invocation;
mod outcome;
mod patch_parameters;
mod patch_request;
mod rates;
mod request;
mod run_plan;

pub use baseline_override::BaselineOverride;
pub use command::{
    CloudWatchOutputConfig, Command, CommandStatus, DocumentHashType, NotificationConfig,
    NotificationEvent, NotificationType,
};
pub use command_filter::{CommandFilter, CommandFilterKey};
pub(crate) use command_settings::{
    check_delivery_timeout, check_document_version, check_notifications, check_output_place,
    check_role,
};
pub use explanation::Explanation;
pub use install_override_list::{InstallOverrideList, OverriddenPatch};
pub use invocation::{
    CommandInvocation, CommandInvocationDetail, CommandPlugin, CommandPluginStatus,
    InvocationStatus,
};
pub use outcome::{NodeOutcome, RunOutcome};
pub(crate) use patch_parameters::{
    PATCH_DOCUMENTS, check_document_parameters, check_patch_document, is_override_url,
};
pub use patch_parameters::{PatchHooks, PatchParameters, RUN_PATCH_BASELINE_WITH_HOOKS};
pub use patch_request::PatchRequest;
pub use request::{RUN_PATCH_BASELINE, SendCommand};
pub use run_plan::RunPlan;
pub(crate) use run_plan::{FIRST_DELAY, LONGEST_DELAY, next_delay, outcomes, polls};
