//! What must hold before a node can be patched: findings, each with its evidence and its fix.

mod checks;
mod finding;
mod network;
mod os;

pub use finding::{Finding, FindingKind, PrerequisiteReport, Severity};

pub(crate) use checks::{check_agent, check_binding, check_managed, check_tags};
pub(crate) use network::{NetworkFacts, check_network};
pub(crate) use os::operating_system;
