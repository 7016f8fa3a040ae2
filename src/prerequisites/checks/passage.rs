//! Whether security group rules let traffic through, as far as they are known.

use ipnet::Ipv4Net;

use crate::prerequisites::{Evidence, Severity};

/// The port of every endpoint.
pub(super) const HTTPS: u16 = 443;

/// Whether traffic gets through.
#[derive(Debug)]
pub(super) enum Passage {
    Free,
    Shut,
    /// It depends on what is unknown.
    Doubtful(Vec<Evidence>),
}

impl Passage {
    /// How severe it is; `None` if traffic gets through.
    pub(super) fn severity(&self) -> Option<Severity> {
        match self {
            Self::Free => None,
            Self::Shut => Some(Severity::Error),
            Self::Doubtful(_) => Some(Severity::Unknown),
        }
    }

    /// The word between "do" and "not".
    pub(super) fn how(&self) -> &'static str {
        match self {
            Self::Doubtful(_) => "may",
            _ => "does",
        }
    }

    pub(super) fn doubts(self) -> Vec<Evidence> {
        match self {
            Self::Doubtful(doubts) => doubts,
            _ => Vec::new(),
        }
    }

    /// Whether one of several ways is free.
    pub(super) fn any(ways: impl IntoIterator<Item = Self>) -> Self {
        let mut doubts = Vec::new();
        for way in ways {
            match way {
                Self::Free => return Self::Free,
                Self::Shut => {}
                Self::Doubtful(more) => doubts.extend(more),
            }
        }
        match doubts.is_empty() {
            true => Self::Shut,
            false => Self::Doubtful(doubts),
        }
    }

    pub(super) fn doubtful(resource: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::Doubtful(vec![Evidence::new(resource, seen)])
    }

    /// Through a prefix list; no listing returns its ranges.
    pub(super) fn by_list(list: &str) -> Self {
        Self::doubtful(list, "a prefix list; its ranges are unknown")
    }

    /// Through a group that was not listed.
    pub(super) fn by_unlisted(group: &str) -> Self {
        Self::doubtful(group, "a security group that was not listed")
    }

    /// Through a rule for `range`, to or from `place`.
    pub(super) fn by_range(range: &Ipv4Net, place: &Ipv4Net) -> Self {
        if range.contains(place) {
            Self::Free
        } else if place.contains(range) {
            let seen = format!("a rule covers only {range} of it");
            Self::doubtful(place.to_string(), seen)
        } else {
            Self::Shut
        }
    }
}
