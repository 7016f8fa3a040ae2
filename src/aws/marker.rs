//! Marks on what is made by calls without a client token, so that it is found where the answer was lost.

/// How many random digits a mark ends with.
const DIGITS: usize = 16;

/// A text of a request that can carry a mark, and that the service gives back.
#[derive(Clone, Copy)]
pub(super) struct Field {
    /// The most characters that the service takes.
    most: usize,
    /// What stands between the caller's own text and the random digits, in characters that the
    /// field takes. Digits are lower-case hexadecimal.
    lead: &'static str,
}

impl Field {
    /// The comment of SendCommand: any 100 characters.
    pub(super) const COMMENT: Self = Self::new(100, " ~apm-");

    /// A tag's value, all of which is the mark.
    pub(super) const TAG: Self = Self::new(256, "");

    pub(super) const fn new(most: usize, lead: &'static str) -> Self {
        Self { most, lead }
    }

    /// A new mark behind the caller's own text; `None` if the text leaves no room for one.
    pub(super) fn mark(self, text: Option<&str>) -> Option<Marker> {
        let digits = format!("{:0DIGITS$x}", fastrand::u64(..));
        let suffix = format!("{}{digits}", self.lead);
        let text = format!("{}{suffix}", text.unwrap_or_default());
        (text.chars().count() <= self.most).then_some(Marker { text, suffix })
    }

    /// The caller's own text.
    pub(super) fn unmarked(self, text: &str) -> &str {
        let is_digit = |c: char| matches!(c, '0'..='9' | 'a'..='f');
        match text.rsplit_once(self.lead) {
            Some((own, digits)) if digits.len() == DIGITS && digits.chars().all(is_digit) => own,
            _ => text,
        }
    }
}

/// A text with a mark that no other text has.
pub(super) struct Marker {
    text: String,
    suffix: String,
}

impl Marker {
    /// The whole text, which the request carries.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a text that the service gives back is this one.
    pub(super) fn is_on(&self, text: Option<&str>) -> bool {
        text.is_some_and(|text| text.ends_with(&self.suffix))
    }
}
