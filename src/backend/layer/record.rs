use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Serialize;
use serde_json::Value;

use super::{Answer, Call, Layer, Next};
use crate::backend::{Access, Operation};
use crate::error::{ErrorKind, Result};

/// A layer that keeps the writes that pass it, with request and outcome, in the order of their ends.
///
/// Clones share one list. A recorded request has everything that the call had, secrets included: the
/// parameters of documents, and the configuration of a baseline's sources. [`Audit`](super::Audit) leaves
/// those out.
///
/// ```
/// use aws_patch_manager::backend::layer::Record;
/// use aws_patch_manager::{BaselineBuilder, PatchManager};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let record = Record::new();
/// let manager = PatchManager::in_memory().layer(record.clone());
/// manager.ensure_baseline(&BaselineBuilder::ubuntu_security("build-machines").build()?).await?;
/// let writes = record.calls();
/// assert_eq!(writes.len(), 1);
/// assert_eq!(writes[0].operation, "CreatePatchBaseline");
/// assert_eq!(writes[0].request["Name"], "build-machines");
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Record {
    reads: Reads,
    calls: Arc<Mutex<Vec<RecordedCall>>>,
}

/// What is kept of reads.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Reads {
    #[default]
    Nothing,
    Operations,
    Everything,
}

/// A call that [`Record`] kept. `Debug` leaves out the request and the answer, which can have secrets.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RecordedCall {
    /// The operation.
    pub operation: Operation,
    /// The request in AWS's JSON form.
    pub request: Value,
    /// The outcome.
    pub outcome: RecordedOutcome,
}

/// The outcome of a recorded call.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub enum RecordedOutcome {
    /// The answer in AWS's JSON form.
    Answered(Value),
    /// The call failed.
    Failed {
        /// The kind of the error.
        #[serde(rename = "Kind")]
        kind: ErrorKind,
        /// The error, as its `Display` prints it.
        #[serde(rename = "Message")]
        message: String,
    },
}

impl Record {
    /// Keeps the writes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the reads too.
    #[must_use]
    pub fn with_reads(mut self) -> Self {
        self.reads = Reads::Everything;
        self
    }

    /// Keeps which reads there were, without requests and answers: a plan over 10,000 nodes reads the tags
    /// of each.
    pub(crate) fn with_operations_of_reads(mut self) -> Self {
        self.reads = Reads::Operations;
        self
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.lock().clone()
    }

    /// The calls so far, which are then forgotten.
    pub fn take(&self) -> Vec<RecordedCall> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<RecordedCall>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RecordedCall {
    /// Whether the call succeeded.
    pub fn is_success(&self) -> bool {
        matches!(self.outcome, RecordedOutcome::Answered(_))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("calls", &self.lock().len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RecordedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedCall")
            .field("operation", &self.operation)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RecordedOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(_) => f.write_str("Answered"),
            Self::Failed { kind, .. } => f.debug_tuple("Failed").field(kind).finish(),
        }
    }
}

/// The operation and whether it failed, such as `CreatePatchBaseline` or `SendCommand: access denied…`.
impl fmt::Display for RecordedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        match &self.outcome {
            RecordedOutcome::Answered(_) => Ok(()),
            RecordedOutcome::Failed { message, .. } => write!(f, ": {message}"),
        }
    }
}

#[async_trait]
impl Layer for Record {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let is_read = call.access() == Access::Read;
        if is_read && self.reads == Reads::Nothing {
            return next.run(&call).await;
        }
        let in_full = !is_read || self.reads == Reads::Everything;
        let request = match in_full {
            true => call.to_value()?,
            false => Value::Null,
        };
        let outcome = next.run(&call).await;
        let recorded = match &outcome {
            Ok(answer) if in_full => RecordedOutcome::Answered(answer.to_value(&call)?),
            Ok(_) => RecordedOutcome::Answered(Value::Null),
            Err(error) => RecordedOutcome::Failed {
                kind: error.kind(),
                message: error.to_string(),
            },
        };
        self.lock().push(RecordedCall {
            operation: call.operation(),
            request,
            outcome: recorded,
        });
        outcome
    }
}
