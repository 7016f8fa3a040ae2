mod check;
mod parameters;
mod plan;
mod state;

pub(super) use check::check;
pub(crate) use check::{check_as_service, check_region, is_policy_name};
#[cfg(feature = "emulator")]
pub(crate) use parameters::REQUIRED_PARAMETERS;
pub(super) use parameters::{ATTACH, OTHER_PARAMETERS};
pub use plan::{PatchPolicy, PolicyTargets, SelectedBaseline};
pub use state::{PatchPolicyState, PolicyStatus};
