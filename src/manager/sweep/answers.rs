//! Looks up and judges a batch of nodes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::TryStreamExt;

use super::baselines::BaselinesInUse;
use super::listing::{Listed, Work, presence_of, unseen};
#[cfg(feature = "tracing")]
use super::progress::SweepCounts;
use crate::backend::{DescribeInstanceInformation, DescribeInstancePatchStates, NodeInventoryExt};
use crate::compliance::{
    BATCH, ComplianceQuery, ComplianceScope, InstancePatchState, NodeCompliance, Presence,
};
use crate::error::Result;
use crate::manager::PatchManager;
use crate::manager::managed::{FILTER_VALUES, ManagedListing, ManagedNode};
use crate::manager::pages::pages;
use crate::page::paginate;
#[cfg(feature = "tracing")]
use crate::progress::Progress;
use crate::types::{Ec2Instance, InstanceInformation, NodeId, QueryFilter};

/// Looks nodes up and judges them for a query.
#[derive(Debug)]
pub(super) struct Answerer {
    pub(super) manager: PatchManager,
    pub(super) query: ComplianceQuery,
    #[cfg(feature = "tracing")]
    pub(super) counts: SweepCounts,
    pub(super) baselines: Option<BaselinesInUse>,
}

impl Answerer {
    #[cfg(feature = "tracing")]
    pub(super) fn progress(&self) -> Progress {
        self.counts.watch().progress()
    }

    /// The compliance of each node of a batch, in the order of the batch.
    pub(super) async fn answer(&self, work: Work) -> Result<Vec<NodeCompliance>> {
        let mut listed = match work {
            Work::Known(states) if !self.query.doubts().offline => {
                let states = states.into_iter();
                return Ok(states.map(|state| self.judge(None, state.into())).collect());
            }
            Work::Known(states) => return self.answer_known(states).await,
            Work::LookUp(listed) => listed,
        };
        if self.query.doubts().offline {
            self.look_for(&mut listed).await?;
        }
        let mut states = self.states_of(&listed).await?;
        Ok(listed
            .into_iter()
            .map(|node| {
                let stands = match states.remove(&node.id) {
                    Some(state) => NodeCompliance::from(state),
                    None => NodeCompliance::unknown(node.id.clone()),
                };
                self.judge(Some(node), stands)
            })
            .collect())
    }

    async fn answer_known(&self, states: Vec<InstancePatchState>) -> Result<Vec<NodeCompliance>> {
        let mut answers = Vec::new();
        for states in states.chunks(BATCH) {
            let mut listed: Vec<_> = states
                .iter()
                .map(|state| unseen(state.instance_id.clone()))
                .collect();
            self.look_for(&mut listed).await?;
            for (node, state) in listed.into_iter().zip(states) {
                answers.push(self.judge(Some(node), state.clone().into()));
            }
        }
        Ok(answers)
    }

    async fn states_of(&self, listed: &[Listed]) -> Result<HashMap<NodeId, InstancePatchState>> {
        let ids: Arc<[NodeId]> = listed.iter().map(|node| node.id.clone()).collect();
        let source = &self.manager.backends.compliance;
        pages(source, 100, move |source, page| {
            let request = DescribeInstancePatchStates::new(ids.iter(), page);
            async move { source.describe_instance_patch_states(request).await }
        })
        .map_ok(|state| (state.instance_id.clone(), state))
        .try_collect()
        .await
    }

    /// Reads which agents are online, for nodes whose listing did not include it.
    async fn look_for(&self, listed: &mut [Listed]) -> Result<()> {
        let asked: Vec<&str> = listed
            .iter()
            .filter(|node| node.presence == Presence::Unknown)
            .map(|node| node.id.as_str())
            .collect();
        if asked.is_empty() {
            return Ok(());
        }
        let filters = vec![QueryFilter::new("InstanceIds", asked)];
        let mut found: HashMap<NodeId, InstanceInformation> =
            pages(&self.manager.backends.nodes, 50, move |nodes, page| {
                let request = DescribeInstanceInformation::new(filters.clone(), page);
                async move { nodes.describe_instance_information(request).await }
            })
            .map_ok(|node| (node.instance_id.clone(), node))
            .try_collect()
            .await?;
        for node in &mut *listed {
            if let Some(information) = found.remove(&node.id) {
                node.presence = presence_of(&information);
                node.information = Some(Box::new(information));
            }
        }
        self.look_for_stopped(listed).await
    }

    /// Reads from EC2 which instances are not running, if its listing did not include it. From Systems
    /// Manager if the caller may not read EC2, or not at all.
    async fn look_for_stopped(&self, listed: &mut [Listed]) -> Result<()> {
        if *self.query.scope() == ComplianceScope::Fleet {
            return Ok(());
        }
        let unknown = listed
            .iter_mut()
            .filter(|node| node.presence == Presence::Unknown && !node.id.is_hybrid());
        let mut unknown: Vec<&mut Listed> = unknown.collect();
        let ids: Vec<NodeId> = unknown.iter().map(|node| node.id.clone()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let found = self.manager.backends.nodes.find_instances(&ids).await;
        let stopped: HashSet<NodeId> = match found {
            Err(error) if error.is_withheld() => self.stopped_by_properties(&ids).await?,
            found => {
                let found = found?.into_iter();
                let stopped = found.filter(Ec2Instance::is_stopped);
                stopped.map(|instance| instance.instance_id).collect()
            }
        };
        for node in &mut unknown {
            if stopped.contains(&node.id) {
                node.presence = Presence::Stopped;
            }
        }
        Ok(())
    }

    /// Those of the instances that DescribeInstanceProperties knows as stopped; none if it is denied or
    /// unknown to the backend.
    async fn stopped_by_properties(&self, ids: &[NodeId]) -> Result<HashSet<NodeId>> {
        let mut stopped = HashSet::new();
        for ids in ids.chunks(FILTER_VALUES) {
            let filter = QueryFilter::new("InstanceIds", ids.iter().map(NodeId::as_str));
            let nodes = Arc::clone(&self.manager.backends.nodes);
            let found = paginate(move |token| {
                let (filter, nodes) = (Some(filter.clone()), Arc::clone(&nodes));
                let listing = ManagedListing::Properties;
                async move { listing.page(&*nodes, filter, token).await }
            });
            let found: Vec<ManagedNode> = match found.try_collect().await {
                Err(error) if error.is_withheld() => return Ok(stopped),
                found => found?,
            };
            let found = found.into_iter().filter(ManagedNode::is_stopped);
            stopped.extend(found.map(|node| node.information.instance_id));
        }
        Ok(stopped)
    }

    fn judge(&self, listed: Option<Listed>, stands: NodeCompliance) -> NodeCompliance {
        let presence = listed
            .as_ref()
            .map_or(Presence::Online, |node| node.presence);
        let other_baseline = |state: &_| self.baselines.as_ref()?.doubt(state);
        let now = self.manager.clock.now();
        let mut judged = self
            .query
            .doubts()
            .judge(stands, presence, other_baseline, now);
        judged.information = listed.and_then(|node| node.information);
        judged
    }
}
