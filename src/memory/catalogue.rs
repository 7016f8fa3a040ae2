//! The patches there are.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::Deserialize;

use crate::backend::PatchSet;
use crate::error::{Error, ErrorKind, Result};
use crate::types::Patch;

/// The patches there are.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    patches: Vec<Patch>,
}

impl Catalogue {
    pub(super) fn of(patches: Vec<Patch>) -> Self {
        Self { patches }
    }

    /// Every patch, superseded ones included; the node's own repositories still hold those.
    pub(super) fn patches(&self) -> &[Patch] {
        &self.patches
    }

    /// What is released by `now`; a patch without a date always is.
    pub(super) fn released(&self, now: Timestamp) -> impl Iterator<Item = &Patch> {
        self.patches
            .iter()
            .filter(move |patch| patch.release_date.is_none_or(|date| date <= now))
    }

    /// What the service lists at `now`: what is released, without Windows updates that a released
    /// one supersedes.
    pub(super) fn listed(&self, now: Timestamp) -> Vec<&Patch> {
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
        self.released(now)
            .filter(|patch| {
                let kb = patch.kb_number.as_deref().unwrap_or_default();
                !superseded.contains(&(patch.product.as_deref(), kb))
            })
            .collect()
    }
}

/// Whether a patch is Microsoft's. Only packages of other systems have a name.
pub(super) fn is_windows(patch: &Patch) -> bool {
    patch.name.is_none()
}

/// The patch set that a Windows patch belongs to: its family is `Windows`, or an application's.
pub(super) fn patch_set(patch: &Patch) -> PatchSet {
    match patch.product_family.as_deref() {
        None | Some("Windows") => PatchSet::Os,
        Some(_) => PatchSet::Application,
    }
}

/// What one document of a catalogue file may be.
#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Listing {
        #[serde(rename = "Patches")]
        patches: Vec<Patch>,
    },
    Array(Vec<Patch>),
}

/// Reads the output of `aws ssm describe-available-patches`, arrays of patches, or several of those in a row.
pub(super) fn read(json: &str) -> Result<Vec<Patch>> {
    let mut patches = Vec::new();
    for document in serde_json::Deserializer::from_str(json).into_iter::<Document>() {
        let document = document.map_err(|error| {
            Error::new(ErrorKind::InvalidInput, format!("the catalogue: {error}"))
                .with_source(error)
        })?;
        match document {
            Document::Listing { patches: more } | Document::Array(more) => patches.extend(more),
        }
    }
    Ok(patches)
}
