//! The seam that everything stands on: errors, pages, clocks, ids, limits, instants, secrets.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::error::Error as _;
use std::sync::Mutex;
use std::time::Duration;

use aws_patch_manager::backend::PatchSet;
use aws_patch_manager::baseline::{PatchAction, PatchFilterKey, PatchSource};
use aws_patch_manager::compliance::{PatchComplianceData, PatchState};
use aws_patch_manager::operation::{Command, CommandStatus, SendCommand};
use aws_patch_manager::types::{
    AssociationId, BaselineId, CommandId, CompletedStep, ComplianceOperator, ComplianceStatus,
    InstanceInformation, MaxConcurrency, MaxErrors, MetadataTags, NodeId, OperatingSystem,
    PatchComplianceLevel, PatchOperation, PatchPolicyArn, PingStatus, PlatformType, ResourceType,
    SnapshotId, WindowId,
};
use aws_patch_manager::{
    Clock, Error, ErrorKind, ManualClock, Page, PageToken, Result, SystemClock, Violation, paginate,
};
use futures_util::{StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};

const EVERY_KIND: [ErrorKind; 18] = [
    ErrorKind::InvalidInput,
    ErrorKind::NotFound,
    ErrorKind::AlreadyExists,
    ErrorKind::InUse,
    ErrorKind::LimitExceeded,
    ErrorKind::Conflict,
    ErrorKind::IdempotentParameterMismatch,
    ErrorKind::Throttled,
    ErrorKind::AccessDenied,
    ErrorKind::InvalidCredentials,
    ErrorKind::Timeout,
    ErrorKind::Connection,
    ErrorKind::ServiceFailure,
    ErrorKind::InvalidResponse,
    ErrorKind::NotYet,
    ErrorKind::Unsupported,
    ErrorKind::Incomplete,
    ErrorKind::Other,
];

#[test]
fn an_error_names_operation_kind_resource_text_code_and_request() {
    let error = Error::service(
        ErrorKind::InUse,
        "ResourceInUseException",
        "used by group web",
    )
    .with_operation("DeletePatchBaseline")
    .with_resource("pb-0123456789abcdef0")
    .with_request_id("r-1");
    assert_eq!(
        error.to_string(),
        "DeletePatchBaseline: in use: pb-0123456789abcdef0: used by group web \
         (ResourceInUseException, request r-1)"
    );
    assert_eq!(error.code(), Some("ResourceInUseException"));
    assert_eq!(error.operation(), Some("DeletePatchBaseline"));
    assert_eq!(error.resource(), Some("pb-0123456789abcdef0"));
    assert_eq!(error.request_id(), Some("r-1"));
    assert_eq!(error.message(), "used by group web");
}

