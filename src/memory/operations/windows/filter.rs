//! The filters of the window listings (SSM model, `MaintenanceWindowFilter`).

use jiff::Timestamp;

use crate::error::Result;
use crate::memory::operations::check::Validation;
use crate::memory::operations::paging::Bounds;
use crate::types::QueryFilter;

/// Pages of 10 to 100 (SSM model, `MaintenanceWindowMaxResults`).
pub(super) const PAGE: Bounds = Bounds::new(10, 100, 50);

/// Pages of at least 1 (SSM model, `MaintenanceWindowSearchMaxResults`).
pub(super) const SEARCH_PAGE: Bounds = Bounds::new(1, u32::MAX, 50);

/// Whether a text passes every filter of this key: one of its values.
pub(super) fn passes(filters: &[QueryFilter], key: &str, text: &str) -> bool {
    filters
        .iter()
        .filter(|filter| filter.key == key)
        .all(|filter| filter.values.iter().any(|value| value == text))
}

/// The instants that two keys name as bounds: not before, and not after.
pub(super) fn bounds(
    operation: &'static str,
    filters: &[QueryFilter],
    after: &str,
    before: &str,
) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
    let mut validation = Validation::of(operation);
    let (mut earliest, mut latest) = (None, None);
    for filter in filters {
        let instant = match filter.values.as_slice() {
            [text] => text.parse::<Timestamp>().ok(),
            _ => None,
        };
        let rule = "Member must be one instant as ISO 8601, such as 2026-01-01T00:00:00Z";
        validation.require(instant.is_some(), &filter.key, rule);
        if filter.key == after {
            earliest = earliest.max(instant);
        } else if filter.key == before {
            latest = match (latest, instant) {
                (Some(one), Some(other)) => Some(std::cmp::min(one, other)),
                (one, other) => one.or(other),
            };
        }
    }
    validation.finish()?;
    Ok((earliest, latest))
}
