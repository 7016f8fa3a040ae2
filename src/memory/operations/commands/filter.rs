//! The filters of commands and of their invocations.

use jiff::Timestamp;

use crate::backend::Operation;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::operations::check::Validation;
use crate::operation::{Command, CommandFilter, CommandFilterKey, CommandInvocation};
use crate::types::NodeId;

/// The filter keys of one of the two listings (SSM model, `CommandFilter`).
pub(super) struct Filterable {
    operation: Operation,
    statuses: &'static [&'static str],
    has_stages: bool,
}

const STAGES: [&str; 2] = ["Executing", "Complete"];

pub(super) const COMMANDS: Filterable = Filterable {
    operation: Operation::ListCommands,
    statuses: &[
        "Pending",
        "InProgress",
        "Success",
        "Cancelled",
        "Failed",
        "TimedOut",
        "AccessDenied",
        "DeliveryTimedOut",
        "ExecutionTimedOut",
        "Incomplete",
        "NoInstancesInTag",
        "LimitExceeded",
    ],
    has_stages: true,
};

pub(super) const INVOCATIONS: Filterable = Filterable {
    operation: Operation::ListCommandInvocations,
    statuses: &[
        "Pending",
        "InProgress",
        "Delayed",
        "Success",
        "Cancelled",
        "Failed",
        "TimedOut",
        "AccessDenied",
        "DeliveryTimedOut",
        "ExecutionTimedOut",
        "Undeliverable",
        "InvalidPlatform",
        "Terminated",
    ],
    has_stages: false,
};

impl Filterable {
    /// At most five conditions, each with a known key and a legal value.
    pub(super) fn check(&self, filters: &[CommandFilter], node: Option<&NodeId>) -> Result<()> {
        let known = |key: &CommandFilterKey| match key {
            CommandFilterKey::ExecutionStage => self.has_stages,
            key => key.is_known(),
        };
        if let Some(unknown) = filters.iter().find(|filter| !known(&filter.key)) {
            let error = Error::service(ErrorKind::InvalidInput, "InvalidFilterKey", "");
            return Err(error.with_resource(unknown.key.as_str()));
        }
        let mut validation = Validation::of(self.operation);
        validation.count("filters", filters, 0..=5);
        for (number, filter) in filters.iter().enumerate() {
            let at = format!("filters.{}.value", number + 1);
            validation.length(&at, &filter.value, 1..=128);
            validation.require(self.takes(filter), &at, "Member must be a value of its key");
            validation.require(
                node.is_none() || !is_pending(filter),
                &at,
                "Member must not be Pending where instanceId is given",
            );
        }
        validation.finish()
    }

    fn takes(&self, filter: &CommandFilter) -> bool {
        let value = filter.value.as_str();
        match filter.key {
            CommandFilterKey::InvokedAfter | CommandFilterKey::InvokedBefore => {
                value.parse::<Timestamp>().is_ok()
            }
            CommandFilterKey::Status => self.statuses.contains(&value),
            CommandFilterKey::ExecutionStage => STAGES.contains(&value),
            _ => true,
        }
    }
}

fn is_pending(filter: &CommandFilter) -> bool {
    filter.key == CommandFilterKey::Status && filter.value == "Pending"
}

/// The values that the filters compare.
struct Filtered<'l> {
    requested: Option<Timestamp>,
    statuses: [&'l str; 2],
    document: &'l str,
    is_over: bool,
}

impl Filtered<'_> {
    fn passes(&self, filters: &[CommandFilter]) -> bool {
        let sent = |filter: &CommandFilter| self.requested.zip(filter.value.parse().ok());
        filters.iter().all(|filter| match filter.key {
            CommandFilterKey::InvokedAfter => sent(filter).is_some_and(|(sent, from)| sent >= from),
            CommandFilterKey::InvokedBefore => sent(filter).is_some_and(|(sent, to)| sent < to),
            CommandFilterKey::Status => self.statuses.contains(&filter.value.as_str()),
            CommandFilterKey::ExecutionStage => self.is_over == (filter.value == "Complete"),
            CommandFilterKey::DocumentName => self.document == filter.value,
            CommandFilterKey::Other(_) => false,
        })
    }
}

pub(super) fn passes(command: &Command, filters: &[CommandFilter]) -> bool {
    let filtered = Filtered {
        requested: command.requested_date_time,
        statuses: [command.status.as_str(), &command.status_details],
        document: &command.document_name,
        is_over: command.status.is_terminal(),
    };
    filtered.passes(filters)
}

pub(super) fn passes_invocation(on: &CommandInvocation, filters: &[CommandFilter]) -> bool {
    let filtered = Filtered {
        requested: on.requested_date_time,
        statuses: [on.status.as_str(), &on.status_details],
        document: &on.document_name,
        is_over: on.status.is_terminal(),
    };
    filtered.passes(filters)
}
