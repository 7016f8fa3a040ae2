//! Who is in a wave, and what it does with its nodes.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::backend::{Operation, SendCommand};
use aws_patch_manager::baseline::BaselineChanges;
use aws_patch_manager::compliance::NodeCompliance;
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::operation::BaselineOverride;
use aws_patch_manager::rollout::{
    FrozenPatches, Gate, HaltReason, InMemoryRolloutStore, LimitPer, NodeResult, NodeSet, Rollout,
    RolloutEventKind, RolloutRun, RolloutStatus, Wave, WaveWindow,
};
use aws_patch_manager::types::{NodeId, OperatingSystem, RebootOption};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, Error, ErrorKind, MemoryBackend, PatchGroup, PatchManager,
    PatchRequest, Result, RuleBuilder,
};
use futures_util::{FutureExt, TryStreamExt};
use jiff::{Timestamp, ToSpan};

use crate::support::accounts::{hybrid_id, hybrid_node, old_openssl, run};
use crate::world::*;

/// 5%, 25% and the rest of 90 nodes are 5, 23 and 62: shares are rounded up.
#[tokio::test]
async fn shares_of_a_target_have_each_node_once() {
    let nodes = instances(90).into_iter();
    let (_, manager) = account(
        nodes
            .map(|node| node.with_tag("Patch Group", "web"))
            .collect(),
    );
    let rollout = Rollout::new("june")
        .target(PatchGroup::new("web").unwrap())
        .wave(Wave::share("canary", 5))
        .wave(Wave::share("early", 25))
        .wave(Wave::rest("rest"));
    let outcome = finished(&manager, &rollout).await;
    assert_eq!(outcome.status, RolloutStatus::Completed);
    assert_eq!(
        names(&outcome),
        [("canary", 5, 5), ("early", 23, 23), ("rest", 62, 62)]
    );
    let counts = commands_of_nodes(&manager).await;
    assert_eq!(
        counts,
        ids(0..90).into_iter().map(|node| (node, 1)).collect()
    );
}

/// Sets of their own come out of the target before the shares.
#[tokio::test]
async fn a_share_takes_no_node_that_a_set_has() {
    let nodes = instances(10).into_iter();
    let (_, manager) = account(
        nodes
            .map(|node| node.with_tag("PatchGroup", "web"))
            .collect(),
    );
    let rollout = Rollout::new("june")
        .target(PatchGroup::new("web").unwrap())
        .wave(wave("canary", [0, 9]))
        .wave(Wave::share("early", 30))
        .wave(Wave::rest("rest"));
    let state = begun(&manager, &rollout).await;
    let waves: Vec<_> = state.waves.iter().map(|wave| wave.nodes.clone()).collect();
    assert_eq!(waves, [ids([0, 9]), ids(1..4), ids(4..9)]);
}

/// A group has the nodes of both tag keys.
#[tokio::test]
async fn a_patch_group_is_under_either_tag_key() {
    let mut nodes = instances(3);
    nodes[0]
        .tags
        .push(aws_patch_manager::types::Tag::new("Patch Group", "web"));
    nodes[1]
        .tags
        .push(aws_patch_manager::types::Tag::new("PatchGroup", "web"));
    let (_, manager) = account(nodes);
    let web = Wave::of("web", PatchGroup::new("web").unwrap());
    let state = begun(&manager, &rollout([web])).await;
    assert_eq!(state.waves[0].nodes, ids(0..2));
}

/// One id for all waves: the later ones install what the first ones tried.
#[tokio::test]
async fn all_commands_of_a_rollout_share_one_snapshot_and_no_two_rollouts_do() {
    let (_, manager) = account(instances(4));
    let rollout = rollout([wave("a", [0, 1]).bake(HOUR), wave("b", [2, 3])]);
    for _ in 0..2 {
        finished(&manager, &rollout.clone().reboot(RebootOption::NoReboot)).await;
    }
    let commands = commands(&manager).await;
    let snapshots = commands
        .iter()
        .map(|command| command.parameters["SnapshotId"][0].as_str());
    let snapshots: Vec<&str> = snapshots.collect();
    assert_eq!(snapshots[0], snapshots[1]);
    assert_eq!(snapshots[2], snapshots[3]);
    assert_ne!(snapshots[0], snapshots[2]);
    for command in &commands {
        assert_eq!(command.parameters["Operation"], ["Install"]);
        assert_eq!(command.parameters["RebootOption"], ["NoReboot"]);
        assert!(
            command.comment.starts_with("june rollout "),
            "{}",
            command.comment
        );
        assert!(command.comment.len() <= 78, "{}", command.comment);
    }
}

