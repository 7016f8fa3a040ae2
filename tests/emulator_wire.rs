//! What the emulator sends and survives, byte by byte: no AWS client in between.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use aws_patch_manager::backend::{BaselineStore, GetDefaultPatchBaseline, Operation, Service};
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::{ErrorKind, MemoryBackend};
use serde_json::{Value, json};
use support::browser::Browser;
use support::wire::{Wire, read};

#[test]
fn a_bad_request_to_systems_manager_gets_a_typed_error_and_the_server_goes_on() {
    let wire = Wire::sample();
    let rows: &[(&str, &[u8], &str)] = &[
        ("GetPatchBaseline", b"{", "SerializationException"),
        ("GetPatchBaseline", b"\xff\xfe", "SerializationException"),
        ("GetPatchBaseline", b"[1]", "SerializationException"),
        ("GetPatchBaseline", b"\"text\"", "SerializationException"),
        (
            "GetPatchBaseline",
            br#"{"BaselineId":7}"#,
            "SerializationException",
        ),
        (
            "GetPatchBaseline",
            br#"{"BaselineId":null}"#,
            "ValidationException",
        ),
        ("GetPatchBaseline", b"", "ValidationException"),
        (
            "DescribePatchBaselines",
            br#"{"MaxResults":"3"}"#,
            "SerializationException",
        ),
        (
            "DescribePatchBaselines",
            br#"{"MaxResults":-1}"#,
            "ValidationException",
        ),
        (
            "DescribePatchBaselines",
            br#"{"MaxResults":99999999999}"#,
            "ValidationException",
        ),
        (
            "DescribePatchBaselines",
            br#"{"MaxResults":101}"#,
            "ValidationException",
        ),
        (
            "DescribePatchBaselines",
            br#"{"NextToken":"nobody's"}"#,
            "ValidationException",
        ),
        (
            "DescribePatchBaselines",
            br#"{"Filters":[{}]}"#,
            "ValidationException",
        ),
        (
            "ListCommands",
            br#"{"NextToken":"nobody's"}"#,
            "InvalidNextToken",
        ),
        ("ListCommands", br#"{"Filters":[]}"#, "ValidationException"),
        (
            "ListCommands",
            br#"{"Filters":[{"Key":"Status","Value":"Failed"}]}"#,
            "ValidationException",
        ),
        (
            "ListCommands",
            br#"{"Filters":[{"key":"Colour","value":"blue"}]}"#,
            "InvalidFilterKey",
        ),
        (
            "ListCommandInvocations",
            br#"{"Filters":[{"key":"ExecutionStage","value":"Complete"}]}"#,
            "InvalidFilterKey",
        ),
        (
            "SendCommand",
            br#"{"DocumentName":"AWS-RunPatchBaseline","MaxErrors":"many"}"#,
            "ValidationException",
        ),
        (
            "SendCommand",
            br#"{"DocumentName":"AWS-RunPatchBaseline","Parameters":"no map"}"#,
            "SerializationException",
        ),
        (
            "ListComplianceItems",
            br#"{"ResourceTypes":["Cloud"]}"#,
            "InvalidResourceType",
        ),
        ("DescribeOpsItems", b"{}", "UnknownOperationException"),
        ("", b"{}", "UnknownOperationException"),
        ("getpatchbaseline", b"{}", "UnknownOperationException"),
    ];
    for (operation, body, code) in rows {
        let answer = wire.ssm_raw(operation, body);
        let told = format!("{operation} {}", String::from_utf8_lossy(body));
        assert_eq!(answer.status, 400, "{told}: {answer:?}");
        assert_eq!(answer.code(), *code, "{told}: {answer:?}");
        wire.still_serves(&told);
    }
}

#[test]
fn a_deeply_nested_body_is_refused_rather_than_followed() {
    let wire = Wire::sample();
    let deep = format!("{{\"Filters\":{}", "[".repeat(500_000));
    let answer = wire.ssm_raw("DescribePatchBaselines", deep.as_bytes());
    assert_eq!(
        (answer.status, &*answer.code()),
        (400, "SerializationException")
    );
    wire.still_serves("half a million brackets");
}

#[test]
fn every_absent_member_is_named_at_once() {
    let answer = Wire::sample().ssm("RegisterPatchBaselineForPatchGroup", &json!({}));
    let message = answer.json()["Message"].to_string();
    assert!(message.contains("2 validation errors"), "{message}");
    assert!(message.contains("'baselineId'"), "{message}");
    assert!(message.contains("'patchGroup'"), "{message}");
}

#[test]
fn a_target_of_another_service_is_an_unknown_operation() {
    let wire = Wire::sample();
    for target in [
        "DynamoDB_20120810.ListTables",
        "AmazonSSM",
        "AmazonSSM.",
        "\u{fc}",
    ] {
        let answer = wire.send("POST", "/", &[("X-Amz-Target", target)], b"{}");
        assert_eq!(answer.status, 400, "{target}");
        assert_eq!(answer.code(), "UnknownOperationException", "{target}");
    }
    let answer = wire.send("POST", "/", &[], b"{}");
    assert_eq!(
        (answer.status, &*answer.code()),
        (404, "UnknownOperationException")
    );
    wire.still_serves("wrong targets");
}

#[test]
fn error_bodies_have_the_members_of_their_shapes() {
    let wire = Wire::sample();
    let answer = wire.ssm(
        "GetPatchBaseline",
        &json!({"BaselineId": "pb-00000000000000000"}),
    );
    let body = answer.json();
    assert_eq!(body["__type"], "DoesNotExistException");
    assert!(body["Message"].is_string(), "{body}");
    assert_eq!(
        answer.header("Content-Type"),
        Some("application/x-amz-json-1.1")
    );
    assert_eq!(answer.header("x-amzn-RequestId").map(str::len), Some(36));

    let node = json!({"ResourceType": "ManagedInstance", "ResourceId": "mi-00000000000000000"});
    let body = wire.ssm("ListTagsForResource", &node).json();
    assert_eq!(body, json!({"__type": "InvalidResourceId"}));

    let filter =
        json!({"Filters": [{"Key": "ResourceType", "Values": ["EC2Instance", "ManagedInstance"]}]});
    let body = wire.ssm("DescribeInstanceInformation", &filter).json();
    assert_eq!(body["__type"], "InvalidInstanceInformationFilterValue");
    assert!(body["message"].is_string(), "{body}");
}

#[test]
fn faults_of_the_backend_reach_the_wire_in_each_protocol() {
    let wire = Wire::sample();
    let faults = wire.emulator.backend().faults();
    let fail = |operation: Operation| {
        faults.fail(
            operation,
            ErrorKind::ServiceFailure,
            "InternalServerError",
            "on purpose",
        );
    };
    faults.throttle(Operation::GetDefaultPatchBaseline);
    let answer = wire.ssm("GetDefaultPatchBaseline", &json!({}));
    assert_eq!(
        (answer.status, &*answer.code()),
        (400, "ThrottlingException")
    );
    fail(Operation::GetDefaultPatchBaseline);
    let answer = wire.ssm("GetDefaultPatchBaseline", &json!({}));
    assert_eq!(
        (answer.status, &*answer.code()),
        (500, "InternalServerError")
    );
    faults.throttle(Operation::ListConfigurationManagers);
    let answer = wire.quicksetup("POST", "/listConfigurationManagers", &json!({}));
    assert_eq!(answer.status, 429);
    assert_eq!(
        answer.header("x-amzn-ErrorType"),
        Some("ThrottlingException")
    );
    faults.throttle(Operation::DescribeSubnets);
    let answer = wire.ec2("Action=DescribeSubnets&Version=2016-11-15");
    assert_eq!(answer.status, 503);
    assert!(
        answer.body.contains("<Code>RequestLimitExceeded</Code>"),
        "{answer:?}"
    );
}

#[test]
fn a_lost_reply_closes_the_connection_after_the_deed() {
    let wire = Wire::sample();
    let backend = wire.emulator.backend();
    backend.faults().lose_reply(Operation::CreatePatchBaseline);
    let body = json!({"Name": "lost", "ClientToken": "once"}).to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSSM.CreatePatchBaseline\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(wire.raw(request.as_bytes()).is_none());
    assert_eq!(backend.call_count(Operation::CreatePatchBaseline), 1);
    let own = json!({"Filters": [{"Key": "OWNER", "Values": ["Self"]}]});
    let listed = wire.ssm("DescribePatchBaselines", &own).json();
    assert_eq!(listed["BaselineIdentities"][0]["BaselineName"], "lost");
}

#[test]
fn a_listing_pages_until_no_token_comes() {
    let wire = Wire::sample();
    let mut names = Vec::new();
    let mut token = None;
    for _ in 0..100 {
        let mut body = json!({"MaxResults": 3});
        if let Some(token) = token {
            body["NextToken"] = token;
        }
        let page = wire.ssm("DescribePatchBaselines", &body).json();
        let rows = page["BaselineIdentities"].as_array().unwrap();
        assert!(rows.len() <= 3);
        names.extend(rows.iter().map(|row| row["BaselineId"].to_string()));
        token = page.get("NextToken").cloned();
        if token.is_none() {
            break;
        }
    }
    assert!(token.is_none(), "the listing ends");
    let whole = wire
        .ssm("DescribePatchBaselines", &json!({"MaxResults": 100}))
        .json();
    assert_eq!(
        names.len(),
        whole["BaselineIdentities"].as_array().unwrap().len()
    );
    names.sort();
    names.dedup();
    assert!(names.len() > 10);
}

#[test]
fn instants_of_systems_manager_are_numbers_and_texts_stay_texts() {
    let wire = Wire::sample();
    let made = wire
        .ssm("CreatePatchBaseline", &json!({"Name": "dated"}))
        .json();
    let read = wire.ssm("GetPatchBaseline", &made).json();
    assert_eq!(read["CreatedDate"], 1_778_716_800);
    let rule = json!({"PatchFilterGroup": {"PatchFilters": []}, "ApproveUntilDate": "2026-05-01"});
    let cut = json!({"Name": "cut-off", "ApprovalRules": {"PatchRules": [rule]}});
    let made = wire.ssm("CreatePatchBaseline", &cut).json();
    let read = wire.ssm("GetPatchBaseline", &made).json();
    let rule = &read["ApprovalRules"]["PatchRules"][0];
    assert_eq!(rule["ApproveUntilDate"], "2026-05-01");
}

#[test]
fn a_body_too_long_gets_413() {
    let wire = Wire::sample();
    let long = vec![b' '; (1 << 20) + 1];
    let answer = wire.ssm_raw("GetDefaultPatchBaseline", &long);
    assert_eq!(answer.status, 413, "{answer:?}");
    wire.still_serves("a long body");
    let head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSSM.GetDefaultPatchBaseline\r\n";
    let declared = format!("{head}Content-Length: 99999999999\r\n\r\n");
    assert_eq!(wire.raw(declared.as_bytes()).unwrap().status, 413);
    wire.still_serves("a long length");
    let mut chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..20 {
        chunked.extend_from_slice(b"10000\r\n");
        chunked.extend(std::iter::repeat_n(b' ', 0x10000));
        chunked.extend_from_slice(b"\r\n");
    }
    let answer = wire.raw(&chunked);
    // The client may still be writing when the connection closes, and then sees no answer.
    assert!(answer.is_none_or(|answer| answer.status == 413));
    wire.still_serves("many chunks");
}

#[test]
fn a_request_that_never_ends_is_given_up() {
    let wire = Wire::sample();
    let head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSSM.GetDefaultPatchBaseline\r\n";
    assert!(wire.raw(head.as_bytes()).is_none(), "half a head");
    wire.still_serves("half a head");
    let half = format!("{head}Content-Length: 50\r\n\r\n{{\"Oper");
    let answer = wire.raw(half.as_bytes()).expect("an answer to half a body");
    assert_eq!(answer.status, 408);
    wire.still_serves("half a body");
    let mut stream = wire.connect();
    stream.write_all(half.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(read(&rest).is_none_or(|answer| answer.status >= 400));
    wire.still_serves("a client that left");
    assert!(wire.raw(b"").is_none(), "silence");
    wire.still_serves("silence");
}

#[test]
fn a_connection_serves_several_requests_and_closes_once_idle() {
    let wire = Wire::sample();
    let one = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSSM.GetDefaultPatchBaseline\r\nContent-Length: 2\r\n\r\n{}";
    let answer = wire.raw(one.repeat(3).as_bytes()).expect("answers");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body.matches("HTTP/1.1 200 OK").count(), 2);
}

#[test]
fn garbage_is_no_request() {
    let wire = Wire::sample();
    let rows: [&[u8]; 5] = [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    ];
    for bytes in rows {
        let answer = wire.raw(bytes);
        assert!(answer.is_none_or(|answer| answer.status == 400));
        wire.still_serves(&String::from_utf8_lossy(bytes));
    }
}

#[test]
fn many_open_connections_do_not_keep_others_out() {
    let wire = Wire::sample();
    let idle: Vec<TcpStream> = (0..200).map(|_| wire.connect()).collect();
    wire.still_serves("200 idle connections");
    drop(idle);
}

#[test]
fn ec2_answers_in_the_shape_of_its_xml() {
    let wire = Wire::sample();
    let form = "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-0c0ffee0000000004";
    let answer = wire.ec2(form);
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/xml;charset=UTF-8")
    );
    let id = answer.header("x-amzn-RequestId").unwrap();
    let start = format!(
        "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>{id}</requestId><reservationSet><item>"
    );
    assert!(answer.body.starts_with(&start), "{}", answer.body);
    for part in [
        "<instancesSet><item><instanceId>i-0c0ffee0000000004</instanceId>",
        "<instanceState><code>16</code><name>running</name></instanceState>",
        "<metadataOptions><instanceMetadataTags>enabled</instanceMetadataTags></metadataOptions>",
        "<tagSet><item><key>Name</key><value>al-app-1</value></item></tagSet>",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
}

// EC2 API reference, InstanceMetadataOptionsResponse.
#[test]
fn ec2_answers_every_metadata_option_that_an_instance_has() {
    let node = |id: &str, options: Value| {
        json!({
            "InstanceInformation": { "InstanceId": id }, "OperatingSystem": "WINDOWS",
            "Product": "WindowsServer2022",
            "Instance": { "InstanceId": id, "MetadataOptions": options },
        })
    };
    let every = json!({
        "InstanceMetadataTags": "disabled", "HttpTokens": "required", "HttpEndpoint": "enabled",
    });
    let tokens = json!({ "HttpTokens": "optional" });
    for (options, answered) in [
        (
            every,
            "<metadataOptions><httpTokens>required</httpTokens><httpEndpoint>enabled</httpEndpoint>\
             <instanceMetadataTags>disabled</instanceMetadataTags></metadataOptions>",
        ),
        (
            tokens,
            "<metadataOptions><httpTokens>optional</httpTokens></metadataOptions>",
        ),
    ] {
        let fleet = json!({ "Nodes": [node("i-0123456789abcdef0", options)] });
        let account = MemoryBackend::builder().fleet_json(&fleet.to_string());
        let wire = Wire::of(account.unwrap().build());
        let answer = wire.ec2("Action=DescribeInstances&Version=2016-11-15");
        assert!(answer.body.contains(answered), "{}", answer.body);
    }
}

#[test]
fn ec2_refuses_in_the_shape_of_its_xml() {
    let wire = Wire::sample();
    let rows = [
        ("", "MissingAction"),
        ("Action=RunInstances", "InvalidAction"),
        ("Action=%3Cb%3E%00%ff", "InvalidAction"),
        ("Action=CreateTags&Tag.1.Key=a", "MissingParameter"),
        (
            "Action=CreateTags&ResourceId.1=i-0c0ffee0000000001",
            "MissingParameter",
        ),
        (
            "Action=CreateTags&ResourceId.1=vol-1&Tag.1.Key=a",
            "InvalidID",
        ),
        (
            "Action=CreateTags&ResourceId.1=i-00000000000000000&Tag.1.Key=a",
            "InvalidInstanceID.NotFound",
        ),
        (
            "Action=DescribeInstances&InstanceId.1=nobody",
            "InvalidInstanceID.Malformed",
        ),
        (
            "Action=DescribeInstances&MaxResults=many",
            "InvalidParameterValue",
        ),
        (
            "Action=DescribeInstances&MaxResults=1",
            "InvalidParameterValue",
        ),
        (
            "Action=DescribeInstances&NextToken=x",
            "InvalidParameterValue",
        ),
        (
            "Action=DescribeInstances&Filter.1.Name=colour&Filter.1.Value.1=red",
            "InvalidParameterValue",
        ),
        (
            "Action=DescribeRouteTables&RouteTableId.1=rtb-1",
            "UnsupportedOperation",
        ),
    ];
    for (form, code) in rows {
        let answer = wire.ec2(form);
        assert_eq!(answer.status, 400, "{form}");
        let start = format!("<Response><Errors><Error><Code>{code}</Code><Message>");
        assert!(answer.body.starts_with(&start), "{form}: {}", answer.body);
        assert!(answer.body.ends_with("</RequestID></Response>"), "{form}");
        assert!(!answer.body.contains("<b>"), "{form}: {}", answer.body);
        wire.still_serves(form);
    }
}

#[test]
fn ec2_changes_no_instance_where_it_does_not_know_one_of_several() {
    let wire = Wire::sample();
    let form = "Action=CreateTags&ResourceId.1=i-0c0ffee0000000001&ResourceId.2=i-00000000000000000&Tag.1.Key=a&Tag.1.Value=b";
    assert_eq!(wire.ec2(form).status, 400);
    let listed = wire.ec2("Action=DescribeTags&Filter.1.Name=key&Filter.1.Value.1=a");
    assert!(listed.body.contains("<tagSet></tagSet>"), "{}", listed.body);
}

/// What CloudFormation calls required (AWS::SSMQuickSetup::ConfigurationManager), and the name.
fn required_parameters(name: &str) -> Value {
    json!({
        "PatchPolicyName": name,
        "SelectedPatchBaselines": "{}",
        "TargetAccounts": "123456789012",
        "TargetRegions": "us-east-1",
        "PatchBaselineRegion": "us-east-1",
    })
}

fn definition(parameters: &Value) -> Value {
    json!({"ConfigurationDefinitions": [{
        "Type": "AWSQuickSetupType-PatchPolicy",
        "Parameters": parameters,
        "LocalDeploymentAdministrationRoleArn": "arn:aws:iam::123456789012:role/admin",
        "LocalDeploymentExecutionRoleName": "deployed",
    }]})
}

/// The same without one of its parts, or with another value of a parameter.
fn definition_but(change: impl FnOnce(&mut Value)) -> Value {
    let mut request = definition(&required_parameters("p"));
    change(&mut request["ConfigurationDefinitions"][0]);
    request
}

// AWS::SSMQuickSetup::ConfigurationManager's parameters and the User Guide, quick-setup-patch-manager.
#[test]
fn a_patch_policy_lacks_nothing_required_and_stays_in_its_bounds() {
    let wire = Wire::sample();
    let without = |name: &'static str| {
        definition_but(move |one| drop(one["Parameters"].as_object_mut().unwrap().remove(name)))
    };
    let with = |name: &'static str, value: &str| {
        let value = value.to_owned();
        definition_but(move |one| one["Parameters"][name] = value.into())
    };
    let without_role = |name: &'static str| {
        definition_but(move |one| drop(one.as_object_mut().unwrap().remove(name)))
    };
    let too_many = vec!["i-0123456789abcdef0"; 26].join(",");
    let mut rows = vec![
        without("PatchPolicyName"),
        without("SelectedPatchBaselines"),
        without("TargetRegions"),
        without("PatchBaselineRegion"),
        without("TargetAccounts"),
        with("TargetOrganizationalUnits", "ou-abcd-12345678"),
        with("TargetRegions", "us-east-1,eu-south-1"),
        without_role("LocalDeploymentAdministrationRoleArn"),
        without_role("LocalDeploymentExecutionRoleName"),
    ];
    for ids in ["mi-0123456789abcdef0", &*too_many] {
        rows.push(definition_but(|one| {
            one["Parameters"]["TargetType"] = "InstanceIds".into();
            one["Parameters"]["TargetInstances"] = ids.into();
        }));
    }
    for body in rows {
        let answer = wire.quicksetup("POST", "/configurationManager", &body);
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        let error = answer.header("x-amzn-ErrorType");
        assert_eq!(error, Some("ValidationException"), "{body}");
    }
    let whole = definition_but(|_| ());
    assert_eq!(
        wire.quicksetup("POST", "/configurationManager", &whole)
            .status,
        200
    );
}

