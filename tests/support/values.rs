//! Values that tests write as text.

use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{Patch, QueryFilter, Tag};
use aws_patch_manager::{Error, PolicySchedule};
use jiff::Timestamp;
use serde_json::Value;

/// An instant in UTC: a date, a date with its minute, or with its second; a `Z` may end it.
pub(crate) fn at(text: &str) -> Timestamp {
    let whole = match text.len() {
        _ if text.ends_with('Z') => text.to_owned(),
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{text}:00Z"),
        _ => format!("{text}Z"),
    };
    whole
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The fields that an error refuses, in its order.
pub(crate) fn fields(error: &Error) -> Vec<&str> {
    let violations = error.violations().iter();
    violations.map(|one| one.field.as_str()).collect()
}

/// Filters of one value each, by their keys.
pub(crate) fn filters(of: &[(&str, &str)]) -> Vec<QueryFilter> {
    of.iter()
        .map(|(key, value)| QueryFilter::new(*key, [*value]))
        .collect()
}

/// A patch as DescribeAvailablePatches answers it.
pub(crate) fn patch(members: Value) -> Patch {
    serde_json::from_value(members).unwrap()
}

/// A policy for the patch group `web`.
pub(crate) fn web_policy() -> PolicySchedule {
    PolicySchedule::daily_scan_weekly_install("web")
        .targets(PolicyTargets::Tag(Tag::new("Patch Group", "web")))
}

/// A generator that repeats its numbers for the same seed.
#[derive(Debug)]
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
