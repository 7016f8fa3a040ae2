//! The limits of the service's model: required members, lengths, counts and values of the input of every
//! operation that the emulator has.
//!
//! `limits.txt` has a line for each shape that limits something. `tests/emulator_limits.rs` writes it from the
//! model with `UPDATE_DOCS=1`, and compares it with the model.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::emulator::place::Place;
use crate::emulator::reply::invalid;
use crate::error::{Result, ValidationProblems};

static SHAPES: LazyLock<HashMap<&str, Shape>> = LazyLock::new(|| {
    let lines = include_str!("limits.txt").lines();
    lines.chain(CORRECTIONS).filter_map(shape).collect()
});

/// Lines in which the service is known to differ from its model.
///
/// A group of five patch filters is deployed (CloudFormation's schema of AWS::SSM::PatchBaseline): Windows has
/// five keys.
const CORRECTIONS: [&str; 1] = ["PatchFilterList list 0..5 PatchFilter"];

/// Shapes of texts that may be empty besides: an empty bucket name is no bucket.
const TAKEN_EMPTY: [&str; 1] = ["S3BucketName"];

/// A shape of the model, as far as it limits something.
#[derive(Debug)]
enum Shape {
    /// Its members: name, whether it is required, shape.
    Structure(Vec<(&'static str, bool, &'static str)>),
    /// The shape of its items.
    List(Bounds, &'static str),
    /// The shapes of its keys and values.
    Map(Bounds, &'static str, &'static str),
    /// Its length.
    Text(Bounds),
    /// Its value.
    Number(Bounds),
}

/// The least and the most.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    least: Option<i64>,
    most: Option<i64>,
}

impl Bounds {
    fn read(text: &str) -> Option<Self> {
        let (least, most) = text.split_once("..")?;
        let (least, most) = (least.parse().ok(), most.parse().ok());
        Some(Self { least, most })
    }

    fn has(self, number: i64) -> bool {
        self.least.is_none_or(|least| least <= number)
            && self.most.is_none_or(|most| number <= most)
    }

    /// The range in words.
    fn legal(self) -> String {
        match (self.least, self.most) {
            (Some(least), Some(most)) => format!("between {least} and {most}"),
            (Some(least), None) => format!("greater than or equal to {least}"),
            (None, Some(most)) => format!("less than or equal to {most}"),
            (None, None) => String::new(),
        }
    }
}

/// Reads a line of the table, such as `BaselineName text 3..128`.
fn shape(line: &'static str) -> Option<(&'static str, Shape)> {
    let mut words = line.split(' ');
    let (name, kind) = (words.next()?, words.next()?);
    let shape = match kind {
        "structure" => {
            let member = |word: &'static str| {
                let (name, shape) = word.split_once(':')?;
                let required = name.strip_suffix('!');
                Some((required.unwrap_or(name), required.is_some(), shape))
            };
            Shape::Structure(words.filter_map(member).collect())
        }
        "list" => Shape::List(Bounds::read(words.next()?)?, words.next()?),
        "map" => Shape::Map(Bounds::read(words.next()?)?, words.next()?, words.next()?),
        "text" => Shape::Text(Bounds::read(words.next()?)?),
        "number" => Shape::Number(Bounds::read(words.next()?)?),
        _ => return None,
    };
    Some((name, shape))
}

/// Refuses an input that the model forbids, with all violations at once.
///
/// An input with a value of another JSON type passes: whoever reads it refuses it with the service's other
/// error.
pub(super) fn check(operation: &str, input: &Value) -> Result<()> {
    let mut found = Found::default();
    found.check(&format!("{operation}Request"), input, &Place::Input);
    match found.problems.is_empty() || found.has_other_type {
        true => Ok(()),
        false => Err(invalid(found.problems.message())),
    }
}

#[derive(Default)]
struct Found {
    problems: ValidationProblems,
    has_other_type: bool,
}

impl Found {
    fn require(&mut self, holds: bool, place: &Place<'_>, rule: impl FnOnce() -> String) {
        if !holds {
            self.problems.push(|| place.path_of_service(), rule);
        }
    }

    fn check(&mut self, name: &str, value: &Value, place: &Place<'_>) {
        let Some(shape) = SHAPES.get(name) else {
            return;
        };
        match (shape, value) {
            (Shape::Structure(members), Value::Object(given)) => {
                self.members(members, given, place);
            }
            (Shape::List(bounds, of), Value::Array(items)) => {
                self.require(bounds.has(count(items.len())), place, || {
                    format!("Member must have {} members", bounds.legal())
                });
                for (index, item) in items.iter().enumerate() {
                    self.check(of, item, &Place::Item(place, index));
                }
            }
            (Shape::Map(bounds, key, of), Value::Object(entries)) => {
                self.require(bounds.has(count(entries.len())), place, || {
                    format!("Member must have {} members", bounds.legal())
                });
                for (name, value) in entries {
                    let place = Place::Member(place, name);
                    self.text(key, name, &place);
                    self.check(of, value, &place);
                }
            }
            (Shape::Text(_), Value::String(text)) => self.text(name, text, place),
            (Shape::Number(bounds), Value::Number(number)) => {
                let number = match number.as_i64() {
                    Some(number) => number,
                    None if number.is_u64() => i64::MAX,
                    None => return,
                };
                self.require(bounds.has(number), place, || {
                    format!("Member must have value {}", bounds.legal())
                });
            }
            _ => self.has_other_type = true,
        }
    }

    fn members(
        &mut self,
        members: &[(&str, bool, &str)],
        given: &Map<String, Value>,
        place: &Place<'_>,
    ) {
        for (name, is_required, shape) in members {
            let place = Place::Member(place, name);
            match given.get(*name) {
                Some(value) => self.check(shape, value, &place),
                None => self.require(!is_required, &place, || "Member must not be null".into()),
            }
        }
    }

    fn text(&mut self, name: &str, text: &str, place: &Place<'_>) {
        let Some(Shape::Text(bounds)) = SHAPES.get(name) else {
            return;
        };
        let is_none = text.is_empty() && TAKEN_EMPTY.contains(&name);
        let length = count(text.chars().count());
        self.require(is_none || bounds.has(length), place, || {
            format!("Member must have length {}", bounds.legal())
        });
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
