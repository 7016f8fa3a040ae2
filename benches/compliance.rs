//! The time of a sweep without its calls: the plan, the verdicts, the count, the stream over a
//! fleet in memory; and the time of a page of a large listing there.
//!
//! Each has a baseline: the code that one would write by hand for the same answer.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Duration;

use aws_patch_manager::backend::{
    CommandRunner, ComplianceSource, DescribeInstanceInformation, DescribeInstancePatchStates,
    DescribeInstancePatchStatesForPatchGroup, DescribePatchGroupState,
    ListResourceComplianceSummaries, NodeInventory,
};
use aws_patch_manager::compliance::{
    ComplianceSummary, InstancePatchState, NodeCompliance, Verdict,
};
use aws_patch_manager::memory::{FleetFile, FleetNode};
use aws_patch_manager::operation::SendCommand;
use aws_patch_manager::types::{NodeId, PatchOperation};
use aws_patch_manager::{
    ComplianceQuery, MemoryBackend, PageRequest, PageToken, PatchGroup, PatchManager, Result,
};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::{FutureExt, TryStreamExt};
use jiff::Timestamp;

const NODES: usize = 10_000;

/// The fleets whose pages are compared: the time of a page should not depend on its place.
const FLEETS: [usize; 2] = [1_000, 10_000];

/// How many node ids a command and DescribeInstancePatchStates take.
const BATCH: usize = 50;

fn id(number: usize) -> NodeId {
    NodeId::new(format!("i-{number:017x}"))
}

fn group() -> PatchGroup {
    PatchGroup::from_service("web")
}

/// Awaits a future that memory completes at once.
fn now<T>(answer: impl Future<Output = Result<T>>) -> T {
    let answer = answer.now_or_never().unwrap_or_else(|| panic!("it waits"));
    answer.unwrap_or_else(|error| panic!("{error}"))
}

/// States of each kind in turn: compliant, patches missing, one failed.
fn states() -> Vec<InstancePatchState> {
    let at = Timestamp::constant(1_779_667_200, 0);
    let state = |number| {
        let (group, scan) = (group(), PatchOperation::Scan);
        let mut state =
            InstancePatchState::new(id(number), group, "pb-0c0ffee0000000001", scan, at, at);
        state.installed_count = 40;
        state.missing_count = if number % 3 == 1 { 7 } else { 0 };
        state.failed_count = u32::from(number % 3 == 2);
        state.critical_non_compliant_count = Some(u32::from(number % 6 == 1));
        state.security_non_compliant_count = Some(state.missing_count);
        state
    };
    (0..NODES).map(state).collect()
}

/// A fleet that was scanned one command at a time: nodes that end together are checked together.
fn scanned(nodes: usize) -> MemoryBackend {
    let mut fleet = FleetFile::default();
    let node = |number| FleetNode::amazon_linux_2023(id(number)).with_tag("Patch Group", "web");
    fleet.nodes = (0..nodes).map(node).collect();
    let backend = MemoryBackend::builder().fleet(fleet).build();
    let ids: Vec<NodeId> = (0..nodes).map(id).collect();
    for ids in ids.chunks(BATCH) {
        let mut scan = SendCommand::run_patch_baseline(PatchOperation::Scan);
        scan.instance_ids = ids.to_vec();
        now(backend.send_command(scan));
        backend.advance(Duration::from_hours(1));
    }
    let state = now(backend.describe_patch_group_state(DescribePatchGroupState::new(group())));
    assert_eq!(state.instances as usize, nodes, "every node reported");
    backend
}

fn plan(criterion: &mut Criterion) {
    let mut bench = criterion.benchmark_group("plan");
    let queries = [
        ("all", ComplianceQuery::all()),
        ("fleet", ComplianceQuery::fleet().offline_is_unknown()),
        ("group", ComplianceQuery::group(group()).missing_only()),
        ("nodes", ComplianceQuery::nodes((0..NODES).map(id))),
    ];
    for (name, query) in queries {
        bench.bench_function(name, |bencher| {
            bencher.iter(|| black_box(&query).explain(NODES));
        });
    }
}

fn verdicts(criterion: &mut Criterion) {
    let states = states();
    let mut bench = criterion.benchmark_group("verdicts");
    bench.throughput(Throughput::Elements(NODES as u64));
    bench.bench_function("own", |bencher| {
        let judge = |states: Vec<_>| -> Vec<NodeCompliance> {
            states.into_iter().map(NodeCompliance::from).collect()
        };
        bencher.iter_batched(|| states.clone(), judge, BatchSize::LargeInput);
    });
    bench.bench_function("by-hand", |bencher| {
        let judge = |states: Vec<InstancePatchState>| -> HashMap<NodeId, bool> {
            let patched = |state: InstancePatchState| {
                let patched = state.missing_count == 0 && state.failed_count == 0;
                (state.instance_id, patched)
            };
            states.into_iter().map(patched).collect()
        };
        bencher.iter_batched(|| states.clone(), judge, BatchSize::LargeInput);
    });
}

