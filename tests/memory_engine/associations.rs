//! State Manager associations run when they are created, changed or due.

use std::collections::BTreeMap;

use aws_patch_manager::backend::{
    AssociationStore, CommandRunner, ComplianceSource, DeleteAssociation, DescribeAssociation,
    DescribeAssociationExecutionTargets, DescribeAssociationExecutions,
    DescribeEffectiveInstanceAssociations, DescribeInstanceInformation, ListAssociations,
    ListCommands, ListComplianceItems, ListComplianceSummaries, ListResourceComplianceSummaries,
    NodeInventory, NodeInventoryExt, StartAssociationsOnce,
};
use aws_patch_manager::compliance::{ComplianceItem, ResourceComplianceSummaryItem};
use aws_patch_manager::memory::{Limits, NodeCondition};
use aws_patch_manager::schedule::association::{
    AssociationComplianceSeverity, AssociationDescription, AssociationExecution,
    AssociationExecutionTarget, AssociationFilter, AssociationSyncCompliance, CreateAssociation,
    TargetLocation, UpdateAssociation,
};
use aws_patch_manager::types::{
    AssociationId, ComplianceFilter, ComplianceSeverity, ComplianceStatus, MaxConcurrency,
    MaxErrors, NodeId, OperatingSystem, PatchOperation, Tag, Target,
};
use aws_patch_manager::{MemoryBackend, PageRequest};

use crate::support::accounts::association;
use crate::world::*;

const DOCUMENT: &str = "AWS-RunPatchBaseline";

fn scan_of(node: &str) -> CreateAssociation {
    association("Scan", vec![Target::instance_ids([node])])
}

/// The same on a schedule, and only then.
fn only_at(mut request: CreateAssociation, schedule: &str) -> CreateAssociation {
    request.schedule_expression = Some(schedule.to_owned());
    request.apply_only_at_cron_interval = Some(true);
    request
}

/// An update with all settings of the request.
fn again(id: &AssociationId, request: &CreateAssociation) -> UpdateAssociation {
    let mut update = UpdateAssociation::new(id.clone());
    update.parameters.clone_from(&request.parameters);
    update
        .schedule_expression
        .clone_from(&request.schedule_expression);
    update.apply_only_at_cron_interval = request.apply_only_at_cron_interval;
    update
}

async fn create(backend: &MemoryBackend, request: CreateAssociation) -> AssociationId {
    let made = backend.create_association(request).await.unwrap();
    made.association_id.unwrap()
}

async fn described(backend: &MemoryBackend, id: &AssociationId) -> AssociationDescription {
    backend
        .describe_association(DescribeAssociation::new(id))
        .await
        .unwrap()
}

/// The runs, the first one first.
async fn runs(backend: &MemoryBackend, id: &AssociationId) -> Vec<AssociationExecution> {
    let all = DescribeAssociationExecutions::new(id.clone(), vec![], PageRequest::first());
    let page = backend.describe_association_executions(all).await.unwrap();
    page.items.into_iter().rev().collect()
}

/// When each run began.
async fn times(backend: &MemoryBackend, id: &AssociationId) -> Vec<String> {
    let runs = runs(backend, id).await;
    let time = |run: &AssociationExecution| run.created_time.unwrap();
    let text = |run| time(run).strftime("%a %F %H:%M").to_string();
    runs.iter().map(text).collect()
}

/// The nodes of the latest run.
async fn targets(backend: &MemoryBackend, id: &AssociationId) -> Vec<AssociationExecutionTarget> {
    let run = runs(backend, id).await.pop().unwrap().execution_id.unwrap();
    let all =
        DescribeAssociationExecutionTargets::new(id.clone(), run, vec![], PageRequest::first());
    let page = backend.describe_association_execution_targets(all).await;
    page.unwrap().items
}

async fn details(backend: &MemoryBackend, id: &AssociationId) -> Vec<String> {
    let targets = targets(backend, id).await;
    targets
        .into_iter()
        .map(|on| on.detailed_status.unwrap())
        .collect()
}

fn to(backend: &MemoryBackend, instant: &str) {
    backend.advance_to(instant.parse().unwrap());
}

