//! What a preview says is what the rollout then does, and it does nothing itself.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::memory::NodeCondition;
use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};
use aws_patch_manager::plan::{MirrorScope, MirrorSnapshot};
use aws_patch_manager::rollout::{
    FrozenPatches, Gate, HaltReason, InMemoryRolloutStore, LimitPer, Rollout, RolloutEventKind,
    RolloutPreview, RolloutRun, RolloutState, RolloutStatus, Wave, WaveWindow,
};
use aws_patch_manager::types::{NodeId, RebootOption};
use aws_patch_manager::{MemoryBackend, PatchManager, PatchRequest};
use futures_util::TryStreamExt;
use jiff::{SignedDuration, ToSpan};

use crate::support::accounts::{old_openssl, run};
use crate::world::*;

const NODES: usize = 10;

/// Ten nodes that were scanned: some with an old package, one on which its update fails, one that is
/// stopped, one that is not reached, and one whose system is not supported.
async fn scanned() -> (MemoryBackend, PatchManager) {
    let mut nodes = instances(NODES);
    for node in nodes.iter_mut().step_by(2) {
        *node = node.clone().with_installed(old_openssl());
    }
    nodes[2] = nodes[2].clone().with_failing_patch("openssl.x86_64");
    nodes[5] = failing(5);
    let (account, manager) = account(nodes);
    account.advance(30 * 24 * HOUR);
    run(&manager, PatchRequest::scan().nodes(ids(0..NODES))).await;
    // By the failed install a mirror knows that it will fail again.
    run(&manager, PatchRequest::install().nodes(ids([2]))).await;
    account
        .set_condition(&node_id(6), NodeCondition::Stopped)
        .unwrap();
    account
        .set_condition(&node_id(7), NodeCondition::Unreachable)
        .unwrap();
    account.advance(HOUR);
    account.clear_calls();
    (account, manager)
}

fn staged(percents: [u8; 3]) -> Rollout {
    let [a, b, c] = percents.map(Gate::new);
    rollout([
        wave("a", 0..2).gate(a.online_within(HOUR)).bake(HOUR),
        wave("b", 2..6).gate(b).start_stopped(),
        wave("c", 6..NODES)
            .gate(c.all_compliant())
            .start_stopped()
            .time_limit(HOUR),
    ])
}

async fn snapshot(manager: &PatchManager) -> MirrorSnapshot {
    let scope = MirrorScope::new().patches().catalog();
    manager.mirror_snapshot(&scope).await.unwrap()
}

/// Waves, times, nodes and gates.
#[tokio::test]
async fn a_rollout_does_what_its_preview_says() {
    // Without a reboot no node complies yet.
    let mut without_reboot = staged([100, 50, 50]).reboot(RebootOption::NoReboot);
    without_reboot.waves[2].gate = Gate::new(50);
    let rollouts = [
        staged([100, 50, 50]),
        staged([100, 50, 50]).limit(1, LimitPer::AvailabilityZone),
        without_reboot,
        staged([1, 1, 1]).patches(FrozenPatches::RegisteredBaselines),
    ];
    for rollout in rollouts {
        let (_, manager) = scanned().await;
        let preview = rollout.preview(&manager).await.unwrap();
        let (outcome, state) = carried_on(&manager, begun(&manager, &rollout).await).await;
        assert_eq!(preview.status, outcome.status, "{preview}{outcome}");
        assert_eq!(preview.status, RolloutStatus::Completed, "{preview}");
        assert_eq!(Some(preview.until), outcome.ended);
        let after = snapshot(&manager).await;
        for (foreseen, wave) in preview.waves.iter().zip(&state.waves) {
            assert_eq!(
                (foreseen.starts, foreseen.ends),
                (wave.started, wave.ended),
                "{preview}"
            );
            assert_eq!(foreseen.gate, wave.gate);
            assert_eq!(foreseen.starts_instances, wave.started_nodes);
            let succeeds: Vec<&NodeId> = foreseen
                .nodes
                .iter()
                .filter(|node| node.problem.is_none())
                .map(|node| &node.node)
                .collect();
            assert_eq!(succeeds, wave.succeeded().collect::<Vec<_>>(), "{preview}");
            for node in &foreseen.nodes {
                let patches = after.node(&node.node).and_then(|node| node.patches.clone());
                let has_openssl = patches.iter().flatten().any(|patch| {
                    patch.title.starts_with("openssl")
                        && patch.state.as_str().starts_with("Installed")
                });
                let installs = !node.installs.is_empty();
                assert!(
                    !installs || has_openssl,
                    "{}: {node} {patches:?}",
                    node.node
                );
            }
        }
        let installs: Vec<(&NodeId, &str)> = preview
            .waves
            .iter()
            .flat_map(|wave| wave.nodes_by_patch())
            .flat_map(|(patch, nodes)| nodes.into_iter().map(move |node| (node, patch)))
            .collect();
        let openssl = "openssl.x86_64-3.2.2-1.amzn2023.0.4";
        assert_eq!(
            installs,
            ids([0, 4, 6, 8])
                .iter()
                .map(|node| (node, openssl))
                .collect::<Vec<_>>(),
            "{preview}"
        );
        let fails = &preview.waves[1].nodes[0];
        assert_eq!(fails.fails, ["openssl.x86_64"], "{preview}");
        let reboots = preview
            .waves
            .iter()
            .map(|wave| wave.rebooting().count())
            .sum::<usize>();
        assert_eq!(reboots > 0, rollout.reboot.is_none(), "{preview}");
    }
}

