//! Windows and associations through the facade: made once, changed where they differ, finished by
//! running again.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use async_trait::async_trait;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::backend::{
    Access, DescribeAssociation, DescribeMaintenanceWindowTasks, GetMaintenanceWindowTask,
    MaintenanceWindowStore, Operation,
};
use aws_patch_manager::manager::{Change, WindowChange, WindowPart};
use aws_patch_manager::memory::Limits;
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::schedule::association::AssociationComplianceSeverity;
use aws_patch_manager::schedule::window::{
    CreateMaintenanceWindow, LoggingInfo, MaintenanceWindowTaskParameterValueExpression,
    PatchWindow, UpdateMaintenanceWindowTask,
};
use aws_patch_manager::types::{CompletedStep, MaxConcurrency, MaxErrors};
use aws_patch_manager::{
    ErrorKind, MemoryBackend, PageRequest, PatchManager, PolicySchedule, Result,
};
use futures_util::TryStreamExt;
use serde_json::json;
use std::time::Duration;
use support::accounts::{node_id, sample};
use support::values::web_policy;

fn install(schedule: &PolicySchedule) -> PatchWindow {
    schedule.maintenance_windows().unwrap().remove(1)
}

#[tokio::test]
async fn a_window_is_made_once_and_then_left_alone() {
    let (backend, manager) = sample();
    let wanted = install(&web_policy());
    let made = manager.ensure_maintenance_window(&wanted).await.unwrap();
    let told: Vec<_> = made.changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "window web-install: created",
            "target web-install: created",
            "task web-install: created"
        ]
    );
    backend.clear_calls();
    let again = manager.ensure_maintenance_window(&wanted).await.unwrap();
    assert_eq!((again.id, again.changes), (made.id, vec![]));
    assert!(
        backend
            .calls()
            .iter()
            .all(|call| call.access() == Access::Read),
        "{:?}",
        backend.calls()
    );
}

#[tokio::test]
async fn what_differs_is_changed_and_what_is_too_much_removed() {
    let (_, manager) = sample();
    let ids: Vec<_> = (0..60).map(node_id).collect();
    let many = web_policy().targets(PolicyTargets::InstanceIds(ids));
    let id = manager
        .ensure_maintenance_window(&install(&many))
        .await
        .unwrap()
        .id;
    manager.disable_maintenance_window(&id).await.unwrap();

    let changed = install(&web_policy().duration_hours(5));
    let applied = manager.ensure_maintenance_window(&changed).await.unwrap();
    assert_eq!(applied.id, id);
    let changes = &applied.changes;
    let parts: Vec<_> = changes.iter().map(|change| change.part).collect();
    let (window, target, task) = (WindowPart::Window, WindowPart::Target, WindowPart::Task);
    assert_eq!(parts, [window, target, task, target, target]);
    assert_eq!(
        changes[0].to_string(),
        "window web-install: updated: Duration: 3 -> 5"
    );
    assert_eq!(changes[1].change, Change::Created);
    assert!(
        matches!(changes[2].change, Change::Updated(_)),
        "{}",
        changes[2]
    );
    for removed in &changes[3..] {
        assert_eq!(removed.change, Change::Removed);
    }
    let window = manager.maintenance_window(&id).await.unwrap();
    assert_eq!(window.duration, Some(5));
    assert_eq!(
        window.enabled,
        Some(false),
        "switching it off is the operator's"
    );
    assert_eq!(
        manager
            .ensure_maintenance_window(&changed)
            .await
            .unwrap()
            .changes,
        []
    );
}

/// Answers with members of the service's own that no request named.
#[derive(Debug)]
struct FillsIn;

#[async_trait]
impl Layer for FillsIn {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let answer = next.run(&call).await?;
        if call.operation() == Operation::GetMaintenanceWindowTask {
            let mut task = answer.into::<GetMaintenanceWindowTask>()?;
            let mut logging = LoggingInfo::default();
            logging.s3_bucket_name = Some("logs".to_owned());
            task.logging_info = Some(logging);
            let mut old = MaintenanceWindowTaskParameterValueExpression::default();
            old.values = Some(vec!["Install".to_owned()]);
            task.task_parameters = Some([("Operation".to_owned(), old)].into());
            task.service_role_arn = Some("arn:aws:iam::123456789012:role/made".to_owned());
            return Ok(Answer::new::<GetMaintenanceWindowTask>(task));
        }
        if call.operation() == Operation::DescribeAssociation {
            let mut association = answer.into::<DescribeAssociation>()?;
            association.automation_target_parameter_name = Some("InstanceId".to_owned());
            association.association_dispatch_assume_role = Some("role".to_owned());
            return Ok(Answer::new::<DescribeAssociation>(association));
        }
        Ok(answer)
    }
}

