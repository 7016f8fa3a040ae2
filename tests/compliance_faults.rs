//! A thousand sweeps over a service that throttles, fails, stalls, and repeats nodes and tokens:
//! every node comes once or is in a failure, and every sweep ends.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_patch_manager::backend::{
    ComplianceSource, DescribeInstanceInformation, DescribeInstancePatchStates,
    DescribeInstancePatchStatesForPatchGroup, DescribeInstanceProperties, DescribeInstances,
    NodeInventory,
};
use aws_patch_manager::compliance::{ComplianceScope, InstancePatchState, NodeCompliance};
use aws_patch_manager::manager::{FleetSweep, SweepFailure};
use aws_patch_manager::types::{
    Ec2Instance, InstanceInformation, InstanceProperty, NodeId, PatchOperation, PingStatus,
};
use aws_patch_manager::{
    ComplianceQuery, Error, ErrorKind, MemoryBackend, Page, PageRequest, PageToken, PatchGroup,
    PatchManager, Result,
};
use futures_util::StreamExt;
use jiff::Timestamp;
use support::accounts::{hybrid_id, node_id};
use support::values::Draw;

const NODES: usize = 2_000;
const HYBRID: usize = 130;
const RUNS: u64 = 1_000;
/// The number of queries.
const QUERIES: u64 = 8;
/// How many sweeps go over several services.
const FLEETS: u64 = 48;
/// How often a sweep is resumed before it counts as endless.
const MOST_RESUMPTIONS: usize = 200;

/// A service whose calls fail at random, by a seed.
#[derive(Debug)]
struct Unreliable {
    draw: Mutex<Draw>,
    calls: AtomicU64,
    /// Of a seed, whether DescribeInstanceProperties is there.
    properties: Properties,
}

/// Whether a service lets the caller call DescribeInstanceProperties.
#[derive(Debug, Clone, Copy)]
enum Properties {
    Unknown,
    Allowed,
    /// Every third call is denied.
    DeniedAtTimes,
}

enum Luck {
    Fine,
    Error(Error),
    Empty,
    Again,
}

impl Unreliable {
    fn seeded(seed: u64) -> Self {
        Self {
            draw: Mutex::new(Draw(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)),
            calls: AtomicU64::new(0),
            // The queries take turns by the seed, too.
            properties: match seed / QUERIES % 3 {
                0 => Properties::Unknown,
                1 => Properties::Allowed,
                _ => Properties::DeniedAtTimes,
            },
        }
    }

    fn draw(&self, below: u64) -> u64 {
        self.draw.lock().unwrap().below(below)
    }

    /// One call in ten fails; one in twenty is slow.
    async fn luck(&self) -> Luck {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        assert!(calls < 10_000, "the sweep does not end");
        if self.draw(20) == 0 {
            for _ in 0..self.draw(30) {
                tokio::task::yield_now().await;
            }
        }
        match self.draw(50) {
            0 => Luck::Error(Error::service(
                ErrorKind::Throttled,
                "ThrottlingException",
                "",
            )),
            1 => Luck::Error(Error::new(ErrorKind::Connection, "reset by peer")),
            2 => Luck::Error(Error::new(ErrorKind::ServiceFailure, "500")),
            3 => Luck::Empty,
            4 => Luck::Again,
            _ => Luck::Fine,
        }
    }

    /// The page of this many nodes for a token. An empty page leads to the same place by another
    /// token; a repeated token is the one that was sent.
    async fn page(&self, request: &PageRequest, all: usize) -> Result<(Vec<usize>, Page<()>)> {
        let text = request.next_token.as_ref().map_or("0", PageToken::as_str);
        let start: usize = text.split('.').next().unwrap().parse().unwrap();
        let size = request.max_results.unwrap() as usize;
        let end = (start + size).min(all);
        let next = (end < all).then(|| PageToken::new(end.to_string()));
        match self.luck().await {
            Luck::Error(error) => Err(error),
            Luck::Empty => {
                let unique = self.calls.load(Ordering::Relaxed);
                let token = PageToken::new(format!("{start}.{unique}"));
                Ok((vec![], Page::new(vec![], Some(token))))
            }
            Luck::Again if request.next_token.is_some() => {
                let token = request.next_token.clone();
                Ok(((start..end).collect(), Page::new(vec![], token)))
            }
            _ => Ok(((start..end).collect(), Page::new(vec![], next))),
        }
    }
}

