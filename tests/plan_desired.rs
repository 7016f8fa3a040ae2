//! A desired state: what it reads, and that everything that is wrong is reported at once.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::plan::{
    BaselineReference, DesiredNodes, DesiredState, MirrorSnapshot, OWNER_TAG,
};
use aws_patch_manager::schedule::{PatchPolicy, PolicyTargets};
use aws_patch_manager::types::{OperatingSystem, Tag, Target};
use aws_patch_manager::{BaselineBuilder, Error, ErrorKind, MemoryBackend, PolicySchedule};
use serde_json::{Value, json};
use support::accounts::web;
use support::values::fields;

const EXAMPLE: &str = include_str!("../examples/plan_fleet/fleet.json");

fn refused(value: Value) -> Error {
    let refused = DesiredState::from_json(&value.to_string()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    refused
}

/// The example file after this change.
fn changed(pointer: &str, value: Value) -> Value {
    let mut state: Value = serde_json::from_str(EXAMPLE).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match state.pointer_mut(parent).unwrap() {
        Value::Object(members) => drop(members.insert(name.to_owned(), value)),
        Value::Array(items) => items.push(value),
        _ => panic!("{pointer}"),
    }
    state
}

fn baseline(name: &str) -> Value {
    json!({"Name": name, "OperatingSystem": "UBUNTU", "ApprovedPatches": ["openssl"]})
}

#[test]
fn the_example_file_reads_and_is_written_as_it_reads() {
    let state = DesiredState::from_json(EXAMPLE).unwrap();
    let written = serde_json::to_value(&state).unwrap();
    let mut read: Value = serde_json::from_str(EXAMPLE).unwrap();
    // A selected baseline of a policy always says whether it is disabled.
    for os in ["AMAZON_LINUX_2023", "WINDOWS"] {
        let pointer = format!("/PatchPolicies/0/Baselines/{os}/disabled");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let selected = read.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        selected.insert(name.to_owned(), json!(false));
    }
    assert_eq!(written, read);
    let again: DesiredState = serde_json::from_value(written).unwrap();
    assert_eq!(again, state);
}

#[test]
fn the_builder_makes_what_a_file_says() {
    let schedule = PolicySchedule::daily_scan_weekly_install("web")
        .targets(PolicyTargets::Tag(Tag::new("Patch Group", "web")));
    let policy = PolicySchedule::daily_scan_weekly_install("production");
    let policy = policy.patch_policy().unwrap();
    let spec = BaselineBuilder::ubuntu_security("prod-ubuntu");
    let nodes = DesiredNodes::new(Target::tag("Role", ["web"])).patch_group(web());
    let state = DesiredState::builder("web-fleet")
        .baseline(spec.build().unwrap())
        .patch_group(&web(), OperatingSystem::Ubuntu, "prod-ubuntu")
        .default_baseline(OperatingSystem::Windows, BaselineReference::aws_default())
        .nodes(nodes.tag("Maintenance", "sunday"))
        .patch_policy_with(policy, [(OperatingSystem::Ubuntu, "prod-ubuntu")])
        .maintenance_windows(schedule.maintenance_windows().unwrap())
        .associations(schedule.associations().unwrap())
        .build()
        .unwrap();
    let file = serde_json::to_string_pretty(&state).unwrap();
    assert_eq!(DesiredState::from_json(&file).unwrap(), state);
    let written: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(written["Defaults"], json!({"WINDOWS": "AWS"}));
    let selected = &written["PatchPolicies"][0]["Baselines"]["UBUNTU"]["value"];
    assert_eq!(selected, "prod-ubuntu");
}

#[test]
fn a_state_without_resources_is_valid_and_one_without_a_name_is_not() {
    assert!(DesiredState::from_json(r#"{"Name": "empty"}"#).is_ok());
    for name in [json!(""), json!("a\u{7}"), json!("x".repeat(257))] {
        let error = refused(json!({"Name": name}));
        assert_eq!(error.violations()[0].field, "Name");
    }
    assert!(DesiredState::builder("").build().is_err());
}

#[test]
fn an_unknown_member_is_refused_at_its_path_with_the_nearest_name() {
    for (pointer, field, meant) in [
        ("/PatchGroup", "PatchGroup", "PatchGroups"),
        (
            "/Baselines/0/RejectedPatchs",
            "Baselines[0].RejectedPatchs",
            "RejectedPatches",
        ),
        ("/Nodes/0/Tag", "Nodes[0].Tag", "Tags"),
        (
            "/PatchPolicies/0/RebootOptoin",
            "PatchPolicies[0].RebootOptoin",
            "RebootOption",
        ),
        (
            "/MaintenanceWindows/0/Window/Scheduel",
            "MaintenanceWindows[0].Window.Scheduel",
            "Schedule",
        ),
        (
            "/MaintenanceWindows/0/Tasks/0/TargetName",
            "MaintenanceWindows[0].Tasks[0].TargetName",
            "TargetNames",
        ),
        (
            "/Associations/0/ScheduleExpresion",
            "Associations[0].ScheduleExpresion",
            "ScheduleExpression",
        ),
    ] {
        let error = refused(changed(pointer, json!("x")));
        let violations = error.violations();
        assert_eq!(violations.len(), 1, "{error}");
        assert_eq!(violations[0].field, field);
        let legal = &violations[0].legal;
        assert!(legal.contains(&format!("`{meant}`")), "{legal}");
    }
}

#[test]
fn unknown_members_and_unreadable_values_are_reported_at_once_at_their_paths() {
    let mut state: Value = serde_json::from_str(EXAMPLE).unwrap();
    state["AllowUnlistedValues"] = json!("yes");
    state["Baselines"][0]["RejectedPatchs"] = json!([]);
    state["Baselines"][0]["ApprovedPatches"] = json!("hunter2");
    state["Nodes"][0] = json!(7);
    state["PatchPolicies"][0]["RebootOptoin"] = json!("NoReboot");
    state["PatchPolicies"][0]["Baselines"]["WINDOWS"] = json!("hunter2");
    state["MaintenanceWindows"][0]["Window"]["Scheduel"] = json!("rate(1 day)");
    state["MaintenanceWindows"][0]["Window"]["Duration"] = json!("hunter2");
    let error = refused(state);
    let mut found: Vec<_> = error.violations().iter().map(ToString::to_string).collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "AllowUnlistedValues: must be a boolean, not a text",
            "Baselines[0].ApprovedPatches: must be an array, not a text",
            "Baselines[0].RejectedPatchs: no such member; the nearest is `RejectedPatches`",
            "MaintenanceWindows[0].Window.Duration: must be a whole number, 0 or more, not a text",
            "MaintenanceWindows[0].Window.Scheduel: no such member; the nearest is `Schedule`",
            "Nodes[0]: must be an object, not a number",
            "PatchPolicies[0].Baselines.WINDOWS: must be an object, not a text",
            "PatchPolicies[0].RebootOptoin: no such member; the nearest is `RebootOption`",
        ]
    );
}

#[test]
fn all_that_is_wrong_is_reported_at_once_each_at_its_path() {
    let mut state = changed(
        "/Defaults",
        json!({"UBUNTU": "prod-al2023", "WINDOS": "AWS"}),
    );
    state["Baselines"][1]["ApprovalRules"]["PatchRules"][0]["ApproveAfterDays"] = json!(1000);
    state["PatchGroups"]["web"]["WINDOWS"] = json!("prod-window");
    state["Nodes"][0]["Targets"][0]["Key"] = json!("Role");
    state["PatchPolicies"][0]["ScanSchedule"] = json!("cron(61 1 * * ? *)");
    state["PatchPolicies"][0]["Baselines"]["WINDOWS"]["value"] = json!("prod");
    state["MaintenanceWindows"][0]["Tasks"][0]["TargetNames"] = json!(["db"]);
    state["MaintenanceWindows"][0]["Window"]["Schedule"] = json!("nightly");
    state["Associations"][0]["ScheduleExpression"] = json!("rate(1 days)");
    state["Associations"][0]["AssociationName"] = json!(null);
    let error = refused(state);
    let fields = fields(&error);
    for field in [
        "Baselines[1].ApprovalRules.PatchRules[0].ApproveAfterDays",
        "PatchGroups.web.WINDOWS",
        "Defaults.UBUNTU",
        "Defaults.WINDOS",
        "Nodes[0].Targets[0].Key",
        "PatchPolicies[0].Baselines.WINDOWS.value",
        "MaintenanceWindows[0].Tasks[0].TargetNames[0]",
        "Associations[0].AssociationName",
    ] {
        assert!(fields.contains(&field), "{field} is not among {fields:#?}");
    }
    let begins = |with: &str| fields.iter().any(|field| field.starts_with(with));
    assert!(
        begins("PatchPolicies[0].ConfigurationOptionsScanValue"),
        "{fields:#?}"
    );
    assert!(
        begins("MaintenanceWindows[0].Window.Schedule"),
        "{fields:#?}"
    );
    assert_eq!(fields.len(), 10 + 1, "{error}");
}

#[test]
fn a_reference_names_a_baseline_of_the_state_for_the_same_system_or_one_that_is_elsewhere() {
    for legal in [
        "prod-al2023",
        "AWS",
        "AWS-AmazonLinux2023DefaultPatchBaseline",
        "pb-0123456789abcdef0",
        "arn:aws:ssm:eu-west-1:123456789012:patchbaseline/pb-0123456789abcdef0",
    ] {
        let state = changed("/Defaults/AMAZON_LINUX_2023", json!(legal));
        assert!(
            DesiredState::from_json(&state.to_string()).is_ok(),
            "{legal}"
        );
    }
    for (os, reference, says) in [
        (
            "WINDOWS",
            "prod-al2023",
            "this baseline is for AMAZON_LINUX_2023",
        ),
        ("WINDOWS", "prod-windos", "the nearest is `prod-windows`"),
        ("WINDOWS", "something", "no such baseline in this state"),
    ] {
        let error = refused(changed(&format!("/Defaults/{os}"), json!(reference)));
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(error.violations().len(), 1, "{error}");
    }
}

#[test]
fn a_reference_to_a_baseline_that_is_refused_is_not_refused_as_well() {
    let mut state = changed("/Defaults", json!({"WINDOWS": "prod-windows"}));
    state["Baselines"][1]["RejectedPatchesAction"] = json!("BLOK");
    let error = refused(state);
    assert_eq!(error.violations().len(), 1, "{error}");
}

#[test]
fn a_name_identifies_one_item_of_its_kind() {
    let twice = |list: &str| {
        let mut state: Value = serde_json::from_str(EXAMPLE).unwrap();
        let items = state[list].as_array_mut().unwrap();
        items.push(items[0].clone());
        refused(state)
    };
    for (list, place, member) in [
        ("Baselines", 2, "Name"),
        ("PatchPolicies", 1, "Name"),
        ("MaintenanceWindows", 1, "Window.Name"),
        ("Associations", 1, "AssociationName"),
    ] {
        let error = twice(list);
        assert_eq!(error.violations().len(), 1, "{error}");
        assert_eq!(
            error.violations()[0].field,
            format!("{list}[{place}].{member}")
        );
    }
    // One name for two operating systems is two baselines.
    let mut windows = baseline("shared");
    windows["OperatingSystem"] = json!("DEBIAN");
    let state = json!({"Name": "two", "Baselines": [baseline("shared"), windows]});
    assert!(DesiredState::from_json(&state.to_string()).is_ok());
}

#[test]
fn a_name_that_reads_as_an_id_or_as_one_of_aws_is_no_name() {
    for name in ["AWS", "AWS-Default", "pb-0123456789abcdef0"] {
        let error = refused(json!({"Name": "names", "Baselines": [baseline(name)]}));
        assert_eq!(error.violations()[0].field, "Baselines[0].Name", "{error}");
    }
}

#[test]
fn the_tag_of_the_owner_is_no_tag_of_a_file() {
    let tags = json!([{"Key": OWNER_TAG, "Value": "me"}]);
    for (pointer, field) in [
        ("/Baselines/0/Tags", "Baselines[0].Tags[0].Key"),
        (
            "/MaintenanceWindows/0/Window/Tags",
            "MaintenanceWindows[0].Window.Tags[0].Key",
        ),
        ("/Associations/0/Tags", "Associations[0].Tags[0].Key"),
    ] {
        let error = refused(changed(pointer, tags.clone()));
        assert_eq!(error.violations().len(), 1, "{error}");
        assert_eq!(error.violations()[0].field, field);
    }
}

#[test]
fn nodes_need_a_target_that_the_service_knows_and_something_to_set() {
    let by_id = |id: &str| json!([{"Key": "InstanceIds", "Values": [id]}]);
    let id = "i-0123456789abcdef0";
    for (nodes, field) in [
        (json!({"PatchGroup": "web"}), "Nodes[0].Targets"),
        (json!({"Targets": by_id(id)}), "Nodes[0]"),
        (
            json!({"Targets": by_id("web-1"), "PatchGroup": "web"}),
            "Nodes[0].Targets[0].Values[0]",
        ),
        (
            json!({"Targets": [{"Key": "tag-key", "Values": []}], "PatchGroup": "web"}),
            "Nodes[0].Targets[0].Values",
        ),
        (
            json!({"Targets": by_id(id), "PatchGroup": ""}),
            "Nodes[0].PatchGroup",
        ),
        (
            json!({"Targets": by_id(id), "Tags": [{"Key": "Patch Group", "Value": "web"}]}),
            "Nodes[0].Tags[0].Key",
        ),
        (
            json!({"Targets": by_id(id), "Tags": [{"Key": "aws:x", "Value": "web"}]}),
            "Nodes[0].Tags[0].Key",
        ),
    ] {
        let error = refused(json!({"Name": "nodes", "Nodes": [nodes]}));
        assert_eq!(error.violations().len(), 1, "{error}");
        assert_eq!(error.violations()[0].field, field);
    }
    let in_group = |group: &str| json!({"Targets": by_id(id), "PatchGroup": group});
    let nodes = json!([in_group("web"), in_group("db")]);
    let error = refused(json!({"Name": "nodes", "Nodes": nodes}));
    assert_eq!(
        error.violations()[0].field,
        "Nodes[1].PatchGroup",
        "{error}"
    );
}

#[test]
fn values_that_are_listed_nowhere_need_a_word() {
    let mut state = json!({"Name": "unlisted", "Baselines": [{
        "Name": "prod-ubuntu",
        "OperatingSystem": "UBUNTU",
        "ApprovalRules": {"PatchRules": [{
            "PatchFilterGroup": {"PatchFilters": [{"Key": "PRIORITY", "Values": ["Urgent"]}]},
            "ApproveAfterDays": 0
        }]}
    }]});
    let error = refused(state.clone());
    assert!(
        error.violations()[0]
            .field
            .starts_with("Baselines[0].ApprovalRules"),
        "{error}"
    );
    state["AllowUnlistedValues"] = json!(true);
    assert!(DesiredState::from_json(&state.to_string()).is_ok());
}

#[test]
fn what_is_no_state_at_all_is_refused_in_words() {
    for text in [
        "",
        "[]",
        "7",
        "\"web\"",
        "{\"Name\": 7}",
        "{\"Name\": \"x\", \"Nodes\": {}}",
    ] {
        let error = DesiredState::from_json(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
    }
}

/// Two of the same targets would be one step, with the changes of one of them.
#[test]
fn two_entries_of_the_same_targets_are_refused_with_both_paths() {
    let role = |values: [&str; 2]| json!({"Key": "tag:Role", "Values": values});
    let site = json!({"Key": "tag:Site", "Values": ["a"]});
    let first = json!({"Targets": [role(["web", "db"]), site], "PatchGroup": "web"});
    let tags = json!([{"Key": "Team", "Value": "a"}]);
    let again = json!({"Targets": [site, role(["db", "web"])], "Tags": tags});
    let error = refused(json!({"Name": "nodes", "Nodes": [first, again]}));
    let [violation] = error.violations() else {
        panic!("{error}")
    };
    assert_eq!(violation.field, "Nodes[1].Targets");
    assert!(violation.legal.contains("Nodes[0].Targets"), "{violation}");
}

#[test]
fn a_member_that_is_there_twice_is_refused_at_its_path_in_every_map() {
    for (file, fields) in [
        (
            r#"{"Name": "a", "Defaults": {"WINDOWS": "AWS", "WINDOWS": "AWS"}}"#,
            vec!["Defaults.WINDOWS"],
        ),
        (
            r#"{"Name": "a", "PatchGroups": {"web": {"WINDOWS": "AWS"}, "web": {"UBUNTU": "AWS"}}}"#,
            vec!["PatchGroups.web"],
        ),
        (
            r#"{"Name": "a", "Defaults": {}, "Defaults": {}, "Name": "b"}"#,
            vec!["Defaults", "Name"],
        ),
        (
            r#"{"Name": "a", "Associations": [{"Name": "AWS-RunPatchBaseline", "AssociationName":
                "scan", "Parameters": {"Operation": ["Scan"], "Operation": ["Install"]}}]}"#,
            vec!["Associations[0].Parameters.Operation"],
        ),
        (
            r#"{"Name": "a", "Baselines": [{"Name": "prod", "Name": "test", "OperatingSystem":
                "UBUNTU", "ApprovedPatches": ["curl"]}]}"#,
            vec!["Baselines[0].Name"],
        ),
    ] {
        for error in [
            DesiredState::from_json(file).unwrap_err().to_string(),
            serde_json::from_str::<DesiredState>(file)
                .unwrap_err()
                .to_string(),
        ] {
            for field in &fields {
                let line = format!("{field}: one such member: it is there more than once");
                assert!(error.contains(&line), "{line} is not in {error}");
            }
        }
        let error = DesiredState::from_json(file).unwrap_err();
        let found: Vec<&str> = error.violations().iter().map(|one| &*one.field).collect();
        assert_eq!(found, fields);
    }
}

