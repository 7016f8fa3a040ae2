//! The shipped samples: a fleet and a catalogue to try things on. Invented, not AWS's data.

use jiff::Timestamp;

use crate::memory::store::catalog as catalogue;
use crate::memory::store::fleet_file::FleetFile;
use crate::types::Patch;

/// Where the clock starts unless told otherwise: Thursday 2026-05-14T00:00:00Z, right after the sample fleet was last seen.
pub(crate) const START: Timestamp = Timestamp::constant(1_778_716_800, 0);

const CATALOGUE: &str = include_str!("catalog.json");
const FLEET: &str = include_str!("fleet.json");

/// The sample catalogue; the tests prove that it loads.
pub(crate) fn catalogue() -> Vec<Patch> {
    catalogue::read(CATALOGUE).unwrap_or_default()
}

/// The sample fleet; the tests prove that it loads.
pub(crate) fn fleet() -> FleetFile {
    serde_json::from_str(FLEET).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_catalogue_loads() -> Result<(), crate::Error> {
        catalogue::read(CATALOGUE).map(drop)
    }

    #[test]
    fn the_sample_fleet_loads() -> Result<(), serde_json::Error> {
        serde_json::from_str::<FleetFile>(FLEET).map(drop)
    }

    #[test]
    fn the_clock_starts_where_the_docs_say() {
        assert_eq!(START.to_string(), "2026-05-14T00:00:00Z");
    }
}