/// A page whose first item comes a second time.
fn first_again<T: Clone>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.extend(items.first().cloned());
    items
}

fn state(node: NodeId) -> InstancePatchState {
    let at = Timestamp::UNIX_EPOCH;
    let group = PatchGroup::new("all").unwrap();
    InstancePatchState::new(node, group, "pb-1", PatchOperation::Scan, at, at)
}

#[async_trait]
impl NodeInventory for Unreliable {
    async fn describe_instance_information(
        &self,
        request: DescribeInstanceInformation,
    ) -> Result<Page<InstanceInformation>> {
        let listed: Vec<NodeId> = match request.filters.as_slice() {
            [] => (0..NODES).map(node_id).collect(),
            [named] if named.key == "InstanceIds" => named.values.iter().map(NodeId::new).collect(),
            [hybrid] if hybrid.values == ["ManagedInstance"] => {
                (0..HYBRID).map(hybrid_id).map(NodeId::from).collect()
            }
            other => panic!("{other:?}"),
        };
        let (nodes, page) = self.page(&request.page, listed.len()).await?;
        let describe = |number: usize| {
            let mut node = InstanceInformation::new(listed[number].clone());
            node.ping_status = Some(PingStatus::Online);
            node
        };
        Ok(Page::new(
            first_again(nodes.into_iter().map(describe)),
            page.next_token,
        ))
    }

    async fn describe_instance_properties(
        &self,
        request: DescribeInstanceProperties,
    ) -> Result<Page<InstanceProperty>> {
        match self.properties {
            Properties::Unknown => return Err(Error::unsupported("DescribeInstanceProperties")),
            Properties::DeniedAtTimes if self.draw(3) == 0 => {
                let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
                return Err(Error::service(kind, code, "not now"));
            }
            _ => {}
        }
        let listed: Vec<NodeId> = match request.filters_with_operator.as_slice() {
            [] => (0..NODES).map(node_id).collect(),
            [hybrid] if hybrid.values == ["ManagedInstance"] => {
                (0..HYBRID).map(hybrid_id).map(NodeId::from).collect()
            }
            other => panic!("{other:?}"),
        };
        let (nodes, page) = self.page(&request.page, listed.len()).await?;
        let describe = |number: usize| {
            let mut node = InstanceProperty::default();
            node.instance_id = Some(listed[number].clone());
            node.ping_status = Some(PingStatus::Online);
            node
        };
        Ok(Page::new(
            first_again(nodes.into_iter().map(describe)),
            page.next_token,
        ))
    }

    async fn describe_instances(&self, request: DescribeInstances) -> Result<Page<Ec2Instance>> {
        if !request.instance_ids.is_empty() || !request.filters.is_empty() {
            return Err(Error::unsupported("DescribeInstances"));
        }
        let (nodes, page) = self.page(&request.page, NODES).await?;
        let instances = nodes
            .into_iter()
            .map(|number| Ec2Instance::new(node_id(number)));
        Ok(Page::new(first_again(instances), page.next_token))
    }
}

#[async_trait]
impl ComplianceSource for Unreliable {
    async fn describe_instance_patch_states(
        &self,
        request: DescribeInstancePatchStates,
    ) -> Result<Page<InstancePatchState>> {
        let nodes = &request.instance_ids;
        let (found, page) = self.page(&request.page, nodes.len()).await?;
        let states = found.into_iter().map(|number| state(nodes[number].clone()));
        Ok(Page::new(states.collect(), page.next_token))
    }

    async fn describe_instance_patch_states_for_patch_group(
        &self,
        request: DescribeInstancePatchStatesForPatchGroup,
    ) -> Result<Page<InstancePatchState>> {
        let (found, page) = self.page(&request.page, NODES).await?;
        let states = found.into_iter().map(|number| state(node_id(number)));
        Ok(Page::new(first_again(states), page.next_token))
    }
}

fn manager(seed: u64) -> PatchManager {
    let service = Arc::new(Unreliable::seeded(seed));
    let baselines = MemoryBackend::builder().seed(seed).build();
    baselines.faults().throttle_randomly(0.02);
    let baselines = Arc::new(baselines);
    PatchManager::builder()
        .nodes(service.clone())
        .compliance(service)
        .baselines(baselines.clone())
        .groups(baselines)
        .build()
}

