//! What tests need: mocks of the backend traits, and the suite that every backend passes.

#[cfg(feature = "mock")]
pub mod mock;
