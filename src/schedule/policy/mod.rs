mod builder;
mod check;
mod lint;
mod parameters;
mod plan;
mod state;

pub use builder::PolicySchedule;
pub use lint::PolicyLint;
pub use plan::{PatchPolicy, PolicyTargets, SelectedBaseline};
pub use state::{PatchPolicyState, PolicyStatus};
