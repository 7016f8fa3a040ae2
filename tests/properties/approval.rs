//! What holds for every baseline and every catalog: a scan reports what the preview says, and a list
//! names a package by its documented forms and no others.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::Duration;

use aws_patch_manager::backend::{
    BaselineStore, CommandRunner, ComplianceSource, CreatePatchBaseline, ListComplianceItems,
    RegisterDefaultPatchBaseline,
};
use aws_patch_manager::baseline::approval::{
    ApprovalVerdict, CompiledBaseline, PatchPreview, approvals, evaluate,
};
use aws_patch_manager::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchAction, PatchBaseline, PatchFilter,
    PatchFilterGroup, PatchFilterKey,
};
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage};
use aws_patch_manager::operation::SendCommand;
use aws_patch_manager::types::{
    NodeId, OperatingSystem, Patch, PatchComplianceLevel, PatchOperation,
};
use aws_patch_manager::{MemoryBackend, PageRequest};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const NODE: &str = "i-0123456789abcdef0";
const START: Timestamp = Timestamp::constant(1_779_667_200, 0);

/// A system: its node's product, the keys of its filters with their values, and what lists can name.
struct System {
    os: OperatingSystem,
    product: &'static str,
    filters: &'static [(PatchFilterKey, &'static [&'static str])],
    entries: &'static [&'static str],
}

const RPM_ENTRIES: &[&str] = &[
    "pkg0",
    "PKG1*",
    "pkg?.x86_64",
    "*-2.?-1.*",
    "pkg[0-3]",
    "pkg[!0-3]-2*",
    "2.4*",
    "*.noarch",
    "ALAS-2",
    "CVE-2026-3",
    "CVE-*",
    "4",
    "0:pkg5-*",
    "pkg6-0:2.6-1.x86_64",
    "*7.x86_64:0:2*",
];

const RED_HAT: &[(PatchFilterKey, &[&str])] = &[
    (
        PatchFilterKey::Classification,
        &["Security", "Bugfix", "security", "*"],
    ),
    (
        PatchFilterKey::Severity,
        &["Critical", "Important", "Moderate", "*"],
    ),
];

const SYSTEMS: &[System] = &[
    System {
        os: OperatingSystem::Windows,
        product: "WindowsServer2022",
        filters: &[
            (
                PatchFilterKey::Product,
                &["WindowsServer2022", "WindowsServer2019", "*"],
            ),
            (
                PatchFilterKey::Classification,
                &["SecurityUpdates", "CriticalUpdates", "Updates", "*"],
            ),
            (
                PatchFilterKey::MsrcSeverity,
                &["Critical", "Important", "Low", "*"],
            ),
            (PatchFilterKey::PatchSet, &["OS", "APPLICATION", "*"]),
        ],
        entries: &["KB0", "KB1", "KB*", "kb[2-4]", "MS10-005", "*6", "KB7?"],
    },
    System {
        os: OperatingSystem::AmazonLinux2023,
        product: "AmazonLinux2023",
        filters: &[
            (PatchFilterKey::Product, &["AmazonLinux2023", "*"]),
            (
                PatchFilterKey::Classification,
                &["Security", "Bugfix", "security", "*"],
            ),
            (
                PatchFilterKey::Severity,
                &["Critical", "Important", "Medium", "Moderate", "*"],
            ),
        ],
        entries: RPM_ENTRIES,
    },
    System {
        os: OperatingSystem::AmazonLinux2,
        product: "AmazonLinux2",
        filters: &[
            (
                PatchFilterKey::Classification,
                &["Security", "Bugfix", "security", "*"],
            ),
            (
                PatchFilterKey::Severity,
                &["Critical", "Important", "Medium", "*"],
            ),
        ],
        entries: RPM_ENTRIES,
    },
    // Release 7 uses yum, release 9 dnf.
    System {
        os: OperatingSystem::RedhatEnterpriseLinux,
        product: "RedhatEnterpriseLinux7.9",
        filters: RED_HAT,
        entries: RPM_ENTRIES,
    },
    System {
        os: OperatingSystem::RedhatEnterpriseLinux,
        product: "RedhatEnterpriseLinux9.4",
        filters: RED_HAT,
        entries: RPM_ENTRIES,
    },
    System {
        os: OperatingSystem::Suse,
        product: "Suse15.5",
        filters: &[
            (
                PatchFilterKey::Classification,
                &["Security", "Recommended", "*"],
            ),
            (
                PatchFilterKey::Severity,
                &["Critical", "Important", "Low", "*"],
            ),
        ],
        entries: &[
            "pkg0",
            "pkg1.x86_64",
            "PKG2",
            "pkg[^3]*",
            "pkg4-2.4-1.x86_64.rpm",
            "A title*",
        ],
    },
    System {
        os: OperatingSystem::Ubuntu,
        product: "Ubuntu22.04",
        filters: &[
            (
                PatchFilterKey::Product,
                &["Ubuntu22.04", "ubuntu22.04", "*"],
            ),
            (
                PatchFilterKey::Priority,
                &["Required", "important", "Optional", "*"],
            ),
            (PatchFilterKey::Section, &["libs", "NET", "*"]),
        ],
        entries: &[
            "pkg0",
            "pkg1.x86_64",
            "pkg2-2*",
            "x86_64:2.3*",
            "2.4",
            "*5",
            "pkg6.noarch:2.6",
        ],
    },
];

