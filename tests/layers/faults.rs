use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::backend::layer::{FaultScope, Faults};
use aws_patch_manager::backend::{
    BaselineStore, CommandRunner, GetDefaultPatchBaseline, GetPatchBaseline, NodeInventoryExt,
    Operation, SendCommand, layered,
};
use aws_patch_manager::types::PatchOperation;
use aws_patch_manager::{Clock, ErrorKind, ManualClock, MemoryBackend, PatchManager};
use jiff::Timestamp;

use super::world::{Own, account, ask};

#[tokio::test]
async fn faults_work_over_a_backend_of_a_programs_own() {
    let own = Own::default();
    let reached = Arc::clone(&own.calls);
    let faults = Faults::new();
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let manager = PatchManager::builder()
        .baselines(Arc::new(own))
        .clock(Arc::clone(&clock) as _)
        .layer(faults.clone())
        .build();
    let operation = Operation::GetDefaultPatchBaseline;
    faults.throttle(operation);
    faults.lose_reply(operation).on_call(2);
    faults.delay(operation, Duration::from_secs(5)).on_call(3);

    let error = ask(&manager).await.unwrap_err();
    assert_eq!(error.code(), Some("ThrottlingException"));
    assert_eq!(reached.lock().unwrap().len(), 0);
    let error = ask(&manager).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(error.operation(), Some("GetDefaultPatchBaseline"));
    assert_eq!(reached.lock().unwrap().len(), 1);
    ask(&manager).await.unwrap();
    assert_eq!(clock.now().as_second(), 5);
    assert_eq!(faults.calls(), [operation; 3]);
    assert_eq!(faults.call_count(operation), 3);
    faults.clear_calls();
    assert!(faults.calls().is_empty());
}

#[tokio::test]
async fn a_call_that_a_layer_repeats_is_a_call_each_time() {
    let (_, manager) = account();
    let faults = Faults::new();
    faults.throttle(FaultScope::Any).times(2);
    let manager = manager.layer(faults.clone()).layer(super::world::Retry);
    ask(&manager).await.unwrap();
    assert_eq!(faults.calls().len(), 3);
}

#[tokio::test]
async fn only_a_repeatable_call_whose_reply_is_lost_is_retryable() {
    let faults = Faults::new();
    let backend = layered(Arc::new(MemoryBackend::sample()), faults.clone());
    faults.lose_reply(FaultScope::Any).always();
    let tags = backend.list_tags(&"i-0c0ffee0000000001".into()).await;
    let error = tags.unwrap_err();
    assert!(error.is_retryable() && !error.may_have_taken_effect());
    let request = SendCommand::run_patch_baseline(PatchOperation::Scan);
    let error = backend.send_command(request).await.unwrap_err();
    assert!(!error.is_retryable() && error.may_have_taken_effect());
}

#[tokio::test]
async fn a_fault_is_unspent_until_it_has_affected_a_call() {
    let account = MemoryBackend::sample();
    let faults = account.faults();
    faults
        .throttle(Operation::GetDefaultPatchBaseline)
        .on_call(2)
        .times(2);
    faults.lose_reply(Operation::SendCommand);
    faults
        .delay(FaultScope::Any, Duration::from_millis(1500))
        .on_call(4);
    let denied = (ErrorKind::AccessDenied, "AccessDeniedException");
    faults
        .fail(Operation::GetPatchBaseline, denied.0, denied.1, "no")
        .always();
    let unspent =
        |of: &Faults| -> Vec<String> { of.unspent().iter().map(ToString::to_string).collect() };
    let ask = || account.get_default_patch_baseline(GetDefaultPatchBaseline::new(None));

    ask().await.unwrap();
    let get = GetPatchBaseline::new("pb-0123456789abcdef0");
    account.get_patch_baseline(get).await.unwrap_err();
    assert_eq!(
        unspent(faults),
        [
            "GetDefaultPatchBaseline is throttled from call 2 on, but had 1 calls",
            "SendCommand loses its reply from call 1 on, but had 0 calls",
            "any operation waits 1.5s from call 4 on, but had 2 calls",
        ]
    );
    ask().await.unwrap_err();
    ask().await.unwrap_err();
    assert_eq!(
        unspent(faults),
        ["SendCommand loses its reply from call 1 on, but had 0 calls"]
    );
    let scope = faults.unspent()[0].scope();
    assert_eq!(scope, FaultScope::Operation(Operation::SendCommand));
    faults.clear();
    assert!(faults.unspent().is_empty());
}
