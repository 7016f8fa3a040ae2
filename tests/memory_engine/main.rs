//! Time passes in memory: what scans find, installs do, commands go through, and policies fire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod commands;
mod compliance;
mod nodes;
mod policies;
mod states;
mod world;
