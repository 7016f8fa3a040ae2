//! What several tests share. No test uses all of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]

pub(crate) mod accounts;
#[cfg(feature = "aws")]
pub(crate) mod aws;
pub(crate) mod browser;
pub(crate) mod cut;
#[cfg(feature = "data-sync")]
pub(crate) mod duckdb;
pub(crate) mod environment;
#[cfg(feature = "data-sync")]
pub(crate) mod export;
#[cfg(feature = "data-sync")]
pub(crate) mod failing_store;
#[cfg(feature = "aws")]
pub(crate) mod moto;
pub(crate) mod organizations;
pub(crate) mod pace;
pub(crate) mod plans;
pub(crate) mod python;
#[cfg(feature = "tracing")]
pub(crate) mod spans;
pub(crate) mod stub;
#[cfg(feature = "conformance")]
pub(crate) mod suite;
pub(crate) mod turns;
pub(crate) mod values;
#[cfg(feature = "emulator")]
pub(crate) mod wire;
