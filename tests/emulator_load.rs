//! What a client that means harm cannot do to the others of the emulator.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::emulator::Emulator;
use jiff::Timestamp;
use serde_json::{Value, json};
use support::pace::StoppedClock;
use support::wire::{Answer, Wire, read};

/// About as long as a body may be.
const LONG: usize = 800_000;

/// A node of the sample that is an instance.
const NODE: &str = "i-0c0ffee0000000001";

/// A request of the longest legal size.
struct Heavy {
    name: &'static str,
    send: Box<dyn Fn(&Wire) -> Answer + Send>,
}

fn form(name: &'static str, start: &str, part: impl Fn(usize) -> String) -> Heavy {
    let mut form = start.to_owned();
    let mut number = 0;
    while form.len() < LONG {
        number += 1;
        form += &part(number);
    }
    Heavy {
        name,
        send: Box::new(move |wire| wire.ec2(&form)),
    }
}

/// A list of as many members as fit.
fn many<T: Into<Value>>(member: impl Fn(usize) -> T) -> Value {
    let (mut list, mut length) = (Vec::new(), 0);
    while length < LONG {
        let member = member(list.len()).into();
        length += member.to_string().len() + 1;
        list.push(member);
    }
    Value::from(list)
}

fn ssm(name: &'static str, operation: &'static str, body: &Value) -> Heavy {
    let body = body.to_string();
    Heavy {
        name,
        send: Box::new(move |wire| wire.ssm_raw(operation, body.as_bytes())),
    }
}

fn other(name: &'static str, method: &'static str, path: &'static str, body: Value) -> Heavy {
    Heavy {
        name,
        send: Box::new(move |wire| wire.quicksetup(method, path, &body)),
    }
}

fn forms() -> Vec<Heavy> {
    let id = |number: usize| format!("{number:017x}");
    vec![
        form("filters", "Action=DescribeInstances", |n| {
            format!("&Filter.{n}.Name=vpc-id")
        }),
        form("filters with values", "Action=DescribeTags", |n| {
            format!("&Filter.{n}.Name=key&Filter.{n}.Value.1=*")
        }),
        form("filters of a derived listing", "Action=DescribeVpcs", |n| {
            format!("&Filter.{n}.Name=vpc-id&Filter.{n}.Value.1=*")
        }),
        form(
            "values of a filter",
            "Action=DescribeSubnets&Filter.1.Name=vpc-id",
            |n| format!("&Filter.1.Value.{n}=a*b*c{n}"),
        ),
        form("an instance many times", "Action=DescribeInstances", |n| {
            format!("&InstanceId.{n}={NODE}")
        }),
        form("subnets that do not exist", "Action=DescribeSubnets", |n| {
            format!("&SubnetId.{n}=subnet-{}", id(n))
        }),
        form("security groups", "Action=DescribeSecurityGroups", |n| {
            format!("&GroupId.{n}=sg-{}", id(n))
        }),
        form("VPCs", "Action=DescribeVpcs", |n| {
            format!("&VpcId.{n}=vpc-{}", id(n))
        }),
        form("tags of an instance many times", "Action=CreateTags", |n| {
            format!("&ResourceId.{n}={NODE}&Tag.{n}.Key=a")
        }),
        form("tags that are deleted", "Action=DeleteTags", |n| {
            format!("&ResourceId.{n}={NODE}&Tag.{n}.Key=k{n}")
        }),
        form("a stop many times", "Action=StopInstances", |n| {
            format!("&InstanceId.{n}={NODE}")
        }),
        form(
            "parameters that are not known",
            "Action=DescribeInstances",
            |n| format!("&Colour.{n}.Name=a"),
        ),
        form(
            "tags of a session",
            "Action=AssumeRole&Version=2011-06-15&RoleArn=r&RoleSessionName=s",
            |n| format!("&Tags.member.{n}.Key=a"),
        ),
    ]
}