/// It writes nothing, in the account and in the rollout's own terms.
#[tokio::test]
async fn a_preview_reads_and_does_not_write() {
    let (account, manager) = scanned().await;
    let before = snapshot(&manager).await;
    account.clear_calls();
    staged([1; 3]).preview(&manager).await.unwrap();
    for write in [
        Operation::SendCommand,
        Operation::StartInstances,
        Operation::StopInstances,
    ] {
        assert_eq!(account.call_count(write), 0);
    }
    assert_eq!(snapshot(&manager).await, before);
    account.clear_calls();
    let refused = staged([0, 1, 1]).preview(&manager).await.unwrap_err();
    assert_eq!(
        refused.violations()[0].field,
        "Waves[0].Gate.SucceededPercent"
    );
    assert_eq!(account.calls(), [""; 0]);
}

/// The rollout halts there, and the later waves are shown as if it had been accepted.
#[tokio::test]
async fn a_gate_that_would_fail_is_named_and_the_later_waves_are_shown() {
    let (_, manager) = scanned().await;
    let preview = staged([100, 80, 1]).preview(&manager).await.unwrap();
    let failed: Vec<(&str, String)> = preview
        .failed_gates()
        .map(|(wave, gate)| (wave, gate.to_string()))
        .collect();
    let gate = "failed: 2 of 4 nodes succeeded, at least 80% must";
    assert_eq!(failed, [("b", gate.to_owned())]);
    assert!(preview.waves[2].starts.is_some(), "{preview}");
    let (outcome, _) = carried_on(&manager, begun(&manager, &staged([100, 80, 1])).await).await;
    let reason = HaltReason::GateFailed;
    assert_eq!(outcome.status, RolloutStatus::Halted { reason });
}

/// More nodes at the same time take less.
#[tokio::test]
async fn the_time_depends_on_the_limit() {
    let time = |preview: &RolloutPreview| preview.waves[0].install_time().unwrap();
    let mut times = BTreeMap::new();
    for limit in [1, 2, 5] {
        let (_, manager) = scanned().await;
        let rollout = rollout([wave("all", [0, 1, 4, 8, 9]).gate(Gate::new(1))]);
        let limited = rollout.limit(limit, LimitPer::AvailabilityZone);
        times.insert(limit, time(&limited.preview(&manager).await.unwrap()));
    }
    assert!(times[&1] > times[&2] && times[&2] > times[&5], "{times:?}");
    // A scan of a minute, a patch of a minute, a reboot of two, and the start of the run.
    assert!(times[&5] >= SignedDuration::from_mins(4), "{times:?}");
    assert!(times[&5] <= SignedDuration::from_mins(5), "{times:?}");
}

#[tokio::test]
async fn a_wave_whose_window_closes_first_is_not_reached() {
    let (account, manager) = scanned().await;
    let closes = now(&account) + 90.minutes();
    let later = wave("later", [8]).window(WaveWindow::new().not_after(closes));
    let rollout = long_rollout([wave("first", [0]).bake(2 * HOUR), later]);
    let preview = rollout.preview(&manager).await.unwrap();
    let reason = HaltReason::WindowClosed;
    assert_eq!(preview.status, RolloutStatus::Halted { reason });
    let later = &preview.waves[1];
    assert_eq!((later.starts, later.ends, &later.gate), (None, None, &None));
    assert!(
        later
            .nodes
            .iter()
            .all(|node| node.starts.is_none() && node.installs.is_empty())
    );
    assert!(
        preview.to_string().contains("later: 1 node, not reached"),
        "{preview}"
    );
}

/// What the preview cannot know, it says.
#[tokio::test]
async fn what_is_not_known_is_said() {
    let mut nodes = instances(2);
    nodes[0] = nodes[0].clone().with_installed(old_openssl());
    let (_, manager) = account(nodes);
    let run = rollout([wave("all", 0..2).gate(Gate::new(100).healthy())]);
    let preview = run.preview(&manager).await.unwrap();
    assert_eq!(preview.unknown, ids(0..2));
    assert!(preview.waves[0].asks_health_check);
    let text = preview.to_string();
    let unknown = format!("patches not known: {}, {}", id(0), id(1));
    assert!(text.contains(&unknown), "{text}");
    assert!(
        text.contains("gate passed, if the health check finds it healthy"),
        "{text}"
    );
}

