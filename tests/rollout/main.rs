//! Staged rollouts: what is refused, what a wave does, what a gate stops, and what survives.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod edited;
mod faults;
mod faults_over_http;
mod gates;
mod input;
mod killed;
mod power;
mod preview;
mod resumed;
mod scenario;
mod waves;
mod world;
