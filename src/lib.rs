//! Automate OS patching with AWS Systems Manager Patch Manager: say what to patch, where and when;
//! run it; know what is compliant. It covers Windows, Linux and macOS.
//!
//! Start with [`PatchManager`]. This documentation calls its methods verbs. It works over backend
//! traits ([`backend`]), so your program runs unchanged against an in-memory Patch Manager
//! ([`memory`]), against AWS (feature `aws`), or against a mock or your own backend.
//!
//! # The five steps
//!
//! ```
//! use std::time::Duration;
//!
//! use aws_patch_manager::schedule::PolicyTargets;
//! use aws_patch_manager::types::{NodeId, RebootOption};
//! use aws_patch_manager::{
//!     BaselineBuilder, ComplianceQuery, PatchGroup, PatchManager, PatchRequest, PolicySchedule,
//! };
//! use futures_util::TryStreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//!
//! // 1. Which patches are approved, and when: a baseline for each operating system of the fleet.
//! let specs = [
//!     BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?,
//!     BaselineBuilder::amazon_linux_2023_security("prod-al2023", 7).build()?,
//!     BaselineBuilder::ubuntu_security("prod-ubuntu").build()?,
//! ];
//!
//! // 2. Which baseline a node gets: that of its patch group. The policy of step 4 names each too; for
//! //    other systems the adapter for AWS selects AWS's defaults.
//! let group = PatchGroup::new("web")?;
//! let mut policy = PolicySchedule::quick_setup_default("prod")
//!     .reboot(RebootOption::RebootIfNeeded)
//!     .targets(PolicyTargets::All);
//! for spec in specs {
//!     let baseline = manager.ensure_baseline(&spec).await?.id;
//!     manager.bind_patch_group(&group, &baseline).await?;
//!     policy = policy.baseline(spec.operating_system(), baseline, spec.name);
//! }
//!
//! // 3. The tag that puts nodes in the group, under the key that each node needs.
//! let nodes: Vec<NodeId> =
//!     manager.list_nodes().map_ok(|node| node.instance_id).try_collect().await?;
//! let report = manager.tag_nodes(&group, &nodes).await?;
//! assert!(report.is_complete());
//!
//! // 4. When: scan every day at 01:00, install on Sundays at 02:00, reboot if needed.
//! manager.ensure_policy(&policy.patch_policy()?).await?;
//!
//! // 5. The result: of a scan now, and of the fleet.
//! let run = manager.run(&PatchRequest::scan().nodes(nodes)).await?;
//! let outcome = run.wait(Duration::from_secs(2 * 3600)).await?;
//! println!("{outcome}");
//! let mut answers = manager.compliance(&ComplianceQuery::all());
//! while let Some(node) = answers.try_next().await? {
//!     println!("{node}");
//! }
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! For patches in stages, with a gate after each, see [`rollout`].
//!
//! Before the first step, [`PatchManager::check_prerequisites`] reports what keeps each node from
//! its patches.
//!
//! # What calls what
//!
#![doc = include_str!("docs/architecture.svg")]
//!
//! Specifications are plain data and do not depend on a backend. A backend does not depend on
//! [`PatchManager`]. `memory` and `aws` do not depend on each other, and one conformance suite
//! tests both against the same rules.
//!
//! | to | use |
//! |---|---|
//! | try it, or test what you build | [`PatchManager::in_memory`], or a [`MemoryBackend`] that the test controls |
//! | work on an account | `PatchManager::from_env()` with the features `aws`, `ec2` and `default-https-client` |
//! | make one call fail in a test | [`MemoryBackend::faults`], or a mock of one trait: feature `mock` |
//! | use your own implementation | a trait of [`backend`], and [`PatchManager::builder`] |
//!
//! # As JSON
//!
//! Answers, verdicts, reasons, changes, reports and errors implement `Serialize`. One convention
//! holds for all of them:
//!
//! - Member names are in PascalCase. A shape of the service uses the service's names, and reads
//!   what the AWS CLI prints.
//! - An absent member is left out.
//! - An enum of the service is the service's string, as `Display` prints it.
//! - An enum of this crate is the name of its variant: `"NeverScanned"`. A variant with data is an
//!   object with that name as its only member: `{"ScanTooOld":{"Since":"2026-01-01T00:00:00Z"}}`.
//!   [`prerequisites`] is the exception: it writes the words and codes that its report prints, such
//!   as `"endpoint-missing"`.
//! - An instant is ISO 8601 in UTC. A duration is ISO 8601 too: `"PT4H"`.
//! - An [`Error`] is an object with its kind, code, request id, and whether the call may be
//!   repeated.
//!
//! ```
//! use aws_patch_manager::compliance::NodeCompliance;
//!
//! let node = NodeCompliance::unknown("i-0123456789abcdef0");
//! let written = r#"{"Node":"i-0123456789abcdef0","Verdict":"Unknown","Unknown":"NeverScanned"}"#;
//! assert_eq!(serde_json::to_string(&node)?, written);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! These also implement `Deserialize`: specifications, the service's shapes, events, the reports of
//! compliance, deadlines and prerequisites, and what one process stores for another:
//! [`RolloutState`](rollout::RolloutState), [`Plan`](plan::Plan),
//! [`MirrorSnapshot`](plan::MirrorSnapshot), and [`SweepCheckpoint`](manager::SweepCheckpoint), which
//! has its own form. Where a type has `from_json`, prefer it: its error lists everything that is wrong,
//! with paths.
//!
//! # Guides
//!
//! [`docs`] has a guide for each step, and for testing, scale, errors, observability, and migrating
//! from the raw SDK or Terraform.
//!
//! # Features
//!
//! No feature is on by default, and the default build contains no AWS crate.
//!
//! | feature | what it adds |
//! |---|---|
//! | `mock` | mocks of every backend trait, made by mockall; exempt from semver |
//! | `aws` | the adapters for SSM and Quick Setup |
//! | `ec2` | the adapter for EC2: tags, instances, network; compiles aws-sdk-ec2, which takes minutes |
//! | `default-https-client` | HTTP and TLS for the adapters: the SDKs' default client |
//! | `sso` | sign-in through IAM Identity Center |
//! | `conformance` | the test suite for a backend that you write |
//! | `athena` | runs the queries of [`athena`] by aws-sdk-athena |
//! | `data-sync` | reads a fleet from what a resource data sync exports to S3, and the full output of runs |
//! | `tracing` | a span for every verb and every call; see [`docs::observability`] |
//! | `emulator` | the in-memory Patch Manager on a local port, for any AWS client |
//! | `emulator-cli` | the program `patch-manager-emulator`, which serves it |
//!
//! # Permissions
//!
//! The IAM actions that each group of verbs needs on AWS:
//!
//! | verbs | actions |
//! |---|---|
//! | baselines | `ssm:CreatePatchBaseline`, `ssm:UpdatePatchBaseline`, `ssm:GetPatchBaseline`, `ssm:DeletePatchBaseline`, `ssm:DescribePatchBaselines`, `ssm:GetDefaultPatchBaseline`, `ssm:RegisterDefaultPatchBaseline` |
//! | catalog | `ssm:DescribeAvailablePatches`, `ssm:DescribePatchProperties`, `ssm:DescribeEffectivePatchesForPatchBaseline` |
//! | groups | `ssm:RegisterPatchBaselineForPatchGroup`, `ssm:DeregisterPatchBaselineForPatchGroup`, `ssm:GetPatchBaselineForPatchGroup`, `ssm:DescribePatchGroups` |
//! | tags | `ec2:DescribeInstances`, `ec2:DescribeTags`, `ec2:CreateTags`, `ec2:DeleteTags`; for hybrid nodes, and for baselines, windows and associations of plans, `ssm:ListTagsForResource`, `ssm:AddTagsToResource`, `ssm:RemoveTagsFromResource` |
//! | power | `ec2:StartInstances`, `ec2:StopInstances`, `ec2:RebootInstances` |
//! | policies | `ssm-quicksetup:CreateConfigurationManager`, `ssm-quicksetup:GetConfigurationManager`, `ssm-quicksetup:UpdateConfigurationDefinition`, `ssm-quicksetup:UpdateConfigurationManager`, `ssm-quicksetup:DeleteConfigurationManager`, `ssm-quicksetup:ListConfigurationManagers`, `ssm-quicksetup:ListConfigurations`, `ssm-quicksetup:GetConfiguration`, `ssm:DescribePatchBaselines` |
//! | syncs | `ssm:CreateResourceDataSync`, `ssm:DeleteResourceDataSync`, `ssm:ListResourceDataSync`, `ssm:UpdateResourceDataSync` |
//! | windows | `ssm:CancelMaintenanceWindowExecution`, `ssm:CreateMaintenanceWindow`, `ssm:DeleteMaintenanceWindow`, `ssm:DeregisterTargetFromMaintenanceWindow`, `ssm:DeregisterTaskFromMaintenanceWindow`, `ssm:DescribeMaintenanceWindowExecutionTaskInvocations`, `ssm:DescribeMaintenanceWindowExecutionTasks`, `ssm:DescribeMaintenanceWindowExecutions`, `ssm:DescribeMaintenanceWindowSchedule`, `ssm:DescribeMaintenanceWindowTargets`, `ssm:DescribeMaintenanceWindowTasks`, `ssm:DescribeMaintenanceWindows`, `ssm:DescribeMaintenanceWindowsForTarget`, `ssm:GetMaintenanceWindow`, `ssm:GetMaintenanceWindowExecution`, `ssm:GetMaintenanceWindowExecutionTask`, `ssm:GetMaintenanceWindowExecutionTaskInvocation`, `ssm:GetMaintenanceWindowTask`, `ssm:RegisterTargetWithMaintenanceWindow`, `ssm:RegisterTaskWithMaintenanceWindow`, `ssm:UpdateMaintenanceWindow`, `ssm:UpdateMaintenanceWindowTarget`, `ssm:UpdateMaintenanceWindowTask`; `iam:PassRole` for the service role of a task |
//! | associations | `ssm:CreateAssociation`, `ssm:DeleteAssociation`, `ssm:DescribeAssociation`, `ssm:DescribeAssociationExecutionTargets`, `ssm:DescribeAssociationExecutions`, `ssm:DescribeEffectiveInstanceAssociations`, `ssm:DescribeInstanceAssociationsStatus`, `ssm:ListAssociationVersions`, `ssm:ListAssociations`, `ssm:StartAssociationsOnce`, `ssm:UpdateAssociation`; for the tag that marks a request `ssm:AddTagsToResource`, `ssm:ListTagsForResource`; `iam:PassRole` for a dispatch role |
//! | runs | `ssm:SendCommand` (on the document and on the nodes), `ssm:GetCommandInvocation`, `ssm:ListCommandInvocations`, `ssm:ListCommands`, `ssm:CancelCommand`; `iam:PassRole` for the role of notifications |
//! | automation | `ssm:CreateDocument`, `ssm:DescribeAutomationExecutions`, `ssm:DescribeAutomationStepExecutions`, `ssm:DescribeDocument`, `ssm:DescribeDocumentPermission`, `ssm:GetAutomationExecution`, `ssm:GetDocument`, `ssm:ListDocuments`, `ssm:ModifyDocumentPermission`, `ssm:StartAutomationExecution`, `ssm:StopAutomationExecution`, `ssm:UpdateDocument`, `ssm:UpdateDocumentDefaultVersion`; `iam:PassRole` for the role of Automation |
//! | nodes | `ssm:ListNodes`, `ssm:ListNodesSummary` |
//! | compliance | `ssm:DescribeInstanceInformation`, `ssm:DescribeInstancePatchStates`, `ssm:DescribeInstancePatchStatesForPatchGroup`, `ssm:DescribeInstancePatches`, `ssm:DescribeInstanceProperties`, `ssm:DescribePatchGroupState`, `ssm:ListComplianceItems`, `ssm:ListComplianceSummaries`, `ssm:ListResourceComplianceSummaries` |
//! | prerequisites | those of compliance, groups and tags, `ssm:GetDefaultPatchBaseline`, `ssm:GetPatchBaseline`, and `ec2:DescribeRouteTables`, `ec2:DescribeSecurityGroups`, `ec2:DescribeSubnets`, `ec2:DescribeVpcAttribute`, `ec2:DescribeVpcEndpoints`, `ssm:GetServiceSetting`; and of the optional `RoleInventory` `iam:GetInstanceProfile`, `iam:ListAttachedRolePolicies`, and for a patch policy `iam:ListRoleTags`; with data syncs `ssm:ListResourceDataSync`; with execution roles `sts:AssumeRole` on these |

