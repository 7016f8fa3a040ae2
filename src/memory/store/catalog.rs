//! The patches there are.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::backend::PatchSet;
use crate::baseline::PatchFilterKey;
use crate::baseline::approval::members;
use crate::error::Result;
use crate::strict;
use crate::types::Patch;

/// The patches there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct CatalogStore {
    patches: Vec<Patch>,
    last: Option<LastListing>,
}

/// What a listing has, so that its next page need not look at every patch again.
#[derive(Debug, Clone)]
struct LastListing {
    key: String,
    /// It has the same patches at each instant of this.
    holds: Range<Timestamp>,
    places: Arc<[usize]>,
}

impl CatalogStore {
    pub(crate) fn of(patches: Vec<Patch>) -> Self {
        Self {
            patches,
            last: None,
        }
    }

    /// Adds patches. One of the same id and product is replaced; the places of the others stay, since
    /// operations that run know patches by their place.
    #[cfg(feature = "emulator")]
    pub(crate) fn add(&mut self, patches: Vec<Patch>) {
        self.last = None;
        let place_of = |patch: &Patch| (patch.product.clone(), patch.kb_id());
        let mut places: HashMap<_, usize> = HashMap::new();
        for (place, known) in self.patches.iter().enumerate() {
            places.entry(place_of(known)).or_insert(place);
        }
        for patch in patches {
            let next = self.patches.len();
            let place = *places.entry(place_of(&patch)).or_insert(next);
            match self.patches.get_mut(place) {
                Some(known) => *known = patch,
                None => self.patches.push(patch),
            }
        }
    }

    /// Every patch, superseded ones and those of the future included.
    pub(crate) fn patches(&self) -> &[Patch] {
        &self.patches
    }

    /// The places of patches by what nodes call them: the KB number, or `name.arch`.
    pub(crate) fn by_kb(&self) -> HashMap<String, Vec<usize>> {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, patch) in self.patches.iter().enumerate() {
            places.entry(patch.kb_id()).or_default().push(place);
        }
        places
    }

    /// What is released by `now`; a patch without a date always is.
    pub(crate) fn released(&self, now: Timestamp) -> impl Iterator<Item = &Patch> {
        self.patches
            .iter()
            .filter(move |patch| is_released(patch, now))
    }

    /// What the service lists at `now`: what is released, without Windows updates that a released
    /// one supersedes.
    pub(crate) fn listed(&self, now: Timestamp) -> impl Iterator<Item = &Patch> {
        self.listed_places(now).map(|(_, patch)| patch)
    }

    /// The places of those that pass, of what the service lists at `now`. The key tells this listing from
    /// others.
    pub(crate) fn places(
        &mut self,
        key: &str,
        now: Timestamp,
        passes: impl Fn(&Patch) -> bool,
    ) -> Arc<[usize]> {
        let last = self.last.as_ref();
        if let Some(last) = last.filter(|last| last.key == key && last.holds.contains(&now)) {
            return Arc::clone(&last.places);
        }
        let listed = self.listed_places(now);
        let places: Arc<[usize]> = listed
            .filter(|(_, patch)| passes(patch))
            .map(|(place, _)| place)
            .collect();
        let dates = self.patches.iter().filter_map(|patch| patch.release_date);
        let next = dates.filter(|date| *date > now).min();
        self.last = Some(LastListing {
            key: key.to_owned(),
            holds: now..next.unwrap_or(Timestamp::MAX),
            places: Arc::clone(&places),
        });
        places
    }

    /// The same with its place.
    fn listed_places(&self, now: Timestamp) -> impl Iterator<Item = (usize, &Patch)> {
        let superseded: HashSet<(Option<&str>, &str)> = self
            .released(now)
            .flat_map(|patch| {
                let product = patch.product.as_deref();
                patch
                    .supersedes
                    .iter()
                    .map(move |kb| (product, kb.as_str()))
            })
            .collect();
        let places = self.patches.iter().enumerate();
        places.filter(move |(_, patch)| {
            let kb = patch.kb_number.as_deref().unwrap_or_default();
            is_released(patch, now) && !superseded.contains(&(patch.product.as_deref(), kb))
        })
    }
}

fn is_released(patch: &Patch, now: Timestamp) -> bool {
    patch.release_date.is_none_or(|date| date <= now)
}

/// Whether a patch is Microsoft's. Only packages of other systems have a name.
pub(crate) fn is_windows(patch: &Patch) -> bool {
    patch.name.is_none()
}

/// Whether a Windows patch belongs to a patch set.
pub(crate) fn is_in(set: &PatchSet, patch: &Patch) -> bool {
    members(&PatchFilterKey::PatchSet, patch)
        .iter()
        .any(|member| member == set.as_str())
}

/// Reads the output of `aws ssm describe-available-patches`, arrays of patches, or several of those in a row.
pub(crate) fn read(json: &str) -> Result<Vec<Patch>> {
    let documents = strict::read_all::<Document>(json, "the catalog", &[])?;
    Ok(documents
        .into_iter()
        .flat_map(|document| document.0)
        .collect())
}

/// One document of a catalog file: what the command prints, or the array in it.
///
/// Not an untagged enum, whose errors would name no place.
struct Document(Vec<Patch>);

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listing {
    patches: Vec<Patch>,
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DocumentVisitor)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `Patches`, or an array of patches")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Document, A::Error> {
        Listing::deserialize(MapAccessDeserializer::new(map))
            .map(|listing| Document(listing.patches))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Document, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Document)
    }
}
