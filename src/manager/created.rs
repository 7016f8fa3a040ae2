//! What is created under a name that the service does not keep unique.
//!
//! Two callers can find that there is nothing of the name, and both create it. So whoever creates looks again
//! afterwards. The older one stays, for its creator may have looked before there was another; the creator of
//! the younger one takes it back.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use super::PatchManager;
use crate::backend::{CreateConfigurationManager, CreatePatchBaseline};
use crate::baseline::BaselineSpec;
use crate::error::{Error, ErrorKind, Result};
use crate::schedule::PatchPolicy;
use crate::schedule::association::{AssociationDescription, CreateAssociation};
use crate::schedule::window::CreateMaintenanceWindow;
use crate::types::{AssociationId, BaselineId, CompletedStep, PatchPolicyArn, WindowId, fnv1a};

/// How often a policy that is being deployed is asked to go, ten seconds apart.
const DELETIONS: u32 = 60;
const BETWEEN_DELETIONS: Duration = Duration::from_secs(10);

/// What became of a creation.
pub(super) enum Created<I> {
    /// It stays.
    Own(I),
    /// Another caller's is older, and stays in its place.
    Older(I),
}

/// The resources of a kind that have a name.
#[async_trait]
trait Named: Sync {
    type Id: Ord + Clone + Send + Sync;

    fn step(id: Self::Id) -> CompletedStep;

    async fn ids(&self) -> Result<Vec<Self::Id>>;

    async fn created(&self, id: &Self::Id) -> Result<Option<Timestamp>>;

    async fn delete(&self, id: &Self::Id) -> Result<()>;

    /// Whether there is none of this id. A listing may only be late.
    async fn is_gone(&self, id: &Self::Id) -> Result<bool> {
        match self.created(id).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
            found => found.map(|_| false),
        }
    }

    /// Decides which of those that have the name stays, and takes one's own back if it is another.
    async fn oldest(&self, ids: Vec<Self::Id>, own: Self::Id) -> Result<Created<Self::Id>> {
        if ids.iter().all(|id| *id == own) {
            return Ok(Created::Own(own));
        }
        let mut others = Vec::new();
        for id in ids.into_iter().filter(|id| *id != own) {
            match self.created(&id).await {
                Ok(created) => others.push((created, id)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let ours = (self.created(&own).await?, own);
        match others.into_iter().min() {
            Some(oldest) if oldest < ours => {
                self.delete(&ours.1).await?;
                Ok(Created::Older(oldest.1))
            }
            _ => Ok(Created::Own(ours.1)),
        }
    }
}

/// Creates, by a common token if there is one, and looks again.
///
/// The service keeps a token longer than what it created. So the answer may name what was deleted since, or
/// refuse other content: then it is created without the token.
async fn create_once<N, F>(
    named: &N,
    token: Option<String>,
    create: impl Fn(Option<String>) -> F,
) -> Result<Created<N::Id>>
where
    N: Named,
    F: Future<Output = Result<N::Id>>,
{
    let by_token = token.is_some();
    let made = match create(token).await {
        Err(error) if error.kind() == ErrorKind::IdempotentParameterMismatch => create(None).await,
        made => made,
    }?;
    let is_gone = async {
        let ids = named.ids().await?;
        let is_gone = by_token && !ids.contains(&made) && named.is_gone(&made).await?;
        Ok((ids, is_gone))
    };
    let (ids, made) = match is_gone.await.map_err(after::<N>(&made))? {
        (ids, false) => (ids, made),
        (_, true) => {
            let made = create(None).await?;
            (named.ids().await.map_err(after::<N>(&made))?, made)
        }
    };
    let oldest = named.oldest(ids, made.clone()).await;
    oldest.map_err(after::<N>(&made))
}

/// The error of what was to follow a creation.
fn after<N: Named>(made: &N::Id) -> impl FnOnce(Error) -> Error + use<N> {
    let step = N::step(made.clone());
    move |error| Error::incomplete(vec![step], error)
}

/// The one resource of a name, if there is any.
pub(super) fn at_most_one<I: fmt::Display>(
    mut found: Vec<I>,
    kind: &str,
    name: &str,
    operation: &'static str,
) -> Result<Option<I>> {
    if found.len() < 2 {
        return Ok(found.pop());
    }
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    let found = found.join(", ");
    let message = format!("several {kind} have this name: {found}; delete or rename all but one");
    Err(Error::new(ErrorKind::Ambiguous, message)
        .with_operation(operation)
        .with_resource(name))
}

/// What is gone already counts as deleted.
pub(crate) fn gone_or(deleted: Result<()>) -> Result<()> {
    match deleted {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// A client token that all callers who create the same have in common, so that they create one.
pub(super) fn common_token(request: &impl Serialize) -> Option<String> {
    let request = serde_json::to_vec(request).ok()?;
    Some(format!("aws-patch-manager-{:016x}", fnv1a(request)))
}

struct Baselines<'a> {
    manager: &'a PatchManager,
    spec: &'a BaselineSpec,
}

#[async_trait]
impl Named for Baselines<'_> {
    type Id = BaselineId;

    fn step(baseline_id: BaselineId) -> CompletedStep {
        CompletedStep::BaselineCreated { baseline_id }
    }

    async fn ids(&self) -> Result<Vec<BaselineId>> {
        let os = self.spec.operating_system();
        self.manager.own_baselines(&self.spec.name, os).await
    }

    async fn created(&self, id: &BaselineId) -> Result<Option<Timestamp>> {
        Ok(self.manager.baseline(id).await?.created_date)
    }

    async fn delete(&self, id: &BaselineId) -> Result<()> {
        self.manager.delete_baseline(id).await
    }
}

struct Windows<'a> {
    manager: &'a PatchManager,
    name: &'a str,
}

#[async_trait]
impl Named for Windows<'_> {
    type Id = WindowId;

    fn step(window_id: WindowId) -> CompletedStep {
        CompletedStep::MaintenanceWindowCreated { window_id }
    }

    async fn ids(&self) -> Result<Vec<WindowId>> {
        self.manager.windows_named(self.name).await
    }

    async fn created(&self, id: &WindowId) -> Result<Option<Timestamp>> {
        Ok(self.manager.maintenance_window(id).await?.created_date)
    }

    async fn delete(&self, id: &WindowId) -> Result<()> {
        self.manager.delete_maintenance_window(id).await
    }
}

