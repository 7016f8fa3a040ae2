use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::PatchManager;
use crate::baseline::{OsRules, PatchFilterKey};
use crate::compliance::{
    ComplianceQuery, ComplianceReport, ComplianceReportBuilder, NodeCompliance,
    PatchComplianceData, PatchState, Verdict,
};
use crate::error::{ErrorKind, Result};
use crate::operation::NodeOutcome;
use crate::prerequisites::operating_system;
use crate::telemetry::verb;
use crate::types::{NodeId, OperatingSystem, QueryFilter};

/// How many patches one call looks up in the catalogue. The model bounds the values of a filter
/// nowhere; in the rules of baselines it is 20.
const LOOKED_UP: usize = 20;

/// A node, and what a report tells of it beyond its state.
struct Details {
    node: NodeCompliance,
    patches: Vec<PatchComplianceData>,
    error: Option<String>,
}

/// Ids of missing patches by the operating system of their nodes.
type Missing = BTreeMap<String, (OperatingSystem, BTreeSet<String>)>;

/// Reports.
impl PatchManager {
    /// A report of how the nodes of a query stand, under this title.
    ///
    /// With `patches` the report also has the missing and failed patches of each non-compliant
    /// node, which takes a call or more for each of them; where an install failed, what the run
    /// said, a call or two more; and from the catalogue when the patches were released, their
    /// advisories and CVEs, a call for each 20 of them. As many at a time as the query says. What a
    /// missing permission hides there stays empty, or says so in the place of the error.
    ///
    /// The catalogue knows Windows and Amazon Linux. Of Windows only the patches of the operating
    /// system are looked up, not those of applications.
    ///
    /// Calls what a sweep calls, DescribeInstanceInformation for names and platforms, and with
    /// `patches` DescribeInstancePatches, ListCommandInvocations, GetCommandInvocation and
    /// DescribeAvailablePatches.
    pub async fn compliance_report(
        &self,
        title: impl Into<String>,
        query: &ComplianceQuery,
        patches: bool,
    ) -> Result<ComplianceReport> {
        let title = title.into();
        verb!(
            compliance_report(patches = patches),
            self.report(title, query, patches)
        )
    }

    async fn report(
        &self,
        title: String,
        query: &ComplianceQuery,
        patches: bool,
    ) -> Result<ComplianceReport> {
        let mut report = ComplianceReport::builder(title, self.clock.now());
        let mut systems: HashMap<NodeId, OperatingSystem> = HashMap::new();
        let mut nodes = self.list_nodes(Vec::new());
        while let Some(node) = nodes.try_next().await? {
            report.information(&node);
            if patches {
                systems.extend(operating_system(&node).map(|os| (node.instance_id, os)));
            }
        }
        let manager = self.clone();
        let mut answers = self
            .compliance(query)
            .map_ok(move |node| manager.clone().with_details(node, patches))
            .try_buffered(query.calls_at_a_time());
        let mut missing = Missing::new();
        while let Some(details) = answers.try_next().await? {
            let os = systems.get(&details.node.node);
            add(&mut report, &details);
            remember(&mut missing, os, &details.patches);
        }
        self.look_up(&missing, query.calls_at_a_time(), &mut report)
            .await?;
        Ok(report.build())
    }

    /// A node, and what it misses where that is wanted.
    async fn with_details(self, node: NodeCompliance, wanted: bool) -> Result<Details> {
        let mut details = Details {
            node,
            patches: Vec::new(),
            error: None,
        };
        let node = &details.node;
        if wanted && node.verdict == Verdict::NonCompliant {
            let states = [PatchState::Missing, PatchState::Failed];
            details.patches = self.node_patches(&node.node, &states).try_collect().await?;
            details.error = match self.why_failed(node).await {
                Err(error) if error.is_withheld() => Some(format!("not known: {error}")),
                told => told?,
            };
        }
        Ok(details)
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
    ) -> Result<()> {
        let filters = missing.values().flat_map(|(os, ids)| filters_for(os, ids));
        let filters: Vec<Vec<QueryFilter>> = filters.collect();
        let mut listings = stream::iter(filters)
            .map(|filters| self.available_patches(filters).try_collect::<Vec<_>>())
            .buffer_unordered(at_a_time);
        while let Some(found) = listings.next().await {
            let found = match found {
                // What becomes of a product that the service does not list nobody documents.
                Err(error) if error.is_withheld() || error.kind() == ErrorKind::InvalidInput => {
                    continue;
                }
                found => found?,
            };
            for patch in &found {
                report.released(patch);
            }
        }
        Ok(())
    }
}

fn add(report: &mut ComplianceReportBuilder, details: &Details) {
    report.node(&details.node);
    for patch in &details.patches {
        report.patch(patch);
    }
    if let Some(error) = &details.error {
        report.failed_install(&details.node.node, error);
    }
}

fn remember(missing: &mut Missing, os: Option<&OperatingSystem>, patches: &[PatchComplianceData]) {
    let Some(os) = os.filter(|_| !patches.is_empty()) else {
        return;
    };
    let known = missing.entry(os.as_str().to_owned());
    let (_, ids) = known.or_insert_with(|| (os.clone(), BTreeSet::new()));
    ids.extend(patches.iter().map(|patch| patch.kb_id.clone()));
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
