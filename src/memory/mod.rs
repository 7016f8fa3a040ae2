//! A Patch Manager in the process: the service's own rules and errors, on a clock you can turn.
//!
//! [`MemoryBackend`] implements every backend trait. It checks what the service checks and nothing
//! more: the bounds of the service's model, its quotas, what is in use, what exists. It does not ask,
//! for one, whether a filter key suits the operating system; the builders do.
//!
//! Where the service's behaviour is not documented, memory had to choose:
//!
//! - The rules of the predefined baselines are our reading of the guide, Ubuntu's excepted. Their ids
//!   are AWS's in `us-east-1` and made up elsewhere, and everywhere for the two extra Windows ones.
//!   They have no dates.
//! - Changing or deleting a baseline that AWS owns is a `ValidationException`.
//! - A malformed baseline id is `InvalidResourceId` where the operation's model has it, else a
//!   `ValidationException`.
//! - Registering the same baseline for the same group twice succeeds; so does deregistering what is
//!   not registered, or a baseline that is gone.
//! - A patch is in no listing before its release date. A Windows update leaves the listings once one
//!   that [supersedes](crate::types::Patch::supersedes) it is released.
//! - Without a `PATCH_SET` filter, Windows patches are those of the operating system.
//! - DescribeAvailablePatches knows every product of the catalogue, where the service knows Windows and
//!   Amazon Linux 1 and 2.
//! - A listing that is asked for no page size gives 50 items, or as many as a page may have.
//! - EC2's filters take no wildcards.

mod backend;
mod baseline_check;
mod baselines;
mod builder;
mod catalogue;
mod check;
mod command_check;
mod commands;
mod compliance;
mod engine;
mod faults;
mod fleet;
mod fleet_file;
mod groups;
mod inventory;
mod network;
mod paging;
mod patch_catalog;
mod policies;
mod predefined;
mod properties;
mod sample;
mod state;
mod tags;
mod tokens;

pub use backend::MemoryBackend;
pub use builder::MemoryBackendBuilder;
pub use faults::{Fault, FaultPlan};
pub use fleet_file::{FleetFile, FleetNode, InstalledPackage, NodeCondition};
pub use state::Limits;