#[tokio::test]
async fn without_a_schedule_it_runs_at_once_and_once_only() {
    let backend = account(vec![windows(&[])]);
    let made = backend.create_association(scan_of(WIN)).await.unwrap();
    let overview = made.overview.unwrap();
    assert_eq!(overview.status.as_deref(), Some("Pending"));
    assert_eq!(overview.detailed_status.as_deref(), Some("Creating"));
    let id = made.association_id.unwrap();
    assert_eq!(
        runs(&backend, &id).await[0].status.as_deref(),
        Some("Pending")
    );

    seconds(&backend, 30);
    let run = runs(&backend, &id).await.remove(0);
    assert_eq!(run.status.as_deref(), Some("InProgress"));
    assert_eq!(
        run.resource_count_by_status.as_deref(),
        Some("{InProgress=1}")
    );

    seconds(&backend, 400 * 86_400);
    assert_eq!(times(&backend, &id).await, ["Wed 2026-05-20 00:00"]);
    let run = runs(&backend, &id).await.remove(0);
    assert_eq!(run.status.as_deref(), Some("Success"));
    assert_eq!(run.detailed_status.as_deref(), Some("Success"));
    assert_eq!(run.resource_count_by_status.as_deref(), Some("{Success=1}"));
    let found = described(&backend, &id).await;
    let began = "2026-05-20T00:00:01Z".parse().ok();
    assert_eq!(found.last_execution_date, began);
    assert_eq!(found.last_successful_execution_date, began);
    let overview = found.overview.unwrap();
    assert_eq!(overview.status.as_deref(), Some("Success"));
    let counts = overview.association_status_aggregated_count.unwrap();
    assert_eq!(counts, BTreeMap::from([("Success".to_owned(), 1)]));
    assert_eq!(
        state(&backend, WIN).await.unwrap().operation,
        PatchOperation::Scan
    );
}

#[tokio::test]
async fn a_target_names_the_command_that_did_the_work() {
    let backend = account(vec![windows(&[]), linux(&[])]);
    let everyone = association("Scan", vec![Target::instance_ids(["*"])]);
    let id = create(&backend, everyone).await;
    seconds(&backend, 300);
    let targets = targets(&backend, &id).await;
    let nodes: Vec<_> = targets
        .iter()
        .filter_map(|on| on.resource_id.clone())
        .collect();
    assert_eq!(nodes, [WIN, LIN]);
    for on in targets {
        assert_eq!(on.resource_type.as_deref(), Some("ManagedInstance"));
        let source = on.output_source.unwrap();
        assert_eq!(source.output_source_type.as_deref(), Some("RunCommand"));
        let command = source.output_source_id.unwrap().into();
        assert_eq!(statuses(&backend, &command).await, ["Success/Success"; 2]);
    }
}

#[tokio::test]
async fn an_install_patches_at_once_unless_it_waits_for_its_schedule() {
    for (waits, expected) in [(false, "Installed"), (true, "Missing")] {
        let backend = account(vec![windows(&[])]);
        make_default(&backend, security(OperatingSystem::Windows)).await;
        run(&backend, scan(&[WIN])).await;
        let mut request = association("Install", vec![Target::instance_ids([WIN])]);
        request = only_at(request, "cron(0 2 ? * SUN *)");
        request.apply_only_at_cron_interval = Some(waits);
        create(&backend, request).await;
        seconds(&backend, 3600);
        assert_eq!(states(&backend, WIN).await["KB2"], expected);
        to(&backend, "2026-05-24T04:00:00Z");
        assert_eq!(states(&backend, WIN).await["KB2"], "Installed");
    }
}

#[tokio::test]
async fn what_waits_for_its_schedule_runs_by_it_alone() {
    let backend = account(vec![windows(&[])]);
    let request = only_at(scan_of(WIN), "cron(0 2 ? * SUN *)");
    let id = create(&backend, request.clone()).await;
    let found = described(&backend, &id).await;
    assert_eq!(found.last_execution_date, None);
    let detail = found.overview.unwrap().detailed_status;
    assert_eq!(detail.as_deref(), Some("Associated"));
    to(&backend, "2026-05-24T01:59:59Z");
    assert!(runs(&backend, &id).await.is_empty());

    // An update waits as well.
    backend
        .update_association(again(&id, &request))
        .await
        .unwrap();
    to(&backend, "2026-06-01T00:00:00Z");
    let expected = ["Sun 2026-05-24 02:00", "Sun 2026-05-31 02:00"];
    assert_eq!(times(&backend, &id).await, expected);
}

