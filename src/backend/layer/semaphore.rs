use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A fair semaphore: it grants permits in the order of the requests.
///
/// A waiter that is dropped leaves the queue without a permit.
#[derive(Debug)]
pub(super) struct Semaphore {
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    free: usize,
    next_ticket: u64,
    waiting: VecDeque<(u64, Waker)>,
}

/// A permit, which is returned when this is dropped.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    semaphore: &'a Semaphore,
}

#[derive(Debug)]
struct Acquire<'a> {
    semaphore: &'a Semaphore,
    ticket: Option<u64>,
}

impl Semaphore {
    pub(super) fn new(permits: usize) -> Self {
        Self {
            queue: Mutex::new(Queue {
                free: permits,
                next_ticket: 0,
                waiting: VecDeque::new(),
            }),
        }
    }

    pub(super) fn acquire(&self) -> impl Future<Output = Permit<'_>> {
        Acquire {
            semaphore: self,
            ticket: None,
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// The position of a waiter; 0 is the first.
    fn position(&self, ticket: u64) -> Option<usize> {
        let found = self.waiting.binary_search_by_key(&ticket, |(of, _)| *of);
        found.ok()
    }
}

/// Unlocks the queue, then wakes the first waiter if there is a permit, because the waiter may lock
/// the queue again.
fn wake_first(queue: MutexGuard<'_, Queue>) {
    let first = queue.waiting.front().filter(|_| queue.free > 0);
    let first = first.map(|(_, waker)| waker.clone());
    drop(queue);
    if let Some(waker) = first {
        waker.wake();
    }
}

impl<'a> Future for Acquire<'a> {
    type Output = Permit<'a>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit<'a>> {
        let semaphore = self.semaphore;
        let mut queue = semaphore.queue();
        let position = self.ticket.and_then(|ticket| queue.position(ticket));
        let ahead = position.unwrap_or(queue.waiting.len());
        if ahead == 0 && queue.free > 0 {
            queue.free -= 1;
            if position.is_some() {
                queue.waiting.pop_front();
            }
            wake_first(queue);
            self.ticket = None;
            return Poll::Ready(Permit { semaphore });
        }
        match position {
            Some(position) => queue.waiting[position].1.clone_from(context.waker()),
            None => {
                let ticket = queue.next_ticket;
                queue.next_ticket += 1;
                queue.waiting.push_back((ticket, context.waker().clone()));
                self.ticket = Some(ticket);
            }
        }
        Poll::Pending
    }
}

impl Drop for Acquire<'_> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else {
            return;
        };
        let mut queue = self.semaphore.queue();
        if let Some(position) = queue.position(ticket) {
            queue.waiting.remove(position);
        }
        // It may have been woken for a permit that it does not take now.
        wake_first(queue);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut queue = self.semaphore.queue();
        queue.free += 1;
        wake_first(queue);
    }
}
