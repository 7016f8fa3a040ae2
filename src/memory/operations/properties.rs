//! What DescribeInstanceProperties lists of a managed node, and which nodes its filters pass.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::associations::describe::{add_associations, associations_of};
use super::check::Validation;
use crate::backend::{DescribeInstanceProperties, Operation};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::store::State;
use crate::memory::store::fleet::Node;
use crate::types::{
    InstanceInformation, InstanceProperty, InstancePropertyFilterOperator as Operator,
    InstancePropertyStringFilter, moved,
};

/// SSM model, `InstancePropertyFilterKey`.
const FILTER_KEYS: [&str; 9] = [
    "InstanceIds",
    "AgentVersion",
    "PingStatus",
    "PlatformTypes",
    "DocumentName",
    "ActivationIds",
    "IamRole",
    "ResourceType",
    "AssociationStatus",
];

/// Refuses filters out of the model's bounds, and keys that it does not name.
pub(super) fn check(request: &DescribeInstanceProperties) -> Result<()> {
    let filters = &request.filters_with_operator;
    let mut validation = Validation::of(Operation::DescribeInstanceProperties);
    validation.count("filtersWithOperator", filters, 0..=40);
    for (number, filter) in filters.iter().enumerate() {
        let at = format!("filtersWithOperator.{}", number + 1);
        validation.count(format!("{at}.values"), &filter.values, 1..=40);
        let operator = filter.operator.as_ref();
        validation.one_of(
            format!("{at}.operator"),
            operator.is_none_or(Operator::is_known),
        );
    }
    validation.finish()?;
    let known = |key: &str| FILTER_KEYS.contains(&key);
    match filters.iter().find(|filter| !known(&filter.key)) {
        None => Ok(()),
        Some(filter) => Err(
            Error::service(ErrorKind::InvalidInput, "InvalidFilterKey", "")
                .with_resource(&filter.key),
        ),
    }
}

/// A managed node as the listing shows it, if it passes the filters.
pub(super) fn listed(
    state: &State,
    node: &Node,
    filters: &[InstancePropertyStringFilter],
    now: Timestamp,
) -> Option<InstanceProperty> {
    let mut information = node.managed_information(now)?;
    add_associations(state, node, &mut information);
    let mut filters = filters.iter();
    let passes = filters.all(|filter| passes(state, node, &information, filter));
    passes.then(|| property(node, information))
}

fn property(node: &Node, information: InstanceInformation) -> InstanceProperty {
    let instance = node.instance();
    let named = |node: &Node| node.tag("Name").map(str::to_owned);
    let name = match &instance {
        Some(_) => named(node),
        None => information.name.clone(),
    };
    let profile = instance
        .as_ref()
        .and_then(|one| one.iam_instance_profile.as_ref());
    let instance = instance.as_ref();
    moved!(information => InstanceProperty {
        ping_status, last_ping_date_time, agent_version, platform_type, platform_name,
        platform_version, activation_id, iam_role, registration_date, computer_name,
        association_status, last_association_execution_date,
        last_successful_association_execution_date, association_overview, source_id, source_type,
        source_location;
        name: name,
        instance_id: Some(information.instance_id),
        resource_type: information.resource_type.map(|kind| kind.as_str().to_owned()),
        instance_state: instance.map(|one| one.state.name.clone()),
        instance_role: profile.map(|profile| profile.name().to_owned()),
        ip_address: instance.and_then(|one| one.public_ip_address.clone()),
        availability_zone: instance.and_then(|one| one.placement.availability_zone.clone()),
        instance_type: None,
        key_name: None,
        architecture: None,
        launch_time: None
    })
}

fn passes(
    state: &State,
    node: &Node,
    information: &InstanceInformation,
    filter: &InstancePropertyStringFilter,
) -> bool {
    let text = match filter.key.as_str() {
        "InstanceIds" => Some(information.instance_id.as_str()),
        "AgentVersion" => information.agent_version.as_deref(),
        "PingStatus" => information.ping_status.as_ref().map(|one| one.as_str()),
        "PlatformTypes" => information.platform_type.as_ref().map(|one| one.as_str()),
        "ActivationIds" => information.activation_id.as_deref(),
        "IamRole" => information.iam_role.as_deref(),
        "ResourceType" => information.resource_type.as_ref().map(|one| one.as_str()),
        "AssociationStatus" => information.association_status.as_deref(),
        _ => {
            let mut documents = associations_of(state, node)
                .filter_map(|stored| stored.current.settings.name.as_deref());
            return documents.any(|document| compares(document, filter));
        }
    };
    text.is_some_and(|text| compares(text, filter))
}

/// Whether a text compares with one of the values so; not equal means: with none of them.
fn compares(text: &str, filter: &InstancePropertyStringFilter) -> bool {
    let mut values = filter.values.iter();
    match filter.operator.as_ref().unwrap_or(&Operator::Equal) {
        Operator::NotEqual => values.all(|value| value != text),
        Operator::BeginWith => values.any(|value| text.starts_with(value)),
        Operator::LessThan => values.any(|value| ordered(text, value) == Ordering::Less),
        Operator::GreaterThan => values.any(|value| ordered(text, value) == Ordering::Greater),
        _ => values.any(|value| value == text),
    }
}

/// Versions in the order of their numbers, other texts in that of their letters.
fn ordered(one: &str, other: &str) -> Ordering {
    let numbers = |text: &str| -> Option<Vec<u64>> {
        text.split('.').map(|part| part.parse().ok()).collect()
    };
    match (numbers(one), numbers(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => one.cmp(other),
    }
}
