//! PatchGroupRegistry over the baselines of patch groups.

use async_trait::async_trait;

use super::check::{self, Validation};
use super::paging::Bounds;
use crate::backend::{
    DeregisterPatchBaselineForPatchGroup, DescribePatchGroups, GetPatchBaselineForPatchGroup,
    Operation, PatchGroupRegistry, RegisterPatchBaselineForPatchGroup,
};
use crate::error::{Error, ErrorKind, Result};
use crate::group::{BaselineForPatchGroup, PatchGroup, PatchGroupMapping};
use crate::memory::backend::MemoryBackend;
use crate::memory::store::State;
use crate::page::Page;
use crate::types::{BaselineId, OperatingSystem, QueryFilter};

fn register(
    state: &mut State,
    operation: Operation,
    id: &BaselineId,
    group: &PatchGroup,
) -> Result<BaselineForPatchGroup> {
    well_formed(operation, group)?;
    let baseline = state.baselines.find(operation, id)?;
    let (id, os) = (
        baseline.baseline_id.clone(),
        baseline.operating_system.clone(),
    );
    let groups = &mut state.baselines.groups;
    match groups.baseline_of(group.as_str(), &os) {
        // It is not verified at AWS that the same pair succeeds again.
        Some(registered) if *registered == id => {}
        Some(_) => {
            return Err(Error::service(
                ErrorKind::AlreadyExists,
                "AlreadyExistsException",
                format!("Patch Group baseline already has a baseline registered for OperatingSystem {os}."),
            )
            .with_resource(group.as_str()));
        }
        None if groups.of_baseline(&id).len() >= state.limits.groups_per_baseline => {
            let most = state.limits.groups_per_baseline;
            let message = format!("the baseline is registered for {most} patch groups already");
            return Err(check::limit_exceeded(message).with_resource(id.as_str()));
        }
        None => groups.insert(group, os, id.clone()),
    }
    Ok(BaselineForPatchGroup::new(id, group.clone(), None))
}

fn mappings(state: &State, filters: &[QueryFilter]) -> Vec<PatchGroupMapping> {
    let passes = |group: &str, os: &OperatingSystem| {
        filters.iter().all(|filter| {
            filter.values.iter().any(|value| match filter.key.as_str() {
                "NAME_PREFIX" => group.starts_with(value.as_str()),
                _ => os.as_str() == value,
            })
        })
    };
    state
        .baselines
        .groups
        .rows()
        .filter(|(group, os, _)| passes(group, os))
        .filter_map(|(group, _, id)| {
            let baseline = state.baselines.get(id.as_str())?;
            let identity = state.baselines.identity(baseline);
            Some(PatchGroupMapping::new(
                PatchGroup::from_service(group),
                identity,
            ))
        })
        .collect()
}

fn well_formed(operation: Operation, group: &PatchGroup) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.require(
        group.is_well_formed(),
        "patchGroup",
        "Member must have 1 to 256 letters, digits, spaces and _.:/=+-@",
    );
    validation.finish()
}

#[async_trait]
impl PatchGroupRegistry for MemoryBackend {
    async fn register_patch_baseline_for_patch_group(
        &self,
        request: RegisterPatchBaselineForPatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        let baseline = &request.baseline_id;
        let group = &request.patch_group;

        const OPERATION: Operation = Operation::RegisterPatchBaselineForPatchGroup;
        self.call(OPERATION, |state, _| {
            register(state, OPERATION, baseline, group)
        })
        .await
    }

    async fn deregister_patch_baseline_for_patch_group(
        &self,
        request: DeregisterPatchBaselineForPatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        let baseline = &request.baseline_id;
        let group = &request.patch_group;

        const OPERATION: Operation = Operation::DeregisterPatchBaselineForPatchGroup;
        self.call(OPERATION, |state, _| {
            well_formed(OPERATION, group)?;
            let id = match state.baselines.find(OPERATION, baseline) {
                Ok(baseline) => baseline.baseline_id.clone(),
                // The model has no error for a deleted baseline.
                Err(error) if error.kind() == ErrorKind::NotFound => baseline.clone(),
                Err(error) => return Err(error),
            };
            state.baselines.groups.remove(group, &id);
            Ok(BaselineForPatchGroup::new(id, group.clone(), None))
        })
        .await
    }

    async fn get_patch_baseline_for_patch_group(
        &self,
        request: GetPatchBaselineForPatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        let group = &request.patch_group;
        let os = request.operating_system;

        const OPERATION: Operation = Operation::GetPatchBaselineForPatchGroup;
        let os = os.unwrap_or_default();
        self.call(OPERATION, |state, _| {
            well_formed(OPERATION, group)?;
            check::operating_system(OPERATION, &os)?;
            let baseline = state
                .baselines
                .for_node(group.as_str(), &os)
                .ok_or_else(|| {
                    check::does_not_exist(OPERATION, os.as_str(), "no default patch baseline")
                })?;
            let id = baseline.baseline_id.clone();
            Ok(BaselineForPatchGroup::new(id, group.clone(), os))
        })
        .await
    }

    async fn describe_patch_groups(
        &self,
        request: DescribePatchGroups,
    ) -> Result<Page<PatchGroupMapping>> {
        const OPERATION: Operation = Operation::DescribePatchGroups;
        const KEYS: [&str; 2] = ["NAME_PREFIX", "OPERATING_SYSTEM"];
        self.call(OPERATION, |state, _| {
            check::filters(OPERATION, &request.filters, &KEYS)?;
            let items = mappings(state, &request.filters);
            let key = check::listing_key(&request.filters);
            state.page(items, &request.page, OPERATION, Bounds::TO_100, &key)
        })
        .await
    }
}
