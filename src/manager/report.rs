use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, TryStreamExt, future, stream};

use super::{FleetSweep, PatchManager, SweepFailure};
use crate::baseline::{OsRules, PatchFilterKey};
use crate::clock::{Clock, SystemClock};
use crate::compliance::{
    BATCH, ComplianceQuery, ComplianceReport, ComplianceReportBuilder, NodeCompliance,
    PatchComplianceData, PatchState, ReportDetail, ReportPart,
};
use crate::error::{Error, Result};
use crate::operation::NodeOutcome;
use crate::prerequisites::operating_system;
use crate::telemetry::verb;
use crate::types::{InstanceInformation, NodeId, OperatingSystem, QueryFilter};

/// How many patches one call looks up in the catalogue. The model bounds the values of a filter
/// nowhere; in the rules of baselines it is 20.
const LOOKED_UP: usize = 20;

/// What a report gathers of a source, and the error of its listing where that failed.
#[derive(Debug)]
struct Gathered {
    report: ComplianceReportBuilder,
    unlisted: Option<Error>,
}

/// A node, and what a report tells of it beyond its state.
struct Details {
    node: NodeCompliance,
    patches: Option<Result<Vec<PatchComplianceData>>>,
    error: Result<Option<String>>,
}

/// Ids of missing patches by the operating system of their nodes.
type Missing = BTreeMap<String, (OperatingSystem, BTreeSet<String>)>;

