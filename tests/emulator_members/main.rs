//! Whatever an operation of the emulator does not do it refuses: every member of every input, as the
//! services' models have them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod ec2;
mod enumerations;
mod model;
mod quick_setup;
mod stored;
#[path = "../support/mod.rs"]
mod support;

use aws_patch_manager::backend::{Operation, Service};
use serde_json::{Value, json};

use self::model::Model;
use self::support::environment;
use self::support::wire::{Answer, Wire};

/// Members that the service ignores, and the emulator with it (SSM model, `SendCommandRequest`).
const IGNORED: [&str; 1] = ["SendCommand.OutputS3Region"];

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

/// The operations of a service that the emulator says it has: those of the backend, and its own.
fn listed(wire: &Wire, service: &str) -> Vec<String> {
    let index = wire.send("GET", "/_emulator/", &[], b"").json();
    let names = index["Operations"][service].as_array().unwrap();
    names
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
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
    for operation in &listed(&wire, "ssm") {
        let input = model.input(operation).expect("an input");
        for place in model.places(input) {
            let body = model.with(input, &place, model.wrong(&place.shape));
            let answer = wire.ssm(operation, &body);
            let path = format!("{operation}.{}", place.path());
            if !is_noticed(&answer) && !IGNORED.contains(&path.as_str()) {
                unnoticed.push(format!("{path}: {} {}", answer.status, answer.body));
            }
        }
    }
    missed("members are neither read nor refused", &unnoticed);
}
