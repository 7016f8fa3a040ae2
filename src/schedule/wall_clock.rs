//! From the times that a clock on the wall shows to instants.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

const MOMENT: SignedDuration = SignedDuration::from_nanos(1);

/// The first instant after `after` at which a clock in this zone shows one of some local times.
///
/// `next` gives the first of the local times that is not before another.
/// A local time that the clock skips counts as late as the skip is long; one that it shows twice
/// counts when it is first shown. So the order of instants is not always that of local times.
pub(super) fn first_after(
    zone: &TimeZone,
    after: Timestamp,
    next: impl Fn(DateTime) -> Option<DateTime>,
) -> Option<Timestamp> {
    let after = after.checked_add(MOMENT).ok()?;
    let offset = zone.to_offset(after);
    let shown = offset.to_datetime(after);
    let Some((change, old)) = last_change(zone, after) else {
        return first_from(zone, shown, &next);
    };
    // After the clock went back, it shows what it showed already until it reaches the old time.
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

/// The first instant of the local times that are not before `from`.
fn first_from(
    zone: &TimeZone,
    from: DateTime,
    next: &impl Fn(DateTime) -> Option<DateTime>,
) -> Option<Timestamp> {
    let instant = |local| zone.to_timestamp(local).ok();
    let local = next(from)?;
    let first = instant(local)?;
    let AmbiguousOffset::Gap { after, .. } = zone.to_ambiguous_timestamp(local).offset() else {
        return Some(first);
    };
    // A local time right after the skip comes before one late in it.
    let (change, _) = last_change(zone, first)?;
    let regular = next(after.to_datetime(change)).and_then(instant);
    regular.into_iter().chain([first]).min()
}

/// When the zone's offset last changed, up to an instant, and the offset before.
fn last_change(zone: &TimeZone, instant: Timestamp) -> Option<(Timestamp, Offset)> {
    let later = instant.checked_add(MOMENT).ok()?;
    let change = zone.preceding(later).next()?.timestamp();
    let before = change.checked_sub(MOMENT).ok()?;
    Some((change, zone.to_offset(before)))
}
