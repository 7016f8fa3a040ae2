//! The rules of a desired state as a whole.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{BaselineReference, DesiredNodes, DesiredState, OWNER_TAG};
use crate::baseline::{BaselineBuilder, BaselineSpec, is_name};
use crate::error::{Result, Violations};
use crate::group::{PatchGroup, PatchGroupTagKey};
use crate::manager::{check_document, check_window};
use crate::operation::PATCH_DOCUMENTS;
use crate::plan::node_tags::target_text;
use crate::schedule::association::CreateAssociation;
use crate::schedule::window::PatchWindow;
use crate::schedule::{PatchPolicy, PolicySchedule, ScheduleMechanism};
use crate::spelling::nearest;
use crate::types::{NodeId, OperatingSystem, Tag, Target, is_tag_text, member_path};

/// What errors call the input.
pub(super) const NAME: &str = "DesiredState";

/// The most tags of a resource (AWS General Reference, quotas of Systems Manager).
const MOST_TAGS: usize = 50;

/// How many unknown references are reported with the nearest name: each is compared with every
/// baseline of the state.
const SUGGESTIONS: usize = 20;

/// Ids that stand for those of named baselines while a policy is checked.
const OWN_ID: &str = "pb-00000000000000000";
const AWS_ID: &str = "arn:aws:ssm:us-east-1:000000000000:patchbaseline/pb-00000000000000000";

/// The names of windows, their parts and associations (SSM model, `MaintenanceWindowName` and
/// `AssociationName`).
const LEGAL_NAME: &str = "3 to 128 letters, digits or `_-.`";

/// Checks a state that was built, in which this was found wrong already.
pub(super) fn state(state: &DesiredState, mut found: Violations) -> Result<()> {
    let items = Items::of(state.clone());
    for (place, spec) in &items.baselines {
        let mut builder = BaselineBuilder::from(spec.clone());
        if items.allow_unlisted_values {
            builder = builder.allow_unlisted_values();
        }
        if let Err(error) = builder.build() {
            found.extend_from(&format!("Baselines[{place}]"), &error);
        }
    }
    items.check(&mut found);
    found.or(NAME, ())
}

/// The items of a state with their places: one that could not be read is left out.
#[derive(Default)]
pub(super) struct Items {
    pub(super) name: String,
    pub(super) allow_unlisted_values: bool,
    pub(super) baselines: Vec<(usize, BaselineSpec)>,
    /// Baselines that their builder refuses, without their rules.
    pub(super) refused: Vec<(usize, BaselineSpec)>,
    pub(super) patch_groups: BTreeMap<String, BTreeMap<String, BaselineReference>>,
    pub(super) defaults: BTreeMap<String, BaselineReference>,
    pub(super) nodes: Vec<(usize, DesiredNodes)>,
    pub(super) patch_policies: Vec<(usize, PatchPolicy)>,
    pub(super) maintenance_windows: Vec<(usize, PatchWindow)>,
    pub(super) associations: Vec<(usize, CreateAssociation)>,
}

impl Items {
    fn of(state: DesiredState) -> Self {
        Self {
            name: state.name,
            allow_unlisted_values: state.allow_unlisted_values,
            baselines: state.baselines.into_iter().enumerate().collect(),
            refused: Vec::new(),
            patch_groups: state.patch_groups,
            defaults: state.defaults,
            nodes: state.nodes.into_iter().enumerate().collect(),
            patch_policies: state.patch_policies.into_iter().enumerate().collect(),
            maintenance_windows: state.maintenance_windows.into_iter().enumerate().collect(),
            associations: state.associations.into_iter().enumerate().collect(),
        }
    }

    pub(super) fn into_state(self) -> DesiredState {
        DesiredState {
            name: self.name,
            allow_unlisted_values: self.allow_unlisted_values,
            baselines: items(self.baselines),
            patch_groups: self.patch_groups,
            defaults: self.defaults,
            nodes: items(self.nodes),
            patch_policies: items(self.patch_policies),
            maintenance_windows: items(self.maintenance_windows),
            associations: items(self.associations),
        }
    }

