//! Reads a type from a tree, and records what the type has no place for and what it cannot read.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, Expected, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use super::fills::{Fills, Kind, filler};
use super::tree::Tree;
use crate::error::Violation;
use crate::spelling::{nearest, no_such_member};
use crate::types::member_path;

/// The most values that one error reports as unreadable; each takes a reading of its own.
const MOST_UNREADABLE: usize = 50;

/// The most readings of one document. A misspelled member takes one too, and is reported as unknown.
const MOST_READINGS: usize = 2 * MOST_UNREADABLE;

/// The most members that one error reports as unknown or as there twice: each message has the names that
/// are legal there, so a text of a megabyte would make an error of a hundred.
pub(super) const MOST_UNKNOWN: usize = 50;

/// What was found in the documents that were read so far.
#[derive(Debug)]
pub(super) struct Reading<'l> {
    lenient: &'l [&'l str],
    documents: usize,
    pub(super) unknown: Vec<Violation>,
    /// Whether there are more unknown members than those.
    pub(super) has_more: bool,
    pub(super) unreadable: Vec<Violation>,
    /// The document and the path of the first value that cannot be read.
    pub(super) first: Option<(usize, String)>,
}

impl<'l> Reading<'l> {
    pub(super) fn new(lenient: &'l [&'l str]) -> Self {
        Self {
            lenient,
            documents: 0,
            unknown: Vec::new(),
            has_more: false,
            unreadable: Vec::new(),
            first: None,
        }
    }

    /// Records the members of a document that are there twice.
    pub(super) fn drop_repeated(&mut self, tree: &mut Tree) {
        tree.drop_repeated("", &mut self.unknown);
        self.has_more |= self.unknown.len() > MOST_UNKNOWN;
        self.unknown.truncate(MOST_UNKNOWN);
    }

    /// The members that are unknown or there twice; the last message says so if there are more.
    pub(super) fn take_unknown(&mut self) -> Vec<Violation> {
        let mut unknown = std::mem::take(&mut self.unknown);
        if let Some(last) = unknown.last_mut().filter(|_| self.has_more) {
            last.legal += "; there are more such members";
        }
        unknown
    }

    /// Reads a document, if all of it can be read.
    pub(super) fn read<T: DeserializeOwned>(&mut self, tree: &Tree) -> Option<T> {
        let (read, fills) = self.fill(tree);
        read.filter(|_| fills.is_empty())
    }

    /// Reads a document. A type stops at the first value that it cannot read or that it lacks, so the
    /// document is read again with a filler in its place, to find what is wrong behind it.
    pub(super) fn fill<T: DeserializeOwned>(&mut self, tree: &Tree) -> (Option<T>, Fills) {
        let (mut fills, mut reported) = (Fills::default(), BTreeSet::new());
        let mut readings = 0;
        let outcome = loop {
            let found = RefCell::new(Found::default());
            let read = T::deserialize(Reader {
                tree,
                path: String::new(),
                is_lenient: false,
                lenient: self.lenient,
                fill: None,
                fills: &fills,
                found: &found,
            });
            let stop = self.take(found.into_inner(), &fills, &mut reported);
            readings += 1;
            let is_over = self.unreadable.len() >= MOST_UNREADABLE || readings > MOST_READINGS;
            match (read, stop) {
                (Err(_), Some(stop)) if !is_over && stop.fill_in(&mut fills) => {}
                (read, _) => break read.ok(),
            }
        };
        self.documents += 1;
        (outcome, fills)
    }

    /// Takes over what one reading found. Where it stopped, if it did.
    fn take(
        &mut self,
        found: Found,
        fills: &Fills,
        reported: &mut BTreeSet<String>,
    ) -> Option<Stop> {
        let unknown = found.unknown.into_iter();
        let new = unknown.filter(|one| reported.insert(one.field.clone()));
        self.unknown.extend(new);
        self.has_more |= found.has_more || self.unknown.len() > MOST_UNKNOWN;
        self.unknown.truncate(MOST_UNKNOWN);
        let stop = found.stop?;
        if !stop.is_reported && !fills.concern(&stop.member) {
            let place = || (self.documents, stop.value.clone());
            self.first.get_or_insert_with(place);
            let unreadable = Violation::new(stop.member.clone(), "", stop.reason.clone());
            self.unreadable.push(unreadable);
        }
        Some(stop)
    }
}

