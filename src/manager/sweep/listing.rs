//! The nodes of a sweep, in batches for one call.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};

use super::checkpoint::{Listing, Place, Position, Step, SweepCheckpoint};
use super::members::members;
use super::progress::SweepCounts;
use crate::backend::{DescribeInstancePatchStatesForPatchGroup, DescribeInstances};
use crate::compliance::{BATCH, ComplianceQuery, ComplianceScope, InstancePatchState, Presence};
use crate::error::{Error, ErrorKind, Result};
use crate::in_flight::InFlight;
use crate::manager::PatchManager;
use crate::manager::managed::{ManagedListing, ManagedNode, of_type};
use crate::page::{Page, PageRequest, PageToken, SeenTokens};
use crate::types::{Ec2Instance, InstanceInformation, NodeId, ResourceType};

/// The page size for the nodes that a query names.
const NAMED: usize = 1000;

/// A listed node, with the data of the listing.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) id: NodeId,
    pub(super) presence: Presence,
    /// Boxed, because up to a thousand listed instances of EC2 are in memory without it.
    pub(super) information: Option<Box<InstanceInformation>>,
}

/// Nodes to look up together, or states from the listing.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) work: Work,
    pub(super) step: Step,
}

#[derive(Debug)]
pub(super) enum Work {
    LookUp(Vec<Listed>),
    Known(Vec<InstancePatchState>),
}

impl Work {
    fn len(&self) -> usize {
        match self {
            Self::LookUp(nodes) => nodes.len(),
            Self::Known(states) => states.len(),
        }
    }

    pub(super) fn nodes(&self) -> Vec<NodeId> {
        match self {
            Self::LookUp(nodes) => nodes.iter().map(|node| node.id.clone()).collect(),
            Self::Known(states) => states.iter().map(|s| s.instance_id.clone()).collect(),
        }
    }

    /// Each node once, without those already returned, which are then removed from that set.
    fn without(mut self, given: &mut BTreeSet<NodeId>) -> Self {
        let mut seen = HashSet::new();
        let mut is_new = |node: &NodeId| seen.insert(node.clone()) && !given.remove(node);
        match &mut self {
            Self::LookUp(nodes) => nodes.retain(|node| is_new(&node.id)),
            Self::Known(states) => states.retain(|state| is_new(&state.instance_id)),
        }
        self
    }

    fn batches(self) -> Vec<Self> {
        match self {
            Self::LookUp(nodes) => {
                let mut nodes = nodes.into_iter();
                let batch = || Some(nodes.by_ref().take(BATCH).collect::<Vec<_>>());
                std::iter::from_fn(batch)
                    .take_while(|batch| !batch.is_empty())
                    .map(Self::LookUp)
                    .collect()
            }
            Self::Known(states) if states.is_empty() => Vec::new(),
            known => vec![known],
        }
    }
}

/// One listing of a sweep.
struct Lister {
    manager: PatchManager,
    query: ComplianceQuery,
    counts: SweepCounts,
    lane: usize,
    /// The next page.
    at: Place,
    /// The nodes returned before the sweep was resumed and not listed again yet.
    given: BTreeSet<NodeId>,
    seen: SeenTokens,
    /// The number of listings of the sweep that are not finished.
    left: Arc<AtomicUsize>,
}

/// The batches of a sweep from a checkpoint on. If a listing fails, its error is its last item.
pub(super) fn batches(
    manager: &PatchManager,
    query: &ComplianceQuery,
    counts: &SweepCounts,
    from: SweepCheckpoint,
    in_flight: &InFlight,
) -> BoxStream<'static, Result<Batch>> {
    let left = Arc::new(AtomicUsize::new(from.listings.len()));
    let listings = from.listings.into_iter().enumerate();
    let listings = listings.map(|(lane, Position { page, given })| {
        let lister = Lister {
            manager: manager.clone(),
            query: query.clone(),
            counts: counts.clone(),
            lane,
            seen: page.token.iter().cloned().collect(),
            at: page,
            given: given.into_iter().collect(),
            left: Arc::clone(&left),
        };
        lister.know_named();
        lister.batches(in_flight.clone())
    });
    stream::select_all(listings).boxed()
}

