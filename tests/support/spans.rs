//! A subscriber that stores every span and event, for tests to read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Metadata, Subscriber};

/// A span or an event, with all its recorded values.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    metadata: &'static Metadata<'static>,
    parent: Option<usize>,
    values: BTreeMap<&'static str, String>,
}

impl Told {
    pub(crate) fn name(&self) -> &'static str {
        self.metadata.name()
    }

    pub(crate) fn target(&self) -> &'static str {
        self.metadata.target()
    }

    pub(crate) fn level(&self) -> Level {
        *self.metadata.level()
    }

    /// The fields that it can have.
    pub(crate) fn fields(&self) -> Vec<&'static str> {
        self.metadata.fields().iter().map(|f| f.name()).collect()
    }

    /// The value of a field, if one was recorded.
    pub(crate) fn value(&self, field: &str) -> Option<&str> {
        self.values.get(field).map(String::as_str)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.values().map(String::as_str)
    }
}

#[derive(Debug, Default)]
struct Kept {
    told: Vec<Told>,
    entered: Vec<usize>,
}

/// Stores the spans and events of the thread on which it listens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    kept: Arc<Mutex<Kept>>,
}

impl Recorder {
    /// Listens on this thread until the guard is dropped.
    pub(crate) fn listening() -> (Self, DefaultGuard) {
        let recorder = Self::default();
        let guard = tracing::subscriber::set_default(recorder.clone());
        (recorder, guard)
    }

    /// The spans and events of this crate, in order; the SDKs have their own.
    pub(crate) fn told(&self) -> Vec<Told> {
        let kept = self.kept.lock().unwrap();
        let ours = |told: &&Told| told.target().starts_with("aws_patch_manager");
        kept.told.iter().filter(ours).cloned().collect()
    }

    pub(crate) fn named(&self, name: &str) -> Vec<Told> {
        let mut told = self.told();
        told.retain(|told| told.name() == name);
        told
    }

    /// The only span of this name.
    pub(crate) fn only(&self, name: &str) -> Told {
        let found = self.named(name);
        assert_eq!(found.len(), 1, "spans {name}: {found:#?}");
        found[0].clone()
    }

    /// The events of a target.
    pub(crate) fn events(&self, target: &str) -> Vec<Told> {
        let mut told = self.told();
        told.retain(|told| told.metadata.is_event() && told.target() == target);
        told
    }

    /// The names of the enclosing spans, the innermost first.
    pub(crate) fn around(&self, told: &Told) -> Vec<&'static str> {
        let kept = self.kept.lock().unwrap();
        let mut names = Vec::new();
        let mut at = told.parent;
        while let Some(parent) = at {
            names.push(kept.told[parent].name());
            at = kept.told[parent].parent;
        }
        names
    }

    fn keep(&self, metadata: &'static Metadata<'static>, parent: Parent, fields: Fields) -> Id {
        let mut kept = self.kept.lock().unwrap();
        let parent = match parent {
            Parent::Current => kept.entered.last().copied(),
            Parent::Explicit(id) => id.map(|id| index(&id)),
        };
        kept.told.push(Told {
            metadata,
            parent,
            values: fields.0,
        });
        Id::from_u64(kept.told.len() as u64)
    }
}

enum Parent {
    Current,
    Explicit(Option<Id>),
}

/// Ids count from 1.
fn index(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let parent = match span.is_contextual() {
            true => Parent::Current,
            false => Parent::Explicit(span.parent().cloned()),
        };
        self.keep(span.metadata(), parent, fields)
    }

    fn record(&self, span: &Id, values: &tracing::span::Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        let mut kept = self.kept.lock().unwrap();
        kept.told[index(span)].values.extend(fields.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let parent = match event.is_contextual() {
            true => Parent::Current,
            false => Parent::Explicit(event.parent().cloned()),
        };
        self.keep(event.metadata(), parent, fields);
    }

    fn enter(&self, span: &Id) {
        self.kept.lock().unwrap().entered.push(index(span));
    }

    fn exit(&self, span: &Id) {
        let mut kept = self.kept.lock().unwrap();
        assert_eq!(kept.entered.pop(), Some(index(span)), "spans crossed");
    }
}

/// The extra fields of a listing's span; every verb has all but the last.
pub(crate) const OF_LISTINGS: [&str; 4] = ["error.kind", "error.code", "request_id", "items"];

/// The spans in a section of the guide, with their fields: their own, and those that all have.
pub(crate) fn documented(heading: &str, of_all: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let guide = include_str!("../../src/docs/observability.rs");
    let section = guide.split(heading).nth(1).unwrap();
    let section = section.split("//! # ").next().unwrap();
    let mut spans = BTreeMap::new();
    for row in section.lines().filter(|line| line.starts_with("//! | `")) {
        let cells: Vec<&str> = row.split('|').collect();
        for span in quoted(cells[1]) {
            let fields = quoted(cells[2]).into_iter().chain(of_all.iter().copied());
            let fields = fields.map(str::to_owned).collect();
            let before = spans.insert(span.to_owned(), fields);
            assert!(before.is_none(), "{span} is documented twice");
        }
    }
    spans
}

/// The text in backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}