#[tokio::test]
async fn what_the_service_fills_in_is_no_difference() {
    let (_, manager) = sample();
    let manager = manager.layer(FillsIn);
    let window = install(&web_policy());
    manager.ensure_maintenance_window(&window).await.unwrap();
    let again = manager.ensure_maintenance_window(&window).await.unwrap();
    assert_eq!(again.changes, []);
    let wanted = web_policy().associations().unwrap().remove(1);
    manager.ensure_association(&wanted).await.unwrap();
    let again = manager.ensure_association(&wanted).await.unwrap();
    assert_eq!(again.change, Change::Unchanged);
}

#[tokio::test]
async fn a_change_shows_no_value_that_may_hold_a_secret() {
    const SECRET: &str = "hunter2";
    let (_, manager) = sample();
    let mut window = install(&web_policy());
    manager.ensure_maintenance_window(&window).await.unwrap();
    window.window.description = Some(SECRET.to_owned());
    window.targets[0].owner_information = Some(SECRET.to_owned());
    let run = window.tasks[0].task.task_invocation_parameters.as_mut();
    let run = run.unwrap().run_command.as_mut().unwrap();
    let list = format!("https://lists.s3.amazonaws.com/list?X-Amz-Signature={SECRET}");
    let parameters = run.parameters.as_mut().unwrap();
    parameters.insert("InstallOverrideList".to_owned(), vec![list.clone()]);
    let changed = manager.ensure_maintenance_window(&window).await.unwrap();
    assert_eq!(changed.changes.len(), 3);

    let mut association = web_policy().associations().unwrap().remove(1);
    manager.ensure_association(&association).await.unwrap();
    let parameters = association.parameters.as_mut().unwrap();
    parameters.insert("InstallOverrideList".to_owned(), vec![list]);
    let ensured = manager.ensure_association(&association).await.unwrap();
    assert!(matches!(ensured.change, Change::Updated(_)), "{ensured}");

    for text in [
        format!("{changed} {ensured} {changed:?} {ensured:?}"),
        serde_json::to_string(&changed).unwrap(),
        serde_json::to_string(&ensured).unwrap(),
    ] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[tokio::test]
async fn a_failure_half_way_says_what_was_done_and_running_again_finishes() {
    let (backend, manager) = sample();
    let wanted = install(&web_policy());
    backend
        .faults()
        .throttle(Operation::RegisterTaskWithMaintenanceWindow);
    let error = manager
        .ensure_maintenance_window(&wanted)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    let applied = manager.ensure_maintenance_window(&wanted).await.unwrap();
    let made = |part| CompletedStep::MaintenanceWindowChanged {
        window_id: applied.id.clone(),
        change: WindowChange::new(part, "web-install", Change::Created),
    };
    let made = [made(WindowPart::Window), made(WindowPart::Target)];
    assert_eq!(error.completed_steps(), made);
    let text = error.to_string();
    let steps = "(took effect: window web-install: created, target web-install: created)";
    assert!(text.ends_with(steps), "{text}");
    let told: Vec<_> = applied.changes.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["task web-install: created"]);
}

#[tokio::test]
async fn namesakes_are_ambiguous_and_nothing_is_changed() {
    let (backend, manager) = sample();
    let wanted = install(&web_policy());
    manager.ensure_maintenance_window(&wanted).await.unwrap();
    let twin = CreateMaintenanceWindow::new("web-install", "rate(1 day)", 1, 0);
    backend.create_maintenance_window(twin).await.unwrap();
    let error = manager
        .ensure_maintenance_window(&wanted)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert_eq!(error.resource(), Some("web-install"));
}

