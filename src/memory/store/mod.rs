//! What is stored: each store with the methods that need nothing but its data.

pub(super) mod account;
pub(super) mod associations;
pub(super) mod automation;
pub(super) mod baselines;
pub(super) mod catalog;
pub(super) mod commands;
pub(super) mod data_syncs;
pub(super) mod documents;
pub(super) mod errors;
pub(super) mod events;
pub(super) mod fleet;
pub(super) mod fleet_file;
pub(super) mod network;
pub(super) mod objects;
pub(super) mod policies;
mod predefined;
pub(super) mod report;
pub(super) mod runbook;
pub(super) mod tags;
pub(super) mod windows;

use jiff::{SignedDuration, Timestamp};

use self::account::{Account, Ids, Limits};
use self::associations::AssociationRecordStore;
use self::automation::AutomationStore;
use self::baselines::PatchBaselineStore;
use self::catalog::CatalogStore;
use self::commands::CommandStore;
use self::data_syncs::DataSyncStore;
use self::documents::DocumentRecordStore;
use self::events::EventLog;
use self::fleet::NodeStore;
use self::fleet_file::FleetFile;
use self::network::{AccessStore, NetworkStore};
use self::objects::ObjectStore;
use self::policies::PolicyStore;
use self::tags::ResourceTagStore;
use self::windows::WindowStore;
use crate::types::Patch;

/// Everything that is stored of an account.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) ids: Ids,
    pub(crate) account: Account,
    pub(crate) limits: Limits,
    pub(crate) baselines: PatchBaselineStore,
    pub(crate) catalog: CatalogStore,
    pub(crate) fleet: NodeStore,
    pub(crate) commands: CommandStore,
    pub(crate) data_syncs: DataSyncStore,
    pub(crate) policies: PolicyStore,
    pub(crate) objects: ObjectStore,
    pub(crate) documents: DocumentRecordStore,
    pub(crate) associations: AssociationRecordStore,
    pub(crate) automation: AutomationStore,
    pub(crate) windows: WindowStore,
    pub(crate) network: NetworkStore,
    pub(crate) access: AccessStore,
    pub(crate) tags: ResourceTagStore,
    pub(crate) events: EventLog,
    /// How many items a page has at most, whatever a call asks for.
    pub(crate) page_size_cap: Option<u32>,
    /// Whether baselines may have filter values that the service refuses.
    pub(crate) allow_unlisted_values: bool,
    /// Whether the account has the integrated experience of Systems Manager, which ListNodes needs.
    pub(crate) integrated_experience: bool,
}

impl State {
    pub(crate) fn new(
        seed: u64,
        account: Account,
        limits: Limits,
        page_size_cap: Option<u32>,
        patches: Vec<Patch>,
        mut fleet: FleetFile,
    ) -> Self {
        Self {
            ids: Ids::seeded(seed),
            baselines: PatchBaselineStore::of(&account),
            catalog: CatalogStore::of(patches),
            network: NetworkStore::take(&mut fleet),
            access: AccessStore::take(&mut fleet, &account),
            fleet: NodeStore::of(fleet.nodes),
            commands: CommandStore::default(),
            data_syncs: DataSyncStore::default(),
            policies: PolicyStore::default(),
            objects: ObjectStore::default(),
            documents: DocumentRecordStore::default(),
            associations: AssociationRecordStore::default(),
            automation: AutomationStore::default(),
            windows: WindowStore::default(),
            tags: ResourceTagStore::default(),
            events: EventLog::seeded(seed),
            account,
            limits,
            page_size_cap,
            allow_unlisted_values: false,
            integrated_experience: true,
        }
    }
}

/// An instant this much later; the end of time if there is none.
pub(crate) fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.saturating_add(by).unwrap_or(Timestamp::MAX)
}
