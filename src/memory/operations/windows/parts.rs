//! The targets and tasks of a window: registered, changed and deregistered, and what is refused of
//! them.

use jiff::Timestamp;

use super::change::{description, name, room};
use crate::backend::Operation;
use crate::error::{Error, ErrorKind, Result};
use crate::event::EventKind;
use crate::memory::engine::document::is_target_key;
use crate::memory::operations::check::{
    Validation, alarms, limit_exceeded, notifications, output_place, refused,
};
use crate::memory::store::State;
use crate::memory::store::windows::{REGISTERED, Window, unknown};
use crate::schedule::window::{
    MaintenanceWindowResourceType, MaintenanceWindowTarget, MaintenanceWindowTaskDetail,
    MaintenanceWindowTaskType, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, UpdateMaintenanceWindowTarget, UpdateMaintenanceWindowTask,
};
use crate::types::{MaxConcurrency, MaxErrors, Target, WindowId, WindowTargetId, WindowTaskId};

pub(super) fn register_target(
    state: &mut State,
    request: RegisterTargetWithMaintenanceWindow,
    now: Timestamp,
) -> Result<WindowTargetId> {
    const OPERATION: Operation = Operation::RegisterTargetWithMaintenanceWindow;
    let token = request.client_token.clone();
    let windows = &state.windows;
    if let Some(id) = windows
        .targets
        .replay(OPERATION, token.as_deref(), &request)?
    {
        return Ok(id);
    }
    let window = request.window_id.clone();
    let window = window.unwrap_or_else(|| WindowId::new(""));
    let there_are = windows.get(OPERATION, &window)?.targets.len();
    let id = WindowTargetId::new(state.ids.uuid());
    let target = MaintenanceWindowTarget {
        window_id: Some(window.clone()),
        window_target_id: Some(id.clone()),
        resource_type: request.resource_type.clone(),
        ..request.settings().into()
    };
    check_target(OPERATION, &target)?;
    room(there_are, state.limits.targets_per_window)?;
    let windows = &mut state.windows;
    windows.get_mut(OPERATION, &window)?.targets.push(target);
    windows.targets.remember(token, request, id.clone());
    record_target(state, (&window, &id), "REGISTERED", now);
    Ok(id)
}

fn record_target(
    state: &mut State,
    (window, id): (&WindowId, &WindowTargetId),
    status: &str,
    now: Timestamp,
) {
    let part = Some(("window-target-id", "windowtarget", id.as_str()));
    state.record_window(
        &EventKind::WindowTargetRegistration,
        window,
        part,
        status,
        now,
    );
}

pub(super) fn record_task(
    state: &mut State,
    (window, id): (&WindowId, &WindowTaskId),
    status: &str,
    now: Timestamp,
) {
    let part = Some(("window-task-id", "windowtask", id.as_str()));
    state.record_window(
        &EventKind::WindowTaskRegistration,
        window,
        part,
        status,
        now,
    );
}

pub(super) fn register_task(
    state: &mut State,
    request: RegisterTaskWithMaintenanceWindow,
    now: Timestamp,
) -> Result<WindowTaskId> {
    const OPERATION: Operation = Operation::RegisterTaskWithMaintenanceWindow;
    let token = request.client_token.clone();
    let windows = &state.windows;
    if let Some(id) = windows
        .tasks
        .replay(OPERATION, token.as_deref(), &request)?
    {
        return Ok(id);
    }
    let id = WindowTaskId::new(state.ids.uuid());
    let window_id = request.window_id.clone();
    let window_id = window_id.unwrap_or_else(|| WindowId::new(""));
    let window = windows.get(OPERATION, &window_id)?;
    let mut task = MaintenanceWindowTaskDetail {
        window_id: Some(window_id.clone()),
        window_task_id: Some(id.clone()),
        task_type: request.task_type.clone(),
        // The model's default: the highest priority.
        priority: request.priority.or(Some(0)),
        ..request.settings().into()
    };
    let given = (request.max_concurrency, request.max_errors);
    check_task(
        OPERATION,
        window,
        &task,
        given,
        state.limits.targets_per_task,
    )?;
    fill_rates(&mut task);
    room(window.tasks.len(), state.limits.tasks_per_window)?;
    let windows = &mut state.windows;
    windows.get_mut(OPERATION, &window_id)?.tasks.push(task);
    windows.tasks.remember(token, request, id.clone());
    record_task(state, (&window_id, &id), "REGISTERED", now);
    Ok(id)
}

