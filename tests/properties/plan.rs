//! What holds for every account and every desired state: a plan that is applied leaves none behind.

#![allow(clippy::unwrap_used)]

use aws_patch_manager::memory::{FleetFile, FleetNode};
use aws_patch_manager::plan::{DesiredState, Plan, PlanOptions};
use aws_patch_manager::{Error, ErrorKind, MemoryBackend, PatchManager, PolicySchedule};
use futures_util::{FutureExt, TryStreamExt};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

const SYSTEMS: [&str; 3] = ["UBUNTU", "WINDOWS", "AMAZON_LINUX_2023"];
const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

fn id(number: usize) -> String {
    format!("i-{number:017x}")
}

/// A baseline of the state by its name, AWS's default, or one that AWS owns.
fn reference() -> impl Strategy<Value = &'static str> {
    select(vec!["alpha", "alpha", "beta", "gamma", "AWS", "AWS"])
}

fn tags() -> impl Strategy<Value = Value> {
    vec(
        (select(vec!["Team", "Cost"]), select(vec!["", "web", "a b"])),
        0..2,
    )
    .prop_map(|tags| {
        let tags: Map<String, Value> = tags
            .into_iter()
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .collect();
        let tags = tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}));
        tags.collect()
    })
}

fn baseline() -> impl Strategy<Value = Value> {
    let approved = vec(select(vec!["KB5000001", "KB5000002", "KB5000003"]), 0..3);
    let source = option::of(select(vec!["password=one", "password=two"]));
    let which = (select(NAMES.to_vec()), select(SYSTEMS.to_vec()));
    (which, approved, source, tags(), 0..3_u32).prop_map(
        |((name, os), approved, source, tags, days)| {
            let mut baseline = json!({
                "Name": name, "OperatingSystem": os, "ApprovedPatches": approved, "Tags": tags,
            });
            if days > 0 && os == "WINDOWS" {
                baseline["ApprovalRules"] = json!({"PatchRules": [{
                    "ApproveAfterDays": days, "PatchFilterGroup": {"PatchFilters": [
                        {"Key": "MSRC_SEVERITY", "Values": ["Critical"]}
                    ]}
                }]});
            }
            if let Some(source) = source.filter(|_| os == "AMAZON_LINUX_2023") {
                let configuration = format!("[repo]\nname=repo\nbaseurl=https://x\n{source}");
                baseline["Sources"] = json!([
                    {"Name": "repo", "Products": ["*"], "Configuration": configuration}
                ]);
            }
            baseline
        },
    )
}

fn by_system() -> impl Strategy<Value = Value> {
    vec((select(SYSTEMS.to_vec()), reference()), 0..3).prop_map(|entries| {
        let entries = entries.into_iter();
        entries
            .map(|(os, name)| (os.to_owned(), json!(name)))
            .collect::<Map<_, _>>()
            .into()
    })
}

fn targets() -> impl Strategy<Value = Value> {
    prop_oneof![
        vec(0..4_usize, 1..3).prop_map(|numbers| {
            let ids: Vec<String> = numbers.into_iter().map(id).collect();
            json!([{"Key": "InstanceIds", "Values": ids}])
        }),
        select(vec!["web", "db", "none"])
            .prop_map(|role| json!([{"Key": "tag:Role", "Values": [role]}])),
    ]
}

fn nodes() -> impl Strategy<Value = Value> {
    let group = option::of(select(vec!["web", "db"]));
    (targets(), group, tags()).prop_map(|(targets, group, tags)| {
        let mut nodes = json!({"Targets": targets, "Tags": tags});
        if let Some(group) = group {
            nodes["PatchGroup"] = json!(group);
        }
        nodes
    })
}

fn policy() -> impl Strategy<Value = Value> {
    (select(NAMES.to_vec()), 0..3_u8, any::<bool>(), by_system()).prop_map(
        |(name, hour, installs, baselines)| {
            let mut policy = PolicySchedule::new(name).scan(format!("cron(0 {hour} * * ? *)"));
            if installs {
                policy = policy.install(format!("cron(0 {hour} ? * SUN *)"));
            }
            let mut policy = json!(policy.patch_policy().unwrap());
            for (os, reference) in baselines.as_object().unwrap() {
                policy["Baselines"][os] = json!({"value": reference, "label": reference});
            }
            policy
        },
    )
}

fn window() -> impl Strategy<Value = Value> {
    let parts = (
        option::of(targets()),
        option::of(targets()),
        1..4_u8,
        any::<bool>(),
    );
    (select(NAMES.to_vec()), 2..5_u8, parts, tags()).prop_map(
        |(name, hours, (first, second, most, installs), tags)| {
            let mut targets = Vec::new();
            for (name, target) in [("first", first), ("second", second)] {
                targets.extend(target.map(
                    |target| json!({"Name": name, "ResourceType": "INSTANCE", "Targets": target}),
                ));
            }
            let names: Vec<Value> = targets.iter().map(|one| one["Name"].clone()).collect();
            let operation = if installs { "Install" } else { "Scan" };
            let task = json!({
                "Task": {"Name": "patch", "TaskArn": "AWS-RunPatchBaseline",
                    "TaskType": "RUN_COMMAND", "MaxConcurrency": most.to_string(), "MaxErrors": "1",
                    "TaskInvocationParameters": {"RunCommand": {
                        "Parameters": {"Operation": [operation]}}}},
                "TargetNames": names,
            });
            let tasks = if names.is_empty() { vec![] } else { vec![task] };
            json!({
                "Window": {"Name": name, "Schedule": "cron(0 2 ? * SUN *)", "Duration": hours,
                    "Cutoff": 1, "AllowUnassociatedTargets": false, "Tags": tags},
                "Targets": targets, "Tasks": tasks,
            })
        },
    )
}

