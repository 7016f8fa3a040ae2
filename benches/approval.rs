//! How long it takes to judge the sample catalog by a baseline.

use std::hint::black_box;

use aws_patch_manager::baseline::approval::evaluate;
use aws_patch_manager::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchBaseline, PatchFilter,
    PatchFilterGroup, PatchFilterKey,
};
use aws_patch_manager::types::{BaselineId, OperatingSystem, Patch};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use serde_json::Value;

const CATALOGUE: &str = include_str!("../src/memory/sample/catalog.json");

/// The parts of a baseline under measurement: its system, filters and listed patches.
type Baseline = (
    &'static str,
    OperatingSystem,
    &'static [(PatchFilterKey, &'static [&'static str])],
    &'static [&'static str],
);

const BASELINES: &[Baseline] = &[
    (
        "windows-critical-and-security",
        OperatingSystem::Windows,
        &[
            (
                PatchFilterKey::Classification,
                &["CriticalUpdates", "SecurityUpdates"],
            ),
            (PatchFilterKey::MsrcSeverity, &["Critical", "Important"]),
        ],
        &[],
    ),
    (
        "amazon-linux-2023-security",
        OperatingSystem::AmazonLinux2023,
        &[
            (PatchFilterKey::Classification, &["Security"]),
            (PatchFilterKey::Severity, &["Critical", "Important"]),
        ],
        &[],
    ),
    (
        "amazon-linux-2023-lists-with-wildcards",
        OperatingSystem::AmazonLinux2023,
        &[(PatchFilterKey::Classification, &["*"])],
        &[
            "kernel-6.1.*",
            "openssl*",
            "CVE-2026-90111",
            "*.noarch",
            "tzdata",
        ],
    ),
];

fn catalog() -> Result<Vec<Patch>, serde_json::Error> {
    let answer: Value = serde_json::from_str(CATALOGUE)?;
    serde_json::from_value(answer["Patches"].clone())
}

fn baseline((name, os, filters, approved): &Baseline) -> PatchBaseline {
    let filters = filters
        .iter()
        .map(|(key, values)| PatchFilter::new(key.clone(), values.iter().copied()));
    let rule = ApprovalRule::new(
        PatchFilterGroup::new(filters.collect()),
        Approval::AfterDays(7),
    );
    let mut spec = BaselineSpec::new(*name, os.clone());
    spec.approval_rules = ApprovalRules::new(vec![rule]);
    spec.approved_patches = approved.iter().map(|entry| (*entry).to_owned()).collect();
    PatchBaseline::from_spec(BaselineId::new("pb-0c0ffee0000000001"), &spec)
}

fn approval(criterion: &mut Criterion) {
    let patches = catalog().unwrap_or_else(|error| panic!("the sample catalog: {error}"));
    let at = Timestamp::constant(1_779_667_200, 0);
    let mut group = criterion.benchmark_group("approval");
    group.throughput(Throughput::Elements(patches.len() as u64));
    for parts in BASELINES {
        let baseline = baseline(parts);
        group.bench_function(parts.0, |bencher| {
            bencher.iter(|| {
                let approved = patches
                    .iter()
                    .filter(|patch| evaluate(black_box(&baseline), patch, at).is_approved());
                approved.count()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, approval);
criterion_main!(benches);
