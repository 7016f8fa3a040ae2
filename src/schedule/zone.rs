//! Time zones by name.

use jiff::tz::TimeZone;

use crate::error::Violations;

const LEGAL: &str = "the IANA name of a time zone, such as `Europe/Berlin` or `UTC`";

/// The zone of this IANA name, in any case. An unknown name, such as `Etc/Unknown`, records a
/// violation and counts as UTC.
pub(super) fn named(name: &str, field: &str, found: &mut Violations) -> TimeZone {
    let zone = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown());
    found.require(zone.is_some(), field, name, LEGAL);
    zone.unwrap_or(TimeZone::UTC)
}
