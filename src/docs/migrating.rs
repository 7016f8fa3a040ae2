//! Coming from the raw SDK, or from Terraform: the same job, side by side.
//!
//! Nothing has to be made anew. The verbs look for what is there by its name, take it over, and
//! change only what differs.
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
//! What else the raw SDK leaves to you:
//!
//! | by hand | here |
//! |---|---|
//! | a map of strings for AWS-RunPatchBaseline, `"Operation" -> ["Scan"]` | [`PatchRequest::scan`](crate::PatchRequest::scan), checked against the document |
//! | at most 50 ids per SendCommand | split, and followed as one [`PatchRun`](crate::manager::PatchRun) |
//! | polling GetCommandInvocation, and `InvocationDoesNotExist` for the first second | [`PatchRun::wait`](crate::manager::PatchRun::wait), which lists instead of asking node by node |
//! | a lost reply to SendCommand: the SDK sends it again, and the nodes are patched twice | sent once, looked up by a marker |
//! | `NextToken` on every listing, empty pages, a token that repeats | a stream |
//! | DescribeInstancePatchStates by 50, one after the other | [`sweep`](crate::PatchManager::sweep): batches overlap, failures name their nodes |
//! | error codes as strings of three services | [`ErrorKind`](crate::ErrorKind) |
//! | is it the tag `Patch Group` or `PatchGroup`? | [`tag_nodes`](crate::PatchManager::tag_nodes) asks each instance |
//! | a mocked HTTP connection in tests | [`MemoryBackend`](crate::MemoryBackend), or a mock of one trait |
//!
//! An `SdkConfig` that you have goes to [`PatchManager::builder`](crate::PatchManager::builder) with
//! the adapter that it makes (feature `aws`); clients with your own interceptors do, too. Operations
//! that this crate does not have stay where they are, on the same clients.
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
//! The same, taking over what Terraform made where it is there:
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
//! | none: it cannot run, wait or report | [`run`](crate::PatchManager::run), [`sweep`](crate::PatchManager::sweep), [`compliance_report`](crate::PatchManager::compliance_report) |
//! | none: an approval is seen once it happened | [`effective_patches`](crate::PatchManager::effective_patches), and the evaluation in [`baseline`](crate::baseline) |
//!
//! What Terraform does better, and why baselines and policies that never change at run time may well
//! stay there: it has a state, so it knows what it made and takes away what is no longer described,
//! and it plans before it acts. The verbs here know names only: what is not described is left alone.
//! Let one of the two own a resource, for each undoes the changes of the other.
//!
//! # From the AWS CLI
//!
//! Every type reads and writes the CLI's own JSON, so what a script saved can be used as it is:
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
