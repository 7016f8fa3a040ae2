//! Two callers at once: every call waits for its turn, and a schedule says whose turn it is.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use async_trait::async_trait;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::{PatchManager, Result};

#[derive(Debug, Default)]
struct Gate {
    /// The callers that wait before a call.
    waiting: [Vec<Waker>; 2],
    turn: Option<usize>,
}

/// A layer whose calls wait for the turn of their caller.
#[derive(Debug)]
struct Turns {
    gate: Arc<Mutex<Gate>>,
    caller: usize,
}

#[async_trait]
impl Layer for Turns {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        poll_fn(|context| {
            let mut gate = self.gate.lock().unwrap();
            if gate.turn == Some(self.caller) {
                gate.turn = None;
                return Poll::Ready(());
            }
            gate.waiting[self.caller].push(context.waker().clone());
            Poll::Pending
        })
        .await;
        next.run(&call).await
    }
}

/// Two callers over one manager, whose calls alternate as a schedule says.
pub(crate) struct TwoCallers {
    gate: Arc<Mutex<Gate>>,
    pub(crate) managers: [PatchManager; 2],
}

impl TwoCallers {
    pub(crate) fn of(manager: &PatchManager) -> Self {
        let gate = Arc::new(Mutex::new(Gate::default()));
        let managers = [0, 1].map(|caller| {
            let gate = Arc::clone(&gate);
            manager.clone().layer(Turns { gate, caller })
        });
        Self { gate, managers }
    }

    /// Awaits what both do. Whenever both wait before a call, the schedule says which goes on.
    pub(crate) async fn run<A, B>(
        &self,
        first: impl Future<Output = A>,
        second: impl Future<Output = B>,
        mut schedule: impl FnMut() -> usize,
    ) -> (A, B) {
        let (mut first, mut second) = (pin!(first), pin!(second));
        let (mut of_first, mut of_second) = (None, None);
        poll_fn(|context| {
            loop {
                if of_first.is_none()
                    && let Poll::Ready(done) = first.as_mut().poll(context)
                {
                    of_first = Some(done);
                }
                if of_second.is_none()
                    && let Poll::Ready(done) = second.as_mut().poll(context)
                {
                    of_second = Some(done);
                }
                if let (Some(_), Some(_)) = (&of_first, &of_second) {
                    let both = of_first.take().zip(of_second.take());
                    return Poll::Ready(both.unwrap());
                }
                let mut gate = self.gate.lock().unwrap();
                let waits = |caller: usize| !gate.waiting[caller].is_empty();
                let turn = match (of_first.is_some(), of_second.is_some()) {
                    (false, false) if waits(0) && waits(1) => schedule() % 2,
                    (true, false) if waits(1) => 1,
                    (false, true) if waits(0) => 0,
                    // A call is on its way.
                    _ => return Poll::Pending,
                };
                gate.turn = Some(turn);
                gate.waiting[turn].drain(..).for_each(Waker::wake);
            }
        })
        .await
    }
}

/// Every schedule of two callers, one after the other: a schedule is known after its run.
#[derive(Default)]
pub(crate) struct Schedules {
    turns: Vec<usize>,
    at: usize,
    /// How many schedules there were.
    pub(crate) count: usize,
}

impl Schedules {
    pub(crate) fn turn(&mut self) -> usize {
        if self.at == self.turns.len() {
            self.turns.push(0);
        }
        self.at += 1;
        self.turns[self.at - 1]
    }

    /// Whether there is another schedule; the next turns are its.
    pub(crate) fn next(&mut self) -> bool {
        self.count += 1;
        self.at = 0;
        while self.turns.pop_if(|turn| *turn == 1).is_some() {}
        match self.turns.last_mut() {
            Some(last) => *last = 1,
            None => return false,
        }
        true
    }
}
