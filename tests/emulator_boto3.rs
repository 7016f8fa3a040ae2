//! A client that others wrote agrees: boto3 drives the five steps against the emulator.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::process::Command;

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::emulator::Emulator;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3_five_steps.py");

fn boto3_is_there() -> bool {
    let import = Command::new("python3")
        .args(["-c", "import boto3"])
        .output();
    import.is_ok_and(|import| import.status.success())
}

#[test]
fn boto3_goes_through_the_five_steps_and_agrees_with_every_reply() {
    if !boto3_is_there() {
        let told = "python3 cannot import boto3; install it with `python3 -m pip install boto3`";
        assert!(!std::env::var("CI").is_ok_and(|ci| ci == "true"), "{told}");
        println!("NOT CHECKED: {told}");
        return;
    }
    let emulator = Emulator::start(MemoryBackend::sample()).unwrap();
    let run = Command::new("python3")
        .args([SCRIPT, emulator.endpoint()])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    let failed = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{told}{failed}");
    assert_eq!(told.trim(), "five steps: ok");
}
