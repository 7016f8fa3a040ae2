use std::collections::HashMap;

use futures_util::TryStreamExt;

use crate::backend::{DescribePatchBaselines, DescribePatchGroups};
use crate::compliance::{InstancePatchState, UnknownReason};
use crate::error::Result;
use crate::manager::PatchManager;
use crate::manager::pages::pages;
use crate::types::BaselineId;

/// The baseline that each group and operating system uses now.
#[derive(Debug, Default)]
pub(super) struct BaselinesInUse {
    systems: HashMap<String, String>,
    defaults: HashMap<String, BaselineId>,
    groups: HashMap<(String, String), BaselineId>,
}

impl BaselinesInUse {
    /// Reads the baselines and groups of the account.
    pub(super) async fn read(manager: &PatchManager) -> Result<Self> {
        let mut tables = Self::default();
        let mut baselines = pages(&manager.backends.baselines, 100, move |store, page| {
            let request = DescribePatchBaselines::new(Vec::new(), page);
            async move { store.describe_patch_baselines(request).await }
        });
        while let Some(identity) = baselines.try_next().await? {
            let (Some(id), Some(os)) = (identity.baseline_id, identity.operating_system) else {
                continue;
            };
            if identity.default_baseline {
                tables.defaults.insert(os.as_str().to_owned(), id.clone());
            }
            tables
                .systems
                .insert(id.short().to_owned(), os.as_str().to_owned());
        }
        let mut groups = pages(&manager.backends.groups, 100, move |registry, page| {
            let request = DescribePatchGroups::new(Vec::new(), page);
            async move { registry.describe_patch_groups(request).await }
        });
        while let Some(mapping) = groups.try_next().await? {
            let identity = mapping.baseline_identity;
            let (Some(id), Some(os)) = (identity.baseline_id, identity.operating_system) else {
                continue;
            };
            let key = (mapping.patch_group.to_string(), os.as_str().to_owned());
            tables.groups.insert(key, id);
        }
        Ok(tables)
    }

    /// Whether a node's last operation used another baseline than it would now.
    pub(super) fn doubt(&self, state: &InstancePatchState) -> Option<UnknownReason> {
        let used = &state.baseline_id;
        let other = |expected| {
            let used = used.clone();
            Some(UnknownReason::OtherBaseline { used, expected })
        };
        let Some(os) = self.systems.get(used.short()) else {
            return other(None);
        };
        let group = (state.patch_group.to_string(), os.clone());
        let expected = self.groups.get(&group);
        let expected = expected.or_else(|| self.defaults.get(os))?;
        if expected.short() == used.short() {
            return None;
        }
        other(Some(expected.clone()))
    }
}
