//! Reads a fleet from the export of a resource data sync, for fleets too large to poll.
//!
//! A resource data sync of the type `SyncToDestination` makes Systems Manager write the inventory
//! and the patch compliance of an account and Region into an S3 bucket, and keep it up to date.
//! Several accounts and Regions can share a bucket. [`ResourceDataSync`] reads such an export, from
//! the bucket or from a copy on disk, and answers in the types of a
//! [sweep](crate::PatchManager::sweep). It calls no operation of Systems Manager, so nothing is
//! throttled, and it needs no role in the accounts, only read access to the bucket.
//!
//! ```no_run
//! use aws_patch_manager::ComplianceQuery;
//! use aws_patch_manager::compliance::ReportDetail;
//! use aws_patch_manager::data_sync::ResourceDataSync;
//!
//! # async fn report() -> Result<(), aws_patch_manager::Error> {
//! let export = ResourceDataSync::local("/srv/exports/inventory")?;
//! let all = ComplianceQuery::all();
//! let report = export.compliance_report("Everywhere", &all, ReportDetail::Patches).await?;
//! println!("{}", report.to_markdown());
//! # Ok(())
//! # }
//! ```
//!
//! For the bucket itself, add `object_store` with its feature `aws` to your program, build its
//! `AmazonS3` and pass it to [`ResourceDataSync::new`]. The crate is re-exported as
//! [`object_store`], so that you can use the same version. Listing needs `s3:ListBucket`, reading
//! `s3:GetObject`, and `kms:Decrypt` if the sync encrypts.
//!
//! # The layout
//!
//! Below the prefix of the sync there is one file for each type of inventory and node, a JSON
//! object on each line:
//!
//! ```text
//! AWS:PatchSummary/accountid=111122223333/region=eu-central-1/resourcetype=ManagedInstanceInventory/i-0123456789abcdef0.json
//! ```
//!
//! | type | rows | what it is read for |
//! |---|---|---|
//! | `AWS:InstanceInformation` | one | the nodes, their names and platforms, `InstanceStatus` |
//! | `AWS:PatchSummary` | one | the counts, baseline, operation and times of a verdict |
//! | `AWS:ComplianceItem` | many | the patches of a node; rows of associations are ignored |
//!
//! Each row has its node as `resourceId`, and `captureTime` beside the members of its type. Counts
//! are decimal text. The case of member names does not matter; unknown members are ignored.
//!
//! # What that rests on
//!
//! - Documented by AWS: the first folder and the three partitions with their order (the tables for
//!   Athena in the user guide), the members in the inventory schemas, the JSON SerDe, the values of
//!   `InstanceStatus`, and that a sync removes no file of a node that is gone.
//! - Seen only in published programs, some of them AWS's: the file's name, one object on each line,
//!   the case of the names, counts as text, and the members of `AWS:PatchSummary` that are newer
//!   than its schema, such as `InstalledPendingRebootCount` and `CriticalNonCompliantCount`. The
//!   patch documents report those.
//! - **Not verified: none of it was compared with the bucket of a real account.** Nor was the
//!   layout of a sync with `DestinationDataSharing`. The agent does not report
//!   `UnreportedNotApplicableCount` and `AvailableSecurityUpdateCount`; their names are from
//!   DescribeInstancePatchStates.
//!
//! # How it differs from a sweep
//!
//! - The nodes are those in `AWS:InstanceInformation` or `AWS:PatchSummary`, without terminated
//!   ones. [`all`](crate::ComplianceQuery::all) and [`fleet`](crate::ComplianceQuery::fleet) are
//!   the same here. A node's group is that of its last patch operation.
//! - An export does not show whether it is still refreshed. Set
//!   [`max_age`](crate::ComplianceQuery::max_age): nodes with older scans count as unknown.
//! - An export does not record which baselines are in use, so
//!   [`other_baseline_is_unknown`](crate::ComplianceQuery::other_baseline_is_unknown) is refused.
//! - The results of AWS-RunPatchBaselineAssociation are rows of an association, and do not count.

mod exposure;
mod file;
mod folder;
mod layout;
mod listing;
mod overrides;
mod report;
mod run_output;
mod sweep;

use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, stream};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;

pub use object_store;

pub use self::run_output::RunOutput;

use self::file::File;
use self::folder::{Folder, on_a_thread};
use self::layout::{Layout, Place, file_of};
use self::sweep::Rows;
use crate::clock::{Clock, SystemClock};
use crate::compliance::{ComplianceQuery, PatchComplianceData, PatchState};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::export::{check_answerable, check_selection};
use crate::manager::FleetAnswer;
use crate::telemetry::verb_stream;
use crate::types::NodeId;

/// The S3 operation that reads a file.
const GET: &str = "GetObject";

/// The export of a resource data sync. Cheap to clone.
///
/// It only reads. It covers all accounts and Regions of the export, unless you name some.
///
/// ```
/// use std::sync::Arc;
///
/// use aws_patch_manager::data_sync::ResourceDataSync;
/// use aws_patch_manager::data_sync::object_store::memory::InMemory;
///
/// let bucket = Arc::new(InMemory::new());
/// let export = ResourceDataSync::new(bucket).prefix("inventory").account("111122223333");
/// # let _ = export;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct ResourceDataSync {
    store: Arc<dyn ObjectStore>,
    /// The same as a folder, if it is one.
    folder: Option<Folder>,
    prefix: String,
    accounts: Vec<String>,
    regions: Vec<String>,
    clock: Arc<dyn Clock>,
}

