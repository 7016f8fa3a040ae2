//! A plan that is cut at any call, in any way, is finished when it is applied again: the account is
//! as after an apply that nothing cut, and has nothing twice.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::Access;
use aws_patch_manager::plan::{
    ApplyEvent, DesiredState, MirrorScope, OWNER_TAG, Plan, PlanOptions,
};
use aws_patch_manager::{ErrorKind, PatchManager, Result};
use futures_util::{FutureExt, TryStreamExt};
use serde_json::{Value, json};
use support::accounts::sample;
use support::cut::{Cut, CutAt};

const EXAMPLE: &str = include_str!("../examples/plan_fleet/fleet.json");

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

fn example() -> DesiredState {
    DesiredState::from_json(EXAMPLE).unwrap()
}

/// What the example was before: something of each kind to change, to replace, to move and to remove.
fn earlier() -> DesiredState {
    let mut state: Value = serde_json::from_str(EXAMPLE).unwrap();
    state["Baselines"][0]["RejectedPatches"] = json!(["openssl"]);
    state["Baselines"][0]["Tags"][0]["Value"] = json!("web");
    state["Baselines"][1] = json!({
        "Name": "prod-windows", "OperatingSystem": "UBUNTU", "ApprovedPatches": ["curl"]
    });
    let legacy =
        json!({"Name": "legacy", "OperatingSystem": "DEBIAN", "ApprovedPatches": ["curl"]});
    state["Baselines"].as_array_mut().unwrap().push(legacy);
    state["PatchGroups"] = json!({
        "web": {"AMAZON_LINUX_2023": "AWS", "UBUNTU": "prod-windows"},
        "build": {"UBUNTU": "prod-windows", "DEBIAN": "legacy"}
    });
    state["PatchGroups"]["build"]["UBUNTU"] = json!("AWS");
    state["Defaults"] = json!({"DEBIAN": "legacy", "UBUNTU": "prod-windows"});
    state["Nodes"][0]["PatchGroup"] = json!("build");
    state["Nodes"][0]["Tags"][0]["Value"] = json!("monday");
    state["PatchPolicies"][0]["RebootOption"] = json!("NoReboot");
    let selected = &mut state["PatchPolicies"][0]["Baselines"];
    selected.as_object_mut().unwrap().remove("WINDOWS");
    let window = &mut state["MaintenanceWindows"][0];
    window["Window"]["Duration"] = json!(4);
    window["Targets"][0]["Name"] = json!("old");
    window["Tasks"][0]["TargetNames"] = json!(["old"]);
    let mut second = window["Tasks"][0].clone();
    second["Task"]["Name"] = json!("scan");
    window["Tasks"].as_array_mut().unwrap().push(second);
    state["Associations"][0]["ScheduleExpression"] = json!("rate(2 days)");
    let mut removed = state["Associations"][0].clone();
    removed["AssociationName"] = json!("removed");
    state["Associations"].as_array_mut().unwrap().push(removed);
    DesiredState::from_json(&state.to_string()).unwrap()
}

/// The kinds of plans.
#[derive(Debug, Clone, Copy)]
enum Case {
    Creates,
    Changes,
    Destroys,
}

const CASES: [Case; 3] = [Case::Creates, Case::Changes, Case::Destroys];

/// An account, and a plan that is not applied yet.
fn begin(case: Case) -> (PatchManager, Plan) {
    let (_, manager) = sample();
    let make = |desired: &DesiredState| {
        let plan = now(manager.plan(desired, PlanOptions::new())).unwrap();
        apply(&manager, &plan).unwrap().unwrap();
    };
    let plan = match case {
        Case::Creates => now(manager.plan(&example(), PlanOptions::new())),
        Case::Changes => {
            make(&earlier());
            now(manager.plan(&example(), PlanOptions::new().prune(true)))
        }
        Case::Destroys => {
            make(&example());
            now(manager.plan_destroy(&example()))
        }
    };
    (manager.clone(), plan.unwrap())
}

/// Applies a plan to its end; nothing if the program ended.
fn apply(manager: &PatchManager, plan: &Plan) -> Option<Result<Vec<ApplyEvent>>> {
    manager.apply(plan).try_collect().now_or_never()
}

