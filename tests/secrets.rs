//! What may be a secret is in nothing that is printed: passwords of patch sources, parameters, tokens, and the
//! queries of presigned URLs.
//!
//! What a type is serialized as goes to the service or to a file that is read back, so it has everything.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_patch_manager::automation::{
    AttachmentsContent, AutomationExecution, OrganizationRequest, Runbook,
    StartAutomationExecution, StepExecution,
};
use aws_patch_manager::backend::layer::{Audit, Record, Trace};
use aws_patch_manager::backend::{CreatePatchBaseline, SendCommand};
use aws_patch_manager::baseline::PatchSource;
use aws_patch_manager::compliance::{InstancePatchState, ReportDetail};
use aws_patch_manager::event::CommandStatusChange;
use aws_patch_manager::operation::{
    Command, CommandInvocation, CommandInvocationDetail, CommandPlugin, PatchParameters,
};
use aws_patch_manager::schedule::association::{
    AssociationSettings, AssociationVersionInfo, CreateAssociation,
    CreateAssociationBatchRequestEntry, S3OutputUrl,
};
use aws_patch_manager::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindowAutomationParameters, MaintenanceWindowExecutionTask,
    MaintenanceWindowExecutionTaskInvocation, MaintenanceWindowIdentity,
    MaintenanceWindowLambdaParameters, MaintenanceWindowRunCommandParameters,
    MaintenanceWindowSettings, MaintenanceWindowStepFunctionsParameters,
    MaintenanceWindowTargetSettings, MaintenanceWindowTask,
    MaintenanceWindowTaskParameterValueExpression, MaintenanceWindowTaskSettings,
    RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
};
use aws_patch_manager::types::{
    InstanceInfo, InstanceInformation, InstanceProperty, NodeId, PatchOperation,
};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, Page, PageRequest, PageToken, PatchRequest,
};
use futures_util::TryStreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use support::accounts::sample;
use support::spans::Recorder;

const SECRET: &str = "S3CR3T-7f3a";

/// Where a presigned URL leads, which is no secret.
const PLACE: &str = "https://lists.s3.amazonaws.com/list.json";

fn presigned() -> String {
    format!("{PLACE}?X-Amz-Credential=AKIA&X-Amz-Signature={SECRET}")
}

/// Members that can hold a secret, wherever they are. Of a baseline or a document the description is none.
const MEMBERS: &[&str] = &[
    "baseline_override",
    "client_context",
    "client_token",
    "configuration",
    "external_id",
    "input",
    "inputs",
    "install_override_list",
    "ip_address",
    "next_token",
    "output_url",
    "overridden_parameters",
    "owner_information",
    "parameters",
    "payload",
    "standard_error_url",
    "standard_output_url",
    "task_parameters",
    "url",
    "variables",
];

/// Types with such a member that are not in [`printed_types`], and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("Accounts", "needs the SDK: tests/aws_accounts.rs"),
    (
        "DocumentDescription",
        "names and types of parameters, without values",
    ),
    ("InstanceAssociationStatusInfo", "its URL is in S3OutputUrl"),
    (
        "PatchRequest",
        "its parameters are PatchParameters, and the verbs below print it",
    ),
    (
        "PolicyConfiguration",
        "parameters of a patch policy: names, buckets and Regions (User Guide)",
    ),
    ("WindowTaskTargetInvocationStateChange", "tests/events"),
];

/// A type as it was printed.
struct Printed {
    name: &'static str,
    text: String,
}

fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}

fn printed<T: Debug>(value: &T) -> Printed {
    Printed {
        name: short_name::<T>(),
        text: format!("{value:?} {value:#?}"),
    }
}

/// Reads a type from JSON in which there is the secret, and prints it. All of the JSON has to be read.
fn read<T: DeserializeOwned + Serialize + Debug>(json: Value) -> Printed {
    let count = |text: &str| text.matches(SECRET).count();
    let value: T = serde_json::from_value(json.clone())
        .unwrap_or_else(|error| panic!("{}: {error}", short_name::<T>()));
    let written = serde_json::to_string(&value).unwrap();
    assert_eq!(
        count(&written),
        count(&json.to_string()),
        "{}: {written}",
        short_name::<T>()
    );
    printed(&value)
}

fn parameters() -> Value {
    json!({"commands": [SECRET]})
}