fn lists() -> Vec<Heavy> {
    let id = |number: usize| format!("i-{number:017x}");
    let long = "k".repeat(LONG / 2);
    let summary = json!({"ExecutionTime": 1_778_716_800, "ExecutionId": long});
    let item = json!({"Id": "a", "Severity": "LOW", "Status": "COMPLIANT"});
    let items = Value::from(vec![item; LONG / 2 / 60]);
    let text = |number: usize| format!("p{number}");
    let filter = |key: &'static str| move |number: usize| json!({"Key": key, "Values": [format!("v{number}")]});
    vec![
        ssm(
            "ids of a command",
            "SendCommand",
            &json!({
            "DocumentName": "AWS-RunPatchBaseline", "InstanceIds": many(id)}),
        ),
        ssm(
            "targets of a command",
            "SendCommand",
            &json!({
            "DocumentName": "AWS-RunPatchBaseline", "Targets": many(filter("InstanceIds"))}),
        ),
        ssm(
            "values under a long name",
            "SendCommand",
            &json!({
            "DocumentName": "AWS-RunShellScript",
            "Parameters": {long.as_str(): vec!["a"; LONG / 8]}, "InstanceIds": [NODE]}),
        ),
        ssm(
            "unknown members in a list",
            "DescribePatchBaselines",
            &json!({
            "Filters": vec![json!({"Key": "OWNER", "Values": ["Self"], "X": 1}); LONG / 45]}),
        ),
        ssm(
            "ids of a cancellation",
            "CancelCommand",
            &json!({
            "CommandId": "11111111-2222-3333-4444-555555555555", "InstanceIds": many(id)}),
        ),
        ssm(
            "items of a report",
            "PutComplianceItems",
            &json!({
            "ResourceId": NODE, "ResourceType": "ManagedInstance", "ComplianceType": "Custom:Own",
            "ExecutionSummary": summary, "Items": items}),
        ),
        ssm(
            "items of a long id",
            "PutComplianceItems",
            &json!({
            "ResourceId": long, "ResourceType": "ManagedInstance", "ComplianceType": "Custom:Own",
            "ExecutionSummary": {"ExecutionTime": 1_778_716_800}, "Items": items}),
        ),
        ssm(
            "ids of patch states",
            "DescribeInstancePatchStates",
            &json!({
            "InstanceIds": many(id)}),
        ),
        ssm(
            "filters of nodes",
            "DescribeInstanceInformation",
            &json!({
            "Filters": many(filter("tag:Role"))}),
        ),
        ssm(
            "filters of compliance",
            "ListComplianceItems",
            &json!({
            "ResourceIds": many(id), "ResourceTypes": ["ManagedInstance"]}),
        ),
        ssm(
            "filters of patches",
            "DescribeAvailablePatches",
            &json!({
            "Filters": [{"Key": "PRODUCT", "Values": many(text)}]}),
        ),
        ssm(
            "approved patches",
            "CreatePatchBaseline",
            &json!({
            "Name": "b", "ApprovedPatches": many(text), "RejectedPatches": ["p1"]}),
        ),
        ssm(
            "tags",
            "AddTagsToResource",
            &json!({
            "ResourceType": "PatchBaseline", "ResourceId": "pb-0123456789abcdef0",
            "Tags": many(|n| json!({"Key": format!("k{n}"), "Value": ""}))}),
        ),
        ssm(
            "keys of tags",
            "RemoveTagsFromResource",
            &json!({
            "ResourceType": "ManagedInstance", "ResourceId": "mi-0123456789abcdef0",
            "TagKeys": many(text)}),
        ),
        ssm(
            "targets of an association",
            "CreateAssociation",
            &json!({
            "Name": "AWS-RunPatchBaseline", "Targets": many(filter("InstanceIds"))}),
        ),
        ssm(
            "accounts of a runbook",
            "StartAutomationExecution",
            &json!({
            "DocumentName": "AWS-PatchInstanceWithRollback", "TargetLocations": [
                {"Accounts": ["123456789012"], "Regions": ["us-east-1"],
                 "ExcludeAccounts": many(|n| format!("{n:012}"))}]}),
        ),
        ssm(
            "maps of a runbook",
            "StartAutomationExecution",
            &json!({
            "DocumentName": "AWS-PatchInstanceWithRollback", "TargetMaps": many(|n| json!({"a": [text(n)]}))}),
        ),
        ssm(
            "aggregators",
            "GetInventory",
            &json!({
            "Aggregators": many(|_| json!({"Expression": "AWS:InstanceInformation.PlatformName"}))}),
        ),
        ssm(
            "types of inventory",
            "GetInventory",
            &json!({
            "ResultAttributes": many(|_| json!({"TypeName": "AWS:Application"}))}),
        ),
        ssm(
            "values of a filter of inventory",
            "GetInventory",
            &json!({
            "Filters": [{"Key": "AWS:Application.Name", "Values": many(text)}]}),
        ),
        ssm(
            "filters of documents",
            "ListDocuments",
            &json!({
            "Filters": many(filter("Name"))}),
        ),
        ssm(
            "accounts of a document",
            "ModifyDocumentPermission",
            &json!({
            "Name": "d", "PermissionType": "Share", "AccountIdsToAdd": many(|n| format!("{n:012}"))}),
        ),
        other(
            "tags of a node",
            "POST",
            "/_emulator/nodes",
            json!({
            "InstanceInformation": {"InstanceId": NODE, "PlatformType": "Windows"},
            "OperatingSystem": "WINDOWS", "Product": "WindowsServer2022",
            "Tags": vec![json!({"Key": "a", "Value": "b"}); LONG / 50],
            "Instance": {"InstanceId": NODE,
                "Tags": (0..LONG / 55).map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect::<Vec<_>>()}}),
        ),
        other(
            "patches of a catalog",
            "POST",
            "/_emulator/catalog",
            json!({
            "Patches": many(|n| json!({"KbNumber": format!("KB{n}"), "Product": "WindowsServer2022"}))}),
        ),
        other(
            "parameters of a policy",
            "POST",
            "/configurationManager",
            json!({
            "ConfigurationDefinitions": [{"Type": "AWSQuickSetupType-PatchPolicy",
                "Parameters": (0..LONG / 16).map(|n| (text(n), Value::from("a"))).collect::<serde_json::Map<_, _>>()}]}),
        ),
        other(
            "accounts of a policy",
            "POST",
            "/configurationManager",
            json!({
            "ConfigurationDefinitions": [{"Type": "AWSQuickSetupType-PatchPolicy", "Parameters": {
                "PatchPolicyName": "p", "SelectedPatchBaselines": "{}", "PatchBaselineRegion": "us-east-1",
                "TargetRegions": "us-east-1",
                "TargetAccounts": (0..LONG / 13).map(|n| format!("{n:012}")).collect::<Vec<_>>().join(",")}}]}),
        ),
    ]
}

