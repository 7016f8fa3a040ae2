//! Patches in waves: canaries first, then more, then the rest, and only while nothing breaks.
//!
//! ```
//! use std::time::Duration;
//!
//! use aws_patch_manager::memory::FleetNode;
//! use aws_patch_manager::rollout::{
//!     Gate, InMemoryRolloutStore, LimitPer, Rollout, RolloutRun, Wave,
//! };
//! use aws_patch_manager::{MemoryBackend, PatchGroup, PatchManager, PatchRequest};
//! use futures_util::TryStreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let account = MemoryBackend::new();
//! for number in 0..20 {
//!     let node = FleetNode::amazon_linux_2023(format!("i-{number:017x}"));
//!     account.add_node(node.with_tag("Patch Group", "web"));
//! }
//! let manager = PatchManager::from_memory(&account);
//!
//! // What: 5% of the group, a day later 25%, then the rest; one node of a zone at a time.
//! let rollout = Rollout::new("june")
//!     .target(PatchGroup::new("web")?)
//!     .limit(1, LimitPer::AvailabilityZone)
//!     .wave(Wave::share("canary", 5).bake(Duration::from_hours(24)))
//!     .wave(
//!         Wave::share("early", 25)
//!             .gate(Gate::new(95).all_compliant().online_within(Duration::from_mins(15)))
//!             .bake(Duration::from_hours(24)),
//!     )
//!     .wave(Wave::rest("rest").gate(Gate::new(95)));
//!
//! // What would happen, on a mirror of the account, by what the last scan found.
//! let scan = manager.run(&PatchRequest::scan().patch_group(&PatchGroup::new("web")?)).await?;
//! scan.wait(Duration::from_hours(1)).await?;
//! let preview = rollout.preview(&manager).await?;
//! assert_eq!(preview.failed_gates().count(), 0);
//! println!("{preview}");
//!
//! // Who: checked, and every node in exactly one wave. Nothing is written yet.
//! let state = rollout.begin(&manager).await?;
//! assert_eq!(state.waves[1].nodes.len(), 5);
//!
//! // Go. The store has each state before and after each write.
//! let store = InMemoryRolloutStore::new();
//! let mut events = RolloutRun::new(&manager, state, store.clone()).events();
//! while let Some(event) = events.try_next().await? {
//!     println!("{event}");
//! }
//! let outcome = store.last().ok_or("nothing was saved")?.outcome();
//! assert!(outcome.is_completed());
//! println!("{}", outcome.to_markdown());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it would do
//!
//! [`Rollout::preview`](crate::rollout::Rollout::preview) reads the account into memory and carries the
//! rollout out there. For each wave it says which patches each node would get and how many nodes each
//! patch has, which nodes reboot, which instances start, when the wave starts and ends, and what its gate
//! would say; as typed data, text, JSON and Markdown. It writes nothing.
//!
//! What it assumes:
//!
//! - An install takes 1 minute, and 1 minute more for each patch; a reboot takes 2 minutes, a start or
//!   stop of an instance 30 seconds. Nodes run at the same time up to the rollout's limit, 50 of each
//!   command without one. Real patches take from seconds to an hour: read the times as an order of
//!   magnitude.
//! - A patch that failed before fails again. Nothing else fails, and every node that is online stays so.
//! - Every health check finds its wave healthy.
//! - A gate that fails is accepted, so that the later waves are shown too;
//!   [`failed_gates`](crate::rollout::RolloutPreview::failed_gates) names those that would halt the
//!   rollout.
//! - Nothing is known of a node that never reported its patches:
//!   [`unknown`](crate::rollout::RolloutPreview::unknown) names it, and a gate that demands its
//!   compliance fails. Scan the nodes first.
//!
//! It reads as much as a [forecast](crate::plan::Forecast): a call or more for each node.
//!
//! # What a wave does
//!
//! 1. It waits for its [window](crate::rollout::WaveWindow). In the window's cutoff neither the wave
//!    nor one of its commands starts.
//! 2. If asked to, it [starts](crate::rollout::Wave::start_stopped) its stopped instances and waits
//!    until they are online, for 15 minutes at most.
//! 3. It installs. With a [limit](crate::rollout::Rollout::limit), the commands for the nodes of one
//!    zone or one value of a tag run one after another, each with the limit as its MaxConcurrency;
//!    those of different values run at the same time.
//! 4. Its [gate](crate::rollout::Gate) decides: the share of nodes that succeeded, the nodes that
//!    must be online and compliant, and your own [health check](crate::rollout::HealthCheck), a trait
//!    that you implement with [async-trait](https://docs.rs/async-trait).
//! 5. It bakes. At the end, the health check is asked again.
//! 6. It stops the instances that it started, by EC2's own answer. If somebody else was faster, or if the
//!    reply was lost so that nobody knows, the instance stays running, and an event
//!    [names](crate::rollout::RolloutEventKind::InstancesLeft) it.
//!
//! # Rules to know
//!
//! - **The nodes are those of the beginning.** A node that joins a group later is in no wave.
//! - **All waves install by one snapshot** of their
//!   [baselines](crate::rollout::FrozenPatches::Snapshot). The service keeps it for 3 days. On Windows
//!   it is one set of patches. On Linux and macOS it is one set of rules: a delay that ends between two
//!   waves lets its patch in. For one set on every system, or for a longer rollout, name a list of
//!   patches or use baselines that approve until a date.
//! - **A gate is obeyed until you decide.** [`resume`](crate::rollout::RolloutState::resume) decides
//!   it again: it asks again which nodes are compliant, online and healthy, for example after you have
//!   repaired one by hand. The share that succeeded is what the wave's commands did, and stays:
//!   [`accept_gate`](crate::rollout::RolloutState::accept_gate) passes it, and the outcome shows it.
//! - **A node gets one command in a wave**, also if it failed. To patch it again, run it by hand.
//! - **A failed share stops the wave early.** When so many nodes have failed that the gate cannot
//!   hold, no further node gets the command. Those nodes stay unpatched also if you accept the gate:
//!   the outcome has them as [`NotSent`](crate::rollout::NodeResult::NotSent), for a rollout of their own.
//! - **A terminated node is not forgotten.** It has the result
//!   [`NotManaged`](crate::rollout::NodeResult::NotManaged) and counts as not succeeded.
//! - **One run at a time carries out a rollout.** Two runs of one state would both send. A store can
//!   refuse a [revision](crate::rollout::RolloutState::revision) that is not the next one. A command that
//!   another run may be sending is looked for, and sent one minute later at the earliest.
//!
//! # After a crash
//!
//! Read the last state with [`from_json`](crate::rollout::RolloutState::from_json) and make a run from it. A
//! [store](crate::rollout::RolloutStore) writes it with
//! [`to_json`](crate::rollout::RolloutState::to_json). In a file:
//!
//! ```
//! use std::io::Write;
//! use std::path::PathBuf;
//!
//! use async_trait::async_trait;
//! use aws_patch_manager::rollout::{Rollout, RolloutRun, RolloutState, RolloutStore, Wave};
//! use aws_patch_manager::{Error, ErrorKind, PatchManager};
//! use futures_util::TryStreamExt;
//!
//! #[derive(Debug)]
//! struct StateFile(PathBuf);
//!
//! #[async_trait]
//! impl RolloutStore for StateFile {
//!     async fn save(&self, state: &RolloutState) -> aws_patch_manager::Result<()> {
//!         let json = state.to_json()?;
//!         // The new state is on the disk before it takes the place of the old one.
//!         let next = self.0.with_extension("next");
//!         let write = || -> std::io::Result<()> {
//!             let mut file = std::fs::File::create(&next)?;
//!             file.write_all(json.as_bytes())?;
//!             file.sync_all()?;
//!             std::fs::rename(&next, &self.0)
//!         };
//!         write().map_err(|error| Error::new(ErrorKind::Other, "not saved").with_source(error))
//!     }
//! }
//!
//! /// Begins the rollout, or goes on where the last process stopped.
//! async fn carry_on(manager: &PatchManager, rollout: &Rollout, path: PathBuf) -> aws_patch_manager::Result<()> {
//!     let state = match std::fs::read_to_string(&path) {
//!         Ok(json) => RolloutState::from_json(&json)?,
//!         Err(_) => rollout.begin(manager).await?,
//!     };
//!     let mut events = RolloutRun::new(manager, state, StateFile(path)).events();
//!     while let Some(event) = events.try_next().await? {
//!         println!("{event}");
//!     }
//!     Ok(())
//! }
//! # futures_util::FutureExt::now_or_never(async {
//! # let path = std::env::temp_dir().join(format!("june-{}.json", std::process::id()));
//! # let rollout = Rollout::new("june");
//! # let nodes = aws_patch_manager::rollout::NodeSet::nodes(["i-0c0ffee0000000001"]);
//! # let rollout = rollout.target(nodes).wave(Wave::rest("all"));
//! # let manager = PatchManager::in_memory();
//! # carry_on(&manager, &rollout, path.clone()).await?;
//! # assert!(RolloutState::from_json(&std::fs::read_to_string(&path)?)?.outcome().is_completed());
//! # carry_on(&manager, &rollout, path.clone()).await?;
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A rollout that halted at a gate stays halted until you decide: call `resume` or `accept_gate` on the
//! state first. The state was saved before each write, so a run knows what may have been written:
//!
//! - a command is looked for by its comment, in all commands of the last day before it, three times
//!   within 6 seconds, because the service lists commands late. It is sent again only if it is not
//!   there a minute after it may have been sent;
//! - starting and stopping instances can be repeated. EC2 has no client token for them: an instance whose
//!   start was cut short by the crash may be somebody else's, and stays running.
//!
//! A run first [checks](crate::rollout::RolloutState::check) that the state fits its rollout: its
//! [form](crate::rollout::RolloutState::SCHEMA_VERSION), the names and nodes of its waves, the comments
//! of its commands, and that no wave is further than its gate allows. A state that was edited, damaged
//! or put together from two rollouts is refused before any call, by path and value.
//!
//! The comment is the name and the id of the rollout, with the numbers of the wave and the command. If
//! the caller may not list commands, nothing is sent twice: the run fails.
//!
//! # Pause and abort
//!
//! [`RolloutControl`](crate::rollout::RolloutControl) does both from another task. A paused rollout
//! starts nothing more, and its commands go on. An aborted one cancels its commands, waits until they
//! have ended, because an instance must not stop in the middle of an install, and stops what it
//! started.
//!
//! # By events
//!
//! A function that does not stay, such as AWS Lambda's, carries a rollout out with
//! [`advance_on`](crate::rollout::RolloutRun::advance_on): it goes on when EventBridge says that a command has
//! ended, and says when to come again. See [`events`](super::events).
//!
//! # In a test
//!
//! All waits are on the manager's clock, so a rollout of two weeks takes milliseconds in memory.
//!
//! # Permissions
//!
//! Those of the verbs `runs`, `compliance` and `tags`, and for stopped instances `power`:
//!
//! ```
//! let verbs = ["runs", "compliance", "tags", "power"];
//! let policy = aws_patch_manager::backend::iam::policy_document(&verbs);
//! println!("{policy:#}");
//! ```
//!
//! # What it costs
//!
//! One SendCommand for each 50 nodes; with a limit, for each 50 nodes of a value. Before a run first sends, one
//! ListCommands for each 50 commands of the account since the day before the wave was started, or before the
//! rollout was begun if the state has nothing sent of the wave: it may be older than what was sent. Every 30
//! seconds one ListCommands for each command that runs. A gate takes one DescribeInstanceInformation for each
//! 50 nodes, every 30 seconds until they are online, and what a [compliance
//! query](super::results#what-it-costs) takes.
//! [`RolloutState::explain`](crate::rollout::RolloutState::explain) counts what is left of a rollout before it
//! makes a call, and [`ProgressWatch::during`](crate::ProgressWatch::during) says how far it is.