/// What is drawn of a baseline's rule.
type AnyRule = (
    Vec<(Index, Vec<Index>)>,
    Approval,
    Option<bool>,
    Option<PatchComplianceLevel>,
);

/// What is drawn of a patch: an index for each member, and the days since its release.
type AnyPatch = ([Index; 6], Option<i64>, bool);

fn any_approval() -> impl Strategy<Value = Approval> {
    prop_oneof![
        (0..40_u32).prop_map(Approval::AfterDays),
        (1_i8..=12, 1_i8..=28)
            .prop_map(|(month, day)| { Approval::UntilDate(jiff::civil::date(2026, month, day)) }),
    ]
}

fn any_rule() -> impl Strategy<Value = AnyRule> {
    let filters = vec((any::<Index>(), vec(any::<Index>(), 1..3)), 0..3);
    let level = option::of(select(PatchComplianceLevel::KNOWN.to_vec()));
    (filters, any_approval(), any::<Option<bool>>(), level)
}

fn any_patch() -> impl Strategy<Value = AnyPatch> {
    (
        any::<[Index; 6]>(),
        option::weighted(0.9, -3..60_i64),
        any::<bool>(),
    )
}

/// A filter of each drawn key, once.
fn group(system: &System, drawn: &[(Index, Vec<Index>)]) -> PatchFilterGroup {
    let mut filters: Vec<PatchFilter> = Vec::new();
    for (key, values) in drawn {
        let (key, known) = key.get(system.filters);
        if filters.iter().all(|filter| filter.key != *key) {
            let values = values.iter().map(|value| *value.get(known));
            filters.push(PatchFilter::new(key.clone(), values));
        }
    }
    PatchFilterGroup::new(filters)
}

fn rule(system: &System, (filters, approval, non_security, level): AnyRule) -> ApprovalRule {
    let mut rule = ApprovalRule::new(group(system, &filters), approval);
    rule.compliance_level = level;
    if system.os != OperatingSystem::Windows {
        rule.enable_non_security = non_security;
    }
    rule
}