/// A node that reports these rows by this baseline.
fn reporting(number: usize, baseline: &str, rows: &[Value]) -> Value {
    let id = format!("i-{number:017x}");
    json!({
        "Id": id,
        "PatchState": {
            "InstanceId": id, "PatchGroup": "", "BaselineId": baseline, "Operation": "Scan",
            "OperationStartTime": 1_778_716_800, "OperationEndTime": 1_778_716_860},
        "Patches": rows})
}

fn row(number: usize) -> Value {
    json!({
        "Title": format!("a.b:0:{number}-1"), "KBId": "a.b", "Classification": "Security",
        "Severity": "Low", "State": "Missing", "InstalledTime": 0})
}

fn stored_baseline(id: &str, approved: &[String]) -> Value {
    json!({
        "BaselineId": id, "Name": "b", "OperatingSystem": "AMAZON_LINUX_2023",
        "GlobalFilters": {"PatchFilters": []}, "ApprovalRules": {"PatchRules": []},
        "ApprovedPatches": approved, "ApprovedPatchesComplianceLevel": "UNSPECIFIED",
        "ApprovedPatchesEnableNonSecurity": false, "RejectedPatches": [],
        "RejectedPatchesAction": "BLOCK", "Sources": []})
}

const BASELINE: &str = "pb-0123456789abcdef0";

