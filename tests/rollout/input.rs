//! What is refused: before any call, or before any write.

use std::time::Duration;

use aws_patch_manager::rollout::{
    FrozenPatches, Gate, LimitPer, NodeSet, Rollout, RolloutRun, RolloutState, Wave, WaveWindow,
};
use aws_patch_manager::{ErrorKind, PatchGroup, PatchManager};
use jiff::Timestamp;

use crate::world::*;

fn at(day: i8, hour: i8) -> Timestamp {
    let civil = jiff::civil::date(2026, 6, day).at(hour, 0, 0, 0);
    civil.in_tz("UTC").unwrap().timestamp()
}

fn window(from: Timestamp, to: Timestamp) -> WaveWindow {
    WaveWindow::new().not_before(from).not_after(to)
}

fn target() -> NodeSet {
    NodeSet::tag("Environment", ["production"])
}

fn shares(percents: &[u8]) -> Rollout {
    let waves = percents.iter().enumerate();
    waves.fold(
        Rollout::new("june").target(target()),
        |rollout, (at, percent)| rollout.wave(Wave::share(format!("wave {at}"), *percent)),
    )
}

/// Every reason at once, each by its path.
#[tokio::test]
async fn a_bad_rollout_is_refused_with_all_violations_before_any_call() {
    let (account, manager) = account(instances(3));
    let long = Duration::from_hours(5);
    let cases: Vec<(&str, Rollout, &[&str])> = vec![
        ("no waves", Rollout::new("june"), &["Waves"]),
        ("no name", Rollout::new("").wave(wave("a", [0])), &["Name"]),
        (
            "names of several lines",
            Rollout::new("june\n").wave(wave("a\u{1b}", [0])),
            &["Name", "Waves[0].Name"],
        ),
        (
            "the same name twice",
            rollout([wave("a", [0]), wave("a", [1])]),
            &["Waves[1].Name"],
        ),
        (
            "a gate of 0% and one of 101%",
            rollout([
                wave("a", [0]).gate(Gate::new(0)),
                wave("b", [1]).gate(Gate::new(101)),
            ]),
            &[
                "Waves[0].Gate.SucceededPercent",
                "Waves[1].Gate.SucceededPercent",
            ],
        ),
        (
            "a node in two waves",
            rollout([wave("a", [0, 1]), wave("b", [1, 2])]),
            &["Waves[1].Nodes"],
        ),
        (
            "a patch group in two waves",
            rollout(["a", "b"].map(|name| Wave::of(name, PatchGroup::new("web").unwrap()))),
            &["Waves[1].Nodes"],
        ),
        (
            "a value of a tag in two waves",
            rollout([
                Wave::of("a", NodeSet::tag("Ring", ["1", "2"])),
                Wave::of("b", NodeSet::tag("Ring", ["2", "3"])),
            ]),
            &["Waves[1].Nodes"],
        ),
        ("shares of 90%", shares(&[5, 25, 60]), &["Waves"]),
        ("shares of 110%", shares(&[5, 25, 80]), &["Waves"]),
        (
            "shares of 100% and a rest",
            shares(&[50, 50]).wave(Wave::rest("rest")),
            &["Waves"],
        ),
        ("a share of 0%", shares(&[0, 100]), &["Waves[0].Nodes"]),
        (
            "a rest before a share",
            Rollout::new("june")
                .target(target())
                .wave(Wave::rest("rest"))
                .wave(Wave::share("a", 5)),
            &["Waves[0].Nodes"],
        ),
        (
            "a share of nothing",
            rollout([Wave::share("a", 5), Wave::rest("rest")]),
            &["Target"],
        ),
        (
            "a bake longer than the window",
            rollout([wave("a", [0]).window(window(at(1, 2), at(1, 5))).bake(long)]),
            &["Waves[0].Bake"],
        ),
        (
            "a cutoff as long as the window",
            rollout([wave("a", [0]).window(window(at(1, 2), at(1, 7)).cutoff(long))]),
            &["Waves[0].Window.Cutoff"],
        ),
        (
            "a window that ends before it starts",
            rollout([wave("a", [0]).window(window(at(1, 5), at(1, 2)))]),
            &["Waves[0].Window"],
        ),
        (
            "a window that is over before the bake time is",
            rollout([
                wave("a", [0])
                    .window(window(at(1, 0), at(1, 12)))
                    .bake(long),
                wave("b", [1]).window(window(at(1, 0), at(1, 5))),
            ]),
            &["Waves[1].Window.NotAfter"],
        ),
        (
            "a snapshot for two weeks",
            rollout([
                wave("a", [0]).window(window(at(1, 2), at(1, 5))),
                wave("b", [1]).window(window(at(14, 2), at(14, 5))),
            ]),
            &["Patches"],
        ),
        (
            "a bake longer than a snapshot lives",
            rollout([
                wave("a", [0]).bake(Duration::from_hours(73)),
                wave("b", [1]),
            ]),
            &["Patches"],
        ),
        (
            "a compliance that a run with an override does not report",
            rollout([wave("a", [0]).gate(Gate::new(100).all_compliant())]).patches(
                FrozenPatches::BaselineOverride {
                    url: "s3://patching.example/june.json".to_owned(),
                },
            ),
            &["Waves[0].Gate.Compliant"],
        ),
        (
            "no URL",
            rollout([wave("a", [0])]).patches(FrozenPatches::InstallOverrideList {
                url: "june.yaml".to_owned(),
            }),
            &["Parameters.InstallOverrideList"],
        ),
        (
            "compliant nodes of another wave",
            rollout([wave("a", [0]).gate(Gate::new(100).compliant([id(1)]))]),
            &["Waves[0].Gate.Compliant"],
        ),
        (
            "a limit of nothing",
            rollout([wave("a", [0])]).limit(0, LimitPer::Tag(String::new())),
            &["Limit.Nodes", "Limit.Per"],
        ),
        (
            "malformed ids",
            rollout([Wave::of("a", NodeSet::nodes(["web-1", "web-2"]))]),
            &["Waves[0].Nodes[0]", "Waves[0].Nodes[1]"],
        ),
        (
            "a time limit of nothing",
            rollout([wave("a", [0]).time_limit(Duration::ZERO)]),
            &["Waves[0].TimeLimit"],
        ),
        (
            "much at once",
            Rollout::new("")
                .wave(wave("a", [0]).gate(Gate::new(0)))
                .wave(wave("a", [0])),
            &[
                "Name",
                "Waves[0].Gate.SucceededPercent",
                "Waves[1].Name",
                "Waves[1].Nodes",
            ],
        ),
    ];
    for (name, rollout, fields) in cases {
        let error = rollout.begin(&manager).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
        let found: Vec<&str> = error
            .violations()
            .iter()
            .map(|one| one.field.as_str())
            .collect();
        assert_eq!(found, fields, "{name}: {error}");
    }
    assert_eq!(account.calls(), [""; 0]);
}

