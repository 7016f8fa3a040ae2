use std::ops::Range;

use crate::error::Violation;
use crate::excerpt::Excerpt;

/// A violation in one of the words between the parentheses of `form(inner)`, which its excerpt
/// points at.
pub(super) fn violation_by(
    form: &str,
    inner: &str,
    word: usize,
    field: &str,
    legal: impl Into<String>,
) -> Violation {
    let range = word_range(inner, word);
    let value = inner.get(range.clone()).unwrap_or_default();
    let opening = form.len() + 1;
    Violation::new(field, value, legal).with_excerpt(Excerpt::new(
        format!("{form}({inner})"),
        opening + range.start..opening + range.end,
    ))
}

/// The place of a word, counting from 0; the end if there are fewer.
fn word_range(text: &str, word: usize) -> Range<usize> {
    let mut start = 0;
    let mut words = text
        .split(|c: char| c.is_ascii_whitespace())
        .map(|piece| {
            let range = start..start + piece.len();
            start = range.end + 1;
            range
        })
        .filter(|range| !range.is_empty());
    words.nth(word).unwrap_or(text.len()..text.len())
}
