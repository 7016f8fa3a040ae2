//! Finds the entries of a list that name a patch.

use super::fingerprint::{Edge, LetterIndex, Letters, last_word};
use super::glob::Pattern;
use super::names::{Forms, Names, Part};
use crate::types::{OperatingSystem, OsFamily, Patch};

/// What an entry without a wildcard does not contain.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// The entries of an approved or rejected list, ready to be compared with many patches.
#[derive(Debug, Clone)]
pub(super) struct EntryList {
    entries: Vec<Entry>,
    /// The entries by their first and by their last letter, 64 at a time. The service takes 50.
    by_letter: Vec<(LetterIndex, LetterIndex)>,
    /// The last letters of the entries, if ids of notices count.
    ids: Option<Vec<u64>>,
}

impl EntryList {
    /// An approved list.
    ///
    /// rpm also takes the ids of a patch's notices. An id is the whole entry, in its own letter case:
    /// nodes of 2021 approved nothing by `CVE-2026-*`, and the documentation has wildcards for
    /// packages only (User Guide, package name formats).
    pub(super) fn approved(entries: &[String], os: &OperatingSystem, shapes: &Shapes) -> Self {
        let ids = || entries.iter().map(|entry| last_word(entry).0).collect();
        Self {
            ids: (os.family() == OsFamily::Rpm).then(ids),
            ..Self::rejected(entries, shapes)
        }
    }

    /// A rejected list: package forms only, on rpm too.
    ///
    /// The User Guide's tables of notice attributes say that ids of notices can stand here as well, its
    /// page of package name formats says packages only, and so did the nodes of 2021. A judge that
    /// took the ids would promise a rejection that may not come; the builder warns of such entries.
    pub(super) fn rejected(entries: &[String], shapes: &Shapes) -> Self {
        let entries = entries.iter().map(|entry| Entry::new(entry, shapes));
        let entries: Vec<Entry> = entries.collect();
        let by_letter = entries.chunks(64).map(|entries| {
            let first = entries.iter().map(|entry| entry.begins.first_letter());
            let last = entries.iter().map(|entry| entry.ends.last_letter());
            (LetterIndex::of(first), LetterIndex::of(last))
        });
        Self {
            by_letter: by_letter.collect(),
            entries,
            ids: None,
        }
    }

    /// The first entry that names the patch.
    pub(super) fn find(&self, patch: &mut Candidate<'_>) -> Option<&str> {
        let by_id = self.find_id(&patch.names);
        let by_name = self.find_name(patch);
        let first = by_name.into_iter().chain(by_id).min()?;
        Some(&self.entries.get(first)?.text)
    }

    /// The place of the first entry that is one of the patch's names, or a pattern of one.
    fn find_name(&self, patch: &mut Candidate<'_>) -> Option<usize> {
        for (chunk, (first, last)) in self.by_letter.iter().enumerate() {
            let mut entries = patch.begins().any(|edge| first.with(edge.first_letter()));
            if entries != 0 {
                entries &= patch.ends().any(|edge| last.with(edge.last_letter()));
            }
            while entries != 0 {
                let number = 64 * chunk + entries.trailing_zeros() as usize;
                if patch.is_named(self.entries.get(number)?) {
                    return Some(number);
                }
                entries &= entries - 1;
            }
        }
        None
    }

    /// The place of the first entry that is the id of one of the patch's notices.
    fn find_id(&self, names: &Names<'_>) -> Option<usize> {
        let ends = self.ids.as_ref()?;
        let ids = names.notice_ids().filter_map(|id| {
            let (end, _) = last_word(id);
            let mut entries = ends.iter().zip(&self.entries);
            entries.position(|(known, entry)| *known == end && entry.text == id)
        });
        ids.min()
    }
}

/// An entry that names packages: by one of their forms, or by a pattern of one.
#[derive(Debug, Clone)]
pub(crate) struct PackageEntry {
    entry: Entry,
    shapes: Shapes,
}

impl PackageEntry {
    pub(crate) fn new(text: &str, os: &OperatingSystem) -> Self {
        let shapes = Shapes::of(os);
        let entry = Entry::new(text, &shapes);
        Self { entry, shapes }
    }

    pub(crate) fn names(&self, patch: &Patch) -> bool {
        Candidate::new(patch, &self.shapes).is_named(&self.entry)
    }
}

#[derive(Debug, Clone)]
struct Entry {
    text: String,
    is_pattern: bool,
    pattern: Pattern,
    begins: Edge,
    ends: Edge,
    letters: Letters,
}

impl Entry {
    fn new(text: &str, shapes: &Shapes) -> Self {
        let literal_end = text.rsplit([']', '*', '?', '[']).next();
        let literal_start = text.split(WILDCARDS).next();
        let is_pattern = text.contains(WILDCARDS);
        let pattern = Pattern::new(text, shapes.has_full_names());
        Self {
            text: text.to_owned(),
            is_pattern,
            letters: Letters::of_pattern(pattern.literals()),
            pattern,
            begins: Edge::first(literal_start.unwrap_or_default()),
            ends: Edge::last(match literal_end {
                Some(end) if is_pattern => end,
                _ => text,
            }),
        }
    }
}