/// A rollout in a file says no more than it has to.
#[test]
fn a_rollout_is_read_with_its_defaults() {
    let written = serde_json::json!({
        "Name": "june",
        "Target": { "PatchGroup": "web" },
        "Waves": [
            { "Name": "canary", "Nodes": { "Share": 5 }, "Bake": "PT24H" },
            { "Name": "cluster", "Nodes": { "Set": { "Tag": { "Key": "Ring", "Values": ["1"] } } } },
            { "Name": "rest", "Nodes": "Rest", "Gate": { "SucceededPercent": 95 } },
        ],
    });
    let expected = Rollout::new("june")
        .target(PatchGroup::new("web").unwrap())
        .wave(Wave::share("canary", 5).bake(24 * HOUR))
        .wave(Wave::of("cluster", NodeSet::tag("Ring", ["1"])))
        .wave(Wave::rest("rest").gate(Gate::new(95)));
    assert_eq!(
        serde_json::from_value::<Rollout>(written).unwrap(),
        expected
    );
}

/// A snapshot serves a rollout of three days.
#[tokio::test]
async fn three_days_are_no_reason_to_refuse_a_snapshot() {
    let (_, manager) = account(instances(2));
    let three_days = wave("a", [0]).bake(Duration::from_hours(72));
    begun(&manager, &rollout([three_days, wave("b", [1])])).await;
}

/// A first wave without a window starts now.
#[tokio::test]
async fn a_last_wave_that_opens_in_more_than_three_days_is_no_rollout_for_a_snapshot() {
    let (account, manager) = account(instances(2));
    for (hours, begins) in [(72, true), (73, false)] {
        let opens = now(&account) + jiff::SignedDuration::from_hours(hours);
        let later = wave("b", [1]).window(WaveWindow::new().not_before(opens));
        let begun = rollout([wave("a", [0]), later]).begin(&manager).await;
        assert_eq!(begun.is_ok(), begins, "{hours}");
    }
}

