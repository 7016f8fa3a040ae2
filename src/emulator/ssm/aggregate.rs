//! GetInventory with aggregators: how many nodes have each value of an attribute, and how many pass the
//! filters of a group (User Guide, aggregating inventory data).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::inventory::{Filter, check_filters, kind, passes_all, rows};
use crate::emulator::service::Service;
use crate::error::{Error, ErrorKind, Result};
use crate::types::NodeId;

/// The most aggregators and groups of a list (SSM model, `InventoryAggregatorList`, `InventoryGroupList`).
const MOST_AGGREGATORS: usize = 10;
const MOST_GROUPS: usize = 15;

/// The most aggregators of a request, with nested ones. AWS documents none; each reads every node.
const MOST_IN_ALL: usize = 100;

/// Counts by an attribute, by those nested in it, or by groups.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Aggregator {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expression: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aggregators: Vec<Aggregator>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Group>,
}

/// The nodes that pass filters, and the others.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Group {
    name: String,
    filters: Vec<Filter>,
}

/// What a row of counts is about: attributes with their values.
type Attributes = BTreeMap<String, String>;

/// A node, and the row of each type that the aggregators above have chosen.
struct Chosen<'a> {
    node: &'a NodeId,
    rows: Vec<(&'a str, &'a Value)>,
    attributes: Attributes,
}

/// The entity with all counts. A node counts once for each combination of values that it has. As the User
/// Guide shows, counts are texts and values are in lower case.
pub(super) fn count(
    service: &Service,
    aggregators: &[Aggregator],
    nodes: &[NodeId],
) -> Result<Value> {
    if check_lists(aggregators)? > MOST_IN_ALL {
        let message = format!("at most {MOST_IN_ALL} aggregators in all");
        return Err(refused(&message));
    }
    let mut data = Map::new();
    for aggregator in aggregators {
        aggregator.check()?;
        if let Some((type_name, _)) = aggregator.attribute()? {
            let mut counts: BTreeMap<Attributes, usize> = BTreeMap::new();
            for node in nodes {
                let chosen = Chosen {
                    node,
                    rows: Vec::new(),
                    attributes: Attributes::new(),
                };
                let mut found = Vec::new();
                aggregator.find(service, &chosen, &mut found)?;
                found.sort();
                found.dedup();
                for attributes in found {
                    *counts.entry(attributes).or_default() += 1;
                }
            }
            add(&mut data, type_name, counts);
        }
        for group in &aggregator.groups {
            data.insert(group.name.clone(), group.count(service, nodes)?);
        }
    }
    Ok(json!({ "Data": data }))
}

/// Refuses lists that are too long, and counts the aggregators.
fn check_lists(aggregators: &[Aggregator]) -> Result<usize> {
    let groups = aggregators.iter().map(|one| one.groups.len()).max();
    if aggregators.len() > MOST_AGGREGATORS || groups > Some(MOST_GROUPS) {
        let message = format!(
            "a list has at most {MOST_AGGREGATORS} aggregators, and an aggregator {MOST_GROUPS} groups"
        );
        return Err(refused(&message));
    }
    let nested = aggregators.iter().map(|one| check_lists(&one.aggregators));
    nested
        .sum::<Result<usize>>()
        .map(|nested| nested + aggregators.len())
}

/// Adds counts to those of the same type.
fn add(data: &mut Map<String, Value>, type_name: &str, counts: BTreeMap<Attributes, usize>) {
    let item = data
        .entry(type_name)
        .or_insert_with(|| json!({ "TypeName": type_name, "SchemaVersion": "1.0", "Content": [] }));
    let rows = counts.into_iter().map(|(mut attributes, count)| {
        attributes.insert("Count".to_owned(), count.to_string());
        json!(attributes)
    });
    if let Some(content) = item["Content"].as_array_mut() {
        content.extend(rows);
    }
}

impl Aggregator {
    /// Refuses an aggregator that counts nothing.
    fn check(&self) -> Result<()> {
        match self.expression.is_none() && self.groups.is_empty() {
            true => Err(refused("an aggregator needs an Expression or Groups")),
            false => Ok(()),
        }
    }

    /// The type and the attribute of the expression, `TYPE.ATTRIBUTE`.
    fn attribute(&self) -> Result<Option<(&str, &str)>> {
        let Some(expression) = &self.expression else {
            return Ok(None);
        };
        let parts = expression.rsplit_once('.');
        let known = parts.filter(|(type_name, _)| kind(type_name).is_some());
        let message = format!(
            "{expression}: an attribute of a type that the emulator has, such as AWS:PatchSummary.OperationType"
        );
        known.map(Some).ok_or_else(|| refused(&message))
    }

    /// Adds each combination of values that a node has, from this aggregator on.
    fn find(
        &self,
        service: &Service,
        chosen: &Chosen<'_>,
        found: &mut Vec<Attributes>,
    ) -> Result<()> {
        self.check()?;
        let Some((type_name, attribute)) = self.attribute()? else {
            return Err(refused("a nested aggregator needs an Expression"));
        };
        let above = chosen.rows.iter().find(|(name, _)| *name == type_name);
        let rows = match above {
            // Of one type it is one row: the version of this application, and not of any.
            Some((_, row)) => vec![(*row).clone()],
            None => rows(service, chosen.node, type_name)?.unwrap_or_default(),
        };
        for row in &rows {
            let Some(value) = row.get(attribute).and_then(Value::as_str) else {
                continue;
            };
            let mut attributes = chosen.attributes.clone();
            attributes.insert(attribute.to_owned(), value.to_lowercase());
            if self.aggregators.is_empty() {
                found.push(attributes);
                continue;
            }
            let mut rows = chosen.rows.clone();
            rows.push((type_name, row));
            let next = Chosen {
                node: chosen.node,
                rows,
                attributes,
            };
            for nested in &self.aggregators {
                nested.find(service, &next, found)?;
            }
        }
        Ok(())
    }
}

impl Group {
    /// The counts of a group, in the order that the User Guide shows.
    fn count(&self, service: &Service, nodes: &[NodeId]) -> Result<Value> {
        if self.filters.is_empty() || !(1..=200).contains(&self.name.chars().count()) {
            let message = "a group has a Name of 1 to 200 characters and at least one filter";
            let code = "InvalidInventoryGroupException";
            return Err(Error::service(ErrorKind::InvalidInput, code, message));
        }
        check_filters(&self.filters)?;
        let mut matching = 0;
        for node in nodes {
            matching += usize::from(passes_all(service, node, &self.filters)?);
        }
        let others = nodes.len() - matching;
        Ok(json!({ "Content": [
            { "notMatchingCount": others.to_string() },
            { "matchingCount": matching.to_string() },
        ] }))
    }
}

fn refused(message: &str) -> Error {
    let code = "InvalidAggregatorException";
    Error::service(ErrorKind::InvalidInput, code, message)
}