#[tokio::test]
async fn other_frozen_patches_go_into_every_command() {
    let (_, manager) = account(instances(2));
    let url = "s3://patching.example/june.json".to_owned();
    let override_ = FrozenPatches::BaselineOverride { url: url.clone() };
    let list = FrozenPatches::InstallOverrideList { url: url.clone() };
    let cases = [
        (override_, Some("BaselineOverride")),
        (list, Some("InstallOverrideList")),
        (FrozenPatches::RegisteredBaselines, None),
    ];
    for (number, (patches, parameter)) in cases.into_iter().enumerate() {
        assert!(!format!("{patches:?}").contains(&url), "{patches:?}");
        let rollout = rollout([wave("a", [0])]).patches(patches);
        finished(&manager, &rollout).await;
        let sent = &commands(&manager).await[number].parameters;
        assert_eq!(sent.get("SnapshotId"), None);
        match parameter {
            Some(name) => assert_eq!(sent[name], [url.as_str()]),
            None => assert_eq!(sent.len(), 1, "{sent:?}"),
        }
    }
}

/// A rollout of two weeks installs from the file that the caller froze, and reports no compliance.
#[tokio::test]
async fn a_baseline_override_serves_a_rollout_of_weeks() {
    let nodes = instances(2).into_iter();
    let nodes = nodes.map(|node| node.with_installed(old_openssl()));
    let (account, manager) = account(nodes.collect());
    let os = OperatingSystem::AmazonLinux2023;
    let everything = BaselineBuilder::new("everything", os);
    let everything = everything.rule(RuleBuilder::new().approve_after_days(0));
    let file = BaselineOverride::new([everything.build().unwrap()]).unwrap();
    let url = "s3://patching.example/june.json".to_owned();
    account.put_object(&url, file.to_json()).unwrap();
    let first = wave("a", [0]).bake(Duration::from_hours(14 * 24));
    let rollout = rollout([first, wave("b", [1])]);
    let patches = FrozenPatches::BaselineOverride { url };
    let outcome = finished(&manager, &rollout.patches(patches)).await;
    assert_eq!(names(&outcome), [("a", 1, 1), ("b", 1, 1)]);
    let query = ComplianceQuery::nodes(ids(0..2));
    let states: Vec<_> = manager.compliance(&query).try_collect().await.unwrap();
    assert!(states.iter().all(|node| node.state.is_none()), "{states:?}");
    let scan = PatchRequest::scan().nodes(ids(0..2));
    for node in run(&manager, scan).await.nodes {
        assert_eq!(node.patch_state.unwrap().missing_count, 0);
    }
}

/// Three waves over two weeks, each in its window and after the bake time of the one before.
#[tokio::test]
async fn a_wave_waits_for_its_window_and_for_the_bake_time_before_it() {
    let (account, manager) = account(instances(6));
    let start = now(&account);
    let after = |days: i64| start + (24 * days).hours();
    let day = Duration::from_hours(24);
    let opens = |days| {
        WaveWindow::new()
            .not_before(after(days))
            .not_after(after(days + 3))
    };
    let rollout = long_rollout([
        wave("canary", [0]).window(opens(1)).bake(day),
        wave("early", [1, 2]).window(opens(7)).bake(3 * day),
        wave("rest", [3, 4, 5]).window(opens(9)),
    ]);
    let outcome = finished(&manager, &rollout).await;
    assert_eq!(outcome.status, RolloutStatus::Completed);
    let started: Vec<Timestamp> = outcome
        .waves
        .iter()
        .map(|wave| wave.started.unwrap())
        .collect();
    assert_eq!(started[..2], [after(1), after(7)]);
    // The bake time of three days ends after the third window opens.
    let gate = outcome.waves[1].gate.as_ref().unwrap().at;
    assert_eq!(started[2], gate + 72.hours());
    assert!(started[2] > after(9), "{started:?}");
}

/// A cutoff, as that of a maintenance window: what could start too late does not start.
#[tokio::test]
async fn no_wave_starts_in_the_last_minutes_of_its_window() {
    for (minutes_before_the_end, starts) in [(61, true), (60, false), (1, false), (-5, false)] {
        let (account, manager) = account(instances(1));
        let end = now(&account) + minutes_before_the_end.minutes();
        let window = WaveWindow::new().not_after(end).cutoff(HOUR);
        let rollout = rollout([wave("a", [0]).window(window)]);
        let outcome = finished(&manager, &rollout).await;
        let reason = HaltReason::WindowClosed;
        let expected = match starts {
            true => RolloutStatus::Completed,
            false => RolloutStatus::Halted { reason },
        };
        assert_eq!(outcome.status, expected, "{minutes_before_the_end}");
        assert_eq!(commands(&manager).await.len(), usize::from(starts));
    }
}