impl ResourceDataSync {
    /// The export in a bucket, or in any other store.
    ///
    /// An error that remains after the store's own retries names its node.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
            folder: None,
            prefix: String::new(),
            accounts: Vec::new(),
            regions: Vec::new(),
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// The export in a folder, as `aws s3 sync` copies it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such folder.
    pub fn local(folder: impl AsRef<std::path::Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let cannot = || {
            let message = "the folder cannot be opened";
            Error::new(ErrorKind::NotFound, message).with_resource(folder.to_string_lossy())
        };
        let store = LocalFileSystem::new_with_prefix(folder);
        let store = store.map_err(|error| cannot().with_source(error))?;
        let root = folder.canonicalize();
        let root = root.map_err(|error| cannot().with_source(error))?;
        Ok(Self {
            folder: Some(Folder::new(root)),
            ..Self::new(Arc::new(store))
        })
    }

    /// The `Prefix` of the sync's destination, if it has one.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Adds this account, by its 12 digits, to the selection. An account that the export does not
    /// have is a failure among the answers.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.accounts.push(account.into());
        self
    }

    /// Adds this Region, such as `eu-central-1`, to the selection. A Region that the export does
    /// not have is a failure among the answers.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.regions.push(region.into());
        self
    }

    /// The clock for the age of a scan; the machine's if not set.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The verdict on each node of a question, in the order of account, Region and node.
    ///
    /// The `source` of an answer is its account and Region, such as `111122223333/eu-central-1`.
    /// Each node comes once, as an answer or in a failure. A failure without a node is a failed
    /// listing. Its source is an account and Region, an account, or empty for the whole export. The
    /// others still arrive. Nodes that the question names and the export does not have also have an
    /// empty source.
    ///
    /// It reads two files for each node, [`ComplianceQuery::concurrency`] at the same time, while
    /// it lists up to four accounts and Regions ahead. Those files and the ids of those accounts
    /// and Regions bound its memory, at about 160 bytes for each node.
    ///
    /// Calls no AWS operation but the store's own: for S3 ListObjectsV2 and GetObject.
    pub fn sweep(&self, query: &ComplianceQuery) -> BoxStream<'static, FleetAnswer> {
        let answers = verb_stream!(
            export_sweep(concurrency = query.calls_at_a_time()),
            sweep::answers(self, query, Rows::Nothing)
        );
        answers
            .map(|answer| answer.map_or_else(FleetAnswer::from, FleetAnswer::from))
            .boxed()
    }

    /// The patches on a node in these states, or in every state if none is named. The source is
    /// that of the node's answer.
    ///
    /// A row that cannot be read is an error with its line; the rows after it still come.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a source that is not an account and Region, or an invalid
    /// id; [`ErrorKind::NotFound`] if the export has no compliance items of the node.
    pub fn node_patches(
        &self,
        source: &str,
        node: &NodeId,
        states: &[PatchState],
    ) -> BoxStream<'static, Result<PatchComplianceData>> {
        let (export, source) = (self.clone(), source.to_owned());
        let (of, states) = (node.clone(), states.to_vec());
        let patches = async move {
            match export.compliance_items(&source, &of).await {
                Ok(file) => sweep::patches(&file, &of, &states),
                Err(error) => vec![Err(error)],
            }
        };
        verb_stream!(
            export_node_patches(node = node.as_str()),
            patches.into_stream().flat_map(stream::iter).boxed()
        )
    }

    async fn compliance_items(&self, source: &str, node: &NodeId) -> Result<File> {
        let mut violations = Violations::new();
        let layout = self.layout(&mut violations);
        let place = Place::named(source);
        let legal = "an account and a Region, such as 111122223333/eu-central-1";
        violations.require(place.is_well_formed(), "source", source, legal);
        violations.require(node.is_well_formed(), "InstanceId", node, NodeId::LEGAL);
        let layout = violations.or(GET, layout)?;
        let path = file_of(&layout.folders(&place).items, node);
        let export = self.clone();
        let fetch = async move { File::fetch(&export, path).await };
        let file = match self.folder {
            Some(_) => on_a_thread(fetch).await,
            None => fetch.await,
        }?;
        file.check_rows()?;
        Ok(file)
    }

    /// The layout; not usable if it records a violation.
    fn layout(&self, violations: &mut Violations) -> Layout {
        let prefix = Path::parse(&self.prefix);
        let legal = "parts of a key with one `/` between them";
        violations.require(prefix.is_ok(), "Prefix", &self.prefix, legal);
        Layout {
            prefix: prefix.unwrap_or_default(),
        }
    }

    /// Refuses everything in the question that cannot be read or answered.
    fn check(&self, query: &ComplianceQuery) -> Result<Layout> {
        let mut violations = Violations::new();
        let layout = self.layout(&mut violations);
        check_selection(&mut violations, &self.accounts, &self.regions, query);
        let layout = violations.or(GET, layout)?;
        check_answerable(query)?;
        Ok(layout)
    }
}
