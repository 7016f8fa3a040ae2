//! What the exit codes of the patch documents and the status details mean, and how a failed node says so.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use aws_patch_manager::PatchRequest;
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::operation::{Explanation, InvocationStatus};
use aws_patch_manager::types::{MaxConcurrency, MaxErrors, Target};
use support::accounts::{account, id, node_id, run};

/// A code, a word of its meaning, and a word of the advice; empty if nothing has to be done.
#[rustfmt::skip]
const CODES: [(i64, &str, &str); 44] = [
    (0, "not mean compliant", ""),
    (1, "a package failed", "error text"),
    (2, "lock", "dpkg --configure -a"),
    (3, "reboots", "by hand"),
    (126, "noexec", "/var/lib/amazon"),
    (-1, "script on Windows", "HRESULT"),
    (130, "association", "role"),
    (131, "association", "role"),
    (132, "association", "role"),
    (133, "GetPatchBaseline", "role"),
    (134, "GetPatchBaseline", "role"),
    (135, "GetPatchBaseline", "role"),
    (136, "DescribePatchBaselines", "role"),
    (137, "DescribePatchBaselines", "role"),
    (138, "DescribePatchBaselines", "role"),
    (139, "tagged resources", "role"),
    (140, "tagged resources", "role"),
    (141, "tagged resources", "role"),
    (142, "several baselines", "one baseline"),
    (143, "snapshot", "endpoint ssm"),
    (144, "snapshot", "endpoint ssm"),
    (145, "may not get the snapshot", "role"),
    (146, "UnsupportedOperatingSystem", "upgrade"),
    (147, "saved", "/var"),
    (148, "metadata", "169.254.169.254"),
    (149, "inventory", "at once"),
    (150, "not valid", "run again"),
    (151, "checksum", "proxy"),
    (152, "cannot be loaded", "/var"),
    (153, "BaselineTags", "Key="),
    (154, "folder", "/var"),
    (155, "unpacked", "/var"),
    (156, "no way to S3", "gateway endpoint for S3"),
    (160, "may not read the override", "QSConfigId"),
    (161, "JSON array", "file"),
    (162, "downloaded", "URL"),
    (163, "no baseline for the system", "each operating system"),
    (165, "several baselines", "one"),
    (166, "not supported", "file"),
    (167, "BaselineOverride and InstallOverrideList", "one of the two"),
    (194, "reboot", "did not come back"),
    (195, "some patches had failed", "patch state"),
    (196, "dependencies had failed", "run again"),
    (3010, "Windows", "did not come back"),
];

#[test]
fn every_exit_code_of_the_patch_documents_has_a_meaning_and_a_cure() {
    for (code, meaning, advice) in CODES {
        let known = Explanation::of_exit_code(code).unwrap();
        assert!(known.meaning.contains(meaning), "{code}: {known}");
        let given = known.advice.unwrap_or_default();
        assert_eq!(given.is_empty(), advice.is_empty(), "{code}: {known}");
        assert!(given.contains(advice), "{code}: {known}");
        assert!(!known.to_string().contains("  "), "{known}");
    }
}

#[test]
fn codes_that_no_document_uses_are_not_explained() {
    for code in [4, 125, 127, 129, 157, 159, 164, 168, 193, 197, 255, -2] {
        assert_eq!(Explanation::of_exit_code(code), None, "{code}");
    }
}

#[test]
fn windows_writes_its_failure_as_minus_one_or_as_an_unsigned_number() {
    let failure = Explanation::of_exit_code(-1).unwrap();
    assert_eq!(Explanation::of_exit_code(0xffff_ffff), Some(failure));
    assert!(failure.advice.unwrap().contains("HRESULT"));
}