#[test]
fn quick_setup_has_a_status_and_a_header_for_each_error() {
    let wire = Wire::sample();
    let nobody = "arn%3Aaws%3Assm-quicksetup%3Aus-east-1%3A123456789012%3Aconfiguration-manager%2F00000000-0000-0000-0000-000000000000";
    let manager = format!("/configurationManager/{nobody}");
    let of_manager = format!("/configurationDefinition/{nobody}/000000000000");
    let other_type = json!({"ConfigurationDefinitions": [{"Type": "Other", "Parameters": {}}]});
    let rows = [
        (
            "GET",
            &*manager,
            json!({}),
            404,
            "ResourceNotFoundException",
        ),
        (
            "DELETE",
            &*manager,
            json!({}),
            404,
            "ResourceNotFoundException",
        ),
        (
            "PUT",
            &*manager,
            json!({"Name": "x"}),
            404,
            "ResourceNotFoundException",
        ),
        (
            "PUT",
            &*of_manager,
            json!({}),
            404,
            "ResourceNotFoundException",
        ),
        (
            "GET",
            "/configurationManager/nobody",
            json!({}),
            400,
            "ValidationException",
        ),
        (
            "POST",
            "/configurationManager",
            json!({}),
            400,
            "ValidationException",
        ),
        (
            "POST",
            "/configurationManager",
            json!([]),
            400,
            "SerializationException",
        ),
        (
            "POST",
            "/configurationManager",
            other_type,
            400,
            "ValidationException",
        ),
        (
            "POST",
            "/configurationManager",
            definition(&json!({})),
            400,
            "ValidationException",
        ),
        (
            "POST",
            "/listConfigurationManagers",
            json!({"MaxItems": 0}),
            400,
            "ValidationException",
        ),
        (
            "POST",
            "/listConfigurationManagers",
            json!({"Filters": [{"Key": "Status", "Values": ["SUCCEEDED"]}]}),
            400,
            "ValidationException",
        ),
        (
            "GET",
            "/listQuickSetupTypes",
            json!({}),
            404,
            "UnknownOperationException",
        ),
        (
            "PATCH",
            "/configurationManager",
            json!({}),
            404,
            "UnknownOperationException",
        ),
    ];
    for (method, path, body, status, code) in rows {
        let answer = wire.quicksetup(method, path, &body);
        assert_eq!(answer.status, status, "{method} {path} {body}: {answer:?}");
        assert_eq!(
            answer.header("x-amzn-ErrorType"),
            Some(code),
            "{method} {path} {body}"
        );
        assert!(answer.json()["Message"].is_string(), "{answer:?}");
        wire.still_serves(path);
    }
}

