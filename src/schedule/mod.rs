//! When to patch: schedules, and the patch policy that runs by them.

mod expression;
mod policy;

pub use expression::ScheduleExpression;
pub use policy::{PatchPolicy, PatchPolicyState, PolicyStatus, PolicyTargets, SelectedBaseline};
