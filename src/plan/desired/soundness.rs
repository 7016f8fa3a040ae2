//! Which of the violations in a desired state are certain, though parts of it cannot be read.

use std::collections::{BTreeMap, BTreeSet};

use crate::schedule::policy_member;
use crate::spelling::nearest;
use crate::strict::{Partial, enclosing};
use crate::types::member_path;

/// The parts of a state that cannot be read. Fillers stand in for them, so that the rest is checked too.
#[derive(Debug, Default)]
pub(super) struct Unsound {
    /// The paths of the fillers.
    filled: BTreeSet<String>,
    /// The names of unknown members, by the path of what they are in.
    unknown: BTreeMap<String, Vec<String>>,
}

impl Unsound {
    /// Adds what cannot be read of the item at this path.
    pub(super) fn add<T>(&mut self, path: &str, item: &Partial<T>) {
        if item.value.is_none() {
            self.filled.insert(path.to_owned());
        }
        let filled = item.filled.iter().map(|inner| member_path(path, inner));
        self.filled.extend(filled);
        for inner in &item.unknown {
            let inner = member_path(path, inner);
            let (outer, name) = split(&inner);
            let names = self.unknown.entry(outer.to_owned()).or_default();
            names.push(name.to_owned());
        }
    }

    /// Whether a violation of this field may come from a part that cannot be read.
    ///
    /// That is one of a filler or in it; of an object with an unknown member, which may be the misspelled
    /// one that it asks for; and of the absent member that an unknown one is nearly called like.
    pub(super) fn may_cause(&self, field: &str) -> bool {
        if let Some(member) = member_of_policy(field) {
            let inner = self.filled.range(member.clone()..).next();
            return inner.is_some_and(|inner| inner.starts_with(&member)) || self.concerns(&member);
        }
        self.concerns(field)
    }

    fn concerns(&self, path: &str) -> bool {
        let (outer, name) = split(path);
        let is_near = |unknown: &String| nearest(unknown, [name]).is_some();
        let alike = self.unknown.get(outer);
        enclosing(path).any(|outer| self.filled.contains(outer))
            || self.unknown.contains_key(path)
            || alike.is_some_and(|unknown| unknown.iter().any(is_near))
    }
}

/// The path of an object and the name of its member.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('.').unwrap_or(("", path))
}

/// The path of the member of a policy that a violation is about: those of policies have the names of
/// Quick Setup's parameters.
fn member_of_policy(field: &str) -> Option<String> {
    let (policy, parameter) = field.split_once("].")?;
    let end = parameter.find([':', '.', '[']).unwrap_or(parameter.len());
    let member = policy_member(parameter.get(..end)?)?;
    policy
        .starts_with("PatchPolicies[")
        .then(|| format!("{policy}].{member}"))
}
