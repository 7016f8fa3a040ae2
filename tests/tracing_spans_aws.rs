//! The events of calls to AWS: each attempt of the SDK, and no secret.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::aws::{AwsBackend, aws_sdk_ssm};
use aws_patch_manager::backend::layer::LimitConfig;
use aws_patch_manager::types::{NodeId, OperatingSystem};
use aws_patch_manager::{ErrorKind, PatchManager, PatchRequest};
use futures_util::{TryStreamExt, future};
use serde_json::json;
use support::spans::{Recorder, Told};
use support::stub::{Reply, Stub};
use tracing::Level;

const CALLS: &str = "aws_patch_manager::call";
const SECRET: &str = "wJalrXUtnFEMI";

fn manager(stub: &Stub) -> PatchManager {
    limited(stub, LimitConfig::default())
}

fn limited(stub: &Stub, limits: LimitConfig) -> PatchManager {
    let config = support::aws::config(stub.endpoint(), SECRET);
    let backend = AwsBackend::builder(&config).limits(limits).build();
    PatchManager::from_backend(Arc::new(backend))
}

/// The content of an event about an attempt.
fn attempt(event: &Told) -> [Option<&str>; 4] {
    ["attempt", "throttled", "status", "request_id"].map(|field| event.value(field))
}

fn throttling() -> Reply {
    Reply::error(400, "ThrottlingException", "Rate exceeded")
}

fn default_baseline() -> Reply {
    Reply::json(
        200,
        json!({"BaselineId": "pb-0123456789abcdef0", "OperatingSystem": "WINDOWS"}),
    )
}

#[tokio::test]
async fn a_call_that_was_throttled_and_then_succeeded_tells_both_attempts() {
    let stub = Stub::script(vec![throttling(), default_baseline()]);
    let (recorder, _listening) = Recorder::listening();
    let windows = OperatingSystem::Windows;
    manager(&stub).default_baseline(windows).await.unwrap();

    let call = recorder.only("call");
    assert_eq!((call.target(), call.level()), (CALLS, Level::DEBUG));
    for (field, value) in [
        ("service", Some("ssm")),
        ("operation", Some("GetDefaultPatchBaseline")),
        ("attempts", Some("2")),
        ("throttled", Some("true")),
        ("error.kind", None),
    ] {
        assert_eq!(call.value(field), value, "{field}");
    }
    let events = recorder.events(CALLS);
    for event in &events {
        assert_eq!(event.value("message"), Some("an attempt"));
        assert_eq!(event.level(), Level::DEBUG);
        assert_eq!(recorder.around(event), ["call", "default_baseline"]);
    }
    let told: Vec<_> = events.iter().map(attempt).collect();
    let id = Reply::REQUEST_ID;
    let expected = [["1", "true", "400", id], ["2", "false", "200", id]];
    assert_eq!(told, expected.map(|attempt| attempt.map(Some)));
}

#[tokio::test]
async fn a_call_that_was_throttled_to_the_end_tells_how_often_and_by_which_request() {
    let stub = Stub::always(throttling());
    let (recorder, _listening) = Recorder::listening();
    let windows = OperatingSystem::Windows;
    let error = manager(&stub).default_baseline(windows).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    for span in [recorder.only("call"), recorder.only("default_baseline")] {
        assert_eq!(span.value("error.kind"), Some("Throttled"), "{span:?}");
        assert_eq!(
            span.value("error.code"),
            Some("ThrottlingException"),
            "{span:?}"
        );
        assert_eq!(
            span.value("request_id"),
            Some(Reply::REQUEST_ID),
            "{span:?}"
        );
    }
    assert_eq!(recorder.only("call").value("attempts"), Some("3"));
    assert_eq!(recorder.events(CALLS).len(), 3);
}

#[tokio::test]
async fn an_attempt_without_an_answer_has_no_status() {
    let stub = Stub::script(vec![Reply::Closed, default_baseline()]);
    let (recorder, _listening) = Recorder::listening();
    let windows = OperatingSystem::Windows;
    manager(&stub).default_baseline(windows).await.unwrap();
    let events = recorder.events(CALLS);
    assert_eq!(attempt(&events[0]), [Some("1"), Some("false"), None, None]);
    assert_eq!(recorder.only("call").value("throttled"), None);
}