    /// Records what is wrong, but for what is wrong inside a baseline.
    pub(super) fn check(&self, found: &mut Violations) {
        found.require(
            (1..=256).contains(&self.name.chars().count()) && is_tag_text(&self.name),
            "Name",
            &self.name,
            "1 to 256 letters, digits, spaces and `_.:/=+-@`: it is the value of a tag",
        );
        self.check_baselines(found);
        let names = BaselineNames::of(self);
        for (group, registered) in &self.patch_groups {
            let path = member_path("PatchGroups", group);
            let well_formed = PatchGroup::from_service(group.as_str()).is_well_formed();
            found.require(well_formed, &path, group, PatchGroup::LEGAL);
            check_references(&path, registered, &names, found);
        }
        check_references("Defaults", &self.defaults, &names, found);
        self.check_nodes(found);
        self.check_policies(&names, found);
        self.check_windows(found);
        self.check_associations(found);
    }

    fn check_baselines(&self, found: &mut Violations) {
        let name = |spec: &&BaselineSpec| {
            let os = spec.operating_system();
            (!spec.name.is_empty()).then(|| format!("{} ({os})", spec.name))
        };
        let all = self.baselines.iter().chain(&self.refused);
        let mut all: Vec<_> = all.map(|(place, spec)| (*place, spec)).collect();
        all.sort_by_key(|(place, _)| *place);
        unique("Baselines", "Name", &all, name, found);
        for (place, spec) in all {
            let path = format!("Baselines[{place}]");
            let is_reference = BaselineReference::from(spec.name.as_str());
            let reserved = is_reference.is_aws_default()
                || is_reference.is_aws_name()
                || is_reference.id().is_some();
            let legal = "a name that is no id, and neither `AWS` nor begins with `AWS-`";
            found.require(!reserved, format!("{path}.Name"), &spec.name, legal);
            let os = spec.operating_system();
            // The builder refuses one in other letters.
            let upper = OperatingSystem::from(os.as_str().to_ascii_uppercase());
            if !self.allow_unlisted_values && (os.is_known() || !upper.is_known()) {
                check_system(&format!("{path}.OperatingSystem"), os.as_str(), found);
            }
            check_tags(&path, &spec.tags, found);
        }
    }

    fn check_nodes(&self, found: &mut Violations) {
        let mut grouped: BTreeMap<&str, (&PatchGroup, usize)> = BTreeMap::new();
        for (place, nodes) in &self.nodes {
            let path = format!("Nodes[{place}]");
            check_nodes(&path, nodes, found);
            let Some(group) = &nodes.patch_group else {
                continue;
            };
            let by_id = nodes.targets.iter().filter(|target| target.is_by_id());
            for id in by_id.flat_map(|target| &target.values) {
                match grouped.get(id.as_str()) {
                    Some((other, first)) if *other != group => {
                        let legal = format!("one group: Nodes[{first}] puts it in `{other}`");
                        found.push(format!("{path}.PatchGroup"), id, legal);
                    }
                    Some(_) => {}
                    None => drop(grouped.insert(id, (group, *place))),
                }
            }
        }
        self.check_targets(found);
    }

    /// Refuses entries with the same targets. Targets are ANDed and their values ORed, so neither order
    /// matters.
    fn check_targets(&self, found: &mut Violations) {
        let mut seen: BTreeMap<BTreeSet<_>, usize> = BTreeMap::new();
        for (place, nodes) in &self.nodes {
            let targets = nodes.targets.iter().map(|target| {
                let values: BTreeSet<&str> = target.values.iter().map(String::as_str).collect();
                (target.key.as_str(), values)
            });
            let first = *seen.entry(targets.collect()).or_insert(*place);
            if first != *place {
                let (path, shown) = (
                    format!("Nodes[{place}].Targets"),
                    target_text(&nodes.targets),
                );
                let legal = format!("other targets: those of Nodes[{first}].Targets are the same");
                found.push(path, shown, legal);
            }
        }
    }

