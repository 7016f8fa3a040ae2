//! The errors of the service for what is not there or not legal.

use crate::error::{Error, ErrorKind};
use crate::types::NodeId;

/// Operations of EC2; it spells its errors otherwise than Systems Manager.
pub(crate) const EC2: [&str; 9] = [
    "CreateTags",
    "DeleteTags",
    "DescribeInstances",
    "DescribeRouteTables",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeVpcAttribute",
    "DescribeVpcEndpoints",
];

/// Input that the service's validation refuses.
pub(crate) fn refused(operation: &str, message: impl Into<String>) -> Error {
    let code = if EC2.contains(&operation) {
        "InvalidParameterValue"
    } else {
        "ValidationException"
    };
    Error::service(ErrorKind::InvalidInput, code, message).with_operation(operation)
}

/// A resource that is not there.
pub(crate) fn does_not_exist(operation: &str, resource: &str, message: &str) -> Error {
    Error::service(ErrorKind::NotFound, "DoesNotExistException", message)
        .with_operation(operation)
        .with_resource(resource)
}

/// An id that the service cannot read as one of a baseline. The error has no text there.
pub(crate) fn invalid_resource_id(operation: &str, id: &str) -> Error {
    Error::service(ErrorKind::InvalidInput, "InvalidResourceId", "")
        .with_operation(operation)
        .with_resource(id)
}

/// A node that Systems Manager does not manage.
pub(crate) fn invalid_instance_id(operation: &str, id: &NodeId) -> Error {
    Error::service(
        ErrorKind::InvalidInput,
        "InvalidInstanceId",
        "the node is not a managed node of this account and Region",
    )
    .with_operation(operation)
    .with_resource(id.as_str())
}
