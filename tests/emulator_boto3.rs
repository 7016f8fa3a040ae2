//! An independent client agrees: boto3 drives the emulator and checks every reply.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::process::Command;

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::memory::MemoryOrganization;
use support::python;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3/");

/// Runs a script against its own emulator, and returns its output.
fn told_by(script: &str) -> Option<String> {
    let emulator = Emulator::start(MemoryBackend::sample()).unwrap();
    told_of(&emulator, script)
}

/// Runs a script against an emulator, and returns its output.
fn told_of(emulator: &Emulator, script: &str) -> Option<String> {
    if !python::has("boto3", "boto3") {
        return None;
    }
    let run = Command::new(python::interpreter())
        .args(["-B", &format!("{SCRIPTS}{script}"), emulator.endpoint()])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout).trim().to_owned();
    let failed = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{told}{failed}");
    Some(told)
}

#[test]
fn boto3_goes_through_the_five_steps_and_agrees_with_every_reply() {
    if let Some(told) = told_by("five_steps.py") {
        assert_eq!(told, "five steps: ok");
    }
}

#[test]
fn boto3_plans_and_runs_windows_and_associations_and_agrees_with_every_reply() {
    if let Some(told) = told_by("schedules.py") {
        assert_eq!(told, "schedules: ok");
    }
}

#[test]
fn boto3_takes_an_inventory_and_agrees_with_every_reply() {
    if let Some(told) = told_by("inventory.py") {
        assert_eq!(told, "inventory: ok");
    }
}

#[test]
fn boto3_reports_compliance_of_its_own_and_agrees_with_every_reply() {
    if let Some(told) = told_by("compliance.py") {
        assert_eq!(told, "compliance: ok");
    }
}

#[test]
fn boto3_asks_what_prowler_asks_and_agrees_with_every_reply() {
    if let Some(told) = told_by("audit.py") {
        assert_eq!(told, "audit: ok");
    }
}

#[test]
fn boto3_patches_an_organization_and_agrees_with_every_reply() {
    let unit = "ou-ab12-production";
    let organization = MemoryOrganization::builder()
        .management("111111111111")
        .unit(unit, None)
        .account("222222222222", unit)
        .account("333333333333", unit)
        .regions(["eu-central-1", "eu-west-1"])
        .template(MemoryBackend::builder().sample_fleet())
        .build()
        .unwrap();
    organization.delete_execution_role("333333333333").unwrap();
    let role = "AWSServiceRoleForCloudFormationStackSetsOrgMember";
    organization.delete_role("333333333333", role).unwrap();
    let emulator = Emulator::start_organization(&organization).unwrap();
    if let Some(told) = told_of(&emulator, "organization.py") {
        assert_eq!(told, "organization: ok");
    }
}
