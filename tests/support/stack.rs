//! Layers between two probes: what a caller sees is what the backend answered, and every write that the
//! backend saw was asked for. [`Stack::holds`] has the rules.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_patch_manager::backend::layer::{
    Answer, Audit, Call, Layer, Limit, LimitConfig, Next, Record,
};
use aws_patch_manager::backend::{Access, Operation};
use aws_patch_manager::{PatchManager, Result};

use super::cache::Cache;

/// What a call was, in JSON.
type Asked = (Operation, String);

/// The calls of one request.
#[derive(Debug, Default)]
struct Calls {
    /// How many a caller made.
    asked: usize,
    /// How many came to the backend and were not throttled, which has no effect.
    made: usize,
    /// The outcomes of the backend that no caller has seen.
    unseen: Vec<String>,
    /// The newest of all of them, and how many writes there had been when it was asked for.
    newest: (usize, String),
}

#[derive(Debug, Default)]
struct Ledger {
    calls: BTreeMap<Asked, Calls>,
    /// The outcomes that no call of the backend had.
    invented: Vec<String>,
    /// The writes that ended with an outcome.
    ended: usize,
    /// Those and the ones whose caller ended first: they may have taken effect.
    written: usize,
    audited: BTreeMap<Operation, usize>,
}

type Shared = Arc<Mutex<Ledger>>;

/// The layers around a backend, and what the probes saw.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    ledger: Shared,
    record: Record,
}

/// What a cache may answer until the next write: only a write changes it.
const CACHED: [Operation; 2] = [
    Operation::GetDefaultPatchBaseline,
    Operation::GetPatchBaseline,
];

impl Stack {
    /// A manager whose calls pass all layers.
    pub(crate) fn around(&self, manager: &PatchManager) -> PatchManager {
        let ledger = Arc::clone(&self.ledger);
        let audit = Audit::new(move |record| {
            let mut ledger = ledger.lock().unwrap();
            *ledger.audited.entry(record.operation).or_default() += 1;
        });
        let operations = CACHED.to_vec();
        let manager = manager.clone().layer(Inside(Arc::clone(&self.ledger)));
        manager
            .layer(Limit::new(LimitConfig::default().with_max_in_flight(4)))
            .layer(self.record.clone())
            .layer(audit)
            .layer(Retry)
            .layer(Cache {
                operations,
                ..Cache::default()
            })
            .layer(Outside(Arc::clone(&self.ledger)))
    }

    /// Forgets the answers of calls whose caller has ended.
    pub(crate) fn settle(&self) {
        let mut ledger = self.ledger.lock().unwrap();
        ledger
            .calls
            .values_mut()
            .for_each(|calls| calls.unseen.clear());
    }

    /// What holds whatever happened.
    pub(crate) fn holds(&self) {
        let ledger = self.ledger.lock().unwrap();
        let invented = &ledger.invented;
        assert!(
            invented.is_empty(),
            "a layer changed an answer: {invented:?}"
        );
        let mut made = BTreeMap::<_, usize>::new();
        for ((operation, request), calls) in &ledger.calls {
            let (asked, of_one) = (calls.asked, calls.made);
            assert!(
                of_one <= asked,
                "{operation} {request}: {of_one} for {asked}"
            );
            *made.entry(*operation).or_default() += of_one;
        }
        for (operation, made) in made {
            let audited = ledger.audited.get(&operation).copied().unwrap_or_default();
            assert!(
                made <= audited,
                "{operation}: {made}, but {audited} in the audit"
            );
        }
        assert_eq!(self.record.calls().len(), ledger.ended, "recorded writes");
    }
}

/// Repeats what was throttled, which has no effect.
#[derive(Debug)]
struct Retry;

#[async_trait]
impl Layer for Retry {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        match next.run(&call).await {
            Err(error) if error.is_throttled() => next.run(&call).await,
            outcome => outcome,
        }
    }
}

/// The probe next to the backend.
#[derive(Debug)]
struct Inside(Shared);

/// The probe next to the caller.
#[derive(Debug)]
struct Outside(Shared);

fn asked(call: &Call<'_>) -> Asked {
    (call.operation(), call.to_value().unwrap().to_string())
}

fn outcome_of(call: &Call<'_>, outcome: &Result<Answer>) -> String {
    match outcome {
        Ok(answer) => answer.to_value(call).unwrap().to_string(),
        Err(error) => format!("{:?} {:?} {error}", error.kind(), error.code()),
    }
}

/// A write, until it ends or is dropped.
struct Written(Shared);

impl Drop for Written {
    fn drop(&mut self) {
        self.0.lock().unwrap().written += 1;
    }
}

#[async_trait]
impl Layer for Inside {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let asked = asked(&call);
        let with = |act: &dyn Fn(&mut Calls)| {
            let mut ledger = self.0.lock().unwrap();
            act(ledger.calls.entry(asked.clone()).or_default());
        };
        with(&|calls| calls.made += 1);
        let began = self.0.lock().unwrap().written;
        let is_write = call.access() == Access::Write;
        let written = is_write.then(|| Written(Arc::clone(&self.0)));
        let outcome = next.run(&call).await;
        drop(written);
        let throttled = outcome.as_ref().is_err_and(|error| error.is_throttled());
        let text = outcome_of(&call, &outcome);
        with(&|calls| {
            calls.made -= usize::from(throttled);
            calls.unseen.push(text.clone());
            if began >= calls.newest.0 {
                calls.newest = (began, text.clone());
            }
        });
        self.0.lock().unwrap().ended += usize::from(is_write);
        outcome
    }
}

#[async_trait]
impl Layer for Outside {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let asked = asked(&call);
        let with = |act: &mut dyn FnMut(&mut Calls)| {
            let mut ledger = self.0.lock().unwrap();
            act(ledger.calls.entry(asked.clone()).or_default());
        };
        with(&mut |calls| calls.asked += 1);
        let written = self.0.lock().unwrap().written;
        let outcome = next.run(&call).await;
        let text = outcome_of(&call, &outcome);
        let mut was_answered = false;
        with(&mut |calls| {
            let at = calls.unseen.iter().position(|unseen| *unseen == text);
            was_answered = at.map(|at| calls.unseen.remove(at)).is_some()
                || (CACHED.contains(&call.operation())
                    && calls.newest.1 == text
                    && calls.newest.0 >= written);
        });
        if !was_answered {
            let invented = format!("{} {text}", call.operation());
            self.0.lock().unwrap().invented.push(invented);
        }
        outcome
    }
}
