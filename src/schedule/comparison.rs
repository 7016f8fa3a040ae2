//! The differences between what the service has and what is desired.
//!
//! The service fills in absent members, and may write an empty text for an absent one. Neither is a
//! difference, so both sides are normalized before they are compared.
//!
//! UpdateAssociation clears what it does not name (SSM model), as UpdateMaintenanceWindowTask does with
//! `Replace`, which alone removes members. So an update also names what the comparison ignores, as it
//! is now.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::association::{AssociationDescription, AssociationSettings, CreateAssociation};
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
            "ServiceRoleArn",
            "TimeoutSeconds",
        ],
    ),
];

/// The ignored members that fit one document, function or state machine only.
const OF_DOCUMENT: &[&str] = &[
    "Automation",
    "AutomationTargetParameterName",
    "DocumentHash",
    "DocumentHashType",
    "DocumentVersion",
    "Lambda",
    "StepFunctions",
    "TaskParameters",
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

    /// The settings of an update with `Replace` that makes the task as desired.
    pub(crate) fn updated_to(&self, desired: &Self) -> Self {
        let mut update = with_ignored(self, desired, "TaskArn");
        if desired.targets.as_ref().is_none_or(Vec::is_empty) {
            // A task without targets takes no limits (terraform-provider-aws#19396).
            update.max_concurrency = desired.max_concurrency;
            update.max_errors = desired.max_errors;
        }
        // The older forms of what the invocation parameters say.
        let invocation = desired.task_invocation_parameters.as_ref();
        if invocation.is_some() {
            update.task_parameters.clone_from(&desired.task_parameters);
        }
        let run = invocation.and_then(|invocation| invocation.run_command.as_ref());
        if run.is_some_and(|run| run.output_s3_bucket_name.is_some()) {
            update.logging_info.clone_from(&desired.logging_info);
        }
        // The service fills in its own role, which a caller may not pass.
        let own = |role: &mut String| role.contains(":role/aws-service-role/");
        if desired.service_role_arn.is_none() {
            update.service_role_arn.take_if(own);
        }
        update
    }
}

impl AssociationSettings {
    /// The settings of an update that makes the association as desired.
    pub(crate) fn updated_to(&self, desired: &Self) -> Self {
        with_ignored(self, desired, "Name")
    }
}

impl AssociationDescription {
    /// The differences of the association from the desired one. Targets that it does not name are
    /// none, because UpdateAssociation keeps those that it does not name.
    pub(crate) fn differences(&self, desired: &CreateAssociation) -> Vec<Difference> {
        let mut settings = desired.settings();
        if settings.targets.as_ref().is_none_or(Vec::is_empty) {
            settings.targets.clone_from(&self.targets);
        }
        differences(&self.settings(), &settings)
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

/// The desired settings with what the comparison ignores of the current ones. If the member `document`
/// changes, what fits the current document only is left out.
fn with_ignored<T>(current: &T, desired: &T, document: &str) -> T
where
    T: Clone + DeserializeOwned + Serialize,
{
    let value_of = |settings| serde_json::to_value(settings).unwrap_or_default();
    let (current, mut update): (Value, Value) = (value_of(current), value_of(desired));
    let mut given = update.clone();
    canonical(&mut given);
    let same_document = current.get(document) == update.get(document);
    for (place, names) in FILLED {
        let Some(Value::Object(members)) = current.pointer(place) else {
            continue;
        };
        for (name, member) in members {
            let name = name.as_str();
            let ignored =
                names.contains(&name) && given.pointer(&format!("{place}/{name}")).is_none();
            let fits = same_document || !OF_DOCUMENT.contains(&name);
            if ignored
                && fits
                && let Some(members) = members_at(&mut update, place)
            {
                members.insert(name.to_owned(), member.clone());
            }
        }
    }
    serde_json::from_value(update).unwrap_or_else(|_| desired.clone())
}

/// The members of the object at this place, which is made if it is absent.
fn members_at<'v>(value: &'v mut Value, place: &str) -> Option<&'v mut Map<String, Value>> {
    let mut members = value.as_object_mut()?;
    for name in place.split('/').filter(|name| !name.is_empty()) {
        let member = members.entry(name).or_insert_with(|| Map::new().into());
        members = member.as_object_mut()?;
    }
    Some(members)
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

/// The text of a member of a window, a task or an association, by its path: what may hold a secret is
/// shown by its length.
pub(crate) fn shown(path: &str, value: &Value) -> String {
    let parameter = parameter_name(path);
    let shown_parameter = parameter.is_some_and(|name| {
        let name = name.strip_suffix(".Values").unwrap_or(name);
        ["Operation", "RebootOption"].contains(&name)
    });
    let name = path.rsplit_once('.').map_or(path, |(_, name)| name);
    match value {
        Value::String(text) if SENSITIVE.contains(&name) => {
            format!("<{} characters>", text.chars().count())
        }
        Value::Object(members) if name == "Parameters" => {
            format!("<{} parameters>", members.len())
        }
        Value::Array(values) if parameter.is_some() && !shown_parameter => {
            format!("<{} values>", values.len())
        }
        Value::Object(members) => format!("<{} members>", members.len()),
        value => value.to_string(),
    }
}

/// The name of the parameter at a path, with what follows it. A name can have dots.
fn parameter_name(path: &str) -> Option<&str> {
    let nested = path.split_once(".Parameters.").map(|(_, name)| name);
    nested
        .or_else(|| path.strip_prefix("Parameters."))
        .or_else(|| path.strip_prefix("TaskParameters."))
}
