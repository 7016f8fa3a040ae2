//! Reads files of the export.

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::{Error, ErrorKind, Result};
use crate::export::{Row, broken};

/// The largest file that is read, in bytes, which bounds memory. Inventory takes a megabyte from a
/// node at a time, so a data sync writes no larger file.
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
        let text = fetch_bytes(store, &path).await?;
        Ok(Self { path, text })
    }

    /// Its rows, one for each line. A line that cannot be read is an error with its number.
    pub(super) fn rows<T>(
        &self,
        read: impl Fn(Row) -> Result<T>,
    ) -> impl Iterator<Item = Result<T>> {
        self.read_lines(|_| true, read)
    }

    /// Its rows that can be about one of these ids, without reading the others.
    pub(super) fn rows_about<T>(
        &self,
        ids: &[String],
        read: impl Fn(Row) -> Result<T>,
    ) -> impl Iterator<Item = Result<T>> {
        // A text with a backslash can have an id in another spelling.
        let is_about = |line: &[u8]| line.contains(&b'\\') || names_any(line, ids);
        self.read_lines(is_about, read)
    }

    fn read_lines<T>(
        &self,
        is_wanted: impl Fn(&[u8]) -> bool,
        read: impl Fn(Row) -> Result<T>,
    ) -> impl Iterator<Item = Result<T>> {
        let lines = self.text.split(|byte| *byte == b'\n').enumerate();
        lines
            .filter(move |(_, line)| !line.trim_ascii().is_empty() && is_wanted(line))
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

    /// All its rows, at least one; or the error of the first that cannot be read.
    pub(super) fn all_rows<T>(&self, read: impl Fn(Row) -> Result<T>) -> Result<Vec<T>> {
        let rows: Vec<T> = self.rows(read).collect::<Result<_>>()?;
        if rows.is_empty() {
            return Err(broken(format!("the file {} is empty", self.path)));
        }
        Ok(rows)
    }
}

/// Whether a line has one of these ids in any case.
fn names_any(line: &[u8], ids: &[String]) -> bool {
    let mut ids = ids.iter().map(String::as_bytes);
    ids.any(|id| {
        let mut windows = line.windows(id.len().max(1));
        windows.any(|part| part.eq_ignore_ascii_case(id))
    })
}

/// The bytes of an object, unless it is too large.
pub(super) async fn fetch_bytes(store: &dyn ObjectStore, path: &Path) -> Result<Vec<u8>> {
    let got = store.get(path).await;
    let got = got.map_err(|error| store_error(error, path))?;
    let size = got.meta.size;
    if size > LARGEST {
        let message = format!("{path} is too large: {size} bytes; at most {LARGEST} are read");
        return Err(broken(message));
    }
    let bytes = got.bytes().await;
    bytes
        .map(Vec::from)
        .map_err(|error| store_error(error, path))
}

/// The store's error in this crate's terms. Its text is only in the source, because it may quote a
/// server's answer.
pub(super) fn store_error(error: object_store::Error, path: &Path) -> Error {
    failed(error, path, "read")
}

/// The same of a file that was to be `done`: read or written.
pub(super) fn failed(error: object_store::Error, path: &Path, done: &str) -> Error {
    use object_store::Error as Store;
    let (kind, why) = match &error {
        Store::NotFound { .. } => {
            let missing = Error::new(ErrorKind::NotFound, format!("{path} does not exist"));
            return missing.with_source(error);
        }
        Store::PermissionDenied { .. } => (ErrorKind::AccessDenied, ": access denied"),
        Store::Unauthenticated { .. } => (ErrorKind::InvalidCredentials, ": no valid credentials"),
        Store::NotSupported { .. } | Store::NotImplemented { .. } => {
            (ErrorKind::Unsupported, ": the store does not support it")
        }
        Store::Generic { .. } | Store::JoinError { .. } => (ErrorKind::ServiceFailure, ""),
        _ => (ErrorKind::Other, ""),
    };
    Error::new(kind, format!("{path} cannot be {done}{why}")).with_source(error)
}
