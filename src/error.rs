//! The one public error: what went wrong, where, and what a caller branches on.

use std::error::Error as StdError;
use std::fmt;

use crate::excerpt::Excerpt;

/// A `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong; what a caller branches on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input was refused: before any call by this crate (then [`Error::violations`] says why), or by the service.
    InvalidInput,
    /// The named resource does not exist.
    NotFound,
    /// It exists already, such as a second baseline for a group and operating system.
    AlreadyExists,
    /// It is in use, such as a baseline that a group or the default still uses.
    InUse,
    /// A quota of the account is used up. Waiting does not help.
    LimitExceeded,
    /// Another change is in progress. Try again later.
    Conflict,
    /// The name fits several resources, and a name is all that was given.
    Ambiguous,
    /// A client token came back with different parameters.
    IdempotentParameterMismatch,
    /// The service asked to slow down.
    Throttled,
    /// The caller lacks a permission.
    AccessDenied,
    /// The caller's credentials have expired or are unknown.
    InvalidCredentials,
    /// No answer came within the time allowed.
    Timeout,
    /// The service could not be reached, or the connection broke.
    Connection,
    /// The service failed on its side.
    ServiceFailure,
    /// The answer could not be understood, or broke its own protocol (such as a page token that repeats).
    InvalidResponse,
    /// The command has no invocation for the node yet. Ask again.
    NotYet,
    /// The backend, or the service for this operating system, cannot do this.
    Unsupported,
    /// A verb of several steps stopped after some took effect; [`Error::completed_steps`] names them.
    Incomplete,
    /// Anything else; [`Error::code`] says what the service called it.
    Other,
}

impl ErrorKind {
    fn describe(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid input",
            Self::NotFound => "not found",
            Self::AlreadyExists => "already exists",
            Self::InUse => "in use",
            Self::LimitExceeded => "limit exceeded",
            Self::Conflict => "conflicting change in progress",
            Self::Ambiguous => "ambiguous",
            Self::IdempotentParameterMismatch => "client token reused with other parameters",
            Self::Throttled => "throttled",
            Self::AccessDenied => "access denied",
            Self::InvalidCredentials => "invalid credentials",
            Self::Timeout => "timed out",
            Self::Connection => "connection failed",
            Self::ServiceFailure => "service failure",
            Self::InvalidResponse => "invalid response",
            Self::NotYet => "not there yet",
            Self::Unsupported => "unsupported",
            Self::Incomplete => "stopped half-way",
            Self::Other => "service error",
        }
    }
}

/// One reason why an input was refused: where, what, and what would be legal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Violation {
    /// The path of the field in the service's terms, such as `ApprovalRules.PatchRules[0].ApproveAfterDays`.
    pub field: String,
    /// The offending value, as given. Empty where something is absent.
    pub value: String,
    /// What would be legal.
    pub legal: String,
    /// Where the value stands, if it is a part of a longer text such as a schedule.
    pub excerpt: Option<Excerpt>,
}

impl Violation {
    /// A violation of this field by this value.
    pub fn new(
        field: impl Into<String>,
        value: impl Into<String>,
        legal: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            value: value.into(),
            legal: legal.into(),
            excerpt: None,
        }
    }

    /// Adds where the value stands in a longer text.
    #[must_use]
    pub fn with_excerpt(mut self, excerpt: Excerpt) -> Self {
        self.excerpt = Some(excerpt);
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.value.is_empty() {
            write!(f, "{}: {}", self.field, self.legal)?;
        } else {
            write!(f, "{}: `{}`: {}", self.field, self.value, self.legal)?;
        }
        match &self.excerpt {
            Some(excerpt) => {
                f.write_str("\n")?;
                excerpt.write(f, "      ")
            }
            None => Ok(()),
        }
    }
}

/// Gathers violations, so that a caller learns of all of them at once.
#[derive(Debug, Default)]
pub(crate) struct Violations(Vec<Violation>);

impl Violations {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn push(
        &mut self,
        field: impl Into<String>,
        value: impl Into<String>,
        legal: impl Into<String>,
    ) {
        self.add(Violation::new(field, value, legal));
    }

    pub(crate) fn add(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    /// Records violations found elsewhere.
    pub(crate) fn extend(&mut self, found: impl IntoIterator<Item = Violation>) {
        self.0.extend(found);
    }

    /// Records a violation unless the condition holds.
    pub(crate) fn require(
        &mut self,
        holds: bool,
        field: impl Into<String>,
        value: impl fmt::Display,
        legal: impl Into<String>,
    ) {
        if !holds {
            self.push(field, value.to_string(), legal);
        }
    }

    /// The error of all violations, or the value where there is none.
    pub(crate) fn or<T>(self, operation: &'static str, value: T) -> Result<T> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(Error::invalid_input(self.0).with_operation(operation))
        }
    }
}

