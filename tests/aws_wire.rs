//! The adapter against the exact bytes that a stub sends over a real socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::backend::layer::LimitConfig;
use aws_patch_manager::backend::{
    BaselineStore, CommandRunner, ComplianceSource, CreatePatchBaseline, DescribeInstancePatches,
    DescribePatchBaselines, DescribePatchGroups, GetConfigurationManager, GetDefaultPatchBaseline,
    GetPatchBaseline, PatchGroupRegistry, PatchPolicyStore,
};
use aws_patch_manager::baseline::BaselineSpec;
use aws_patch_manager::compliance::PatchState;
use aws_patch_manager::operation::SendCommand;
use aws_patch_manager::types::{BaselineId, OperatingSystem, PatchOperation};
use aws_patch_manager::{Error, ErrorKind, PageRequest, PatchManager};
use futures_util::TryStreamExt;
use serde_json::json;
use support::environment;
use support::stub::{Reply, Stub};

const SECRET: &str = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY";

fn backend(stub: &Stub) -> AwsBackend {
    AwsBackend::from_sdk_config(&support::aws::config(stub.endpoint(), SECRET))
}

async fn get_baseline(stub: &Stub) -> Result<BaselineId, Error> {
    let id = BaselineId::from("pb-0123456789abcdef0");
    backend(stub)
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await
        .map(|baseline| baseline.baseline_id)
}

/// Every error of the SSM model for an operation that the adapter calls, and the common ones.
const SSM_ERRORS: &[(&str, ErrorKind)] = &[
    ("AlreadyExistsException", ErrorKind::AlreadyExists),
    ("AssociationAlreadyExists", ErrorKind::AlreadyExists),
    ("AssociationDoesNotExist", ErrorKind::NotFound),
    ("AssociationExecutionDoesNotExist", ErrorKind::NotFound),
    ("AssociationLimitExceeded", ErrorKind::LimitExceeded),
    ("AssociationVersionLimitExceeded", ErrorKind::LimitExceeded),
    ("DoesNotExistException", ErrorKind::NotFound),
    ("DuplicateInstanceId", ErrorKind::InvalidInput),
    ("FeatureNotAvailableException", ErrorKind::Unsupported),
    (
        "IdempotentParameterMismatch",
        ErrorKind::IdempotentParameterMismatch,
    ),
    ("InternalServerError", ErrorKind::ServiceFailure),
    ("InvalidActivationId", ErrorKind::InvalidInput),
    ("InvalidAggregatorException", ErrorKind::InvalidInput),
    ("InvalidAssociation", ErrorKind::InvalidInput),
    ("InvalidAssociationVersion", ErrorKind::InvalidInput),
    ("InvalidCommandId", ErrorKind::NotFound),
    ("InvalidDocument", ErrorKind::NotFound),
    ("InvalidDocumentVersion", ErrorKind::NotFound),
    ("InvalidFilter", ErrorKind::InvalidInput),
    ("InvalidFilterKey", ErrorKind::InvalidInput),
    ("InvalidInstanceId", ErrorKind::InvalidInput),
    (
        "InvalidInstanceInformationFilterValue",
        ErrorKind::InvalidInput,
    ),
    (
        "InvalidInstancePropertyFilterValue",
        ErrorKind::InvalidInput,
    ),
    ("InvalidNextToken", ErrorKind::InvalidInput),
    ("InvalidNotificationConfig", ErrorKind::InvalidInput),
    ("InvalidOutputFolder", ErrorKind::InvalidInput),
    ("InvalidOutputLocation", ErrorKind::InvalidInput),
    ("InvalidParameters", ErrorKind::InvalidInput),
    ("InvalidPluginName", ErrorKind::InvalidInput),
    ("InvalidResourceId", ErrorKind::InvalidInput),
    ("InvalidResourceType", ErrorKind::InvalidInput),
    ("InvalidRole", ErrorKind::InvalidInput),
    ("InvalidSchedule", ErrorKind::InvalidInput),
    ("InvalidTag", ErrorKind::InvalidInput),
    ("InvalidTarget", ErrorKind::InvalidInput),
    ("InvalidTargetMaps", ErrorKind::InvalidInput),
    ("InvalidUpdate", ErrorKind::InvalidInput),
    ("InvocationDoesNotExist", ErrorKind::NotYet),
    ("MaxDocumentSizeExceeded", ErrorKind::LimitExceeded),
    (
        "ResourceDataSyncAlreadyExistsException",
        ErrorKind::AlreadyExists,
    ),
    ("ResourceDataSyncConflictException", ErrorKind::Conflict),
    (
        "ResourceDataSyncCountExceededException",
        ErrorKind::LimitExceeded,
    ),
    (
        "ResourceDataSyncInvalidConfigurationException",
        ErrorKind::InvalidInput,
    ),
    ("ResourceDataSyncNotFoundException", ErrorKind::NotFound),
    ("ResourceInUseException", ErrorKind::InUse),
    ("ResourceLimitExceededException", ErrorKind::LimitExceeded),
    ("ServiceSettingNotFound", ErrorKind::NotFound),
    ("TargetInUseException", ErrorKind::InUse),
    ("TooManyTagsError", ErrorKind::LimitExceeded),
    ("TooManyUpdates", ErrorKind::Conflict),
    ("UnsupportedOperatingSystem", ErrorKind::Unsupported),
    ("UnsupportedOperationException", ErrorKind::Unsupported),
    ("UnsupportedPlatformType", ErrorKind::Unsupported),
];

