//! The question: which CVEs, on which nodes, and when installs run.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::compliance::{
    BATCH, CompliancePlan, ComplianceQuery, ComplianceScope, NODE_PAGE, PlannedCalls,
};
use crate::error::{Result, Violations};
use crate::plan::{Coverage, CoveringSchedule};
use crate::schedule::Recurrence;
use crate::types::{BaselineId, NodeId};

/// The number of CVEs, of updates or of fixes that one call filters by, as many as a rule's filter takes
/// values.
pub(super) const FILTERED_BY: usize = 20;

/// Which CVEs, on which nodes, and when installs run.
///
/// ```
/// use aws_patch_manager::exposure::ExposureQuery;
/// use aws_patch_manager::{ComplianceQuery, Recurrence, ScheduleExpression};
///
/// let sundays = Recurrence::new(ScheduleExpression::parse("cron(0 2 ? * SUN *)")?);
/// let query = ExposureQuery::new(["CVE-2026-90122"], ComplianceQuery::all())
///     .fixed_by("CVE-2026-90122", ["KB5090017"])
///     .schedule(sundays);
/// println!("{}", query.explain(1_000, 2, 4));
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct ExposureQuery {
    cves: Vec<String>,
    nodes: ComplianceQuery,
    updates: BTreeMap<String, BTreeSet<String>>,
    next_installs: BTreeMap<NodeId, Timestamp>,
    schedules: BTreeMap<NodeId, Vec<CoveringSchedule>>,
    schedule: Option<Recurrence>,
}

