//! Patch baselines: rules, lists, sources; what is legal per operating system; what gets approved and why.

pub mod approval;
mod builder;
mod catalog;
mod filter;
mod presets;
mod rule;
mod rule_builder;
mod spec;
mod stored;
mod validate;
mod warnings;

pub use builder::BaselineBuilder;
pub use catalog::OsRules;
pub use filter::{PatchFilter, PatchFilterGroup, PatchFilterKey};
pub use rule::{Approval, ApprovalRule, ApprovalRules};
pub use rule_builder::RuleBuilder;
pub use spec::{BaselineSpec, PatchAction, PatchSource};
pub use stored::{BaselineChanges, DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity};
pub use warnings::Warning;

pub(crate) use catalog::{reach_applications, system_of};
pub(crate) use stored::shown as shown_member;
pub(crate) use validate::is_name;