#[tokio::test]
async fn names_that_are_missing_or_meet_are_refused_before_any_call() {
    let (backend, manager) = sample();
    let mut wanted = install(&web_policy());
    wanted.targets.push(wanted.targets[0].clone());
    wanted.tasks[0].task.name = None;
    wanted.tasks[0].target_names.push("elsewhere".to_owned());
    wanted.window.name = None;
    backend.clear_calls();
    let error = manager
        .ensure_maintenance_window(&wanted)
        .await
        .unwrap_err();
    let fields: Vec<_> = error
        .violations()
        .iter()
        .map(|v| v.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "Window.Name",
            "Targets[1].Name",
            "Tasks[0].Task.Name",
            "Tasks[0].TargetNames[1]"
        ]
    );
    assert_eq!(backend.calls(), [""; 0]);
}

/// The service refuses them one after the other, or takes them and each run fails.
#[tokio::test]
async fn what_a_typo_breaks_in_a_window_is_refused_before_any_call() {
    let (backend, manager) = sample();
    let mut wanted = install(&web_policy());
    wanted.window.duration = Some(25);
    wanted.targets[0].resource_type = Some("INSTANCES".into());
    let task = &mut wanted.tasks[0].task;
    task.task_type = Some("RUNCOMMAND".into());
    task.service_role_arn = Some("patching".to_owned());
    let invocation = task.task_invocation_parameters.as_mut().unwrap();
    let run = invocation.run_command.as_mut().unwrap();
    let parameters = run.parameters.as_mut().unwrap();
    parameters.insert("Operation".to_owned(), vec!["Instal".to_owned()]);
    parameters.insert("RebootOption".to_owned(), vec!["{{ssm:reboot}}".to_owned()]);
    backend.clear_calls();
    let error = manager
        .ensure_maintenance_window(&wanted)
        .await
        .unwrap_err();
    let of_task = "Tasks[0].Task";
    let fields: Vec<_> = error
        .violations()
        .iter()
        .map(|one| one.field.clone())
        .collect();
    assert_eq!(
        fields,
        [
            "Window.Duration".to_owned(),
            "Targets[0].ResourceType".to_owned(),
            format!("{of_task}.TaskType"),
            format!("{of_task}.ServiceRoleArn"),
            format!("{of_task}.TaskInvocationParameters.RunCommand.Parameters.Operation"),
        ]
    );
    assert_eq!(backend.calls(), [""; 0]);
    let mut wanted = install(&web_policy());
    wanted.tasks[0].task.task_arn = Some("AWS-RunPatchBasline".to_owned());
    let error = manager
        .ensure_maintenance_window(&wanted)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the nearest is `AWS-RunPatchBaseline`"),
        "{error}"
    );
}

#[tokio::test]
async fn the_quota_of_windows_is_an_error_of_its_own() {
    let mut limits = Limits::default();
    limits.windows = 1;
    let backend = MemoryBackend::builder().limits(limits).build();
    let manager = PatchManager::from_memory(&backend);
    let windows = web_policy().maintenance_windows().unwrap();
    manager
        .ensure_maintenance_window(&windows[0])
        .await
        .unwrap();
    let error = manager
        .ensure_maintenance_window(&windows[1])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
}