/// Snapshots whose parts together take far more than their length, each with the list that says so.
fn snapshots() -> Vec<(&'static str, &'static str, Value)> {
    let patch = |number: usize| json!({"Name": "a", "Arch": "b", "Product": "p", "Version": number.to_string()});
    let node = |number: usize| reporting(number, BASELINE, &[]);
    let half = |of: &dyn Fn(usize) -> Value| -> Vec<Value> {
        let count = LONG / 2 / of(9_999).to_string().len();
        (0..count).map(of).collect()
    };
    let rows = half(&row);
    let long = vec!["x".repeat(LONG / 2)];
    let listed = |_: usize| json!({"BaselineId": BASELINE, "BaselineName": "b", "OperatingSystem": "AMAZON_LINUX_2023"});
    let target = |number: usize| json!({"Key": "tag:a", "Values": [number.to_string()]});
    let window = |number: usize| json!({"Window": {"WindowId": format!("mw-{number:017x}")}});
    let part = |parts: Value| {
        let mut snapshot = json!({"TakenAt": "2026-05-14T00:00:00Z"});
        let members = parts.as_object().unwrap().clone();
        snapshot.as_object_mut().unwrap().extend(members);
        snapshot
    };
    let own = |approved: &[String]| json!([{"Baseline": stored_baseline(BASELINE, approved)}]);
    vec![
        (
            "nodes and a catalog",
            "Nodes",
            part(json!({"Nodes": half(&node), "Catalog": half(&patch), "Baselines": own(&[])})),
        ),
        (
            "nodes and a long baseline",
            "Nodes",
            part(json!({"Nodes": half(&node), "Baselines": own(&long)})),
        ),
        (
            "nodes and patterns of a baseline",
            "Nodes",
            part(json!({
                "Nodes": vec![node(1); 500], "Catalog": vec![patch(1); 1_000],
                "Baselines": own(&vec!["a*".to_owned(); 100])})),
        ),
        (
            "nodes and the targets of an association",
            "Nodes",
            part(json!({
                "Nodes": half(&node), "Associations": [
                    {"Association": {"Name": "AWS-RunPatchBaseline", "Targets": half(&target)}}]})),
        ),
        (
            "versions of a package",
            "Nodes.Patches",
            part(json!({"Nodes": [reporting(1, BASELINE, &rows)], "Catalog": half(&patch)})),
        ),
        (
            "a listing of a long baseline",
            "BaselineListing",
            part(json!({
                "BaselineListing": half(&listed), "PredefinedBaselines": [stored_baseline(BASELINE, &long)]})),
        ),
        (
            "windows",
            "Baselines",
            part(json!({"Windows": (0..4_000).map(window).collect::<Vec<_>>()})),
        ),
    ]
}

fn restores() -> Vec<Heavy> {
    let snapshots = snapshots().into_iter();
    snapshots
        .map(|(name, _, body)| other(name, "PUT", "/_emulator/snapshot", body))
        .collect()
}

/// Ends a thread, whatever happens to the test.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How many small requests another emulator answers, one after the other, until this one is answered; no
/// more are counted than these.
fn small_answers_meanwhile(heavy: &Heavy, most: usize, other: &Wire) -> usize {
    let (is_answered, small) = (AtomicBool::new(false), AtomicUsize::new(0));
    let wire = Wire::of(MemoryBackend::sample());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = Client::of(&other.emulator);
            while !is_answered.load(Ordering::Relaxed) && small.load(Ordering::Relaxed) <= most {
                client.call();
                small.fetch_add(1, Ordering::Relaxed);
            }
        });
        let _end = End(&is_answered);
        let answer = (heavy.send)(&wire);
        assert!(answer.status < 500, "{}: {}", heavy.name, answer.status);
        wire.still_serves(heavy.name);
    });
    small.into_inner()
}

