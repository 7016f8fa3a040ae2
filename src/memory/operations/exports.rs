//! What the resource data syncs write into their buckets.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::compliance;
use crate::compliance::{
    ComplianceExecutionSummary, ComplianceItem, ResourceComplianceSummaryItem, SeveritySummary,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::store::State;
use crate::memory::store::account::Account;
use crate::memory::store::data_syncs::Destination;
use crate::memory::store::fleet::Node;
use crate::memory::store::fleet_file::NodeCondition;
use crate::resource_data_sync::ResourceDataSyncS3Destination;
use crate::resource_data_sync::inventory::InventoryType;
use crate::types::NodeId;

/// A file that a resource data sync writes into its bucket: one type of inventory of one node.
///
/// Returned by [`MemoryBackend::data_sync_files`] and
/// [`MemoryOrganization::data_sync_files`](crate::memory::MemoryOrganization::data_sync_files).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DataSyncFile {
    /// The sync.
    pub sync_name: String,
    /// The bucket.
    pub bucket_name: String,
    /// The Region of the bucket, as the sync says it.
    pub bucket_region: String,
    /// The key, with the prefix of the sync:
    /// `AWS:PatchSummary/accountid=111122223333/region=eu-central-1/resourcetype=ManagedInstanceInventory/i-0123456789abcdef0.json`
    /// without one.
    pub key: String,
    /// JSON objects, each on a line of its own.
    pub text: String,
}

impl DataSyncFile {
    /// Writes it into `<folder>/<bucket>/<key>`.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let below = Path::new(&self.bucket_name).join(&self.key);
        let mut parts = below.components();
        if !parts.all(|part| matches!(part, Component::Normal(_))) {
            let message = "a bucket, prefix or node leads out of the folder";
            return Err(Error::new(ErrorKind::InvalidInput, message)
                .with_resource(below.display().to_string()));
        }
        let path = folder.join(below);
        let parent = path.parent().unwrap_or(folder);
        let written =
            std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, &self.text));
        written.map_err(|error| {
            Error::new(ErrorKind::Other, "the file cannot be written")
                .with_resource(path.display().to_string())
                .with_source(error)
        })
    }
}

/// What resource data syncs export. These are no calls to the service: they are not recorded and no fault
/// strikes them.
impl MemoryBackend {
    /// The files that the resource data syncs of this account and Region have in their buckets, in the
    /// order of node, type and sync.
    ///
    /// Each sync of the type `SyncToDestination` has them once its first run has ended, a minute after it
    /// was made. What they say is as of now. One of the type `SyncFromSource` writes none.
    ///
    /// | type | rows |
    /// |---|---|
    /// | `AWS:InstanceInformation` | each node that ever had an agent. Its `InstanceStatus` is `Active`, `Stopped`, or `ConnectionLost` for one out of reach, which AWS documents for hybrid nodes only |
    /// | `AWS:PatchSummary` | the last patch operation of the node |
    /// | `AWS:ComplianceItem`, `AWS:ComplianceSummary` | its patches, the associations that have run on it, and what others report of it |
    /// | `AWS:Tag` | its tags |
    ///
    /// So a stopped node is in the export, and not among those that DescribeInstanceInformation lists. A file
    /// without rows is left out. A node that was removed has no files here, while AWS keeps them
    /// with the status `Terminated`.
    ///
    /// Buckets, their policies and their keys are not modelled: every account may write into every bucket.
    /// A bucket is in one Region, which is the one that the first of its syncs says. Syncs that say another
    /// one write nothing.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::resource_data_sync::SyncToDestination;
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let memory = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&memory);
    /// let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "us-east-1").build()?;
    /// manager.ensure_resource_data_sync(&sync).await?;
    /// manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// memory.advance(Duration::from_hours(1));
    /// let files = memory.data_sync_files();
    /// let is_summary = |key: &str| key.starts_with("AWS:PatchSummary/accountid=123456789012/");
    /// assert!(files.iter().any(|file| is_summary(&file.key)));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn data_sync_files(&self) -> Vec<DataSyncFile> {
        let mut buckets = Buckets::default();
        buckets.add(self);
        self.files_in(&buckets)
    }

    /// The files of the syncs whose buckets are in the Region that they say.
    pub(crate) fn files_in(&self, buckets: &Buckets) -> Vec<DataSyncFile> {
        self.act(|engine, now| {
            let (state, mut files) = (&engine.state, Vec::new());
            let mut destinations = state.data_syncs.destinations(now);
            destinations.retain(|one| buckets.admit(&one.place));
            for node in state.fleet.managed() {
                add_files(state, node, &destinations, now, &mut files);
            }
            files
        })
    }

    /// Writes [these files](Self::data_sync_files) into a folder, as `aws s3 sync` copies a bucket into
    /// `<folder>/<bucket>`, and returns how many. Files that are there stay, unless they are written again.
    ///
    /// `ResourceDataSync::local` (feature `data-sync`) reads that folder, with the prefix of the sync.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a bucket, prefix or node whose name leads out of the folder, and
    /// [`ErrorKind::Other`] for a file that cannot be written. Both name the file; those before it are
    /// written.
    pub fn write_data_syncs(&self, folder: impl AsRef<Path>) -> Result<usize> {
        write_all(&self.data_sync_files(), folder.as_ref())
    }
}

