//! Patch baselines: rules, lists, sources; what is legal per operating system; what gets approved and why.

pub mod approval;
mod filter;
mod rule;
mod source;
mod spec;
mod stored;

pub use filter::{PatchFilter, PatchFilterGroup, PatchFilterKey};
pub use rule::{Approval, ApprovalRule, ApprovalRules};
pub use source::{PatchAction, PatchSource};
pub use spec::BaselineSpec;
pub use stored::{BaselineChanges, DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity};
