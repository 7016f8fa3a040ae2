use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Answer, Call, Layer, Next};
use crate::backend::{Access, Operation, Service};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};

/// A layer that records each call when it ends: the operation, its resources and its outcome.
///
/// A record has no secrets. From a request it has ids, names, groups and operating systems, and
/// never parameters, sources of patches, tokens, tags or filters. From an error it has the kind,
/// the code and the request id, and not the text. Add the layer first (innermost) to record what
/// reaches the backend, or last (outermost) to record what the program requests.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::backend::layer::Audit;
/// use aws_patch_manager::types::OperatingSystem;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let audit = Audit::new(|record| println!("{record}"));
/// let manager = PatchManager::in_memory().layer(audit);
/// manager.default_baseline(OperatingSystem::Windows).await?;
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// prints, on one line:
///
/// ```json
/// {
///   "Time": "2026-05-14T00:00:00Z",
///   "Operation": "GetDefaultPatchBaseline",
///   "Service": "ssm",
///   "Access": "Read",
///   "Attempt": 1,
///   "Identifiers": {"OperatingSystem": ["WINDOWS"]},
///   "Outcome": "Succeeded",
///   "ElapsedSeconds": 0.0
/// }
/// ```
#[derive(Clone)]
pub struct Audit {
    sink: Arc<dyn Fn(&AuditRecord) + Send + Sync>,
}

/// The record of a call. `Display` prints it as JSON, on one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AuditRecord {
    /// When the call was made, on the clock of the layers.
    pub time: Timestamp,
    /// The operation.
    pub operation: Operation,
    /// The service that it belongs to.
    pub service: Service,
    /// Whether it reads or writes.
    pub access: Access,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The ids, names, groups and operating systems in the request, by the name of the member.
    pub identifiers: BTreeMap<String, Vec<String>>,
    /// The outcome.
    pub outcome: AuditOutcome,
    /// The kind of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_kind: Option<ErrorKind>,
    /// The service's name for the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The service's id of the request that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Its duration, on the clock of the layers.
    pub elapsed_seconds: f64,
}

/// The outcome of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum AuditOutcome {
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
    /// The caller dropped it before there was an answer. A write may have taken effect.
    Cancelled,
}

impl Audit {
    /// Passes each record to a function, on the task that makes the call.
    pub fn new(sink: impl Fn(&AuditRecord) + Send + Sync + 'static) -> Self {
        Self {
            sink: Arc::new(sink),
        }
    }

    /// Writes each record as a line of JSON, and flushes it. A line that cannot be written is lost
    /// without notice: use [`new`](Self::new) if that must not be.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::backend::layer::Audit;
    ///
    /// let manager = PatchManager::in_memory().layer(Audit::to_writer(std::io::stdout()));
    /// # let _ = manager;
    /// ```
    pub fn to_writer(writer: impl Write + Send + 'static) -> Self {
        let writer = Mutex::new(writer);
        Self::new(move |record| {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(writer, "{record}").and_then(|()| writer.flush());
        })
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit").finish_non_exhaustive()
    }
}

impl fmt::Display for AuditRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&line)
    }
}

#[async_trait]
impl Layer for Audit {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let mut pending = PendingRecord::new(self, call);
        let outcome = next.run(&call).await;
        pending.settle(outcome.as_ref().err());
        outcome
    }
}

/// The record of a call in progress. It is written when it is dropped. If the call has no outcome
/// then, it was cancelled.
struct PendingRecord<'a> {
    audit: &'a Audit,
    clock: &'a dyn Clock,
    record: AuditRecord,
}

impl<'a> PendingRecord<'a> {
    fn new(audit: &'a Audit, call: Call<'a>) -> Self {
        let request = call.to_value().unwrap_or_default();
        let record = AuditRecord {
            time: call.clock().now(),
            operation: call.operation(),
            service: call.operation().service(),
            access: call.access(),
            attempt: call.attempt(),
            identifiers: request.as_object().map(identifiers).unwrap_or_default(),
            outcome: AuditOutcome::Cancelled,
            error_kind: None,
            code: None,
            request_id: None,
            elapsed_seconds: 0.0,
        };
        Self {
            audit,
            clock: call.clock(),
            record,
        }
    }

    fn settle(&mut self, error: Option<&Error>) {
        self.record.outcome = match error {
            Some(_) => AuditOutcome::Failed,
            None => AuditOutcome::Succeeded,
        };
        self.record.error_kind = error.map(Error::kind);
        self.record.code = error.and_then(Error::code).map(str::to_owned);
        self.record.request_id = error.and_then(Error::request_id).map(str::to_owned);
    }
}

impl Drop for PendingRecord<'_> {
    fn drop(&mut self) {
        let elapsed = self.record.time.duration_until(self.clock.now());
        self.record.elapsed_seconds = elapsed.as_secs_f64();
        (self.audit.sink)(&self.record);
    }
}

/// The members of a request that have no secrets, by their names.
///
/// Nested members are left out, because they have parameters, sources, tags and filters. Only the
/// nodes of `Targets` are included.
fn identifiers(request: &Map<String, Value>) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in request {
        if is_identifier(name) {
            let values = strings(value);
            if !values.is_empty() {
                found.entry(name.clone()).or_default().extend(values);
            }
        }
    }
    let targets = request.get("Targets").and_then(Value::as_array);
    for target in targets.into_iter().flatten() {
        if target["Key"] == NODES {
            let nodes = strings(&target["Values"]);
            found.entry(NODES.to_owned()).or_default().extend(nodes);
        }
    }
    found
}

const NODES: &str = "InstanceIds";

fn is_identifier(member: &str) -> bool {
    let ends = ["Id", "Ids", "Arn", "Name", "Group", "OperatingSystem"];
    ends.iter().any(|end| member.ends_with(end)) || member == "Resources"
}

/// A string, or the strings of a list.
fn strings(value: &Value) -> Vec<String> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let strings = items.iter().filter_map(Value::as_str);
    strings.map(str::to_owned).collect()
}
