//! Managers of many accounts by AssumeRole, against a stub that stands for STS and SSM.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::backend::{AssumeRole, RoleSessions};
use aws_patch_manager::compliance::ReportDetail;
use aws_patch_manager::manager::Accounts;
use aws_patch_manager::types::OperatingSystem;
use aws_patch_manager::{ComplianceQuery, ErrorKind};
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use support::stub::{Reply, Request, Stub};

const ISSUED_SECRET: &str = "9drTJvcXLB89EXAMPLELB8923FB892xMFI";
const ISSUED_TOKEN: &str = "AQoXdzELDDY-EXAMPLE-TOKEN";
const OPEN: &str = "111111111111";
const CLOSED: &str = "222222222222";

fn issued(lasts: SignedDuration) -> Reply {
    let expires = (Timestamp::now() + lasts).strftime("%Y-%m-%dT%H:%M:%SZ");
    let body = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <Credentials><AccessKeyId>ASIAISSUED</AccessKeyId><SecretAccessKey>{ISSUED_SECRET}</SecretAccessKey>\
         <SessionToken>{ISSUED_TOKEN}</SessionToken><Expiration>{expires}</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    );
    Reply::Whole(200, body)
}

fn denied() -> Reply {
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: \
                arn:aws:iam::999999999999:user/ops is not authorized to perform: sts:AssumeRole</Message>\
                </Error></ErrorResponse>";
    Reply::Whole(403, body.to_owned())
}

fn is_assume_role(request: &Request) -> bool {
    request.body.starts_with("Action=AssumeRole&")
}

/// STS lets the account `OPEN` in for this time; SSM has a node that was never scanned.
fn stub(lasts: SignedDuration) -> Stub {
    Stub::answering(move |request, _| match request.operation() {
        "" if request.body.contains(OPEN) => issued(lasts),
        "" => denied(),
        "GetDefaultPatchBaseline" => Reply::json(
            200,
            json!({"BaselineId": "pb-0123456789abcdef0", "OperatingSystem": "WINDOWS"}),
        ),
        "DescribeInstanceProperties" => Reply::json(
            200,
            json!({"InstanceProperties": [
                {"InstanceId": "i-0c0ffee0000000001", "PingStatus": "Online", "PlatformType": "Linux"}
            ]}),
        ),
        _ => Reply::json(200, json!({})),
    })
}

fn assumed(stub: &Stub) -> Vec<String> {
    let requests = stub.requests().into_iter();
    requests
        .filter(is_assume_role)
        .map(|request| request.body)
        .collect()
}

fn accounts(stub: &Stub) -> Accounts {
    let config = support::aws::config(stub.endpoint(), "own-secret");
    Accounts::new(&config, "patching/PatchReader")
        .accounts([OPEN, CLOSED])
        .regions(["eu-central-1", "us-east-1"])
        .external_id("patching:7f3a")
        .session_name("nightly-report")
}

#[tokio::test]
async fn the_role_is_assumed_once_in_each_account_for_all_its_regions_and_clients() {
    let stub = stub(SignedDuration::from_hours(1));
    let connected = accounts(&stub).connect().await.unwrap();
    let named: Vec<String> = connected.managers.iter().map(ToString::to_string).collect();
    assert_eq!(
        named,
        ["111111111111/eu-central-1", "111111111111/us-east-1"]
    );
    for at in &connected.managers {
        for _ in 0..2 {
            let default = at.manager.default_baseline(OperatingSystem::Windows).await;
            assert_eq!(
                default.unwrap().baseline_id.as_str(),
                "pb-0123456789abcdef0"
            );
        }
    }
    let assumed = assumed(&stub);
    assert_eq!(assumed.len(), 2, "one of each account");
    let request = assumed.iter().find(|body| body.contains(OPEN)).unwrap();
    for member in [
        "RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fpatching%2FPatchReader",
        "RoleSessionName=nightly-report",
        "DurationSeconds=3600",
        "ExternalId=patching%3A7f3a",
    ] {
        assert!(request.contains(member), "{member}: {request}");
    }
}

