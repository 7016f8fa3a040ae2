//! JSON in the order of its text, and as far as it goes.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::de::StrRead;
use serde_json::{Number, Value};

use super::not_json;
use super::reader::MOST_UNKNOWN;
use crate::error::Violation;
use crate::types::member_path;

/// A JSON value, its members in the order of the text.
#[derive(Debug, Default)]
pub(super) enum Tree {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// Reads one value. If the text is not JSON: what stands before that place, and the path of it.
    pub(super) fn read(
        text: &mut serde_json::Deserializer<StrRead<'_>>,
    ) -> (Self, Option<Violation>) {
        let (mut tree, mut path) = (Self::Null, String::new());
        let slot = Slot {
            tree: &mut tree,
            path: &mut path,
            until: None,
        };
        let broken = slot.deserialize(text).err();
        let broken = broken.map(|error| not_json(&path, &error));
        (tree, broken)
    }

    /// Leaves the first of the members of one name, and records the others.
    pub(super) fn drop_repeated(&mut self, path: &str, found: &mut Vec<Violation>) {
        match self {
            Self::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    item.drop_repeated(&format!("{path}[{index}]"), found);
                }
            }
            Self::Object(members) => {
                let mut seen = BTreeSet::new();
                members.retain(|(name, _)| {
                    let is_first = seen.insert(name.clone());
                    // One more than are reported shows that there are more.
                    if !is_first && found.len() <= MOST_UNKNOWN {
                        let path = member_path(path, name);
                        found.push(Violation::new(path, "", REPEATED));
                    }
                    is_first
                });
                for (name, member) in members {
                    member.drop_repeated(&member_path(path, name), found);
                }
            }
            _ => {}
        }
    }
}

/// What is legal where a member is there twice.
const REPEATED: &str = "one such member: it is there more than once";

/// A document of any format that describes itself, and its members that are there twice.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) value: Value,
    pub(crate) repeated: Vec<Violation>,
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(document: D) -> Result<Self, D::Error> {
        let mut tree = Tree::Null;
        let slot = Slot {
            tree: &mut tree,
            path: &mut String::new(),
            until: None,
        };
        slot.deserialize(document)?;
        let mut repeated = Vec::new();
        tree.drop_repeated("", &mut repeated);
        let value = tree.into();
        Ok(Self { value, repeated })
    }
}

impl From<Tree> for Value {
    fn from(tree: Tree) -> Self {
        match tree {
            Tree::Null => Self::Null,
            Tree::Bool(value) => Self::Bool(value),
            Tree::Number(number) => Self::Number(number),
            Tree::Text(text) => Self::String(text),
            Tree::List(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Tree::Object(members) => {
                let members = members.into_iter();
                Self::Object(members.map(|(name, tree)| (name, tree.into())).collect())
            }
        }
    }
}

impl From<Value> for Tree {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                let members = members.into_iter();
                Self::Object(members.map(|(name, value)| (name, value.into())).collect())
            }
        }
    }
}

/// The line and column at which the value of this path ends, in a document of a JSON text.
pub(super) fn place(json: &str, document: usize, path: &str) -> Option<(usize, usize)> {
    let mut text = serde_json::Deserializer::from_str(json);
    for _ in 0..document {
        Tree::read(&mut text);
    }
    let slot = Slot {
        tree: &mut Tree::Null,
        path: &mut String::new(),
        until: Some(path),
    };
    let stop = slot.deserialize(&mut text).err()?;
    Some((stop.line(), stop.column()))
}

/// Where a value belongs. After an error, `path` is the place in the text.
struct Slot<'t> {
    tree: &'t mut Tree,
    path: &'t mut String,
    /// The path of the value at whose end the reading stops: serde_json knows lines and columns of
    /// errors only.
    until: Option<&'t str>,
}

impl Slot<'_> {
    fn fill<E: Error>(self, value: Tree) -> Result<(), E> {
        *self.tree = value;
        self.end()
    }

    fn end<E: Error>(self) -> Result<(), E> {
        match self.until {
            Some(path) if path == self.path => Err(E::custom("the value ends here")),
            _ => Ok(()),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Slot<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, text: D) -> Result<(), D::Error> {
        text.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Slot<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.fill(Tree::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.fill(Tree::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.fill(Tree::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.fill(Tree::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a number"))?;
        self.fill(Tree::Number(number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.fill(Tree::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut read = Vec::new();
        let above = self.path.clone();
        let outcome = loop {
            *self.path = format!("{above}[{}]", read.len());
            let mut item = Tree::Null;
            let slot = Slot {
                tree: &mut item,
                path: self.path,
                until: self.until,
            };
            match items.next_element_seed(slot) {
                Ok(None) => break Ok(()),
                Ok(Some(())) => read.push(item),
                Err(error) => {
                    read.push(item);
                    break Err(error);
                }
            }
        };
        *self.tree = Tree::List(read);
        outcome?;
        *self.path = above;
        self.end()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut read = Vec::new();
        let outcome = loop {
            let name: String = match members.next_key() {
                Ok(None) => break Ok(()),
                Ok(Some(name)) => name,
                Err(error) => break Err(error),
            };
            let above = std::mem::take(self.path);
            *self.path = member_path(&above, &name);
            let mut member = Tree::Null;
            let slot = Slot {
                tree: &mut member,
                path: self.path,
                until: self.until,
            };
            let outcome = members.next_value_seed(slot);
            read.push((name, member));
            if outcome.is_err() {
                break outcome;
            }
            *self.path = above;
        };
        *self.tree = Tree::Object(read);
        outcome?;
        self.end()
    }
}
