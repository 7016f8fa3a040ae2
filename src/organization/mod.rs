//! The nodes of an organization: which of them exist in which account and Region, and which of them a report
//! or a run did not reach.
//!
//! [`PatchManager::find_nodes`](crate::PatchManager::find_nodes) lists the nodes of all accounts and Regions by
//! a call to one of them, and [`summarize_nodes`](crate::PatchManager::summarize_nodes) counts them. Both need
//! the unified console of Systems Manager, set up for the organization. [`NodeReach`] compares the nodes with
//! what a report or a run in the accounts has seen.
//!
//! ```
//! use aws_patch_manager::compliance::ReportDetail;
//! use aws_patch_manager::manager::FleetSweep;
//! use aws_patch_manager::memory::{FleetNode, MemoryOrganization};
//! use aws_patch_manager::organization::{NodeQuery, NodeReach};
//! use aws_patch_manager::{ComplianceQuery, PatchManager};
//! use futures_util::TryStreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let organization = MemoryOrganization::builder()
//!     .unit("ou-ab12-production", None)
//!     .account("222222222222", "ou-ab12-production")
//!     .regions(["eu-central-1", "eu-west-1"])
//!     .build()?;
//! for region in ["eu-central-1", "eu-west-1"] {
//!     let member = organization.member("222222222222", region)?;
//!     member.add_node(FleetNode::amazon_linux_2023("i-0123456789abcdef0"));
//! }
//!
//! // Which nodes there are.
//! let central = organization.member(organization.management(), "eu-central-1")?;
//! let nodes = PatchManager::from_memory(&central).find_nodes(&NodeQuery::organization());
//! let nodes: Vec<_> = nodes.try_collect().await?;
//! assert_eq!(nodes.len(), 2);
//!
//! // Which of them a report has, whose sources are named `account/region`.
//! let member = organization.member("222222222222", "eu-central-1")?;
//! let swept = FleetSweep::new()
//!     .source("222222222222/eu-central-1", PatchManager::from_memory(&member));
//! let query = ComplianceQuery::all();
//! let report = swept.compliance_report("All", &query, ReportDetail::Verdicts).await?;
//! let reach = NodeReach::of_report(&nodes, &report);
//! assert!(!reach.is_complete());
//! println!("{reach}"); // 222222222222/eu-west-1: 1 of 1 nodes not reached
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod query;
mod reach;

pub use self::query::NodeQuery;
pub use self::reach::{LocationReach, NodeReach};
