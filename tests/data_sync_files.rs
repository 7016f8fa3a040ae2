//! The files that resource data syncs of memory write: in the layout that the reader and the tables of
//! Athena read, with the answers of the accounts that wrote them.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use aws_patch_manager::athena::{ExportTables, InventoryType};
use aws_patch_manager::backend::ResourceDataSyncStore;
use aws_patch_manager::compliance::ReportDetail;
use aws_patch_manager::data_sync::ResourceDataSync;
use aws_patch_manager::memory::{FleetNode, MemoryOrganization, NodeCondition};
use aws_patch_manager::resource_data_sync::{
    CreateResourceDataSync, SyncFromSource, SyncToDestination,
};
use aws_patch_manager::types::NodeId;
use aws_patch_manager::{
    ComplianceQuery, ErrorKind, MemoryBackend, PatchManager, PatchRequest, PolicySchedule,
};
use serde_json::{Map, Value};
use support::accounts::{fleet, managed, old_openssl, run};

const CENTRAL: &str = "111111111111";
const MEMBER: &str = "222222222222";
const UNIT: &str = "ou-ab12-production";
const REGIONS: [&str; 2] = ["eu-central-1", "eu-west-1"];
const BUCKET: &str = "amzn-s3-demo-bucket";
const SCANNED: &str = "i-00000000000000001";
const STOPPED: &str = "i-00000000000000002";
const NEVER: &str = "mi-00000000000000003";

fn nodes() -> Vec<FleetNode> {
    let node = |id: &str| FleetNode::amazon_linux_2023(id).with_installed(old_openssl());
    vec![
        node(SCANNED).with_tag("Environment", "production"),
        node(STOPPED).with_condition(NodeCondition::Stopped),
        FleetNode::windows_server_2022(NEVER),
    ]
}

/// Without a stopped node, which an export has and a listing of Systems Manager has not.
fn organization() -> MemoryOrganization {
    let mut nodes = nodes();
    nodes.retain(|node| node.id().as_str() != STOPPED);
    MemoryOrganization::builder()
        .management(CENTRAL)
        .unit(UNIT, None)
        .account(MEMBER, UNIT)
        .regions(REGIONS)
        .template(MemoryBackend::builder().fleet(fleet(nodes)))
        .build()
        .unwrap()
}

fn sync_into(bucket: &str, region: &str) -> CreateResourceDataSync {
    let sync = SyncToDestination::new("patching", bucket, region).prefix("inventory");
    sync.build().unwrap()
}

async fn ensure(manager: &PatchManager, sync: &CreateResourceDataSync) {
    manager.ensure_resource_data_sync(sync).await.unwrap();
}

/// A folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let name = format!("data-sync-files-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn the_export_of_several_accounts_and_regions_reports_as_their_managers_do() {
    let organization = organization();
    let mut managers = BTreeMap::new();
    for account in [CENTRAL, MEMBER] {
        for region in REGIONS {
            let (member, manager) = managed(organization.member(account, region).unwrap());
            ensure(&manager, &sync_into(BUCKET, REGIONS[0])).await;
            managers.insert((account, region), (member, manager));
        }
    }
    // In three of the four it is scanned, and in one of those installed.
    let scan = || PatchRequest::scan().nodes([SCANNED]);
    run(&managers[&(CENTRAL, REGIONS[0])].1, scan()).await;
    run(&managers[&(MEMBER, REGIONS[0])].1, scan()).await;
    let install = PatchRequest::install().nodes([SCANNED]);
    run(&managers[&(MEMBER, REGIONS[1])].1, install).await;
    organization.advance(Duration::from_hours(1));

    let folder = folder("organization");
    let written = organization.write_data_syncs(&folder).unwrap();
    assert_eq!(written, organization.data_sync_files().len());
    let export = || {
        let export = ResourceDataSync::local(folder.join(BUCKET)).unwrap();
        export
            .prefix("inventory")
            .clock(organization.manual_clock())
    };
    let query = ComplianceQuery::all();
    let mut nodes = 0;
    for ((account, region), (_, manager)) in &managers {
        let of_place = export().account(*account).region(*region);
        let made = of_place.compliance_report("Fleet", &query, ReportDetail::Patches);
        let made = made.await.unwrap();
        let expected = manager.compliance_report("Fleet", &query, ReportDetail::Patches);
        let expected = expected.await.unwrap();
        assert!(made.failures.is_empty(), "{:?}", made.failures);
        assert_eq!(made.totals, expected.totals, "{account} {region}");
        assert_eq!(made.by_group, expected.by_group, "{account} {region}");
        assert_eq!(made.by_severity, expected.by_severity);
        assert_eq!(made.missing_patches.len(), expected.missing_patches.len());
        nodes += made.totals.nodes();
    }
    let whole = export();
    let all = whole.compliance_report("Fleet", &query, ReportDetail::Patches);
    assert_eq!(all.await.unwrap().totals.nodes(), nodes);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn each_node_has_a_file_of_each_type_with_the_columns_of_its_table() {
    let (memory, manager) = managed(MemoryBackend::builder().fleet(fleet(nodes())).build());
    ensure(&manager, &sync_into(BUCKET, "us-east-1")).await;
    // Through an association, so that the node has one of both types of compliance.
    let policy = PolicySchedule::quick_setup_default("production").patch_policy();
    manager.ensure_policy(&policy.unwrap()).await.unwrap();
    memory.advance(Duration::from_hours(2));

    let mut types: BTreeMap<String, BTreeSet<InventoryType>> = BTreeMap::new();
    for file in memory.data_sync_files() {
        let is_of = |kind: &&InventoryType| file.key.contains(kind.as_str());
        let kind = InventoryType::ALL.iter().find(is_of).unwrap();
        let (_, node) = file.key.rsplit_once('/').unwrap();
        let node = node.strip_suffix(".json").unwrap();
        let key = format!(
            "inventory/{kind}/accountid=123456789012/region=us-east-1/resourcetype=ManagedInstanceInventory/{node}.json"
        );
        assert_eq!((&*file.key, &*file.bucket_name), (&*key, BUCKET));
        assert_eq!(file.bucket_region, "us-east-1");
        types.entry(node.to_owned()).or_default().insert(*kind);
        for line in file.text.lines() {
            let row: Map<String, Value> = serde_json::from_str(line).unwrap();
            assert_eq!(row["resourceId"], node);
            assert!(row.values().all(Value::is_string), "{line}");
            let columns: BTreeSet<&str> = ExportTables::columns(*kind).collect();
            let known = |name: &str| columns.contains(name.to_ascii_lowercase().as_str());
            // The member that collides with the partition, as AWS writes it, and one of the node's report.
            let left_out = ["ResourceType", "AvailableSecurityUpdateCount"];
            let unknown = row.keys().filter(|name| !known(name));
            let unknown: Vec<_> = unknown
                .filter(|name| !left_out.contains(&&***name))
                .collect();
            assert!(unknown.is_empty(), "{kind}: {unknown:?}");
        }
    }
    let all: BTreeSet<InventoryType> = InventoryType::ALL.iter().copied().collect();
    assert_eq!(types[SCANNED], all);
    let bare = BTreeSet::from([InventoryType::InstanceInformation]);
    assert!(types[STOPPED].is_superset(&bare));
    assert!(!types[STOPPED].contains(&InventoryType::PatchSummary));
}

