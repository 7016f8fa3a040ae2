use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// A text and the part of it that is wrong, shown as the text with carets below the part.
///
/// ```
/// use aws_patch_manager::Excerpt;
///
/// let excerpt = Excerpt::new("cron(60 2 ? * SUN *)", 5..7);
/// assert_eq!(excerpt.to_string(), "cron(60 2 ? * SUN *)\n     ^^");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Excerpt {
    text: String,
    start: usize,
    end: usize,
}

impl Excerpt {
    /// The part at these bytes; what lies outside the text is left out.
    ///
    /// A range that does not fall on the borders of characters is widened to them.
    pub fn new(text: impl Into<String>, range: Range<usize>) -> Self {
        let text = text.into();
        let end = (range.end.min(text.len())..)
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(text.len());
        let start = (0..=range.start.min(end))
            .rfind(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        Self { text, start, end }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the wrong part stands, in bytes.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// How many characters the text has before an offset; each takes one column.
    fn column(&self, offset: usize) -> usize {
        self.text
            .char_indices()
            .take_while(|(at, _)| *at < offset)
            .count()
    }

    /// Writes both lines with this in front of each.
    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>, margin: &str) -> fmt::Result {
        // A line break or an escape in the text would move the carets, and more than them.
        let line = self.text.replace(char::is_control, " ");
        let start = self.column(self.start);
        let carets = "^".repeat((self.column(self.end) - start).max(1));
        // A width in a format ends at 65,535; the text may be longer.
        let indent = " ".repeat(start);
        write!(f, "{margin}{line}\n{margin}{indent}{carets}")
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, "")
    }
}
