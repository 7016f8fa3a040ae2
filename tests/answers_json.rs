//! What answers look like as JSON: the examples of the convention in the crate's documentation.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use aws_patch_manager::backend::Operation;
use aws_patch_manager::baseline::approval::{ApprovalVerdict, ApprovedBy, NotApprovedReason};
use aws_patch_manager::compliance::{NodeCompliance, UnknownReason};
use aws_patch_manager::manager::FleetSweep;
use aws_patch_manager::schedule::{PlannedRun, Recurrence, SchedulePreview, lint};
use aws_patch_manager::types::{
    CompletedStep, NodeId, PatchComplianceLevel, PatchOperation, StartedRun,
};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, Error, ErrorKind, Excerpt, MemoryBackend, Page, PageToken,
    PatchGroup, PatchManager, PatchRequest, PolicySchedule, ScheduleExpression, Violation,
};
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

/// The JSON, once it is sure that it keeps the convention: every name begins with a capital, and no
/// absent member stands in it.
fn written(answer: &impl Serialize) -> Value {
    let value = serde_json::to_value(answer).unwrap();
    holds(&value);
    value
}

fn holds(value: &Value) {
    match value {
        Value::Null => panic!("an absent member is written"),
        Value::Array(items) => items.iter().for_each(holds),
        Value::Object(members) => {
            for (name, member) in members {
                assert!(name.starts_with(char::is_uppercase), "{name}");
                holds(member);
            }
        }
        _ => {}
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_variant_without_data_is_its_name_and_one_with_data_an_object_of_that_name() {
    let unknown =
        |reason| NodeCompliance::unknown("i-0123456789abcdef0").with_unknown_reason(reason);
    let since = at("2026-01-01T00:00:00Z");
    assert_eq!(
        written(&unknown(UnknownReason::ScanTooOld { since })),
        json!({
            "Node": "i-0123456789abcdef0",
            "Verdict": "Unknown",
            "Unknown": {"ScanTooOld": {"Since": "2026-01-01T00:00:00Z"}},
        })
    );
    let used = "pb-0123456789abcdef0".into();
    let expected = None;
    assert_eq!(
        written(&UnknownReason::OtherBaseline { used, expected }),
        json!({"OtherBaseline": {"Used": "pb-0123456789abcdef0"}})
    );
    assert_eq!(written(&UnknownReason::Stopped), json!("Stopped"));

    let approved = ApprovalVerdict::Approved {
        level: PatchComplianceLevel::High,
        since: None,
        by: vec![ApprovedBy::Rule(0), ApprovedBy::ListEntry("KB1".to_owned())],
    };
    assert_eq!(
        written(&approved),
        json!({"Approved": {"Level": "HIGH", "By": [{"Rule": 0}, {"ListEntry": "KB1"}]}})
    );
    let reasons = vec![NotApprovedReason::RuleFilter { rule: 1, filter: 0 }];
    assert_eq!(
        written(&ApprovalVerdict::NotApproved { reasons }),
        json!({"NotApproved": {"Reasons": [{"RuleFilter": {"Rule": 1, "Filter": 0}}]}})
    );
}

#[test]
fn an_error_is_a_report_of_what_a_program_branches_on() {
    let throttled = Error::service(ErrorKind::Throttled, "ThrottlingException", "Rate exceeded")
        .with_operation("DescribePatchBaselines")
        .with_request_id("4c3e");
    assert_eq!(
        written(&throttled),
        json!({
            "Kind": "Throttled",
            "Message": "Rate exceeded",
            "Operation": "DescribePatchBaselines",
            "Code": "ThrottlingException",
            "RequestId": "4c3e",
            "Retryable": true,
            "MayHaveTakenEffect": false,
        })
    );

    let stopped = Error::incomplete(
        vec![CompletedStep::NodeUntagged { node: "i-1".into() }],
        throttled,
    )
    .with_run(StartedRun::new(
        PatchOperation::Scan,
        vec!["0c0ffee0-0000-4000-8000-000000000001".into()],
    ));
    let stopped = written(&stopped);
    assert_eq!(stopped["Kind"], "Incomplete");
    let steps = json!([{"NodeUntagged": {"Node": "i-1"}}]);
    assert_eq!(stopped["CompletedSteps"], steps);
    let ids = ["0c0ffee0-0000-4000-8000-000000000001"];
    let run = json!({"Operation": "Scan", "CommandIds": ids});
    assert_eq!(stopped["Run"], run);
    assert_eq!(stopped["Cause"]["Code"], "ThrottlingException");

    let violation = Violation::new("Schedule", "60", "0 to 59")
        .with_excerpt(Excerpt::new("cron(60 2 ? * SUN *)", 5..7));
    let refused = Error::invalid_input(vec![violation, Violation::new("Name", "", "a name")]);
    assert_eq!(
        written(&refused)["Violations"],
        json!([
            {
                "Field": "Schedule",
                "Value": "60",
                "Legal": "0 to 59",
                "Excerpt": {"Text": "cron(60 2 ? * SUN *)", "Start": 5, "End": 7},
            },
            {"Field": "Name", "Value": "", "Legal": "a name"},
        ])
    );
}

#[test]
fn the_text_of_a_foreign_error_is_not_written() {
    let source = "https://bucket.s3.amazonaws.com/list?X-Amz-Signature=secret";
    let error = Error::new(ErrorKind::Connection, "no reply came").with_source(source);
    let text = serde_json::to_string(&error).unwrap();
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_page_is_its_items_and_its_token() {
    let page = Page::new(vec![NodeId::new("i-1")], Some(PageToken::new("t")));
    assert_eq!(written(&page), json!({"Items": ["i-1"], "NextToken": "t"}));
    assert_eq!(
        written(&Page::<NodeId>::last(Vec::new())),
        json!({"Items": []})
    );
}

#[tokio::test]
async fn a_change_says_what_was_done() {
    let manager = PatchManager::in_memory();
    let of = |days| BaselineBuilder::windows_critical_and_security("prod-windows", days).build();
    let created = manager.ensure_baseline(&of(7).unwrap()).await.unwrap();
    let id = created.id.as_str();
    assert_eq!(written(&created), json!({"Id": id, "Change": "Created"}));
    assert_eq!(created.to_string(), format!("{id}: created"));
    let updated = manager.ensure_baseline(&of(14).unwrap()).await.unwrap();
    let field = "ApprovalRules.PatchRules[0].ApproveAfterDays";
    assert_eq!(
        written(&updated),
        json!({
            "Id": id,
            "Change": {"Updated": [{"Field": field, "Before": "7", "After": "14"}]},
        })
    );
    assert_eq!(
        updated.to_string(),
        format!("{id}: updated: {field}: 7 -> 14")
    );

    let group = PatchGroup::new("web").unwrap();
    let bound = manager.bind_patch_group(&group, &created.id).await.unwrap();
    assert_eq!(written(&bound), json!("Bound"));
    let nodes = ["i-0c0ffee0000000004".into(), "mi-00000000000000000".into()];
    let tagged = written(&manager.tag_nodes(&group, &nodes).await.unwrap());
    assert_eq!(
        tagged["Nodes"][0],
        json!({"Node": nodes[0], "Key": "PatchGroup", "Change": "Tagged"})
    );
    assert_eq!(tagged["Nodes"][1]["Key"], "Patch Group");
    assert_eq!(
        tagged["Nodes"][1]["Change"]["Failed"]["Operation"],
        "ListTagsForResource"
    );

    let policy = PolicySchedule::daily_scan_weekly_install("all")
        .patch_policy()
        .unwrap();
    let applied = manager.ensure_policy(&policy).await.unwrap();
    let arn = applied.arn.as_str();
    let meeting = json!({
        "Scan": "all (Scan)",
        "Install": "all (Install)",
        "First": "2026-05-17T00:00:00Z",
    });
    assert_eq!(
        written(&applied),
        json!({"Arn": arn, "Change": "Created", "Warnings": [{"ScanMeetsInstall": meeting}]})
    );
    assert_eq!(written(&policy)["InstallSchedule"], "cron(0 0 ? * SUN *)");
}

#[tokio::test]
async fn a_run_is_what_resumes_it_and_its_outcome_holds_the_states_of_the_nodes() {
    let manager = PatchManager::in_memory();
    let request = PatchRequest::scan().nodes(["i-0c0ffee0000000001"]);
    let run = manager.run(&request).await.unwrap();
    assert_eq!(
        written(&run),
        json!({"Operation": "Scan", "CommandIds": run.command_ids()})
    );
    let outcome = run
        .wait(std::time::Duration::from_secs(7200))
        .await
        .unwrap();
    let outcome = written(&outcome);
    assert_eq!(outcome["Operation"], "Scan");
    let node = &outcome["Nodes"][0];
    assert_eq!(node["Node"], "i-0c0ffee0000000001");
    assert_eq!(node["Status"], "Success");
    assert_eq!(node["PatchState"]["InstanceId"], "i-0c0ffee0000000001");
    assert!(node["Ended"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn an_answer_of_a_fleet_names_its_source_and_a_failure_its_nodes() {
    let account = MemoryBackend::builder().sample_fleet().build();
    account
        .faults()
        .throttle(Operation::DescribeInstancePatchStates)
        .on_call(2);
    let fleet = FleetSweep::new().source("prod", PatchManager::from_memory(&account));
    let nodes = ["i-0c0ffee0000000001"];
    let answers: Vec<_> = fleet.sweep(&ComplianceQuery::nodes(nodes)).collect().await;
    assert_eq!(
        written(&answers),
        json!([{
            "Source": "prod",
            "Answer": {"Ok": {"Node": nodes[0], "Verdict": "Unknown", "Unknown": "NeverScanned"}},
        }])
    );
    assert_eq!(
        answers[0].to_string(),
        "prod: i-0c0ffee0000000001 unknown: never scanned"
    );
    let answers: Vec<_> = fleet.sweep(&ComplianceQuery::nodes(nodes)).collect().await;
    let failure = &written(&answers)[0]["Answer"]["Err"];
    assert_eq!(failure["Nodes"], json!(nodes));
    assert_eq!(failure["Error"]["Kind"], "Throttled");
}

#[tokio::test]
async fn the_progress_of_a_sweep_is_counts() {
    let manager = PatchManager::in_memory();
    let mut sweep = manager.sweep(&ComplianceQuery::all());
    let watch = sweep.watch();
    while sweep.next().await.is_some() {}
    assert_eq!(
        written(&watch.progress()),
        json!({
            "Done": 8,
            "Known": 8,
            "Total": 8,
            "Failed": 0,
            "Calls": 2,
            "Throttled": 0,
            "ListedByInformation": false,
            "Elapsed": "PT0S",
            "Eta": "PT0S",
        })
    );
    assert_eq!(
        watch.progress().to_string(),
        "8 of 8, 0 failed; 2 calls, 0 throttled"
    );
}

#[test]
fn instants_and_durations_are_iso_8601() {
    let expression = ScheduleExpression::parse("cron(0 2 ? * TUE#2 *)").unwrap();
    let recurrence = Recurrence::new(expression)
        .in_time_zone("Europe/Berlin")
        .unwrap()
        .offset_days(4)
        .unwrap();
    let mut run = PlannedRun::new("patch", PatchOperation::Install, recurrence);
    run.duration = Some(SignedDuration::from_hours(4));
    run.cutoff = SignedDuration::from_mins(270);
    let runs = [run];
    let planned = json!({
        "Name": "patch",
        "Operation": "Install",
        "Recurrence": {
            "Schedule": "cron(0 2 ? * TUE#2 *)",
            "ScheduleTimezone": "Europe/Berlin",
            "ScheduleOffset": 4,
        },
        "Duration": "PT4H",
        "Cutoff": "PT4H30M",
        "AtOnce": false,
    });
    let from = at("2026-03-01T00:00:00Z");
    let preview = SchedulePreview::new(&runs, from, "Europe/Berlin").unwrap();
    assert_eq!(
        written(&preview.weeks(4)),
        json!({
            "From": "2026-03-01T00:00:00Z",
            "TimeZone": "Europe/Berlin",
            "Weeks": 4,
            "Runs": [{"Run": planned, "Begins": ["2026-03-14T01:00:00Z"]}],
        })
    );
    assert_eq!(
        written(&lint(&runs, from))[0],
        json!({"NothingStarts": {"Run": "patch", "Duration": "PT4H", "Cutoff": "PT4H30M"}})
    );
    assert_eq!(
        runs[0].to_string(),
        "patch: Install by cron(0 2 ? * TUE#2 *) and 4 days in Europe/Berlin"
    );
}
