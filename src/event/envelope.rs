use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::{EventDetail, EventKind, read};
use crate::error::{Error, Result, Violation};
use crate::types::{CommandId, NodeId, WindowId, timestamp};

/// An event as EventBridge delivers it.
///
/// It is read from JSON and written back as exactly the same JSON, members that this version does not
/// know included. An event of another kind is read, too: its detail is
/// [`Other`](EventDetail::Other).
///
/// `Debug` and `Display` do not show the members of an unknown event, nor the parameters of a command.
///
/// ```
/// use aws_patch_manager::event::{Event, EventDetail, EventKind};
/// use aws_patch_manager::operation::CommandStatus;
///
/// let event: Event = serde_json::from_str(
///     r#"{
///         "version": "0",
///         "id": "0f9e8d7c-6b5a-4943-8271-605f4e3d2c1b",
///         "detail-type": "EC2 Command Status-change Notification",
///         "source": "aws.ssm",
///         "account": "111122223333",
///         "time": "2026-06-07T02:04:05Z",
///         "region": "eu-central-1",
///         "resources": ["arn:aws:ec2:eu-central-1:111122223333:instance/i-0c0ffee0000000001"],
///         "detail": {
///             "command-id": "a1b2c3d4-0000-4000-8000-000000000001",
///             "document-name": "AWS-RunPatchBaseline",
///             "status": "Canceled"
///         }
///     }"#,
/// )?;
/// assert_eq!(*event.kind(), EventKind::CommandStatusChange);
/// let EventDetail::CommandStatusChange(change) = event.detail() else {
///     return Err("another detail".into());
/// };
/// assert_eq!(change.status, CommandStatus::Cancelled);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    kind: EventKind,
    id: String,
    source: String,
    account: String,
    time: Timestamp,
    region: String,
    resources: Vec<String>,
    detail: EventDetail,
    json: Map<String, Value>,
}

/// What errors call the input.
pub(super) const NAME: &str = "Event";

/// The members that every event has.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Envelope {
    id: String,
    detail_type: String,
    source: String,
    account: String,
    #[serde(with = "timestamp")]
    time: Timestamp,
    region: String,
    #[serde(default)]
    resources: Vec<String>,
}

impl Event {
    /// Reads an event, such as the input of a Lambda function.
    ///
    /// Unknown members are kept. A date in the detail that cannot be read counts as absent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if it is not an event, or lacks what its
    /// kind cannot be without: one [`Violation`] for each member, with its path.
    ///
    /// ```
    /// use aws_patch_manager::event::Event;
    ///
    /// let error = Event::from_value(serde_json::json!({"id": "1"})).err().ok_or("it was read")?;
    /// assert!(error.violations().iter().any(|violation| violation.field == "detail-type"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_value(json: Value) -> Result<Self> {
        let Value::Object(json) = json else {
            let violation = Violation::new("the event", "", "an object");
            return Err(Error::invalid_input(vec![violation]).with_operation(NAME));
        };
        let envelope: Envelope = read::event(&json, "Envelope")?;
        let kind = kind_of(&envelope);
        let detail = EventDetail::read(&kind, &json)?;
        Ok(Self {
            kind,
            id: envelope.id,
            source: envelope.source,
            account: envelope.account,
            time: envelope.time,
            region: envelope.region,
            resources: envelope.resources,
            detail,
            json,
        })
    }

    /// Reads an event from JSON text, such as the body of a message of SQS.
    ///
    /// # Errors
    ///
    /// As [`from_value`](Self::from_value), and if the text is not JSON.
    ///
    /// ```
    /// use aws_patch_manager::event::Event;
    ///
    /// let error = Event::from_json("{").err().ok_or("it was read")?;
    /// assert!(error.violations()[0].legal.starts_with("not JSON"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_json(json: &str) -> Result<Self> {
        let value = serde_json::from_str(json).map_err(|error| {
            let violation = Violation::new("the event", "", format!("not JSON: {error}"));
            Error::invalid_input(vec![violation]).with_operation(NAME)
        })?;
        Self::from_value(value)
    }

    /// What it is about. [`EventKind::Other`] also if it has a known `detail-type` but another source than
    /// the service's: any program may send such events.
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// Its id. An event that comes twice has the same id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The service that sent it: `aws.ssm`, `aws.ec2` or `aws.events`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The account, 12 digits.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// When it happened.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The Region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The ARNs of the resources that it is about.
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// What it says.
    pub fn detail(&self) -> &EventDetail {
        &self.detail
    }

    /// The whole event as it was read.
    pub fn json(&self) -> &Map<String, Value> {
        &self.json
    }

    /// The command that it is about, if its kind names one.
    pub fn command_id(&self) -> Option<&CommandId> {
        self.detail.command_id()
    }

    /// The node that it is about, if its kind names one.
    pub fn node(&self) -> Option<&NodeId> {
        self.detail.node()
    }

    /// The maintenance window that it is about, if its kind names one.
    pub fn window_id(&self) -> Option<&WindowId> {
        self.detail.window_id()
    }

    /// The status as the event spells it, if its kind has one.
    pub fn status(&self) -> Option<&str> {
        let member = self.kind.members()?.status?;
        self.json.get("detail")?.get(member)?.as_str()
    }

    /// Whether the status is final: a command, a run of a window, an association or a runbook has ended.
    pub fn is_end(&self) -> bool {
        let members = self.kind.members();
        members
            .zip(self.status())
            .is_some_and(|(members, status)| members.ended.contains(&status))
    }
}

/// What EventBridge Scheduler sends by itself, which is no event of a bus.
const SCHEDULER: &str = "aws.scheduler";

fn kind_of(envelope: &Envelope) -> EventKind {
    let kind = EventKind::from(envelope.detail_type.as_str());
    match kind.source() {
        Some(_) if kind == EventKind::Scheduled && envelope.source == SCHEDULER => kind,
        Some(source) if source != envelope.source => EventKind::Other(envelope.detail_type.clone()),
        _ => kind,
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id)
            .field("source", &self.source)
            .field("account", &self.account)
            .field("time", &self.time)
            .field("region", &self.region)
            .field("kind", &self.kind)
            .field("resources", &self.resources)
            .field("detail", &self.detail)
            .finish_non_exhaustive()
    }
}

/// Such as `2026-06-07T02:04:05Z EC2 Command Status-change Notification: Success (command …)`, with the
/// command, node and window that it is about.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.time, self.kind)?;
        if let Some(status) = self.status() {
            write!(f, ": {status}")?;
        }
        let command = self.command_id().map(|id| format!("command {id}"));
        let node = self.node().map(|id| format!("node {id}"));
        let window = self.window_id().map(|id| format!("window {id}"));
        let about: Vec<String> = [command, node, window].into_iter().flatten().collect();
        match about.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", about.join(", ")),
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        Self::from_value(Value::deserialize(from)?).map_err(de::Error::custom)
    }
}
