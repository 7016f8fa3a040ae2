//! The differences between what the service has and what is desired.
//!
//! The service fills in absent members, and may write an empty text for an absent one. Neither is a
//! difference, so both sides are normalized before they are compared.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::association::{AssociationDescription, CreateAssociation};
use super::window::{
    MaintenanceWindowSettings, MaintenanceWindowTargetSettings, MaintenanceWindowTaskSettings,
};
use crate::types::Difference;

/// The members that the service may fill in if a request leaves them out, by path.
const FILLED: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "AlarmConfiguration",
            "AssociationDispatchAssumeRole",
            "AutomationTargetParameterName",
            "ComplianceSeverity",
            "CutoffBehavior",
            "DocumentVersion",
            "LoggingInfo",
            "MaxConcurrency",
            "MaxErrors",
            "OutputLocation",
            "Priority",
            "ServiceRoleArn",
            "SyncCompliance",
            "TaskParameters",
        ],
    ),
    (
        "/TaskInvocationParameters",
        &["Automation", "Lambda", "StepFunctions"],
    ),
    (
        "/TaskInvocationParameters/RunCommand",
        &[
            "DocumentHash",
            "DocumentHashType",
            "DocumentVersion",
            "NotificationConfig",
            "TimeoutSeconds",
        ],
    ),
];

/// The members that may hold a secret: only their length is shown.
const SENSITIVE: &[&str] = &[
    "ClientContext",
    "Description",
    "Input",
    "OwnerInformation",
    "Payload",
];

impl MaintenanceWindowSettings {
    /// The differences of a window with these settings from the desired ones.
    pub(crate) fn differences(&self, desired: &Self) -> Vec<Difference> {
        differences(self, desired)
    }
}

impl MaintenanceWindowTargetSettings {
    /// The differences of a target with these settings from the desired ones.
    pub(crate) fn differences(&self, desired: &Self) -> Vec<Difference> {
        differences(self, desired)
    }
}

impl MaintenanceWindowTaskSettings {
    /// The differences of a task with these settings from the desired ones.
    pub(crate) fn differences(&self, desired: &Self) -> Vec<Difference> {
        differences(self, desired)
    }
}

impl AssociationDescription {
    /// The differences of the association from the desired one. Outside the settings, only the node
    /// can differ.
    pub(crate) fn differences(&self, desired: &CreateAssociation) -> Vec<Difference> {
        let mut found = differences(&self.settings(), &desired.settings());
        found.extend(differences(
            &serde_json::json!({ "InstanceId": self.instance_id }),
            &serde_json::json!({ "InstanceId": desired.instance_id }),
        ));
        found
    }
}

fn differences<T: Serialize>(current: &T, desired: &T) -> Vec<Difference> {
    let canonical_of = |side| {
        let mut value = serde_json::to_value(side).unwrap_or_default();
        canonical(&mut value);
        value
    };
    let (mut current, desired) = (canonical_of(current), canonical_of(desired));
    for (place, names) in FILLED {
        let given = |name: &str| desired.pointer(&format!("{place}/{name}")).is_some();
        if let Some(Value::Object(members)) = current.pointer_mut(place) {
            members.retain(|name, _| !names.contains(&&**name) || given(name));
        }
    }
    canonical(&mut current);
    Difference::between(&current, &desired, shown)
}

/// Removes members that mean the same as absent ones, and sorts what has no order.
fn canonical(value: &mut Value) {
    let Value::Object(members) = value else {
        return;
    };
    for (name, member) in members.iter_mut() {
        match name.as_str() {
            "Targets" => sort_targets(member),
            "StartDate" | "EndDate" => to_instant(member),
            "Parameters" => drop_defaults(member),
            "CloudWatchOutputConfig" => drop_unless_enabled(member),
            _ => {}
        }
        canonical(member);
    }
    members.retain(|name, member| match member {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(value) => *value || name != "ApplyOnlyAtCronInterval",
        Value::Number(_) => true,
    });
}

/// Targets are ANDed and their values ORed, so neither order matters.
fn sort_targets(targets: &mut Value) {
    let Value::Array(targets) = targets else {
        return;
    };
    for target in targets.iter_mut() {
        if let Some(Value::Array(values)) = target.get_mut("Values") {
            values.sort_by_key(Value::to_string);
        }
    }
    targets.sort_by_key(Value::to_string);
}

/// The service may return an instant in another notation than it was sent in.
fn to_instant(text: &mut Value) {
    if let Some(instant) = text
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok())
    {
        *text = instant.to_string().into();
    }
}

/// The service returns absent parameters with the document's defaults.
fn drop_defaults(parameters: &mut Value) {
    if let Value::Object(parameters) = parameters {
        parameters.retain(|name, values| !is_default(name, values));
    }
}

/// The defaults that the patch documents declare.
fn is_default(name: &str, values: &Value) -> bool {
    let default = match name {
        "RebootOption" => "RebootIfNeeded",
        "PreInstallHookDocName" | "PostInstallHookDocName" | "OnExitHookDocName" => "AWS-Noop",
        "StepTimeoutSeconds" => "7200",
        _ => "",
    };
    let mut values = values.as_array().into_iter().flatten();
    values.all(|value| value == default)
}

fn drop_unless_enabled(config: &mut Value) {
    if config["CloudWatchOutputEnabled"] != Value::Bool(true) {
        *config = Value::Object(Map::new());
    }
}

fn shown(path: &str, value: &Value) -> String {
    let (place, name) = path.rsplit_once('.').unwrap_or(("", path));
    let shown_parameter = ["Operation", "RebootOption"].contains(&name);
    let parameter = place.ends_with("Parameters") || place.starts_with("TaskParameters.");
    match value {
        Value::String(text) if SENSITIVE.contains(&name) => {
            format!("<{} characters>", text.chars().count())
        }
        Value::Object(members) if name == "Parameters" => {
            format!("<{} parameters>", members.len())
        }
        Value::Array(values) if parameter && !shown_parameter => {
            format!("<{} values>", values.len())
        }
        Value::Object(members) => format!("<{} members>", members.len()),
        value => value.to_string(),
    }
}
