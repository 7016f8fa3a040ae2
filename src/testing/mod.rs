//! For tests: mocks of the backend traits, and the suite that every backend passes.

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "mock")]
pub mod mock {
    //! Mocks of every backend trait, made by [mockall].
    //!
    //! [`docs::testing`](crate::docs::testing#with-mocks) shows one at work.
    //!
    //! Exempt from semver: mockall defines their interface, which follows its releases. For its
    //! predicates and sequences, put the mockall version of this crate into your own
    //! `[dev-dependencies]`.
    //!
    //! [mockall]: https://docs.rs/mockall

    pub use crate::backend::mocks::*;
}
