//! What another program wrote: its first byte chooses the type, the rest is JSON.
#![no_main]

use aws_patch_manager::automation::{
    AutomationExecution, Document, DocumentDescription, DocumentIdentifier,
};
use aws_patch_manager::baseline::{BaselineSpec, PatchBaseline, PatchBaselineIdentity};
use aws_patch_manager::compliance::{
    ComplianceItem, ComplianceReport, ComplianceSummaryItem, DeadlineReport, InstancePatchState,
    PatchComplianceData, ResourceComplianceSummaryItem,
};
use aws_patch_manager::exposure::Exposure;
use aws_patch_manager::manager::SweepCheckpoint;
use aws_patch_manager::memory::FleetFile;
use aws_patch_manager::operation::{
    Command, CommandInvocation, CommandInvocationDetail, SendCommand,
};
use aws_patch_manager::plan::{DesiredState, MirrorSnapshot, PatchCalendar, Plan};
use aws_patch_manager::prerequisites::PrerequisiteReport;
use aws_patch_manager::promotion::PromotionCheck;
use aws_patch_manager::resource_data_sync::ResourceDataSyncItem;
use aws_patch_manager::rollout::{Rollout, RolloutState};
use aws_patch_manager::schedule::association::{AssociationDescription, CreateAssociation};
use aws_patch_manager::schedule::window::{
    MaintenanceWindow, MaintenanceWindowTaskDetail, PatchWindow,
};
use aws_patch_manager::schedule::{PatchPolicy, PatchPolicyState};
use aws_patch_manager::types::{
    Ec2Instance, InstanceInformation, Patch, RouteTable, SecurityGroup,
};
use aws_patch_manager::{BaselineBuilder, ComplianceQuery, MemoryBackend, PatchManager};
use futures_util::StreamExt;
use libfuzzer_sys::fuzz_target;
use patch_manager_fuzz::{NOW, account, read_and_write, read_and_write_by, wait};

/// How far a calendar looks ahead.
const DAYS_AHEAD: i64 = 40;

fuzz_target!(|data: &[u8]| {
    let Some((kind, json)) = data.split_first() else {
        return;
    };
    let Ok(json) = std::str::from_utf8(json) else {
        return;
    };
    match kind {
        b'a' => baseline(json),
        b'b' => fleet(json),
        b'c' => snapshot(json),
        b'd' => plan(json),
        b'e' => rollout_state(json),
        b'f' => checkpoint(json),
        b'g' => compliance_report(json),
        b'h' => deadline_report(json),
        b'i' => calendar(json),
        b'j' => policy(json),
        b'k' => printed_by_ssm(json),
        b'l' => printed_by_ec2(json),
        b'm' => printed_by_automation(json),
        b'n' => reports(json),
        b'o' => requests(json),
        _ => {}
    }
});

fn baseline(json: &str) {
    let Some(spec) = BaselineBuilder::from_json(json)
        .ok()
        .and_then(|builder| builder.build().ok())
    else {
        return;
    };
    let written = serde_json::to_string(&spec).expect("a specification can be written");
    let again = BaselineBuilder::from_json(&written).and_then(BaselineBuilder::build);
    assert_eq!(again.as_ref().ok(), Some(&spec), "{written}: {again:?}");
    let stored = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec);
    assert!(stored.diff(&spec).is_empty(), "{:?}", stored.diff(&spec));
    let _ = spec.warnings();
}

fn fleet(json: &str) {
    let _ = read_and_write::<FleetFile>(json);
    if let Ok(builder) = MemoryBackend::builder().fleet_json(json) {
        let manager = PatchManager::from_memory(&builder.start(NOW).build());
        wait(
            manager
                .sweep(&ComplianceQuery::fleet())
                .take(20)
                .for_each(|_| async {}),
        );
    }
}

fn snapshot(json: &str) {
    let write = |snapshot: &MirrorSnapshot| snapshot.to_json().expect("a snapshot can be written");
    let Some(snapshot) = read_and_write_by(json, MirrorSnapshot::from_json, write) else {
        return;
    };
    let manager = PatchManager::from_memory(&MemoryBackend::from_snapshot(&snapshot));
    wait(
        manager
            .sweep(&ComplianceQuery::fleet())
            .take(20)
            .for_each(|_| async {}),
    );
    let _ = DesiredState::import("imported", &snapshot);
    let ahead = aws_patch_manager::jiff::SignedDuration::from_hours(24 * DAYS_AHEAD);
    if let Ok(calendar) = PatchCalendar::of(&snapshot, NOW..NOW + ahead) {
        let _ = calendar.to_html();
    }
}

