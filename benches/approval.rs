//! How long it takes to judge patches by a baseline: the sample catalog by `evaluate`, and a large
//! catalog by a baseline that was made ready once, beside `evaluate` for each patch.

use std::hint::black_box;

use aws_patch_manager::baseline::approval::{CompiledBaseline, evaluate};
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

const LARGE: usize = 100_000;

/// Packages of Amazon Linux 2023 with versions, notices and dates as its repositories have them.
fn large_catalog() -> Vec<Patch> {
    let sources = [
        "kernel",
        "openssl",
        "curl",
        "python3.11",
        "vim",
        "bind",
        "glibc",
        "systemd",
        "java-17-amazon-corretto",
        "nginx",
        "tzdata",
        "sudo",
        "expat",
        "libxml2",
        "perl-Encode",
        "git",
        "zlib",
        "bash",
        "rsync",
        "httpd",
        "php8.3",
        "ruby3.2",
        "postgresql15",
        "mariadb1011",
        "golang",
        "nodejs20",
        "docker",
        "containerd",
        "runc",
        "gnutls",
        "krb5",
        "openldap",
        "sqlite",
        "libssh",
        "libtiff",
        "cups",
        "samba",
        "grub2",
        "microcode_ctl",
        "dnsmasq",
    ];
    let packages = [
        "",
        "-libs",
        "-devel",
        "-common",
        "-doc",
        "-utils",
        "-core",
        "-debuginfo",
    ];
    let names: Vec<String> = sources
        .iter()
        .flat_map(|source| {
            packages
                .iter()
                .map(move |package| format!("{source}{package}"))
        })
        .collect();
    let classifications = [
        "Security",
        "Bugfix",
        "Enhancement",
        "Recommended",
        "Newpackage",
    ];
    let severities = ["Critical", "Important", "Medium", "Low"];
    let arches = ["x86_64", "aarch64", "noarch"];
    let cyclic = |values: &[&str], number: usize| {
        values
            .get(number % values.len())
            .map(|value| (*value).to_owned())
    };
    let patch = |number: usize| {
        let mut patch = Patch::default();
        patch.product = Some("AmazonLinux2023".to_owned());
        patch.name = names.get(number % names.len()).cloned();
        patch.epoch = Some(i32::from(number.is_multiple_of(7)));
        patch.version = Some(format!(
            "{}.{}.{}",
            1 + number % 9,
            number % 40,
            number % 113
        ));
        patch.release = Some(format!("{}.amzn2023.0.{}", 1 + number % 5, 1 + number % 3));
        patch.arch = cyclic(&arches, number / 3);
        patch.classification = cyclic(&classifications, number / 2);
        patch.severity = cyclic(&severities, number / 5);
        patch.advisory_ids = Some(vec![format!("ALAS2023-2026-{number}")]);
        let cves = (0..number % 4).map(|cve| format!("CVE-2026-{}", number * 4 + cve));
        patch.cve_ids = Some(cves.collect());
        let days = i64::try_from(number % 120).unwrap_or_default();
        patch.release_date = Timestamp::from_second(1_779_667_200 - days * 86_400).ok();
        patch
    };
    (0..LARGE).map(patch).collect()
}

/// Ten rules, global filters, and an approved and a rejected list with wildcards.
fn large_baseline() -> PatchBaseline {
    let filter =
        |key: PatchFilterKey, values: &[&str]| PatchFilter::new(key, values.iter().copied());
    let rule = |number: u32| {
        let classification = ["Security", "Bugfix", "Enhancement"];
        let severity = ["Critical", "Important", "Medium", "Low"];
        let at = number as usize;
        let filters = vec![
            filter(PatchFilterKey::Product, &["AmazonLinux2023"]),
            filter(PatchFilterKey::Classification, &classification[at % 3..]),
            filter(PatchFilterKey::Severity, &severity[..1 + at % 4]),
        ];
        ApprovalRule::new(
            PatchFilterGroup::new(filters),
            Approval::AfterDays(3 * number),
        )
    };
    let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect();
    let mut spec = BaselineSpec::new("large", OperatingSystem::AmazonLinux2023);
    spec.approval_rules = ApprovalRules::new((0..10).map(rule).collect());
    spec.global_filters = PatchFilterGroup::new(vec![filter(PatchFilterKey::Product, &["*"])]);
    spec.approved_patches = list(&[
        "kernel-6.1.*",
        "openssl*-3.0.?-*",
        "CVE-2026-90111",
        "ALAS2023-2026-901",
        "tzdata",
        "python3.[0-9]*.x86_64",
        "nginx-1.2*",
        "*-debuginfo",
        "sudo",
        "vim-*.noarch",
    ]);
    spec.rejected_patches = list(&[
        "kernel-5.10.*",
        "java-1.8.0-*",
        "docker*",
        "containerd",
        "*.i686",
        "mysql*",
        "postgresql1[0-3]*",
        "glibc-2.3?-*",
        "amazon-ssm-agent",
        "xorg-*",
    ]);
    PatchBaseline::from_spec(BaselineId::new("pb-0c0ffee0000000001"), &spec)
}

/// A hundred thousand patches by one baseline: made ready once, and made ready for each patch.
fn large(criterion: &mut Criterion) {
    let (patches, baseline) = (large_catalog(), large_baseline());
    let at = Timestamp::constant(1_779_667_200, 0);
    let mut group = criterion.benchmark_group("approval-of-100000-patches-by-10-rules");
    group.throughput(Throughput::Elements(LARGE as u64));
    group.sample_size(10);
    group.bench_function("compiled-once", |bencher| {
        bencher.iter(|| {
            let compiled = CompiledBaseline::new(black_box(&baseline));
            let decided = patches
                .iter()
                .filter(|patch| compiled.decide(patch, at).is_approved());
            decided.count()
        });
    });
    group.bench_function("evaluate-for-each", |bencher| {
        bencher.iter(|| {
            let approved = patches
                .iter()
                .filter(|patch| evaluate(black_box(&baseline), patch, at).is_approved());
            approved.count()
        });
    });
    group.finish();
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

criterion_group!(benches, approval, large);
criterion_main!(benches);