#[tokio::test]
async fn a_wave_that_missed_its_window_goes_on_in_another() {
    let (account, manager) = account(instances(1));
    let window = |hours: i64| WaveWindow::new().not_after(now(&account) + hours.hours());
    let state = begun(&manager, &rollout([wave("a", [0]).window(window(1))])).await;
    account.advance(2 * HOUR);
    let (outcome, mut state) = carried_on(&manager, state).await;
    assert_eq!(
        outcome.status.to_string(),
        "halted: the window of the next wave has closed"
    );
    assert!(state.move_window("b", window(1)).is_err());
    let wrong = window(1).not_before(now(&account) + 2.hours());
    assert!(state.move_window("a", wrong).is_err());
    state.move_window("a", window(1)).unwrap();
    let (outcome, mut state) = carried_on(&manager, state).await;
    assert_eq!(outcome.status, RolloutStatus::Completed);
    assert!(state.move_window("a", window(1)).is_err());
}

/// The commands of one value run one after another, and each has the limit: so a command that has
/// not begun at the cutoff is not sent.
#[tokio::test]
async fn no_command_of_a_wave_is_sent_after_the_cutoff() {
    let (account, manager) = account(instances(60));
    let window = WaveWindow::new()
        .not_after(now(&account) + 1.hour() + 10.seconds())
        .cutoff(HOUR);
    let rollout = rollout([wave("a", 0..60).window(window).gate(Gate::new(50))]);
    let outcome = finished(&manager, &rollout.limit(2, LimitPer::AvailabilityZone)).await;
    let wave = &outcome.waves[0];
    assert_eq!((wave.succeeded, wave.others.len()), (50, 10));
    assert!(
        wave.others
            .values()
            .all(|result| *result == NodeResult::NotSent)
    );
    assert_eq!(commands(&manager).await.len(), 1);
}

/// How many operations ran at the same time for each value.
async fn most_at_once(
    manager: &PatchManager,
    value: impl Fn(&NodeId) -> String,
) -> BTreeMap<String, usize> {
    let ids = commands(manager)
        .await
        .into_iter()
        .map(|command| command.command_id);
    let run = manager.resume("Install".into(), ids.collect()).unwrap();
    let mut changes: BTreeMap<String, Vec<(Timestamp, i32)>> = BTreeMap::new();
    for node in run.outcome().await.unwrap().nodes {
        let of_value = changes.entry(value(&node.node)).or_default();
        // An end comes before a start at the same instant.
        of_value.extend([(node.started.unwrap(), 1), (node.ended.unwrap(), -1)]);
    }
    let most = changes.into_iter().map(|(value, mut changes)| {
        changes.sort();
        let mut running = 0;
        let counts = changes.into_iter().map(|(_, change)| {
            running += change;
            usize::try_from(running).unwrap()
        });
        (value, counts.max().unwrap())
    });
    most.collect()
}

#[tokio::test]
async fn no_more_nodes_than_the_limit_are_patched_at_once_for_each_value_of_a_tag() {
    let tagged = |(number, node): (usize, FleetNode)| match number % 3 {
        0 => node.with_tag("Cluster", "blue"),
        1 => node.with_tag("Cluster", "green"),
        _ => node,
    };
    let mut nodes: Vec<FleetNode> = instances(180).into_iter().enumerate().map(tagged).collect();
    nodes.push(hybrid_node(hybrid_id(1)).with_tag("Cluster", "blue"));
    let values: BTreeMap<NodeId, String> = nodes
        .iter()
        .map(|node| {
            let tag = node.tags.first().map(|tag| tag.value.clone());
            (node.id().clone(), tag.unwrap_or_default())
        })
        .collect();
    let (_, manager) = account(nodes);
    let all = Wave::of("all", NodeSet::Nodes(values.keys().cloned().collect()));
    let all = all.time_limit(Duration::from_hours(48));
    let rollout = rollout([all]).limit(7, LimitPer::Tag("Cluster".to_owned()));
    let outcome = finished(&manager, &rollout).await;
    assert_eq!(names(&outcome), [("all", 181, 181)]);
    let most = most_at_once(&manager, |node| values[node].clone()).await;
    let seven = ["", "blue", "green"].map(|value| (value.to_owned(), 7));
    assert_eq!(most, BTreeMap::from(seven));
}

