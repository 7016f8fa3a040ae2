//! What happens to the account without a call to the service: the methods that tests use to change
//! nodes, network and settings. Such a change is not recorded as a call and no fault strikes it.

use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::store::fleet::{missing, replace};
use crate::memory::store::fleet_file::{FleetNode, InstalledPackage, NodeCondition};
use crate::operation::is_override_url;
use crate::types::{InstanceProfile, NodeId, SecurityGroup, ServiceSetting, Vpc, VpcEndpoint};

fn check_url(url: &str) -> Result<()> {
    if is_override_url(url) {
        return Ok(());
    }
    let legal = "an https:// URL, or s3://BUCKET/KEY";
    let message = format!("not the URL of a file: needs {legal}");
    Err(Error::new(ErrorKind::InvalidInput, message).with_resource(url))
}

/// What happens to nodes without Patch Manager.
///
/// These are no calls to the service: they are not recorded and no fault strikes them.
impl MemoryBackend {
    /// Adds a node. A node of the same id is replaced, with everything known about it.
    ///
    /// ```
    /// use aws_patch_manager::memory::FleetNode;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::new();
    /// account.add_node(FleetNode::amazon_linux_2023("i-0123456789abcdef0").with_tag("Role", "web"));
    /// let nodes = PatchManager::from_memory(&account).list_nodes();
    /// assert_eq!(nodes.try_collect::<Vec<_>>().await?.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_node(&self, node: FleetNode) {
        let id = node.id().clone();
        self.act(|engine, now| {
            engine.state.fleet.add(node);
            engine.node_changed(&id, now);
        });
    }

    /// Puts a file where runs find it by its URL, as their `BaselineOverride` or
    /// `InstallOverrideList`: `s3://BUCKET/KEY`, or an `https://` URL.
    ///
    /// The `s3://` URL of an object and its `https://` URLs are one place. A file that is there is
    /// replaced.
    ///
    /// ```
    /// use aws_patch_manager::memory::FleetNode;
    /// use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let list = InstallOverrideList::new([OverriddenPatch::new("openssl*")])?;
    /// account.put_object("s3://patching/list.json", list.to_json())?;
    /// let install = PatchRequest::install()
    ///     .nodes(["i-0123456789abcdef0"])
    ///     .install_override_list("https://patching.s3.eu-central-1.amazonaws.com/list.json");
    /// # let _ = install;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a URL that the patch documents refuse.
    pub fn put_object(&self, url: &str, content: impl Into<Vec<u8>>) -> Result<()> {
        check_url(url)?;
        let content = content.into();
        self.act(|engine, _| engine.state.objects.put(url, content));
        Ok(())
    }

    /// Takes a file away. Runs that read it then fail with exit code 162.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is none.
    pub fn remove_object(&self, url: &str) -> Result<()> {
        let removed = self.act(|engine, _| engine.state.objects.remove(url));
        if removed {
            return Ok(());
        }
        let error = Error::new(ErrorKind::NotFound, "there is no such file");
        Err(error.with_resource(url))
    }

    /// Denies nodes a file, as S3 does if their role may not read it: runs that read it fail with exit code
    /// 160, on Windows with -1. The file of a patch policy can be denied as well; the parameter
    /// `BaselineOverride` of the policy's associations has its URL. [`put_object`](Self::put_object) and
    /// [`remove_object`](Self::remove_object) end the denial.
    ///
    /// ```
    /// use aws_patch_manager::MemoryBackend;
    ///
    /// let account = MemoryBackend::sample();
    /// account.deny_object("s3://patching/list.yaml")?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`put_object`](Self::put_object).
    pub fn deny_object(&self, url: &str) -> Result<()> {
        check_url(url)?;
        self.act(|engine, _| engine.state.objects.deny(url));
        Ok(())
    }

    /// Adds a document of the account's own, or one of AWS's that is not known here. It can be run by hand,
    /// in windows and by associations; it takes a minute, ends well, and leaves patches alone.
    ///
    /// ```
    /// use aws_patch_manager::MemoryBackend;
    ///
    /// let account = MemoryBackend::sample();
    /// account.add_document("Drain-From-Load-Balancer");
    /// ```
    pub fn add_document(&self, name: &str) {
        self.act(|engine, _| engine.state.documents.add(name));
    }

    /// Takes a node away, as terminating the instance does. What runs on it never ends there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such node; so do the other controls.
    pub fn remove_node(&self, id: &NodeId) -> Result<()> {
        self.act(|engine, now| {
            let removed = engine.state.fleet.nodes.remove(id).map(drop);
            engine.node_changed(id, now);
            removed.ok_or_else(|| missing(id))
        })
    }

    /// Puts a node in a condition. Commands that wait for it start once it is online; starting a
    /// stopped node counts as a reboot.
    ///
    /// ```
    /// use aws_patch_manager::memory::NodeCondition;
    /// use aws_patch_manager::types::{NodeFilter, NodeId, PingStatus};
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let node = NodeId::new("i-0c0ffee0000000001");
    /// account.set_condition(&node, NodeCondition::Unreachable)?;
    /// let lost = [NodeFilter::ping_status([PingStatus::ConnectionLost])];
    /// let lost: Vec<_> = PatchManager::from_memory(&account).list_nodes_with(lost).try_collect().await?;
    /// assert!(lost.iter().any(|found| found.instance_id == node));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such node.
    pub fn set_condition(&self, id: &NodeId, condition: NodeCondition) -> Result<()> {
        self.act(|engine, now| {
            engine.state.fleet.known(id)?.set_condition(condition, now);
            engine.node_changed(id, now);
            Ok(())
        })
    }

    /// Installs something by other means than Patch Manager, in place of other versions of it.
    ///
    /// Without a time of its own it is installed now. Until the node is rebooted, a patch that its
    /// baseline approves is then InstalledPendingReboot, as one that an Install put on (User Guide,
    /// compliance states).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such node.
    pub fn install_package(&self, id: &NodeId, mut package: InstalledPackage) -> Result<()> {
        self.act(|engine, now| {
            package.installed_time.get_or_insert(now);
            let node = engine.state.fleet.known(id)?;
            node.since_boot.by_others.insert(package.kb_id());
            replace(&mut node.facts.installed, package);
            Ok(())
        })
    }

    /// Reboots a node. Patches that waited for it count as installed from the next operation on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such node.
    pub fn reboot(&self, id: &NodeId) -> Result<()> {
        self.act(|engine, _| {
            engine.state.fleet.known(id)?;
            engine.reboot_node(id);
            Ok(())
        })
    }

    /// Makes the installation of a patch (KB number or `name.arch`) fail on a node from now on.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::memory::FleetNode;
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{ComplianceQuery, MemoryBackend, PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::new();
    /// let manager = PatchManager::from_memory(&account);
    /// let node = NodeId::new("i-0123456789abcdef0");
    /// account.add_node(FleetNode::windows_server_2022(node.clone()));
    /// account.fail_patch(&node, "KB5090017")?;
    /// account.advance(Duration::from_hours(7 * 24));
    /// let run = manager.run(&PatchRequest::install().nodes([node.clone()])).await?;
    /// run.wait(Duration::from_secs(4 * 3600)).await?;
    /// let summary = manager.compliance_summary(&ComplianceQuery::nodes([node])).await?;
    /// assert_eq!(summary.failed_patches, 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such node.
    pub fn fail_patch(&self, id: &NodeId, patch: impl Into<String>) -> Result<()> {
        let patch = patch.into();
        self.act(|engine, _| {
            engine
                .state
                .fleet
                .known(id)?
                .facts
                .failing_patches
                .push(patch);
            Ok(())
        })
    }

    /// Lets every patch install on a node again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such node.
    pub fn repair_patches(&self, id: &NodeId) -> Result<()> {
        self.act(|engine, _| {
            engine.state.fleet.known(id)?.facts.failing_patches.clear();
            Ok(())
        })
    }
}

