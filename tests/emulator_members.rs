//! Whatever an operation of the emulator does not do it refuses: every member of every input, as the
//! services' models have them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::backend::{Operation, Service};
use serde_json::{Map, Value, json};
use support::environment;
use support::wire::{Answer, Wire};

/// Members that the service ignores, and the emulator with it (SSM model, `SendCommandRequest`).
const IGNORED: [&str; 1] = ["SendCommand.OutputS3Region"];

/// A member of an input, by its steps from the input.
#[derive(Clone)]
struct Place {
    steps: Vec<Step>,
    shape: String,
}

#[derive(Clone)]
enum Step {
    Member(String),
    Item,
    Value,
}

impl Place {
    fn then(&self, step: Step, shape: &str) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self {
            steps,
            shape: shape.to_owned(),
        }
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
            match step {
                Step::Member(name) if path.is_empty() => path += name,
                Step::Member(name) => path = format!("{path}.{name}"),
                Step::Item => path += "[]",
                Step::Value => path += "{}",
            }
        }
        path
    }
}

/// A service's model, and values of members by their names, so that inputs name what there is.
struct Model(Value, Value);

impl Model {
    fn shape(&self, name: &str) -> &Value {
        &self.0["shapes"][name]
    }

    fn kind(&self, shape: &str) -> &str {
        self.shape(shape)["type"].as_str().unwrap()
    }

    fn input(&self, operation: &str) -> Option<&str> {
        self.0["operations"][operation]["input"]["shape"].as_str()
    }

    fn members(&self, shape: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.shape(shape)["members"]
            .as_object()
            .into_iter()
            .flatten()
    }

    /// Every place in an input, however deep; a shape inside itself is not entered again.
    fn places(&self, input: &str) -> Vec<Place> {
        let root = Place {
            steps: Vec::new(),
            shape: input.to_owned(),
        };
        let mut places = Vec::new();
        self.enter(&root, &mut vec![input.to_owned()], &mut places);
        places
    }

    fn enter(&self, at: &Place, above: &mut Vec<String>, places: &mut Vec<Place>) {
        let shape = self.shape(&at.shape);
        let below: Vec<Place> = match self.kind(&at.shape) {
            "structure" => self
                .members(&at.shape)
                .map(|(name, member)| {
                    at.then(
                        Step::Member(name.clone()),
                        member["shape"].as_str().unwrap(),
                    )
                })
                .collect(),
            "list" => vec![at.then(Step::Item, shape["member"]["shape"].as_str().unwrap())],
            "map" => vec![at.then(Step::Value, shape["value"]["shape"].as_str().unwrap())],
            _ => Vec::new(),
        };
        for place in below {
            if above.contains(&place.shape) {
                continue;
            }
            above.push(place.shape.clone());
            places.push(place.clone());
            self.enter(&place, above, places);
            above.pop();
        }
    }

    fn member(&self, name: &str, shape: &str) -> Value {
        match self.1.get(name) {
            Some(known) => known.clone(),
            None => self.value(shape),
        }
    }

    /// A value of a shape with its required members and no other.
    fn value(&self, shape: &str) -> Value {
        let said = self.shape(shape);
        match self.kind(shape) {
            "structure" => {
                let required = said["required"].as_array().into_iter().flatten();
                let members = required.map(|name| {
                    let name = name.as_str().unwrap();
                    let shape = said["members"][name]["shape"].as_str().unwrap();
                    (name.to_owned(), self.member(name, shape))
                });
                Value::Object(members.collect())
            }
            "list" => json!([self.value(said["member"]["shape"].as_str().unwrap())]),
            "map" => json!({ "Key": self.value(said["value"]["shape"].as_str().unwrap()) }),
            "integer" | "long" => said["min"].as_i64().unwrap_or(1).into(),
            "boolean" => true.into(),
            "timestamp" => 1_700_000_000.into(),
            _ => match said["enum"][0].as_str() {
                Some(first) => first.into(),
                None if shape.starts_with("Max") => "1".into(),
                None => "i-0123456789abcdef0".into(),
            },
        }
    }

