//! The patches there are.

use serde::Deserialize;

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