#[tokio::test]
async fn from_a_run_of_a_window_one_comes_to_the_outcome_of_each_node() {
    let (backend, manager) = sample();
    let fleet: Vec<_> = manager.list_nodes().try_collect().await.unwrap();
    let ids: Vec<_> = fleet
        .into_iter()
        .map(|node| node.instance_id)
        .take(2)
        .collect();
    let schedule = web_policy().targets(PolicyTargets::InstanceIds(ids.clone()));
    let window = schedule.maintenance_windows().unwrap().remove(0);
    let id = manager.ensure_maintenance_window(&window).await.unwrap().id;
    let openings: Vec<_> = manager
        .maintenance_window_openings(&id)
        .try_collect()
        .await
        .unwrap();
    assert!(openings.len() > 300, "a year of days, {}", openings.len());
    backend.advance(Duration::from_hours(30));

    let runs: Vec<_> = manager
        .maintenance_window_runs(&id)
        .try_collect()
        .await
        .unwrap();
    let run = runs[0].window_execution_id.clone().unwrap();
    let tasks: Vec<_> = manager
        .maintenance_window_run_tasks(&run)
        .try_collect()
        .await
        .unwrap();
    let task = tasks[0].task_execution_id.clone().unwrap();
    let invocations: Vec<_> = manager
        .maintenance_window_run_invocations(&run, task)
        .try_collect()
        .await
        .unwrap();
    let command = invocations[0].execution_id.clone().unwrap().into();
    let resumed = manager.resume(
        aws_patch_manager::types::PatchOperation::Scan,
        vec![command],
    );
    let outcome = resumed
        .unwrap()
        .wait(std::time::Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(outcome.nodes.len(), ids.len());
}

#[tokio::test]
async fn an_association_is_made_once_changed_where_it_differs_and_then_left_alone() {
    let (backend, manager) = sample();
    let wanted = web_policy().associations().unwrap().remove(1);
    let made = manager.ensure_association(&wanted).await.unwrap();
    assert_eq!(made.change, Change::Created);
    let again = manager.ensure_association(&wanted).await.unwrap();
    assert_eq!(
        (again.id.clone(), again.change),
        (made.id, Change::Unchanged)
    );
    let sooner = web_policy()
        .install("cron(0 0 ? * SAT *)")
        .associations()
        .unwrap()
        .remove(1);
    let updated = manager.ensure_association(&sooner).await.unwrap();
    assert_eq!(updated.id, again.id);
    assert_eq!(
        updated.change.to_string(),
        r#"updated: ScheduleExpression: "cron(0 0 ? * SUN *)" -> "cron(0 0 ? * SAT *)""#
    );
    let kept = manager.association(&again.id).await.unwrap();
    assert_eq!(
        kept.schedule_expression.as_deref(),
        Some("cron(0 0 ? * SAT *)")
    );
    assert_eq!(backend.call_count(Operation::CreateAssociation), 1);

    let mut nameless = wanted.clone();
    nameless.association_name = None;
    let error = manager.ensure_association(&nameless).await.unwrap_err();
    assert_eq!(error.violations()[0].field, "AssociationName");
}

#[tokio::test]
async fn an_association_runs_now_when_it_is_told_to() {
    let (backend, manager) = sample();
    let all = PolicySchedule::daily_scan_weekly_install("all")
        .associations()
        .unwrap();
    let id = manager.ensure_association(&all[0]).await.unwrap().id;
    let runs: Vec<_> = manager.association_runs(&id).try_collect().await.unwrap();
    assert_eq!(runs.len(), 0, "it waits for its schedule");
    manager
        .start_associations(std::slice::from_ref(&id))
        .await
        .unwrap();
    backend.advance(Duration::from_mins(30));
    let runs: Vec<_> = manager.association_runs(&id).try_collect().await.unwrap();
    assert_eq!(runs.len(), 1);
    let run = runs[0].execution_id.clone().unwrap();
    let nodes: Vec<_> = manager
        .association_run_targets(&id, run)
        .try_collect()
        .await
        .unwrap();
    assert!(nodes.len() > 1, "{nodes:?}");
    manager.delete_association(&id).await.unwrap();
    let gone = manager.association(&id).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    let none = manager.start_associations(&[]).await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::InvalidInput);
}

