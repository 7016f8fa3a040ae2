//! Testing a program that uses this crate.
//!
//! Your program patches servers through [`PatchManager`](crate::PatchManager). Its tests need no
//! account, no network and no waiting. There are three ways to test it, and you can combine them.
//!
//! | way | good for | needs |
//! |---|---|---|
//! | [memory](#in-memory) | what the program achieves | nothing: it is always built |
//! | [mocks](#with-mocks) | one call that must fail, or must be made once | feature `mock` |
//! | [by hand](#by-hand) | a fake with special behaviour | nothing |
//!
//! # The program
//!
//! This function reads the state of a patch group and returns a warning. It takes the manager as an
//! argument, so its tests can pass one over any backend.
//!
//! ```
#![doc = include_str!("alarm.rs")]
//! ```
//!
//! # In memory
//!
//! [`MemoryBackend`](crate::MemoryBackend) follows the service's rules in the process. Add the nodes
//! that you need, let time pass, and check the result. Waiting advances its clock, so a test of hours
//! ends at once. [`from_memory`](crate::PatchManager::from_memory) sets the clock. If you use the
//! [builder](crate::PatchManager::builder), call `.clock(backend.clock())` too; otherwise waits take
//! real time.
//!
//! ```
//! # use aws_patch_manager::docs::testing::program::alarm;
//! use std::time::Duration;
//!
//! use aws_patch_manager::memory::FleetNode;
//! use aws_patch_manager::types::OperatingSystem;
//! use aws_patch_manager::{
//!     BaselineBuilder, MemoryBackend, PatchGroup, PatchGroupTagKey, PatchManager, PatchRequest,
//!     RuleBuilder,
//! };
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let web = PatchGroup::new("web")?;
//! let node = FleetNode::windows_server_2022("i-0123456789abcdef0");
//! let backend = MemoryBackend::new();
//! backend.add_node(node.with_tag("Patch Group", "web"));
//! let manager = PatchManager::from_memory(&backend);
//! let everything = BaselineBuilder::new("everything", OperatingSystem::Windows)
//!     .rule(RuleBuilder::new().approve_after_days(0))
//!     .build()?;
//! let baseline = manager.create_baseline(&everything).await?;
//! manager.bind_patch_group(&web, &baseline).await?;
//! assert_eq!(alarm(&manager, &web).await?, None);
//!
//! for (request, line) in [
//!     (PatchRequest::scan(), Some("web: 1 of 1 nodes lack patches")),
//!     (PatchRequest::install(), None),
//! ] {
//!     let request = request.group(&web, PatchGroupTagKey::Spaced);
//!     let run = manager.run(&request).await?;
//!     assert!(run.wait(Duration::from_secs(4 * 3600)).await?.is_success());
//!     assert_eq!(alarm(&manager, &web).await?.as_deref(), line);
//! }
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`faults`](crate::MemoryBackend::faults) simulates failures of the service: throttling, errors on
//! the n-th call, and lost replies.
//!
//! # With mocks
//!
#![cfg_attr(
    not(feature = "mock"),
    doc = "The feature `mock` adds a mock of every backend trait, in `testing::mock`."
)]
#![cfg_attr(feature = "mock", doc = include_str!("mocked.md"))]
//!
//! # By hand
//!
//! The traits in [`backend`](crate::backend) are small and public. Implement the one that your test
//! needs and pass it to the [builder](crate::PatchManager::builder). A method that you do not
//! implement fails with [`Unsupported`](crate::ErrorKind::Unsupported). This example has a group of
//! 4,000 nodes:
//!
//! ```
//! # use aws_patch_manager::docs::testing::program::alarm;
//! use std::sync::Arc;
//!
//! use async_trait::async_trait;
//! use aws_patch_manager::backend::{ComplianceSource, DescribePatchGroupState};
//! use aws_patch_manager::compliance::PatchGroupState;
//! use aws_patch_manager::{PatchGroup, PatchManager, Result};
//!
//! /// A group of many nodes, of which some lack patches.
//! #[derive(Debug)]
//! struct ManyNodes {
//!     all: u32,
//!     behind: u32,
//! }
//!
//! #[async_trait]
//! impl ComplianceSource for ManyNodes {
//!     async fn describe_patch_group_state(
//!         &self,
//!         _: DescribePatchGroupState,
//!     ) -> Result<PatchGroupState> {
//!         let mut state = PatchGroupState::default();
//!         state.instances = self.all;
//!         state.instances_with_missing_patches = self.behind;
//!         Ok(state)
//!     }
//! }
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let fleet = ManyNodes { all: 4000, behind: 17 };
//! let manager = PatchManager::builder().compliance(Arc::new(fleet)).build();
//! let line = alarm(&manager, &PatchGroup::new("web")?).await?;
//! assert_eq!(line.as_deref(), Some("web: 17 of 4000 nodes lack patches"));
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! If your backend is more than a fake, test it with the conformance suite: feature `conformance`.
//! `MemoryHarness::around` checks a wrapper of one trait in a few lines.
//!
//! # In another language
//!
//! The feature `emulator-cli` builds the program `patch-manager-emulator`, which serves the same memory to boto3,
//! the AWS CLI and any SDK. Its tests reset it, plan faults, change nodes and advance the clock with requests
//! under `/_emulator/`, and begin with the same account each time. The repository has a team's own script and its
//! tests three times:
//!
//! | folder | the script uses | the tests need |
//! |---|---|---|
//! | `examples/python` | boto3 | pytest |
//! | `examples/node` | `@aws-sdk/client-ssm` | Node.js 20 or later |
//! | `examples/shell` | the AWS CLI | bash and curl |
//!
//! Tools that only read or tag work without tests of their own: the variables lead Cloud Custodian and Prowler to the
//! emulator, and its clock has to be at the machine's time for rules about ages (`--start now`).
//!
//! The tests start the program on a free port and stop it at the end:
//!
//! ```sh
//! cargo install --path . --features emulator-cli
//! python3 -m pytest examples/python
//! npm --prefix examples/node ci && npm --prefix examples/node test
//! bash examples/shell/test.sh
//! ```

/// The program of this guide, which its examples use.
#[doc(hidden)]
pub mod program {
    extern crate self as aws_patch_manager;

    include!("alarm.rs");
}
