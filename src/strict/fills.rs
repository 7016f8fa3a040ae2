//! What stands in for the values that cannot be read, so that everything behind them is read too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::tree::Tree;

/// Texts that one or another type takes, such as a limit, an instant and a date. They are tried in turn.
static TEXTS: LazyLock<[Tree; 4]> = LazyLock::new(|| {
    ["", "1", "1970-01-01T00:00:00Z", "1970-01-01"].map(|text| Tree::Text(text.to_owned()))
});
static LIST: Tree = Tree::List(Vec::new());
static OBJECT: Tree = Tree::Object(Vec::new());
static BOOL: Tree = Tree::Bool(false);
static NUMBER: LazyLock<Tree> = LazyLock::new(|| Tree::Number(0.into()));

/// What a type asks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    List,
    Object,
    Bool,
    Number,
}

/// The filler of this kind; `attempt` says which of the texts.
pub(super) fn filler(kind: Kind, attempt: usize) -> &'static Tree {
    match kind {
        Kind::Text => TEXTS.get(attempt).unwrap_or(&OBJECT),
        Kind::List => &LIST,
        Kind::Object => &OBJECT,
        Kind::Bool => &BOOL,
        Kind::Number => &NUMBER,
    }
}

/// The values of a document that are not read as they stand, by their paths.
#[derive(Debug, Default)]
pub(super) struct Fills {
    /// Those with a filler, and which one.
    filled: BTreeMap<String, usize>,
    /// The members among them that the document does not have, by the path of their structure.
    absent: BTreeMap<String, BTreeSet<&'static str>>,
    /// Those that no filler fits.
    left_out: BTreeSet<String>,
}

impl Fills {
    pub(super) fn is_empty(&self) -> bool {
        self.filled.is_empty() && self.left_out.is_empty()
    }

    /// Which filler a value has.
    pub(super) fn of(&self, path: &str) -> Option<usize> {
        self.filled.get(path).copied()
    }

    pub(super) fn is_left_out(&self, path: &str) -> bool {
        self.left_out.contains(path)
    }

    /// The members with a filler that a structure does not have.
    pub(super) fn absent(&self, structure: &str) -> impl Iterator<Item = &'static str> + use<'_> {
        self.absent.get(structure).into_iter().flatten().copied()
    }

    /// Fills in a member that a structure requires. `false` if nothing can be done.
    pub(super) fn add(&mut self, structure: &str, name: &'static str, member: &str) -> bool {
        if self.has(member) {
            return self.replace(structure);
        }
        self.absent
            .entry(structure.to_owned())
            .or_default()
            .insert(name);
        self.filled.insert(member.to_owned(), 0);
        true
    }

    /// Fills in a value in place of one that cannot be read: the next filler if it is one itself, and
    /// after the last one nothing. `false` if nothing can be done.
    pub(super) fn replace(&mut self, path: &str) -> bool {
        match self.filled.get_mut(path) {
            _ if path.is_empty() => false,
            Some(attempt) if *attempt + 1 < TEXTS.len() => {
                *attempt += 1;
                true
            }
            Some(_) => {
                self.filled.remove(path);
                self.left_out.insert(path.to_owned())
            }
            None if self.left_out.contains(path) => false,
            None => self.filled.insert(path.to_owned(), 0).is_none(),
        }
    }

    fn has(&self, path: &str) -> bool {
        self.filled.contains_key(path) || self.left_out.contains(path)
    }

    /// Whether a value, or one that it is in or that is in it, is not read as it stands: then a fault
    /// of it may come from the filler.
    pub(super) fn concern(&self, path: &str) -> bool {
        let inside = |other: &String| is_at_or_in(other, path);
        // What is in it stands behind it, but so may others.
        let from = || self.filled.range(path.to_owned()..).map(|(other, _)| other);
        let behind = { from() }.chain(self.left_out.range(path.to_owned()..));
        enclosing(path).any(|outer| self.has(outer)) || { behind }
            .take_while(|other| other.starts_with(path))
            .any(inside)
    }

    pub(super) fn into_paths(self) -> BTreeSet<String> {
        let mut paths = self.left_out;
        paths.extend(self.filled.into_keys());
        paths
    }
}

/// A path and those of what it is in, but for the document itself.
pub(crate) fn enclosing(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.char_indices().filter(|(_, c)| ['.', '['].contains(c));
    let ends = ends.map(|(end, _)| end).chain([path.len()]);
    ends.filter_map(|end| path.get(..end))
        .filter(|outer| !outer.is_empty())
}

fn is_at_or_in(path: &str, outer: &str) -> bool {
    let rest = path.strip_prefix(outer);
    rest.is_some_and(|rest| outer.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']))
}
