use std::fmt;

use futures_core::stream::BoxStream;
use serde::Serialize;

use super::PatchManager;
use super::pages::{check, pages};
use crate::backend::{
    DeregisterPatchBaselineForPatchGroup, DescribePatchGroups, GetPatchBaseline,
    GetPatchBaselineForPatchGroup, RegisterPatchBaselineForPatchGroup,
};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::group::{BaselineForPatchGroup, PatchGroup, PatchGroupMapping};
use crate::telemetry::{verb, verb_stream};
use crate::types::{BaselineId, CompletedStep, OperatingSystem, PatchGroupFilter, QueryFilter};

/// The result of binding a group to a baseline.
///
/// ```
/// use aws_patch_manager::manager::GroupBinding;
/// use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
/// let baseline = manager.ensure_baseline(&spec).await?.id;
/// match manager.rebind_patch_group(&PatchGroup::new("build")?, &baseline).await? {
///     GroupBinding::Rebound { from } => println!("in place of {from}"),
///     binding => println!("{binding}"),
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum GroupBinding {
    /// The group had no baseline for the operating system.
    Bound,
    /// The group had another baseline.
    Rebound {
        /// The baseline before.
        from: BaselineId,
    },
    /// The group already had this baseline.
    Unchanged,
}

impl fmt::Display for GroupBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bound => f.write_str("bound"),
            Self::Rebound { from } => write!(f, "bound in place of {from}"),
            Self::Unchanged => f.write_str("unchanged"),
        }
    }
}