#[tokio::test]
async fn no_more_nodes_than_the_limit_are_patched_at_once_in_each_zone() {
    let mut nodes = instances(30);
    for (number, node) in nodes.iter_mut().enumerate() {
        let zone = format!("eu-central-1{}", ["a", "b"][number % 2]);
        node.instance.as_mut().unwrap().placement.availability_zone = Some(zone);
    }
    let zones: BTreeMap<NodeId, String> = nodes
        .iter()
        .map(|node| {
            let placement = &node.instance.as_ref().unwrap().placement;
            (
                node.id().clone(),
                placement.availability_zone.clone().unwrap(),
            )
        })
        .collect();
    let (_, manager) = account(nodes);
    let rollout = rollout([wave("all", 0..30)]).limit(1, LimitPer::AvailabilityZone);
    let outcome = finished(&manager, &rollout).await;
    assert_eq!(names(&outcome), [("all", 30, 30)]);
    let most = most_at_once(&manager, |node| zones[node].clone()).await;
    let one = ["a", "b"].map(|zone| (format!("eu-central-1{zone}"), 1));
    assert_eq!(most, BTreeMap::from(one));
}

async fn states(manager: &PatchManager, account: &MemoryBackend) -> Vec<String> {
    use aws_patch_manager::backend::NodeInventoryExt;
    let _ = manager;
    let mut known = account.find_instances(&ids(0..3)).await.unwrap();
    known.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
    known
        .into_iter()
        .map(|instance| instance.state.name)
        .collect()
}

/// Only what was stopped before is stopped again.
#[tokio::test]
async fn stopped_instances_are_started_patched_and_stopped_again() {
    let mut nodes = instances(3);
    nodes[1].condition = NodeCondition::Stopped;
    for node in &mut nodes {
        *node = node.clone().with_tag("Ring", "1");
    }
    let (account, manager) = account(nodes);
    let ring = Wave::of("ring", NodeSet::tag("Ring", ["1"]))
        .bake(HOUR)
        .start_stopped();
    let rollout = rollout([ring]);
    let told: Vec<String> = events(&manager, begun(&manager, &rollout).await)
        .await
        .iter()
        .map(|event| event.kind.to_string())
        .collect();
    account.advance(HOUR);
    assert_eq!(
        states(&manager, &account).await,
        ["running", "stopped", "running"]
    );
    assert_eq!(commands_of_nodes(&manager).await.len(), 3);
    let (started, stopped) = (format!("started {}", id(1)), format!("stopped {}", id(1)));
    assert!(
        told.contains(&started) && told.contains(&stopped),
        "{told:?}"
    );
    assert!(
        told.contains(&"3 of 3 nodes succeeded".to_owned()),
        "{told:?}"
    );
}

/// Without the option a stopped node is in no group or tag, and by its id gets no command.
#[tokio::test]
async fn stopped_instances_are_left_alone_by_default() {
    let mut nodes = instances(3);
    nodes[1].condition = NodeCondition::Stopped;
    let (account, manager) = account(nodes);
    let rollout = rollout([wave("a", 0..3).time_limit(2 * HOUR).gate(Gate::new(60))]);
    let outcome = finished(&manager, &rollout).await;
    assert_eq!(outcome.status, RolloutStatus::Completed);
    assert_eq!(names(&outcome), [("a", 3, 2)]);
    assert_eq!(
        states(&manager, &account).await,
        ["running", "stopped", "running"]
    );
    assert_eq!(account.call_count(Operation::StartInstances), 0);
}

/// A node that is terminated before its wave is named, and the others are patched.
#[tokio::test]
async fn a_node_that_is_gone_is_left_out_and_the_others_are_patched() {
    let (account, manager) = account(instances(3));
    let rollout = rollout([wave("a", 0..3).gate(Gate::new(60))]);
    let state = begun(&manager, &rollout).await;
    account.remove_node(&node_id(1)).unwrap();
    let (outcome, _) = carried_on(&manager, state).await;
    assert_eq!(outcome.status, RolloutStatus::Completed);
    assert_eq!(names(&outcome), [("a", 3, 2)]);
    let expected = BTreeMap::from([(node_id(1), NodeResult::NotManaged)]);
    assert_eq!(outcome.waves[0].others, expected);
}

