//! What AWS's own node code found on nodes, and AWS's own baselines, against what we answer: in
//! memory, and over the emulator's wire.
//!
//! `PATCH_ORACLE` names the folder; the cases are others' data and not in the repository.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/cases.rs"]
mod cases;
#[cfg(feature = "emulator")]
#[allow(dead_code)]
#[path = "support/wire.rs"]
mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_patch_manager::backend::{
    BaselineStore, CommandRunner, ComplianceSource, CreatePatchBaseline,
    DescribeInstancePatchStates, DescribeInstancePatches, DescribePatchBaselines, GetPatchBaseline,
    ListComplianceItems, RegisterDefaultPatchBaseline,
};
use aws_patch_manager::baseline::PatchBaseline;
use aws_patch_manager::compliance::{ComplianceItem, InstancePatchState, PatchComplianceData};
use aws_patch_manager::memory::{FleetFile, FleetNode};
use aws_patch_manager::operation::SendCommand;
use aws_patch_manager::types::{NodeId, PatchOperation, QueryFilter};
use aws_patch_manager::{MemoryBackend, PageRequest};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const NODE: &str = "i-0123456789abcdef0";

/// An account of one node with the case's packages, under the case's baseline.
fn account(case: &Value, installed: &Value, patches: &Value) -> MemoryBackend {
    let (os, product) = (
        case["os"].as_str().unwrap(),
        case["product"].as_str().unwrap(),
    );
    let mut node = FleetNode::new(NODE, os.into(), product);
    node.installed = serde_json::from_value(installed.clone()).unwrap();
    if let Some(failing) = case.get("failing") {
        node.failing_patches = serde_json::from_value(failing.clone()).unwrap();
    }
    // A command reaches its node after a second.
    let now: Timestamp = case["now"].as_str().unwrap().parse().unwrap();
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![node];
    MemoryBackend::builder()
        .start(now - SignedDuration::from_secs(1))
        .catalog_json(&patches.to_string())
        .unwrap()
        .fleet(fleet)
        // Generated baselines have values that CreatePatchBaseline refuses.
        .allow_unlisted_values()
        .build()
}

/// What the last operation reported.
struct Report {
    patches: Vec<PatchComplianceData>,
    items: Vec<ComplianceItem>,
    state: InstancePatchState,
}

/// How the account is asked.
enum Account {
    Memory(MemoryBackend),
    #[cfg(feature = "emulator")]
    Emulated(wire::Wire),
}

impl Account {
    fn backend(&self) -> &MemoryBackend {
        match self {
            Self::Memory(backend) => backend,
            #[cfg(feature = "emulator")]
            Self::Emulated(wire) => wire.emulator.backend(),
        }
    }

    async fn make_default(&self, baseline: &Value) {
        match self {
            Self::Memory(backend) => {
                let spec = serde_json::from_value(baseline.clone()).unwrap();
                let id = backend.create_patch_baseline(CreatePatchBaseline::new(spec));
                let request = RegisterDefaultPatchBaseline::new(id.await.unwrap());
                backend
                    .register_default_patch_baseline(request)
                    .await
                    .unwrap();
            }
            #[cfg(feature = "emulator")]
            Self::Emulated(wire) => {
                let id = wire.answered("CreatePatchBaseline", baseline)["BaselineId"].clone();
                wire.answered("RegisterDefaultPatchBaseline", &json!({"BaselineId": id}));
            }
        }
    }

    /// Sends the operation and lets it end.
    async fn perform(&self, operation: &Value) {
        let word = operation["operation"].as_str().unwrap();
        let reboot = operation["reboot"].as_str().unwrap_or("RebootIfNeeded");
        match self {
            _ if word == "Reboot" => self.backend().reboot(&NODE.into()).unwrap(),
            Self::Memory(backend) => {
                let mut request = SendCommand::run_patch_baseline(PatchOperation::from(word));
                request.set_parameter("RebootOption", reboot);
                request.instance_ids = vec![NodeId::new(NODE)];
                backend.send_command(request).await.unwrap();
            }
            #[cfg(feature = "emulator")]
            Self::Emulated(wire) => {
                wire.answered(
                    "SendCommand",
                    &json!({
                        "DocumentName": "AWS-RunPatchBaseline",
                        "InstanceIds": [NODE],
                        "Parameters": {"Operation": [word], "RebootOption": [reboot]},
                    }),
                );
            }
        }
        self.backend().advance(Duration::from_hours(3));
    }

