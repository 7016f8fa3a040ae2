//! The filters of associations, of their runs, and of the targets of a run.

use jiff::Timestamp;

use crate::backend::Operation;
use crate::error::Result;
use crate::memory::operations::check::Validation;
use crate::schedule::association::{
    Association, AssociationExecution, AssociationExecutionFilter, AssociationExecutionTarget,
    AssociationExecutionTargetsFilter, AssociationFilter, AssociationFilterOperator,
};

const KEYS: [&str; 8] = [
    "InstanceId",
    "Name",
    "AssociationId",
    "AssociationStatusName",
    "LastExecutedBefore",
    "LastExecutedAfter",
    "AssociationName",
    "ResourceGroupName",
];

const EXECUTION_KEYS: [&str; 3] = ["ExecutionId", "Status", "CreatedTime"];

const TARGET_KEYS: [&str; 3] = ["Status", "ResourceId", "ResourceType"];

/// Collects what is wrong with the keys and values of filters.
fn check(validation: &mut Validation, number: usize, key: &str, value: &str, keys: &[&str]) {
    let at = format!("filters.{}", number + 1);
    validation.one_of(format!("{at}.key"), keys.contains(&key));
    validation.length(format!("{at}.value"), value, 1..=usize::MAX);
    if key.starts_with("LastExecuted") || key == "CreatedTime" {
        let rule = "Member must be an ISO 8601 instant";
        validation.require(instant(value).is_some(), format!("{at}.value"), rule);
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Known keys with a value (SSM model, `AssociationFilter`).
pub(super) fn legal(operation: Operation, filters: &[AssociationFilter]) -> Result<()> {
    let mut validation = Validation::of(operation);
    for (number, filter) in filters.iter().enumerate() {
        check(&mut validation, number, &filter.key, &filter.value, &KEYS);
    }
    validation.finish()
}

/// Known keys with a value; only times can be later or earlier (SSM model,
/// `DescribeAssociationExecutionsRequest`).
pub(super) fn legal_executions(
    operation: Operation,
    filters: &[AssociationExecutionFilter],
) -> Result<()> {
    let mut validation = Validation::of(operation);
    for (number, filter) in filters.iter().enumerate() {
        let (key, value) = (&filter.key, &filter.value);
        check(&mut validation, number, key, value, &EXECUTION_KEYS);
        let at = format!("filters.{}.type", number + 1);
        validation.one_of(&at, filter.operator.is_known());
        validation.require(
            filter.operator == AssociationFilterOperator::Equal || key == "CreatedTime",
            &at,
            "Member must be EQUAL for this key",
        );
    }
    validation.finish()
}

/// Known keys with a value (SSM model, `AssociationExecutionTargetsFilter`).
pub(super) fn legal_targets(
    operation: Operation,
    filters: &[AssociationExecutionTargetsFilter],
) -> Result<()> {
    let mut validation = Validation::of(operation);
    for (number, filter) in filters.iter().enumerate() {
        let (key, value) = (&filter.key, &filter.value);
        check(&mut validation, number, key, value, &TARGET_KEYS);
    }
    validation.finish()
}

/// Whether an association passes. `InstanceId` finds only associations for that node only, not
/// those whose targets include it (SSM model, `ListAssociationsRequest`).
pub(super) fn passes(listed: &Association, filter: &AssociationFilter) -> bool {
    let value = filter.value.as_str();
    let text = |member: &Option<String>| member.as_deref() == Some(value);
    let ran = listed.last_execution_date.zip(instant(value));
    match filter.key.as_str() {
        "InstanceId" => listed
            .instance_id
            .as_ref()
            .is_some_and(|node| node.as_str() == value),
        "Name" => text(&listed.name),
        "AssociationId" => listed
            .association_id
            .as_ref()
            .is_some_and(|id| id.as_str() == value),
        "AssociationStatusName" => listed
            .overview
            .as_ref()
            .is_some_and(|overview| text(&overview.status)),
        "LastExecutedBefore" => ran.is_some_and(|(ran, limit)| ran < limit),
        "LastExecutedAfter" => ran.is_some_and(|(ran, limit)| ran > limit),
        "AssociationName" => text(&listed.association_name),
        _ => listed.targets.iter().flatten().any(|target| {
            target.key == "resource-groups:Name" && target.values.iter().any(|name| name == value)
        }),
    }
}

pub(super) fn passes_execution(
    run: &AssociationExecution,
    filter: &AssociationExecutionFilter,
) -> bool {
    let text = |member: &Option<String>| member.as_deref() == Some(filter.value.as_str());
    match filter.key.as_str() {
        "ExecutionId" => text(&run.execution_id),
        "Status" => text(&run.status),
        _ => {
            let times = run.created_time.zip(instant(&filter.value));
            times.is_some_and(|(created, limit)| match filter.operator {
                AssociationFilterOperator::LessThan => created < limit,
                AssociationFilterOperator::GreaterThan => created > limit,
                _ => created == limit,
            })
        }
    }
}

pub(super) fn passes_target(
    target: &AssociationExecutionTarget,
    filter: &AssociationExecutionTargetsFilter,
) -> bool {
    let member = match filter.key.as_str() {
        "Status" => &target.status,
        "ResourceId" => &target.resource_id,
        _ => &target.resource_type,
    };
    member.as_deref() == Some(filter.value.as_str())
}
