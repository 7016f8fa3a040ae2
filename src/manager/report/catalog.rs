//! Catalog data for the missing patches of a report.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::baseline::{OsRules, PatchFilterKey};
use crate::compliance::{ComplianceReportBuilder, ReportPart};
use crate::manager::PatchManager;
use crate::prerequisites::operating_system;
use crate::types::{AvailablePatchFilter, InstanceInformation, NodeId, OperatingSystem};

/// The number of patches that one call looks up in the catalog. The model sets no maximum for the
/// values of this filter; in the rules of baselines it is 20.
const LOOKED_UP: usize = 20;

/// Ids of missing patches by the operating system of their nodes.
pub(super) type Missing = BTreeMap<String, (OperatingSystem, BTreeSet<String>)>;

impl PatchManager {
    /// Adds the catalog's data of missing patches to the report.
    pub(super) async fn look_up(
        &self,
        missing: &Missing,
        at_a_time: usize,
        report: &mut ComplianceReportBuilder,
    ) {
        let filters = missing.values().flat_map(|(os, ids)| filters_for(os, ids));
        let filters: Vec<Vec<AvailablePatchFilter>> = filters.collect();
        let mut listings = stream::iter(filters)
            .map(|filters| self.available_patches_with(filters).try_collect::<Vec<_>>())
            .buffer_unordered(at_a_time);
        while let Some(found) = listings.next().await {
            match found {
                Ok(found) => {
                    for patch in &found {
                        report.released(patch);
                    }
                }
                Err(error) => {
                    report.failure(ReportPart::Catalog, [], &error);
                }
            }
        }
    }
}

/// Records the operating system of a node, which selects its catalog.
pub(super) fn remember(systems: &mut HashMap<NodeId, OperatingSystem>, node: &InstanceInformation) {
    systems.extend(operating_system(node).map(|os| (node.instance_id.clone(), os)));
}

/// The missing patches of a report.
pub(super) fn missing(
    report: &ComplianceReportBuilder,
    systems: &HashMap<NodeId, OperatingSystem>,
) -> Missing {
    let mut missing = Missing::new();
    for (node, ids) in report.offences() {
        let mut ids = ids.peekable();
        let Some(os) = systems.get(node).filter(|_| ids.peek().is_some()) else {
            continue;
        };
        let known = missing.entry(os.as_str().to_owned());
        let (_, known) = known.or_insert_with(|| (os.clone(), BTreeSet::new()));
        known.extend(ids.map(str::to_owned));
    }
    missing
}

/// The filters that find these patches of an operating system in the catalog; none if its products
/// are not known.
fn filters_for(os: &OperatingSystem, ids: &BTreeSet<String>) -> Vec<Vec<AvailablePatchFilter>> {
    let is_windows = *os == OperatingSystem::Windows;
    let products = OsRules::of(os).known_values(&PatchFilterKey::Product);
    if products.is_empty() {
        return Vec::new();
    }
    // Linux nodes report packages with the architecture after the last dot.
    let package = |id: &String| id.rsplit_once('.').map(|(name, _)| name.to_owned());
    let names: BTreeSet<String> = if is_windows {
        ids.clone()
    } else {
        ids.iter().filter_map(package).collect()
    };
    let names: Vec<String> = names.into_iter().collect();
    let chunks = names.chunks(LOOKED_UP);
    chunks
        .map(|names| {
            if is_windows {
                vec![AvailablePatchFilter::patch_id(names)]
            } else {
                let product = AvailablePatchFilter::product(products.iter().copied());
                vec![product, AvailablePatchFilter::name(names)]
            }
        })
        .collect()
}