impl ExposureQuery {
    /// These CVEs, such as `CVE-2026-1234`, on the nodes of a query.
    pub fn new<I>(cves: I, nodes: ComplianceQuery) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let mut all: Vec<String> = Vec::new();
        for cve in cves.into_iter().map(Into::into) {
            if !all.contains(&cve) {
                all.push(cve);
            }
        }
        Self {
            cves: all,
            nodes,
            updates: BTreeMap::new(),
            next_installs: BTreeMap::new(),
            schedules: BTreeMap::new(),
            schedule: None,
        }
    }

    /// Says which updates of Windows fix a CVE, by their KB numbers. Each of them is enough.
    pub fn fixed_by<I>(mut self, cve: impl Into<String>, updates: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let known = self.updates.entry(cve.into()).or_default();
        known.extend(updates.into_iter().map(Into::into));
        self
    }

    /// Says when each node installs next. A fix that is approved by then is installed then.
    pub fn next_installs(mut self, installs: BTreeMap<NodeId, Timestamp>) -> Self {
        self.next_installs = installs;
        self
    }

    /// Says when nodes install by the policies, windows and associations that reach them, which
    /// [`PatchManager::coverage`](crate::PatchManager::coverage) reads. Call it again for another account.
    ///
    /// A schedule counts only if it uses the baseline of the node's last operation, by which the answer
    /// says when a fix is approved. An override file and AWS's defaults of a policy are not known, so they
    /// do not count.
    ///
    /// ```
    /// use aws_patch_manager::exposure::ExposureQuery;
    /// use aws_patch_manager::plan::MirrorScope;
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let coverage = manager.coverage(&MirrorScope::new()).await?;
    /// let query = ExposureQuery::new(["CVE-2026-90122"], ComplianceQuery::all()).schedules_of(&coverage);
    /// println!("{}", manager.exposure(&query).await?);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn schedules_of(mut self, coverage: &Coverage) -> Self {
        for node in &coverage.nodes {
            let installs = node.installs().cloned();
            self.schedules.insert(node.node.clone(), installs.collect());
        }
        self
    }

    /// Says when nodes install, again and again: those of which
    /// [`next_installs`](Self::next_installs) and [`schedules_of`](Self::schedules_of) have no install
    /// after the approval.
    pub fn schedule(mut self, installs: Recurrence) -> Self {
        self.schedule = Some(installs);
        self
    }

    /// The CVEs.
    pub fn cves(&self) -> &[String] {
        &self.cves
    }

    pub(crate) fn nodes(&self) -> &ComplianceQuery {
        &self.nodes
    }

    /// The updates of Windows that fix this CVE.
    pub(super) fn updates(&self, cve: &str) -> impl Iterator<Item = &str> {
        let updates = self.updates.get(cve).into_iter().flatten();
        updates.map(String::as_str)
    }

    /// The updates of Windows that fix any of the CVEs.
    pub(super) fn all_updates(&self) -> BTreeSet<&str> {
        let updates = self.updates.values().flatten();
        updates.map(String::as_str).collect()
    }

    /// The first install of a node after an instant by this baseline.
    pub(super) fn install_after(
        &self,
        node: &NodeId,
        baseline: Option<&BaselineId>,
        after: Timestamp,
    ) -> Option<Timestamp> {
        let next = self.next_installs.get(node).copied();
        let next = next.filter(|next| *next > after);
        let schedules = self.schedules.get(node).into_iter().flatten();
        let same = schedules.filter(|schedule| match (&schedule.baseline, baseline) {
            (Some(one), Some(other)) => one.short() == other.short(),
            _ => false,
        });
        let scheduled = same.filter_map(|schedule| schedule.next_after(after));
        next.into_iter()
            .chain(scheduled)
            .min()
            .or_else(|| self.schedule.as_ref()?.next_after(after))
    }

    /// Checks the query. The verb does so first.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations.
    pub fn check(&self) -> Result<()> {
        let mut found = Violations::new();
        found.require(!self.cves.is_empty(), "Cves", "", "at least one CVE");
        for (index, cve) in self.cves.iter().enumerate() {
            let legal = "the id of a CVE, such as `CVE-2026-1234`";
            found.require(is_cve(cve), format!("Cves[{index}]"), cve, legal);
        }
        for (cve, updates) in &self.updates {
            let field = format!("FixedBy[{cve}]");
            found.require(self.cves.contains(cve), &field, cve, "one of the CVEs");
            for update in updates {
                let number = update.strip_prefix("KB").unwrap_or_default();
                let is_kb = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
                let legal = "the KB number of an update of Windows, such as `KB5034770`";
                found.require(is_kb, &field, update, legal);
            }
        }
        if let Err(error) = self.nodes.check() {
            found.extend_from("Nodes", &error);
        }
        found.or("ExposureQuery", ())
    }

    /// The calls of this query for this number of nodes, products of Linux and baselines, with a reason for
    /// each.
    ///
    /// The plan assumes that every node was scanned, that a patch of the catalog fixes a CVE on every product,
    /// that there are at most 20 such packages, and that no baseline approves all of them. Fewer calls are made if
    /// less holds. Otherwise it assumes what [`ComplianceQuery::explain`] does.
    pub fn explain(&self, nodes: usize, products: usize, baselines: usize) -> CompliancePlan {
        let mut plan = self.nodes.explain(nodes);
        let nodes = plan.nodes;
        let mut add = |operation, calls, why| {
            if calls > 0 {
                plan.steps.push(PlannedCalls {
                    operation,
                    calls,
                    at_a_time: self.nodes.calls_at_a_time(),
                    why,
                });
            }
        };
        match self.nodes.scope() {
            ComplianceScope::All => {}
            ComplianceScope::Fleet => {
                let why = "the systems of instances, 1,000 a page, before the sweep";
                add(
                    "DescribeInstanceProperties",
                    nodes.div_ceil(NODE_PAGE).max(1),
                    why,
                );
            }
            _ => {
                let why = "the systems of nodes, 50 ids a call";
                add("DescribeInstanceInformation", nodes.div_ceil(BATCH), why);
            }
        }
        let of_products = products.saturating_mul(self.cves.len().div_ceil(FILTERED_BY));
        let of_windows = self.all_updates().len().div_ceil(FILTERED_BY);
        let why = "the patches that fix the CVEs, product by product, and the named updates";
        add(
            "DescribeAvailablePatches",
            of_products.saturating_add(of_windows),
            why,
        );
        let why = "what each node reports of these patches";
        add("DescribeInstancePatches", nodes, why);
        let why = "the baselines that do not approve a fix";
        add("GetPatchBaseline", baselines, why);
        plan.counts_alone = None;
        if *self.nodes.scope() == ComplianceScope::Fleet {
            plan.add_without_properties(nodes.div_ceil(BATCH));
        }
        plan
    }
}

/// Whether a text has the form `CVE-YEAR-NUMBER`, with four digits or more.
fn is_cve(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let parts = text
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(year, number)| {
        year.len() == 4 && digits(year) && number.len() >= 4 && digits(number)
    })
}
