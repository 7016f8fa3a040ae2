use std::fmt;

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use serde::Serialize;

use super::created::{Created, association_id, at_most_one};
use super::pages::{check, listed, pages};
use super::{Change, PatchManager};
use crate::backend::{
    DeleteAssociation, DescribeAssociation, DescribeAssociationExecutionTargets,
    DescribeAssociationExecutions, ListAssociations, StartAssociationsOnce,
};
#[cfg(doc)]
use crate::error::{Error, ErrorKind};
use crate::error::{Result, Violations};
use crate::operation::{check_document_parameters, check_patch_document};
use crate::schedule::ScheduleLint;
use crate::schedule::association::{
    Association, AssociationDescription, AssociationExecution, AssociationExecutionTarget,
    AssociationFilter, CreateAssociation, UpdateAssociation,
};
use crate::telemetry::{verb, verb_stream};
use crate::types::AssociationId;
use crate::visible::write_warnings;

/// The result of [`ensure_association`](PatchManager::ensure_association).
///
/// ```
/// use aws_patch_manager::{PatchManager, PolicySchedule};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// for wanted in PolicySchedule::new("web").scan_daily_at(1, 0).associations()? {
///     let applied = manager.ensure_association(&wanted).await?;
///     println!("{applied}");
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct EnsuredAssociation {
    /// Its id.
    pub id: AssociationId,
    /// What was changed.
    pub change: Change,
    /// What is legal in it but probably not intended, whether or not anything was changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<ScheduleLint>,
}

impl fmt::Display for EnsuredAssociation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.change)?;
        write_warnings(f, &self.warnings)
    }
}

