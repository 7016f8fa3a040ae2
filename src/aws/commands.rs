use async_trait::async_trait;

use super::convert::member::{Convert, answer, listing, unless_empty};
use super::convert::{self, command};
use super::marker::{Field, Marker};
use super::unrepeatable::{self, Look, Unrepeatable, without_retry};
use super::{AwsBackend, send};
use crate::backend::{
    CancelCommand, CommandRunner, GetCommandInvocation, ListCommandInvocations, ListCommands,
    Operation,
};
use crate::error::Result;
use crate::operation::{Command, CommandInvocation, CommandInvocationDetail, SendCommand};
use crate::page::Page;

/// How many pages of 50 commands are searched; with more, the command is not sent again.
const MOST_PAGES: usize = 40;

#[async_trait]
impl CommandRunner for AwsBackend {
    /// SendCommand has no client token, and a repeated call patches twice. So the SDK's retry is
    /// off for it. If the outcome is unknown, the command is looked up by a marker in its comment,
    /// and sent again only if it does not exist.
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
        const OPERATION: Operation = Operation::GetCommandInvocation;
        let call = self
            .ssm
            .get_command_invocation()
            .command_id(request.command_id.as_str())
            .instance_id(request.instance_id.as_str())
            .set_plugin_name(request.plugin_name);
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn list_command_invocations(
        &self,
        request: ListCommandInvocations,
    ) -> Result<Page<CommandInvocation>> {
        const OPERATION: Operation = Operation::ListCommandInvocations;
        let call = self
            .ssm
            .list_command_invocations()
            .set_command_id(request.command_id.convert()?)
            .set_instance_id(request.instance_id.convert()?)
            .set_filters(unless_empty(request.filters)?)
            .details(request.details)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.command_invocations, output.next_token, OPERATION)
    }

    async fn list_commands(&self, request: ListCommands) -> Result<Page<Command>> {
        const OPERATION: Operation = Operation::ListCommands;
        let call = self
            .ssm
            .list_commands()
            .set_command_id(request.command_id.convert()?)
            .set_instance_id(request.instance_id.convert()?)
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.commands, output.next_token, OPERATION)
    }

    async fn cancel_command(&self, request: CancelCommand) -> Result<()> {
        let call = self
            .ssm
            .cancel_command()
            .command_id(request.command_id.as_str())
            .set_instance_ids(unless_empty(request.instance_ids)?);
        send!(self, Operation::CancelCommand, call).map(drop)
    }
}

/// A command to send.
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
            None => Ok(Look::Unclear(
                "the comment is too long: 78 characters at most, because a request marker takes 22",
            )),
        }
    }
}

impl AwsBackend {
    async fn send_once(&self, request: &SendCommand, comment: Option<String>) -> Result<Command> {
        const OPERATION: Operation = Operation::SendCommand;
        let call = command::send(self.ssm.send_command(), request.clone())?.set_comment(comment);
        let call = call.customize().config_override(without_retry());
        let output = send!(self, OPERATION, call)?;
        answer(
            convert::required(output.command, OPERATION, "Command")?,
            OPERATION,
        )
    }

    /// Searches all commands, of any date: the caller's clock may differ from the service's.
    async fn look_for_command(&self, marker: &Marker) -> Result<Look<Command>> {
        const OPERATION: Operation = Operation::ListCommands;
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let call = self
                .ssm
                .list_commands()
                .max_results(50)
                .set_next_token(token.clone());
            let output = send!(self, OPERATION, call)?;
            let mut commands = output.commands.unwrap_or_default().into_iter();
            if let Some(command) = commands.find(|command| marker.is_on(command.comment.as_deref()))
            {
                return answer(command, OPERATION).map(Look::Found);
            }
            let next = output.next_token.filter(|next| !next.is_empty());
            if next.is_none() {
                return Ok(Look::Absent);
            }
            token = next;
        }
        Ok(Look::Unclear("there are too many commands to search"))
    }
}
