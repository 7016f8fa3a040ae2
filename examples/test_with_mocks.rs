//! Tests your own code with a mock of a service that throttles.
//!
//! `cargo run --example test_with_mocks --features mock`

use std::sync::Arc;

use aws_patch_manager::operation::{Command, CommandStatus};
use aws_patch_manager::testing::mock::MockCommandRunner;
use aws_patch_manager::{Error, ErrorKind, PatchManager, PatchRequest, Result};

/// The code under test: it starts a scan, and tries once more if the service throttles.
async fn scan_patiently(manager: &PatchManager, node: &str) -> Result<usize> {
    let request = PatchRequest::scan().nodes([node]);
    let run = match manager.run(&request).await {
        Err(error) if error.is_throttled() => manager.run(&request).await?,
        started => started?,
    };
    Ok(run.command_ids().len())
}

/// A service that throttles this number of calls before it accepts one.
fn throttling(times: usize) -> PatchManager {
    let mut runner = MockCommandRunner::new();
    runner.expect_send_command().times(times).returning(|_| {
        let rate = Error::service(ErrorKind::Throttled, "ThrottlingException", "Rate exceeded");
        Err(rate.with_operation("SendCommand"))
    });
    runner.expect_send_command().returning(|request| {
        let id = "0c0ffee0-0000-4000-8000-000000000001";
        Ok(Command::new(
            id,
            request.document_name,
            CommandStatus::Pending,
        ))
    });
    PatchManager::builder().commands(Arc::new(runner)).build()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for throttled in 0..=2 {
        let outcome = scan_patiently(&throttling(throttled), "i-0c0ffee0000000001").await;
        match outcome {
            Ok(commands) => println!("throttled {throttled} times: {commands} command sent"),
            Err(error) => println!("throttled {throttled} times: {error}"),
        }
    }
    Ok(())
}