#![forbid(unsafe_code)]
#![deny(missing_docs, missing_debug_implementations, unreachable_pub)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod athena;
pub mod automation;
#[cfg(feature = "aws")]
#[cfg_attr(docsrs, doc(cfg(feature = "aws")))]
pub mod aws;
pub mod backend;
pub mod baseline;
mod clock;
pub mod compliance;
mod counted;
#[cfg(feature = "data-sync")]
#[cfg_attr(docsrs, doc(cfg(feature = "data-sync")))]
pub mod data_sync;
pub mod docs;
#[cfg(feature = "emulator")]
#[cfg_attr(docsrs, doc(cfg(feature = "emulator")))]
pub mod emulator;
mod error;
pub mod event;
mod export;
pub mod exposure;
mod gate;
pub mod group;
mod in_flight;
mod lines;
pub mod manager;
pub mod memory;
pub mod operation;
pub mod organization;
mod page;
pub mod plan;
pub mod prerequisites;
mod progress;
pub mod promotion;
pub mod resource_data_sync;
pub mod rollout;
pub mod schedule;
#[cfg(any(feature = "aws", feature = "athena"))]
mod sdk_error;
mod spelling;
mod strict;
mod telemetry;
#[cfg(any(feature = "mock", feature = "conformance"))]
pub mod testing;
pub mod types;
mod visible;

/// The crate of the dates and times in this crate's API, in the version that it uses.
#[doc(no_inline)]
pub use jiff;

pub use baseline::{BaselineBuilder, RuleBuilder};
pub use clock::{Clock, ManualClock, SystemClock};
pub use compliance::ComplianceQuery;
pub use error::{Error, ErrorKind, Result, Violation};
pub use group::{PatchGroup, PatchGroupTagKey};
pub use manager::PatchManager;
pub use memory::MemoryBackend;
pub use operation::PatchRequest;
pub use page::{Page, PageRequest, PageToken, paginate};
pub use progress::{Progress, ProgressWatch};
pub use schedule::{PolicySchedule, Recurrence, ScheduleExpression};
pub use visible::Excerpt;

/// Compiles and runs the README's code, of which a part uses mocks.
#[cfg(all(doctest, feature = "mock"))]
#[doc = include_str!("../README.md")]
pub struct Readme;