/// A definition in the words of Terraform's documentation, with texts that mean the same as others.
fn worded() -> Value {
    let mut parameters = required_parameters("worded");
    let more = json!({
        "PatchBaselineUseDefault": "default",
        "SelectedPatchBaselines":
            r#"{ "WINDOWS":{"label":"own","value":"pb-0123456789abcdef0","since":"2026"} }"#,
        "ConfigurationOptionsInstallValue": "",
        "RateControlConcurrency": "",
        "TargetRegions": "us-west-2, us-east-1",
        "SomethingNew": "",
    });
    let members = parameters.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    parameters
}

#[test]
fn a_definition_reads_back_as_it_was_given_and_is_written_back_unchanged() {
    let wire = Wire::sample();
    let parameters = worded();
    let made = wire.quicksetup("POST", "/configurationManager", &definition(&parameters));
    let made = made.json();
    let arn = made["ManagerArn"].as_str().unwrap();
    let path = format!("/configurationManager/{arn}");
    let read = || wire.quicksetup("GET", &path, &json!({})).json();
    let own = read()["ConfigurationDefinitions"][0].clone();
    assert_eq!(own["Parameters"], parameters);
    let id = own["Id"].as_str().unwrap();
    let update = format!("/configurationDefinition/{arn}/{id}");
    let body = json!({ "Parameters": own["Parameters"] });
    assert_eq!(wire.quicksetup("PUT", &update, &body).status, 200);
    assert_eq!(read()["ConfigurationDefinitions"][0], own);
    // "Parameters as a whole": one that is not given is gone.
    let mut fewer = parameters.clone();
    fewer.as_object_mut().unwrap().remove("SomethingNew");
    let body = json!({ "Parameters": fewer });
    assert_eq!(wire.quicksetup("PUT", &update, &body).status, 200);
    assert_eq!(read()["ConfigurationDefinitions"][0]["Parameters"], fewer);
}

