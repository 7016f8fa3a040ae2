//! Layers between a manager and its backend: what they do, their order, and how to write one.
//!
//! A [`Layer`](crate::backend::Layer) sees every call to a backend, before and after. It may refuse the
//! call, delay it, make it again, answer it without the backend, or replace its outcome. It works over
//! every backend: memory, the adapters for AWS, a mock, yours.
//!
//! | layer | what it does | for |
//! |---|---|---|
//! | [`ReadOnly`] | refuses every write, before it is made | reporting roles; trying a program on production |
//! | [`Audit`] | records each call, without secrets | an audit log of operations, resources and outcomes |
//! | [`Record`] | keeps each write with its request and outcome | dry runs, tests of what a program writes |
//! | [`Limit`] | bounds the calls in flight, and the rate of each operation | accounts that other programs use too |
//! | [`Faults`] | fails, delays or loses calls as planned, and records all calls | tests |
//! | `Trace`, with the feature `tracing` | a span for each call | see [observability](super::observability) |
//!
//! # Order
//!
//! The layer that is added last is the outermost: it sees a call first and its outcome last.
//! `manager.layer(a).layer(b)` calls `b`, then `a`, then the backend. The order of two layers has
//! an effect:
//!
//! | inside | outside | effect |
//! |---|---|---|
//! | `Audit` | `ReadOnly` | refused writes are not recorded, because they do not reach `Audit` |
//! | `ReadOnly` | `Audit` | refused writes are recorded, as failed |
//! | `Limit` | a cache | answers from the cache do not count for the limit |
//! | `Faults` | `Audit` | planned faults are recorded as if the service had failed |
//!
//! ```
//! use aws_patch_manager::backend::Operation;
//! use aws_patch_manager::backend::layer::{Faults, Limit, LimitConfig, ReadOnly};
//! use aws_patch_manager::types::OperatingSystem;
//! use aws_patch_manager::{BaselineBuilder, ErrorKind, PatchManager};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let calls = Faults::new();
//! let manager = PatchManager::in_memory()
//!     .layer(calls.clone()) // next to the backend
//!     .layer(Limit::new(LimitConfig::default().with_max_rate(5.0)))
//!     .layer(ReadOnly::new()); // sees a call first
//!
//! let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
//! let refused = manager.ensure_baseline(&spec).await;
//! assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::AccessDenied));
//! assert_eq!(calls.call_count(Operation::DescribePatchBaselines), 1);
//! assert_eq!(calls.call_count(Operation::CreatePatchBaseline), 0);
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`PatchManager::layer`](crate::PatchManager::layer) returns a new manager and does not change
//! the old one, so one program can have a manager that writes and one that only reads. The
//! [builder](crate::manager::PatchManagerBuilder::layer) adds layers around all capabilities, in
//! the same order; [`layered`](crate::backend::layered) adds them around one backend.
//!
//! # A layer of your own
//!
//! A layer has one method. [`Call`] is the call: the operation, whether it reads or writes, the
//! request by type or in AWS's JSON form, the attempt, and the time so far. [`Next`] makes the
//! call. This layer is a cache:
//!
//! ```
#![doc = include_str!("cache.rs")]
//!
//! # futures_util::FutureExt::now_or_never(async {
//! use aws_patch_manager::PatchManager;
//! use aws_patch_manager::backend::layer::Faults;
//! use aws_patch_manager::types::OperatingSystem::Windows;
//!
//! let calls = Faults::new();
//! let operations = vec![Operation::GetDefaultPatchBaseline];
//! let cache = Cache { operations, ..Cache::default() };
//! let manager = PatchManager::in_memory().layer(calls.clone()).layer(cache);
//!
//! let default = manager.default_baseline(Windows).await?;
//! manager.default_baseline(Windows).await?;
//! assert_eq!(calls.call_count(Operation::GetDefaultPatchBaseline), 1);
//!
//! // A write passes, and the next read goes through.
//! manager.set_default_baseline(&default.baseline_id).await?;
//! manager.default_baseline(Windows).await?;
//! assert_eq!(calls.call_count(Operation::GetDefaultPatchBaseline), 2);
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Choose the operations with care. A wait polls until the answer changes, so do not cache `ListCommands`
//! and other states. A cache only sees the writes that pass through it, not those of other programs.
//!
//! Rules for a layer:
//!
//! - **Do not repeat a write that is not safe to repeat.** [`Error::is_retryable`] says whether it is; the
//!   SDKs retry already.
//! - **Wait on [`Call::clock`]**, not on your own timer: then tests take no time.
//! - **Do not log a request as it is.** Parameters and sources of patches can be secrets. `Debug` of
//!   [`Call`] and [`Answer`] leaves them out, and [`Audit`] writes only what is safe.
//!
//! `cargo run --example layers` shows all of them in one stack.
//!
//! [`Answer`]: crate::backend::layer::Answer
//! [`Audit`]: crate::backend::layer::Audit
//! [`Call`]: crate::backend::layer::Call
//! [`Call::clock`]: crate::backend::layer::Call::clock
//! [`Error::is_retryable`]: crate::Error::is_retryable
//! [`Faults`]: crate::backend::layer::Faults
//! [`Limit`]: crate::backend::layer::Limit
//! [`Next`]: crate::backend::layer::Next
//! [`ReadOnly`]: crate::backend::layer::ReadOnly
//! [`Record`]: crate::backend::layer::Record
