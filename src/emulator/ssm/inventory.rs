//! The inventory of nodes, as far as patching has one: what a resource data sync exports of them.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::aggregate::{self, Aggregator};
use super::own::unknown_node;
use crate::emulator::reply::invalid;
use crate::emulator::request::Body;
use crate::emulator::service::Service;
use crate::error::{Error, ErrorKind, Result};
use crate::resource_data_sync::inventory::InventoryType;
use crate::types::NodeId;

/// What each row of an export has besides the members of its type.
const ADDED: [&str; 3] = ["resourceId", "captureTime", "schemaVersion"];

/// How a filter compares (SSM model, `InventoryQueryOperatorType`).
const TYPES: [&str; 6] = [
    "Equal",
    "NotEqual",
    "BeginWith",
    "LessThan",
    "GreaterThan",
    "Exists",
];

/// The filters of a listing.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    key: String,
    values: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
}

impl Filter {
    /// Whether one of the texts passes; for `NotEqual`, whether all do.
    fn passes(&self, texts: &[&str]) -> Result<bool> {
        let any = |holds: fn(&str, &str) -> bool| {
            let mut values = self.values.iter();
            values.any(|value| texts.iter().any(|text| holds(text, value)))
        };
        match self.operator() {
            "Equal" => Ok(any(|text, value| text == value)),
            "NotEqual" => Ok(!any(|text, value| text == value)),
            "BeginWith" => Ok(any(|text, value| text.starts_with(value))),
            "LessThan" => Ok(any(|text, value| order(text, value).is_lt())),
            "GreaterThan" => Ok(any(|text, value| order(text, value).is_gt())),
            _ => Err(self.refused("Exists is for the key TypeName, in a group")),
        }
    }

    fn operator(&self) -> &str {
        self.r#type.as_deref().unwrap_or("Equal")
    }

    fn refused(&self, reason: &str) -> Error {
        let message = format!("the filter {}: {reason}", self.key);
        Error::service(ErrorKind::InvalidInput, "InvalidFilter", message)
    }
}

