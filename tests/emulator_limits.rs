//! What the model of Systems Manager forbids, the emulator refuses: absent members, lengths, counts and values.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};
use support::wire::Wire;

const NODE: &str = "i-0c0ffee0000000001";

/// The limits of the inputs of these operations, one line for each shape that has any.
struct Table<'m> {
    shapes: &'m Value,
    lines: BTreeMap<String, String>,
    seen: BTreeSet<String>,
    /// Shapes that are being looked at. One that contains itself counts as one with limits.
    open: BTreeSet<String>,
}

impl Table<'_> {
    fn bounds(shape: &Value, least: Option<i64>, most: Option<i64>) -> String {
        let text = |name: &str, default: Option<i64>| {
            let bound = shape[name].as_i64().or(default);
            bound.map(|bound| bound.to_string()).unwrap_or_default()
        };
        format!("{}..{}", text("min", least), text("max", most))
    }

    /// Adds a shape and those within it; returns whether it limits something.
    fn add(&mut self, name: &str) -> bool {
        if !self.seen.insert(name.to_owned()) {
            return self.open.contains(name) || self.lines.contains_key(name);
        }
        self.open.insert(name.to_owned());
        let shape = &self.shapes[name];
        let line = match shape["type"].as_str().unwrap() {
            "structure" => self.structure(shape),
            "list" => {
                let of = shape["member"]["shape"].as_str().unwrap();
                let bounds = Self::bounds(shape, None, None);
                (self.add(of) || bounds != ".." && bounds != "0..")
                    .then(|| format!("list {bounds} {of}"))
            }
            "map" => {
                let [key, of] = ["key", "value"].map(|part| shape[part]["shape"].as_str().unwrap());
                let bounds = Self::bounds(shape, None, None);
                let within = [self.add(key), self.add(of)];
                (within.contains(&true) || bounds != ".." && bounds != "0..")
                    .then(|| format!("map {bounds} {key} {of}"))
            }
            "string" => {
                let bounds = Self::bounds(shape, None, None);
                (bounds != ".." && bounds != "0..").then(|| format!("text {bounds}"))
            }
            "integer" => {
                let (least, most) = (i32::MIN.into(), i32::MAX.into());
                Some(format!(
                    "number {}",
                    Self::bounds(shape, Some(least), Some(most))
                ))
            }
            "long" => {
                let bounds = Self::bounds(shape, None, None);
                (bounds != "..").then(|| format!("number {bounds}"))
            }
            _ => None,
        };
        self.open.remove(name);
        let limits = line.is_some();
        if let Some(line) = line {
            self.lines
                .insert(name.to_owned(), format!("{name} {line}\n"));
        }
        limits
    }

    /// The required members come first, in the model's order: so the service lists those that are absent.
    fn structure(&mut self, shape: &Value) -> Option<String> {
        let required: Vec<&str> = shape["required"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|name| name.as_str().unwrap())
            .collect();
        let members = shape["members"].as_object().unwrap();
        let others = members.keys().map(String::as_str);
        let others: BTreeSet<&str> = others.filter(|name| !required.contains(name)).collect();
        let names: Vec<&str> = required.iter().copied().chain(others).collect();
        let mut words = vec!["structure".to_owned()];
        for name in names {
            let of = members[name]["shape"].as_str().unwrap();
            let is_required = required.contains(&name);
            if self.add(of) || is_required {
                words.push(format!("{name}{}:{of}", if is_required { "!" } else { "" }));
            }
        }
        (words.len() > 1).then(|| words.join(" "))
    }
}

#[test]
fn the_table_of_limits_is_the_one_of_the_model() {
    let Some(model) = support::environment::ssm_model() else {
        return;
    };
    let index = Wire::sample().send("GET", "/_emulator/", &[], b"").json();
    let mut table = Table {
        shapes: &model["shapes"],
        lines: BTreeMap::new(),
        seen: BTreeSet::new(),
        open: BTreeSet::new(),
    };
    for operation in index["Operations"]["ssm"].as_array().unwrap() {
        let operation = operation.as_str().unwrap();
        let input = model["operations"][operation]["input"]["shape"].as_str();
        assert_eq!(input, Some(format!("{operation}Request").as_str()));
        table.add(input.unwrap());
    }
    let lines: String = table.lines.into_values().collect();
    let path = format!("{}/src/emulator/ssm/limits.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &lines).unwrap();
    }
    let current = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(current, lines, "UPDATE_DOCS=1 cargo test writes {path}");
}

/// A request that the model forbids, and what the refusal says.
#[track_caller]
fn refused(wire: &Wire, operation: &str, input: &Value, text: &str) {
    let answer = wire.ssm(operation, input);
    let shown: String = input.to_string().chars().take(300).collect();
    assert_eq!(answer.status, 400, "{operation} {shown}: {}", answer.body);
    assert_eq!(answer.code(), "ValidationException", "{operation} {shown}");
    assert!(answer.body.contains(text), "{text}: {}", answer.body);
}