/// What waits for an unreachable node is cancelled, and what was not sent is not sent any more.
#[tokio::test]
async fn what_has_not_ended_at_the_time_limit_is_cancelled() {
    let mut nodes = instances(2);
    nodes[1].condition = NodeCondition::Unreachable;
    let (account, manager) = account(nodes);
    let limit = Duration::from_mins(40);
    let rollout = rollout([wave("a", 0..2).time_limit(limit)]);
    let outcome = finished(&manager, &rollout).await;
    assert_eq!(account.call_count(Operation::CancelCommand), 1);
    assert_eq!(names(&outcome), [("a", 2, 1)]);
    let result = &outcome.waves[0].others[&node_id(1)];
    assert_eq!(result.to_string(), "failed: Cancelled");
    let reason = HaltReason::GateFailed;
    assert_eq!(outcome.status, RolloutStatus::Halted { reason });
}

/// What can no longer pass the gate harms no further node.
#[tokio::test]
async fn no_further_node_gets_the_command_when_the_gate_cannot_hold_any_more() {
    let mut nodes = instances(20);
    for (number, node) in nodes.iter_mut().enumerate().take(3) {
        *node = failing(number);
    }
    let (_, manager) = account(nodes);
    let all = || wave("a", 0..20);
    for (percent, holds) in [(85, true), (90, false)] {
        let rollout = rollout([all().gate(Gate::new(percent))]);
        let rollout = rollout.limit(1, LimitPer::AvailabilityZone);
        let outcome = finished(&manager, &rollout).await;
        assert_eq!(outcome.is_completed(), holds, "{percent}");
        let wave = &outcome.waves[0];
        let terminated = wave
            .others
            .values()
            .filter(|one| one.to_string().contains("Terminated"));
        assert_eq!(terminated.count(), if holds { 0 } else { 17 }, "{outcome}");
    }
}

/// A command stops at its own errors; those after it are not sent, and their nodes are named.
#[tokio::test]
async fn no_further_command_is_sent_when_the_gate_cannot_hold_any_more() {
    for (percent, sent, failed) in [(100, 1, 1), (99, 1, 2), (1, 3, 119)] {
        let (_, manager) = account((0..120).map(failing).collect());
        let all = wave("a", 0..120).gate(Gate::new(percent));
        let rollout = rollout([all.time_limit(Duration::from_hours(48))]);
        let rollout = rollout.limit(1, LimitPer::AvailabilityZone);
        let outcome = finished(&manager, &rollout).await;
        let others = &outcome.waves[0].others;
        let count = |text: &str| {
            others
                .values()
                .filter(|one| one.to_string() == text)
                .count()
        };
        assert_eq!(
            commands(&manager).await.len(),
            sent,
            "{percent}%: {outcome}"
        );
        assert_eq!(count("failed"), failed, "{percent}%: {outcome}");
        assert_eq!(count("not sent"), 120 - (sent * 50).min(120), "{percent}%");
    }
}

/// What the commands before have used up of the errors that the gate tolerates is not there again.
#[tokio::test]
async fn the_errors_that_a_gate_tolerates_are_those_of_all_commands_of_a_wave() {
    let mut nodes = instances(100);
    for number in (0..3).chain(50..100) {
        nodes[number] = failing(number);
    }
    let (_, manager) = account(nodes);
    let all = wave("a", 0..100).gate(Gate::new(95));
    let rollout = rollout([all.time_limit(Duration::from_hours(48))]);
    let rollout = rollout.limit(1, LimitPer::AvailabilityZone);
    let outcome = finished(&manager, &rollout).await;
    let others = outcome.waves[0].others.values();
    let failed = others.filter(|one| one.to_string() == "failed");
    assert_eq!(failed.count(), 6, "{outcome}");
}