/// What an account has, by names: each resource once, its tags, and the tags of the nodes.
fn content(manager: &PatchManager) -> Value {
    let snapshot = now(manager.mirror_snapshot(&MirrorScope::new())).unwrap();
    let imported = DesiredState::import("content", &snapshot);
    assert!(imported.left_out.is_empty(), "{:?}", imported.left_out);
    let own = |tags: &[aws_patch_manager::types::Tag]| tags.iter().any(|tag| tag.key == OWNER_TAG);
    let associations = snapshot
        .associations
        .iter()
        .filter(|one| one.policy.is_none());
    let owned = snapshot
        .baselines
        .iter()
        .filter(|one| own(&one.tags))
        .count()
        + snapshot.windows.iter().filter(|one| own(&one.tags)).count()
        + associations.clone().filter(|one| own(&one.tags)).count();
    let mut nodes: Vec<_> = snapshot
        .nodes
        .iter()
        .map(|node| {
            let mut tags = node.tags.clone();
            tags.sort();
            (&node.id, tags)
        })
        .collect();
    nodes.sort();
    json!({
        "State": imported.state,
        "Count": [
            snapshot.baselines.len(), snapshot.windows.len(), associations.count(),
            snapshot.policies.len(), snapshot.patch_groups.len()
        ],
        "Owned": owned,
        "Nodes": nodes,
    })
}

/// The content after an apply that nothing cut, and the calls that it made.
fn uncut(case: Case) -> (Value, Vec<Access>) {
    let (manager, plan) = begin(case);
    let counted = CutAt::new(None, ErrorKind::Throttled);
    apply(&manager.layer(counted.clone()), &plan)
        .unwrap()
        .unwrap();
    (content(&manager), counted.calls())
}

/// Applies a plan with these cuts, one after the other, and then without one.
fn with_cuts(case: Case, cuts: &[(usize, Cut)], expected: &Value) {
    let (manager, plan) = begin(case);
    for cut in cuts {
        let cut = manager.layer(CutAt::new(Some(*cut), ErrorKind::Throttled));
        if let Some(Err(error)) = apply(&cut, &plan) {
            assert!(
                error.kind() != ErrorKind::Stale,
                "{case:?} {cuts:?}: {error}"
            );
        }
    }
    match apply(&manager, &plan).unwrap() {
        Ok(_) => {}
        Err(error) => panic!("{case:?} {cuts:?}: {error}"),
    }
    assert_eq!(&content(&manager), expected, "{case:?} {cuts:?}");
}

/// Cuts every call of a plan, in every way. Returns how many cuts these are, and how many of them end the program.
fn cut_everywhere(case: Case) -> (usize, usize) {
    let (expected, calls) = uncut(case);
    let writes = calls.iter().filter(|call| **call == Access::Write);
    assert!(writes.count() > 8, "{case:?}");
    let (mut cuts, mut kill_points) = (0, 0);
    for (call, access) in calls.iter().enumerate() {
        // A read has no effect whose reply could be lost.
        let ways = Cut::ALL.into_iter().filter(|cut| match cut {
            Cut::LosesReply => *access == Access::Write,
            _ => true,
        });
        for cut in ways {
            with_cuts(case, &[(call, cut)], &expected);
            cuts += 1;
            kill_points += usize::from(cut.is_kill());
        }
    }
    (cuts, kill_points)
}

#[test]
fn a_plan_that_is_cut_at_any_call_is_finished_when_it_is_applied_again() {
    let counts = std::thread::scope(|scope| {
        let cases = CASES.map(|case| scope.spawn(move || cut_everywhere(case)));
        cases.map(|case| case.join().unwrap())
    });
    let cuts: usize = counts.iter().map(|(cuts, _)| cuts).sum();
    let kill_points: usize = counts.iter().map(|(_, kill_points)| kill_points).sum();
    println!("{cuts} cuts, {kill_points} kill points");
    assert!(kill_points >= 400, "{kill_points}");
}

/// Cuts a plan several times, by a seed. Returns how often.
fn cut_by(seed: u64, uncut: &[(Case, (Value, Vec<Access>))]) -> usize {
    // A small generator: each seed is a run of its own, and can be run alone.
    let mut state: u64 = seed;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    random(1);
    let (case, (expected, calls)) = &uncut[random(uncut.len())];
    let cuts = 2 + random(3);
    let cuts: Vec<(usize, Cut)> = (0..cuts)
        .map(|_| (random(calls.len()), Cut::ALL[random(Cut::ALL.len())]))
        .collect();
    with_cuts(*case, &cuts, expected);
    cuts.len()
}

#[test]
fn a_plan_that_is_cut_several_times_is_finished_too() {
    let uncut = CASES.map(|case| (case, uncut(case)));
    let all_cuts: usize = std::thread::scope(|scope| {
        let halves = [0..500, 500..1_000].map(|seeds| {
            let uncut = &uncut;
            scope.spawn(move || seeds.map(|seed| cut_by(seed, uncut)).sum::<usize>())
        });
        halves.map(|half| half.join().unwrap()).iter().sum()
    });
    assert!(all_cuts > 2_500, "{all_cuts}");
}
