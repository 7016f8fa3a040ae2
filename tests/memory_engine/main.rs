//! Time passes in memory: what scans find, installs do, commands go through, policies and associations fire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod associations;
mod commands;
mod compliance;
mod compliance_pages;
mod kept;
mod nodes;
mod packages;
mod policies;
mod snapshots;
mod states;
#[path = "../support/mod.rs"]
mod support;
mod windows;
mod world;
