//! Whatever is not a state's own and not named in it, an apply leaves as it is, byte by byte: over
//! random accounts of three owners, random states and options, and changes between plan and apply.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::{
    NodeInventory, Operation, RemoveTagsFromResource, ResourceTypeForTagging,
};
use aws_patch_manager::plan::{DesiredState, MirrorScope, MirrorSnapshot, OWNER_TAG, PlanOptions};
use aws_patch_manager::types::{BaselineId, OperatingSystem, Tag};
use aws_patch_manager::{ErrorKind, MemoryBackend, PatchManager};
use futures_util::{FutureExt, TryStreamExt};
use serde_json::{Value, json};
use support::accounts::{account, id, instances};
use support::plans::forget_instants;

/// The number of cases; `PLAN_CASES` sets another one.
const CASES: u64 = 120;

const OURS: &str = "ours";
const NAMES: [&str; 3] = ["one", "two", "three"];
const SYSTEMS: [&str; 2] = ["UBUNTU", "DEBIAN"];
const GROUPS: [&str; 3] = ["web", "app", "db"];

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

/// A small generator: each seed is a case of its own, and can be run alone.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    /// A state with some of the names of all owners, each as one of two variants.
    fn state(&mut self, name: &str) -> DesiredState {
        let mut baselines = Vec::new();
        let mut groups = json!({});
        let mut defaults = json!({});
        for baseline in NAMES {
            if self.one_in(2) {
                continue;
            }
            let os = self.of(&SYSTEMS);
            let approved = self.of(&["curl", "openssl"]);
            baselines.push(json!({
                "Name": baseline, "OperatingSystem": os, "ApprovedPatches": [approved]
            }));
            if self.one_in(2) {
                groups[self.of(&GROUPS)][os] = json!(baseline);
            }
            if self.one_in(3) {
                defaults[os] = json!(baseline);
            }
        }
        if self.one_in(4) {
            groups[self.of(&GROUPS)][self.of(&SYSTEMS)] = json!("AWS");
        }
        let policies = self.some(|random, name| {
            json!({"Name": name, "ScanSchedule": "cron(0 1 * * ? *)", "ScanNextInterval": true,
                "InstallNextInterval": false, "RebootOption": "NoReboot", "Targets": "All",
                "Baselines": {}, "MaxConcurrency": "10%", "MaxErrors": random.of(&["2%", "5%"])})
        });
        let windows = self.some(|random, name| {
            let group = random.of(&GROUPS);
            json!({"Window": {"Name": name, "Schedule": "cron(0 2 ? * SUN *)", "Cutoff": 1,
                    "Duration": 3 + random.below(2), "AllowUnassociatedTargets": false},
                "Targets": [{"Name": "nodes", "ResourceType": "INSTANCE",
                    "Targets": [{"Key": "tag:Patch Group", "Values": [group]}]}]})
        });
        let associations = self.some(|random, name| {
            json!({"Name": "AWS-RunPatchBaseline", "AssociationName": name,
                "Parameters": {"Operation": ["Scan"]},
                "ScheduleExpression": random.of(&["rate(1 day)", "rate(2 days)"]),
                "Targets": [{"Key": "tag:Role", "Values": ["web"]}]})
        });
        let nodes: Vec<Value> = match self.one_in(2) {
            true => vec![json!({
                "Targets": [{"Key": "InstanceIds", "Values": [id(self.below(3))]}],
                "PatchGroup": self.of(&GROUPS)
            })],
            false => Vec::new(),
        };
        let state = json!({
            "Name": name, "Baselines": baselines, "PatchGroups": groups, "Defaults": defaults,
            "PatchPolicies": policies, "MaintenanceWindows": windows,
            "Associations": associations, "Nodes": nodes,
        });
        DesiredState::from_json(&state.to_string()).unwrap()
    }

    fn some(&mut self, item: impl Fn(&mut Self, &str) -> Value) -> Vec<Value> {
        let names = NAMES.into_iter().filter(|_| self.below(2) == 0);
        let names: Vec<&str> = names.collect();
        names.into_iter().map(|name| item(self, name)).collect()
    }
}

/// Applies a state as far as the account lets it; the plan is refused if another state has a part.
fn settle(manager: &PatchManager, desired: &DesiredState) {
    if let Ok(plan) = now(manager.plan(desired, PlanOptions::new())) {
        let applied = now(manager.apply(&plan).try_collect::<Vec<_>>());
        drop(applied);
    }
}