    /// An input with its required members and this value at a place.
    fn with(&self, input: &str, place: &Place, value: Value) -> Value {
        let mut whole = self.value(input);
        // Associations are named by their ids here, and compliance items by their node.
        for (operations, member) in [
            ("DescribeAssociation DeleteAssociation", "AssociationId"),
            ("ListComplianceItems", "ResourceIds"),
        ] {
            if operations
                .split(' ')
                .any(|operation| input == format!("{operation}Request"))
            {
                whole[member] = self.1[member].clone();
            }
        }
        let mut at = &mut whole;
        let mut shape = input.to_owned();
        for step in &place.steps {
            let said = self.shape(&shape);
            let (next, inner) = match step {
                Step::Member(name) => {
                    let inner = said["members"][name]["shape"].as_str().unwrap().to_owned();
                    let members = at.as_object_mut().unwrap();
                    let next = members.entry(name.clone());
                    (next.or_insert_with(|| self.member(name, &inner)), inner)
                }
                Step::Item => {
                    let inner = said["member"]["shape"].as_str().unwrap().to_owned();
                    (&mut at[0], inner)
                }
                Step::Value => {
                    let inner = said["value"]["shape"].as_str().unwrap().to_owned();
                    (&mut at["Key"], inner)
                }
            };
            at = next;
            shape = inner;
        }
        *at = value;
        whole
    }

    /// A value of another JSON type than the shape's, which cannot pass unread.
    fn wrong(&self, shape: &str) -> Value {
        match self.kind(shape) {
            "structure" | "list" | "map" => json!("no such type"),
            _ => json!({ "No": "such type" }),
        }
    }
}

/// Whether an answer shows that what was sent was read, or refused as unknown.
fn is_noticed(answer: &Answer) -> bool {
    let read = ["SerializationException", "invalid type"];
    let refused = "not known to this emulator";
    answer.status == 400
        && (read.iter().any(|text| answer.body.contains(text)) || answer.body.contains(refused))
}

fn served(service: Service) -> impl Iterator<Item = Operation> {
    let all = Operation::ALL.iter().copied();
    all.filter(move |operation| operation.service() == service)
}

