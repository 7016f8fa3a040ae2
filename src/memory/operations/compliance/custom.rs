//! Compliance that others report: types whose names begin with `Custom:`.

use std::collections::BTreeSet;
use std::iter;

use super::summary;
use crate::compliance::{ComplianceItem, ResourceComplianceSummaryItem};
use crate::memory::store::State;
use crate::memory::store::fleet::Node;
use crate::types::NodeId;

/// How the names of the types begin (SSM model, `ComplianceTypeName`).
pub(super) const PREFIX: &str = "Custom:";

/// The compliance items of a node, by type.
pub(super) fn items(state: &State, node: &NodeId) -> Vec<ComplianceItem> {
    let node = state.fleet.get(node).filter(|node| node.is_managed());
    let reported = node
        .into_iter()
        .flat_map(|node| node.custom_compliance.values());
    reported
        .flat_map(|reported| reported.items.clone())
        .collect()
}

/// The summaries of a node, one for each type.
pub(super) fn of_node(node: &Node) -> impl Iterator<Item = ResourceComplianceSummaryItem> {
    let reported = node.custom_compliance.iter();
    reported
        .filter_map(|(kind, reported)| summary::of_items(kind, node.facts.id(), &reported.items))
}

/// The types that nodes have, in order.
pub(super) fn kinds(state: &State) -> BTreeSet<&str> {
    let nodes = state.fleet.managed();
    let kinds = nodes.flat_map(|node| node.custom_compliance.keys());
    kinds.map(String::as_str).collect()
}

/// The summaries of one type, by node, from this one on.
pub(super) fn of_kind<'a>(
    state: &'a State,
    kind: &'a str,
    from: Option<&NodeId>,
) -> impl Iterator<Item = ResourceComplianceSummaryItem> + use<'a> {
    state.fleet.managed_from(from).filter_map(move |node| {
        let reported = node.custom_compliance.get(kind)?;
        summary::of_items(kind, node.facts.id(), &reported.items)
    })
}

/// The summaries of all types, by type and node, from the place of a row on. The types are looked for
/// only when a page gets here.
pub(super) fn of_nodes<'a>(
    state: &'a State,
    from: Option<(&str, &str)>,
) -> impl Iterator<Item = ResourceComplianceSummaryItem> + use<'a> {
    let first = from.map(|(kind, node)| (kind.to_owned(), NodeId::new(node)));
    let kinds = iter::once_with(|| kinds(state)).flatten();
    let of_kinds = kinds.filter_map(move |kind| match &first {
        Some((of, _)) if kind < of.as_str() => None,
        Some((of, node)) if kind == of => Some(of_kind(state, kind, Some(node))),
        _ => Some(of_kind(state, kind, None)),
    });
    of_kinds.flatten()
}
