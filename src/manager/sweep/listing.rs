//! Which nodes a sweep is about, in batches that a call takes.

use std::collections::HashSet;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};

use super::checkpoint::{Listing, SweepCheckpoint};
use super::progress::SweepWatch;
use crate::backend::{DescribeInstanceInformation, DescribeInstancePatchStatesForPatchGroup};
use crate::compliance::{BATCH, ComplianceQuery, ComplianceScope, InstancePatchState, Presence};
use crate::error::{Error, ErrorKind, Result};
use crate::manager::PatchManager;
use crate::page::{Page, PageRequest, PageToken};
use crate::types::{Ec2Instance, InstanceInformation, NodeId, QueryFilter};

/// A node that was listed, and what the listing tells of it.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) id: NodeId,
    pub(super) presence: Presence,
    pub(super) information: Option<InstanceInformation>,
}

/// Nodes to look up together, or states that came with the listing.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) work: Work,
    /// Where the batch begins.
    pub(super) from: SweepCheckpoint,
    /// Where the next one begins, once this one is answered.
    pub(super) next: SweepCheckpoint,
}

#[derive(Debug)]
pub(super) enum Work {
    LookUp(Vec<Listed>),
    Known(Vec<InstancePatchState>),
}

impl Work {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::LookUp(nodes) => nodes.len(),
            Self::Known(states) => states.len(),
        }
    }

    fn without_first(self, done: usize) -> Self {
        match self {
            Self::LookUp(nodes) => Self::LookUp(nodes.into_iter().skip(done).collect()),
            Self::Known(states) => Self::Known(states.into_iter().skip(done).collect()),
        }
    }

    fn batches(self) -> Vec<Self> {
        match self {
            Self::LookUp(nodes) => nodes
                .chunks(BATCH)
                .map(|nodes| Self::LookUp(nodes.to_vec()))
                .collect(),
            Self::Known(states) if states.is_empty() => Vec::new(),
            known => vec![known],
        }
    }
}

/// The listing that a question begins with.
pub(super) fn first(query: &ComplianceQuery) -> Listing {
    match query.scope() {
        ComplianceScope::All => Listing::Managed,
        ComplianceScope::Fleet => Listing::Instances,
        ComplianceScope::Nodes(_) => Listing::Named,
        ComplianceScope::Group(_) => Listing::Group,
    }
}

/// Whether a sweep of this question can be at such a listing.
fn suits(query: &ComplianceQuery, listing: Listing) -> bool {
    match query.scope() {
        _ if listing == Listing::Over => true,
        ComplianceScope::All => listing == Listing::Managed,
        ComplianceScope::Fleet => matches!(
            listing,
            Listing::Instances | Listing::Hybrid | Listing::Managed
        ),
        ComplianceScope::Nodes(_) => listing == Listing::Named,
        ComplianceScope::Group(_) => listing == Listing::Group,
    }
}

struct Lister {
    manager: PatchManager,
    query: ComplianceQuery,
    watch: SweepWatch,
    at: SweepCheckpoint,
    seen: HashSet<PageToken>,
}

/// The batches of a sweep from a checkpoint on. An error of the listing is the last item.
pub(super) fn batches(
    manager: PatchManager,
    query: ComplianceQuery,
    watch: SweepWatch,
    from: SweepCheckpoint,
) -> BoxStream<'static, Result<Batch>> {
    let lister = Lister {
        manager,
        query,
        watch,
        seen: from.token.iter().cloned().collect(),
        at: from,
    };
    stream::unfold(Some(lister), |lister| async move {
        let mut lister = lister?;
        if lister.at.listing == Listing::Over {
            lister.watch.all_known();
            return None;
        }
        match lister.page().await {
            Ok(batches) => Some((batches.into_iter().map(Ok).collect(), Some(lister))),
            Err(error) => Some((vec![Err(error)], None)),
        }
    })
    .map(stream::iter)
    .flatten()
    .boxed()
}

