//! JSON in the order of its text, and as far as it goes.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_json::de::StrRead;

use super::not_json;
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
        };
        let broken = slot.deserialize(text).err();
        let broken = broken.map(|error| not_json(&path, &error));
        (tree, broken)
    }
}

/// Where a value belongs. After an error, `path` is the place in the text.
struct Slot<'t> {
    tree: &'t mut Tree,
    path: &'t mut String,
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
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        *self.tree = Tree::Bool(value);
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        *self.tree = Tree::Number(value.into());
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        *self.tree = Tree::Number(value.into());
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a number"))?;
        *self.tree = Tree::Number(number);
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        *self.tree = Tree::Text(value.to_owned());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { tree, path } = self;
        let mut read = Vec::new();
        let above = path.clone();
        let outcome = loop {
            *path = format!("{above}[{}]", read.len());
            let mut item = Tree::Null;
            let slot = Slot {
                tree: &mut item,
                path,
            };
            match items.next_element_seed(slot) {
                Ok(None) => {
                    *path = above;
                    break Ok(());
                }
                Ok(Some(())) => read.push(item),
                Err(error) => {
                    read.push(item);
                    break Err(error);
                }
            }
        };
        *tree = Tree::List(read);
        outcome
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self { tree, path } = self;
        let mut read = Vec::new();
        let outcome = loop {
            let name: String = match members.next_key() {
                Ok(None) => break Ok(()),
                Ok(Some(name)) => name,
                Err(error) => break Err(error),
            };
            let above = std::mem::take(path);
            *path = member_path(&above, &name);
            let mut member = Tree::Null;
            let slot = Slot {
                tree: &mut member,
                path,
            };
            let outcome = members.next_value_seed(slot);
            read.push((name, member));
            if outcome.is_err() {
                break outcome;
            }
            *path = above;
        };
        *tree = Tree::Object(read);
        outcome
    }
}
