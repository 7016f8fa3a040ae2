//! The verbs of plans.

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;

use super::apply::{ApplyEvent, Applying};
use super::desired::{BaselineReference, DesiredState};
use super::drift::Drift;
use super::import::ImportedState;
use super::mirror_scope::MirrorScope;
use super::options::PlanOptions;
use super::plan::Plan;
use super::planner::replaces_baselines;
use super::snapshot::MirrorSnapshot;
use crate::error::Result;
use crate::manager::PatchManager;
use crate::telemetry::{verb, verb_stream};

/// Plans.
impl PatchManager {
    /// What has to change so that the account is as desired. It changes nothing.
    ///
    /// It reads the account into a mirror, applies the verbs there, and reads off what they write:
    /// [`ensure_baseline`](Self::ensure_baseline), [`rebind_patch_group`](Self::rebind_patch_group),
    /// [`set_default_baseline`](Self::set_default_baseline), [`tag_nodes`](Self::tag_nodes),
    /// [`ensure_node_tags`](Self::ensure_node_tags), [`ensure_policy`](Self::ensure_policy),
    /// [`ensure_maintenance_window`](Self::ensure_maintenance_window),
    /// [`ensure_association`](Self::ensure_association) and
    /// [`ensure_resource_tags`](Self::ensure_resource_tags). What may not be read is in
    /// [`unread`](Plan::unread).
    ///
    /// Calls what [`mirror_snapshot`](Self::mirror_snapshot) does, of the parts that the state has.
    ///
    /// ```
    /// use aws_patch_manager::plan::{DesiredState, PlanOptions, PlannedAction};
    /// use aws_patch_manager::{BaselineBuilder, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let desired = DesiredState::builder("web-fleet")
    ///     .baseline(BaselineBuilder::ubuntu_security("prod-ubuntu").build()?)
    ///     .build()?;
    /// let plan = manager.plan(&desired, PlanOptions::new()).await?;
    /// assert_eq!(plan.steps[0].action, PlannedAction::Create);
    /// assert_eq!(plan.steps[0].calls[0].operation, "CreatePatchBaseline");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Plan::make`], before any call if the state is invalid; and as [every call
    /// can](PatchManager#what-every-call-can-meet), but for what may not be read.
    pub async fn plan(&self, desired: &DesiredState, options: PlanOptions) -> Result<Plan> {
        verb!(plan(state = desired.name.as_str()), async {
            desired.check()?;
            let snapshot = self.read_for_plan(desired, options.prune).await?;
            Plan::make(&snapshot, desired, options).await
        })
    }

    /// A plan that removes what belongs to the state. It changes nothing; see [`Plan::destroy`].
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::plan::DesiredState;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let plan = manager.plan_destroy(&DesiredState::new("web-fleet")).await?;
    /// assert!(plan.is_empty(), "nothing belongs to this state");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`plan`](Self::plan).
    pub async fn plan_destroy(&self, desired: &DesiredState) -> Result<Plan> {
        verb!(plan_destroy(state = desired.name.as_str()), async {
            desired.check()?;
            let snapshot = self.read_for_plan(desired, true).await?;
            Plan::destroy(&snapshot, desired).await
        })
    }

