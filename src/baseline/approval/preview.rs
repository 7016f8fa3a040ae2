//! What a baseline makes of patches over time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::delay::end_of_delay;
use super::verdict::{join, reasons_in_words};
use super::{ApprovalVerdict, CompiledBaseline};
use crate::baseline::{Approval, PatchBaseline};
use crate::types::Patch;

/// Previews what a baseline makes of patches, from an instant until another.
///
/// The verdicts are those of [`evaluate`](super::evaluate) at each instant. A patch is superseded from the release of
/// the first of `patches` that names it in [`supersedes`](Patch::supersedes), for the same product:
/// the service then drops it from its catalog, approved or not.
///
/// ```
/// use aws_patch_manager::BaselineBuilder;
/// use aws_patch_manager::baseline::PatchBaseline;
/// use aws_patch_manager::baseline::approval::approvals;
/// use aws_patch_manager::types::Patch;
/// use aws_patch_manager::jiff::Timestamp;
///
/// let spec = BaselineBuilder::windows_critical_and_security("prod", 7).build()?;
/// let baseline = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec);
/// let mut patch = Patch::default();
/// patch.kb_number = Some("KB5000001".to_owned());
/// patch.classification = Some("SecurityUpdates".to_owned());
/// patch.msrc_severity = Some("Critical".to_owned());
/// patch.release_date = Some("2026-05-12T17:00:00Z".parse()?);
///
/// let from: Timestamp = "2026-05-14T00:00:00Z".parse()?;
/// let until: Timestamp = "2026-06-01T00:00:00Z".parse()?;
/// let preview = approvals(&baseline, &[patch], from..until);
/// assert_eq!(preview.patches[0].approved_at, Some("2026-05-19T17:00:00Z".parse()?));
/// println!("{preview}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn approvals(
    baseline: &PatchBaseline,
    patches: &[Patch],
    period: Range<Timestamp>,
) -> ApprovalPreview {
    let superseded = superseded(patches);
    let compiled = CompiledBaseline::new(baseline);
    let patches = patches.iter().map(|patch| {
        let key = (patch.product.as_deref(), patch.kb_number.as_deref());
        let superseded = superseded.get(&key).copied();
        preview(baseline, &compiled, patch, &period, superseded)
    });
    ApprovalPreview {
        from: period.start,
        until: period.end,
        patches: patches.collect(),
    }
}

/// What a baseline makes of patches over a period. `Display` prints a line for each patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ApprovalPreview {
    /// The beginning of the period.
    pub from: Timestamp,
    /// Its end, which is no longer in it.
    pub until: Timestamp,
    /// The patches, in the order given.
    pub patches: Vec<PatchPreview>,
}

/// What a baseline makes of one patch over a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchPreview {
    /// The KB number on Windows, `name.arch` on Linux, else the id.
    pub patch: String,
    /// The verdict at the beginning of the period.
    pub verdict: ApprovalVerdict,
    /// The verdicts that follow, each with the instant after which it holds.
    pub changes: Vec<VerdictChange>,
    /// When the patch becomes approved: in the period, or before it. Absent if it is not approved
    /// by the end, if a list approves it, or if the system has no release dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
    /// The patch that supersedes it before the end of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded: Option<Supersedure>,
    /// Why nothing approves it: the filter's key, the values that the patch has, and those that the
    /// rule takes. Empty for other verdicts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// A verdict, and the instant after which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct VerdictChange {
    /// The instant.
    pub after: Timestamp,
    /// The verdict.
    pub verdict: ApprovalVerdict,
}

/// That a newer patch takes the place of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Supersedure {
    /// The newer patch.
    pub by: String,
    /// When it is released.
    pub at: Timestamp,
}

impl PatchPreview {
    /// The verdict at the end of the period.
    pub fn last_verdict(&self) -> &ApprovalVerdict {
        self.changes
            .last()
            .map_or(&self.verdict, |change| &change.verdict)
    }

    /// Whether a newer patch is out before this one is approved, so that it never installs.
    pub fn is_superseded_first(&self) -> bool {
        match (&self.superseded, self.approved_at) {
            (Some(superseded), Some(approved)) => superseded.at <= approved,
            (Some(_), None) => !self.last_verdict().is_approved(),
            (None, _) => false,
        }
    }
}

impl ApprovalPreview {
    /// The patches by the UTC day on which they become approved within the period.
    pub fn calendar(&self) -> BTreeMap<Date, Vec<&PatchPreview>> {
        let mut days: BTreeMap<Date, Vec<&PatchPreview>> = BTreeMap::new();
        let within = self.from..self.until;
        for patch in &self.patches {
            if let Some(at) = patch.approved_at.filter(|at| within.contains(at)) {
                let day = at.to_zoned_datetime(TimeZone::UTC).date();
                days.entry(day).or_default().push(patch);
            }
        }
        days
    }
}

impl fmt::Display for PatchPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.patch)?;
        if self.reasons.is_empty() {
            write!(f, "{}", self.verdict)?;
        } else {
            write!(f, "not approved: {}", self.reasons.join("; "))?;
        }
        for change in &self.changes {
            write!(f, "; after {}: {}", change.after, change.verdict)?;
        }
        if let Some(superseded) = &self.superseded {
            write!(
                f,
                "; superseded by {} from {}",
                superseded.by, superseded.at
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for ApprovalPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {} until {}", self.from, self.until)?;
        for patch in &self.patches {
            write!(f, "\n{patch}")?;
        }
        Ok(())
    }
}

