//! Guides, compiled and run with the tests.
//!
//! | in this order | about |
//! |---|---|
//! | [`prerequisites`] | what must hold before a node can be patched |
//! | [`baselines`] | what is approved, and when |
//! | [`patch_groups`] | which baseline a node gets |
//! | [`tagging`] | how a node joins its group |
//! | [`patch_policies`] | when nodes are scanned and patched, and by which of three mechanisms |
//! | [`coverage`] | which schedules reach a node, and which node none reaches |
//! | [`results`] | the outcome of a run, and the compliance of the fleet |
//! | [`exposure`] | which patches are late, and which nodes a CVE can still hit |
//! | [`forecasting`] | a mirror of an account: dry runs, and what will happen until a day |
//! | [`promotion`] | development first, the same patches in production later |
//! | [`rollouts`] | patches in waves, with a gate after each, that survive a crash |
//! | [`events`] | EventBridge in place of polling: rules, a Lambda function, tests |
//! | [`organizations`] | many accounts and Regions: one run by Automation, one patch policy by Quick Setup |
//! | [`planning`] | a file that says what an account should have, the plan of what changes, and drift |
//! | [`testing`] | how to test your program without an account |
//! | [`layers`] | layers between a manager and its backend: read-only, audit, limits, your own |
//! | [`permissions`] | the IAM permissions that your program needs |
//! | [`scale`] | thousands of nodes, several accounts, and the number of calls |
//! | [`exports`] | many accounts without polling: resource data syncs, their files, and Athena |
//! | [`errors`] | what an error says, and what to do |
//! | [`reliability`] | what is promised when calls fail, programs end and two run at once, and how it is tested |
//! | [`observability`] | spans and events |
//! | [`migrating`] | from the raw SDK, Terraform, or scripts around the CLI |

pub mod baselines;
pub mod coverage;
pub mod errors;
pub mod events;
pub mod exports;
pub mod exposure;
pub mod forecasting;
pub mod layers;
pub mod migrating;
pub mod observability;
pub mod organizations;
pub mod patch_groups;
pub mod patch_policies;
pub mod permissions;
pub mod planning;
pub mod prerequisites;
pub mod promotion;
pub mod reliability;
pub mod results;
pub mod rollouts;
pub mod scale;
pub mod tagging;
pub mod testing;
