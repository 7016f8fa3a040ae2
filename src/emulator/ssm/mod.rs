//! Systems Manager over awsJson 1.1: the operation in a header, JSON in and out.

mod associations;
mod baselines;
mod catalogue;
mod commands;
mod compliance;
mod filter;
mod groups;
mod instants;
mod nodes;
mod tags;
mod window_history;
mod window_members;
mod windows;

use serde_json::{Value, json};

use super::error::{self, Protocol};
use super::request::Request;
use super::service::Service;
use crate::error::{Error, ErrorKind, Result};

/// Shapes of errors without any member (SSM model).
const WITHOUT_TEXT: [&str; 13] = [
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
    "TooManyTagsError",
];

/// The shape of an error whose text has a name in lower case (SSM model).
const WITH_LOWER_CASE_TEXT: &str = "InvalidInstanceInformationFilterValue";

/// Runs an operation on its JSON input.
pub(super) async fn answer(service: &Service, operation: &str, body: &[u8]) -> Result<Value> {
    let request = Request::read(body)?;
    let mut answer = dispatch(service, operation, &request).await?;
    instants::to_epoch_seconds(&mut answer);
    Ok(answer)
}

async fn dispatch(service: &Service, operation: &str, request: &Request) -> Result<Value> {
    let backend = &service.backend;
    if let Some(answer) = baselines::answer(service, operation, request).await {
        return answer;
    }
    if let Some(answer) = groups::answer(backend, operation, request).await {
        return answer;
    }
    if let Some(answer) = catalogue::answer(backend, operation, request).await {
        return answer;
    }
    if let Some(answer) = nodes::answer(backend, operation, request).await {
        return answer;
    }
    if let Some(answer) = tags::answer(service, operation, request).await {
        return answer;
    }
    if let Some(answer) = commands::answer(backend, operation, request).await {
        return answer;
    }
    if let Some(answer) = compliance::answer(backend, operation, request).await {
        return answer;
    }
    if let Some(answer) = windows::answer(service, operation, request).await {
        return answer;
    }
    if let Some(answer) = window_members::answer(backend, operation, request).await {
        return answer;
    }
    if let Some(answer) = window_history::answer(backend, operation, request).await {
        return answer;
    }
    if let Some(answer) = associations::answer(service, operation, request).await {
        return answer;
    }
    Err(Error::service(
        ErrorKind::Unsupported,
        "UnknownOperationException",
        "the emulator knows no such operation",
    ))
}

/// The body of an error: its shape, and the text where the shape has one.
pub(super) fn error_body(error: &Error) -> Value {
    let code = error::code(error, Protocol::AwsJson);
    let message = error::message(error);
    if WITHOUT_TEXT.contains(&code) {
        json!({ "__type": code })
    } else if code == WITH_LOWER_CASE_TEXT {
        json!({ "__type": code, "message": message })
    } else {
        json!({ "__type": code, "Message": message })
    }
}