/// What a changed baseline makes of patches that the first one does not.
///
/// Both are previewed over the same period by [`approvals`].
///
/// ```
/// use aws_patch_manager::BaselineBuilder;
/// use aws_patch_manager::baseline::PatchBaseline;
/// use aws_patch_manager::baseline::approval::compare;
/// use aws_patch_manager::jiff::Timestamp;
///
/// let after = |days| {
///     let spec = BaselineBuilder::windows_critical_and_security("prod", days).build()?;
///     Ok::<_, aws_patch_manager::Error>(PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec))
/// };
/// let from: Timestamp = "2026-05-14T00:00:00Z".parse()?;
/// let until: Timestamp = "2026-06-01T00:00:00Z".parse()?;
/// let comparison = compare(&after(7)?, &after(14)?, &[], from..until);
/// assert!(comparison.changes.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare(
    current: &PatchBaseline,
    desired: &PatchBaseline,
    patches: &[Patch],
    period: Range<Timestamp>,
) -> ApprovalComparison {
    let before = approvals(current, patches, period.clone());
    let after = approvals(desired, patches, period);
    let pairs = before.patches.into_iter().zip(after.patches);
    let changes = pairs.filter_map(|(before, after)| {
        let was = (before.last_verdict().is_approved(), before.approved_at);
        let is = (after.last_verdict().is_approved(), after.approved_at);
        (was != is).then(|| ApprovalChange {
            patch: before.patch.clone(),
            effect: match (was, is) {
                ((false, _), (true, _)) => ApprovalEffect::Gained,
                ((true, _), (false, _)) => ApprovalEffect::Lost,
                ((_, was), (_, is)) if is < was => ApprovalEffect::Earlier,
                _ => ApprovalEffect::Later,
            },
            before,
            after,
        })
    });
    ApprovalComparison {
        changes: changes.collect(),
    }
}

/// The patches that a changed baseline treats otherwise. `Display` prints a line for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ApprovalComparison {
    /// The patches, in the order given.
    pub changes: Vec<ApprovalChange>,
}

/// A patch that a changed baseline treats otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ApprovalChange {
    /// The patch.
    pub patch: String,
    /// What the change means for it.
    pub effect: ApprovalEffect,
    /// What the current baseline makes of it.
    pub before: PatchPreview,
    /// What the changed baseline makes of it.
    pub after: PatchPreview,
}

/// What a changed baseline means for a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum ApprovalEffect {
    /// It becomes approved, and did not.
    Gained,
    /// It is not approved any more.
    Lost,
    /// It is approved earlier.
    Earlier,
    /// It is approved later.
    Later,
}

impl fmt::Display for ApprovalEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gained => "gained",
            Self::Lost => "lost",
            Self::Earlier => "earlier",
            Self::Later => "later",
        })
    }
}

impl fmt::Display for ApprovalChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = |preview: &PatchPreview| match (preview.approved_at, preview.last_verdict()) {
            (Some(at), _) => format!("approved {at}"),
            (None, verdict) => verdict.to_string(),
        };
        let (before, after) = (date(&self.before), date(&self.after));
        write!(f, "{}: {}: {before} -> {after}", self.patch, self.effect)
    }
}

impl fmt::Display for ApprovalComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, &self.changes, "\n")
    }
}

fn preview(
    baseline: &PatchBaseline,
    compiled: &CompiledBaseline,
    patch: &Patch,
    period: &Range<Timestamp>,
    superseded: Option<&Patch>,
) -> PatchPreview {
    let verdict = compiled.evaluate(patch, period.start);
    let mut changes: Vec<VerdictChange> = Vec::new();
    for after in turning_points(baseline, patch, period) {
        let next = compiled.evaluate(patch, just_after(after));
        let last = changes.last().map_or(&verdict, |change| &change.verdict);
        if next != *last {
            let verdict = next;
            changes.push(VerdictChange { after, verdict });
        }
    }
    let all = std::iter::once(&verdict).chain(changes.iter().map(|change| &change.verdict));
    let approved_at = all.into_iter().find_map(|verdict| match verdict {
        ApprovalVerdict::Approved { since, .. } => *since,
        _ => None,
    });
    let superseded = superseded.and_then(|newer| {
        // A patch without a date is out since ever.
        let at = newer.release_date.unwrap_or(Timestamp::UNIX_EPOCH);
        let by = newer.kb_id();
        (at < period.end).then_some(Supersedure { by, at })
    });
    PatchPreview {
        patch: patch.kb_id(),
        reasons: reasons_in_words(&verdict, baseline, patch),
        verdict,
        changes,
        approved_at,
        superseded,
    }
}

/// The ends of the rules' delays within the period: between them no verdict changes.
fn turning_points(
    baseline: &PatchBaseline,
    patch: &Patch,
    period: &Range<Timestamp>,
) -> BTreeSet<Timestamp> {
    let Some(released) = patch.release_date else {
        return BTreeSet::new();
    };
    let rules = baseline.approval_rules.patch_rules.iter();
    let delayed = rules.filter(|rule| !matches!(rule.approval, Some(Approval::UntilDate(_))));
    let ends = delayed.map(|rule| end_of_delay(rule.approval, released));
    ends.filter(|end| period.contains(end)).collect()
}

fn just_after(instant: Timestamp) -> Timestamp {
    let moment = SignedDuration::from_nanos(1);
    instant.checked_add(moment).unwrap_or(Timestamp::MAX)
}

/// The first patch to supersede each KB number of a product.
fn superseded(patches: &[Patch]) -> BTreeMap<(Option<&str>, Option<&str>), &Patch> {
    let mut found: BTreeMap<(Option<&str>, Option<&str>), &Patch> = BTreeMap::new();
    for newer in patches {
        for older in &newer.supersedes {
            let key = (newer.product.as_deref(), Some(older.as_str()));
            let first = found.entry(key).or_insert(newer);
            if newer.release_date < first.release_date {
                *first = newer;
            }
        }
    }
    found
}