/// Errors that the service sends but does not model.
const UNMODELLED: &[(&str, ErrorKind)] = &[
    ("ValidationException", ErrorKind::InvalidInput),
    ("AccessDeniedException", ErrorKind::AccessDenied),
    ("ExpiredTokenException", ErrorKind::InvalidCredentials),
    ("UnrecognizedClientException", ErrorKind::InvalidCredentials),
    ("SomethingNewException", ErrorKind::Other),
];

#[tokio::test]
async fn every_error_of_the_model_becomes_its_kind_and_keeps_code_text_and_request_id() {
    for (code, kind) in SSM_ERRORS.iter().chain(UNMODELLED) {
        let status = if *code == "InternalServerError" {
            500
        } else {
            400
        };
        let stub = Stub::always(Reply::error(status, code, "the text"));
        let error = get_baseline(&stub).await.unwrap_err();
        assert_eq!(error.kind(), *kind, "{code}: {error}");
        assert_eq!(error.code(), Some(*code));
        assert_eq!(error.request_id(), Some(Reply::REQUEST_ID), "{code}");
        assert_eq!(error.operation(), Some("GetPatchBaseline"));
        assert!(error.message().starts_with("the text"), "{code}: {error}");
    }
}

#[tokio::test]
async fn an_operation_that_a_server_does_not_have_is_unsupported() {
    for (status, code) in [
        (400, "UnknownOperationException"),
        (404, "UnknownOperationException"),
        (400, "UnknownOperation"),
        (501, "InternalFailure"),
    ] {
        let stub = Stub::always(Reply::error(status, code, "the text"));
        let error = get_baseline(&stub).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{status} {code}");
    }
}

/// The errors that Quick Setup models for the operations the adapter calls, with their HTTP status.
const QUICK_SETUP_ERRORS: &[(u16, &str, ErrorKind)] = &[
    (400, "ValidationException", ErrorKind::InvalidInput),
    (403, "AccessDeniedException", ErrorKind::AccessDenied),
    (404, "ResourceNotFoundException", ErrorKind::NotFound),
    (409, "ConflictException", ErrorKind::Conflict),
    (429, "ThrottlingException", ErrorKind::Throttled),
    (500, "InternalServerException", ErrorKind::ServiceFailure),
];

#[tokio::test]
async fn every_error_of_quick_setup_becomes_its_kind() {
    let arn = "arn:aws:ssm-quicksetup:us-east-1:123456789012:configuration-manager/11111111-2222-4333-8444-555555555555";
    for (status, code, kind) in QUICK_SETUP_ERRORS {
        let stub = Stub::always(Reply::error(*status, code, "the text"));
        let error = backend(&stub)
            .get_configuration_manager(GetConfigurationManager::new(arn))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (*kind, Some(*code)),
            "{error}"
        );
        assert_eq!(error.operation(), Some("GetConfigurationManager"));
    }
}

#[tokio::test]
async fn an_error_without_any_member_is_understood_by_its_type_alone() {
    let stub = Stub::always(Reply::json(400, json!({"__type": "InvalidResourceId"})));
    let error = get_baseline(&stub).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::InvalidInput, Some("InvalidResourceId"))
    );
}

#[test]
fn the_table_of_errors_is_that_of_the_service_model() {
    let Some(model) = environment::ssm_model() else {
        return;
    };
    let mut modelled: Vec<String> = support::aws::SSM_OPERATIONS
        .iter()
        .flat_map(|operation| {
            let errors = model["operations"][operation]["errors"].as_array();
            assert!(
                model["operations"][operation].is_object(),
                "{operation} is not in the model"
            );
            errors.cloned().unwrap_or_default()
        })
        .map(|error| error["shape"].as_str().unwrap().to_owned())
        .collect();
    modelled.sort();
    modelled.dedup();
    let ours: Vec<_> = SSM_ERRORS
        .iter()
        .map(|(code, _)| (*code).to_owned())
        .collect();
    assert_eq!(ours, modelled);
}

