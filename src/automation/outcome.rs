//! What came of a run in an organization.

use std::fmt::{self, Write};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::AutomationExecutionStatus;
use crate::counted::Counted;
use crate::error::Error;
use crate::gate;
use crate::lines::Lines;
use crate::operation::{NodeOutcome, RunOutcome};
use crate::types::{AutomationExecutionId, PatchOperation};

/// The outcome of a run in one account and Region.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct LocationOutcome {
    /// The account; empty if the run names no accounts and Regions.
    pub account: String,
    /// The Region; empty if the run names no accounts and Regions.
    pub region: String,
    /// The status there. Cancelled also if it was not started.
    pub status: AutomationExecutionStatus,
    /// The execution there; absent if it was not started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<AutomationExecutionId>,
    /// Why it failed, or was not started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_message: Option<String>,
    /// When it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// The outcome of each node; absent if it was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunOutcome>,
    /// Why the nodes could not be read.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "written")]
    pub read_error: Option<Arc<Error>>,
}

fn written<S: Serializer>(error: &Option<Arc<Error>>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_deref().serialize(serializer)
}

impl LocationOutcome {
    /// Whether the runbook succeeded there.
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }
}

/// Such as `222222222222 eu-central-1 Failed: step patchNodes failed`.
impl fmt::Display for LocationOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.account.as_str() {
            "" => write!(f, "{}", self.status)?,
            account => write!(f, "{account} {} {}", self.region, self.status)?,
        }
        match &self.failure_message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

/// The outcome of a run in all its accounts and Regions. `Display` prints a line for each that did not
/// succeed, and below it its failed nodes.
///
/// See [`OrganizationRun::wait`](crate::manager::OrganizationRun::wait).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OrganizationOutcome {
    /// The execution that started the others.
    pub execution_id: AutomationExecutionId,
    /// Scan or Install.
    pub operation: PatchOperation,
    /// Its status.
    pub status: AutomationExecutionStatus,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_message: Option<String>,
    /// The accounts and Regions, in the order of the run.
    pub locations: Vec<LocationOutcome>,
}

impl OrganizationOutcome {
    /// Whether the runbook succeeded in every account and Region, and every node that was read with it;
    /// and if the nodes were read, whether there was one.
    pub fn is_success(&self) -> bool {
        self.status.is_success()
            && self.locations.iter().all(LocationOutcome::is_success)
            && self.nodes().all(|(_, node)| node.is_success())
            && !self.is_without_nodes()
    }

    /// Whether the target matched no node: the nodes of every account and Region were read, and there is
    /// none. Automation calls that a success.
    fn is_without_nodes(&self) -> bool {
        let mut locations = self.locations.iter();
        locations.all(|location| location.run.is_some()) && self.nodes().next().is_none()
    }

    /// The accounts and Regions in which it did not succeed.
    pub fn failed(&self) -> impl Iterator<Item = &LocationOutcome> {
        self.locations
            .iter()
            .filter(|location| !location.is_success())
    }

    /// Every node that was read, with its account and Region.
    pub fn nodes(&self) -> impl Iterator<Item = (&LocationOutcome, &NodeOutcome)> {
        self.locations.iter().flat_map(|location| {
            let nodes = location.run.iter().flat_map(|run| &run.nodes);
            nodes.map(move |node| (location, node))
        })
    }

    /// The outcome in an account and Region.
    pub fn location(&self, account: &str, region: &str) -> Option<&LocationOutcome> {
        let mut locations = self.locations.iter();
        locations.find(|location| location.account == account && location.region == region)
    }

    /// The exit code for a program that is a gate: 0 for success everywhere, 1 if an account, Region or
    /// node failed, 2 if there was none.
    pub fn exit_code(&self) -> u8 {
        let is_unknown = self.is_without_nodes();
        gate::exit_code(!is_unknown && !self.is_success(), is_unknown)
    }
}

impl fmt::Display for OrganizationOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        let (all, failed) = (self.locations.len(), self.failed().count());
        let was_read = self.locations.iter().any(|one| one.run.is_some());
        let nodes = match self.nodes().count() {
            0 if !was_read => "nodes not read".to_owned(),
            count => Counted(count, "node").to_string(),
        };
        writeln!(
            f,
            "{}: {failed} of {all} accounts and Regions failed, {nodes}; Automation ended with {}",
            self.operation, self.status
        )?;
        if was_read && self.is_without_nodes() {
            writeln!(f, "no node matched the target")?;
        }
        if let Some(message) = &self.failure_message {
            writeln!(f, "{message}")?;
        }
        for location in &self.locations {
            let failed = || location.run.iter().flat_map(RunOutcome::failed);
            if !location.is_success() || failed().next().is_some() {
                writeln!(f, "{location}")?;
            }
            for node in failed() {
                writeln!(f, "    {node}")?;
            }
            if let Some(error) = &location.read_error {
                writeln!(f, "    nodes not read: {error}")?;
            }
        }
        Ok(())
    }
}