#[test]
fn an_error_without_text_code_or_request_has_no_loose_ends() {
    for (error, expected) in [
        (Error::new(ErrorKind::Throttled, ""), "throttled"),
        (
            Error::new(ErrorKind::Timeout, "after 3 s"),
            "timed out: after 3 s",
        ),
        (
            Error::service(ErrorKind::NotYet, "InvocationDoesNotExist", ""),
            "not there yet (InvocationDoesNotExist)",
        ),
        (
            Error::new(ErrorKind::Other, "").with_request_id("r-1"),
            "service error (request r-1)",
        ),
        (
            Error::unsupported("ListCommands"),
            "ListCommands: unsupported: this backend does not support it",
        ),
    ] {
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn refused_input_shows_every_violation_on_a_line_of_its_own() {
    let error = Error::invalid_input(vec![
        Violation::new("Name", "x", "3 to 128 characters"),
        Violation::new("Operation", "", "must be given"),
    ]);
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.violations().len(), 2);
    assert_eq!(
        error.to_string(),
        "invalid input\n  Name: `x`: 3 to 128 characters\n  Operation: must be given"
    );
}

#[test]
fn every_kind_is_described_differently() {
    let texts: std::collections::BTreeSet<String> = EVERY_KIND
        .map(|kind| Error::new(kind, "").to_string())
        .into();
    assert_eq!(texts.len(), EVERY_KIND.len());
}

#[test]
fn only_what_may_pass_by_itself_is_retryable() {
    let retryable = [
        ErrorKind::Throttled,
        ErrorKind::Timeout,
        ErrorKind::Connection,
        ErrorKind::ServiceFailure,
        ErrorKind::Conflict,
        ErrorKind::NotYet,
    ];
    for kind in EVERY_KIND {
        let error = Error::new(kind, "");
        assert_eq!(error.is_retryable(), retryable.contains(&kind), "{kind:?}");
        assert_eq!(
            error.is_throttled(),
            kind == ErrorKind::Throttled,
            "{kind:?}"
        );
    }
}

fn untagged(node: &str) -> CompletedStep {
    CompletedStep::NodeUntagged { node: node.into() }
}

#[test]
fn an_incomplete_verb_names_its_steps_and_answers_for_its_cause() {
    let cause = || Error::service(ErrorKind::Throttled, "ThrottlingException", "Rate exceeded");
    let steps = vec![
        CompletedStep::PatchGroupDeregistered {
            baseline_id: "pb-1".into(),
            patch_group: "web".to_owned(),
        },
        untagged("i-1"),
    ];
    let error = Error::incomplete(steps.clone(), cause());
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert_eq!(error.completed_steps(), steps);
    assert!(error.is_retryable() && error.is_throttled());
    assert_eq!(
        error.to_string(),
        "stopped half-way: throttled: Rate exceeded (ThrottlingException) \
         (took effect: deregistered pb-1 from web, untagged i-1)"
    );
    let source: &Error = error.source().unwrap().downcast_ref().unwrap();
    assert_eq!(source.kind(), ErrorKind::Throttled);

    let denied = Error::incomplete(steps, Error::new(ErrorKind::AccessDenied, ""));
    assert!(!denied.is_retryable() && !denied.is_throttled());
}

#[test]
fn no_error_of_a_call_that_may_have_taken_effect_is_retryable() {
    for kind in EVERY_KIND {
        let error = Error::new(kind, "").with_unknown_effect();
        assert!(error.may_have_taken_effect() && !error.is_retryable());
        let around = Error::incomplete(vec![untagged("i-1")], error);
        assert!(around.may_have_taken_effect() && !around.is_retryable());
    }
    assert!(!Error::new(ErrorKind::Timeout, "").may_have_taken_effect());
}

#[test]
fn debug_says_what_there_is_and_no_more() {
    let violations = vec![
        Violation::new("Name", "x", "3 to 128 characters"),
        Violation::new("Operation", "", "must be given"),
    ];
    let refused = Error::invalid_input(violations).with_operation("CreatePatchBaseline");
    assert_eq!(
        format!("{refused:?}"),
        "Error { kind: InvalidInput, operation: \"CreatePatchBaseline\", \
         violations: [Name: `x`: 3 to 128 characters, Operation: must be given] }"
    );
    let lost = Error::new(ErrorKind::Connection, "no reply").with_unknown_effect();
    assert_eq!(
        format!("{lost:?}"),
        "Error { kind: Connection, message: \"no reply\", may_have_taken_effect: true }"
    );
}

#[test]
fn a_verb_that_did_nothing_fails_with_its_cause() {
    let error = Error::incomplete(Vec::new(), Error::new(ErrorKind::NotFound, "gone"));
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "not found: gone");
}

#[test]
fn an_error_crosses_threads_and_is_small() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

/// A listing of these pages, each with the token of the next. It fails where it is asked for more.
fn pages(
    pages: Vec<Result<Page<u32>>>,
) -> impl Fn(Option<PageToken>) -> std::future::Ready<Result<Page<u32>>> {
    let pages = Mutex::new(pages.into_iter());
    move |_| {
        let next = pages.lock().unwrap().next();
        std::future::ready(next.unwrap_or_else(|| panic!("asked beyond the last page")))
    }
}

fn page(items: &[u32], token: Option<&str>) -> Result<Page<u32>> {
    Ok(Page::new(items.to_vec(), token.map(PageToken::new)))
}

#[tokio::test]
async fn an_empty_page_with_a_token_is_not_the_end() {
    let listing = pages(vec![
        page(&[1], Some("a")),
        page(&[], Some("b")),
        page(&[], Some("c")),
        page(&[2], None),
    ]);
    let items: Vec<u32> = paginate(listing).try_collect().await.unwrap();
    assert_eq!(items, [1, 2]);
}

#[tokio::test]
async fn an_empty_token_is_the_end() {
    let listing = pages(vec![page(&[1], Some(""))]);
    let items: Vec<u32> = paginate(listing).try_collect().await.unwrap();
    assert_eq!(items, [1]);
}