#[tokio::test]
async fn a_denied_call_names_the_action_that_is_missing() {
    let stub = Stub::always(Reply::error(
        400,
        "AccessDeniedException",
        "User is not authorized",
    ));
    let error = get_baseline(&stub).await.unwrap_err();
    assert!(
        error.to_string().contains("ssm:GetPatchBaseline"),
        "{error}"
    );
}

#[tokio::test]
async fn a_throttled_call_is_repeated_by_the_sdk_and_then_answers() {
    let stub = Stub::script(vec![
        Reply::error(400, "ThrottlingException", "Rate exceeded"),
        Reply::json(
            200,
            json!({"BaselineId": "pb-0123456789abcdef0", "Name": "prod"}),
        ),
    ]);
    assert_eq!(
        get_baseline(&stub).await.unwrap().as_str(),
        "pb-0123456789abcdef0"
    );
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn a_call_that_stays_throttled_says_so() {
    let stub = Stub::always(Reply::error(400, "ThrottlingException", "Rate exceeded"));
    let error = get_baseline(&stub).await.unwrap_err();
    assert!(error.is_throttled() && error.is_retryable(), "{error}");
}

#[tokio::test]
async fn a_refused_connection_and_a_lost_answer_are_failures_of_the_connection() {
    let stub = Stub::always(Reply::Closed);
    let error = get_baseline(&stub).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error:?}");
    let stub = Stub::always(Reply::Truncated);
    let error = get_baseline(&stub).await.unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::InvalidResponse | ErrorKind::Connection
        ),
        "{error:?}"
    );
    let endpoint = stub.endpoint().to_owned();
    drop(stub);
    let gone = AwsBackend::from_sdk_config(&support::aws::config(&endpoint, SECRET));
    let error = gone
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error:?}");
}

#[tokio::test]
async fn an_empty_page_with_a_token_is_not_the_end() {
    let identity = |name: &str| json!({"BaselineId": "pb-0123456789abcdef0", "BaselineName": name});
    let stub = Stub::script(vec![
        Reply::json(
            200,
            json!({"BaselineIdentities": [identity("a")], "NextToken": "1"}),
        ),
        Reply::json(200, json!({"BaselineIdentities": [], "NextToken": "2"})),
        Reply::json(
            200,
            json!({"BaselineIdentities": [identity("b")], "NextToken": ""}),
        ),
    ]);
    let manager = PatchManager::builder()
        .baselines(std::sync::Arc::new(backend(&stub)))
        .build();
    let names: Vec<_> = manager
        .list_baselines()
        .map_ok(|identity| identity.baseline_name.unwrap())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(names, ["a", "b"]);
    let tokens: Vec<_> = stub
        .requests()
        .iter()
        .map(|request| request.json()["NextToken"].clone())
        .collect();
    assert_eq!(tokens, [json!(null), json!("1"), json!("2")]);
}

#[tokio::test]
async fn values_of_tomorrow_and_the_wires_own_spelling_are_kept() {
    let stub = Stub::script(vec![
        Reply::json(
            200,
            json!({"Mappings": [{"PatchGroup": "web", "BaselineIdentity": {"OperatingSystem": "AMAZON_LINUX_2029"}}]}),
        ),
        Reply::json(
            200,
            json!({"Patches": [{
                "Title": "t", "KBId": "KB1", "Classification": "c", "Severity": "s",
                "State": "InstalledPendingReboot", "InstalledTime": 1.5
            }]}),
        ),
    ]);
    let backend = backend(&stub);
    let request = DescribePatchGroups::new(Vec::new(), PageRequest::first());
    let groups = backend.describe_patch_groups(request).await.unwrap();
    let os = groups.items[0]
        .baseline_identity
        .operating_system
        .clone()
        .unwrap();
    assert_eq!(os, OperatingSystem::Other("AMAZON_LINUX_2029".to_owned()));
    let request =
        DescribeInstancePatches::new("i-0123456789abcdef0", Vec::new(), PageRequest::first());
    let patches = backend.describe_instance_patches(request).await.unwrap();
    assert_eq!(patches.items[0].state, PatchState::InstalledPendingReboot);
    assert_eq!(patches.items[0].installed_time.as_millisecond(), 1500);
}

