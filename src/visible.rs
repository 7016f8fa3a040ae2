//! Text that is shown: without characters that change how the text around them is shown, and with
//! marks below the part that is wrong.

use std::fmt::{self, Write as _};
use std::ops::Range;

use serde::Serialize;

/// The visible characters of a text, with tabs and line ends: without other control characters, without
/// those that change the text direction, and without byte order marks. The separators of lines and
/// paragraphs are blanks.
pub(crate) fn visible(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter_map(|c| match c {
        '\t' | '\n' | '\r' => Some(c),
        '\u{2028}' | '\u{2029}' => Some(' '),
        c => (!c.is_control() && !is_invisible(c)).then_some(c),
    })
}

/// Whether it changes the direction of the text, or is a byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

/// How many characters of a wrong value are shown.
const LONGEST: usize = 1_000;

/// A value as a message quotes it: in one line, of 1,000 characters at most, and with escapes for what cannot
/// be seen.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.chars();
        for c in rest.by_ref().take(LONGEST) {
            match c {
                '\u{2028}' | '\u{2029}' => write!(f, "{}", c.escape_default())?,
                c if c.is_control() || is_invisible(c) => write!(f, "{}", c.escape_default())?,
                c => f.write_char(c)?,
            }
        }
        match rest.count() {
            0 => Ok(()),
            left => write!(f, "… and {left} characters"),
        }
    }
}

/// A message that quotes a value of any length: of more than 1,000 characters the first 800 and the last 200.
#[cfg(feature = "emulator")]
pub(crate) fn shortened(message: &str) -> String {
    let count = message.chars().count();
    if count <= LONGEST {
        return message.to_owned();
    }
    let start: String = message.chars().take(800).collect();
    let end: String = message.chars().skip(count - 200).collect();
    format!("{start}… {} characters …{end}", count - LONGEST)
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

/// A text and the part of it that is wrong; it prints as the text with carets below the part. Of a text of more
/// than 1,000 characters it prints the 1,000 around the part.
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
        let (start, end) = (self.column(self.start), self.column(self.end));
        let first = match self.text.chars().nth(LONGEST) {
            Some(_) => start.saturating_sub(LONGEST / 2),
            None => 0,
        };
        let mut shown = self.text.chars().skip(first);
        write!(f, "{margin}{}", if first > 0 { "…" } else { "" })?;
        for c in shown.by_ref().take(LONGEST) {
            // A line break or an escape in the text would move the carets and break the layout.
            f.write_char(if c.is_control() { ' ' } else { c })?;
        }
        let cut = if shown.next().is_some() { "…" } else { "" };
        let indent = " ".repeat(start - first + usize::from(first > 0));
        let carets = (end - start).min(LONGEST - (start - first)).max(1);
        let carets = "^".repeat(carets);
        write!(f, "{cut}\n{margin}{indent}{carets}")
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, "")
    }
}
