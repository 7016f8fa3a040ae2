//! The errors of the service.

use crate::error::{Error, ErrorKind};
use crate::types::NodeId;

/// Operations of EC2; it spells its errors otherwise than Systems Manager.
const EC2: [&str; 9] = [
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

/// The service that an operation belongs to. Of those here only Quick Setup's speak
/// of configurations, and only one is of IAM.
#[cfg(feature = "tracing")]
pub(crate) fn service_of(operation: &str) -> &'static str {
    match operation {
        operation if EC2.contains(&operation) => "ec2",
        operation if operation.contains("Configuration") => "ssm-quicksetup",
        "GetInstanceProfile" => "iam",
        _ => "ssm",
    }
}

/// Whether a repetition does the same again with nothing to tell it by: these take no client token
/// (SSM model), and both patch.
pub(crate) fn is_unrepeatable(operation: &str) -> bool {
    matches!(operation, "SendCommand" | "CreateAssociation")
}

/// What the service answers when it is asked too often.
pub(crate) fn throttled(operation: &str) -> Error {
    let (code, message) = if EC2.contains(&operation) {
        ("RequestLimitExceeded", "Request limit exceeded.")
    } else {
        ("ThrottlingException", "Rate exceeded")
    };
    Error::service(ErrorKind::Throttled, code, message).with_operation(operation)
}
