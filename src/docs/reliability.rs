//! What this crate promises when calls fail, programs end and two of them run at once, and how each promise is
//! tested.
//!
//! | promise | tested by |
//! |---|---|
//! | Bad input fails before any call, with all violations. | tables of every bound; random documents (`-p patch-manager-properties`) |
//! | No input makes the library panic. | the fuzz targets in `fuzz`: `.ci/run fuzz` |
//! | A verb that was cut at any call is finished when it is called again. | `plan_kill`, `half_done`, walks of random verbs (`walks`): a call fails, loses its reply, or the program ends before or after it |
//! | Two callers at once make one of each resource, and a later call finds it. | `two_callers`: every order of the calls of two baselines, policies, associations, runbooks and resource data syncs, many of two windows and two plans; 25 orders of each pair over HTTP |
//! | A run is sent once. SendCommand has no client token, so after a lost reply the adapter looks for the command before it sends again. | `aws_lost_replies`, `walks` |
//! | A sweep gives every node once: as an answer or in a failure that names it. | `compliance_sweep`, `pages`, `walks` |
//! | A rollout patches no node twice in a wave, whatever process takes it up, and from whatever older state. | `rollout`: its process ends before and after every call and every save of 17 rollouts, 1,600 places; two processes on one store; random seeds |
//! | A run in an organization starts one automation, whatever is lost. | `organization`: cut at every call, 1,020 cuts, of which 510 end the program; `walks` |
//! | A plan that is applied leaves no difference, and an apply that was cut is finished by the next. | `plan`, `plan_kill`: cut at every call, then 1,000 plans cut several times; `plan_converges` |
//! | A layer changes no answer and doubles no write. | `walks`, through a stack of layers |
//! | A limit keeps the calls just below the rate that the service admits, and leaves other programs theirs. | `layers`: at 5, 20 and 100 calls a second |
//! | Nothing secret is in `Debug`, logs, spans or errors. | `secrets`, `plan_secrets`, `tracing_spans` |
//! | The emulator listens on this machine only, and no page in a browser can drive it. | `emulator_wire`, with a real Chromium |
//!
//! # What is not promised
//!
//! - **A hard end between a creation and the look after it**, while another caller created too, leaves two
//!   policies or two associations of one name: neither operation has a client token. The next call fails
//!   with [`Ambiguous`](crate::ErrorKind::Ambiguous) and names both; delete one. Baselines and windows have a
//!   token that such callers have in common.
//! - **Two creations that the service dates to the same millisecond**, the second after the first caller looked
//!   again, can leave two as well. A call to AWS takes longer; on a clock that stands still, give the account a
//!   [latency](crate::memory::MemoryBackendBuilder::latency).
//! - **An update replaces.** Neither UpdatePatchBaseline nor any other update takes the version that was
//!   read, so of two updates at once the later wins. The [differences](crate::manager::Change::Updated) of
//!   each say what it replaced.
//! - **A send that hangs for more than a minute** after a rollout has saved its state can be sent again by
//!   another process, which takes the first one for dead.
//! - **A real account**: the adapters have met the emulator and moto only.
//!
//! # What an account in memory keeps
//!
//! A test or an emulator can let years pass. A node has one patch report, the last; a command is forgotten 30
//! days after it was sent, as the service does; the record of calls has the last 100,000. What windows,
//! associations and automations ran is kept, about a kilobyte a run. `cargo run --release --example soak 2000
//! 365` prints what a year takes.
//!
//! # Two callers
//!
//! ```
//! use aws_patch_manager::{BaselineBuilder, PatchManager};
//! use futures_util::future::join;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
//! let (one, other) = join(manager.ensure_baseline(&spec), manager.ensure_baseline(&spec)).await;
//! assert_eq!(one?.id, other?.id);
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
