//! Reads members as events spell them.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An instant; `None` for text that is no instant. An event is worth more than its dates.
pub(super) fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let value = Option::<Value>::deserialize(from)?;
    let text = value.as_ref().and_then(Value::as_str);
    Ok(text.and_then(|text| text.parse().ok()))
}

/// A status of the API. The event reference writes `Canceled`, the API `Cancelled`.
pub(super) fn status<'de, D, T>(from: D) -> Result<T, D::Error>
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
pub(super) fn upper<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    Ok(T::from(String::deserialize(from)?.to_ascii_uppercase()))
}

/// The same of a member that may be absent.
pub(super) fn upper_option<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    let text = Option::<String>::deserialize(from)?;
    Ok(text.map(|text| T::from(text.to_ascii_uppercase())))
}

/// A text; `None` for `Optional.empty`, which an example of the User Guide has in place of a version.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.is_empty() && text != "Optional.empty"))
}