fn patch(system: &System, number: usize, ([a, b, c, d, e, f], days, newer): AnyPatch) -> Patch {
    let of = |key: &PatchFilterKey, index: Index| {
        let known = system.filters.iter().find(|(known, _)| known == key)?;
        let value = *index.get(known.1);
        (value != "*").then(|| value.to_owned())
    };
    let mut patch = Patch::default();
    patch.product = Some(system.product.to_owned());
    patch.classification = of(&PatchFilterKey::Classification, a);
    patch.severity = of(&PatchFilterKey::Severity, b);
    patch.msrc_severity = of(&PatchFilterKey::MsrcSeverity, b);
    patch.priority = of(&PatchFilterKey::Priority, a);
    patch.section = of(&PatchFilterKey::Section, b);
    patch.release_date = days.map(|days| START - SignedDuration::from_hours(24 * days));
    if system.os == OperatingSystem::Windows {
        patch.kb_number = Some(format!("KB{number}"));
        patch.msrc_number = Some(format!("MS10-{number:03}"));
        patch.product_family = Some(if d.index(8) == 0 { "Office" } else { "Windows" }.to_owned());
        if newer && number > 0 {
            patch.supersedes = vec![format!("KB{}", e.index(number))];
        }
        return patch;
    }
    patch.name = Some(format!("pkg{number}"));
    patch.title = Some(format!("A title {number}"));
    patch.version = Some(format!("2.{number}"));
    patch.arch = Some(if c.index(3) == 0 { "noarch" } else { "x86_64" }.to_owned());
    if system.os == OperatingSystem::Ubuntu {
        let archive = if d.index(2) == 0 {
            "jammy-security"
        } else {
            "jammy-updates"
        };
        patch.repository = Some(archive.to_owned());
    } else {
        patch.epoch = Some(0);
        patch.release = Some("1".to_owned());
        patch.advisory_ids = Some(vec![format!("ALAS-{}", f.index(5))]);
        patch.cve_ids = Some(vec![format!("CVE-2026-{number}")]);
        patch.bugzilla_ids = Some(vec![number.to_string()]);
    }
    patch
}

/// An older version of each package.
fn node(system: &System, patches: &[Patch]) -> FleetNode {
    let node = FleetNode::new(NODE, system.os.clone(), system.product);
    patches
        .iter()
        .fold(node, |node, patch| match (&patch.name, &patch.arch) {
            (Some(name), Some(arch)) if system.os == OperatingSystem::Ubuntu => {
                node.with_installed(InstalledPackage::deb(name, "1.0", arch))
            }
            (Some(name), Some(arch)) => {
                node.with_installed(InstalledPackage::rpm(name, 0, "1.0", "1", arch))
            }
            _ => node,
        })
}

/// Awaits a future that memory completes at once.
fn now<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().unwrap()
}

/// Scans the node, and returns the state and the compliance level of each of its patches.
fn scanned(
    system: &System,
    spec: &BaselineSpec,
    patches: &[Patch],
) -> BTreeMap<String, (String, String)> {
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![node(system, patches)];
    let account = MemoryBackend::builder()
        .start(START - Duration::from_secs(1))
        .catalog(patches.to_vec())
        .fleet(fleet)
        .allow_unlisted_values()
        .build();
    let id = now(account.create_patch_baseline(CreatePatchBaseline::new(spec.clone()))).unwrap();
    now(account.register_default_patch_baseline(RegisterDefaultPatchBaseline::new(id))).unwrap();
    let mut scan = SendCommand::run_patch_baseline(PatchOperation::Scan);
    scan.instance_ids = vec![NodeId::new(NODE)];
    now(account.send_command(scan)).unwrap();
    account.advance(Duration::from_mins(5));
    let items = ListComplianceItems::new(NODE, Vec::new(), PageRequest::first());
    let items = now(account.list_compliance_items(items)).unwrap().items;
    let row = |item: aws_patch_manager::compliance::ComplianceItem| {
        let state = item.details.get("PatchState").cloned().unwrap_or_default();
        (
            item.id,
            (
                state,
                item.severity.map(|one| one.to_string()).unwrap_or_default(),
            ),
        )
    };
    items.into_iter().map(row).collect()
}

