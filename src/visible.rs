//! Text that is shown: without characters that change how the text around them is shown.

/// The visible characters of a text, with tabs and line ends: without other control characters, and
/// without those that change the text direction.
pub(crate) fn visible(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| match c {
        '\t' | '\n' | '\r' => true,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        c => !c.is_control(),
    })
}

/// The visible characters of a text in one line.
pub(crate) fn visible_line(text: &str) -> String {
    let visible = visible(text).map(|c| match c {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
        c => c,
    });
    visible.collect()
}
