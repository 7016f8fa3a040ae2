//! What the service's models bound, and the errors it answers with.

use crate::error::{Error, ErrorKind, Result};
use crate::types::QueryFilter;

/// Operations of EC2; it spells its errors otherwise than Systems Manager.
const EC2: [&str; 7] = [
    "CreateTags",
    "DeleteTags",
    "DescribeInstances",
    "DescribeRouteTables",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeVpcEndpoints",
];

/// Operations whose model has `InvalidNextToken`.
const WITH_INVALID_NEXT_TOKEN: [&str; 9] = [
    "DescribeInstanceInformation",
    "DescribeInstancePatches",
    "DescribeInstancePatchStates",
    "DescribeInstancePatchStatesForPatchGroup",
    "ListCommandInvocations",
    "ListCommands",
    "ListComplianceItems",
    "ListComplianceSummaries",
    "ListResourceComplianceSummaries",
];

/// Input that the service's validation refuses.
pub(super) fn refused(operation: &str, message: impl Into<String>) -> Error {
    let code = if EC2.contains(&operation) {
        "InvalidParameterValue"
    } else {
        "ValidationException"
    };
    Error::service(ErrorKind::InvalidInput, code, message).with_operation(operation)
}

/// A page token that this listing did not give.
pub(super) fn bad_token(operation: &str) -> Error {
    let message = "The specified token is not valid.";
    if WITH_INVALID_NEXT_TOKEN.contains(&operation) {
        Error::service(ErrorKind::InvalidInput, "InvalidNextToken", message)
            .with_operation(operation)
    } else {
        refused(operation, message)
    }
}

/// What the service answers when it is asked too often.
pub(super) fn throttled(operation: &str) -> Error {
    let (code, message) = if EC2.contains(&operation) {
        ("RequestLimitExceeded", "Request limit exceeded.")
    } else {
        ("ThrottlingException", "Rate exceeded")
    };
    Error::service(ErrorKind::Throttled, code, message).with_operation(operation)
}

/// A resource that is not there.
pub(super) fn does_not_exist(operation: &str, resource: &str, message: &str) -> Error {
    Error::service(ErrorKind::NotFound, "DoesNotExistException", message)
        .with_operation(operation)
        .with_resource(resource)
}
