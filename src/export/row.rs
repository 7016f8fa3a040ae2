use std::collections::HashMap;

use jiff::Timestamp;
#[cfg(feature = "data-sync")]
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};

/// A row: the members of a JSON object on a line of a file, or the columns of a table, each a text.
///
/// The case of their names does not matter, as in the SerDe of this format.
#[derive(Debug)]
pub(crate) struct Row {
    members: HashMap<String, String>,
}

impl Row {
    /// Reads a line. Numbers and booleans count as their text, and null as absent.
    #[cfg(feature = "data-sync")]
    pub(crate) fn read(line: &[u8]) -> Result<Self> {
        let read: serde_json::Result<serde_json::Map<String, Value>> = serde_json::from_slice(line);
        let object = read.map_err(|error| {
            // The error shows neither the line's content nor the parser's excerpt of it.
            broken(format!("no JSON object at column {}", error.column()))
        })?;
        let text = |value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        let members = object.into_iter();
        Ok(Self {
            members: members
                .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), text(value)?)))
                .collect(),
        })
    }

    /// A row of a table, by the names of its columns. A column without a value is absent.
    pub(crate) fn of<C: AsRef<str>>(columns: &[C], values: Vec<Option<String>>) -> Self {
        let named = columns.iter().zip(values);
        let members =
            named.filter_map(|(name, value)| Some((name.as_ref().to_ascii_lowercase(), value?)));
        Self {
            members: members.collect(),
        }
    }

    /// A member that is present and not empty: inventory writes an empty text for an absent value.
    pub(crate) fn optional(&self, member: &str) -> Option<&str> {
        let value = self.members.get(&member.to_ascii_lowercase())?;
        Some(value.as_str()).filter(|text| !text.is_empty())
    }

    /// A member, empty if it is absent.
    pub(crate) fn text(&self, member: &str) -> String {
        self.optional(member).unwrap_or_default().to_owned()
    }

    /// A member that must be there.
    pub(crate) fn required(&self, member: &str) -> Result<&str> {
        let missing = || broken(format!("no {member}"));
        self.optional(member).ok_or_else(missing)
    }

    /// A whole number, which inventory writes as decimal text.
    pub(crate) fn number<N: std::str::FromStr>(&self, member: &str) -> Result<Option<N>> {
        let number = self.optional(member).map(str::parse);
        number
            .transpose()
            .map_err(|_| broken(format!("{member} is not a whole number in range")))
    }

    /// An instant in ISO 8601.
    pub(crate) fn instant(&self, member: &str) -> Result<Option<Timestamp>> {
        let instant = self.optional(member).map(str::parse);
        instant
            .transpose()
            .map_err(|_| broken(format!("{member} is not an ISO 8601 timestamp")))
    }

    /// An instant that must be there.
    pub(crate) fn required_instant(&self, member: &str) -> Result<Timestamp> {
        let missing = || broken(format!("no {member}"));
        self.instant(member)?.ok_or_else(missing)
    }
}

/// The error of unexpected content.
pub(crate) fn broken(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidResponse, message)
}
