//! Matches every node with every schedule, and finds what is wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::advice;
use super::reach::{Reach, Tags, named_ids};
use super::source::Source;
use super::{Coverage, NodeCoverage};
use crate::group::{PatchGroup, PatchGroupTagKey};
use crate::plan::{MirrorPart, MirrorSnapshot, MirroredNode, Unread};
use crate::prerequisites::{Gathered, operating_system};
use crate::spelling::nearest;
use crate::types::{BaselineId, Ec2Instance, NodeId, OperatingSystem, PatchOperation, Tag, Target};

/// Judges one snapshot.
pub(super) struct Judge<'a> {
    snapshot: &'a MirrorSnapshot,
    /// The schedules that run, and then those that do not any more.
    sources: Vec<Source<'a>>,
    idle: Vec<Source<'a>>,
    tags: Tags<'a>,
    unread: BTreeSet<MirrorPart>,
    gathered: Gathered,
}

/// What the sources are to one node.
struct Reached<'j, 'a> {
    certain: Vec<&'j Source<'a>>,
    possible: Vec<&'j Source<'a>>,
}

impl Reached<'_, '_> {
    fn has(&self, operation: &PatchOperation) -> bool {
        self.certain.iter().any(|one| one.operation == *operation)
    }

    fn may_have(&self, operation: &PatchOperation) -> bool {
        self.possible.iter().any(|one| one.operation == *operation)
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(snapshot: &'a MirrorSnapshot) -> Self {
        let sources = Source::all(snapshot).into_iter();
        let (sources, idle) = sources.partition(|source| source.idle.is_none());
        let unread = snapshot.unread.iter().map(|unread| unread.part);
        Self {
            snapshot,
            sources,
            idle,
            tags: Tags::of(snapshot),
            unread: unread.collect(),
            gathered: Gathered::default(),
        }
    }

    pub(super) fn coverage(mut self) -> Coverage {
        let snapshot = self.snapshot;
        let unread = snapshot.unread.iter();
        let unread: Vec<Unread> = unread
            .filter(|unread| unread.decides_coverage())
            .cloned()
            .collect();
        for unread in &unread {
            self.gathered.add(None, advice::not_read(unread));
        }
        let sources = std::mem::take(&mut self.sources);
        let nodes = snapshot.nodes.iter();
        let nodes: Vec<NodeCoverage> = nodes.map(|node| self.node(node, &sources)).collect();
        for source in &sources {
            // What a policy for organizational units targets can be in other accounts.
            if !source.is_for_units() {
                self.check_targets(source);
                self.check_near_misses(source, &nodes);
            }
        }
        Coverage {
            taken_at: snapshot.taken_at,
            nodes,
            findings: self.gathered.into_findings(),
            unread,
        }
    }

    fn node(&mut self, node: &MirroredNode, sources: &[Source<'a>]) -> NodeCoverage {
        let os = node.information.as_ref().and_then(operating_system);
        let group = group_of(node);
        let baseline = self.usual_baseline(node, group.as_ref(), os.as_ref());
        let reached = self.reached(node, sources);
        let covering = |sources: &[&Source<'_>]| {
            let sources = sources.iter();
            let covering = sources.map(|one| {
                let by = one.baseline(os.as_ref(), baseline.as_ref());
                one.covering(by)
            });
            covering.collect::<Vec<_>>()
        };
        let judged = NodeCoverage {
            node: node.id.clone(),
            schedules: covering(&reached.certain),
            possible_schedules: covering(&reached.possible),
            operating_system: os,
            patch_group: group,
            baseline,
        };
        self.check(node, &judged, &reached);
        judged
    }

    fn reached<'j>(&self, node: &MirroredNode, sources: &'j [Source<'a>]) -> Reached<'j, 'a> {
        let mut reached = Reached {
            certain: Vec::new(),
            possible: Vec::new(),
        };
        for source in sources {
            match self.tags.reach(&source.targets, node) {
                Reach::Yes if source.doubt.is_none() => reached.certain.push(source),
                Reach::Yes | Reach::Unknown => reached.possible.push(source),
                Reach::No => {}
            }
        }
        reached
    }

    /// The baseline of the group for the system, or the default; `None` if either was not read.
    fn usual_baseline(
        &self,
        node: &MirroredNode,
        group: Option<&PatchGroup>,
        os: Option<&OperatingSystem>,
    ) -> Option<BaselineId> {
        let os = os?;
        if !self.tags.are_known(node) || self.unread.contains(&MirrorPart::PatchGroups) {
            return None;
        }
        let of_group = group.and_then(|group| self.bound(group, os));
        let found = of_group.or_else(|| self.snapshot.default_baseline(os));
        found.cloned()
    }

    fn bound(&self, group: &PatchGroup, os: &OperatingSystem) -> Option<&'a BaselineId> {
        let mut rows = self.snapshot.patch_groups.iter();
        let row = rows.find(|row| {
            // A baseline without an operating system is for Windows (SSM API, CreatePatchBaseline).
            let of = row.baseline_identity.operating_system.as_ref();
            row.patch_group == *group && *of.unwrap_or(&OperatingSystem::Windows) == *os
        });
        row?.baseline_identity.baseline_id.as_ref()
    }

    /// Everything that is wrong with one node.
    fn check(&mut self, node: &MirroredNode, judged: &NodeCoverage, reached: &Reached<'_, 'a>) {
        let listed = !self.unread.contains(&MirrorPart::ManagedNodes);
        let runs = |instance: &Ec2Instance| instance.state.name == "running";
        if listed && node.information.is_none() && node.instance.as_ref().is_some_and(runs) {
            let problem = advice::not_managed(&node.id);
            self.gathered.add(Some(&node.id), problem);
            return;
        }
        self.check_schedules(node, reached);
        self.check_baselines(node, judged, reached);
        self.check_group_key(node, judged);
    }

    fn check_schedules(&mut self, node: &MirroredNode, reached: &Reached<'_, 'a>) {
        let (scan, install) = (PatchOperation::Scan, PatchOperation::Install);
        let read = !self.snapshot.unread.iter().any(Unread::is_of_schedule);
        let known = |operation| read && !reached.may_have(operation);
        let problem = match (reached.has(&scan), reached.has(&install)) {
            (false, false) => Some(advice::no_schedule(known(&scan) && known(&install))),
            (true, false) => Some(advice::no_install(known(&install))),
            (false, true) => Some(advice::no_scan(known(&scan))),
            (true, true) => None,
        };
        if let Some(mut problem) = problem {
            for source in &self.idle {
                if let (Reach::Yes, Some(idle)) =
                    (self.tags.reach(&source.targets, node), source.idle)
                {
                    problem = problem.seen(source.label(), idle);
                }
            }
            for source in &reached.possible {
                problem = problem.seen(source.label(), source.doubt.unwrap_or("may reach it"));
            }
            self.gathered.add(Some(&node.id), problem);
        }
        let installs = reached.certain.iter().copied();
        let installs: Vec<_> = installs.filter(|one| one.operation == install).collect();
        if installs.len() > 1 {
            let problem = advice::installed_twice(&installs);
            self.gathered.add(Some(&node.id), problem);
        }
    }

    fn check_baselines(
        &mut self,
        node: &MirroredNode,
        judged: &NodeCoverage,
        reached: &Reached<'_, 'a>,
    ) {
        let Some(os) = &judged.operating_system else {
            return;
        };
        let mut policies = BTreeSet::new();
        for source in &reached.certain {
            if source.lacks_baseline(os) && policies.insert(source.id) {
                let problem = advice::policy_baseline_missing(source, os);
                self.gathered.add(Some(&node.id), problem);
            }
        }
        let by = reached.certain.iter().zip(&judged.schedules);
        let by = by.filter_map(|(source, schedule)| Some((*source, schedule.baseline.as_ref()?)));
        let by: Vec<_> = by.map(|(source, id)| (source, id.to_string())).collect();
        let baselines: BTreeSet<&str> = by.iter().map(|(_, baseline)| baseline.as_str()).collect();
        if baselines.len() > 1 {
            let problem = advice::several_baselines(&by);
            self.gathered.add(Some(&node.id), problem);
        }
        if let Some(group) = &judged.patch_group {
            self.check_group(node, group, os);
        }
    }

    fn check_group(&mut self, node: &MirroredNode, group: &PatchGroup, os: &OperatingSystem) {
        let unread = self.unread.contains(&MirrorPart::PatchGroups);
        if unread || self.bound(group, os).is_some() {
            return;
        }
        let rows = self.snapshot.patch_groups.iter();
        let same = rows.clone().filter(|row| row.patch_group == *group);
        let systems = same.filter_map(|row| row.baseline_identity.operating_system.as_ref());
        let systems: Vec<&str> = systems.map(OperatingSystem::as_str).collect();
        let elsewhere = if systems.is_empty() {
            let groups = rows.map(|row| row.patch_group.as_str());
            let meant = nearest(group.as_str(), groups);
            meant.map(|meant| format!("bound to no baseline; the nearest group is {meant}"))
        } else {
            Some(format!("bound for {}", systems.join(", ")))
        };
        let region = self.snapshot.region.as_deref();
        let problem = advice::group_not_bound(group.as_str(), os, elsewhere, region);
        self.gathered.add(Some(&node.id), problem);
    }

    /// Tag keys that are almost those of patch groups, and tags that a schedule almost targets.
    fn check_group_key(&mut self, node: &MirroredNode, judged: &NodeCoverage) {
        let region = self.snapshot.region.as_deref();
        let misspelled = |tag: &&Tag| is_almost_group_key(&tag.key);
        let almost = node.tags.iter().find(misspelled);
        if let (Some(tag), None) = (almost, &judged.patch_group) {
            let problem = advice::tag_key_misspelled(node, tag, region);
            self.gathered.add(Some(&node.id), problem);
        }
    }

    fn check_targets(&mut self, source: &Source<'a>) {
        let nodes = &self.snapshot.nodes;
        let reaches = nodes
            .iter()
            .map(|node| self.tags.reach(&source.targets, node));
        let (mut any, mut possible) = (false, false);
        for reach in reaches {
            any |= reach == Reach::Yes;
            possible |= reach == Reach::Unknown;
        }
        let listed = !self.unread.contains(&MirrorPart::ManagedNodes)
            && !self.unread.contains(&MirrorPart::Instances);
        if !any {
            let known = listed && !possible;
            let hints = match known {
                true => self.hints(source),
                false => Vec::new(),
            };
            let problem = advice::target_unmatched(source, known, hints);
            self.gathered.add(None, problem);
        } else if listed {
            let existing: BTreeSet<&NodeId> = nodes.iter().map(|node| &node.id).collect();
            let gone = named_ids(&source.targets).filter(|id| !existing.contains(id));
            let gone: Vec<NodeId> = gone.collect();
            if !gone.is_empty() {
                self.gathered.add(None, advice::nodes_gone(source, &gone));
            }
        }
    }

    /// The nodes that a source misses by the spelling of a tag, and on which no other schedule does the
    /// same.
    fn check_near_misses(&mut self, source: &Source<'a>, judged: &[NodeCoverage]) {
        let region = self.snapshot.region.as_deref();
        for (node, judged) in self.snapshot.nodes.iter().zip(judged) {
            let mut schedules = judged.schedules.iter();
            if schedules.any(|schedule| schedule.operation == source.operation) {
                continue;
            }
            let mut alternatives = source.targets.iter();
            let found = alternatives.find_map(|targets| self.near_miss(targets, node));
            if let Some((target, tag)) = found.filter(|(_, tag)| !is_almost_group_key(&tag.key)) {
                let problem = advice::tag_mismatch(node, tag, source, target, region);
                self.gathered.add(Some(&node.id), problem);
            }
        }
    }

    /// The target that a node misses by the spelling of a tag, if it has all the others of targets that are
    /// ANDed, or misses them in the same way.
    fn near_miss<'t>(
        &self,
        targets: &'t [Target],
        node: &'t MirroredNode,
    ) -> Option<(&'t Target, &'t Tag)> {
        let mut missed = None;
        for target in targets {
            if self.tags.reach_of(target, node) != Reach::Yes {
                missed = Some((target, almost_tag(target, node)?));
            }
        }
        missed
    }

