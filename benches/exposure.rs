//! The time of an exposure from an export in a folder: three files for each node.

#[path = "../examples/exposure_from_export/made.rs"]
mod made;

use std::time::Duration;

use aws_patch_manager::data_sync::ResourceDataSync;
use aws_patch_manager::exposure::{ExposureQuery, ExposureReference, ExposureState};
use aws_patch_manager::plan::MirrorScope;
use aws_patch_manager::{ComplianceQuery, PatchManager, Result};
use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use futures_util::FutureExt;

const CVE: &str = "CVE-2026-90122";

/// The time of a node should not depend on their number.
const NODES: [usize; 2] = [10_000, 100_000];

/// Awaits a future that memory completes at once.
fn now<T>(answer: impl Future<Output = Result<T>>) -> T {
    let answer = answer.now_or_never().unwrap_or_else(|| panic!("it waits"));
    answer.unwrap_or_else(|error| panic!("{error}"))
}

fn of_export(criterion: &mut Criterion) {
    let manager = PatchManager::in_memory();
    let snapshot = now(manager.mirror_snapshot(&MirrorScope::new().catalog()));
    let reference = ExposureReference::from(&snapshot);
    let query = ExposureQuery::new([CVE], ComplianceQuery::all());
    let mut bench = criterion.benchmark_group("exposure/export");
    bench.sampling_mode(SamplingMode::Flat).sample_size(10);
    bench.warm_up_time(Duration::from_millis(1));
    // Files are read on the threads of a runtime, as in a user's program.
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("{error}"));
    for nodes in NODES {
        let folder = made::export(nodes).unwrap_or_else(|error| panic!("{error}"));
        let export = now(async { ResourceDataSync::local(&folder) });
        let exposed = || {
            let exposure = runtime.block_on(export.exposure(&query, &reference));
            let exposure = exposure.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(exposure.nodes.len(), nodes);
            exposure.in_state(ExposureState::Exposed).count()
        };
        assert_eq!(exposed(), nodes.div_ceil(3));
        bench.throughput(Throughput::Elements(nodes as u64));
        bench.bench_function(BenchmarkId::from_parameter(nodes), |bencher| {
            bencher.iter(exposed);
        });
        std::fs::remove_dir_all(&folder).unwrap_or_else(|error| panic!("{error}"));
    }
}

criterion_group!(benches, of_export);
criterion_main!(benches);
