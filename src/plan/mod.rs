//! An account read into memory, and what can be learned there before anything is written.
//!
//! A [`MirrorSnapshot`] is an account as it was read, as plain data. A [mirror](crate::MemoryBackend::mirror)
//! is an account in memory that continues from a snapshot: every verb works there as in the account, and
//! its clock can be turned.

mod dry_run;
mod forecast;
mod forecast_html;
mod forecast_text;
mod mirror;
mod mirror_account;
mod mirror_nodes;
mod mirror_packages;
mod mirror_place;
mod mirror_read;
mod mirror_scope;
mod products;
mod snapshot;

pub use crate::backend::layer::{RecordedCall, RecordedOutcome};
pub use dry_run::DryRun;
pub use forecast::{
    Forecast, ForecastInstall, ForecastSchedule, NodeForecast, ShortWindow, StillMissing,
    UncoveredNode,
};
pub use mirror_scope::{AccountSize, MirrorPlan, MirrorScope};
pub use snapshot::{
    MirrorPart, MirrorSnapshot, MirroredAssociation, MirroredBaseline, MirroredNode,
    MirroredWindow, Unread,
};