#[tokio::test]
async fn three_days_after_patch_tuesday_over_three_months() {
    let backend = account(vec![windows(&[])]);
    let mut request = only_at(scan_of(WIN), "cron(0 2 ? * TUE#2 *)");
    request.schedule_offset = Some(3);
    let id = create(&backend, request).await;
    to(&backend, "2026-08-31T00:00:00Z");
    let expected = [
        "Fri 2026-06-12 02:00",
        "Fri 2026-07-17 02:00",
        "Fri 2026-08-14 02:00",
    ];
    assert_eq!(times(&backend, &id).await, expected);
}

#[tokio::test]
async fn a_rate_counts_from_the_creation_and_from_each_update() {
    let backend = account(vec![windows(&[])]);
    let mut request = scan_of(WIN);
    request.schedule_expression = Some("rate(12 hours)".to_owned());
    let id = create(&backend, request.clone()).await;
    to(&backend, "2026-05-20T13:00:00Z");
    backend
        .update_association(again(&id, &request))
        .await
        .unwrap();
    to(&backend, "2026-05-21T02:00:00Z");
    let expected = [
        "Wed 2026-05-20 00:00",
        "Wed 2026-05-20 12:00",
        "Wed 2026-05-20 13:00",
        "Thu 2026-05-21 01:00",
    ];
    assert_eq!(times(&backend, &id).await, expected);
    let versions: Vec<_> = runs(&backend, &id).await;
    let versions: Vec<_> = versions
        .iter()
        .filter_map(|run| run.association_version.as_deref())
        .collect();
    assert_eq!(versions, ["1", "1", "2", "2"]);
}

#[tokio::test]
async fn a_moment_comes_once() {
    let backend = account(vec![windows(&[])]);
    let request = only_at(scan_of(WIN), "at(2026-05-22T10:00:00)");
    let id = create(&backend, request).await;
    to(&backend, "2026-12-31T00:00:00Z");
    assert_eq!(times(&backend, &id).await, ["Fri 2026-05-22 10:00"]);
}

#[tokio::test]
async fn a_run_is_on_the_nodes_that_carry_the_tag_at_that_time() {
    let backend = account(vec![windows(&[]), linux(&[]).with_tag("Env", "prod")]);
    let mut request = association("Scan", vec![Target::tag("Env", ["prod"])]);
    request.schedule_expression = Some("cron(0 0 ? * * *)".to_owned());
    let id = create(&backend, request).await;
    seconds(&backend, 60);
    assert_eq!(targets(&backend, &id).await.len(), 1);

    backend
        .add_tags(&WIN.into(), &[Tag::new("Env", "prod")])
        .await
        .unwrap();
    seconds(&backend, 3600);
    assert_eq!(
        runs(&backend, &id).await.len(),
        1,
        "a new target waits for the next run"
    );
    to(&backend, "2026-05-21T00:30:00Z");
    assert_eq!(targets(&backend, &id).await.len(), 2);
}

#[tokio::test]
async fn all_nodes_run_at_once_unless_max_concurrency_says_otherwise() {
    for (limit, running) in [
        (None, 60),
        (Some(MaxConcurrency::Count(7)), 7),
        (Some(MaxConcurrency::Percent(10)), 6),
    ] {
        let backend = account(production(60));
        let mut request = association("Scan", vec![Target::tag("Env", ["prod"])]);
        request.max_concurrency = limit;
        let id = create(&backend, request).await;
        seconds(&backend, 30);
        let run = runs(&backend, &id).await.remove(0);
        let counted = run.resource_count_by_status.unwrap();
        let expected = match running {
            60 => "{InProgress=60}".to_owned(),
            _ => format!("{{InProgress={running}, Pending={}}}", 60 - running),
        };
        assert_eq!(counted, expected);
    }
}

#[tokio::test]
async fn after_one_error_too_many_the_rest_is_terminated() {
    for (limit, failed) in [
        (None, 1),
        (Some(MaxErrors::Count(2)), 3),
        (Some(MaxErrors::Percent(20)), 3),
    ] {
        let mut nodes = production(10);
        for node in &mut nodes {
            node.failing_patches.push("KB2".to_owned());
        }
        let backend = account(nodes);
        make_default(&backend, security(OperatingSystem::Windows)).await;
        let mut request = association("Install", vec![Target::tag("Env", ["prod"])]);
        request.max_concurrency = Some(MaxConcurrency::Count(1));
        request.max_errors = limit;
        let id = create(&backend, request).await;
        seconds(&backend, 86_400);
        let mut expected = vec!["Failed"; failed];
        expected.resize(10, "Terminated");
        assert_eq!(details(&backend, &id).await, expected);
        let found = described(&backend, &id).await;
        assert_eq!(found.overview.unwrap().status.as_deref(), Some("Failed"));
        assert!(found.last_execution_date.is_some());
        assert_eq!(found.last_successful_execution_date, None);
    }
}

