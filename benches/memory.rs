//! The time of a fleet in memory: to build it, to scan all of it, to report on it, to mirror it, and to run a policy or
//! simultaneous windows and associations for a month. Each should grow with the nodes or schedules, so it is
//! taken for n, 2n and 4n of them.
//!
//! It also prints how much memory the process took for the largest fleet.
//!
//! Where Python has moto, the same run times moto for what it has: to create nodes with a tag, and to send one
//! command to all of them and read each outcome. Moto does not scan.

mod moto;

use std::hint::black_box;
use std::time::Duration;

use aws_patch_manager::compliance::ReportDetail;
use aws_patch_manager::manager::PatchRun;
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage, Limits};
use aws_patch_manager::operation::PatchRequest;
use aws_patch_manager::plan::MirrorScope;
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{MaxConcurrency, MaxErrors, NodeId, OperatingSystem, Patch, Target};
use aws_patch_manager::{ComplianceQuery, MemoryBackend, PatchManager, PolicySchedule, Result};
use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use futures_util::FutureExt;
use moto::Moto;

const NODES: [usize; 3] = [25_000, 50_000, 100_000];
/// Moto takes 7 ms a node.
const NODES_OF_MOTO: [usize; 3] = [100, 200, 400];
const MONTH: Duration = Duration::from_hours(24 * 30);
const PATCHES: usize = 5_000;
/// The packages of a node, of which the catalog has newer versions for some.
const INSTALLED: usize = 5;

/// Awaits a future that memory completes at once.
fn now<T>(answer: impl Future<Output = Result<T>>) -> T {
    let answer = answer.now_or_never().unwrap_or_else(|| panic!("it waits"));
    answer.unwrap_or_else(|error| panic!("{error}"))
}

fn catalog() -> Vec<Patch> {
    let patch = |number: usize| {
        let name = format!("package-{number}");
        Patch::rpm(name, 0, "2.0.0", "1.amzn2023", "x86_64")
            .with_product("AmazonLinux2023")
            .with_classification("Security")
            .with_severity("Important")
    };
    (0..PATCHES).map(patch).collect()
}

fn node(number: usize) -> FleetNode {
    let id = NodeId::new(format!("i-{number:017x}"));
    let node = FleetNode::amazon_linux_2023(id).with_tag("fleet", "all");
    let packages = (0..INSTALLED).map(|one| (number + one * 97) % (2 * PATCHES));
    packages.fold(node, |node, one| {
        let (name, release) = (format!("package-{one}"), "1.amzn2023");
        node.with_installed(InstalledPackage::rpm(name, 0, "1.0.0", release, "x86_64"))
    })
}

fn account(nodes: usize) -> MemoryBackend {
    let mut fleet = FleetFile::default();
    fleet.nodes = (0..nodes).map(node).collect();
    let mut limits = Limits::default();
    (limits.windows, limits.associations) = (usize::MAX, usize::MAX);
    let builder = MemoryBackend::builder().fleet(fleet).limits(limits);
    builder.catalog(catalog()).build()
}

/// Lets time pass. What was due meanwhile happens by the next call.
fn pass(account: &MemoryBackend, time: Duration) {
    account.advance(time);
    let manager = PatchManager::from_memory(account);
    now(manager.default_baseline(OperatingSystem::Windows));
}

/// Every node scans and reports.
fn scan(account: &MemoryBackend) -> PatchRun {
    let manager = PatchManager::from_memory(account);
    let all = PatchRequest::scan()
        .target(Target::new("tag:fleet", ["all"]))
        .max_concurrency(MaxConcurrency::Percent(100))
        .max_errors(MaxErrors::Percent(100));
    let run = now(manager.run(&all));
    pass(account, Duration::from_hours(1));
    run
}

/// The same, and what became of each node.
fn scan_with_outcomes(account: &MemoryBackend) {
    let run = scan(account);
    let outcome = now(run.wait(Duration::from_hours(24 * 365)));
    assert!(outcome.is_success());
}

fn report(account: &MemoryBackend) -> usize {
    let manager = PatchManager::from_memory(account);
    let query = ComplianceQuery::all();
    let report = now(manager.compliance_report("fleet", &query, ReportDetail::Verdicts));
    report.nodes.len()
}

/// The account, read by its calls into another.
fn mirror(account: &MemoryBackend) -> MemoryBackend {
    let manager = PatchManager::from_memory(account);
    now(MemoryBackend::mirror(
        &manager,
        &MirrorScope::new().patches().catalog(),
    ))
}

/// A scan each day and an install each week.
fn month_of_policy(account: &MemoryBackend) {
    let manager = PatchManager::from_memory(account);
    let policy = PolicySchedule::quick_setup_default("all").patch_policy();
    let policy = policy.unwrap_or_else(|error| panic!("{error}"));
    now(manager.ensure_policy(&policy));
    pass(account, MONTH);
}