/// What happens to the network without Patch Manager. These are no calls to the service: they are not
/// recorded and no fault strikes them.
impl MemoryBackend {
    /// Adds an endpoint. One of the same id is replaced.
    pub fn add_vpc_endpoint(&self, endpoint: VpcEndpoint) {
        self.act(|engine, _| {
            let endpoints = &mut engine.state.network.endpoints;
            endpoints.retain(|known| known.vpc_endpoint_id != endpoint.vpc_endpoint_id);
            endpoints.push(endpoint);
        });
    }

    /// Takes an endpoint away.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such endpoint.
    pub fn remove_vpc_endpoint(&self, id: &str) -> Result<VpcEndpoint> {
        self.act(|engine, _| {
            let endpoints = &mut engine.state.network.endpoints;
            let place = endpoints.iter().position(|one| one.vpc_endpoint_id == id);
            place.map(|place| endpoints.remove(place)).ok_or_else(|| {
                Error::new(ErrorKind::NotFound, "there is no such endpoint").with_resource(id)
            })
        })
    }

    /// Adds a security group. One of the same id is replaced.
    pub fn set_security_group(&self, group: SecurityGroup) {
        self.act(|engine, _| {
            let groups = &mut engine.state.network.security_groups;
            groups.retain(|known| known.group_id != group.group_id);
            groups.push(group);
        });
    }

    /// Sets the attributes of a VPC.
    pub fn set_vpc(&self, vpc: Vpc) {
        self.act(|engine, _| {
            let vpcs = &mut engine.state.network.vpcs;
            vpcs.retain(|known| known.vpc_id != vpc.vpc_id);
            vpcs.push(vpc);
        });
    }
}

impl MemoryBackend {
    /// Adds an instance profile. One of the same name is replaced. No call to the service.
    pub fn set_instance_profile(&self, profile: InstanceProfile) {
        self.act(|engine, _| {
            let name = profile.instance_profile_name.clone();
            engine.state.access.profiles.insert(name, profile);
        });
    }

    /// Changes a setting of the account and Region. No call to the service.
    pub fn set_service_setting(&self, mut setting: ServiceSetting) {
        self.act(|engine, now| {
            setting.last_modified_date.get_or_insert(now);
            let id = setting.setting_id.clone();
            engine.state.access.settings.insert(id, setting);
        });
    }
}
