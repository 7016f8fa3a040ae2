//! What stands between a manager and its backend: layers, their order, and one of your own.
//!
//! A [`Layer`](crate::backend::Layer) sees every call to a backend, before and after. It may refuse the
//! call, delay it, make it again, answer it without the backend, or replace its outcome. It works over
//! every backend: memory, the adapters for AWS, a mock, yours.
//!
//! | layer | what it does | for |
//! |---|---|---|
//! | [`ReadOnly`] | refuses every write, before it is made | reporting roles; trying a program on production |
//! | [`Audit`] | hands on a record of each call, without secrets | who touched what, and what came of it |
//! | [`Limit`] | bounds the calls in flight, and the rate of each operation | accounts that other programs use too |
//! | [`Faults`] | fails, delays or loses calls as planned, and counts all | tests |
//! | `Trace`, with the feature `tracing` | a span for each call | see [observability](super::observability) |
//!
//! # Order
//!
//! The layer that is added last is the outermost: it sees a call first and its outcome last.
//! `manager.layer(a).layer(b)` calls `b`, then `a`, then the backend. So the order of two layers is a
//! decision:
//!
//! | inside | outside | what comes of it |
//! |---|---|---|
//! | `Audit` | `ReadOnly` | refused writes are not recorded: they never came so far |
//! | `ReadOnly` | `Audit` | refused writes are recorded, as failed |
//! | `Limit` | a cache | what the cache answers costs none of the limit |
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
//! [`PatchManager::layer`](crate::PatchManager::layer) gives a new manager and leaves the old one as it
//! is, so one program can have a manager that writes and one that only reads. The
//! [builder](crate::manager::PatchManagerBuilder::layer) puts layers around all capabilities, in the
//! same order; [`layered`](crate::backend::layered) puts them around one backend.
//!
//! # A layer of your own
//!
//! It is one method. [`Call`] says what is called: the operation, whether it reads or writes, the
//! request by type or in AWS's JSON form, the attempt, and how long it has taken. [`Next`] makes it.
//! This one keeps answers:
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
//! Name the operations with care. A wait asks the same again and again until the answer changes, so
//! `ListCommands` and other states must not be kept; and a cache sees only the writes that pass through
//! it, not those of other programs.
//!
//! Rules for a layer:
//!
//! - **Do not repeat a write that is not safe to repeat.** [`Error::is_retryable`] says whether it is; the
//!   SDKs retry already.
//! - **Wait on [`Call::clock`]**, not on a timer of your own: tests then take no time.
//! - **Do not log a request as it is.** Parameters and sources of patches can hold secrets; `Debug` of
//!   [`Call`] and [`Answer`] leaves them out, and [`Audit`] writes what is safe.
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
