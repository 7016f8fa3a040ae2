//! A fleet read from what a resource data sync exports, for fleets too large to poll.
//!
//! A resource data sync of the type `SyncToDestination` has Systems Manager write the inventory and
//! the patch compliance of an account and Region into an S3 bucket, and keep it fresh. Several
//! accounts and Regions can share a bucket. [`ResourceDataSync`] reads such an export, from the
//! bucket or from a copy on disk, and answers in the types of a
//! [sweep](crate::PatchManager::sweep): no call to Systems Manager is made, none is throttled, and no
//! role in the accounts is needed beyond the right to read the bucket.
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
//! For the bucket itself, add `object_store` with its feature `aws` to your program, make its
//! `AmazonS3` and give it to [`ResourceDataSync::new`]. The crate is re-exported as
//! [`object_store`], so that versions can be seen to agree. Listing is `s3:ListBucket`, reading
//! `s3:GetObject`, and `kms:Decrypt` where the sync encrypts.
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
//! | `AWS:InstanceInformation` | one | which nodes there are, their names and platforms, `InstanceStatus` |
//! | `AWS:PatchSummary` | one | the counts, baseline, operation and times that a verdict rests on |
//! | `AWS:ComplianceItem` | many | the patches of a node; rows of associations are passed over |
//!
//! Each row carries its node as `resourceId`, and `captureTime` beside the members of its type.
//! Counts are decimal text. Members are found by name without regard to case, unknown ones are
//! passed over.
//!
//! # What that rests on
//!
//! - Documented by AWS: the first folder and the three partitions with their order (the tables for
//!   Athena in the user guide), the members in the inventory schemas, the JSON SerDe, the values of
//!   `InstanceStatus`, and that a sync removes no file of a node that is gone.
//! - Seen only in programs that others published, AWS among them: the file's name, one object a
//!   line, the case of the names, counts as text, and the members of `AWS:PatchSummary` that are
//!   younger than its schema, such as `InstalledPendingRebootCount` and `CriticalNonCompliantCount`.
//!   Those are what the patch documents report.
//! - **Not verified: none of it was compared with the bucket of a real account.** Nor was the layout
//!   of a sync with `DestinationDataSharing`. Names of its members that the agent does not report,
//!   `UnreportedNotApplicableCount` and `AvailableSecurityUpdateCount`, are taken from
//!   DescribeInstancePatchStates.
//!
//! # How it differs from a sweep
//!
//! - Nodes are those that stand in `AWS:InstanceInformation` or `AWS:PatchSummary`, but for
//!   terminated ones. [`all`](crate::ComplianceQuery::all) and
//!   [`fleet`](crate::ComplianceQuery::fleet) mean the same; a group is that of the last patch operation.
//! - An export that nobody refreshes shows no sign of it. Ask with
//!   [`max_age`](crate::ComplianceQuery::max_age): scans that are older count as unknown.
//! - Which baselines are in use does not stand in an export, so
//!   [`other_baseline_is_unknown`](crate::ComplianceQuery::other_baseline_is_unknown) is refused.
//! - What AWS-RunPatchBaselineAssociation found is a row of an association, and never counts.

mod file;
mod layout;
mod listing;
mod members;
mod report;
mod row;
mod sweep;

use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, stream};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;

pub use object_store;

use self::file::File;
use self::layout::{InventoryType, Layout, Place, is_region};
use crate::clock::{Clock, SystemClock};
use crate::compliance::{ComplianceQuery, PatchComplianceData, PatchState};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::manager::FleetAnswer;
use crate::telemetry::verb_stream;
use crate::types::{NodeId, is_account};

/// The operation of S3 that reading a file is.
const GET: &str = "GetObject";

/// An export that a resource data sync wrote. Cheap to clone.
///
/// It only reads. Accounts and Regions are all that the export has, until some are named.
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
    prefix: String,
    accounts: Vec<String>,
    regions: Vec<String>,
    clock: Arc<dyn Clock>,
}

impl ResourceDataSync {
    /// The export in a bucket, or whatever else the store is.
    ///
    /// What the store's own retries do not mend is an error that names its node.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
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
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| {
            let message = "the folder cannot be opened";
            Error::new(ErrorKind::NotFound, message)
                .with_resource(folder.to_string_lossy())
                .with_source(error)
        })?;
        Ok(Self::new(Arc::new(store)))
    }

    /// The `Prefix` of the sync's destination, where it has one.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Only this account, by its 12 digits, and others that are named as well. One that the export
    /// does not have is a failure among the answers.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.accounts.push(account.into());
        self
    }

    /// Only this Region, such as `eu-central-1`, and others that are named as well. One that the
    /// export does not have is a failure among the answers.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.regions.push(region.into());
        self
    }

    /// The clock that tells how old a scan is; the machine's where none is given.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How each node of a question stands, in the order of account, Region and node.
    ///
    /// The `source` of an answer is its account and Region, such as `111122223333/eu-central-1`.
    /// Each node comes once, as an answer or named in a failure. A failure that names no node is a
    /// listing that failed, and its source says of what: of one account and Region, of one account,
    /// or of the whole export, then empty. The others still arrive. Nodes that were asked about by
    /// name and are nowhere have an empty source too.
    ///
    /// Two files are read for each node, as many at the same time as
    /// [`ComplianceQuery::concurrency`] says, while up to four accounts and Regions are listed
    /// ahead. Memory is bounded by those files and the ids of those accounts and Regions, some 160
    /// bytes a node.
    ///
    /// Calls no AWS operation but the store's own: for S3 ListObjectsV2 and GetObject.
    pub fn sweep(&self, query: &ComplianceQuery) -> BoxStream<'static, FleetAnswer> {
        let answers = verb_stream!(
            export_sweep(concurrency = query.calls_at_a_time()),
            sweep::answers(self, query, false)
        );
        answers
            .map(|answer| answer.map_or_else(FleetAnswer::from, FleetAnswer::from))
            .boxed()
    }

    /// The patches on a node, of these states only, or of every state where none is named. The
    /// source is that of the node's answer.
    ///
    /// A row that cannot be read is an error that tells its line; those after it still come.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a source that is no account and Region, or an id that is
    /// none; [`ErrorKind::NotFound`] if the export has no compliance items of the node.
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
        let path = layout.file(InventoryType::ComplianceItem, &place, node);
        File::fetch(self.store.as_ref(), path).await
    }

    /// Where things are; of no use where it puts down a violation.
    fn layout(&self, violations: &mut Violations) -> Layout {
        let prefix = Path::parse(&self.prefix);
        let legal = "parts of a key with one `/` between them";
        violations.require(prefix.is_ok(), "Prefix", &self.prefix, legal);
        Layout {
            prefix: prefix.unwrap_or_default(),
        }
    }

    /// Refuses what cannot be read or answered, all of it at once.
    fn check(&self, query: &ComplianceQuery) -> Result<Layout> {
        let mut violations = Violations::new();
        let layout = self.layout(&mut violations);
        for account in &self.accounts {
            violations.require(is_account(account), "accountid", account, "12 digits");
        }
        for region in &self.regions {
            let legal = "a Region, such as eu-central-1";
            violations.require(is_region(region), "region", region, legal);
        }
        if let Err(error) = query.check() {
            for violation in error.violations() {
                violations.add(violation.clone());
            }
        }
        let layout = violations.or(GET, layout)?;
        if query.doubts().other_baseline {
            let message = "an export does not record which baselines are in use";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        Ok(layout)
    }
}
