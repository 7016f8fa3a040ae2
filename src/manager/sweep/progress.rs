use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use crate::error::Result;

/// The progress of a sweep at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SweepProgress {
    /// Nodes listed so far.
    pub nodes_known: usize,
    /// Nodes answered so far, including failed ones.
    pub nodes_done: usize,
    /// Calls made to the backend so far.
    pub calls: usize,
    /// Calls that failed because of throttling. Throttled attempts that an SDK retried are not
    /// counted.
    pub throttled: usize,
    /// Calls that failed.
    pub failed: usize,
    /// Whether every node has been listed.
    pub all_known: bool,
    /// Whether DescribeInstanceInformation lists the managed nodes, 50 a page, because
    /// DescribeInstanceProperties was denied or the backend does not know it.
    pub listed_by_information: bool,
}

/// Such as `120 of 400 nodes, more to be listed; 11 calls, 0 throttled, 0 failed`, and by which
/// operation nodes are listed if it is not DescribeInstanceProperties.
impl fmt::Display for SweepProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.all_known {
            ""
        } else {
            ", more to be listed"
        };
        write!(
            f,
            "{} of {} nodes{more}; {} calls, {} throttled, {} failed",
            self.nodes_done, self.nodes_known, self.calls, self.throttled, self.failed
        )?;
        if self.listed_by_information {
            f.write_str("; listed by DescribeInstanceInformation, 50 a page")?;
        }
        Ok(())
    }
}

/// Watches a sweep from another task. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct SweepWatch {
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    known: AtomicUsize,
    done: AtomicUsize,
    calls: AtomicUsize,
    throttled: AtomicUsize,
    failed: AtomicUsize,
    all_known: AtomicUsize,
    by_information: AtomicUsize,
}

impl SweepWatch {
    /// The progress so far.
    pub fn progress(&self) -> SweepProgress {
        let read = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        let counters = &self.counters;
        SweepProgress {
            nodes_known: read(&counters.known),
            nodes_done: read(&counters.done),
            calls: read(&counters.calls),
            throttled: read(&counters.throttled),
            failed: read(&counters.failed),
            all_known: read(&counters.all_known) > 0,
            listed_by_information: read(&counters.by_information) > 0,
        }
    }

    pub(super) fn known(&self, nodes: usize) {
        self.counters.known.fetch_add(nodes, Ordering::Relaxed);
    }

    pub(super) fn done(&self, nodes: usize) {
        self.counters.done.fetch_add(nodes, Ordering::Relaxed);
    }

    pub(super) fn all_known(&self) {
        self.counters.all_known.store(1, Ordering::Relaxed);
    }

    pub(super) fn lists_by_information(&self) {
        self.counters.by_information.store(1, Ordering::Relaxed);
    }

    /// Counts a call and its result.
    pub(super) fn counted<T>(&self, answer: Result<T>) -> Result<T> {
        self.counters.calls.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = &answer {
            self.counters.failed.fetch_add(1, Ordering::Relaxed);
            let throttled = usize::from(error.is_throttled());
            self.counters
                .throttled
                .fetch_add(throttled, Ordering::Relaxed);
        }
        answer
    }
}