pub(super) fn update_task(
    state: &mut State,
    update: UpdateMaintenanceWindowTask,
    now: Timestamp,
) -> Result<MaintenanceWindowTaskDetail> {
    const OPERATION: Operation = Operation::UpdateMaintenanceWindowTask;
    let window_id = update
        .window_id
        .clone()
        .unwrap_or_else(|| WindowId::new(""));
    let id = update.window_task_id.clone();
    let id = id.unwrap_or_else(|| WindowTaskId::new(""));
    let most = state.limits.targets_per_task;
    let window = state.windows.get_mut(OPERATION, &window_id)?;
    let index = task_at(OPERATION, window, &id)?;
    let current = window.tasks.get(index).cloned().unwrap_or_default();
    let settings = match update.replace {
        Some(true) => update.settings(),
        _ => update.settings().or(current.settings()),
    };
    let mut task = MaintenanceWindowTaskDetail {
        window_id: current.window_id,
        window_task_id: current.window_task_id,
        task_type: current.task_type,
        ..settings.into()
    };
    let given = (update.max_concurrency, update.max_errors);
    check_task(OPERATION, window, &task, given, most)?;
    fill_rates(&mut task);
    // The type cannot change and is not answered (SSM model).
    let answer = MaintenanceWindowTaskDetail {
        task_type: None,
        ..task.clone()
    };
    window.tasks.splice(index..=index, [task]);
    record_task(state, (&window_id, &id), "UPDATED", now);
    Ok(answer)
}

pub(super) fn update_target(
    state: &mut State,
    update: UpdateMaintenanceWindowTarget,
    now: Timestamp,
) -> Result<MaintenanceWindowTarget> {
    const OPERATION: Operation = Operation::UpdateMaintenanceWindowTarget;
    let window_id = update
        .window_id
        .clone()
        .unwrap_or_else(|| WindowId::new(""));
    let id = update.window_target_id.clone();
    let id = id.unwrap_or_else(|| WindowTargetId::new(""));
    let window = state.windows.get_mut(OPERATION, &window_id)?;
    let same = |known: &&mut MaintenanceWindowTarget| known.window_target_id.as_ref() == Some(&id);
    let current = window.targets.iter_mut().find(same);
    let current = current.ok_or_else(|| unknown(OPERATION, "Window target", id.as_str()))?;
    let settings = match update.replace {
        Some(true) => update.settings(),
        _ => update.settings().or(current.settings()),
    };
    let target = MaintenanceWindowTarget {
        window_id: current.window_id.clone(),
        window_target_id: current.window_target_id.clone(),
        resource_type: current.resource_type.clone(),
        ..settings.into()
    };
    check_target(OPERATION, &target)?;
    current.clone_from(&target);
    record_target(state, (&window_id, &id), "UPDATED", now);
    // The resource type is not answered (SSM model).
    Ok(MaintenanceWindowTarget {
        resource_type: None,
        ..target
    })
}

pub(super) fn deregister_target(
    state: &mut State,
    (window_id, id): (&WindowId, &WindowTargetId),
    safe: bool,
    now: Timestamp,
) -> Result<()> {
    const OPERATION: Operation = Operation::DeregisterTargetFromMaintenanceWindow;
    let window = state.windows.get_mut(OPERATION, window_id)?;
    let before = window.targets.len();
    let used = window.tasks.iter().any(|task| names(task, id));
    if safe && used {
        let message = "a task of the window names the target";
        return Err(
            Error::service(ErrorKind::InUse, "TargetInUseException", message)
                .with_resource(id.as_str()),
        );
    }
    let targets = &mut window.targets;
    targets.retain(|target| target.window_target_id.as_ref() != Some(id));
    if targets.len() == before {
        return Err(unknown(OPERATION, "Window target", id.as_str()));
    }
    record_target(state, (window_id, id), "DEREGISTERED", now);
    Ok(())
}