#[test]
fn status_details_are_explained_as_the_api_and_as_the_user_guide_write_them() {
    for (details, meaning) in [
        ("Success", "not mean compliant"),
        ("Delayed", "could not be reached yet"),
        ("DeliveryTimedOut", "not delivered in time"),
        ("Delivery Timed Out", "not delivered in time"),
        ("ExecutionTimedOut", "longer than its timeout"),
        ("Undeliverable", "could not be delivered"),
        ("Terminated", "tolerated errors"),
        ("InvalidPlatform", "platform"),
        ("AccessDenied", "may not run"),
        ("Cancelled", "cancelled"),
        ("Pending", "has not reached the node"),
        ("In Progress", "waits for its reboot"),
        ("NoInstancesInTag", "no managed node matched"),
        ("LimitExceeded", "at the same time"),
        ("Incomplete", "not delivered to every node"),
        ("RateExceeded", "too many"),
    ] {
        let known = Explanation::of_status_details(details).unwrap();
        assert!(known.meaning.contains(meaning), "{details}: {known}");
    }
    for details in ["Failed", "", "NewWithNextRelease"] {
        assert_eq!(Explanation::of_status_details(details), None, "{details}");
    }
}

#[tokio::test]
async fn an_outcome_prints_the_exit_code_of_a_failed_node_with_its_meaning_and_advice() {
    let (_, manager) = account(vec![FleetNode::amazon_linux_2023(id(1))]);
    let request = PatchRequest::scan()
        .nodes([node_id(1)])
        .baseline_override("s3://patching.example/baselines.json");
    let outcome = run(&manager, request).await;
    let failed = outcome.failed().next().unwrap();
    assert_eq!(failed.response_code, Some(162));
    assert_eq!(failed.explanation(), Explanation::of_exit_code(162));
    let why = failed.explanation().unwrap().to_string();
    let line = format!("    exit code 162: {why}");
    assert!(outcome.to_string().ends_with(&line), "{outcome}");
}

#[tokio::test]
async fn an_outcome_explains_a_node_that_was_never_reached_by_its_status_details() {
    let (backend, manager) = account(vec![FleetNode::amazon_linux_2023(id(1))]);
    backend
        .set_condition(&node_id(1), NodeCondition::Unreachable)
        .unwrap();
    let outcome = run(&manager, PatchRequest::scan().nodes([node_id(1)])).await;
    let text = outcome.to_string();
    assert!(text.contains("was not delivered in time"), "{text}");
    assert!(!text.contains("exit code"), "{text}");
}

#[tokio::test]
async fn an_outcome_explains_nodes_that_were_not_started_after_too_many_errors() {
    let fleet = (1..=4).map(|number| FleetNode::amazon_linux_2023(id(number)));
    let (_, manager) = account(fleet.collect());
    let request = PatchRequest::scan()
        .target(Target::instance_ids((1..=4).map(id)))
        .baseline_override("s3://patching.example/baselines.json")
        .max_concurrency(MaxConcurrency::Count(1))
        .max_errors(MaxErrors::Count(0));
    let run = manager.run(&request).await.unwrap();
    let outcome = run.wait(Duration::from_secs(7200)).await.unwrap();
    let mut failed = outcome.failed();
    let stopped = failed.find(|node| node.status_details == "Terminated");
    let why = stopped.unwrap().explanation().unwrap();
    assert!(
        why.meaning
            .contains("exceeded the number of tolerated errors")
    );
}

#[tokio::test]
async fn a_success_prints_no_explanation_and_a_run_under_way_has_none() {
    let (_, manager) = account(vec![FleetNode::amazon_linux_2023(id(1))]);
    let run = manager
        .run(&PatchRequest::scan().nodes([node_id(1)]))
        .await
        .unwrap();
    for node in run.outcome().await.unwrap().nodes {
        assert_eq!(node.explanation(), None, "{node}");
    }
    let outcome = run.wait(Duration::from_secs(7200)).await.unwrap();
    let node = &outcome.nodes[0];
    assert_eq!(node.status, InvocationStatus::Success);
    assert_eq!(node.explanation(), Explanation::of_exit_code(0));
    assert_eq!(outcome.to_string().lines().count(), 1, "{outcome}");
}
