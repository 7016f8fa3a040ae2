//! Maintenance windows against moto, an independent imitation of AWS. It has no associations.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;

use aws_patch_manager::backend::{
    AssociationStore, DeleteMaintenanceWindow, DeregisterTargetFromMaintenanceWindow,
    DeregisterTaskFromMaintenanceWindow, DescribeMaintenanceWindowTargets,
    DescribeMaintenanceWindowTasks, DescribeMaintenanceWindows, GetMaintenanceWindow,
    ListAssociations, MaintenanceWindowStore,
};
use aws_patch_manager::schedule::window::{
    CreateMaintenanceWindow, LoggingInfo, MaintenanceWindowRunCommandParameters,
    MaintenanceWindowTaskInvocationParameters, MaintenanceWindowTaskType,
    RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
};
use aws_patch_manager::types::{QueryFilter, Target, WindowId};
use aws_patch_manager::{ErrorKind, PageRequest};
use support::moto::Moto;

/// Without tags: moto creates the window and then does not find the resource to tag.
fn sundays() -> CreateMaintenanceWindow {
    let mut request = CreateMaintenanceWindow::new("sundays", "cron(0 2 ? * SUN *)", 4, 1);
    request.description = Some("patches".to_owned());
    request.start_date = Some("2026-01-01T00:00:00+01:00".to_owned());
    request.schedule_timezone = Some("Europe/Zurich".to_owned());
    request.schedule_offset = Some(2);
    request
}

#[tokio::test]
async fn a_window_is_made_read_listed_and_deleted() {
    let Some(moto) = Moto::start() else { return };
    let aws = &moto.backend;
    let asked = sundays();
    let id = aws.create_maintenance_window(asked.clone()).await.unwrap();
    assert!(id.is_well_formed(), "{id}");

    // moto returns neither the next opening nor the creation date of a window.
    let window = aws
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await
        .unwrap();
    assert_eq!(window.window_id.as_ref(), Some(&id));
    assert_eq!(window.name, asked.name);
    assert_eq!(window.description, asked.description);
    assert_eq!(window.start_date, asked.start_date);
    assert_eq!(window.end_date, None);
    assert_eq!(window.schedule, asked.schedule);
    assert_eq!(window.schedule_timezone, asked.schedule_timezone);
    assert_eq!(window.schedule_offset, asked.schedule_offset);
    assert_eq!((window.duration, window.cutoff), (Some(4), Some(1)));
    assert_eq!(window.enabled, Some(true));

    // It does not page, and uses the filter `Name` only.
    let named = |name: &str| {
        let filters = vec![QueryFilter::new("Name", [name])];
        aws.describe_maintenance_windows(DescribeMaintenanceWindows::new(
            filters,
            PageRequest::first().with_max_results(10),
        ))
    };
    let found = named("sundays").await.unwrap();
    let [identity] = &found.items[..] else {
        panic!("{found:?}")
    };
    assert_eq!(identity.window_id.as_ref(), Some(&id));
    assert_eq!(identity.schedule, asked.schedule);
    assert_eq!(identity.cutoff, Some(1));
    assert_eq!(named("mondays").await.unwrap().items, []);

    aws.delete_maintenance_window(DeleteMaintenanceWindow::new(&id))
        .await
        .unwrap();
    let error = aws
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.code(), Some("DoesNotExistException"));
}