#[tokio::test]
async fn each_page_is_asked_for_by_the_token_of_the_one_before() {
    let asked = Mutex::new(Vec::new());
    let listing = paginate(|token| {
        let number = {
            let mut asked = asked.lock().unwrap();
            asked.push(token.map(|token| token.to_string()));
            asked.len()
        };
        std::future::ready(match number {
            1 => page(&[1], Some("a")),
            2 => page(&[2], Some("b")),
            _ => page(&[3], None),
        })
    });
    let items: Vec<u32> = listing.try_collect().await.unwrap();
    assert_eq!(items, [1, 2, 3]);
    let expected = [None, Some("a".to_owned()), Some("b".to_owned())];
    assert_eq!(*asked.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_token_that_comes_again_ends_the_listing_with_an_error() {
    for repeats_after in [1, 3] {
        let mut answers: Vec<_> = (0..repeats_after)
            .map(|n| page(&[n], Some(&format!("t{n}"))))
            .collect();
        answers.push(page(&[9], Some("t0")));
        let got: Vec<_> = paginate(pages(answers)).collect().await;
        let error = got.last().unwrap().as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        let before: Vec<u32> = got.into_iter().filter_map(Result::ok).collect();
        let expected: Vec<u32> = (0..repeats_after).collect();
        assert_eq!(before, expected);
    }
}

#[tokio::test]
async fn an_error_comes_after_the_items_before_it_and_ends_the_listing() {
    let listing = pages(vec![
        page(&[1, 2], Some("a")),
        Err(Error::new(ErrorKind::Throttled, "")),
    ]);
    let got: Vec<_> = paginate(listing).collect().await;
    assert_eq!(got.len(), 3);
    assert_eq!(
        (got[0].as_ref().unwrap(), got[1].as_ref().unwrap()),
        (&1, &2)
    );
    assert!(got[2].as_ref().unwrap_err().is_throttled());
}

#[tokio::test]
async fn no_page_is_fetched_before_it_is_wanted() {
    let listing = pages(vec![page(&[1, 2], Some("a"))]);
    let items: Vec<u32> = paginate(listing).take(2).try_collect().await.unwrap();
    assert_eq!(items, [1, 2]);
}

#[tokio::test]
async fn a_manual_clock_stands_still_until_it_is_turned_or_slept_on() {
    let start: Timestamp = "2026-05-14T00:00:00Z".parse().unwrap();
    let clock = ManualClock::new(start);
    assert_eq!((clock.now(), clock.now()), (start, start));
    clock.sleep(Duration::from_secs(90)).await;
    clock.advance(Duration::from_secs(30));
    let later: Timestamp = "2026-05-14T00:02:00Z".parse().unwrap();
    assert_eq!(clock.now(), later);
    clock.advance_to(start);
    assert_eq!(clock.now(), later, "it went back");
    clock.advance(Duration::MAX);
    clock.sleep(Duration::MAX).await;
    assert_eq!(clock.now(), Timestamp::MAX);
}

#[tokio::test]
async fn the_systems_clock_sleeps_at_least_as_long_as_asked() {
    let clock = SystemClock::new();
    let before = clock.now();
    clock.sleep(Duration::from_millis(20)).await;
    assert!(before.duration_until(clock.now()) >= SignedDuration::from_millis(19));
}

/// That an enum names its values uniquely, reads and writes each, and keeps a value it does not know.
macro_rules! keeps_unknown_values {
    ($( $name:ident ),+ $(,)?) => {$({
        for known in $name::KNOWN {
            let json = serde_json::to_string(known).unwrap();
            assert_eq!(json, format!("\"{known}\""));
            assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), *known);
            assert!(known.is_known());
        }
        let unknown = $name::from("Of Tomorrow");
        assert_eq!(unknown, $name::Other("Of Tomorrow".to_owned()));
        assert!(!unknown.is_known());
        let json = serde_json::to_string(&unknown).unwrap();
        assert_eq!(json, "\"Of Tomorrow\"");
        assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), unknown);
    })+};
}

