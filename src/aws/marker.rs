//! Request markers for calls without a client token, to find what they created if the answer was
//! lost.

/// The number of random digits at the end of a marker.
const DIGITS: usize = 16;

/// A text in a request that can hold a marker, and that the service returns.
#[derive(Clone, Copy)]
pub(super) struct Field {
    /// The most characters that the service allows.
    most: usize,
    /// The text between the caller's own text and the random digits, in characters that the field
    /// allows. Digits are lower-case hexadecimal.
    lead: &'static str,
}

impl Field {
    /// The comment of SendCommand: any 100 characters.
    pub(super) const COMMENT: Self = Self::new(100, " ~apm-");

    /// A tag's value, which is only the marker.
    pub(super) const TAG: Self = Self::new(256, "");

    pub(super) const fn new(most: usize, lead: &'static str) -> Self {
        Self { most, lead }
    }

    /// The caller's own text with a new marker at its end; `None` if it is too long.
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

/// A text with a unique marker.
pub(super) struct Marker {
    text: String,
    suffix: String,
}

impl Marker {
    /// The whole text, for the request.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a text that the service returned is this one.
    pub(super) fn is_on(&self, text: Option<&str>) -> bool {
        text.is_some_and(|text| text.ends_with(&self.suffix))
    }
}