#[tokio::test]
async fn targets_are_registered_listed_and_removed() {
    let Some(moto) = Moto::start() else { return };
    let aws = &moto.backend;
    let window = aws.create_maintenance_window(sundays()).await.unwrap();
    let nodes = vec![Target::tag("Role", ["web", "db"])];
    let mut asked = RegisterTargetWithMaintenanceWindow::nodes(window.clone(), nodes);
    asked.name = Some("servers".to_owned());
    asked.description = Some("all of them".to_owned());
    let register = aws.register_target_with_maintenance_window(asked.clone());
    let id = register.await.unwrap();

    // Any filter empties moto's listing, so the test uses none.
    let list = || {
        let page = PageRequest::first();
        let request = DescribeMaintenanceWindowTargets::new(window.clone(), Vec::new(), page);
        aws.describe_maintenance_window_targets(request)
    };
    let found = list().await.unwrap();
    let [target] = &found.items[..] else {
        panic!("{found:?}")
    };
    assert_eq!(target.window_id.as_ref(), Some(&window));
    assert_eq!(target.window_target_id.as_ref(), Some(&id));
    assert_eq!(target.resource_type, asked.resource_type);
    assert_eq!(target.targets, asked.targets);
    assert_eq!(target.name, asked.name);
    assert_eq!(target.description, asked.description);

    let removed = aws.deregister_target_from_maintenance_window(
        DeregisterTargetFromMaintenanceWindow::new(&window, &id).with_safe(true),
    );
    removed.await.unwrap();
    assert_eq!(list().await.unwrap().items, []);

    let unknown = WindowId::from("mw-0123456789abcdef0");
    let request = RegisterTargetWithMaintenanceWindow::nodes(unknown, Vec::new());
    let error = aws.register_target_with_maintenance_window(request).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
}

fn install(window: &WindowId) -> RegisterTaskWithMaintenanceWindow {
    let mut task = RegisterTaskWithMaintenanceWindow::new(
        window.clone(),
        MaintenanceWindowTaskType::RunCommand,
        "AWS-RunPatchBaseline",
    );
    let operation = BTreeMap::from([("Operation".to_owned(), vec!["Install".to_owned()])]);
    let mut command = MaintenanceWindowRunCommandParameters::default();
    command.parameters = Some(operation);
    command.timeout_seconds = Some(600);
    let mut parameters = MaintenanceWindowTaskInvocationParameters::default();
    parameters.run_command = Some(command);
    task.task_invocation_parameters = Some(parameters);
    let mut logs = LoggingInfo::default();
    logs.s3_bucket_name = Some("logs".to_owned());
    logs.s3_region = Some("eu-west-1".to_owned());
    task.logging_info = Some(logs);
    task.targets = Some(vec![Target::instance_ids(["i-0123456789abcdef0"])]);
    task.max_concurrency = Some("25%".parse().unwrap());
    task.max_errors = Some("0".parse().unwrap());
    task.priority = Some(3);
    task.name = Some("install".to_owned());
    task
}

#[tokio::test]
async fn tasks_are_registered_listed_and_removed() {
    let Some(moto) = Moto::start() else { return };
    let aws = &moto.backend;
    let window = aws.create_maintenance_window(sundays()).await.unwrap();
    let asked = install(&window);
    let register = aws.register_task_with_maintenance_window(asked.clone());
    let id = register.await.unwrap();

    let list = || {
        let page = PageRequest::first();
        let request = DescribeMaintenanceWindowTasks::new(window.clone(), Vec::new(), page);
        aws.describe_maintenance_window_tasks(request)
    };
    let found = list().await.unwrap();
    let [task] = &found.items[..] else {
        panic!("{found:?}")
    };
    assert_eq!(task.window_id.as_ref(), Some(&window));
    assert_eq!(task.window_task_id.as_ref(), Some(&id));
    assert_eq!(task.task_arn, asked.task_arn);
    assert_eq!(task.targets, asked.targets);
    assert_eq!(task.priority, asked.priority);
    assert_eq!(task.max_concurrency, asked.max_concurrency);
    assert_eq!(task.max_errors, asked.max_errors);
    assert_eq!(task.logging_info, asked.logging_info);
    assert_eq!(task.name, asked.name);
    // moto lists the type under the name that GetMaintenanceWindowTask has for it.
    assert_eq!(task.task_type, None);

    let removed = aws.deregister_task_from_maintenance_window(
        DeregisterTaskFromMaintenanceWindow::new(&window, &id),
    );
    removed.await.unwrap();
    assert_eq!(list().await.unwrap().items, []);
}

#[tokio::test]
async fn associations_are_none_of_motos() {
    let Some(moto) = Moto::start() else { return };
    let request = ListAssociations::new(Vec::new(), PageRequest::first());
    let error = moto.backend.list_associations(request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServiceFailure);
    assert_eq!(error.operation(), Some("ListAssociations"));
}
