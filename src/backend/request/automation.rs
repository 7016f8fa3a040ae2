//! The requests of Automation, besides [`StartAutomationExecution`](super::StartAutomationExecution).

use super::member::request;
use crate::automation::{AutomationExecutionFilter, StepExecutionFilter, StopType};
use crate::page::PageRequest;
use crate::types::AutomationExecutionId;

request! {
    /// The input of GetAutomationExecution.
    pub struct GetAutomationExecution {
        /// The execution.
        required "AutomationExecutionId" => automation_execution_id: AutomationExecutionId,
    }
    /// A request for this execution.
    pub fn new(automation_execution_id: impl Into<AutomationExecutionId>);
}

request! {
    /// The input of DescribeAutomationExecutions. Pages of 1 to 50.
    #[derive(Default)]
    pub struct DescribeAutomationExecutions {
        /// Only executions that match all of these filters, at most 10.
        optional "Filters" => filters: Vec<AutomationExecutionFilter>,
        ..page
    }
}

impl DescribeAutomationExecutions {
    /// A request for a page of the executions that match all of these filters.
    pub fn new(filters: Vec<AutomationExecutionFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

request! {
    /// The input of DescribeAutomationStepExecutions. Pages of 1 to 50.
    pub struct DescribeAutomationStepExecutions {
        /// The execution.
        required "AutomationExecutionId" => automation_execution_id: AutomationExecutionId,
        /// Only steps that match all of these filters, at most 6.
        optional "Filters" => filters: Vec<StepExecutionFilter>,
        /// Whether the last step comes first.
        defaulted "ReverseOrder" => reverse_order: bool,
        ..page
    }
}

impl DescribeAutomationStepExecutions {
    /// A request for a page of this execution's steps.
    pub fn of(id: impl Into<AutomationExecutionId>, page: PageRequest) -> Self {
        Self {
            automation_execution_id: id.into(),
            filters: Vec::new(),
            reverse_order: false,
            page,
        }
    }

    /// The same request with these filters.
    #[must_use]
    pub fn with_filters(mut self, filters: Vec<StepExecutionFilter>) -> Self {
        self.filters = filters;
        self
    }
}

request! {
    /// The input of StopAutomationExecution.
    pub struct StopAutomationExecution {
        /// The execution.
        required "AutomationExecutionId" => automation_execution_id: AutomationExecutionId,
        /// How it is stopped; Cancel if absent.
        optional "Type" => stop_type: Option<StopType>,
    }
}

impl StopAutomationExecution {
    /// A request to cancel this execution.
    pub fn new(id: impl Into<AutomationExecutionId>) -> Self {
        Self {
            automation_execution_id: id.into(),
            stop_type: None,
        }
    }

    /// The same request with this way to stop.
    #[must_use]
    pub fn with_type(mut self, stop_type: StopType) -> Self {
        self.stop_type = Some(stop_type);
        self
    }
}
