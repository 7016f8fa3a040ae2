//! What must hold before a node can be patched: a question, and findings with evidence and a fix.
//!
//! [`PatchManager::check_prerequisites`](crate::PatchManager::check_prerequisites) takes a
//! [`Prerequisites`] and answers a [`PrerequisiteReport`]. What is looked at:
//!
//! | about | found |
//! |---|---|
//! | the node | it runs, Systems Manager knows it and is in touch, its agent is new enough, its platform is known |
//! | its permissions | an instance profile, and behind it the managed policy, where a [`RoleInventory`](crate::backend::RoleInventory) can tell |
//! | its network | whether its subnet leads out, and if not the four [endpoints](EndpointService), their private DNS, their policy, and port 443 |
//! | its repository | whether the node's way out can carry the patches of its system |
//! | its patch group | the tag, under one key, bound to a baseline for its system |
//! | its last scan | that there is one, and how old it is |
//!
//! Network ACLs, proxies, NAT gateways, and what lies behind a transit gateway are not looked at: a
//! NAT gateway that failed, or a private one, passes for a way to the internet.

mod checks;
mod diagnosis;
mod endpoint_service;
mod facts;
mod finding;
mod network_facts;
mod os;
mod question;
mod report;

pub use endpoint_service::EndpointService;
pub use finding::{Evidence, Finding, FindingKind, Fix, Severity};
pub use question::Prerequisites;
pub use report::PrerequisiteReport;

pub(crate) use checks::DEFAULT_ROLE;
pub(crate) use diagnosis::diagnose;
pub(crate) use facts::{Bindings, Facts, HybridGroups, Read, region_of};
pub(crate) use network_facts::{Endpoints, NetworkFacts, RouteTables};
pub(crate) use os::operating_system;
pub(crate) use question::Selection;
