//! When to patch: schedules and when they fire, the patch policy that runs by them, and the
//! maintenance windows and State Manager associations that run by them too.

pub mod association;
mod comparison;
mod expression;
mod mechanism;
mod planned_run;
mod policy;
mod policy_schedule;
mod recurrence;
pub mod window;

pub use crate::types::alarm::{Alarm, AlarmConfiguration, AlarmState, AlarmStateInformation};
pub(crate) use comparison::shown as shown_setting;
pub use expression::{ScheduleExpression, ScheduleKind};
pub use mechanism::ScheduleMechanism;
pub use planned_run::{PlannedRun, ScheduleLint, SchedulePreview, lint};
#[cfg(feature = "emulator")]
pub(crate) use policy::REQUIRED_PARAMETERS;
pub(crate) use policy::{
    LOCAL_EXECUTION_ROLE, check_as_service, check_region, is_policy_name, policy_member,
};
pub use policy::{
    PatchPolicy, PatchPolicyState, PolicyConfiguration, PolicyConfigurationSummary, PolicyStatus,
    PolicyStatusSummary, PolicyStatusType, PolicyTargets, SelectedBaseline,
};
pub use policy_schedule::PolicySchedule;
pub use recurrence::{Firings, Recurrence};
