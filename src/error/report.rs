//! An error as JSON.

use serde::{Serialize, Serializer};

use super::{Error, ErrorKind, Violation};
use crate::types::{CompletedStep, StartedRun};

/// The JSON form of an error.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorReport<'a> {
    kind: ErrorKind,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    violations: &'a [Violation],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    completed_steps: &'a [CompletedStep],
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a StartedRun>,
    retryable: bool,
    may_have_taken_effect: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a Error>,
}

/// A report: `Kind`, `Message`, `Operation`, `Resource`, `Code`, `RequestId`, `Violations`,
/// `CompletedSteps`, `Run`, `Retryable` and `MayHaveTakenEffect`. `Cause` is the error that stopped a verb
/// of several steps, in the same form.
///
/// Any other [source](std::error::Error::source) is left out: its text is from another crate, and
/// may quote the request.
///
/// ```
/// use aws_patch_manager::{Error, ErrorKind};
///
/// let error = Error::service(ErrorKind::InUse, "ResourceInUseException", "used by group web")
///     .with_operation("DeletePatchBaseline");
/// let written = serde_json::to_value(&error)?;
/// assert_eq!(written["Kind"], "InUse");
/// assert_eq!(written["Code"], "ResourceInUseException");
/// assert_eq!(written["Retryable"], false);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = ErrorReport {
            kind: self.kind(),
            message: self.message(),
            operation: self.operation(),
            resource: self.resource(),
            code: self.code(),
            request_id: self.request_id(),
            violations: self.violations(),
            completed_steps: self.completed_steps(),
            run: self.run(),
            retryable: self.is_retryable(),
            may_have_taken_effect: self.may_have_taken_effect(),
            cause: self.cause(),
        };
        report.serialize(serializer)
    }
}
