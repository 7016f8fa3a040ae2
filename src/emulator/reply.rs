//! The reply to a request, and this crate's errors as each protocol sends them: code, text and HTTP
//! status.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, listed};
use crate::visible::shortened;

/// How a request speaks, and hence its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Systems Manager.
    AwsJson,
    /// Quick Setup.
    RestJson,
    /// EC2.
    Query,
}

/// A request that could not be read.
pub(super) fn unreadable(message: impl Into<String>) -> Error {
    Error::service(ErrorKind::InvalidInput, "SerializationException", message)
}

/// A request that the service's validation refuses.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::service(ErrorKind::InvalidInput, "ValidationException", message)
}

/// An answer that could not be written.
pub(super) fn internal(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::ServiceFailure, error.to_string())
}

/// The error's code: the service's own name for it, else the one that this protocol has for its kind.
pub(super) fn code(error: &Error, protocol: Protocol) -> &str {
    use Protocol::{AwsJson, Query, RestJson};
    if let Some(code) = error.code() {
        return code;
    }
    match (error.kind(), protocol) {
        (ErrorKind::Throttled, Query) => "RequestLimitExceeded",
        (ErrorKind::Throttled, _) => "ThrottlingException",
        (ErrorKind::AccessDenied, Query) => "UnauthorizedOperation",
        (ErrorKind::AccessDenied, _) => "AccessDeniedException",
        (ErrorKind::InvalidCredentials, Query) => "AuthFailure",
        (ErrorKind::InvalidCredentials, _) => "UnrecognizedClientException",
        (ErrorKind::NotFound, AwsJson) => "DoesNotExistException",
        (ErrorKind::NotFound, RestJson) => "ResourceNotFoundException",
        (ErrorKind::Conflict, RestJson) => "ConflictException",
        (ErrorKind::ServiceFailure, AwsJson) => "InternalServerError",
        (ErrorKind::ServiceFailure, RestJson) => "InternalServerException",
        (ErrorKind::ServiceFailure, Query) => "InternalError",
        (ErrorKind::Unsupported, Query) => "UnsupportedOperation",
        (ErrorKind::Unsupported, _) => "UnknownOperationException",
        (_, Query) => "InvalidParameterValue",
        _ => "ValidationException",
    }
}

/// The longest text in bytes that is not cut: whatever quotes a value cuts it, so this is for what forgets to.
const LONGEST_TEXT: usize = 20_000;

/// The error's text, with at most 50 of the reasons for which input was refused, and cut if it is long.
pub(super) fn message(error: &Error) -> String {
    let reasons = error.violations();
    let reasons = Some(listed(reasons, reasons.len())).filter(|_| !reasons.is_empty());
    let text = match error.message() {
        long if long.len() > LONGEST_TEXT => shortened(long),
        text => text.to_owned(),
    };
    let text = Some(text).filter(|text| !text.is_empty());
    let texts: Vec<String> = text.into_iter().chain(reasons).collect();
    texts.join("; ")
}

/// The HTTP status. Systems Manager has two for errors; the model of Quick Setup names one for each.
pub(super) fn status(error: &Error, protocol: Protocol) -> StatusCode {
    match (error.kind(), protocol) {
        _ if error.code() == Some("DryRunOperation") => StatusCode::PRECONDITION_FAILED,
        (ErrorKind::ServiceFailure, _) => StatusCode::INTERNAL_SERVER_ERROR,
        (_, Protocol::AwsJson) => StatusCode::BAD_REQUEST,
        (ErrorKind::Throttled, Protocol::Query) => StatusCode::SERVICE_UNAVAILABLE,
        (ErrorKind::Throttled, Protocol::RestJson) => StatusCode::TOO_MANY_REQUESTS,
        (ErrorKind::InvalidCredentials, Protocol::Query) => StatusCode::UNAUTHORIZED,
        (ErrorKind::AccessDenied | ErrorKind::InvalidCredentials, _) => StatusCode::FORBIDDEN,
        (_, Protocol::Query) => StatusCode::BAD_REQUEST,
        (ErrorKind::NotFound | ErrorKind::Unsupported, Protocol::RestJson) => StatusCode::NOT_FOUND,
        (ErrorKind::Conflict, Protocol::RestJson) => StatusCode::CONFLICT,
        (_, Protocol::RestJson) => StatusCode::BAD_REQUEST,
    }
}

/// Whether the caller is to see no answer at all, as when a reply was lost on its way.
pub(super) fn is_lost_reply(error: &Error) -> bool {
    error.kind() == ErrorKind::Connection && error.code().is_none()
}

const JSON: &str = "application/json";

/// The reply to a request.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    pub(super) error_type: Option<String>,
    pub(super) body: String,
}

impl Reply {
    /// An answer in JSON.
    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        Self {
            status,
            content_type: JSON,
            error_type: None,
            body: body.to_string(),
        }
    }

    /// An error with this status, in the form that every client of JSON services reads.
    pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Self {
        let body = json!({ "__type": code, "message": message });
        Self {
            error_type: Some(code.to_owned()),
            ..Self::json(status, &body)
        }
    }
}
