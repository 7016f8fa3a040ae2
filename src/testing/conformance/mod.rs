//! The conformance suite: what every backend must do, with one function for each rule.
//!
//! A backend over another one, such as a cache, is checked around memory:
//!
//! ```
//! use std::sync::Arc;
//! use async_trait::async_trait;
//! use aws_patch_manager::backend::{DescribePatchBaselines, BaselineStore};
//! use aws_patch_manager::baseline::PatchBaselineIdentity;
//! use aws_patch_manager::testing::conformance::{MemoryHarness, run_all};
//! use aws_patch_manager::{MemoryBackend, Page, PatchManager, Result};
//!
//! /// Forwards one operation, and lacks the others.
//! #[derive(Debug)]
//! struct ListsBaselines(MemoryBackend);
//!
//! #[async_trait]
//! impl BaselineStore for ListsBaselines {
//!     async fn describe_patch_baselines(
//!         &self,
//!         request: DescribePatchBaselines,
//!     ) -> Result<Page<PatchBaselineIdentity>> {
//!         self.0.describe_patch_baselines(request).await
//!     }
//! }
//!
//! # async fn checked() {
//! let harness = MemoryHarness::around(|manager, account| {
//!     manager.baselines(Arc::new(ListsBaselines(account.clone())))
//! });
//! let report = run_all(&harness).await;
//! assert!(!report.is_success(), "it cannot create a baseline");
//! # }
//! ```
//!
//! Implement [`Harness`] for a backend with an account of its own.
//!
//! A failure is easier to read with one test for each rule: find the rule in [`RULES`] by name and
//! call [`Rule::check`]. A backend declares what it cannot do in [`Harness::lacks`]. The rules that
//! need it are reported as not applicable, with the reason, and do not count as passed.
//!
//! The rules are the service's own, from its models, its guide and its recorded answers. They
//! create resources under their own names and delete them, so they can run on an account that
//! others use. Rules that change a default need [`Capability::ChangeOfDefault`].

mod associations;
mod automation;
mod baselines;
mod catalog;
mod command_listings;
mod commands;
mod compliance;
mod data_syncs;
mod expect;
mod frozen;
mod groups;
mod harness;
mod memory;
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
mod walks;
mod window_runs;
mod windows;

pub use harness::{Capability, Harness, Lack};
pub use memory::MemoryHarness;
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
