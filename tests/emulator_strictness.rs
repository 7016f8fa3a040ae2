//! The service refuses this and takes that; so does the account in memory, over the wire.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use serde_json::{Value, json};
use support::wire::{Answer, Wire};

const NODE: &str = "i-0c0ffee0000000001";

/// What is in the answer to a refused request.
#[track_caller]
fn refused(answer: &Answer, code: &str, text: &str) {
    assert_eq!(answer.status / 100, 4, "{code} {text}: {}", answer.body);
    assert!(answer.body.contains(code), "{code}: {}", answer.body);
    assert!(answer.body.contains(text), "{text}: {}", answer.body);
}

#[track_caller]
fn taken(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn baseline(os: &str, filters: &Value) -> Value {
    let filters: Vec<Value> = filters
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Values": [value] }))
        .collect();
    json!({
        "Name": "probe", "OperatingSystem": os,
        "ApprovalRules": { "PatchRules": [
            { "PatchFilterGroup": { "PatchFilters": filters }, "ApproveAfterDays": 7 },
        ] },
    })
}

/// terraform-provider-aws#18359, jparnaudeau/terraform-aws-ssm-patch-management#1 and
/// hashicorp/terraform#21678 have AWS's texts; that a key is another system's, tf#23667.
#[test]
fn filters_that_do_not_suit_the_operating_system_are_refused() {
    let wire = Wire::sample();
    let al1 = "valid values are: AmazonLinux2012.03, ";
    for (os, filters, text) in [
        (
            "AMAZON_LINUX",
            json!({ "PRODUCT": "All" }),
            "Invalid Filter Value: All for Key: PRODUCT, ",
        ),
        (
            "AMAZON_LINUX",
            json!({ "PRODUCT": "AmazonLinux2018.09" }),
            al1,
        ),
        ("AMAZON_LINUX", json!({ "PRODUCT": "AmazonLinux2023" }), al1),
        (
            "UBUNTU",
            json!({ "PRODUCT": "All" }),
            "Invalid Filter Value: All for Key: PRODUCT",
        ),
        (
            "WINDOWS",
            json!({ "PRODUCT": "Office 2016" }),
            "valid values are: Windows7, ",
        ),
        (
            "WINDOWS",
            json!({ "PRODUCT": "Office 2016", "PATCH_SET": "OS" }),
            "Office 2016",
        ),
        (
            "WINDOWS",
            json!({ "CLASSIFICATION": "Security" }),
            "SecurityUpdates",
        ),
        (
            "AMAZON_LINUX_2",
            json!({ "CLASSIFICATION": "Critical" }),
            "Security, ",
        ),
        (
            "AMAZON_LINUX_2",
            json!({ "SEVERITY": "critical" }),
            "Critical, ",
        ),
        (
            "MACOS",
            json!({ "CLASSIFICATION": "Securitee" }),
            "softwareupdate",
        ),
        (
            "CENTOS",
            json!({ "MSRC_SEVERITY": "Critical" }),
            "MSRC_SEVERITY",
        ),
        ("CENTOS", json!({ "PATCH_ID": "KB1" }), "PATCH_ID"),
        (
            "UBUNTU",
            json!({ "CLASSIFICATION": "Security" }),
            "CLASSIFICATION",
        ),
    ] {
        let answer = wire.ssm("CreatePatchBaseline", &baseline(os, &filters));
        refused(&answer, "ValidationException", text);
    }
    for (os, filters) in [
        (
            "WINDOWS",
            json!({ "PRODUCT": "Office 2016", "PATCH_SET": "APPLICATION" }),
        ),
        ("WINDOWS", json!({ "PRODUCT": "WindowsServer2031" })),
        // Of families no refusal is recorded.
        ("WINDOWS", json!({ "PRODUCT_FAMILY": "Office" })),
        (
            "AMAZON_LINUX",
            json!({ "PRODUCT": "AmazonLinux2018.03", "SEVERITY": "*" }),
        ),
        (
            "REDHAT_ENTERPRISE_LINUX",
            json!({ "PRODUCT": "RedhatEnterpriseLinux8.*" }),
        ),
    ] {
        taken(&wire.ssm("CreatePatchBaseline", &baseline(os, &filters)));
    }
}

/// As SDKs send a baseline without rules or filters.
#[test]
fn empty_rules_and_filters_are_taken_and_a_member_within_that_is_unknown_is_not() {
    let wire = Wire::sample();
    let mut empty = json!({
        "Name": "empty",
        "OperatingSystem": "AMAZON_LINUX_2023",
        "ApprovalRules": { "PatchRules": [] },
        "GlobalFilters": { "PatchFilters": [] },
    });
    taken(&wire.ssm("CreatePatchBaseline", &empty));
    empty["ApprovalRules"]["PatchRulez"] = json!(["x"]);
    let answer = wire.ssm("CreatePatchBaseline", &empty);
    refused(&answer, "ValidationException", "ApprovalRules");
}

#[test]
fn an_update_is_held_to_the_operating_system_of_its_baseline() {
    let wire = Wire::sample();
    let made = taken(&wire.ssm(
        "CreatePatchBaseline",
        &json!({
            "Name": "probe", "OperatingSystem": "AMAZON_LINUX",
        }),
    ));
    let rules = baseline("", &json!({ "PRODUCT": "All" }))["ApprovalRules"].clone();
    let update = json!({ "BaselineId": made["BaselineId"], "ApprovalRules": rules });
    let answer = wire.ssm("UpdatePatchBaseline", &update);
    refused(&answer, "ValidationException", "Invalid Filter Value: All");
}

fn send(others: &Value) -> Value {
    let mut input = json!({
        "DocumentName": "AWS-RunPatchBaseline", "Parameters": { "Operation": ["Scan"] },
    });
    let members = others.as_object().unwrap().clone();
    input.as_object_mut().unwrap().extend(members);
    input
}

#[test]
fn every_member_of_a_command_is_kept_and_answered() {
    let wire = Wire::sample();
    let members = json!({
        "InstanceIds": [NODE],
        "NotificationConfig": {
            "NotificationArn": "arn:aws:sns:us-east-1:123456789012:patching",
            "NotificationEvents": ["Failed", "TimedOut"], "NotificationType": "Invocation",
        },
        "CloudWatchOutputConfig": {
            "CloudWatchLogGroupName": "/patching", "CloudWatchOutputEnabled": true,
        },
        "AlarmConfiguration": { "IgnorePollAlarmFailure": true, "Alarms": [{ "Name": "stop" }] },
    });
    let mut input = send(&members);
    input["ServiceRoleArn"] = "arn:aws:iam::123456789012:role/notify".into();
    let sent = taken(&wire.ssm("SendCommand", &input))["Command"].clone();
    let listed = taken(&wire.ssm("ListCommands", &json!({})))["Commands"][0].clone();
    for command in [&sent, &listed] {
        for (name, value) in members.as_object().unwrap() {
            assert_eq!(&command[name], value, "{name}");
        }
        assert_eq!(command["ServiceRole"], input["ServiceRoleArn"]);
    }
}

/// Programs read them without asking whether they are there (aws-cli#3707 has a real answer).
#[test]
fn notifications_and_log_group_are_in_every_reply_about_a_command() {
    let wire = Wire::sample();
    let none = json!({ "NotificationArn": "", "NotificationEvents": [], "NotificationType": "" });
    let nowhere = json!({ "CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": false });
    let sent = wire.ssm("SendCommand", &send(&json!({ "InstanceIds": [NODE] })));
    let command = taken(&sent)["Command"].clone();
    let id = command["CommandId"].clone();
    wire.emulator
        .backend()
        .advance(std::time::Duration::from_secs(5));
    let invocations = wire.ssm("ListCommandInvocations", &json!({ "CommandId": id }));
    let invocation = taken(&invocations)["CommandInvocations"][0].clone();
    let detail = json!({ "CommandId": id, "InstanceId": NODE });
    let detail = taken(&wire.ssm("GetCommandInvocation", &detail));
    for reply in [&command, &invocation] {
        assert_eq!(reply["NotificationConfig"], none);
    }
    for reply in [&command, &invocation, &detail] {
        assert_eq!(reply["CloudWatchOutputConfig"], nowhere);
    }
}

#[test]
fn what_the_service_refuses_of_a_command_is_refused() {
    let wire = Wire::sample();
    for (members, code, text) in [
        (
            json!({ "NotificationConfig": { "NotificationType": "command" } }),
            "ValidationException",
            "notificationType",
        ),
        (
            json!({ "NotificationConfig": { "NotificationEvents": ["all"] } }),
            "ValidationException",
            "notificationEvents",
        ),
        (
            json!({ "NotificationConfig": { "NotificationArn": "bogus" } }),
            "InvalidNotificationConfig",
            "",
        ),
        (json!({ "ServiceRoleArn": "bogus" }), "InvalidRole", ""),
        (
            json!({ "OutputS3BucketName": "ab" }),
            "ValidationException",
            "outputS3BucketName",
        ),
        (
            json!({ "OutputS3KeyPrefix": "x".repeat(501) }),
            "ValidationException",
            "outputS3KeyPrefix",
        ),
        (
            json!({ "AlarmConfiguration": { "Alarms": [] } }),
            "ValidationException",
            "alarms",
        ),
        (
            json!({ "DocumentHash": "zz" }),
            "ValidationException",
            "documentHash",
        ),
        (
            json!({ "DocumentHash": "0".repeat(40), "DocumentHashType": "Sha256" }),
            "ValidationException",
            "documentHash",
        ),
        (
            json!({ "DocumentHash": "0".repeat(64), "DocumentHashType": "sha256" }),
            "ValidationException",
            "documentHashType",
        ),
    ] {
        let mut input = send(&json!({ "InstanceIds": [NODE] }));
        input
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        refused(&wire.ssm("SendCommand", &input), code, text);
    }
}

/// AWS's examples write the key so (AWS CLI, send-command and create-association), and name documents
/// by their ARN.
#[test]
fn node_ids_are_a_target_in_any_letter_case_and_documents_have_arns() {
    let wire = Wire::sample();
    for key in ["InstanceIds", "instanceids", "instanceIds", "INSTANCEIDS"] {
        let targets = json!([{ "Key": key, "Values": [NODE] }]);
        let sent = taken(&wire.ssm("SendCommand", &send(&json!({ "Targets": targets }))));
        let id = sent["Command"]["CommandId"].clone();
        wire.emulator
            .backend()
            .advance(std::time::Duration::from_secs(5));
        let on = wire.ssm("ListCommandInvocations", &json!({ "CommandId": id }));
        assert_eq!(
            taken(&on)["CommandInvocations"][0]["InstanceId"],
            NODE,
            "{key}"
        );
        taken(&wire.ssm(
            "CreateAssociation",
            &json!({
                "Name": "AWS-RunPatchBaseline", "AssociationName": format!("by-{key}"),
                "Parameters": { "Operation": ["Scan"] }, "Targets": targets,
            }),
        ));
        let window = window(&wire, &format!("window-{key}"));
        let input = json!({ "WindowId": window, "ResourceType": "INSTANCE", "Targets": targets });
        taken(&wire.ssm("RegisterTargetWithMaintenanceWindow", &input));
    }
    let arn = "arn:aws:ssm:us-east-1::document/AWS-RunPatchBaseline";
    taken(&wire.ssm(
        "SendCommand",
        &json!({
            "DocumentName": arn, "InstanceIds": [NODE], "Parameters": { "Operation": ["Scan"] },
        }),
    ));
}

fn window(wire: &Wire, name: &str) -> Value {
    let window = json!({
        "Name": name, "Schedule": "rate(7 days)", "Duration": 3, "Cutoff": 1,
        "AllowUnassociatedTargets": false,
    });
    taken(&wire.ssm("CreateMaintenanceWindow", &window))["WindowId"].clone()
}

/// terraform-provider-aws, PR 9188, has AWS's text.
#[test]
fn a_target_of_a_window_is_node_ids_or_up_to_five_tags() {
    let wire = Wire::sample();
    let window = window(&wire, "probe");
    let ids = json!({ "Key": "InstanceIds", "Values": [NODE] });
    let tag = |key: &str| json!({ "Key": format!("tag:{key}"), "Values": ["web"] });
    let register = |targets: Value| {
        let input = json!({ "WindowId": window, "ResourceType": "INSTANCE", "Targets": targets });
        wire.ssm("RegisterTargetWithMaintenanceWindow", &input)
    };
    for targets in [json!([ids, tag("Role")]), json!([ids, ids])] {
        refused(&register(targets), "ValidationException", "InstanceIds");
    }
    taken(&register(json!([ids])));
    taken(&register(json!([
        tag("A"),
        tag("B"),
        tag("C"),
        tag("D"),
        tag("E")
    ])));
}

/// terraform-provider-aws#19396 has AWS's text, the SSM model the placeholder.
#[test]
fn a_task_without_targets_takes_no_limits_and_has_the_placeholder() {
    let wire = Wire::sample();
    let window = window(&wire, "probe");
    let register = |others: Value| {
        let mut task =
            json!({ "WindowId": window, "TaskType": "AUTOMATION", "TaskArn": "AWS-Stop" });
        task.as_object_mut()
            .unwrap()
            .extend(others.as_object().unwrap().clone());
        wire.ssm("RegisterTaskWithMaintenanceWindow", &task)
    };
    for member in ["MaxErrors", "MaxConcurrency"] {
        let text =
            format!("Maintenance window tasks without targets do not support {member} values.");
        refused(
            &register(json!({ member: "1" })),
            "ValidationException",
            &text,
        );
    }
    let id = taken(&register(json!({})))["WindowTaskId"].clone();
    let ids = json!({ "WindowId": window, "WindowTaskId": id });
    // What was filled in does not stand in the way of an update.
    let mut update = ids.clone();
    update["Priority"] = 5.into();
    taken(&wire.ssm("UpdateMaintenanceWindowTask", &update));
    let task = taken(&wire.ssm("GetMaintenanceWindowTask", &ids));
    assert_eq!(
        (&task["MaxErrors"], &task["MaxConcurrency"]),
        (&json!("1"), &json!("1"))
    );
}

#[test]
fn windows_are_listed_by_state_in_any_letter_case() {
    let wire = Wire::sample();
    window(&wire, "probe");
    for (value, count) in [("True", 1), ("true", 1), ("False", 0)] {
        let filters = json!({ "Filters": [{ "Key": "Enabled", "Values": [value] }] });
        let listed = taken(&wire.ssm("DescribeMaintenanceWindows", &filters));
        assert_eq!(
            listed["WindowIdentities"].as_array().unwrap().len(),
            count,
            "{value}"
        );
    }
}

/// The older list of filters has the model's lower-case members, and its errors a lower-case text.
#[test]
fn properties_of_nodes_take_the_older_filters_too() {
    let wire = Wire::sample();
    let ask = |input: Value| wire.ssm("DescribeInstanceProperties", &input);
    let older = json!([{"key": "PlatformTypes", "valueSet": ["Windows"]}]);
    let newer = json!([{"Key": "PlatformTypes", "Values": ["Windows"]}]);
    let found = |answer: &Answer| answer.json()["InstanceProperties"].clone();
    let by_older = ask(json!({ "InstancePropertyFilterList": older }));
    let by_newer = ask(json!({ "FiltersWithOperator": newer }));
    taken(&by_older);
    assert!(
        found(&by_older)
            .as_array()
            .is_some_and(|nodes| !nodes.is_empty())
    );
    assert_eq!(found(&by_older), found(&by_newer));
    let both = ask(json!({
        "InstancePropertyFilterList": older,
        "FiltersWithOperator": newer,
    }));
    let text = "FiltersWithOperator and InstancePropertyFilterList exclude one another";
    refused(&both, "ValidationException", text);
}

/// danmx/sigil#61 and boto3#3027 have AWS's texts.
#[test]
fn a_tag_is_mixed_with_no_other_filter_of_nodes_and_a_resource_type_is_one() {
    let wire = Wire::sample();
    let filter = |key: &str, values: &[&str]| json!({ "Key": key, "Values": values });
    let ask = |filters: Value| {
        wire.ssm(
            "DescribeInstanceInformation",
            &json!({ "Filters": filters }),
        )
    };
    let tag = filter("tag:Name", &["win-web-1"]);
    let mixed = ask(json!([tag, filter("PingStatus", &["Online"])]));
    let text = "Cannot mix tag or inventory filter with any other filter.";
    refused(&mixed, "ValidationException", text);
    let both = ask(json!([filter(
        "ResourceType",
        &["EC2Instance", "ManagedInstance"]
    )]));
    let text = "ResourceType filter may contain only one value.";
    refused(&both, "InvalidInstanceInformationFilterValue", text);
    taken(&ask(json!([tag, filter("tag-key", &["Role"])])));
    taken(&ask(json!([
        filter("ResourceType", &["EC2Instance"]),
        filter("SourceIds", &["x"])
    ])));
}

#[test]
fn a_setting_is_had_by_its_arn_and_says_when_it_changed() {
    let wire = Wire::sample();
    let id = "/ssm/managed-instance/default-ec2-instance-management-role";
    let arn = format!("arn:aws:ssm:us-east-1:123456789012:servicesetting{id}");
    for name in [id, &arn] {
        let setting = taken(&wire.ssm("GetServiceSetting", &json!({ "SettingId": name })));
        let setting = &setting["ServiceSetting"];
        assert_eq!(
            (&setting["SettingId"], &setting["ARN"]),
            (&json!(id), &json!(arn))
        );
        assert!(setting["LastModifiedDate"].is_number(), "{setting}");
        assert_eq!(setting["LastModifiedUser"], "System");
    }
}

/// No answer of AWS to such an id is recorded, and the read path cannot know it from one just sent.
#[test]
fn an_invocation_of_a_command_that_never_was_does_not_exist() {
    let wire = Wire::sample();
    let id = "00000000-0000-4000-8000-000000000000";
    let input = json!({ "CommandId": id, "InstanceId": NODE });
    refused(
        &wire.ssm("GetCommandInvocation", &input),
        "InvocationDoesNotExist",
        "",
    );
}

#[test]
fn deleting_while_paging_leaves_nothing_behind() {
    let wire = Wire::sample();
    for number in 0..25 {
        let input = json!({ "Name": format!("own-{number}"), "OperatingSystem": "UBUNTU" });
        let id = taken(&wire.ssm("CreatePatchBaseline", &input))["BaselineId"].clone();
        let group = json!({ "BaselineId": id, "PatchGroup": format!("group-{number}") });
        taken(&wire.ssm("RegisterPatchBaselineForPatchGroup", &group));
        window(&wire, &format!("window-{number}"));
        let association = json!({
            "Name": "AWS-RunPatchBaseline", "AssociationName": format!("own-{number}"),
            "Parameters": { "Operation": ["Scan"] },
            "Targets": [{ "Key": "tag:Role", "Values": ["web"] }],
        });
        taken(&wire.ssm("CreateAssociation", &association));
    }
    let own = json!([{ "Key": "OWNER", "Values": ["Self"] }]);
    // A baseline goes once its group is gone.
    for (list, filters, items, delete, ids) in [
        (
            "DescribePatchGroups",
            json!([]),
            "Mappings",
            "DeregisterPatchBaselineForPatchGroup",
            ["/PatchGroup", "/BaselineIdentity/BaselineId"].as_slice(),
        ),
        (
            "DescribePatchBaselines",
            own,
            "BaselineIdentities",
            "DeletePatchBaseline",
            &["/BaselineId"],
        ),
        (
            "DescribeMaintenanceWindows",
            json!([]),
            "WindowIdentities",
            "DeleteMaintenanceWindow",
            &["/WindowId"],
        ),
        (
            "ListAssociations",
            Value::Null,
            "Associations",
            "DeleteAssociation",
            &["/AssociationId"],
        ),
    ] {
        // A page of windows has ten at least.
        let mut input = json!({ "MaxResults": if list.ends_with("Windows") { 10 } else { 4 } });
        if !filters.is_null() {
            input["Filters"] = filters.clone();
        }
        let mut gone = 0;
        loop {
            let page = taken(&wire.ssm(list, &input));
            for item in page[items].as_array().unwrap() {
                let named = ids.iter().map(|id| {
                    let (_, name) = id.rsplit_once('/').unwrap();
                    (name.to_owned(), item.pointer(id).unwrap().clone())
                });
                taken(&wire.ssm(delete, &Value::Object(named.collect())));
                gone += 1;
            }
            match page.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!(gone, 25, "{list}");
        input.as_object_mut().unwrap().remove("NextToken");
        let left = taken(&wire.ssm(list, &input));
        assert_eq!(left[items], json!([]), "{list}");
    }
}

#[test]
fn a_command_sent_between_two_pages_makes_none_come_twice() {
    let wire = Wire::sample();
    let send = || taken(&wire.ssm("SendCommand", &send(&json!({ "InstanceIds": [NODE] }))));
    let sent: Vec<Value> = (0..6)
        .map(|_| send()["Command"]["CommandId"].clone())
        .collect();
    let mut listed = Vec::new();
    let mut input = json!({ "MaxResults": 2 });
    loop {
        let page = taken(&wire.ssm("ListCommands", &input));
        let commands = page["Commands"].as_array().unwrap();
        listed.extend(commands.iter().map(|command| command["CommandId"].clone()));
        send();
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    listed.reverse();
    assert_eq!(listed, sent);
}

#[test]
fn a_dry_run_of_ec2_changes_nothing() {
    let wire = Wire::sample();
    let tags = || {
        wire.ec2("Action=DescribeTags")
            .body
            .matches("<item>")
            .count()
    };
    let before = tags();
    for action in [
        format!("DeleteTags&ResourceId.1={NODE}&Tag.1.Key=Name"),
        format!("CreateTags&ResourceId.1={NODE}&Tag.1.Key=New&Tag.1.Value=x"),
        "DescribeInstances".to_owned(),
        format!("StopInstances&InstanceId.1={NODE}"),
        format!("StartInstances&InstanceId.1={NODE}"),
        format!("RebootInstances&InstanceId.1={NODE}"),
    ] {
        let answer = wire.ec2(&format!("Action={action}&DryRun=true"));
        assert_eq!(answer.status, 412, "{}", answer.body);
        refused(&answer, "DryRunOperation", "DryRun flag is set");
    }
    assert_eq!(tags(), before);
    let answer = wire.ec2("Action=DescribeInstances&DryRun=false");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(!answer.body.contains("stopping"), "{}", answer.body);
}

/// EC2 API, DescribeTags: "*" for any characters, "?" for one, each taken literally after a backslash.
#[test]
fn filter_values_of_ec2_are_patterns() {
    let wire = Wire::sample();
    let count = |action: &str, name: &str, value: &str| {
        let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let form = format!("Action={action}&Filter.1.Name={name}&Filter.1.Value.1={value}");
        let answer = wire.ec2(&form);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body.matches("<instanceId>").count() + answer.body.matches("<resourceId>").count()
    };
    for (value, nodes) in [
        ("win-*", 3),
        ("WIN-*", 0),
        ("win-web-?", 2),
        ("*-web-*", 2),
        ("win-web-1", 1),
        ("win-web-1?", 0),
        ("win-web-1*", 1),
        ("win-web-\\*", 0),
    ] {
        assert_eq!(
            count("DescribeInstances", "tag:Name", value),
            nodes,
            "{value}"
        );
        assert_eq!(count("DescribeTags", "tag:Name", value), nodes, "{value}");
    }
    assert!(count("DescribeTags", "resource-id", "i-0c0ffee*") > 6);
    for (action, name, some, none) in [
        ("DescribeSubnets", "vpc-id", "vpc-*", "vpc-x*"),
        ("DescribeVpcEndpoints", "service-name", "*.ssm", "*.xssm"),
        ("DescribeRouteTables", "vpc-id", "vpc-*", "vpc-x*"),
        ("DescribeSecurityGroups", "group-id", "sg-*", "sg-x*"),
    ] {
        let found = |value: &str| {
            let form = format!("Action={action}&Filter.1.Name={name}&Filter.1.Value.1={value}");
            let answer = wire.ec2(&form);
            assert_eq!(answer.status, 200, "{form}: {}", answer.body);
            answer.body.contains("<item>")
        };
        assert!(found(some) && !found(none), "{action}");
    }
}

#[test]
fn ids_of_ec2_that_nothing_has_are_errors() {
    let wire = Wire::sample();
    for (form, code) in [
        (
            "DescribeSubnets&SubnetId.1=subnet-0123456789abcdef0",
            "InvalidSubnetID.NotFound",
        ),
        (
            "DescribeSubnets&SubnetId.1=subnet-*",
            "InvalidSubnetID.NotFound",
        ),
        (
            "DescribeSecurityGroups&GroupId.1=sg-0123456789abcdef0",
            "InvalidGroup.NotFound",
        ),
    ] {
        refused(&wire.ec2(&format!("Action={form}")), code, "does not exist");
    }
}
