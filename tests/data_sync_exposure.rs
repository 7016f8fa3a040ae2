//! An export answers which nodes a CVE can hit as the account does, and what it lacks is unknown.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;

use aws_patch_manager::compliance::ReportPart;
use aws_patch_manager::data_sync::ResourceDataSync;
use aws_patch_manager::data_sync::object_store::ObjectStoreExt;
use aws_patch_manager::data_sync::object_store::memory::InMemory;
use aws_patch_manager::data_sync::object_store::path::Path;
use aws_patch_manager::exposure::{
    Exposure, ExposureQuery, ExposureReference, ExposureState, NodeExposure,
};
use aws_patch_manager::memory::{FleetNode, InstalledPackage};
use aws_patch_manager::plan::MirrorScope;
use aws_patch_manager::types::{NodeId, OperatingSystem, RebootOption};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, ErrorKind, MemoryBackend, PatchManager, PatchRequest,
    RuleBuilder,
};
use support::accounts::{fleet as fleet_of, id, managed, node_id, run};
use support::export::{ACCOUNT, REGION, key, patch_row, put, write};

const OPENSSL: &str = "CVE-2026-90122";
const KERNEL: &str = "CVE-2026-90121";

fn openssl(number: usize, release: &str) -> FleetNode {
    let openssl = InstalledPackage::rpm("openssl", 1, "3.2.2", release, "x86_64");
    FleetNode::amazon_linux_2023(id(number)).with_installed(openssl)
}

fn query() -> ExposureQuery {
    ExposureQuery::new([OPENSSL, KERNEL], ComplianceQuery::all())
}

/// Nodes in every state: exposed, safe, without the package, waiting for a reboot, never scanned.
async fn fleet() -> (MemoryBackend, PatchManager, Arc<InMemory>) {
    let nodes = vec![
        openssl(1, "1.amzn2023.0.3"),
        openssl(2, "1.amzn2023.0.4"),
        FleetNode::amazon_linux_2023(id(3)),
        openssl(4, "1.amzn2023.0.3"),
        openssl(5, "1.amzn2023.0.3"),
    ];
    let builder = MemoryBackend::builder().fleet(fleet_of(nodes));
    let (backend, manager) = managed(builder.account(ACCOUNT).region(REGION).build());
    let rule = RuleBuilder::new()
        .classifications(["Security"])
        .approve_after_days(0);
    let baseline = BaselineBuilder::new("linux", OperatingSystem::AmazonLinux2023).rule(rule);
    let baseline = manager
        .create_baseline(&baseline.build().unwrap())
        .await
        .unwrap();
    manager.set_default_baseline(&baseline).await.unwrap();
    run(&manager, PatchRequest::scan().nodes([1, 2, 3].map(node_id))).await;
    let install = PatchRequest::install().reboot(RebootOption::NoReboot);
    run(&manager, install.nodes([node_id(4)])).await;
    let store = Arc::new(InMemory::new());
    write(&backend, &manager, store.as_ref()).await;
    (backend, manager, store)
}

fn export(backend: &MemoryBackend, store: &Arc<InMemory>) -> ResourceDataSync {
    ResourceDataSync::new(store.clone()).clock(backend.clock())
}

async fn reference(manager: &PatchManager) -> ExposureReference {
    let scope = MirrorScope::new().catalog();
    ExposureReference::from(&manager.mirror_snapshot(&scope).await.unwrap())
}

fn of(exposure: &Exposure, number: usize) -> &NodeExposure {
    let id = node_id(number);
    exposure.nodes.iter().find(|node| node.node == id).unwrap()
}

#[tokio::test]
async fn an_export_answers_as_its_account_without_any_call() {
    for approved in [true, false] {
        let (backend, manager, mut store) = fleet().await;
        if !approved {
            let none = BaselineBuilder::new("none", OperatingSystem::AmazonLinux2023);
            let none = none.approve_patches(["nothing"]).build().unwrap();
            let none = manager.create_baseline(&none).await.unwrap();
            manager.set_default_baseline(&none).await.unwrap();
            run(&manager, PatchRequest::scan().nodes([1, 2, 3].map(node_id))).await;
            store = Arc::new(InMemory::new());
            write(&backend, &manager, store.as_ref()).await;
        }
        let mut live = manager.exposure(&query()).await.unwrap();
        let reference = reference(&manager).await;
        let before = backend.calls().len();
        let found = export(&backend, &store)
            .exposure(&query(), &reference)
            .await
            .unwrap();
        assert_eq!(backend.calls().len(), before);
        for node in &mut live.nodes {
            node.source = format!("{ACCOUNT}/{REGION}");
        }
        assert_eq!(found, live, "{found}\n{live}");
        let states: Vec<_> = (1..=5).map(|number| of(&found, number).state).collect();
        assert_eq!(
            states,
            [
                ExposureState::Exposed,
                ExposureState::NotExposed,
                ExposureState::NotExposed,
                ExposureState::PendingReboot,
                ExposureState::Unknown,
            ]
        );
    }
}

