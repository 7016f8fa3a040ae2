//! The State Manager associations: what each says and said, and when it ran.

use jiff::Timestamp;

use super::fleet::Node;
use crate::schedule::Recurrence;
use crate::schedule::association::CreateAssociation;
use crate::types::{AssociationId, NodeId, Target};

/// The associations, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct AssociationRecordStore {
    kept: Vec<Kept>,
}

/// An association: what it says, what it said before, and when it ran.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) id: AssociationId,
    pub(crate) made: Timestamp,
    pub(crate) current: Version,
    pub(crate) past: Vec<Version>,
    /// In the order in which they began.
    pub(crate) runs: Vec<Run>,
}

/// What an association says as of one version.
#[derive(Debug)]
pub(crate) struct Version {
    /// Counts from 1.
    pub(crate) number: usize,
    pub(crate) made: Timestamp,
    pub(crate) says: CreateAssociation,
    /// When it runs by itself; never where absent.
    pub(crate) recurrence: Option<Recurrence>,
}

/// One execution of an association.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) version: usize,
    pub(crate) created: Timestamp,
    /// The number of the command that does the work.
    pub(crate) command: usize,
}

impl AssociationRecordStore {
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter()
    }

    pub(crate) fn get(&self, id: &AssociationId) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.id == *id)
    }

    pub(crate) fn get_mut(&mut self, id: &AssociationId) -> Option<&mut Kept> {
        self.kept.iter_mut().find(|kept| kept.id == *id)
    }

    /// The association of a document with one node alone.
    pub(crate) fn of_node(&self, document: &str, node: &NodeId) -> Option<&Kept> {
        self.kept.iter().find(|kept| {
            let says = &kept.current.says;
            says.name.as_deref() == Some(document) && says.instance_id.as_ref() == Some(node)
        })
    }

    pub(crate) fn enter(&mut self, kept: Kept) {
        self.kept.push(kept);
    }

    /// Takes an association out, and says whether it was there.
    pub(crate) fn remove(&mut self, id: &AssociationId) -> bool {
        let before = self.kept.len();
        self.kept.retain(|kept| kept.id != *id);
        self.kept.len() < before
    }
}

impl Kept {
    pub(crate) fn new(id: AssociationId, first: Version) -> Self {
        Self {
            id,
            made: first.made,
            current: first,
            past: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Says something else from now on.
    pub(crate) fn change(&mut self, next: Version) {
        self.past.push(std::mem::replace(&mut self.current, next));
    }

    /// Every version, the latest first.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.current).chain(self.past.iter().rev())
    }
}

impl Version {
    /// Whether it waits for its schedule, rather than run as soon as it is made.
    pub(crate) fn waits(&self) -> bool {
        self.says.apply_only_at_cron_interval == Some(true)
    }

    /// Whether it is for a node. The value `*` of node ids is for all (SSM model,
    /// `CreateAssociationRequest`).
    pub(crate) fn means(&self, node: &Node) -> bool {
        let all = |target: &Target| {
            target.key == "InstanceIds" && target.values.iter().any(|value| value == "*")
        };
        match &self.says.instance_id {
            Some(id) => id == node.facts.id(),
            None => {
                let mut targets = self.says.targets.iter().flatten();
                targets.all(|target| all(target) || node.is_target(target))
            }
        }
    }
}