/// The state and level in which a scan at `START` finds what is not installed, if it reports it.
fn expected(preview: &PatchPreview, patch: &Patch) -> Option<(&'static str, String)> {
    let windows = patch.name.is_none();
    let replaced = preview
        .superseded
        .as_ref()
        .is_some_and(|newer| newer.at <= START);
    match &preview.verdict {
        ApprovalVerdict::Approved { .. } if windows && replaced => None,
        ApprovalVerdict::Approved { level, .. } => Some(("Missing", level.to_string())),
        ApprovalVerdict::Rejected { .. } => None,
        _ if !windows || replaced => None,
        _ => {
            let security = patch.classification.as_deref() == Some("SecurityUpdates");
            security.then(|| ("AvailableSecurityUpdate", "UNSPECIFIED".to_owned()))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_scan_finds_missing_just_what_the_preview_approves(
        system in 0..SYSTEMS.len(),
        global in vec((any::<Index>(), vec(any::<Index>(), 2..4)), 0..2),
        rules in vec(any_rule(), 0..5),
        (approved, rejected) in (vec(any::<Index>(), 0..4), vec(any::<Index>(), 0..3)),
        (block, listed_non_security) in any::<(bool, bool)>(),
        level in select(PatchComplianceLevel::KNOWN.to_vec()),
        patches in vec(any_patch(), 1..9),
    ) {
        let system = &SYSTEMS[system];
        let entries = |drawn: Vec<Index>| {
            drawn.into_iter().map(|index| (*index.get(system.entries)).to_owned()).collect()
        };
        let mut spec = BaselineSpec::new("drawn", system.os.clone());
        spec.global_filters = group(system, &global);
        spec.approval_rules = ApprovalRules::new(rules.into_iter().map(|drawn| rule(system, drawn)).collect());
        spec.approved_patches = entries(approved);
        spec.approved_patches_compliance_level = Some(level);
        spec.rejected_patches = entries(rejected);
        spec.rejected_patches_action = block.then_some(PatchAction::Block);
        if system.os != OperatingSystem::Windows {
            spec.approved_patches_enable_non_security = Some(listed_non_security);
        }
        let drawn = patches.into_iter().enumerate();
        let patches: Vec<Patch> = drawn.map(|(number, drawn)| patch(system, number, drawn)).collect();

        let found = scanned(system, &spec, &patches);
        let baseline = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec);
        let until = START + 1.second();
        for (patch, preview) in patches.iter().zip(approvals(&baseline, &patches, START..until).patches) {
            // A repository has no patch of the future.
            let out = patch.release_date.is_none_or(|date| date <= START);
            let expected = expected(&preview, patch).filter(|_| out);
            let lacking = ["Missing", "AvailableSecurityUpdate"];
            let found = found.get(&preview.patch).filter(|(state, _)| lacking.contains(&state.as_str()));
            let found = found.map(|(state, level)| (state.as_str(), level.clone()));
            prop_assert_eq!(found, expected, "{} under {:?}", preview, spec);
        }
    }
}

/// The twelve forms of an rpm package (User Guide, package name formats).
fn rpm_forms(name: &str, epoch: i32, version: &str, release: &str, arch: &str) -> [String; 12] {
    [
        name.to_owned(),
        format!("{name}.{arch}"),
        format!("{name}-{version}-{release}.{arch}"),
        format!("{name}-{version}"),
        format!("{name}-{version}-{release}"),
        format!("{epoch}:{name}-{version}-{release}.{arch}"),
        format!("{name}-{epoch}:{version}-{release}.{arch}"),
        format!("{name}-{epoch}:{version}-{release}"),
        version.to_owned(),
        format!("{version}-{release}"),
        format!("{epoch}:{version}-{release}"),
        format!("{name}.{arch}:{epoch}:{version}-{release}"),
    ]
}

/// A shell pattern of `*`, `?` and literals, by its definition.
fn matches(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        (['*', rest @ ..], _) => (0..=text.len()).any(|skipped| matches(rest, &text[skipped..])),
        (['?', pattern @ ..], [_, text @ ..]) => matches(pattern, text),
        ([c, pattern @ ..], [d, text @ ..]) if c == d => matches(pattern, text),
        ([], []) => true,
        _ => false,
    }
}