    /// The tag keys and values of the fleet that are nearest to those of the targets.
    fn hints(&self, source: &Source<'_>) -> Vec<String> {
        let mut tags: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for tag in self.snapshot.nodes.iter().flat_map(|node| &node.tags) {
            tags.entry(&tag.key).or_default().insert(&tag.value);
        }
        let mut hints = Vec::new();
        for target in source.targets.iter().flatten() {
            let Some(key) = target.key.strip_prefix("tag:") else {
                continue;
            };
            let Some(values) = tags.get(key) else {
                let meant = nearest(key, tags.keys().copied());
                hints.push(match meant {
                    Some(meant) => {
                        format!("no node has the tag key `{key}`; the nearest is `{meant}`")
                    }
                    None => format!("no node has the tag key `{key}`"),
                });
                continue;
            };
            for value in target
                .values
                .iter()
                .filter(|value| !values.contains(value.as_str()))
            {
                let meant = nearest(value, values.iter().copied());
                hints.extend(meant.map(|meant| {
                    format!("no node has `{key}`={value}; the nearest value is `{meant}`")
                }));
            }
        }
        hints
    }
}

/// The group of a node, by the tag that counts if it has both.
fn group_of(node: &MirroredNode) -> Option<PatchGroup> {
    let value = |key: PatchGroupTagKey| {
        let tag = node.tags.iter().find(|tag| tag.key == key.as_str())?;
        (!tag.value.is_empty()).then(|| PatchGroup::from_service(tag.value.as_str()))
    };
    PatchGroupTagKey::ALL.into_iter().find_map(value)
}

/// Whether two texts differ only by letter case, spaces or punctuation.
fn alike(one: &str, other: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = char> {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase)
    }
    letters(one).eq(letters(other))
}

fn is_almost_group_key(key: &str) -> bool {
    let exact = PatchGroupTagKey::ALL
        .into_iter()
        .any(|one| one.as_str() == key);
    !exact && alike(key, PatchGroupTagKey::Joined.as_str())
}

/// The tag of a node that differs from a target only by letter case, spaces or punctuation.
fn almost_tag<'n>(target: &Target, node: &'n MirroredNode) -> Option<&'n Tag> {
    let key = target.key.strip_prefix("tag:")?;
    let accepts = |value: &str| {
        let mut values = target.values.iter();
        values.any(|accepted| alike(accepted, value))
    };
    let mut tags = node.tags.iter();
    tags.find(|tag| alike(&tag.key, key) && accepts(&tag.value))
}
