//! A Patch Manager in the process: the service's own rules and errors, on a clock you can turn.
//!
//! [`MemoryBackend`] implements every backend trait. It checks what the service checks and nothing
//! more: the bounds of the service's model, its quotas, what is in use, what exists, and whether the
//! filters of a baseline suit its operating system.
//!
//! Where the service's behaviour is not documented, memory had to choose:
//!
//! - The predefined baselines are those recorded in `us-east-1` in December 2025. In every other
//!   Region their ids and their owner are made up; the rules are the same.
//! - Changing or deleting a baseline that AWS owns is a `ValidationException`.
//! - A malformed baseline id is `InvalidResourceId` where the operation's model has it, else a
//!   `ValidationException`.
//! - Registering the same baseline for the same group twice succeeds; so does deregistering what is
//!   not registered, or a baseline that is gone.
//! - A patch is in no listing before its release date. A Windows update leaves the listings once one
//!   that [supersedes](crate::types::Patch::supersedes) it is released.
//! - Without a `PATCH_SET` filter, Windows patches are those of the operating system.
//! - DescribeAvailablePatches knows every product of the catalog, where the service knows Windows and
//!   Amazon Linux 1 and 2.
//! - A listing that is asked for no page size gives 50 items, or as many as a page may have.
//! - GetCommandInvocation answers `InvocationDoesNotExist` for a command that never was, as for one that
//!   was just sent; the other operations on commands answer `InvalidCommandId`.
//! - A page token names the row that comes next. If that row is gone meanwhile, its place counts.
//! - A VPC that only its subnets, route tables or endpoints name has DNS support and hostnames on.
//! - Of the settings of the account, the role of default host management and the tier are known.
//! - An association can name one node by `InstanceId`, though the service keeps that to old documents.
//! - An update of an association that leaves out document or targets keeps them, as recorded answers
//!   do; everything else that it leaves out is cleared.
//!
//! # How time passes
//!
//! Everything that falls due happens in the order of time, no later than the next call.
//!
//! - A command is unseen for a second. A scan takes a minute; an install a minute more for each
//!   patch, and two for a reboot. A node runs one operation at a time; the next one is `Delayed`.
//! - Approval, patch group and baseline are those of the instant at which the operation starts.
//! - A node whose `PlatformVersion` the User Guide does not list for its system fails with exit code
//!   146; a node without one, or of a system that the guide no longer names, runs.
//! - What [`install_package`](MemoryBackend::install_package) put on is pending until the next reboot
//!   if the baseline approves it. The packages with which a node is added were there at its last boot.
//! - A stopped or unreachable node keeps a command `Delayed` until the delivery timeout, and takes
//!   no slot of `MaxConcurrency`. A node lost in the middle ends as `ExecutionTimedOut`.
//! - A patch policy deploys for a minute, then fires by its schedules. Where a scan and an install
//!   are due at the same instant, the install runs and that scan is left out: the install ends with
//!   a scan of its own.
//! - An association runs when it is made, at each update, and by its schedule in UTC; with
//!   `ApplyOnlyAtCronInterval` by its schedule alone, which means never if it has none. A run is
//!   one command on the nodes that are targets at that instant; a node that becomes one later waits
//!   for the next run. Without `MaxErrors` a run stops after the first error, as a command does.
//!   `Duration` cancels what is left of a run.
//! - A node complies with an association whose last run there ended well, unless `SyncCompliance` is
//!   `MANUAL`. Patch rows do not depend on it.
//! - Every change calendar counts as open and no alarm ever goes off; the role of an association is
//!   kept and not used. `TargetLocations` and `TargetMaps` are refused: there is one account, one
//!   Region and no runbook. Documents have no text here, so an effective association shows none.
//! - There is no S3 here: a run with a `BaselineOverride`, and an install with an
//!   `InstallOverrideList`, fail with exit code 162.
//! - There are no resource groups: a target that names one means no node.

// The arrows go one way: operations → engine → store. The store uses neither of them, the engine owns it and
// moves time, and an operation gets the stored state alone unless it starts work.
mod backend;
mod builder;
mod engine;
mod operations;
mod sample;
mod store;

pub use backend::MemoryBackend;
pub use builder::MemoryBackendBuilder;
pub use store::account::Limits;
#[cfg(feature = "emulator")]
pub(crate) use store::fleet_file::AS_AWS_PRINTS;
pub use store::fleet_file::{FleetFile, FleetNode, InstalledPackage, NodeCondition};