/// A client that keeps its connection.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    const REQUEST: &str = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AmazonSSM.GetDefaultPatchBaseline\r\nContent-Length: 2\r\n\r\n{}";

    fn of(emulator: &Emulator) -> Self {
        let address = emulator.endpoint().strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let buffer = vec![0; 1 << 16];
        Self { stream, buffer }
    }

    /// Sends a small request and reads its answer, which comes in one piece.
    fn call(&mut self) {
        self.stream.write_all(Self::REQUEST.as_bytes()).unwrap();
        let length = self.stream.read(&mut self.buffer).unwrap();
        let answer = read(&self.buffer[..length]).expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// Work that grows with the square of a request's size takes as long as a hundred thousand small requests.
#[test]
fn a_long_request_takes_the_work_of_its_size() {
    const MOST: usize = 20_000;
    let other = Wire::of(MemoryBackend::sample());
    let heavy = forms().into_iter().chain(lists()).chain(restores());
    let counts: Vec<_> = heavy
        .map(|heavy| (small_answers_meanwhile(&heavy, MOST, &other), heavy.name))
        .inspect(|(count, name)| println!("{count:>6} {name}"))
        .collect();
    let slow: Vec<_> = counts.iter().filter(|(count, _)| *count > MOST).collect();
    assert!(slow.is_empty(), "{slow:?}");
}

#[test]
fn a_snapshot_that_takes_too_much_work_is_refused_by_list_and_changes_nothing() {
    let wire = Wire::sample();
    let read = || wire.send("GET", "/_emulator/snapshot", &[], b"").json();
    let before = read();
    for (name, list, body) in snapshots() {
        let answer = wire.quicksetup("PUT", "/_emulator/snapshot", &body);
        assert_eq!(answer.status, 400, "{name}: {answer:?}");
        let message = answer.json()["Message"].to_string();
        assert!(message.contains(&format!("{list}: ")), "{name}: {message}");
        assert!(message.contains("at most 10000000"), "{name}: {message}");
        assert_eq!(read(), before, "{name}");
    }
    let same = wire.quicksetup("PUT", "/_emulator/snapshot", &before);
    assert_eq!(same.status, 200, "{same:?}");
}

#[test]
fn ec2_takes_fifty_filters_of_two_hundred_values() {
    let wire = Wire::sample();
    let filters = |count: usize| {
        let filters = (1..=count).map(|n| format!("&Filter.{n}.Name=vpc-id&Filter.{n}.Value.1=*"));
        filters.collect::<String>()
    };
    let values = |count: usize| {
        let values = (1..=count).map(|n| format!("&Filter.1.Value.{n}=v{n}"));
        format!("&Filter.1.Name=vpc-id{}", values.collect::<String>())
    };
    for action in ["DescribeInstances", "DescribeSubnets", "DescribeVpcs"] {
        for (legal, more) in [(filters(50), filters(51)), (values(200), values(201))] {
            let answer = wire.ec2(&format!("Action={action}{legal}"));
            assert_eq!(answer.status, 200, "{action}: {answer:?}");
            let answer = wire.ec2(&format!("Action={action}{more}"));
            assert!(
                answer.body.contains("FilterLimitExceeded"),
                "{action}: {answer:?}"
            );
        }
    }
}

/// A name that was not read would take a filter away, or the tags of a node.
#[test]
fn an_item_of_a_list_has_one_name_and_no_other_is_passed_over() {
    let wire = Wire::sample();
    for action in [
        "DescribeInstances&Filter.{n}.Name=vpc-id&Filter.{n}.Value.1=*",
        "DescribeInstances&Filter.1.Name=vpc-id&Filter.1.Value.{n}=*",
        "DescribeInstances&InstanceId.{n}=i-0c0ffee0000000001",
        "DescribeTags&Filter.{n}.Name=key&Filter.{n}.Value.1=a",
        "CreateTags&ResourceId.1=i-0c0ffee0000000001&Tag.{n}.Key=a&Tag.{n}.Value=b",
        "DeleteTags&ResourceId.1=i-0c0ffee0000000001&Tag.{n}.Key=a",
        "DeleteTags&ResourceId.{n}=i-0c0ffee0000000001&Tag.1.Key=a",
        "StopInstances&InstanceId.{n}=i-0c0ffee0000000001",
    ] {
        for number in ["4294967296", "99999999999", "", "01", "+1", "-1", "1 ", "N"] {
            let before = wire.ec2("Action=DescribeTags");
            let number = number.replace('+', "%2B");
            let form = format!("Action={}", action.replace("{n}", &number));
            let answer = wire.ec2(&form);
            assert_eq!(answer.status, 400, "{form}: {answer:?}");
            assert_eq!(wire.ec2("Action=DescribeTags").status, 200);
            let tags = |answer: &Answer| answer.body.matches("<item>").count();
            assert_eq!(
                tags(&wire.ec2("Action=DescribeTags")),
                tags(&before),
                "{form}"
            );
        }
        let form = format!("Action={}", action.replace("{n}", "7"));
        let answer = wire.ec2(&form);
        assert_eq!(answer.status, 200, "{form}: {answer:?}");
    }
}

/// An association every half hour on each node.
#[test]
fn others_are_answered_while_time_passes() {
    let wire = Wire::sample();
    let association = json!({
        "Name": "AWS-RunPatchBaseline",
        "ScheduleExpression": "rate(30 minutes)",
        "Parameters": { "Operation": ["Scan"] },
        "Targets": [{ "Key": "InstanceIds", "Values": ["*"] }],
    });
    wire.answered("CreateAssociation", &association);
    let commands = || wire.ssm("ListCommands", &json!({})).json()["Commands"].clone();
    let passed = AtomicBool::new(false);
    let answered = std::thread::scope(|scope| {
        let month = scope.spawn(|| {
            let _end = End(&passed);
            wire.quicksetup(
                "POST",
                "/_emulator/advance",
                &json!({ "Seconds": 30 * 86_400 }),
            )
        });
        let mut answered = 0;
        while !passed.load(Ordering::Relaxed) {
            assert_eq!(
                wire.quicksetup("GET", "/_emulator/faults", &json!({}))
                    .status,
                200
            );
            answered += 1;
        }
        assert_eq!(month.join().unwrap().status, 200);
        answered
    });
    assert!(answered > 10, "{answered} answers in a month");
    assert_ne!(commands(), json!([]));
}

#[test]
fn an_id_that_is_named_twice_is_answered_once() {
    let form = format!("Action=DescribeInstances&InstanceId.1={NODE}&InstanceId.2={NODE}");
    let answer = Wire::sample().ec2(&form);
    assert_eq!(answer.body.matches("<instanceId>").count(), 1, "{answer:?}");
}

#[test]
fn of_many_unknown_members_an_error_names_a_hundred() {
    let members: serde_json::Map<_, _> = (0..500)
        .map(|n| (format!("Member{n:03}{}", "x".repeat(500)), json!(1)))
        .collect();
    let answer = Wire::sample().ssm("ListCommands", &Value::from(members));
    let message = answer.json()["Message"].to_string();
    assert_eq!(message.matches("is not known").count(), 100);
    assert!(
        message.contains("and 400 more") && message.len() < 20_000,
        "{message}"
    );
}

#[test]
fn a_recorded_call_has_a_name_of_at_most_128_characters() {
    let wire = Wire::sample();
    let long = "a".repeat(LONG);
    assert_eq!(wire.ec2(&format!("Action={long}")).status, 400);
    let calls = wire.send("GET", "/_emulator/calls", &[], b"").json();
    assert_eq!(calls["Calls"][0]["Operation"], long[..128], "{calls}");
}

const HEAD: &str =
    "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSSM.GetDefaultPatchBaseline\r\n";

/// An emulator with few places, so that a test can take all of them.
fn with_places(places: usize) -> Wire {
    let emulator = Emulator::builder().connection_limit(places);
    let emulator = emulator.start(MemoryBackend::sample()).unwrap();
    Wire { emulator }
}

/// Whether the other side has closed a connection: it has nothing more to read.
fn is_closed(mut stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let closed = match stream.read(&mut [0; 1]) {
        Ok(length) => length == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    };
    stream.set_nonblocking(false).unwrap();
    closed
}

// The read timeout is 30 seconds here, longer than a client of the test waits.
#[test]
fn half_requests_keep_no_client_out_whatever_their_half() {
    let half_body = format!("{HEAD}Content-Length: 50\r\n\r\n{{");
    for half in ["", "POST", HEAD, &half_body] {
        let wire = with_places(8);
        let held: Vec<_> = (0..30)
            .map(|_| {
                let mut stream = wire.connect();
                stream.write_all(half.as_bytes()).unwrap();
                stream
            })
            .collect();
        wire.still_serves(half);
        let open = held.iter().filter(|stream| !is_closed(stream)).count();
        assert!(open <= 8, "{open} open");
        // Those that came first gave way.
        assert!(held[..20].iter().all(is_closed), "{half}");
    }
}

#[test]
fn a_connection_that_was_used_outlives_those_that_never_were() {
    let wire = with_places(4);
    let mut honest = Client::of(&wire.emulator);
    honest.call();
    for _ in 0..20 {
        let mut half = wire.connect();
        half.write_all(HEAD.as_bytes()).unwrap();
        std::mem::forget(half);
        honest.call();
    }
}

#[test]
fn a_request_that_is_being_answered_does_not_give_way() {
    let clock = StoppedClock::new(Timestamp::UNIX_EPOCH);
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    backend.faults().latency(Duration::from_secs(1));
    let emulator = Emulator::builder().connection_limit(2);
    let wire = Wire {
        emulator: emulator.start(backend).unwrap(),
    };
    let mut slow = wire.connect();
    slow.write_all(Client::REQUEST.as_bytes()).unwrap();
    while clock.asleep() == 0 {
        std::thread::yield_now();
    }
    let others: Vec<_> = (0..10).map(|_| wire.connect()).collect();
    while !is_closed(&others[8]) {
        std::thread::yield_now();
    }
    clock.turn();
    let mut start = [0; 15];
    slow.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
}

#[test]
fn nothing_is_held_while_a_body_comes_or_a_reply_is_not_read() {
    let wire = with_places(8);
    let mut half = wire.connect();
    let body = r#"{"Name": "half", "Opera"#;
    let head = HEAD.replace("GetDefault", "Create");
    half.write_all(format!("{head}Content-Length: 500\r\n\r\n{body}").as_bytes())
        .unwrap();
    // A client that sends requests and reads no answer fills what the system buffers.
    let mut deaf = wire.connect();
    deaf.set_write_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let list = "GET /_emulator/snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    while deaf.write_all(list.as_bytes()).is_ok() {}
    let made = wire.ssm("CreatePatchBaseline", &json!({"Name": "meanwhile"}));
    assert_eq!(made.status, 200, "{made:?}");
    wire.still_serves("a change meanwhile");
}

#[test]
fn a_length_above_the_limit_is_answered_before_any_byte_of_the_body() {
    let wire = with_places(8);
    for expect in ["", "Expect: 100-continue\r\n"] {
        let head = format!("{HEAD}{expect}Content-Length: 268435456\r\n\r\n");
        let answer = wire.raw(head.as_bytes()).expect("an answer");
        assert_eq!(answer.status, 413, "{answer:?}");
        assert_eq!(answer.header("Connection"), Some("close"));
    }
}

#[test]
fn a_body_above_the_limit_is_not_read_away() {
    const BODY: usize = 1 << 28;
    let wire = with_places(8);
    let mut stream = wire.connect();
    let head = format!("{HEAD}Content-Length: {BODY}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let (chunk, mut sent) = (vec![b' '; 1 << 16], 0);
    while sent < BODY {
        match stream.write(&chunk) {
            Ok(length) => sent += length,
            Err(_) => break,
        }
    }
    // What the system buffers on both sides, and what is read so that the client gets the answer.
    assert!(sent < BODY / 4, "{sent} bytes were taken");
}

#[test]
fn a_client_that_sends_a_little_too_much_still_gets_the_answer() {
    let wire = with_places(8);
    let answer = wire.ssm_raw("GetDefaultPatchBaseline", &vec![b' '; (1 << 20) + 100_000]);
    assert_eq!(answer.status, 413, "{answer:?}");
}

#[test]
fn a_head_is_bounded_in_bytes_and_in_headers() {
    let wire = Wire::sample();
    let long = format!("X-Long: {}\r\n", "a".repeat(40_000));
    let many = "X-Many: a\r\n".repeat(90);
    for (headers, status) in [
        (long.clone(), 200),
        (long.repeat(3), 431),
        (many.clone(), 200),
        (many.repeat(2), 431),
    ] {
        let request = format!("{HEAD}Connection: close\r\nContent-Length: 2\r\n{headers}\r\n{{}}");
        let answer = wire.raw(request.as_bytes()).expect("an answer");
        assert_eq!(answer.status, status, "{} bytes", headers.len());
    }
}

#[test]
fn a_body_of_one_byte_after_the_other_ends_with_the_time_for_all_of_it() {
    let wire = Wire::sample();
    let mut stream = wire.connect();
    stream
        .write_all(format!("{HEAD}Content-Length: 100000\r\n\r\n").as_bytes())
        .unwrap();
    let mut sent = 0;
    while stream.write_all(b" ").is_ok() && !is_closed_or_answered(&stream) {
        sent += 1;
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(sent < 100_000);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert_eq!(read(&answer).map(|answer| answer.status), Some(408));
}

fn is_closed_or_answered(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let waits = stream.peek(&mut [0; 1]);
    stream.set_nonblocking(false).unwrap();
    waits.is_ok()
}

/// Figures for 64 clients: `cargo test --features emulator --test emulator_load -- --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn figures_of_64_clients() {
    const CLIENTS: usize = 64;
    const CALLS: usize = 200;
    let emulator = Emulator::start(MemoryBackend::sample()).unwrap();
    let start = Instant::now();
    let mut micros: Vec<u128> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = Client::of(&emulator);
                    let timed = |_| {
                        let start = Instant::now();
                        client.call();
                        start.elapsed().as_micros()
                    };
                    (0..CALLS).map(timed).collect::<Vec<_>>()
                })
            })
            .collect();
        clients
            .into_iter()
            .flat_map(|client| client.join().unwrap())
            .collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    micros.sort_unstable();
    println!(
        "{CLIENTS} clients: {:.0} requests a second, p50 {} µs, p99 {} µs",
        micros.len() as f64 / seconds,
        micros[micros.len() / 2],
        micros[micros.len() * 99 / 100],
    );
}
