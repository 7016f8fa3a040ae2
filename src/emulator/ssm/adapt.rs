//! Where the JSON of a request or an answer is not the one of this crate's types.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::backend::{AssociationStore, ListAssociations, Operation};
use crate::emulator::reply::invalid;
use crate::emulator::request::{Body, read};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::MemoryBackend;
use crate::page::PageRequest;
use crate::schedule::association::AssociationFilter;
use crate::types::QueryFilter;

/// Members of a patch that this crate keeps and the service does not.
const OUR_OWN: [&str; 3] = ["Priority", "Section", "Supersedes"];

/// Rewrites a request into the form that this crate reads.
pub(super) async fn request(
    backend: &MemoryBackend,
    operation: Operation,
    body: &mut Body,
) -> Result<()> {
    match operation {
        Operation::DescribeAssociation | Operation::DeleteAssociation => {
            name_association(backend, body).await
        }
        // The service ignores it (SSM model, `SendCommandRequest`).
        Operation::SendCommand => {
            body.take("OutputS3Region");
            Ok(())
        }
        Operation::DescribeInstanceInformation => {
            take_older_filters(body, "InstanceInformationFilterList", "Filters")
        }
        Operation::DescribeInstanceProperties => {
            take_older_filters(body, "InstancePropertyFilterList", "FiltersWithOperator")
        }
        _ => Ok(()),
    }
}

/// Rewrites an answer into the service's form.
pub(super) fn answer(operation: Operation, answer: &mut Value) {
    match operation {
        Operation::DescribeAvailablePatches => {
            for patch in items(answer, "Patches") {
                forget_our_own(patch);
            }
        }
        Operation::DescribeEffectivePatchesForPatchBaseline => {
            for effective in items(answer, "EffectivePatches") {
                effective
                    .get_mut("Patch")
                    .into_iter()
                    .for_each(forget_our_own);
            }
        }
        Operation::DescribeDocumentPermission => name_accounts(answer),
        _ => {}
    }
}

/// Lists the accounts that a document is shared with a second time, by their ids only.
fn name_accounts(answer: &mut Value) {
    let shares = answer
        .get("AccountSharingInfoList")
        .and_then(Value::as_array);
    let shares = shares.into_iter().flatten();
    let ids = shares
        .filter_map(|share| share.get("AccountId").cloned())
        .collect();
    answer["AccountIds"] = Value::Array(ids);
}

fn items<'a>(answer: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    let items = answer.get_mut(name).and_then(Value::as_array_mut);
    items.into_iter().flatten()
}

fn forget_our_own(patch: &mut Value) {
    if let Some(members) = patch.as_object_mut() {
        members.retain(|name, _| !OUR_OWN.contains(&name.as_str()));
    }
}

/// Finds the association of a document and a node, by which the service takes older ones.
async fn name_association(backend: &MemoryBackend, body: &mut Body) -> Result<()> {
    let (Some(name), Some(node)) = (body.text("Name"), body.text("InstanceId")) else {
        return Ok(());
    };
    if body.text("AssociationId").is_some() {
        return Ok(());
    }
    let filters = vec![
        AssociationFilter::new("Name", name),
        AssociationFilter::new("InstanceId", node),
    ];
    let request = ListAssociations::new(filters, PageRequest::first());
    let found = backend.list_associations(request).await?;
    let id = found.items.into_iter().find_map(|one| one.association_id);
    for member in ["Name", "InstanceId"] {
        body.take(member);
    }
    let id =
        id.ok_or_else(|| Error::service(ErrorKind::NotFound, "AssociationDoesNotExist", ""))?;
    body.set("AssociationId", json!(id));
    Ok(())
}

/// Reads a list of filters whose members are `key` and `valueSet` as the filters of today.
fn take_older_filters(body: &mut Body, older_list: &str, list: &str) -> Result<()> {
    let Some(older) = body.take(older_list) else {
        return Ok(());
    };
    let older: Vec<OlderFilter> = read(&older)?;
    if older.is_empty() {
        return Ok(());
    }
    let given = body.members().get(list).and_then(Value::as_array);
    if given.is_some_and(|filters| !filters.is_empty()) {
        return Err(invalid(format!(
            "{list} and {older_list} exclude one another"
        )));
    }
    let filters = older.into_iter();
    let filters = filters.map(|filter| QueryFilter::new(filter.key, filter.value_set));
    body.set(list, json!(filters.collect::<Vec<_>>()));
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OlderFilter {
    key: String,
    #[serde(rename = "valueSet")]
    value_set: Vec<String>,
}
