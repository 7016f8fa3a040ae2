use std::fmt;
use std::sync::Arc;

use object_store::ObjectMeta;
use object_store::path::Path;

pub(super) use crate::export::InventoryType;
use crate::resource_data_sync::inventory::NODES;
use crate::types::{NodeId, is_account, is_region};

/// An account and a Region of the export.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) account: String,
    pub(super) region: String,
}

impl Place {
    /// The place of this name, as `Display` writes it.
    pub(super) fn named(name: &str) -> Self {
        let (account, region) = name.split_once('/').unwrap_or((name, ""));
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
        }
    }

    /// Whether the place is well-formed.
    pub(super) fn is_well_formed(&self) -> bool {
        is_account(&self.account) && is_region(&self.region)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

/// The paths in an export.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) prefix: Path,
}

impl Layout {
    /// The folder with a folder for each account.
    pub(super) fn accounts(&self, kind: InventoryType) -> Path {
        self.prefix.clone().join(kind.as_str())
    }

    /// The folder with a folder for each Region of an account.
    pub(super) fn regions(&self, kind: InventoryType, account: &str) -> Path {
        self.accounts(kind).join(format!("accountid={account}"))
    }

    /// The folder with a file for each node of an account and Region.
    pub(super) fn nodes(&self, kind: InventoryType, place: &Place) -> Path {
        self.regions(kind, &place.account)
            .join(format!("region={}", place.region))
            .join(NODES)
    }

    /// The folders of an account and Region.
    pub(super) fn folders(&self, place: &Place) -> Folders {
        Folders {
            source: place.to_string().into(),
            information: self.nodes(InventoryType::InstanceInformation, place),
            summary: self.nodes(InventoryType::PatchSummary, place),
            items: self.nodes(InventoryType::ComplianceItem, place),
        }
    }
}

/// The folders of an account and Region with the files of nodes, and its name as a source.
#[derive(Debug)]
pub(super) struct Folders {
    pub(super) source: Arc<str>,
    pub(super) information: Path,
    pub(super) summary: Path,
    pub(super) items: Path,
}

/// A node's file in one of these folders.
pub(super) fn file_of(folder: &Path, node: &NodeId) -> Path {
    folder.clone().join(format!("{node}.json"))
}

/// The value after `key=` in the last part of a folder's path.
pub(super) fn value_of(folder: &Path, key: &str) -> Option<String> {
    let (name, value) = folder.filename()?.split_once('=')?;
    (name == key).then(|| value.to_owned())
}

/// The node of a file; absent if it is not a node's file, or lies deeper.
pub(super) fn node_of(object: &ObjectMeta, folder: &Path) -> Option<NodeId> {
    let mut below = object.location.prefix_match(folder)?;
    let file = below.next()?;
    if below.next().is_some() {
        return None;
    }
    file.as_ref().strip_suffix(".json").map(NodeId::from)
}
