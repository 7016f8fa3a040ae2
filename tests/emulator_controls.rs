//! What a test in another language does to the account over the port, and the documentation of that.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::backend::Operation;
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::memory::{FleetNode, MemoryOrganization};
use serde_json::{Value, json};
use support::wire::{Answer, Wire};

const NODE: &str = "i-0123456789abcdef0";
const FILE: &str = "s3://patching/list.yaml";

fn control(wire: &Wire, method: &str, path: &str, body: &Value) -> Answer {
    wire.quicksetup(method, &format!("/_emulator/{path}"), body)
}

/// What a control answers; it has to succeed.
fn controlled(wire: &Wire, method: &str, path: &str, body: &Value) -> Value {
    let answer = control(wire, method, path, body);
    assert_eq!(answer.status, 200, "{method} {path} {body}: {answer:?}");
    answer.json()
}

fn index(wire: &Wire) -> Value {
    controlled(wire, "GET", "", &json!({}))
}

/// A sample account that has what the examples of the table name.
fn prepared() -> Wire {
    let account = MemoryBackend::sample();
    account.add_node(FleetNode::windows_server_2022(NODE));
    account.put_object(FILE, "patches: []").unwrap();
    Wire::of(account)
}

#[test]
fn the_example_of_each_request_is_answered_and_an_unknown_member_is_refused_by_its_path() {
    let requests = index(&prepared())["Requests"].clone();
    let requests = requests.as_array().unwrap();
    assert!(requests.len() > 20);
    for request in requests {
        let text = |member: &str| request[member].as_str().unwrap();
        let (method, path) = text("Request").split_once(" /_emulator/").unwrap();
        let wire = prepared();
        let body = match text("Body") {
            "" => json!({}),
            body => serde_json::from_str(body).unwrap(),
        };
        controlled(&wire, method, path, &body);
        if method == "GET" || (path == "faults" && method == "DELETE") {
            continue;
        }
        let mut with_more = body.clone();
        with_more["Colour"] = json!("blue");
        let refused = control(&wire, method, path, &with_more);
        assert_eq!(refused.status, 400, "{method} {path}");
        assert!(refused.body.contains("Colour"), "{refused:?}");
    }
}

#[test]
fn the_documentation_lists_the_requests_and_operations_that_are_served() {
    let index = index(&Wire::sample());
    let mut controls = String::from("| request | body | what it does |\n|---|---|---|\n");
    for request in index["Requests"].as_array().unwrap() {
        let text = |member: &str| request[member].as_str().unwrap();
        let body = match text("Body") {
            "" => String::new(),
            body => format!("`{body}`"),
        };
        let row = format!("| `{}` | {body} | {} |\n", text("Request"), text("Does"));
        controls.push_str(&row);
    }
    let services = [
        ("ssm", "Systems Manager", "awsJson 1.1"),
        (
            "ssm-quicksetup",
            "Quick Setup",
            "restJson 1, for patch policies",
        ),
        ("ec2", "EC2", "query"),
        ("sts", "STS", "query"),
    ];
    let mut operations = String::from("| service | protocol | operations |\n|---|---|---|\n");
    for (service, name, protocol) in services {
        let names = index["Operations"][service].as_array().unwrap();
        let names: Vec<String> = names
            .iter()
            .map(|name| format!("`{}`", name.as_str().unwrap()))
            .collect();
        let row = format!("| {name} | {protocol} | {} |\n", names.join(", "));
        operations.push_str(&row);
    }
    for (file, served) in [("controls.md", controls), ("operations.md", operations)] {
        let path = format!("{}/src/emulator/{file}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&path, &served).unwrap();
        }
        let documented = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(documented, served, "UPDATE_DOCS=1 cargo test writes {path}");
    }
}

