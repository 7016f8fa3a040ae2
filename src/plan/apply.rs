//! Applies a plan, step by step.

use std::collections::BTreeMap;
use std::fmt;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};
use serde::Serialize;

use super::node_tags::target_text;
use super::owner::Owners;
use super::plan::Plan;
use super::planner::of_resource;
use super::resource::ResourceKind;
use super::snapshot::MirrorSnapshot;
use super::stale::{self, Left};
use super::step::{PlannedAction, PlannedResource, PlannedStep};
use super::work::{Work, Worker};
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroup;
use crate::manager::PatchManager;
use crate::progress::{Teller, Told};
use crate::schedule::association::CreateAssociation;
use crate::types::{Change, CompletedStep, Difference, NodeId, OperatingSystem};

/// What happens while a plan is applied.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::plan::{ApplyEvent, DesiredState, PlanOptions};
/// use futures_util::TryStreamExt;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let desired = DesiredState::from_json(r#"{"Name": "web", "Defaults": {"WINDOWS": "AWS"}}"#)?;
/// let plan = manager.plan(&desired, PlanOptions::new()).await?;
/// let mut events = manager.apply(&plan);
/// while let Some(event) = events.try_next().await? {
///     println!("{event}");
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum ApplyEvent {
    /// A step begins.
    Started {
        /// The number of the step among those that change something, from 1.
        number: usize,
        /// How many they are.
        of: usize,
        /// The resource.
        resource: PlannedResource,
        /// What the step does.
        action: PlannedAction,
    },
    /// A step has taken effect.
    Finished {
        /// The number of the step among those that change something, from 1.
        number: usize,
        /// How many they are.
        of: usize,
        /// The resource.
        resource: PlannedResource,
        /// What changed; unchanged if an earlier apply did the step.
        change: Change,
    },
}

impl fmt::Display for ApplyEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started {
                number,
                of,
                resource,
                action,
            } => {
                write!(f, "[{number}/{of}] {} {resource}", action.sign())
            }
            Self::Finished {
                number,
                of,
                resource,
                change,
            } => {
                write!(f, "[{number}/{of}] {resource}: {change}")
            }
        }
    }
}

/// A plan while it is applied.
pub(super) struct Applying {
    manager: PatchManager,
    worker: Worker,
    plan: Plan,
    /// The steps that change something, by their places in the plan.
    places: Vec<usize>,
    /// What is left of each step of the plan, once it has been checked.
    left: Vec<Left>,
    /// How many of them are done.
    done: usize,
    phase: Phase,
    completed: Vec<CompletedStep>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Unchecked,
    Between,
    Started,
}

impl Applying {
    pub(super) fn new(manager: PatchManager, plan: Plan) -> Self {
        let places = plan.steps.iter().enumerate();
        let places = places.filter(|(_, step)| step.is_change());
        Self {
            worker: Worker::new(manager.clone(), &plan.desired.name),
            manager,
            places: places.map(|(place, _)| place).collect(),
            plan,
            left: Vec::new(),
            done: 0,
            phase: Phase::Unchecked,
            completed: Vec::new(),
        }
    }

    /// The events. A step begins when the event before it has been read.
    pub(super) fn events(self) -> BoxStream<'static, Result<ApplyEvent>> {
        stream::try_unfold(self, |mut applying| async move {
            let event = applying.next().await?;
            Ok(event.map(|event| (event, applying)))
        })
        .boxed()
    }

    async fn next(&mut self) -> Result<Option<ApplyEvent>> {
        // The reading of the account tells nothing meanwhile: it is a part of the apply.
        let teller = Teller::of_current();
        teller.tell(self.told(), self.manager.clock().now());
        if self.phase == Phase::Unchecked {
            self.left = self.check().await?;
            self.phase = Phase::Between;
        }
        let place = self.places.get(self.done).copied();
        let Some((place, step)) =
            place.and_then(|place| Some((place, self.plan.steps.get(place)?)))
        else {
            return Ok(None);
        };
        let (number, of) = (self.done + 1, self.places.len());
        let resource = step.resource.clone();
        if self.phase == Phase::Between {
            self.phase = Phase::Started;
            let action = step.action;
            return Ok(Some(ApplyEvent::Started {
                number,
                of,
                resource,
                action,
            }));
        }
        let change = match self.run(place, step).await {
            Ok(change) => change,
            Err(error) => return Err(self.stopped(of_resource(error, &resource))),
        };
        if change != Change::Unchanged {
            self.completed.push(CompletedStep::PlanStepApplied {
                resource: resource.to_string(),
                change: change.clone(),
            });
        }
        self.done += 1;
        self.phase = Phase::Between;
        teller.tell(self.told(), self.manager.clock().now());
        Ok(Some(ApplyEvent::Finished {
            number,
            of,
            resource,
            change,
        }))
    }

    fn told(&self) -> Told {
        Told {
            done: self.done,
            known: self.places.len(),
            is_all: true,
            ..Told::default()
        }
    }

    /// Reads the account again, refuses the plan if what it rests on has changed, and says what is left
    /// of each step.
    async fn check(&self) -> Result<Vec<Left>> {
        let plan = &self.plan;
        plan.desired.check()?;
        // Whether what a step deletes is gone is known only if its kind was read.
        let mut steps = plan.steps.iter();
        let whole = steps.any(|step| step.action == PlannedAction::Delete) || plan.options.prune;
        let snapshot = self.manager.read_for_plan(&plan.desired, whole).await?;
        if self.places.is_empty() {
            return Ok(Vec::new());
        }
        let owners = Owners::new(&snapshot, &plan.desired.name);
        stale::check_owners(plan, owners)?;
        let fresh = replan(plan, &snapshot).await?;
        if let Some(unread) = fresh.unread.first() {
            let message = format!("the plan cannot be checked: {unread}");
            return Err(Error::new(unread.kind, message));
        }
        stale::check(plan, &fresh, owners, &snapshot)
    }

    async fn run(&self, place: usize, step: &PlannedStep) -> Result<Change> {
        let Some(Left::Work { tagged }) = self.left.get(place).copied() else {
            return Ok(Change::Unchanged);
        };
        let Some(work) = work(&self.plan, step) else {
            let message = format!("the plan has no such resource: {}", step.resource);
            return Err(Error::new(ErrorKind::InvalidInput, message));
        };
        let mut done = self.worker.run(work, tagged).await?;
        if step.resource.kind == ResourceKind::Nodes {
            known_before(step, &mut done.differences);
        }
        Ok(done.into_change())
    }

    /// The error that says what took effect, in this step and before it.
    fn stopped(&mut self, cause: Error) -> Error {
        let mut completed = std::mem::take(&mut self.completed);
        completed.extend_from_slice(cause.completed_steps());
        Error::incomplete(completed, cause)
    }
}