    async fn report(&self) -> Report {
        match self {
            Self::Memory(backend) => {
                let page = PageRequest::first;
                let patches = DescribeInstancePatches::new(NODE, vec![], page());
                let patches = backend.describe_instance_patches(patches).await.unwrap();
                let items = ListComplianceItems::new(NODE, vec![], page());
                let items = backend.list_compliance_items(items).await.unwrap();
                let states = DescribeInstancePatchStates::new(&[NodeId::new(NODE)], page());
                let states = backend
                    .describe_instance_patch_states(states)
                    .await
                    .unwrap();
                Report {
                    patches: patches.items,
                    items: items.items,
                    state: states.items.into_iter().next().unwrap(),
                }
            }
            #[cfg(feature = "emulator")]
            Self::Emulated(wire) => {
                let read = |operation: &str, request: Value, member: &str| {
                    wire.answered(operation, &request)[member].take()
                };
                let patches = json!({"InstanceId": NODE});
                let patches = read("DescribeInstancePatches", patches, "Patches");
                let items = json!({"ResourceIds": [NODE], "ResourceTypes": ["ManagedInstance"]});
                let items = read("ListComplianceItems", items, "ComplianceItems");
                let states = json!({"InstanceIds": [NODE]});
                let mut states = read("DescribeInstancePatchStates", states, "InstancePatchStates");
                Report {
                    patches: serde_json::from_value(patches).unwrap(),
                    items: serde_json::from_value(items).unwrap(),
                    state: serde_json::from_value(states[0].take()).unwrap(),
                }
            }
        }
    }
}

type OfBackend = fn(MemoryBackend) -> Account;

fn ways() -> Vec<(&'static str, OfBackend)> {
    vec![
        ("memory", Account::Memory),
        #[cfg(feature = "emulator")]
        ("emulator", |backend| {
            Account::Emulated(wire::Wire::of(backend))
        }),
    ]
}

impl Report {
    /// State, level, status and title of each patch, by `name.arch`.
    fn found(&self) -> BTreeMap<&str, Value> {
        let patches = self.patches.iter();
        let found = patches.map(|patch| {
            let mut items = self.items.iter();
            let item = items.find(|item| item.id == patch.kb_id).unwrap();
            let found = json!({
                "state": patch.state,
                "level": item.severity,
                "status": item.status,
                "title": patch.title,
                "classification": patch.classification,
                "severity": patch.severity,
            });
            (patch.kb_id.as_str(), found)
        });
        found.collect()
    }

    /// Compares members of what is expected of a patch, or of the node.
    fn differences(&self, expected: &BTreeMap<&str, Vec<(&str, &Value)>>) -> Vec<String> {
        let found = self.found();
        let mut wrong = Vec::new();
        for (name, members) in expected {
            for (member, expected) in members {
                let found = found
                    .get(name)
                    .map_or(&Value::Null, |found| &found[*member]);
                if found != *expected {
                    wrong.push(format!("{name}: {member} {found}, expected {expected}"));
                }
            }
        }
        wrong
    }

    fn count_differences(&self, expected: &Value) -> Vec<String> {
        let state = serde_json::to_value(&self.state).unwrap();
        let counts = expected.as_object().unwrap().iter();
        // What is not installed the tools count differently: zypper knows nothing of it.
        let counts = counts.filter(|(count, _)| *count != "NotApplicableCount");
        let wrong = counts.filter(|(count, expected)| state[*count] != **expected);
        wrong
            .map(|(count, expected)| format!("{count} {}, expected {expected}", state[count]))
            .collect()
    }
}

