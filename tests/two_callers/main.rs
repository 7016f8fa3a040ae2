//! Two callers at once, such as two pipelines or two replicas of a program: whatever the order of their
//! calls, there is one of each resource afterwards, and a later call finds it.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod ensured;
#[cfg(all(
    feature = "ec2",
    feature = "emulator",
    feature = "default-https-client"
))]
mod over_http;

use std::time::Duration;

use aws_patch_manager::plan::{DesiredState, PlanOptions};
use aws_patch_manager::{BaselineBuilder, Error, MemoryBackend, PatchGroup, PatchManager};
use ensured::{Baseline, Ensured, association, policy, runbook, sync, window};
use futures_util::TryStreamExt;
use support::turns::{Schedules, TwoCallers};

/// How many orders of two long sequences of calls are tried.
const SEEDS: u64 = 300;

/// A call takes a while, so one comes after the other on the account's clock.
fn slow_sample() -> MemoryBackend {
    let account = MemoryBackend::sample();
    account.faults().latency(Duration::from_millis(5));
    account
}

fn account() -> PatchManager {
    PatchManager::from_memory(&slow_sample())
}

/// Two callers ensure the same, or each its own content under one name. Afterwards there is one.
async fn once(
    manager: &PatchManager,
    wanted: [&impl Ensured; 2],
    same: bool,
    turn: impl FnMut() -> usize,
) {
    let callers = TwoCallers::of(manager);
    let [a, b] = &callers.managers;
    let both = callers.run(wanted[0].ensure(a), wanted[1].ensure(b), turn);
    let (first, second) = both.await;
    let (id, changed) = wanted[0].ensure(manager).await.unwrap();
    if same {
        assert_eq!((first.unwrap().0, second.unwrap().0), (id.clone(), id));
        assert!(!changed);
    } else {
        // One of them may find that the other took away what it was about to change.
        let kept = [first, second].into_iter().filter_map(Result::ok);
        assert!(kept.into_iter().all(|(kept, _)| kept == id));
    }
    assert!(!wanted[0].ensure(manager).await.unwrap().1);
}

/// Tries every order of the calls.
async fn in_every_order(wanted: [&impl Ensured; 2], same: bool) -> usize {
    let mut schedules = Schedules::default();
    loop {
        once(&account(), wanted, same, || schedules.turn()).await;
        if !schedules.next() {
            return schedules.count;
        }
    }
}

/// Tries many orders of the calls.
async fn in_many_orders(wanted: [&impl Ensured; 2], same: bool) {
    for seed in 0..SEEDS {
        let mut random = fastrand::Rng::with_seed(seed);
        once(&account(), wanted, same, || random.usize(0..2)).await;
    }
}

#[tokio::test]
async fn two_callers_make_one_baseline() {
    let orders = in_every_order([&Baseline(7), &Baseline(7)], true).await;
    assert!(orders > 10, "{orders}");
    in_every_order([&Baseline(7), &Baseline(14)], false).await;
}

#[tokio::test]
async fn two_callers_make_one_policy() {
    let orders = in_every_order([&policy(1), &policy(1)], true).await;
    assert!(orders > 10, "{orders}");
    in_every_order([&policy(1), &policy(2)], false).await;
}

#[tokio::test]
async fn two_callers_make_one_association() {
    let orders = in_every_order([&association(1), &association(1)], true).await;
    assert!(orders > 10, "{orders}");
    in_every_order([&association(1), &association(2)], false).await;
}

#[tokio::test]
async fn two_callers_make_one_runbook() {
    let orders = in_every_order([&runbook("a"), &runbook("a")], true).await;
    assert!(orders > 10, "{orders}");
    in_every_order([&runbook("a"), &runbook("b")], false).await;
}

/// One writes the text that the other, too, wants to write.
#[tokio::test]
async fn two_callers_update_one_runbook() {
    let mut schedules = Schedules::default();
    loop {
        let manager = account();
        runbook("old").ensure(&manager).await.unwrap();
        once(&manager, [&runbook("a"), &runbook("a")], true, || {
            schedules.turn()
        })
        .await;
        if !schedules.next() {
            break;
        }
    }
}

