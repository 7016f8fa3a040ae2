use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::layer::{Answer, Call, Next, ReadOnly};
use aws_patch_manager::backend::{
    Access, BaselineStore, CreatePatchBaseline, GetDefaultPatchBaseline, Layer, NodeInventoryExt,
    Operation, RegisterDefaultPatchBaseline, layered,
};
use aws_patch_manager::types::{BaselineId, NodeId, OperatingSystem, Tag};
use aws_patch_manager::{
    BaselineBuilder, Error, ErrorKind, MemoryBackend, PatchGroup, PatchManager, Result,
};
use serde_json::json;

use super::world::{Log, Named, Own, Retry, Seen, account, ask};

#[tokio::test]
async fn the_layer_that_is_added_last_sees_a_call_first_and_its_outcome_last() {
    let log = Log::default();
    let named = |name| Named {
        name,
        log: Arc::clone(&log),
    };
    let order = ["outer in", "inner in", "inner out", "outer out"];
    let backend = Arc::new(MemoryBackend::sample());
    let windows = Some(OperatingSystem::Windows);

    let manager = PatchManager::in_memory();
    let manager = manager.layer(named("inner")).layer(named("outer"));
    ask(&manager).await.unwrap();
    assert_eq!(std::mem::take(&mut *log.lock().unwrap()), order);

    let manager = PatchManager::builder()
        .layer(named("inner"))
        .layer(named("outer"))
        .baselines(Arc::clone(&backend) as _)
        .build();
    ask(&manager).await.unwrap();
    assert_eq!(std::mem::take(&mut *log.lock().unwrap()), order);

    let backend = layered(backend, named("inner")).layer(named("outer"));
    let request = GetDefaultPatchBaseline::new(windows);
    backend.get_default_patch_baseline(request).await.unwrap();
    assert_eq!(*log.lock().unwrap(), order);
}

#[tokio::test]
async fn a_layer_is_around_the_new_manager_alone() {
    let (_, manager) = account();
    let seen = Seen::default();
    let log = Arc::clone(&seen.0);
    let watched = manager.layer(seen);
    ask(&manager).await.unwrap();
    assert!(log.lock().unwrap().is_empty());
    ask(&watched).await.unwrap();
    ask(&watched.clone()).await.unwrap();
    assert_eq!(log.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_layer_is_around_every_capability_and_an_absent_one_stays_unsupported() {
    let seen = Seen::default();
    let log = Arc::clone(&seen.0);
    let own = Arc::new(Own::default());
    let manager = PatchManager::builder().baselines(own).layer(seen).build();
    ask(&manager).await.unwrap();
    let state = manager.group_state(&PatchGroup::new("web").unwrap()).await;
    assert_eq!(state.unwrap_err().kind(), ErrorKind::Unsupported);
    let operations: Vec<_> = log.lock().unwrap().iter().map(|(of, ..)| *of).collect();
    assert_eq!(
        operations,
        ["GetDefaultPatchBaseline", "DescribePatchGroupState"]
    );
}

#[tokio::test]
async fn read_only_refuses_a_write_before_the_backend_and_lets_reads_pass() {
    let (backend, manager) = account();
    let manager = manager.layer(ReadOnly::new());
    ask(&manager).await.unwrap();
    let spec = BaselineBuilder::ubuntu_security("web").build().unwrap();
    let refused = manager.ensure_baseline(&spec).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AccessDenied);
    assert_eq!(refused.operation(), Some("CreatePatchBaseline"));
    assert_eq!(
        refused.message(),
        "the layer ReadOnly refuses every write; the call was not made"
    );
    let reads = backend.calls();
    assert!(reads.contains(&Operation::DescribePatchBaselines));
    assert!(reads.iter().all(|of| of.access() == Access::Read));

    let node = NodeId::new("i-0c0ffee0000000001");
    let layered = layered(Arc::new(backend), ReadOnly::new());
    let add = layered.add_tags(&node, &[Tag::new("Role", "web")]).await;
    assert_eq!(add.unwrap_err().kind(), ErrorKind::AccessDenied);
    layered.list_tags(&node).await.unwrap();
}

#[tokio::test]
async fn a_layer_further_in_sees_which_attempt_a_call_is() {
    let (backend, manager) = account();
    backend
        .faults()
        .throttle(Operation::GetDefaultPatchBaseline)
        .times(2);
    let (inside, outside) = (Seen::default(), Seen::default());
    let (inside_log, outside_log) = (Arc::clone(&inside.0), Arc::clone(&outside.0));
    let manager = manager.layer(inside).layer(Retry).layer(outside);
    ask(&manager).await.unwrap();
    let attempts = |log: &Log<(Operation, u32, Duration)>| -> Vec<u32> {
        log.lock().unwrap().iter().map(|seen| seen.1).collect()
    };
    assert_eq!(attempts(&inside_log), [1, 2, 3]);
    assert_eq!(attempts(&outside_log), [1]);
    ask(&manager).await.unwrap();
    assert_eq!(attempts(&inside_log), [1, 2, 3, 1]);
}

#[tokio::test]
async fn attempts_of_two_layers_that_repeat_a_call_count_on() {
    let (backend, manager) = account();
    backend
        .faults()
        .throttle(Operation::GetDefaultPatchBaseline)
        .times(5);
    let seen = Seen::default();
    let log = Arc::clone(&seen.0);
    ask(&manager.layer(seen).layer(Retry).layer(Retry))
        .await
        .unwrap();
    assert_eq!(log.lock().unwrap().len(), 6);
}

#[tokio::test]
async fn what_has_elapsed_is_by_the_clock_of_the_manager() {
    let (backend, manager) = account();
    let operation = Operation::GetDefaultPatchBaseline;
    backend.faults().delay(operation, Duration::from_secs(30));
    let seen = Seen::default();
    let log = Arc::clone(&seen.0);
    ask(&manager.layer(seen)).await.unwrap();
    let expected = (operation, 1, Duration::from_secs(30));
    assert_eq!(*log.lock().unwrap(), [expected]);
}

/// Answers for the backend, or changes its answers.
#[derive(Debug, Clone)]
enum Answering {
    Instead(BaselineId),
    ToAnother(BaselineId),
    Failing,
    Succeeding,
}

#[async_trait]
impl Layer for Answering {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        match self {
            Self::Instead(id) => Ok(Answer::new::<RegisterDefaultPatchBaseline>(id.clone())),
            // An id too, and of another operation.
            Self::ToAnother(id) => Ok(Answer::new::<CreatePatchBaseline>(id.clone())),
            Self::Failing => {
                next.run(&call).await?;
                Err(Error::new(ErrorKind::Timeout, "too late"))
            }
            Self::Succeeding => match next.run(&call).await {
                Ok(answer) => Ok(answer),
                Err(_) => {
                    let request = call.request::<RegisterDefaultPatchBaseline>().unwrap();
                    let id = request.baseline_id.clone();
                    Ok(Answer::new::<RegisterDefaultPatchBaseline>(id))
                }
            },
        }
    }
}

