//! An account read into memory, and what can be learned there before anything is written.
//!
//! A [`MirrorSnapshot`] is an account as it was read, as plain data.

mod snapshot;

pub use snapshot::{
    MirrorPart, MirrorSnapshot, MirroredAssociation, MirroredBaseline, MirroredNode,
    MirroredWindow, Unread,
};
