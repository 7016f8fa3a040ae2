//! Steps of a walk, each cut at one of its calls, or taken by two callers at once.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use async_trait::async_trait;
use aws_patch_manager::backend::Access;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::{ErrorKind, PatchManager, Result};

use super::cut::Cut;
use super::turns::TwoCallers;

/// How many writes of a step can be cut.
const WRITES: usize = 4;

/// Whether only writes are cut: a read that loses its reply is one that fails.
fn is_of_writes(cut: Cut) -> bool {
    matches!(cut, Cut::LosesReply | Cut::EndsAfter)
}

/// A step of a walk, from a number: so a shorter walk, and one of smaller numbers, is a simpler one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<V> {
    verb: V,
    /// A second verb, by the other manager at the same time.
    beside: Option<V>,
    cut: Option<(usize, Cut)>,
    /// Whose turn it is, bit by bit.
    turns: u64,
}

impl<V> Step<V> {
    /// The step of a number: one of its first `calls` calls can be cut, or one of its first writes.
    pub(crate) fn of(number: u64, calls: u64, verb: impl Fn(u64) -> V) -> Self {
        let (verb_of, rest) = (number % 128, number / 128);
        let call = (rest / 8 % calls) as usize;
        let cut = match rest % 8 {
            1 => Some((call, Cut::Fails)),
            2 => Some((call % WRITES, Cut::LosesReply)),
            3 => Some((call, Cut::EndsBefore)),
            4 => Some((call % WRITES, Cut::EndsAfter)),
            _ => None,
        };
        // The same twice meets itself, which two of all verbs seldom do.
        let beside = match rest % 8 {
            6 => Some(verb(verb_of)),
            7 => Some(verb(rest / 8 % 128)),
            _ => None,
        };
        Self {
            verb: verb(verb_of),
            beside,
            cut,
            turns: rest / 1024,
        }
    }

    /// Whether no second verb is taken at the same time.
    pub(crate) fn is_alone(&self) -> bool {
        self.beside.is_none()
    }

    /// Whether nothing happens to it: it succeeds.
    pub(crate) fn is_undisturbed(&self) -> bool {
        self.is_alone() && self.cut.is_none()
    }

    pub(crate) fn map<W>(self, mut with: impl FnMut(V) -> W) -> Step<W> {
        Step {
            verb: with(self.verb),
            beside: self.beside.map(with),
            cut: self.cut,
            turns: self.turns,
        }
    }
}

/// The call that is cut, counted down; and whether the program has ended.
#[derive(Debug, Default)]
struct Cutting {
    cut: Option<(usize, Cut)>,
    ended: bool,
}

/// A layer that cuts a call of a step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cuts(Arc<Mutex<Cutting>>);

impl Cuts {
    /// Takes a step over this layer: what both verbs do, or what one does until its program ends.
    pub(crate) async fn take<V>(
        &self,
        manager: &PatchManager,
        step: Step<V>,
        act: impl AsyncFn(&PatchManager, V),
    ) {
        *self.0.lock().unwrap() = Cutting {
            cut: step.cut,
            ended: false,
        };
        match step.beside {
            None => drop(self.run(act(manager, step.verb)).await),
            Some(beside) => {
                let callers = TwoCallers::of(manager);
                let [one, other] = &callers.managers;
                let mut turns = step.turns;
                let turn = || {
                    turns = turns.rotate_right(1);
                    (turns & 1) as usize
                };
                let both = callers.run(act(one, step.verb), act(other, beside), turn);
                both.await;
            }
        }
        self.0.lock().unwrap().cut = None;
    }

    fn next(&self, access: Access) -> Option<Cut> {
        let mut cutting = self.0.lock().unwrap();
        match &mut cutting.cut {
            Some((_, cut)) if is_of_writes(*cut) && access == Access::Read => None,
            Some((0, cut)) => {
                let cut = *cut;
                cutting.cut = None;
                Some(cut)
            }
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        }
    }

    async fn end(&self) -> Result<Answer> {
        self.0.lock().unwrap().ended = true;
        pending().await
    }

    /// Does work until its program ends.
    async fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if self.0.lock().unwrap().ended => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }
}

#[async_trait]
impl Layer for Cuts {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        match self.next(call.access()) {
            Some(cut) => cut.call(call, next, ErrorKind::Throttled, self.end()).await,
            None => next.run(&call).await,
        }
    }
}