/// Waves, waits and results, as they happen.
#[tokio::test]
async fn events_say_what_happens() {
    let (account, manager) = account(vec![instances(1).remove(0), failing(1)]);
    let opens = now(&account) + 1.hour();
    let canary = wave("canary", [0])
        .window(WaveWindow::new().not_before(opens))
        .bake(HOUR);
    let state = begun(&manager, &rollout([canary, wave("rest", [1])])).await;
    let events = events(&manager, state).await;
    let told: Vec<String> = events
        .iter()
        .map(|event| {
            let kind = match &event.kind {
                RolloutEventKind::CommandSent { nodes, .. } => format!("sent to {nodes}"),
                RolloutEventKind::Baking { .. } => "bakes".to_owned(),
                kind => kind.to_string(),
            };
            match &event.wave {
                Some(wave) => format!("{wave}: {kind}"),
                None => kind,
            }
        })
        .collect();
    let failed = "0 of 1 nodes succeeded, at least 100% must";
    assert_eq!(
        told,
        [
            format!("canary: waits until {opens}"),
            "canary: started with 1 node".to_owned(),
            "canary: sent to 1".to_owned(),
            "canary: 1 of 1 nodes succeeded".to_owned(),
            "canary: gate passed".to_owned(),
            "canary: bakes".to_owned(),
            "canary: done".to_owned(),
            "rest: started with 1 node".to_owned(),
            "rest: sent to 1".to_owned(),
            "rest: 0 of 1 nodes succeeded".to_owned(),
            format!("rest: gate failed: {failed}"),
            "halted: a gate failed".to_owned(),
        ]
    );
    assert!(events.windows(2).all(|pair| pair[0].at <= pair[1].at));
    let first = format!("{} canary: waits until {opens}", events[0].at);
    assert_eq!(events[0].to_string(), first);
}

/// Systems Manager still lists an instance that was stopped a moment ago, and refuses a command to
/// it.
#[derive(Debug)]
struct Refuses(NodeId);

#[async_trait]
impl Layer for Refuses {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let sent = call.request::<SendCommand>();
        if sent.is_some_and(|request| request.instance_ids.contains(&self.0)) {
            let code = "InvalidInstanceId";
            let error = Error::service(ErrorKind::InvalidInput, code, "not in a valid state");
            return Err(error.with_operation(call.operation()));
        }
        next.run(&call).await
    }
}

#[tokio::test]
async fn a_node_to_which_no_command_can_be_sent_does_not_hold_the_others_up() {
    for (condition, goes_on) in [
        (NodeCondition::Unreachable, true),
        (NodeCondition::Online, false),
    ] {
        let (account, manager) = account(instances(3));
        let rollout = rollout([wave("a", 0..3).gate(Gate::new(60))]);
        let state = begun(&manager, &rollout).await;
        account.set_condition(&node_id(1), condition).unwrap();
        let manager = manager.layer(Refuses(node_id(1)));
        let run = RolloutRun::new(&manager, state, InMemoryRolloutStore::new());
        match run.finish().await {
            Ok(outcome) => {
                assert!(goes_on);
                assert_eq!(names(&outcome), [("a", 3, 2)]);
                assert_eq!(outcome.waves[0].others[&node_id(1)], NodeResult::NotManaged);
            }
            // A refusal for another reason is an error.
            Err(error) => {
                assert!(!goes_on);
                assert_eq!(error.code(), Some("InvalidInstanceId"));
            }
        }
    }
}

/// What a baseline approves after the first wave, the second one does not install.
#[tokio::test]
async fn a_baseline_that_is_edited_between_waves_changes_nothing() {
    let nodes = instances(2).into_iter();
    let nodes = nodes.map(|node| node.with_installed(old_openssl()));
    let (_, manager) = account(nodes.collect());
    let os = OperatingSystem::AmazonLinux2023;
    let rule = RuleBuilder::new().approve_after_days(0);
    let everything = BaselineBuilder::new("everything", os.clone()).rule(rule);
    let everything = everything.build().unwrap();
    let baseline = manager.ensure_baseline(&everything).await.unwrap().id;
    manager.set_default_baseline(&baseline).await.unwrap();
    let none = BaselineBuilder::new("nothing", os.clone()).approve_patches(["none.x86_64"]);
    let none = none.build().unwrap();
    let state = begun(&manager, &rollout([wave("a", [0]), wave("b", [1])])).await;
    let store = InMemoryRolloutStore::new();
    let mut events = RolloutRun::new(&manager, state, store.clone()).events();
    while let Some(event) = events.try_next().await.unwrap() {
        if event.kind == RolloutEventKind::WaveDone {
            let changes = BaselineChanges::from(&none);
            let edited = manager.update_baseline(&baseline, changes).now_or_never();
            edited.unwrap().unwrap();
        }
    }
    assert!(store.last().unwrap().outcome().is_completed());
    let query = ComplianceQuery::nodes(ids(0..2));
    let states: Vec<_> = manager.compliance(&query).try_collect().await.unwrap();
    let installed = |node: &NodeCompliance| node.state.as_ref().unwrap().installed_count;
    assert_eq!(installed(&states[0]), 1, "{states:?}");
    assert_eq!(installed(&states[1]), 1, "{states:?}");
}
