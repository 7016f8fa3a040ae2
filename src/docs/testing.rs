//! Testing a program that uses this crate.
//!
//! A program of yours patches servers through [`PatchManager`](crate::PatchManager). Its tests
//! should not: they need no account, no network and no waiting. There are three ways, and one
//! program can use them all.
//!
//! | way | good for | takes |
//! |---|---|---|
//! | [memory](#in-memory) | what the program achieves | nothing: it is always built |
//! | [mocks](#with-mocks) | one call that must fail, or must be made once | feature `mock` |
//! | [by hand](#by-hand) | a fake with a behaviour of its own | nothing |
//!
//! # The program
//!
//! A small part of one: it looks at a patch group and says what is wrong. It is given the manager,
//! rather than making it, and its tests ask no more of it than that.
//!
//! ```
#![doc = include_str!("alarm.rs")]
//! ```
//!
//! # In memory
//!
//! [`MemoryBackend`](crate::MemoryBackend) keeps the service's rules in the process. Add the nodes
//! you need, let time pass, and look at what came of it. Waiting turns its clock, so that a test
//! of hours ends at once. [`from_memory`](crate::PatchManager::from_memory) sees to that; a manager
//! that the [builder](crate::PatchManager::builder) puts together over memory needs
//! `.clock(backend.clock())` besides, or its waits last as long as they say.
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
//! What goes wrong at the service goes wrong here as well where
//! [`faults`](crate::MemoryBackend::faults) say so: throttling, errors on the n-th call, replies
//! that get lost.
//!
//! # With mocks
//!
#![cfg_attr(
    not(feature = "mock"),
    doc = "Documented where the feature `mock` is on: a mock of every backend trait, in `testing::mock`."
)]
#![cfg_attr(feature = "mock", doc = include_str!("mocked.md"))]
//!
//! # By hand
//!
//! The traits in [`backend`](crate::backend) are small, and open to everyone. Implement the one
//! that your test is about and give it to the [builder](crate::PatchManager::builder); what you
//! leave out answers [`Unsupported`](crate::ErrorKind::Unsupported). Here a fleet that would be
//! tedious to bring about.
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
//! A backend that is more than a fake should keep the rules of the conformance suite: feature
//! `conformance`.

/// The program of this guide, so that each example can use it as it is printed.
#[doc(hidden)]
pub mod program {
    extern crate self as aws_patch_manager;

    include!("alarm.rs");
}
