//! The open connections: how many there are, and which one gives its place to a new one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The open connections of a port.
///
/// When all places are taken, a new connection gets the place of one that waits for its client: to send
/// the rest of a request, to read a reply, or to begin the next request. So a client that only holds
/// connections keeps nobody out. A request that has arrived whole is always answered.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    open: Mutex<Open>,
    /// A place was given back.
    freed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    count: usize,
    /// How many were told to close and are still open.
    leaving: usize,
    /// The next number.
    next: u64,
    /// Those that wait for their client, the one that goes first at the front.
    waiting: BTreeMap<Turn, Arc<Notify>>,
}

/// A connection that was never used goes before one that was; then the one that waits the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    was_used: bool,
    number: u64,
}

/// The place of an open connection, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Connection {
    of: Arc<Connections>,
    turn: Mutex<Option<Turn>>,
    evicted: Arc<Notify>,
}

impl Connections {
    /// At most this many, and at least one.
    pub(super) fn at_most(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most: most.max(1),
            open: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// A place for a new connection. It waits while all others have requests that are being answered.
    pub(super) async fn admit(self: &Arc<Self>) -> Connection {
        while !self.take_place() {
            self.freed.notified().await;
        }
        let connection = Connection {
            of: Arc::clone(self),
            turn: Mutex::default(),
            evicted: Arc::default(),
        };
        connection.wait(false);
        connection
    }

    /// Takes a free place, or else tells a connection to leave.
    fn take_place(&self) -> bool {
        let mut open = self.open();
        let is_free = open.count < self.most;
        if is_free {
            open.count += 1;
        } else {
            open.evict();
        }
        is_free
    }

    /// Closes a connection that waits for its client, since the system has no handles left.
    pub(super) fn make_room(&self) {
        self.open().evict();
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Tells the first one to leave, unless another is about to.
    fn evict(&mut self) {
        if self.leaving > 0 {
            return;
        }
        if let Some((_, evicted)) = self.waiting.pop_first() {
            self.leaving += 1;
            evicted.notify_one();
        }
    }
}

impl Connection {
    /// Notes that its request has arrived whole: it does not give way until the answer is there. False
    /// if it has given way already.
    pub(super) fn begin_answer(&self) -> bool {
        let mut turn = self.turn();
        let is_here = turn.is_some_and(|turn| self.of.open().waiting.remove(&turn).is_some());
        if is_here {
            *turn = None;
        }
        is_here
    }

    /// Notes that the answer is there.
    pub(super) fn end_answer(&self) {
        self.wait(true);
    }

    /// Returns once it has to give way.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    fn wait(&self, was_used: bool) {
        let mut open = self.of.open();
        let number = open.next;
        open.next += 1;
        let turn = Turn { was_used, number };
        open.waiting.insert(turn, Arc::clone(&self.evicted));
        drop(open);
        *self.turn() = Some(turn);
    }

    fn turn(&self) -> MutexGuard<'_, Option<Turn>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let turn = *self.turn();
        let mut open = self.of.open();
        open.count -= 1;
        if turn.is_some_and(|turn| open.waiting.remove(&turn).is_none()) {
            open.leaving -= 1;
        }
        drop(open);
        self.of.freed.notify_one();
    }
}
