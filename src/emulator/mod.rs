//! The in-memory Patch Manager on a local port, for any AWS client: boto3, the AWS CLI, Terraform,
//! the SDKs of Rust and Go.
//!
//! [`Emulator`] serves a [`MemoryBackend`] on the loopback interface over the protocols that AWS's
//! own endpoints speak, all on one port. Point a client at [`endpoint`](Emulator::endpoint), or set
//! `AWS_ENDPOINT_URL`. It does not check credentials or signatures: everyone who reaches the port
//! has full access. It listens on 127.0.0.1 only, and refuses what a web page in a browser may have sent:
//! requests for another [host](EmulatorBuilder::allow_host), from another origin or another site get the
//! status 403.
//!
#![doc = include_str!("operations.md")]
//!
//! [`Emulator::start_organization`] serves a [`MemoryOrganization`]: each account has its own access
//! key, and a client's Region is the Region it reaches.
//!
//! Any other operation is unknown, and the answer is the service's own for that. A member that an
//! operation does nothing with is refused by name, such as the filters of
//! ListConfigurationManagers and ListConfigurations, the hash of SendCommand's document, and route tables or VPC endpoints
//! by id. With `DryRun` EC2's operations change nothing and answer `DryRunOperation`. A configuration
//! manager's description, tags and roles are kept here and not in the backend.
//!
//! Of an instance, the fleet has no type, image or launch time. DescribeInstances answers `m5.large` for all, an
//! image for each product, and the date of registration, else the first of January 2026. DescribeRegions lists
//! the Region of the account, or those of the organization. A security group's name is its id. Seven documents
//! of AWS have their parameters in GetDocument, without steps, and the address of a patch snapshot leads nowhere.
//!
//! The inventory is what a resource data sync exports. GetInventory counts it with aggregators and groups, each
//! node once for each combination of values; AWS documents this for some types only. ListInventoryEntries is
//! empty for an instance without an agent. PutComplianceItems takes types whose names begin with `Custom:`, at
//! most ten in an account, and a report without items removes the type from the node. They are in the listings,
//! in the inventory and in exports, but not in a snapshot. DeleteDocument deletes all versions at once.
//!
//! If a fault of the backend [loses the reply](crate::backend::layer::Faults::lose_reply), the
//! connection closes without an answer.
//!
//! # For tests in other languages
//!
//! These requests do what a Rust test does through [`MemoryBackend`]. They take and answer JSON. The
//! `Content-Type` of a request that changes something has to be `application/json`. A member that a request
//! does not have is refused with its path, and the status is 400. In an organization the query
//! `?Account=222222222222&Region=eu-west-1` names the member; without it, it is the management account in
//! its first Region; another parameter is refused. `reset` and `advance` are for all of them.
//!
//! A request has at most 1 MiB, in the program `patch-manager-emulator` one to `/_emulator/` 64 MiB; see
//! [`body_limit`](EmulatorBuilder::body_limit) and [`control_body_limit`](EmulatorBuilder::control_body_limit).
//! The last instant that a clock shows is 9999-12-30T22:00:00Z.
//!
#![doc = include_str!("controls.md")]
//!
//! A fault is for one `Operation`, or for any if none is named. `OnCall` and `Times` count its calls; `Always`
//! affects every one. The effects, with the members that they need besides:
//!
//! | `Effect` | members | what it does |
//! |---|---|---|
//! | `Throttle` | | calls are throttled |
//! | `Fail` | `Code`, `Message` | calls fail with this code before they do anything; the HTTP status goes with the code |
//! | `LoseReply` | | calls take effect, and the connection closes without an answer |
//! | `Delay` | `Seconds` | calls wait on the account's clock, so a manual clock advances |
//! | `Latency` | `Seconds` | every call waits |
//! | `ThrottleAbove` | `CallsPerSecond` | each operation is throttled above this rate on the account's clock |
//! | `ThrottleRandomly` | `Probability` | each call is throttled with this probability, 0 to 1 |
//!
//! Faults affect the operations of the [backend traits](crate::backend).
//!
//! To restore a snapshot, the emulator compares its parts with each other. Each of these counts may be at most
//! 10,000,000, whatever the [body limit](EmulatorBuilder::control_body_limit); a snapshot above is refused, with all counts
//! that are too high, and the account stays as it is:
//!
//! - for each node with patches: the patches of the catalog and of all nodes, as often as its baseline has rules and
//!   patterns, and once more; the baseline's length in units of 64 bytes; the targets of associations;
//! - for each patch of a node: the patches of that name in the catalog and in reports, and their CVEs;
//! - for each listed baseline: the predefined ones, and the length of the largest baseline;
//! - for each baseline that a policy selects: that length too;
//! - the square of the number of baselines, policies, windows and associations together.
//!
//! 1,000 nodes with 3,000 different patches and a baseline of two rules are within them.
//!
//! The program `patch-manager-emulator` (feature `emulator-cli`) serves all this without a line of Rust:
//! `patch-manager-emulator --help`.
//!
//! ```
//! use aws_patch_manager::MemoryBackend;
//! use aws_patch_manager::emulator::Emulator;
//!
//! let emulator = Emulator::start(MemoryBackend::sample())?;
//! println!("export AWS_ENDPOINT_URL={}", emulator.endpoint());
//! # Ok::<(), aws_patch_manager::Error>(())
//! ```