#[test]
fn configurations_are_listed_by_policy_and_read_by_id() {
    let wire = Wire::sample();
    let made = wire.quicksetup("POST", "/configurationManager", &definition(&worded()));
    let made = made.json();
    let list = |body: Value| wire.quicksetup("POST", "/listConfigurations", &body);
    let first = list(json!({ "ManagerArn": made["ManagerArn"], "MaxItems": 1 })).json();
    assert_eq!(first["ConfigurationsList"].as_array().unwrap().len(), 1);
    let rest = json!({ "ManagerArn": made["ManagerArn"], "StartingToken": first["NextToken"] });
    let rest = list(rest).json();
    let second = &rest["ConfigurationsList"][0];
    assert_eq!(second["Region"], "us-west-2");
    let status = &second["StatusSummaries"][0];
    assert_eq!(status["StatusType"], "Deployment");
    assert!(status["LastUpdatedAt"].is_string(), "{status}");
    let id = second["Id"].as_str().unwrap();
    let read = wire.quicksetup("GET", &format!("/getConfiguration/{id}"), &json!({}));
    let read = read.json();
    assert_eq!(read["Account"], "123456789012");
    assert_eq!(read["Parameters"], worded());

    let nobody = "arn:aws:ssm-quicksetup:us-east-1:123456789012:configuration-manager/00000000-0000-4000-8000-000000000000";
    let filters = json!([{ "Key": "Region", "Values": ["us-east-1"] }]);
    for (body, status) in [
        (json!({ "ManagerArn": nobody }), 404),
        (json!({ "ManagerArn": "production" }), 400),
        (json!({ "ConfigurationDefinitionId": "A" }), 400),
        (json!({ "MaxItems": 101 }), 400),
        (json!({ "Filters": filters }), 400),
    ] {
        assert_eq!(list(body.clone()).status, status, "{body}");
    }
    for (id, status) in [("none", 404), ("a%20b", 400)] {
        let read = wire.quicksetup("GET", &format!("/getConfiguration/{id}"), &json!({}));
        assert_eq!(read.status, status, "{id}");
    }
}

