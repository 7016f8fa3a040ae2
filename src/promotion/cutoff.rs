//! Moves the cut-off dates of a baseline.

use std::fmt::{self, Write};

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use serde::Serialize;

use crate::baseline::{Approval, BaselineSpec, OsRules, PatchBaseline};
use crate::error::{Error, Result, Violation};
use crate::lines::Lines;
use crate::types::Difference;

const FIELD: &str = "ApproveUntilDate";

/// A baseline whose cut-off dates were moved. `Display` prints its name and the differences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MovedCutoff {
    /// The baseline with the new dates, for [`ensure_baseline`](crate::PatchManager::ensure_baseline).
    pub spec: BaselineSpec,
    /// What changes; empty if the dates are those already.
    pub differences: Vec<Difference>,
}

/// Moves the cut-off dates of a baseline forward, so that the latest becomes this date.
///
/// The other cut-offs keep their distance from it: the rules of a [frozen](super::Promotion) baseline
/// differ by their delays. Rules with a delay stay as they are. A cut-off includes its whole day in UTC,
/// and may lie in the future.
///
/// ```
/// use aws_patch_manager::promotion::{advance_cutoff, latest_patch_tuesday};
/// use aws_patch_manager::types::OperatingSystem;
/// use aws_patch_manager::{BaselineBuilder, PatchManager, RuleBuilder};
/// use aws_patch_manager::jiff::civil::date;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let rule = RuleBuilder::new().approve_until(date(2026, 4, 14));
/// let spec = BaselineBuilder::new("prod", OperatingSystem::Windows).rule(rule).build()?;
/// let id = manager.create_baseline(&spec).await?;
///
/// let today = date(2026, 5, 20);
/// let moved = advance_cutoff(&manager.baseline(&id).await?, latest_patch_tuesday(today, 0)?)?;
/// assert_eq!(
///     moved.differences[0].to_string(),
///     r#"ApprovalRules.PatchRules[0].ApproveUntilDate: "2026-04-14" -> "2026-05-12""#
/// );
/// manager.ensure_baseline(&moved.spec).await?;
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the date is before the latest cut-off
/// ([`move_cutoff`] moves back as well), if no rule has a cut-off, and on operating systems that ignore
/// release dates.
pub fn advance_cutoff(baseline: &PatchBaseline, date: Date) -> Result<MovedCutoff> {
    let latest = latest_cutoff(baseline)?;
    if date < latest {
        let legal = format!(
            "{latest} or later: an earlier cut-off takes back approvals; `move_cutoff` moves back"
        );
        return Err(refused(date.to_string(), legal));
    }
    moved(baseline, latest, date)
}

/// As [`advance_cutoff`], but moves back as well: patches released after the date are then no longer
/// approved. Nodes keep those that they have.
///
/// ```
/// use aws_patch_manager::promotion::{advance_cutoff, move_cutoff};
/// use aws_patch_manager::baseline::PatchBaseline;
/// use aws_patch_manager::types::OperatingSystem;
/// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
/// use aws_patch_manager::jiff::civil::date;
///
/// let rule = RuleBuilder::new().approve_until(date(2026, 5, 12));
/// let spec = BaselineBuilder::new("prod", OperatingSystem::Windows).rule(rule).build()?;
/// let baseline = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec);
/// assert!(advance_cutoff(&baseline, date(2026, 4, 14)).is_err());
/// assert_eq!(move_cutoff(&baseline, date(2026, 4, 14))?.differences.len(), 1);
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
///
/// # Errors
///
/// As [`advance_cutoff`], but for the direction.
pub fn move_cutoff(baseline: &PatchBaseline, date: Date) -> Result<MovedCutoff> {
    moved(baseline, latest_cutoff(baseline)?, date)
}

/// The latest day, this one included, that is so many days after a second Tuesday of a month.
///
/// Microsoft releases on the second Tuesday. `latest_patch_tuesday(today, 2)` is the last Thursday after
/// one that has come.
///
/// ```
/// use aws_patch_manager::promotion::latest_patch_tuesday;
/// use aws_patch_manager::jiff::civil::date;
///
/// assert_eq!(latest_patch_tuesday(date(2026, 5, 12), 0)?, date(2026, 5, 12));
/// assert_eq!(latest_patch_tuesday(date(2026, 5, 11), 0)?, date(2026, 4, 14));
/// assert_eq!(latest_patch_tuesday(date(2026, 5, 13), 2)?, date(2026, 4, 16));
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
///
/// # Errors
///
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the calendar ends before that day.
pub fn latest_patch_tuesday(on: Date, days_after: u8) -> Result<Date> {
    let days = i64::from(days_after).days();
    latest(on, days).map_err(|error| refused(on.to_string(), error.to_string()))
}

fn latest(on: Date, days: Span) -> std::result::Result<Date, jiff::Error> {
    let released_by = on.checked_sub(days)?;
    let second = released_by.nth_weekday_of_month(2, Weekday::Tuesday)?;
    let second = match second <= released_by {
        true => second,
        false => {
            let before = released_by.first_of_month().yesterday()?;
            before.nth_weekday_of_month(2, Weekday::Tuesday)?
        }
    };
    second.checked_add(days)
}

/// The latest cut-off of the rules.
fn latest_cutoff(baseline: &PatchBaseline) -> Result<Date> {
    let os = &baseline.operating_system;
    if OsRules::of(os).ignores_release_dates() {
        let legal =
            format!("{os} ignores release dates: freeze its baseline with a catalog instead");
        return Err(refused(os.to_string(), legal));
    }
    let rules = baseline.approval_rules.patch_rules.iter();
    let cutoffs = rules.filter_map(|rule| match rule.approval {
        Some(Approval::UntilDate(date)) => Some(date),
        _ => None,
    });
    cutoffs.max().ok_or_else(|| {
        let legal = "a baseline with a cut-off date: `Promotion::freeze` makes one of delays";
        refused(baseline.name.clone(), legal)
    })
}

/// The baseline with all cut-offs moved by the days from one date to another.
fn moved(baseline: &PatchBaseline, latest: Date, date: Date) -> Result<MovedCutoff> {
    let by = latest
        .until(date)
        .map_err(|error| refused(date.to_string(), error.to_string()))?;
    let mut spec = baseline.to_spec();
    for rule in &mut spec.approval_rules.patch_rules {
        if let Some(Approval::UntilDate(cutoff)) = &mut rule.approval {
            *cutoff = cutoff
                .checked_add(by)
                .map_err(|error| refused(date.to_string(), error.to_string()))?;
        }
    }
    let differences = baseline.diff(&spec);
    Ok(MovedCutoff { spec, differences })
}

fn refused(value: impl Into<String>, legal: impl Into<String>) -> Error {
    Error::invalid_input(vec![Violation::new(FIELD, value, legal)])
        .with_operation("CreatePatchBaseline")
}

impl fmt::Display for MovedCutoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        match self.differences.len() {
            0 => writeln!(f, "{}: unchanged", self.spec.name),
            _ => writeln!(f, "{}:", self.spec.name),
        }?;
        for difference in &self.differences {
            writeln!(f, "  {difference}")?;
        }
        Ok(())
    }
}
