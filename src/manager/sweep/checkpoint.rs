use serde::{Deserialize, Serialize};

use crate::page::PageToken;

/// How far a sweep has come: store it, and go on from it, in another process if need be.
///
/// Its serde form is opaque. It is good for the same question only. The service's page tokens may
/// expire; a sweep that resumes too late says so with the service's error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepCheckpoint {
    pub(super) listing: Listing,
    /// The page that the next answers come from.
    pub(super) token: Option<PageToken>,
    /// How many nodes of that page have been answered.
    pub(super) done: usize,
}

/// What is being listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Listing {
    /// The nodes that the question names.
    Named,
    /// The states of a group.
    Group,
    /// The managed nodes.
    Managed,
    /// EC2's instances.
    Instances,
    /// The hybrid nodes, beside EC2's instances.
    Hybrid,
    /// Nothing more.
    Over,
}

impl SweepCheckpoint {
    pub(super) fn start(listing: Listing) -> Self {
        Self {
            listing,
            token: None,
            done: 0,
        }
    }
}
