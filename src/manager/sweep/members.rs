//! The members of a patch group by their tags.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use futures_util::TryStreamExt;

use super::listing::Listed;
use crate::backend::{DescribeInstanceInformation, DescribeInstances};
use crate::error::Result;
use crate::group::{PatchGroup, PatchGroupTagKey};
use crate::manager::PatchManager;
use crate::manager::pages::pages;
use crate::types::{Ec2Instance, InstanceInformation, NodeId, QueryFilter};

/// The nodes that have the tag of a group under either key, by id: managed nodes, and instances that
/// EC2 has not terminated. Without EC2, if the caller may not read it.
pub(super) async fn members(manager: &PatchManager, group: &PatchGroup) -> Result<Vec<Listed>> {
    let mut members: BTreeMap<NodeId, Listed> = BTreeMap::new();
    for key in PatchGroupTagKey::ALL {
        for node in managed(manager, group, key).await? {
            members.insert(node.instance_id.clone(), node.into());
        }
        let instances = match instances(manager, group, key).await {
            Err(error) if error.is_withheld() => Vec::new(),
            instances => instances?,
        };
        for instance in instances.into_iter().filter(|one| !one.is_gone()) {
            // Systems Manager knows more of a node than EC2: whether its agent is online.
            if let Entry::Vacant(unlisted) = members.entry(instance.instance_id.clone()) {
                unlisted.insert(instance.into());
            }
        }
    }
    Ok(members.into_values().collect())
}

async fn managed(
    manager: &PatchManager,
    group: &PatchGroup,
    key: PatchGroupTagKey,
) -> Result<Vec<InstanceInformation>> {
    let filters = by_tag(group, key);
    pages(&manager.backends.nodes, 50, move |nodes, page| {
        let request = DescribeInstanceInformation::new(filters.clone(), page);
        async move { nodes.describe_instance_information(request).await }
    })
    .try_collect()
    .await
}

async fn instances(
    manager: &PatchManager,
    group: &PatchGroup,
    key: PatchGroupTagKey,
) -> Result<Vec<Ec2Instance>> {
    let filters = by_tag(group, key);
    pages(&manager.backends.nodes, 1000, move |nodes, page| {
        let mut request = DescribeInstances::all(page);
        request.filters.clone_from(&filters);
        async move { nodes.describe_instances(request).await }
    })
    .try_collect()
    .await
}

/// The tag as a filter: both services write it as a target does.
fn by_tag(group: &PatchGroup, key: PatchGroupTagKey) -> Vec<QueryFilter> {
    let target = group.target(key);
    vec![QueryFilter::new(target.key, target.values)]
}