fn snapshot(manager: &PatchManager) -> MirrorSnapshot {
    now(manager.mirror_snapshot(&MirrorScope::new())).unwrap()
}

/// Takes the owner tag off some resources.
fn untag(account: &MemoryBackend, random: &mut Random, one_in: usize) {
    use ResourceTypeForTagging::{Association, MaintenanceWindow, PatchBaseline};
    let all = snapshot(&PatchManager::from_memory(account));
    let baselines = all.baselines.iter();
    let baselines = baselines.map(|own| (PatchBaseline, own.baseline.baseline_id.to_string()));
    let windows = all
        .windows
        .iter()
        .filter_map(|own| own.window.window_id.as_ref());
    let windows = windows.map(|id| (MaintenanceWindow, id.to_string()));
    let associations = all.associations.iter();
    let associations = associations.filter_map(|own| own.association.association_id.as_ref());
    let associations = associations.map(|id| (Association, id.to_string()));
    for (kind, id) in baselines.chain(windows).chain(associations) {
        if random.one_in(one_in) {
            let keys = vec![OWNER_TAG.to_owned()];
            let request = RemoveTagsFromResource::new(kind, id, keys);
            // An association of Quick Setup has none.
            drop(now(account.remove_tags_from_resource(request)));
        }
    }
}

/// What somebody else does between plan and apply.
fn interfere(account: &MemoryBackend, manager: &PatchManager, random: &mut Random) {
    match random.below(6) {
        0 => untag(account, random, 3),
        1 => {
            let desired = random.state("other");
            settle(manager, &desired);
        }
        2 => {
            let desired = random.state("third");
            settle(manager, &desired);
            untag(account, random, 4);
        }
        3 => {
            let destroyed = random.state("other");
            if let Ok(plan) = now(manager.plan_destroy(&destroyed)) {
                drop(now(manager.apply(&plan).try_collect::<Vec<_>>()));
            }
        }
        _ => {}
    }
}

/// A part of an account.
struct Part {
    key: String,
    value: Value,
    /// Whether it is neither the state's own nor named in it.
    is_others: bool,
}

impl Part {
    fn new(key: String, mut value: Value, is_others: bool) -> Self {
        forget_instants(&mut value);
        Self {
            key,
            value,
            is_others,
        }
    }
}

fn is_own(tags: &[Tag]) -> bool {
    tags.contains(&Tag::new(OWNER_TAG, OURS))
}

/// The parts of an account, without their instants.
fn parts(all: &MirrorSnapshot, desired: &DesiredState) -> Vec<Part> {
    let mut found = registered(all, desired);
    for one in &all.baselines {
        let baseline = &one.baseline;
        let named = desired.baselines.iter().any(|spec| {
            spec.name == baseline.name && spec.operating_system() == baseline.operating_system
        });
        let mut value = json!(one);
        // Its groups are parts of their own.
        value["Baseline"]
            .as_object_mut()
            .unwrap()
            .remove("PatchGroups");
        let key = format!("baseline {}", baseline.baseline_id);
        found.push(Part::new(key, value, !named && !is_own(&one.tags)));
    }
    for one in &all.windows {
        let mut windows = desired.maintenance_windows.iter();
        let named = windows.any(|window| Some(window.name()) == one.window.name.as_deref());
        let key = format!("window {}", one.window.window_id.as_ref().unwrap());
        found.push(Part::new(key, json!(one), !named && !is_own(&one.tags)));
    }
    let associations = all.associations.iter();
    // Quick Setup's change with their policies.
    for one in associations.filter(|one| !one.is_of_quick_setup()) {
        let mut associations = desired.associations.iter();
        let name = &one.association.association_name;
        let named = associations.any(|association| association.association_name == *name);
        let id = one.association.association_id.as_ref().unwrap();
        let key = format!("association {id}");
        found.push(Part::new(key, json!(one), !named && !is_own(&one.tags)));
    }
    for one in &all.policies {
        let mut policies = desired.patch_policies.iter();
        let named = policies.any(|policy| policy.name == one.policy.name);
        let key = format!("policy {}", one.arn);
        found.push(Part::new(key, json!(one), !named));
    }
    for node in &all.nodes {
        let mut targets = desired.nodes.iter().flat_map(|nodes| &nodes.targets);
        let named = targets.any(|target| target.values.contains(&node.id.to_string()));
        let key = format!("node {}", node.id);
        found.push(Part::new(key, json!(node.tags), !named));
    }
    found
}

