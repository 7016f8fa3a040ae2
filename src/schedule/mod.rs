//! When to patch: schedules, and the patch policy that runs by them.

mod expression;
mod policy;

pub use expression::{Firings, ScheduleExpression, ScheduleKind};
pub use policy::{
    PatchPolicy, PatchPolicyState, PolicyLint, PolicySchedule, PolicyStatus, PolicyTargets,
    SelectedBaseline,
};
