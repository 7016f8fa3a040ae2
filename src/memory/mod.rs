//! An in-memory Patch Manager: the service's own rules and errors, on a clock that you can advance.
//!
//! [`MemoryBackend`] implements every backend trait. It checks what the service checks and nothing
//! more: the bounds of the service's model, its quotas, what is in use, what exists, and whether the
//! filters of a baseline suit its operating system.
//!
//! The service does not document these cases; memory does this:
//!
//! - The predefined baselines are those recorded in `us-east-1` in December 2025. In every other
//!   Region their ids and their owner are made up; the rules are the same.
//! - Changing or deleting a baseline that AWS owns is a `ValidationException`.
//! - A malformed baseline id is `InvalidResourceId` if the operation's model has it, otherwise a
//!   `ValidationException`.
//! - Registering the same baseline for the same group twice succeeds. Deregistering one that is not
//!   registered or was deleted succeeds too.
//! - Listings do not show a patch before its release date. A Windows update leaves the listings
//!   when one that [supersedes](crate::types::Patch::supersedes) it is released.
//! - Without a `PATCH_SET` filter, Windows patches are those of the operating system.
//! - DescribeAvailablePatches covers every product of the catalog; the service's covers Windows and
//!   Amazon Linux 1 and 2.
//! - Without a page size, a page has 50 items, or its maximum if that is less.
//! - GetCommandInvocation answers `InvocationDoesNotExist` for a command that never was, as for one that
//!   was just sent; the other operations on commands answer `InvalidCommandId`.
//! - A page token names the row that comes next. If that row is gone meanwhile, its place counts.
//! - A VPC that only its subnets, route tables or endpoints name has DNS support and hostnames on.
//! - DescribeInstanceInformation lists no stopped node. DescribeInstanceProperties does, with the state of
//!   the instance, as the console's list of nodes does; it takes no tags as filters.
//! - ListNodes and ListNodesSummary know the nodes as they are now, and the account has the integrated
//!   experience of Systems Manager unless
//!   [`without_integrated_experience`](MemoryBackendBuilder::without_integrated_experience) says otherwise.
//!   Nodes without an agent are listed only if a filter names `ManagedStatus`. Aggregators next to each other
//!   are counted separately, those inside one another together. The nodes of a [`MemoryOrganization`] are
//!   listed in its management account's first Region, and their paths begin with ids that are made up.
//! - Any account of a [`MemoryOrganization`] may assume the roles of any other; outside of one an account has
//!   every role of its own, and no other account is there.
//! - The account has two settings: the role of default host management and the tier.
//! - An association can name one node by `InstanceId`, although the service allows that for old
//!   documents only.
//! - An update of an association keeps an absent document or absent targets, as recorded answers
//!   show; it clears all other absent members.
//!
//! # How time passes
//!
//! Everything that is due happens in the order of time, at the latest at the next call.
//!
//! - A command is not listed for a second. A scan takes a minute; an install a minute more for each
//!   patch, and two for a reboot. A node runs one operation at a time; the next one is `Delayed`.
//! - Approval, patch group and baseline are those of the instant at which the operation starts, unless
//!   its `SnapshotId` is known: that freezes the baseline for three days, and on Windows what it
//!   approves. The id of an earlier run's report is known as well. A run of a maintenance window uses
//!   the id of its execution. An update released after a snapshot is not reported under its id.
//! - A node whose `PlatformVersion` the User Guide does not list for its system fails with exit code
//!   146; a node without one, or of a system that the guide no longer names, runs.
//! - What [`install_package`](MemoryBackend::install_package) put on is pending until the next reboot
//!   if the baseline approves it. The packages with which a node is added were there at its last boot.
//! - A stopped or unreachable node keeps a command `Delayed` until the delivery timeout, and does
//!   not count towards `MaxConcurrency`. A node that is lost during a run ends as
//!   `ExecutionTimedOut`.
//! - A patch policy deploys for a minute, then fires by its schedules. A scan and an install that are
//!   due at the same instant both run, one after the other.
//! - An association runs when it is created, at each update, and by its schedule in UTC. With
//!   `ApplyOnlyAtCronInterval` it runs by its schedule only, so never without one. A run is one
//!   command on the nodes that are targets at that instant; a node that becomes one later waits for
//!   the next run. Without `MaxErrors` a run stops after the first error, as a command does.
//!   `Duration` cancels the rest of a run.
//! - A node complies with an association whose last run there succeeded, unless `SyncCompliance` is
//!   `MANUAL`. Patch rows do not depend on it.
//! - Every change calendar is open, and no alarm fires. `TargetLocations` and `TargetMaps` are refused: there is one account, one Region and
//!   no runbook. Documents have no text here, so an effective association shows none.
//! - A run reads its `BaselineOverride` or `InstallOverrideList` from what
//!   [`put_object`](MemoryBackend::put_object) has put there, which stands for S3. If there is no such
//!   file, it fails with exit code 162; if [`deny_object`](MemoryBackend::deny_object) has denied it, with
//!   160. A known `SnapshotId` wins over the baseline of a `BaselineOverride`, whose file has to be
//!   readable all the same.
//! - A document that does not patch runs for a minute, ends well, and leaves patches alone. Those that
//!   there are: some of AWS's, such as `AWS-RunShellScript` and `AWS-UpdateSSMAgent`, and three whose runs
//!   are only recorded too: `AWS-InstallWindowsUpdates`, `AWS-ConfigureWindowsUpdate` and
//!   `AWS-RunPatchBaselineAssociation`; those that
//!   associations and windows of a mirror run; and those of
//!   [`add_document`](MemoryBackend::add_document). Their parameters are not checked, and their steps
//!   have no names.
//! - There are no resource groups: a target that names one has no nodes.
//! - A runbook runs `aws:runCommand`; a step with any other action fails. There are no runbooks of AWS.
//!   An execution in interactive mode waits until it is stopped, and no `TargetLocationsURL` is read.
//! - `TargetLocations` work in a [`MemoryOrganization`]. The parent has one step for each account and
//!   Region, with the id of the execution there among its outputs. It fails if a target location has more
//!   errors than it tolerates, and succeeds otherwise; what was not started is `Cancelled`.
//! - A patch policy of a member of a [`MemoryOrganization`] is deployed to the other accounts of its units,
//!   those of inner units included, and to its other Regions. It needs a role there
//!   ([`delete_role`](MemoryOrganization::delete_role) lists them). Where it is refused, what was deployed
//!   before stays; a deletion is never refused. The members run it by its hourly copies of baselines, and
//!   list its associations, while GetConfigurationManager and ListConfigurations answer only where it was
//!   made.
//! - A resource data sync runs once a day for a minute, and its files are computed when
//!   [`data_sync_files`](MemoryBackend::data_sync_files) asks for them.
//! - A document has no hash, and a document of AWS no text. A document that another account shares is
//!   found by the executions that its owner starts, not by its ARN.
//!
//! # Events
//!
//! With [`record_events`](MemoryBackendBuilder::record_events) the account records what EventBridge would
//! deliver, and [`take_events`](MemoryBackend::take_events) returns it as JSON: of commands and their
//! invocations; of the patch compliance of nodes; of windows, their targets, tasks and runs; and of instances
//! that calls start and stop. None is lost, doubled or late: a test does that itself. The User Guide does
//! not say these things; memory does this:
//!
//! - A command in an event has as `resources` the nodes that it was sent to by id, and a status of the event
//!   reference: no `Pending`, `Delayed` or `Cancelling`. What was cancelled is `Canceled`.
//! - The first report of a node is a change of its compliance. The severity is the highest level among its
//!   noncompliant patches.
//! - What begins and ends at the same instant in a window has only its end.
//! - Associations send no events here; the commands that they run do.
//!
//! # Stored but not used
//!
//! These members are checked as the service checks them and come back in answers, and nothing here
//! depends on them:
//!
//! - of a command, and of a window task that runs one: comment, output bucket and prefix, log group,
//!   notifications, role and alarms; of a task also `LoggingInfo`, the hash of its document and its
//!   description. A task of another type than `RUN_COMMAND` fails when its window opens.
//! - of an association: output location, calendars, alarms, `AutomationTargetParameterName` and
//!   `AssociationDispatchAssumeRole`;
//! - of a window and its targets: description and `OwnerInformation`;
//! - of a baseline: description and `Sources`, because every package comes from the catalog;
//! - of a policy: the output bucket, the roles outside an organization, and the parameters that have no
//!   member of [`PatchPolicy`](crate::schedule::PatchPolicy).

// The arrows go one way: operations → engine → store. The store uses neither of them; the engine
// owns it and advances time; an operation gets the stored state only, unless it starts work.
mod backend;
mod builder;
#[cfg(feature = "emulator")]
mod copy;
mod engine;
mod history;
mod operations;
mod organization;
mod restore;
mod sample;
mod store;

pub use backend::MemoryBackend;
pub use builder::MemoryBackendBuilder;
#[cfg(feature = "emulator")]
pub(crate) use copy::AccountCopy;
pub(crate) use engine::{node_title, version_order};
pub(crate) use history::{OpenPatch, PastOpening, PastOperation, Trigger};
pub use operations::exports::DataSyncFile;
#[cfg(feature = "emulator")]
pub(crate) use organization::OrganizationCopy;
pub use organization::{MemoryOrganization, MemoryOrganizationBuilder};
#[cfg(feature = "conformance")]
pub(crate) use sample::fleet as sample_fleet;
pub use store::account::Limits;
#[cfg(feature = "emulator")]
pub(crate) use store::fleet_file::AS_AWS_PRINTS;
pub use store::fleet_file::{FleetFile, FleetNode, InstalledPackage, NodeCondition};
#[cfg(feature = "emulator")]
pub(crate) use store::report::CustomCompliance;
