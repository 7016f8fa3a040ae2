use std::fmt;

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use serde::Serialize;

use super::created::{Created, at_most_one};
use super::pages::{check, pages};
use super::{Change, PatchManager};
use crate::backend::{
    CreatePatchBaseline, DeletePatchBaseline, DescribePatchBaselines, GetDefaultPatchBaseline,
    GetPatchBaseline, RegisterDefaultPatchBaseline, UpdatePatchBaseline,
};
use crate::baseline::{
    BaselineChanges, BaselineSpec, DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity,
    Warning,
};
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::telemetry::{verb, verb_stream};
use crate::types::{BaselineFilter, BaselineId, OperatingSystem, QueryFilter};
use crate::visible::write_warnings;

/// The result of [`ensure_baseline`](PatchManager::ensure_baseline).
///
/// ```
/// use aws_patch_manager::manager::Change;
/// use aws_patch_manager::{BaselineBuilder, PatchManager};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
/// let ensured = manager.ensure_baseline(&spec).await?;
/// println!("{ensured}");
/// if let Change::Updated(differences) = &ensured.change {
///     differences.iter().for_each(|difference| println!("{difference}"));
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct EnsuredBaseline {
    /// Its id.
    pub id: BaselineId,
    /// What was changed.
    pub change: Change,
    /// What is legal in it but probably not intended, whether or not anything was changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

impl fmt::Display for EnsuredBaseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.change)?;
        write_warnings(f, &self.warnings)
    }
}

