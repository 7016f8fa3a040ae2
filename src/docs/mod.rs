//! Guides, compiled and run with the tests.

pub mod observability;
pub mod prerequisites;
pub mod testing;
