//! Makes one resource what a desired state says, by the verbs of a manager: of a mirror when a plan
//! is made, and of the account when it is applied.

use std::collections::BTreeSet;

use futures_core::future::BoxFuture;
use futures_util::TryStreamExt;

use super::desired::{BaselineReference, DesiredNodes, OWNER_TAG};
use crate::backend::ResourceTypeForTagging;
use crate::baseline::BaselineSpec;
use crate::error::{Error, ErrorKind, Result, Violation};
use crate::group::PatchGroup;
use crate::manager::{GroupBinding, PatchManager, TagChange, gone_or};
use crate::schedule::association::CreateAssociation;
use crate::schedule::window::PatchWindow;
use crate::schedule::{PatchPolicy, SelectedBaseline};
use crate::spelling::nearest;
use crate::types::{
    AssociationId, BaselineFilter, BaselineId, Change, CompletedStep, Difference, NodeFilter,
    NodeId, OperatingSystem, PatchPolicyArn, Tag, Target, WindowChange, WindowId, WindowPart,
    member_path, shown_text,
};

/// What has to be done for one resource.
#[derive(Debug, Clone)]
pub(super) enum Work<'a> {
    Baseline(&'a BaselineSpec),
    Group {
        group: PatchGroup,
        os: OperatingSystem,
        baseline: &'a BaselineReference,
    },
    Default {
        os: OperatingSystem,
        baseline: &'a BaselineReference,
    },
    Nodes {
        nodes: &'a DesiredNodes,
        /// Only these of them.
        only: Option<BTreeSet<NodeId>>,
    },
    Policy(&'a PatchPolicy),
    Window(&'a PatchWindow),
    Association(&'a CreateAssociation),
    Unbind {
        group: PatchGroup,
        baseline: BaselineId,
    },
    RestoreDefault {
        os: OperatingSystem,
        /// The default that is given back; another one stays.
        baseline: BaselineId,
    },
    DeleteBaseline(BaselineId),
    DeletePolicy(PatchPolicyArn),
    DeleteWindow(WindowId),
    DeleteAssociation(AssociationId),
}

/// What was done for one resource.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) id: Option<String>,
    pub(super) created: bool,
    pub(super) removed: bool,
    pub(super) differences: Vec<Difference>,
    /// The nodes that it was about, changed or not.
    pub(super) nodes: Vec<NodeId>,
    /// What is legal in it but probably not intended.
    pub(super) warnings: Vec<String>,
}

impl Done {
    fn new(id: &str, change: Change) -> Self {
        let mut done = Self {
            id: Some(id.to_owned()),
            ..Self::default()
        };
        done.add(change);
        done
    }

    fn warned(mut self, warnings: &[impl ToString]) -> Self {
        self.warnings = warnings.iter().map(ToString::to_string).collect();
        self
    }

    fn add(&mut self, change: Change) {
        match change {
            Change::Created => self.created = true,
            Change::Removed => self.removed = true,
            Change::Updated(differences) => self.differences.extend(differences),
            Change::Unchanged => {}
        }
    }

    pub(super) fn is_change(&self) -> bool {
        self.created || self.removed || !self.differences.is_empty()
    }

    pub(super) fn into_change(self) -> Change {
        if self.created {
            Change::Created
        } else if self.removed {
            Change::Removed
        } else if self.differences.is_empty() {
            Change::Unchanged
        } else {
            Change::Updated(self.differences)
        }
    }
}

/// Does the work over one manager, for the state of this name.
#[derive(Debug)]
pub(super) struct Worker {
    manager: PatchManager,
    owner: Tag,
}

impl Worker {
    pub(super) fn new(manager: PatchManager, state: &str) -> Self {
        Self {
            manager,
            owner: Tag::new(OWNER_TAG, state),
        }
    }

    /// Makes one resource what it shall be. `own` says whether it belongs to the state even if
    /// nothing of it changes.
    ///
    /// The future is boxed, so that the compiler sees that it is `Send` for every lifetime.
    pub(super) fn run<'a>(&'a self, work: Work<'a>, own: bool) -> BoxFuture<'a, Result<Done>> {
        Box::pin(self.dispatch(work, own))
    }

    async fn dispatch(&self, work: Work<'_>, own: bool) -> Result<Done> {
        match work {
            Work::Baseline(spec) => self.baseline(spec, own).await,
            Work::Group {
                group,
                os,
                baseline,
            } => self.group(&group, os, baseline).await,
            Work::Default { os, baseline } => {
                let path = member_path("Defaults", os.as_str());
                let baseline = self.resolve(&os, baseline, &path).await?.0;
                self.default(os, &baseline).await
            }
            Work::Nodes { nodes, only } => self.nodes(nodes, only.as_ref()).await,
            Work::Policy(policy) => self.policy(policy).await,
            Work::Window(window) => self.window(window, own).await,
            Work::Association(association) => self.association(association, own).await,
            Work::Unbind { group, baseline } => self.unbind(&group, &baseline).await,
            Work::RestoreDefault { os, baseline } => self.restore_default(os, &baseline).await,
            Work::DeleteBaseline(id) => self.delete_baseline(&id).await,
            Work::DeletePolicy(arn) => {
                gone_or(self.manager.delete_policy(&arn).await)?;
                Ok(Done::new(arn.as_str(), Change::Removed))
            }
            Work::DeleteWindow(id) => {
                gone_or(self.manager.delete_maintenance_window(&id).await)?;
                Ok(Done::new(id.as_str(), Change::Removed))
            }
            Work::DeleteAssociation(id) => {
                gone_or(self.manager.delete_association(&id).await)?;
                Ok(Done::new(id.as_str(), Change::Removed))
            }
        }
    }

    async fn baseline(&self, spec: &BaselineSpec, own: bool) -> Result<Done> {
        let mut owned = spec.clone();
        owned.tags.push(self.owner.clone());
        let ensured = self.manager.ensure_baseline(&owned).await?;
        let done = Done::new(ensured.id.as_str(), ensured.change);
        let mut done = done.warned(&ensured.warnings);
        let kind = ResourceTypeForTagging::PatchBaseline;
        self.tag(kind, &spec.tags, own, &mut done).await?;
        Ok(done)
    }

    async fn window(&self, window: &PatchWindow, own: bool) -> Result<Done> {
        let mut owned = window.clone();
        let tags = owned.window.tags.get_or_insert_default();
        tags.push(self.owner.clone());
        let ensured = self.manager.ensure_maintenance_window(&owned).await?;
        let done = Done::new(ensured.id.as_str(), Change::Unchanged);
        let mut done = done.warned(&ensured.warnings);
        for change in ensured.changes {
            add_part(&mut done, change);
        }
        let tags = window.window.tags.as_deref().unwrap_or_default();
        let kind = ResourceTypeForTagging::MaintenanceWindow;
        self.tag(kind, tags, own, &mut done).await?;
        Ok(done)
    }

    async fn association(&self, association: &CreateAssociation, own: bool) -> Result<Done> {
        let mut owned = association.clone();
        owned.tags.get_or_insert_default().push(self.owner.clone());
        let ensured = self.manager.ensure_association(&owned).await?;
        let done = Done::new(ensured.id.as_str(), ensured.change);
        let mut done = done.warned(&ensured.warnings);
        let tags = association.tags.as_deref().unwrap_or_default();
        let kind = ResourceTypeForTagging::Association;
        self.tag(kind, tags, own, &mut done).await?;
        Ok(done)
    }

    /// Sets the tags of a resource that was there before. One that changes belongs to the state from
    /// now on.
    async fn tag(
        &self,
        kind: ResourceTypeForTagging,
        tags: &[Tag],
        own: bool,
        done: &mut Done,
    ) -> Result<()> {
        let Some(id) = done.id.clone().filter(|_| !done.created) else {
            return Ok(());
        };
        let manager = &self.manager;
        if !tags.is_empty() {
            let change = manager
                .ensure_resource_tags(kind.clone(), &id, tags)
                .await?;
            done.add(change);
        }
        if own || done.is_change() {
            let owner = std::slice::from_ref(&self.owner);
            done.add(manager.ensure_resource_tags(kind, &id, owner).await?);
        }
        Ok(())
    }

    /// The id that a reference means, as the service lists it, and the baseline's name. The path of
    /// the reference is for errors.
    pub(super) async fn resolve(
        &self,
        os: &OperatingSystem,
        reference: &BaselineReference,
        path: &str,
    ) -> Result<(BaselineId, String)> {
        if let Some(id) = reference.id() {
            return self.baseline_of_id(os, &id, path).await;
        }
        if reference.is_aws_default() || reference.is_aws_name() {
            let name = Some(reference.as_str()).filter(|_| reference.is_aws_name());
            return self.aws_baseline(os, name, path).await;
        }
        let name = reference.as_str();
        match self.manager.own_baseline(name, os.clone()).await? {
            Some(id) => Ok((id, name.to_owned())),
            None => Err(no_such_baseline(path, name, os, &[])),
        }
    }

    /// A baseline by its id, which must be one of this operating system: the service would register
    /// it for its own.
    async fn baseline_of_id(
        &self,
        os: &OperatingSystem,
        id: &BaselineId,
        path: &str,
    ) -> Result<(BaselineId, String)> {
        let baseline = match self.manager.baseline(id).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let legal = "the id of a baseline that exists";
                return Err(refused(path, id.as_str(), legal)
                    .with_kind(ErrorKind::NotFound, "the account has no such baseline")
                    .with_operation("GetPatchBaseline")
                    .with_resource(id.as_str())
                    .with_source(error));
            }
            read => read?,
        };
        if baseline.operating_system != *os {
            let legal = format!(
                "a baseline for {os}: this one, {}, is for {}",
                baseline.name, baseline.operating_system
            );
            return Err(refused(path, id.as_str(), legal));
        }
        // Listings have the bare ids of the account's own baselines; a request may name them by ARN.
        let mut listed = baseline.baseline_id;
        if listed.is_aws_owned() && !baseline.name.starts_with("AWS-") {
            let own = self.manager.own_baseline(&baseline.name, os.clone());
            listed = own.await?.filter(|own| is_same(own, id)).unwrap_or(listed);
        }
        Ok((listed, baseline.name))
    }

    /// A baseline that AWS owns: of this name, or its default for the operating system.
    async fn aws_baseline(
        &self,
        os: &OperatingSystem,
        name: Option<&str>,
        path: &str,
    ) -> Result<(BaselineId, String)> {
        let filters = [
            BaselineFilter::owner(["AWS"]),
            BaselineFilter::operating_system([os]),
        ];
        let mut names = Vec::new();
        let mut listed = self.manager.list_baselines_with(filters);
        while let Some(identity) = listed.try_next().await? {
            let (Some(id), Some(known)) = (identity.baseline_id, identity.baseline_name) else {
                continue;
            };
            let is_it = match name {
                Some(name) => known == name,
                None => SelectedBaseline::new(&id, known.as_str()).is_aws_default(),
            };
            if is_it {
                return Ok((id, known));
            }
            names.push(known);
        }
        Err(no_such_baseline(path, name.unwrap_or("AWS"), os, &names))
    }

    async fn group(
        &self,
        group: &PatchGroup,
        os: OperatingSystem,
        baseline: &BaselineReference,
    ) -> Result<Done> {
        let path = member_path(&member_path("PatchGroups", group.as_str()), os.as_str());
        let (id, _) = self.resolve(&os, baseline, &path).await?;
        let change = match self.manager.rebind_patch_group(group, &id).await? {
            GroupBinding::Bound => Change::Created,
            GroupBinding::Rebound { from } => {
                Change::Updated(vec![baseline_difference(&from, &id)])
            }
            GroupBinding::Unchanged => Change::Unchanged,
        };
        let mut done = Done::default();
        done.add(change);
        Ok(done)
    }

    async fn default(&self, os: OperatingSystem, baseline: &BaselineId) -> Result<Done> {
        let current = self.manager.default_baseline(os).await?.baseline_id;
        let mut done = Done::default();
        if !is_same(&current, baseline) {
            self.manager.set_default_baseline(baseline).await?;
            done.differences
                .push(baseline_difference(&current, baseline));
        }
        Ok(done)
    }

    async fn policy(&self, policy: &PatchPolicy) -> Result<Done> {
        let mut resolved = policy.clone();
        for (os, selected) in &mut resolved.baselines {
            let reference = BaselineReference::from(selected.value.as_str());
            let path = format!("patch policy {}: Baselines.{os}.value", policy.name);
            let os = OperatingSystem::from(os.as_str());
            match self.resolve(&os, &reference, &path).await {
                // An id stays as it is given: Quick Setup stores it so.
                Ok(_) if reference.id().is_some() => {}
                Ok((id, name)) => {
                    selected.value = id;
                    if reference.is_aws_default() {
                        selected.label = name;
                    }
                }
                // It may be one of the account that administers the policies of an organization.
                Err(error) if error.kind() == ErrorKind::NotFound && reference.id().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        let ensured = self.manager.ensure_policy(&resolved).await?;
        let done = Done::new(ensured.arn.as_str(), ensured.change);
        Ok(done.warned(&ensured.warnings))
    }

    async fn nodes(&self, nodes: &DesiredNodes, only: Option<&BTreeSet<NodeId>>) -> Result<Done> {
        let mut ids = self.selected(&nodes.targets).await?;
        ids.retain(|id| only.is_none_or(|only| only.contains(id)));
        let mut completed = Vec::new();
        if let Some(group) = nodes.patch_group.as_ref().filter(|_| !ids.is_empty()) {
            let report = self.manager.tag_nodes(group, &ids).await?;
            let mut failed = None;
            for tagging in report.nodes {
                match tagging.change {
                    TagChange::Tagged => completed.push(CompletedStep::NodeTagged {
                        node: tagging.node,
                        tag: group.tag(tagging.key),
                    }),
                    TagChange::Failed(error) => drop(failed.get_or_insert(error)),
                    TagChange::Unchanged => {}
                }
            }
            if let Some(error) = failed {
                return Err(Error::incomplete(completed, error));
            }
        }
        let tagged: &[NodeId] = if nodes.tags.is_empty() { &[] } else { &ids };
        for id in tagged {
            match self.manager.ensure_node_tags(id, &nodes.tags).await {
                Ok(Change::Unchanged) => {}
                Ok(_) => completed.extend(nodes.tags.iter().map(|tag| CompletedStep::NodeTagged {
                    node: id.clone(),
                    tag: tag.clone(),
                })),
                Err(error) => return Err(Error::incomplete(completed, error)),
            }
        }
        let differences = completed.into_iter().filter_map(|step| match step {
            CompletedStep::NodeTagged { node, tag } => Some(Difference {
                field: format!("{node}.{}", tag.key),
                before: String::new(),
                after: shown_text(&tag.value),
            }),
            _ => None,
        });
        Ok(Done {
            differences: differences.collect(),
            nodes: ids,
            ..Done::default()
        })
    }

    /// The name of a patch policy that selects a baseline.
    pub(super) async fn policy_that_selects(&self, id: &BaselineId) -> Result<Option<String>> {
        let mut listed = self.manager.list_policies();
        while let Some(state) = listed.try_next().await? {
            let mut selected = state.policy.baselines.values();
            if selected.any(|selected| is_same(&selected.value, id)) {
                return Ok(Some(state.policy.name));
            }
        }
        Ok(None)
    }

    /// The nodes that all targets name.
    async fn selected(&self, targets: &[Target]) -> Result<Vec<NodeId>> {
        let (by_id, by_tag): (Vec<&Target>, Vec<&Target>) =
            targets.iter().partition(|target| target.is_by_id());
        let named = by_id.iter().map(|target| {
            let ids = target.values.iter().map(|id| NodeId::new(id.as_str()));
            ids.collect::<BTreeSet<NodeId>>()
        });
        let named = named.reduce(|a, b| a.intersection(&b).cloned().collect());
        if by_tag.is_empty() {
            return Ok(named.into_iter().flatten().collect());
        }
        let filters = by_tag
            .iter()
            .map(|target| NodeFilter::key(&*target.key, &target.values));
        let listed = self.manager.list_nodes_with(filters);
        let listed: BTreeSet<NodeId> = listed.map_ok(|node| node.instance_id).try_collect().await?;
        let is_named = |id: &NodeId| named.as_ref().is_none_or(|named| named.contains(id));
        Ok(listed.into_iter().filter(is_named).collect())
    }

    async fn unbind(&self, group: &PatchGroup, baseline: &BaselineId) -> Result<Done> {
        let mut done = Done::default();
        if self
            .groups_of(baseline)
            .await?
            .iter()
            .any(|name| name == group.as_str())
        {
            self.manager.unbind_patch_group(group, baseline).await?;
            done.removed = true;
        }
        Ok(done)
    }

    /// The groups of a baseline; none if it is gone.
    pub(super) async fn groups_of(&self, baseline: &BaselineId) -> Result<Vec<String>> {
        match self.manager.baseline(baseline).await {
            Ok(baseline) => Ok(baseline.patch_groups.unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn restore_default(&self, os: OperatingSystem, baseline: &BaselineId) -> Result<Done> {
        let current = self.manager.default_baseline(os.clone()).await?.baseline_id;
        if !is_same(&current, baseline) {
            return Ok(Done::default());
        }
        let path = member_path("Defaults", os.as_str());
        let (aws, _) = self.aws_baseline(&os, None, &path).await?;
        let mut done = self.default(os, &aws).await?;
        done.removed = done.is_change();
        Ok(done)
    }

    /// Removes a baseline from its groups, restores AWS's default, and deletes it: in this order,
    /// because the service refuses to delete one that is in use.
    async fn delete_baseline(&self, id: &BaselineId) -> Result<Done> {
        let baseline = match self.manager.baseline(id).await {
            Ok(baseline) => baseline,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Done::new(id.as_str(), Change::Unchanged));
            }
            Err(error) => return Err(error),
        };
        let mut done = Done::new(id.as_str(), Change::Removed);
        for group in baseline.patch_groups.unwrap_or_default() {
            let bound = PatchGroup::from_service(group.as_str());
            self.manager.unbind_patch_group(&bound, id).await?;
            done.differences.push(Difference {
                field: format!("PatchGroups.{group}"),
                before: "bound".to_owned(),
                after: String::new(),
            });
        }
        let restored = self.restore_default(baseline.operating_system, id).await?;
        done.differences.extend(restored.differences);
        self.manager.delete_baseline(id).await?;
        Ok(done)
    }
}

fn baseline_difference(before: &BaselineId, after: &BaselineId) -> Difference {
    Difference {
        field: "Baseline".to_owned(),
        before: before.to_string(),
        after: after.to_string(),
    }
}

/// Whether two ids name one baseline: the bare id and the ARN end alike.
pub(super) fn is_same(a: &BaselineId, b: &BaselineId) -> bool {
    let bare = |id: &BaselineId| id.as_str().rsplit('/').next().map(str::to_owned);
    bare(a) == bare(b)
}

fn refused(path: &str, value: &str, legal: impl Into<String>) -> Error {
    Error::invalid_input(vec![Violation::new(path, value, legal)]).with_operation("DesiredState")
}

/// A name that none of the baselines has which could be meant.
fn no_such_baseline(path: &str, name: &str, os: &OperatingSystem, names: &[String]) -> Error {
    let legal = match nearest(name, names.iter().map(String::as_str)) {
        Some(meant) => format!("no such baseline for {os}; the nearest is `{meant}`"),
        None if names.is_empty() => format!("the name of a baseline for {os}"),
        None => format!("no such baseline for {os}; legal are {}", names.join(", ")),
    };
    let message = "the account has no such baseline for this operating system";
    refused(path, name, legal)
        .with_kind(ErrorKind::NotFound, message)
        .with_operation("DescribePatchBaselines")
        .with_resource(name)
}

/// Adds a change of a window, or of one of its parts by their names.
fn add_part(done: &mut Done, change: WindowChange) {
    let part = match change.part {
        WindowPart::Target => "Targets",
        WindowPart::Task => "Tasks",
        WindowPart::Window => return done.add(change.change),
    };
    let path = format!("{part}.{}", change.name);
    let whole = |before: &str, after: &str| Difference {
        field: path.clone(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    match change.change {
        Change::Created => done.differences.push(whole("", "registered")),
        Change::Removed => done.differences.push(whole("registered", "")),
        Change::Updated(differences) => {
            done.differences
                .extend(differences.into_iter().map(|difference| Difference {
                    field: format!("{path}.{}", difference.field),
                    ..difference
                }));
        }
        Change::Unchanged => {}
    }
}
