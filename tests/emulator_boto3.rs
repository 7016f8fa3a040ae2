//! An independent client agrees: boto3 drives the emulator and checks every reply.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::process::Command;

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::emulator::Emulator;
use support::python;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3/");

/// Runs a script against its own emulator, and returns its output.
fn told_by(script: &str) -> Option<String> {
    if !python::has("boto3", "boto3") {
        return None;
    }
    let emulator = Emulator::start(MemoryBackend::sample()).unwrap();
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