/// What one reading found.
#[derive(Debug, Default)]
struct Found {
    unknown: Vec<Violation>,
    has_more: bool,
    stop: Option<Stop>,
}

/// Where a reading stopped.
#[derive(Debug)]
struct Stop {
    /// The path of the value that cannot be read.
    value: String,
    /// The path of what is wrong: the value, or a member that it lacks.
    member: String,
    /// The name of that member.
    lacks: Option<&'static str>,
    /// Whether it is among the unknown members already.
    is_reported: bool,
    reason: String,
}

impl Stop {
    /// Makes the next reading go on behind it. `false` if nothing can be done.
    fn fill_in(&self, fills: &mut Fills) -> bool {
        match self.lacks {
            Some(name) => fills.add(&self.value, name, &self.member),
            None => fills.replace(&self.value),
        }
    }
}

#[derive(Clone)]
struct Reader<'r> {
    tree: &'r Tree,
    path: String,
    /// Whether this is in a structure that AWS prints.
    is_lenient: bool,
    lenient: &'r [&'r str],
    /// Which filler stands here, if one does.
    fill: Option<usize>,
    fills: &'r Fills,
    found: &'r RefCell<Found>,
}

// serde's visitors are generic, so each function with one is compiled for each type that is read.
// What needs no visitor stands here.
impl<'r> Reader<'r> {
    fn at(&self, tree: &'r Tree, path: String) -> Option<Self> {
        let is_there = !self.fills.is_left_out(&path);
        is_there.then(|| Self {
            tree,
            fill: self.fills.of(&path),
            path,
            ..self.clone()
        })
    }

    /// What a type asks for, if a filler stands here.
    fn with(mut self, kind: Kind) -> Self {
        if let Some(attempt) = self.fill {
            self.tree = filler(kind, attempt);
        }
        self
    }

    fn members(self, members: &'r [(String, Tree)]) -> Members<'r> {
        let absent: Vec<_> = self.fills.absent(&self.path).collect();
        Members {
            of: self,
            rest: members.iter(),
            absent: absent.into_iter(),
            value: None,
        }
    }

    fn items(self, items: &'r [Tree]) -> Items<'r> {
        Items {
            of: self,
            rest: items.iter().enumerate(),
        }
    }

    /// Reads the value, and records it if its type refuses what it has read, such as `110%` for a
    /// percentage: only here is its path known.
    fn seed<S: DeserializeSeed<'r>>(self, seed: S) -> Result<S::Value, Refusal> {
        let reader = self.clone();
        seed.deserialize(self)
            .inspect_err(|refusal| reader.stop(refusal))
    }

    /// Enters a structure: what is not an object is refused, and unknown members are recorded.
    fn enter(&mut self, structure: &str, known: &'static [&'static str]) -> Result<(), Refusal> {
        let Tree::Object(members) = self.tree else {
            let refusal = self.unlike("an object");
            self.stop(&refusal);
            return Err(refusal);
        };
        self.is_lenient |= self.lenient.contains(&structure);
        if self.is_lenient {
            return Ok(());
        }
        for (name, _) in members {
            if !known.contains(&name.as_str()) {
                let mut found = self.found.borrow_mut();
                if found.unknown.len() >= MOST_UNKNOWN {
                    found.has_more = true;
                    break;
                }
                let advice = no_such_member(name, known.iter().copied());
                let unknown = Violation::new(member_path(&self.path, name), "", advice);
                found.unknown.push(unknown);
            }
        }
        Ok(())
    }

    /// The refusal of a value of another kind.
    fn unlike(&self, expected: &str) -> Refusal {
        let given = match self.tree {
            Tree::Null => Unexpected::Unit,
            Tree::Bool(value) => Unexpected::Bool(*value),
            Tree::Number(_) => Unexpected::Other("a number"),
            Tree::Text(text) => Unexpected::Str(text),
            Tree::List(_) => Unexpected::Seq,
            Tree::Object(_) => Unexpected::Map,
        };
        Refusal::invalid_type(given, &expected)
    }

