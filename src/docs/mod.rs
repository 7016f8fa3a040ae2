//! Guides, compiled and run with the tests.

pub mod errors;
pub mod migrating;
pub mod observability;
pub mod prerequisites;
pub mod testing;
