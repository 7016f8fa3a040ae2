//! The account's baselines, and BaselineStore over them.

pub(crate) mod bounds;

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::backend::{
    BaselineStore, CreatePatchBaseline, DeletePatchBaseline, DescribePatchBaselines,
    GetDefaultPatchBaseline, GetPatchBaseline, RegisterDefaultPatchBaseline, UpdatePatchBaseline,
};
use crate::baseline::{
    BaselineChanges, BaselineSpec, DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::operations::baselines::bounds as baseline_check;
use crate::memory::operations::check;
use crate::memory::operations::groups::GroupTable;
use crate::memory::operations::paging::Bounds;
use crate::memory::state::{Account, State};
use crate::memory::store::predefined;
use crate::memory::store::tokens::ClientTokens;
use crate::page::Page;
use crate::types::{BaselineId, OperatingSystem, QueryFilter};

/// Operations that have no error of their own for an id they cannot read.
const WITHOUT_INVALID_RESOURCE_ID: [&str; 2] = ["UpdatePatchBaseline", "DeletePatchBaseline"];

/// The account's baselines, its defaults, and which group uses which.
#[derive(Debug)]
pub(crate) struct BaselineShelf {
    own: Vec<PatchBaseline>,
    predefined: Vec<PatchBaseline>,
    defaults: HashMap<OperatingSystem, BaselineId>,
    pub(crate) groups: GroupTable,
    tokens: ClientTokens<BaselineSpec, BaselineId>,
    own_arn_prefix: String,
}

impl BaselineShelf {
    /// A shelf with AWS's predefined baselines of the account's Region.
    pub(crate) fn of(account: &Account) -> Self {
        let Account { region, id } = account;
        Self {
            own_arn_prefix: format!("arn:aws:ssm:{region}:{id}:patchbaseline/"),
            own: Vec::new(),
            predefined: predefined::baselines(region),
            defaults: HashMap::new(),
            groups: GroupTable::default(),
            tokens: ClientTokens::default(),
        }
    }

    /// The baseline a node of this group and operating system gets: the group's, else the default.
    /// `None` only for an operating system without a predefined baseline.
    pub(crate) fn for_node(&self, group: &str, os: &OperatingSystem) -> Option<&PatchBaseline> {
        self.groups
            .baseline_of(group, os)
            .and_then(|id| self.get(id.as_str()))
            .or_else(|| self.default_of(os))
    }

    /// The baseline of this id. Your own go by bare id or ARN; AWS's by ARN only, as at the service.
    pub(crate) fn get(&self, id: &str) -> Option<&PatchBaseline> {
        let bare = id.strip_prefix(&self.own_arn_prefix).unwrap_or(id);
        self.predefined
            .iter()
            .find(|baseline| baseline.baseline_id.as_str() == id)
            .or_else(|| self.own.iter().find(|own| own.baseline_id.as_str() == bare))
    }

    /// The account's default for an operating system; AWS's where it has named none.
    pub(crate) fn default_of(&self, os: &OperatingSystem) -> Option<&PatchBaseline> {
        match self.defaults.get(os) {
            Some(id) => self.get(id.as_str()),
            None => self.predefined_for(os),
        }
    }

    /// AWS's own default for an operating system, whatever the account has named.
    pub(crate) fn predefined_for(&self, os: &OperatingSystem) -> Option<&PatchBaseline> {
        self.predefined
            .iter()
            .find(|baseline| baseline.operating_system == *os)
    }

    fn is_default(&self, baseline: &PatchBaseline) -> bool {
        self.default_of(&baseline.operating_system)
            .is_some_and(|default| default.baseline_id == baseline.baseline_id)
    }

    /// The baseline that a call names, or the service's error for an id it cannot use.
    pub(crate) fn find(&self, operation: &'static str, id: &BaselineId) -> Result<&PatchBaseline> {
        well_formed(operation, id)?;
        self.get(id.as_str())
            .ok_or_else(|| check::does_not_exist(operation, id.as_str(), "no such patch baseline"))
    }

    pub(crate) fn identity(&self, baseline: &PatchBaseline) -> PatchBaselineIdentity {
        PatchBaselineIdentity {
            baseline_id: Some(baseline.baseline_id.clone()),
            baseline_name: Some(baseline.name.clone()),
            operating_system: Some(baseline.operating_system.clone()),
            baseline_description: baseline.description.clone(),
            default_baseline: self.is_default(baseline),
        }
    }

    /// Your own baseline of this id, to change it. AWS's are not yours to change.
    fn own_mut(&mut self, operation: &'static str, id: &BaselineId) -> Result<&mut PatchBaseline> {
        let found = self.find(operation, id)?.baseline_id.clone();
        self.own
            .iter_mut()
            .find(|own| own.baseline_id == found)
            .ok_or_else(|| aws_owned(operation, id))
    }

    fn delete(&mut self, operation: &'static str, id: &BaselineId) -> Result<()> {
        well_formed(operation, id)?;
        let Some(baseline) = self.get(id.as_str()) else {
            return Ok(());
        };
        let found = baseline.baseline_id.clone();
        if found.is_aws_owned() {
            return Err(aws_owned(operation, id));
        }
        let groups = self.groups.of_baseline(&found);
        let user = if groups.is_empty() {
            self.is_default(baseline)
                .then(|| format!("the default for {}", baseline.operating_system))
        } else {
            Some(format!("Patch Group: {}", groups.join(", ")))
        };
        if let Some(user) = user {
            return Err(Error::service(
                ErrorKind::InUse,
                "ResourceInUseException",
                format!("PatchBaseline to be deleted is used for {user}"),
            )
            .with_resource(found.as_str()));
        }
        self.own.retain(|own| own.baseline_id != found);
        Ok(())
    }

    fn listing(&self, filters: &[QueryFilter]) -> Vec<PatchBaselineIdentity> {
        self.predefined
            .iter()
            .chain(&self.own)
            .filter(|baseline| filters.iter().all(|filter| passes(baseline, filter)))
            .map(|baseline| self.identity(baseline))
            .collect()
    }
}

impl State {
    fn create_baseline(
        &mut self,
        operation: &'static str,
        request: CreatePatchBaseline,
        now: Timestamp,
    ) -> Result<BaselineId> {
        let CreatePatchBaseline { spec, client_token } = request;
        baseline_check::spec(operation, &spec)?;
        let shelf = &mut self.baselines;
        if let Some(id) = shelf
            .tokens
            .replay(operation, client_token.as_deref(), &spec)?
        {
            return Ok(id);
        }
        if shelf.own.len() >= self.limits.baselines {
            return Err(Error::service(
                ErrorKind::LimitExceeded,
                "ResourceLimitExceededException",
                format!(
                    "the account has {} patch baselines already",
                    shelf.own.len()
                ),
            ));
        }
        let id = BaselineId::new(format!("pb-{}", self.ids.hex(17)));
        let mut baseline = PatchBaseline::from_spec(id.clone(), &spec);
        baseline.created_date = Some(now);
        baseline.modified_date = Some(now);
        shelf.own.push(baseline);
        self.tags.insert(id.as_str(), spec.tags.clone());
        shelf.tokens.remember(client_token, spec, id.clone());
        Ok(id)
    }
}

fn well_formed(operation: &'static str, id: &BaselineId) -> Result<()> {
    if id.is_well_formed() {
        Ok(())
    } else if WITHOUT_INVALID_RESOURCE_ID.contains(&operation) {
        let message = format!("Value at 'baselineId' is not legal: {}", BaselineId::LEGAL);
        Err(check::refused(operation, message).with_resource(id.as_str()))
    } else {
        Err(check::invalid_resource_id(operation, id.as_str()))
    }
}

/// Neither model names an error for this; that it is refused is documented.
fn aws_owned(operation: &'static str, id: &BaselineId) -> Error {
    check::refused(
        operation,
        "a patch baseline that AWS owns cannot be changed",
    )
    .with_resource(id.as_str())
}

fn passes(baseline: &PatchBaseline, filter: &QueryFilter) -> bool {
    let aws = baseline.baseline_id.is_aws_owned();
    filter.values.iter().any(|value| match filter.key.as_str() {
        "NAME_PREFIX" => baseline.name.starts_with(value.as_str()),
        "OPERATING_SYSTEM" => baseline.operating_system.as_str() == value,
        _ => match value.as_str() {
            "AWS" => aws,
            "Self" => !aws,
            value => value == "All",
        },
    })
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
        const OPERATION: &str = "CreatePatchBaseline";
        self.call(OPERATION, |state, now| {
            state.create_baseline(OPERATION, request, now)
        })
        .await
    }

    async fn update_patch_baseline(&self, request: UpdatePatchBaseline) -> Result<PatchBaseline> {
        const OPERATION: &str = "UpdatePatchBaseline";
        self.call(OPERATION, |state, now| {
            baseline_check::changes(OPERATION, &request.changes, request.replace)?;
            let baseline = state.baselines.own_mut(OPERATION, &request.baseline_id)?;
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

        const OPERATION: &str = "GetPatchBaseline";
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

        const OPERATION: &str = "DeletePatchBaseline";
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
        const OPERATION: &str = "DescribePatchBaselines";
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

        const OPERATION: &str = "GetDefaultPatchBaseline";
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

        const OPERATION: &str = "RegisterDefaultPatchBaseline";
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