fn baseline(member: &str, value: Value) -> Value {
    let mut input = json!({ "Name": "probe", "OperatingSystem": "WINDOWS" });
    input[member] = value;
    input
}

/// As many filters, each of its own key or all of the same.
fn filters(count: usize, distinct: bool) -> Value {
    let keys = [
        "PRODUCT",
        "CLASSIFICATION",
        "MSRC_SEVERITY",
        "PATCH_SET",
        "PRODUCT_FAMILY",
    ];
    let filter = |index: usize| {
        let key = keys[if distinct { index % 5 } else { 1 }];
        let value = if key == "PATCH_SET" { "OS" } else { "*" };
        json!({ "Key": key, "Values": [value] })
    };
    json!({ "PatchFilters": (0..count).map(filter).collect::<Vec<_>>() })
}

#[test]
fn a_baseline_without_a_required_member_or_with_six_filters_is_refused() {
    let wire = Wire::sample();
    let made = wire.answered("CreatePatchBaseline", &baseline("Description", json!("x")));
    let rule = |group: Value| json!({ "PatchRules": [{ "PatchFilterGroup": group, "ApproveAfterDays": 7 }] });
    // The model says 4. Five are deployed: CloudFormation's schema of AWS::SSM::PatchBaseline.
    let count = "Member must have between 0 and 5 members";
    let null = "Member must not be null";
    let group = "'approvalRules.patchRules.1.patchFilterGroup";
    for (member, value, path, text) in [
        (
            "ApprovalRules",
            json!({}),
            "'approvalRules.patchRules'",
            null,
        ),
        (
            "ApprovalRules",
            json!({ "PatchRules": [{ "ApproveAfterDays": 7 }] }),
            group,
            null,
        ),
        ("ApprovalRules", rule(json!({})), group, null),
        (
            "ApprovalRules",
            rule(json!({ "PatchFilters": [{ "Key": "PRODUCT" }] })),
            group,
            null,
        ),
        ("ApprovalRules", rule(filters(6, true)), group, count),
        ("ApprovalRules", rule(filters(6, false)), group, count),
        (
            "GlobalFilters",
            json!({}),
            "'globalFilters.patchFilters'",
            null,
        ),
        (
            "GlobalFilters",
            filters(6, true),
            "'globalFilters.patchFilters'",
            count,
        ),
        (
            "GlobalFilters",
            filters(6, false),
            "'globalFilters.patchFilters'",
            count,
        ),
        (
            "Sources",
            json!([{ "Name": "one", "Products": ["*"] }]),
            "'sources.1.configuration'",
            null,
        ),
    ] {
        refused(
            &wire,
            "CreatePatchBaseline",
            &baseline(member, value.clone()),
            path,
        );
        refused(
            &wire,
            "CreatePatchBaseline",
            &baseline(member, value.clone()),
            text,
        );
        let mut update = json!({ "BaselineId": made["BaselineId"] });
        update[member] = value;
        refused(&wire, "UpdatePatchBaseline", &update, text);
    }
    for value in [rule(filters(5, true)), json!({ "PatchRules": [] })] {
        wire.answered("CreatePatchBaseline", &baseline("ApprovalRules", value));
    }
}

#[test]
fn a_value_out_of_the_models_bounds_is_refused() {
    let wire = Wire::sample();
    let long = |count: usize| "x".repeat(count);
    let tags: Vec<Value> = (0..1_001)
        .map(|n| json!({ "Key": n.to_string(), "Value": "" }))
        .collect();
    let tagged = json!({ "ResourceType": "ManagedInstance", "ResourceId": "mi-0123456789abcdef0" });
    let with = |base: &Value, member: &str, value: Value| {
        let mut input = base.clone();
        input[member] = value;
        input
    };
    let task = json!({ "WindowId": "mw-0123456789abcdef0", "WindowTaskId": "00000000-0000-0000-0000-000000000000" });
    let parameters = |value: &str| json!({ "commands": { "Values": [value] } });
    let patches = |value: &str| json!({ "InstanceId": NODE, "Filters": [{ "Key": "State", "Values": [value] }] });
    let nested = json!([{ "Expression": "AWS:InstanceInformation.PlatformType", "Aggregators": [{ "Expression": "" }] }]);
    let none = json!([]);
    for (operation, input, text) in [
        (
            "UpdateMaintenanceWindowTask",
            with(&task, "TaskParameters", parameters("")),
            "between 1 and 255",
        ),
        (
            "UpdateMaintenanceWindowTask",
            with(&task, "TaskParameters", parameters(&long(256))),
            "taskParameters.commands.values.1",
        ),
        (
            "UpdateMaintenanceWindowTask",
            with(&task, "Priority", json!(2_147_483_648_u64)),
            "'priority'",
        ),
        (
            "UpdateMaintenanceWindowTask",
            with(&task, "Priority", json!(-1)),
            "between 0 and 2147483647",
        ),
        (
            "UpdateMaintenanceWindowTask",
            with(&task, "Priority", json!(u64::MAX)),
            "'priority'",
        ),
        (
            "RemoveTagsFromResource",
            with(&tagged, "TagKeys", json!([""])),
            "tagKeys.1",
        ),
        (
            "RemoveTagsFromResource",
            with(&tagged, "TagKeys", json!(["a", long(129)])),
            "tagKeys.2",
        ),
        (
            "AddTagsToResource",
            with(&tagged, "Tags", json!(tags)),
            "less than or equal to 1000 members",
        ),
        ("DescribeInstancePatches", patches(""), "filters.1.values.1"),
        (
            "DescribeInstancePatches",
            patches(&long(257)),
            "between 1 and 256",
        ),
        (
            "ListAssociations",
            json!({ "AssociationFilterList": none }),
            "'associationFilterList'",
        ),
        (
            "ListComplianceItems",
            json!({ "ResourceTypes": none }),
            "'resourceTypes'",
        ),
        (
            "ListNodes",
            json!({ "Filters": none }),
            "between 1 and 5 members",
        ),
        ("GetInventory", json!({ "Filters": none }), "'filters'"),
        (
            "GetInventory",
            json!({ "Filters": [{ "Key": "x", "Values": none }] }),
            "'filters.1.values'",
        ),
        (
            "GetInventory",
            json!({ "Aggregators": nested }),
            "'aggregators.1.aggregators.1.expression'",
        ),
        (
            "ListCommands",
            json!({ "Filters": none }),
            "between 1 and 5 members",
        ),
        (
            "DescribeInstanceInformation",
            json!({ "MaxResults": 4 }),
            "between 5 and 50",
        ),
    ] {
        refused(&wire, operation, &input, text);
    }
}

