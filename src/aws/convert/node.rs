use std::collections::BTreeMap;

use aws_sdk_ssm::types as sdk;

use super::{instant_of, required};
use crate::error::Result;
use crate::types::{AssociationOverviewOfNode, InstanceInformation, ServiceSetting};

pub(in crate::aws) fn instance_information(
    node: sdk::InstanceInformation,
) -> Result<InstanceInformation> {
    let id = required(
        node.instance_id,
        "DescribeInstanceInformation",
        "InstanceId",
    )?;
    let mut converted = InstanceInformation::new(id);
    converted.ping_status = node.ping_status.map(|status| status.as_str().into());
    converted.last_ping_date_time = instant_of(node.last_ping_date_time);
    converted.agent_version = node.agent_version;
    converted.is_latest_version = node.is_latest_version;
    converted.platform_type = node.platform_type.map(|platform| platform.as_str().into());
    converted.platform_name = node.platform_name;
    converted.platform_version = node.platform_version;
    converted.activation_id = node.activation_id;
    converted.iam_role = node.iam_role;
    converted.registration_date = instant_of(node.registration_date);
    converted.resource_type = node.resource_type.map(|kind| kind.as_str().into());
    converted.name = node.name;
    converted.ip_address = node.ip_address;
    converted.computer_name = node.computer_name;
    converted.association_status = node.association_status;
    converted.last_association_execution_date = instant_of(node.last_association_execution_date);
    converted.last_successful_association_execution_date =
        instant_of(node.last_successful_association_execution_date);
    converted.association_overview =
        node.association_overview
            .map(|overview| AssociationOverviewOfNode {
                detailed_status: overview.detailed_status,
                instance_association_status_aggregated_count: overview
                    .instance_association_status_aggregated_count
                    .map(BTreeMap::from_iter)
                    .unwrap_or_default(),
            });
    converted.source_id = node.source_id;
    converted.source_location = node.source_location;
    converted.source_type = node.source_type.map(|kind| kind.as_str().to_owned());
    Ok(converted)
}

pub(in crate::aws) fn service_setting(setting: sdk::ServiceSetting) -> ServiceSetting {
    ServiceSetting {
        setting_id: setting.setting_id.unwrap_or_default(),
        setting_value: setting.setting_value.unwrap_or_default(),
        status: setting.status,
    }
}
