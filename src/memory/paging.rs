//! Pages as the service cuts them.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::check;
use crate::error::Result;
use crate::page::{Page, PageRequest, PageToken};

/// How large a page of an operation may be, and how large it is where nothing is asked.
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

    /// Those of patch properties, compliance and commands.
    pub(super) const TO_50: Self = Self::new(1, 50, 50);

    pub(crate) const fn new(min: u32, max: u32, default: u32) -> Self {
        Self { min, max, default }
    }
}

/// Cuts the page that is asked for, never larger than the cap; [`State::page`] passes the backend's.
///
/// `listing_key` is whatever tells this listing from others of the operation: its filters. A token
/// of another listing is refused, as is a page size out of bounds.
///
/// [`State::page`]: super::state::State::page
pub(crate) fn page<T>(
    items: Vec<T>,
    request: &PageRequest,
    operation: &'static str,
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
    let start = match &request.next_token {
        None => 0,
        Some(token) => {
            offset(token, operation, listing_key).ok_or_else(|| check::bad_token(operation))?
        }
    };
    let end = start.saturating_add(size);
    let next = (end < items.len()).then(|| token(end, operation, listing_key));
    let items = items.into_iter().skip(start).take(size).collect();
    Ok(Page::new(items, next))
}

/// The offset, sealed with the listing it belongs to.
fn token(offset: usize, operation: &str, listing_key: &str) -> PageToken {
    PageToken::new(format!(
        "{offset:x}.{:016x}",
        seal(offset, operation, listing_key)
    ))
}

fn offset(token: &PageToken, operation: &str, listing_key: &str) -> Option<usize> {
    let (offset, mark) = token.as_str().split_once('.')?;
    let offset = usize::from_str_radix(offset, 16).ok()?;
    let mark = u64::from_str_radix(mark, 16).ok()?;
    (mark == seal(offset, operation, listing_key)).then_some(offset)
}

fn seal(offset: usize, operation: &str, listing_key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (offset, operation, listing_key).hash(&mut hasher);
    hasher.finish()
}
