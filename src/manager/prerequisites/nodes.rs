//! The nodes: their agent, their EC2 instance, their role and their last scan.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::{hidden, hidden_or_missing, keyed};
use crate::backend::{DescribeInstances, GetInstanceProfile, GetServiceSetting};
use crate::compliance::BATCH;
use crate::error::Result;
use crate::manager::PatchManager;
use crate::manager::managed::ManagedNode;
use crate::manager::pages::pages;
use crate::prerequisites::{DEFAULT_ROLE, LastOperation, Read};
use crate::types::{
    Ec2Instance, InstanceInformation, InstanceProfile, InstanceState, NodeFilter, NodeId,
    ServiceSetting,
};

/// The maximum number of values of a DescribeInstanceInformation filter (SSM model).
pub(super) const FILTER_VALUES: usize = 100;

/// The managed nodes by id.
pub(super) type Managed = Read<BTreeMap<NodeId, InstanceInformation>>;

/// The number of batches read at the same time; an adapter's limit can lower it.
const CALLS: usize = 8;

pub(super) fn running(instances: &Read<BTreeMap<NodeId, Ec2Instance>>) -> Vec<&Ec2Instance> {
    let instances = instances.iter().flat_map(BTreeMap::values);
    instances
        .filter(|instance| instance.state.name == "running")
        .collect()
}

/// The running instances whose agent is not online; empty if the managed nodes cannot be read.
pub(super) fn out_of_touch<'a>(
    running: &[&'a Ec2Instance],
    managed: &Read<BTreeMap<NodeId, InstanceInformation>>,
) -> Vec<&'a Ec2Instance> {
    let Ok(managed) = managed else {
        return Vec::new();
    };
    let in_touch = |id| managed.get(id).is_some_and(InstanceInformation::is_online);
    let running = running.iter().copied();
    running
        .filter(|instance| !in_touch(&instance.instance_id))
        .collect()
}

/// The instant this long before another, or the earliest representable one.
pub(super) fn before(now: Timestamp, age: Duration) -> Timestamp {
    let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
    now.checked_sub(age).unwrap_or(Timestamp::MIN)
}

/// The results of all batches, a few in parallel.
fn in_order<T: Send + 'static, B: Future<Output = Result<Vec<T>>> + Send + 'static>(
    batches: impl Iterator<Item = B>,
) -> impl Future<Output = Result<Vec<T>>> + Send {
    let batches: Vec<B> = batches.collect();
    let batches = stream::iter(batches).buffered(CALLS);
    batches.try_concat()
}

impl PatchManager {
    pub(super) async fn managed_among(&self, nodes: &[NodeId]) -> Result<Managed> {
        let read = async {
            let batches = nodes.chunks(FILTER_VALUES).map(|batch| {
                let ids = batch.iter().map(NodeId::as_str);
                self.list_nodes_with([NodeFilter::ids(ids)])
                    .try_collect::<Vec<_>>()
            });
            let rows = in_order(batches).await?;
            Ok(keyed(rows, |row| row.instance_id.clone()))
        };
        hidden(read.await)
    }

    /// The managed nodes, and the states of their instances as far as the listing has them.
    pub(super) async fn all_managed(&self) -> Result<(Managed, BTreeMap<NodeId, InstanceState>)> {
        let rows: Result<Vec<ManagedNode>> = self.managed_nodes().try_collect().await;
        let rows = match hidden(rows)? {
            Ok(rows) => rows,
            Err(error) => return Ok((Err(error), BTreeMap::new())),
        };
        let id = |row: &ManagedNode| row.information.instance_id.clone();
        let states = rows.iter();
        let states = states.filter_map(|row| Some((id(row), row.state.clone()?)));
        let states = states.collect();
        let managed = rows.into_iter();
        let managed = managed.map(|row| (id(&row), row.into_named())).collect();
        Ok((Ok(managed), states))
    }

    pub(super) async fn all_instances(&self) -> Result<Read<BTreeMap<NodeId, Ec2Instance>>> {
        let rows = pages(&self.backends.nodes, 1000, |inventory, page| async move {
            inventory
                .describe_instances(DescribeInstances::all(page))
                .await
        })
        .try_collect()
        .await;
        hidden(rows.map(|rows| keyed(rows, |row| row.instance_id.clone())))
    }

    pub(super) async fn instances_among(
        &self,
        nodes: &[NodeId],
    ) -> Result<Read<BTreeMap<NodeId, Ec2Instance>>> {
        let rows = self.ec2_instances(nodes).await;
        hidden(rows.map(|rows| keyed(rows, |row| row.instance_id.clone())))
    }

    /// When each online node was last scanned or patched, if the request includes scans.
    pub(super) async fn last_operations(
        &self,
        managed: &Read<BTreeMap<NodeId, InstanceInformation>>,
        asked: bool,
    ) -> Result<Option<Read<BTreeMap<NodeId, LastOperation>>>> {
        let online: Vec<NodeId> = match managed {
            Ok(managed) if asked => managed
                .values()
                .filter(|node| node.is_online())
                .map(|node| node.instance_id.clone())
                .collect(),
            _ => return Ok(None),
        };
        let batches = online.chunks(BATCH).map(|batch| {
            self.states_of(batch.to_vec())
                .map_ok(|state| {
                    let (started, ended) = (state.operation_start_time, state.operation_end_time);
                    let last = LastOperation {
                        operation: state.operation,
                        ended,
                        took: started.duration_until(ended),
                    };
                    (state.instance_id, last)
                })
                .try_collect::<Vec<_>>()
        });
        let read = hidden(in_order(batches).await)?;
        Ok(Some(read.map(BTreeMap::from_iter)))
    }

    /// The account's default role for instances without a profile, if one of these has no profile.
    pub(super) async fn default_role(
        &self,
        away: &[&Ec2Instance],
    ) -> Result<Option<Read<ServiceSetting>>> {
        if away.iter().all(|one| one.iam_instance_profile.is_some()) {
            return Ok(None);
        }
        hidden(
            self.backends
                .nodes
                .get_service_setting(GetServiceSetting::new(DEFAULT_ROLE))
                .await,
        )
        .map(Some)
    }

    /// The profiles of these instances. A deleted profile is an answer too.
    pub(super) async fn profiles(
        &self,
        away: &[&Ec2Instance],
    ) -> Result<BTreeMap<String, Read<InstanceProfile>>> {
        let profiles = away
            .iter()
            .filter_map(|one| one.iam_instance_profile.as_ref());
        let names: BTreeSet<&str> = profiles.map(|profile| profile.name()).collect();
        let mut read = BTreeMap::new();
        for name in names {
            let request = GetInstanceProfile::new(name);
            let profile = self.backends.roles.get_instance_profile(request).await;
            read.insert(name.to_owned(), hidden_or_missing(profile)?);
        }
        Ok(read)
    }
}