pub(super) fn task_at(operation: Operation, window: &Window, id: &WindowTaskId) -> Result<usize> {
    let same = |task: &MaintenanceWindowTaskDetail| task.window_task_id.as_ref() == Some(id);
    let index = window.tasks.iter().position(same);
    index.ok_or_else(|| unknown(operation, "Window task", id.as_str()))
}

/// Checks what a target would say.
fn check_target(operation: Operation, target: &MaintenanceWindowTarget) -> Result<()> {
    let mut validation = Validation::of(operation);
    name(&mut validation, "name", target.name.as_deref());
    description(&mut validation, target.description.as_deref());
    if let Some(owner) = &target.owner_information {
        validation.length("ownerInformation", owner, 1..=128);
    }
    let kind = target.resource_type.as_ref();
    validation.one_of("resourceType", kind.is_some_and(|kind| kind.is_known()));
    let targets = target.targets.as_deref().unwrap_or_default();
    validation.count("targets", targets, 1..=5);
    // One target of node ids, or up to five of tags (terraform-provider-aws, PR 9188, has AWS's text).
    let by_id = targets.iter().any(Target::is_by_id);
    let rule = "Member must be one target with the key InstanceIds, or up to 5 by tag";
    validation.require(!by_id || targets.len() == 1, "targets", rule);
    let groups = kind == Some(&MaintenanceWindowResourceType::ResourceGroup);
    for (number, target) in targets.iter().enumerate() {
        let at = format!("targets.{}", number + 1);
        // The model's bound. AWS's text of 2019 allows a tag five values (terraform-provider-aws, PR 9188);
        // no later one does, so more are taken.
        validation.count(format!("{at}.values"), &target.values, 1..=50);
        let of_groups = target.key.starts_with("resource-groups:");
        let known = if groups {
            [
                "resource-groups:Name",
                "resource-groups:ResourceTypeFilters",
            ]
            .contains(&target.key.as_str())
        } else {
            is_target_key(target) && !of_groups
        };
        let rule = "Member must be a key of its resource type";
        validation.require(known, format!("{at}.key"), rule);
    }
    validation.finish()
}

/// Checks what a task of a window would say.
fn check_task(
    operation: Operation,
    window: &Window,
    task: &MaintenanceWindowTaskDetail,
    given: (Option<MaxConcurrency>, Option<MaxErrors>),
    most_targets: usize,
) -> Result<()> {
    rates_without_targets(operation, task, given)?;
    let mut validation = Validation::of(operation);
    name(&mut validation, "name", task.name.as_deref());
    description(&mut validation, task.description.as_deref());
    let arn = task.task_arn.as_deref().unwrap_or_default();
    validation.length("taskArn", arn, 1..=1600);
    let kind = task.task_type.as_ref();
    validation.one_of("taskType", kind.is_some_and(|kind| kind.is_known()));
    let behavior = task.cutoff_behavior.as_ref();
    validation.one_of(
        "cutoffBehavior",
        behavior.is_none_or(|behavior| behavior.is_known()),
    );
    alarms(&mut validation, task.alarm_configuration.as_ref());
    check_rates(&mut validation, task);
    check_run(&mut validation, task);
    validation.finish()?;
    check_task_targets(operation, window, task, most_targets)
}

fn is_targeted(task: &MaintenanceWindowTaskDetail) -> bool {
    let targets = task.targets.as_ref();
    targets.is_some_and(|targets| !targets.is_empty())
}