#[tokio::test]
async fn a_call_tells_how_long_the_limiter_held_it_back() {
    let stub = Stub::slow(default_baseline(), Duration::from_millis(100));
    let manager = limited(&stub, LimitConfig::default().with_max_in_flight(1));
    let (recorder, _listening) = Recorder::listening();
    let ask = || manager.default_baseline(OperatingSystem::Windows);
    let (first, second) = future::join(ask(), ask()).await;
    first.unwrap();
    second.unwrap();
    let calls = recorder.named("call");
    let waited: Vec<u64> = calls
        .iter()
        .map(|call| call.value("waited_ms").unwrap().parse().unwrap())
        .collect();
    assert!(waited[0] < 50 && waited[1] >= 90, "{waited:?}");
}

#[tokio::test]
async fn throttling_that_the_sdk_gets_over_by_itself_slows_that_operation_and_no_other() {
    let stub = Stub::answering(|request, seen| match (request.operation(), seen.len()) {
        ("GetDefaultPatchBaseline", 0) => throttling(),
        ("GetDefaultPatchBaseline", _) => default_baseline(),
        _ => Reply::json(200, json!({"InstanceInformationList": []})),
    });
    let manager = manager(&stub);
    let ask = || manager.default_baseline(OperatingSystem::Windows);
    ask().await.unwrap();
    let (recorder, _listening) = Recorder::listening();
    let (second, third) = future::join(ask(), ask()).await;
    second.unwrap();
    third.unwrap();
    let other: Vec<_> = manager.list_nodes().try_collect().await.unwrap();
    assert!(other.is_empty());
    let waited = |operation| {
        let calls = recorder.named("call").into_iter();
        let calls = calls.filter(move |call| call.value("operation") == Some(operation));
        let waited = calls.map(|call| call.value("waited_ms").unwrap().parse::<u64>().unwrap());
        waited.max().unwrap()
    };
    assert!(waited("GetDefaultPatchBaseline") >= 100);
    assert_eq!(waited("DescribeInstanceInformation"), 0);
}

#[tokio::test]
async fn a_client_of_the_callers_own_tells_its_attempts_too() {
    let stub = Stub::always(default_baseline());
    let config = support::aws::config(stub.endpoint(), SECRET);
    let elsewhere = support::aws::config("http://127.0.0.1:9", SECRET);
    let backend = AwsBackend::builder(&elsewhere).ssm(aws_sdk_ssm::Client::new(&config));
    let manager = PatchManager::from_backend(Arc::new(backend.build()));
    let (recorder, _listening) = Recorder::listening();
    manager
        .default_baseline(OperatingSystem::Windows)
        .await
        .unwrap();
    assert_eq!(recorder.events(CALLS).len(), 1);
}

#[tokio::test]
async fn neither_requests_nor_answers_nor_credentials_are_told() {
    let stub = Stub::answering(|request, _| match request.operation() {
        "SendCommand" => Reply::error(400, "InvalidParameters", &request.body),
        _ => Reply::json(
            200,
            json!({"InstanceInformationList": [{
                "InstanceId": "i-0123456789abcdef0",
                "IPAddress": SECRET,
                "ComputerName": SECRET,
            }]}),
        ),
    });
    let manager = manager(&stub);
    let (recorder, _listening) = Recorder::listening();
    let nodes: Vec<_> = manager.list_nodes().try_collect().await.unwrap();
    assert_eq!(nodes[0].ip_address.as_deref(), Some(SECRET));
    let list = format!("https://lists.s3.amazonaws.com/list.json?X-Amz-Signature={SECRET}");
    let install = PatchRequest::install()
        .nodes([NodeId::new("i-0123456789abcdef0")])
        .comment(SECRET)
        .install_override_list(list);
    let error = manager.run(&install).await.unwrap_err();
    assert!(error.message().contains(SECRET));

    assert_eq!(recorder.named("call").len(), 2);
    for told in recorder.told() {
        for value in told.values() {
            assert!(!value.contains(SECRET), "{} tells {value}", told.name());
        }
    }
}