impl Lister {
    fn batches(self, in_flight: InFlight) -> BoxStream<'static, Result<Batch>> {
        stream::unfold(Some(self), move |lister| {
            let in_flight = in_flight.clone();
            async move {
                let mut lister = lister?;
                if lister.at.listing == Listing::Over {
                    if lister.left.fetch_sub(1, Ordering::Relaxed) == 1 {
                        lister.counts.all_known();
                    }
                    return None;
                }
                let page = in_flight.start(async move { (lister.page().await, lister) });
                match page.await {
                    (Ok(batches), lister) => {
                        Some((batches.into_iter().map(Ok).collect(), Some(lister)))
                    }
                    (Err(error), _) => Some((vec![Err(error)], None)),
                }
            }
        })
        .map(stream::iter)
        .flatten()
        .boxed()
    }

    /// Fetches the next page and advances.
    async fn page(&mut self) -> Result<Vec<Batch>> {
        let (work, token) = loop {
            match self.fetch().await {
                Err(error) if error.is_withheld() => match self.at.fallback() {
                    Some(other) => self.at = other,
                    None => return Err(error),
                },
                fetched => break fetched?,
            }
        };
        let after = self.after(token)?;
        let page = self.position();
        self.at = after;
        let work = work.without(&mut self.given);
        if page.page.listing != Listing::Named {
            self.counts.known(work.len());
        }
        let step = |work| Batch {
            work,
            step: Step {
                lane: self.lane,
                page: page.clone(),
                next: None,
            },
        };
        let mut batches: Vec<Batch> = work.batches().into_iter().map(step).collect();
        if let Some(last) = batches.last_mut() {
            last.step.next = Some(self.position());
        }
        Ok(batches)
    }

    fn position(&self) -> Position {
        Position {
            page: self.at.clone(),
            given: self.given.iter().cloned().collect(),
        }
    }

    /// The position to continue from.
    fn after(&mut self, token: Option<PageToken>) -> Result<Place> {
        let listing = self.at.listing;
        let Some(token) = token else {
            return Ok(Place::start(Listing::Over));
        };
        self.seen.note(&token)?;
        let token = Some(token);
        Ok(Place { listing, token })
    }

    /// One page, as one piece of work.
    async fn fetch(&self) -> Result<(Work, Option<PageToken>)> {
        use ManagedListing::{Information, Properties};
        use ResourceType::{Ec2Instance, ManagedInstance};
        match (self.at.listing, self.query.scope()) {
            (Listing::Named, ComplianceScope::Nodes(ids)) => self.named(ids),
            (Listing::Group, ComplianceScope::Group(group)) => {
                let filters = self.query.state_filters();
                let page = self.request(100);
                let request =
                    DescribeInstancePatchStatesForPatchGroup::new(group.clone(), filters, page);
                let source = &self.manager.backends.compliance;
                let answer = source
                    .describe_instance_patch_states_for_patch_group(request)
                    .await;
                let Page { items, next_token } = answer?;
                Ok((Work::Known(items), next_token))
            }
            (Listing::Tagged, ComplianceScope::Tagged(group)) => {
                let members = members(&self.manager, group).await?;
                Ok((Work::LookUp(members), None))
            }
            (Listing::Properties, ComplianceScope::All) => self.managed(Properties, None).await,
            (Listing::Managed, ComplianceScope::All) => self.managed(Information, None).await,
            (Listing::Properties, ComplianceScope::Fleet) => {
                self.managed(Properties, Some(Ec2Instance)).await
            }
            (Listing::Managed, ComplianceScope::Fleet) => {
                self.managed(Information, Some(Ec2Instance)).await
            }
            (Listing::HybridProperties, ComplianceScope::Fleet) => {
                self.managed(Properties, Some(ManagedInstance)).await
            }
            (Listing::Hybrid, ComplianceScope::Fleet) => {
                self.managed(Information, Some(ManagedInstance)).await
            }
            (Listing::Instances, ComplianceScope::Fleet) => {
                let request = DescribeInstances::all(self.request(1000));
                let answer = self
                    .manager
                    .backends
                    .nodes
                    .describe_instances(request)
                    .await;
                let Page { items, next_token } = answer?;
                Ok((instances(items), next_token))
            }
            _ => Err(no_such_place()),
        }
    }

    fn request(&self, size: u32) -> PageRequest {
        PageRequest::first()
            .with_max_results(size)
            .with_next_token(self.at.token.clone())
    }

    /// The index of the page among the named nodes, from its token.
    fn start(&self) -> Result<usize> {
        let token = self.at.token.as_ref().map_or("0", PageToken::as_str);
        token.parse().map_err(|_| no_such_place())
    }

    /// All named nodes are known from the start.
    fn know_named(&self) {
        if let (ComplianceScope::Nodes(ids), Ok(start)) = (self.query.scope(), self.start()) {
            let given = start.saturating_add(self.given.len());
            self.counts.known(ids.len().saturating_sub(given));
        }
    }

    /// A page of the named nodes.
    fn named(&self, ids: &[NodeId]) -> Result<(Work, Option<PageToken>)> {
        let start = self.start()?;
        let page = ids.iter().skip(start).take(NAMED).cloned();
        let page: Vec<Listed> = page.map(unseen).collect();
        let end = start.saturating_add(page.len());
        let next = (end < ids.len()).then(|| PageToken::new(end.to_string()));
        Ok((Work::LookUp(page), next))
    }

    async fn managed(
        &self,
        listing: ManagedListing,
        kind: Option<ResourceType>,
    ) -> Result<(Work, Option<PageToken>)> {
        if listing == ManagedListing::Information {
            self.counts.lists_by_information();
        }
        let inventory = &*self.manager.backends.nodes;
        let token = self.at.token.clone();
        let answer = listing.page(inventory, kind.map(of_type), token).await;
        let Page { items, next_token } = answer?;
        Ok((managed(items), next_token))
    }
}

