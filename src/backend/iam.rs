//! The IAM actions of the verbs, from the table of operations.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Operation, Service};

/// The names of the groups of verbs, in the order of the crate's documentation.
pub const VERBS: [&str; 14] = [
    "baselines",
    "catalog",
    "groups",
    "tags",
    "power",
    "policies",
    "syncs",
    "windows",
    "associations",
    "runs",
    "automation",
    "nodes",
    "compliance",
    "prerequisites",
];

/// The IAM actions that a group of verbs needs on AWS, in alphabetical order.
///
/// Empty for a name that is not in [`VERBS`]. The actions of the optional
/// [`RoleInventory`](super::RoleInventory) are not included: no adapter of this crate calls IAM. Neither is
/// `sts:AssumeRole` of [`RoleSessions`](super::RoleSessions), which has to name the roles.
///
/// ```
/// use aws_patch_manager::backend::iam;
///
/// assert!(iam::actions("groups").contains(&"ssm:DescribePatchGroups"));
/// ```
pub fn actions(verbs: &str) -> Vec<&'static str> {
    let needed = Operation::ALL
        .iter()
        .filter(|operation| operation.verbs() == verbs)
        .filter(|operation| !matches!(operation.service(), Service::Iam | Service::Sts));
    let actions: BTreeSet<_> = needed
        .flat_map(|operation| operation.iam_actions())
        .collect();
    actions.into_iter().copied().collect()
}

/// An IAM policy document that allows these verbs on every resource, or all verbs if none is named.
///
/// Restrict the resources for production: SendCommand to the document and to the nodes' tags,
/// CreateTags to the instances. Five calls also need `iam:PassRole`. It is not in the table
/// because it names roles: the local roles of patch policies, the service role of a maintenance
/// window task, the role that sends the notifications of a run, the dispatch role of an
/// association, and the role with which Automation acts.
///
/// Creating an association needs AddTagsToResource, because the crate adds a tag as a request
/// marker.
///
/// ```
/// let policy = aws_patch_manager::backend::iam::policy_document(&["groups", "runs"]);
/// assert_eq!(policy["Statement"][0]["Sid"], "Groups");
/// assert_eq!(policy["Statement"][1]["Action"][4], "ssm:SendCommand");
/// ```
pub fn policy_document(verbs: &[&str]) -> Value {
    let named = VERBS
        .iter()
        .filter(|name| verbs.is_empty() || verbs.contains(name));
    let statements: Vec<Value> = named
        .map(|name| {
            json!({
                "Sid": capitalized(name),
                "Effect": "Allow",
                "Action": actions(name),
                "Resource": "*",
            })
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
