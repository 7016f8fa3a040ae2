//! Events of EventBridge: how they are read, which patterns select them, and what they drive.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod documented;
mod memory;
mod organizations;
mod patterns;
mod rollouts;
mod runs;
mod samples;
