//! A small account for tests: two systems with a few patches each.

use std::collections::BTreeMap;

use crate::support::accounts::{fleet, node_id};
use aws_patch_manager::backend::{
    BaselineStore, CommandRunner, ComplianceSource, CreatePatchBaseline,
    DescribeInstancePatchStates, DescribeInstancePatches, ListCommandInvocations,
    RegisterDefaultPatchBaseline,
};
use aws_patch_manager::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchFilter, PatchFilterGroup,
    PatchFilterKey,
};
use aws_patch_manager::compliance::InstancePatchState;
use aws_patch_manager::memory::{FleetNode, InstalledPackage};
use aws_patch_manager::operation::{Command, CommandInvocation, SendCommand};
use aws_patch_manager::types::{
    BaselineId, CommandId, NodeId, OperatingSystem, PatchOperation, RebootOption, Target,
};
use aws_patch_manager::{MemoryBackend, PageRequest};
use std::time::Duration;

/// A Wednesday.
pub(crate) const START: &str = "2026-05-20T00:00:00Z";
pub(crate) const WIN: &str = "i-00000000000000001";
pub(crate) const LIN: &str = "i-00000000000000002";
pub(crate) const UBU: &str = "i-00000000000000003";

const CATALOGUE: &str = r#"[
  {"KbNumber":"KB1","Product":"WindowsServer2022","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-01-13T17:00:00Z","Title":"One"},
  {"KbNumber":"KB2","Product":"WindowsServer2022","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-02-10T17:00:00Z","Title":"Two","Supersedes":["KB1"]},
  {"KbNumber":"KB3","Product":"WindowsServer2022","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-05-18T17:00:00Z","Title":"Three"},
  {"KbNumber":"KB4","Product":"WindowsServer2022","Classification":"Updates","MsrcSeverity":"Unspecified","ReleaseDate":"2026-01-13T17:00:00Z","Title":"Four"},
  {"KbNumber":"KB5","Product":"WindowsServer2019","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-01-13T17:00:00Z","Title":"Five"},
  {"KbNumber":"KB6","Product":"WindowsServer2022","Classification":"CriticalUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-03-10T17:00:00Z","Title":"Six"},
  {"Name":"curl","Epoch":0,"Version":"8.9","Release":"2","Arch":"x86_64","Product":"AmazonLinux2023","Classification":"Security","Severity":"Important","CVEIds":["CVE-1","CVE-2"],"ReleaseDate":"2026-04-01T00:00:00Z"},
  {"Name":"curl","Epoch":0,"Version":"8.10","Release":"1","Arch":"x86_64","Product":"AmazonLinux2023","Classification":"Security","Severity":"Important","CVEIds":["CVE-3"],"ReleaseDate":"2026-04-20T00:00:00Z"},
  {"Name":"curl","Epoch":0,"Version":"8.11","Release":"1","Arch":"x86_64","Product":"AmazonLinux2023","Classification":"Security","Severity":"Important","CVEIds":["CVE-4"],"ReleaseDate":"2026-05-18T00:00:00Z"},
  {"Name":"sudo","Epoch":0,"Version":"1.9","Release":"2","Arch":"x86_64","Product":"AmazonLinux2023","Classification":"Security","Severity":"Critical","ReleaseDate":"2026-04-01T00:00:00Z"},
  {"Name":"bash","Version":"5.1-6ubuntu1.10","Arch":"amd64","Product":"Ubuntu22.04","Repository":"jammy-security","Priority":"Required","ReleaseDate":"2026-04-01T00:00:00Z","CVEIds":["CVE-9"]}
]"#;

pub(crate) fn account(nodes: Vec<FleetNode>) -> MemoryBackend {
    MemoryBackend::builder()
        .start(START.parse().unwrap())
        .catalog_json(CATALOGUE)
        .unwrap()
        .fleet(fleet(nodes))
        .build()
}

/// Windows nodes of the production environment, numbered from 1 on.
pub(crate) fn production(count: usize) -> Vec<FleetNode> {
    (1..=count)
        .map(|number| FleetNode::windows_server_2022(node_id(number)).with_tag("Env", "prod"))
        .collect()
}

pub(crate) fn windows(installed: &[&str]) -> FleetNode {
    let node = FleetNode::windows_server_2022(WIN);
    installed.iter().fold(node, |node, kb| {
        node.with_installed(InstalledPackage::kb(*kb))
    })
}

