//! The filters of patch states and of compliance listings.

use crate::backend::Operation;
use crate::compliance::{
    ComplianceExecutionSummary, ComplianceItem, InstancePatchState, ResourceComplianceSummaryItem,
};
use crate::error::Result;
use crate::memory::operations::check::{self, Validation};
use crate::types::{
    ComplianceFilter, ComplianceOperator, ComplianceSeverity, ComplianceStatus, PatchStateFilter,
    PatchStateOperator,
};

/// The known filter keys of compliance listings. The service documents no closed list.
const KEYS: [&str; 14] = [
    "ComplianceType",
    "Status",
    "Severity",
    "OverallSeverity",
    "Id",
    "Title",
    "ExecutionId",
    "ExecutionType",
    "ExecutionTime",
    "PatchState",
    "PatchSeverity",
    "Classification",
    "PatchBaselineId",
    "PatchGroup",
];

/// At most four comparisons, each of a known count with one whole number.
pub(super) fn legal_states(operation: Operation, filters: &[PatchStateFilter]) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.count("filters", filters, 0..=4);
    for filter in filters {
        validation.one_of("filters.type", filter.operator.is_known());
    }
    validation.finish()?;
    let nothing = InstancePatchState::new(
        "",
        crate::group::PatchGroup::from_service(""),
        "",
        crate::types::PatchOperation::Scan,
        jiff::Timestamp::UNIX_EPOCH,
        jiff::Timestamp::UNIX_EPOCH,
    );
    for filter in filters {
        if count(&nothing, &filter.key).is_none() {
            let message = format!("{} is not a count that can be compared", filter.key);
            return Err(check::invalid_filter(operation, message));
        }
        if number(filter).is_none() {
            let message = format!("{} is compared with one whole number", filter.key);
            return Err(check::invalid_filter(operation, message));
        }
    }
    Ok(())
}

fn number(filter: &PatchStateFilter) -> Option<i64> {
    match filter.values.as_slice() {
        [value] => value.parse::<u32>().ok().map(i64::from),
        _ => None,
    }
}

fn count(state: &InstancePatchState, key: &str) -> Option<i64> {
    let maybe = |count: Option<u32>| i64::from(count.unwrap_or_default());
    Some(match key {
        "InstalledCount" => i64::from(state.installed_count),
        "InstalledOtherCount" => i64::from(state.installed_other_count),
        "InstalledPendingRebootCount" => maybe(state.installed_pending_reboot_count),
        "InstalledRejectedCount" => maybe(state.installed_rejected_count),
        "MissingCount" => i64::from(state.missing_count),
        "FailedCount" => i64::from(state.failed_count),
        "UnreportedNotApplicableCount" => {
            i64::from(state.unreported_not_applicable_count.unwrap_or_default())
        }
        "NotApplicableCount" => i64::from(state.not_applicable_count),
        _ => return None,
    })
}

pub(super) fn passes_state(state: &InstancePatchState, filter: &PatchStateFilter) -> bool {
    let (Some(count), Some(number)) = (count(state, &filter.key), number(filter)) else {
        return false;
    };
    match filter.operator {
        PatchStateOperator::Equal => count == number,
        PatchStateOperator::NotEqual => count != number,
        PatchStateOperator::LessThan => count < number,
        PatchStateOperator::GreaterThan => count > number,
        PatchStateOperator::Other(_) => false,
    }
}

/// Known keys, 1 to 20 values (SSM model, `ComplianceStringFilter`).
pub(super) fn legal(operation: Operation, filters: &[ComplianceFilter]) -> Result<()> {
    let mut validation = Validation::of(operation);
    for (number, filter) in filters.iter().enumerate() {
        let at = format!("filters.{}", number + 1);
        validation.count(format!("{at}.values"), &filter.values, 1..=20);
        validation.one_of(format!("{at}.type"), filter.operator.is_known());
    }
    validation.finish()?;
    let keys = filters.iter().map(|filter| filter.key.as_str());
    check::known_keys(operation, keys, &KEYS)
}

/// Whether a member passes; an absent one passes a filter that excludes.
fn passes(member: Option<&str>, filter: &ComplianceFilter) -> bool {
    let Some(member) = member else {
        return filter.operator == ComplianceOperator::NotEqual;
    };
    let any =
        |holds: fn(&str, &str) -> bool| filter.values.iter().any(|value| holds(member, value));
    match filter.operator {
        ComplianceOperator::NotEqual => !any(|member, value| member == value),
        ComplianceOperator::BeginWith => any(|member, value| member.starts_with(value)),
        ComplianceOperator::LessThan => any(|member, value| member < value),
        ComplianceOperator::GreaterThan => any(|member, value| member > value),
        _ => any(|member, value| member == value),
    }
}

/// The members that items and nodes share.
struct Common<'a> {
    kind: &'a str,
    status: Option<&'a ComplianceStatus>,
    severity: Option<&'a ComplianceSeverity>,
    run: Option<&'a ComplianceExecutionSummary>,
}

impl Common<'_> {
    /// Whether these members pass, and those that this function finds by key.
    fn pass<'b>(
        &self,
        filters: &[ComplianceFilter],
        other: impl Fn(&str) -> Option<&'b str>,
    ) -> bool {
        let run = self.run;
        let time = run.map(|run| run.execution_time.to_string());
        filters.iter().all(|filter| {
            let member = match filter.key.as_str() {
                "ComplianceType" => Some(self.kind),
                "Status" => self.status.map(ComplianceStatus::as_str),
                "Severity" => self.severity.map(ComplianceSeverity::as_str),
                "ExecutionId" => run.and_then(|run| run.execution_id.as_deref()),
                "ExecutionType" => run.and_then(|run| run.execution_type.as_deref()),
                "ExecutionTime" => time.as_deref(),
                key => other(key),
            };
            passes(member, filter)
        })
    }
}

pub(super) fn passes_item(item: &ComplianceItem, filters: &[ComplianceFilter]) -> bool {
    let common = Common {
        kind: &item.compliance_type,
        status: item.status.as_ref(),
        severity: item.severity.as_ref(),
        run: item.execution_summary.as_ref(),
    };
    common.pass(filters, |key| match key {
        "Id" => Some(&item.id),
        "Title" => Some(&item.title),
        key => item.details.get(key).map(String::as_str),
    })
}

pub(super) fn passes_resource(
    node: &ResourceComplianceSummaryItem,
    filters: &[ComplianceFilter],
) -> bool {
    let severity = node.overall_severity.as_ref();
    let common = Common {
        kind: &node.compliance_type,
        status: node.status.as_ref(),
        severity,
        run: node.execution_summary.as_ref(),
    };
    common.pass(filters, |key| match key {
        "OverallSeverity" => severity.map(ComplianceSeverity::as_str),
        _ => None,
    })
}
