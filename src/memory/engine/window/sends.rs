//! What a task of a window sends to its targets.

use std::collections::BTreeMap;

use crate::memory::store::windows::{REGISTERED, Window};
use crate::operation::SendCommand;
use crate::schedule::window::{
    MaintenanceWindowTarget, MaintenanceWindowTaskDetail, MaintenanceWindowTaskType,
};
use crate::types::Target;

/// What a task sends to one of its targets.
pub(super) struct Sends {
    pub(super) request: SendCommand,
    pub(super) registered: Option<MaintenanceWindowTarget>,
}

/// One command for each registered target, and one for the nodes that the task names itself.
pub(super) fn sends_of(window: &Window, task: &MaintenanceWindowTaskDetail) -> Vec<Sends> {
    if task.task_type != Some(MaintenanceWindowTaskType::RunCommand) {
        return Vec::new();
    }
    let mut sends = Vec::new();
    for target in task.targets.as_deref().unwrap_or_default() {
        if target.key != REGISTERED {
            let request = request_of(task, vec![target.clone()]);
            let registered = None;
            sends.push(Sends {
                request,
                registered,
            });
            continue;
        }
        for id in &target.values {
            let same = |known: &&MaintenanceWindowTarget| {
                known
                    .window_target_id
                    .as_ref()
                    .is_some_and(|known| known.as_str() == id)
            };
            let Some(known) = window.targets.iter().find(same) else {
                continue;
            };
            let request = request_of(task, known.targets.clone().unwrap_or_default());
            let registered = Some(known.clone());
            sends.push(Sends {
                request,
                registered,
            });
        }
    }
    sends
}

fn request_of(task: &MaintenanceWindowTaskDetail, targets: Vec<Target>) -> SendCommand {
    let invocation = task.task_invocation_parameters.as_ref();
    let run = invocation.and_then(|given| given.run_command.clone());
    let run = run.unwrap_or_default();
    let old: BTreeMap<_, _> = task
        .task_parameters
        .iter()
        .flatten()
        .map(|(name, given)| (name.clone(), given.values.clone().unwrap_or_default()))
        .collect();
    SendCommand {
        document_name: task.task_arn.clone().unwrap_or_default(),
        document_version: run.document_version,
        targets,
        // TaskParameters are the older form; the newer one replaces them (SSM model).
        parameters: run.parameters.unwrap_or(old),
        comment: run.comment,
        timeout_seconds: run.timeout_seconds,
        max_concurrency: task.max_concurrency,
        max_errors: task.max_errors,
        output_s3_bucket_name: run.output_s3_bucket_name,
        output_s3_key_prefix: run.output_s3_key_prefix,
        ..SendCommand::default()
    }
}