fn association() -> impl Strategy<Value = Value> {
    (select(NAMES.to_vec()), targets(), 1..4_u8, tags()).prop_map(|(name, targets, days, tags)| {
        json!({
            "Name": "AWS-RunPatchBaseline", "AssociationName": name, "Targets": targets,
            "Parameters": {"Operation": ["Scan"]}, "ScheduleExpression": format!("rate({days} days)"),
            "Tags": tags,
        })
    })
}

/// Items of one list, each name once: what a state with a name twice is refused for has tests of its own.
fn named(
    item: impl Strategy<Value = Value>,
    key: fn(&Value) -> String,
) -> impl Strategy<Value = Vec<Value>> {
    vec(item, 0..3).prop_map(move |mut items| {
        let mut seen = std::collections::BTreeSet::new();
        items.retain(|item| seen.insert(key(item)));
        items
    })
}

fn states() -> impl Strategy<Value = Value> {
    let baselines = named(baseline(), |one| {
        format!("{}{}", one["Name"], one["OperatingSystem"])
    });
    let groups = vec((select(vec!["web", "db"]), by_system()), 0..3);
    let policies = named(policy(), |one| one["Name"].to_string());
    let windows = named(window(), |one| one["Window"]["Name"].to_string());
    let associations = named(association(), |one| one["AssociationName"].to_string());
    let schedules = (policies, windows, associations);
    let owner = select(vec!["web-fleet", "web-fleet", "db-fleet"]);
    let nodes = named(nodes(), |one| one["Targets"].to_string());
    (owner, baselines, groups, by_system(), nodes, schedules).prop_map(
        |(owner, baselines, groups, defaults, nodes, (policies, windows, associations))| {
            let groups = groups.into_iter();
            let groups: Map<_, _> = groups.map(|(name, of)| (name.to_owned(), of)).collect();
            let mut state = json!({
                "Name": owner, "Baselines": baselines, "PatchGroups": groups,
                "Defaults": defaults, "Nodes": nodes, "PatchPolicies": policies,
                "MaintenanceWindows": windows, "Associations": associations,
            });
            drop_unknown_references(&mut state);
            state
        },
    )
}

/// Leaves out references to baselines that the state does not have, but for one in a while.
fn drop_unknown_references(state: &mut Value) {
    let known: Vec<(String, String)> = state["Baselines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["Name"].as_str().unwrap().to_owned(),
                one["OperatingSystem"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let is_known = |os: &String, name: &str| {
        name == "AWS" || name == "gamma" || known.contains(&(name.to_owned(), os.clone()))
    };
    let retain = |references: &mut Value| {
        let references = references.as_object_mut().unwrap();
        references.retain(|os, value| is_known(os, value.as_str().unwrap()));
    };
    retain(&mut state["Defaults"]);
    state["PatchGroups"]
        .as_object_mut()
        .unwrap()
        .values_mut()
        .for_each(retain);
    for policy in state["PatchPolicies"].as_array_mut().unwrap() {
        let selected = policy["Baselines"].as_object_mut().unwrap();
        selected.retain(|os, one| is_known(os, one["value"].as_str().unwrap()));
    }
}

fn account() -> MemoryBackend {
    let mut fleet = FleetFile::default();
    fleet.nodes = (0..4)
        .map(|number| {
            let node = FleetNode::amazon_linux_2023(id(number));
            node.with_tag("Role", if number % 2 == 0 { "web" } else { "db" })
        })
        .collect();
    MemoryBackend::builder().fleet(fleet).build()
}

fn is_typed(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidInput
            | ErrorKind::Ambiguous
            | ErrorKind::AlreadyExists
            | ErrorKind::NotFound
            | ErrorKind::LimitExceeded
    )
}

/// Plans and applies a state; nothing if it is refused before any change.
async fn made(
    manager: &PatchManager,
    state: &Value,
    options: PlanOptions,
) -> Result<Option<DesiredState>, TestCaseError> {
    let desired = match DesiredState::from_json(&state.to_string()) {
        Ok(desired) => desired,
        Err(refused) => {
            prop_assert_eq!(refused.kind(), ErrorKind::InvalidInput);
            return Ok(None);
        }
    };
    let plan = match manager.plan(&desired, options).await {
        Ok(plan) => plan,
        Err(refused) => {
            prop_assert!(is_typed(&refused), "{refused}");
            return Ok(None);
        }
    };
    let file = serde_json::to_string(&plan).unwrap();
    let plan: Plan = serde_json::from_str(&file).unwrap();
    let applied: Result<Vec<_>, Error> = manager.apply(&plan).try_collect().await;
    prop_assert!(applied.is_ok(), "{}\n{}", applied.unwrap_err(), plan);
    Ok(Some(desired))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_state_that_is_applied_to_any_account_leaves_no_changes(
        before in vec(states(), 0..3),
        state in states(),
        prune in any::<bool>(),
        adopt in any::<bool>(),
    ) {
        let checked = async {
            let account = account();
            let manager = PatchManager::from_memory(&account);
            for state in &before {
                made(&manager, state, PlanOptions::new()).await?;
            }
            let options = PlanOptions::new().prune(prune).adopt(adopt);
            if let Some(desired) = made(&manager, &state, options).await? {
                let again = manager.plan(&desired, options).await.unwrap();
                prop_assert!(again.is_empty(), "{again}");
            }
            Ok(())
        };
        checked.now_or_never().unwrap()?;
    }
}
