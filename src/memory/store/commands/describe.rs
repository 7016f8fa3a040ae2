//! How commands and their invocations read at an instant.

use jiff::{SignedDuration, Timestamp};

use super::{CommandRecord, Invocation, Phase};
use crate::error::{Error, ErrorKind, Result};
use crate::operation::{
    Command, CommandInvocation, CommandInvocationDetail, CommandPlugin, CommandPluginStatus,
    CommandStatus, InvocationStatus,
};
use crate::types::PlatformType;

/// The steps of the documents that patch, and the platform that each is for.
static STEPS: [(&str, PlatformType); 3] = [
    ("PatchWindows", PlatformType::Windows),
    ("PatchLinux", PlatformType::Linux),
    ("PatchMacOS", PlatformType::MacOs),
];

/// The most characters of a step's output in a listing, and of output and errors in a detail (SSM model).
const LISTED_OUTPUT: usize = 2_500;
const DETAILED_OUTPUT: usize = 24_000;
const DETAILED_ERRORS: usize = 8_000;

impl CommandRecord {
    /// The command as ListCommands describes it.
    pub(crate) fn command(&self, now: Timestamp) -> Command {
        let mut command = self.blank();
        let (status, details) = self.status();
        command.status = status;
        command.status_details = details.to_owned();
        let count = |which: fn(Phase) -> bool| u32::try_from(self.count(which)).unwrap_or(u32::MAX);
        // A send by target finds its nodes a moment later.
        let known = self.is_visible(now) || !self.sent.instance_ids.is_empty();
        command.target_count = if known { count(|_| true) } else { 0 };
        command.completed_count = count(Phase::is_over);
        command.error_count = count(Phase::is_error);
        command.delivery_timed_out_count = count(|phase| phase == Phase::DeliveryTimedOut);
        command
    }

    /// Status and details by the guide's table of command statuses: too many errors make a command
    /// Failed, fewer leave it Incomplete, as do nodes that were never reached.
    pub(crate) fn status(&self) -> (CommandStatus, &'static str) {
        let all = self.invocations().len();
        let any = |which: Phase| self.count(|phase| phase == which) > 0;
        if !self.is_over() {
            return if self.invocations().iter().any(|on| on.cancelling) {
                (CommandStatus::Cancelling, "Cancelling")
            } else if self.count(|phase| phase == Phase::Waiting) == all {
                (CommandStatus::Pending, "Pending")
            } else {
                (CommandStatus::InProgress, "InProgress")
            };
        }
        if all == 0 {
            (CommandStatus::Success, "NoInstancesInTag")
        } else if self.has_too_many_errors() {
            (CommandStatus::Failed, "Failed")
        } else if any(Phase::Cancelled) {
            (CommandStatus::Cancelled, "Cancelled")
        } else if self.count(|phase| phase == Phase::DeliveryTimedOut) == all {
            (CommandStatus::TimedOut, "DeliveryTimedOut")
        } else if self.count(|phase| phase == Phase::Success) == all {
            (CommandStatus::Success, "Success")
        } else {
            (CommandStatus::Failed, "Incomplete")
        }
    }

    /// An invocation as ListCommandInvocations describes it. `free` says whether its node is in
    /// touch and idle.
    pub(crate) fn listed(&self, on: &Invocation, details: bool, free: bool) -> CommandInvocation {
        let (status, text) = on.status(free);
        let mut listed = CommandInvocation::new(self.id.clone(), on.node.clone(), status);
        listed.status_details = text.to_owned();
        listed.instance_name.clone_from(&on.node_name);
        listed.comment = self.sent.comment.clone().unwrap_or_default();
        listed.document_name.clone_from(&self.sent.document_name);
        listed.document_version = self.sent.document_version.clone().unwrap_or_default();
        listed.requested_date_time = Some(self.requested);
        listed.service_role = self.service_role();
        listed.notification_config = self.notifications();
        listed.cloud_watch_output_config = self.log_group();
        if details {
            let steps = self.steps().iter();
            listed.command_plugins = steps
                .map(|(name, platform)| self.plugin(on, name, platform))
                .collect();
        }
        listed
    }

