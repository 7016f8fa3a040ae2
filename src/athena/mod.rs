//! Asks Athena about the export of a resource data sync, for fleets that outgrow one machine.
//!
//! `data_sync` (feature `data-sync`) reads the files of an export itself, two or three for each node.
//! Athena reads them where they are: this module says what to ask, as SQL, and reads the rows into the
//! same answers. Both judge by the same code, so both give the same [`ComplianceReport`].
//!
//! 1. [`SyncToDestination`](crate::resource_data_sync::SyncToDestination) and
//!    [`bucket_policy`](crate::resource_data_sync::bucket_policy): the sync and its bucket.
//! 2. [`ExportTables`]: the tables over the bucket.
//! 3. [`ExportQuestions`]: the SQL. [`AthenaExport`] asks, and returns reports.
//!
//! The feature `athena` adds `AthenaClient`, which runs the queries by aws-sdk-athena. Without it, give
//! [`AthenaExport`] your own [`AthenaQueries`].
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use aws_patch_manager::ComplianceQuery;
//! use aws_patch_manager::athena::{AthenaExport, AthenaQueries, ExportTables};
//! use aws_patch_manager::compliance::ReportDetail;
//!
//! # async fn report(client: Arc<dyn AthenaQueries>) -> Result<(), aws_patch_manager::Error> {
//! let export = AthenaExport::new(client, ExportTables::new("patching"));
//! let all = ComplianceQuery::all();
//! let report = export.compliance_report("Everywhere", &all, ReportDetail::Patches).await?;
//! println!("{}", report.to_markdown());
//! # Ok(())
//! # }
//! ```
//!
//! # What that rests on
//!
//! - **Not verified: no query ran on Athena.** Tests parse every one as Athena's dialect by sqlglot, run
//!   it on DuckDB over random exports, and compare the answers with those of `data_sync`.
//! - The tables have the columns of [`ExportTables::columns`]. A column that a row lacks is null.
//! - Several rows of a node count as the newest: by `OperationEndTime` or `captureTime`, whose texts
//!   must sort as instants do, as ISO 8601 in UTC does.
//! - A file with a line that is no JSON object makes the whole query fail. `data_sync` names the file.
//!
//! An answer holds the nodes and the patches that its report lists, in memory.

mod answers;
#[cfg(feature = "athena")]
mod client;
mod queries;
mod questions;
mod rows;
mod sql;
mod tables;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

#[cfg(feature = "athena")]
pub use aws_sdk_athena;

#[cfg(feature = "athena")]
#[cfg_attr(docsrs, doc(cfg(feature = "athena")))]
pub use self::client::AthenaClient;
pub use self::queries::{AthenaQueries, AthenaRow};
pub use self::questions::ExportQuestions;
pub use self::rows::OverduePatch;
pub use self::sql::AthenaQuery;
pub use self::tables::ExportTables;
pub use crate::export::InventoryType;

use self::answers::{Answers, Selected, streamed};
use crate::clock::{Clock, SystemClock};
use crate::compliance::{ComplianceQuery, ComplianceReport, Deadlines, ReportDetail, ReportTotals};
use crate::error::Result;
use crate::export::{exposure, report};
use crate::exposure::{Exposure, ExposureQuery, ExposureReference, OfflineJudge};
use crate::telemetry::verb;

/// The export of a resource data sync, through Athena. Cheap to clone.
///
/// It only reads. It covers all accounts and Regions of the tables, unless you name some.
///
/// Every method can fail with the kinds of the [`AthenaQueries`] that it has.
#[derive(Debug, Clone)]
#[must_use]
pub struct AthenaExport {
    queries: Arc<dyn AthenaQueries>,
    questions: ExportQuestions,
    clock: Arc<dyn Clock>,
}

impl AthenaExport {
    /// The export in these tables.
    pub fn new(queries: Arc<dyn AthenaQueries>, tables: ExportTables) -> Self {
        Self {
            queries,
            questions: ExportQuestions::new(tables),
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// Adds this account, by its 12 digits, to the selection.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.questions = self.questions.account(account);
        self
    }

    /// Adds this Region, such as `eu-central-1`, to the selection.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.questions = self.questions.region(region);
        self
    }

    /// The clock for the age of a scan; the machine's if not set.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The questions, as SQL.
    pub fn questions(&self) -> &ExportQuestions {
        &self.questions
    }