/// What only the nodes show is refused before anything is written.
#[tokio::test]
async fn waves_that_overlap_or_do_not_cover_the_target_are_refused_by_their_nodes() {
    let mut nodes = instances(5);
    for (number, node) in nodes.iter_mut().enumerate() {
        let ring = if number < 2 { "1" } else { "2" };
        *node = node
            .clone()
            .with_tag("Ring", ring)
            .with_tag("Patch Group", "web");
    }
    let (account, manager) = account(nodes);
    let ring = |value: &str| NodeSet::tag("Ring", [value]);
    let web = || PatchGroup::new("web").unwrap();
    // The violations by field and node.
    let cases = [
        (
            rollout([Wave::of("a", ring("1")), wave("b", [1, 2])]),
            vec![("Waves[1].Nodes", id(1))],
        ),
        // Less than the target.
        (
            rollout([Wave::of("a", ring("1")), wave("b", [2, 3])]).target(web()),
            vec![("Target", id(4))],
        ),
        // More than the target.
        (
            rollout([Wave::of("a", web())]).target(ring("2")),
            vec![("Waves[0].Nodes", id(0)), ("Waves[0].Nodes", id(1))],
        ),
    ];
    for (rollout, expected) in cases {
        let error = rollout.begin(&manager).await.unwrap_err();
        let found = error.violations().iter();
        let found = found.map(|one| (one.field.as_str(), one.value.clone()));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{error}");
    }
    let empty = rollout([Wave::of("a", ring("3"))]).begin(&manager).await;
    let empty = empty.unwrap_err().violations().to_vec();
    assert_eq!(empty[0].field, "Waves[0].Nodes");
    assert_eq!(empty[0].value, "tag Ring = 3");
    // The target is named, and not each wave that is empty for it.
    let nobody = PatchGroup::new("nobody").unwrap();
    let shares = Rollout::new("june")
        .target(nobody)
        .wave(Wave::share("a", 5))
        .wave(Wave::rest("b"));
    let error = shares.begin(&manager).await.unwrap_err();
    let [violation] = error.violations() else {
        panic!("{error}")
    };
    assert_eq!(
        (&*violation.field, &*violation.value),
        ("Target", "patch group nobody")
    );
    assert!(
        account
            .calls()
            .iter()
            .all(|call| call.as_str().starts_with("Describe"))
    );
}

/// A process that resumes without the health check would let every wave pass.
#[tokio::test]
async fn a_run_without_the_health_check_that_a_gate_demands_is_refused() {
    let (account, manager) = account(instances(2));
    let healthy = wave("b", [1]).gate(Gate::new(100).healthy());
    let state = begun(&manager, &rollout([wave("a", [0]), healthy])).await;
    account.clear_calls();
    let store = aws_patch_manager::rollout::InMemoryRolloutStore::new();
    let refused = RolloutRun::new(&manager, state, store)
        .finish()
        .await
        .unwrap_err();
    assert_eq!(refused.violations()[0].field, "Waves[1].Gate.Healthy");
    assert_eq!(account.calls(), [""; 0]);
}

/// A state is a file: somebody can have edited it since the rollout began.
#[tokio::test]
async fn a_run_of_a_state_that_was_edited_to_a_rollout_that_is_refused_makes_no_call() {
    let (account, manager) = account(instances(2));
    let state = begun(&manager, &rollout([wave("a", [0]), wave("b", [1])])).await;
    let mut file = serde_json::to_value(&state).unwrap();
    file["Rollout"]["Waves"][1]["Gate"]["SucceededPercent"] = 0.into();
    let edited = serde_json::from_value(file).unwrap();
    account.clear_calls();
    let store = aws_patch_manager::rollout::InMemoryRolloutStore::new();
    let refused = RolloutRun::new(&manager, edited, store)
        .finish()
        .await
        .unwrap_err();
    assert_eq!(
        refused.violations()[0].field,
        "Waves[1].Gate.SucceededPercent"
    );
    assert!(refused.to_string().starts_with("Rollout: invalid input"));
    assert_eq!(account.calls(), [""; 0]);
}

#[tokio::test]
async fn a_state_reads_back_from_its_json_and_refuses_other_members_at_their_paths() {
    let manager = PatchManager::in_memory();
    let wave = Wave::of("all", NodeSet::nodes(["i-0c0ffee0000000001"]));
    let begun = Rollout::new("june").wave(wave).begin(&manager).await;
    let state = begun.unwrap();
    let written = serde_json::to_value(&state).unwrap();
    assert_eq!(
        RolloutState::from_json(&written.to_string()).unwrap(),
        state
    );
    let mut misspelled = written;
    misspelled["Rollout"]["Wavs"] = misspelled["Rollout"]["Waves"].take();
    let error = RolloutState::from_json(&misspelled.to_string()).unwrap_err();
    assert_eq!(error.violations()[0].field, "Rollout.Wavs", "{error}");
    assert!(
        error.to_string().contains("the nearest is `Waves`"),
        "{error}"
    );
}
