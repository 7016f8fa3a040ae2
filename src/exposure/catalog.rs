//! The fixes of the catalog, read once for each product while nodes come in.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_core::future::BoxFuture;
use futures_util::future::Shared;
use futures_util::{FutureExt, TryStreamExt};

use super::ExposureQuery;
use super::query::FILTERED_BY;
use crate::error::Result;
use crate::manager::PatchManager;
use crate::types::{AvailablePatchFilter, OperatingSystem, OsFamily, Patch};

/// A listing that several nodes wait for.
type Listing = Shared<BoxFuture<'static, Arc<Result<Vec<Patch>>>>>;

/// The listings so far: of each product of Linux, and one of the named updates of Windows.
pub(super) struct Catalog {
    manager: PatchManager,
    cves: Vec<String>,
    updates: Vec<String>,
    listings: Mutex<BTreeMap<Option<String>, Listing>>,
}

impl Catalog {
    pub(super) fn new(manager: &PatchManager, query: &ExposureQuery) -> Self {
        let updates = query.all_updates().into_iter();
        Self {
            manager: manager.clone(),
            cves: query.cves().to_vec(),
            updates: updates.map(str::to_owned).collect(),
            listings: Mutex::default(),
        }
    }

    /// The patches that fix the CVEs on a system. The first node of a product makes the calls.
    pub(super) async fn of(
        &self,
        os: &OperatingSystem,
        product: String,
    ) -> Arc<Result<Vec<Patch>>> {
        let product = (os.family() != OsFamily::Windows).then_some(product);
        let listing = {
            let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
            let listing = listings.entry(product).or_insert_with_key(|product| {
                let listing = list(self.manager.clone(), self.filters(product.as_deref()));
                listing.map(Arc::new).boxed().shared()
            });
            listing.clone()
        };
        listing.await
    }

    /// All that was read: by product, and without one the updates of Windows.
    pub(super) async fn read(&self) -> BTreeMap<Option<String>, Arc<Result<Vec<Patch>>>> {
        let listings = {
            let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *listings)
        };
        let mut read = BTreeMap::new();
        for (product, listing) in listings {
            read.insert(product, listing.await);
        }
        read
    }

    /// The filters of each call.
    fn filters(&self, product: Option<&str>) -> Vec<Vec<AvailablePatchFilter>> {
        match product {
            Some(product) => {
                let cves = self.cves.chunks(FILTERED_BY);
                let filters = cves.map(|cves| {
                    let cves = AvailablePatchFilter::cve_id(cves.iter().map(String::as_str));
                    vec![AvailablePatchFilter::product([product]), cves]
                });
                filters.collect()
            }
            None => {
                let updates = self.updates.chunks(FILTERED_BY);
                let filters = updates.map(|ids| {
                    vec![AvailablePatchFilter::patch_id(
                        ids.iter().map(String::as_str),
                    )]
                });
                filters.collect()
            }
        }
    }
}

async fn list(
    manager: PatchManager,
    filters: Vec<Vec<AvailablePatchFilter>>,
) -> Result<Vec<Patch>> {
    let mut patches = Vec::new();
    for filters in filters {
        let listing = manager.available_patches_with(filters);
        patches.extend(listing.try_collect::<Vec<_>>().await?);
    }
    Ok(patches)
}
