//! Instants as awsJson 1.1 sends them: numbers of epoch seconds, where this crate writes ISO 8601.

use jiff::Timestamp;
use serde_json::Value;

/// Every member of type timestamp in the answers of the operations served here (SSM model).
const INSTANTS: [&str; 36] = [
    "ApprovalDate",
    "CaptureTime",
    "CreatedDate",
    "CreatedTime",
    "Date",
    "EndTime",
    "ExecutionDate",
    "ExecutionEndTime",
    "ExecutionStartTime",
    "ExecutionTime",
    "ExpiresAfter",
    "InstalledTime",
    "LastAssociationExecutionDate",
    "LastExecutionDate",
    "LastModifiedDate",
    "LastNoRebootInstallOperationTime",
    "LastPingDateTime",
    "LastSuccessfulAssociationExecutionDate",
    "LastSuccessfulExecutionDate",
    "LastSuccessfulSyncTime",
    "LastSyncTime",
    "LastUpdateAssociationDate",
    "LaunchTime",
    "ModifiedDate",
    "OperationEndTime",
    "OperationStartTime",
    "RegistrationDate",
    "ReleaseDate",
    "RequestedDateTime",
    "ResponseFinishDateTime",
    "ResponseStartDateTime",
    "ReviewedTime",
    "ScheduledTime",
    "StartTime",
    "SyncCreatedTime",
    "SyncLastModifiedTime",
];

/// Members that stay as they are: maps of text by text, whose keys may be named like members above,
/// and the listing whose `ExecutionTime` is a text.
const KEPT: [&str; 8] = [
    "Details",
    "Inputs",
    "Outputs",
    "OverriddenParameters",
    "Parameters",
    "ScheduledWindowExecutions",
    "TargetMaps",
    "Variables",
];

/// Rewrites every instant of an answer.
pub(super) fn to_epoch_seconds(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(to_epoch_seconds),
        Value::Object(members) => {
            for (name, member) in members {
                if INSTANTS.contains(&name.as_str()) {
                    rewrite(member);
                } else if !KEPT.contains(&name.as_str()) {
                    to_epoch_seconds(member);
                }
            }
        }
        _ => {}
    }
}

/// Whole seconds stay whole; the service sends at most milliseconds.
fn rewrite(member: &mut Value) {
    let instant = member.as_str().and_then(|text| text.parse().ok());
    let Some(instant): Option<Timestamp> = instant else {
        return;
    };
    let millis = instant.as_millisecond();
    *member = if millis % 1000 == 0 {
        Value::from(millis / 1000)
    } else {
        Value::from(millis as f64 / 1000.0)
    };
}