/// Patch groups.
impl PatchManager {
    /// Binds a group to a baseline, for the baseline's operating system. A second call changes
    /// nothing.
    ///
    /// Calls GetPatchBaseline, DescribePatchGroups and RegisterPatchBaselineForPatchGroup.
    ///
    /// ```
    /// use aws_patch_manager::manager::GroupBinding;
    /// use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// let baseline = manager.ensure_baseline(&spec).await?.id;
    /// let web = PatchGroup::new("web")?;
    /// let bound = manager.bind_patch_group(&web, &baseline).await?;
    /// assert_eq!(bound, GroupBinding::Bound);
    /// let again = manager.bind_patch_group(&web, &baseline).await?;
    /// assert_eq!(again, GroupBinding::Unchanged);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if the group has another baseline for the operating system,
    /// which the message names; see [`rebind_patch_group`](Self::rebind_patch_group).
    /// [`ErrorKind::InvalidInput`] for a malformed id or group, before any call.
    /// [`ErrorKind::NotFound`] if there is no such baseline. [`ErrorKind::LimitExceeded`] at the
    /// baseline's 26th group. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn bind_patch_group(
        &self,
        group: &PatchGroup,
        baseline: &BaselineId,
    ) -> Result<GroupBinding> {
        verb!(
            bind_patch_group(group = group.as_str(), baseline = baseline.as_str()),
            async {
                match self.bound_baseline(group, baseline).await? {
            Some(bound) if bound == *baseline => Ok(GroupBinding::Unchanged),
            Some(bound) => Err(Error::new(
                ErrorKind::AlreadyExists,
                format!("the group has baseline {bound} for this operating system; rebind the group to replace it"),
            )
            .with_operation("RegisterPatchBaselineForPatchGroup")
            .with_resource(group.as_str())),
            None => {
                self.backends.groups.register_patch_baseline_for_patch_group(RegisterPatchBaselineForPatchGroup::new(baseline, group)).await?;
                Ok(GroupBinding::Bound)
            }
        }
            }
        )
    }

    /// Binds a group to a baseline and replaces its current one for the operating system.
    ///
    /// The service has no single operation for this: between the two steps the default baseline
    /// applies. If the second step fails, run it again.
    ///
    /// Calls the same operations as [`bind_patch_group`](Self::bind_patch_group), and
    /// DeregisterPatchBaselineForPatchGroup.
    ///
    /// ```
    /// use aws_patch_manager::manager::GroupBinding;
    /// use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let make = BaselineBuilder::windows_critical_and_security;
    /// let old = manager.ensure_baseline(&make("after-a-week", 7).build()?).await?.id;
    /// let new = manager.ensure_baseline(&make("after-two-weeks", 14).build()?).await?.id;
    /// let web = PatchGroup::new("web")?;
    /// manager.bind_patch_group(&web, &old).await?;
    /// let rebound = manager.rebind_patch_group(&web, &new).await?;
    /// assert_eq!(rebound, GroupBinding::Rebound { from: old });
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Incomplete`] if the old baseline is removed but the new one could not be bound.
    /// [`ErrorKind::InvalidInput`] for a malformed id or group, before any call.
    /// [`ErrorKind::NotFound`] if there is no such baseline, and [`ErrorKind::LimitExceeded`] at
    /// its 26th group if the group had none before. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn rebind_patch_group(
        &self,
        group: &PatchGroup,
        baseline: &BaselineId,
    ) -> Result<GroupBinding> {
        verb!(
            rebind_patch_group(group = group.as_str(), baseline = baseline.as_str()),
            async {
                let bound = self.bound_baseline(group, baseline).await?;
                if bound.as_ref() == Some(baseline) {
                    return Ok(GroupBinding::Unchanged);
                }
                let mut done = Vec::new();
                if let Some(bound) = &bound {
                    self.backends
                        .groups
                        .deregister_patch_baseline_for_patch_group(
                            DeregisterPatchBaselineForPatchGroup::new(bound, group),
                        )
                        .await?;
                    done.push(CompletedStep::PatchGroupDeregistered {
                        baseline_id: bound.clone(),
                        patch_group: group.as_str().to_owned(),
                    });
                }
                match self
                    .backends
                    .groups
                    .register_patch_baseline_for_patch_group(
                        RegisterPatchBaselineForPatchGroup::new(baseline, group),
                    )
                    .await
                {
                    Ok(_) => Ok(
                        bound.map_or(GroupBinding::Bound, |from| GroupBinding::Rebound { from })
                    ),
                    Err(error) => Err(Error::incomplete(done, error)),
                }
            }
        )
    }

    /// The baseline registered for the group and this baseline's operating system.
    async fn bound_baseline(
        &self,
        group: &PatchGroup,
        baseline: &BaselineId,
    ) -> Result<Option<BaselineId>> {
        check_binding(group, baseline, "RegisterPatchBaselineForPatchGroup")?;
        let wanted = self
            .backends
            .baselines
            .get_patch_baseline(GetPatchBaseline::new(baseline))
            .await?;
        let groups = wanted.patch_groups.unwrap_or_default();
        if groups.iter().any(|name| name == group.as_str()) {
            return Ok(Some(baseline.clone()));
        }
        let filters = vec![
            PatchGroupFilter::name_prefix([group]),
            PatchGroupFilter::operating_system([&wanted.operating_system]),
        ];
        let mut mappings = self.list_patch_groups_with(filters);
        while let Some(mapping) = futures_util::TryStreamExt::try_next(&mut mappings).await? {
            if mapping.patch_group == *group {
                return Ok(mapping.baseline_identity.baseline_id);
            }
        }
        Ok(None)
    }

    /// Unbinds a group from a baseline. Its nodes then use the default.
    ///
    /// Calls DeregisterPatchBaselineForPatchGroup.
    ///
    /// ```
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// let baseline = manager.ensure_baseline(&spec).await?.id;
    /// let web = PatchGroup::new("web")?;
    /// manager.bind_patch_group(&web, &baseline).await?;
    /// manager.unbind_patch_group(&web, &baseline).await?;
    /// let used = manager.baseline_for_group(&web, OperatingSystem::Windows).await?;
    /// assert!(used.baseline_id.is_aws_owned());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id or group, before any call. If the group is
    /// not bound to the baseline, this succeeds. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn unbind_patch_group(
        &self,
        group: &PatchGroup,
        baseline: &BaselineId,
    ) -> Result<()> {
        verb!(
            unbind_patch_group(group = group.as_str(), baseline = baseline.as_str()),
            async {
                check_binding(group, baseline, "DeregisterPatchBaselineForPatchGroup")?;
                self.backends
                    .groups
                    .deregister_patch_baseline_for_patch_group(
                        DeregisterPatchBaselineForPatchGroup::new(baseline, group),
                    )
                    .await
                    .map(drop)
            }
        )
    }

    /// The baseline for nodes of a group and operating system: the group's, else the default.
    ///
    /// Calls GetPatchBaselineForPatchGroup.
    ///
    /// ```
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let web = PatchGroup::new("web")?;
    /// let used = manager.baseline_for_group(&web, OperatingSystem::Windows).await?;
    /// let default = manager.default_baseline(OperatingSystem::Windows).await?;
    /// assert_eq!(used.baseline_id, default.baseline_id);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed group, before any call, and for an operating
    /// system that the service does not know. A group without a baseline is not an error. It can
    /// also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn baseline_for_group(
        &self,
        group: &PatchGroup,
        os: OperatingSystem,
    ) -> Result<BaselineForPatchGroup> {
        verb!(
            baseline_for_group(group = group.as_str(), os = os.as_str()),
            async {
                check(group, "GetPatchBaselineForPatchGroup")?;
                self.backends
                    .groups
                    .get_patch_baseline_for_patch_group(GetPatchBaselineForPatchGroup::new(
                        group,
                        Some(os),
                    ))
                    .await
            }
        )
    }

    /// Every group, with a row for each operating system for which it has a baseline.
    ///
    /// Calls DescribePatchGroups, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let mut groups = manager.list_patch_groups();
    /// while let Some(row) = groups.try_next().await? {
    ///     println!("{} {:?}", row.patch_group, row.baseline_identity.baseline_name);
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](PatchManager#what-every-call-can-meet). An error is the last
    /// item of the stream.
    pub fn list_patch_groups(&self) -> BoxStream<'static, Result<PatchGroupMapping>> {
        verb_stream!(list_patch_groups(), self.list_patch_groups_with([]))
    }

    /// The groups that match the filters: `NAME_PREFIX`, `OPERATING_SYSTEM`.
    ///
    /// Calls DescribePatchGroups, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::types::PatchGroupFilter;
    /// use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// let baseline = manager.ensure_baseline(&spec).await?.id;
    /// for name in ["web-eu", "web-us", "db"] {
    ///     manager.bind_patch_group(&PatchGroup::new(name)?, &baseline).await?;
    /// }
    /// let web = manager.list_patch_groups_with([PatchGroupFilter::name_prefix( ["web-"])]);
    /// let web: Vec<_> = web.try_collect().await?;
    /// assert_eq!(web.len(), 2);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a filter that the service does not know, and for more than 5
    /// filters. It can also fail as [every call can](PatchManager#what-every-call-can-meet). An
    /// error is the last item of the stream.
    pub fn list_patch_groups_with(
        &self,
        filters: impl IntoIterator<Item = PatchGroupFilter>,
    ) -> BoxStream<'static, Result<PatchGroupMapping>> {
        let filters: Vec<QueryFilter> = filters.into_iter().map(QueryFilter::from).collect();
        verb_stream!(
            list_patch_groups_with(),
            pages(&self.backends.groups, 100, move |registry, page| {
                let request = DescribePatchGroups::new(filters.clone(), page);
                async move { registry.describe_patch_groups(request).await }
            })
        )
    }
}

fn check_binding(group: &PatchGroup, baseline: &BaselineId, operation: &'static str) -> Result<()> {
    let mut found = Violations::new();
    found.identifier(group);
    found.identifier(baseline);
    found.or(operation, ())
}
