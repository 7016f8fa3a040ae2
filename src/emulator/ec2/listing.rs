//! Listings that only the emulator has: their ids, filters and pages.

use std::collections::BTreeSet;

use super::form::Form;
use super::{Members, listing, refused};
use crate::emulator::xml::Node;
use crate::error::{Error, ErrorKind, Result};
use crate::types::QueryFilter;

/// The bounds of a page's size (EC2 API, MaxResults).
const SIZES: std::ops::RangeInclusive<usize> = 5..=1000;

/// A row of a listing.
pub(super) struct Row {
    pub(super) id: String,
    /// The values that filters compare, by the filter's name.
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) node: Node,
}

/// What a listing is of.
pub(super) struct Listed {
    /// The name of the items in the answer.
    pub(super) items: &'static str,
    /// The parameter that names ids.
    pub(super) ids: &'static str,
    /// The code of the error for an unknown id.
    pub(super) unknown: &'static str,
    /// The filters that it has.
    pub(super) filters: &'static [&'static str],
}

impl Listed {
    /// The page of the rows that a request asks for.
    pub(super) fn answer(&self, form: &Form, mut rows: Vec<Row>) -> Result<Members> {
        let filters = form.filters()?;
        let is_known = |filter: &&QueryFilter| self.filters.contains(&filter.key.as_str());
        if let Some(filter) = filters.iter().find(|filter| !is_known(filter)) {
            let message = format!("The filter '{}' is invalid", filter.key);
            return Err(refused("InvalidParameterValue", message));
        }
        let ids: BTreeSet<_> = form.list(self.ids).into_iter().collect();
        let there: BTreeSet<_> = rows.iter().map(|row| &row.id).collect();
        if let Some(id) = ids.iter().find(|id| !there.contains(id)) {
            let message = format!("The ID '{id}' does not exist");
            return Err(Error::service(ErrorKind::NotFound, self.unknown, message));
        }
        rows.retain(|row| {
            let is_named = ids.is_empty() || ids.contains(&row.id);
            is_named && filters.iter().all(|filter| row.passes(filter))
        });
        let first = first_row(form, rows.len())?;
        let size = page_size(form)?;
        let rest = rows.len().saturating_sub(first);
        let more = size.is_some_and(|size| size < rest);
        let end = size.map(|size| first + size).filter(|_| more);
        let nodes = rows.into_iter().skip(first).map(|row| row.node);
        let nodes = nodes.take(size.unwrap_or(usize::MAX)).collect();
        Ok(listing(self.items, nodes, end.map(|end| end.to_string())))
    }
}

impl Row {
    /// A row of members, each with the filter that compares it, and of others.
    pub(super) fn of(
        id: String,
        facts: Vec<(&'static str, &'static str, String)>,
        more: Vec<(&'static str, Node)>,
    ) -> Self {
        let members = facts
            .iter()
            .map(|(member, _, value)| (*member, Node::text(value)));
        let node = Node::Members(members.chain(more).collect());
        let facts = facts.into_iter().map(|(_, filter, value)| (filter, value));
        Self {
            id,
            facts: facts.collect(),
            node,
        }
    }

    fn passes(&self, filter: &QueryFilter) -> bool {
        let mut facts = self.facts.iter();
        facts.any(|(key, value)| *key == filter.key && filter.matches(value))
    }
}

/// The number of the row at which the page begins: the token is that number.
fn first_row(form: &Form, rows: usize) -> Result<usize> {
    let Some(token) = form.text("NextToken").filter(|token| !token.is_empty()) else {
        return Ok(0);
    };
    let first = token.parse().ok().filter(|first| *first <= rows);
    first.ok_or_else(|| refused("InvalidNextToken", "The token is not one of this listing"))
}

fn page_size(form: &Form) -> Result<Option<usize>> {
    let Some(text) = form.text("MaxResults") else {
        return Ok(None);
    };
    match text.parse() {
        Ok(size) if SIZES.contains(&size) => Ok(Some(size)),
        _ => {
            let message = format!("Value ( {text} ) for parameter maxResults is invalid.");
            Err(refused("InvalidParameterValue", message))
        }
    }
}
