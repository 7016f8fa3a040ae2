//! The patch baselines of the account, and which patch group uses which.

use std::collections::{BTreeMap, HashMap};

use super::account::{Account, ClientTokens};
use super::errors::{does_not_exist, invalid_resource_id, refused};
use super::predefined;
use crate::backend::Operation;
use crate::baseline::{BaselineSpec, PatchBaseline, PatchBaselineIdentity};
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroup;
use crate::types::{BaselineId, OperatingSystem, QueryFilter};

/// Operations that have no error of their own for an id they cannot read.
const WITHOUT_INVALID_RESOURCE_ID: [Operation; 2] = [
    Operation::UpdatePatchBaseline,
    Operation::DeletePatchBaseline,
];

/// The account's baselines, its defaults, and which group uses which.
#[derive(Debug, Clone)]
pub(crate) struct PatchBaselineStore {
    pub(crate) own: Vec<PatchBaseline>,
    pub(crate) predefined: Vec<PatchBaseline>,
    pub(crate) defaults: HashMap<OperatingSystem, BaselineId>,
    pub(crate) groups: PatchGroupStore,
    pub(crate) tokens: ClientTokens<BaselineSpec, BaselineId>,
    own_arn_prefix: String,
}

impl PatchBaselineStore {
    /// AWS's predefined baselines of the account's Region, and no others.
    pub(crate) fn of(account: &Account) -> Self {
        let Account { region, id } = account;
        Self {
            own_arn_prefix: format!("arn:aws:ssm:{region}:{id}:patchbaseline/"),
            own: Vec::new(),
            predefined: predefined::baselines(region),
            defaults: HashMap::new(),
            groups: PatchGroupStore::default(),
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

    /// The account's default for an operating system; AWS's if it has named none.
    pub(crate) fn default_of(&self, os: &OperatingSystem) -> Option<&PatchBaseline> {
        match self.defaults.get(os) {
            Some(id) => self.get(id.as_str()),
            None => self.predefined_for(os),
        }
    }

    /// AWS's own default for an operating system, whatever the account has named.
    pub(crate) fn predefined_for(&self, os: &OperatingSystem) -> Option<&PatchBaseline> {
        let mut defaults = self
            .predefined
            .iter()
            .filter(|baseline| baseline.name.ends_with(predefined::DEFAULT));
        defaults.find(|baseline| baseline.operating_system == *os)
    }

    fn is_default(&self, baseline: &PatchBaseline) -> bool {
        self.default_of(&baseline.operating_system)
            .is_some_and(|default| default.baseline_id == baseline.baseline_id)
    }

    /// The baseline that a call names, or the service's error for an id it cannot use.
    pub(crate) fn find(&self, operation: Operation, id: &BaselineId) -> Result<&PatchBaseline> {
        well_formed(operation, id)?;
        self.get(id.as_str())
            .ok_or_else(|| does_not_exist(operation, id.as_str(), "no such patch baseline"))
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
    pub(crate) fn own_mut(
        &mut self,
        operation: Operation,
        id: &BaselineId,
    ) -> Result<&mut PatchBaseline> {
        let found = self.find(operation, id)?.baseline_id.clone();
        self.own
            .iter_mut()
            .find(|own| own.baseline_id == found)
            .ok_or_else(|| aws_owned(operation, id))
    }

    pub(crate) fn delete(&mut self, operation: Operation, id: &BaselineId) -> Result<()> {
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

    pub(crate) fn listing(&self, filters: &[QueryFilter]) -> Vec<PatchBaselineIdentity> {
        self.predefined
            .iter()
            .chain(&self.own)
            .filter(|baseline| filters.iter().all(|filter| passes(baseline, filter)))
            .map(|baseline| self.identity(baseline))
            .collect()
    }
}

fn well_formed(operation: Operation, id: &BaselineId) -> Result<()> {
    if id.is_well_formed() {
        Ok(())
    } else if WITHOUT_INVALID_RESOURCE_ID.contains(&operation) {
        let message = format!("Value at 'baselineId' is not legal: {}", BaselineId::LEGAL);
        Err(refused(operation, message).with_resource(id.as_str()))
    } else {
        Err(invalid_resource_id(operation, id.as_str()))
    }
}

/// Neither model names an error for this; that it is refused is documented.
fn aws_owned(operation: Operation, id: &BaselineId) -> Error {
    refused(
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

/// One baseline for each group and operating system.
#[derive(Debug, Clone, Default)]
pub(crate) struct PatchGroupStore {
    rows: BTreeMap<String, Vec<(OperatingSystem, BaselineId)>>,
}

impl PatchGroupStore {
    pub(crate) fn baseline_of(&self, group: &str, os: &OperatingSystem) -> Option<&BaselineId> {
        let rows = self.rows.get(group)?;
        rows.iter().find(|(of, _)| of == os).map(|(_, id)| id)
    }

    /// The groups that use a baseline, by name.
    pub(crate) fn of_baseline(&self, baseline: &BaselineId) -> Vec<String> {
        self.rows()
            .filter(|(_, _, id)| *id == baseline)
            .map(|(group, _, _)| group.to_owned())
            .collect()
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (&str, &OperatingSystem, &BaselineId)> {
        self.rows
            .iter()
            .flat_map(|(group, rows)| rows.iter().map(move |(os, id)| (group.as_str(), os, id)))
    }

    pub(crate) fn insert(&mut self, group: &PatchGroup, os: OperatingSystem, baseline: BaselineId) {
        let rows = self.rows.entry(group.as_str().to_owned()).or_default();
        rows.push((os, baseline));
    }

    pub(crate) fn remove(&mut self, group: &PatchGroup, baseline: &BaselineId) {
        if let Some(rows) = self.rows.get_mut(group.as_str()) {
            rows.retain(|(_, id)| id != baseline);
        }
    }
}