/// The file of a list is not read from S3: it is put into the mirror.
#[tokio::test]
async fn a_list_of_patches_is_previewed_in_a_mirror_that_has_it() {
    let (_, manager) = scanned().await;
    let url = "https://lists.s3.amazonaws.com/june.json";
    let patches = FrozenPatches::InstallOverrideList {
        url: url.to_owned(),
    };
    let rollout = rollout([wave("all", [0, 4])]).patches(patches);
    let mirror = MemoryBackend::from_snapshot(&snapshot(&manager).await);
    let list = InstallOverrideList::new([OverriddenPatch::new("openssl*")]);
    mirror.put_object(url, list.unwrap().to_json()).unwrap();
    let preview = RolloutPreview::on(&rollout, &mirror).await.unwrap();
    assert_eq!(preview.waves[0].installations(), 2, "{preview}");
}

/// As text, as Markdown and as JSON.
#[tokio::test]
async fn a_preview_is_printed_in_three_forms() {
    let (_, manager) = scanned().await;
    let canary = Wave::of(
        "a|b",
        aws_patch_manager::rollout::NodeSet::Nodes(ids([0, 5])),
    );
    let preview = rollout([canary.gate(Gate::new(60))])
        .preview(&manager)
        .await
        .unwrap();
    let text = preview.to_string();
    let openssl = "openssl.x86_64-3.2.2-1.amzn2023.0.4";
    for line in [
        format!("    {} installs {openssl}; reboots", id(0)),
        "    gate failed: 1 of 2 nodes succeeded, at least 60% must".to_owned(),
    ] {
        assert!(text.lines().any(|one| one == line), "{text}");
    }
    assert!(
        text.contains("  a|b: 2 nodes, patches to install: 1, nodes to reboot: 1, from 2026-"),
        "{text}"
    );
    assert!(text.contains(&format!("    {} failed: ", id(5))), "{text}");
    let markdown = preview.to_markdown();
    let lines: Vec<&str> = markdown.lines().collect();
    assert_eq!(lines[0], "# Preview of rollout june: gates fail: a\\|b");
    assert!(
        lines[6].starts_with("| a\\|b | 2 | 1 | 1 | 2026-"),
        "{markdown}"
    );
    assert!(
        lines.contains(&&*format!(
            "| a\\|b | {} | 1 |",
            openssl.replace('_', "\\_")
        )),
        "{markdown}"
    );
    let written = serde_json::to_value(&preview).unwrap();
    assert_eq!(written["Waves"][0]["Nodes"][0]["Installs"][0], openssl);
    assert_eq!(written["Waves"][0]["Nodes"][0]["Reboots"], true);
    assert_eq!(written["Status"], "Completed");
}

/// Carries a rollout on until this wave is done, or to its end, and returns the state and how long the longest
/// command lasted.
async fn carried_until(
    manager: &PatchManager,
    state: RolloutState,
    last: Option<&str>,
) -> (RolloutState, Duration) {
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(manager, state, store.clone());
    let control = run.control();
    let mut events = run.events();
    let (mut sent, mut lasted) = (BTreeMap::new(), Duration::ZERO);
    while let Some(event) = events.try_next().await.unwrap() {
        match event.kind {
            RolloutEventKind::CommandSent { .. } => drop(sent.insert(event.wave, event.at)),
            RolloutEventKind::CommandEnded { .. } => {
                let since = sent[&event.wave].duration_until(event.at);
                lasted = lasted.max(since.unsigned_abs());
            }
            RolloutEventKind::WaveDone if event.wave.as_deref() == last => control.pause(),
            _ => {}
        }
    }
    (store.last().unwrap(), lasted)
}

#[tokio::test]
async fn an_explanation_counts_the_calls_that_are_left() {
    let (account, manager) = account(instances(130));
    let spec = rollout([
        wave("a", 0..110).gate(Gate::new(50).online_within(HOUR).all_compliant()),
        wave("b", 110..120).gate(Gate::new(50).compliant([node_id(110)])),
        wave("c", 120..130).start_stopped(),
    ]);
    let mut state = begun(&manager, &spec).await;
    for (last, nodes) in [(Some("a"), 130), (None, 20)] {
        let before = state.clone();
        state.resume();
        account.clear_calls();
        let (after, lasted) = carried_until(&manager, state, last).await;
        let (plan, rest) = (before.explain(lasted), after.explain(lasted));
        assert_eq!(plan.nodes, nodes);
        // The run that goes on looks again for what was sent.
        let looks_again = usize::from(last.is_some());
        assert_eq!(
            plan.calls() + looks_again - rest.calls(),
            account.calls().len(),
            "{plan}\n{rest}"
        );
        state = after;
    }
    assert_eq!(state.status, RolloutStatus::Completed);
    assert_eq!(state.explain(HOUR).calls(), 0);
}

#[tokio::test]
async fn an_explanation_of_an_endless_command_has_no_end_either() {
    let (_, manager) = account(instances(2));
    let state = begun(&manager, &rollout([wave("a", 0..1), wave("b", 1..2)])).await;
    assert!(state.explain(Duration::MAX).calls() > 1 << 60);
}
