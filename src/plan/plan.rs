use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::desired::DesiredState;
use super::options::PlanOptions;
use super::planner::Planner;
use super::snapshot::{MirrorPart, MirrorSnapshot, Unread};
use super::step::{PlannedAction, PlannedStep};
use crate::error::Result;
use crate::types::timestamp;

/// What has to change so that an account is as a desired state says.
///
/// [`PatchManager::plan`](crate::PatchManager::plan) makes it, and
/// [`PatchManager::apply`](crate::PatchManager::apply) does it. `Display` prints it as a Terraform
/// plan reads, and [`to_markdown`](Self::to_markdown) as a comment of a pull request. Its JSON is
/// for a review and for an apply on another machine. The JSON has the desired state and the
/// requests, with the passwords of patch sources and the parameters, because an apply compares and
/// writes them: keep it as secret as those are. What `Display`, `Debug` and Markdown print has only
/// their lengths.
///
/// ```
/// use aws_patch_manager::plan::{DesiredState, Plan, PlanOptions};
/// use aws_patch_manager::{BaselineBuilder, PatchManager};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let desired = DesiredState::builder("web-fleet")
///     .baseline(BaselineBuilder::ubuntu_security("prod-ubuntu").build()?)
///     .build()?;
/// let plan = manager.plan(&desired, PlanOptions::new()).await?;
/// println!("{plan}");
/// assert!(!plan.is_empty());
/// let file = serde_json::to_string(&plan)?;
/// assert_eq!(serde_json::from_str::<Plan>(&file)?, plan);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Plan {
    /// The desired state.
    pub desired: DesiredState,
    /// The options that it was made with.
    #[serde(default)]
    pub options: PlanOptions,
    /// Whether it removes what belongs to the state, instead of making it.
    #[serde(default)]
    pub destroys: bool,
    /// When the account was read.
    #[serde(with = "timestamp")]
    pub taken_at: Timestamp,
    /// The account, if what was read names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The Region, if what was read names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The steps, in the order in which they are applied. Those of unchanged resources are among
    /// them.
    pub steps: Vec<PlannedStep>,
    /// What the plan leaves alone, and why; targets that no node matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What to check before it is applied: the groups and defaults that it takes from baselines of
    /// the state, though the state does not name them; and what is legal in a resource of the state
    /// but probably not intended, such as a schedule that never fires, whether the resource changes
    /// or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What could not be read. The plan takes it for absent, so it may be wrong about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

impl Plan {
    /// A plan over an account that was read before. It makes no call.
    ///
    /// It applies the verbs to a mirror of the snapshot, and reads off what they write.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the state is invalid, with all
    /// violations, or if the service would refuse a request.
    /// [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if several resources have a name of the
    /// state. [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if a resource that has to
    /// change belongs to another state. [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for a
    /// baseline or a node that the account does not have.
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) if a quota is too low for it.
    ///
    /// ```
    /// use aws_patch_manager::plan::{DesiredState, MirrorSnapshot, Plan, PlanOptions};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let snapshot = MirrorSnapshot::new("2026-05-14T00:00:00Z".parse()?);
    /// let desired = DesiredState::new("web-fleet");
    /// let plan = Plan::make(&snapshot, &desired, PlanOptions::new()).await?;
    /// assert!(plan.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn make(
        snapshot: &MirrorSnapshot,
        desired: &DesiredState,
        options: PlanOptions,
    ) -> Result<Self> {
        desired.check()?;
        let planner = Planner::new(snapshot, desired, options);
        Self::made(planner).await
    }

    async fn made(mut planner: Planner<'_>) -> Result<Self> {
        planner.make().await?;
        Ok(Self::of(planner, false))
    }

    /// The same plan over a new reading of the account, in which a part of it may be done.
    pub(super) async fn again(&self, snapshot: &MirrorSnapshot) -> Result<Self> {
        let desired = &self.desired;
        if self.destroys {
            return Self::destroy(snapshot, desired).await;
        }
        let planner = Planner::new(snapshot, desired, self.options);
        let mut planner = planner.continuing(self);
        planner.make().await?;
        // They depend on the state and on the time. A state that was edited differs in its steps, and a
        // plan does not get stale by time.
        planner.lints.clear();
        Ok(Self::of(planner, false))
    }

    /// A plan that removes what belongs to the state: deregisters, restores AWS's defaults, and
    /// deletes. It makes no call. A baseline that a patch policy selects stays, and so does one whose
    /// patch group another state's windows or associations target.
    ///
    /// It deletes baselines, windows and associations by the tag of their owner. Patch policies have
    /// no such tag: it deletes those that are exactly as the state says. Tags of nodes stay.
    ///
    /// # Errors
    ///
    /// Those of [`make`](Self::make).
    pub async fn destroy(snapshot: &MirrorSnapshot, desired: &DesiredState) -> Result<Self> {
        desired.check()?;
        let options = PlanOptions::new();
        let mut planner = Planner::new(snapshot, desired, options);
        planner.destroy().await?;
        Ok(Self::of(planner, true))
    }

    fn of(planner: Planner<'_>, destroys: bool) -> Self {
        let snapshot = planner.snapshot;
        let concerns =
            |unread: &&Unread| !matches!(unread.part, MirrorPart::Patches | MirrorPart::Catalog);
        Self {
            desired: planner.desired.clone(),
            options: planner.options,
            destroys,
            taken_at: snapshot.taken_at,
            account: snapshot.account.clone(),
            region: snapshot.region.clone(),
            steps: planner.steps,
            notes: planner.notes,
            warnings: { planner.warnings.into_iter() }
                .chain(planner.lints)
                .collect(),
            unread: snapshot.unread.iter().filter(concerns).cloned().collect(),
        }
    }

    /// Whether nothing changes: what a nightly job makes its exit code of.
    pub fn is_empty(&self) -> bool {
        self.changes().next().is_none()
    }

    /// Whether everything that it rests on could be read.
    pub fn is_complete(&self) -> bool {
        self.unread.is_empty()
    }

    /// The steps that change something, in order.
    pub fn changes(&self) -> impl Iterator<Item = &PlannedStep> {
        self.steps.iter().filter(|step| step.is_change())
    }

    /// How many steps do what.
    ///
    /// ```
    /// use aws_patch_manager::plan::{DesiredState, MirrorSnapshot, Plan, PlanOptions, PlannedAction};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let snapshot = MirrorSnapshot::new("2026-05-14T00:00:00Z".parse()?);
    /// let plan = Plan::make(&snapshot, &DesiredState::new("empty"), PlanOptions::new()).await?;
    /// assert_eq!(plan.counts().get(&PlannedAction::Create), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn counts(&self) -> BTreeMap<PlannedAction, usize> {
        let mut counts = BTreeMap::new();
        for step in &self.steps {
            *counts.entry(step.action).or_default() += 1;
        }
        counts
    }
}
