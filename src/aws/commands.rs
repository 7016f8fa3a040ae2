use async_trait::async_trait;
use aws_sdk_ssm::operation::send_command::builders::SendCommandFluentBuilder;

use super::convert::{self, command as to, filter};
use super::marker::{Field, Marker};
use super::unrepeatable::{self, Look, Unrepeatable, without_retry};
use super::{AwsBackend, send};
use crate::backend::{
    CancelCommand, CommandRunner, GetCommandInvocation, ListCommandInvocations, ListCommands,
};
use crate::error::Result;
use crate::operation::{Command, CommandInvocation, CommandInvocationDetail, SendCommand};
use crate::page::Page;

/// How many pages of 50 commands are looked through; with more, the command is not sent again.
const MOST_PAGES: usize = 40;

#[async_trait]
impl CommandRunner for AwsBackend {
    /// SendCommand has no client token, and a repeated call patches twice. So the SDK's retry is
    /// off for it; where the outcome is unknown, the command is looked up by a marker in its
    /// comment, and goes out again only if it is not there.
    async fn send_command(&self, request: SendCommand) -> Result<Command> {
        let marker = Field::COMMENT.mark(request.comment.as_deref());
        unrepeatable::make(&Sending {
            backend: self,
            request,
            marker,
        })
        .await
    }

    async fn get_command_invocation(
        &self,
        request: GetCommandInvocation,
    ) -> Result<CommandInvocationDetail> {
        let command = &request.command_id;
        let node = &request.instance_id;
        let plugin = request.plugin_name.as_deref();

        let call = self
            .ssm
            .get_command_invocation()
            .command_id(command.as_str())
            .instance_id(node.as_str())
            .set_plugin_name(plugin.map(str::to_owned));
        send!(self, "ssm", "GetCommandInvocation", call).and_then(to::detail)
    }

    async fn list_command_invocations(
        &self,
        request: ListCommandInvocations,
    ) -> Result<Page<CommandInvocation>> {
        let call = self
            .ssm
            .list_command_invocations()
            .set_command_id(request.command_id.map(|id| id.as_str().to_owned()))
            .set_instance_id(request.instance_id.map(|id| id.as_str().to_owned()))
            .set_filters(filter::commands(&request.filters)?)
            .details(request.details)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", "ListCommandInvocations", call)?;
        convert::try_page(
            output.command_invocations,
            output.next_token,
            to::invocation,
        )
    }

    async fn list_commands(&self, request: ListCommands) -> Result<Page<Command>> {
        const OPERATION: &str = "ListCommands";
        let call = self
            .ssm
            .list_commands()
            .set_command_id(request.command_id.map(|id| id.as_str().to_owned()))
            .set_instance_id(request.instance_id.map(|id| id.as_str().to_owned()))
            .set_filters(filter::commands(&request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", OPERATION, call)?;
        convert::try_page(output.commands, output.next_token, |command| {
            to::command(command, OPERATION)
        })
    }

    async fn cancel_command(&self, request: CancelCommand) -> Result<()> {
        let command = &request.command_id;
        let nodes = &request.instance_ids;

        let ids = (!nodes.is_empty()).then(|| convert::ids(nodes));
        let call = self
            .ssm
            .cancel_command()
            .command_id(command.as_str())
            .set_instance_ids(ids);
        send!(self, "ssm", "CancelCommand", call).map(drop)
    }
}

/// A command on its way.
struct Sending<'b> {
    backend: &'b AwsBackend,
    request: SendCommand,
    marker: Option<Marker>,
}

impl Unrepeatable for Sending<'_> {
    type Made = Command;

    async fn send(&self) -> Result<Command> {
        let marked = self.marker.as_ref().map(|marker| marker.text().to_owned());
        let comment = marked.or_else(|| self.request.comment.clone());
        self.backend.send_once(&self.request, comment).await
    }

    async fn look(&self) -> Result<Look<Command>> {
        match &self.marker {
            Some(marker) => self.backend.look_for_command(marker).await,
            None => Ok(Look::Unclear("the comment leaves no room for a mark")),
        }
    }
}

impl AwsBackend {
    async fn send_once(&self, request: &SendCommand, comment: Option<String>) -> Result<Command> {
        const OPERATION: &str = "SendCommand";
        let call = self.fill(request).set_comment(comment);
        let call = call.customize().config_override(without_retry());
        let output = send!(self, "ssm", OPERATION, call)?;
        to::command(
            convert::required(output.command, OPERATION, "Command")?,
            OPERATION,
        )
    }

    fn fill(&self, request: &SendCommand) -> SendCommandFluentBuilder {
        let ids = (!request.instance_ids.is_empty()).then(|| convert::ids(&request.instance_ids));
        let parameters = (!request.parameters.is_empty())
            .then(|| request.parameters.clone().into_iter().collect());
        self.ssm
            .send_command()
            .document_name(&request.document_name)
            .set_document_version(request.document_version.clone())
            .set_instance_ids(ids)
            .set_targets(filter::targets(&request.targets))
            .set_parameters(parameters)
            .set_timeout_seconds(request.timeout_seconds.and_then(|s| i32::try_from(s).ok()))
            .set_max_concurrency(request.max_concurrency.map(|max| max.to_string()))
            .set_max_errors(request.max_errors.map(|max| max.to_string()))
            .set_output_s3_bucket_name(request.output_s3_bucket_name.clone())
            .set_output_s3_key_prefix(request.output_s3_key_prefix.clone())
    }

    /// Looks through every command, whatever its date: the caller's clock may not be the service's.
    async fn look_for_command(&self, marker: &Marker) -> Result<Look<Command>> {
        const OPERATION: &str = "ListCommands";
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let call = self
                .ssm
                .list_commands()
                .max_results(50)
                .set_next_token(token.clone());
            let output = send!(self, "ssm", OPERATION, call)?;
            let mut commands = output.commands.unwrap_or_default().into_iter();
            if let Some(command) = commands.find(|command| marker.is_on(command.comment.as_deref()))
            {
                return to::command(command, OPERATION).map(Look::Found);
            }
            let next = output.next_token.filter(|next| !next.is_empty());
            if next.is_none() {
                return Ok(Look::Absent);
            }
            token = next;
        }
        Ok(Look::Unclear("there are too many commands to look through"))
    }
}