    fn check_policies(&self, names: &BaselineNames<'_>, found: &mut Violations) {
        let name = |policy: &PatchPolicy| Some(policy.name.clone());
        unique("PatchPolicies", "Name", &self.patch_policies, name, found);
        for (place, policy) in &self.patch_policies {
            let path = format!("PatchPolicies[{place}]");
            let mut policy = policy.clone();
            for (os, selected) in &mut policy.baselines {
                let reference = BaselineReference::from(selected.value.as_str());
                let path = format!("{path}.Baselines.{os}.value");
                names.check(&path, os, &reference, found);
                if reference.is_aws_default() || reference.is_aws_name() {
                    selected.value = AWS_ID.into();
                } else if reference.id().is_none() {
                    selected.value = OWN_ID.into();
                }
            }
            if let Err(error) = PolicySchedule::from(policy).patch_policy() {
                found.extend_from(&path, &error);
            }
        }
    }

    fn check_windows(&self, found: &mut Violations) {
        const LIST: &str = "MaintenanceWindows";
        let name = |window: &PatchWindow| window.window.name.clone();
        unique(LIST, "Window.Name", &self.maintenance_windows, name, found);
        for (place, window) in &self.maintenance_windows {
            let path = format!("{LIST}[{place}]");
            if let Err(error) = check_window(window) {
                found.extend_from(&path, &error);
            }
            let path = format!("{path}.Window");
            let schedule = window.window.schedule.as_deref().unwrap_or_default();
            let field = format!("{path}.Schedule");
            ScheduleMechanism::MaintenanceWindow.read(&field, schedule, found);
            for (name, hours, legal) in [
                ("Duration", window.window.duration, "hours, 1 to 24"),
                ("Cutoff", window.window.cutoff, "hours, less than Duration"),
            ] {
                found.require(hours.is_some(), format!("{path}.{name}"), "", legal);
            }
            let tags = window.window.tags.as_deref().unwrap_or_default();
            check_tags(&path, tags, found);
            check_tag_texts(&path, tags, found);
            check_part_names(*place, window, found);
        }
    }

    fn check_associations(&self, found: &mut Violations) {
        const LIST: &str = "Associations";
        let name = |association: &CreateAssociation| association.association_name.clone();
        unique(LIST, "AssociationName", &self.associations, name, found);
        for (place, association) in &self.associations {
            let path = format!("{LIST}[{place}]");
            let document = association.name.as_deref().unwrap_or_default();
            let legal = "a document: 3 to 128 letters, digits or `_-.:/`";
            let is_document = is_document_name(document);
            found.require(is_document, format!("{path}.Name"), document, legal);
            let name = association.association_name.as_deref().unwrap_or_default();
            let field = format!("{path}.AssociationName");
            let legal = format!("a name, which identifies the association: {LEGAL_NAME}");
            found.require(is_name(name, 3..=128), field, name, legal);
            // SSM model, CreateAssociationRequest: InstanceId excludes AssociationName.
            let node = association.instance_id.as_ref();
            let legal =
                "`Targets` with the key `InstanceIds`: a named association has no InstanceId";
            let shown = node.map_or("", |node| node.as_str());
            found.require(node.is_none(), format!("{path}.InstanceId"), shown, legal);
            // Other documents, such as runbooks of Automation, take other keys.
            let patches = PATCH_DOCUMENTS.contains(&document);
            let targets = association.targets.iter().flatten().enumerate();
            for (at, target) in targets.filter(|_| patches) {
                let path = format!("{path}.Targets[{at}]");
                check_target(&path, target, &["resource-groups:Name"], found);
            }
            let mut of_document = Violations::new();
            check_document(association, &mut of_document);
            if let Err(error) = of_document.or(NAME, ()) {
                found.extend_from(&path, &error);
            }
            if let Some(schedule) = &association.schedule_expression {
                let field = format!("{path}.ScheduleExpression");
                ScheduleMechanism::Association.read(&field, schedule, found);
            }
            let tags = association.tags.as_deref().unwrap_or_default();
            check_tags(&path, tags, found);
            check_tag_texts(&path, tags, found);
        }
    }
}

/// The names of the baselines of a state, each with its operating systems.
struct BaselineNames<'s> {
    systems: HashMap<&'s str, BTreeSet<String>>,
    /// In the order of the state, for the nearest one.
    names: Vec<&'s str>,
    allow_unlisted_values: bool,
    /// How many more unknown references get the nearest name.
    suggestions: Cell<usize>,
}