#[tokio::test]
async fn its_duration_ends_what_is_left_of_a_run() {
    let backend = account(production(100));
    let targets = vec![Target::tag("Env", ["prod"])];
    let mut request = only_at(association("Scan", targets), "cron(0 0 ? * * *)");
    // A scan takes a minute: after an hour one of sixty and some is under way.
    request.max_concurrency = Some(MaxConcurrency::Count(1));
    request.duration = Some(1);
    let id = create(&backend, request).await;
    to(&backend, "2026-05-21T12:00:00Z");
    let run = runs(&backend, &id).await.remove(0);
    assert_eq!(
        run.resource_count_by_status.as_deref(),
        Some("{Cancelled=41, Success=59}")
    );
    assert_eq!(run.status.as_deref(), Some("Cancelled"));
}

#[tokio::test]
async fn started_once_it_runs_besides_its_schedule() {
    let backend = account(vec![windows(&[])]);
    let request = only_at(scan_of(WIN), "cron(0 2 ? * SUN *)");
    let id = create(&backend, request).await;
    seconds(&backend, 3600);
    let ids = std::slice::from_ref(&id);
    backend
        .start_associations_once(StartAssociationsOnce::new(ids))
        .await
        .unwrap();
    to(&backend, "2026-05-25T00:00:00Z");
    let expected = ["Wed 2026-05-20 01:00", "Sun 2026-05-24 02:00"];
    assert_eq!(times(&backend, &id).await, expected);
}

#[tokio::test]
async fn a_deleted_association_runs_no_more() {
    let backend = account(vec![windows(&[])]);
    let request = only_at(scan_of(WIN), "cron(0 2 ? * SUN *)");
    let id = create(&backend, request).await;
    backend
        .delete_association(DeleteAssociation::new(&id))
        .await
        .unwrap();
    to(&backend, "2026-06-20T00:00:00Z");
    let sent = backend
        .list_commands(ListCommands::default())
        .await
        .unwrap();
    assert!(sent.items.is_empty(), "{sent:?}");
}

#[tokio::test]
async fn a_stopped_node_times_out_and_the_run_fails() {
    let stopped = windows(&[]).with_condition(NodeCondition::Stopped);
    let backend = account(vec![stopped]);
    let id = create(&backend, scan_of(WIN)).await;
    seconds(&backend, 2 * 3600);
    assert_eq!(details(&backend, &id).await, ["DeliveryTimedOut"]);
    let overview = described(&backend, &id).await.overview.unwrap();
    assert_eq!(overview.status.as_deref(), Some("Failed"));
    assert_eq!(
        overview.detailed_status.as_deref(),
        Some("DeliveryTimedOut")
    );
}

#[tokio::test]
async fn the_number_of_associations_and_of_versions_is_limited() {
    let mut limits = Limits::default();
    assert_eq!(
        (limits.associations, limits.versions_per_association),
        (2_000, 1_000)
    );
    (limits.associations, limits.versions_per_association) = (2, 3);
    let backend = MemoryBackend::builder().limits(limits).build();
    let request = association("Scan", vec![Target::tag("Env", ["prod"])]);
    let id = create(&backend, request.clone()).await;
    create(&backend, request.clone()).await;
    let error = backend
        .create_association(request.clone())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("AssociationLimitExceeded"));
    for _ in 2..=3 {
        backend
            .update_association(again(&id, &request))
            .await
            .unwrap();
    }
    let error = backend
        .update_association(again(&id, &request))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("AssociationVersionLimitExceeded"));
    let found = described(&backend, &id).await;
    assert_eq!(found.association_version.as_deref(), Some("3"));
    let all = ListAssociations::new(vec![], PageRequest::first());
    assert_eq!(backend.list_associations(all).await.unwrap().items.len(), 2);
}

/// The compliance listings of one type.
fn of_type(kind: &str) -> Vec<ComplianceFilter> {
    vec![ComplianceFilter::equal("ComplianceType", [kind])]
}

async fn items(backend: &MemoryBackend, kind: &str) -> Vec<ComplianceItem> {
    let node = NodeId::new(WIN);
    let page = backend
        .list_compliance_items(ListComplianceItems::new(
            &node,
            of_type(kind),
            PageRequest::first(),
        ))
        .await;
    page.unwrap().items
}

