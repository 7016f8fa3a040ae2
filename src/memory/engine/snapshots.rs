//! The snapshots of baselines: what a SnapshotId freezes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::baseline::PatchBaseline;
use crate::memory::store::later;
use crate::types::{OperatingSystem, OsFamily, SnapshotId};

/// How long a snapshot can be asked for again; after that its id makes a new one (User Guide,
/// GetDeployablePatchSnapshotForInstance).
const KEPT: SignedDuration = SignedDuration::from_hours(3 * 24);

/// What one snapshot is for. Of one id there is one for each patch group and operating system.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SnapshotKey {
    pub(super) id: SnapshotId,
    pub(super) group: String,
    pub(super) os: OperatingSystem,
}

/// The baseline as it was when an id was first used.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) baseline: Arc<PatchBaseline>,
    made: Timestamp,
}

impl Snapshot {
    /// The instant at which a run under the id judges patches.
    ///
    /// For Windows the service decides, so the snapshot holds the approved patches. The list is empty
    /// for other systems: their nodes apply the rules to the repositories that they have, and count
    /// delays to their own present (node code).
    pub(super) fn judges_at(&self, now: Timestamp) -> Timestamp {
        match self.baseline.operating_system.family() {
            OsFamily::Windows => self.made,
            _ => now,
        }
    }

    fn is_kept(&self, now: Timestamp) -> bool {
        now < later(self.made, KEPT)
    }
}

/// The snapshots that can be asked for again.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    known: HashMap<SnapshotKey, Snapshot>,
    oldest_first: VecDeque<SnapshotKey>,
}

impl Snapshots {
    pub(super) fn get(&self, key: &SnapshotKey, now: Timestamp) -> Option<Snapshot> {
        let known = self.known.get(key);
        known.filter(|snapshot| snapshot.is_kept(now)).cloned()
    }

    /// Stores a snapshot that is not known, and forgets those that are too old.
    pub(super) fn add(&mut self, key: SnapshotKey, baseline: Arc<PatchBaseline>, now: Timestamp) {
        while let Some(oldest) = self.oldest_first.front()
            && self.known.get(oldest).is_none_or(|one| !one.is_kept(now))
        {
            self.known.remove(oldest);
            self.oldest_first.pop_front();
        }
        let made = now;
        self.known.insert(key.clone(), Snapshot { baseline, made });
        self.oldest_first.push_back(key);
    }
}
