//! Many accounts and Regions: one patch run in all of them by Automation, and a patch policy for all of
//! them by Quick Setup.
//!
//! # One patch run
//!
//! Automation starts a runbook in each account and Region.
//!
//! ```
//! use std::future::ready;
//! use std::time::Duration;
//!
//! use aws_patch_manager::automation::{OrganizationRequest, PatchRunbook};
//! use aws_patch_manager::memory::{FleetNode, MemoryOrganization};
//! use aws_patch_manager::types::Target;
//! use aws_patch_manager::PatchManager;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! // Two accounts in one unit, in two Regions; in memory, instead of AWS.
//! let unit = "ou-ab12-production";
//! let accounts = ["222222222222", "333333333333"];
//! let regions = ["eu-central-1", "eu-west-1"];
//! let mut organization = MemoryOrganization::builder().unit(unit, None).regions(regions);
//! for account in accounts {
//!     organization = organization.account(account, unit);
//! }
//! let organization = organization.build()?;
//! for account in accounts {
//!     for region in regions {
//!         let node = FleetNode::amazon_linux_2023("i-0123456789abcdef0");
//!         let member = organization.member(account, region)?;
//!         member.add_node(node.with_tag("Environment", "production"));
//!     }
//! }
//! let central = organization.member(organization.management(), "eu-central-1")?;
//! let manager = PatchManager::from_memory(&central);
//!
//! // Once: the runbook, shared with every account in which it runs.
//! let runbook = PatchRunbook::new("Patch-Nodes").max_errors("10%".parse()?).share_with(accounts);
//! manager.ensure_patch_runbook(&runbook).await?;
//!
//! // For each run: which nodes, where, and how many accounts and Regions at the same time.
//! let request = OrganizationRequest::scan("Patch-Nodes")
//!     .target(Target::tag("Environment", ["production"]))
//!     .organizational_units([unit], regions)
//!     .location_max_concurrency("50%".parse()?)
//!     .location_max_errors("10%".parse()?);
//! println!("before the start, store the token {}", request.token());
//! let run = manager.run_organization(&request).await?;
//! println!("to resume the run, store its id {}", run.id());
//!
//! // The nodes are read in their own accounts: give a manager for each.
//! let managers = |account: String, region: String| {
//!     let member = organization.member(&account, &region);
//!     ready(member.map(|member| PatchManager::from_memory(&member)))
//! };
//! let outcome = run.wait_with_nodes(Duration::from_hours(4), managers).await?;
//! assert_eq!((outcome.locations.len(), outcome.nodes().count()), (4, 4));
//! println!("{outcome}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What has to be there
//!
//! - In the central account the role `AWS-SystemsManager-AutomationAdministrationRole`, which Systems
//!   Manager may assume and which may assume the role below; set it with
//!   [`assume_role`](crate::automation::OrganizationRequest::assume_role). The caller needs
//!   `iam:PassRole` on it.
//! - In every target account the role `AWS-SystemsManager-AutomationExecutionRole`, which the central
//!   account may assume. Without it the run fails in that account.
//!   [`for_organization_run`](crate::prerequisites::Prerequisites::for_organization_run) finds the accounts
//!   without it before the start.
//! - The runbook shared with every target account.
//! - To name organizational units, the management account or a delegated administrator.
//!
//! # Limits
//!
//! The limits of a location count accounts and Regions, not nodes: one at a time and no error, if not
//! set. The limits of [`PatchRunbook`] count the nodes in one account and Region.
//! [`each_node`](crate::automation::OrganizationRequest::each_node) starts the runbook once for each
//! node instead, with limits of its own.
//!
//! # What a success is
//!
//! Automation calls a run a success also if its target matches no node, and a location that its limits
//! tolerate may have failed. The outcome's [`exit_code`](crate::automation::OrganizationOutcome::exit_code) is
//! 0 only if no location failed; with [`wait_with_nodes`](crate::manager::OrganizationRun::wait_with_nodes), also
//! only if there are nodes and none of them failed.
//!
//! # After a crash or a lost reply
//!
//! The client token makes the start repeatable. Store it before the start, and start again with the
//! same request and token: the run that has started is returned. With its id,
//! [`resume_organization`](crate::PatchManager::resume_organization) follows it from any process.
//!
//! # What it costs
//!
//! A poll is one call, however many accounts there are. At the end there is one listing for each 50
//! accounts and Regions, and none in the accounts. Reading the nodes takes, in each account and
//! Region, the calls that the outcome of a run takes.
//! [`OrganizationRequest::explain`](crate::automation::OrganizationRequest::explain) counts all of them before
//! the start, and [`ProgressWatch::during`](crate::ProgressWatch::during) says how far the run is.
//!
//! # Which nodes there are
//!
//! A run says what came of the nodes that it found. Which nodes the organization has, and which of them the run
//! or a report never saw, it cannot say: an account that is not in its target locations is no failure. The
//! unified console of Systems Manager knows all of them. One listing in the account that administers Systems
//! Manager for the organization, in the home Region, returns them with account, Region, platform and status:
//!
//! ```
//! # use std::future::ready;
//! # use std::time::Duration;
//! # use aws_patch_manager::automation::{OrganizationRequest, PatchRunbook};
//! # use aws_patch_manager::memory::{FleetNode, MemoryOrganization};
//! # use aws_patch_manager::types::Target;
//! use aws_patch_manager::PatchManager;
//! use aws_patch_manager::organization::{NodeQuery, NodeReach};
//! use aws_patch_manager::types::NodeAttributeName;
//! use futures_util::TryStreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! # let unit = "ou-ab12-production";
//! # let organization = MemoryOrganization::builder()
//! #     .unit(unit, None)
//! #     .account("222222222222", unit)
//! #     .account("333333333333", unit)
//! #     .build()?;
//! # for account in ["222222222222", "333333333333"] {
//! #     let node = FleetNode::amazon_linux_2023("i-0123456789abcdef0");
//! #     organization.member(account, "us-east-1")?.add_node(node.with_tag("Env", "production"));
//! # }
//! # let central = organization.member(organization.management(), "us-east-1")?;
//! # let manager = PatchManager::from_memory(&central);
//! # let runbook = PatchRunbook::new("Patch-Nodes").share_with(["222222222222"]);
//! # manager.ensure_patch_runbook(&runbook).await?;
//! # let request = OrganizationRequest::scan("Patch-Nodes")
//! #     .target(Target::tag("Env", ["production"]))
//! #     .accounts(["222222222222"], ["us-east-1"]);
//! # let run = manager.run_organization(&request).await?;
//! # let managers = |account: String, region: String| {
//! #     let member = organization.member(&account, &region);
//! #     ready(member.map(|member| PatchManager::from_memory(&member)))
//! # };
//! # let outcome = run.wait_with_nodes(Duration::from_hours(4), managers).await?;
//! let everywhere = NodeQuery::organization();
//! for row in manager.summarize_nodes(&everywhere, [NodeAttributeName::PlatformName]).await? {
//!     println!("{row}"); // 2 nodes: PlatformName Amazon Linux
//! }
//! let nodes: Vec<_> = manager.find_nodes(&everywhere).try_collect().await?;
//! let reach = NodeReach::of_outcome(&nodes, &outcome);
//! println!("{reach}"); // 333333333333/us-east-1: 1 of 1 nodes not reached: i-… (not part of the run)
//! assert_eq!((nodes.len(), reach.unreached().count()), (2, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`NodeReach::of_report`] does the same for a report of a
//! [`FleetSweep`](crate::manager::FleetSweep). The listing has 50 nodes a page, knows no tags and no patches,
//! and is as old as each node's [`capture_time`](crate::types::Node::capture_time): ask it which nodes there are,
//! and a sweep what they lack. An account without the integrated experience of Systems Manager answers
//! [`Unsupported`](crate::ErrorKind::Unsupported), any other account or Region than the home
//! [`NotFound`](crate::ErrorKind::NotFound). It has not been compared with a real organization.
//!
//! # A patch policy
//!
//! In the management account Quick Setup deploys a patch policy to organizational units. Each account and
//! Region gets associations of its own, which scan and install there by their schedules;
//! [`patch_policies`](super::patch_policies) says more. A [`MemoryOrganization`] does the same on its clock:
//!
//! ```
//! use std::time::Duration;
//!
//! use aws_patch_manager::memory::{FleetNode, MemoryOrganization};
//! use aws_patch_manager::{ComplianceQuery, PatchManager, PolicySchedule};
//! use futures_util::TryStreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let unit = "ou-ab12-production";
//! let organization = MemoryOrganization::builder()
//!     .unit(unit, None)
//!     .account("222222222222", unit)
//!     .account("333333333333", unit)
//!     .regions(["eu-central-1", "eu-west-1"])
//!     .build()?;
//! let member = organization.member("222222222222", "eu-west-1")?;
//! member.add_node(FleetNode::amazon_linux_2023("i-0123456789abcdef0"));
//! organization.deny_region("333333333333", "eu-west-1")?;
//!
//! let central = organization.member(organization.management(), "eu-central-1")?;
//! let manager = PatchManager::from_memory(&central);
//! let policy = PolicySchedule::quick_setup_default("production")
//!     .organizational_units([unit])
//!     .regions(["eu-central-1", "eu-west-1"])
//!     .patch_policy()?;
//! let arn = manager.ensure_policy(&policy).await?.arn;
//! let within = Duration::from_mins(15);
//! let deployment = manager.wait_for_policy_deployment(&arn, within).await?;
//! assert_eq!(deployment.configurations.len(), 4);
//! for failed in deployment.failures() {
//!     println!("{failed}");
//! }
//! assert_eq!(deployment.failures().count(), 1);
//!
//! // A day later the nodes of the members are scanned.
//! organization.advance(Duration::from_hours(24));
//! let there = PatchManager::from_memory(&member);
//! let answers: Vec<_> = there.sweep(&ComplianceQuery::all()).try_collect().await?;
//! assert_eq!(answers.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What their nodes report comes together in one bucket by resource data syncs: see
//! [`exports`](super::exports). [`MemoryOrganization::write_data_syncs`] writes the files that they have
//! there.
//!
//! [`MemoryOrganization`]: crate::memory::MemoryOrganization
//! [`MemoryOrganization::write_data_syncs`]: crate::memory::MemoryOrganization::write_data_syncs
//! [`NodeReach::of_report`]: crate::organization::NodeReach::of_report
//! [`PatchRunbook`]: crate::automation::PatchRunbook
