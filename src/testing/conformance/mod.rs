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

pub mod associations;
pub mod baselines;
pub mod catalog;
pub mod command_listings;
pub mod commands;
pub mod compliance;
mod expect;
pub mod groups;
mod harness;
pub mod network;
pub mod nodes;
pub mod patch_state;
pub mod policies;
mod rule;
mod table;
pub mod tokens;
mod trial;
pub mod window_runs;
pub mod windows;

pub use harness::{Capability, Harness, Lack};
pub use rule::{Area, Check, Failure, Report, Rule, Verdict};
pub use table::RULES;
pub use trial::Trial;

/// Holds a backend to every rule, one after the other.
pub async fn run_all(harness: &dyn Harness) -> Report {
    let mut report = Report::default();
    for rule in RULES {
        report.verdicts.push((*rule, rule.check(harness).await));
    }
    report
}
