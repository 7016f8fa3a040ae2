//! Files of the export, read whole.

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::row::{Row, broken};
use crate::error::{Error, ErrorKind, Result};

/// No file is larger, in bytes; it bounds what a read holds. Inventory takes a megabyte from a node
/// at a time, so a file beyond this is none that a data sync wrote.
const LARGEST: u64 = 64 << 20;

/// A file's text.
#[derive(Debug)]
pub(super) struct File {
    path: Path,
    text: Vec<u8>,
}

impl File {
    /// Fetches a file, in one call.
    pub(super) async fn fetch(store: &dyn ObjectStore, path: Path) -> Result<Self> {
        let got = store.get(&path).await;
        let got = got.map_err(|error| store_error(error, &path))?;
        if got.meta.size > LARGEST {
            let size = got.meta.size;
            return Err(broken(format!("{path} is too large: {size} bytes")));
        }
        let text = got.bytes().await;
        let text = text.map_err(|error| store_error(error, &path))?.into();
        Ok(Self { path, text })
    }

    /// Its rows, one a line. A line that cannot be read is an error that tells its number.
    pub(super) fn rows<T>(
        &self,
        read: impl Fn(Row) -> Result<T>,
    ) -> impl Iterator<Item = Result<T>> {
        let lines = self.text.split(|byte| *byte == b'\n').enumerate();
        lines
            .filter(|(_, line)| !line.trim_ascii().is_empty())
            .map(move |(number, line)| {
                let row = Row::read(line).and_then(&read);
                row.map_err(|error| {
                    let (path, line) = (&self.path, number + 1);
                    Error::new(
                        error.kind(),
                        format!("{path}, line {line}: {}", error.message()),
                    )
                })
            })
    }

    /// All of its rows, at least one, or what is wrong with the first that cannot be read.
    pub(super) fn all_rows<T>(&self, read: impl Fn(Row) -> Result<T>) -> Result<Vec<T>> {
        let rows: Vec<T> = self.rows(read).collect::<Result<_>>()?;
        if rows.is_empty() {
            return Err(broken(format!("the file {} is empty", self.path)));
        }
        Ok(rows)
    }
}

/// What the store says, in this crate's terms. Its own text stays at the source, for it may quote
/// what a server sent.
pub(super) fn store_error(error: object_store::Error, path: &Path) -> Error {
    use object_store::Error as Store;
    let (kind, what) = match &error {
        Store::NotFound { .. } => (ErrorKind::NotFound, "does not exist"),
        Store::PermissionDenied { .. } => {
            (ErrorKind::AccessDenied, "cannot be read: access denied")
        }
        Store::Unauthenticated { .. } => (
            ErrorKind::InvalidCredentials,
            "cannot be read: no valid credentials",
        ),
        Store::NotSupported { .. } | Store::NotImplemented { .. } => (
            ErrorKind::Unsupported,
            "cannot be read: the store does not support it",
        ),
        Store::Generic { .. } | Store::JoinError { .. } => {
            (ErrorKind::ServiceFailure, "could not be read")
        }
        _ => (ErrorKind::Other, "could not be read"),
    };
    Error::new(kind, format!("{path} {what}")).with_source(error)
}
