//! Verdicts of AWS's own node code, and the ten inputs that people wrote, against ours.
//!
//! `PATCH_ORACLE` and `PATCH_CASES` name the folders; the cases are others' data and not in the repository.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "support/cases.rs"]
mod cases;

use std::collections::HashSet;
use std::time::Duration;

use aws_patch_manager::baseline::approval::{ApprovalVerdict, evaluate};
use aws_patch_manager::baseline::{BaselineSpec, PatchBaseline};
use aws_patch_manager::compliance::PatchState;
use aws_patch_manager::memory::{FleetNode, InstalledPackage};
use aws_patch_manager::types::{NodeId, OperatingSystem, Patch, PatchComplianceLevel};
use aws_patch_manager::{BaselineBuilder, MemoryBackend, PatchManager, PatchRequest, RuleBuilder};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

fn baseline(spec: &Value) -> PatchBaseline {
    let spec: BaselineSpec = serde_json::from_value(spec.clone()).unwrap();
    PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec)
}

/// The judge knows the node by the patch's product.
fn patch(case: &Value) -> Patch {
    let mut patch: Patch = serde_json::from_value(case["patch"].clone()).unwrap();
    if patch.product.is_none() {
        patch.product = case["product"].as_str().map(str::to_owned);
    }
    patch
}

