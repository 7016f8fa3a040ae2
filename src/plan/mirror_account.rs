//! An account in memory that continues from a snapshot.

use super::mirror_packages::{Patches, Reported, failed, pending};
use super::{MirrorScope, MirrorSnapshot, MirroredNode, products};
use crate::error::Result;
use crate::manager::PatchManager;
use crate::memory::{FleetNode, Limits, MemoryBackend, NodeCondition};
use crate::types::{InstanceInformation, OperatingSystem, fnv1a};

/// Mirrors.
impl MemoryBackend {
    /// Reads an account, and continues from there in memory: the two steps of
    /// [`PatchManager::mirror_snapshot`] and [`from_snapshot`](Self::from_snapshot).
    ///
    /// # Errors
    ///
    /// Those of [`PatchManager::mirror_snapshot`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::plan::MirrorScope;
    /// use aws_patch_manager::{BaselineBuilder, MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let mirror = MemoryBackend::mirror(&manager, &MirrorScope::new()).await?;
    /// let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
    /// PatchManager::from_memory(&mirror).ensure_baseline(&spec).await?;
    /// mirror.advance(Duration::from_hours(24)); // The account itself knows nothing of all this.
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn mirror(manager: &PatchManager, scope: &MirrorScope) -> Result<Self> {
        let snapshot = manager.mirror_snapshot(scope).await?;
        Ok(Self::from_snapshot(&snapshot))
    }

    /// An account that continues from a snapshot, on a manual clock that begins when the snapshot was
    /// taken.
    ///
    /// Ids, baselines, groups, defaults, policies, windows, associations, nodes and tags are the same,
    /// even if memory would refuse to create them. Schedules fire next when they would have fired; nothing
    /// runs at once. AWS's predefined baselines are those of the snapshot; one that was not read in full
    /// has the rules that memory knows by its name.
    ///
    /// A snapshot does not have everything. This is inferred:
    ///
    /// - The operating system of a node is that of the baseline of its last operation, else that of its
    ///   platform. Its product is the platform's name and version.
    /// - What is installed on a node is what it reported as installed. On Linux the installed version of a
    ///   missing patch is found by the CVEs of the report; if that fails, it is older than the catalog.
    /// - A patch that failed fails again.
    /// - Patches that the catalog has not are those that nodes report, without a release date.
    /// - A patch that the node's last report should have had, and has not, does not apply to the node. This
    ///   is learned only if the baseline has not changed since.
    /// - A policy's copies of baselines are as the baselines are now.
    ///
    /// A document that does not patch, such as `AWS-RunShellScript`, runs without effect; so does
    /// `AWS-RunPatchBaselineAssociation`, whose reports memory does not make.
    ///
    /// This is missing: commands, runs of windows and associations, and what runs at this instant; the
    /// network and the roles; patches that were not released yet; all patches of nodes that the scope or
    /// the snapshot left out. Nothing is known of the packages of a node without a report: its scans and installs run, and
    /// report nothing.
    ///
    /// ```
    /// use aws_patch_manager::plan::MirrorSnapshot;
    /// use aws_patch_manager::{Clock, MemoryBackend};
    ///
    /// let snapshot = MirrorSnapshot::new("2026-05-14T00:00:00Z".parse()?);
    /// let mirror = MemoryBackend::from_snapshot(&snapshot);
    /// assert_eq!(mirror.clock().now(), snapshot.taken_at);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_snapshot(snapshot: &MirrorSnapshot) -> Self {
        let nodes: Vec<(&MirroredNode, FleetNode)> = snapshot
            .nodes
            .iter()
            .map(|node| (node, fleet_node(snapshot, node)))
            .collect();
        let reported: Vec<Reported<'_>> = nodes.iter().filter_map(reported).collect();
        let listed = snapshot.catalog.as_deref().unwrap_or_default();
        let patches = Patches::of(listed, &reported);
        let with_packages = |(mirrored, node)| (mirrored, with_packages(mirrored, node, &patches));
        let nodes = nodes.into_iter().map(with_packages).collect();
        let mut builder = Self::builder()
            .start(snapshot.taken_at)
            .seed(seed(snapshot))
            .catalog(patches.into_all())
            .limits(limits(snapshot));
        if let Some(region) = &snapshot.region {
            builder = builder.region(region);
        }
        if let Some(account) = &snapshot.account {
            builder = builder.account(account);
        }
        let mirror = builder.build();
        mirror.restore(snapshot, nodes);
        mirror
    }

    /// Takes over everything; reports last, because they need the baselines and the policies.
    fn restore(&self, snapshot: &MirrorSnapshot, nodes: Vec<(&MirroredNode, FleetNode)>) {
        let own = snapshot.baselines.iter();
        let own = own.map(|mirrored| mirrored.baseline.clone()).collect();
        let (read, listed) = (&snapshot.predefined_baselines, &snapshot.baseline_listing);
        self.restore_baselines(own, read, listed);
        self.restore_patch_groups(&snapshot.patch_groups);
        for mirrored in &snapshot.baselines {
            let id = &mirrored.baseline.baseline_id;
            self.restore_tags(id.as_str(), &mirrored.tags);
        }
        for (mirrored, node) in nodes {
            self.restore_node(node, mirrored.patches.as_deref().map(pending));
        }
        for mirrored in &snapshot.associations {
            self.restore_association(&mirrored.association, mirrored.policy.as_ref());
            if let Some(id) = &mirrored.association.association_id {
                self.restore_tags(id.as_str(), &mirrored.tags);
            }
        }
        for policy in &snapshot.policies {
            self.restore_policy(policy);
        }
        for mirrored in &snapshot.windows {
            self.restore_window(&mirrored.window, &mirrored.targets, &mirrored.tasks);
            if let Some(id) = &mirrored.window.window_id {
                self.restore_tags(id.as_str(), &mirrored.tags);
            }
        }
        self.restore_reports(snapshot.nodes.iter().filter_map(|node| {
            let patches = node.patches.as_deref()?;
            Some((node.patch_state.as_ref()?, patches))
        }));
    }
}

