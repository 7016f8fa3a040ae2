//! The spans of reading an export: with the names of the guide, and without any line of a file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_patch_manager::ComplianceQuery;
use aws_patch_manager::compliance::ReportDetail;
use aws_patch_manager::data_sync::ResourceDataSync;
use aws_patch_manager::data_sync::object_store::memory::InMemory;
use aws_patch_manager::exposure::{ExposureQuery, ExposureReference};
use futures_util::StreamExt;
use support::export::{ACCOUNT, REGION, information, key, put};
use support::spans::{OF_LISTINGS, Recorder, Told, documented};

const SECRET: &str = "wJalrXUtnFEMI";
const NODE: &str = "i-00000000000000001";
const BROKEN: &str = "i-00000000000000002";

/// Each verb once, over an export of a node and one that cannot be read.
async fn tour() -> Vec<Told> {
    let store = Arc::new(InMemory::new());
    let at = |kind, node| key(kind, ACCOUNT, REGION, node);
    let active = [information(NODE, "Active")];
    put(
        store.as_ref(),
        &at("AWS:InstanceInformation", NODE),
        &active,
    )
    .await;
    let broken = [format!("{{\"PatchGroup\":\"{SECRET}\"}}")];
    put(store.as_ref(), &at("AWS:PatchSummary", BROKEN), &broken).await;
    put(store.as_ref(), &at("AWS:ComplianceItem", BROKEN), &broken).await;
    let export = ResourceDataSync::new(store);
    let query = ComplianceQuery::all();
    let (recorder, _listening) = Recorder::listening();
    export.sweep(&query).for_each(|_| async {}).await;
    let report = export.compliance_report(SECRET, &query, ReportDetail::Patches);
    report.await.unwrap();
    let cve = ExposureQuery::new(["CVE-2026-90122"], query);
    let reference = ExposureReference::new();
    export.exposure(&cve, &reference).await.unwrap();
    let source = format!("{ACCOUNT}/{REGION}");
    let patches = export.node_patches(&source, &BROKEN.into(), &[]);
    patches.for_each(|_| async {}).await;
    recorder.told()
}

#[tokio::test]
async fn each_verb_of_an_export_has_the_span_that_is_documented() {
    let told = tour().await;
    let seen = told.iter().map(|told| {
        assert_eq!(told.target(), "aws_patch_manager");
        let fields = told.fields().into_iter().map(str::to_owned);
        (told.name().to_owned(), fields.collect())
    });
    assert_eq!(
        seen.collect::<BTreeMap<_, BTreeSet<String>>>(),
        documented("# Reading an export", &OF_LISTINGS)
    );
    for told in &told {
        let items = if told.name() == "export_node_patches" {
            "0"
        } else {
            "1"
        };
        assert_eq!(told.value("items"), Some(items), "{}", told.name());
        assert_eq!(
            told.value("error.kind"),
            Some("InvalidResponse"),
            "{}",
            told.name()
        );
        for value in told.values() {
            assert!(!value.contains(SECRET), "{} tells {value}", told.name());
        }
    }
}