#[test]
fn the_other_files_that_people_write_refuse_a_member_that_is_there_twice() {
    let baseline = r#"{"Name": "a", "OperatingSystem": "UBUNTU", "Name": "b"}"#;
    let error = BaselineBuilder::from_json(baseline).unwrap_err();
    assert_eq!(error.violations()[0].field, "Name", "{error}");
    let fleet = r#"{"Nodes": [], "Nodes": []}"#;
    let error = MemoryBackend::builder().fleet_json(fleet).unwrap_err();
    assert_eq!(error.violations()[0].field, "Nodes", "{error}");
    let snapshot = r#"{"TakenAt": "2026-05-14T00:00:00Z", "Nodes": [], "Nodes": []}"#;
    let error = MirrorSnapshot::from_json(snapshot).unwrap_err();
    assert_eq!(error.violations()[0].field, "Nodes", "{error}");
}

/// Each message has all legal names, and each misspelled member that is required takes a reading of its own.
#[test]
fn of_very_many_wrong_members_the_first_50_are_reported_and_that_there_are_more() {
    let file = |nodes: &str| {
        let nodes = vec![nodes; 5_000].join(",");
        format!(r#"{{"TakenAt": "2026-05-14T00:00:00Z", "Nodes": [{nodes}]}}"#)
    };
    for (node, member) in [
        (
            r#"{"Id": "i-0c0ffee0000000001", "Colour": "blue"}"#,
            "Colour",
        ),
        (r#"{"Idd": "i-0c0ffee0000000001"}"#, "Idd"),
        (r#"{"Id": "i-0c0ffee0000000001", "Id": ""}"#, "Id"),
    ] {
        let error = MirrorSnapshot::from_json(&file(node)).unwrap_err();
        let violations = error.violations();
        let (first, last) = (&violations[0], &violations[49]);
        assert_eq!(first.field, format!("Nodes[0].{member}"));
        assert_eq!(last.field, format!("Nodes[49].{member}"), "{error}");
        let all = error.to_string();
        assert_eq!(
            all.matches("there are more such members").count(),
            1,
            "{all}"
        );
        assert!(violations.len() <= 100, "{}", violations.len());
    }
}

#[test]
fn the_builder_refuses_what_is_given_twice() {
    let policy = PolicySchedule::daily_scan_weekly_install("nightly");
    let baselines = [
        (OperatingSystem::Ubuntu, "prod"),
        (OperatingSystem::Ubuntu, "test"),
    ];
    let built = DesiredState::builder("web-fleet")
        .baseline(BaselineBuilder::ubuntu_security("prod").build().unwrap())
        .baseline(BaselineBuilder::ubuntu_security("test").build().unwrap())
        .patch_group(&web(), OperatingSystem::Ubuntu, "prod")
        .patch_group(&web(), OperatingSystem::Ubuntu, "test")
        .default_baseline(OperatingSystem::Ubuntu, "prod")
        .default_baseline(OperatingSystem::Ubuntu, "prod")
        .patch_policy_with(policy.patch_policy().unwrap(), baselines)
        .build();
    let error = built.unwrap_err();
    let found: Vec<&str> = error.violations().iter().map(|one| &*one.field).collect();
    let expected = [
        "PatchGroups.web.UBUNTU",
        "Defaults.UBUNTU",
        "PatchPolicies[0].Baselines.UBUNTU",
    ];
    assert_eq!(found, expected);
    assert_eq!(error.violations()[0].value, "test");
}

/// A resource has 50 tags, and a plan adds its own.
#[test]
fn a_resource_of_a_state_has_49_tags() {
    let tags = |count: usize| -> Value {
        let tags = (0..count).map(|number| json!({"Key": format!("k{number}"), "Value": "v"}));
        tags.collect()
    };
    for (pointer, field) in [
        ("/Baselines/0/Tags", "Baselines[0].Tags"),
        (
            "/MaintenanceWindows/0/Window/Tags",
            "MaintenanceWindows[0].Window.Tags",
        ),
        ("/Associations/0/Tags", "Associations[0].Tags"),
    ] {
        let full = changed(pointer, tags(49)).to_string();
        assert!(DesiredState::from_json(&full).is_ok(), "{pointer}");
        let error = refused(changed(pointer, tags(50)));
        let [violation] = error.violations() else {
            panic!("{error}")
        };
        assert_eq!((&*violation.field, &*violation.value), (field, "50"));
        assert!(violation.legal.contains(OWNER_TAG), "{violation}");
    }
}

/// CreateAssociation refuses a name with a node's id.
#[test]
fn an_association_has_targets_in_place_of_a_node() {
    let error = refused(changed(
        "/Associations/0/InstanceId",
        json!("i-0123456789abcdef0"),
    ));
    assert_eq!(
        error.violations()[0].field,
        "Associations[0].InstanceId",
        "{error}"
    );
}

/// The nearest of long names took seconds.
#[test]
fn names_of_any_length_are_refused_at_once() {
    let long = "a".repeat(100_000);
    let mut state: Value = serde_json::from_str(EXAMPLE).unwrap();
    state["Defaults"] = json!({"WINDOWS": long});
    state["MaintenanceWindows"][0]["Targets"][0]["Name"] = json!(format!("{long}b"));
    state["MaintenanceWindows"][0]["Tasks"][0]["TargetNames"] = json!([long]);
    let started = std::time::Instant::now();
    refused(state);
    let took = started.elapsed();
    assert!(took < std::time::Duration::from_secs(10), "{took:?}");
}

/// Every unknown name is reported, and the first ones with the nearest name: each is compared with all.
#[test]
fn only_the_first_unknown_baselines_are_reported_with_the_nearest() {
    let baselines: Vec<_> = (0..40)
        .map(|n| json!({"Name": format!("prod-{n:02}"), "OperatingSystem": "UBUNTU", "ApprovedPatches": ["curl"]}))
        .collect();
    let groups: serde_json::Map<String, Value> = (0..40)
        .map(|n| {
            (
                format!("group-{n:02}"),
                json!({"UBUNTU": format!("prodd-{n:02}")}),
            )
        })
        .collect();
    let file = json!({"Name": "web", "Baselines": baselines, "PatchGroups": groups});
    let error = DesiredState::from_json(&file.to_string()).unwrap_err();
    assert_eq!(error.violations().len(), 40);
    let suggested = error.violations().iter().enumerate();
    let suggested = suggested.filter(|(n, one)| one.legal.ends_with(&format!("`prod-{n:02}`")));
    assert_eq!(suggested.count(), 20);
    let last = &error.violations()[39];
    assert_eq!(
        (&*last.field, &*last.value),
        ("PatchGroups.group-39.UBUNTU", "prodd-39")
    );
    assert!(last.legal.contains("legal are its baselines"), "{last}");
}

/// A plan would fail at the first of them without a path, or make a window whose runs all fail.
#[test]
fn a_slip_in_a_window_or_an_association_is_refused_at_its_path() {
    let run = json!({"RunCommand": {"Parameters": {"Operation": ["Install"]}}});
    let window = json!({"Window": {"Name": "night", "Schedule": "rate(1 day)", "Duration": 3,
        "Cutoff": 1, "AllowUnassociatedTargets": true},
        "Targets": [{"Name": "nodes", "ResourceType": "INSTANCE",
            "Targets": [{"Key": "tag:Role", "Values": ["web"]}]}],
        "Tasks": [{"Task": {"Name": "scan", "TaskArn": "AWS-RunPatchBaseline",
            "TaskType": "RUN_COMMAND", "MaxConcurrency": "10%",
            "TaskInvocationParameters": run}, "TargetNames": []}]});
    let association = json!({"Name": "AWS-RunPatchBaseline", "AssociationName": "scan",
        "Parameters": {"Operation": ["Scan"]},
        "Targets": [{"Key": "tag:Role", "Values": ["web"]}]});
    let file = json!({"Name": "web", "MaintenanceWindows": [window],
        "Associations": [association]});
    DesiredState::from_json(&file.to_string()).unwrap();
    let mut runbook = file.clone();
    runbook["Associations"][0]["Name"] = json!("AWS-RestartEC2Instance");
    runbook["Associations"][0]["Targets"][0]["Key"] = json!("ParameterValues");
    DesiredState::from_json(&runbook.to_string()).unwrap();
    let (night, task) = (
        "MaintenanceWindows[0]",
        "MaintenanceWindows[0].Tasks[0].Task",
    );
    let parameters = "TaskInvocationParameters.RunCommand.Parameters.Operation";
    for (pointer, value, path) in [
        (
            "/MaintenanceWindows/0/Window/Duration",
            json!(99),
            format!("{night}.Window.Duration"),
        ),
        (
            "/MaintenanceWindows/0/Window/Cutoff",
            json!(3),
            format!("{night}.Window.Cutoff"),
        ),
        (
            "/MaintenanceWindows/0/Targets/0/ResourceType",
            json!("INSTANCES"),
            format!("{night}.Targets[0].ResourceType"),
        ),
        (
            "/MaintenanceWindows/0/Tasks/0/Task/TaskType",
            json!("RUNCOMMAND"),
            format!("{task}.TaskType"),
        ),
        (
            "/MaintenanceWindows/0/Tasks/0/Task/TaskArn",
            json!("AWS-RunPatchBasline"),
            format!("{task}.TaskArn"),
        ),
        (
            "/MaintenanceWindows/0/Tasks/0/Task/MaxConcurrency",
            json!("110%"),
            format!("{task}.MaxConcurrency"),
        ),
        (
            "/MaintenanceWindows/0/Tasks/0/Task/TaskInvocationParameters/RunCommand/Parameters/Operation",
            json!(["Instal"]),
            format!("{task}.{parameters}"),
        ),
        (
            "/Associations/0/Name",
            json!("AWS-RunPatchBasline"),
            "Associations[0].Name".to_owned(),
        ),
        (
            "/Associations/0/Parameters/Operation",
            json!(["Scna"]),
            "Associations[0].Parameters.Operation".to_owned(),
        ),
        (
            "/Associations/0/Targets/0/Key",
            json!("Role"),
            "Associations[0].Targets[0].Key".to_owned(),
        ),
        (
            "/Associations/0/Targets/0/Values",
            json!([]),
            "Associations[0].Targets[0].Values".to_owned(),
        ),
    ] {
        let mut edited = file.clone();
        *edited.pointer_mut(pointer).unwrap() = value;
        let error = DesiredState::from_json(&edited.to_string()).unwrap_err();
        let [violation] = error.violations() else {
            panic!("{error}")
        };
        assert_eq!(violation.field, path, "{error}");
    }
}

/// A system that is new and like a known one needs a word that it is meant.
#[test]
fn a_misspelled_operating_system_is_refused_unless_unlisted_values_are_allowed() {
    let mut file = json!({"Name": "web",
        "Baselines": [{"Name": "prod", "OperatingSystem": "UBUNTO"}],
        "Defaults": {"AMAZON_LINUX_2O23": "AWS"}});
    let error = DesiredState::from_json(&file.to_string()).unwrap_err();
    let fields = fields(&error);
    assert_eq!(
        fields,
        ["Baselines[0].OperatingSystem", "Defaults.AMAZON_LINUX_2O23"]
    );
    assert!(
        error.to_string().contains("the nearest is `UBUNTU`"),
        "{error}"
    );
    file["AllowUnlistedValues"] = json!(true);
    let state = DesiredState::from_json(&file.to_string()).unwrap();
    assert_eq!(
        DesiredState::from_json(&state.to_json().unwrap()).unwrap(),
        state
    );
}

/// The service would refuse each of these names, and a plan would fail without a path.
#[test]
fn names_that_the_service_refuses_are_refused_at_their_paths() {
    let window = json!({"Window": {"Name": "night", "Schedule": "rate(1 day)", "Duration": 3,
        "Cutoff": 1, "AllowUnassociatedTargets": true},
        "Targets": [{"Name": "nodes", "ResourceType": "INSTANCE",
            "Targets": [{"Key": "tag:Role", "Values": ["web"]}]}],
        "Tasks": [{"Task": {"Name": "scan", "TaskArn": "AWS-RunPatchBaseline",
            "TaskType": "RUN_COMMAND"}, "TargetNames": []}]});
    let association = json!({"Name": "AWS-RunPatchBaseline", "AssociationName": "scan",
        "Targets": [{"Key": "tag:Role", "Values": ["web"]}]});
    let file = json!({"Name": "web", "MaintenanceWindows": [window],
        "Associations": [association]});
    DesiredState::from_json(&file.to_string()).unwrap();
    let long = "n".repeat(129);
    for (pointer, path) in [
        (
            "/MaintenanceWindows/0/Window/Name",
            "MaintenanceWindows[0].Window.Name",
        ),
        (
            "/MaintenanceWindows/0/Targets/0/Name",
            "MaintenanceWindows[0].Targets[0].Name",
        ),
        (
            "/MaintenanceWindows/0/Tasks/0/Task/Name",
            "MaintenanceWindows[0].Tasks[0].Task.Name",
        ),
        (
            "/Associations/0/AssociationName",
            "Associations[0].AssociationName",
        ),
        ("/Associations/0/Name", "Associations[0].Name"),
    ] {
        for name in ["no", "web scan", "größe", long.as_str()] {
            let mut edited = file.clone();
            *edited.pointer_mut(pointer).unwrap() = json!(name);
            let error = DesiredState::from_json(&edited.to_string()).unwrap_err();
            let [violation] = error.violations() else {
                panic!("{error}")
            };
            assert_eq!((&*violation.field, &*violation.value), (path, name));
            assert!(
                violation.legal.contains("3 to 128 letters, digits or"),
                "{violation}"
            );
        }
    }
}

#[test]
fn tags_that_the_service_refuses_are_refused_at_their_paths() {
    let association = json!({"Name": "AWS-RunPatchBaseline", "AssociationName": "scan",
        "Targets": [{"Key": "tag:Role", "Values": ["web"]}]});
    for (tag, path) in [
        (
            json!({"Key": "a*b", "Value": ""}),
            "Associations[0].Tags[0].Key",
        ),
        (
            json!({"Key": "aws:x", "Value": ""}),
            "Associations[0].Tags[0].Key",
        ),
        (
            json!({"Key": "Team", "Value": "a*b"}),
            "Associations[0].Tags[0].Value",
        ),
    ] {
        let mut association = association.clone();
        association["Tags"] = json!([tag]);
        let file = json!({"Name": "web", "Associations": [association]});
        let error = DesiredState::from_json(&file.to_string()).unwrap_err();
        assert_eq!(error.violations()[0].field, path, "{error}");
    }
}

fn all_violations(state: &Value) -> Vec<String> {
    let refused = DesiredState::from_json(&state.to_string()).unwrap_err();
    let violations = refused.violations().iter();
    violations
        .map(|one| format!("{}: {}", one.field, one.legal))
        .collect()
}

/// Each violation has this beginning, and there is no other.
fn are_refused(state: &Value, expected: &[&str]) {
    let mut found = all_violations(state);
    for begin in expected {
        let place = found.iter().position(|one| one.starts_with(begin));
        let place = place.unwrap_or_else(|| panic!("no `{begin}` in {found:#?}"));
        found.remove(place);
    }
    assert_eq!(found, <[&str; 0]>::default(), "{state}");
}

#[test]
fn a_part_that_cannot_be_read_does_not_hide_what_else_is_wrong_with_its_item() {
    let policy = "PatchPolicies[0]";
    let rules = "Baselines[0].ApprovalRules.PatchRules";
    let required = |name: &str| format!("{policy}.{name}: required");
    let lacking = [
        "RebootOption",
        "Targets",
        "Baselines",
        "MaxConcurrency",
        "MaxErrors",
    ]
    .map(required);
    let lacking: Vec<&str> = lacking.iter().map(String::as_str).collect();
    let schedule = format!("{policy}.ConfigurationOptionsScanValue");
    let whole = json!({"Name": "all", "ScanSchedule": "cron(0 1 * * ? *)", "RebootOption": "NoReboot",
        "Targets": "All", "Baselines": {}, "MaxConcurrency": "10%", "MaxErrors": "2%"});
    let with = |members: Value| {
        let mut policy = whole.clone();
        for (name, value) in members.as_object().unwrap() {
            policy[name] = value.clone();
        }
        policy
    };
    for (list, item, expected) in [
        (
            "PatchPolicies",
            json!({"Name": "all", "ScanSchedule": "rate(1 day)"}),
            [&lacking[..], &[&schedule]].concat(),
        ),
        (
            "PatchPolicies",
            json!({"Name": "a/b", "ScanSchedule": "rate(1 day)", "Targets": "Al", "RebootOptoin": "NoReboot",
                "MaxErrors": "110%"}),
            vec![
                "PatchPolicies[0].RebootOptoin: ",
                "PatchPolicies[0].Targets: must be one of",
                "PatchPolicies[0].Baselines: required",
                "PatchPolicies[0].MaxConcurrency: required",
                "PatchPolicies[0].MaxErrors: ",
                "PatchPolicies[0].PatchPolicyName: ",
                &schedule,
            ],
        ),
        (
            "PatchPolicies",
            with(json!({"ScanSchedule": 5, "RebootOption": "Never"})),
            vec![
                "PatchPolicies[0].ScanSchedule: must be",
                "PatchPolicies[0].RebootOption: ",
            ],
        ),
        (
            "Baselines",
            json!({"Name": "a b", "OperatingSystem": "WINDWS"}),
            vec![
                "Baselines[0].Name: ",
                "Baselines[0].OperatingSystem: no known operating system",
            ],
        ),
        (
            "Baselines",
            json!({"Name": "a b", "OperatingSystem": "windows"}),
            vec![
                "Baselines[0].Name: ",
                "Baselines[0].OperatingSystem: write `WINDOWS`",
            ],
        ),
        (
            "Baselines",
            json!({"Name": "a b", "OperatingSystem": "WINDOWS", "ApprovedPatches": "KB1", "Descripton": "x",
                "ApprovalRules": {"PatchRules": [
                    {"ApproveAfterDays": "soon"},
                    {"ApproveAfterDays": 361, "ComplianceLevel": "BAD"},
                    {"ApproveAfterDay": 7}]}}),
            vec![
                "Baselines[0].Descripton: ",
                "Baselines[0].ApprovedPatches: must be an array",
                &format!("{rules}[0].ApproveAfterDays: must be a whole number"),
                &format!("{rules}[2].ApproveAfterDay: "),
                "Baselines[0].Name: ",
                &format!("{rules}[1].ApproveAfterDays: 0 to 360"),
                &format!("{rules}[1].ComplianceLevel: "),
            ],
        ),
        (
            "Nodes",
            json!({"PatchGroup": "*?"}),
            vec![
                "Nodes[0].Targets: at least one target",
                "Nodes[0].PatchGroup: ",
            ],
        ),
        (
            "Nodes",
            json!({"Targets": [{"Key": "tag:", "Values": ["x"]}, {"Key": "tag:Role"}]}),
            vec![
                "Nodes[0].Targets[1].Values: at least one value",
                "Nodes[0].Targets[0].Key: ",
                "Nodes[0]: a `PatchGroup` or `Tags`",
            ],
        ),
        (
            "MaintenanceWindows",
            json!({"Window": {"Name": "x", "Schedule": "cron(0 2 * * SUN *)", "Duraton": 3, "Cutoff": 40}}),
            vec![
                "MaintenanceWindows[0].Window.Duraton: ",
                "MaintenanceWindows[0].Window.Name: ",
                "MaintenanceWindows[0].Window.Schedule",
                "MaintenanceWindows[0].Window.Cutoff: hours, 0 to 23",
            ],
        ),
        (
            "Associations",
            json!({"Name": 5, "AssociationName": "x", "ScheduleExpression": "rate(1 minute)"}),
            vec![
                "Associations[0].Name: must be",
                "Associations[0].AssociationName: ",
                "Associations[0].ScheduleExpression",
            ],
        ),
    ] {
        are_refused(&json!({"Name": "all", list: [item]}), &expected);
    }
}

#[test]
fn every_required_member_that_a_policy_lacks_is_named_at_once() {
    let refused = PatchPolicy::from_json(r#"{"Name": "all"}"#).unwrap_err();
    let fields: Vec<_> = refused
        .violations()
        .iter()
        .map(|one| one.field.as_str())
        .collect();
    let expected = [
        "ScanSchedule",
        "RebootOption",
        "Targets",
        "Baselines",
        "MaxConcurrency",
        "MaxErrors",
    ];
    assert_eq!(fields, expected);
    assert!(
        refused
            .violations()
            .iter()
            .all(|one| one.legal.starts_with("required"))
    );
}
