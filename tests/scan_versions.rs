//! Which of two versions of a package is newer: a scan finds missing what is newer than what is installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::time::Duration;

use aws_patch_manager::compliance::PatchState;
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage};
use aws_patch_manager::types::{NodeId, OperatingSystem, Patch};
use aws_patch_manager::{BaselineBuilder, MemoryBackend, PatchManager, PatchRequest, RuleBuilder};
use futures_util::TryStreamExt;

/// A version in both forms: without and with an epoch before it.
fn split(text: &str) -> (i32, &str) {
    match text.split_once(':') {
        Some((epoch, version)) => (epoch.parse().unwrap(), version),
        None => (0, text),
    }
}

/// How a kind of packages is installed and offered.
struct Kind {
    os: OperatingSystem,
    node: fn(&str) -> FleetNode,
    installed: fn(&str, &str) -> InstalledPackage,
    patch: fn(&str, &str) -> Patch,
}

fn patch(product: &str, name: &str, arch: &str) -> Patch {
    let mut patch = Patch::default();
    patch.id = Some(name.to_owned());
    patch.name = Some(name.to_owned());
    patch.product = Some(product.to_owned());
    patch.arch = Some(arch.to_owned());
    patch
}

const RPM: Kind = Kind {
    os: OperatingSystem::AmazonLinux2023,
    node: |id| FleetNode::amazon_linux_2023(id),
    installed: |name, version| {
        let (epoch, version) = split(version);
        InstalledPackage::rpm(name, epoch, version, "1", "x86_64")
    },
    patch: |name, version| {
        let (epoch, version) = split(version);
        let mut patch = patch("AmazonLinux2023", name, "x86_64");
        patch.classification = Some("Security".to_owned());
        patch.severity = Some("Important".to_owned());
        patch.epoch = Some(epoch);
        patch.version = Some(version.to_owned());
        patch.release = Some("1".to_owned());
        patch
    },
};

const DEB: Kind = Kind {
    os: OperatingSystem::Ubuntu,
    node: |id| FleetNode::ubuntu_22_04(id),
    installed: |name, version| InstalledPackage::deb(name, version, "amd64"),
    patch: |name, version| {
        let mut patch = patch("Ubuntu22.04", name, "amd64");
        patch.priority = Some("Important".to_owned());
        patch.section = Some("libs".to_owned());
        patch.version = Some(version.to_owned());
        patch
    },
};

/// Whether a scan finds the second version missing where the first is installed, for each pair.
async fn missing(kind: &Kind, pairs: &[(&str, &str)]) -> Vec<bool> {
    const NODE: &str = "i-0123456789abcdef0";
    let names: Vec<String> = (0..pairs.len())
        .map(|row| format!("package{row}"))
        .collect();
    let (mut node, mut catalog) = ((kind.node)(NODE), Vec::new());
    for (name, (installed, offered)) in names.iter().zip(pairs) {
        node = node.with_installed((kind.installed)(name, installed));
        catalog.push((kind.patch)(name, offered));
    }
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![node];
    let catalog = serde_json::json!({ "Patches": catalog }).to_string();
    let backend = MemoryBackend::builder().catalog_json(&catalog).unwrap();
    let manager = PatchManager::from_memory(&backend.fleet(fleet).build());

    let everything = RuleBuilder::new()
        .approve_after_days(0)
        .enable_non_security(true);
    let baseline = BaselineBuilder::new("everything", kind.os.clone()).rule(everything);
    let ensured = manager
        .ensure_baseline(&baseline.build().unwrap())
        .await
        .unwrap();
    manager.set_default_baseline(&ensured.id).await.unwrap();
    let scan = manager
        .run(&PatchRequest::scan().nodes([NODE]))
        .await
        .unwrap();
    assert!(
        scan.wait(Duration::from_secs(3600))
            .await
            .unwrap()
            .is_success()
    );

    let found: Vec<_> = manager
        .node_patches(&NodeId::from(NODE), &[])
        .try_collect()
        .await
        .unwrap();
    let states: BTreeMap<&str, &PatchState> = found
        .iter()
        .map(|patch| (patch.title.split(['.', ':']).next().unwrap(), &patch.state))
        .collect();
    let is_missing = |name: &String| states.get(name.as_str()) == Some(&&PatchState::Missing);
    names.iter().map(is_missing).collect()
}

/// A table of older and newer versions: only the newer is missing where the other is installed.
async fn assert_orders(kind: &Kind, older_and_newer: &[(&str, &str)], equal: &[(&str, &str)]) {
    let reversed = |pairs: &[(_, _)]| pairs.iter().map(|(a, b)| (*b, *a)).collect::<Vec<_>>();
    for (pairs, expected) in [
        (older_and_newer.to_vec(), true),
        (reversed(older_and_newer), false),
        (equal.to_vec(), false),
        (reversed(equal), false),
    ] {
        let found = missing(kind, &pairs).await;
        for (pair, found) in pairs.iter().zip(found) {
            assert_eq!(found, expected, "{} installed, {} offered", pair.0, pair.1);
        }
    }
}

#[tokio::test]
async fn rpm_versions_compare_as_rpmvercmp_does() {
    let older_and_newer = [
        ("1.0", "2.0"),
        ("2.0.1", "2.0.1a"),
        ("5.5p1", "5.5p10"),
        ("10xyz", "10.1xyz"),
        ("xyz.4", "8"),
        ("1.0~rc1", "1.0"),
        ("1.0", "1.0^git1"),
        ("1.0^git1", "1.0.1"),
        ("9.amzn2023", "10.amzn2023"),
        ("3", "20260101000000000000000000"),
        ("9.0", "1:1.0"),
    ];
    let equal = [("1.0", "1.0"), ("1.010", "1.10"), ("1_0", "1.0")];
    assert_orders(&RPM, &older_and_newer, &equal).await;
}

#[tokio::test]
async fn dpkg_versions_compare_as_verrevcmp_does() {
    let older_and_newer = [
        ("1.0~beta", "1.0"),
        ("1.0a", "1.0+"),
        ("1.0", "1.0.1"),
        ("2.4", "2.35"),
        ("0ubuntu3.9", "0ubuntu3.10"),
        ("~~", "~~a"),
        ("~", ""),
        ("9.0-1", "1:1.0-1"),
        ("1.0-1", "1.0-2"),
        ("1.0-1", "1.0-1-2"),
    ];
    assert_orders(&DEB, &older_and_newer, &[("1.0", "1.0")]).await;
}
