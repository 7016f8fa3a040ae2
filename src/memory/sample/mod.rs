//! The shipped samples: a fleet and a catalog to experiment with. Invented, not AWS's data.

use jiff::Timestamp;

use crate::memory::store::catalog;
use crate::memory::store::fleet_file::FleetFile;
use crate::types::Patch;

/// The default start of the clock: Thursday 2026-05-14T00:00:00Z, right after the last ping of the
/// sample fleet.
pub(super) const START: Timestamp = Timestamp::constant(1_778_716_800, 0);

const CATALOG: &str = include_str!("catalog.json");
const FLEET: &str = include_str!("fleet.json");

/// The sample catalog; the tests prove that it loads.
pub(super) fn catalog() -> Vec<Patch> {
    catalog::read(CATALOG).unwrap_or_default()
}

/// The sample fleet; the tests prove that it loads.
pub(crate) fn fleet() -> FleetFile {
    serde_json::from_str(FLEET).unwrap_or_default()
}
