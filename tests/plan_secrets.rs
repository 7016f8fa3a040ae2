//! What is printed of a plan has no secrets: passwords of patch sources and parameters.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::plan::{Drift, PlanOptions};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use support::accounts::sample;
use support::plans::{applied, planned, refused, state};

/// A state in which every member that may hold a secret has this one.
fn with_secret(secret: &str) -> Value {
    let source =
        |password: &str| format!("[repo]\nname=repo\nbaseurl=https://x\npassword={password}");
    json!({
        "Baselines": [{"Name": "prod", "OperatingSystem": "AMAZON_LINUX_2023",
            "ApprovedPatches": ["curl"],
            "Sources": [{"Name": "repo", "Products": ["*"], "Configuration": source(secret)}]}],
        "MaintenanceWindows": [{
            "Window": {"Name": "night", "Schedule": "rate(1 day)", "Duration": 3, "Cutoff": 1,
                "AllowUnassociatedTargets": true, "Description": secret},
            "Targets": [{"Name": "nodes", "ResourceType": "INSTANCE", "OwnerInformation": secret,
                "Targets": [{"Key": "tag:Role", "Values": ["web"]}]}],
            "Tasks": [{"Task": {"Name": "task", "TaskArn": "AWS-RunShellScript",
                "TaskType": "RUN_COMMAND", "MaxConcurrency": "1", "MaxErrors": "1",
                "TaskInvocationParameters": {"RunCommand": {"Parameters": {
                    "commands": [secret], "dotted.name": [secret]}}}},
                "TargetNames": ["nodes"]}]}],
        "Associations": [{"Name": "AWS-RunShellScript", "AssociationName": "shell",
            "Parameters": {"commands": [secret], "dotted.name": [secret]},
            "Targets": [{"Key": "tag:Role", "Values": ["web"]}]}]
    })
}

fn check(printed: &[String]) {
    for printed in printed {
        assert!(!printed.contains("hunter"), "{printed}");
    }
}

#[tokio::test]
async fn neither_text_nor_markdown_nor_debug_of_a_plan_has_secrets() {
    let (_, manager) = sample();
    // Made, then changed: the differences of an update are printed too.
    for secret in ["hunter-one", "hunter-two-longer"] {
        let desired = state(with_secret(secret));
        let plan = planned(&manager, &desired).await;
        assert!(plan.changes().count() >= 3, "{plan}");
        let drift = manager.drift(&desired, PlanOptions::new()).await.unwrap();
        check(&[
            plan.to_string(),
            plan.to_markdown(),
            format!("{plan:?}"),
            drift.to_string(),
            format!("{drift:?}"),
            json!(drift).to_string(),
            Drift::from(&plan).to_string(),
        ]);
        let json = serde_json::to_string(&plan).unwrap();
        assert!(json.contains(secret), "an apply needs it");
        // A state that was edited in the file is refused, without its secrets.
        let edited = json.replacen(secret, "hunter-edited", usize::MAX);
        let desired_only = json.replacen(secret, "hunter-edited", 1);
        let mut plans = vec![serde_json::from_str(&desired_only).unwrap()];
        let mut whole: Value = serde_json::from_str(&edited).unwrap();
        whole["Steps"] = json!(plan.steps);
        plans.push(serde_json::from_value(whole).unwrap());
        for edited in &plans {
            let refused = refused(&manager, edited).await;
            check(&[refused.to_string(), format!("{refused:?}")]);
        }
        let events = applied(&manager, &plan).await;
        for event in &events {
            check(&[
                event.to_string(),
                format!("{event:?}"),
                json!(event).to_string(),
            ]);
        }
        let again = planned(&manager, &desired).await;
        assert!(again.is_empty(), "{again}");
    }
    let dry = manager.dry_run().await.unwrap();
    let desired = state(with_secret("hunter-three"));
    let plan = dry
        .manager()
        .plan(&desired, PlanOptions::new())
        .await
        .unwrap();
    let events: Vec<_> = dry.manager().apply(&plan).try_collect().await.unwrap();
    assert!(!events.is_empty());
    for call in dry.recorded() {
        check(&[call.to_string(), format!("{call:?}")]);
    }
}