#[test]
fn enums_of_the_service_keep_values_they_do_not_know() {
    keeps_unknown_values!(
        CommandStatus,
        ComplianceOperator,
        ComplianceStatus,
        MetadataTags,
        OperatingSystem,
        PatchAction,
        PatchComplianceLevel,
        PatchFilterKey,
        PatchOperation,
        PatchSet,
        PatchState,
        PingStatus,
        PlatformType,
        ResourceType,
    );
    assert_eq!(OperatingSystem::KNOWN.len(), 15);
    assert_eq!(PatchFilterKey::KNOWN.len(), 19);
}

#[test]
fn a_patch_state_is_read_in_both_spellings_and_written_in_that_of_the_wire() {
    for (model, wire) in [
        ("INSTALLED", "Installed"),
        ("INSTALLED_OTHER", "InstalledOther"),
        ("INSTALLED_PENDING_REBOOT", "InstalledPendingReboot"),
        ("INSTALLED_REJECTED", "InstalledRejected"),
        ("MISSING", "Missing"),
        ("NOT_APPLICABLE", "NotApplicable"),
        ("FAILED", "Failed"),
        ("AVAILABLE_SECURITY_UPDATE", "AvailableSecurityUpdate"),
    ] {
        assert_eq!(PatchState::from(model), PatchState::from(wire));
        assert_eq!(PatchState::from(model).as_str(), wire);
    }
}

#[test]
fn an_id_is_well_formed_as_the_services_model_says() {
    let arn = "arn:aws:ssm:us-east-1:075727635805:patchbaseline/pb-0c10e65780EXAMPLE";
    for (id, expected) in [
        ("pb-0123456789abcdef0", true),
        (arn, true),
        ("pb-0123456789abcdef", false),
        ("pb-0123456789 abcdef0", false),
        ("", false),
        (&"p".repeat(128), true),
        (&"p".repeat(129), false),
    ] {
        assert_eq!(BaselineId::new(id).is_well_formed(), expected, "{id}");
    }
    for (id, expected) in [
        ("i-0123456789abcdef0", true),
        ("i-01234567", true),
        ("mi-0123456789abcdef0", true),
        ("mi-01234567", false),
        ("i-0123456789abcdef", false),
        ("i-0123456789abcdef-", false),
        ("web-1", false),
    ] {
        assert_eq!(NodeId::new(id).is_well_formed(), expected, "{id}");
    }
    let uuid = "01234567-89ab-4cde-8f01-23456789abcd";
    let policy = |rest: &str| format!("arn:aws:ssm-quicksetup:{rest}");
    for (arn, expected) in [
        (
            policy(&format!(
                "us-east-1:123456789012:configuration-manager/{uuid}"
            )),
            true,
        ),
        (
            policy(&format!("us-east-1:12345:configuration-manager/{uuid}")),
            false,
        ),
        (
            policy("us-east-1:123456789012:configuration-manager/1"),
            false,
        ),
        ("configuration-manager".to_owned(), false),
    ] {
        assert_eq!(
            PatchPolicyArn::new(&arn).is_well_formed(),
            expected,
            "{arn}"
        );
    }
    for (well_formed, malformed) in [
        (
            CommandId::new(uuid).is_well_formed(),
            CommandId::new("1").is_well_formed(),
        ),
        (
            SnapshotId::new(uuid).is_well_formed(),
            SnapshotId::new("1").is_well_formed(),
        ),
        (
            AssociationId::new(uuid).is_well_formed(),
            AssociationId::new("1").is_well_formed(),
        ),
        (
            WindowId::new("mw-0123456789abcdef0").is_well_formed(),
            WindowId::new("mw-1").is_well_formed(),
        ),
    ] {
        assert!(well_formed && !malformed);
    }
}

#[test]
fn an_id_tells_whose_it_is() {
    assert!(
        BaselineId::new("arn:aws:ssm:us-east-1:075727635805:patchbaseline/pb-1").is_aws_owned()
    );
    assert!(!BaselineId::new("pb-0123456789abcdef0").is_aws_owned());
    assert!(NodeId::new("mi-0123456789abcdef0").is_hybrid());
    assert!(!NodeId::new("i-0123456789abcdef0").is_hybrid());
}

