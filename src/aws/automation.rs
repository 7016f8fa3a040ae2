use async_trait::async_trait;

use super::convert::member::{answer, listing, unless_empty};
use super::convert::{self, automation, member::Convert, required};
use super::{AwsBackend, send};
use crate::automation::{
    AutomationExecution, AutomationExecutionMetadata, StartAutomationExecution, StepExecution,
};
use crate::backend::{
    AutomationRunner, DescribeAutomationExecutions, DescribeAutomationStepExecutions,
    GetAutomationExecution, Operation, StopAutomationExecution,
};
use crate::error::Result;
use crate::page::Page;
use crate::types::{AutomationExecutionId, random_uuid};

#[async_trait]
impl AutomationRunner for AwsBackend {
    /// The SDK does not fill the client token. Without one, its retry after a lost reply would be a
    /// second execution.
    async fn start_automation_execution(
        &self,
        mut request: StartAutomationExecution,
    ) -> Result<AutomationExecutionId> {
        const OPERATION: Operation = Operation::StartAutomationExecution;
        request.client_token.get_or_insert_with(random_uuid);
        let call = automation::start(self.ssm.start_automation_execution(), request)?;
        let output = send!(self, OPERATION, call)?;
        let id = output.automation_execution_id;
        answer(required(id, OPERATION, "AutomationExecutionId")?, OPERATION)
    }

    async fn get_automation_execution(
        &self,
        request: GetAutomationExecution,
    ) -> Result<AutomationExecution> {
        const OPERATION: Operation = Operation::GetAutomationExecution;
        let call = self
            .ssm
            .get_automation_execution()
            .automation_execution_id(request.automation_execution_id.as_str());
        let output = send!(self, OPERATION, call)?;
        let execution = output.automation_execution;
        answer(
            required(execution, OPERATION, "AutomationExecution")?,
            OPERATION,
        )
    }

    async fn describe_automation_executions(
        &self,
        request: DescribeAutomationExecutions,
    ) -> Result<Page<AutomationExecutionMetadata>> {
        const OPERATION: Operation = Operation::DescribeAutomationExecutions;
        let call = self
            .ssm
            .describe_automation_executions()
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        let items = output.automation_execution_metadata_list;
        listing(items, output.next_token, OPERATION)
    }

    async fn describe_automation_step_executions(
        &self,
        request: DescribeAutomationStepExecutions,
    ) -> Result<Page<StepExecution>> {
        const OPERATION: Operation = Operation::DescribeAutomationStepExecutions;
        let call = self
            .ssm
            .describe_automation_step_executions()
            .automation_execution_id(request.automation_execution_id.as_str())
            .set_filters(unless_empty(request.filters)?)
            .reverse_order(request.reverse_order)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.step_executions, output.next_token, OPERATION)
    }

    async fn stop_automation_execution(&self, request: StopAutomationExecution) -> Result<()> {
        let call = self
            .ssm
            .stop_automation_execution()
            .automation_execution_id(request.automation_execution_id.as_str())
            .set_type(request.stop_type.convert()?);
        send!(self, Operation::StopAutomationExecution, call).map(drop)
    }
}