/// Baselines.
impl PatchManager {
    /// Creates a baseline. Names are not unique, so each call creates another one; see
    /// [`ensure_baseline`](Self::ensure_baseline).
    ///
    /// Calls CreatePatchBaseline. Pass a [`CreatePatchBaseline`] with a client token to make the
    /// call repeatable after a lost reply.
    ///
    /// ```
    /// use aws_patch_manager::{BaselineBuilder, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// let id = manager.create_baseline(&spec).await?;
    /// assert_eq!(manager.baseline(&id).await?.name, "prod-windows");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] at the account's 51st baseline. [`ErrorKind::InvalidInput`] if
    /// the specification breaks a bound of the service, which
    /// [`BaselineBuilder::build`](crate::BaselineBuilder::build) checks without a call.
    /// [`ErrorKind::IdempotentParameterMismatch`] if the client token was used for another
    /// specification. It can also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn create_baseline(
        &self,
        request: impl Into<CreatePatchBaseline>,
    ) -> Result<BaselineId> {
        let request = request.into();
        verb!(create_baseline(name = request.spec.name.as_str()), async {
            self.backends.baselines.create_patch_baseline(request).await
        })
    }

    /// Creates a baseline, updates it, or leaves it unchanged if it is as specified.
    ///
    /// It looks among your own baselines for the name and operating system. After a failure, run it
    /// again. Tags are set only when the baseline is created; later
    /// [`ensure_resource_tags`](Self::ensure_resource_tags) sets them.
    ///
    /// Two callers at once make one: whoever creates looks again, and takes its own back if another's is
    /// older. An update replaces what another caller wrote since it was read; the differences say what.
    ///
    /// Calls DescribePatchBaselines, GetPatchBaseline, and CreatePatchBaseline or
    /// UpdatePatchBaseline; DescribePatchBaselines again after it created one.
    ///
    /// ```
    /// use aws_patch_manager::manager::Change;
    /// use aws_patch_manager::{BaselineBuilder, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let after = |days| BaselineBuilder::windows_critical_and_security("prod-windows", days).build();
    /// let made = manager.ensure_baseline(&after(7)?).await?;
    /// assert_eq!(made.change, Change::Created);
    /// let again = manager.ensure_baseline(&after(7)?).await?;
    /// assert_eq!(again.change, Change::Unchanged);
    /// let later = manager.ensure_baseline(&after(14)?).await?;
    /// assert!(matches!(later.change, Change::Updated(_)));
    /// assert_eq!(later.id, made.id);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Ambiguous`] if several of your baselines have the name and operating system.
    /// [`ErrorKind::InvalidInput`] if the specification breaks a bound of the service.
    /// [`ErrorKind::Incomplete`] if it was created and the look after that failed: the error has the id,
    /// and the next call finds it.
    /// [`ErrorKind::LimitExceeded`] if it has to be created and the account already has 50. It can
    /// also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn ensure_baseline(&self, spec: &BaselineSpec) -> Result<EnsuredBaseline> {
        verb!(ensure_baseline(name = spec.name.as_str()), async {
            let ensured = |id, change| EnsuredBaseline {
                id,
                change,
                warnings: spec.warnings(),
            };
            let found = self.own_baseline(&spec.name, spec.operating_system());
            let id = match found.await? {
                Some(id) => id,
                None => match self.new_baseline(spec).await? {
                    Created::Own(id) => return Ok(ensured(id, Change::Created)),
                    Created::Older(id) => id,
                },
            };
            let differences = self.baseline(&id).await?.diff(spec);
            if differences.is_empty() {
                return Ok(ensured(id, Change::Unchanged));
            }
            let request = UpdatePatchBaseline::replacing(id.clone(), BaselineChanges::from(spec));
            self.backends
                .baselines
                .update_patch_baseline(request)
                .await?;
            Ok(ensured(id, Change::Updated(differences)))
        })
    }

    pub(super) async fn own_baselines(
        &self,
        name: &str,
        os: OperatingSystem,
    ) -> Result<Vec<BaselineId>> {
        let filters = vec![
            BaselineFilter::owner(["Self"]),
            BaselineFilter::name_prefix([name]),
            BaselineFilter::operating_system([os]),
        ];
        let found: Vec<PatchBaselineIdentity> =
            self.list_baselines_with(filters).try_collect().await?;
        let of_name = found
            .into_iter()
            .filter(|identity| identity.baseline_name.as_deref() == Some(name));
        Ok(of_name.filter_map(|own| own.baseline_id).collect())
    }

    pub(crate) async fn own_baseline(
        &self,
        name: &str,
        os: OperatingSystem,
    ) -> Result<Option<BaselineId>> {
        let ids = self.own_baselines(name, os).await?;
        at_most_one(ids, "baselines", name, "DescribePatchBaselines")
    }

    /// Updates the given members of a baseline, and leaves the others unchanged.
    ///
    /// Calls UpdatePatchBaseline.
    ///
    /// ```
    /// use aws_patch_manager::baseline::BaselineChanges;
    /// use aws_patch_manager::{BaselineBuilder, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// let id = manager.create_baseline(&spec).await?;
    /// let mut changes = BaselineChanges::default();
    /// changes.rejected_patches = Some(vec!["KB5034439".to_owned()]);
    /// let changed = manager.update_baseline(&id, changes).await?;
    /// assert_eq!(changed.rejected_patches, ["KB5034439"]);
    /// assert_eq!(changed.name, "prod-windows");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call; for a change that breaks a
    /// bound of the service; and for a baseline that AWS owns. [`ErrorKind::NotFound`] if there is
    /// no such baseline. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn update_baseline(
        &self,
        id: &BaselineId,
        changes: BaselineChanges,
    ) -> Result<PatchBaseline> {
        verb!(update_baseline(baseline = id.as_str()), async {
            check(id, "UpdatePatchBaseline")?;
            self.backends
                .baselines
                .update_patch_baseline(UpdatePatchBaseline::new(id.clone(), changes))
                .await
        })
    }

    /// Reads a baseline, with the groups registered for it.
    ///
    /// Calls GetPatchBaseline.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let default = manager.default_baseline(OperatingSystem::AmazonLinux2023).await?;
    /// let baseline = manager.baseline(&default.baseline_id).await?;
    /// assert_eq!(baseline.operating_system, OperatingSystem::AmazonLinux2023);
    /// println!("{}: {} rules", baseline.name, baseline.approval_rules.patch_rules.len());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`] if
    /// there is no such baseline; AWS's own need their ARN. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn baseline(&self, id: &BaselineId) -> Result<PatchBaseline> {
        verb!(baseline(baseline = id.as_str()), async {
            check(id, "GetPatchBaseline")?;
            self.backends
                .baselines
                .get_patch_baseline(GetPatchBaseline::new(id))
                .await
        })
    }

    /// Deletes a baseline. If it does not exist, this succeeds.
    ///
    /// Calls DeletePatchBaseline.
    ///
    /// ```
    /// use aws_patch_manager::{BaselineBuilder, ErrorKind, PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// let id = manager.create_baseline(&spec).await?;
    /// let web = PatchGroup::new("web")?;
    /// manager.bind_patch_group(&web, &id).await?;
    /// let used = manager.delete_baseline(&id).await;
    /// assert_eq!(used.map_err(|error| error.kind()), Err(ErrorKind::InUse));
    /// manager.unbind_patch_group(&web, &id).await?;
    /// manager.delete_baseline(&id).await?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InUse`] while a group or the default uses it. [`ErrorKind::InvalidInput`] for a
    /// malformed id, before any call, and for a baseline that AWS owns. It can also fail as [every
    /// call can](PatchManager#what-every-call-can-meet).
    pub async fn delete_baseline(&self, id: &BaselineId) -> Result<()> {
        verb!(delete_baseline(baseline = id.as_str()), async {
            check(id, "DeletePatchBaseline")?;
            self.backends
                .baselines
                .delete_patch_baseline(DeletePatchBaseline::new(id))
                .await
        })
    }

    /// Every baseline, yours and AWS's.
    ///
    /// Calls DescribePatchBaselines, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let mut baselines = manager.list_baselines();
    /// while let Some(baseline) = baselines.try_next().await? {
    ///     println!("{:?} {:?}", baseline.operating_system, baseline.baseline_name);
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
    pub fn list_baselines(&self) -> BoxStream<'static, Result<PatchBaselineIdentity>> {
        verb_stream!(list_baselines(), self.list_baselines_with([]))
    }

    /// The baselines that match the filters: `NAME_PREFIX`, `OWNER` (`AWS`, `Self`, `All`),
    /// `OPERATING_SYSTEM`.
    ///
    /// Calls DescribePatchBaselines, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::{BaselineBuilder, PatchManager};
    /// use aws_patch_manager::types::BaselineFilter;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// let id = manager.create_baseline(&spec).await?;
    /// let own = manager.list_baselines_with([BaselineFilter::owner( ["Self"])]);
    /// let own: Vec<_> = own.try_collect().await?;
    /// assert_eq!(own.len(), 1);
    /// assert_eq!(own[0].baseline_id, Some(id));
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
    pub fn list_baselines_with(
        &self,
        filters: impl IntoIterator<Item = BaselineFilter>,
    ) -> BoxStream<'static, Result<PatchBaselineIdentity>> {
        let filters: Vec<QueryFilter> = filters.into_iter().map(QueryFilter::from).collect();
        verb_stream!(
            list_baselines_with(),
            pages(&self.backends.baselines, 100, move |store, page| {
                let request = DescribePatchBaselines::new(filters.clone(), page);
                async move { store.describe_patch_baselines(request).await }
            })
        )
    }

    /// The default baseline for an operating system.
    ///
    /// Calls GetDefaultPatchBaseline.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let default = manager.default_baseline(OperatingSystem::Windows).await?;
    /// assert!(default.baseline_id.is_aws_owned());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for an operating system that the service does not know. It can
    /// also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn default_baseline(&self, os: OperatingSystem) -> Result<DefaultPatchBaseline> {
        verb!(default_baseline(os = os.as_str()), async {
            self.backends
                .baselines
                .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some(os)))
                .await
        })
    }

    /// Makes a baseline the default for its operating system. To restore AWS's own, pass its ARN.
    ///
    /// Calls RegisterDefaultPatchBaseline.
    ///
    /// ```
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{BaselineBuilder, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let aws = manager.default_baseline(OperatingSystem::Windows).await?.baseline_id;
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// let own = manager.create_baseline(&spec).await?;
    /// manager.set_default_baseline(&own).await?;
    /// assert_eq!(manager.default_baseline(OperatingSystem::Windows).await?.baseline_id, own);
    /// manager.set_default_baseline(&aws).await?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`] if
    /// there is no such baseline. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn set_default_baseline(&self, id: &BaselineId) -> Result<()> {
        verb!(set_default_baseline(baseline = id.as_str()), async {
            check(id, "RegisterDefaultPatchBaseline")?;
            self.backends
                .baselines
                .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(id))
                .await
                .map(drop)
        })
    }
}

impl From<BaselineSpec> for CreatePatchBaseline {
    fn from(spec: BaselineSpec) -> Self {
        Self::new(spec)
    }
}

impl From<&BaselineSpec> for CreatePatchBaseline {
    fn from(spec: &BaselineSpec) -> Self {
        Self::new(spec.clone())
    }
}
