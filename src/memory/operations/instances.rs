//! What DescribeInstances takes and which instances its filters pass.

use crate::backend::DescribeInstances;
use crate::error::{Error, ErrorKind, Result};
use crate::types::{Ec2Instance, QueryFilter};

/// How many values a filter of EC2 takes (EC2 API, Filter).
const FILTER_VALUES: usize = 200;

const FILTER_KEYS: [&str; 5] = [
    "instance-id",
    "instance-state-name",
    "subnet-id",
    "tag-key",
    "vpc-id",
];

fn refused(code: &str, message: impl Into<String>) -> Error {
    Error::service(ErrorKind::InvalidInput, code, message)
}

/// Refuses what EC2 refuses: ids with a page size, malformed ids, unknown filters, too many values.
pub(crate) fn check(request: &DescribeInstances) -> Result<()> {
    if !request.instance_ids.is_empty() && request.page.max_results.is_some() {
        return Err(refused(
            "InvalidParameterCombination",
            "The parameter instancesSet cannot be used with the parameter maxResults",
        ));
    }
    for filter in &request.filters {
        let key = filter.key.as_str();
        if !FILTER_KEYS.contains(&key) && !key.starts_with("tag:") {
            let message = format!("The filter '{key}' is invalid");
            return Err(refused("InvalidParameterValue", message));
        }
        if filter.values.len() > FILTER_VALUES {
            let message = format!("a filter takes at most {FILTER_VALUES} values");
            return Err(refused("FilterLimitExceeded", message));
        }
    }
    Ok(())
}

/// Whether an instance passes all filters.
pub(crate) fn passes(instance: &Ec2Instance, filters: &[QueryFilter]) -> bool {
    filters.iter().all(|filter| passes_one(instance, filter))
}

fn passes_one(instance: &Ec2Instance, filter: &QueryFilter) -> bool {
    let named = |value: &str| filter.matches(value);
    let has = |value: &Option<String>| value.as_deref().is_some_and(named);
    match filter.key.as_str() {
        "instance-id" => named(instance.instance_id.as_str()),
        "instance-state-name" => named(&instance.state.name),
        "subnet-id" => has(&instance.subnet_id),
        "vpc-id" => has(&instance.vpc_id),
        "tag-key" => instance.tags.iter().any(|tag| named(&tag.key)),
        key => instance
            .tags
            .iter()
            .any(|tag| key.strip_prefix("tag:") == Some(&*tag.key) && named(&tag.value)),
    }
}