fn printed_types() -> Vec<Printed> {
    let (url, node) = (presigned(), "i-0c0ffee0000000001");
    let value = json!({"a": {"Values": [SECRET]}});
    let mut overrides = PatchParameters::new(PatchOperation::Install);
    overrides.install_override_list = Some(url.clone());
    overrides.baseline_override = Some(url.clone());
    let event: CommandStatusChange = serde_json::from_value(json!({
        "command-id": "c", "status": "Success", "parameters": parameters()}))
    .unwrap();
    let outputs = json!({"StandardOutputUrl": url, "StandardErrorUrl": url});
    let with = |more: Value| {
        let mut all = outputs.as_object().cloned().unwrap();
        all.extend(more.as_object().cloned().unwrap());
        Value::Object(all)
    };
    vec![
        printed(&overrides),
        printed(&event),
        printed(&OrganizationRequest::scan("r").client_token(SECRET)),
        printed(&PageToken::new(SECRET)),
        printed(&Page::new(vec![1], Some(PageToken::new(SECRET)))),
        read::<PageRequest>(json!({"NextToken": SECRET})),
        read::<PatchSource>(json!({"Name": "a", "Products": ["*"], "Configuration": SECRET})),
        read::<CreatePatchBaseline>(json!({"Name": "a", "ClientToken": SECRET})),
        read::<SendCommand>(json!({"DocumentName": "d", "Parameters": parameters()})),
        read::<Command>(json!({"CommandId": "c", "Status": "Success", "Parameters": parameters()})),
        read::<CommandPlugin>(with(json!({"Name": "p", "Status": "Success"}))),
        read::<CommandInvocation>(with(
            json!({"CommandId": "c", "InstanceId": node, "Status": "Success"}),
        )),
        read::<CommandInvocationDetail>(with(
            json!({"CommandId": "c", "InstanceId": node, "Status": "Success"}),
        )),
        read::<InstancePatchState>(json!({
            "InstanceId": node, "PatchGroup": "g", "BaselineId": "pb-0123456789abcdef0",
            "InstallOverrideList": url, "OwnerInformation": SECRET, "Operation": "Install",
            "OperationStartTime": "2026-01-01T00:00:00Z", "OperationEndTime": "2026-01-01T00:00:00Z"})),
        read::<InstanceInformation>(json!({"InstanceId": node, "IPAddress": SECRET})),
        read::<InstanceInfo>(json!({"IpAddress": SECRET})),
        read::<InstanceProperty>(json!({"InstanceId": node, "IPAddress": SECRET})),
        read::<AttachmentsContent>(json!({"Url": url})),
        read::<StartAutomationExecution>(json!({
            "DocumentName": "d", "Parameters": parameters(), "ClientToken": SECRET})),
        read::<Runbook>(json!({"DocumentName": "d", "Parameters": parameters()})),
        read::<StepExecution>(json!({
            "Inputs": {"a": SECRET}, "OverriddenParameters": parameters()})),
        read::<AutomationExecution>(json!({
            "Parameters": parameters(), "Variables": parameters()})),
        read::<AssociationSettings>(json!({"Parameters": parameters()})),
        read::<CreateAssociation>(json!({"Name": "d", "Parameters": parameters()})),
        read::<AssociationVersionInfo>(json!({"Parameters": parameters()})),
        read::<CreateAssociationBatchRequestEntry>(json!({"Parameters": parameters()})),
        read::<S3OutputUrl>(json!({"OutputUrl": url})),
        read::<MaintenanceWindowSettings>(json!({"Description": SECRET})),
        read::<MaintenanceWindowIdentity>(json!({"Description": SECRET})),
        read::<CreateMaintenanceWindow>(json!({"Description": SECRET, "ClientToken": SECRET})),
        read::<MaintenanceWindowTargetSettings>(json!({
            "Description": SECRET, "OwnerInformation": SECRET})),
        read::<RegisterTargetWithMaintenanceWindow>(json!({
            "OwnerInformation": SECRET, "ClientToken": SECRET})),
        read::<MaintenanceWindowTaskSettings>(json!({
            "Description": SECRET, "TaskParameters": value})),
        read::<RegisterTaskWithMaintenanceWindow>(json!({
            "TaskParameters": value, "ClientToken": SECRET})),
        read::<MaintenanceWindowTask>(json!({"TaskParameters": value})),
        read::<MaintenanceWindowTaskParameterValueExpression>(json!({"Values": [SECRET]})),
        read::<MaintenanceWindowRunCommandParameters>(json!({"Parameters": parameters()})),
        read::<MaintenanceWindowAutomationParameters>(json!({"Parameters": parameters()})),
        read::<MaintenanceWindowStepFunctionsParameters>(json!({"Input": SECRET})),
        read::<MaintenanceWindowLambdaParameters>(json!({
            "ClientContext": SECRET, "Payload": SECRET})),
        read::<MaintenanceWindowExecutionTask>(json!({"TaskParameters": [value]})),
        read::<MaintenanceWindowExecutionTaskInvocation>(json!({
            "Parameters": SECRET, "OwnerInformation": SECRET})),
    ]
}

#[test]
fn debug_shows_no_secret_and_of_a_presigned_url_where_it_leads() {
    let types = printed_types();
    for Printed { name, text } in &types {
        assert!(
            !text.contains(SECRET) && !text.contains("X-Amz"),
            "{name}: {text}"
        );
        // Of a patch source the number of characters is shown, of parameters their names. `..` stands for
        // members that are left out.
        let says_so = ["redacted", PLACE, "characters>", "commands", ".. }"]
            .iter()
            .any(|one| text.contains(one));
        assert!(
            says_so,
            "{name} does not say that something is left out: {text}"
        );
    }
}