mod accounts;
mod connections;
mod control;
mod ec2;
mod http;
mod origin;
mod place;
mod quicksetup;
mod reply;
mod request;
mod server;
mod service;
mod ssm;
mod sts;
mod xml;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use self::accounts::Accounts;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::{MemoryBackend, MemoryOrganization};

/// A Patch Manager that listens on 127.0.0.1, on its own thread; it needs no async runtime.
///
/// Dropping it stops it. See the [module](self) for the operations.
///
/// ```
/// use aws_patch_manager::backend::Operation;
/// use aws_patch_manager::MemoryBackend;
/// use aws_patch_manager::emulator::Emulator;
///
/// let emulator = Emulator::start(MemoryBackend::sample())?;
/// assert!(emulator.endpoint().starts_with("http://127.0.0.1:"));
/// emulator.backend().faults().throttle(Operation::CreatePatchBaseline);
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
pub struct Emulator {
    endpoint: String,
    backend: MemoryBackend,
    stop: Option<oneshot::Sender<()>>,
    stopped: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Serves this backend on a port that the system chooses.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connection`] if it cannot listen on the port.
    pub fn start(backend: MemoryBackend) -> Result<Self> {
        Self::builder().start(backend)
    }

    /// Serves an organization on a port that the system chooses.
    ///
    /// The [access key](MemoryOrganization::access_key) of a request names its account, and the
    /// scope of its signature the Region. STS gives keys of a role in another account.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connection`] if it cannot listen on the port.
    pub fn start_organization(organization: &MemoryOrganization) -> Result<Self> {
        Self::builder().start_organization(organization)
    }

    /// A builder for an emulator.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    /// The URL for clients, such as `http://127.0.0.1:4566`. It is the same for all services.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The backend it serves; of an organization the management account in its first Region. Clones
    /// share the account, so a test can advance the clock or plan faults here.
    pub fn backend(&self) -> &MemoryBackend {
        &self.backend
    }

    /// Stops listening and closes every connection; returns once that is done.
    pub async fn shutdown(mut self) {
        self.stop = None;
        if let Some(stopped) = self.stopped.take() {
            // This waits until the server drops the sender.
            drop(stopped.await);
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("endpoint", &self.endpoint)
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}

/// Configures an [`Emulator`].
#[derive(Debug, Clone)]
#[must_use]
pub struct EmulatorBuilder {
    port: u16,
    limits: Limits,
}

/// What a request must keep to.
#[derive(Debug, Clone)]
struct Limits {
    body_bytes: usize,
    /// The same for the paths of the controls, if it is another.
    control_body_bytes: Option<usize>,
    connections: usize,
    read_timeout: Duration,
    /// The hosts, besides those of this machine, that it may be for.
    hosts: Vec<String>,
}

impl Limits {
    /// The longest body of a request to this path.
    fn body_bytes(&self, path: &str) -> usize {
        match self.control_body_bytes {
            Some(bytes) if path.starts_with(control::PREFIX) => bytes,
            _ => self.body_bytes,
        }
    }
}

impl Default for EmulatorBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            limits: Limits {
                body_bytes: 1 << 20,
                control_body_bytes: None,
                connections: 512,
                read_timeout: Duration::from_secs(30),
                hosts: Vec::new(),
            },
        }
    }
}