#[tokio::test]
async fn a_session_that_only_checks_a_role_keeps_no_credentials() {
    let stub = stub(SignedDuration::from_hours(1));
    let config = support::aws::config(stub.endpoint(), "own-secret");
    let backend = AwsBackend::from_sdk_config(&config);
    let arn = |account: &str| format!("arn:aws:iam::{account}:role/Patching");
    let request = |account: &str| AssumeRole::new(arn(account), "check", Some(900));
    let user = backend.assume_role(request(OPEN)).await.unwrap();
    let text = format!("{user:?}");
    assert!(
        !text.contains(ISSUED_SECRET) && !text.contains(ISSUED_TOKEN),
        "{text}"
    );
    let sent = assumed(&stub).remove(0);
    for member in ["RoleSessionName=check", "DurationSeconds=900"] {
        assert!(sent.contains(member), "{member}: {sent}");
    }
    let error = backend.assume_role(request(CLOSED)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    assert_eq!(error.operation(), Some("AssumeRole"));
    assert_eq!(error.resource(), Some(&*arn(CLOSED)));
}

#[tokio::test]
async fn all_managers_share_one_http_client() {
    let stub = stub(SignedDuration::from_hours(1));
    let connected = accounts(&stub).connect().await.unwrap();
    let after_the_sessions = stub.connections();
    for at in &connected.managers {
        let default = at.manager.default_baseline(OperatingSystem::Windows).await;
        default.unwrap();
    }
    assert_eq!(
        stub.connections(),
        after_the_sessions,
        "one call at a time, on a kept connection"
    );
}

#[tokio::test]
async fn a_session_that_is_about_to_expire_is_renewed() {
    let stub = stub(SignedDuration::from_secs(5));
    let connected = accounts(&stub).connect().await.unwrap();
    let manager = connected.get(OPEN, "us-east-1").unwrap();
    let before = assumed(&stub).len();
    manager
        .default_baseline(OperatingSystem::Windows)
        .await
        .unwrap();
    assert_eq!(assumed(&stub).len(), before + 1);
}

#[tokio::test]
async fn an_account_that_refuses_is_one_named_failure() {
    let stub = stub(SignedDuration::from_hours(1));
    let connected = accounts(&stub).connect().await.unwrap();
    let [failure] = &connected.failures[..] else {
        panic!("{:?}", connected.failures);
    };
    assert_eq!(failure.account, CLOSED);
    let role = "arn:aws:iam::222222222222:role/patching/PatchReader";
    assert_eq!(failure.role_arn, role);
    assert_eq!(failure.error.kind(), ErrorKind::AccessDenied);
    assert_eq!(failure.error.operation(), Some("AssumeRole"));
    assert_eq!(failure.error.resource(), Some(role));

    let everywhere = connected.fleet_sweep();
    let answers: Vec<_> = everywhere.sweep(&ComplianceQuery::all()).collect().await;
    let failed: Vec<_> = answers.iter().filter(|one| one.answer.is_err()).collect();
    let [answer] = &failed[..] else {
        panic!("{failed:?}");
    };
    assert_eq!(&*answer.source, CLOSED);
    let error = &answer.answer.as_ref().unwrap_err().error;
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    assert_eq!(answers.len() - 1, 2, "the node of each Region");

    let query = ComplianceQuery::all();
    let report = everywhere.compliance_report("All accounts", &query, ReportDetail::Verdicts);
    let report = report.await.unwrap();
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    assert!(report.to_markdown().contains(CLOSED));
}

#[tokio::test]
async fn no_role_is_assumed_in_the_own_account() {
    let stub = stub(SignedDuration::from_hours(1));
    let config = support::aws::config(stub.endpoint(), "own-secret");
    let accounts = Accounts::new(&config, "PatchReader")
        .own_account("999999999999")
        .regions(["us-east-1"]);
    let connected = accounts.connect().await.unwrap();
    let manager = connected.get("999999999999", "us-east-1").unwrap();
    manager
        .default_baseline(OperatingSystem::Windows)
        .await
        .unwrap();
    assert_eq!(assumed(&stub), [""; 0]);
}

#[tokio::test]
async fn everything_that_sts_would_refuse_is_said_before_any_call() {
    let stub = stub(SignedDuration::from_hours(1));
    let config = support::aws::config(stub.endpoint(), "own-secret");
    let accounts = Accounts::new(&config, "arn:aws:iam::111111111111:role/Reader")
        .accounts(["111111111111", "111111111111", "12"])
        .own_account("111111111111")
        .regions(["Frankfurt", "eu-central-1", "eu-central-1"])
        .external_id("x")
        .session_name("two words")
        .session_duration(Duration::from_secs(60));
    let error = accounts.connect().await.unwrap_err();
    let fields: Vec<&str> = error.violations().iter().map(|v| &*v.field).collect();
    assert_eq!(
        fields,
        [
            "RoleName",
            "RoleSessionName",
            "DurationSeconds",
            "ExternalId",
            "Accounts[1]",
            "Accounts[2]",
            "Accounts[3]",
            "Regions[0]",
            "Regions[2]"
        ]
    );
    let none = Accounts::new(&config, "Reader").check().unwrap_err();
    let fields: Vec<&str> = none.violations().iter().map(|v| &*v.field).collect();
    assert_eq!(fields, ["Accounts", "Regions"]);
    // The ARN of the role is of one partition.
    let mixed = Accounts::new(&config, "Reader").accounts(["111111111111"]);
    let mixed = mixed.regions(["eu-central-1", "cn-north-1"]);
    let mixed = mixed.check().unwrap_err();
    let fields: Vec<&str> = mixed.violations().iter().map(|v| &*v.field).collect();
    assert_eq!(fields, ["Regions"]);
    assert!(stub.requests().is_empty());
}

#[tokio::test]
async fn no_secret_is_printed() {
    let stub = stub(SignedDuration::from_hours(1));
    let accounts = accounts(&stub);
    let connected = accounts.connect().await.unwrap();
    let printed = format!("{accounts:?} {connected:?} {}", connected.failures[0]);
    for secret in ["own-secret", ISSUED_SECRET, ISSUED_TOKEN, "patching:7f3a"] {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }
}