struct Associations<'a> {
    manager: &'a PatchManager,
    name: &'a str,
}

#[async_trait]
impl Named for Associations<'_> {
    type Id = AssociationId;

    fn step(association_id: AssociationId) -> CompletedStep {
        CompletedStep::AssociationCreated { association_id }
    }

    async fn ids(&self) -> Result<Vec<AssociationId>> {
        self.manager.associations_named(self.name).await
    }

    async fn created(&self, id: &AssociationId) -> Result<Option<Timestamp>> {
        Ok(self.manager.association(id).await?.date)
    }

    async fn delete(&self, id: &AssociationId) -> Result<()> {
        self.manager.delete_association(id).await
    }
}

struct Policies<'a> {
    manager: &'a PatchManager,
    name: &'a str,
}

#[async_trait]
impl Named for Policies<'_> {
    type Id = PatchPolicyArn;

    fn step(arn: PatchPolicyArn) -> CompletedStep {
        CompletedStep::PatchPolicyCreated { arn }
    }

    async fn ids(&self) -> Result<Vec<PatchPolicyArn>> {
        let named = self.manager.policies_named(self.name).await?;
        Ok(named.into_iter().map(|state| state.arn).collect())
    }

    async fn created(&self, arn: &PatchPolicyArn) -> Result<Option<Timestamp>> {
        Ok(self.manager.policy(arn).await?.created_at)
    }

    /// Quick Setup refuses it while the policy is deployed.
    async fn delete(&self, arn: &PatchPolicyArn) -> Result<()> {
        for _ in 1..DELETIONS {
            match self.manager.delete_policy(arn).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                deleted => return deleted,
            }
            self.manager.clock().sleep(BETWEEN_DELETIONS).await;
        }
        self.manager.delete_policy(arn).await
    }
}

/// The id of an association that was created or updated.
pub(super) fn association_id(made: AssociationDescription) -> Result<AssociationId> {
    made.association_id.ok_or_else(|| {
        Error::new(ErrorKind::InvalidResponse, "the association has no id")
            .with_operation("CreateAssociation")
    })
}

/// What there was none of, created once.
impl PatchManager {
    pub(super) async fn new_baseline(&self, spec: &BaselineSpec) -> Result<Created<BaselineId>> {
        let named = Baselines {
            manager: self,
            spec,
        };
        create_once(&named, common_token(spec), |token| {
            let mut request = CreatePatchBaseline::new(spec.clone());
            request.client_token = token;
            self.create_baseline(request)
        })
        .await
    }

    pub(super) async fn new_window(
        &self,
        window: &CreateMaintenanceWindow,
        name: &str,
    ) -> Result<Created<WindowId>> {
        let named = Windows {
            manager: self,
            name,
        };
        create_once(&named, common_token(window), |token| {
            let mut request = window.clone();
            request.client_token = request.client_token.or(token);
            self.backends.windows.create_maintenance_window(request)
        })
        .await
    }

    pub(super) async fn new_association(
        &self,
        association: &CreateAssociation,
        name: &str,
    ) -> Result<Created<AssociationId>> {
        let named = Associations {
            manager: self,
            name,
        };
        create_once(&named, None, |_| async {
            let associations = &self.backends.associations;
            let made = associations.create_association(association.clone()).await?;
            association_id(made)
        })
        .await
    }

    pub(super) async fn new_policy(&self, policy: &PatchPolicy) -> Result<Created<PatchPolicyArn>> {
        let named = Policies {
            manager: self,
            name: &policy.name,
        };
        create_once(&named, None, |_| {
            let request = CreateConfigurationManager::new(policy.clone());
            self.backends.policies.create_configuration_manager(request)
        })
        .await
    }
}