#[test]
fn the_documentation_names_every_operation_of_quick_setup_and_ec2_that_is_served() {
    let documentation = include_str!("../src/emulator/operations.md");
    let wire = Wire::sample();
    for operation in Operation::ALL.iter().copied() {
        let row = match operation.service() {
            Service::Ec2 => "| EC2 |",
            Service::QuickSetup => "| Quick Setup |",
            _ => continue,
        };
        let row = documentation.lines().find(|line| line.starts_with(row));
        let is_named = row.unwrap().contains(&format!("`{operation}`"));
        let is_served = operation.service() == Service::QuickSetup || {
            let answer = wire.ec2(&format!("Action={operation}&DryRun=true"));
            !answer.body.contains("InvalidAction")
        };
        assert_eq!(is_named, is_served, "{operation}");
    }
}

#[test]
fn quick_setup_takes_an_arn_in_its_path_encoded_or_not() {
    let wire = Wire::sample();
    let made = wire.quicksetup(
        "POST",
        "/configurationManager",
        &definition(&required_parameters("p")),
    );
    assert_eq!(made.status, 200, "{made:?}");
    let arn = made.json()["ManagerArn"].as_str().unwrap().to_owned();
    let encoded = arn.replace(':', "%3A").replace('/', "%2F");
    for arn in [&arn, &encoded] {
        let read = wire.quicksetup("GET", &format!("/configurationManager/{arn}"), &json!({}));
        assert_eq!(read.status, 200, "{arn}");
        let read = read.json();
        assert_eq!(read["CreatedAt"], "2026-05-14T00:00:00Z");
        assert_eq!(read["StatusSummaries"][0]["StatusType"], "Deployment");
        assert!(read.get("Name").is_none(), "{read}");
        let id = read["ConfigurationDefinitions"][0]["Id"].as_str().unwrap();
        let path = format!("/configurationDefinition/{arn}/{id}");
        let update = json!({"Parameters": required_parameters("q")});
        assert_eq!(wire.quicksetup("PUT", &path, &update).status, 200);
        let path = format!("/configurationDefinition/{arn}/another");
        assert_eq!(wire.quicksetup("PUT", &path, &update).status, 404);
    }
}

