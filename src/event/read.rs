//! Reads events, and their members as events spell them.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::envelope::NAME;
use crate::error::{Error, Result, Violation};
use crate::strict;

/// What stands for a required member that is missing, to find those behind it: an id, a status, a text and an
/// instant can all be read from it.
const STAND_IN: &str = "1970-01-01T00:00:00Z";

/// Reads the members of an event that this structure has. Unknown ones are ignored: AWS adds members.
///
/// A structure is read until its first missing member. So each is replaced, and the event read again, to
/// report all of them.
pub(super) fn event<T: DeserializeOwned>(
    event: &Map<String, Value>,
    structure: &'static str,
) -> Result<T> {
    let mut filled = event.clone();
    let mut found: Vec<Violation> = Vec::new();
    loop {
        let read = strict::read_value(Value::Object(filled.clone()), "the event", &[structure]);
        let error = match read {
            Ok(read) if found.is_empty() => return Ok(read),
            Ok(_) => return Err(Error::invalid_input(found).with_operation(NAME)),
            Err(error) => error,
        };
        let mut is_new = false;
        for violation in error.violations() {
            if found.iter().all(|known| known.field != violation.field) {
                is_new |= fill(&mut filled, &violation.field);
                found.push(violation.clone());
            }
        }
        if !is_new {
            return Err(Error::invalid_input(found).with_operation(NAME));
        }
    }
}

/// Puts the stand-in in the place of a member of the event or of its detail.
fn fill(event: &mut Map<String, Value>, path: &str) -> bool {
    let (of, member) = match path.strip_prefix("detail.") {
        Some(member) => (
            event.get_mut("detail").and_then(Value::as_object_mut),
            member,
        ),
        None => (Some(event), path),
    };
    let stand_in = || Value::from(STAND_IN);
    of.map(|of| of.insert(member.to_owned(), stand_in()))
        .is_some()
}

/// An instant; `None` for text that is no instant. An event is worth more than its dates.
pub(super) fn instant<'de, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<Timestamp>, D::Error> {
    let value = Option::<Value>::deserialize(from)?;
    let text = value.as_ref().and_then(Value::as_str);
    Ok(text.and_then(|text| text.parse().ok()))
}

/// A status of the API. The event reference writes `Canceled`, the API `Cancelled`.
pub(super) fn status<'de, D, T>(from: D) -> std::result::Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    let text = String::deserialize(from)?;
    Ok(T::from(match text.as_str() {
        "Canceled" => "Cancelled".to_owned(),
        _ => text,
    }))
}

/// A constant of the API, which writes it in upper case.
pub(super) fn upper<'de, D, T>(from: D) -> std::result::Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    Ok(T::from(String::deserialize(from)?.to_ascii_uppercase()))
}

/// The same of a member that may be absent.
pub(super) fn upper_option<'de, D, T>(from: D) -> std::result::Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    let text = Option::<String>::deserialize(from)?;
    Ok(text.map(|text| T::from(text.to_ascii_uppercase())))
}

/// A text; `None` for `Optional.empty`, which an example of the User Guide has in place of a version.
pub(super) fn text<'de, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.is_empty() && text != "Optional.empty"))
}