/// An update of a task replaces it whole, so what somebody else has set has to be in it.
#[tokio::test]
async fn an_update_of_a_task_keeps_what_others_set_and_the_window_does_not_name() {
    let (backend, manager) = sample();
    let mut window = install(&web_policy());
    let id = manager.ensure_maintenance_window(&window).await.unwrap().id;
    let tasks = DescribeMaintenanceWindowTasks::new(id.clone(), Vec::new(), PageRequest::first());
    let listed = backend
        .describe_maintenance_window_tasks(tasks)
        .await
        .unwrap();
    let task = listed.items[0].window_task_id.clone().unwrap();
    let read = async || {
        let get = GetMaintenanceWindowTask::new(&id, &task);
        let task = backend.get_maintenance_window_task(get).await.unwrap();
        serde_json::to_value(task.settings()).unwrap()
    };
    let mut set = read().await;
    let others = [
        (
            "/ServiceRoleArn",
            json!("arn:aws:iam::123456789012:role/patching"),
        ),
        ("/CutoffBehavior", json!("CANCEL_TASK")),
        (
            "/AlarmConfiguration",
            json!({"Alarms": [{"Name": "errors"}]}),
        ),
        (
            "/TaskInvocationParameters/RunCommand/TimeoutSeconds",
            json!(1200),
        ),
        (
            "/TaskInvocationParameters/RunCommand/DocumentVersion",
            json!("7"),
        ),
        (
            "/TaskInvocationParameters/RunCommand/ServiceRoleArn",
            json!("arn:aws:iam::123456789012:role/notify"),
        ),
        (
            "/TaskInvocationParameters/RunCommand/NotificationConfig",
            json!({"NotificationArn": "arn:aws:sns:us-east-1:123456789012:patching",
                "NotificationEvents": ["Failed"], "NotificationType": "Command"}),
        ),
    ];
    for (pointer, value) in &others {
        let (place, name) = pointer.rsplit_once('/').unwrap();
        let members = set.pointer_mut(place).unwrap().as_object_mut().unwrap();
        members.insert(name.to_owned(), value.clone());
    }
    set["WindowId"] = json!(id);
    set["WindowTaskId"] = json!(task);
    let update: UpdateMaintenanceWindowTask = serde_json::from_value(set).unwrap();
    backend
        .update_maintenance_window_task(update)
        .await
        .unwrap();
    let again = manager.ensure_maintenance_window(&window).await.unwrap();
    assert_eq!(
        again.changes,
        [],
        "what the window does not name is no difference"
    );

    window.tasks[0].task.priority = Some(7);
    manager.ensure_maintenance_window(&window).await.unwrap();
    let updated = read().await;
    assert_eq!(updated["Priority"], 7);
    for (pointer, value) in &others {
        assert_eq!(updated.pointer(pointer), Some(value), "{pointer}");
    }

    // A role that the service fills in is its own, and nobody else may pass it.
    let own = "arn:aws:iam::123456789012:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM";
    let mut update = UpdateMaintenanceWindowTask::new(&id, &task);
    update.service_role_arn = Some(own.to_owned());
    backend
        .update_maintenance_window_task(update)
        .await
        .unwrap();
    window.tasks[0].task.priority = Some(8);
    manager.ensure_maintenance_window(&window).await.unwrap();
    assert_eq!(read().await.get("ServiceRoleArn"), None);
}

/// UpdateAssociation clears what it does not name.
#[tokio::test]
async fn an_update_of_an_association_keeps_what_others_set_and_it_does_not_name() {
    let (account, manager) = sample();
    account.add_document("Own-PatchNodes");
    let mut wanted = web_policy().associations().unwrap().remove(1);
    wanted.max_errors = None;
    wanted.max_concurrency = None;
    let id = manager.ensure_association(&wanted).await.unwrap().id;
    let mut others = wanted.clone();
    others.max_errors = Some(MaxErrors::Percent(5));
    others.max_concurrency = Some(MaxConcurrency::Count(3));
    others.compliance_severity = Some(AssociationComplianceSeverity::High);
    others.document_version = Some("$DEFAULT".to_owned());
    let output = json!({"S3Location": {"OutputS3BucketName": "patch-logs"}});
    others.output_location = serde_json::from_value(output).unwrap();
    let alarms = json!({"Alarms": [{"Name": "errors"}]});
    others.alarm_configuration = serde_json::from_value(alarms).unwrap();
    manager.ensure_association(&others).await.unwrap();

    wanted.schedule_expression = Some("cron(0 5 ? * SAT *)".to_owned());
    let targets = wanted.targets.take();
    manager.ensure_association(&wanted).await.unwrap();
    let updated = manager.association(&id).await.unwrap().settings();
    others
        .schedule_expression
        .clone_from(&wanted.schedule_expression);
    assert_eq!(updated, others.settings());
    assert_eq!(
        updated.targets, targets,
        "targets that it does not name stay"
    );
    let again = manager.ensure_association(&wanted).await.unwrap();
    assert_eq!(again.change, Change::Unchanged);

    // A document's version is that of the document.
    others.document_version = Some("1".to_owned());
    manager.ensure_association(&others).await.unwrap();
    wanted.name = Some("Own-PatchNodes".to_owned());
    manager.ensure_association(&wanted).await.unwrap();
    let updated = manager.association(&id).await.unwrap();
    assert_ne!(updated.document_version.as_deref(), Some("1"));
    assert_eq!(updated.max_errors, Some(MaxErrors::Percent(5)));

    wanted.instance_id = Some(node_id(1));
    let refused = manager.ensure_association(&wanted).await.unwrap_err();
    assert_eq!(refused.violations()[0].field, "InstanceId", "{refused}");
}