#[test]
fn a_test_in_another_language_turns_the_clock_and_adds_nodes() {
    let wire = Wire::sample();
    let post = |path: &str, body: &Value| wire.quicksetup("POST", path, body);
    let turned = post("/_emulator/advance", &json!({"Seconds": 90}));
    assert_eq!(turned.json(), json!({"Now": "2026-05-14T00:01:30Z"}));
    for seconds in [
        json!(-1),
        json!(1e300),
        json!(31_622_401),
        json!("1"),
        json!(null),
    ] {
        let refused = post("/_emulator/advance", &json!({"Seconds": seconds}));
        assert_eq!(refused.status, 400, "{seconds}");
    }
    assert_eq!(post("/_emulator/nodes", &json!({})).status, 400);
    assert_eq!(post("/_emulator/nothing", &json!({})).status, 404);
    let node = json!({
        "InstanceInformation": {"InstanceId": "nobody"},
        "OperatingSystem": "UBUNTU",
        "Product": "Ubuntu22.04",
    });
    assert_eq!(post("/_emulator/nodes", &node).status, 400);
    let list = "s3://patching/list.yaml";
    let file = json!({"Url": list, "Content": "patches: []"});
    assert_eq!(
        post("/_emulator/objects", &file).json(),
        json!({"Url": list})
    );
    let denied = json!({"Url": list});
    assert_eq!(post("/_emulator/denied-objects", &denied).status, 200);
    assert!(wire.emulator.backend().remove_object(list).is_ok());
    for (path, wrong) in [
        ("objects", json!({"Url": "list", "Content": ""})),
        ("objects", json!({"Url": list})),
        ("denied-objects", json!({"Url": "list"})),
        ("denied-objects", json!({})),
    ] {
        assert_eq!(
            post(&format!("/_emulator/{path}"), &wrong).status,
            400,
            "{wrong}"
        );
    }
    wire.still_serves("control");
}