/// The Region of each bucket, and when the first of its syncs was made.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    regions: BTreeMap<String, (Timestamp, String)>,
}

impl Buckets {
    /// Adds the buckets of an account and Region.
    pub(crate) fn add(&mut self, member: &MemoryBackend) {
        let found = member.act(|engine, now| engine.state.data_syncs.destinations(now));
        for Destination { created, place, .. } in found {
            let known = self.regions.entry(place.bucket_name);
            let known = known.or_insert_with(|| (created, place.region.clone()));
            if created < known.0 {
                *known = (created, place.region);
            }
        }
    }

    fn admit(&self, destination: &ResourceDataSyncS3Destination) -> bool {
        let known = self.regions.get(&destination.bucket_name);
        known.is_some_and(|(_, region)| *region == destination.region)
    }
}

/// Writes files into a folder, and returns how many.
pub(crate) fn write_all(files: &[DataSyncFile], folder: &Path) -> Result<usize> {
    for file in files {
        file.write(folder)?;
    }
    Ok(files.len())
}

/// Adds the files of a node, of each type for each sync.
fn add_files(
    state: &State,
    node: &Node,
    destinations: &[Destination],
    now: Timestamp,
    files: &mut Vec<DataSyncFile>,
) {
    if destinations.is_empty() {
        return;
    }
    let id = node.facts.id();
    let Account {
        id: account,
        region,
    } = &state.account;
    for kind in InventoryType::ALL {
        let rows = rows(state, node, *kind, now);
        if rows.is_empty() {
            continue;
        }
        let lines = rows.iter().map(|row| format!("{row}\n"));
        let text: String = lines.collect();
        for Destination { sync, place, .. } in destinations {
            files.push(DataSyncFile {
                sync_name: sync.clone(),
                bucket_name: place.bucket_name.clone(),
                bucket_region: place.region.clone(),
                key: kind.key(place.prefix.as_deref(), account, region, id),
                text: text.clone(),
            });
        }
    }
}

#[cfg(feature = "emulator")]
impl MemoryBackend {
    /// The rows of a node's inventory of a type; `None` if there is no such node. No call is recorded.
    pub(crate) fn inventory(&self, id: &NodeId, kind: Option<InventoryType>) -> Option<Vec<Value>> {
        self.act(|engine, now| {
            let node = engine
                .state
                .fleet
                .get(id)
                .filter(|node| node.is_managed())?;
            let rows = kind.map(|kind| rows(&engine.state, node, kind, now));
            Some(rows.unwrap_or_default())
        })
    }
}

/// The rows of a node's inventory of a type.
fn rows(state: &State, node: &Node, kind: InventoryType, now: Timestamp) -> Vec<Value> {
    let id = node.facts.id();
    match kind {
        InventoryType::InstanceInformation => vec![row(id, now, information(node))],
        InventoryType::PatchSummary => summary(node).into_iter().collect(),
        InventoryType::ComplianceItem => compliance::items_of(state, id)
            .into_iter()
            .map(|item| compliance_item(id, item, now))
            .collect(),
        InventoryType::ComplianceSummary => compliance::summaries_of(state, id)
            .into_iter()
            .map(|summary| compliance_summary(node, summary, now))
            .collect(),
        InventoryType::Tag => {
            let tags = node.facts.tags.iter();
            let members = tags.map(|tag| [("Key", tag.key.clone()), ("Value", tag.value.clone())]);
            members.map(|members| row(id, now, members)).collect()
        }
    }
}

/// A row: its members, each a text, and the three that every row has.
fn row<N: Into<String>>(
    node: &NodeId,
    captured: Timestamp,
    members: impl IntoIterator<Item = (N, String)>,
) -> Value {
    let members = members.into_iter();
    let members = members.map(|(name, text)| (name.into(), Value::String(text)));
    let mut row: Map<String, Value> = members.collect();
    let every = [
        ("resourceId", node.to_string()),
        ("captureTime", captured.to_string()),
        ("schemaVersion", "1.0".to_owned()),
    ];
    row.extend(every.map(|(name, text)| (name.to_owned(), Value::String(text))));
    Value::Object(row)
}

/// The members of an answer, each as a text. Counts are decimal text in an export.
fn texts(answer: &impl Serialize) -> BTreeMap<String, String> {
    let Ok(Value::Object(members)) = serde_json::to_value(answer) else {
        return BTreeMap::new();
    };
    let texts = members.into_iter().filter_map(|(name, value)| match value {
        Value::Null => None,
        Value::String(text) => Some((name, text)),
        other => Some((name, other.to_string())),
    });
    texts.collect()
}

