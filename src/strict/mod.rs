//! Reads the JSON of files that people write, and refuses members that their types do not have.
//!
//! serde gives the reader each structure's members, so no list of them is needed here.

mod reader;
mod refusal;
mod tree;

use serde::de::DeserializeOwned;
use serde_json::{Deserializer, Value};

use self::reader::Reading;
use self::tree::Tree;
use crate::error::{Error, Result, Violation};

/// Reads a JSON text.
///
/// The error lists every unknown member with its path and the nearest name, and every value that
/// cannot be read with its path. If the text is not JSON, it lists the unknown members before that
/// place. It quotes no value, because a value can hold credentials.
///
/// In structures of the names in `lenient`, which AWS's commands print, unknown members are ignored.
pub(crate) fn read<T: DeserializeOwned>(
    json: &str,
    what: &'static str,
    lenient: &[&str],
) -> Result<T> {
    let mut text = Deserializer::from_str(json);
    let (tree, mut broken) = Tree::read(&mut text);
    if broken.is_none() {
        broken = text.end().err().map(|error| not_json("", &error));
    }
    let mut reading = Reading::new(lenient);
    let read = reading.read::<T>(&tree);
    finish::<T, T>(json, what, read, reading, broken)
}

/// Reads a JSON text of any number of documents in a row; errors as in [`read`].
pub(crate) fn read_all<T: DeserializeOwned>(
    json: &str,
    what: &'static str,
    lenient: &[&str],
) -> Result<Vec<T>> {
    let mut text = Deserializer::from_str(json);
    let mut reading = Reading::new(lenient);
    let mut documents = Vec::new();
    let mut broken = None;
    while broken.is_none() && text.end().is_err() {
        let (tree, fault) = Tree::read(&mut text);
        documents.extend(reading.read::<T>(&tree));
        broken = fault;
    }
    finish::<T, _>(json, what, Some(documents), reading, broken)
}

/// Reads a JSON value; errors as in [`read`].
#[cfg(feature = "emulator")]
pub(crate) fn read_value<T: DeserializeOwned>(
    value: &Value,
    what: &'static str,
    lenient: &[&str],
) -> Result<T> {
    read(&value.to_string(), what, lenient)
}

/// The value, or the error of everything that is wrong with the text.
fn finish<D: DeserializeOwned, T>(
    json: &str,
    what: &'static str,
    read: Option<T>,
    reading: Reading<'_>,
    broken: Option<Violation>,
) -> Result<T> {
    let mut found = reading.unknown;
    match broken {
        // What else cannot be read is missing because the text ends there.
        Some(broken) => found.push(broken),
        None => {
            let mut unreadable = reading.unreadable;
            if let (Some(first), Some(place)) = (unreadable.first_mut(), place::<D>(json)) {
                first.legal += &place;
            }
            found.append(&mut unreadable);
        }
    }
    match read {
        Some(read) if found.is_empty() => Ok(read),
        _ => Err(Error::invalid_input(found).with_operation(what)),
    }
}

/// Where serde_json stops, which knows lines and columns but no paths.
fn place<D: DeserializeOwned>(json: &str) -> Option<String> {
    let documents = Deserializer::from_str(json).into_iter::<D>();
    let error = documents.filter_map(std::result::Result::err).next()?;
    Some(format!(
        " (line {} column {})",
        error.line(),
        error.column()
    ))
}

fn not_json(path: &str, error: &serde_json::Error) -> Violation {
    violation(path, format!("not JSON: {error}"))
}

fn violation(path: &str, legal: String) -> Violation {
    let path = if path.is_empty() { "the text" } else { path };
    Violation::new(path, "", legal)
}
