//! What a baseline approves: a pure function of baseline, patch and instant.

mod compiled;
mod delay;
mod glob;
mod list;
mod matching;
mod names;
mod preview;
mod verdict;

pub(crate) use list::{PackageEntry, covers};
pub(crate) use matching::{are_disjoint, members};
pub(crate) use names::is_notice_id;

use jiff::Timestamp;

pub use self::compiled::CompiledBaseline;
pub use self::preview::{
    ApprovalChange, ApprovalComparison, ApprovalEffect, ApprovalPreview, PatchPreview, Supersedure,
    VerdictChange, approvals, compare,
};
pub use self::verdict::{ApprovalDecision, ApprovalVerdict, ApprovedBy, NotApprovedReason};
use super::PatchBaseline;
use crate::types::Patch;

/// The verdict of a baseline on a patch at an instant, with its reason.
///
/// The order is the service's: the rejected list wins; the approved list bypasses the global
/// filters; otherwise any rule approves it if all its filters pass and its date has come (User
/// Guide, how patches are selected and how rules work).
///
/// The patch's product counts as the node's: a PRODUCT filter compares it, and its release decides
/// between yum and dnf.
///
/// A delay counts from the instant of release and approves after it has passed.
///
/// To judge many patches by one baseline, make it ready once: [`CompiledBaseline`].
///
/// ```
/// use aws_patch_manager::baseline::approval::{ApprovalVerdict, evaluate};
/// use aws_patch_manager::baseline::{
///     Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchBaseline, PatchFilter,
///     PatchFilterGroup, PatchFilterKey,
/// };
/// use aws_patch_manager::types::{OperatingSystem, Patch};
///
/// let mut spec = BaselineSpec::new("security", OperatingSystem::AmazonLinux2023);
/// let security = PatchFilter::new(PatchFilterKey::Classification, ["Security"]);
/// spec.approval_rules = ApprovalRules::new(vec![ApprovalRule::new(
///     PatchFilterGroup::new(vec![security]),
///     Approval::AfterDays(7),
/// )]);
/// let baseline = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec);
///
/// let mut patch = Patch::default();
/// patch.classification = Some("Security".to_owned());
/// patch.severity = Some("Important".to_owned());
/// patch.release_date = Some("2026-07-07T18:00:00Z".parse()?);
///
/// let before = evaluate(&baseline, &patch, "2026-07-14T18:00:00Z".parse()?);
/// assert!(matches!(before, ApprovalVerdict::Pending { rule: 0, .. }));
/// let after = evaluate(&baseline, &patch, "2026-07-14T18:00:01Z".parse()?);
/// assert!(after.is_approved());
/// assert_eq!(after.to_string(), "approved by rule 0 since 2026-07-14T18:00:00Z");
/// # Ok::<(), jiff::Error>(())
/// ```
pub fn evaluate(baseline: &PatchBaseline, patch: &Patch, at: Timestamp) -> ApprovalVerdict {
    CompiledBaseline::for_patch(baseline, patch).evaluate(patch, at)
}