fn no_such_place() -> Error {
    let message = "the checkpoint does not match the listings of this query: start a new sweep";
    Error::new(ErrorKind::InvalidInput, message)
}

pub(super) fn unseen(id: NodeId) -> Listed {
    Listed {
        id,
        presence: Presence::Unknown,
        information: None,
    }
}

fn managed(nodes: Vec<ManagedNode>) -> Work {
    of_found(nodes, |_| true)
}

/// A page of those found that count. A node as it was found is many times as large as a listed one: its room is
/// given back while they are read.
fn of_found<T: Into<Listed>>(mut found: Vec<T>, counts: impl Fn(&T) -> bool) -> Work {
    let mut page = Vec::with_capacity(found.len());
    while let Some(one) = found.pop() {
        if counts(&one) {
            page.push(one.into());
        }
        if found.len().is_multiple_of(BATCH) {
            found.shrink_to_fit();
        }
    }
    page.reverse();
    Work::LookUp(page)
}

impl From<ManagedNode> for Listed {
    fn from(node: ManagedNode) -> Self {
        let is_stopped = node.is_stopped();
        let listed = Self::from(node.into_named());
        match is_stopped {
            true => Self {
                presence: Presence::Stopped,
                ..listed
            },
            false => listed,
        }
    }
}

impl From<InstanceInformation> for Listed {
    fn from(node: InstanceInformation) -> Self {
        Self {
            id: node.instance_id.clone(),
            presence: presence_of(&node),
            information: Some(Box::new(node)),
        }
    }
}

impl From<Ec2Instance> for Listed {
    fn from(instance: Ec2Instance) -> Self {
        let presence = if instance.is_stopped() {
            Presence::Stopped
        } else {
            Presence::Unknown
        };
        Self {
            presence,
            ..unseen(instance.instance_id)
        }
    }
}

pub(super) fn presence_of(node: &InstanceInformation) -> Presence {
    if node.is_online() {
        Presence::Online
    } else {
        Presence::Lost
    }
}

fn instances(instances: Vec<Ec2Instance>) -> Work {
    of_found(instances, |one| !one.is_gone())
}
