//! Why a value cannot be read, without the value.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

/// Why a value cannot be read.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A required member is absent.
    Absent(&'static str),
    /// It is not what it must be.
    Unfit(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(_) => f.write_str("required"),
            Self::Unfit(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Refusal {}

impl Error for Refusal {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self::Unfit(reason.to_string())
    }

    fn invalid_type(given: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (given, expected) = (kind(given), in_json(expected));
        Self::Unfit(format!("must be {expected}, not {given}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Unfit(format!("must be {}", in_json(expected)))
    }

    fn unknown_variant(_: &str, legal: &'static [&'static str]) -> Self {
        Self::Unfit(format!("must be one of {}", legal.join(", ")))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Absent(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::Unfit(format!("has `{name}` twice"))
    }
}

/// What a type expects, in JSON's words rather than Rust's.
fn in_json(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    match text.as_str() {
        "a sequence" => "an array".to_owned(),
        "a map" => "an object".to_owned(),
        "u8" | "u16" | "u32" | "u64" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".to_owned(),
        _ => text,
    }
}

fn kind(given: Unexpected<'_>) -> &'static str {
    match given {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Other(_) => "a number",
        Unexpected::Float(_) => "a fraction",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "an object",
        _ => "a text",
    }
}