async fn nodes(backend: &MemoryBackend) -> Vec<ResourceComplianceSummaryItem> {
    let filters = of_type("Association");
    let request = ListResourceComplianceSummaries::new(filters, PageRequest::first());
    let page = backend.list_resource_compliance_summaries(request).await;
    page.unwrap().items
}

#[tokio::test]
async fn a_node_complies_with_an_association_that_ended_well_there() {
    let mut failing = windows(&[]);
    failing.failing_patches.push("KB2".to_owned());
    let backend = account(vec![failing, linux(&[])]);
    make_default(&backend, security(OperatingSystem::Windows)).await;
    run(&backend, scan(&[WIN, LIN])).await;
    let before = items(&backend, "Patch").await;

    let mut request = association("Install", vec![Target::instance_ids([WIN])]);
    request.compliance_severity = Some(AssociationComplianceSeverity::High);
    let bad = create(&backend, request).await;
    let good = create(
        &backend,
        association("Scan", vec![Target::instance_ids(["*"])]),
    )
    .await;
    let mut manual = association("Scan", vec![Target::instance_ids(["*"])]);
    manual.sync_compliance = Some(AssociationSyncCompliance::Manual);
    create(&backend, manual).await;

    // Nothing has ended yet.
    assert!(items(&backend, "Association").await.is_empty());
    seconds(&backend, 7200);
    let items_now = items(&backend, "Association").await;
    let found: Vec<_> = items_now
        .iter()
        .map(|item| {
            (
                item.id.as_str(),
                item.status.clone().unwrap(),
                item.severity.clone().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                bad.as_str(),
                ComplianceStatus::NonCompliant,
                ComplianceSeverity::High
            ),
            (
                good.as_str(),
                ComplianceStatus::Compliant,
                ComplianceSeverity::Unspecified
            ),
        ]
    );
    assert_eq!(items_now[0].details["DocumentName"], DOCUMENT);

    let summaries = nodes(&backend).await;
    let found: Vec<_> = summaries
        .iter()
        .map(|node| (node.resource_id.as_str(), node.status.clone().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (WIN, ComplianceStatus::NonCompliant),
            (LIN, ComplianceStatus::Compliant)
        ]
    );
    assert_eq!(
        summaries[0].overall_severity,
        Some(ComplianceSeverity::High)
    );
    let fleet = backend.list_compliance_summaries(ListComplianceSummaries::default());
    let fleet = fleet.await.unwrap().items;
    let kinds: Vec<_> = fleet
        .iter()
        .map(|one| one.compliance_type.as_str())
        .collect();
    assert_eq!(kinds, ["Association", "Patch"]);
    assert_eq!(fleet[0].compliant_summary.compliant_count, 1);
    assert_eq!(fleet[0].non_compliant_summary.non_compliant_count, 1);

    let known = backend.describe_instance_information(DescribeInstanceInformation::default());
    let known = known.await.unwrap().items.remove(0);
    assert_eq!(known.association_status.as_deref(), Some("Success"));
    assert!(known.last_successful_association_execution_date.is_some());
    let counts = known.association_overview.unwrap();
    let counts = counts.instance_association_status_aggregated_count;
    let expected = [("Failed".to_owned(), 1), ("Success".to_owned(), 2)];
    assert_eq!(counts, BTreeMap::from(expected));

    // The last of them to end is the last of the node, whichever that is.
    for _ in 0..2 {
        let times = items(&backend, "Association").await.into_iter();
        let times = times.map(|item| item.execution_summary.unwrap().execution_time);
        let times: Vec<_> = times.collect();
        assert_ne!(times[0], times[1]);
        let last = nodes(&backend).await[0].execution_summary.clone().unwrap();
        assert_eq!(Some(last.execution_time), times.into_iter().max());
        let first = std::slice::from_ref(&bad);
        backend
            .start_associations_once(StartAssociationsOnce::new(first))
            .await
            .unwrap();
        seconds(&backend, 7200);
    }

    // The patch rows are those of a command, and no more of them.
    let patches = items(&backend, "Patch").await;
    assert_eq!(patches.len(), before.len());
    let run = patches[0].execution_summary.as_ref().unwrap();
    assert_eq!(run.execution_type.as_deref(), Some("Command"));

    backend
        .delete_association(DeleteAssociation::new(&bad))
        .await
        .unwrap();
    assert_eq!(
        nodes(&backend).await[0].status,
        Some(ComplianceStatus::Compliant)
    );
}

