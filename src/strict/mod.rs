//! Reads and writes the JSON of files that people write, and refuses members that their types do not have.
//!
//! serde gives the reader each structure's members, so no list of them is needed here. A member that is
//! there twice is refused too: a map would silently keep the last one.

mod fills;
mod reader;
mod tree;
mod yaml;

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Deserializer, Value};

pub(crate) use self::fills::enclosing;
use self::reader::Reading;
pub(crate) use self::tree::Document;
use self::tree::Tree;
pub(crate) use self::yaml::read_yaml;
use crate::error::{Error, ErrorKind, Result, Violation};

/// Reads a JSON text.
///
/// The error lists each unknown member with its path and the nearest name, each member that is there
/// twice, and each value that cannot be read with its path: the first 50 of them. If the text is not JSON, it
/// lists the unknown members before that place. It quotes no value, because a value can hold credentials.
///
/// In structures of the names in `lenient`, which AWS's commands print, unknown members are ignored.
pub(crate) fn read<T: DeserializeOwned>(
    json: &str,
    what: &'static str,
    lenient: &[&str],
) -> Result<T> {
    let mut text = Deserializer::from_str(json);
    let (mut tree, mut broken) = Tree::read(&mut text);
    if broken.is_none() {
        broken = text.end().err().map(|error| not_json("", &error));
    }
    let mut reading = Reading::new(lenient);
    reading.drop_repeated(&mut tree);
    let read = reading.read::<T>(&tree);
    finish(read, violations(json, reading, broken), what)
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
        let (mut tree, fault) = Tree::read(&mut text);
        reading.drop_repeated(&mut tree);
        documents.extend(reading.read::<T>(&tree));
        broken = fault;
    }
    finish(Some(documents), violations(json, reading, broken), what)
}

/// Reads a JSON value; errors as in [`read`], without lines and columns. The path of the value itself
/// is empty.
pub(crate) fn read_value<T: DeserializeOwned>(
    value: Value,
    what: &'static str,
    lenient: &[&str],
) -> Result<T> {
    let mut reading = Reading::new(lenient);
    let read = reading.read::<T>(&value.into());
    let mut found = reading.take_unknown();
    found.append(&mut reading.unreadable);
    finish(read, found, what)
}

/// A value of which some parts cannot be read.
#[derive(Debug)]
pub(crate) struct Partial<T> {
    /// The value, with fillers for those parts; `None` if even so it cannot be read.
    pub(crate) value: Option<T>,
    pub(crate) found: Vec<Violation>,
    /// The paths of the parts with fillers: what else is wrong with them is not known.
    pub(crate) filled: BTreeSet<String>,
    /// The paths of the members that the type does not have.
    pub(crate) unknown: Vec<String>,
}

impl<T> Partial<T> {
    pub(crate) fn map<U>(self, of: impl FnOnce(T) -> U) -> Partial<U> {
        let Self {
            value,
            found,
            filled,
            unknown,
        } = self;
        Partial {
            value: value.map(of),
            found,
            filled,
            unknown,
        }
    }
}

/// Reads as much of a JSON value as can be read, so that the rest is checked all the same.
pub(crate) fn read_partial<T: DeserializeOwned>(value: Value) -> Partial<T> {
    let mut reading = Reading::new(&[]);
    let (value, fills) = reading.fill::<T>(&value.into());
    let mut found = reading.take_unknown();
    let unknown = found.iter().map(|one| one.field.clone()).collect();
    found.append(&mut reading.unreadable);
    Partial {
        value,
        found,
        filled: fills.into_paths(),
        unknown,
    }
}

/// Writes a value as the JSON text that [`read`] reads, over several lines.
pub(crate) fn write<T: Serialize>(value: &T, what: &'static str) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(|error| {
        Error::new(ErrorKind::Other, "it cannot be written as JSON")
            .with_operation(what)
            .with_source(error)
    })
}

/// The value, or the error of everything that is wrong.
fn finish<T>(read: Option<T>, found: Vec<Violation>, what: &'static str) -> Result<T> {
    match read {
        Some(read) if found.is_empty() => Ok(read),
        _ => Err(Error::invalid_input(found).with_operation(what)),
    }
}

/// What is wrong with a text.
fn violations(json: &str, mut reading: Reading<'_>, broken: Option<Violation>) -> Vec<Violation> {
    let mut found = reading.take_unknown();
    match broken {
        // What else cannot be read is missing because the text ends there.
        Some(broken) => found.push(broken),
        None => {
            let mut unreadable = reading.unreadable;
            if let (Some(first), Some((document, value))) = (unreadable.first_mut(), reading.first)
                && let Some((line, column)) = tree::place(json, document, &value)
            {
                first.legal += &format!(" (line {line} column {column})");
            }
            found.append(&mut unreadable);
        }
    }
    for violation in &mut found {
        if violation.field.is_empty() {
            "the text".clone_into(&mut violation.field);
        }
    }
    found
}

fn not_json(path: &str, error: &serde_json::Error) -> Violation {
    Violation::new(path, "", format!("not JSON: {error}"))
}
