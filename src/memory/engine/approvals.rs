use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::scan::Judged;
use crate::baseline::PatchBaseline;
use crate::baseline::approval::{Verdict, evaluate};
use crate::memory::store::catalog::CatalogStore;
use crate::types::{BaselineId, Patch};

/// What a baseline says, at one instant, of every released patch of one product.
#[derive(Debug)]
pub(super) struct Approval {
    pub(super) baseline: Arc<PatchBaseline>,
    pub(super) at: Timestamp,
    verdicts: Vec<(usize, Verdict)>,
}

impl Approval {
    fn judge(
        baseline: Arc<PatchBaseline>,
        product: &str,
        catalog: &CatalogStore,
        at: Timestamp,
    ) -> Self {
        let verdicts = catalog
            .patches()
            .iter()
            .enumerate()
            .filter(|(_, patch)| patch.product.as_deref() == Some(product))
            .filter(|(_, patch)| patch.release_date.is_none_or(|date| date <= at))
            .map(|(number, patch)| (number, evaluate(&baseline, patch, at)))
            .collect();
        Self {
            baseline,
            at,
            verdicts,
        }
    }

    pub(super) fn judged<'a>(&'a self, catalog: &'a CatalogStore) -> Vec<Judged<'a>> {
        self.verdicts
            .iter()
            .filter_map(|(number, verdict)| {
                let patch = catalog.patches().get(*number)?;
                Some(Judged { patch, verdict })
            })
            .collect()
    }

    /// The same question of a patch that the catalog does not hold.
    pub(super) fn of_stranger(&self, patch: &Patch) -> Verdict {
        evaluate(&self.baseline, patch, self.at)
    }
}

/// The latest approval of each baseline and product: the nodes that start together share it.
#[derive(Debug, Default)]
pub(super) struct Approvals {
    latest: HashMap<(BaselineId, String), Arc<Approval>>,
}

impl Approvals {
    pub(super) fn at(
        &mut self,
        baseline: &PatchBaseline,
        product: &str,
        catalog: &CatalogStore,
        at: Timestamp,
    ) -> Arc<Approval> {
        let key = (baseline.baseline_id.clone(), product.to_owned());
        if let Some(known) = self.latest.get(&key)
            && known.at == at
            && *known.baseline == *baseline
        {
            return Arc::clone(known);
        }
        let baseline = Arc::new(baseline.clone());
        let approval = Arc::new(Approval::judge(baseline, product, catalog, at));
        self.latest.insert(key, Arc::clone(&approval));
        approval
    }
}
