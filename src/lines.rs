use std::fmt::{self, Write};

/// Writes lines to a `Display`, but for the break after the last one: `println!` adds it.
pub(crate) struct Lines<'a, W> {
    to: &'a mut W,
    /// The line breaks that nothing has followed yet.
    breaks: usize,
}

impl<'a, W: Write> Lines<'a, W> {
    pub(crate) fn to(to: &'a mut W) -> Self {
        Self { to, breaks: 0 }
    }
}

impl<W: Write> Write for Lines<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let line = text.trim_end_matches('\n');
        if !line.is_empty() {
            for _ in 0..std::mem::take(&mut self.breaks) {
                self.to.write_char('\n')?;
            }
            self.to.write_str(line)?;
        }
        self.breaks += text.len() - line.len();
        Ok(())
    }
}