/// A package as `name-version-release`.
pub(crate) fn linux(installed: &[&str]) -> FleetNode {
    let node = FleetNode::amazon_linux_2023(LIN);
    installed.iter().fold(node, |node, nvr| {
        let parts: Vec<&str> = nvr.split('-').collect();
        let package = InstalledPackage::rpm(parts[0], 0, parts[1], parts[2], "x86_64");
        node.with_installed(package)
    })
}

pub(crate) fn rule(key: PatchFilterKey, values: &[&str], days: u32) -> ApprovalRule {
    let filter = PatchFilter::new(key, values.iter().copied());
    ApprovalRule::new(
        PatchFilterGroup::new(vec![filter]),
        Approval::AfterDays(days),
    )
}

/// Security and critical updates after seven days.
pub(crate) fn security(os: OperatingSystem) -> BaselineSpec {
    let values: &[&str] = match os {
        OperatingSystem::Windows => &["SecurityUpdates", "CriticalUpdates"],
        _ => &["Security"],
    };
    let mut spec = BaselineSpec::new("security", os);
    let rule = rule(PatchFilterKey::Classification, values, 7);
    spec.approval_rules = ApprovalRules::new(vec![rule]);
    spec
}

pub(crate) async fn make_default(backend: &MemoryBackend, spec: BaselineSpec) -> BaselineId {
    let id = backend
        .create_patch_baseline(CreatePatchBaseline::new(spec))
        .await
        .unwrap();
    backend
        .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&id))
        .await
        .unwrap();
    id
}

pub(crate) fn request(
    operation: PatchOperation,
    reboot: RebootOption,
    ids: &[&str],
) -> SendCommand {
    let mut request = SendCommand::run_patch_baseline(operation);
    request.set_parameter("RebootOption", reboot.as_str());
    request.instance_ids = ids.iter().map(|id| NodeId::new(*id)).collect();
    request
}

pub(crate) fn scan(ids: &[&str]) -> SendCommand {
    request(PatchOperation::Scan, RebootOption::NoReboot, ids)
}

pub(crate) fn install(ids: &[&str]) -> SendCommand {
    request(PatchOperation::Install, RebootOption::RebootIfNeeded, ids)
}

pub(crate) fn to_tag(mut request: SendCommand, key: &str, value: &str) -> SendCommand {
    request.instance_ids.clear();
    request.targets = vec![Target::tag(key, [value])];
    request
}

pub(crate) fn seconds(backend: &MemoryBackend, seconds: u64) {
    backend.advance(Duration::from_secs(seconds));
}

/// Sends a command and waits for its end.
pub(crate) async fn run(backend: &MemoryBackend, request: SendCommand) -> CommandId {
    let sent = backend.send_command(request).await.unwrap();
    seconds(backend, 3 * 3600);
    sent.command_id
}

pub(crate) async fn invocations(backend: &MemoryBackend, id: &CommandId) -> Vec<CommandInvocation> {
    let listed = backend.list_command_invocations(ListCommandInvocations::of(id.clone()));
    listed.await.unwrap().items
}

/// `Status/StatusDetails` of each node.
pub(crate) async fn statuses(backend: &MemoryBackend, id: &CommandId) -> Vec<String> {
    let listed = invocations(backend, id).await;
    let text = |on: &CommandInvocation| format!("{}/{}", on.status, on.status_details);
    listed.iter().map(text).collect()
}

pub(crate) async fn command(backend: &MemoryBackend, id: &CommandId) -> Command {
    let request = aws_patch_manager::backend::ListCommands::of(id.clone());
    backend
        .list_commands(request)
        .await
        .unwrap()
        .items
        .remove(0)
}

/// The state of each patch of a node.
pub(crate) async fn states(backend: &MemoryBackend, node: &str) -> BTreeMap<String, String> {
    let request = DescribeInstancePatches::new(node, vec![], PageRequest::first());
    let page = backend.describe_instance_patches(request).await.unwrap();
    let items = page.items.into_iter();
    items
        .map(|patch| (patch.kb_id, patch.state.to_string()))
        .collect()
}

/// The same as one text.
pub(crate) async fn summary(backend: &MemoryBackend, node: &str) -> String {
    let states = states(backend, node).await;
    let texts: Vec<String> = states.iter().map(|(kb, s)| format!("{kb} {s}")).collect();
    texts.join(", ")
}

pub(crate) async fn state(backend: &MemoryBackend, node: &str) -> Option<InstancePatchState> {
    let nodes = [NodeId::new(node)];
    let page = backend.describe_instance_patch_states(DescribeInstancePatchStates::new(
        &nodes,
        PageRequest::first(),
    ));
    page.await.unwrap().items.pop()
}
