//! Patch groups: a name bound to one baseline per operating system, and the tag that puts a node in it.

mod binding;
mod name;

pub use binding::{BaselineForPatchGroup, PatchGroupMapping};
pub use name::{PatchGroup, PatchGroupTagKey};
