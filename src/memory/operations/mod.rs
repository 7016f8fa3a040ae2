//! The operations of the service: what they check, filter and page, and the backend traits.

mod associations;
pub(super) mod automation;
mod baselines;
mod catalog;
pub(super) mod check;
mod commands;
mod compliance;
mod configurations;
mod controls;
mod data_syncs;
mod documents;
mod ec2;
pub(super) mod exports;
mod groups;
mod inventory;
pub(super) mod listed_nodes;
pub(super) mod paging;
mod policies;
mod properties;
mod roles;
mod tags;
mod windows;

pub(super) use associations::recurrence as association_recurrence;
pub(super) use windows::recurrence as window_recurrence;
