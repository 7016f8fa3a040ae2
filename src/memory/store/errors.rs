//! The errors of the service.

use crate::backend::{Operation, Service};
use crate::error::{Error, ErrorKind};
use crate::types::NodeId;

/// Input that the service's validation refuses.
pub(crate) fn refused(operation: Operation, message: impl Into<String>) -> Error {
    let code = if operation.service() == Service::Ec2 {
        "InvalidParameterValue"
    } else {
        "ValidationException"
    };
    Error::service(ErrorKind::InvalidInput, code, message).with_operation(operation)
}

/// A resource that does not exist.
pub(crate) fn does_not_exist(operation: Operation, resource: &str, message: &str) -> Error {
    Error::service(ErrorKind::NotFound, "DoesNotExistException", message)
        .with_operation(operation)
        .with_resource(resource)
}

/// An id that is not the id of a baseline. The service's error has no text.
pub(crate) fn invalid_resource_id(operation: Operation, id: &str) -> Error {
    Error::service(ErrorKind::InvalidInput, "InvalidResourceId", "")
        .with_operation(operation)
        .with_resource(id)
}

/// A node that Systems Manager does not manage.
pub(crate) fn invalid_instance_id(operation: Operation, id: &NodeId) -> Error {
    Error::service(
        ErrorKind::InvalidInput,
        "InvalidInstanceId",
        "the node is not a managed node of this account and Region",
    )
    .with_operation(operation)
    .with_resource(id.as_str())
}
