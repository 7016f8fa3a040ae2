//! Text that is shown: without characters that change how the text around them is shown, and with
//! marks below the part that is wrong.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// The visible characters of a text, with tabs and line ends: without other control characters, without
/// those that change the text direction, and without byte order marks. The separators of lines and
/// paragraphs are blanks.
pub(crate) fn visible(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter_map(|c| match c {
        '\t' | '\n' | '\r' => Some(c),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            None
        }
        '\u{feff}' => None,
        '\u{2028}' | '\u{2029}' => Some(' '),
        c => (!c.is_control()).then_some(c),
    })
}

/// Writes each warning in a line of its own, below what is written already.
pub(crate) fn write_warnings<W: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    warnings: &[W],
) -> fmt::Result {
    warnings
        .iter()
        .try_for_each(|warning| write!(f, "\nwarning: {}", visible_line(&warning.to_string())))
}

/// The visible characters of a text in one line.
pub(crate) fn visible_line(text: &str) -> String {
    let visible = visible(text).map(|c| match c {
        '\t' | '\n' | '\r' => ' ',
        c => c,
    });
    visible.collect()
}

/// A text and the part of it that is wrong; it prints as the text with carets below the part.
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
    /// The part at these bytes; bytes outside the text are ignored.
    ///
    /// The range is widened to whole characters.
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

    /// The bytes of the wrong part.
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

    /// Writes both lines, each after this indent.
    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>, margin: &str) -> fmt::Result {
        // A line break or an escape in the text would move the carets and break the layout.
        let line = self.text.replace(char::is_control, " ");
        let start = self.column(self.start);
        let carets = "^".repeat((self.column(self.end) - start).max(1));
        // The width of a format is at most 65,535; the text may be longer.
        let indent = " ".repeat(start);
        write!(f, "{margin}{line}\n{margin}{indent}{carets}")
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, "")
    }
}
