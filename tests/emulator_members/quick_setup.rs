//! Quick Setup, whose inputs stand in path and body.

use aws_patch_manager::backend::Service;
use serde_json::{Map, Value, json};

use crate::model::Model;
use crate::support::environment;
use crate::support::wire::Wire;
use crate::{is_noticed, missed, served};

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

/// Every member of an input but those in the path.
fn stored_members<'m>(model: &'m Model, shape: &str) -> Vec<&'m str> {
    let members = model.members(shape);
    let stored = members.filter(|(_, member)| member["location"] != "uri");
    stored.map(|(name, _)| name.as_str()).collect()
}

/// Whether an answer has what was given; parameters that were not given have defaults.
fn assert_answered(operation: &str, given: &Value, answer: &Value) {
    for (name, value) in given.as_object().unwrap() {
        match name.as_str() {
            "Parameters" => assert_answered(operation, value, &answer[name]),
            "ConfigurationDefinitions" => {
                assert_answered(operation, &value[0], &answer[name][0]);
            }
            _ => assert_eq!(&answer[name], value, "{operation}: {name}"),
        }
    }
}

#[test]
fn every_member_that_quick_setup_stores_is_answered_as_it_was_given() {
    let Some(model) = environment::model("ssm-quicksetup").map(|model| Model(model, Value::Null))
    else {
        return;
    };
    let wire = Wire::sample();
    let create = json!({
        "Name": "fleet", "Description": "all nodes", "Tags": { "team": "web" },
        "ConfigurationDefinitions": [{
            "Type": "AWSQuickSetupType-PatchPolicy", "TypeVersion": "1.0",
            "LocalDeploymentAdministrationRoleArn": "arn:aws:iam::123456789012:role/admin",
            "LocalDeploymentExecutionRoleName": "deployed",
            "Parameters": parameters("fleet", "0 1 * * ? *"),
        }],
    });
    let rename = json!({ "Name": "servers", "Description": "all servers" });
    let change = json!({
        "TypeVersion": "1.1",
        "LocalDeploymentAdministrationRoleArn": "arn:aws:iam::123456789012:role/another",
        "LocalDeploymentExecutionRoleName": "another",
        "Parameters": parameters("servers", "0 4 * * ? *"),
    });
    for (shape, given) in [
        ("CreateConfigurationManagerInput", &create),
        (
            "ConfigurationDefinitionInput",
            &create["ConfigurationDefinitions"][0],
        ),
        ("UpdateConfigurationManagerInput", &rename),
        ("UpdateConfigurationDefinitionInput", &change),
    ] {
        let given: Vec<_> = given.as_object().unwrap().keys().collect();
        let mut members = stored_members(&model, shape);
        members.sort_unstable();
        assert_eq!(given, members, "{shape}");
    }

    let made = wire.quicksetup("POST", "/configurationManager", &create);
    assert_eq!(made.status, 200, "{}", made.body);
    let made = made.json();
    let arn = made["ManagerArn"].as_str().unwrap();
    let manager = format!("/configurationManager/{arn}");
    let read = || wire.quicksetup("GET", &manager, &json!({})).json();
    assert_answered("CreateConfigurationManager", &create, &read());

    let renamed = wire.quicksetup("PUT", &manager, &rename);
    assert_eq!(renamed.status, 200, "{}", renamed.body);
    assert_answered("UpdateConfigurationManager", &rename, &read());

    let before = read();
    let id = before["ConfigurationDefinitions"][0]["Id"]
        .as_str()
        .unwrap();
    let definition = format!("/configurationDefinition/{arn}/{id}");
    let changed = wire.quicksetup("PUT", &definition, &change);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let answer = &read()["ConfigurationDefinitions"][0];
    assert_answered("UpdateConfigurationDefinition", &change, answer);
}

/// The parameters of a policy, each with a value that is no default.
fn parameters(name: &str, installs: &str) -> Value {
    json!({
        "PatchPolicyName": name,
        "SelectedPatchBaselines": "{}",
        "PatchBaselineUseDefault": "default",
        "PatchBaselineRegion": "us-east-1",
        "ConfigurationOptionsPatchOperation": "ScanAndInstall",
        "ConfigurationOptionsScanValue": "cron(0 2 * * ? *)",
        "ConfigurationOptionsInstallValue": format!("cron({installs})"),
        "ConfigurationOptionsScanNextInterval": "true",
        "ConfigurationOptionsInstallNextInterval": "true",
        "RebootOption": "RebootIfNeeded",
        "IsPolicyAttachAllowed": "true",
        "OutputLogEnableS3": "true",
        "OutputS3BucketName": "logs",
        "OutputBucketRegion": "us-east-1",
        "OutputS3KeyPrefix": "patching",
        "TargetAccounts": "123456789012",
        "TargetRegions": "us-east-1",
        "TargetType": "Tags",
        "TargetTagKey": "Role",
        "TargetTagValue": "web",
        "RateControlConcurrency": "20%",
        "RateControlErrorThreshold": "5%",
    })
}