/// The public structures of the crate that have such members, by the source.
fn types_with_such_members() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                found.extend(types_in(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

fn types_in(source: &str) -> BTreeSet<String> {
    let (mut found, mut at): (_, Option<String>) = (BTreeSet::new(), None);
    for line in source
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
    {
        if let Some(rest) = line.strip_prefix("pub struct ") {
            let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap();
            at = rest.ends_with('{').then(|| name.to_owned());
        } else if line == "}" {
            at = None;
        } else if let Some(name) = &at {
            let member = line.strip_prefix("pub ").unwrap_or(line);
            let (mark, member) = match member.split_once("] ") {
                Some((mark, member)) => (Some(mark), member),
                None => (None, member),
            };
            let member = member.split(':').next().unwrap();
            if mark.is_some() || MEMBERS.contains(&member) {
                found.insert(name.clone());
            }
        }
    }
    found
}

/// A type that gets such a member is printed above, or it is said where it is looked at.
#[test]
fn every_public_type_with_a_member_that_can_hold_a_secret_is_looked_at() {
    let types = printed_types();
    let listed: BTreeSet<&str> = types.iter().map(|printed| printed.name).collect();
    let elsewhere: BTreeSet<&str> = ELSEWHERE.iter().map(|(name, _)| *name).collect();
    let found = types_with_such_members();
    let known =
        |name: &&String| listed.contains(name.as_str()) || elsewhere.contains(name.as_str());
    let missing: Vec<_> = found.iter().filter(|name| !known(name)).collect();
    assert!(missing.is_empty(), "add them to printed_types: {missing:?}");
    let gone: Vec<_> = elsewhere
        .iter()
        .filter(|name| !found.contains(**name))
        .collect();
    assert!(gone.is_empty(), "no such type has such a member: {gone:?}");
}

/// Everything that a run with a presigned list and its answers are printed as.
#[tokio::test]
async fn a_run_with_a_presigned_list_is_reported_without_its_signature() {
    let (recorder, _guard) = Recorder::listening();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    let record = Record::new().with_reads();
    let (backend, manager) = sample();
    let manager = manager
        .layer(record.clone())
        .layer(Audit::new(move |record| {
            log.lock().unwrap().push(format!("{record} {record:?}"))
        }))
        .layer(Trace::new());
    backend.put_object(PLACE, "patches: []").unwrap();
    let node = NodeId::new("mi-0c0ffee0000000009");
    let request = PatchRequest::install()
        .install_override_list(presigned())
        .nodes([&node]);
    let mut out = vec![format!("{request:?}")];
    let run = manager.run(&request).await.unwrap();
    out.push(format!("{run:?} {}", json!(run)));
    let outcome = run.wait(Duration::from_secs(7200)).await.unwrap();
    out.push(format!("{outcome} {outcome:?} {}", json!(outcome)));
    let query = ComplianceQuery::nodes([&node]);
    let answers: Vec<_> = manager.compliance(&query).try_collect().await.unwrap();
    out.extend(
        answers
            .iter()
            .map(|node| format!("{node} {node:?} {}", json!(node))),
    );
    let report = manager
        .compliance_report("r", &query, ReportDetail::Patches)
        .await
        .unwrap();
    out.push(format!(
        "{report:?} {} {} {}",
        json!(report),
        report.to_markdown(),
        report.to_html()
    ));
    for wrong in ["ftp://host/list.json", "https://host/li'st.json"] {
        let url = format!("{wrong}?X-Amz-Signature={SECRET}");
        for request in [
            PatchRequest::scan().install_override_list(&url),
            PatchRequest::scan()
                .baseline_override(&url)
                .install_override_list(&url),
        ] {
            let refused = manager
                .run(&request.nodes([&node]))
                .await
                .map(drop)
                .unwrap_err();
            out.push(format!("{refused} {refused:?} {}", json!(refused)));
        }
    }
    let source = PatchSource::new("a b", ["*"], format!("[repo]\npassword={SECRET}"));
    let refused = BaselineBuilder::ubuntu_security("b")
        .source(source)
        .build()
        .map(drop)
        .unwrap_err();
    out.push(format!("{refused} {refused:?} {}", json!(refused)));
    let printed: Vec<_> = record
        .calls()
        .iter()
        .map(|call| format!("{call} {call:?}"))
        .collect();
    out.extend(printed);
    out.extend(lines.lock().unwrap().clone());
    let told = recorder.told();
    assert!(
        told.len() > 5 && out.len() > 20,
        "{} {}",
        told.len(),
        out.len()
    );
    out.extend(
        told.iter()
            .flat_map(|told| told.values())
            .map(str::to_owned),
    );
    for text in out {
        assert!(!text.contains(SECRET), "{text}");
    }
}
