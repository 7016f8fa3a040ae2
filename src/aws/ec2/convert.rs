use aws_sdk_ec2::types as sdk;

use crate::types::{
    DnsOptions, Ec2Instance, GroupIdentifier, IamInstanceProfile, InstanceState,
    InstanceStateChange, MetadataEndpoint, MetadataTags, MetadataTokens, QueryFilter, Route,
    RouteTable, RouteTableAssociation, Subnet, Tag, TagDescription, VpcEndpoint,
};

pub(super) fn filters(filters: &[QueryFilter]) -> Option<Vec<sdk::Filter>> {
    let filters: Vec<_> = filters
        .iter()
        .map(|filter| {
            sdk::Filter::builder()
                .name(&filter.key)
                .set_values(Some(filter.values.clone()))
                .build()
        })
        .collect();
    (!filters.is_empty()).then_some(filters)
}

pub(super) fn instance(instance: sdk::Instance) -> Option<Ec2Instance> {
    let mut converted = Ec2Instance::new(instance.instance_id?);
    converted.state = state(instance.state);
    if let Some(options) = instance.metadata_options {
        let own = &mut converted.metadata_options;
        own.instance_metadata_tags = options
            .instance_metadata_tags
            .map(|tags| MetadataTags::from(tags.as_str()));
        own.http_tokens = options
            .http_tokens
            .map(|tokens| MetadataTokens::from(tokens.as_str()));
        own.http_endpoint = options
            .http_endpoint
            .map(|endpoint| MetadataEndpoint::from(endpoint.as_str()));
    }
    converted.subnet_id = instance.subnet_id;
    converted.vpc_id = instance.vpc_id;
    converted.private_ip_address = instance.private_ip_address;
    converted.public_ip_address = instance.public_ip_address;
    converted.placement.availability_zone = instance
        .placement
        .and_then(|placement| placement.availability_zone);
    converted.security_groups = groups(instance.security_groups.unwrap_or_default(), |group| {
        group.group_id
    });
    converted.iam_instance_profile = instance
        .iam_instance_profile
        .and_then(|profile| profile.arn)
        .map(IamInstanceProfile::new);
    converted.tags = instance
        .tags
        .unwrap_or_default()
        .into_iter()
        .filter_map(tag)
        .collect();
    Some(converted)
}

fn state(state: Option<sdk::InstanceState>) -> InstanceState {
    let name = state.and_then(|state| state.name);
    InstanceState::new(
        name.map(|name| name.as_str().to_owned())
            .unwrap_or_default(),
    )
}

pub(super) fn state_changes(
    changes: Option<Vec<sdk::InstanceStateChange>>,
) -> Vec<InstanceStateChange> {
    let changes = changes.unwrap_or_default().into_iter();
    let converted = changes.filter_map(|change| {
        let (previous, current) = (state(change.previous_state), state(change.current_state));
        Some(InstanceStateChange::new(
            change.instance_id?,
            previous,
            current,
        ))
    });
    converted.collect()
}

fn groups<T>(groups: Vec<T>, id: impl Fn(T) -> Option<String>) -> Vec<GroupIdentifier> {
    let ids = groups.into_iter().filter_map(id);
    ids.map(GroupIdentifier::new).collect()
}

fn tag(tag: sdk::Tag) -> Option<Tag> {
    Some(Tag::new(tag.key?, tag.value.unwrap_or_default()))
}

pub(super) fn described_tag(tag: sdk::TagDescription) -> Option<TagDescription> {
    let kind = tag.resource_type.map(|kind| kind.as_str().to_owned());
    let described = Tag::new(tag.key?, tag.value.unwrap_or_default());
    let resource = tag.resource_id.unwrap_or_default();
    Some(TagDescription::new(
        resource,
        kind.unwrap_or_default(),
        &described,
    ))
}

pub(super) fn endpoint(endpoint: sdk::VpcEndpoint) -> VpcEndpoint {
    VpcEndpoint {
        vpc_endpoint_id: endpoint.vpc_endpoint_id.unwrap_or_default(),
        vpc_endpoint_type: endpoint
            .vpc_endpoint_type
            .map(|kind| kind.as_str().to_owned())
            .unwrap_or_default(),
        vpc_id: endpoint.vpc_id.unwrap_or_default(),
        service_name: endpoint.service_name.unwrap_or_default(),
        state: endpoint
            .state
            .map(|state| state.as_str().to_owned())
            .unwrap_or_default(),
        route_table_ids: endpoint.route_table_ids.unwrap_or_default(),
        subnet_ids: endpoint.subnet_ids.unwrap_or_default(),
        private_dns_enabled: endpoint.private_dns_enabled.unwrap_or_default(),
        dns_options: endpoint.dns_options.map(|options| DnsOptions {
            private_dns_only_for_inbound_resolver_endpoint: options
                .private_dns_only_for_inbound_resolver_endpoint,
        }),
        groups: groups(endpoint.groups.unwrap_or_default(), |group| group.group_id),
        policy_document: endpoint.policy_document,
    }
}

pub(super) fn subnet(subnet: sdk::Subnet) -> Subnet {
    Subnet {
        subnet_id: subnet.subnet_id.unwrap_or_default(),
        vpc_id: subnet.vpc_id.unwrap_or_default(),
        cidr_block: subnet.cidr_block.unwrap_or_default(),
        availability_zone: subnet.availability_zone.unwrap_or_default(),
    }
}

pub(super) fn route_table(table: sdk::RouteTable) -> RouteTable {
    RouteTable {
        route_table_id: table.route_table_id.unwrap_or_default(),
        vpc_id: table.vpc_id.unwrap_or_default(),
        routes: table
            .routes
            .unwrap_or_default()
            .into_iter()
            .map(route)
            .collect(),
        associations: table
            .associations
            .unwrap_or_default()
            .into_iter()
            .map(association)
            .collect(),
    }
}

fn route(route: sdk::Route) -> Route {
    Route {
        destination_cidr_block: route.destination_cidr_block,
        gateway_id: route.gateway_id,
        nat_gateway_id: route.nat_gateway_id,
        transit_gateway_id: route.transit_gateway_id,
        network_interface_id: route.network_interface_id,
        vpc_peering_connection_id: route.vpc_peering_connection_id,
        state: route.state.map(|state| state.as_str().to_owned()),
    }
}

fn association(association: sdk::RouteTableAssociation) -> RouteTableAssociation {
    RouteTableAssociation {
        main: association.main.unwrap_or_default(),
        subnet_id: association.subnet_id,
    }
}
