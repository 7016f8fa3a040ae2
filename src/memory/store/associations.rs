//! The State Manager associations: what each is set to and was, and when it ran.

use std::collections::HashMap;

use jiff::Timestamp;

use super::fleet::Node;
use crate::schedule::Recurrence;
use crate::schedule::association::{AssociationOverview, AssociationStatus, CreateAssociation};
use crate::types::{AssociationId, NodeId, PatchPolicyArn, Target};

/// The associations, in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub(crate) struct AssociationRecordStore {
    records: Vec<AssociationRecord>,
    by_id: HashMap<AssociationId, usize>,
}

/// An association: its settings, those it had before, and when it ran.
#[derive(Debug, Clone)]
pub(crate) struct AssociationRecord {
    pub(crate) id: AssociationId,
    pub(crate) created: Timestamp,
    pub(crate) current: AssociationVersion,
    pub(crate) past: Vec<AssociationVersion>,
    /// The patch policy that it belongs to.
    pub(crate) policy: Option<PatchPolicyArn>,
    /// In the order in which they began.
    pub(crate) runs: Vec<AssociationRun>,
    /// What is known of the runs before these, if it was taken over from elsewhere.
    pub(crate) earlier: Option<EarlierRuns>,
}

/// The outcome of runs that are not stored.
#[derive(Debug, Clone)]
pub(crate) struct EarlierRuns {
    pub(crate) overview: Option<AssociationOverview>,
    pub(crate) status: Option<AssociationStatus>,
    pub(crate) last_execution: Option<Timestamp>,
    pub(crate) last_success: Option<Timestamp>,
}

/// The settings of an association as of one version.
#[derive(Debug, Clone)]
pub(crate) struct AssociationVersion {
    /// Counts from 1.
    pub(crate) number: usize,
    pub(crate) created: Timestamp,
    pub(crate) settings: CreateAssociation,
    /// When it runs by itself; never where absent.
    pub(crate) recurrence: Option<Recurrence>,
}

/// One execution of an association.
#[derive(Debug, Clone)]
pub(crate) struct AssociationRun {
    pub(crate) id: String,
    pub(crate) version: usize,
    pub(crate) created: Timestamp,
    /// The number of the command that does the work.
    pub(crate) command: usize,
}

impl AssociationRecordStore {
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &AssociationRecord> {
        self.records.iter()
    }

    pub(crate) fn get(&self, id: &AssociationId) -> Option<&AssociationRecord> {
        self.records.get(*self.by_id.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &AssociationId) -> Option<&mut AssociationRecord> {
        self.records.get_mut(*self.by_id.get(id)?)
    }

    /// The association of a document with one node alone.
    pub(crate) fn of_node(&self, document: &str, node: &NodeId) -> Option<&AssociationRecord> {
        self.records.iter().find(|record| {
            let settings = &record.current.settings;
            settings.name.as_deref() == Some(document)
                && settings.instance_id.as_ref() == Some(node)
        })
    }

    pub(crate) fn enter(&mut self, record: AssociationRecord) {
        self.by_id.insert(record.id.clone(), self.records.len());
        self.records.push(record);
    }

    /// Takes out the associations of a patch policy.
    pub(crate) fn remove_of(&mut self, policy: &PatchPolicyArn) {
        self.retain(|record| record.policy.as_ref() != Some(policy));
    }

    /// Takes an association out, and says whether it was there.
    pub(crate) fn remove(&mut self, id: &AssociationId) -> bool {
        let is_there = self.by_id.contains_key(id);
        if is_there {
            self.retain(|record| record.id != *id);
        }
        is_there
    }

    fn retain(&mut self, keeps: impl Fn(&AssociationRecord) -> bool) {
        self.records.retain(keeps);
        let ids = self.records.iter().map(|record| record.id.clone());
        self.by_id = ids.zip(0..).collect();
    }
}

impl AssociationRecord {
    pub(crate) fn new(id: AssociationId, first: AssociationVersion) -> Self {
        Self {
            id,
            created: first.created,
            current: first,
            past: Vec::new(),
            policy: None,
            runs: Vec::new(),
            earlier: None,
        }
    }

    /// What is known of earlier runs, as long as there is none here.
    pub(crate) fn only_earlier(&self) -> Option<&EarlierRuns> {
        self.earlier.as_ref().filter(|_| self.runs.is_empty())
    }

    /// Takes other settings from now on.
    pub(crate) fn change(&mut self, next: AssociationVersion) {
        self.past.push(std::mem::replace(&mut self.current, next));
    }

    /// Every version, the latest first.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &AssociationVersion> {
        std::iter::once(&self.current).chain(self.past.iter().rev())
    }
}

impl AssociationVersion {
    /// The value of a parameter of the document.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let values = self.settings.parameters.as_ref()?.get(name)?;
        values.first().map(String::as_str)
    }

    /// Whether it waits for its schedule, rather than run as soon as it is made.
    pub(crate) fn waits(&self) -> bool {
        self.settings.apply_only_at_cron_interval == Some(true)
    }

    /// Whether it is for a node. The value `*` of node ids is for all (SSM model,
    /// `CreateAssociationRequest`).
    pub(crate) fn covers(&self, node: &Node) -> bool {
        let all =
            |target: &Target| target.is_by_id() && target.values.iter().any(|value| value == "*");
        match &self.settings.instance_id {
            Some(id) => id == node.facts.id(),
            None => {
                let mut targets = self.settings.targets.iter().flatten();
                targets.all(|target| all(target) || node.is_target(target))
            }
        }
    }
}
