//! What gives nodes their permissions: instance profiles, and the account's settings.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::backend::{GetInstanceProfile, RoleInventory};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::store::fleet_file::FleetFile;
use crate::types::{InstanceProfile, ServiceSetting};

/// The settings that this backend knows, with the value of an account that never changed them
/// (SSM API, GetServiceSetting).
const DEFAULTS: [(&str, &str); 2] = [
    ("/ssm/managed-instance/activation-tier", "standard"),
    (
        "/ssm/managed-instance/default-ec2-instance-management-role",
        "$None",
    ),
];

/// The profiles by name, and the settings that were changed, by id.
#[derive(Debug, Default)]
pub(crate) struct Access {
    profiles: BTreeMap<String, InstanceProfile>,
    settings: BTreeMap<String, ServiceSetting>,
}

impl Access {
    /// Takes profiles and settings out of a fleet file.
    pub(crate) fn take(fleet: &mut FleetFile) -> Self {
        let profiles = std::mem::take(&mut fleet.instance_profiles).into_iter();
        let settings = std::mem::take(&mut fleet.service_settings).into_iter();
        Self {
            profiles: profiles
                .map(|profile| (profile.instance_profile_name.clone(), profile))
                .collect(),
            settings: settings
                .map(|setting| (setting.setting_id.clone(), setting))
                .collect(),
        }
    }

    /// A setting, as it was changed or as it is by default.
    pub(crate) fn setting(&self, id: &str) -> Option<ServiceSetting> {
        let changed = self.settings.get(id).cloned();
        changed.or_else(|| {
            let (id, value) = DEFAULTS.into_iter().find(|(known, _)| *known == id)?;
            let mut setting = ServiceSetting::new(id, value);
            setting.status = Some("Default".to_owned());
            Some(setting)
        })
    }
}

impl MemoryBackend {
    /// Adds an instance profile. One of the same name is replaced. No call to the service.
    pub fn set_instance_profile(&self, profile: InstanceProfile) {
        self.act(|state, _| {
            let name = profile.instance_profile_name.clone();
            state.access.profiles.insert(name, profile);
        });
    }

    /// Changes a setting of the account and Region. No call to the service.
    pub fn set_service_setting(&self, setting: ServiceSetting) {
        self.act(|state, _| {
            let id = setting.setting_id.clone();
            state.access.settings.insert(id, setting);
        });
    }
}

#[async_trait]
impl RoleInventory for MemoryBackend {
    async fn get_instance_profile(&self, request: GetInstanceProfile) -> Result<InstanceProfile> {
        let name = &request.instance_profile_name;

        self.call("GetInstanceProfile", |state, _| {
            state.access.profiles.get(name).cloned().ok_or_else(|| {
                let told = format!("Instance Profile {name} cannot be found.");
                Error::service(ErrorKind::NotFound, "NoSuchEntity", told).with_resource(name)
            })
        })
        .await
    }
}
