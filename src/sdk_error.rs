//! Converts every error of the AWS SDKs to this crate's error.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::result::{ConnectorError, DispatchFailure, SdkError};
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry;

use crate::error::{Error, ErrorKind};

/// An operation of a service, as errors and IAM name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Called {
    /// The prefix of its IAM action, such as `ssm`.
    pub(crate) service: &'static str,
    /// Its name.
    pub(crate) operation: &'static str,
}

/// Converts the error of one call: kind, code, text, request id, and the IAM action if access was
/// denied.
pub(crate) fn map<E>(called: Called, error: SdkError<E, Response>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let request_id = error.raw_response().and_then(request_id);
    let mapped = match &error {
        SdkError::ConstructionFailure(_) => Error::new(
            ErrorKind::InvalidInput,
            "the request could not be built; a required member is missing",
        ),
        SdkError::TimeoutError(_) => {
            Error::new(ErrorKind::Timeout, "no answer within the time allowed")
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            Error::new(ErrorKind::Timeout, "no answer within the time allowed")
        }
        SdkError::DispatchFailure(failure) if failure.is_io() => {
            Error::new(ErrorKind::Connection, "the service could not be reached")
        }
        SdkError::DispatchFailure(failure) if is_unanswered(failure) => Error::new(
            ErrorKind::Connection,
            "the connection was closed before an answer came",
        ),
        SdkError::DispatchFailure(_) => Error::new(
            ErrorKind::InvalidCredentials,
            "the request could not be sent: no usable credentials, region or HTTP client",
        ),
        // The page of a load balancer, not the service's own error.
        SdkError::ResponseError(context) if context.raw().status().is_server_error() => {
            Error::new(ErrorKind::ServiceFailure, "the answer could not be read")
        }
        SdkError::ResponseError(_) => {
            Error::new(ErrorKind::InvalidResponse, "the answer could not be read")
        }
        SdkError::ServiceError(context) => {
            from_service(called, context.err(), context.raw().status().as_u16())
        }
        _ => Error::new(
            ErrorKind::Other,
            "the SDK failed in a way this version does not know",
        ),
    };
    let mapped = mapped.with_operation(called.operation);
    let mapped = match request_id {
        Some(id) => mapped.with_request_id(id),
        None => mapped,
    };
    mapped.with_source(error)
}

/// The SDK's message for a connection that closed after it accepted a request.
fn is_unanswered(failure: &DispatchFailure) -> bool {
    let error = failure.as_connector_error();
    error.and_then(ConnectorError::as_other) == Some(retry::ErrorKind::TransientError)
}

/// The service's request id, from any header that may have it.
pub(crate) fn request_id(response: &Response) -> Option<String> {
    ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
        .into_iter()
        .find_map(|name| response.headers().get(name))
        .map(str::to_owned)
}

fn from_service(called: Called, error: &impl ProvideErrorMetadata, status: u16) -> Error {
    let code = error.code().unwrap_or_default();
    let kind = kind_of(code, status);
    let message = error.message().unwrap_or_default();
    let message = match kind {
        ErrorKind::AccessDenied if !message.contains(called.operation) => {
            let Called { service, operation } = called;
            format!("{message} (the caller needs {service}:{operation})")
        }
        _ => message.to_owned(),
    };
    Error::service(kind, code, message.trim_start())
}

/// The kind of each code that the services model or are known to send.
///
/// The codes of the SSM, Quick Setup, EC2 and Athena models for the operations of the adapters; throttling
/// codes as the SDKs' standard retry mode lists them. An unknown code is judged by the HTTP status. So is
/// 501, by which emulators say that they do not have the operation, whatever the code.
fn kind_of(code: &str, status: u16) -> ErrorKind {
    match code {
        _ if status == 501 => ErrorKind::Unsupported,
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestThrottledException"
        | "RequestThrottled"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "LimitExceededException"
        | "SlowDown"
        | "PriorRequestNotComplete"
        | "EC2ThrottledException"
        | "ProvisionedThroughputExceededException" => ErrorKind::Throttled,
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "AuthFailure" => {
            ErrorKind::AccessDenied
        }
        "ExpiredTokenException"
        | "ExpiredToken"
        | "RequestExpired"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => ErrorKind::InvalidCredentials,
        "DoesNotExistException"
        | "ResourceNotFoundException"
        | "InvalidInstanceID.NotFound"
        | "InvalidVpcID.NotFound"
        | "InvalidCommandId"
        | "InvalidDocument"
        | "InvalidDocumentVersion"
        | "AutomationDefinitionNotFoundException"
        | "AutomationDefinitionVersionNotFoundException"
        | "AutomationExecutionNotFoundException"
        | "ServiceSettingNotFound"
        | "AssociationDoesNotExist"
        | "ResourceDataSyncNotFoundException"
        | "AssociationExecutionDoesNotExist" => ErrorKind::NotFound,
        "InvocationDoesNotExist" => ErrorKind::NotYet,
        "AlreadyExistsException"
        | "AssociationAlreadyExists"
        | "DocumentAlreadyExists"
        | "DuplicateDocumentVersionName"
        | "ResourceDataSyncAlreadyExistsException" => ErrorKind::AlreadyExists,
        "ResourceInUseException" | "TargetInUseException" => ErrorKind::InUse,
        "ResourceLimitExceededException"
        | "AssociationLimitExceeded"
        | "AssociationVersionLimitExceeded"
        | "TooManyTagsError"
        | "TagLimitExceeded"
        | "AutomationExecutionLimitExceededException"
        | "DocumentLimitExceeded"
        | "DocumentPermissionLimit"
        | "DocumentVersionLimitExceeded"
        | "MaxDocumentSizeExceeded"
        | "ResourceDataSyncCountExceededException" => ErrorKind::LimitExceeded,
        "ConflictException"
        | "TooManyUpdates"
        | "IncorrectInstanceState"
        | "IncorrectState"
        | "InvalidAutomationStatusUpdateException"
        | "ResourceDataSyncConflictException" => ErrorKind::Conflict,
        "IdempotentParameterMismatch" => ErrorKind::IdempotentParameterMismatch,
        "UnsupportedOperatingSystem"
        | "UnsupportedPlatformType"
        | "UnsupportedOperationException"
        | "UnsupportedFeatureRequiredException"
        | "FeatureNotAvailableException"
        | "UnknownOperationException"
        | "UnknownOperation"
        | "UnknownAction"
        | "InvalidAction"
        | "UnsupportedOperation" => ErrorKind::Unsupported,
        "InternalServerError"
        | "InternalServerException"
        | "InternalError"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "Unavailable" => ErrorKind::ServiceFailure,
        "ValidationException"
        | "ValidationError"
        | "SerializationException"
        | "MissingParameter"
        | "DuplicateInstanceId"
        | "DuplicateDocumentContent"
        | "ResourceDataSyncInvalidConfigurationException" => ErrorKind::InvalidInput,
        code if code.starts_with("Invalid") || code.starts_with("Malformed") => {
            ErrorKind::InvalidInput
        }
        _ => match status {
            400 => ErrorKind::Other,
            401 => ErrorKind::InvalidCredentials,
            403 => ErrorKind::AccessDenied,
            404 => ErrorKind::NotFound,
            409 => ErrorKind::Conflict,
            429 => ErrorKind::Throttled,
            500.. => ErrorKind::ServiceFailure,
            _ => ErrorKind::Other,
        },
    }
}
