//! Plans: an account read into memory, what has to change so that it is as a file says, and the
//! changes themselves.
//!
//! A [`MirrorSnapshot`] is an account as it was read, as plain data. A [mirror](crate::MemoryBackend::mirror)
//! is an account in memory that continues from a snapshot: every verb works there as in the account, and
//! its clock can be turned. A [`DesiredState`] says which baselines, patch groups, defaults, node tags,
//! patch policies, maintenance windows and associations an account shall have.
//! [`docs::planning`](crate::docs::planning) is the guide.

mod agreement;
mod apply;
mod calendar;
mod calendar_html;
mod calendar_text;
mod coverage;
mod desired;
mod drift;
mod dry_run;
mod forecast;
mod forecast_html;
mod forecast_text;
mod import;
mod mirror;
mod mirror_account;
mod mirror_nodes;
mod mirror_packages;
mod mirror_place;
mod mirror_read;
mod mirror_scope;
mod month_html;
mod node_tags;
mod options;
mod owner;
// The module is named for the type that it holds, as the others are.
#[allow(clippy::module_inception)]
mod plan;
mod planner;
mod products;
mod recorder;
mod removal;
mod render;
mod resource;
mod snapshot;
mod stale;
mod step;
mod verbs;
mod work;

pub use self::apply::ApplyEvent;
pub use self::calendar::{CalendarApproval, CalendarRun, CalendarSchedule, PatchCalendar};
pub use self::coverage::{Coverage, CoveringSchedule, NodeCoverage};
pub use self::desired::{
    BaselineReference, DesiredNodes, DesiredState, DesiredStateBuilder, OWNER_TAG,
};
pub use self::drift::{Drift, DriftKind, DriftLine};
pub use self::import::{ImportedState, LeftOut};
pub use self::options::PlanOptions;
pub use self::plan::Plan;
pub use self::resource::ResourceKind;
pub use self::step::{PlannedAction, PlannedCall, PlannedResource, PlannedStep};
pub use crate::backend::layer::{RecordedCall, RecordedOutcome};
pub use dry_run::DryRun;
pub use forecast::{
    Forecast, ForecastInstall, ForecastSchedule, NodeForecast, ShortWindow, StillMissing,
    UncoveredNode,
};
pub(crate) use mirror_packages::version_of as reported_version;
pub use mirror_scope::{AccountSize, MirrorPlan, MirrorScope};
pub(crate) use products::of as product_of;
pub use snapshot::{
    MirrorPart, MirrorSnapshot, MirroredAssociation, MirroredBaseline, MirroredNode,
    MirroredWindow, Unread,
};