/// The same plan over a new reading.
///
/// The future is boxed, so that the compiler sees that it is `Send` for every lifetime.
fn replan<'a>(plan: &'a Plan, snapshot: &'a MirrorSnapshot) -> BoxFuture<'a, Result<Plan>> {
    Box::pin(plan.again(snapshot))
}

/// What a step has to do.
fn work<'p>(plan: &'p Plan, step: &'p PlannedStep) -> Option<Work<'p>> {
    let name = step.resource.name.as_str();
    let os = step.resource.operating_system.clone();
    if step.action == PlannedAction::Delete {
        return removal(step, name, os);
    }
    let desired = &plan.desired;
    match step.resource.kind {
        ResourceKind::Baseline => {
            let mut specs = desired.baselines.iter();
            let spec =
                specs.find(|spec| spec.name == name && Some(spec.operating_system()) == os)?;
            Some(Work::Baseline(spec))
        }
        ResourceKind::PatchGroup => {
            let os = os?;
            let baseline = desired.patch_groups.get(name)?.get(os.as_str())?;
            let group = PatchGroup::from_service(name);
            Some(Work::Group {
                group,
                os,
                baseline,
            })
        }
        ResourceKind::DefaultBaseline => {
            let os = os?;
            let baseline = desired.defaults.get(os.as_str())?;
            Some(Work::Default { os, baseline })
        }
        ResourceKind::Nodes => {
            let mut entries = desired.nodes.iter();
            let nodes = entries.find(|nodes| target_text(&nodes.targets) == name)?;
            let only = step.nodes().into_iter().map(NodeId::new).collect();
            Some(Work::Nodes {
                nodes,
                only: Some(only),
            })
        }
        ResourceKind::PatchPolicy => {
            let mut policies = desired.patch_policies.iter();
            policies
                .find(|policy| policy.name == name)
                .map(Work::Policy)
        }
        ResourceKind::MaintenanceWindow => {
            let mut windows = desired.maintenance_windows.iter();
            windows
                .find(|window| window.name() == name)
                .map(Work::Window)
        }
        ResourceKind::Association => {
            let mut associations = desired.associations.iter();
            let named = |known: &&_| association_name(known) == Some(name);
            associations.find(named).map(Work::Association)
        }
    }
}

/// Fills in the tags that nodes had: the verbs that tag do not say them, and the plan was checked.
fn known_before(step: &PlannedStep, differences: &mut [Difference]) {
    let planned = step.differences.iter();
    let planned: BTreeMap<&str, &str> = planned
        .map(|planned| (planned.field.as_str(), planned.before.as_str()))
        .collect();
    for difference in differences {
        if let Some(before) = planned.get(difference.field.as_str()) {
            (*before).clone_into(&mut difference.before);
        }
    }
}

fn association_name(association: &CreateAssociation) -> Option<&str> {
    association.association_name.as_deref()
}

fn removal<'p>(step: &PlannedStep, name: &str, os: Option<OperatingSystem>) -> Option<Work<'p>> {
    let id = step.id.clone()?;
    Some(match step.resource.kind {
        ResourceKind::Baseline => Work::DeleteBaseline(id.into()),
        ResourceKind::PatchGroup => Work::Unbind {
            group: PatchGroup::from_service(name),
            baseline: id.into(),
        },
        ResourceKind::DefaultBaseline => Work::RestoreDefault {
            os: os?,
            baseline: id.into(),
        },
        ResourceKind::Nodes => return None,
        ResourceKind::PatchPolicy => Work::DeletePolicy(id.into()),
        ResourceKind::MaintenanceWindow => Work::DeleteWindow(id.into()),
        ResourceKind::Association => Work::DeleteAssociation(id.into()),
    })
}
