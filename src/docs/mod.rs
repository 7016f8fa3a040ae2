//! Guides, compiled and run with the tests.

pub mod testing;
