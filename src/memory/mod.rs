//! A Patch Manager in the process: the service's own rules and errors, on a clock you can turn.

mod backend;
mod baselines;
mod catalogue;
mod commands;
mod compliance;
mod faults;
mod fleet;
mod fleet_file;
mod network;
mod policies;
mod state;

pub use backend::{MemoryBackend, MemoryBackendBuilder};
pub use fleet_file::{FleetFile, FleetNode, InstalledPackage, NodeCondition};
