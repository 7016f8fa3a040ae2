//! The JSON of a request, read as the members that an operation takes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::place::{Place, lower_first};
use super::reply::{internal, invalid, unreadable};
use crate::backend::AnswerForm;
use crate::error::{Error, Result, ValidationProblems};
use crate::page::Page;
use crate::strict;
use crate::visible::shortened;

/// The members of a request. A null member counts as absent, as AWS reads it.
#[derive(Debug)]
pub(super) struct Body(Value);

impl Body {
    /// Reads a body; an empty one has no members.
    pub(super) fn read(body: &[u8]) -> Result<Self> {
        if body.is_empty() {
            return Ok(Self(Value::Object(Map::new())));
        }
        Self::of(serde_json::from_slice(body).map_err(|error| not_json(&error))?)
    }

    /// Reads a body that a test wrote, and refuses a member that is there twice.
    pub(super) fn read_strictly(body: &[u8]) -> Result<Self> {
        if body.is_empty() {
            return Self::read(body);
        }
        let document: strict::Document =
            serde_json::from_slice(body).map_err(|error| not_json(&error))?;
        match document.repeated.is_empty() {
            true => Self::of(document.value),
            false => Err(Error::invalid_input(document.repeated)),
        }
    }

    fn of(mut members: Value) -> Result<Self> {
        if !members.is_object() {
            return Err(unreadable("the body is not a JSON object"));
        }
        forget_nulls(&mut members);
        Ok(Self(members))
    }

    /// The members as an operation's input, of which these must be there. Whatever the input has no
    /// place for is refused, since nothing could come of it.
    ///
    /// This compares with what was read, and does not read strictly as files are read: the inputs of
    /// baselines and policies are flattened, so serde does not give their members, and a value of the wrong
    /// type is another error of the service than a value that is not legal.
    pub(super) fn input<T: Serialize + DeserializeOwned>(&self, required: &[&str]) -> Result<T> {
        self.require(required)?;
        let input = read(&self.0)?;
        let mut unknown = Unknown::default();
        unread(&self.0, &output(&input)?, &Place::Input, &mut unknown);
        match unknown.count {
            0 => Ok(input),
            _ => Err(invalid(unknown.message())),
        }
    }

    /// Reports all absent members at once, in the service's words.
    pub(super) fn require(&self, members: &[&str]) -> Result<()> {
        let mut absent = ValidationProblems::default();
        for member in members {
            if self.0.get(*member).is_none() {
                absent.push(|| lower_first(member), || "Member must not be null".into());
            }
        }
        match absent.is_empty() {
            true => Ok(()),
            false => Err(invalid(absent.message())),
        }
    }

    /// The members.
    pub(super) fn members(&self) -> &Value {
        &self.0
    }

    /// A member that is a text.
    pub(super) fn text(&self, member: &str) -> Option<&str> {
        self.0.get(member).and_then(Value::as_str)
    }

    /// Takes a member away.
    pub(super) fn take(&mut self, member: &str) -> Option<Value> {
        self.0.as_object_mut()?.remove(member)
    }

    /// Sets a member.
    pub(super) fn set(&mut self, member: &str, value: Value) {
        self.0[member] = value;
    }
}

fn not_json(error: &serde_json::Error) -> Error {
    unreadable(format!(
        "the body is not JSON: {}",
        shortened(&error.to_string())
    ))
}

/// A member of an input.
pub(super) fn read<T: DeserializeOwned>(member: &Value) -> Result<T> {
    T::deserialize(member).map_err(|error| unfit(&error))
}

/// What the service calls an input that JSON can say and the operation cannot take.
///
/// A value of the wrong JSON type is a failure of serialization; any other is for validation to
/// find. serde tells the two apart only by how its message begins.
fn unfit(error: &serde_json::Error) -> Error {
    // It quotes the value, which can be as long as the body.
    let message = shortened(&error.to_string());
    if message.starts_with("invalid type") {
        unreadable(message)
    } else {
        invalid(message)
    }
}

/// How many members an error names.
const NAMED: usize = 100;

/// The members that are not known.
#[derive(Default)]
struct Unknown {
    count: usize,
    named: Vec<String>,
}

impl Unknown {
    fn push(&mut self, place: &Place<'_>) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(place.path());
        }
    }

    fn message(&self) -> String {
        let named = self.named.iter();
        let mut told: Vec<_> = named
            .map(|path| format!("{path} is not known to this emulator"))
            .collect();
        if self.count > told.len() {
            told.push(format!("and {} more", self.count - told.len()));
        }
        format!("{}; leave it out", told.join(", "))
    }
}

/// Notes each member that was given and is not in what was read. A member that says nothing, such as an
/// empty list, may be left out there.
fn unread(given: &Value, read: &Value, place: &Place<'_>, unknown: &mut Unknown) {
    match (given, read) {
        (Value::Object(given), Value::Object(read)) => {
            for (name, member) in given {
                let place = Place::Member(place, name);
                match read.get(name) {
                    Some(read) => unread(member, read, &place, unknown),
                    None if says_nothing(member) => {}
                    None => unknown.push(&place),
                }
            }
        }
        (Value::Array(given), Value::Array(read)) => {
            for (index, (given, read)) in given.iter().zip(read).enumerate() {
                unread(given, read, &Place::Item(place, index), unknown);
            }
        }
        _ => {}
    }
}

fn says_nothing(member: &Value) -> bool {
    match member {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(says_nothing),
        Value::Bool(is_on) => !is_on,
        _ => false,
    }
}

fn forget_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(forget_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_nulls),
        _ => {}
    }
}

/// An answer of the service's shape.
pub(super) fn output<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(internal)
}

/// A page of a listing, its items under this name.
pub(super) fn listing<T: Serialize>(items: &'static str, page: &Page<T>) -> Result<Value> {
    Ok(AnswerForm::Listing(items).write(output(page)?, &Value::Null))
}
