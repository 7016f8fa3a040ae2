use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::baseline::Approval;
use crate::types::{OperatingSystem, OsFamily, Patch};

/// How `ApproveAfterDays` is counted; the sources differ by hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DelayRule {
    /// By UTC calendar day: released on the 7th with 7 days is approved from the 14th at 00:00. The
    /// current User Guide's rule, and the default.
    #[default]
    UtcDay,
    /// By elapsed hours: days times 24 hours after the release, as nodes counted in 2021.
    Elapsed,
}

/// What a rule's date says of a patch that passes its filters.
pub(super) enum Due {
    /// Approved since this instant; `None` where dates are not looked at.
    Since(Option<Timestamp>),
    /// Approved from this instant on.
    From(Timestamp),
    /// Never: it came after the cut-off.
    Never,
}

/// Where a patch stands with a rule's delay or cut-off at an instant.
///
/// apt knows no release dates, so there a rule approves at once. A patch without a date counts as
/// released at the epoch, so that any delay has passed.
pub(super) fn due(
    approval: Option<Approval>,
    patch: &Patch,
    os: &OperatingSystem,
    at: Timestamp,
    counted: DelayRule,
) -> Due {
    if os.family() == OsFamily::Apt {
        return Due::Since(None);
    }
    let released = patch.release_date.unwrap_or(Timestamp::UNIX_EPOCH);
    match approval {
        Some(Approval::UntilDate(cutoff)) => {
            if released.to_zoned_datetime(TimeZone::UTC).date() <= cutoff {
                Due::Since(Some(released))
            } else {
                Due::Never
            }
        }
        Some(Approval::AfterDays(days)) => {
            let from = approval_instant(released, days, counted);
            if from <= at {
                Due::Since(Some(from))
            } else {
                Due::From(from)
            }
        }
        None => Due::Since(Some(released)),
    }
}

fn approval_instant(released: Timestamp, days: u32, counted: DelayRule) -> Timestamp {
    let start = match counted {
        DelayRule::Elapsed => released,
        DelayRule::UtcDay => released
            .to_zoned_datetime(TimeZone::UTC)
            .start_of_day()
            .map_or(released, |midnight| midnight.timestamp()),
    };
    start
        .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(Timestamp::MAX)
}
