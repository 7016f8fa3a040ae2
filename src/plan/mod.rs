//! Plans: what has to change so that an account is as a file says, and the changes themselves.
//!
//! A [`DesiredState`] says which baselines, patch groups, defaults, node tags, patch policies,
//! maintenance windows and associations an account has.
//! [`docs::planning`](crate::docs::planning) is the guide.

mod desired;

pub use self::desired::{
    BaselineReference, DesiredNodes, DesiredState, DesiredStateBuilder, OWNER_TAG,
};
