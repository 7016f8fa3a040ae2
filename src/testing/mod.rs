//! For tests: mocks of the backend traits, and the suite that every backend passes.

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "mock")]
pub mod mock;
