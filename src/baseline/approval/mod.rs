//! The only function that decides what a baseline approves: pure, of baseline, patch and instant.

mod delay;
mod glob;
mod matching;
mod names;
mod preview;
mod verdict;
mod words;

pub(crate) use matching::members;
pub(crate) use names::{PackageNames, is_notice_id};

use jiff::Timestamp;

use self::delay::{Due, due};
pub use self::preview::{
    ApprovalChange, ApprovalComparison, ApprovalEffect, ApprovalPreview, PatchPreview, Supersedure,
    VerdictChange, approvals, compare,
};
pub use self::verdict::{ApprovalVerdict, ApprovedBy, NotApprovedReason};
use super::{ApprovalRule, PatchBaseline};
use crate::types::{OperatingSystem, OsFamily, Patch, PatchComplianceLevel};

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
    let os = &baseline.operating_system;
    if let Some(entry) = names::rejected(&baseline.rejected_patches, patch, os) {
        return ApprovalVerdict::Rejected {
            entry: entry.to_owned(),
            action: baseline.rejected_patches_action.clone(),
        };
    }
    let mut tally = Tally::default();
    tally.list(baseline, patch);
    match matching::first_failing(&baseline.global_filters.patch_filters, patch, os) {
        Some(filter) => tally.reasons.push(NotApprovedReason::GlobalFilter(filter)),
        None => {
            for (index, rule) in baseline.approval_rules.patch_rules.iter().enumerate() {
                tally.rule(index, rule, patch, os, at);
            }
        }
    }
    tally.verdict()
}

/// The results of the list and the rules, before they are combined.
#[derive(Default)]
struct Tally {
    by: Vec<ApprovedBy>,
    level: PatchComplianceLevel,
    since: Option<Timestamp>,
    undated: bool,
    pending: Option<(Timestamp, usize)>,
    pending_level: PatchComplianceLevel,
    reasons: Vec<NotApprovedReason>,
}

impl Tally {
    fn list(&mut self, baseline: &PatchBaseline, patch: &Patch) {
        let os = &baseline.operating_system;
        let Some(entry) = names::approved(&baseline.approved_patches, patch, os) else {
            return;
        };
        if baseline.approved_patches_enable_non_security || is_security(patch, os) {
            let level = baseline.approved_patches_compliance_level.clone();
            self.approve(ApprovedBy::ListEntry(entry.to_owned()), level, None);
        } else {
            self.reasons
                .push(NotApprovedReason::ListedButNotSecurity(entry.to_owned()));
        }
    }

    fn rule(
        &mut self,
        index: usize,
        rule: &ApprovalRule,
        patch: &Patch,
        os: &OperatingSystem,
        at: Timestamp,
    ) {
        if let Some(filter) = matching::first_failing(&rule.filters.patch_filters, patch, os) {
            self.reasons.push(NotApprovedReason::RuleFilter {
                rule: index,
                filter,
            });
            return;
        }
        if matching::is_application_without_patch_set(&rule.filters.patch_filters, patch, os) {
            self.reasons
                .push(NotApprovedReason::NotOperatingSystem { rule: index });
            return;
        }
        if !rule.enable_non_security.unwrap_or_default() && !is_security(patch, os) {
            self.reasons
                .push(NotApprovedReason::NotSecurity { rule: index });
            return;
        }
        let level = rule.compliance_level.clone().unwrap_or_default();
        match due(rule.approval, patch, os, at) {
            Due::Since(since) => self.approve(ApprovedBy::Rule(index), level, since),
            Due::After(end) => self.wait(index, end, level),
            Due::Never => self
                .reasons
                .push(NotApprovedReason::AfterCutoff { rule: index }),
        }
    }

    fn approve(&mut self, by: ApprovedBy, level: PatchComplianceLevel, since: Option<Timestamp>) {
        self.by.push(by);
        self.level = self.level.clone().max(level);
        self.undated |= since.is_none();
        self.since = match (self.since, since) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    fn wait(&mut self, rule: usize, end: Timestamp, level: PatchComplianceLevel) {
        match self.pending {
            Some((earliest, _)) if earliest < end => {}
            Some((earliest, _)) if earliest == end => {
                self.pending_level = self.pending_level.clone().max(level);
            }
            _ => {
                self.pending = Some((end, rule));
                self.pending_level = level;
            }
        }
    }

    fn verdict(mut self) -> ApprovalVerdict {
        if !self.by.is_empty() {
            let since = self.since.filter(|_| !self.undated);
            return ApprovalVerdict::Approved {
                level: self.level,
                since,
                by: self.by,
            };
        }
        if let Some((until, rule)) = self.pending {
            return ApprovalVerdict::Pending {
                rule,
                until,
                level: self.pending_level,
            };
        }
        if self.reasons.is_empty() {
            self.reasons.push(NotApprovedReason::NothingApproves);
        }
        ApprovalVerdict::NotApproved {
            reasons: self.reasons,
        }
    }
}

/// Whether the patch passes the gate that `EnableNonSecurity` opens.
///
/// - yum: it stands in an update notice, hence has a classification, Bugfix included.
/// - dnf: its notice has a classification and a severity, which may be an empty text. The User Guide
///   (selecting patches) wants both on any rpm system; nodes with yum never asked for the severity,
///   so each tool counts as its nodes do.
/// - apt: it comes from a security archive, in any letter case.
/// - zypper, macOS and Windows have no gate.
fn is_security(patch: &Patch, os: &OperatingSystem) -> bool {
    match os.family() {
        OsFamily::Rpm => {
            let in_notice = patch
                .classification
                .as_deref()
                .is_some_and(|class| !class.is_empty());
            in_notice && (patch.severity.is_some() || os.uses_yum(patch.product.as_deref()))
        }
        OsFamily::Apt => patch.is_of_security_archive(),
        _ => true,
    }
}
