//! What the example of layers prints, and that the cache of the guide is never behind a write.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use async_trait::async_trait;
use aws_patch_manager::PatchManager;
use aws_patch_manager::backend::layer::{Answer, Call, Faults, Next};
use aws_patch_manager::backend::{Layer, Operation};
use aws_patch_manager::types::BaselineId;
use aws_patch_manager::{BaselineBuilder, Result};
use futures_util::FutureExt;

use super::world::{account, ask};

#[allow(dead_code)]
#[path = "../../examples/layers.rs"]
mod program;

use program::cache::Cache;

const ASKED: Operation = Operation::GetDefaultPatchBaseline;

#[tokio::test]
async fn the_example_shows_which_layer_sees_which_call() {
    let mut out = Vec::new();
    program::show(&mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    let expected = "\
a read comes to the backend:
  inner GetDefaultPatchBaseline  Succeeded
  outer GetDefaultPatchBaseline  Succeeded
the same again is answered by the cache:
  outer GetDefaultPatchBaseline  Succeeded
a write empties the cache:
  inner RegisterDefaultPatchBaseline Succeeded
  outer RegisterDefaultPatchBaseline Succeeded
  inner GetDefaultPatchBaseline  Succeeded
  outer GetDefaultPatchBaseline  Succeeded
a planned fault looks like one of the service:
  inner DescribePatchBaselines   Succeeded
  outer DescribePatchBaselines   Succeeded
  inner CreatePatchBaseline      Failed: throttled
  outer CreatePatchBaseline      Failed: throttled
a manager that only reads refuses the write before any other layer sees it:
  inner DescribePatchBaselines   Succeeded
  outer DescribePatchBaselines   Succeeded
  CreatePatchBaseline: access denied: the layer ReadOnly refuses every write; the call was not made
";
    assert_eq!(text, expected);
}

fn cached(operation: Operation) -> Cache {
    let operations = vec![operation];
    Cache {
        operations,
        ..Cache::default()
    }
}

/// A baseline that is not the default yet.
async fn own_baseline(manager: &PatchManager) -> BaselineId {
    let spec = BaselineBuilder::windows_critical_and_security("own", 7);
    let spec = spec.build().unwrap();
    manager.create_baseline(&spec).await.unwrap()
}

#[tokio::test]
async fn a_cache_answers_reads_of_its_operations_until_a_write() {
    let (_, manager) = account();
    let calls = Faults::new();
    let manager = manager.layer(calls.clone()).layer(cached(ASKED));
    let own = own_baseline(&manager).await;
    for _ in 0..3 {
        assert_ne!(ask(&manager).await.unwrap().baseline_id, own);
    }
    assert_eq!(calls.call_count(ASKED), 1);
    // Failed, as far as the caller knows, and it took effect.
    calls.lose_reply(Operation::RegisterDefaultPatchBaseline);
    manager.set_default_baseline(&own).await.unwrap_err();
    assert_eq!(ask(&manager).await.unwrap().baseline_id, own);
    assert_eq!(calls.call_count(ASKED), 2);
    manager.baseline(&own).await.unwrap();
    manager.baseline(&own).await.unwrap();
    assert_eq!(calls.call_count(Operation::GetPatchBaseline), 2);
}

/// Holds answers back until it is told to let them go. Wakes nobody: the test polls by itself.
#[derive(Debug, Clone, Default)]
struct Hold(Arc<AtomicBool>);

#[async_trait]
impl Layer for Hold {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let outcome = next.run(&call).await;
        if call.operation() == ASKED {
            poll_fn(|_| match self.0.load(Ordering::SeqCst) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            })
            .await;
        }
        outcome
    }
}

#[tokio::test]
async fn a_cache_forgets_a_read_that_a_write_overtook() {
    let (_, manager) = account();
    let hold = Hold::default();
    let manager = manager.layer(hold.clone()).layer(cached(ASKED));
    let own = own_baseline(&manager).await;
    let mut early = ask(&manager);
    assert!((&mut early).now_or_never().is_none());
    manager.set_default_baseline(&own).await.unwrap();
    hold.0.store(true, Ordering::SeqCst);
    assert_ne!(early.await.unwrap().baseline_id, own);
    assert_eq!(ask(&manager).await.unwrap().baseline_id, own);
}