/// The forms of an operating system's names, and what they are made of.
///
/// Nearly every comparison of an entry with a patch fails at the ends or the letters of its names,
/// where it costs no more than that of two numbers.
#[derive(Debug, Clone)]
pub(super) struct Shapes {
    forms: Forms,
    of_packages: Shape,
    of_others: Shape,
}

#[derive(Debug, Clone)]
struct Shape {
    beginnings: Vec<Part>,
    endings: Vec<Part>,
    parts: Vec<Part>,
}

impl Shapes {
    pub(super) fn of(os: &OperatingSystem) -> Self {
        let forms = Forms::of(os);
        let shape = |named| Shape {
            beginnings: forms.parts(named, |form| form.get(..1)),
            endings: forms.parts(named, |form| form.get(form.len() - 1..)),
            parts: forms.parts(named, Some),
        };
        Self {
            forms,
            of_packages: shape(true),
            of_others: shape(false),
        }
    }

    /// zypper has them. Its nodes read an entry as an expression, in which a caret negates; the patterns
    /// of yum, dnf and apt are shell patterns, in which it does not (node code).
    fn has_full_names(&self) -> bool {
        !self.forms.full.is_empty()
    }
}

/// A patch that is compared with entries: what they ask of its names is found out once, when the
/// first of them asks.
pub(super) struct Candidate<'a> {
    names: Names<'a>,
    shapes: &'a Shapes,
    shape: &'a Shape,
    begins: Option<Edges>,
    ends: Option<Edges>,
    letters: Option<Letters>,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(patch: &'a Patch, shapes: &'a Shapes) -> Self {
        let names = Names::of(patch);
        let shape = if names.is_of_package() {
            &shapes.of_packages
        } else {
            &shapes.of_others
        };
        Self {
            names,
            shapes,
            shape,
            begins: None,
            ends: None,
            letters: None,
        }
    }

    fn is_named(&mut self, entry: &Entry) -> bool {
        self.may_be_named(entry) && self.has_name(entry)
    }

    /// Whether the ends and the letters of an entry are those of some name.
    fn may_be_named(&mut self, entry: &Entry) -> bool {
        self.begins().agree(entry.begins)
            && self.ends().agree(entry.ends)
            && self.letters().have(entry.letters)
    }

    fn begins(&mut self) -> &Edges {
        let (names, shape) = (&self.names, self.shape);
        let begins = || Edges::of(names.parts(&shape.beginnings).map(Edge::first));
        self.begins.get_or_insert_with(begins)
    }

    fn ends(&mut self) -> &Edges {
        let (names, shape) = (&self.names, self.shape);
        let ends = || Edges::of(names.parts(&shape.endings).map(Edge::last));
        self.ends.get_or_insert_with(ends)
    }

    fn letters(&mut self) -> Letters {
        let (names, shape) = (&self.names, self.shape);
        let letters = || names.letters(&shape.parts);
        *self.letters.get_or_insert_with(letters)
    }

    /// Whether an entry is one of the names, or a pattern of one. zypper takes an entry that is no
    /// pattern for a full name, in its own letter case (User Guide, package name formats; node code).
    fn has_name(&self, entry: &Entry) -> bool {
        let (names, forms) = (&self.names, self.shapes.forms);
        if self.shapes.has_full_names() && !entry.is_pattern {
            let mut full = forms.full.iter();
            return full.any(|form| {
                let name = names.name(form);
                name.is_some_and(|name| name.eq(entry.text.chars()))
            });
        }
        let mut buffer = [0; 256];
        forms.all(names.is_of_package()).any(|form| {
            let end = |part: Option<&Part>, edge: fn(&str) -> Edge| {
                let text = part.and_then(|part| names.part(*part));
                text.map(edge)
            };
            let begins =
                end(form.first(), Edge::first).is_some_and(|edge| edge.agrees(entry.begins));
            if !begins || end(form.last(), Edge::last).is_none_or(|edge| !edge.agrees(entry.ends)) {
                return false;
            }
            if let Some(name) = names.ascii(form, &mut buffer) {
                return entry.pattern.matches(name.iter().copied().map(char::from));
            }
            let name = names.name(form);
            let name = name.map(|name| name.flat_map(char::to_lowercase));
            name.is_some_and(|name| entry.pattern.matches(name))
        })
    }
}

/// The first letters of a patch's names, or the last ones: each kind of name once.
#[derive(Debug, Clone, Copy, Default)]
struct Edges {
    edges: [Edge; 6],
    count: usize,
}

impl Edges {
    fn of(found: impl Iterator<Item = Edge>) -> Self {
        let mut edges = Self::default();
        for (slot, edge) in edges.edges.iter_mut().zip(found) {
            *slot = edge;
            edges.count += 1;
        }
        edges
    }

    fn known(&self) -> &[Edge] {
        self.edges.get(..self.count).unwrap_or_default()
    }

    fn agree(&self, entry: Edge) -> bool {
        self.known().iter().any(|edge| edge.agrees(entry))
    }

    /// The entries that agree with one of them.
    fn any(&self, entries: impl Fn(Edge) -> u64) -> u64 {
        let sets = self.known().iter().map(|edge| entries(*edge));
        sets.fold(0, |all, set| all | set)
    }
}