/// A call that works, with these headers besides.
fn called_with(wire: &Wire, host: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = format!(
        "POST / HTTP/1.1\r\nConnection: close\r\n{host}X-Amz-Target: AmazonSSM.GetDefaultPatchBaseline\r\n"
    );
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "Content-Length: 2\r\n\r\n{}";
    wire.raw(request.as_bytes()).unwrap().status
}

#[test]
fn a_request_for_another_host_is_refused() {
    let emulator = Emulator::builder().allow_host("host.docker.internal");
    let emulator = emulator.start(MemoryBackend::sample()).unwrap();
    let wire = Wire { emulator };
    for (host, status) in [
        ("Host: 127.0.0.1:4566\r\n", 200),
        ("Host: localhost\r\n", 200),
        ("Host: LocalHost.:80\r\n", 200),
        ("Host: ssm.localhost:4566\r\n", 200),
        ("Host: [::1]:4566\r\n", 200),
        ("Host: host.docker.internal:4566\r\n", 200),
        ("Host: localhost:\r\n", 200),
        ("Host: [::1]\r\n", 200),
        ("Host: [::1]evil.example\r\n", 403),
        ("Host: [::1\r\n", 403),
        ("Host: [127.0.0.1]\r\n", 403),
        ("Host: [localhost]\r\n", 403),
        ("Host: localhost:99999999\r\n", 403),
        ("Host: localhost:+80\r\n", 403),
        ("Host: localhost:80:80\r\n", 403),
        ("Host: localhost..\r\n", 403),
        ("Host: evil.example\r\n", 403),
        ("Host: localhost.evil.example\r\n", 403),
        ("Host: evil.example:4566@localhost\r\n", 403),
        ("Host: 127.0.0.1.nip.io\r\n", 403),
        ("Host: localhost\r\nHost: evil.example\r\n", 403),
        ("Host:\r\n", 403),
        ("", 403),
    ] {
        assert_eq!(called_with(&wire, host, &[]), status, "{host:?}");
    }
}

#[test]
fn a_request_with_a_whole_url_is_for_this_machine() {
    let wire = Wire::sample();
    for (authority, status) in [
        ("localhost", 200),
        ("127.0.0.1:4566", 200),
        ("evil.example", 403),
        ("evil.example@localhost", 403),
    ] {
        let request = format!(
            "POST http://{authority}/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             X-Amz-Target: AmazonSSM.GetDefaultPatchBaseline\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        let answer = wire.raw(request.as_bytes()).unwrap();
        assert_eq!(answer.status, status, "{authority}");
    }
}

#[test]
fn a_head_has_at_most_64_kib() {
    let wire = Wire::sample();
    for (length, status) in [(60_000, 200), (66_000, 431), (100_000, 431)] {
        let header = ("X-Filler", &*"x".repeat(length));
        let answer = called_with(&wire, "Host: localhost\r\n", &[header]);
        assert_eq!(answer, status, "{length}");
    }
}

#[test]
fn the_controls_have_a_body_limit_of_their_own() {
    let emulator = Emulator::builder().control_body_limit(3 << 20);
    let emulator = emulator.start(MemoryBackend::sample()).unwrap();
    let wire = Wire { emulator };
    let long = |length: usize| {
        let mut body = b"{}".to_vec();
        body.resize(length, b' ');
        body
    };
    let json = [("Content-Type", "application/json")];
    for (path, length, status) in [
        ("/_emulator/reset", 2 << 20, 200),
        ("/_emulator/reset", (3 << 20) + 1, 413),
        ("/_emulator", 2 << 20, 413),
        ("/configurationManager", 2 << 20, 413),
        ("/", 2 << 20, 413),
    ] {
        let answer = wire.send("POST", path, &json, &long(length));
        assert_eq!(answer.status, status, "{path} {length}");
    }
    let answer = wire.ssm_raw("GetDefaultPatchBaseline", &long(1 << 20));
    assert_eq!(answer.status, 200);
}

#[test]
fn a_request_of_a_page_of_another_site_is_refused() {
    let wire = Wire::sample();
    let own = wire.emulator.endpoint().to_owned();
    let host = format!("Host: {}\r\n", own.trim_start_matches("http://"));
    for (header, status) in [
        (("Origin", own.as_str()), 200),
        (("Origin", "https://evil.example"), 403),
        (("Origin", "http://localhost:3000"), 403),
        (("Origin", "null"), 403),
        (("Sec-Fetch-Site", "none"), 200),
        (("Sec-Fetch-Site", "same-origin"), 200),
        (("Sec-Fetch-Site", "same-site"), 403),
        (("Sec-Fetch-Site", "cross-site"), 403),
    ] {
        assert_eq!(called_with(&wire, &host, &[header]), status, "{header:?}");
    }
}

#[test]
fn what_a_page_can_send_without_asking_does_not_control_the_account() {
    let wire = Wire::sample();
    let before = wire.emulator.backend().clock().now();
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=application/json"),
    ] {
        let headers: Vec<_> = kind
            .map(|kind| ("Content-Type", kind))
            .into_iter()
            .collect();
        let answer = wire.send("POST", "/_emulator/advance", &headers, br#"{"Seconds": 9}"#);
        assert_eq!(answer.status, 415, "{kind:?}");
    }
    assert_eq!(wire.emulator.backend().clock().now(), before);
    let json = [("Content-Type", "application/json; charset=utf-8")];
    let answer = wire.send("POST", "/_emulator/advance", &json, br#"{"Seconds": 9}"#);
    assert_eq!(answer.status, 200);
}

#[test]
fn a_page_in_a_browser_reaches_nothing() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let wire = Wire::sample();
    let backend = wire.emulator.backend();
    let before = backend.clock().now();
    let form = "Action=StopInstances&Version=2016-11-15&InstanceId.1=i-0c0ffee0000000001";
    let scripts = format!(
        r#"<script>
        const requests = {{
            form: ["/", "no-cors", "application/x-www-form-urlencoded", "{form}"],
            text: ["/_emulator/advance", "no-cors", "text/plain", '{{"Seconds": 9}}'],
            json: ["/_emulator/advance", "cors", "application/json", '{{"Seconds": 9}}'],
        }};
        const sent = Object.entries(requests).map(async ([name, [path, mode, kind, body]]) => {{
            const options = {{ method: "POST", mode, headers: {{ "Content-Type": kind }}, body }};
            const answer = fetch("{endpoint}" + path, options);
            return [name, await answer.then(({{ type }}) => type, () => "no answer")];
        }});
        Promise.all(sent).then((told) => {{
            document.documentElement.dataset.told = JSON.stringify(Object.fromEntries(told));
        }});
        </script>"#,
        endpoint = wire.emulator.endpoint(),
    );
    let page = "<!doctype html><html><body></body></html>";
    let options = ["--virtual-time-budget=10000"];
    let told = browser.opened("foreign-page", page, &scripts, &options);
    let expected = json!({"form": "opaque", "text": "opaque", "json": "no answer"});
    assert_eq!(told, expected);
    assert_eq!((backend.calls().len(), backend.clock().now()), (0, before));

    let kind = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = wire.send("POST", "/", &kind, form.as_bytes());
    assert_eq!(
        answer.status, 200,
        "what the page sent does something: {answer:?}"
    );
    assert!(!backend.calls().is_empty());
}

#[test]
fn a_clock_that_cannot_be_turned_is_said_so() {
    let backend = MemoryBackend::builder()
        .clock(std::sync::Arc::new(
            aws_patch_manager::SystemClock::default(),
        ))
        .build();
    let wire = Wire::of(backend);
    let answer = wire.quicksetup("POST", "/_emulator/advance", &json!({"Seconds": 1}));
    assert_eq!(answer.status, 400);
}

#[test]
fn the_port_is_the_one_asked_for_and_free_again_once_dropped() {
    let first = Emulator::start(MemoryBackend::new()).unwrap();
    let port = first
        .endpoint()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let taken = Emulator::builder().port(port).start(MemoryBackend::new());
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::Connection);
    drop(first);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    let second = Emulator::builder()
        .port(port)
        .start(MemoryBackend::new())
        .unwrap();
    assert_eq!(second.endpoint(), format!("http://127.0.0.1:{port}"));
}

