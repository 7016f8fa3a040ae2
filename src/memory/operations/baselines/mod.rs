//! The account's baselines, and BaselineStore over them.

mod bounds;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::backend::{
    BaselineStore, CreatePatchBaseline, DeletePatchBaseline, DescribePatchBaselines,
    GetDefaultPatchBaseline, GetPatchBaseline, Operation, RegisterDefaultPatchBaseline,
    UpdatePatchBaseline,
};
use crate::baseline::{
    BaselineChanges, BaselineSpec, DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity,
};
use crate::error::Result;
use crate::memory::backend::MemoryBackend;
use crate::memory::operations::check;
use crate::memory::operations::paging::Bounds;
use crate::memory::store::State;
use crate::page::Page;
use crate::types::BaselineId;

fn create(
    state: &mut State,
    operation: Operation,
    request: CreatePatchBaseline,
    now: Timestamp,
) -> Result<BaselineId> {
    let CreatePatchBaseline { spec, client_token } = request;
    bounds::spec(operation, &spec, state.allow_unlisted_values)?;
    let store = &mut state.baselines;
    if let Some(id) = store
        .tokens
        .replay(operation, client_token.as_deref(), &spec)?
    {
        return Ok(id);
    }
    if store.own.len() >= state.limits.baselines {
        let message = format!(
            "the account has {} patch baselines already",
            store.own.len()
        );
        return Err(check::limit_exceeded(message));
    }
    let id = BaselineId::new(format!("pb-{}", state.ids.hex(17)));
    let mut baseline = PatchBaseline::from_spec(id.clone(), &spec);
    baseline.created_date = Some(now);
    baseline.modified_date = Some(now);
    store.own.push(baseline);
    state.tags.insert(id.as_str(), spec.tags.clone());
    store.tokens.remember(client_token, spec, id.clone());
    Ok(id)
}

/// Makes the changes; what they leave out stays.
fn merge(baseline: &mut PatchBaseline, changes: BaselineChanges) {
    fn set<T>(member: &mut T, change: Option<T>) {
        if let Some(value) = change {
            *member = value;
        }
    }
    set(&mut baseline.name, changes.name);
    set(&mut baseline.global_filters, changes.global_filters);
    set(&mut baseline.approval_rules, changes.approval_rules);
    set(&mut baseline.approved_patches, changes.approved_patches);
    set(
        &mut baseline.approved_patches_compliance_level,
        changes.approved_patches_compliance_level,
    );
    set(
        &mut baseline.approved_patches_enable_non_security,
        changes.approved_patches_enable_non_security,
    );
    set(&mut baseline.rejected_patches, changes.rejected_patches);
    set(
        &mut baseline.rejected_patches_action,
        changes.rejected_patches_action,
    );
    set(&mut baseline.sources, changes.sources);
    let status = changes.available_security_updates_compliance_status;
    if status.is_some() {
        baseline.available_security_updates_compliance_status = status;
    }
    if changes.description.is_some() {
        baseline.description = changes.description;
    }
}

/// The baseline as a creation with nothing but its own id, name and operating system would leave it.
fn emptied(baseline: &PatchBaseline) -> PatchBaseline {
    let spec = BaselineSpec::new(&baseline.name, baseline.operating_system.clone());
    PatchBaseline {
        created_date: baseline.created_date,
        ..PatchBaseline::from_spec(baseline.baseline_id.clone(), &spec)
    }
}

#[async_trait]
impl BaselineStore for MemoryBackend {
    async fn create_patch_baseline(&self, request: CreatePatchBaseline) -> Result<BaselineId> {
        const OPERATION: Operation = Operation::CreatePatchBaseline;
        self.call(OPERATION, |state, now| {
            create(state, OPERATION, request, now)
        })
        .await
    }

    async fn update_patch_baseline(&self, request: UpdatePatchBaseline) -> Result<PatchBaseline> {
        const OPERATION: Operation = Operation::UpdatePatchBaseline;
        self.call(OPERATION, |state, now| {
            bounds::changes(OPERATION, &request.changes, request.replace)?;
            let baseline = state.baselines.own_mut(OPERATION, &request.baseline_id)?;
            if !state.allow_unlisted_values {
                bounds::filters(OPERATION, &baseline.operating_system, &request.changes)?;
            }
            if request.replace {
                *baseline = emptied(baseline);
            }
            merge(baseline, request.changes);
            baseline.approval_rules.fill_defaults();
            baseline.modified_date = Some(now);
            Ok(baseline.clone())
        })
        .await
    }

    async fn get_patch_baseline(&self, request: GetPatchBaseline) -> Result<PatchBaseline> {
        let id = &request.baseline_id;

        const OPERATION: Operation = Operation::GetPatchBaseline;
        self.call(OPERATION, |state, _| {
            let mut baseline = state.baselines.find(OPERATION, id)?.clone();
            let groups = state.baselines.groups.of_baseline(&baseline.baseline_id);
            baseline.patch_groups = Some(groups);
            Ok(baseline)
        })
        .await
    }

    async fn delete_patch_baseline(&self, request: DeletePatchBaseline) -> Result<()> {
        let id = &request.baseline_id;

        const OPERATION: Operation = Operation::DeletePatchBaseline;
        self.call(OPERATION, |state, _| {
            state.baselines.delete(OPERATION, id)?;
            state.tags.remove(id.as_str());
            Ok(())
        })
        .await
    }

    async fn describe_patch_baselines(
        &self,
        request: DescribePatchBaselines,
    ) -> Result<Page<PatchBaselineIdentity>> {
        const OPERATION: Operation = Operation::DescribePatchBaselines;
        const KEYS: [&str; 3] = ["NAME_PREFIX", "OWNER", "OPERATING_SYSTEM"];
        self.call(OPERATION, |state, _| {
            check::filters(OPERATION, &request.filters, &KEYS)?;
            let items = state.baselines.listing(&request.filters);
            let key = check::listing_key(&request.filters);
            state.page(items, &request.page, OPERATION, Bounds::TO_100, &key)
        })
        .await
    }

    async fn get_default_patch_baseline(
        &self,
        request: GetDefaultPatchBaseline,
    ) -> Result<DefaultPatchBaseline> {
        let os = request.operating_system;

        const OPERATION: Operation = Operation::GetDefaultPatchBaseline;
        let os = os.unwrap_or_default();
        self.call(OPERATION, |state, _| {
            check::operating_system(OPERATION, &os)?;
            let default = state.baselines.default_of(&os).ok_or_else(|| {
                check::does_not_exist(OPERATION, os.as_str(), "no default patch baseline")
            })?;
            Ok(DefaultPatchBaseline::new(default.baseline_id.clone(), os))
        })
        .await
    }

    async fn register_default_patch_baseline(
        &self,
        request: RegisterDefaultPatchBaseline,
    ) -> Result<BaselineId> {
        let id = &request.baseline_id;

        const OPERATION: Operation = Operation::RegisterDefaultPatchBaseline;
        self.call(OPERATION, |state, _| {
            let baseline = state.baselines.find(OPERATION, id)?;
            let (id, os) = (
                baseline.baseline_id.clone(),
                baseline.operating_system.clone(),
            );
            state.baselines.defaults.insert(os, id.clone());
            Ok(id)
        })
        .await
    }
}
