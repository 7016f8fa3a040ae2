//! DescribeSecurityGroups.

use super::form::Form;
use super::network::{group, page_of};
use super::xml::{Node, present};
use crate::backend::{DescribeSecurityGroups, NetworkInventory};
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::types::{IpPermission, QueryFilter, SecurityGroup};

/// Describes the groups that pass the filters. Ids that are known are a filter by another name.
pub(super) async fn describe(
    backend: &MemoryBackend,
    form: &Form,
) -> Result<Vec<(&'static str, Node)>> {
    let mut filters = form.filters();
    let ids = form.list("GroupId");
    backend.check_security_groups(&ids)?;
    if !ids.is_empty() {
        filters.push(QueryFilter::new("group-id", ids));
    }
    let page = backend
        .describe_security_groups(DescribeSecurityGroups::new(filters, form.page()?))
        .await?;
    Ok(page_of("securityGroupInfo", page, described))
}

fn described(group: &SecurityGroup) -> Node {
    let permissions = |of: &[IpPermission]| Node::Items(of.iter().map(permission).collect());
    let mut members = vec![("groupId", Node::text(&group.group_id))];
    members.extend(present([("vpcId", &group.vpc_id)]));
    members.push(("ipPermissions", permissions(&group.ip_permissions)));
    members.push((
        "ipPermissionsEgress",
        permissions(&group.ip_permissions_egress),
    ));
    Node::Members(members)
}

fn permission(permission: &IpPermission) -> Node {
    let mut members = vec![("ipProtocol", Node::text(&permission.ip_protocol))];
    let ports = [
        ("fromPort", permission.from_port),
        ("toPort", permission.to_port),
    ];
    let ports = ports.into_iter();
    members.extend(ports.filter_map(|(name, port)| Some((name, Node::text(port?)))));
    let ranges = permission.ip_ranges.iter();
    let ranges = ranges.map(|range| Node::Members(vec![("cidrIp", Node::text(&range.cidr_ip))]));
    let lists = permission.prefix_list_ids.iter();
    let lists =
        lists.map(|list| Node::Members(vec![("prefixListId", Node::text(&list.prefix_list_id))]));
    let pairs = permission.user_id_group_pairs.iter();
    members.push(("ipRanges", Node::Items(ranges.collect())));
    members.push(("prefixListIds", Node::Items(lists.collect())));
    members.push(("groups", Node::Items(pairs.map(group).collect())));
    Node::Members(members)
}
