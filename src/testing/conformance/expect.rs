//! The expectations of rules.

use std::fmt::Debug;

use serde::Serialize;
use serde_json::Value;

use super::{Failure, Result};
use crate::error::{self, ErrorKind};

/// Fails with this text unless the condition holds.
pub(super) fn holds(condition: bool, text: impl Into<String>) -> Result {
    if condition {
        Ok(())
    } else {
        Err(Failure::new(text))
    }
}

/// Fails unless both are the same.
pub(super) fn same<A: PartialEq<B> + Debug, B: Debug>(what: &str, got: A, expected: B) -> Result {
    let text = || format!("{what}: expected {expected:?}, got {got:?}");
    if got == expected {
        Ok(())
    } else {
        Err(Failure::new(text()))
    }
}

/// Fails unless the call was refused with this kind of error.
pub(super) fn refused<T: Debug>(what: &str, result: error::Result<T>, kind: ErrorKind) -> Result {
    match result {
        Ok(value) => Err(Failure::new(format!(
            "{what}: expected {kind:?}, but it succeeded: {value:?}"
        ))),
        Err(error) if error.kind() == kind => Ok(()),
        Err(error) => Err(Failure::new(format!(
            "{what}: expected {kind:?}, got {:?}: {error}",
            error.kind()
        ))),
    }
}

/// An answer or a request in AWS's JSON.
fn json(shape: &impl Serialize) -> Result<Value> {
    serde_json::to_value(shape).map_err(|error| Failure::new(error.to_string()))
}

/// Fails unless a member of an answer, by AWS's name, has this value. A point leads into a member:
/// `Overview.Status`.
pub(super) fn has(answer: &impl Serialize, member: &str, expected: impl Into<Value>) -> Result {
    let answer = json(answer)?;
    let got = member.split('.').fold(&answer, |value, name| &value[name]);
    same(member, got, &expected.into())
}

/// Fails unless these members, by AWS's names, are in the request and read the same in the answer.
pub(super) fn reads_back(
    answer: &impl Serialize,
    request: &impl Serialize,
    members: &[&str],
) -> Result {
    let request = json(request)?;
    for member in members {
        let sent = request.get(*member).cloned();
        let sent = sent.ok_or_else(|| Failure::new(format!("{member} was not sent")))?;
        has(answer, member, sent)?;
    }
    Ok(())
}

/// The first item that passes, or a failure that names what is missing.
pub(super) fn one<'a, T>(what: &str, items: &'a [T], passes: impl Fn(&T) -> bool) -> Result<&'a T> {
    items
        .iter()
        .find(|item| passes(item))
        .ok_or_else(|| Failure::new(format!("{what}: there is none")))
}

/// The one item that there is, or the first of several.
pub(super) fn first<'a, T>(what: &str, items: &'a [T]) -> Result<&'a T> {
    one(what, items, |_| true)
}