    /// Does what a plan says, in its order, and reports each step as it begins and ends.
    ///
    /// Nothing happens until the stream is read, and a step begins when the event before it has been
    /// read. It first reads the account again, and refuses the plan if a resource of it has changed
    /// in another way than the plan would change it, or if a plan made now would not do a step of it.
    /// It also refuses a plan that would write what its steps do not show, which happens if only the
    /// desired state in its file was edited, and one whose steps or warnings were removed or moved.
    /// If it stops half-way, apply the same plan again: what is done is left alone, and the rest is
    /// done. It never touches what the state does not own and does not name, so a plan can come from
    /// a file.
    ///
    /// ```
    /// use aws_patch_manager::plan::{DesiredState, PlanOptions};
    /// use aws_patch_manager::{BaselineBuilder, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let desired = DesiredState::builder("web-fleet")
    ///     .baseline(BaselineBuilder::ubuntu_security("prod-ubuntu").build()?)
    ///     .build()?;
    /// let plan = manager.plan(&desired, PlanOptions::new()).await?;
    /// let events: Vec<_> = manager.apply(&plan).try_collect().await?;
    /// assert_eq!(events.len(), 2, "the step begins, and ends");
    /// assert!(manager.plan(&desired, PlanOptions::new()).await?.is_empty());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale), before any change, if what the plan rests on has
    /// changed: [`violations`](crate::Error::violations) names each member.
    /// [`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete) if steps took effect before one failed:
    /// [`completed_steps`](crate::Error::completed_steps) has them. The errors of the verbs, and
    /// those of [every call](PatchManager#what-every-call-can-meet); if something may not be read, the
    /// error of that call. An error is the last item of the stream.
    pub fn apply(&self, plan: &Plan) -> BoxStream<'static, Result<ApplyEvent>> {
        verb_stream!(
            apply(state = plan.desired.name.as_str()),
            Applying::new(self.clone(), plan.clone()).events()
        )
    }

    /// How the account differs from the desired state, for a nightly job. It changes nothing.
    ///
    /// It is a [plan](Self::plan) without the intent. With
    /// [`prune`](PlanOptions::prune) it also has what belongs to the state and is not in it.
    /// [`Drift`] has an example.
    ///
    /// # Errors
    ///
    /// Those of [`plan`](Self::plan).
    pub async fn drift(&self, desired: &DesiredState, options: PlanOptions) -> Result<Drift> {
        verb!(drift(state = desired.name.as_str()), async {
            desired.check()?;
            let snapshot = self.read_for_plan(desired, options.prune).await?;
            let plan = Plan::make(&snapshot, desired, options).await?;
            Ok(Drift::from(&plan))
        })
    }

    /// Reads the account, and describes what it has now as a desired state of this name.
    ///
    /// See [`DesiredState::import`].
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::plan::PlanOptions;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let imported = manager.import("web-fleet").await?;
    /// assert!(manager.plan(&imported.state, PlanOptions::new()).await?.is_empty());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [every call can](PatchManager#what-every-call-can-meet), but for what may not be read: that
    /// is taken for absent.
    pub async fn import(&self, name: &str) -> Result<ImportedState> {
        verb!(import(state = name), async {
            let scope = MirrorScope::new().nodes(false);
            let snapshot = self.mirror_snapshot(&scope).await?;
            Ok(DesiredState::import(name, &snapshot))
        })
    }

    /// Reads the parts of the account that a plan for this state needs; `whole` if it also removes
    /// what the state does not have. A baseline that is replaced is deleted, so its users are read.
    ///
    /// The future is boxed, so that the compiler sees that it is `Send` for every lifetime.
    pub(super) fn read_for_plan<'a>(
        &'a self,
        desired: &'a DesiredState,
        whole: bool,
    ) -> BoxFuture<'a, Result<MirrorSnapshot>> {
        let mut scope = MirrorScope::new()
            .nodes(!desired.nodes.is_empty())
            .policies(whole || !desired.patch_policies.is_empty())
            .windows(whole || !desired.maintenance_windows.is_empty())
            .associations(whole || !desired.associations.is_empty());
        if names_aws(desired) {
            scope = scope.predefined_baselines();
        }
        let with_users = scope
            .clone()
            .policies(true)
            .windows(true)
            .associations(true);
        Box::pin(async move {
            let snapshot = self.mirror_snapshot(&scope).await?;
            match !whole && replaces_baselines(desired, &snapshot) {
                true => self.mirror_snapshot(&with_users).await,
                false => Ok(snapshot),
            }
        })
    }
}
/// Whether the state names baselines of AWS, which nothing in the account may use yet.
fn names_aws(desired: &DesiredState) -> bool {
    let groups = desired
        .patch_groups
        .values()
        .flat_map(|registered| registered.values());
    let mut references = groups.chain(desired.defaults.values());
    let is_aws = |reference: &BaselineReference| {
        reference.is_aws_default()
            || reference.as_str().starts_with("AWS-")
            || reference.id().is_some()
    };
    let policies = desired.patch_policies.iter();
    let mut selected = policies.flat_map(|policy| policy.baselines.values());
    references.any(is_aws)
        || selected.any(|selected| is_aws(&BaselineReference::from(selected.value.as_str())))
}
