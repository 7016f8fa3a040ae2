//! The IAM actions behind the verbs, read off the table of operations.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Operation, Service};

/// The names of the groups of verbs, in the order of the crate's documentation.
pub const VERBS: [&str; 10] = [
    "baselines",
    "catalog",
    "groups",
    "tags",
    "policies",
    "windows",
    "associations",
    "runs",
    "compliance",
    "prerequisites",
];

/// The IAM actions that a group of verbs needs of a backend over AWS, in alphabetical order.
///
/// Empty for a name that is not in [`VERBS`]. The actions of the optional
/// [`RoleInventory`](super::RoleInventory) are not among them: no adapter of this crate calls IAM.
///
/// ```
/// use aws_patch_manager::backend::iam;
///
/// assert!(iam::actions("groups").contains(&"ssm:DescribePatchGroups"));
/// ```
pub fn actions(verbs: &str) -> Vec<&'static str> {
    let needed = Operation::ALL
        .iter()
        .filter(|operation| operation.verbs() == verbs && operation.service() != Service::Iam);
    let actions: BTreeSet<_> = needed
        .flat_map(|operation| operation.iam_actions())
        .collect();
    actions.into_iter().copied().collect()
}

/// An IAM policy document that allows these verbs on every resource; all verbs if none is named.
///
/// Narrow the resources down for production: SendCommand by the document and by the nodes' tags,
/// CreateTags by the instances. Three calls also need `iam:PassRole`, which names roles and so is
/// not in the table: patch policies for their local roles, the tasks of a maintenance window for a
/// service role, associations for a role that they are dispatched with.
///
/// An association is made with a tag that marks the request, so making one takes AddTagsToResource.
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
