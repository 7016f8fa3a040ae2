//! The conformance suite: what every backend must do, with one function for each rule.
//!
//! Implement [`Harness`] for your backend, and check it against every rule:
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
//! A failure is easier to read with one test for each rule: find the rule in [`RULES`] by name and
//! call [`Rule::check`]. A backend declares what it cannot do in [`Harness::lacks`]. The rules that
//! need it are reported as not applicable, with the reason, and do not count as passed.
//!
//! The rules are the service's own, from its models, its guide and its recorded answers. They
//! create resources under their own names and delete them, so they can run on an account that
//! others use. Rules that change a default need [`Capability::ChangeOfDefault`].

mod associations;
mod backends;
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
mod power;
mod rule;
mod table;
mod tokens;
mod trial;
mod undo;
mod window_runs;
mod windows;

pub use harness::{Capability, Harness, Lack};
use rule::Result;
pub use rule::{Area, Failure, Report, Rule, RuleOutcome};
pub use table::RULES;
use trial::Trial;

/// Checks a backend against every rule, one after the other.
pub async fn run_all(harness: &dyn Harness) -> Report {
    let mut report = Report::default();
    for rule in RULES {
        report.outcomes.push((*rule, rule.check(harness).await));
    }
    report
}
