//! Which members of a JSON text nothing reads, found by reading it.
//!
//! serde tells every structure's members to who reads it, so no list of them is needed here.

use std::cell::RefCell;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value};

use crate::error::Violations;
use crate::spelling::no_such_member;
use crate::types::member_path;

/// Records each member of a value that its type has no place for, with the nearest name.
///
/// Structures of the names in `lenient` are as AWS prints them, and what they have besides is left
/// alone. A value that cannot be read is left to the reading that follows. No value is quoted, for
/// it may hold credentials.
pub(crate) fn refuse_unknown<T: DeserializeOwned>(
    value: &Value,
    lenient: &[&str],
    found: &mut Violations,
) {
    let found = RefCell::new(found);
    let reader = Reader {
        value,
        path: String::new(),
        lenient,
        is_lenient: false,
        found: &found,
    };
    drop(T::deserialize(reader));
}

#[derive(Clone)]
struct Reader<'r> {
    value: &'r Value,
    path: String,
    lenient: &'r [&'r str],
    /// Whether this is inside one of the lenient structures.
    is_lenient: bool,
    found: &'r RefCell<&'r mut Violations>,
}

// serde's visitors are generic, so each function with one is compiled for each type that is read.
// What needs no visitor stands here.
impl<'r> Reader<'r> {
    fn at(&self, value: &'r Value, path: String) -> Self {
        Self {
            value,
            path,
            ..self.clone()
        }
    }

    fn members(
        self,
        members: &'r Map<String, Value>,
    ) -> MapDeserializer<'r, impl Iterator<Item = (&'r str, Self)>, Error> {
        MapDeserializer::new(members.iter().map(move |(name, value)| {
            let path = member_path(&self.path, name);
            (name.as_str(), self.at(value, path))
        }))
    }

    fn items(self, items: &'r [Value]) -> SeqDeserializer<impl Iterator<Item = Self>, Error> {
        let items = items.iter().enumerate();
        SeqDeserializer::new(items.map(move |(index, item)| {
            let path = format!("{}[{index}]", self.path);
            self.at(item, path)
        }))
    }

    fn enter(&mut self, structure: &str, known: &'static [&'static str]) {
        self.is_lenient |= self.lenient.contains(&structure);
        if self.is_lenient {
            return;
        }
        for (name, _) in self.value.as_object().into_iter().flatten() {
            if known.contains(&name.as_str()) {
                continue;
            }
            let advice = no_such_member(name, known.iter().copied());
            let path = member_path(&self.path, name);
            self.found.borrow_mut().push(path, "", advice);
        }
    }
}

impl<'de> IntoDeserializer<'de, Error> for Reader<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => number.deserialize_any(visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(self.items(items)),
            Value::Object(members) => visitor.visit_map(self.members(members)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.enter(name, fields);
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.value.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}
