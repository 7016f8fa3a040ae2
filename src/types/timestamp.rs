//! Timestamps as AWS writes them: epoch seconds or ISO 8601 when read, ISO 8601 when written.
//!
//! For use with `#[serde(with = "aws_patch_manager::types::timestamp")]` on a [`jiff::Timestamp`].

use std::fmt;

use jiff::Timestamp;
use serde::de::{self, Unexpected, Visitor};
use serde::{Deserializer, Serializer};

/// The first and the last instant that can be read, in whole seconds.
const FIRST_INSTANT: &str = "-009999-01-02T01:59:59Z";
pub(crate) const LAST_INSTANT: &str = "9999-12-30T22:00:00Z";

/// Writes the instant as ISO 8601 in UTC.
pub fn serialize<S: Serializer>(value: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Reads epoch seconds (whole or fractional) or an ISO 8601 text with an offset.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    deserializer.deserialize_any(InstantVisitor)
}

/// The same for an optional field.
pub mod option {
    use super::{InstantVisitor, Timestamp};
    use serde::{Deserialize, Deserializer, Serializer};

    struct Instant(Timestamp);

    impl<'de> Deserialize<'de> for Instant {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(InstantVisitor).map(Instant)
        }
    }

    /// Writes the instant as ISO 8601 in UTC, or null.
    pub fn serialize<S: Serializer>(
        value: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(instant) => super::serialize(instant, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads epoch seconds, an ISO 8601 text, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Instant>::deserialize(deserializer)?.map(|instant| instant.0))
    }
}

struct InstantVisitor;

impl Visitor<'_> for InstantVisitor {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("epoch seconds or an ISO 8601 timestamp with an offset")
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Timestamp, E> {
        let seconds = i64::try_from(seconds).map_err(E::custom)?;
        Timestamp::from_second(seconds).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Timestamp, E> {
        Timestamp::from_second(seconds).map_err(E::custom)
    }

    // The service sends at most milliseconds; finer digits of the binary fraction are noise.
    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Timestamp, E> {
        let millis = (seconds * 1000.0).round();
        if !millis.is_finite() || millis.abs() > 1e15 {
            return Err(E::custom(format!(
                "{seconds} is not a number of epoch seconds"
            )));
        }
        Timestamp::from_millisecond(millis as i64).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
        text.parse().map_err(|error: jiff::Error| {
            if error.is_range() {
                return E::custom(format!(
                    "must be an instant from {FIRST_INSTANT} to {LAST_INSTANT}"
                ));
            }
            E::invalid_value(Unexpected::Str(text), &self)
        })
    }
}