/// Reports.
impl PatchManager {
    /// A report of how the nodes of a query stand, under this title.
    ///
    /// With [`ReportDetail::Patches`] the report also has the missing and failed patches of each
    /// node that has some and does not comply, which takes a call or more for each of them; where
    /// an install failed, what the run said, a call or two more; and from the catalogue when the
    /// patches were released, their advisories and CVEs, a call for each 20 of them. As many at a
    /// time as the query says.
    ///
    /// A call that fails keeps nothing else out: the report says what it lacks because of it in
    /// [`failures`](ComplianceReport::failures), and nodes without an answer are in it, unknown,
    /// whatever verdict the query asks for.
    ///
    /// The catalogue knows Windows and Amazon Linux. Of Windows only the patches of the operating
    /// system are looked up, not those of applications.
    ///
    /// Calls what a sweep calls; DescribeInstanceInformation, 50 nodes at a time, for names and
    /// platforms that the sweep did not learn; and for patches DescribeInstancePatches,
    /// ListCommandInvocations, GetCommandInvocation and DescribeAvailablePatches.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any call, where the service would refuse
    /// the question, or two sources have one name; and what the listing of nodes failed with, where it failed before any node.
    ///
    /// ```
    /// use aws_patch_manager::compliance::ReportDetail;
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let all = ComplianceQuery::all();
    /// let report = manager.compliance_report("Fleet", &all, ReportDetail::Patches).await?;
    /// assert!(report.failures.is_empty());
    /// println!("{}", report.to_markdown());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn compliance_report(
        &self,
        title: impl Into<String>,
        query: &ComplianceQuery,
        detail: ReportDetail,
    ) -> Result<ComplianceReport> {
        let mut report = ComplianceReport::builder(title, self.clock.now());
        verb!(
            compliance_report(patches = detail == ReportDetail::Patches),
            async {
                query.check()?;
                report.question(query);
                self.gather("".into(), query, detail).await.finish(report)
            }
        )
    }

    /// Everything that a report tells of the nodes of a question, each under this source.
    async fn gather(
        &self,
        source: Arc<str>,
        query: &ComplianceQuery,
        detail: ReportDetail,
    ) -> Gathered {
        let mut gathered = Gathered::of(source, self);
        let manager = self.clone();
        let mut answers = self
            .sweep(query)
            .map_ok(move |node| manager.clone().with_details(node, detail).map(Ok))
            .try_buffered(query.calls_at_a_time());
        let (mut unnamed, mut systems) = (Vec::new(), HashMap::new());
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(details) => {
                    match &details.node.information {
                        Some(information) => remember(&mut systems, information),
                        None => unnamed.push(details.node.node.clone()),
                    }
                    gathered.add(details);
                }
                Err(failure) => {
                    unnamed.extend(failure.nodes.iter().cloned());
                    gathered.lack(failure);
                }
            }
        }
        let calls = query.calls_at_a_time();
        self.name(&unnamed, calls, &mut systems, &mut gathered.report)
            .await;
        let missing = missing(&gathered.report, &systems);
        self.look_up(&missing, calls, &mut gathered.report).await;
        gathered
    }

    /// Asks what nodes are called and run on.
    async fn name(
        &self,
        nodes: &[NodeId],
        at_a_time: usize,
        systems: &mut HashMap<NodeId, OperatingSystem>,
        report: &mut ComplianceReportBuilder,
    ) {
        let batches: Vec<Vec<NodeId>> = nodes.chunks(BATCH).map(<[_]>::to_vec).collect();
        let mut batches = stream::iter(batches)
            .map(|nodes| async move {
                let ids = nodes.iter().map(NodeId::as_str);
                let listing = self.list_nodes(vec![QueryFilter::new("InstanceIds", ids)]);
                let found = listing.try_collect::<Vec<_>>().await;
                found.map_err(|error| (nodes, error))
            })
            .buffer_unordered(at_a_time);
        while let Some(found) = batches.next().await {
            match found {
                Ok(found) => {
                    for information in &found {
                        remember(systems, information);
                        report.information(information);
                    }
                }
                Err((nodes, error)) => {
                    report.failure(ReportPart::Information, nodes, &error);
                }
            }
        }
    }

    /// A node, and what it misses where that is wanted and it misses something.
    async fn with_details(self, node: NodeCompliance, detail: ReportDetail) -> Details {
        let (mut patches, mut error) = (None, Ok(None));
        if detail == ReportDetail::Patches && node.has_offences() {
            let states = [PatchState::Missing, PatchState::Failed];
            patches = Some(self.node_patches(&node.node, &states).try_collect().await);
            error = self.why_failed(&node).await;
        }
        Details {
            node,
            patches,
            error,
        }
    }

    /// What the run said that could not install a patch on a node, where one failed.
    async fn why_failed(&self, node: &NodeCompliance) -> Result<Option<String>> {
        let Some(state) = node.state.as_ref().filter(|state| state.failed_count > 0) else {
            return Ok(None);
        };
        let Some(run) = self.last_failed_run(&node.node).await? else {
            return Ok(None);
        };
        // An older run failed for reasons of its own.
        let ended = run.ended.or(run.started);
        if ended.is_some_and(|ended| ended < state.operation_start_time) {
            return Ok(None);
        }
        self.errors_of(&run).await.map(Some)
    }

    /// The errors of a run, of which a listing has the beginning of the output alone.
    async fn errors_of(&self, run: &NodeOutcome) -> Result<String> {
        if run.has_all_errors() {
            return Ok(run.error_text().to_owned());
        }
        let step = run.step.as_deref();
        let detail = self.invocation(&run.command_id, &run.node, step).await?;
        let errors = detail.standard_error_content.trim();
        Ok(match (errors, run.error_text()) {
            ("", "") => run.status_details.clone(),
            ("", output) => output.to_owned(),
            (errors, _) => errors.to_owned(),
        })
    }

    /// Tells the report what the catalogue knows of missing patches.
    async fn look_up(
        &self,
        missing: &Missing,
        at_a_time: usize,
        report: &mut ComplianceReportBuilder,
    ) {
        let filters = missing.values().flat_map(|(os, ids)| filters_for(os, ids));
        let filters: Vec<Vec<QueryFilter>> = filters.collect();
        let mut listings = stream::iter(filters)
            .map(|filters| self.available_patches(filters).try_collect::<Vec<_>>())
            .buffer_unordered(at_a_time);
        while let Some(found) = listings.next().await {
            match found {
                Ok(found) => {
                    for patch in &found {
                        report.released(patch);
                    }
                }
                Err(error) => {
                    report.failure(ReportPart::Catalogue, [], &error);
                }
            }
        }
    }
}

impl FleetSweep {
    /// A report of how the nodes of a query stand in every source, under this title. Each node has
    /// the name of its source, and what fails in one keeps nothing of the others out.
    ///
    /// Calls what [`PatchManager::compliance_report`] calls, for each source and all at once.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any call, where the service would refuse
    /// the question, or two sources have one name; and what the listing of a source failed with, where no source has a node.
    ///
    /// ```
    /// use aws_patch_manager::compliance::ReportDetail;
    /// use aws_patch_manager::manager::FleetSweep;
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let everywhere = FleetSweep::new()
    ///     .source("production/eu-central-1", PatchManager::in_memory())
    ///     .source("production/us-east-1", PatchManager::in_memory());
    /// let all = ComplianceQuery::all();
    /// let report = everywhere.compliance_report("All", &all, ReportDetail::Verdicts).await?;
    /// assert_eq!(report.by_source["production/us-east-1"].nodes(), 7);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn compliance_report(
        &self,
        title: impl Into<String>,
        query: &ComplianceQuery,
        detail: ReportDetail,
    ) -> Result<ComplianceReport> {
        let made_at = match self.sources.first() {
            Some((_, manager)) => manager.clock.now(),
            None => SystemClock::new().now(),
        };
        let mut report = ComplianceReport::builder(title, made_at);
        verb!(
            fleet_compliance_report(
                sources = self.sources.len(),
                patches = detail == ReportDetail::Patches
            ),
            async {
                self.check()?;
                query.check()?;
                report.question(query);
                let sources = self.sources.iter();
                let sources =
                    sources.map(|(name, source)| source.gather(Arc::clone(name), query, detail));
                let mut unlisted = None;
                for gathered in future::join_all(sources).await {
                    report.absorb(gathered.report);
                    unlisted = unlisted.or(gathered.unlisted);
                }
                finish(&report, unlisted)
            }
        )
    }
}

