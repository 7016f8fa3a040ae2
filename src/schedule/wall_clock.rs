//! From local times to instants.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// The first instant after `after` of one of some local times in this zone.
///
/// `next` returns the first of the local times from a given one on, in whole seconds. A local time
/// that the clock skips is later by the length of the skip; one that comes twice counts the first
/// time. So the order of instants is not always the order of local times.
pub(super) fn first_after(
    zone: &TimeZone,
    after: Timestamp,
    next: impl Fn(DateTime) -> Option<DateTime>,
) -> Option<Timestamp> {
    let after = second_after(after)?;
    let offset = zone.to_offset(after);
    let shown = offset.to_datetime(after);
    let Some((change, old)) = last_change(zone, after) else {
        return first_from(zone, shown, &next);
    };
    // After the clock went back, its times have come before, until it reaches the old time.
    let regular = first_from(zone, shown.max(old.to_datetime(change)), &next);
    // After it went forward, the skipped local times are due by the old offset.
    let skip_ends = offset.to_datetime(change);
    let from = old.to_datetime(after);
    let skipped = (from < skip_ends)
        .then(|| next(from))
        .flatten()
        .filter(|local| *local < skip_ends)
        .and_then(|local| old.to_timestamp(local).ok());
    regular.into_iter().chain(skipped).min()
}

/// The first instant of the local times from `from` on.
fn first_from(
    zone: &TimeZone,
    from: DateTime,
    next: &impl Fn(DateTime) -> Option<DateTime>,
) -> Option<Timestamp> {
    let due = zone.to_ambiguous_timestamp(next(from)?);
    let AmbiguousOffset::Gap { after, .. } = due.offset() else {
        return due.compatible().ok();
    };
    let first = due.compatible().ok()?;
    // A local time right after the skip comes before one late in it.
    let (change, _) = last_change(zone, first)?;
    let regular = next(after.to_datetime(change));
    let regular = regular.and_then(|local| zone.to_timestamp(local).ok());
    regular.into_iter().chain([first]).min()
}

/// The last change of the zone's offset up to a whole second, and the offset before it.
fn last_change(zone: &TimeZone, second: Timestamp) -> Option<(Timestamp, Offset)> {
    let change = zone.preceding(second_after(second)?).next()?.timestamp();
    let before = Timestamp::from_second(change.as_second() - 1).ok()?;
    Some((change, zone.to_offset(before)))
}

/// The first whole second after an instant.
fn second_after(instant: Timestamp) -> Option<Timestamp> {
    // Before 1970, truncation rounds a second up.
    let next = i64::from(instant.subsec_nanosecond() >= 0);
    Timestamp::from_second(instant.as_second() + next).ok()
}