#[tokio::test]
async fn two_callers_make_one_resource_data_sync() {
    let orders = in_every_order([&sync("a"), &sync("a")], true).await;
    assert!(orders > 3, "{orders}");
}

#[tokio::test]
async fn two_callers_make_one_window_with_one_of_each_part() {
    in_many_orders([&window(1), &window(1)], true).await;
    in_many_orders([&window(1), &window(2)], false).await;
}

/// A client token lives longer than what it created.
#[tokio::test]
async fn what_was_deleted_is_made_anew() {
    let manager = account();
    let (baseline, _) = Baseline(7).ensure(&manager).await.unwrap();
    manager
        .delete_baseline(&baseline.as_str().into())
        .await
        .unwrap();
    let (again, changed) = Baseline(7).ensure(&manager).await.unwrap();
    assert!(again != baseline && changed);
    assert_eq!(
        manager.baseline(&again.as_str().into()).await.unwrap().name,
        "web"
    );

    let (first, _) = window(1).ensure(&manager).await.unwrap();
    manager
        .delete_maintenance_window(&first.as_str().into())
        .await
        .unwrap();
    let (again, changed) = window(1).ensure(&manager).await.unwrap();
    assert!(again != first && changed);
    assert!(!window(1).ensure(&manager).await.unwrap().1);

    let mut bare = window(1);
    bare.tasks.clear();
    bare.targets.clear();
    bare.ensure(&manager).await.unwrap();
    window(1).ensure(&manager).await.unwrap();
    assert!(
        !window(1).ensure(&manager).await.unwrap().1,
        "parts of an old token"
    );
}

#[tokio::test]
async fn two_callers_bind_and_tag_the_same() {
    let mut schedules = Schedules::default();
    loop {
        let manager = account();
        let (id, _) = Baseline(7).ensure(&manager).await.unwrap();
        let (id, web) = (id.as_str().into(), PatchGroup::new("web").unwrap());
        let nodes = ["i-0c0ffee0000000001".into()];
        let callers = TwoCallers::of(&manager);
        let work = |caller: usize| {
            let manager = &callers.managers[caller];
            let (id, web, nodes) = (&id, &web, &nodes);
            async move {
                manager.bind_patch_group(web, id).await?;
                Ok::<_, Error>(manager.tag_nodes(web, nodes).await?.is_complete())
            }
        };
        let (a, b) = callers.run(work(0), work(1), || schedules.turn()).await;
        assert!(a.unwrap() && b.unwrap());
        let bound: Vec<_> = manager.list_patch_groups().try_collect().await.unwrap();
        assert_eq!(bound.len(), 1);
        if !schedules.next() {
            break;
        }
    }
}

#[tokio::test]
async fn two_callers_apply_one_plan() {
    let desired = DesiredState::builder("web")
        .baseline(
            BaselineBuilder::windows_critical_and_security("web", 7)
                .build()
                .unwrap(),
        )
        .patch_policy(policy(1))
        .maintenance_window(window(2))
        .association(association(3))
        .build()
        .unwrap();
    for seed in 0..SEEDS {
        let mut random = fastrand::Rng::with_seed(seed);
        let manager = account();
        let plan = manager.plan(&desired, PlanOptions::new()).await.unwrap();
        let callers = TwoCallers::of(&manager);
        let apply = |caller: usize| {
            let events = callers.managers[caller].apply(&plan);
            events.try_collect::<Vec<_>>()
        };
        let (a, b) = callers.run(apply(0), apply(1), || random.usize(0..2)).await;
        assert!(a.is_ok() || b.is_ok(), "seed {seed}: {a:?} {b:?}");
        let left = manager.plan(&desired, PlanOptions::new()).await.unwrap();
        assert!(left.is_empty(), "seed {seed}: {left}");
    }
}