#[tokio::test]
async fn without_a_reference_only_what_nodes_report_is_seen_and_the_rest_is_unknown() {
    let (backend, _, store) = fleet().await;
    let export = export(&backend, &store);
    let found = export
        .exposure(&query(), &ExposureReference::new())
        .await
        .unwrap();
    assert_eq!(of(&found, 1).state, ExposureState::Exposed, "{found}");
    for number in 2..=5 {
        assert_eq!(of(&found, number).state, ExposureState::Unknown, "{found}");
    }
    let reason = format!("{OPENSSL}: the catalog was not read");
    assert_eq!(of(&found, 2).reasons[0], reason);
}

#[tokio::test]
async fn a_reference_reads_back_as_it_was_written() {
    let (_, manager, _) = fleet().await;
    let reference = reference(&manager).await;
    let written = serde_json::to_string(&reference).unwrap();
    let read: ExposureReference = serde_json::from_str(&written).unwrap();
    assert_eq!(read, reference);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_makes_its_node_unknown_and_is_named() {
    let (backend, manager, store) = fleet().await;
    let reference = reference(&manager).await;
    let at = |kind: &str, number: usize| key(kind, ACCOUNT, REGION, &id(number));
    store
        .delete(&Path::parse(at("AWS:ComplianceItem", 1)).unwrap())
        .await
        .unwrap();
    put(
        store.as_ref(),
        &at("AWS:PatchSummary", 2),
        &["{".to_owned()],
    )
    .await;
    // A row about another package is not read; one that can be about the fix is.
    let broken = [
        patch_row(&id(3), "bash.x86_64", "", ""),
        r#"{"Id":"openssl.x86_64""#.to_owned(),
    ];
    put(store.as_ref(), &at("AWS:ComplianceItem", 3), &broken).await;
    let export = export(&backend, &store);
    let found = export.exposure(&query(), &reference).await.unwrap();
    for number in 1..=3 {
        assert_eq!(of(&found, number).state, ExposureState::Unknown, "{found}");
    }
    let mut failures: Vec<_> = found
        .failures
        .iter()
        .map(|one| (one.nodes.as_slice(), one.part, one.source.as_str()))
        .collect();
    failures.sort();
    let place = format!("{ACCOUNT}/{REGION}");
    let expected = [
        (&[id(1)][..], ReportPart::Patches, place.as_str()),
        (&[id(2)][..], ReportPart::Verdicts, place.as_str()),
        (&[id(3)][..], ReportPart::Patches, place.as_str()),
    ];
    assert_eq!(failures, expected);
}

/// JSON can have a letter in several spellings, and the case of a CVE does not matter.
#[tokio::test]
async fn a_row_counts_however_its_ids_are_written() {
    let (backend, manager, store) = fleet().await;
    let reference = reference(&manager).await;
    let path = key("AWS:ComplianceItem", ACCOUNT, REGION, &id(2));
    for row in [
        patch_row(&id(2), "other.x86_64", "Missing", "")
            .replace('}', r#","CVEIds":"cve-2026-90122"}"#),
        patch_row(&id(2), "other.x86_64", "Missing", "")
            .replace('}', r#","CVEIds":"CVE\u002d2026-90122"}"#),
    ] {
        put(store.as_ref(), &path, &[row]).await;
        let export = export(&backend, &store);
        let found = export.exposure(&query(), &reference).await.unwrap();
        assert_eq!(of(&found, 2).state, ExposureState::Exposed, "{found}");
    }
}

#[tokio::test]
async fn bad_questions_and_an_empty_export_are_errors() {
    let export = ResourceDataSync::new(Arc::new(InMemory::new()));
    let reference = ExposureReference::new();
    let error = export.exposure(&query(), &reference).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let nodes = ComplianceQuery::nodes([NodeId::new("i-1")]);
    let bad = ExposureQuery::new(["openssl"], nodes);
    let error = export.exposure(&bad, &reference).await.unwrap_err();
    let fields: Vec<_> = error
        .violations()
        .iter()
        .map(|one| one.field.as_str())
        .collect();
    assert_eq!(fields, ["Cves[0]", "Nodes.InstanceIds[0]"]);
}
