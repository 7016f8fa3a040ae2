//! Reads files of the export.

use memchr::{memchr, memchr_iter, memchr2_iter};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::ResourceDataSync;
use crate::error::{Error, ErrorKind, Result};
use crate::export::{Row, broken};

/// The largest file that is read, in bytes, which bounds memory. Inventory takes a megabyte from a
/// node at a time, so a data sync writes no larger file.
pub(super) const LARGEST: u64 = 64 << 20;

/// A file's text.
#[derive(Debug)]
pub(super) struct File {
    path: Path,
    text: Vec<u8>,
}

impl File {
    /// Fetches a file, in one call. From a folder it blocks: see
    /// [`on_a_thread`](super::folder::on_a_thread).
    pub(super) async fn fetch(export: &ResourceDataSync, path: Path) -> Result<Self> {
        let text = match &export.folder {
            Some(folder) => folder.read(&path)?,
            None => fetch_bytes(export.store.as_ref(), &path).await?,
        };
        Ok(Self { path, text })
    }

    /// Its rows, one for each line. A line that cannot be read is an error with its number.
    pub(super) fn rows<T>(
        &self,
        read: impl Fn(Row<'_>) -> Result<T>,
    ) -> impl Iterator<Item = Result<T>> {
        self.read_lines(|_| true, read)
    }

    /// Its rows that can be about one of these ids, without reading the others.
    pub(super) fn rows_about<T>(
        &self,
        ids: &[RowId],
        read: impl Fn(Row<'_>) -> Result<T>,
    ) -> impl Iterator<Item = Result<T>> {
        // A text with a backslash can have an id in another spelling.
        let is_about =
            |line: &[u8]| memchr(b'\\', line).is_some() || ids.iter().any(|id| id.is_in(line));
        self.read_lines(is_about, read)
    }

    fn read_lines<T>(
        &self,
        is_wanted: impl Fn(&[u8]) -> bool,
        read: impl Fn(Row<'_>) -> Result<T>,
    ) -> impl Iterator<Item = Result<T>> {
        let mut begin = 0;
        let ends = memchr_iter(b'\n', &self.text).chain([self.text.len()]);
        let lines = ends.map(move |end| {
            let line = &self.text[begin..end];
            begin = end + 1;
            line
        });
        lines
            .enumerate()
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
    pub(super) fn all_rows<T>(&self, read: impl Fn(Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        self.check_rows()?;
        self.rows(read).collect()
    }

    /// Refuses a file without any row, such as one whose writing was cut short.
    pub(super) fn check_rows(&self) -> Result<()> {
        match self.text.trim_ascii().is_empty() {
            true => Err(broken(format!("the file {} is empty", self.path))),
            false => Ok(()),
        }
    }
}

/// An id that is looked for in lines.
#[derive(Debug, Clone)]
pub(super) struct RowId {
    id: Vec<u8>,
    /// The place of its byte that lines have least often.
    rarest: usize,
}

/// The bytes of ids, from the most frequent in a row to the least. All others are less frequent.
const FREQUENT: &[u8] = b"0123456789etaoinsrdlcmpu-.hgyfbw";

impl RowId {
    pub(super) fn new(id: &str) -> Self {
        let rank = |byte: u8| {
            let mut frequent = FREQUENT.iter();
            let place = frequent.position(|one| *one == byte.to_ascii_lowercase());
            place.unwrap_or(FREQUENT.len())
        };
        let bytes = id.bytes().enumerate();
        let rarest = bytes.max_by_key(|(_, byte)| rank(*byte));
        Self {
            id: id.as_bytes().to_vec(),
            rarest: rarest.map_or(0, |(at, _)| at),
        }
    }

    /// Whether a line has it, in any case.
    fn is_in(&self, line: &[u8]) -> bool {
        let Some(rarest) = self.id.get(self.rarest) else {
            return true;
        };
        let (lower, upper) = (rarest.to_ascii_lowercase(), rarest.to_ascii_uppercase());
        memchr2_iter(lower, upper, line).any(|at| {
            let begin = at.checked_sub(self.rarest);
            let part = begin.and_then(|begin| line.get(begin..begin + self.id.len()));
            part.is_some_and(|part| part.eq_ignore_ascii_case(&self.id))
        })
    }
}

/// The bytes of an object, unless it is too large.
pub(super) async fn fetch_bytes(store: &dyn ObjectStore, path: &Path) -> Result<Vec<u8>> {
    let got = store.get(path).await;
    let got = got.map_err(|error| store_error(error, path))?;
    check_size(path, got.meta.size)?;
    let bytes = got.bytes().await;
    bytes
        .map(Vec::from)
        .map_err(|error| store_error(error, path))
}

/// Refuses a file that is too large.
pub(super) fn check_size(path: &Path, size: u64) -> Result<()> {
    match size > LARGEST {
        true => Err(broken(format!(
            "{path} is too large: {size} bytes; at most {LARGEST} are read"
        ))),
        false => Ok(()),
    }
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