impl EmulatorBuilder {
    /// The port. 0, the default, lets the system choose a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Also answers requests for this host, such as `host.docker.internal`, without a port. The names of
    /// this machine, `localhost` and `127.0.0.1`, are always allowed.
    ///
    /// A request for another host gets the status 403. So a web page cannot reach the emulator by a name
    /// of its own that leads to 127.0.0.1.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.limits.hosts.push(host.into());
        self
    }

    /// How many connections are open at the same time, 512 by default, and at least one.
    ///
    /// At the limit a new connection takes the place of one that waits for its client: for the rest of a
    /// request, for the reply to be read, or for the next request. Those that have sent no request yet go
    /// first, and of them the oldest. A request that has arrived whole is always answered. An HTTP client
    /// opens a new connection if the one that it kept is closed.
    pub fn connection_limit(mut self, connections: usize) -> Self {
        self.limits.connections = connections;
        self
    }

    /// The longest request body in bytes, 1 MiB by default; a longer one gets the status 413, without
    /// being read if its length says so, and the connection closes. A head has at most 64 KiB and 100
    /// headers.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.body_bytes = bytes;
        self
    }

    /// The longest body in bytes of a request to `/_emulator/`, such as a snapshot; by default the
    /// [limit of all](Self::body_limit).
    pub fn control_body_limit(mut self, bytes: usize) -> Self {
        self.limits.control_body_bytes = Some(bytes);
        self
    }

    /// How long a request's head, and then its body, may take to arrive; 30 seconds each by default.
    ///
    /// A connection that is idle for that long is closed.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.limits.read_timeout = timeout;
        self
    }

    /// Serves this backend.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connection`] if it cannot listen on the port.
    pub fn start(self, backend: MemoryBackend) -> Result<Emulator> {
        self.serve(Accounts::one(backend.clone()), backend)
    }

    /// Serves this organization; see [`Emulator::start_organization`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connection`] if it cannot listen on the port.
    pub fn start_organization(self, organization: &MemoryOrganization) -> Result<Emulator> {
        let region = organization.regions().next().unwrap_or_default();
        let central = organization.member(organization.management(), region)?;
        let accounts = Accounts::organization(organization.clone(), central.clone());
        self.serve(accounts, central)
    }

    fn serve(self, accounts: Accounts, backend: MemoryBackend) -> Result<Emulator> {
        let refused = |error: std::io::Error| {
            let told = format!("cannot listen on 127.0.0.1:{}: {error}", self.port);
            Error::new(ErrorKind::Connection, told).with_source(error)
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listener = TcpListener::bind(address).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let runtime = server::runtime().map_err(refused)?;
        let accounts = Arc::new(accounts);
        let (stop, stopping) = oneshot::channel();
        let (done, stopped) = oneshot::channel();
        let limits = Arc::new(self.limits);
        let thread = std::thread::Builder::new()
            .name("patch-manager-emulator".to_owned())
            .spawn(move || {
                runtime.block_on(server::run(listener, accounts, limits, stopping));
                drop(runtime);
                drop(done);
            })
            .map_err(refused)?;
        Ok(Emulator {
            endpoint: format!("http://{address}"),
            backend,
            stop: Some(stop),
            stopped: Some(stopped),
            thread: Some(thread),
        })
    }
}