impl<'s> BaselineNames<'s> {
    fn of(items: &'s Items) -> Self {
        let specs = items.baselines.iter().chain(&items.refused);
        let specs = specs.map(|(_, spec)| spec);
        let mut systems: HashMap<&str, BTreeSet<String>> = HashMap::new();
        let mut names = Vec::new();
        for spec in specs.filter(|spec| !spec.name.is_empty()) {
            let name = spec.name.as_str();
            let known = systems.entry(name).or_default();
            if known.is_empty() {
                names.push(name);
            }
            known.insert(spec.operating_system().to_string());
        }
        Self {
            systems,
            names,
            allow_unlisted_values: items.allow_unlisted_values,
            suggestions: Cell::new(SUGGESTIONS),
        }
    }

    /// A name must be that of a baseline of this state, for the same operating system.
    fn check(&self, path: &str, os: &str, reference: &BaselineReference, found: &mut Violations) {
        if reference.is_aws_default() || reference.is_aws_name() || reference.id().is_some() {
            return;
        }
        let legal = match self.systems.get(reference.as_str()) {
            Some(systems) if systems.contains(os) => return,
            Some(systems) => {
                let systems: Vec<&str> = systems.iter().map(String::as_str).collect();
                format!("this baseline is for {}", systems.join(", "))
            }
            None => self.unknown(reference.as_str()),
        };
        found.push(path, reference.as_str(), legal);
    }

    fn unknown(&self, name: &str) -> String {
        let left = self.suggestions.get();
        self.suggestions.set(left.saturating_sub(1));
        let names = self.names.iter().copied().filter(|_| left > 0);
        match nearest(name, names) {
            Some(meant) => format!("no such baseline in this state; the nearest is `{meant}`"),
            None => {
                let also = "an id, the name of a baseline of AWS, or `AWS` for AWS's default";
                format!("no such baseline in this state; legal are its baselines, {also}")
            }
        }
    }
}

fn check_references(
    path: &str,
    references: &BTreeMap<String, BaselineReference>,
    names: &BaselineNames<'_>,
    found: &mut Violations,
) {
    for (os, reference) in references {
        let path = member_path(path, os);
        if names.allow_unlisted_values || check_system(&path, os, found) {
            names.check(&path, os, reference, found);
        }
    }
}

/// Records a misspelled operating system. One that is like no other may be newer than this crate.
fn check_system(path: &str, os: &str, found: &mut Violations) -> bool {
    let known = OperatingSystem::KNOWN.iter().map(OperatingSystem::as_str);
    if OperatingSystem::from(os).is_known() {
        return true;
    }
    let meant = nearest(os, known);
    if let Some(meant) = meant {
        let legal = format!(
            "no known operating system; the nearest is `{meant}`; a new one needs \
             `AllowUnlistedValues`"
        );
        found.push(path, os, legal);
    }
    meant.is_none()
}

fn items<T>(items: Vec<(usize, T)>) -> Vec<T> {
    items.into_iter().map(|(_, item)| item).collect()
}

/// Refuses names that identify two items.
fn unique<T>(
    list: &str,
    member: &str,
    items: &[(usize, T)],
    name: impl Fn(&T) -> Option<String>,
    found: &mut Violations,
) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (place, item) in items {
        let Some(name) = name(item) else { continue };
        match seen.get(&name) {
            Some(first) => {
                let legal = format!("a name of its own: {list}[{first}] has this one");
                found.push(format!("{list}[{place}].{member}"), name, legal);
            }
            None => drop(seen.insert(name, *place)),
        }
    }
}

/// Refuses names of a window and its parts that the service would refuse. Absent ones are refused
/// because they identify nothing.
fn check_part_names(place: usize, window: &PatchWindow, found: &mut Violations) {
    let path = format!("MaintenanceWindows[{place}]");
    let targets = window.targets.iter().map(|target| &target.name);
    let tasks = window.tasks.iter().map(|task| &task.task.name);
    let targets = targets
        .enumerate()
        .map(|(at, name)| (format!("{path}.Targets[{at}].Name"), name));
    let tasks = tasks
        .enumerate()
        .map(|(at, name)| (format!("{path}.Tasks[{at}].Task.Name"), name));
    let own = (format!("{path}.Window.Name"), &window.window.name);
    for (field, name) in std::iter::once(own).chain(targets).chain(tasks) {
        let name = name.as_deref().unwrap_or_default();
        found.require(
            name.is_empty() || is_name(name, 3..=128),
            field,
            name,
            LEGAL_NAME,
        );
    }
}

