//! The operations of the service: what they check, filter and page, and the backend traits.

pub(super) mod access;
pub(super) mod associations;
pub(super) mod baselines;
pub(super) mod catalog;
pub(super) mod check;
pub(super) mod commands;
pub(super) mod compliance;
pub(super) mod groups;
pub(super) mod instances;
pub(super) mod inventory;
pub(super) mod network;
pub(super) mod paging;
pub(super) mod policies;
pub(super) mod properties;
pub(super) mod tags;
pub(super) mod windows;
