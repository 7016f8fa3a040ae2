//! An export in a folder of this machine, read without `object_store`, which looks up four times as much
//! of each file.

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use object_store::path::Path;

use super::file::{LARGEST, check_size, store_error};
use crate::error::Result;
use crate::types::NodeId;

/// The name of the store in errors.
const STORE: &str = "LocalFileSystem";
/// The room for a file's text, in bytes: most files of a node are smaller.
const EXPECTED: usize = 8 << 10;

/// A folder. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: Arc<PathBuf>,
}

impl Folder {
    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root: Arc::new(root),
        }
    }

    /// The bytes of a file. It blocks: see [`on_a_thread`].
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let read = || -> io::Result<Result<Vec<u8>>> {
            let mut file = fs::File::open(self.file(path))?;
            let mut text = Vec::with_capacity(EXPECTED);
            // `take` keeps `read_to_end` from asking for the size and the place, two calls of the
            // system for each of the hundred thousands of files.
            match (&mut file).take(LARGEST + 1).read_to_end(&mut text) {
                Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
                    return Err(io::Error::new(io::ErrorKind::NotFound, "is directory"));
                }
                read => read?,
            };
            match text.len() as u64 > LARGEST {
                true => Ok(check_size(path, file.metadata()?.len()).map(|()| text)),
                false => Ok(Ok(text)),
            }
        };
        read().unwrap_or_else(|error| Err(store_error(in_store(error, path), path)))
    }

    /// The nodes that have a file in a folder; none if there is no such folder.
    pub(super) async fn nodes(&self, path: &Path) -> Result<Vec<NodeId>> {
        let (folder, of) = (self.file(path), path.clone());
        let list = async move {
            let list = || -> io::Result<Vec<NodeId>> {
                let mut nodes = Vec::new();
                for entry in fs::read_dir(&folder)? {
                    let entry = entry?;
                    let name = entry.file_name();
                    let node = name.to_str().and_then(|name| name.strip_suffix(".json"));
                    let kind = entry.file_type()?;
                    // A link that leads nowhere is not a file either.
                    let is_file = kind.is_file() || kind.is_symlink() && entry.path().is_file();
                    nodes.extend(node.filter(|_| is_file).map(NodeId::from));
                }
                Ok(nodes)
            };
            match list() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
                listed => listed.map_err(|error| store_error(in_store(error, &of), &of)),
            }
        };
        on_a_thread(list).await
    }

    /// Where `object_store` writes and reads a path.
    fn file(&self, path: &Path) -> PathBuf {
        let path = path.as_ref();
        match cfg!(windows) {
            true => self.root.join(path.replace(':', "%3A")),
            false => self.root.join(path),
        }
    }
}

/// Does work that blocks: on a thread for it if there is a runtime, as `object_store` does.
pub(super) async fn on_a_thread<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return work.await;
    };
    let of_thread = runtime.clone();
    let done = runtime.spawn_blocking(move || of_thread.block_on(work));
    done.await.unwrap_or_else(|error| {
        let error = object_store::Error::JoinError { source: error };
        Err(store_error(error, &Path::default()))
    })
}

fn in_store(source: io::Error, path: &Path) -> object_store::Error {
    match source.kind() {
        io::ErrorKind::NotFound => object_store::Error::NotFound {
            path: path.to_string(),
            source: source.into(),
        },
        _ => object_store::Error::Generic {
            store: STORE,
            source: source.into(),
        },
    }
}
