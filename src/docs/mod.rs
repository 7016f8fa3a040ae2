//! Guides, compiled and run with the tests.
//!
//! | in this order | about |
//! |---|---|
//! | [`prerequisites`] | what must hold before a node can be patched |
//! | [`baselines`] | what is approved, and when |
//! | [`patch_groups`] | which baseline a node gets |
//! | [`tagging`] | how a node comes into its group |
//! | [`patch_policies`] | when it is scanned and patched, by which of three mechanisms |
//! | [`results`] | what came of a run, and how the fleet stands |
//! | [`testing`] | programs that patch, tested without an account |
//! | [`layers`] | what stands between a manager and its backend: read-only, audit, limits, your own |
//! | [`permissions`] | what a program must be allowed to do on AWS |
//! | [`scale`] | thousands of nodes, several accounts, and what it costs in calls |
//! | [`errors`] | what an error says, and what to do |
//! | [`observability`] | spans and events |
//! | [`migrating`] | from the raw SDK, Terraform, or scripts around the CLI |

pub mod baselines;
pub mod errors;
pub mod layers;
pub mod migrating;
pub mod observability;
pub mod patch_groups;
pub mod patch_policies;
pub mod permissions;
pub mod prerequisites;
pub mod results;
pub mod scale;
pub mod tagging;
pub mod testing;
