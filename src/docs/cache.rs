use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use async_trait::async_trait;
use aws_patch_manager::Result;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::backend::{Access, Operation};
use futures_util::lock::Mutex;

/// Caches the answers to these operations until a write passes.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pub(crate) operations: Vec<Operation>,
    pub(crate) writes: AtomicU64,
    pub(crate) answers: Mutex<HashMap<(u64, Operation, String), Answer>>,
}

/// Counts a write when it ends, also after an error and if its caller drops it: it may have taken effect.
struct Counted<'a>(&'a AtomicU64);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[async_trait]
impl Layer for Cache {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        if call.access() == Access::Write {
            let counted = Counted(&self.writes);
            let outcome = next.run(&call).await;
            drop(counted);
            self.answers.lock().await.clear();
            return outcome;
        }
        if !self.operations.contains(&call.operation()) {
            return next.run(&call).await;
        }
        // The number makes sure that a read which a write overtook is not found afterwards.
        let request = call.to_value()?.to_string();
        let key = (self.writes.load(SeqCst), call.operation(), request);
        if let Some(answer) = self.answers.lock().await.get(&key) {
            return Ok(answer.clone());
        }
        let answer = next.run(&call).await?;
        self.answers.lock().await.insert(key, answer.clone());
        Ok(answer)
    }
}