/// Whether an association can name a document so (SSM model, `DocumentARN`).
fn is_document_name(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
    (3..=128).contains(&name.len()) && name.chars().all(legal)
}

/// Refuses the tag that a plan sets, and tags that leave it no room.
fn check_tags(path: &str, tags: &[Tag], found: &mut Violations) {
    let room = tags.len() < MOST_TAGS;
    let legal = format!(
        "at most {} tags: a resource has {MOST_TAGS}, and a plan sets `{OWNER_TAG}`",
        MOST_TAGS - 1
    );
    found.require(room, format!("{path}.Tags"), tags.len(), legal);
    for (place, tag) in tags.iter().enumerate() {
        let legal = "another key: a plan sets this tag itself";
        let field = format!("{path}.Tags[{place}].Key");
        found.require(tag.key != OWNER_TAG, field, &tag.key, legal);
    }
}

/// Refuses a target without a value, and one by a key that the service does not know. These keys are legal
/// besides those of instances and tags.
fn check_target(path: &str, target: &Target, others: &[&str], found: &mut Violations) {
    let tag = target.key.strip_prefix("tag:");
    let known = target.is_by_id()
        || target.key == "tag-key"
        || tag.is_some_and(|key| !key.is_empty())
        || others.contains(&target.key.as_str());
    let mut legal = "`InstanceIds`, `tag:KEY` or `tag-key`".to_owned();
    for other in others {
        legal += &format!(", or `{other}`");
    }
    found.require(known, format!("{path}.Key"), &target.key, legal);
    let has_value = !target.values.is_empty();
    found.require(
        has_value,
        format!("{path}.Values"),
        "",
        "at least one value",
    );
}

fn check_nodes(path: &str, nodes: &DesiredNodes, found: &mut Violations) {
    let legal = "at least one target, such as `tag:Role` or `InstanceIds`";
    found.require(
        !nodes.targets.is_empty(),
        format!("{path}.Targets"),
        "",
        legal,
    );
    for (place, target) in nodes.targets.iter().enumerate() {
        let path = format!("{path}.Targets[{place}]");
        check_target(&path, target, &[], found);
        let values = format!("{path}.Values");
        if target.is_by_id() {
            for (place, id) in target.values.iter().enumerate() {
                let well_formed = NodeId::new(id.as_str()).is_well_formed();
                found.require(well_formed, format!("{values}[{place}]"), id, NodeId::LEGAL);
            }
        }
    }
    let sets = nodes.patch_group.is_some() || !nodes.tags.is_empty();
    found.require(sets, path, "", "a `PatchGroup` or `Tags` for the nodes");
    if let Some(group) = &nodes.patch_group {
        let field = format!("{path}.PatchGroup");
        found.require(group.is_well_formed(), field, group, PatchGroup::LEGAL);
    }
    for (place, tag) in nodes.tags.iter().enumerate() {
        let field = format!("{path}.Tags[{place}]");
        let is_group = PatchGroupTagKey::ALL
            .iter()
            .any(|key| key.as_str() == tag.key);
        let legal = "`PatchGroup` of these nodes, which chooses the key that each node needs";
        found.require(!is_group, format!("{field}.Key"), &tag.key, legal);
    }
    check_tag_texts(path, &nodes.tags, found);
}

/// Refuses what the service takes for no key or value of a tag.
fn check_tag_texts(path: &str, tags: &[Tag], found: &mut Violations) {
    for (place, tag) in tags.iter().enumerate() {
        let field = format!("{path}.Tags[{place}]");
        let key = (1..=128).contains(&tag.key.chars().count()) && is_tag_text(&tag.key);
        let legal = "1 to 128 letters, digits, spaces and `_.:/=+-@`, not beginning with `aws:`";
        let free = !tag.key.to_ascii_lowercase().starts_with("aws:");
        found.require(key && free, format!("{field}.Key"), &tag.key, legal);
        let value = tag.value.chars().count() <= 256 && is_tag_text(&tag.value);
        let legal = "at most 256 letters, digits, spaces and `_.:/=+-@`";
        found.require(value, format!("{field}.Value"), &tag.value, legal);
    }
}