/// What baselines are registered for: groups and defaults. They belong to the owner of the baseline.
fn registered(all: &MirrorSnapshot, desired: &DesiredState) -> Vec<Part> {
    let own = |id: &BaselineId| {
        let mut own = all.baselines.iter().filter(|one| is_own(&one.tags));
        own.any(|one| one.baseline.baseline_id == *id)
    };
    let mut found = Vec::new();
    for row in &all.patch_groups {
        let baseline = &row.baseline_identity;
        let (id, os) = (&baseline.baseline_id, &baseline.operating_system);
        let (id, os) = (id.as_ref().unwrap(), os.as_ref().unwrap());
        let group = row.patch_group.as_str();
        let named = desired.patch_groups.get(group);
        let named = named.is_some_and(|named| named.contains_key(os.as_str()));
        let key = format!("group {group} {os}");
        found.push(Part::new(key, json!(id), !named && !own(id)));
    }
    for os in OperatingSystem::KNOWN {
        let default = all.default_baseline(os);
        let named = desired.defaults.contains_key(os.as_str());
        let is_others = !named && !default.is_some_and(own);
        found.push(Part::new(
            format!("default {os}"),
            json!(default),
            is_others,
        ));
    }
    found
}

/// What happened in a case.
#[derive(Debug, Default)]
struct Outcome {
    applied: usize,
    stale: usize,
    refused: usize,
}

fn case(seed: u64, outcome: &mut Outcome) {
    let mut random = Random(seed);
    random.below(1);
    let (account, manager) = account(instances(3));
    for name in ["other", OURS, "third"] {
        let desired = random.state(name);
        settle(&manager, &desired);
    }
    untag(&account, &mut random, 4);
    let desired = random.state(OURS);
    let plan = match random.below(3) {
        0 => now(manager.plan_destroy(&desired)),
        kind => {
            let adopt = random.one_in(2);
            let options = PlanOptions::new().prune(kind == 1).adopt(adopt);
            now(manager.plan(&desired, options))
        }
    };
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => {
            let known = [ErrorKind::AlreadyExists, ErrorKind::Ambiguous];
            assert!(known.contains(&error.kind()), "{seed}: {error}");
            outcome.refused += 1;
            return;
        }
    };
    interfere(&account, &manager, &mut random);
    if random.one_in(4) {
        account.faults().throttle(random_write(&mut random));
    }
    let before = parts(&snapshot(&manager), &desired);
    let applied = now(manager.apply(&plan).try_collect::<Vec<_>>());
    let after = parts(&snapshot(&manager), &desired);
    match &applied {
        Ok(_) => outcome.applied += 1,
        Err(error) if error.kind() == ErrorKind::Stale => outcome.stale += 1,
        Err(_) => outcome.refused += 1,
    }
    for part in before.iter().filter(|part| part.is_others) {
        let now = after.iter().find(|now| now.key == part.key);
        let now = now.map(|now| &now.value);
        assert_eq!(now, Some(&part.value), "{seed}: {}\n{plan}", part.key);
    }
    // What is new is the state's own or named in it. A default that was given back is AWS's.
    let is_new = |part: &&Part| !before.iter().any(|before| before.key == part.key);
    for part in after.iter().filter(is_new) {
        assert!(!part.is_others, "{seed}: {}\n{plan}", part.key);
    }
}

fn random_write(random: &mut Random) -> Operation {
    const WRITES: [Operation; 4] = [
        Operation::DeletePatchBaseline,
        Operation::UpdatePatchBaseline,
        Operation::CreateMaintenanceWindow,
        Operation::AddTagsToResource,
    ];
    WRITES[random.below(WRITES.len())]
}

#[test]
fn what_is_not_the_states_own_and_not_named_in_it_stays_as_it_is() {
    let cases = std::env::var("PLAN_CASES").map_or(CASES, |cases| cases.parse().unwrap());
    let mut outcome = Outcome::default();
    for seed in 0..cases {
        case(seed, &mut outcome);
    }
    let Outcome {
        applied,
        stale,
        refused,
    } = outcome;
    println!("{applied} applied, {stale} stale, {refused} refused");
    // A test in which no plan is applied, and none refused, holds nothing.
    assert!(applied > 0 && stale > 0 && refused > 0, "{outcome:?}");
}
