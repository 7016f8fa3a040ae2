//! When to patch: schedules, the patch policy that runs by them, and the maintenance windows and
//! State Manager associations that run by them too.

mod alarm;
pub mod association;
mod expression;
mod policy;
pub mod window;

pub use alarm::{Alarm, AlarmConfiguration, AlarmState, AlarmStateInformation};
pub use expression::{Firings, ScheduleExpression, ScheduleKind};
pub use policy::{
    PatchPolicy, PatchPolicyState, PolicyLint, PolicySchedule, PolicyStatus, PolicyTargets,
    SelectedBaseline,
};
