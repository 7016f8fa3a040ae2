//! The conformance suite: what every backend must do, one function for each rule.
//!
//! Implement [`Harness`] over a backend of yours, and hold it to every rule:
//!
//! ```
//! use aws_patch_manager::testing::conformance::{Harness, run_all};
//!
//! async fn my_backend_conforms(harness: &dyn Harness) -> Result<(), String> {
//!     let report = run_all(harness).await;
//!     println!("{report}");
//!     if report.is_success() { Ok(()) } else { Err(report.to_string()) }
//! }
//! ```
//!
//! A test for each rule reads better when one fails; find it in [`RULES`] by name and call
//! [`Rule::check`]. What a backend cannot do it declares in [`Harness::lacks`]: the rules that need
//! it are reported as not applicable, with the reason, and never count as kept.
//!
//! The rules are the service's own, as its models, its guide and its recorded answers say them.
//! They make resources under names of their own and delete them, so that they can run on an account
//! that others use; those that change a default say so by [`Capability::ChangeOfDefault`].

mod associations;
mod baselines;
mod catalog;
mod command_listings;
mod commands;
mod compliance;
mod expect;
mod groups;
mod harness;
mod network;
mod nodes;
mod patch_state;
mod policies;
mod rule;
mod table;
mod tokens;
mod trial;
mod window_runs;
mod windows;

pub use harness::{Capability, Harness, Lack};
pub use rule::{Area, Failure, Report, Rule, RuleOutcome};
pub use table::RULES;
use trial::Trial;

/// Holds a backend to every rule, one after the other.
pub async fn run_all(harness: &dyn Harness) -> Report {
    let mut report = Report::default();
    for rule in RULES {
        report.outcomes.push((*rule, rule.check(harness).await));
    }
    report
}