#[tokio::test]
async fn what_is_refused_has_the_code_of_the_service() {
    type Change = fn(&mut CreateAssociation);
    let cases: &[(&str, Change)] = &[
        ("InvalidDocument", |says| {
            says.name = Some("My-Own".to_owned())
        }),
        ("InvalidDocumentVersion", |says| {
            says.document_version = Some("7".to_owned())
        }),
        ("InvalidParameters", |says| says.parameters = None),
        ("InvalidTarget", |says| {
            says.targets = Some(vec![Target::tag("", ["prod"])])
        }),
        ("InvalidTarget", |says| {
            says.target_locations = Some(vec![TargetLocation::default()])
        }),
        ("InvalidTargetMaps", |says| {
            let map = BTreeMap::from([("Node".to_owned(), vec![WIN.to_owned()])]);
            says.target_maps = Some(vec![map]);
        }),
        ("InvalidInstanceId", |says| {
            (says.targets, says.instance_id) = (None, Some("i-0fedcba9876543210".into()));
        }),
        ("InvalidSchedule", |says| {
            says.schedule_expression = Some("hourly".to_owned())
        }),
        ("InvalidSchedule", |says| says.schedule_offset = Some(2)),
        ("InvalidSchedule", |says| {
            (says.schedule_offset, says.apply_only_at_cron_interval) = (Some(2), Some(true));
        }),
        ("InvalidSchedule", |says| {
            *says = only_at(says.clone(), "at(2026-06-01T00:00:00)");
            says.schedule_offset = Some(2);
        }),
        ("ValidationException", |says| says.duration = Some(2)),
        ("ValidationException", |says| {
            says.instance_id = Some(WIN.into())
        }),
        ("ValidationException", |says| says.targets = None),
        // A single node excludes the newer members.
        ("ValidationException", |says| {
            (says.targets, says.instance_id) = (None, Some(WIN.into()));
            says.association_name = Some("nightly".to_owned());
        }),
        ("ValidationException", |says| {
            says.tags = Some(vec![Tag::new("aws:own", "x")])
        }),
        ("ValidationException", |says| {
            says.alarm_configuration = Some(Default::default())
        }),
    ];
    let backend = account(vec![windows(&[])]);
    for (number, (code, change)) in cases.iter().enumerate() {
        let mut says = scan_of(WIN);
        change(&mut says);
        let error = backend.create_association(says).await.unwrap_err();
        assert_eq!(error.code(), Some(*code), "case {number}: {error}");
        assert_eq!(error.operation(), Some("CreateAssociation"));
    }
    let all = ListAssociations::new(vec![], PageRequest::first());
    assert!(
        backend
            .list_associations(all)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn a_document_has_one_association_with_a_node_alone() {
    let backend = account(vec![windows(&[]), linux(&[])]);
    let alone = |node: &str| {
        let mut says = scan_of(node);
        (says.targets, says.instance_id) = (None, Some(node.into()));
        says
    };
    let made = backend.create_association(alone(WIN)).await.unwrap();
    assert_eq!(made.targets, Some(vec![Target::instance_ids([WIN])]));
    let status = made.status.unwrap().name.unwrap();
    assert_eq!(status.as_str(), "Associated");
    let error = backend.create_association(alone(WIN)).await.unwrap_err();
    assert_eq!(error.code(), Some("AssociationAlreadyExists"));
    create(&backend, alone(LIN)).await;
    // Targets that include the node differ, and may be many.
    create(&backend, scan_of(WIN)).await;
    create(&backend, scan_of(WIN)).await;

    let filters = vec![AssociationFilter::new("InstanceId", WIN)];
    let listed = backend.list_associations(ListAssociations::new(filters, PageRequest::first()));
    let listed = listed.await.unwrap().items;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0].association_id, made.association_id);
    let node = NodeId::new(WIN);
    let page = PageRequest::first();
    let effective = backend.describe_effective_instance_associations(
        DescribeEffectiveInstanceAssociations::new(&node, page),
    );
    assert_eq!(effective.await.unwrap().items.len(), 3);

    seconds(&backend, 3600);
    let id = made.association_id.unwrap();
    let status = described(&backend, &id).await.status.unwrap();
    assert_eq!(status.name.unwrap().as_str(), "Success");
}
