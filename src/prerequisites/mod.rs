//! What must hold before a node can be patched: a question, and findings with evidence and a fix.
//!
//! [`PatchManager::check_prerequisites`](crate::PatchManager::check_prerequisites) takes a
//! [`Prerequisites`] and returns a [`PrerequisiteReport`]. The checks:
//!
//! | about | found |
//! |---|---|
//! | the node | it runs, Systems Manager knows it, its agent is online and new enough, its platform is known and its version supported |
//! | its permissions | an instance profile, and the managed policy of its role if a [`RoleInventory`](crate::backend::RoleInventory) knows it; for a patch policy, its tag |
//! | its network | whether its subnet leads out, and if not the four [endpoints](EndpointService), their private DNS, their policy, and port 443 |
//! | its repository | whether the node can reach the repositories of its system |
//! | its patch group | the tag, under one key, bound to a baseline for its system |
//! | its baseline | that of its group, or the default, exists and can be read |
//! | its last scan | that it exists, and how old it is |
//! | the execution roles of an organization, if the question asks | that each can be assumed from this account |
//! | the exports, if the question asks | that each resource data sync runs and succeeds |
//!
//! Network ACLs, proxies, NAT gateways and networks behind a transit gateway are not checked: a
//! failed or private NAT gateway counts as a way to the internet.

mod checks;
mod endpoint_service;
mod facts;
mod question;
mod report;

pub use endpoint_service::EndpointService;
pub use question::Prerequisites;
pub use report::{Evidence, Finding, FindingKind, Fix, PrerequisiteReport, Severity};

pub(crate) use checks::{
    BaselineChoice, Cli, Command, DEFAULT_ROLE, Gathered, NODE, Problem, diagnose, diagnose_roles,
};
pub(crate) use facts::{
    Baselines, Bindings, Endpoints, ExecutionRoleRead, ExecutionRoles, Facts, HybridGroups,
    LastOperation, NetworkFacts, Read, RouteTables, operating_system, region_of,
};
pub(crate) use question::{RunNeeds, Selection};
pub(crate) use report::{exit_code, write_counts};
