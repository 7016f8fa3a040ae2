//! The public error type of this crate.

mod kind;
mod report;
mod validation;
mod violation;

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

pub use kind::ErrorKind;
pub(crate) use validation::ValidationProblems;
#[cfg(feature = "emulator")]
pub(crate) use validation::listed;
pub use violation::Violation;
pub(crate) use violation::Violations;

use crate::types::{CompletedStep, StartedRun};
use crate::visible::{visible, visible_line};

/// A `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate: from validation, from a backend, or from the service behind it.
///
/// Branch on [`kind`](Self::kind). Log the `Display`, which has the operation, the resource, the
/// service's code and the request id. It has no parameter values of a call, because parameters can
/// be secrets; it only quotes the fields of refused input.
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

#[derive(thiserror::Error)]
struct Repr {
    kind: ErrorKind,
    message: String,
    operation: Option<String>,
    resource: Option<String>,
    code: Option<String>,
    request_id: Option<String>,
    violations: Vec<Violation>,
    completed_steps: Vec<CompletedStep>,
    run: Option<StartedRun>,
    effect_unknown: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Repr {
    /// Whether it is of no kind and no service sent it, so that the message says all.
    fn is_named_by_its_message(&self) -> bool {
        let is_of_service = self.operation.is_some() || self.code.is_some();
        self.kind == ErrorKind::Other
            && !is_of_service
            && self.resource.is_none()
            && !self.message.is_empty()
    }
}

impl fmt::Display for Repr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.operation {
            write!(f, "{operation}: ")?;
        }
        if !self.is_named_by_its_message() {
            self.kind.fmt(f)?;
        }
        if let Some(resource) = &self.resource {
            write!(f, ": {}", visible_line(resource))?;
        }
        if !self.message.is_empty() {
            if !self.is_named_by_its_message() {
                f.write_str(": ")?;
            }
            visible(&self.message).try_for_each(|c| f.write_char(c))?;
        }
        for violation in &self.violations {
            write!(f, "\n  {violation}")?;
        }
        if !self.completed_steps.is_empty() {
            let steps: Vec<String> = self
                .completed_steps
                .iter()
                .map(ToString::to_string)
                .collect();
            write!(f, " (took effect: {})", steps.join(", "))?;
        }
        let shown = |text: &Option<String>| text.as_deref().map(visible_line);
        match (shown(&self.code), shown(&self.request_id)) {
            (Some(code), Some(id)) => write!(f, " ({code}, request {id})"),
            (Some(code), None) => write!(f, " ({code})"),
            (None, Some(id)) => write!(f, " (request {id})"),
            (None, None) => Ok(()),
        }
    }
}

/// Only the members that are set, because a `main` that fails prints this.
impl fmt::Debug for Repr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Error");
        shown.field("kind", &self.kind);
        for (name, text) in [
            (
                "message",
                Some(&self.message).filter(|text| !text.is_empty()),
            ),
            ("operation", self.operation.as_ref()),
            ("resource", self.resource.as_ref()),
            ("code", self.code.as_ref()),
            ("request_id", self.request_id.as_ref()),
        ] {
            if let Some(text) = text {
                shown.field(name, text);
            }
        }
        if !self.violations.is_empty() {
            shown.field("violations", &InWords(&self.violations));
        }
        if !self.completed_steps.is_empty() {
            shown.field("completed_steps", &InWords(&self.completed_steps));
        }
        if let Some(run) = &self.run {
            shown.field("run", &format_args!("{run}"));
        }
        if self.effect_unknown {
            shown.field("may_have_taken_effect", &true);
        }
        if let Some(source) = &self.source {
            shown.field("source", source);
        }
        shown.finish()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A list whose items print themselves.
struct InWords<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Debug for InWords<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for item in self.0 {
            list.entry(&format_args!("{item}"));
        }
        list.finish()
    }
}

