use std::iter::successors;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::compliance::{ComplianceQuery, ComplianceScope};
use crate::error::{Error, Result, Violation, Violations};
use crate::page::PageToken;
use crate::types::NodeId;

/// The position of a sweep. Store it to resume the sweep later, even in another process.
///
/// Its serde form is opaque. It contains little more than the ids of one page: 50 to 1,000, or
/// those of a whole group for [`tagged`](ComplianceQuery::tagged).
///
/// It is valid only for the same query: the same scope, the same named nodes in the same order, and
/// the same filters of a group's states by the service. What the query counts as unknown, what this
/// crate filters, and the concurrency may differ. The service's page tokens can expire; then the
/// resumed sweep fails with the service's error.
///
/// It contains which operation lists the nodes, because page tokens are those of one operation. A resumed
/// sweep goes on with it.
///
/// A checkpoint identifies nodes by id, so a resumed sweep is correct even if the fleet has
/// changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepCheckpoint {
    /// What the query lists, from [`ComplianceQuery::listed`].
    question: String,
    /// The positions of its listings, which run in parallel.
    pub(super) listings: Vec<Position>,
}

/// A listing in progress. Its page tokens are those of one operation, so a resumed sweep goes on with
/// that operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Listing {
    /// The nodes that the query names.
    Named,
    /// The states of a group.
    Group,
    /// The nodes with the tag of a group, all on one page.
    Tagged,
    /// The managed nodes by DescribeInstanceProperties; for a fleet, those that are EC2 instances.
    Properties,
    /// The same by DescribeInstanceInformation.
    Managed,
    /// EC2's instances.
    Instances,
    /// The hybrid nodes by DescribeInstanceProperties, in parallel with EC2's instances.
    HybridProperties,
    /// The same by DescribeInstanceInformation.
    Hybrid,
    /// Nothing more.
    Over,
}

impl Listing {
    /// The listing that takes its place if its operation is denied or unknown to the backend. For the
    /// instances it is that of the managed nodes.
    fn fallback(self) -> Option<Self> {
        match self {
            Self::Instances => Some(Self::Properties),
            Self::Properties => Some(Self::Managed),
            Self::HybridProperties => Some(Self::Hybrid),
            _ => None,
        }
    }
}

/// The first listings of a query, which run in parallel.
fn first(query: &ComplianceQuery) -> &'static [Listing] {
    match query.scope() {
        ComplianceScope::All => &[Listing::Properties],
        ComplianceScope::Fleet => &[Listing::Instances, Listing::HybridProperties],
        ComplianceScope::Nodes(_) => &[Listing::Named],
        ComplianceScope::Group(_) => &[Listing::Group],
        ComplianceScope::Tagged(_) => &[Listing::Tagged],
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

    /// The same place in the listing that takes the place of this one, at the first page only: later
    /// pages have the tokens of the operation that listed the first one.
    pub(super) fn fallback(&self) -> Option<Self> {
        let other = self.listing.fallback().filter(|_| self.token.is_none());
        other.map(Self::start)
    }
}

/// The page of the next answers, and the nodes already returned from it on. When the page is read
/// again, it can be shorter, and its nodes can be on the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) page: Place,
    pub(super) given: Vec<NodeId>,
}

impl Position {
    /// Refuses a position that is not in a listing which begins as this one.
    fn check(&self, path: &str, first: Listing, query: &ComplianceQuery, found: &mut Violations) {
        let Place { listing, token } = &self.page;
        let mut legal: Vec<_> = successors(Some(first), |listing| listing.fallback()).collect();
        legal.push(Listing::Over);
        found.require(
            legal.contains(listing),
            format!("{path}.listing"),
            format!("{listing:?}"),
            format!("one of {legal:?}"),
        );
        let (Listing::Named, ComplianceScope::Nodes(ids), Some(token)) =
            (listing, query.scope(), token)
        else {
            return;
        };
        let number = token.as_str().parse();
        let is_place = number.is_ok_and(|number: usize| number < ids.len());
        let legal = format!("a number below {}, that of the named nodes", ids.len());
        found.require(is_place, format!("{path}.token"), "", legal);
    }
}

/// The page of a batch, and the next page.
#[derive(Debug)]
pub(super) struct Step {
    /// The number of the listing among those of the sweep.
    pub(super) lane: usize,
    /// The token of its page.
    pub(super) page: Position,
    /// The token of the next page, if the batch is the last of its page.
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

    /// Refuses a query that lists other nodes, and a checkpoint whose positions are not in the listings
    /// of this query: the nodes of a listing that is missing would be left out without a word.
    pub(super) fn check(&self, query: &ComplianceQuery) -> Result<()> {
        let asked = query.listed();
        if self.question != asked {
            let legal = format!("{asked}: the checkpoint belongs to another query");
            let violation = Violation::new("question", &self.question, legal);
            return Err(Error::invalid_input(vec![violation]).with_operation("resume_sweep"));
        }
        let mut found = Violations::new();
        let (first, count) = (first(query), self.listings.len());
        let legal = format!("{}, as many as this query has", first.len());
        found.require(count == first.len(), "listings", count, legal);
        for (index, (position, first)) in self.listings.iter().zip(first).enumerate() {
            position.check(
                &format!("listings[{index}].page"),
                *first,
                query,
                &mut found,
            );
        }
        found.or("resume_sweep", ())
    }
}

/// A checkpoint that a sweep updates and others read.
#[derive(Debug, Clone)]
pub(in crate::manager) struct Bookmark(Arc<Mutex<SweepCheckpoint>>);

impl Bookmark {
    pub(in crate::manager) fn new(at: SweepCheckpoint) -> Self {
        Self(Arc::new(Mutex::new(at)))
    }

    pub(in crate::manager) fn read(&self) -> SweepCheckpoint {
        self.lock().clone()
    }

    /// Records that these nodes of a batch were returned; all of them if `done`.
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
