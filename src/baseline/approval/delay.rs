use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::baseline::Approval;
use crate::types::{OperatingSystem, OsFamily, Patch};

/// Whether a rule's delay or cut-off date approves a patch that passes its filters.
pub(super) enum Due {
    /// Approved since this instant; `None` if dates are ignored.
    Since(Option<Timestamp>),
    /// Approved once this instant has passed.
    After(Timestamp),
    /// Never: it came after the cut-off.
    Never,
}

/// Compares a patch with a rule's delay or cut-off date at an instant.
///
/// A delay counts days of 24 hours from the instant of release. It approves after its last instant,
/// not at it (API reference, `PatchRule`; until 2026 it described whole UTC days). A cut-off
/// includes its whole UTC day. A rule with neither has a delay of 0 days.
///
/// apt has no release dates, so a rule approves at once. A patch without a date counts as released
/// at the epoch, so that any delay has passed (User Guide, release dates).
pub(super) fn due(
    approval: Option<Approval>,
    patch: &Patch,
    os: &OperatingSystem,
    at: Timestamp,
) -> Due {
    if os.family() == OsFamily::Apt {
        return Due::Since(None);
    }
    let released = patch.release_date.unwrap_or(Timestamp::UNIX_EPOCH);
    if let Some(Approval::UntilDate(cutoff)) = approval {
        let in_time = released.to_zoned_datetime(TimeZone::UTC).date() <= cutoff;
        return if in_time {
            Due::Since(Some(released))
        } else {
            Due::Never
        };
    }
    let end = end_of_delay(approval, released);
    if end < at {
        Due::Since(Some(end))
    } else {
        Due::After(end)
    }
}

/// The end of a rule's delay for a patch of this release. A cut-off date has no delay.
pub(super) fn end_of_delay(approval: Option<Approval>, released: Timestamp) -> Timestamp {
    let days = match approval {
        Some(Approval::AfterDays(days)) => days,
        Some(Approval::UntilDate(_)) | None => 0,
    };
    released
        .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(Timestamp::MAX)
}