/// Refuses limits that a request gives to a task without targets, with AWS's message
/// (terraform-provider-aws#19396).
fn rates_without_targets(
    operation: Operation,
    task: &MaintenanceWindowTaskDetail,
    (concurrency, errors): (Option<MaxConcurrency>, Option<MaxErrors>),
) -> Result<()> {
    let given = [
        ("MaxErrors", errors.is_some()),
        ("MaxConcurrency", concurrency.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((member, _)) if !is_targeted(task) => {
            let message =
                format!("Maintenance window tasks without targets do not support {member} values.");
            Err(refused(operation, message))
        }
        _ => Ok(()),
    }
}

/// A task without targets gets the placeholder 1 for both limits (SSM model, `MaxConcurrency`).
fn fill_rates(task: &mut MaintenanceWindowTaskDetail) {
    if !is_targeted(task) {
        task.max_concurrency = Some(MaxConcurrency::Count(1));
        task.max_errors = Some(MaxErrors::Count(1));
    }
}

/// With targets both limits are needed; without, Run Command has nothing to run on (SSM model,
/// RegisterTaskWithMaintenanceWindow).
fn check_rates(validation: &mut Validation, task: &MaintenanceWindowTaskDetail) {
    let targeted = is_targeted(task);
    let rule = "Member must be given for a task with targets, in the form of a rate";
    let concurrency = task.max_concurrency.map(|limit| limit.is_well_formed());
    validation.require(concurrency.unwrap_or(!targeted), "maxConcurrency", rule);
    let errors = task.max_errors.map(|limit| limit.is_well_formed());
    validation.require(errors.unwrap_or(!targeted), "maxErrors", rule);
    let runs_on_nodes = task.task_type == Some(MaintenanceWindowTaskType::RunCommand);
    let rule = "Member must be given for a Run Command task";
    validation.require(targeted || !runs_on_nodes, "targets", rule);
}

fn check_run(validation: &mut Validation, task: &MaintenanceWindowTaskDetail) {
    let invocation = task.task_invocation_parameters.as_ref();
    let Some(run) = invocation.and_then(|given| given.run_command.as_ref()) else {
        return;
    };
    if let Some(comment) = &run.comment {
        validation.length("comment", comment, 0..=100);
    }
    notifications(validation, run.notification_config.as_ref());
    let hash = run.document_hash_type.as_ref();
    validation.one_of("documentHashType", hash.is_none_or(|hash| hash.is_known()));
    if let Some(seconds) = run.timeout_seconds {
        let rule = "Member must have value between 30 and 2592000";
        validation.require((30..=2_592_000).contains(&seconds), "timeoutSeconds", rule);
    }
    output_place(
        validation,
        run.output_s3_bucket_name.as_deref(),
        run.output_s3_key_prefix.as_deref(),
    );
}

/// A task names registered targets; other nodes only where the window allows unassociated targets.
fn check_task_targets(
    operation: Operation,
    window: &Window,
    task: &MaintenanceWindowTaskDetail,
    most: usize,
) -> Result<()> {
    let targets = task.targets.as_deref().unwrap_or_default();
    if targets.len() > 5 {
        return Err(refused(operation, "targets must have at most 5 members"));
    }
    let allowed = window.facts.allow_unassociated_targets.unwrap_or(false);
    for target in targets {
        match target.key.as_str() {
            REGISTERED => check_registered(operation, window, target, most)?,
            _ if target.is_by_id() && allowed => {}
            _ if target.is_by_id() => {
                let message = "the window doesn't allow targets that aren't registered with it";
                return Err(refused(operation, message));
            }
            key => {
                let message = format!("{key}: a task's targets are WindowTargetIds or InstanceIds");
                return Err(refused(operation, message));
            }
        }
    }
    Ok(())
}

fn check_registered(
    operation: Operation,
    window: &Window,
    target: &Target,
    most: usize,
) -> Result<()> {
    if target.values.len() > most {
        return Err(limit_exceeded(format!("a task has at most {most} targets")));
    }
    match target.values.iter().find(|id| window.target(id).is_none()) {
        None => Ok(()),
        Some(id) => Err(unknown(operation, "Window target", id)),
    }
}

/// Whether a task names this registered target.
fn names(task: &MaintenanceWindowTaskDetail, id: &WindowTargetId) -> bool {
    let targets = task.targets.as_deref().unwrap_or_default();
    let mut registered = targets.iter().filter(|target| target.key == REGISTERED);
    registered.any(|target| target.values.iter().any(|value| value == id.as_str()))
}