#[test]
fn every_verdict_is_the_one_that_a_node_gives_today() {
    let Some(folder) = cases::folder("PATCH_ORACLE") else {
        return;
    };
    let (mut judged, mut wrong) = (0, Vec::new());
    for case in cases::lines(&folder.join("approval_cases.shared.jsonl")) {
        let today = &case["today"];
        if today.is_null() {
            continue;
        }
        let at = case["now"].as_str().unwrap().parse().unwrap();
        let verdict = evaluate(&baseline(&case["baseline"]), &patch(&case), at);
        let (word, level) = match &verdict {
            ApprovalVerdict::Approved { level, .. } => ("approved", level.clone()),
            ApprovalVerdict::Rejected { .. } => ("rejected", PatchComplianceLevel::Unspecified),
            _ => ("not_approved", PatchComplianceLevel::Unspecified),
        };
        judged += 1;
        if (word, level.as_str())
            != (
                today["verdict"].as_str().unwrap(),
                today["level"].as_str().unwrap(),
            )
        {
            wrong.push(format!(
                "{} {}: {verdict}, expected {today}",
                case["id"], case["classes"]
            ));
        }
    }
    assert!(judged > 0, "no case has an answer for today");
    assert!(
        wrong.is_empty(),
        "{} of {judged} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Two packages for each case: one has `a` installed and `b` on offer, the other the reverse.
fn pairs<'a>(cases: &'a [Value], scheme: &str) -> Vec<(String, &'a Value, &'a Value)> {
    let of_scheme = cases.iter().filter(|case| case["scheme"] == scheme);
    of_scheme
        .flat_map(|case| {
            let id = case["id"].as_str().unwrap();
            [
                (format!("{id}-b"), &case["a"], &case["b"]),
                (format!("{id}-a"), &case["b"], &case["a"]),
            ]
        })
        .collect()
}

fn installed(name: &str, version: &Value) -> InstalledPackage {
    let mut package = version_of(version);
    package["Name"] = json!(name);
    serde_json::from_value(package).unwrap()
}

fn offered(name: &str, version: &Value, product: &str) -> Patch {
    let mut patch = version_of(version);
    patch["Name"] = json!(name);
    patch["Product"] = json!(product);
    serde_json::from_value(patch).unwrap()
}

fn version_of(version: &Value) -> Value {
    let mut members = json!({ "Arch": "noarch" });
    for (member, ours) in [
        ("epoch", "Epoch"),
        ("version", "Version"),
        ("release", "Release"),
    ] {
        if let Some(value) = version.get(member) {
            members[ours] = value.clone();
        }
    }
    members
}

/// The names of the packages of which a newer version is on offer.
async fn outdated(
    os: OperatingSystem,
    product: &str,
    pairs: &[(String, &Value, &Value)],
) -> HashSet<String> {
    let node = NodeId::new("i-0123456789abcdef0");
    let fleet_node = FleetNode::new(node.clone(), os.clone(), product);
    let fleet_node = pairs.iter().fold(fleet_node, |fleet_node, (name, own, _)| {
        fleet_node.with_installed(installed(name, own))
    });
    let patches = pairs.iter();
    let backend = MemoryBackend::builder()
        .catalog(
            patches
                .map(|(name, _, newer)| offered(name, newer, product))
                .collect(),
        )
        .build();
    backend.add_node(fleet_node);
    let manager = PatchManager::from_memory(&backend);
    let everything = RuleBuilder::new()
        .approve_after_days(0)
        .enable_non_security(true);
    let everything = BaselineBuilder::new("everything", os).rule(everything);
    let baseline = manager.create_baseline(&everything.build().unwrap()).await;
    manager
        .set_default_baseline(&baseline.unwrap())
        .await
        .unwrap();
    let run = manager
        .run(&PatchRequest::scan().nodes([node.clone()]))
        .await;
    let outcome = run.unwrap().wait(Duration::from_secs(4 * 3600)).await;
    assert!(outcome.unwrap().is_success());
    let missing = manager.node_patches(&node, &[PatchState::Missing]);
    missing
        .map_ok(|patch| patch.kb_id.trim_end_matches(".noarch").to_owned())
        .try_collect()
        .await
        .unwrap()
}

#[tokio::test]
async fn every_pair_of_versions_is_ordered_as_rpm_and_apt_order_it() {
    let Some(folder) = cases::folder("PATCH_ORACLE") else {
        return;
    };
    let cases = cases::lines(&folder.join("version_cases.shared.jsonl"));
    let mut wrong = Vec::new();
    for (scheme, os, product) in [
        ("rpm", OperatingSystem::AmazonLinux2023, "AmazonLinux2023"),
        ("deb", OperatingSystem::Ubuntu, "Ubuntu22.04"),
    ] {
        let outdated = outdated(os, product, &pairs(&cases, scheme)).await;
        for case in cases.iter().filter(|case| case["scheme"] == scheme) {
            let id = case["id"].as_str().unwrap();
            let newer = |side: &str| outdated.contains(&format!("{id}-{side}"));
            let order = newer("a").cmp(&newer("b"));
            if order != case["oracle"].as_i64().unwrap().cmp(&0) {
                wrong.push(format!("{case}: {order:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the case's text expects of somebody; empty if nothing.
fn expects<'c>(case: &'c Value, of: &str) -> &'c str {
    case["expected"][of].as_str().unwrap_or_default()
}

/// An input that the service takes is built and stored; one that it refuses does not pass in silence.
async fn is_as_strict_as_the_service(name: &str, case: &Value) {
    let input = case["input"].to_string();
    let built = BaselineBuilder::from_json(&input).unwrap().build();
    let stored = ["memory", "memory CreatePatchBaseline"].map(|of| expects(case, of));
    if expects(case, "builder").starts_with("accepts") {
        assert!(built.is_ok(), "{name}: {built:?}");
    }
    if stored.iter().any(|stored| stored.starts_with("accepts")) {
        let spec: BaselineSpec = serde_json::from_str(&input).unwrap();
        let stored = PatchManager::in_memory().create_baseline(&spec).await;
        assert!(stored.is_ok(), "{name}: {stored:?}");
    }
    if stored
        .iter()
        .any(|stored| stored.starts_with("ValidationException"))
    {
        let silent = built.is_ok_and(|spec| spec.warnings().is_empty());
        assert!(!silent, "{name}: built without a word");
    }
}

fn is_judged_as_expected(name: &str, input: &Value, expected: &Value) {
    let baseline: PatchBaseline = serde_json::from_value(input["baseline"].clone()).unwrap();
    let at = input["at"].as_str().unwrap().parse().unwrap();
    for patch in input["patches"].as_array().unwrap() {
        let patch: Patch = serde_json::from_value(patch.clone()).unwrap();
        let verdict = evaluate(&baseline, &patch, at);
        let expected = expected[patch.kb_id()].as_str().unwrap();
        assert_eq!(
            verdict.is_approved(),
            expected == "approved",
            "{name}: {}: {verdict}, expected {expected}",
            patch.kb_id()
        );
    }
}

async fn differs_as_expected(name: &str, input: &Value, expected: &Value) {
    let stored: PatchBaseline = serde_json::from_value(input["stored"].clone()).unwrap();
    let spec: BaselineSpec = serde_json::from_value(input["spec"].clone()).unwrap();
    let differences = stored.diff(&spec);
    let count = expected["differences"].as_u64().unwrap();
    assert_eq!(differences.len() as u64, count, "{name}: {differences:?}");
    if let Some(second) = expected["ensure_baseline second time"].as_str() {
        let manager = PatchManager::in_memory();
        manager.ensure_baseline(&spec).await.unwrap();
        let again = manager.ensure_baseline(&spec).await.unwrap();
        assert_eq!(format!("{:?}", again.change), second, "{name}");
    }
}

/// The texts of descriptions are left out of the cases.
async fn is_predefined(name: &str, recorded: &Value) {
    let mut recorded: PatchBaseline = serde_json::from_value(recorded.clone()).unwrap();
    let manager = PatchManager::in_memory();
    let ours = manager.baseline(&recorded.baseline_id).await.unwrap();
    recorded.description.clone_from(&ours.description);
    assert_eq!(ours, recorded, "{name}");
}

#[tokio::test]
async fn inputs_that_people_wrote_are_taken_judged_and_compared_as_at_the_service() {
    let Some(folder) = cases::folder("PATCH_CASES") else {
        return;
    };
    for (name, case) in cases::files(&folder) {
        let (input, expected) = (&case["input"], &case["expected"]);
        match case["kind"].as_str().unwrap() {
            "create-patch-baseline input" => is_as_strict_as_the_service(&name, &case).await,
            "evaluate" => is_judged_as_expected(&name, input, expected),
            "PatchBaseline::diff" => differs_as_expected(&name, input, expected).await,
            "get-patch-baseline answer" => is_predefined(&name, input).await,
            // What exports hold is tested where they are.
            _ => {}
        }
    }
}