    /// The steps of its document, if the document is known here.
    fn steps(&self) -> &'static [(&'static str, PlatformType)] {
        match self.patches() {
            true => &STEPS,
            false => &[],
        }
    }

    fn plugin(&self, on: &Invocation, name: &str, platform: &PlatformType) -> CommandPlugin {
        let (status, details) = on.plugin_status(*platform == on.platform);
        let mut plugin = CommandPlugin::new(name, status);
        plugin.status_details = details.to_owned();
        plugin.response_start_date_time = on.started;
        plugin.response_finish_date_time = on.ended.filter(|_| on.started.is_some());
        let (output, errors, code) = on.output(name, platform);
        plugin.response_code = code;
        plugin.output = both(&output, &errors, LISTED_OUTPUT);
        plugin.output_s3_bucket_name = self.sent.output_s3_bucket_name.clone().unwrap_or_default();
        plugin.output_s3_key_prefix = self.sent.output_s3_key_prefix.clone().unwrap_or_default();
        plugin
    }

    /// An invocation as GetCommandInvocation describes it: without a step's name only its status.
    pub(crate) fn detail(
        &self,
        on: &Invocation,
        plugin: Option<&str>,
        free: bool,
    ) -> Result<CommandInvocationDetail> {
        let (status, text) = on.status(free);
        let mut detail =
            CommandInvocationDetail::new(self.id.clone(), on.node.clone(), status.clone());
        detail.status_details = text.to_owned();
        detail.comment = self.sent.comment.clone().unwrap_or_default();
        detail.document_name.clone_from(&self.sent.document_name);
        detail.document_version = self.sent.document_version.clone().unwrap_or_default();
        detail.response_code = on.exit_code;
        detail.cloud_watch_output_config = self.log_group();
        if let Some(started) = on.started {
            detail.execution_start_date_time = started.to_string();
            if let Some(ended) = on.ended {
                detail.execution_end_date_time = ended.to_string();
                detail.execution_elapsed_time = elapsed(started.duration_until(ended));
            }
        }
        let Some(plugin) = plugin else {
            return Ok(detail);
        };
        let Some((name, platform)) = self.steps().iter().find(|(name, _)| *name == plugin) else {
            return Err(
                Error::service(ErrorKind::InvalidInput, "InvalidPluginName", "")
                    .with_resource(plugin),
            );
        };
        detail.plugin_name = (*name).to_owned();
        if *platform != on.platform && on.started.is_some() {
            detail.status = InvocationStatus::Success;
            detail.status_details = "Success".to_owned();
        }
        let (output, errors, code) = on.output(name, platform);
        detail.response_code = code;
        detail.standard_output_content = cut(&output, DETAILED_OUTPUT);
        detail.standard_error_content = cut(&errors, DETAILED_ERRORS);
        Ok(detail)
    }
}

impl Invocation {
    /// Status and details. What waits for a node that is busy or out of touch is Delayed.
    pub(crate) fn status(&self, free: bool) -> (InvocationStatus, &'static str) {
        match self.phase {
            Phase::Waiting if free => (InvocationStatus::Pending, "Pending"),
            Phase::Waiting => (InvocationStatus::Delayed, "Delayed"),
            Phase::Running if self.cancelling => (InvocationStatus::Cancelling, "Cancelling"),
            Phase::Running => (InvocationStatus::InProgress, "InProgress"),
            Phase::Success => (InvocationStatus::Success, "Success"),
            Phase::Failed => (InvocationStatus::Failed, "Failed"),
            Phase::Cancelled => (InvocationStatus::Cancelled, "Cancelled"),
            Phase::Terminated => (InvocationStatus::Cancelled, "Terminated"),
            Phase::DeliveryTimedOut => (InvocationStatus::TimedOut, "DeliveryTimedOut"),
            Phase::ExecutionTimedOut => (InvocationStatus::TimedOut, "ExecutionTimedOut"),
        }
    }

    /// The same of a step: a step for another platform is skipped as soon as the command starts.
    fn plugin_status(&self, own: bool) -> (CommandPluginStatus, &'static str) {
        if !own && self.started.is_some() {
            return (CommandPluginStatus::Success, "Success");
        }
        match self.phase {
            Phase::Waiting => (CommandPluginStatus::Pending, "Pending"),
            Phase::Running => (CommandPluginStatus::InProgress, "InProgress"),
            Phase::Success => (CommandPluginStatus::Success, "Success"),
            Phase::Failed => (CommandPluginStatus::Failed, "Failed"),
            Phase::Cancelled => (CommandPluginStatus::Cancelled, "Cancelled"),
            Phase::Terminated => (CommandPluginStatus::Cancelled, "Terminated"),
            Phase::DeliveryTimedOut => (CommandPluginStatus::TimedOut, "DeliveryTimedOut"),
            Phase::ExecutionTimedOut => (CommandPluginStatus::TimedOut, "ExecutionTimedOut"),
        }
    }

    /// Output, errors and exit code of a step.
    fn output(&self, step: &str, platform: &PlatformType) -> (String, String, i32) {
        if *platform == self.platform {
            (self.stdout.clone(), self.stderr.clone(), self.exit_code)
        } else if self.started.is_some() {
            let skipped = format!(
                "Step execution skipped due to unsatisfied preconditions: '\"StringEquals\": [platformType, {platform}]'. Step name: {step}"
            );
            (skipped, String::new(), 0)
        } else {
            (String::new(), String::new(), -1)
        }
    }
}

/// A duration as the service writes it, such as `PT61S`.
fn elapsed(duration: SignedDuration) -> String {
    format!("PT{}S", duration.as_secs())
}

/// Output and errors in one text.
fn both(output: &str, errors: &str, most: usize) -> String {
    if errors.is_empty() {
        return cut(output, most);
    }
    cut(&format!("{output}\n----------ERROR-------\n{errors}"), most)
}

/// At most so many characters, of which the last say that there were more.
fn cut(text: &str, most: usize) -> String {
    const MARK: &str = "\n---Output truncated---";
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - MARK.chars().count()).collect();
    format!("{kept}{MARK}")
}
