use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};

/// A row: the members of a JSON object on a line of a file, or the columns of a table, each a text. It
/// borrows the line.
///
/// The case of their names does not matter, as in the SerDe of this format.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    members: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// A name or a value. Numbers and booleans count as their text, and other values as absent.
struct Text<'a>(Option<Cow<'a, str>>);

impl<'a> Row<'a> {
    /// Reads a line.
    #[cfg(feature = "data-sync")]
    pub(crate) fn read(line: &'a [u8]) -> Result<Self> {
        serde_json::from_slice(line).map_err(|error: serde_json::Error| {
            // The error shows neither the line's content nor the parser's excerpt of it.
            broken(format!("no JSON object at column {}", error.column()))
        })
    }

    /// A row of a table, by the names of its columns. A column without a value is absent.
    pub(crate) fn of<C: AsRef<str>>(columns: &'a [C], values: Vec<Option<String>>) -> Self {
        let named = columns.iter().zip(values);
        let members =
            named.filter_map(|(name, value)| Some((name.as_ref().into(), Cow::Owned(value?))));
        Self {
            members: members.collect(),
        }
    }

    /// A member that is present and not empty: inventory writes an empty text for an absent value.
    pub(crate) fn optional(&self, member: &str) -> Option<&str> {
        // The last one counts, as in other readers of JSON.
        let mut members = self.members.iter().rev();
        let (_, value) = members.find(|(name, _)| name.eq_ignore_ascii_case(member))?;
        Some(value.as_ref()).filter(|text| !text.is_empty())
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

impl<'de> Deserialize<'de> for Row<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Row<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
                let mut members = Vec::with_capacity(24);
                while let Some((name, value)) = map.next_entry::<Text<'de>, Text<'de>>()? {
                    members.extend(name.0.zip(value.0));
                }
                Ok(Row { members })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl Text<'_> {
    fn of(value: &Value) -> Self {
        Self(match value {
            Value::String(text) => Some(Cow::Owned(text.clone())),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            Value::Bool(flag) => Some(Cow::Owned(flag.to_string())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        })
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Text<'de>, E> {
                Ok(Text::of(&Value::from(flag)))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text::of(&Value::from(number)))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Text<'de>, E> {
                Ok(Text::of(&Value::from(number)))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Text<'de>, E> {
                Ok(Text::of(&Value::from(number)))
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Text<'de>, A::Error> {
                let value = Value::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(Text::of(&value))
            }

            /// With a feature that another crate can set, serde_json passes numbers as objects too.
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text<'de>, A::Error> {
                let value = Value::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Text::of(&value))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// The error of unexpected content.
pub(crate) fn broken(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidResponse, message)
}
