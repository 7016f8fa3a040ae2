//! The data of one source for a report, and what is missing because a call failed.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, TryStreamExt};

use super::catalog::{missing, remember};
use super::details::Details;
use crate::compliance::{
    ComplianceQuery, ComplianceReport, ComplianceReportBuilder, ReportDetail, ReportPart,
};
use crate::error::{Error, Result};
use crate::manager::described::fleet_size;
use crate::manager::{PatchManager, SweepFailure};

/// The data of a source, and the error of its listing if that failed.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) report: ComplianceReportBuilder,
    pub(super) unlisted: Option<Error>,
}

impl PatchManager {
    /// Reads all data for the nodes of a query, under this source.
    pub(super) async fn gather(
        &self,
        source: Arc<str>,
        query: &ComplianceQuery,
        detail: ReportDetail,
    ) -> Gathered {
        let mut gathered = Gathered::of(source, self);
        let manager = self.clone();
        let sweep = self.sweep(query);
        let (in_flight, watch) = (sweep.in_flight(), sweep.watch());
        let answers = sweep
            .map_ok(move |node| manager.clone().with_details(node, detail).map(Ok))
            .try_buffered(query.calls_at_a_time())
            .boxed();
        let mut answers = in_flight.drive(answers);
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
        let fleet = fleet_size(query, &watch);
        let (named, unread) = self.information_of(&unnamed, fleet, calls).await;
        for information in unnamed.iter().filter_map(|node| named.get(node)) {
            remember(&mut systems, information);
            gathered.report.information(information);
        }
        for (nodes, error) in unread {
            let part = ReportPart::Information;
            gathered.report.failure(part, nodes, &error);
        }
        let missing = missing(&gathered.report, &systems);
        self.look_up(&missing, calls, &mut gathered.report).await;
        gathered
    }
}

impl Gathered {
    /// No data yet for this source.
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

    /// Adds all data to the report.
    pub(super) fn finish(self, mut report: ComplianceReportBuilder) -> Result<ComplianceReport> {
        report.absorb(self.report);
        finish(&report, self.unlisted)
    }
}

impl SweepFailure {
    /// Adds this failure to a report, and returns the error if the listing failed.
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

/// The report, or the error of the listing if no node could be listed.
pub(crate) fn finish(
    report: &ComplianceReportBuilder,
    unlisted: Option<Error>,
) -> Result<ComplianceReport> {
    match unlisted.filter(|_| report.is_empty()) {
        Some(error) => Err(error),
        None => Ok(report.build()),
    }
}
