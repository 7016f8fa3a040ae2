//! Checks the resource data syncs: what reads their export is only as good as their last run.

use jiff::Timestamp;

use super::problem::Problem;
use crate::prerequisites::{Facts, FindingKind, Severity};
use crate::resource_data_sync::{LastResourceDataSyncStatus, ResourceDataSyncItem};

pub(super) fn check(facts: &Facts) -> Vec<Problem> {
    match &facts.data_syncs {
        None => Vec::new(),
        Some(Err(error)) => vec![Problem::not_checked("the resource data syncs", error)],
        Some(Ok(syncs)) => syncs
            .iter()
            .filter_map(|sync| failed(sync).or_else(|| stale(sync, facts)))
            .collect(),
    }
}

fn failed(sync: &ResourceDataSyncItem) -> Option<Problem> {
    if sync.last_status != Some(LastResourceDataSyncStatus::Failed) {
        return None;
    }
    let why = sync.last_sync_status_message.as_deref();
    let problem = Problem::new(
        Severity::Warning,
        FindingKind::DataSyncFailed,
        format!(
            "the last run of the resource data sync {} failed",
            name(sync)
        ),
        "check that its bucket is there and that the bucket's policy admits Systems Manager",
    );
    Some(problem.seen(name(sync), why.unwrap_or("Failed, without a message")))
}

/// A sync that runs has a run after the oldest scan that is still good. A new one may not have run yet.
fn stale(sync: &ResourceDataSyncItem, facts: &Facts) -> Option<Problem> {
    let since = facts
        .last_operations
        .as_ref()
        .map(|_| facts.scanned_since)?;
    let last = sync.last_successful_sync_time.or(sync.sync_created_time);
    if last.is_none_or(|last| last >= since) {
        return None;
    }
    let seen = match sync.last_successful_sync_time {
        Some(last) => format!("last succeeded {}", minute(last)),
        None => "it never succeeded".to_owned(),
    };
    let problem = Problem::new(
        Severity::Warning,
        FindingKind::DataSyncStale,
        format!(
            "the resource data sync {} has not succeeded for too long",
            name(sync)
        ),
        "check that its nodes still send inventory, and what its bucket holds",
    );
    Some(problem.seen(name(sync), seen))
}

fn minute(at: Timestamp) -> impl std::fmt::Display {
    at.strftime("%F %R UTC")
}

fn name(sync: &ResourceDataSyncItem) -> &str {
    sync.sync_name.as_deref().unwrap_or_default()
}
