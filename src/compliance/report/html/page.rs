//! What every page shares: its beginning, its list of contents, its headings and its end.

use std::fmt::{self, Write};

use super::{Escaped, Name};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What a page may load and run: nothing but its own style and script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      base-uri 'none'; form-action 'none'";

/// A self-contained page in the style of the reports. What is written to it comes after the list of
/// contents, which [`heading`](Self::heading) fills.
pub(crate) struct Page {
    head: String,
    body: String,
    /// The id and the text of each heading.
    contents: Vec<(String, String)>,
}

impl Page {
    /// A page with this title and the line below it. `style` comes after the common rules.
    pub(crate) fn new(title: &str, line: &str, style: &str) -> Self {
        let (tab, title, line) = (Escaped(title), Name(title), Name(line));
        let head = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{tab}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n\
             <body>\n<main>\n<h1>{title}</h1>\n<p>{line}</p>\n"
        );
        Self {
            head,
            body: String::new(),
            contents: Vec::new(),
        }
    }

    /// Another line below the title.
    pub(crate) fn line(&mut self, line: &str) {
        self.head.push_str(&format!("<p>{}</p>\n", Name(line)));
    }

    /// A heading of our own words, which the list of contents links to. Returns its id.
    pub(crate) fn heading(&mut self, heading: &str) -> Result<String, fmt::Error> {
        let id = heading.to_lowercase().replace(' ', "-");
        self.heading_with_id(&id, heading)?;
        Ok(id)
    }

    /// The same with an id that does not follow from the words.
    pub(crate) fn heading_with_id(&mut self, id: &str, heading: &str) -> fmt::Result {
        self.contents.push((id.to_owned(), heading.to_owned()));
        writeln!(self, "<h2 id=\"{id}\">{heading}</h2>")
    }

    /// How many bytes its body has.
    pub(super) fn len(&self) -> usize {
        self.body.len()
    }

    /// Writes text where the body had this length.
    pub(super) fn insert(&mut self, at: usize, text: &str) {
        self.body.insert_str(at, text);
    }

    /// The page, with the script that sorts and filters its tables.
    pub(crate) fn finish(self) -> String {
        let mut page = self.head;
        page.push_str("<nav aria-label=\"Contents\">\n<ul>\n");
        for (id, heading) in &self.contents {
            page.push_str(&format!("<li><a href=\"#{id}\">{heading}</a></li>\n"));
        }
        page.push_str("</ul>\n</nav>\n");
        page.push_str(&self.body);
        page.push_str(&format!(
            "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
        ));
        page
    }
}

impl Write for Page {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.body.push_str(text);
        Ok(())
    }
}