impl Error {
    /// An error with this kind and text.
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
            run: None,
            effect_unknown: false,
            source: None,
        }))
    }

    /// An error of the service: the kind, the exception's name and its text.
    pub fn service(kind: ErrorKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(kind, message);
        error.0.code = Some(code.into());
        error
    }

    /// Input refused before any call, with all violations.
    pub fn invalid_input(violations: Vec<Violation>) -> Self {
        let mut error = Self::new(ErrorKind::InvalidInput, "");
        error.0.violations = violations;
        error
    }

    /// The error of a backend that does not support an operation.
    pub fn unsupported(operation: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, "this backend does not support it")
            .with_operation(operation)
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

    /// Marks that the call may have taken effect although it failed, so a second call could do the
    /// same again. Use it in a backend, for operations without a client token.
    ///
    /// ```
    /// use aws_patch_manager::{Error, ErrorKind};
    ///
    /// let lost = Error::new(ErrorKind::Connection, "no reply came").with_unknown_effect();
    /// assert!(lost.may_have_taken_effect() && !lost.is_retryable());
    /// ```
    #[must_use]
    pub fn with_unknown_effect(mut self) -> Self {
        self.0.effect_unknown = true;
        self
    }

    /// Wraps the error that stopped a verb of several steps, with the steps that took effect.
    ///
    /// The kind is [`ErrorKind::Incomplete`], or that of the cause if no step took effect.
    ///
    /// ```
    /// use aws_patch_manager::types::{CompletedStep, NodeId};
    /// use aws_patch_manager::{Error, ErrorKind};
    ///
    /// let node = NodeId::new("i-0c0ffee0000000001");
    /// let untagged = CompletedStep::NodeUntagged { node };
    /// let throttled = Error::new(ErrorKind::Throttled, "slow down");
    /// let error = Error::incomplete(vec![untagged.clone()], throttled);
    /// assert_eq!(error.kind(), ErrorKind::Incomplete);
    /// assert_eq!(error.completed_steps(), [untagged]);
    /// assert!(error.is_retryable(), "as its cause is");
    /// ```
    #[must_use]
    pub fn incomplete(completed_steps: Vec<CompletedStep>, cause: Error) -> Self {
        if completed_steps.is_empty() {
            return cause;
        }
        let mut error = Self::new(ErrorKind::Incomplete, cause.to_string());
        error.0.completed_steps = completed_steps;
        error.with_source(cause)
    }

    /// What stopped a verb of several steps; the error itself if it is of another kind.
    pub(crate) fn into_cause(mut self) -> Self {
        if self.0.kind != ErrorKind::Incomplete {
            return self;
        }
        match self.0.source.take().map(|source| source.downcast::<Self>()) {
            Some(Ok(cause)) => cause.into_cause(),
            Some(Err(other)) => {
                self.0.source = Some(other);
                self
            }
            None => self,
        }
    }

    /// Adds the run that goes on despite the error.
    #[must_use]
    pub fn with_run(mut self, run: StartedRun) -> Self {
        self.0.run = Some(run);
        self
    }

    /// The same error as one of another kind, with this message.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: ErrorKind, message: impl Into<String>) -> Self {
        self.0.kind = kind;
        self.0.message = message.into();
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The service operation that failed, such as `CreatePatchBaseline`.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The resource.
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

    /// All violations of refused input; empty for other kinds.
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// The steps that took effect before a verb of several steps stopped.
    pub fn completed_steps(&self) -> &[CompletedStep] {
        &self.0.completed_steps
    }

    /// The run that goes on despite the error, for [`resume`](crate::PatchManager::resume). It is
    /// set if only some commands of a run could be sent, and if a wait ran out of time.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// let late = run.wait(Duration::from_secs(1)).await.err().ok_or("it has ended")?;
    /// let run = late.run().cloned().ok_or("no run")?;
    /// let run = manager.resume(run.operation, run.command_ids)?;
    /// assert!(run.wait(Duration::from_secs(2 * 3600)).await?.is_success());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run(&self) -> Option<&StartedRun> {
        self.0.run.as_ref()
    }

    /// Whether the call may have taken effect, at least in part. Then a second call could do the
    /// same again, such as a second run or a second association. Check the current state first.
    ///
    /// For [`Incomplete`](ErrorKind::Incomplete), this also considers the cause.
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.effect_unknown
            || self.kind() == ErrorKind::Incomplete
                && self.cause().is_some_and(Error::may_have_taken_effect)
    }

    /// Whether the same call is safe to repeat, and may succeed a little later.
    ///
    /// False for a call that [may have taken effect](Self::may_have_taken_effect). For
    /// [`Incomplete`](ErrorKind::Incomplete), it is that of the cause.
    pub fn is_retryable(&self) -> bool {
        if self.may_have_taken_effect() {
            return false;
        }
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

    /// Whether the service throttled the call.
    pub fn is_throttled(&self) -> bool {
        match self.kind() {
            ErrorKind::Throttled => true,
            ErrorKind::Incomplete => self.cause().is_some_and(Error::is_throttled),
            _ => false,
        }
    }

    /// Whether a permission or a capability is missing, so that a caller can go on without the
    /// data.
    pub(crate) fn is_withheld(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::AccessDenied | ErrorKind::Unsupported
        )
    }

    /// The error that this one wraps, if it is one of this crate.
    pub(crate) fn cause(&self) -> Option<&Error> {
        StdError::source(self).and_then(|source| source.downcast_ref())
    }
}