#[test]
fn a_reset_brings_back_nodes_tags_baselines_clock_faults_and_calls() {
    let wire = Wire::sample();
    let snapshot = |wire: &Wire| controlled(wire, "GET", "snapshot", &json!({}));
    let before = snapshot(&wire);
    wire.answered("GetDefaultPatchBaseline", &json!({}));
    let made = json!({ "Name": "web", "OperatingSystem": "UBUNTU" });
    let first = wire.answered("CreatePatchBaseline", &made);
    let scan = json!({
        "DocumentName": "AWS-RunPatchBaseline", "Parameters": { "Operation": ["Scan"] },
        "Targets": [{ "Key": "InstanceIds", "Values": ["i-0c0ffee0000000001"] }],
    });
    wire.answered("SendCommand", &scan);
    controlled(&wire, "POST", "advance", &json!({ "Seconds": 86_400 }));
    let node = json!({
        "InstanceInformation": { "InstanceId": NODE }, "OperatingSystem": "UBUNTU", "Product": "Ubuntu22.04",
    });
    controlled(&wire, "POST", "nodes", &node);
    let tagged = format!("Action=CreateTags&ResourceId.1={NODE}&Tag.1.Key=a&Tag.1.Value=b");
    assert_eq!(wire.ec2(&tagged).status, 200);
    let fault = json!({ "Effect": "Throttle", "Always": true });
    controlled(&wire, "POST", "faults", &fault);
    assert_ne!(snapshot(&wire), before);

    let reset = controlled(&wire, "POST", "reset", &json!({}));
    assert_eq!(reset, json!({ "Now": "2026-05-14T00:00:00Z" }));
    assert_eq!(snapshot(&wire), before);
    let calls = controlled(&wire, "GET", "calls", &json!({}));
    assert_eq!(calls, json!({ "Calls": [] }));
    assert_eq!(
        wire.answered("CreatePatchBaseline", &made),
        first,
        "the same ids"
    );
    let commands = wire.answered("ListCommands", &json!({}));
    assert_eq!(commands["Commands"], json!([]));
    // Clones share the account, so a Rust test sees the reset too.
    assert_eq!(
        wire.emulator.backend().call_count(Operation::ListCommands),
        1
    );
}

#[test]
fn a_reset_brings_back_what_a_test_prepared_before_the_start() {
    let wire = prepared();
    controlled(&wire, "DELETE", "nodes", &json!({ "InstanceId": NODE }));
    controlled(&wire, "POST", "reset", &json!({}));
    let nodes = controlled(&wire, "GET", "nodes", &json!({}));
    let mut nodes = nodes["Nodes"].as_array().unwrap().iter();
    assert!(nodes.any(|node| node["InstanceInformation"]["InstanceId"] == NODE));
}

