//! What an export has of a node, or why that could not be read.

use std::sync::Arc;

use crate::compliance::{NodeCompliance, PatchComplianceData};
use crate::error::{Error, Result};
#[cfg(feature = "data-sync")]
use crate::manager::FleetAnswer;
use crate::manager::SweepFailure;
#[cfg(feature = "tracing")]
use crate::telemetry::Yield;
use crate::types::{InstanceInformation, NodeId};

/// The facts of an export about a node.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) source: Arc<str>,
    pub(crate) stands: NodeCompliance,
    /// Its patches, if the question selects them.
    pub(crate) patches: Vec<Result<PatchComplianceData>>,
}

/// What could not be read of an export.
#[derive(Debug)]
pub(crate) struct Unread {
    pub(crate) source: Arc<str>,
    pub(crate) failure: SweepFailure,
    /// What is known of the node besides.
    pub(crate) information: Option<Box<InstanceInformation>>,
}

impl Unread {
    /// An error about these nodes, or about a listing if there is none.
    pub(crate) fn new(source: impl Into<Arc<str>>, nodes: Vec<NodeId>, error: Error) -> Self {
        Self {
            source: source.into(),
            failure: SweepFailure { nodes, error },
            information: None,
        }
    }
}

pub(crate) type Answer = Result<Known, Unread>;

#[cfg(feature = "tracing")]
impl Yield for Answer {
    fn items(&self) -> u64 {
        u64::from(self.is_ok())
    }

    fn error(&self) -> Option<&Error> {
        self.as_ref().err().map(|unread| &unread.failure.error)
    }
}

#[cfg(feature = "data-sync")]
impl From<Known> for FleetAnswer {
    fn from(known: Known) -> Self {
        Self {
            source: known.source,
            answer: Ok(known.stands),
        }
    }
}

#[cfg(feature = "data-sync")]
impl From<Unread> for FleetAnswer {
    fn from(unread: Unread) -> Self {
        Self {
            source: unread.source,
            answer: Err(unread.failure),
        }
    }
}