impl Gathered {
    /// Nothing so far of this source.
    fn of(source: Arc<str>, manager: &PatchManager) -> Self {
        let mut report = ComplianceReport::builder("", manager.clock.now());
        report.source(source);
        Self {
            report,
            unlisted: None,
        }
    }

    fn add(&mut self, details: Details) {
        let node = &details.node.node;
        self.report.node(&details.node);
        match details.patches {
            Some(Ok(patches)) => {
                self.report.patches(node, &patches);
            }
            Some(Err(error)) => {
                let nodes = [node.clone()];
                self.report.failure(ReportPart::Patches, nodes, &error);
            }
            None => {}
        }
        match details.error {
            Ok(Some(error)) => {
                self.report.failed_install(node, error);
            }
            Ok(None) => {}
            Err(error) => {
                let nodes = [node.clone()];
                self.report.failure(ReportPart::RunErrors, nodes, &error);
            }
        }
    }

    fn lack(&mut self, failure: SweepFailure) {
        let unlisted = failure.tell(&mut self.report);
        self.unlisted = self.unlisted.take().or(unlisted);
    }

    /// The report, with everything in it that was gathered.
    fn finish(self, mut report: ComplianceReportBuilder) -> Result<ComplianceReport> {
        report.absorb(self.report);
        finish(&report, self.unlisted)
    }
}

impl SweepFailure {
    /// Tells a report of it, and gives the error back where the listing failed.
    pub(crate) fn tell(self, report: &mut ComplianceReportBuilder) -> Option<Error> {
        if self.nodes.is_empty() {
            report.failure(ReportPart::Listing, [], &self.error);
            return Some(self.error);
        }
        report.failure(ReportPart::Verdicts, self.nodes.clone(), &self.error);
        for node in self.into_unknown() {
            report.node(&node);
        }
        None
    }
}

/// The report; where it has no node because none could be listed, why.
pub(crate) fn finish(
    report: &ComplianceReportBuilder,
    unlisted: Option<Error>,
) -> Result<ComplianceReport> {
    match unlisted.filter(|_| report.is_empty()) {
        Some(error) => Err(error),
        None => Ok(report.build()),
    }
}

fn remember(systems: &mut HashMap<NodeId, OperatingSystem>, node: &InstanceInformation) {
    systems.extend(operating_system(node).map(|os| (node.instance_id.clone(), os)));
}

/// What the nodes of a report miss.
fn missing(
    report: &ComplianceReportBuilder,
    systems: &HashMap<NodeId, OperatingSystem>,
) -> Missing {
    let mut missing = Missing::new();
    for (node, ids) in report.offences() {
        let mut ids = ids.peekable();
        let Some(os) = systems.get(node).filter(|_| ids.peek().is_some()) else {
            continue;
        };
        let known = missing.entry(os.as_str().to_owned());
        let (_, known) = known.or_insert_with(|| (os.clone(), BTreeSet::new()));
        known.extend(ids.map(str::to_owned));
    }
    missing
}

/// The listings that these patches of an operating system are on; none where the catalogue is not
/// known to have its products.
fn filters_for(os: &OperatingSystem, ids: &BTreeSet<String>) -> Vec<Vec<QueryFilter>> {
    let is_windows = *os == OperatingSystem::Windows;
    let products = OsRules::of(os).known_values(&PatchFilterKey::Product);
    if products.is_empty() {
        return Vec::new();
    }
    // On Linux nodes name packages, with the architecture behind the last dot.
    let package = |id: &String| id.rsplit_once('.').map(|(name, _)| name.to_owned());
    let names: BTreeSet<String> = if is_windows {
        ids.clone()
    } else {
        ids.iter().filter_map(package).collect()
    };
    let names: Vec<String> = names.into_iter().collect();
    let chunks = names.chunks(LOOKED_UP);
    chunks
        .map(|names| {
            if is_windows {
                vec![QueryFilter::new("PATCH_ID", names)]
            } else {
                let product = QueryFilter::new("PRODUCT", products.iter().copied());
                vec![product, QueryFilter::new("NAME", names)]
            }
        })
        .collect()
}
