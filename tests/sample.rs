//! The shipped sample: it loads, it is well-formed, and it has what its users rely on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use aws_patch_manager::memory::{FleetFile, NodeCondition};
use aws_patch_manager::types::{MetadataTags, NodeId, OperatingSystem, Patch, Route};
use serde_json::{Value, json};

const CATALOGUE: &str = include_str!("../src/memory/sample/catalog.json");
const FLEET: &str = include_str!("../src/memory/sample/fleet.json");

fn patches() -> Vec<Patch> {
    let answer: Value = serde_json::from_str(CATALOGUE).unwrap();
    serde_json::from_value(answer["Patches"].clone()).unwrap()
}

fn fleet() -> FleetFile {
    serde_json::from_str(FLEET).unwrap()
}

fn values_of(of: impl Fn(&Patch) -> Option<String>) -> BTreeSet<String> {
    patches().iter().filter_map(of).collect()
}

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

#[test]
fn reading_and_writing_the_sample_loses_nothing() {
    let catalog = json!({ "Patches": serde_json::to_value(patches()).unwrap() });
    let fleet = serde_json::to_value(fleet()).unwrap();
    for (text, written) in [(CATALOGUE, catalog), (FLEET, fleet)] {
        let read: Value = serde_json::from_str(text).unwrap();
        assert_eq!(
            without_silent_members(read),
            without_silent_members(written)
        );
    }
}

/// Removes empty lists and `false`, which the types always write and the files leave out.
fn without_silent_members(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, member)| *member != json!([]) && *member != json!(false))
            .map(|(name, member)| (name, without_silent_members(member)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_silent_members).collect(),
        other => other,
    }
}

#[test]
fn every_patch_has_an_id_of_its_own_and_a_date_from_november_to_may() {
    let patches = patches();
    let ids = values_of(|patch| patch.id.clone());
    assert_eq!(ids.len(), patches.len());
    let months = values_of(|patch| Some(patch.release_date?.to_string().chars().take(7).collect()));
    assert_eq!(
        months,
        set(&[
            "2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05"
        ])
    );
}

#[test]
fn the_catalog_covers_every_value_that_a_rule_can_ask_for() {
    assert_eq!(
        values_of(|patch| patch.classification.clone()),
        set(&[
            "Bugfix",
            "CriticalUpdates",
            "DefinitionUpdates",
            "Drivers",
            "Enhancement",
            "FeaturePacks",
            "Security",
            "SecurityUpdates",
            "ServicePacks",
            "Tools",
            "UpdateRollups",
            "Updates",
            "Upgrades",
        ])
    );
    assert_eq!(
        values_of(|patch| patch.msrc_severity.clone()),
        set(&["Critical", "Important", "Low", "Moderate", "Unspecified"])
    );
    assert_eq!(
        values_of(|patch| patch.severity.clone()),
        set(&["Critical", "Important", "Low", "Medium"])
    );
    assert_eq!(
        values_of(|patch| patch.priority.clone()),
        set(&["Extra", "Important", "Optional", "Required", "Standard"])
    );
}

#[test]
fn what_a_patch_supersedes_is_older_and_of_the_same_product() {
    let patches = patches();
    let chained: Vec<_> = patches
        .iter()
        .flat_map(|newer| newer.supersedes.iter().map(move |kb| (newer, kb)))
        .collect();
    assert!(!chained.is_empty());
    for (newer, kb) in chained {
        let older = patches
            .iter()
            .find(|patch| patch.kb_number.as_ref() == Some(kb))
            .unwrap();
        assert!(older.release_date < newer.release_date, "{kb}");
        assert_eq!(older.product, newer.product, "{kb}");
    }
}

#[test]
fn one_security_patch_has_no_severity_and_one_package_no_notice() {
    let patches = patches();
    let amazon_linux = || {
        patches
            .iter()
            .filter(|patch| patch.product.as_deref() == Some("AmazonLinux2023"))
    };
    let unrated = amazon_linux().filter(|p| p.classification.is_some() && p.severity.is_none());
    assert_eq!(unrated.count(), 1);
    let unnoticed = amazon_linux().filter(|p| p.classification.is_none());
    assert_eq!(unnoticed.count(), 1);
}

#[test]
fn the_fleet_mixes_systems_and_conditions() {
    let fleet = fleet();
    let count = |os| {
        let nodes = fleet.nodes.iter();
        nodes.filter(|node| node.operating_system == os).count()
    };
    assert_eq!(count(OperatingSystem::Windows), 3);
    assert_eq!(count(OperatingSystem::AmazonLinux2023), 5);
    assert_eq!(count(OperatingSystem::Ubuntu), 1);
    for condition in NodeCondition::KNOWN {
        let any = fleet.nodes.iter().any(|node| node.condition == *condition);
        assert!(any, "no node is {condition}");
    }
}

#[test]
fn one_node_is_hybrid_one_shows_its_tags_and_one_has_a_patch_that_fails() {
    let fleet = fleet();
    let nodes = || fleet.nodes.iter();
    assert_eq!(nodes().filter(|node| node.instance.is_none()).count(), 1);
    let showing_tags = nodes().filter(|node| {
        node.instance.as_ref().is_some_and(|instance| {
            instance.metadata_options.instance_metadata_tags == Some(MetadataTags::Enabled)
        })
    });
    assert_eq!(showing_tags.count(), 1);
    let failing: Vec<_> = nodes().flat_map(|node| &node.failing_patches).collect();
    assert_eq!(failing.len(), 1);
    assert!(values_of(|patch| Some(patch.kb_id())).contains(failing[0]));
}

#[test]
fn node_ids_are_well_formed_and_agree_with_ec2() {
    let fleet = fleet();
    let mut seen = BTreeSet::new();
    for node in &fleet.nodes {
        let id: &NodeId = &node.instance_information.instance_id;
        assert!(id.is_well_formed() && seen.insert(id), "{id}");
        assert_eq!(id.is_hybrid(), node.instance.is_none(), "{id}");
        let Some(instance) = &node.instance else {
            continue;
        };
        assert_eq!(instance.instance_id, *id);
        let mut subnets = fleet.subnets.iter().map(|subnet| &subnet.subnet_id);
        assert!(
            subnets.any(|subnet| Some(subnet) == instance.subnet_id.as_ref()),
            "{id}"
        );
    }
}

#[test]
fn the_unreachable_node_lives_where_no_endpoint_serves_ssmmessages() {
    let fleet = fleet();
    let private: BTreeSet<_> = fleet
        .route_tables
        .iter()
        .filter(|table| !table.routes.iter().any(Route::leads_to_internet))
        .map(|table| table.vpc_id.as_str())
        .collect();
    let lacking = private.into_iter().filter(|vpc| {
        !fleet.vpc_endpoints.iter().any(|endpoint| {
            endpoint.vpc_id == *vpc && endpoint.service_name.ends_with(".ssmmessages")
        })
    });
    let lacking: Vec<&str> = lacking.collect();
    assert_eq!(lacking.len(), 1);
    let there = fleet.nodes.iter().filter(|node| {
        let instance = node.instance.as_ref();
        instance.is_some_and(|i| i.vpc_id.as_deref() == lacking.first().copied())
    });
    let conditions: Vec<_> = there.map(|node| &node.condition).collect();
    assert_eq!(conditions, [&NodeCondition::Unreachable]);
}