#[tokio::test]
async fn shutting_down_ends_open_connections_and_leaves_the_backend() {
    let wire = Wire::sample();
    let mut open = wire.connect();
    wire.still_serves("an open connection");
    let backend = wire.emulator.backend().clone();
    wire.emulator.shutdown().await;
    let mut rest = Vec::new();
    assert!(open.read_to_end(&mut rest).is_err() || rest.is_empty());
    backend
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
        .await
        .unwrap();
}

/// EC2 model, `InstanceStateChange`: codes and names of both states.
#[test]
fn a_change_of_power_says_what_an_instance_was_and_is() {
    const NODE: &str = "i-0c0ffee0000000001";
    let account = MemoryBackend::sample();
    let wire = Wire::of(account.clone());
    let change = |action: &str| {
        let answer = wire.ec2(&format!("Action={action}&InstanceId.1={NODE}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let states = |code: u8, name: &str, before: u8, previous: &str| {
        format!(
            "<instancesSet><item><instanceId>{NODE}</instanceId>\
             <currentState><code>{code}</code><name>{name}</name></currentState>\
             <previousState><code>{before}</code><name>{previous}</name></previousState>\
             </item></instancesSet>"
        )
    };
    let body = change("RebootInstances");
    assert!(body.contains("<return>true</return>"), "{body}");
    let body = change("StopInstances");
    assert!(
        body.contains(&states(64, "stopping", 16, "running")),
        "{body}"
    );
    account.advance(std::time::Duration::from_secs(60));
    let body = change("StartInstances");
    assert!(
        body.contains(&states(0, "pending", 80, "stopped")),
        "{body}"
    );
    for (form, code) in [
        ("StopInstances", "MissingParameter"),
        (
            "StopInstances&InstanceId.1=web-1",
            "InvalidInstanceID.Malformed",
        ),
        (
            "StartInstances&InstanceId.1=i-0fedcba9876543210",
            "InvalidInstanceID.NotFound",
        ),
        (
            "RebootInstances&InstanceId.1=i-0c0ffee0000000001",
            "IncorrectInstanceState",
        ),
        (
            "StopInstances&InstanceId.1=i-0c0ffee0000000002&Force=true",
            "UnsupportedOperation",
        ),
    ] {
        let body = wire.ec2(&format!("Action={form}")).body;
        assert!(
            body.contains(&format!("<Code>{code}</Code>")),
            "{form}: {body}"
        );
    }
}
