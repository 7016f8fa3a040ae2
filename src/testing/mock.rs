//! Mocks of every backend trait, made by [mockall].
//!
//! [`docs::testing`](crate::docs::testing#with-mocks) shows one at work.
//!
//! Exempt from semver: what they look like is mockall's affair, and follows its releases.
//! Name the mockall version that this crate uses in your own `[dev-dependencies]` for its
//! predicates and sequences.
//!
//! [mockall]: https://docs.rs/mockall

pub use crate::backend::mocks::*;