/// A text with some of its characters replaced by wildcards, dropped or in another case.
fn blurred(text: &str, blurs: &[(Index, u8)]) -> String {
    let mut characters: Vec<String> = text.chars().map(String::from).collect();
    for (index, blur) in blurs {
        let at = index.get_mut(&mut characters);
        *at = match blur % 6 {
            0 | 1 => "*".to_owned(),
            2 => "?".to_owned(),
            3 => String::new(),
            4 => at.to_uppercase(),
            _ => format!("{at}x"),
        };
    }
    characters.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_list_names_a_package_by_its_documented_forms_alone(
        name in "[a-z][a-zA-ZäK0-9+_-]{0,12}",
        epoch in prop_oneof![Just(0), -2..40_i32, any::<i32>()],
        version in "[0-9]{1,2}[.][0-9~^]{1,9}",
        release in "[0-9]{1,3}[.](amzn2023|el9|é)",
        arch in select(vec!["x86_64", "aarch64", "noarch"]),
        form in any::<Index>(),
        blurs in vec((any::<Index>(), any::<u8>()), 0..6),
    ) {
        let forms = rpm_forms(&name, epoch, &version, &release, arch);
        let form: &String = form.get(&forms[..]);
        let entry = blurred(form, &blurs);
        prop_assume!((1..=100).contains(&entry.chars().count()) && entry != "*");
        let mut patch = Patch::default();
        patch.name = Some(name);
        patch.epoch = Some(epoch);
        patch.version = Some(version);
        patch.release = Some(release);
        patch.arch = Some(arch.to_owned());
        let mut spec = BaselineSpec::new("listed", OperatingSystem::AmazonLinux2023);
        spec.rejected_patches = vec![entry.clone()];
        let baseline = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec);
        let verdict = CompiledBaseline::new(&baseline).evaluate(&patch, START);
        let lower = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
        let named = forms.iter().any(|form| matches(&lower(&entry), &lower(form)));
        let rejected = matches!(verdict, ApprovalVerdict::Rejected { .. });
        prop_assert_eq!(rejected, named, "`{}` of {:?}", entry, forms);
    }

    #[test]
    fn a_decision_is_the_verdict_without_its_reason(
        system in 0..SYSTEMS.len(),
        rules in vec(any_rule(), 0..40),
        entries in vec(any::<Index>(), 0..6),
        rejected in vec(any::<Index>(), 0..2),
        drawn in any_patch(),
        hours in -100..2_000_i64,
    ) {
        let system = &SYSTEMS[system];
        let mut spec = BaselineSpec::new("drawn", system.os.clone());
        spec.approval_rules = ApprovalRules::new(rules.into_iter().map(|drawn| rule(system, drawn)).collect());
        spec.approved_patches = entries.iter().map(|index| (*index.get(system.entries)).to_owned()).collect();
        spec.rejected_patches = rejected.iter().map(|index| (*index.get(system.entries)).to_owned()).collect();
        let baseline = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec);
        let compiled = CompiledBaseline::new(&baseline);
        let (patch, at) = (patch(system, 3, drawn), START + SignedDuration::from_hours(hours));
        let (verdict, decision) = (compiled.evaluate(&patch, at), compiled.decide(&patch, at));
        // What is made ready for one patch alone judges as what is made ready for all.
        prop_assert_eq!(&evaluate(&baseline, &patch, at), &verdict);
        let json = |value: serde_json::Value, without: &[&str]| match value {
            serde_json::Value::String(text) => (text, None),
            value => {
                let (name, members) = value.as_object().unwrap().iter().next().unwrap();
                let mut members = members.clone();
                if let Some(members) = members.as_object_mut() {
                    members.retain(|member, _| !without.contains(&member.as_str()));
                }
                let members = Some(members).filter(|one| one.as_object().is_none_or(|one| !one.is_empty()));
                (name.clone(), members)
            }
        };
        let verdict = json(serde_json::to_value(&verdict).unwrap(), &["By", "Entry", "Reasons"]);
        prop_assert_eq!(json(serde_json::to_value(&decision).unwrap(), &[]), verdict);
    }
}
