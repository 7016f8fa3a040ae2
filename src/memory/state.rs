use crate::error::Result;
use crate::memory::engine::Engine;
use crate::memory::operations::access::Access;
use crate::memory::operations::associations::AssociationBook;
use crate::memory::operations::baselines::BaselineShelf;
use crate::memory::operations::commands::CommandLedger;
use crate::memory::operations::network::Network;
use crate::memory::operations::paging::{self, Bounds};
use crate::memory::operations::policies::PolicyBook;
use crate::memory::operations::windows::WindowBook;
use crate::memory::store::catalog::Catalogue;
use crate::memory::store::fleet::Fleet;
use crate::memory::store::fleet_file::FleetFile;
use crate::memory::store::tags::ResourceTagStore;
use crate::page::{Page, PageRequest};
use crate::types::Patch;

/// Everything the backend knows, behind one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) ids: Ids,
    pub(super) account: Account,
    pub(super) limits: Limits,
    pub(super) baselines: BaselineShelf,
    pub(super) catalogue: Catalogue,
    pub(super) fleet: Fleet,
    pub(super) commands: CommandLedger,
    pub(super) policies: PolicyBook,
    pub(super) associations: AssociationBook,
    pub(super) windows: WindowBook,
    pub(super) engine: Engine,
    pub(super) network: Network,
    pub(super) access: Access,
    pub(super) tags: ResourceTagStore,
    page_size_cap: Option<u32>,
}

impl State {
    pub(super) fn new(
        seed: u64,
        account: Account,
        limits: Limits,
        page_size_cap: Option<u32>,
        patches: Vec<Patch>,
        mut fleet: FleetFile,
    ) -> Self {
        Self {
            ids: Ids::seeded(seed),
            baselines: BaselineShelf::of(&account),
            catalogue: Catalogue::of(patches),
            network: Network::take(&mut fleet),
            access: Access::take(&mut fleet),
            fleet: Fleet::of(fleet.nodes),
            commands: CommandLedger::default(),
            policies: PolicyBook::default(),
            associations: AssociationBook::default(),
            windows: WindowBook::default(),
            engine: Engine::default(),
            tags: ResourceTagStore::default(),
            account,
            limits,
            page_size_cap,
        }
    }

    /// Cuts the page that is asked for, no larger than the backend's cap; see [`paging::page`].
    pub(super) fn page<T>(
        &self,
        items: Vec<T>,
        request: &PageRequest,
        operation: &'static str,
        bounds: Bounds,
        listing_key: &str,
    ) -> Result<Page<T>> {
        paging::page(
            items,
            request,
            operation,
            bounds,
            listing_key,
            self.page_size_cap,
        )
    }

    /// Cuts the page that is asked for out of a listing that can begin anywhere, no larger than
    /// the backend's cap; see [`paging::page_from`].
    pub(super) fn page_from<T, I: Iterator<Item = T>>(
        &self,
        rows: impl FnOnce(Option<&str>) -> I,
        place: impl Fn(&T) -> String,
        request: &PageRequest,
        operation: &'static str,
        bounds: Bounds,
        listing_key: &str,
    ) -> Result<Page<T>> {
        let cap = self.page_size_cap;
        paging::page_from(rows, place, request, operation, bounds, listing_key, cap)
    }
}

/// Whose account this is, and where.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) region: String,
    pub(super) id: String,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            id: "123456789012".to_owned(),
        }
    }
}

/// The quotas of an account; by default the service's own.
///
/// ```
/// use aws_patch_manager::memory::Limits;
///
/// let mut limits = Limits::default();
/// assert_eq!(limits.baselines, 50);
/// limits.baselines = 2;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Baselines of your own, 50.
    pub baselines: usize,
    /// Patch groups per baseline, 25.
    pub groups_per_baseline: usize,
    /// State Manager associations, 2,000.
    pub associations: usize,
    /// Versions of an association, 1,000.
    pub versions_per_association: usize,
    /// Maintenance windows, 50.
    pub windows: usize,
    /// Registered targets per window, 100.
    pub targets_per_window: usize,
    /// Tasks per window, 20.
    pub tasks_per_window: usize,
    /// Registered targets per task, 10.
    pub targets_per_task: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            baselines: 50,
            groups_per_baseline: 25,
            associations: 2_000,
            versions_per_association: 1_000,
            windows: 50,
            targets_per_window: 100,
            tasks_per_window: 20,
            targets_per_task: 10,
        }
    }
}

/// Makes ids; the same seed makes the same ids.
#[derive(Debug)]
pub(super) struct Ids {
    rng: fastrand::Rng,
}

impl Ids {
    pub(super) fn seeded(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    /// Lower-case hexadecimal digits.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789abcdef"[self.rng.usize(..16)]))
            .collect()
    }

    /// A random (version 4) UUID.
    pub(super) fn uuid(&mut self) -> String {
        let variant = ['8', '9', 'a', 'b'][self.rng.usize(..4)];
        format!(
            "{}-{}-4{}-{variant}{}-{}",
            self.hex(8),
            self.hex(4),
            self.hex(3),
            self.hex(3),
            self.hex(12)
        )
    }
}