/// State Manager associations.
impl PatchManager {
    /// Creates the association of this name, updates it, or leaves it unchanged if it is as given.
    ///
    /// An association that is created or updated also runs at once, unless
    /// `apply_only_at_cron_interval` is set. CreateAssociation has no client token, so this verb
    /// looks for the name first, and a repeated call makes no second association. Tags are set only
    /// when it is created.
    ///
    /// UpdateAssociation clears the members that it does not name, but for the document and the targets.
    /// So the update repeats those that no difference counts and that `wanted` does not name, such as
    /// limits, an alarm or the place of the output that somebody else has set. If `wanted` has no
    /// targets, those of the association stay.
    ///
    /// Two callers at once make one: whoever creates looks again, and takes its own back if another's is older.
    ///
    /// Calls ListAssociations, DescribeAssociation, and CreateAssociation or UpdateAssociation;
    /// ListAssociations again after it created one.
    ///
    /// ```
    /// use aws_patch_manager::manager::Change;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// for wanted in PolicySchedule::new("web").scan_daily_at(1, 0).associations()? {
    ///     let applied = manager.ensure_association(&wanted).await?;
    ///     assert_eq!(applied.change, Change::Created);
    ///     let again = manager.ensure_association(&wanted).await?;
    ///     assert_eq!(again.change, Change::Unchanged);
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Incomplete`] if it was created and the look after that failed: the error has the id,
    /// and the next call finds it.
    /// [`ErrorKind::InvalidInput`] before any call, if it has no name. [`ErrorKind::Ambiguous`] if
    /// several associations have the name. [`ErrorKind::InvalidInput`] also if it moves an association
    /// to an `InstanceId`, which no update can, and if it breaks a bound of
    /// State Manager, which [`PolicySchedule::associations`](crate::PolicySchedule::associations)
    /// checks without a call. [`ErrorKind::LimitExceeded`] at the account's 2,001st association, or
    /// an association's 1,001st version. [`ErrorKind::Conflict`] if another change of it is in
    /// progress. [`ErrorKind::AlreadyExists`] if it targets one node by its id, and that node has
    /// an association of the same document. [`ErrorKind::InvalidResponse`] if the service answers
    /// without an id. It can also fail as [every call can](PatchManager#what-every-call-can-meet).
    /// If an error [may have taken effect](Error::may_have_taken_effect), applying it again finds
    /// by the name what was made.
    pub async fn ensure_association(
        &self,
        wanted: &CreateAssociation,
    ) -> Result<EnsuredAssociation> {
        verb!(
            ensure_association(association = wanted.association_name.as_deref()),
            async {
                let name = wanted.association_name.as_deref().unwrap_or_default();
                let mut found = Violations::new();
                let legal = "a name: it identifies the association";
                found.require(!name.is_empty(), "AssociationName", name, legal);
                check_document(wanted, &mut found);
                found.or("CreateAssociation", ())?;
                let warnings = wanted.lints(self.clock.now());
                let ensured = |id, change| {
                    Ok(EnsuredAssociation {
                        id,
                        change,
                        warnings,
                    })
                };
                let mut found = Violations::new();
                let id = match self.association_named(name).await? {
                    Some(id) => id,
                    None => match self.new_association(wanted, name).await? {
                        Created::Own(id) => return ensured(id, Change::Created),
                        Created::Older(id) => id,
                    },
                };
                let current = self
                    .backends
                    .associations
                    .describe_association(DescribeAssociation::new(&id))
                    .await?;
                let moved =
                    wanted.instance_id.is_some() && wanted.instance_id != current.instance_id;
                let node = wanted.instance_id.as_ref().map_or("", |node| node.as_str());
                let legal = "`Targets` with the key `InstanceIds`: no update sets this member";
                found.require(!moved, "InstanceId", node, legal);
                found.or("UpdateAssociation", ())?;
                let differences = current.differences(wanted);
                if differences.is_empty() {
                    return ensured(id, Change::Unchanged);
                }
                let update = UpdateAssociation {
                    association_id: Some(id),
                    ..current.settings().updated_to(&wanted.settings()).into()
                };
                let made = self
                    .backends
                    .associations
                    .update_association(update)
                    .await?;
                ensured(association_id(made)?, Change::Updated(differences))
            }
        )
    }

    pub(super) async fn associations_named(&self, name: &str) -> Result<Vec<AssociationId>> {
        let filters = vec![AssociationFilter::new("AssociationName", name)];
        let found: Vec<_> = self.list_associations_with(filters).try_collect().await?;
        let of_name = found
            .into_iter()
            .filter(|association| association.association_name.as_deref() == Some(name));
        Ok(of_name
            .filter_map(|association| association.association_id)
            .collect())
    }

    async fn association_named(&self, name: &str) -> Result<Option<AssociationId>> {
        let ids = self.associations_named(name).await?;
        at_most_one(ids, "associations", name, "ListAssociations")
    }

    /// Reads an association and its status.
    ///
    /// Calls DescribeAssociation.
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let wanted = PolicySchedule::new("web").scan_daily_at(1, 0).associations()?;
    /// let wanted = wanted.first().ok_or("no association")?;
    /// let id = manager.ensure_association(wanted).await?.id;
    /// let association = manager.association(&id).await?;
    /// assert_eq!(association.association_name.as_deref(), Some("web-scan"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`] if
    /// there is no such association. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn association(&self, id: &AssociationId) -> Result<AssociationDescription> {
        verb!(association(association = id.as_str()), async {
            check(id, "DescribeAssociation")?;
            self.backends
                .associations
                .describe_association(DescribeAssociation::new(id))
                .await
        })
    }

    /// Deletes an association. Its changes on nodes stay.
    ///
    /// Calls DeleteAssociation.
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let wanted = PolicySchedule::new("web").scan_daily_at(1, 0).associations()?;
    /// let wanted = wanted.first().ok_or("no association")?;
    /// let id = manager.ensure_association(wanted).await?.id;
    /// manager.delete_association(&id).await?;
    /// assert!(manager.association(&id).await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`] if
    /// there is no such association. [`ErrorKind::Conflict`] if another change of it is in
    /// progress. It can also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn delete_association(&self, id: &AssociationId) -> Result<()> {
        verb!(delete_association(association = id.as_str()), async {
            check(id, "DeleteAssociation")?;
            self.backends
                .associations
                .delete_association(DeleteAssociation::new(id))
                .await
        })
    }

    /// Runs 1 to 10 associations now, in addition to their schedules.
    ///
    /// Calls StartAssociationsOnce.
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let wanted = PolicySchedule::new("web").scan_daily_at(1, 0).associations()?;
    /// let wanted = wanted.first().ok_or("no association")?;
    /// let id = manager.ensure_association(wanted).await?.id;
    /// manager.start_associations(std::slice::from_ref(&id)).await?;
    /// let runs: Vec<_> = manager.association_runs(&id).try_collect().await?;
    /// assert_eq!(runs.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for no id or more than 10, and for a malformed one, before any
    /// call. [`ErrorKind::NotFound`] if one of them does not exist. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn start_associations(&self, ids: &[AssociationId]) -> Result<()> {
        verb!(start_associations(associations = ids.len()), async {
            check_started(ids)?;
            self.backends
                .associations
                .start_associations_once(StartAssociationsOnce::new(ids))
                .await
        })
    }

    /// The associations.
    ///
    /// Calls ListAssociations, a page at a time. [`list_associations_with`](Self::list_associations_with) takes filters.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let listed: Vec<_> = manager.list_associations().try_collect().await?;
    /// println!("{}", listed.len());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](PatchManager#what-every-call-can-meet). An error is the last
    /// item of the stream.
    pub fn list_associations(&self) -> BoxStream<'static, Result<Association>> {
        verb_stream!(list_associations(), self.list_associations_with([]))
    }

    /// The associations that pass the filters.
    ///
    /// Calls ListAssociations, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::schedule::association::AssociationFilter;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let wanted = PolicySchedule::new("web").scan_daily_at(1, 0).associations()?;
    /// let wanted = wanted.first().ok_or("no association")?;
    /// let id = manager.ensure_association(wanted).await?.id;
    /// let named = AssociationFilter::new("AssociationName", "web-scan");
    /// let found: Vec<_> = manager.list_associations_with(vec![named]).try_collect().await?;
    /// assert_eq!(found[0].association_id, Some(id));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a filter that the service does not know. It can also fail as
    /// [every call can](PatchManager#what-every-call-can-meet). An error is the last item of the
    /// stream.
    pub fn list_associations_with(
        &self,
        filters: impl IntoIterator<Item = AssociationFilter>,
    ) -> BoxStream<'static, Result<Association>> {
        let filters: Vec<AssociationFilter> = filters.into_iter().collect();
        verb_stream!(
            list_associations_with(),
            pages(
                &self.backends.associations,
                50,
                move |associations, page| {
                    let request = ListAssociations::new(filters.clone(), page);
                    async move { associations.list_associations(request).await }
                }
            )
        )
    }

    /// The runs of an association, newest first.
    ///
    /// Calls DescribeAssociationExecutions, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let wanted = PolicySchedule::new("web").scan_daily_at(1, 0).associations()?;
    /// let wanted = wanted.first().ok_or("no association")?;
    /// let id = manager.ensure_association(wanted).await?.id;
    /// let mut runs = manager.association_runs(&id);
    /// while let Some(run) = runs.try_next().await? {
    ///     println!("{:?} {:?}", run.created_time, run.status);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`] if
    /// there is no such association. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet). An error is the last item of the stream.
    pub fn association_runs(
        &self,
        id: &AssociationId,
    ) -> BoxStream<'static, Result<AssociationExecution>> {
        verb_stream!(association_runs(association = id.as_str()), {
            let checked = check(id, "DescribeAssociationExecutions");
            let id = id.clone();
            listed(checked, || {
                pages(
                    &self.backends.associations,
                    50,
                    move |associations, page| {
                        let request =
                            DescribeAssociationExecutions::new(id.clone(), Vec::new(), page);
                        async move { associations.describe_association_executions(request).await }
                    },
                )
            })
        })
    }

    /// The result of an association's run on each node.
    ///
    /// Calls DescribeAssociationExecutionTargets, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let wanted = PolicySchedule::new("web").scan_daily_at(1, 0).associations()?;
    /// let wanted = wanted.first().ok_or("no association")?;
    /// let id = manager.ensure_association(wanted).await?.id;
    /// manager.start_associations(std::slice::from_ref(&id)).await?;
    /// let run = manager.association_runs(&id).try_next().await?.ok_or("it has not run")?;
    /// let run = run.execution_id.ok_or("no id")?;
    /// let mut nodes = manager.association_run_targets(&id, run);
    /// while let Some(node) = nodes.try_next().await? {
    ///     println!("{:?} {:?}", node.resource_id, node.status);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`] if
    /// there is no such association, or no such run of it. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet). An error is the last item of the stream.
    pub fn association_run_targets(
        &self,
        id: &AssociationId,
        execution: impl Into<String>,
    ) -> BoxStream<'static, Result<AssociationExecutionTarget>> {
        verb_stream!(association_run_targets(association = id.as_str()), {
            let checked = check(id, "DescribeAssociationExecutionTargets");
            let (id, run) = (id.clone(), execution.into());
            listed(checked, || {
                pages(
                    &self.backends.associations,
                    50,
                    move |associations, page| {
                        let (id, run) = (id.clone(), run.clone());
                        let request =
                            DescribeAssociationExecutionTargets::new(id, run, Vec::new(), page);
                        async move {
                            associations
                                .describe_association_execution_targets(request)
                                .await
                        }
                    },
                )
            })
        })
    }
}

/// Records a misspelled patch document, and parameters that it does not allow: the service takes some of
/// them, and each run would fail.
pub(crate) fn check_document(wanted: &CreateAssociation, found: &mut Violations) {
    let document = wanted.name.as_deref().unwrap_or_default();
    check_patch_document("Name", document, found);
    let parameters = wanted.parameters.iter().flatten();
    check_document_parameters("", document, parameters, found);
}

fn check_started(ids: &[AssociationId]) -> Result<()> {
    let mut found = Violations::new();
    let told = format_args!("{} ids", ids.len());
    found.require(
        (1..=10).contains(&ids.len()),
        "AssociationIds",
        told,
        "1 to 10 ids",
    );
    for id in ids {
        found.identifier(id);
    }
    found.or("StartAssociationsOnce", ())
}