/// Numbers compare as numbers: the counts of a summary are texts.
fn order(text: &str, value: &str) -> Ordering {
    match (text.parse::<i64>(), value.parse::<i64>()) {
        (Ok(text), Ok(value)) => text.cmp(&value),
        _ => text.cmp(value),
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListEntries {
    instance_id: NodeId,
    type_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    filters: Vec<Filter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_results: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// ListInventoryEntries. A type of AWS's that has nothing to do with patching has no entries, and neither
/// has an instance without an agent: Cloud Custodian's filter `ssm-inventory` asks every instance. The keys
/// of filters are attributes of the type.
pub(super) fn entries(service: &Service, body: &Body) -> Result<Value> {
    let request: ListEntries = body.input(&[])?;
    let (id, type_name) = (&request.instance_id, &request.type_name);
    check_filters(&request.filters)?;
    let rows = rows(service, id, type_name)?;
    let mut rows = match rows {
        Some(rows) => rows,
        None if service.backend.has_instance(id) => Vec::new(),
        None => return Err(unknown_node(id)),
    };
    for filter in &request.filters {
        let attribute = filter.key.strip_prefix(type_name.as_str());
        let attribute = attribute.and_then(|rest| rest.strip_prefix('.'));
        let attribute = attribute.unwrap_or(&filter.key);
        let mut passing = Vec::new();
        for row in rows {
            let text = row.get(attribute).and_then(Value::as_str);
            if filter.passes(text.as_slice())? {
                passing.push(row);
            }
        }
        rows = passing;
    }
    let mut answer = json!({ "InstanceId": id, "TypeName": type_name, "SchemaVersion": "1.0" });
    if let Some(captured) = captured(&rows) {
        answer["CaptureTime"] = captured;
    }
    let content = rows.into_iter().map(content).collect();
    let page = (request.max_results, request.next_token.as_deref());
    add_page(answer, "Entries", content, page)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetInventory {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    filters: Vec<Filter>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aggregators: Vec<Aggregator>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    result_attributes: Vec<ResultAttribute>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_results: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultAttribute {
    type_name: String,
}

/// GetInventory: for each node that passes the filters the types that are asked for,
/// `AWS:InstanceInformation` if none is. With aggregators, counts of those nodes.
pub(super) fn get(service: &Service, body: &Body) -> Result<Value> {
    let request: GetInventory = body.input(&[])?;
    check_filters(&request.filters)?;
    // SSM model, `ResultAttributeList`.
    if request.result_attributes.len() > 1 {
        let count = request.result_attributes.len();
        return Err(invalid(format!("ResultAttributes: {count}: 1")));
    }
    let mut nodes = Vec::new();
    for node in service.backend.managed_ids() {
        if passes_all(service, &node, &request.filters)? {
            nodes.push(node);
        }
    }
    let entities = match request.aggregators.as_slice() {
        [] => whole(service, &nodes, &request.result_attributes)?,
        _ if !request.result_attributes.is_empty() => {
            return Err(invalid(
                "Aggregators and ResultAttributes exclude one another",
            ));
        }
        aggregators => vec![aggregate::count(service, aggregators, &nodes)?],
    };
    let page = (request.max_results, request.next_token.as_deref());
    add_page(json!({}), "Entities", entities, page)
}

/// Nodes with the types that are asked for.
fn whole(service: &Service, nodes: &[NodeId], asked: &[ResultAttribute]) -> Result<Vec<Value>> {
    let mut types: Vec<&str> = asked.iter().map(|one| one.type_name.as_str()).collect();
    if types.is_empty() {
        types.push(InventoryType::InstanceInformation.as_str());
    }
    let mut entities = Vec::new();
    for node in nodes {
        let mut data = Map::new();
        for type_name in &types {
            let rows = rows(service, node, type_name)?.unwrap_or_default();
            let mut item = json!({ "TypeName": type_name, "SchemaVersion": "1.0" });
            if let Some(captured) = captured(&rows) {
                item["CaptureTime"] = captured;
            }
            item["Content"] = rows.into_iter().map(content).collect();
            data.insert((*type_name).to_owned(), item);
        }
        entities.push(json!({ "Id": node, "Data": data }));
    }
    Ok(entities)
}

/// At most five filters of at most forty values, of known types (SSM model, `InventoryFilterList`,
/// `InventoryFilterValueList`).
pub(super) fn check_filters(filters: &[Filter]) -> Result<()> {
    if filters.len() > 5 {
        return Err(invalid(format!("Filters: {}: 1 to 5", filters.len())));
    }
    let counts = filters.iter().map(|filter| filter.values.len());
    if let Some(count) = counts.max().filter(|count| *count > 40) {
        return Err(invalid(format!("Filters.Values: {count}: 1 to 40")));
    }
    let mut types = filters.iter().map(Filter::operator);
    match types.find(|one| !TYPES.contains(one)) {
        None => Ok(()),
        Some(other) => Err(invalid(format!(
            "Filters.Type: {other}: one of {}",
            TYPES.join(", ")
        ))),
    }
}

/// Whether a node passes all filters. Their keys are `TYPE.ATTRIBUTE`; in a group also `TypeName`, for nodes
/// that have data of one of these types.
pub(super) fn passes_all(service: &Service, node: &NodeId, filters: &[Filter]) -> Result<bool> {
    for filter in filters {
        if filter.key == "TypeName" && filter.operator() == "Exists" {
            let mut has_any = false;
            for type_name in &filter.values {
                let rows = rows(service, node, type_name)?;
                has_any |= rows.is_some_and(|rows| !rows.is_empty());
            }
            if !has_any {
                return Ok(false);
            }
            continue;
        }
        let key = filter.key.rsplit_once('.');
        let known = key.filter(|(name, _)| kind(name).is_some());
        let reason = "the key is an attribute of a type that the emulator has, such as AWS:InstanceInformation.PlatformType";
        let (type_name, attribute) = known.ok_or_else(|| filter.refused(reason))?;
        let rows = rows(service, node, type_name)?.unwrap_or_default();
        let texts = rows.iter().filter_map(|row| row.get(attribute)?.as_str());
        if !filter.passes(&texts.collect::<Vec<_>>())? {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn kind(type_name: &str) -> Option<InventoryType> {
    let mut known = InventoryType::ALL.iter().copied();
    known.find(|kind| kind.as_str() == type_name)
}

/// The rows of a type; `None` if there is no such node.
pub(super) fn rows(service: &Service, id: &NodeId, type_name: &str) -> Result<Option<Vec<Value>>> {
    if !type_name.starts_with("AWS:") && !type_name.starts_with("Custom:") {
        let message = format!("TypeName: {type_name}: AWS:… or Custom:…");
        let code = "InvalidTypeNameException";
        return Err(Error::service(ErrorKind::InvalidInput, code, message));
    }
    Ok(service.backend.inventory(id, kind(type_name)))
}

/// When the rows were captured, to the second (SSM model, `InventoryItemCaptureTime`).
fn captured(rows: &[Value]) -> Option<Value> {
    let captured = rows.first()?.get("captureTime")?.as_str()?;
    let seconds = captured.split(['.', 'Z']).next()?;
    Some(Value::String(format!("{seconds}Z")))
}

/// The members of a row that its type has.
fn content(mut row: Value) -> Value {
    if let Some(members) = row.as_object_mut() {
        members.retain(|name, _| !ADDED.contains(&name.as_str()));
    }
    row
}

/// Adds the page of a listing to its answer, and the token of the next one: the number of its first row.
fn add_page(
    mut answer: Value,
    items: &str,
    rows: Vec<Value>,
    (size, token): (Option<usize>, Option<&str>),
) -> Result<Value> {
    let size = size.unwrap_or(50);
    if !(1..=50).contains(&size) {
        return Err(invalid(format!("MaxResults: {size}: 1 to 50")));
    }
    let first = match token.filter(|token| !token.is_empty()) {
        None => Some(0),
        Some(token) => token.parse().ok().filter(|first| *first < rows.len()),
    };
    let first = first.ok_or_else(|| {
        let message = "the token is not one of this listing";
        Error::service(ErrorKind::InvalidInput, "InvalidNextToken", message)
    })?;
    let next = first + size;
    if next < rows.len() {
        answer["NextToken"] = json!(next.to_string());
    }
    answer[items] = rows.into_iter().skip(first).take(size).collect();
    Ok(answer)
}