#[test]
fn limits_are_read_as_the_service_reads_them() {
    for (text, concurrency, errors) in [
        ("0", false, true),
        ("1", true, true),
        ("9999999", true, true),
        ("10000000", false, false),
        ("01", false, false),
        ("0%", false, true),
        ("1%", true, true),
        ("100%", true, true),
        ("101%", false, false),
        ("05%", false, false),
        ("50 %", false, false),
        ("+5", false, false),
        ("-1", false, false),
        ("1.5", false, false),
        ("%", false, false),
        ("", false, false),
        ("ten", false, false),
    ] {
        assert_eq!(
            text.parse::<MaxConcurrency>().is_ok(),
            concurrency,
            "{text}"
        );
        assert_eq!(text.parse::<MaxErrors>().is_ok(), errors, "{text}");
    }
    let error = "101%".parse::<MaxErrors>().unwrap_err();
    let legal = "a count from 0 or a percentage from 0% to 100%";
    assert_eq!(
        error.violations(),
        [Violation::new("MaxErrors", "101%", legal)]
    );
    let error = serde_json::from_str::<MaxErrors>("\"101%\"").unwrap_err();
    assert_eq!(error.to_string(), format!("`101%` is not {legal}"));
}

#[test]
fn a_percentage_of_nodes_is_rounded_down() {
    let most = usize::MAX;
    for (percent, nodes, expected) in [
        (10, 19, 1),
        (10, 9, 0),
        (100, 7, 7),
        (33, 10, 3),
        (99, 199, 197),
        (100, most, most),
        (50, most, most / 2),
    ] {
        assert_eq!(MaxConcurrency::Percent(percent).of(nodes), expected);
        assert_eq!(MaxErrors::Percent(percent).of(nodes), expected);
    }
    assert_eq!(MaxErrors::Count(3).of(1), 3);
}

fn installed_at(json: &str) -> serde_json::Result<Timestamp> {
    let patch = format!(
        r#"{{"Title":"","KBId":"KB1","Classification":"","Severity":"","State":"Installed","InstalledTime":{json}}}"#
    );
    serde_json::from_str::<PatchComplianceData>(&patch).map(|patch| patch.installed_time)
}

#[test]
fn an_instant_is_read_in_both_spellings_and_written_in_one() {
    for (json, expected) in [
        ("1778716800", "2026-05-14T00:00:00Z"),
        ("1778716800.0", "2026-05-14T00:00:00Z"),
        ("1778716800.123", "2026-05-14T00:00:00.123Z"),
        ("-1", "1969-12-31T23:59:59Z"),
        ("\"2026-05-14T00:00:00Z\"", "2026-05-14T00:00:00Z"),
        ("\"2026-05-13T17:00:00-07:00\"", "2026-05-14T00:00:00Z"),
        ("\"2026-05-14T00:00:00.5+00:00\"", "2026-05-14T00:00:00.5Z"),
    ] {
        let instant = installed_at(json).unwrap();
        assert_eq!(instant.to_string(), expected, "{json}");
        let mut patch = PatchComplianceData::new("KB1", PatchState::Installed);
        patch.installed_time = instant;
        let written = serde_json::to_value(&patch).unwrap();
        assert_eq!(written["InstalledTime"], expected);
    }
    for json in [
        "\"yesterday\"",
        "\"2026-05-14T00:00:00\"",
        "1e300",
        "true",
        "null",
    ] {
        assert!(installed_at(json).is_err(), "{json}");
    }
}

#[test]
fn debug_shows_no_secrets() {
    let mut sent = SendCommand::run_patch_baseline(PatchOperation::Scan);
    sent.set_parameter("BaselineOverride", "https://bucket/hush?token=hush");
    let mut command = Command::new("c-1", "AWS-RunPatchBaseline", CommandStatus::Pending);
    command.parameters = sent.parameters.clone();
    let source = PatchSource::new("internal", ["*"], "[repo]\npassword=hush");
    let mut node = InstanceInformation::new("i-0123456789abcdef0");
    node.ip_address = Some("10.0.0.hush".to_owned());
    node.activation_id = Some("hush".to_owned());
    node.iam_role = Some("hush".to_owned());
    for (shown, wanted) in [
        (format!("{sent:?} {sent:#?}"), "BaselineOverride"),
        (format!("{command:?} {command:#?}"), "BaselineOverride"),
        (format!("{source:?} {source:#?}"), "internal"),
        (format!("{node:?} {node:#?}"), "i-0123456789abcdef0"),
    ] {
        assert!(!shown.contains("hush"), "{shown}");
        assert!(shown.contains(wanted), "{shown}");
    }
}
