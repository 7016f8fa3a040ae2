//! Systems Manager over awsJson 1.1: the operation in a header, JSON in and out.

mod adapt;
mod aggregate;
mod compliance;
mod documents;
mod instants;
mod inventory;
mod limits;
mod own;
mod routes;

use serde_json::{Value, json};

use super::reply::{self, Protocol};
use super::request::Body;
use super::service::Service;
use crate::backend::{self, Operation};
use crate::error::{Error, ErrorKind, Result};

/// Shapes of errors without members (SSM model).
const WITHOUT_TEXT: [&str; 14] = [
    "AssociatedInstances",
    "AssociationAlreadyExists",
    "AssociationLimitExceeded",
    "DuplicateInstanceId",
    "InvalidCommandId",
    "InvalidFilterKey",
    "InvalidOutputFolder",
    "InvalidOutputLocation",
    "InvalidPluginName",
    "InvalidResourceId",
    "InvalidResourceType",
    "InvocationDoesNotExist",
    "ResourceDataSyncAlreadyExistsException",
    "TooManyTagsError",
];

/// The error shapes whose text member has a lower-case name (SSM model).
const WITH_LOWER_CASE_TEXT: [&str; 2] = [
    "InvalidInstanceInformationFilterValue",
    "InvalidInstancePropertyFilterValue",
];

/// The names of the operations that the emulator has, in order.
pub(super) fn operations() -> impl Iterator<Item = &'static str> {
    let traits = Operation::ALL.iter();
    let traits = traits.filter(|operation| operation.service() == backend::Service::Ssm);
    let traits = traits.map(|operation| operation.as_str());
    let mut names: Vec<_> = traits.chain(own::operations()).collect();
    names.sort_unstable();
    names.into_iter()
}

/// Runs an operation on its JSON input.
pub(super) async fn answer(service: &Service, operation: &str, body: &[u8]) -> Result<Value> {
    if let Some(answer) = own::answer(service, operation, body) {
        return answer;
    }
    let known =
        Operation::named(operation).filter(|known| known.service() == backend::Service::Ssm);
    let operation = known.ok_or_else(|| {
        Error::service(
            ErrorKind::Unsupported,
            "UnknownOperationException",
            "the emulator knows no such operation",
        )
    })?;
    let backend = &service.backend;
    let mut body = Body::read(body)?;
    limits::check(operation.as_str(), body.members())?;
    adapt::request(backend, operation, &mut body).await?;
    let mut answer = match routes::answer(backend, operation, &body).await {
        Err(error) if error.code() == Some("InvalidDocument") => {
            own::document(operation.as_str(), &body).ok_or(error)?
        }
        answer => answer?,
    };
    adapt::answer(operation, &mut answer);
    instants::to_epoch_seconds(&mut answer);
    Ok(answer)
}

/// The body of an error: its shape, and its text if the shape has one.
pub(super) fn error_body(error: &Error) -> Value {
    let code = reply::code(error, Protocol::AwsJson);
    let message = reply::message(error);
    if WITHOUT_TEXT.contains(&code) {
        json!({ "__type": code })
    } else if WITH_LOWER_CASE_TEXT.contains(&code) {
        json!({ "__type": code, "message": message })
    } else {
        json!({ "__type": code, "Message": message })
    }
}