/// A seed of its own: with the seed of an account in memory, the ids to come would be those that it gave
/// already. The same snapshot gives the same ids with every release of Rust, and a mirror of a mirror
/// others, for it has more resources.
fn seed(snapshot: &MirrorSnapshot) -> u64 {
    let account = snapshot.account.as_deref().unwrap_or_default();
    let region = snapshot.region.as_deref().unwrap_or_default();
    let resources = [
        snapshot.baselines.len(),
        snapshot.policies.len(),
        snapshot.windows.len(),
        snapshot.associations.len(),
    ];
    fnv1a(format!("{} {account} {region} {resources:?}", snapshot.taken_at).bytes())
}

/// The service's quotas; a quota that the account exceeds was raised, nobody knows how far.
fn limits(snapshot: &MirrorSnapshot) -> Limits {
    let mut limits = Limits::default();
    let raised = [
        (&mut limits.baselines, snapshot.baselines.len()),
        (&mut limits.associations, snapshot.associations.len()),
        (&mut limits.windows, snapshot.windows.len()),
    ];
    for (limit, there_are) in raised {
        if there_are > *limit {
            *limit = usize::MAX;
        }
    }
    limits
}

/// A node without its packages.
fn fleet_node(snapshot: &MirrorSnapshot, node: &MirroredNode) -> FleetNode {
    let information = node.information.as_ref();
    let by_platform = information.and_then(products::of);
    let last = node.patch_state.as_ref();
    let last = last.and_then(|state| snapshot.baseline(&state.baseline_id));
    let os = last.map(|baseline| baseline.operating_system.clone());
    let (os, product) = match (os, by_platform) {
        (Some(os), Some((known, product))) if os == known => (os, product),
        (Some(os), _) => (os, String::new()),
        (None, Some(known)) => known,
        (None, None) => (OperatingSystem::Other(String::new()), String::new()),
    };
    let described = information.cloned();
    FleetNode {
        instance_information: described.unwrap_or_else(|| InstanceInformation::new(&node.id)),
        tags: node.tags.clone(),
        instance: node.instance.clone(),
        condition: condition(node),
        ..FleetNode::new(&node.id, os, product)
    }
}

fn condition(node: &MirroredNode) -> NodeCondition {
    let stopped = node.instance.as_ref().is_some_and(|one| one.is_stopped());
    match &node.information {
        Some(information) if information.is_online() => NodeCondition::Online,
        _ if stopped => NodeCondition::Stopped,
        Some(_) => NodeCondition::Unreachable,
        None => NodeCondition::Agentless,
    }
}

fn reported<'a>((mirrored, node): &'a (&'a MirroredNode, FleetNode)) -> Option<Reported<'a>> {
    Some(Reported {
        os: &node.operating_system,
        product: &node.product,
        state: mirrored.patch_state.as_ref()?,
        patches: mirrored.patches.as_deref()?,
    })
}

fn with_packages(mirrored: &MirroredNode, node: FleetNode, patches: &Patches) -> FleetNode {
    let pair = (mirrored, node);
    let Some(reported) = reported(&pair) else {
        return pair.1;
    };
    let (applications, installed) = (
        patches.applications(&reported),
        patches.installed(&reported),
    );
    let failing_patches = failed(reported.patches);
    FleetNode {
        applications,
        installed,
        failing_patches,
        ..pair.1
    }
}