fn missed(what: &str, missed: &[String]) {
    assert!(
        missed.is_empty(),
        "{} {what}:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

/// The model of Systems Manager, and an account with one of each resource.
fn systems_manager() -> Option<(Model, Wire)> {
    let model = environment::ssm_model()?;
    let wire = Wire::sample();
    let make = |operation: &str, input: Value, id: &str| {
        let answer = wire.ssm(operation, &input);
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.json().pointer(id).expect(operation).clone()
    };
    let targets = json!([{ "Key": "tag:Role", "Values": ["web"] }]);
    let window = make(
        "CreateMaintenanceWindow",
        json!({
            "Name": "probe", "Schedule": "rate(7 days)", "Duration": 3, "Cutoff": 1,
            "AllowUnassociatedTargets": false,
        }),
        "/WindowId",
    );
    let target = make(
        "RegisterTargetWithMaintenanceWindow",
        json!({ "WindowId": window, "ResourceType": "INSTANCE", "Targets": targets }),
        "/WindowTargetId",
    );
    let task = json!({ "WindowId": window, "TaskType": "AUTOMATION", "TaskArn": "AWS-Stop" });
    let task = make("RegisterTaskWithMaintenanceWindow", task, "/WindowTaskId");
    let association = make(
        "CreateAssociation",
        json!({
            "Name": "AWS-RunPatchBaseline", "Targets": targets,
            "Parameters": { "Operation": ["Scan"] },
        }),
        "/AssociationDescription/AssociationId",
    );
    let fixtures = json!({
        "AssociationId": association, "ResourceIds": ["i-0c0ffee0000000001"], "Targets": targets,
        "WindowId": window, "WindowTargetId": target, "WindowTaskId": task,
    });
    Some((Model(model, fixtures), wire))
}

#[test]
fn every_member_of_systems_manager_is_read_or_refused() {
    let Some((model, wire)) = systems_manager() else {
        return;
    };
    let mut unnoticed = Vec::new();
    for operation in served(Service::Ssm) {
        let input = model.input(operation.as_str()).expect("an input");
        for place in model.places(input) {
            let body = model.with(input, &place, model.wrong(&place.shape));
            let answer = wire.ssm(operation.as_str(), &body);
            let path = format!("{operation}.{}", place.path());
            if !is_noticed(&answer) && !IGNORED.contains(&path.as_str()) {
                unnoticed.push(format!("{path}: {} {}", answer.status, answer.body));
            }
        }
    }
    missed("members are neither read nor refused", &unnoticed);
}

/// An operation that stores what it is given: an input with all that is stored, and who answers it.
struct Stores {
    operation: &'static str,
    input: Value,
    /// The operation that answers it, the members that this takes of the first answer, and the place.
    read: (&'static str, &'static [&'static str], &'static str),
    /// Members that are acted on and not answered there, or answered under another name.
    acted_on: &'static [&'static str],
    /// Members that are refused whatever they are.
    refused: &'static [&'static str],
}

/// The operations that store; windows and associations are those of [`systems_manager`].
fn storing(fixtures: &Value) -> [Stores; 6] {
    let targets = json!([{ "Key": "tag:Role", "Values": ["web"] }]);
    let alarms = json!({ "IgnorePollAlarmFailure": true, "Alarms": [{ "Name": "stop" }] });
    let notifications = json!({
        "NotificationArn": "arn:aws:sns:us-east-1:123456789012:patching",
        "NotificationEvents": ["Failed"], "NotificationType": "Invocation",
    });
    let log_group =
        json!({ "CloudWatchLogGroupName": "/patching", "CloudWatchOutputEnabled": true });
    let role = "arn:aws:iam::123456789012:role/notify";
    let parameters = json!({ "Operation": ["Scan"] });
    let registered = json!([{ "Key": "WindowTargetIds", "Values": [fixtures["WindowTargetId"]] }]);
    let filters = json!({ "PatchFilters": [{ "Key": "CLASSIFICATION", "Values": ["Security"] }] });
    [
        Stores {
            operation: "SendCommand",
            input: json!({
                "InstanceIds": ["i-0c0ffee0000000001"], "DocumentName": "AWS-RunPatchBaseline",
                "DocumentVersion": "1", "Parameters": parameters, "Comment": "by hand",
                "TimeoutSeconds": 600, "OutputS3BucketName": "logs", "OutputS3KeyPrefix": "patching",
                "MaxConcurrency": "50%", "MaxErrors": "10%", "NotificationConfig": notifications,
                "CloudWatchOutputConfig": log_group, "AlarmConfiguration": alarms,
            }),
            read: ("ListCommands", &["CommandId"], "/Commands/0"),
            // `ServiceRole` in the answer; targets stand in place of ids.
            // No answer has the document's hash (SSM model, `Command`).
            acted_on: &[
                "ServiceRoleArn",
                "Targets",
                "OutputS3Region",
                "DocumentHash",
                "DocumentHashType",
            ],
            refused: &[],
        },
        Stores {
            operation: "CreateMaintenanceWindow",
            input: json!({
                "Name": "nightly", "Description": "for web", "Schedule": "cron(0 2 ? * TUE#2 *)",
                "ScheduleTimezone": "Europe/Berlin", "ScheduleOffset": 2, "Duration": 3, "Cutoff": 1,
                "StartDate": "2026-06-01T00:00:00Z", "EndDate": "2027-06-01T00:00:00Z",
                "AllowUnassociatedTargets": true,
            }),
            read: ("GetMaintenanceWindow", &["WindowId"], ""),
            acted_on: &["ClientToken", "Tags"],
            refused: &[],
        },
        Stores {
            operation: "RegisterTargetWithMaintenanceWindow",
            input: json!({
                "WindowId": fixtures["WindowId"], "ResourceType": "INSTANCE", "Targets": targets,
                "OwnerInformation": "web team", "Name": "web", "Description": "all of web",
            }),
            read: (
                "DescribeMaintenanceWindowTargets",
                &["WindowId"],
                "/Targets/1",
            ),
            acted_on: &["ClientToken"],
            refused: &[],
        },
        Stores {
            operation: "RegisterTaskWithMaintenanceWindow",
            input: json!({
                "WindowId": fixtures["WindowId"], "Targets": registered, "TaskType": "RUN_COMMAND",
                "TaskArn": "AWS-RunPatchBaseline", "ServiceRoleArn": role, "Priority": 3,
                "TaskParameters": { "Operation": { "Values": ["Scan"] } },
                "TaskInvocationParameters": { "RunCommand": {
                    "Comment": "in the window", "CloudWatchOutputConfig": log_group,
                    "DocumentHash": "ab", "DocumentHashType": "Sha256", "DocumentVersion": "1",
                    "NotificationConfig": notifications, "OutputS3BucketName": "logs",
                    "OutputS3KeyPrefix": "patching", "Parameters": parameters,
                    "ServiceRoleArn": role, "TimeoutSeconds": 600,
                } },
                "MaxConcurrency": "50%", "MaxErrors": "10%", "Name": "scan", "Description": "a scan",
                "LoggingInfo": { "S3BucketName": "logs", "S3KeyPrefix": "patching",
                    "S3Region": "us-east-1" },
                "CutoffBehavior": "CANCEL_TASK", "AlarmConfiguration": alarms,
            }),
            read: (
                "GetMaintenanceWindowTask",
                &["WindowTaskId", "WindowId"],
                "",
            ),
            acted_on: &["ClientToken"],
            refused: &[],
        },
        Stores {
            operation: "CreateAssociation",
            input: json!({
                "Name": "AWS-RunPatchBaseline", "DocumentVersion": "1", "Parameters": parameters,
                "Targets": targets, "ScheduleExpression": "cron(0 2 ? * TUE#2 *)",
                "OutputLocation": { "S3Location": { "OutputS3Region": "us-east-1",
                    "OutputS3BucketName": "logs", "OutputS3KeyPrefix": "patching" } },
                "AssociationName": "web", "AutomationTargetParameterName": "InstanceId",
                "MaxErrors": "10%", "MaxConcurrency": "50%", "ComplianceSeverity": "HIGH",
                "SyncCompliance": "MANUAL", "ApplyOnlyAtCronInterval": true,
                "CalendarNames": ["freeze"], "ScheduleOffset": 2, "Duration": 2,
                "AlarmConfiguration": alarms, "AssociationDispatchAssumeRole": role,
            }),
            read: (
                "DescribeAssociation",
                &["AssociationId"],
                "/AssociationDescription",
            ),
            // A node stands in place of targets.
            acted_on: &["Tags", "InstanceId"],
            refused: &["TargetLocations", "TargetMaps"],
        },
        Stores {
            operation: "CreatePatchBaseline",
            input: json!({
                "OperatingSystem": "AMAZON_LINUX_2023", "Name": "production", "GlobalFilters": filters,
                "ApprovalRules": { "PatchRules": [{
                    "PatchFilterGroup": filters, "ComplianceLevel": "HIGH", "ApproveAfterDays": 7,
                    "EnableNonSecurity": true,
                }] },
                "ApprovedPatches": ["curl"], "ApprovedPatchesComplianceLevel": "LOW",
                "ApprovedPatchesEnableNonSecurity": true, "RejectedPatches": ["vim"],
                "RejectedPatchesAction": "BLOCK", "Description": "for production",
                "Sources": [{ "Name": "own", "Products": ["*"], "Configuration": "[own]" }],
            }),
            read: ("GetPatchBaseline", &["BaselineId"], ""),
            // The status is for Windows.
            acted_on: &[
                "ClientToken",
                "Tags",
                "AvailableSecurityUpdatesComplianceStatus",
            ],
            refused: &[],
        },
    ]
}

#[test]
fn every_member_that_is_stored_is_answered_as_it_was_given() {
    let Some((model, wire)) = systems_manager() else {
        return;
    };
    for stores in storing(&model.1) {
        let Stores {
            operation,
            input,
            read: (read, ids, place),
            acted_on,
            refused,
        } = stores;
        let shape = model.input(operation).unwrap();
        let members = model.members(shape).map(|(name, _)| name.as_str());
        let left: Vec<_> = members
            .filter(|name| input.get(name).is_none())
            .filter(|name| !acted_on.contains(name) && !refused.contains(name))
            .collect();
        assert_eq!(
            left, [""; 0],
            "{operation}: neither stored, acted on nor refused"
        );

        let made = wire.ssm(operation, &input);
        assert_eq!(made.status, 200, "{operation}: {}", made.body);
        let made = made.json();
        let nested = made.as_object().unwrap().values();
        let id_of = |id: &str| {
            let found = nested.clone().find_map(|part| part.get(id));
            made.get(id).or(found).or_else(|| input.get(id)).cloned()
        };
        let ask = ids.iter().map(|id| ((*id).to_owned(), id_of(id).unwrap()));
        // A command is listed after a second.
        wire.quicksetup("POST", "/_emulator/advance", &json!({ "Seconds": 2 }));
        let answer = wire.ssm(read, &Value::Object(ask.collect())).json();
        let answer = answer.pointer(place).expect(operation);
        for (name, value) in input.as_object().unwrap() {
            assert_eq!(&answer[name], value, "{operation}: {name}");
        }
        for member in refused {
            let value = model.value(
                model.shape(shape)["members"][member]["shape"]
                    .as_str()
                    .unwrap(),
            );
            let mut input = input.clone();
            input[member] = value;
            let answer = wire.ssm(operation, &input);
            assert_eq!(answer.status, 400, "{operation} {member}: {}", answer.body);
        }
    }
}

#[test]
fn every_enumeration_of_systems_manager_is_checked() {
    let Some((model, wire)) = systems_manager() else {
        return;
    };
    let mut unchecked = Vec::new();
    for operation in served(Service::Ssm) {
        let input = model.input(operation.as_str()).expect("an input");
        for place in model.places(input) {
            let Some(legal) = model.shape(&place.shape)["enum"].as_array() else {
                continue;
            };
            let ask = |value: &Value| {
                let body = model.with(input, &place, value.clone());
                wire.ssm(operation.as_str(), &body)
            };
            let nonsense = ask(&"Nonsense".into());
            let differs = || legal.iter().any(|legal| ask(legal).body != nonsense.body);
            if nonsense.status == 200 || !(is_noticed(&nonsense) || differs()) {
                let path = place.path();
                unchecked.push(format!("{operation}.{path}: {}", nonsense.body));
            }
        }
    }
    missed("values outside an enumeration are taken", &unchecked);
}

#[test]
fn every_member_of_quick_setup_is_read_or_refused() {
    let Some(model) = environment::model("ssm-quicksetup").map(|model| Model(model, Value::Null))
    else {
        return;
    };
    let wire = Wire::sample();
    let mut unnoticed = Vec::new();
    for operation in served(Service::QuickSetup) {
        let input = model.input(operation.as_str()).expect("an input");
        let http = &model.0["operations"][operation.as_str()]["http"];
        let (method, path) = (
            http["method"].as_str().unwrap(),
            http["requestUri"].as_str().unwrap(),
        );
        for place in model.places(input) {
            let mut body = model.with(input, &place, model.wrong(&place.shape));
            let mut path = path.to_owned();
            let in_path = members_in_path(&model, input, &mut body, &mut path);
            let answer = wire.quicksetup(method, &path, &body);
            let of_path = in_path.contains(&place.path());
            if !(is_noticed(&answer) || of_path && answer.status >= 400) {
                unnoticed.push(format!("{operation}.{}: {}", place.path(), answer.body));
            }
        }
    }
    missed("members are neither read nor refused", &unnoticed);
}

/// Moves the members that belong there from the body into the path, and names them.
fn members_in_path(model: &Model, input: &str, body: &mut Value, path: &mut String) -> Vec<String> {
    let mut moved = Vec::new();
    for (name, member) in model.members(input) {
        if member["location"] == "uri" {
            let value = body
                .as_object_mut()
                .and_then(|body: &mut Map<_, _>| body.remove(name));
            let text = match value.unwrap() {
                Value::String(_) => {
                    "arn:aws:ssm-quicksetup:us-east-1:123456789012:configuration-manager%2F\
                     01234567-89ab-cdef-0123-456789abcdef"
                }
                _ => "no%20such%20type",
            };
            let in_path = member["locationName"].as_str().unwrap_or(name);
            *path = path.replace(&format!("{{{in_path}}}"), text);
            moved.push(name.clone());
        }
    }
    moved
}

#[test]
fn every_member_of_ec2_is_acted_on_or_refused() {
    let Some(model) = environment::model("ec2").map(|model| Model(model, Value::Null)) else {
        return;
    };
    let mut unnoticed = Vec::new();
    for operation in served(Service::Ec2) {
        let input = model.input(operation.as_str()).expect("an input");
        for place in model.places(input) {
            if ["structure", "list"].contains(&model.kind(&place.shape)) {
                continue;
            }
            let given = ec2_parameter(&model, input, &place);
            let (with, without) = (
                ec2_outcome(operation, &format!("{given}=true")),
                ec2_outcome(operation, "Other=true"),
            );
            let without = match without {
                Ok(_) => unreachable!("an unknown parameter passes"),
                Err(_) => ec2_outcome(operation, ""),
            };
            if with == without {
                unnoticed.push(format!("{operation} {given}: {with:?}"));
            }
        }
    }
    missed("parameters are neither acted on nor refused", &unnoticed);
}

/// The name of a parameter of EC2's query protocol, its lists numbered from 1.
fn ec2_parameter(model: &Model, input: &str, place: &Place) -> String {
    let mut shape = input.to_owned();
    let mut parts = Vec::new();
    for step in &place.steps {
        let said = model.shape(&shape);
        let member = match step {
            Step::Member(name) => {
                let member = &said["members"][name];
                let located = member["locationName"].as_str().map(upper_first);
                let queried = member["queryName"].as_str().map(str::to_owned);
                parts.push(queried.or(located).unwrap_or_else(|| name.clone()));
                member
            }
            _ => {
                parts.push("1".to_owned());
                &said["member"]
            }
        };
        shape = member["shape"].as_str().unwrap().to_owned();
    }
    parts.join(".")
}

fn upper_first(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_ascii_uppercase() + rest
}

/// What an operation answers with a parameter, and which tags there are afterwards. The parameters
/// besides are those without which nothing could be seen of it.
fn ec2_outcome(operation: Operation, given: &str) -> Result<(String, String), String> {
    const NODE: &str = "i-0c0ffee0000000001";
    let base = match operation {
        Operation::CreateTags => format!("ResourceId.1={NODE}&Tag.1.Key=Probe&Tag.1.Value=x"),
        Operation::DeleteTags => format!("ResourceId.1={NODE}&Tag.1.Key=Name"),
        Operation::DescribeVpcAttribute => {
            "VpcId=vpc-0c0ffee0000000001&Attribute=enableDnsSupport".to_owned()
        }
        _ if given.starts_with("Filter.1.Value") => "Filter.1.Name=vpc-id".to_owned(),
        _ => String::new(),
    };
    let name = given.split('=').next().unwrap_or_default();
    let others = base
        .split('&')
        .filter(|one| !one.starts_with(&format!("{name}=")));
    let form = others
        .chain([given])
        .filter(|one| !one.is_empty())
        .collect::<Vec<_>>()
        .join("&");
    let wire = Wire::of(MemoryBackend::sample());
    let answer = wire.ec2(&format!("Action={operation}&Version=2016-11-15&{form}"));
    let tags = wire.ec2("Action=DescribeTags&Version=2016-11-15").body;
    match answer.status {
        200 => Ok((without_request_id(&answer.body), without_request_id(&tags))),
        _ => Err(without_request_id(&answer.body)),
    }
}

fn without_request_id(body: &str) -> String {
    let lower = body.to_ascii_lowercase();
    let (start, end) = (lower.find("<requestid>"), lower.find("</requestid>"));
    match (start, end) {
        (Some(start), Some(end)) => format!("{}{}", &body[..start], &body[end..]),
        _ => body.to_owned(),
    }
}