#[tokio::test]
async fn the_status_of_a_node_is_its_own() {
    let (memory, manager) = managed(MemoryBackend::builder().fleet(fleet(nodes())).build());
    ensure(&manager, &sync_into(BUCKET, "us-east-1")).await;
    memory
        .set_condition(&NodeId::new(NEVER), NodeCondition::Unreachable)
        .unwrap();
    memory.advance(Duration::from_hours(1));
    let mut found = BTreeMap::new();
    for file in memory.data_sync_files() {
        let row: Value = serde_json::from_str(file.text.lines().next().unwrap()).unwrap();
        if let Some(status) = row["InstanceStatus"].as_str() {
            found.insert(
                row["resourceId"].as_str().unwrap().to_owned(),
                status.to_owned(),
            );
        }
    }
    let expected = [
        (SCANNED, "Active"),
        (STOPPED, "Stopped"),
        (NEVER, "ConnectionLost"),
    ];
    assert_eq!(
        found,
        expected
            .map(|(node, status)| (node.to_owned(), status.to_owned()))
            .into()
    );
}

#[tokio::test]
async fn a_sync_that_writes_nothing_is_left_out() {
    let organization = organization();
    let (central, manager) = managed(organization.member(CENTRAL, REGIONS[0]).unwrap());
    let explorer = SyncFromSource::new("explorer", REGIONS).build().unwrap();
    ensure(&manager, &explorer).await;
    ensure(&manager, &sync_into(BUCKET, REGIONS[0])).await;
    assert!(
        central.data_sync_files().is_empty(),
        "the first run is under way"
    );
    organization.advance(Duration::from_mins(2));

    // The bucket is in the Region that the first of its syncs says.
    let (member, manager) = managed(organization.member(MEMBER, REGIONS[1]).unwrap());
    ensure(&manager, &sync_into(BUCKET, REGIONS[1])).await;
    organization.advance(Duration::from_mins(2));
    let files = organization.data_sync_files();
    assert!(!files.is_empty());
    for file in &files {
        assert_eq!(file.sync_name, "patching");
        assert!(file.key.contains(CENTRAL), "{}", file.key);
    }
    // Alone it is the first.
    assert!(!member.data_sync_files().is_empty());
    let other = SyncToDestination::new("other", "another-bucket", REGIONS[1]);
    ensure(&manager, &other.build().unwrap()).await;
    organization.advance(Duration::from_mins(2));
    let of_member = |key: &str| key.contains(MEMBER);
    assert!(
        organization
            .data_sync_files()
            .iter()
            .any(|file| of_member(&file.key))
    );
}

#[tokio::test]
async fn no_file_is_written_outside_the_folder() {
    let memory = MemoryBackend::builder().fleet(fleet(nodes())).build();
    let mut sync = sync_into(BUCKET, "us-east-1");
    sync.s3_destination.as_mut().unwrap().prefix = Some("../../up".to_owned());
    memory.create_resource_data_sync(sync).await.unwrap();
    memory.advance(Duration::from_mins(2));
    let folder = folder("outside");
    let error = memory.write_data_syncs(&folder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    std::fs::remove_dir_all(&folder).unwrap();
}
