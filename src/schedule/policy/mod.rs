mod check;
mod parameters;
mod plan;
mod state;

pub(super) use check::check;
pub(crate) use check::is_policy_name;
pub use plan::{PatchPolicy, PolicyTargets, SelectedBaseline};
pub use state::{PatchPolicyState, PolicyStatus};