#[tokio::test]
async fn no_credential_and_no_parameter_appears_in_an_error_or_in_debug() {
    let stub = Stub::always(Reply::error(400, "ValidationException", "no"));
    let backend = backend(&stub);
    let mut command = SendCommand::run_patch_baseline(PatchOperation::Install);
    command.set_parameter(
        "InstallOverrideList",
        "https://bucket/list?X-Amz-Signature=topsecret",
    );
    command.instance_ids = vec!["i-0123456789abcdef0".into()];
    let sent = backend.send_command(command).await.unwrap_err();
    let mut spec = BaselineSpec::new("prod", OperatingSystem::Ubuntu);
    spec.sources = vec![aws_patch_manager::baseline::PatchSource::new(
        "repo",
        ["*"],
        "deb https://user:topsecret@repo.example stable main",
    )];
    let created = backend
        .create_patch_baseline(CreatePatchBaseline::new(spec))
        .await
        .unwrap_err();
    for text in [
        format!("{sent} {sent:?}"),
        format!("{created} {created:?}"),
        format!("{backend:?}"),
    ] {
        assert!(!text.contains("topsecret"), "{text}");
        assert!(!text.contains(SECRET), "{text}");
        assert!(!text.contains(support::aws::ACCESS_KEY), "{text}");
    }
}

#[tokio::test]
async fn the_limiter_keeps_calls_in_flight_within_its_bound() {
    let stub = Stub::slow(
        Reply::json(200, json!({"BaselineId": "pb-0123456789abcdef0"})),
        Duration::from_millis(30),
    );
    let config = support::aws::config(stub.endpoint(), SECRET);
    let limits = LimitConfig::default().with_max_in_flight(3);
    let backend = AwsBackend::builder(&config).limits(limits).build();
    let calls =
        (0..20).map(|_| backend.get_default_patch_baseline(GetDefaultPatchBaseline::new(None)));
    futures_util::future::try_join_all(calls).await.unwrap();
    assert_eq!(stub.requests().len(), 20);
    assert!(stub.most_at_once() <= 3, "{}", stub.most_at_once());
}

#[tokio::test]
async fn a_rate_next_to_nothing_still_lets_the_first_call_through() {
    let stub = Stub::always(Reply::json(
        200,
        json!({"BaselineId": "pb-0123456789abcdef0"}),
    ));
    for rate in [1e-300, 0.0, -1.0, f64::NAN, f64::INFINITY] {
        let config = support::aws::config(stub.endpoint(), SECRET);
        let limits = LimitConfig::default().with_max_rate(rate);
        let backend = AwsBackend::builder(&config).limits(limits).build();
        backend
            .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
            .await
            .unwrap();
    }
    assert_eq!(stub.requests().len(), 5);
}

#[tokio::test]
async fn a_page_request_reaches_the_service_as_it_is() {
    let stub = Stub::always(Reply::json(200, json!({"BaselineIdentities": []})));
    let filters = vec![aws_patch_manager::types::QueryFilter::new(
        "OWNER",
        ["Self"],
    )];
    let page = PageRequest::first().with_max_results(7);
    backend(&stub)
        .describe_patch_baselines(DescribePatchBaselines::new(filters, page))
        .await
        .unwrap();
    let request = &stub.requests()[0];
    assert_eq!(request.target, "AmazonSSM.DescribePatchBaselines");
    assert_eq!(
        request.json(),
        json!({"Filters": [{"Key": "OWNER", "Values": ["Self"]}], "MaxResults": 7})
    );
}

fn sent(id: &str, comment: &str) -> serde_json::Value {
    json!({"CommandId": id, "DocumentName": "AWS-RunPatchBaseline", "Status": "Pending", "Comment": comment})
}

#[tokio::test]
async fn a_command_whose_answer_was_lost_is_found_by_its_marker_and_not_sent_again() {
    const ID: &str = "11111111-2222-4333-8444-555555555555";
    let stub = Stub::answering(|request, seen| match request.operation() {
        "SendCommand" => Reply::Truncated,
        "ListCommands" => {
            let comment = seen[0].json()["Comment"].as_str().unwrap().to_owned();
            Reply::json(
                200,
                json!({"Commands": [sent("other", "nightly"), sent(ID, &comment)]}),
            )
        }
        other => panic!("{other}"),
    });
    let mut command = SendCommand::run_patch_baseline(PatchOperation::Install);
    command.instance_ids = vec!["i-0123456789abcdef0".into()];
    command.comment = Some("nightly".to_owned());
    let found = backend(&stub).send_command(command).await.unwrap();
    assert_eq!(found.command_id.as_str(), ID);
    assert_eq!(found.comment, "nightly");
    let operations: Vec<_> = stub
        .requests()
        .iter()
        .map(|r| r.operation().to_owned())
        .collect();
    assert_eq!(operations, ["SendCommand", "ListCommands"]);
}

#[tokio::test]
async fn a_command_that_cannot_be_marked_is_never_sent_twice() {
    let stub = Stub::always(Reply::Truncated);
    let mut command = SendCommand::run_patch_baseline(PatchOperation::Scan);
    command.instance_ids = vec!["i-0123456789abcdef0".into()];
    command.comment = Some("c".repeat(100));
    let error = backend(&stub).send_command(command).await.unwrap_err();
    assert_ne!(error.kind(), ErrorKind::Throttled);
    assert_eq!(stub.requests().len(), 1);
}