/// Makes an unknown baseline the default, through a layer; returns the number of calls to memory.
async fn register(layer: Answering) -> (Result<BaselineId>, usize) {
    let backend = Arc::new(MemoryBackend::sample());
    let request = RegisterDefaultPatchBaseline::new("pb-00000000000000000");
    let layered = layered(Arc::clone(&backend), layer);
    let outcome = layered.register_default_patch_baseline(request).await;
    (outcome, backend.calls().len())
}

#[tokio::test]
async fn a_layer_may_answer_in_place_of_the_backend() {
    let id = BaselineId::new("pb-0123456789abcdef0");
    let (outcome, calls) = register(Answering::Instead(id.clone())).await;
    assert_eq!((outcome.unwrap(), calls), (id, 0));
}

#[tokio::test]
async fn a_layer_may_replace_an_error_by_an_answer_and_an_answer_by_an_error() {
    let (outcome, calls) = register(Answering::Succeeding).await;
    assert_eq!(
        (outcome.unwrap().as_str(), calls),
        ("pb-00000000000000000", 1)
    );
    let (backend, manager) = account();
    let error = ask(&manager.layer(Answering::Failing)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(backend.calls().len(), 1);
}

#[tokio::test]
async fn an_answer_to_another_operation_is_an_invalid_response() {
    let id = BaselineId::new("pb-0123456789abcdef0");
    let (outcome, _) = register(Answering::ToAnother(id)).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(error.operation(), Some("RegisterDefaultPatchBaseline"));
    assert_eq!(
        error.message(),
        "a layer answered RegisterDefaultPatchBaseline with an answer to CreatePatchBaseline"
    );
}

/// Records requests and answers in AWS's JSON form.
#[derive(Debug, Default)]
struct AsJson(Log<[serde_json::Value; 2]>);

#[async_trait]
impl Layer for AsJson {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let answer = next.run(&call).await?;
        let written = [call.to_value()?, answer.to_value(&call)?];
        self.0.lock().unwrap().push(written);
        Ok(answer)
    }
}

#[tokio::test]
async fn a_request_and_an_answer_are_written_in_the_form_of_the_service() {
    let json = AsJson::default();
    let log = Arc::clone(&json.0);
    let manager = PatchManager::in_memory().layer(json);
    let default = ask(&manager).await.unwrap();
    manager
        .set_default_baseline(&default.baseline_id)
        .await
        .unwrap();
    let id = default.baseline_id.as_str();
    let expected = [
        [
            json!({"OperatingSystem": "WINDOWS"}),
            json!({"BaselineId": id, "OperatingSystem": "WINDOWS"}),
        ],
        [json!({"BaselineId": id}), json!({"BaselineId": id})],
    ];
    assert_eq!(*log.lock().unwrap(), expected);
}