/// Daily scans at the same minute, each by a window or an association of its own, of one node each.
fn simultaneous(number: usize, windows: bool) -> MemoryBackend {
    let account = account(100);
    let manager = PatchManager::from_memory(&account);
    for one in 0..number {
        let schedule = PolicySchedule::new(format!("scan-{one}")).scan_daily_at(1, 0);
        let node = NodeId::new(format!("i-{:017x}", one % 100));
        let schedule = schedule.targets(PolicyTargets::InstanceIds(vec![node]));
        if windows {
            let windows = schedule.maintenance_windows();
            for window in windows.unwrap_or_else(|error| panic!("{error}")) {
                now(manager.ensure_maintenance_window(&window));
            }
        } else {
            let associations = schedule.associations();
            for association in associations.unwrap_or_else(|error| panic!("{error}")) {
                now(manager.ensure_association(&association));
            }
        }
    }
    account
}

/// The memory that the process takes now, in MiB.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"))?;
    let kib: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

/// The sizes of the fleets. In a check that only runs each benchmark once they are small.
fn sizes() -> [usize; 3] {
    match std::env::args().any(|argument| argument == "--bench") {
        true => NODES,
        false => NODES.map(|nodes| nodes / 100),
    }
}

fn of_fleets(criterion: &mut Criterion) {
    let mut bench = criterion.benchmark_group("memory");
    bench.sampling_mode(SamplingMode::Flat).sample_size(10);
    bench.warm_up_time(Duration::from_millis(1));
    for nodes in sizes() {
        bench.throughput(Throughput::Elements(nodes as u64));
        bench.bench_function(BenchmarkId::new("build", nodes), |bencher| {
            bencher.iter(|| black_box(account(nodes)));
        });
        let account = account(nodes);
        scan_with_outcomes(&account);
        println!("{nodes} scanned nodes: {:?} MiB", resident());
        bench.bench_function(BenchmarkId::new("scan", nodes), |bencher| {
            bencher.iter(|| scan(&account));
        });
        bench.bench_function(BenchmarkId::new("scan with outcomes", nodes), |bencher| {
            bencher.iter(|| scan_with_outcomes(&account));
        });
        bench.bench_function(BenchmarkId::new("report", nodes), |bencher| {
            bencher.iter(|| assert_eq!(report(&account), nodes));
        });
        bench.bench_function(BenchmarkId::new("mirror", nodes), |bencher| {
            bencher.iter(|| black_box(mirror(&account)));
        });
    }
    for nodes in sizes().map(|nodes| nodes / 10) {
        let account = account(nodes);
        bench.throughput(Throughput::Elements(nodes as u64));
        bench.bench_function(BenchmarkId::new("month of a policy", nodes), |bencher| {
            bencher.iter(|| month_of_policy(&account));
        });
    }
}

fn of_schedules(criterion: &mut Criterion) {
    let mut bench = criterion.benchmark_group("memory");
    bench.sampling_mode(SamplingMode::Flat).sample_size(10);
    bench.warm_up_time(Duration::from_millis(1));
    for schedules in sizes().map(|nodes| nodes / 50) {
        bench.throughput(Throughput::Elements(schedules as u64));
        for (kind, windows) in [("windows", true), ("associations", false)] {
            let account = simultaneous(schedules, windows);
            let name = format!("month of simultaneous {kind}");
            bench.bench_function(BenchmarkId::new(name, schedules), |bencher| {
                bencher.iter(|| pass(&account, MONTH));
            });
        }
    }
}

/// The same small fleets here and in moto.
fn beside_moto(criterion: &mut Criterion) {
    let mut bench = criterion.benchmark_group("beside moto");
    bench.sampling_mode(SamplingMode::Flat).sample_size(10);
    bench.warm_up_time(Duration::from_millis(1));
    let mut moto = Moto::start();
    if moto.is_none() {
        println!("this Python has no moto: install moto[ec2,ssm], or name another in PYTHON");
    }
    for nodes in NODES_OF_MOTO {
        bench.throughput(Throughput::Elements(nodes as u64));
        bench.bench_function(BenchmarkId::new("build, memory", nodes), |bencher| {
            bencher.iter(|| black_box(account(nodes)));
        });
        let account = account(nodes);
        bench.bench_function(BenchmarkId::new("command, memory", nodes), |bencher| {
            bencher.iter(|| scan_with_outcomes(&account));
        });
        let Some(moto) = &mut moto else { continue };
        for (at, step) in ["build, moto", "command, moto"].into_iter().enumerate() {
            bench.bench_function(BenchmarkId::new(step, nodes), |bencher| {
                bencher.iter_custom(|times| {
                    let timed = (0..times).map(|_| moto.timed(nodes));
                    let took = timed.map(|took| took.unwrap_or_else(|| panic!("moto ended"))[at]);
                    took.sum()
                });
            });
        }
    }
}

criterion_group!(benches, of_fleets, of_schedules, beside_moto);
criterion_main!(benches);
