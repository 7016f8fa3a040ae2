//! What stands in for a capability that was not given.

use crate::backend::{operations, *};

/// A backend that can do nothing: each method has its default body.
#[derive(Debug)]
pub(super) struct Missing;

macro_rules! lacks_everything {
    ($(
        $(#[$meta:meta])*
        $trait:ident, $field:ident, $mock:ident $operations:tt
    )*) => {
        $(impl $trait for Missing {})*
    };
}

operations!(lacks_everything);
