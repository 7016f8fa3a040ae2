//! Migrating from the raw SDK, Terraform or the AWS CLI: the same job, side by side.
//!
//! You do not need to create anything again. The verbs look for an existing resource by its name,
//! use it, and change only what differs.
//!
//! # From `aws-sdk-ssm`
//!
//! A baseline for Windows, made by hand:
//!
//! ```text
//! ssm.create_patch_baseline()
//!     .name("windows-production")
//!     .operating_system(OperatingSystem::Windows)
//!     .approval_rules(
//!         PatchRuleGroup::builder()
//!             .patch_rules(
//!                 PatchRule::builder()
//!                     .patch_filter_group(
//!                         PatchFilterGroup::builder()
//!                             .patch_filters(
//!                                 PatchFilter::builder()
//!                                     .key(PatchFilterKey::Classification)
//!                                     .values("CriticalUpdates")
//!                                     .values("SecurityUpdates")
//!                                     .build()?,
//!                             )
//!                             .build()?,
//!                     )
//!                     .approve_after_days(7)
//!                     .build()?,
//!             )
//!             .build()?,
//!     )
//!     .send()
//!     .await?;                       // a second run makes a second baseline of the same name
//! ```
//!
//! Here:
//!
//! ```
//! use aws_patch_manager::manager::Change;
//! use aws_patch_manager::types::OperatingSystem;
//! use aws_patch_manager::{BaselineBuilder, PatchManager, RuleBuilder};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory(); // or PatchManager::from_env().await
//! let spec = BaselineBuilder::new("windows-production", OperatingSystem::Windows)
//!     .rule(
//!         RuleBuilder::new()
//!             .classifications(["CriticalUpdates", "SecurityUpdates"])
//!             .approve_after_days(7),
//!     )
//!     .build()?;
//! let first = manager.ensure_baseline(&spec).await?;
//! let again = manager.ensure_baseline(&spec).await?;
//! assert_eq!(first.id, again.id);
//! assert!(matches!(again.change, Change::Unchanged));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The raw SDK leaves more to you:
//!
//! | by hand | here |
//! |---|---|
//! | a map of strings for AWS-RunPatchBaseline, `"Operation" -> ["Scan"]` | [`PatchRequest::scan`](crate::PatchRequest::scan), checked against the document |
//! | at most 50 ids per SendCommand | split, and followed as one [`PatchRun`](crate::manager::PatchRun) |
//! | polling GetCommandInvocation, and `InvocationDoesNotExist` for the first second | [`PatchRun::wait`](crate::manager::PatchRun::wait), which lists all nodes instead of polling each |
//! | a lost reply to SendCommand: the SDK sends it again, and the nodes are patched twice | sent once, found again by a request marker |
//! | `NextToken` on every listing, empty pages, a token that repeats | a stream |
//! | DescribeInstancePatchStates by 50, one after the other | [`sweep`](crate::PatchManager::sweep): batches overlap, failures name their nodes |
//! | error codes as strings of three services | [`ErrorKind`](crate::ErrorKind) |
//! | is it the tag `Patch Group` or `PatchGroup`? | [`tag_nodes`](crate::PatchManager::tag_nodes) finds the key for each instance |
//! | a mocked HTTP connection in tests | [`MemoryBackend`](crate::MemoryBackend), or a mock of one trait |
//!
//! With the feature `aws`, make the adapter from your `SdkConfig`, or from clients with your own
//! interceptors, and pass it to [`PatchManager::builder`](crate::PatchManager::builder). For
//! operations that this crate does not have, use the same clients as before.
//!
//! # From Terraform
//!
//! ```text
//! resource "aws_ssm_patch_baseline" "al2023" {
//!   name             = "al2023-production"
//!   operating_system = "AMAZON_LINUX_2023"
//!   rejected_patches = ["kernel*"]
//!   approval_rule {
//!     approve_after_days = 7
//!     patch_filter {
//!       key    = "CLASSIFICATION"
//!       values = ["Security"]
//!     }
//!     patch_filter {
//!       key    = "SEVERITY"
//!       values = ["Critical", "Important"]
//!     }
//!   }
//! }
//!
//! resource "aws_ssm_patch_group" "web" {
//!   baseline_id = aws_ssm_patch_baseline.al2023.id
//!   patch_group = "web"
//! }
//! ```
//!
//! The same here. It uses what Terraform has created:
//!
//! ```
//! use aws_patch_manager::types::OperatingSystem;
//! use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager, RuleBuilder};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let spec = BaselineBuilder::new("al2023-production", OperatingSystem::AmazonLinux2023)
//!     .reject_patches(["kernel*"])
//!     .rule(
//!         RuleBuilder::new()
//!             .classifications(["Security"])
//!             .severities(["Critical", "Important"])
//!             .approve_after_days(7),
//!     )
//!     .build()?;
//! let baseline = manager.ensure_baseline(&spec).await?;
//! manager.bind_patch_group(&PatchGroup::new("web")?, &baseline.id).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | Terraform | here |
//! |---|---|
//! | `aws_ssm_patch_baseline` | [`ensure_baseline`](crate::PatchManager::ensure_baseline) |
//! | `aws_ssm_default_patch_baseline` | [`set_default_baseline`](crate::PatchManager::set_default_baseline) |
//! | `aws_ssm_patch_group` | [`bind_patch_group`](crate::PatchManager::bind_patch_group) |
//! | `aws_ec2_tag` | [`tag_nodes`](crate::PatchManager::tag_nodes) |
//! | `aws_ssm_maintenance_window` with `_target` and `_task` | [`PolicySchedule::maintenance_windows`](crate::PolicySchedule::maintenance_windows), [`ensure_maintenance_window`](crate::PatchManager::ensure_maintenance_window) |
//! | `aws_ssm_association` | [`PolicySchedule::associations`](crate::PolicySchedule::associations), [`ensure_association`](crate::PatchManager::ensure_association) |
//! | `aws_ssmquicksetup_configuration_manager` | [`PolicySchedule::patch_policy`](crate::PolicySchedule::patch_policy), [`ensure_policy`](crate::PatchManager::ensure_policy) |
//! | nothing: Terraform cannot run, wait or report | [`run`](crate::PatchManager::run), [`sweep`](crate::PatchManager::sweep), [`compliance_report`](crate::PatchManager::compliance_report) |
//! | nothing: you see an approval only after it happens | [`effective_patches`](crate::PatchManager::effective_patches) for Windows, and the evaluation in [`baseline`](crate::baseline) for every system |
//!
//! Terraform has a state: it knows what it created, deletes what you no longer describe, and plans
//! before it acts. The verbs here only know names, and leave everything else unchanged. Baselines
//! and policies that never change at run time can therefore stay in Terraform. Manage each resource
//! with one of the two, because each overwrites the changes of the other.
//!
//! # From the AWS CLI
//!
//! The service's types read and write the CLI's JSON, so you can load what a script has saved:
//!
//! ```
//! use aws_patch_manager::baseline::PatchBaseline;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // aws ssm get-patch-baseline --baseline-id pb-0c0ffee0000000001 > baseline.json
//! let saved = r#"{
//!     "BaselineId": "pb-0c0ffee0000000001", "Name": "windows-production",
//!     "OperatingSystem": "WINDOWS", "ApprovedPatches": ["KB5090015"],
//!     "CreatedDate": 1480997823.81, "ModifiedDate": "2016-12-06T04:17:03.810000+00:00"
//! }"#;
//! let baseline: PatchBaseline = serde_json::from_str(saved)?;
//! assert_eq!(baseline.name, "windows-production");
//! # Ok(())
//! # }
//! ```
