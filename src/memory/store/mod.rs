//! What is stored.

pub(super) mod catalog;
pub(super) mod fleet;
pub(super) mod fleet_file;
pub(super) mod predefined;
pub(super) mod tags;
pub(super) mod tokens;