impl Lister {
    /// Fetches the page that is next, and moves on.
    async fn page(&mut self) -> Result<Vec<Batch>> {
        if !suits(&self.query, self.at.listing) {
            let message = "the checkpoint is of another question";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let fetched = self.fetch().await;
        let page = match fetched {
            Err(error) if self.may_do_without_ec2(&error) => {
                self.at = SweepCheckpoint::start(Listing::Managed);
                self.fetch().await?
            }
            fetched => fetched?,
        };
        let start = self.at.clone();
        let after = self.after(page.next_token)?;
        self.at = after.clone();
        let [work] = <[Work; 1]>::try_from(page.items).unwrap_or([Work::Known(Vec::new())]);
        let work = work.without_first(start.done);
        self.watch.known(work.len());
        let mut batches = Vec::new();
        let mut from = start;
        let parts = work.batches();
        let count = parts.len();
        for (number, work) in parts.into_iter().enumerate() {
            let mut next = from.clone();
            next.done += work.len();
            if number + 1 == count {
                next = after.clone();
            }
            let begins = std::mem::replace(&mut from, next.clone());
            batches.push(Batch {
                work,
                from: begins,
                next,
            });
        }
        Ok(batches)
    }

    /// Instances are a shortcut; without them the managed nodes are asked about.
    fn may_do_without_ec2(&self, error: &Error) -> bool {
        self.at.listing == Listing::Instances && self.at.token.is_none() && error.is_withheld()
    }

    /// Where the listing goes on. A token that comes again would never end.
    fn after(&mut self, token: Option<PageToken>) -> Result<SweepCheckpoint> {
        let listing = self.at.listing;
        match token {
            Some(token) if self.seen.insert(token.clone()) => Ok(SweepCheckpoint {
                listing,
                token: Some(token),
                done: 0,
            }),
            Some(_) => Err(Error::new(
                ErrorKind::InvalidResponse,
                "a page token came a second time; the listing would never end",
            )),
            None if listing == Listing::Instances => Ok(SweepCheckpoint::start(Listing::Hybrid)),
            None => Ok(SweepCheckpoint::start(Listing::Over)),
        }
    }

    /// One page, as one piece of work.
    async fn fetch(&self) -> Result<Page<Work>> {
        let page = |size| {
            PageRequest::first()
                .with_max_results(size)
                .with_next_token(self.at.token.clone())
        };
        let nodes = &self.manager.nodes;
        match (self.at.listing, self.query.scope()) {
            (Listing::Named, ComplianceScope::Nodes(ids)) => {
                let listed = ids.iter().cloned().map(unseen).collect();
                Ok(Page::last(vec![Work::LookUp(listed)]))
            }
            (Listing::Group, ComplianceScope::Group(group)) => {
                let filters = self.query.state_filters();
                let request = DescribeInstancePatchStatesForPatchGroup::new(
                    group.clone(),
                    filters,
                    page(100),
                );
                let source = &self.manager.compliance;
                let answer = source
                    .describe_instance_patch_states_for_patch_group(request)
                    .await;
                Ok(one(self.watch.counted(answer)?, Work::Known))
            }
            (Listing::Managed, _) => {
                let request = DescribeInstanceInformation::new(Vec::new(), page(50));
                let answer = nodes.describe_instance_information(request).await;
                Ok(one(self.watch.counted(answer)?, managed))
            }
            (Listing::Hybrid, _) => {
                let hybrid = vec![QueryFilter::new("ResourceType", ["ManagedInstance"])];
                let request = DescribeInstanceInformation::new(hybrid, page(50));
                let answer = nodes.describe_instance_information(request).await;
                Ok(one(self.watch.counted(answer)?, managed))
            }
            (Listing::Instances, _) => {
                let answer = nodes.list_instances(page(1000)).await;
                Ok(one(self.watch.counted(answer)?, instances))
            }
            (Listing::Over | Listing::Named | Listing::Group, _) => Ok(Page::last(Vec::new())),
        }
    }
}

fn one<T>(page: Page<T>, work: impl FnOnce(Vec<T>) -> Work) -> Page<Work> {
    let items = vec![work(page.items)];
    Page::new(items, page.next_token)
}

pub(super) fn unseen(id: NodeId) -> Listed {
    Listed {
        id,
        presence: Presence::Unknown,
        information: None,
    }
}

fn managed(nodes: Vec<InstanceInformation>) -> Work {
    let listed = nodes.into_iter().map(|node| Listed {
        id: node.instance_id.clone(),
        presence: presence_of(&node),
        information: Some(node),
    });
    Work::LookUp(listed.collect())
}

pub(super) fn presence_of(node: &InstanceInformation) -> Presence {
    if node.is_online() {
        Presence::Online
    } else {
        Presence::Lost
    }
}

fn instances(instances: Vec<Ec2Instance>) -> Work {
    let listed = instances.into_iter().filter_map(|instance| {
        let presence = match instance.state.name.as_str() {
            "terminated" | "shutting-down" => return None,
            "stopping" | "stopped" => Presence::Stopped,
            _ => Presence::Unknown,
        };
        Some(Listed {
            presence,
            ..unseen(instance.instance_id)
        })
    });
    Work::LookUp(listed.collect())
}