fn assert_none(wrong: &[String], judged: usize) {
    assert!(judged > 0, "no case has an answer for today");
    assert!(
        wrong.is_empty(),
        "{} of {judged} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test]
async fn every_scan_finds_what_a_node_finds_today() {
    let Some(folder) = cases::folder("PATCH_ORACLE") else {
        return;
    };
    let cases = cases::lines(&folder.join("scan_cases.shared.jsonl"));
    for (way, of) in ways() {
        let (mut judged, mut same_versions, mut wrong) = (0, 0, Vec::new());
        for case in &cases {
            let account = of(account(case, &case["installed"], &case["patches"]));
            account.make_default(&case["baseline"]).await;
            account.perform(&json!({"operation": "Scan"})).await;
            let report = account.report().await;
            let items = case["items"].as_object().unwrap();
            let mut expected: BTreeMap<&str, Vec<(&str, &Value)>> = BTreeMap::new();
            for (name, item) in items.iter().filter(|(_, item)| !item["today"].is_null()) {
                let members = ["state", "level"].map(|member| (member, &item["today"][member]));
                expected.insert(name, members.to_vec());
            }
            judged += expected.len();
            let mut differences = report.differences(&expected);
            // The payload's counts hold where it reports the versions that are right: not where
            // it forgets an epoch, sorts versions as text, or drops the class of what is rejected.
            let oracle = &case["oracle"];
            let found = report.found();
            let rpm = ["yum", "dnf"].contains(&case["tool"].as_str().unwrap());
            let as_today = items.iter().all(|(name, item)| {
                let title = &oracle["items"][name]["title"];
                item["class"].is_null()
                    && found
                        .get(&**name)
                        .is_some_and(|found| found["title"] == *title)
            });
            if as_today && !(rpm && oracle["counts"]["InstalledRejectedCount"] != 0) {
                same_versions += 1;
                differences.extend(report.count_differences(&oracle["counts"]));
            }
            let differences = differences.into_iter();
            wrong.extend(differences.map(|text| format!("{way} {}: {text}", case["id"])));
        }
        assert_none(&wrong, judged);
        assert!(
            same_versions > judged / 10,
            "{same_versions} nodes are counted"
        );
    }
}

/// A version that is older than any.
fn oldest(patch: &Value) -> Value {
    let mut package = json!({"Name": patch["Name"], "Arch": patch["Arch"], "Version": "0~"});
    if let Some(release) = patch.get("Release") {
        package["Release"] = release.clone();
    }
    package
}

#[tokio::test]
async fn every_verdict_on_a_newer_version_is_what_a_scan_says_of_it() {
    let Some(folder) = cases::folder("PATCH_ORACLE") else {
        return;
    };
    let cases = cases::lines(&folder.join("approval_cases.shared.jsonl"));
    let cases = cases.iter().filter(|case| !case["today"].is_null());
    let cases: Vec<&Value> = cases.collect();
    for (way, of) in ways() {
        let mut wrong = Vec::new();
        for case in &cases {
            let mut patch = case["patch"].clone();
            patch["Product"] = case["product"].clone();
            if let Some(product) = case["patch"].get("Product") {
                patch["Product"] = product.clone();
            }
            let account = of(account(case, &json!([oldest(&patch)]), &json!([patch])));
            account.make_default(&case["baseline"]).await;
            account.perform(&json!({"operation": "Scan"})).await;
            let report = account.report().await;
            let found = report.found();
            let found = found.values().next().unwrap();
            let today = &case["today"];
            let agree = if today["verdict"] == "approved" {
                found["state"] == "Missing" && found["level"] == today["level"]
            } else {
                found["state"] != "Missing"
            };
            if !agree {
                wrong.push(format!("{way} {}: {found}, expected {today}", case["id"]));
            }
        }
        assert_none(&wrong, cases.len());
    }
}

#[tokio::test]
async fn every_sequence_of_operations_ends_as_on_a_node() {
    let Some(folder) = cases::folder("PATCH_ORACLE") else {
        return;
    };
    let cases = cases::lines(&folder.join("install_cases.shared.jsonl"));
    let cases: Vec<&Value> = cases
        .iter()
        .filter(|case| case["class"].is_null())
        .collect();
    for (way, of) in ways() {
        let mut wrong = Vec::new();
        for case in &cases {
            let account = of(account(case, &case["installed"], &case["patches"]));
            account.make_default(&case["baseline"]).await;
            let mut last_no_reboot: Option<Timestamp> = None;
            for operation in case["operations"].as_array().unwrap() {
                account.perform(operation).await;
                if operation["reboot"] == "NoReboot" {
                    last_no_reboot = Some(account.report().await.state.operation_end_time);
                }
            }
            let report = account.report().await;
            let oracle = &case["oracle"];
            let items = oracle["items"].as_object().unwrap().iter();
            let members = ["state", "level", "status"];
            let expected = items.map(|(name, item)| {
                (
                    name.as_str(),
                    members.map(|member| (member, &item[member])).to_vec(),
                )
            });
            let mut differences = report.differences(&expected.collect());
            let since = report.state.last_no_reboot_install_operation_time;
            if since != last_no_reboot {
                differences.push(format!(
                    "last without reboot {since:?}, not {last_no_reboot:?}"
                ));
            }
            if since.is_some() == oracle["LastNoRebootInstallOperationTime"].is_null() {
                differences
                    .push("an Install without reboot is told of by one side only".to_owned());
            }
            let differences = differences.into_iter();
            wrong.extend(differences.map(|text| format!("{way} {}: {text}", case["id"])));
        }
        assert_none(&wrong, cases.len());
    }
}

#[tokio::test]
async fn the_baselines_of_aws_are_the_recorded_ones_and_listed_by_id() {
    let Some(folder) = cases::folder("PATCH_ORACLE") else {
        return;
    };
    let recorded = std::fs::read_to_string(folder.join("predefined_recorded.json")).unwrap();
    let mut recorded: Vec<Value> = serde_json::from_str(&recorded).unwrap();
    recorded.sort_by_key(|baseline| baseline["BaselineId"].to_string());
    let backend = MemoryBackend::new();
    let owner = vec![QueryFilter::new("OWNER", ["AWS"])];
    let listing = DescribePatchBaselines::new(owner, PageRequest::first());
    let listed = backend
        .describe_patch_baselines(listing)
        .await
        .unwrap()
        .items;
    let ids: Vec<_> = listed
        .iter()
        .map(|item| item.baseline_id.clone().unwrap())
        .collect();
    let expected: Vec<&Value> = recorded
        .iter()
        .map(|baseline| &baseline["BaselineId"])
        .collect();
    assert_eq!(json!(ids), json!(expected));
    for (id, recorded) in ids.iter().zip(&recorded) {
        let ours = backend
            .get_patch_baseline(GetPatchBaseline::new(id))
            .await
            .unwrap();
        let typed: PatchBaseline = serde_json::from_value(recorded.clone()).unwrap();
        assert_eq!(ours, typed, "{id}");
        // Instants are written in another form than the recorder's.
        let plain = |baseline: Value| {
            let Value::Object(mut members) = baseline else {
                panic!("{baseline}")
            };
            members.retain(|name, _| !name.ends_with("Date"));
            members
        };
        let ours = serde_json::to_value(&ours).unwrap();
        assert_eq!(plain(ours), plain(recorded.clone()), "{id}");
    }
}