    /// A report on the nodes of a question, under this title; the source of each is its account and
    /// Region.
    ///
    /// With [`ReportDetail::Patches`] it also has the missing and failed patches of each node. Rows that
    /// cannot be read are in the report's [`failures`](ComplianceReport::failures). Judge it by
    /// [`deadlines`](ComplianceReport::deadlines).
    ///
    /// Runs one query, and for patches another.
    ///
    /// # Errors
    ///
    /// Those of [`ExportQuestions::nodes`], and of the queries if no node was read.
    pub async fn compliance_report(
        &self,
        title: impl Into<String>,
        query: &ComplianceQuery,
        detail: ReportDetail,
    ) -> Result<ComplianceReport> {
        let with_patches = detail == ReportDetail::Patches;
        let (nodes, patches, selected) = match with_patches {
            true => (
                self.questions.nodes(query)?,
                self.questions.missing_patches(query)?,
                Selected::Offences,
            ),
            false => (self.questions.nodes(query)?, Vec::new(), Selected::Nothing),
        };
        let now = self.clock.now();
        let mut made = ComplianceReport::builder(title, now);
        made.question(query);
        verb!(athena_report(patches = with_patches), async {
            let answers = self.answers(query, now, selected).all(nodes, patches).await;
            report(made, streamed(answers)).await
        })
    }

    /// Which nodes of a question a CVE can still hit, why, and when they get the fix, as
    /// [`PatchManager::exposure`](crate::PatchManager::exposure) says it. An export has neither the
    /// catalog nor baselines: the [reference](ExposureReference) has them.
    ///
    /// Runs two queries.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations, as
    /// [`ExposureQuery::check`]. Those of [`ExportQuestions::patches_about`], and of the queries if no
    /// node was read.
    pub async fn exposure(
        &self,
        query: &ExposureQuery,
        reference: &ExposureReference,
    ) -> Result<Exposure> {
        query.check()?;
        let now = self.clock.now();
        let judge = OfflineJudge::new(query, reference, now);
        let nodes = self.questions.nodes(query.nodes())?;
        let patches = self.questions.patches_about(query.nodes(), judge.ids())?;
        verb!(athena_exposure(cves = query.cves().len()), async {
            let answers = self.answers(query.nodes(), now, Selected::About);
            let answers = answers.all(nodes, patches).await;
            exposure(&judge, streamed(answers)).await
        })
    }

    /// The totals of each patch group, by name, each node as its last patch operation left it; the
    /// empty name is for nodes without a group, and for those that were never scanned.
    ///
    /// Runs one query, which counts in Athena: it is what to ask first of a very large fleet.
    ///
    /// # Errors
    ///
    /// Those of [`ExportQuestions::group_totals`], and of the query.
    pub async fn group_totals(&self) -> Result<BTreeMap<String, ReportTotals>> {
        let query = self.questions.group_totals()?;
        verb!(
            athena_group_totals(),
            rows::group_totals(self.queries.as_ref(), query)
        )
    }

    /// The missing and failed patches whose deadline has passed now, the longest overdue first.
    ///
    /// `released` has the release dates that are known, by the id of the patch as nodes report it, such
    /// as a KB number. These patches are those that
    /// [`ComplianceReport::deadlines`](ComplianceReport::deadlines) has as
    /// [`Overdue`](crate::compliance::DeadlineState::Overdue), if its report knows the same dates.
    ///
    /// Runs one query, and returns only what is overdue.
    ///
    /// # Errors
    ///
    /// Those of [`ExportQuestions::overdue_patches`], and of the query.
    pub async fn overdue_patches(
        &self,
        query: &ComplianceQuery,
        deadlines: &Deadlines,
        released: &BTreeMap<String, Timestamp>,
    ) -> Result<Vec<OverduePatch>> {
        let now = self.clock.now();
        let queries = self
            .questions
            .overdue_patches(query, deadlines, released, now)?;
        verb!(
            athena_overdue_patches(),
            rows::overdue_patches(self.queries.as_ref(), queries)
        )
    }

    fn answers<'q>(
        &self,
        query: &'q ComplianceQuery,
        now: Timestamp,
        selected: Selected,
    ) -> Answers<'q> {
        Answers {
            queries: Arc::clone(&self.queries),
            query,
            now,
            selected,
        }
    }
}