/// An error of this crate: from validation, from a backend, or from the service behind it.
///
/// Branch on [`kind`](Self::kind); log the `Display`, which names operation, resource, the
/// service's code and the request id. No parameter values of a call appear in it, since parameters
/// can hold secrets; only the fields of refused input are quoted.
///
/// ```
/// use aws_patch_manager::{Error, ErrorKind};
///
/// let error = Error::service(ErrorKind::InUse, "ResourceInUseException", "used by group web")
///     .with_operation("DeletePatchBaseline")
///     .with_resource("pb-0123456789abcdef0");
/// assert_eq!(error.kind(), ErrorKind::InUse);
/// assert!(!error.is_retryable());
/// ```
#[derive(thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Repr>);

#[derive(Debug, thiserror::Error)]
struct Repr {
    kind: ErrorKind,
    message: String,
    operation: Option<String>,
    resource: Option<String>,
    code: Option<String>,
    request_id: Option<String>,
    violations: Vec<Violation>,
    completed_steps: Vec<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl fmt::Display for Repr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(self.kind.describe())?;
        if let Some(resource) = &self.resource {
            write!(f, ": {resource}")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        for violation in &self.violations {
            write!(f, "\n  {violation}")?;
        }
        if !self.completed_steps.is_empty() {
            write!(f, " (took effect: {})", self.completed_steps.join(", "))?;
        }
        match (&self.code, &self.request_id) {
            (Some(code), Some(id)) => write!(f, " ({code}, request {id})"),
            (Some(code), None) => write!(f, " ({code})"),
            (None, Some(id)) => write!(f, " (request {id})"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Error {
    /// An error of this kind and text.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Repr {
            kind,
            message: message.into(),
            operation: None,
            resource: None,
            code: None,
            request_id: None,
            violations: Vec::new(),
            completed_steps: Vec::new(),
            source: None,
        }))
    }

    /// An error as the service sends it: the kind, the exception's name, its text.
    pub fn service(kind: ErrorKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(kind, message);
        error.0.code = Some(code.into());
        error
    }

    /// Input refused before any call, with every reason.
    pub fn invalid_input(violations: Vec<Violation>) -> Self {
        let mut error = Self::new(ErrorKind::InvalidInput, "");
        error.0.violations = violations;
        error
    }

    /// What a backend answers that cannot do an operation.
    pub fn unsupported(operation: &'static str) -> Self {
        Self::new(ErrorKind::Unsupported, "this backend does not do it").with_operation(operation)
    }

    /// Names the service operation, such as `CreatePatchBaseline`.
    #[must_use]
    pub fn with_operation(mut self, operation: impl Into<String>) -> Self {
        self.0.operation = Some(operation.into());
        self
    }

    /// Names the resource, such as a baseline id.
    #[must_use]
    pub fn with_resource(mut self, resource: impl Into<String>) -> Self {
        self.0.resource = Some(resource.into());
        self
    }

    /// Adds the service's request id.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// Adds the underlying error.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Wraps the error that stopped a verb of several steps, naming the steps that took effect.
    ///
    /// The kind is [`ErrorKind::Incomplete`], or the cause's own where no step took effect.
    #[must_use]
    pub fn incomplete(completed_steps: Vec<String>, cause: Error) -> Self {
        if completed_steps.is_empty() {
            return cause;
        }
        let mut error = Self::new(ErrorKind::Incomplete, cause.to_string());
        error.0.completed_steps = completed_steps;
        error.with_source(cause)
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The service operation that failed, such as `CreatePatchBaseline`.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The resource concerned.
    pub fn resource(&self) -> Option<&str> {
        self.0.resource.as_deref()
    }

    /// The service's name for the error, such as `ResourceInUseException`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The text, without operation, resource or code.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The service's request id, which AWS support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Every reason why the input was refused; empty for other kinds.
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// The steps that took effect before a verb of several steps stopped.
    pub fn completed_steps(&self) -> &[String] {
        &self.0.completed_steps
    }

    /// Whether the same call may succeed a little later.
    ///
    /// An [`Incomplete`](ErrorKind::Incomplete) verb answers for the cause that stopped it.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Throttled
            | ErrorKind::Timeout
            | ErrorKind::Connection
            | ErrorKind::ServiceFailure
            | ErrorKind::Conflict
            | ErrorKind::NotYet => true,
            ErrorKind::Incomplete => self.cause().is_some_and(Error::is_retryable),
            _ => false,
        }
    }

    /// Whether the service asked to slow down.
    pub fn is_throttled(&self) -> bool {
        match self.kind() {
            ErrorKind::Throttled => true,
            ErrorKind::Incomplete => self.cause().is_some_and(Error::is_throttled),
            _ => false,
        }
    }

    /// The error that this one wraps, where that is one of this crate.
    pub(crate) fn cause(&self) -> Option<&Error> {
        StdError::source(self).and_then(|source| source.downcast_ref())
    }
}
