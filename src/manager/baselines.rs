use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;

use super::PatchManager;
use super::ids::check;
use super::pages::pages;
use crate::backend::{CreatePatchBaseline, DescribePatchBaselines, UpdatePatchBaseline};
use crate::baseline::{
    BaselineChanges, BaselineSpec, DefaultPatchBaseline, Difference, PatchBaseline,
    PatchBaselineIdentity,
};
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::{verb, verb_stream};
use crate::types::{BaselineId, OperatingSystem, QueryFilter};

/// What [`PatchManager::ensure_baseline`] had to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaselineChange {
    /// There was none of this name and operating system.
    Created,
    /// It said something else.
    Updated(Vec<Difference>),
    /// It said just that.
    Unchanged,
}

/// A baseline that says what it was asked to say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnsuredBaseline {
    /// Its id.
    pub id: BaselineId,
    /// What had to be done.
    pub change: BaselineChange,
}

/// Baselines.
impl PatchManager {
    /// Makes a baseline. Each call makes one, for names are not unique; see [`ensure_baseline`](Self::ensure_baseline).
    ///
    /// Calls CreatePatchBaseline. Give a [`CreatePatchBaseline`] with a client token to make the
    /// call repeatable after a lost reply.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] at the account's 51st baseline.
    pub async fn create_baseline(
        &self,
        request: impl Into<CreatePatchBaseline>,
    ) -> Result<BaselineId> {
        let request = request.into();
        verb!(create_baseline(name = request.spec.name.as_str()), async {
            self.baselines.create_patch_baseline(request).await
        })
    }

    /// Makes a baseline say what is specified: creates it, updates it, or leaves it alone.
    ///
    /// Looks among your own baselines for the name and operating system. Running it again after a
    /// failure finishes the job. Tags are set only where the baseline is created.
    ///
    /// Calls DescribePatchBaselines, GetPatchBaseline, and CreatePatchBaseline or UpdatePatchBaseline.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Ambiguous`] where several of your baselines have the name and operating system.
    pub async fn ensure_baseline(&self, spec: &BaselineSpec) -> Result<EnsuredBaseline> {
        verb!(ensure_baseline(name = spec.name.as_str()), async {
            let Some(id) = self
                .own_baseline(&spec.name, spec.operating_system())
                .await?
            else {
                let id = self.create_baseline(spec.clone()).await?;
                return Ok(EnsuredBaseline {
                    id,
                    change: BaselineChange::Created,
                });
            };
            let differences = self.baseline(&id).await?.diff(spec);
            if differences.is_empty() {
                return Ok(EnsuredBaseline {
                    id,
                    change: BaselineChange::Unchanged,
                });
            }
            let request = UpdatePatchBaseline::replacing(id.clone(), BaselineChanges::from(spec));
            self.baselines.update_patch_baseline(request).await?;
            Ok(EnsuredBaseline {
                id,
                change: BaselineChange::Updated(differences),
            })
        })
    }

    async fn own_baseline(&self, name: &str, os: OperatingSystem) -> Result<Option<BaselineId>> {
        let filters = vec![
            QueryFilter::new("OWNER", ["Self"]),
            QueryFilter::new("NAME_PREFIX", [name]),
            QueryFilter::new("OPERATING_SYSTEM", [os.as_str()]),
        ];
        let found: Vec<PatchBaselineIdentity> = self.list_baselines(filters).try_collect().await?;
        let mut ids = found
            .into_iter()
            .filter(|identity| identity.baseline_name.as_deref() == Some(name))
            .filter_map(|identity| identity.baseline_id);
        let first = ids.next();
        let others: Vec<String> = ids.map(|id| id.to_string()).collect();
        match first {
            Some(id) if !others.is_empty() => Err(Error::new(
                ErrorKind::Ambiguous,
                format!(
                    "several baselines have this name: {id}, {}; delete or rename all but one",
                    others.join(", ")
                ),
            )
            .with_operation("DescribePatchBaselines")
            .with_resource(name)),
            first => Ok(first),
        }
    }

    /// Changes what the changes name, and leaves the rest alone.
    ///
    /// Calls UpdatePatchBaseline.
    pub async fn update_baseline(
        &self,
        id: &BaselineId,
        changes: BaselineChanges,
    ) -> Result<PatchBaseline> {
        verb!(update_baseline(baseline = id.as_str()), async {
            check(id, "UpdatePatchBaseline")?;
            self.baselines
                .update_patch_baseline(UpdatePatchBaseline::new(id.clone(), changes))
                .await
        })
    }

    /// Reads a baseline, with the groups registered for it.
    ///
    /// Calls GetPatchBaseline.
    pub async fn baseline(&self, id: &BaselineId) -> Result<PatchBaseline> {
        verb!(baseline(baseline = id.as_str()), async {
            check(id, "GetPatchBaseline")?;
            self.baselines.get_patch_baseline(id).await
        })
    }

    /// Deletes a baseline. One that is gone already is no error.
    ///
    /// Calls DeletePatchBaseline.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InUse`] while a group or the default uses it.
    pub async fn delete_baseline(&self, id: &BaselineId) -> Result<()> {
        verb!(delete_baseline(baseline = id.as_str()), async {
            check(id, "DeletePatchBaseline")?;
            self.baselines.delete_patch_baseline(id).await
        })
    }

    /// Every baseline, yours and AWS's.
    ///
    /// Calls DescribePatchBaselines, a page at a time.
    pub fn list_all_baselines(&self) -> BoxStream<'static, Result<PatchBaselineIdentity>> {
        verb_stream!(list_all_baselines(), self.list_baselines(Vec::new()))
    }

    /// The baselines that pass the filters: `NAME_PREFIX`, `OWNER` (`AWS`, `Self`, `All`), `OPERATING_SYSTEM`.
    ///
    /// Calls DescribePatchBaselines, a page at a time.
    pub fn list_baselines(
        &self,
        filters: Vec<QueryFilter>,
    ) -> BoxStream<'static, Result<PatchBaselineIdentity>> {
        verb_stream!(
            list_baselines(),
            pages(&self.baselines, 100, move |store, page| {
                let request = DescribePatchBaselines::new(filters.clone(), page);
                async move { store.describe_patch_baselines(request).await }
            })
        )
    }

    /// The default baseline for an operating system.
    ///
    /// Calls GetDefaultPatchBaseline.
    pub async fn default_baseline(&self, os: OperatingSystem) -> Result<DefaultPatchBaseline> {
        verb!(default_baseline(os = os.as_str()), async {
            self.baselines.get_default_patch_baseline(Some(os)).await
        })
    }

    /// Makes a baseline the default for its operating system. AWS's own, by ARN, restores the original.
    ///
    /// Calls RegisterDefaultPatchBaseline.
    pub async fn set_default_baseline(&self, id: &BaselineId) -> Result<()> {
        verb!(set_default_baseline(baseline = id.as_str()), async {
            check(id, "RegisterDefaultPatchBaseline")?;
            self.baselines
                .register_default_patch_baseline(id)
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