/// Every scope, with and without the reasons that need other calls.
fn questions() -> Vec<ComplianceQuery> {
    let plain = [
        ComplianceQuery::all(),
        ComplianceQuery::fleet(),
        ComplianceQuery::nodes((0..NODES).map(node_id)),
        ComplianceQuery::group(PatchGroup::new("all").unwrap()),
    ];
    let doubting = plain
        .clone()
        .map(|query| query.offline_is_unknown().other_baseline_is_unknown());
    plain.into_iter().chain(doubting).collect()
}

fn expected(query: &ComplianceQuery) -> usize {
    match query.scope() {
        ComplianceScope::Fleet => NODES + HYBRID,
        _ => NODES,
    }
}

/// How often each node came, how many of them in failures, and how often a sweep was resumed.
#[derive(Debug, Default)]
struct Came {
    times: HashMap<(String, NodeId), usize>,
    in_vain: usize,
    resumptions: usize,
}

impl Came {
    /// Records an answer; returns whether it is about a node.
    fn put(&mut self, source: &str, answer: Result<NodeCompliance, SweepFailure>) -> bool {
        let nodes = match answer {
            Ok(answer) => vec![answer.node],
            Err(failure) => {
                self.in_vain += failure.nodes.len();
                failure.nodes
            }
        };
        for node in &nodes {
            let key = (source.to_owned(), node.clone());
            *self.times.entry(key).or_default() += 1;
        }
        !nodes.is_empty()
    }

    fn check(&self, expected: usize, about: impl std::fmt::Debug) {
        let twice = self.times.iter().find(|(_, times)| **times != 1);
        assert_eq!(twice, None, "{about:?}");
        assert_eq!(self.times.len(), expected, "{about:?}");
    }
}

/// Sweeps, and resumes after each failed listing.
async fn sweep(seed: u64, query: &ComplianceQuery) -> Came {
    let manager = manager(seed);
    let mut came = Came::default();
    let mut sweep = manager.sweep(query);
    while came.resumptions < MOST_RESUMPTIONS {
        let mut over = true;
        while let Some(answer) = sweep.next().await {
            over &= came.put("", answer);
        }
        let progress = sweep.progress();
        assert_eq!(progress.total.is_some(), over, "seed {seed}");
        if over {
            return came;
        }
        came.resumptions += 1;
        sweep = manager.resume_sweep(query, sweep.checkpoint());
    }
    panic!("the sweep of seed {seed} does not end");
}

/// The same over several services, with extra stops by the seed.
async fn fleet_sweep(seed: u64, query: &ComplianceQuery) -> Came {
    let fleet = FleetSweep::new()
        .source("one", manager(seed))
        .source("other", manager(seed + RUNS));
    let mut came = Came::default();
    let mut answers = fleet.sweep(query);
    let mut most = seed as usize * 37 % 1_000;
    while came.resumptions < MOST_RESUMPTIONS {
        let (mut over, mut taken) = (true, 0);
        while taken < most {
            let Some(answer) = answers.next().await else {
                break;
            };
            over &= came.put(&answer.source, answer.answer);
            taken += 1;
        }
        if over && taken < most {
            return came;
        }
        came.resumptions += 1;
        most = usize::MAX;
        answers = fleet.resume(query, answers.checkpoints());
    }
    panic!("the sweep of seed {seed} does not end");
}

#[tokio::test]
async fn every_node_comes_once_or_is_named_in_a_failure() {
    let queries = questions();
    assert_eq!(queries.len(), QUERIES as usize);
    let (mut vain, mut resumed) = (0, 0);
    for seed in 1..=RUNS {
        let query = &queries[seed as usize % queries.len()];
        let came = sweep(seed, query).await;
        came.check(expected(query), (seed, query.scope()));
        vain += came.in_vain;
        resumed += came.resumptions;
    }
    assert!(
        vain > 0 && resumed > 0,
        "the faults must strike: {vain} {resumed}"
    );
    println!("{RUNS} sweeps of {NODES} nodes: {vain} answers in vain, {resumed} resumptions");
}

#[tokio::test]
async fn every_node_of_several_services_comes_once_however_often_the_sweep_is_stopped() {
    let queries = questions();
    for seed in 1..=FLEETS {
        let query = &queries[seed as usize % queries.len()];
        let came = fleet_sweep(seed, query).await;
        came.check(2 * expected(query), (seed, query.scope()));
        assert!(came.resumptions > 0, "it must be stopped");
    }
}
