use aws_sdk_ec2::types as sdk;

use crate::types::{GroupIdentifier, IpPermission, IpRange, PrefixListId, SecurityGroup};

pub(super) fn convert(group: sdk::SecurityGroup) -> SecurityGroup {
    let permissions = |of: Option<Vec<sdk::IpPermission>>| {
        let of = of.unwrap_or_default().into_iter();
        of.map(permission).collect()
    };
    SecurityGroup {
        group_id: group.group_id.unwrap_or_default(),
        vpc_id: group.vpc_id,
        ip_permissions: permissions(group.ip_permissions),
        ip_permissions_egress: permissions(group.ip_permissions_egress),
    }
}

fn permission(permission: sdk::IpPermission) -> IpPermission {
    let ranges = permission.ip_ranges.unwrap_or_default().into_iter();
    let pairs = permission.user_id_group_pairs.unwrap_or_default();
    let lists = permission.prefix_list_ids.unwrap_or_default().into_iter();
    IpPermission {
        ip_protocol: permission.ip_protocol.unwrap_or_default(),
        from_port: permission.from_port,
        to_port: permission.to_port,
        ip_ranges: ranges
            .filter_map(|range| range.cidr_ip)
            .map(|cidr_ip| IpRange { cidr_ip })
            .collect(),
        user_id_group_pairs: pairs
            .into_iter()
            .filter_map(|pair| pair.group_id)
            .map(GroupIdentifier::new)
            .collect(),
        prefix_list_ids: lists
            .filter_map(|list| list.prefix_list_id)
            .map(|prefix_list_id| PrefixListId { prefix_list_id })
            .collect(),
    }
}