fn plan(json: &str) {
    if let Some(plan) = read_and_write::<Plan>(json) {
        let _ = (
            plan.summary(),
            plan.to_markdown(),
            plan.to_string(),
            plan.iam_actions(),
        );
    }
}

fn rollout_state(json: &str) {
    let _ = read_and_write::<Rollout>(json);
    let write = |state: &RolloutState| state.to_json().expect("a state can be written");
    if let Some(mut state) = read_and_write_by(json, RolloutState::from_json, write) {
        let _ = (
            state.check(),
            state.outcome().to_string(),
            state.current_wave(),
        );
        let _ = state.accept_gate();
        state.resume();
        state.abort();
        let _ = state.outcome();
    }
}

fn checkpoint(json: &str) {
    let Some(checkpoint) = read_and_write::<SweepCheckpoint>(json) else {
        return;
    };
    let manager = PatchManager::from_memory(&account());
    for query in [ComplianceQuery::all(), ComplianceQuery::fleet()] {
        let sweep = manager.resume_sweep(&query, checkpoint.clone());
        wait(sweep.take(20).for_each(|_| async {}));
    }
}

fn compliance_report(json: &str) {
    let write = |report: &ComplianceReport| report.to_json().expect("a report can be written");
    if let Some(report) = read_and_write_by(json, ComplianceReport::from_json, write) {
        let _ = (report.to_markdown(), report.to_html(), report.to_csv());
    }
}

fn deadline_report(json: &str) {
    let write = |report: &DeadlineReport| report.to_json().expect("a report can be written");
    if let Some(report) = read_and_write_by(json, DeadlineReport::from_json, write) {
        let _ = (report.to_html(), report.to_csv());
        let _ = report.clone().with_previous(&report);
    }
}

fn calendar(json: &str) {
    let write = |calendar: &PatchCalendar| calendar.to_json().expect("a calendar can be written");
    if let Some(calendar) = read_and_write_by(json, PatchCalendar::from_json, write) {
        let _ = (calendar.to_html(), calendar.to_string());
    }
}

fn policy(json: &str) {
    let write = |policy: &PatchPolicy| policy.to_json().expect("a policy can be written");
    let _ = read_and_write_by(json, PatchPolicy::from_json, write);
    let _ = read_and_write::<PatchPolicyState>(json);
}

fn printed_by_ssm(json: &str) {
    let _ = read_and_write::<PatchBaseline>(json);
    let _ = read_and_write::<PatchBaselineIdentity>(json);

    let _ = read_and_write::<Patch>(json);
    let _ = read_and_write::<InstancePatchState>(json);
    let _ = read_and_write::<PatchComplianceData>(json);
    let _ = read_and_write::<ComplianceItem>(json);
    let _ = read_and_write::<ComplianceSummaryItem>(json);
    let _ = read_and_write::<ResourceComplianceSummaryItem>(json);
    let _ = read_and_write::<InstanceInformation>(json);
    let _ = read_and_write::<Command>(json);
    let _ = read_and_write::<CommandInvocation>(json);
    let _ = read_and_write::<CommandInvocationDetail>(json);
    let _ = read_and_write::<MaintenanceWindow>(json);
    let _ = read_and_write::<MaintenanceWindowTaskDetail>(json);
    let _ = read_and_write::<AssociationDescription>(json);
    let _ = read_and_write::<ResourceDataSyncItem>(json);
}

fn printed_by_ec2(json: &str) {
    let _ = read_and_write::<Ec2Instance>(json);
    let _ = read_and_write::<RouteTable>(json);
    let _ = read_and_write::<SecurityGroup>(json);
}

fn printed_by_automation(json: &str) {
    let _ = read_and_write::<AutomationExecution>(json);
    let _ = read_and_write::<Document>(json);
    let _ = read_and_write::<DocumentDescription>(json);
    let _ = read_and_write::<DocumentIdentifier>(json);
}

fn reports(json: &str) {
    if let Some(exposure) = read_and_write::<Exposure>(json) {
        let _ = exposure.to_string();
    }
    if let Some(report) = read_and_write::<PrerequisiteReport>(json) {
        let _ = report.to_string();
    }
    if let Some(check) = read_and_write::<PromotionCheck>(json) {
        let _ = check.to_string();
    }
}

fn requests(json: &str) {
    let _ = read_and_write::<BaselineSpec>(json);
    let _ = read_and_write::<SendCommand>(json);
    let _ = read_and_write::<CreateAssociation>(json);
    let _ = read_and_write::<PatchWindow>(json);
}
