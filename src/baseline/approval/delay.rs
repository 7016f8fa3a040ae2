use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::baseline::Approval;
use crate::types::{OperatingSystem, OsFamily};

/// When a rule approves a patch that passes its filters.
///
/// A delay counts days of 24 hours from the instant of release. It approves after its last instant,
/// not at it (API reference, `PatchRule`; until 2026 it described whole UTC days). A cut-off
/// includes its whole UTC day. A rule with neither has a delay of 0 days.
#[derive(Debug, Clone, Copy)]
pub(super) enum Dates {
    /// At once: apt has no release dates.
    Ignored,
    /// Once this has passed since the release.
    After(SignedDuration),
    /// If it was released before this instant; at any if there is none.
    Before(Option<Timestamp>),
}

/// Whether a rule's delay or cut-off date approves a patch that passes its filters.
pub(super) enum Due {
    /// Approved, since so long after its release; `None` if dates are ignored.
    Since(Option<SignedDuration>),
    /// Approved once this has passed since its release.
    After(SignedDuration),
    /// Never: it came after the cut-off.
    Never,
}

impl Dates {
    pub(super) fn of(approval: Option<Approval>, os: &OperatingSystem) -> Self {
        match approval {
            _ if os.family() == OsFamily::Apt => Self::Ignored,
            Some(Approval::UntilDate(cutoff)) => {
                let next = cutoff.tomorrow().ok();
                let midnight = next.map(|day| day.to_datetime(Time::midnight()));
                Self::Before(
                    midnight.and_then(|midnight| TimeZone::UTC.to_timestamp(midnight).ok()),
                )
            }
            approval => Self::After(delay(approval)),
        }
    }
}

/// A patch's release and its age at an instant.
///
/// A patch without a date counts as released at the epoch, so that any delay has passed (User Guide,
/// release dates).
#[derive(Debug, Clone, Copy)]
pub(super) struct Age {
    released: Timestamp,
    age: SignedDuration,
}

impl Age {
    pub(super) fn of(released: Option<Timestamp>, at: Timestamp) -> Self {
        let released = released.unwrap_or(Timestamp::UNIX_EPOCH);
        Self {
            released,
            age: at.duration_since(released),
        }
    }

    /// Compares the patch with a rule's delay or cut-off date.
    pub(super) fn due(self, dates: Dates) -> Due {
        match dates {
            Dates::Ignored => Due::Since(None),
            Dates::Before(end) if end.is_none_or(|end| self.released < end) => {
                Due::Since(Some(SignedDuration::ZERO))
            }
            Dates::Before(_) => Due::Never,
            Dates::After(delay) if delay < self.age => Due::Since(Some(delay)),
            // The calendar holds no later end.
            Dates::After(delay) => {
                Due::After(delay.min(Timestamp::MAX.duration_since(self.released)))
            }
        }
    }

    /// The instant so long after the release.
    pub(super) fn end_of(self, delay: SignedDuration) -> Timestamp {
        end(self.released, delay)
    }
}

/// The end of a rule's delay for a patch of this release. A cut-off date has no delay.
pub(super) fn end_of_delay(approval: Option<Approval>, released: Timestamp) -> Timestamp {
    end(released, delay(approval))
}

fn end(released: Timestamp, delay: SignedDuration) -> Timestamp {
    released.checked_add(delay).unwrap_or(Timestamp::MAX)
}

fn delay(approval: Option<Approval>) -> SignedDuration {
    let days = match approval {
        Some(Approval::AfterDays(days)) => days,
        Some(Approval::UntilDate(_)) | None => 0,
    };
    SignedDuration::from_hours(24 * i64::from(days))
}
