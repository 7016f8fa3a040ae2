use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::compliance::{ComplianceQuery, ComplianceScope};
use crate::error::{Error, ErrorKind, Result};
use crate::page::PageToken;
use crate::types::NodeId;

/// How far a sweep has come: store it, and go on from it, in another process if need be.
///
/// Its serde form is opaque, and holds little more than the ids of one page: 50 to 1,000.
///
/// It is good for the same question only, which is to say for the same scope, the same nodes named
/// in the same order, and a group's states filtered in the same way by the service; what is doubted
/// and filtered here, and how many calls go out at once, may differ. The service's page tokens may
/// expire; a sweep that resumes too late says so with the service's error.
///
/// Nodes that come or go between two sweeps take no others with them: what was given is known by
/// its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepCheckpoint {
    /// What the question lists, as [`ComplianceQuery::listed`] says it.
    question: String,
    /// Where its listings are, which go on side by side.
    pub(super) listings: Vec<Position>,
}

/// What is being listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Listing {
    /// The nodes that the question names.
    Named,
    /// The states of a group.
    Group,
    /// The managed nodes; in a fleet, those that are EC2 instances.
    Managed,
    /// EC2's instances.
    Instances,
    /// The hybrid nodes, beside EC2's instances.
    Hybrid,
    /// Nothing more.
    Over,
}

/// The listings that a question begins with, which go on side by side.
fn first(query: &ComplianceQuery) -> &'static [Listing] {
    match query.scope() {
        ComplianceScope::All => &[Listing::Managed],
        ComplianceScope::Fleet => &[Listing::Instances, Listing::Hybrid],
        ComplianceScope::Nodes(_) => &[Listing::Named],
        ComplianceScope::Group(_) => &[Listing::Group],
    }
}

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) listing: Listing,
    pub(super) token: Option<PageToken>,
}

impl Place {
    pub(super) fn start(listing: Listing) -> Self {
        let token = None;
        Self { listing, token }
    }
}

/// The page that the next answers come from, and the nodes that have been given from it on: a page
/// that is asked for again may be shorter, and what was on it come with the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) page: Place,
    pub(super) given: Vec<NodeId>,
}

/// Which page a batch is of, and what comes after it.
#[derive(Debug)]
pub(super) struct Step {
    /// The number of the listing among those of the sweep.
    pub(super) lane: usize,
    /// Where its page begins.
    pub(super) page: Position,
    /// Where the next page begins, if the batch is the last of its page.
    pub(super) next: Option<Position>,
}

impl SweepCheckpoint {
    pub(super) fn start(query: &ComplianceQuery) -> Self {
        let listings = first(query).iter();
        Self {
            question: query.listed(),
            listings: listings
                .map(|listing| Position {
                    page: Place::start(*listing),
                    given: Vec::new(),
                })
                .collect(),
        }
    }

    /// Refuses a question that lists other nodes.
    pub(super) fn check(&self, query: &ComplianceQuery) -> Result<()> {
        let asked = query.listed();
        if self.question == asked {
            return Ok(());
        }
        let message = format!(
            "the checkpoint is of another question: it is about {}, the question about {asked}",
            self.question
        );
        Err(Error::new(ErrorKind::InvalidInput, message))
    }
}

/// A checkpoint that a sweep moves on, and others read.
#[derive(Debug, Clone)]
pub(in crate::manager) struct Bookmark(Arc<Mutex<SweepCheckpoint>>);

impl Bookmark {
    pub(in crate::manager) fn new(at: SweepCheckpoint) -> Self {
        Self(Arc::new(Mutex::new(at)))
    }

    pub(in crate::manager) fn read(&self) -> SweepCheckpoint {
        self.lock().clone()
    }

    /// Notes that these nodes of a batch were given, all that it has where `done`.
    pub(super) fn given(&self, step: &Step, nodes: &[NodeId], done: bool) {
        let mut at = self.lock();
        let Some(position) = at.listings.get_mut(step.lane) else {
            return;
        };
        if position.page != step.page.page {
            *position = step.page.clone();
        }
        match &step.next {
            Some(next) if done => *position = next.clone(),
            _ => position.given.extend_from_slice(nodes),
        }
    }

    fn lock(&self) -> MutexGuard<'_, SweepCheckpoint> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
