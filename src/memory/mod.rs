//! A Patch Manager in the process: the service's own rules and errors, on a clock you can turn.

mod backend;
mod baseline_check;
mod baselines;
mod builder;
mod catalogue;
mod check;
mod commands;
mod compliance;
mod engine;
mod faults;
mod fleet;
mod fleet_file;
mod groups;
mod network;
mod paging;
mod patch_catalog;
mod policies;
mod predefined;
mod properties;
mod sample;
mod state;
mod tokens;

pub use backend::MemoryBackend;
pub use builder::MemoryBackendBuilder;
pub use faults::{Fault, FaultPlan};
pub use fleet_file::{FleetFile, FleetNode, InstalledPackage, NodeCondition};
pub use state::Limits;
