//! Step 1: which patches are approved, and when?
//!
//! A baseline answers this for one operating system. It has rules over product, classification and
//! severity, each with a delay or a cut-off date, a list of approved patches, and a list of
//! rejected patches. Build a baseline, create it in the account, and test it with a patch before it
//! runs:
//!
//! ```
//! use aws_patch_manager::baseline::approval::evaluate;
//! use aws_patch_manager::types::{OperatingSystem, Patch, PatchComplianceLevel};
//! use aws_patch_manager::{BaselineBuilder, PatchManager, RuleBuilder};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let spec = BaselineBuilder::new("al2023-production", OperatingSystem::AmazonLinux2023)
//!     .rule(
//!         RuleBuilder::new()
//!             .classifications(["Security"])
//!             .severities(["Critical", "Important"])
//!             .approve_after_days(7)
//!             .compliance_level(PatchComplianceLevel::Critical),
//!     )
//!     .reject_patches(["kernel*"])
//!     .build()?;
//! let manager = PatchManager::in_memory();
//! let made = manager.ensure_baseline(&spec).await?;
//!
//! let baseline = manager.baseline(&made.id).await?;
//! let curl = Patch::rpm("curl", 0, "8.5.0", "1.amzn2023", "x86_64")
//!     .with_classification("Security")
//!     .with_severity("Important")
//!     .with_release_date("2026-05-04T09:00:00Z".parse()?);
//! let verdict = evaluate(&baseline, &curl, "2026-05-08T00:00:00Z".parse()?);
//! assert!(!verdict.is_approved());
//! println!("{verdict}");
//! let verdict = evaluate(&baseline, &curl, "2026-05-12T00:00:00Z".parse()?);
//! assert!(verdict.is_approved());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`BaselineBuilder`](crate::BaselineBuilder) has presets for the most common baselines, such as
//! [`windows_critical_and_security`](crate::BaselineBuilder::windows_critical_and_security).
//! [`from_json`](crate::BaselineBuilder::from_json) reads the input of `aws ssm
//! create-patch-baseline`, or the output of `aws ssm get-patch-baseline`, and refuses unknown
//! members. [`warnings`](crate::baseline::BaselineSpec::warnings) lists what is legal but probably
//! a mistake, such as a rule that can approve nothing.
//!
//! # Exceptions, and a repository of your own
//!
//! ```
//! use aws_patch_manager::BaselineBuilder;
//! use aws_patch_manager::baseline::{PatchAction, PatchSource};
//!
//! let repository = "[internal]\nname=Internal\nbaseurl=https://rpm.example.com/\nenabled=1";
//! let spec = BaselineBuilder::amazon_linux_2023_security("web-al2023", 7)
//!     .approve_patches(["openssl"]) // at once, whatever the rules say
//!     .reject_patches(["kernel*", "docker*"])
//!     .rejected_patches_action(PatchAction::Block) // not even as a dependency
//!     .source(PatchSource::new("internal", ["AmazonLinux2023"], repository))
//!     .build()?;
//! for warning in spec.warnings() {
//!     println!("{warning}"); // what holds if the repository has no update notices
//! }
//! # assert_eq!(spec.warnings().len(), 1);
//! # Ok::<(), aws_patch_manager::Error>(())
//! ```
//!
//! A baseline with sources replaces the repositories of the node: name AWS's too if it needs them. Only
//! Linux has sources.
//!
//! # Going round the registered baseline
//!
//! A run can bring its own: a [`BaselineOverride`](crate::operation::BaselineOverride) is a file of
//! baselines, and an [`InstallOverrideList`](crate::operation::InstallOverrideList) a list of what to
//! install and nothing else. Both lie in S3. [`put_object`](crate::MemoryBackend::put_object) stands for
//! it in memory, so that a test runs them:
//!
//! ```
//! use std::time::Duration;
//!
//! use aws_patch_manager::memory::{FleetNode, InstalledPackage};
//! use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};
//! use aws_patch_manager::{MemoryBackend, PatchManager, PatchRequest};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let account = MemoryBackend::sample();
//! let openssl = InstalledPackage::rpm("openssl", 1, "3.0.8", "1.amzn2023.0.1", "x86_64");
//! account.add_node(FleetNode::amazon_linux_2023("i-0123456789abcdef0").with_installed(openssl));
//!
//! let list = InstallOverrideList::new([OverriddenPatch::new("openssl.x86_64")])?;
//! assert_eq!(list.warnings().len(), 1); // without a title it names every version
//! account.put_object("s3://patching/openssl.json", list.to_json())?;
//! let install = PatchRequest::install()
//!     .nodes(["i-0123456789abcdef0"])
//!     .install_override_list("s3://patching/openssl.json");
//! let run = PatchManager::from_memory(&account).run(&install).await?;
//! assert!(run.wait(Duration::from_secs(3600)).await?.is_success());
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - On Linux a list updates packages that are installed, approved or not. Windows installs what it
//!   names only if the baseline approves it too. Compliance is still by the baseline. CVE ids name
//!   nothing in it.
//! - A run with a baseline override reports no compliance: its result is in its output.
//! - A [`snapshot_id`](crate::PatchRequest::snapshot_id) holds a baseline still over several runs.
//!
//! # Rules to know
//!
//! - **The order of decision.** The rejected list comes first. The approved list comes second;
//!   global filters do not apply to it. The rules come last: a rule approves a patch that passes
//!   all its filters, once the delay has passed or the date has come.
//!   [`approval`](crate::baseline::approval) makes this decision as a pure function:
//!   [`approvals`](crate::baseline::approval::approvals) says when each patch becomes approved, and
//!   [`compare`](crate::baseline::approval::compare) what a changed baseline gains and loses.
//! - **Filters of a rule are ANDed, values of a filter ORed.** Two rules are an OR.
//! - **The keys depend on the system.** Windows has `PRODUCT`, `CLASSIFICATION`, `MSRC_SEVERITY`,
//!   `PRODUCT_FAMILY` and `PATCH_SET`. The rpm systems have `SEVERITY` instead of `MSRC_SEVERITY`.
//!   Debian and Ubuntu have `PRIORITY` and `SECTION`. `build()` reports all keys that the system
//!   does not have.
//! - **A value that this version does not list** is refused if the list is closed, as for
//!   severities, because it would match nothing.
//!   [`allow_unlisted_values`](crate::BaselineBuilder::allow_unlisted_values) permits it. The list
//!   of products is open: an unlisted product is a
//!   [warning](crate::baseline::BaselineSpec::warnings). Only the products of Amazon Linux 1 are a
//!   closed list, and the service refuses a product of an application in a rule without
//!   `PATCH_SET`. `*` means every value; `All` is not a value.
//! - **Linux approves only packages with an update notice**, including bug fixes, unless
//!   [`enable_non_security`](crate::RuleBuilder::enable_non_security) is on. With dnf, the notice
//!   also needs a severity. With apt, the package needs to come from a security archive. With
//!   zypper, every package is a candidate.
//! - **A patch without a severity passes a filter over severities only if the value is `*`**, even
//!   with `enable_non_security`.
//! - **CentOS has no update notices.** A rule approves something there only with
//!   `enable_non_security` and without `CLASSIFICATION` and `SEVERITY`. The same is true for custom
//!   repositories without notices.
//! - **A Windows rule without `PATCH_SET` is about Windows itself**, not about Microsoft's
//!   applications. `PATCH_SET=APPLICATION` matches all applications, or those of the products in
//!   the same rule.
//! - **The delay is in days of 24 hours**, 0 to 360, from the instant of the release, or on Linux
//!   from the last update of the advisory. A patch is approved after the delay. A cut-off date
//!   includes its whole UTC day. Ubuntu, Debian and Raspberry Pi OS have no release dates: the
//!   service stores a delay, but nodes ignore it.
//! - **A Windows node does not comply while a security update waits for its delay**, unless the
//!   baseline says that [available security
//!   updates](crate::BaselineBuilder::available_security_updates_compliance_status) are compliant.
//! - **Amazon Linux 2023 is patched from its latest repository version**, even if the node is
//!   locked to an older one.
//! - **Names are not unique.** The service creates a second baseline of the same name without an
//!   error. [`ensure_baseline`](crate::PatchManager::ensure_baseline) looks for the name first and
//!   updates what differs. If two baselines have the name, it fails with `Ambiguous`.
//!
//! # What it costs
//!
//! `build` and `evaluate` make no call. `ensure_baseline` makes one DescribePatchBaselines for each
//! page of your own baselines, one GetPatchBaseline if a baseline has the name, and at most one
//! write.
//!
//! # Next
//!
//! [Patch groups](super::patch_groups) say which nodes use the baseline. A [patch
//! policy](super::patch_policies) can name it directly.
