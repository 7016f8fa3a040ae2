//! A client that others wrote agrees: boto3 drives the five steps against the emulator.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "support/python.rs"]
mod python;

use std::process::Command;

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::emulator::Emulator;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3_five_steps.py");

#[test]
fn boto3_goes_through_the_five_steps_and_agrees_with_every_reply() {
    if !python::has("boto3", "boto3") {
        return;
    }
    let emulator = Emulator::start(MemoryBackend::sample()).unwrap();
    let run = Command::new(python::interpreter())
        .args([SCRIPT, emulator.endpoint()])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    let failed = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{told}{failed}");
    assert_eq!(told.trim(), "five steps: ok");
}