#[test]
fn a_planned_fault_affects_the_calls_that_it_names() {
    let ask = |wire: &Wire| wire.ssm("GetDefaultPatchBaseline", &json!({}));
    let throttle = json!({ "Effect": "Throttle", "Operation": "GetDefaultPatchBaseline" });
    let with = |mut fault: Value, more: Value| {
        let more = more.as_object().unwrap().clone();
        fault.as_object_mut().unwrap().extend(more);
        fault
    };
    let rows: [(Value, [&str; 3]); 6] = [
        (throttle.clone(), ["ThrottlingException", "", ""]),
        (
            with(throttle.clone(), json!({ "OnCall": 2, "Times": 2 })),
            ["", "ThrottlingException", "ThrottlingException"],
        ),
        (
            with(throttle.clone(), json!({ "Always": true })),
            ["ThrottlingException"; 3],
        ),
        (
            json!({ "Effect": "Throttle", "OnCall": 3 }),
            ["", "", "ThrottlingException"],
        ),
        (
            json!({ "Effect": "Fail", "Code": "AccessDeniedException", "Message": "no" }),
            ["AccessDeniedException", "", ""],
        ),
        (
            json!({ "Effect": "ThrottleAbove", "CallsPerSecond": 2 }),
            ["", "", "ThrottlingException"],
        ),
    ];
    for (fault, codes) in rows {
        let wire = Wire::sample();
        controlled(&wire, "POST", "faults", &fault);
        for (number, code) in codes.into_iter().enumerate() {
            let answer = ask(&wire);
            let found = answer.json()["__type"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            assert_eq!(found, code, "{fault}, call {}", number + 1);
        }
        controlled(&wire, "DELETE", "faults", &json!({}));
        assert_eq!(ask(&wire).status, 200, "{fault}");
    }
}

#[test]
fn a_lost_reply_closes_the_connection_and_the_call_took_effect() {
    let wire = Wire::sample();
    let fault = json!({ "Effect": "LoseReply", "Operation": "CreatePatchBaseline" });
    controlled(&wire, "POST", "faults", &fault);
    let unspent = controlled(&wire, "GET", "faults", &json!({}));
    assert_eq!(unspent["Unspent"].as_array().unwrap().len(), 1);
    let body = r#"{"Name":"web"}"#;
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         X-Amz-Target: AmazonSSM.CreatePatchBaseline\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(wire.raw(request.as_bytes()).is_none());
    let own = json!({ "Filters": [{ "Key": "OWNER", "Values": ["Self"] }] });
    let listed = wire.answered("DescribePatchBaselines", &own);
    assert_eq!(listed["BaselineIdentities"][0]["BaselineName"], "web");
}

#[test]
fn a_delay_passes_on_a_manual_clock() {
    let wire = Wire::sample();
    let fault = json!({ "Effect": "Delay", "Seconds": 30 });
    controlled(&wire, "POST", "faults", &fault);
    wire.answered("GetDefaultPatchBaseline", &json!({}));
    let now = wire.emulator.backend().clock().now();
    assert_eq!(now.to_string(), "2026-05-14T00:00:30Z");
}

#[test]
fn a_fault_that_cannot_be_is_refused_with_every_reason() {
    let wire = Wire::sample();
    let rows: [(Value, &[&str]); 9] = [
        (json!({}), &["effect"]),
        (json!({ "Effect": "Explode" }), &["Effect"]),
        (
            json!({ "Effect": "Throttle", "Operation": "Sendcommand" }),
            &["Operation"],
        ),
        (
            json!({ "Effect": "Throttle", "OnCall": 0, "Times": 0 }),
            &["OnCall", "Times"],
        ),
        (
            json!({ "Effect": "Throttle", "Times": 2, "Always": true }),
            &["Always"],
        ),
        (json!({ "Effect": "Throttle", "Seconds": 3 }), &["Seconds"]),
        (json!({ "Effect": "Fail" }), &["Code"]),
        (json!({ "Effect": "Delay", "Seconds": -1 }), &["Seconds"]),
        (
            json!({ "Effect": "ThrottleRandomly", "Probability": 2, "Operation": "SendCommand" }),
            &["Probability", "Operation"],
        ),
    ];
    for (fault, reasons) in rows {
        let refused = control(&wire, "POST", "faults", &fault);
        assert_eq!(refused.status, 400, "{fault}: {refused:?}");
        for reason in reasons {
            assert!(refused.body.contains(reason), "{fault}: {refused:?}");
        }
        assert_eq!(
            wire.ssm("GetDefaultPatchBaseline", &json!({})).status,
            200,
            "{fault}"
        );
    }
}

#[test]
fn calls_are_listed_in_order_with_the_code_of_those_that_failed() {
    let wire = Wire::sample();
    wire.answered("GetDefaultPatchBaseline", &json!({}));
    wire.ssm(
        "GetPatchBaseline",
        &json!({ "BaselineId": "pb-0123456789abcdef0" }),
    );
    wire.ssm("DescribeOpsItems", &json!({}));
    let other = "AWSOrganizationsV20161128.DescribeAccount";
    wire.send("POST", "/", &[("X-Amz-Target", other)], b"{}");
    wire.ec2("Action=DescribeTags&Version=2016-11-15");
    wire.quicksetup("POST", "/listConfigurationManagers", &json!({}));
    let calls = controlled(&wire, "GET", "calls", &json!({}));
    let expected = json!([
        { "Service": "ssm", "Operation": "GetDefaultPatchBaseline" },
        { "Service": "ssm", "Operation": "GetPatchBaseline", "Error": "DoesNotExistException" },
        { "Service": "ssm", "Operation": "DescribeOpsItems", "Error": "UnknownOperationException" },
        { "Service": "ssm", "Operation": other, "Error": "UnknownOperationException" },
        { "Service": "ec2", "Operation": "DescribeTags" },
        { "Service": "ssm-quicksetup", "Operation": "ListConfigurationManagers" },
    ]);
    assert_eq!(calls["Calls"], expected);
    controlled(&wire, "DELETE", "calls", &json!({}));
    let calls = controlled(&wire, "GET", "calls", &json!({}));
    assert_eq!(calls["Calls"], json!([]));
    assert!(wire.emulator.backend().calls().is_empty());
}

#[test]
fn a_node_changes_by_other_hands_than_the_services() {
    let wire = prepared();
    let status = |wire: &Wire| {
        let filters = json!({ "Filters": [{ "Key": "InstanceIds", "Values": [NODE] }] });
        let listed = wire.answered("DescribeInstanceInformation", &filters);
        listed["InstanceInformationList"][0]["PingStatus"].clone()
    };
    assert_eq!(status(&wire), "Online");
    for (condition, listed) in [
        ("Unreachable", json!("ConnectionLost")),
        ("Stopped", json!(null)),
        ("Online", json!("Online")),
    ] {
        let body = json!({ "InstanceId": NODE, "Condition": condition });
        controlled(&wire, "POST", "condition", &body);
        assert_eq!(status(&wire), listed, "{condition}");
    }
    let rows = [
        (
            "POST",
            "condition",
            json!({ "InstanceId": NODE, "Condition": "Lazy" }),
            "Condition",
        ),
        (
            "POST",
            "condition",
            json!({ "InstanceId": NODE }),
            "condition",
        ),
        (
            "POST",
            "condition",
            json!({ "InstanceId": "i-0123456789abcdeff", "Condition": "Online" }),
            "no such node",
        ),
        ("POST", "reboot", json!({ "InstanceId": 7 }), "InstanceId"),
        (
            "POST",
            "packages",
            json!({ "InstanceId": NODE, "Package": {} }),
            "Package",
        ),
        (
            "POST",
            "packages",
            json!({ "InstanceId": NODE, "Package": { "Kb": "KB1" } }),
            "Package.Kb",
        ),
        (
            "DELETE",
            "nodes",
            json!({ "InstanceId": "i-0123456789abcdeff" }),
            "no such node",
        ),
    ];
    for (method, path, body, reason) in rows {
        let refused = control(&wire, method, path, &body);
        assert_eq!(refused.status, 400, "{path} {body}: {refused:?}");
        assert!(refused.body.contains(reason), "{path} {body}: {refused:?}");
    }
}

#[test]
fn a_patch_that_is_added_is_listed_and_found_missing_and_one_of_its_id_is_replaced() {
    let wire = prepared();
    let scan = json!({
        "DocumentName": "AWS-RunPatchBaseline", "Parameters": { "Operation": ["Scan"] },
        "Targets": [{ "Key": "InstanceIds", "Values": [NODE] }],
    });
    let state = |wire: &Wire| {
        wire.answered("SendCommand", &scan);
        controlled(wire, "POST", "advance", &json!({ "Seconds": 3600 }));
        let patches = wire.answered("DescribeInstancePatches", &json!({ "InstanceId": NODE }));
        let patches = patches["Patches"].as_array().unwrap().clone();
        patches
            .into_iter()
            .find(|patch| patch["KBId"] == "KB5099999")
    };
    assert_eq!(state(&wire), None);
    let patch = |severity: &str| {
        json!({ "Patches": [{
            "KbNumber": "KB5099999", "Product": "WindowsServer2022", "ProductFamily": "Windows",
            "Classification": "SecurityUpdates", "MsrcSeverity": severity, "ReleaseDate": 1_767_225_600,
        }] })
    };
    controlled(&wire, "POST", "catalog", &patch("Critical"));
    assert_eq!(state(&wire).unwrap()["State"], "Missing");
    controlled(&wire, "POST", "catalog", &patch("Low"));
    let filters = json!({ "Filters": [{ "Key": "PATCH_ID", "Values": ["KB5099999"] }] });
    let listed = wire.answered("DescribeAvailablePatches", &filters);
    assert_eq!(listed["Patches"].as_array().unwrap().len(), 1);
    assert_eq!(listed["Patches"][0]["MsrcSeverity"], "Low");
}

#[test]
fn a_snapshot_is_read_without_a_call_and_restored_elsewhere() {
    let wire = Wire::sample();
    let made = json!({ "Name": "web", "OperatingSystem": "UBUNTU" });
    wire.answered("CreatePatchBaseline", &made);
    let fault = json!({ "Effect": "Throttle", "Always": true });
    controlled(&wire, "POST", "faults", &fault);
    let snapshot = controlled(&wire, "GET", "snapshot", &json!({}));
    assert_eq!(wire.emulator.backend().calls().len(), 1);

    let other = Wire::of(MemoryBackend::new());
    controlled(&other, "POST", "advance", &json!({ "Seconds": 60 }));
    let restored = controlled(&other, "PUT", "snapshot", &snapshot);
    assert_eq!(restored["Now"], "2026-05-14T00:00:00Z");
    let again = controlled(&other, "GET", "snapshot", &json!({}));
    for part in ["Baselines", "BaselineListing", "PatchGroups"] {
        assert_eq!(again[part], snapshot[part], "{part}");
    }
    let ids = |snapshot: &Value| -> Vec<Value> {
        let nodes = snapshot["Nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["Id"].clone()).collect()
    };
    assert_eq!(ids(&again), ids(&snapshot));
    let broken = control(&other, "PUT", "snapshot", &json!({ "TakenAt": "today" }));
    assert_eq!(broken.status, 400);
    assert!(broken.body.contains("TakenAt"), "{broken:?}");
}

/// The sample fleet has ARNs of another account, and an empty account has none.
#[test]
fn an_account_keeps_its_place_over_a_snapshot() {
    for builder in [
        MemoryBackend::builder(),
        MemoryBackend::builder().sample_fleet(),
    ] {
        let own = builder
            .account("111111111111")
            .region("eu-central-1")
            .build();
        let wire = Wire::of(own);
        let place = || {
            let snapshot = controlled(&wire, "GET", "snapshot", &json!({}));
            assert_eq!(snapshot["Account"], "111111111111");
            assert_eq!(snapshot["Region"], "eu-central-1");
            snapshot
        };
        controlled(&wire, "PUT", "snapshot", &place());
        place();
        let bare = json!({ "TakenAt": "2026-05-14T00:00:00Z" });
        controlled(&wire, "PUT", "snapshot", &bare);
        place();
    }
}

#[test]
fn a_member_of_an_organization_refuses_the_snapshot_of_another_place() {
    let organization = MemoryOrganization::builder()
        .management("111111111111")
        .regions(["eu-central-1", "eu-west-1"])
        .template(MemoryBackend::builder().sample_fleet())
        .build()
        .unwrap();
    let emulator = Emulator::start_organization(&organization).unwrap();
    let wire = Wire { emulator };
    let at = |region: &str| format!("snapshot?Account=111111111111&Region={region}");
    let snapshot = controlled(&wire, "GET", &at("eu-central-1"), &json!({}));
    controlled(&wire, "PUT", &at("eu-central-1"), &snapshot);
    let refused = control(&wire, "PUT", &at("eu-west-1"), &snapshot);
    assert_eq!(refused.status, 400);
    assert!(
        refused
            .body
            .contains("Region: `eu-central-1`: eu-west-1, or none")
    );
}

#[test]
fn an_organization_has_controls_for_each_member_and_one_reset() {
    let unit = "ou-ab12-production";
    let organization = MemoryOrganization::builder()
        .management("111111111111")
        .unit(unit, None)
        .account("222222222222", unit)
        .regions(["eu-central-1", "eu-west-1"])
        .template(MemoryBackend::builder())
        .build()
        .unwrap();
    let emulator = Emulator::start_organization(&organization).unwrap();
    let wire = Wire { emulator };
    let at = |account: &str, region: &str| format!("nodes?Account={account}&Region={region}");
    let node = json!({
        "InstanceInformation": { "InstanceId": NODE }, "OperatingSystem": "UBUNTU", "Product": "Ubuntu22.04",
    });
    controlled(&wire, "POST", &at("222222222222", "eu-west-1"), &node);
    let count = |account: &str, region: &str| {
        let nodes = controlled(&wire, "GET", &at(account, region), &json!({}));
        nodes["Nodes"].as_array().unwrap().len()
    };
    assert_eq!(count("222222222222", "eu-west-1"), 1);
    assert_eq!(count("222222222222", "eu-central-1"), 0);
    organization.delete_execution_role("222222222222").unwrap();
    controlled(&wire, "POST", "advance", &json!({ "Seconds": 60 }));
    for query in [
        "nodes?Account=222222222222",
        "nodes?Account=333333333333&Region=eu-west-1",
    ] {
        assert_eq!(
            control(&wire, "GET", query, &json!({})).status,
            400,
            "{query}"
        );
    }
    controlled(&wire, "POST", "reset", &json!({}));
    assert_eq!(count("222222222222", "eu-west-1"), 0);
    let now = wire.emulator.backend().clock().now();
    assert_eq!(now.to_string(), "2026-05-14T00:00:00Z");
}

#[test]
fn a_request_that_is_not_in_the_table_is_said_so() {
    let wire = Wire::sample();
    for (method, path, status) in [
        ("GET", "nothing", 404),
        ("POST", "", 405),
        ("GET", "advance", 405),
        ("PUT", "nodes", 405),
    ] {
        let refused = control(&wire, method, path, &json!({}));
        assert_eq!(refused.status, status, "{method} {path}");
        assert!(refused.body.contains("GET /_emulator/"), "{refused:?}");
    }
}

#[test]
fn a_request_with_a_member_that_is_there_twice_is_refused_and_does_nothing() {
    let wire = prepared();
    let kind = [("Content-Type", "application/json")];
    let send = |method, path, body: &str| {
        let path = format!("/_emulator/{path}");
        wire.send(method, &path, &kind, body.as_bytes())
    };
    let before = wire.answered("ListCommands", &json!({}));
    let refused = send("POST", "advance", r#"{"Seconds": 1, "Seconds": 86400}"#);
    assert_eq!(refused.status, 400, "{refused:?}");
    assert!(refused.body.contains("Seconds: one such member"));
    let body = r#"{"Patches": [{"KbNumber": "KB5099999", "KbNumber": "KB5099998"}]}"#;
    let refused = send("POST", "catalog", body);
    assert!(refused.body.contains("Patches[0].KbNumber: one such"));
    assert_eq!(wire.answered("ListCommands", &json!({})), before);
    let refused = send("POST", "reset", r#"{"Everything": true}"#);
    assert!(
        refused
            .body
            .contains("Everything: no such member; none is legal")
    );
}

/// A request of 400 kilobytes was answered with 12 megabytes after many seconds, for everybody.
#[test]
fn a_request_with_many_mistakes_has_a_short_answer() {
    let wire = prepared();
    let patches = vec![json!({"Colour": "blue"}); 20_000];
    let refused = control(&wire, "POST", "catalog", &json!({ "Patches": patches }));
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("Patches[49].Colour: no such member"));
    assert!(refused.body.contains("there are more such members"));
    assert!(refused.body.len() < 50_000, "{}", refused.body.len());
}

#[test]
fn a_refused_value_is_quoted_in_short_and_visibly() {
    let wire = prepared();
    let long = format!("Onl\u{202e}ine\0{}", "x".repeat(100_000));
    let node = json!({"InstanceInformation": {"InstanceId": long}, "OperatingSystem": "WINDOWS", "Product": "x"});
    let condition = json!({"InstanceId": NODE, "Condition": long});
    for (path, body, field) in [
        ("nodes", node, "InstanceInformation.InstanceId: `Onl"),
        ("condition", condition, "Condition: `Onl"),
    ] {
        let refused = control(&wire, "POST", path, &body);
        let message = refused.json()["Message"].as_str().unwrap().to_owned();
        assert_eq!(refused.status, 400, "{path}");
        assert!(message.starts_with(field), "{message}");
        assert!(message.len() < 2_000 && !message.contains(['\u{202e}', '\0']));
    }
}

#[test]
fn a_node_that_no_account_could_have_is_refused() {
    let wire = prepared();
    let node = |change: Value, information: Value| {
        let mut node = json!({
            "InstanceInformation": {"InstanceId": "i-0c0ffee0000000099", "PlatformType": "Windows"},
            "OperatingSystem": "WINDOWS", "Product": "WindowsServer2022",
        });
        let members = |of: &Value| of.as_object().unwrap().clone();
        node.as_object_mut().unwrap().extend(members(&change));
        let into = node["InstanceInformation"].as_object_mut().unwrap();
        into.extend(members(&information));
        node
    };
    let before = controlled(&wire, "GET", "nodes", &json!({}));
    for (change, information, text) in [
        (
            json!({"Condition": "x"}),
            json!({}),
            "Condition: `x`: one of Online, ",
        ),
        (
            json!({"Condition": ""}),
            json!({}),
            "Condition: is empty: one of Online, ",
        ),
        (
            json!({"OperatingSystem": "nope"}),
            json!({}),
            "OperatingSystem: `nope`: one of ",
        ),
        (
            json!({}),
            json!({"PlatformType": ""}),
            "InstanceInformation.PlatformType: is empty",
        ),
        (
            json!({}),
            json!({"ResourceType": "x"}),
            "InstanceInformation.ResourceType: `x`",
        ),
        (
            json!({}),
            json!({"PingStatus": "x"}),
            "InstanceInformation.PingStatus: `x`",
        ),
        (
            json!({}),
            json!({"InstanceId": "x"}),
            "InstanceInformation.InstanceId: `x`",
        ),
    ] {
        let refused = control(&wire, "POST", "nodes", &node(change, information));
        assert_eq!(refused.status, 400, "{text}: {refused:?}");
        assert!(refused.body.contains(text), "{text}: {}", refused.body);
    }
    assert_eq!(controlled(&wire, "GET", "nodes", &json!({})), before);
    controlled(&wire, "POST", "nodes", &node(json!({}), json!({})));
}

#[test]
fn a_request_without_a_body_takes_no_member_and_does_nothing_with_one() {
    let wire = prepared();
    let fault = json!({"Effect": "Throttle", "Operation": "SendCommand"});
    controlled(&wire, "POST", "faults", &fault);
    for request in index(&wire)["Requests"].as_array().unwrap() {
        if request["Body"] != "" {
            continue;
        }
        let (method, path) = request["Request"]
            .as_str()
            .unwrap()
            .split_once(' ')
            .unwrap();
        let path = path.strip_prefix("/_emulator/").unwrap();
        let refused = control(&wire, method, path, &json!({"Zz": 1}));
        assert_eq!(refused.status, 400, "{method} {path}");
        assert!(refused.body.contains("Zz"), "{refused:?}");
    }
    let unspent = controlled(&wire, "GET", "faults", &json!({}));
    assert_eq!(unspent["Unspent"].as_array().unwrap().len(), 1);
}

#[test]
fn a_snapshot_with_an_id_twice_is_refused_and_the_index_is_named() {
    let wire = prepared();
    let made = json!({"Name": "web", "Schedule": "rate(7 days)", "Duration": 2, "Cutoff": 1, "AllowUnassociatedTargets": true});
    wire.answered("CreateMaintenanceWindow", &made);
    wire.answered(
        "CreatePatchBaseline",
        &json!({"Name": "web", "OperatingSystem": "WINDOWS"}),
    );
    let snapshot = controlled(&wire, "GET", "snapshot", &json!({}));
    controlled(&wire, "PUT", "snapshot", &snapshot);
    let mut tested = 0;
    for (list, member) in [
        ("Nodes", "Id"),
        ("Baselines", "Baseline.BaselineId"),
        ("BaselineListing", "BaselineId"),
        ("PredefinedBaselines", "BaselineId"),
        ("Windows", "Window.WindowId"),
        ("Associations", "Association.AssociationId"),
        ("PatchGroups", "PatchGroup"),
    ] {
        let mut twice = snapshot.clone();
        let items = twice[list].as_array_mut().unwrap();
        let Some(first) = items.first().cloned() else {
            continue;
        };
        let index = items.len();
        items.push(first);
        let refused = control(&wire, "PUT", "snapshot", &twice);
        assert_eq!(refused.status, 400, "{list}");
        let text = format!("{list}[{index}].{member}: ");
        assert!(refused.body.contains(&text), "{text}: {}", refused.body);
        assert!(
            refused.body.contains(&format!("{list}[0]")),
            "{}",
            refused.body
        );
        tested += 1;
    }
    assert!(tested >= 4, "{tested}");
}

#[test]
fn a_query_has_the_account_and_the_region_and_nothing_else() {
    let wire = prepared();
    for query in [
        "account=222222222222&region=eu-west-1",
        "Zz=1",
        "Account=1&Account=2&Region=x",
        "Account=1",
    ] {
        let refused = control(&wire, "POST", &format!("reset?{query}"), &json!({}));
        assert_eq!(refused.status, 400, "{query}: {refused:?}");
        assert!(refused.body.contains("Account"), "{query}: {refused:?}");
    }
    let refused = control(&wire, "GET", "nodes?account=222222222222", &json!({}));
    assert!(
        refused.body.contains("Account and Region only"),
        "{refused:?}"
    );
}

#[test]
fn the_clock_has_a_last_instant() {
    let wire = prepared();
    let late = |instant: &str| json!({"TakenAt": instant, "Nodes": []});
    for instant in ["9999-12-31T23:59:59Z", "9999-12-30T22:00:01Z"] {
        let refused = control(&wire, "PUT", "snapshot", &late(instant));
        assert_eq!(refused.status, 400, "{instant}");
        assert!(
            refused.body.contains("to 9999-12-30T22:00:00Z"),
            "{}",
            refused.body
        );
    }
    controlled(&wire, "PUT", "snapshot", &late("9999-12-30T21:00:00Z"));
    let refused = control(&wire, "POST", "advance", &json!({"Seconds": 3601}));
    assert_eq!(refused.status, 400, "{refused:?}");
    assert!(
        refused.body.contains("9999-12-30T22:00:00Z"),
        "{}",
        refused.body
    );
    controlled(&wire, "POST", "advance", &json!({"Seconds": 3600}));
    let refused = control(&wire, "POST", "advance", &json!({"Seconds": 1}));
    assert_eq!(refused.status, 400, "{refused:?}");
}