    /// Reads what stands here, whatever it is.
    fn any<V: Visitor<'r>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let reader = self.clone();
        let read = match self.tree {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(value) => visitor.visit_bool(*value),
            Tree::Text(text) => visitor.visit_borrowed_str(text),
            Tree::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Tree::List(items) => visitor.visit_seq(self.items(items)),
            Tree::Object(members) => visitor.visit_map(self.members(members)),
        };
        read.inspect_err(|refusal| reader.stop(refusal))
    }

    /// Whether a required member is there under a misspelled name, which is reported as unknown.
    fn is_misspelled(&self, required: &str) -> bool {
        let Tree::Object(members) = self.tree else {
            return false;
        };
        let unknown = &self.found.borrow().unknown;
        members.iter().any(|(given, _)| {
            let path = member_path(&self.path, given);
            nearest(given, [required]).is_some() && unknown.iter().any(|one| one.field == path)
        })
    }

    /// Records the first value, which is the innermost, that stops the reading.
    fn stop(&self, refusal: &Refusal) {
        let (member, lacks, is_reported) = match refusal {
            Refusal::Absent(name) => {
                let is_reported = self.is_misspelled(name);
                (member_path(&self.path, name), Some(*name), is_reported)
            }
            Refusal::Unfit(_) => (self.path.clone(), None, false),
        };
        let stop = &mut self.found.borrow_mut().stop;
        stop.get_or_insert_with(|| Stop {
            value: self.path.clone(),
            member,
            lacks,
            is_reported,
            reason: refusal.to_string(),
        });
    }
}

/// The members of an object, without those that were left out.
struct Members<'r> {
    of: Reader<'r>,
    rest: std::slice::Iter<'r, (String, Tree)>,
    /// The members that have a filler and are not there.
    absent: std::vec::IntoIter<&'static str>,
    value: Option<Reader<'r>>,
}

impl<'r> MapAccess<'r> for Members<'r> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'r>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refusal> {
        for (name, tree) in self.rest.by_ref() {
            let value = self.of.at(tree, member_path(&self.of.path, name));
            if value.is_some() {
                self.value = value;
                let name = BorrowedStrDeserializer::new(name);
                return seed.deserialize(name).map(Some);
            }
        }
        for name in self.absent.by_ref() {
            let path = member_path(&self.of.path, name);
            let value = self.of.at(filler(Kind::Object, 0), path);
            if value.is_some() {
                self.value = value;
                let name = BorrowedStrDeserializer::new(name);
                return seed.deserialize(name).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'r>>(&mut self, seed: V) -> Result<V::Value, Refusal> {
        let no_key = || Refusal::custom("a member is read before its name");
        self.value.take().ok_or_else(no_key)?.seed(seed)
    }
}

/// The items of a list, without those that were left out.
struct Items<'r> {
    of: Reader<'r>,
    rest: std::iter::Enumerate<std::slice::Iter<'r, Tree>>,
}

impl<'r> SeqAccess<'r> for Items<'r> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'r>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refusal> {
        for (index, item) in self.rest.by_ref() {
            let path = format!("{}[{index}]", self.of.path);
            if let Some(reader) = self.of.at(item, path) {
                return reader.seed(seed).map(Some);
            }
        }
        Ok(None)
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Text).any(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Text).any(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Text).any(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::List).any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Object).any(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Bool).any(visitor)
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Number).any(visitor)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Number).any(visitor)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Number).any(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Number).any(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Number).any(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Number).any(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Number).any(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Number).any(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Number).any(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.with(Kind::Number).any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let mut of = self.with(Kind::Object);
        of.enter(name, fields)?;
        of.any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.tree {
            Tree::Null if self.fill.is_none() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    /// A variant is a text, or an object whose one member has the variant's data.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let reader = self.clone();
        let read = match self.tree {
            _ if self.fill.is_some() => {
                let first = variants.first().copied().unwrap_or_default();
                visitor.visit_enum(BorrowedStrDeserializer::new(first))
            }
            Tree::Text(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            Tree::Object(members) if members.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(self.members(members)))
            }
            _ => Err(self.unlike("a text or an object of one member")),
        };
        read.inspect_err(|refusal| reader.stop(refusal))
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

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