fn summary(criterion: &mut Criterion) {
    let answers: Vec<_> = states().into_iter().map(NodeCompliance::from).collect();
    let mut bench = criterion.benchmark_group("summary");
    bench.throughput(Throughput::Elements(NODES as u64));
    bench.bench_function("own", |bencher| {
        bencher.iter(|| black_box(&answers).iter().collect::<ComplianceSummary>());
    });
    bench.bench_function("by-hand", |bencher| {
        bencher.iter(|| by_hand(black_box(&answers)));
    });
    let own: ComplianceSummary = answers.iter().collect();
    let (verdicts, sums) = by_hand(&answers);
    assert_eq!(verdicts, [own.compliant, own.non_compliant, own.unknown]);
    assert_eq!(sums, [own.missing_patches, own.failed_patches]);
}

/// A pass for each count.
fn by_hand(answers: &[NodeCompliance]) -> ([usize; 3], [u64; 2]) {
    let with = |verdict| {
        let nodes = answers.iter().filter(|node| node.verdict == verdict);
        nodes.count()
    };
    let sum = |count: fn(&InstancePatchState) -> u32| {
        let states = answers.iter().filter_map(|node| node.state.as_ref());
        states.map(|state| u64::from(count(state))).sum()
    };
    let verdicts = [Verdict::Compliant, Verdict::NonCompliant, Verdict::Unknown];
    let sums = [
        sum(|state| state.missing_count),
        sum(|state| state.failed_count),
    ];
    (verdicts.map(with), sums)
}

/// Every node and its state, one call after the other.
async fn loop_over(backend: &MemoryBackend) -> Result<usize> {
    let (mut reported, mut token) = (0, None);
    loop {
        let page = page(50, token);
        let request = DescribeInstanceInformation::new(Vec::new(), page);
        let listed = backend.describe_instance_information(request).await?;
        let ids = listed.items.into_iter().map(|node| node.instance_id);
        let ids: Vec<NodeId> = ids.collect();
        let states = backend
            .describe_instance_patch_states(DescribeInstancePatchStates::new(&ids, page_of(100)))
            .await?;
        reported += states.items.len();
        token = listed.next_token;
        if token.is_none() {
            return Ok(reported);
        }
    }
}

fn page(size: u32, token: Option<PageToken>) -> PageRequest {
    page_of(size).with_next_token(token)
}

fn page_of(size: u32) -> PageRequest {
    PageRequest::first().with_max_results(size)
}

/// A whole sweep over memory: the calls are the same, so the rest is the time of the stream.
fn sweep(criterion: &mut Criterion) {
    let backend = scanned(NODES);
    let manager = PatchManager::from_memory(&backend);
    let mut bench = criterion.benchmark_group("sweep");
    bench.throughput(Throughput::Elements(NODES as u64));
    bench.sample_size(10);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("{error}"));
    for (name, query) in [
        ("all", ComplianceQuery::all()),
        ("fleet", ComplianceQuery::fleet()),
    ] {
        let count = || {
            manager
                .compliance(&query)
                .try_fold(0, |count, _| async move { Ok(count + 1) })
        };
        assert_eq!(runtime.block_on(count()).ok(), Some(NODES), "{name}");
        bench.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(count()).is_ok());
        });
    }
    assert_eq!(runtime.block_on(loop_over(&backend)).ok(), Some(NODES));
    bench.bench_function("by-hand", |bencher| {
        bencher.iter(|| runtime.block_on(loop_over(&backend)).is_ok());
    });
}

fn states_page(backend: &MemoryBackend, token: Option<PageToken>) -> Option<PageToken> {
    let page = page(100, token);
    let request = DescribeInstancePatchStatesForPatchGroup::new(group(), Vec::new(), page);
    now(backend.describe_instance_patch_states_for_patch_group(request)).next_token
}

fn summaries_page(backend: &MemoryBackend, token: Option<PageToken>) -> Option<PageToken> {
    let request = ListResourceComplianceSummaries::new(Vec::new(), page(50, token));
    now(backend.list_resource_compliance_summaries(request)).next_token
}

/// The page in the middle of a listing.
fn pages(criterion: &mut Criterion) {
    type Fetch = fn(&MemoryBackend, Option<PageToken>) -> Option<PageToken>;
    let listings: [(&str, usize, Fetch); 2] = [
        ("states-of-a-group", 100, states_page),
        ("summaries-of-nodes", 50, summaries_page),
    ];
    for nodes in FLEETS {
        let backend = scanned(nodes);
        for (name, size, fetch) in listings {
            let mut bench = criterion.benchmark_group(format!("page/{name}"));
            let pages = 0..nodes / size / 2;
            let middle = pages.fold(None, |token, _| fetch(&backend, token));
            assert!(middle.is_some(), "{name} of {nodes} ends too soon");
            bench.bench_function(BenchmarkId::from_parameter(nodes), |bencher| {
                bencher.iter(|| fetch(&backend, black_box(middle.clone())).is_some());
            });
        }
    }
}

criterion_group!(benches, plan, verdicts, summary, sweep, pages);
criterion_main!(benches);