/// The members of `AWS:InstanceInformation`, by its inventory schema.
fn information(node: &Node) -> BTreeMap<String, String> {
    const MEMBERS: [&str; 7] = [
        "AgentVersion",
        "ComputerName",
        "InstanceId",
        "PlatformName",
        "PlatformType",
        "PlatformVersion",
        "ResourceType",
    ];
    let mut members = texts(&node.facts.instance_information);
    let address = members.remove("IPAddress");
    members.retain(|name, _| MEMBERS.contains(&name.as_str()));
    members.extend(address.map(|address| ("IpAddress".to_owned(), address)));
    members.insert("AgentType".to_owned(), AGENT_TYPE.to_owned());
    let status = instance_status(&node.facts.condition);
    members.insert("InstanceStatus".to_owned(), status.to_owned());
    members
}

/// The agent of every managed node here.
pub(super) const AGENT_TYPE: &str = "amazon-ssm-agent";

/// The status of a node in its inventory.
pub(super) fn instance_status(condition: &NodeCondition) -> &'static str {
    match condition {
        NodeCondition::Online => "Active",
        NodeCondition::Stopped => "Stopped",
        _ => "ConnectionLost",
    }
}

/// The row of `AWS:PatchSummary`; `None` if no patch operation has reported.
fn summary(node: &Node) -> Option<Value> {
    let report = node.report.as_ref()?;
    let mut members = texts(&report.state);
    members.remove("InstanceId");
    let operation = members.remove("Operation");
    members.extend(operation.map(|operation| ("OperationType".to_owned(), operation)));
    let id = node.facts.id();
    Some(row(id, report.state.operation_end_time, members))
}

/// Adds what is known of a run, and returns when it reported.
fn add_run(
    members: &mut BTreeMap<String, String>,
    run: Option<ComplianceExecutionSummary>,
    now: Timestamp,
) -> Timestamp {
    let Some(run) = run else { return now };
    let known = [
        ("ExecutionTime", Some(run.execution_time.to_string())),
        ("ExecutionId", run.execution_id),
        ("ExecutionType", run.execution_type),
    ];
    let known = known.into_iter();
    members.extend(known.filter_map(|(name, text)| Some((name.to_owned(), text?))));
    run.execution_time
}

fn compliance_item(node: &NodeId, item: ComplianceItem, now: Timestamp) -> Value {
    let mut members = item.details;
    let captured = add_run(&mut members, item.execution_summary, now);
    let own = [
        ("ComplianceType", Some(item.compliance_type)),
        ("Id", Some(item.id)),
        ("Title", Some(item.title)),
        ("Status", item.status.map(|status| status.to_string())),
        (
            "Severity",
            item.severity.map(|severity| severity.to_string()),
        ),
    ];
    let own = own.into_iter();
    members.extend(own.filter_map(|(name, text)| Some((name.to_owned(), text?))));
    row(node, captured, members)
}

fn compliance_summary(
    node: &Node,
    summary: ResourceComplianceSummaryItem,
    now: Timestamp,
) -> Value {
    let mut members = BTreeMap::new();
    let captured = add_run(&mut members, summary.execution_summary, now);
    let report = node.report.as_ref();
    let report = report.filter(|_| summary.compliance_type == compliance::PATCH);
    let state = report.map(|report| &report.state);
    let own = [
        ("ComplianceType", Some(summary.compliance_type)),
        (
            "PatchGroup",
            state.map(|state| state.patch_group.to_string()),
        ),
        (
            "PatchBaselineId",
            state.map(|state| state.baseline_id.to_string()),
        ),
        ("Status", summary.status.map(|status| status.to_string())),
        (
            "OverallSeverity",
            summary
                .overall_severity
                .map(|severity| severity.to_string()),
        ),
    ];
    let own = own.into_iter();
    members.extend(own.filter_map(|(name, text)| Some((name.to_owned(), text?))));
    let counts = [
        ("Compliant", &summary.compliant_summary.severity_summary),
        (
            "NonCompliant",
            &summary.non_compliant_summary.severity_summary,
        ),
    ];
    for (kind, counts) in counts {
        add_counts(&mut members, kind, counts);
    }
    row(node.facts.id(), captured, members)
}

fn add_counts(members: &mut BTreeMap<String, String>, kind: &str, counts: &SeveritySummary) {
    let counts = [
        ("Critical", counts.critical_count),
        ("High", counts.high_count),
        ("Medium", counts.medium_count),
        ("Low", counts.low_count),
        ("Informational", counts.informational_count),
        ("Unspecified", counts.unspecified_count),
    ];
    let counts =
        counts.map(|(severity, count)| (format!("{kind}{severity}Count"), count.to_string()));
    members.extend(counts);
}
