//! The client of Athena against the exact bytes that a stub sends over a real socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;

use aws_patch_manager::athena::aws_sdk_athena::config::{
    BehaviorVersion, Config, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
};
use aws_patch_manager::athena::{
    AthenaClient, AthenaQueries, AthenaQuery, AthenaRow, ExportQuestions, ExportTables,
    aws_sdk_athena,
};
use aws_patch_manager::{Error, ErrorKind, ManualClock};
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde_json::{Value, json};
use support::stub::{Reply, Stub};

const ID: &str = "5f1d6a3e-0c4e-41f7-9b77-b0a2d9000001";

fn client(stub: &Stub) -> AthenaClient {
    let credentials = Credentials::new("AKIDTESTACCESSKEY", "secret", None, None, "test");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(stub.endpoint())
        .retry_config(RetryConfig::disabled())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    AthenaClient::new(aws_sdk_athena::Client::from_conf(config)).clock(Arc::new(clock))
}

fn query() -> AthenaQuery {
    let questions = ExportQuestions::new(ExportTables::new("patching"));
    questions.group_totals().unwrap()
}

fn state(state: &str) -> Value {
    json!({ "QueryExecution": { "QueryExecutionId": ID, "Status": { "State": state } } })
}

/// Rows of one column; null is a member that is not there.
fn rows(values: &[Option<&str>], next: Option<&str>) -> Value {
    let row = |value: &Option<&str>| {
        let datum = value.map_or_else(|| json!({}), |text| json!({ "VarCharValue": text }));
        json!({ "Data": [datum] })
    };
    let rows: Vec<Value> = values.iter().map(row).collect();
    let mut answer = json!({ "ResultSet": { "Rows": rows } });
    if let Some(token) = next {
        answer["NextToken"] = json!(token);
    }
    answer
}

fn script(answers: Vec<Value>) -> Stub {
    let answers = answers.into_iter();
    Stub::script(answers.map(|answer| Reply::json(200, answer)).collect())
}

async fn all(stub: &Stub) -> Result<Vec<AthenaRow>, Error> {
    client(stub).rows(query()).try_collect().await
}

fn operations(stub: &Stub) -> Vec<String> {
    let requests = stub.requests();
    let of = |target: &str| target.rsplit('.').next().unwrap().to_owned();
    requests.iter().map(|request| of(&request.target)).collect()
}

#[tokio::test]
async fn a_query_is_started_followed_and_read_page_by_page() {
    let stub = script(vec![
        json!({ "QueryExecutionId": ID }),
        state("QUEUED"),
        state("RUNNING"),
        state("SUCCEEDED"),
        rows(&[Some("patchgroup"), Some("web"), None], Some("more")),
        rows(&[Some("patchgroup")], None),
    ]);
    let read = all(&stub).await.unwrap();
    // The first row has the names of the columns; a later one of that text is a value.
    let expected = [Some("web"), None, Some("patchgroup")];
    assert_eq!(read, expected.map(|value| vec![value.map(str::to_owned)]));
    let expected = [
        "StartQueryExecution",
        "GetQueryExecution",
        "GetQueryExecution",
        "GetQueryExecution",
        "GetQueryResults",
        "GetQueryResults",
    ];
    assert_eq!(operations(&stub), expected);
    let started = stub.requests()[0].json();
    assert_eq!(started["QueryString"], query().sql);
    let token = started["ClientRequestToken"].as_str().unwrap();
    assert!((32..=128).contains(&token.len()), "{token}");
}

#[tokio::test]
async fn a_page_token_that_comes_again_ends_the_rows_with_an_error() {
    let stub = script(vec![
        json!({ "QueryExecutionId": ID }),
        state("SUCCEEDED"),
        rows(&[Some("patchgroup"), Some("web")], Some("more")),
    ]);
    let error = all(&stub).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error}");
}

#[tokio::test]
async fn a_failed_query_says_why_and_whose_fault_it_is() {
    for (category, reason, kind) in [
        (2, "TABLE_NOT_FOUND: no such table", ErrorKind::InvalidInput),
        (1, "GENERIC_INTERNAL_ERROR", ErrorKind::ServiceFailure),
        (
            2,
            "Access Denied (Service: Amazon S3)",
            ErrorKind::AccessDenied,
        ),
        (
            3,
            "HIVE_CURSOR_ERROR: Row is not a valid JSON Object",
            ErrorKind::Other,
        ),
    ] {
        let mut failed = state("FAILED");
        failed["QueryExecution"]["Status"]["StateChangeReason"] = json!(reason);
        failed["QueryExecution"]["Status"]["AthenaError"] = json!({ "ErrorCategory": category });
        let stub = script(vec![json!({ "QueryExecutionId": ID }), failed]);
        let error = all(&stub).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(operations(&stub).len(), 2, "an ended query is not stopped");
    }
}

/// Athena API, errors of StartQueryExecution and the common ones.
#[tokio::test]
async fn errors_of_calls_have_their_kinds() {
    for (code, kind) in [
        ("InvalidRequestException", ErrorKind::InvalidInput),
        ("TooManyRequestsException", ErrorKind::Throttled),
        ("InternalServerException", ErrorKind::ServiceFailure),
        ("ResourceNotFoundException", ErrorKind::NotFound),
        ("AccessDeniedException", ErrorKind::AccessDenied),
        ("ExpiredTokenException", ErrorKind::InvalidCredentials),
    ] {
        let stub = Stub::always(Reply::error(400, code, "no"));
        let error = all(&stub).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{code}: {error}");
        assert_eq!(error.operation(), Some("StartQueryExecution"));
    }
}

#[tokio::test]
async fn a_query_that_nobody_waits_for_is_stopped() {
    let stub = Stub::answering(|request, _| {
        Reply::json(
            200,
            match request.target.rsplit('.').next() {
                Some("StartQueryExecution") => json!({ "QueryExecutionId": ID }),
                Some("GetQueryExecution") => state("RUNNING"),
                _ => json!({}),
            },
        )
    });
    let seen = |operation: &str| operations(&stub).iter().any(|one| one == operation);
    let mut rows = client(&stub).rows(query());
    let waiting = tokio::spawn(async move { rows.next().await.map(drop) });
    while !seen("GetQueryExecution") {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    while !seen("StopQueryExecution") {
        tokio::task::yield_now().await;
    }
    let requests = stub.requests();
    let stop = requests
        .iter()
        .find(|one| one.target.ends_with("StopQueryExecution"));
    assert_eq!(stop.unwrap().json()["QueryExecutionId"], ID);
}
