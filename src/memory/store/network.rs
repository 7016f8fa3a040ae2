//! The network of the fleet, and what gives its nodes their permissions.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::memory::store::account::Account;
use crate::memory::store::fleet_file::FleetFile;
use crate::types::{
    InstanceProfile, QueryFilter, RouteTable, SecurityGroup, ServiceSetting, Subnet, Vpc,
    VpcEndpoint,
};

/// The network that the nodes live in.
#[derive(Debug, Clone, Default)]
pub(crate) struct NetworkStore {
    pub(crate) endpoints: Vec<VpcEndpoint>,
    pub(crate) subnets: Vec<Subnet>,
    route_tables: Vec<RouteTable>,
    pub(crate) security_groups: Vec<SecurityGroup>,
    pub(crate) vpcs: Vec<Vpc>,
}

impl NetworkStore {
    /// Takes the network out of a fleet file.
    pub(crate) fn take(fleet: &mut FleetFile) -> Self {
        Self {
            endpoints: std::mem::take(&mut fleet.vpc_endpoints),
            subnets: std::mem::take(&mut fleet.subnets),
            route_tables: std::mem::take(&mut fleet.route_tables),
            security_groups: std::mem::take(&mut fleet.security_groups),
            vpcs: std::mem::take(&mut fleet.vpcs),
        }
    }
}

impl NetworkStore {
    pub(crate) fn endpoints(&self, filters: &[QueryFilter]) -> Vec<VpcEndpoint> {
        select(&self.endpoints, filters, |endpoint, filter| {
            match filter.key.as_str() {
                "vpc-id" => filter.matches(&endpoint.vpc_id),
                _ => filter.matches(&endpoint.service_name),
            }
        })
    }

    pub(crate) fn subnets(&self, filters: &[QueryFilter]) -> Vec<Subnet> {
        select(&self.subnets, filters, |subnet, filter| {
            match filter.key.as_str() {
                "vpc-id" => filter.matches(&subnet.vpc_id),
                _ => filter.matches(&subnet.subnet_id),
            }
        })
    }

    pub(crate) fn route_tables(&self, filters: &[QueryFilter]) -> Vec<RouteTable> {
        select(&self.route_tables, filters, |table, filter| {
            let mut associations = table.associations.iter();
            match filter.key.as_str() {
                "vpc-id" => filter.matches(&table.vpc_id),
                "association.main" => {
                    associations.any(|association| filter.matches(&association.main.to_string()))
                }
                _ => associations
                    .filter_map(|association| association.subnet_id.as_deref())
                    .any(|subnet| filter.matches(subnet)),
            }
        })
    }

    pub(crate) fn security_groups(&self, filters: &[QueryFilter]) -> Vec<SecurityGroup> {
        select(
            &self.security_groups,
            filters,
            |group, filter| match filter.key.as_str() {
                "vpc-id" => group.vpc_id.as_deref().is_some_and(|id| filter.matches(id)),
                _ => filter.matches(&group.group_id),
            },
        )
    }

    /// The VPC, with both attributes on where only its parts are known.
    pub(crate) fn vpc(&self, id: &str) -> Option<Vpc> {
        let described = self.vpcs.iter().find(|vpc| vpc.vpc_id == id).cloned();
        described.or_else(|| self.names(id).then(|| Vpc::new(id)))
    }

    fn names(&self, vpc: &str) -> bool {
        self.subnets.iter().any(|subnet| subnet.vpc_id == vpc)
            || self.route_tables.iter().any(|table| table.vpc_id == vpc)
            || self.endpoints.iter().any(|endpoint| endpoint.vpc_id == vpc)
    }
}

fn select<T: Clone>(
    all: &[T],
    filters: &[QueryFilter],
    passes: impl Fn(&T, &QueryFilter) -> bool,
) -> Vec<T> {
    all.iter()
        .filter(|item| filters.iter().all(|filter| passes(item, filter)))
        .cloned()
        .collect()
}

/// The settings that this backend knows, with the value of an account that never changed them
/// (SSM API, GetServiceSetting). That page lists eight others, about parameters, documents, automations,
/// Application Manager and OpsCenter: no patching reads them, and it does not say their first values.
const DEFAULTS: [(&str, &str); 2] = [
    ("/ssm/managed-instance/activation-tier", "standard"),
    (
        "/ssm/managed-instance/default-ec2-instance-management-role",
        "$None",
    ),
];

/// When AWS set a default, and `System` as who did (AWS CLI, get-service-setting).
const DEFAULTS_SINCE: Timestamp = Timestamp::constant(1_555_532_818, 578_000_000);

/// The profiles by name, and the settings that were changed, by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccessStore {
    pub(crate) profiles: BTreeMap<String, InstanceProfile>,
    pub(crate) settings: BTreeMap<String, ServiceSetting>,
    /// What the ARN of a setting has before its id.
    arn_prefix: String,
}

impl AccessStore {
    /// Takes profiles and settings out of a fleet file.
    pub(crate) fn take(fleet: &mut FleetFile, account: &Account) -> Self {
        let profiles = std::mem::take(&mut fleet.instance_profiles).into_iter();
        let settings = std::mem::take(&mut fleet.service_settings).into_iter();
        Self {
            profiles: profiles
                .map(|profile| (profile.instance_profile_name.clone(), profile))
                .collect(),
            settings: settings
                .map(|setting| (setting.setting_id.clone(), setting))
                .collect(),
            arn_prefix: format!(
                "arn:aws:ssm:{}:{}:servicesetting",
                account.region, account.id
            ),
        }
    }

    /// A setting, as it was changed or as it is by default; by its id, or by its ARN, which ends so.
    pub(crate) fn setting(&self, id: &str) -> Option<ServiceSetting> {
        let id = id.split_once(":servicesetting").map_or(id, |(_, id)| id);
        let changed = self.settings.get(id).cloned();
        let mut setting = changed.or_else(|| {
            let (id, value) = DEFAULTS.into_iter().find(|(known, _)| *known == id)?;
            let mut setting = ServiceSetting::new(id, value);
            setting.status = Some("Default".to_owned());
            setting.last_modified_date = Some(DEFAULTS_SINCE);
            setting.last_modified_user = Some("System".to_owned());
            Some(setting)
        })?;
        let arn = || format!("{}{}", self.arn_prefix, setting.setting_id);
        setting.arn = Some(setting.arn.clone().unwrap_or_else(arn));
        Some(setting)
    }
}
