//! Pages as the service cuts them.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::check;
use super::identity::Row;
use crate::backend::Operation;
use crate::error::Result;
use crate::memory::store::State;
use crate::page::{Page, PageRequest, PageToken};

/// How large a page of an operation may be, and how large it is if nothing is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    min: u32,
    max: u32,
    default: u32,
}

impl Bounds {
    /// Those of the listings of baselines, groups and patches. The default is our choice; the model
    /// names none.
    pub(super) const TO_100: Self = Self::new(1, 100, 50);

    /// Those of the accounts that a document is shared with.
    pub(super) const TO_200: Self = Self::new(1, 200, 200);

    /// Those of patch properties, compliance and commands.
    pub(super) const TO_50: Self = Self::new(1, 50, 50);

    pub(crate) const fn new(min: u32, max: u32, default: u32) -> Self {
        Self { min, max, default }
    }
}

/// Cuts a page out of a listing that can begin anywhere, so that it costs what is on it, however
/// much comes before and after.
///
/// `rows` lists from a place on, or from the beginning; `place` is where a row is. `listing_key` is
/// whatever tells this listing from others of the operation: its filters. A token of another listing
/// is refused, as is a page size out of bounds.
pub(super) fn page_from<T, I: Iterator<Item = T>>(
    rows: impl FnOnce(Option<&str>) -> I,
    place: impl Fn(&T) -> String,
    request: &PageRequest,
    operation: Operation,
    bounds: Bounds,
    listing_key: &str,
    cap: Option<u32>,
) -> Result<Page<T>> {
    let asked = request.max_results.unwrap_or(bounds.default);
    if !(bounds.min..=bounds.max).contains(&asked) {
        return Err(check::refused(
            operation,
            format!(
                "Value '{asked}' at 'maxResults' failed to satisfy constraint: Member must have value between {} and {}",
                bounds.min, bounds.max
            ),
        ));
    }
    let size = cap.map_or(asked, |cap| asked.min(cap.max(1))) as usize;
    let from = match &request.next_token {
        None => None,
        Some(token) => {
            let from = unsealed(token, operation, listing_key);
            Some(from.ok_or_else(|| check::bad_token(operation))?)
        }
    };
    let mut rows = rows(from);
    let items = rows.by_ref().take(size).collect();
    let next = rows.next();
    let next = next.map(|row| token(&place(&row), operation, listing_key));
    Ok(Page::new(items, next))
}

/// The place, sealed with the listing it belongs to.
fn token(place: &str, operation: Operation, listing_key: &str) -> PageToken {
    let seal = seal(place, operation, listing_key);
    PageToken::new(format!("{place}.{seal:016x}"))
}

fn unsealed<'a>(token: &'a PageToken, operation: Operation, listing_key: &str) -> Option<&'a str> {
    let (place, mark) = token.as_str().rsplit_once('.')?;
    let mark = u64::from_str_radix(mark, 16).ok()?;
    (mark == seal(place, operation, listing_key)).then_some(place)
}

fn seal(place: &str, operation: Operation, listing_key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (place, operation, listing_key).hash(&mut hasher);
    hasher.finish()
}

/// Where the row of a token is now.
fn start<T: Row>(items: &[T], from: &str) -> Option<usize> {
    let (number, identity) = from.split_once('-')?;
    let number = usize::from_str_radix(number, 16).ok()?;
    let identity = u64::from_str_radix(identity, 16).ok()?;
    let is_meant = |item: &T| item.identity() == identity;
    if items.get(number).is_some_and(is_meant) {
        return Some(number);
    }
    Some(items.iter().position(is_meant).unwrap_or(number))
}

impl State {
    /// Cuts the page that is asked for, no larger than the backend's cap; see [`page_from`].
    ///
    /// A token names the row that comes next, and where it was: rows that went or came before it
    /// neither hide others nor show any twice. If the row itself is gone, the place counts.
    pub(super) fn page<T: Row>(
        &self,
        items: Vec<T>,
        request: &PageRequest,
        operation: Operation,
        bounds: Bounds,
        listing_key: &str,
    ) -> Result<Page<T>> {
        let rows = |from: Option<&str>| {
            let start = from.and_then(|from| start(&items, from));
            let start = start.unwrap_or_default();
            items.into_iter().enumerate().skip(start)
        };
        let place = |(number, item): &(usize, T)| format!("{number:x}-{:x}", item.identity());
        let page = self.page_from(rows, place, request, operation, bounds, listing_key)?;
        let items = page.items.into_iter().map(|(_, item)| item).collect();
        Ok(Page::new(items, page.next_token))
    }

    /// Cuts the page that is asked for out of a listing that can begin anywhere, no larger than
    /// the backend's cap; see [`page_from`].
    pub(super) fn page_from<T, I: Iterator<Item = T>>(
        &self,
        rows: impl FnOnce(Option<&str>) -> I,
        place: impl Fn(&T) -> String,
        request: &PageRequest,
        operation: Operation,
        bounds: Bounds,
        listing_key: &str,
    ) -> Result<Page<T>> {
        let cap = self.page_size_cap;
        page_from(rows, place, request, operation, bounds, listing_key, cap)
    }
}
