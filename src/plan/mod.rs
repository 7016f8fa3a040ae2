//! Plans: an account read into memory, what has to change so that it is as a file says, and the
//! changes themselves.
//!
//! A [`MirrorSnapshot`] is an account as it was read, as plain data. A [`DesiredState`] says which
//! baselines, patch groups, defaults, node tags, patch policies, maintenance windows and
//! associations an account shall have. [`docs::planning`](crate::docs::planning) is the guide.

mod desired;
mod import;
mod resource;
mod snapshot;

pub use self::desired::{
    BaselineReference, DesiredNodes, DesiredState, DesiredStateBuilder, OWNER_TAG,
};
pub use self::import::{ImportedState, LeftOut};
pub use self::resource::ResourceKind;
pub use snapshot::{
    MirrorPart, MirrorSnapshot, MirroredAssociation, MirroredBaseline, MirroredNode,
    MirroredWindow, Unread,
};