/// It was answered with 9 megabytes.
#[test]
fn a_request_with_many_violations_has_a_short_answer_that_counts_them() {
    let wire = Wire::sample();
    let long = "x".repeat(500_000);
    let ids = vec!["1"; 100_000];
    let share = json!({ "Name": "doc", "PermissionType": "Share", "AccountIdsToAdd": ids });
    let filters = vec![json!({ "Key": "" }); 50_000];
    let filtered = json!({
        "WindowExecutionId": "0".repeat(36), "TaskId": "0".repeat(36), "Filters": filters,
    });
    for (operation, input, text) in [
        ("ModifyDocumentPermission", share, "validation error"),
        (
            "DescribeMaintenanceWindowExecutionTaskInvocations",
            filtered,
            "and 49951 more",
        ),
        (
            "GetPatchBaseline",
            json!({ "BaselineId": long }),
            "BaselineId",
        ),
        (
            "DescribePatchBaselines",
            json!({ "Filters": [{ "Key": long, "Values": [long] }] }),
            "ilters",
        ),
        (
            "GetCommandInvocation",
            json!({ "CommandId": "0".repeat(36), "InstanceId": long }),
            "",
        ),
        (
            "SendCommand",
            json!({ "DocumentName": long, "InstanceIds": [long] }),
            "",
        ),
        ("GetServiceSetting", json!({ "SettingId": long }), ""),
        (
            "StartAutomationExecution",
            json!({ "DocumentName": long, "Mode": long }),
            "",
        ),
        ("DeleteDocument", json!({ "Name": long }), ""),
        (
            "CreatePatchBaseline",
            json!({ "Name": long, "OperatingSystem": long }),
            "",
        ),
        (
            "ListInventoryEntries",
            json!({ "InstanceId": long, "TypeName": "AWS:Tag" }),
            "",
        ),
        (
            "GetInventory",
            json!({ "Filters": [{ "Key": long, "Values": ["x"] }] }),
            "",
        ),
        (
            "CreateAssociation",
            json!({ "Name": long, "ScheduleExpression": long }),
            "",
        ),
        (
            "GetPatchBaseline",
            json!({ long.as_str(): long }),
            "not be null",
        ),
        (
            "DescribePatchBaselines",
            json!({ long.as_str(): long }),
            "is not known",
        ),
        (
            "DescribePatchBaselines",
            json!({ "MaxResults": long }),
            "expected",
        ),
    ] {
        let answer = wire.ssm(operation, &input);
        let start: String = answer.body.chars().take(400).collect();
        assert_eq!(answer.status, 400, "{operation}: {start}");
        assert!(
            answer.body.len() < 12_000,
            "{operation}: {}: {start}",
            answer.body.len()
        );
        assert!(
            answer.body.to_lowercase().contains(&text.to_lowercase()),
            "{operation}: {start}"
        );
    }
    let answer = wire.ec2(&format!("Action=DescribeInstances&InstanceId.1={long}"));
    assert_eq!(answer.status, 400);
    assert!(answer.body.len() < 4_000, "{}", answer.body.len());
    let path = format!("/configurationManager/{}", "x".repeat(20_000));
    let answer = wire.send("GET", &path, &[], b"");
    assert!(
        answer.status / 100 == 4 && answer.body.len() < 4_000,
        "{}",
        answer.body.len()
    );
}
