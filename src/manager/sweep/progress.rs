use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Clock;
use crate::progress::{self, ProgressWatch, Told, WorkEnd};

/// Tells the watch of a sweep, and those around it, how far it is.
#[derive(Debug, Clone)]
pub(crate) struct SweepCounts {
    watch: ProgressWatch,
    told: Arc<Mutex<Told>>,
    clock: Arc<dyn Clock>,
}

impl SweepCounts {
    /// Of a sweep that begins, until the second value is dropped.
    pub(super) fn begin(clock: Arc<dyn Clock>) -> (Self, WorkEnd) {
        let watch = ProgressWatch::new();
        let end = WorkEnd::of(&watch);
        let told = Arc::default();
        (Self { watch, told, clock }, end)
    }

    pub(crate) fn watch(&self) -> &ProgressWatch {
        &self.watch
    }

    pub(super) fn known(&self, nodes: usize) {
        self.tell(|told| told.known += nodes);
    }

    pub(super) fn done(&self, nodes: usize) {
        self.tell(|told| told.done += nodes);
    }

    pub(super) fn failed(&self, nodes: usize) {
        self.tell(|told| {
            told.done += nodes;
            told.failed += nodes;
        });
    }

    pub(super) fn all_known(&self) {
        self.tell(|told| told.is_all = true);
    }

    pub(super) fn lists_by_information(&self) {
        self.tell(|told| told.listed_by_information = true);
    }

    fn tell(&self, change: impl FnOnce(&mut Told)) {
        let told = {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut told);
            *told
        };
        let now = self.clock.now();
        self.watch.enter(|| progress::tell(told, now));
    }
}
