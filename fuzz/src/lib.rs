//! What the fuzz targets share.

use std::fmt::Debug;
use std::future::Future;
use std::sync::LazyLock;

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::jiff::Timestamp;
use aws_patch_manager::types::Patch;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime")
});

/// The sample catalog's instant, so that no input depends on when it runs.
pub const NOW: Timestamp = Timestamp::constant(1_778_716_800, 0);

/// A small account: what it takes to set up is most of an input's time.
pub fn account() -> MemoryBackend {
    let builder = MemoryBackend::builder().fleet_json(FLEET);
    builder.expect("a fleet").start(NOW).build()
}

const FLEET: &str = include_str!("fleet.json");

/// Waits for a future on this thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// Reads a value from JSON, and panics if what is written of it is not read as the same value.
pub fn read_and_write<T>(json: &str) -> Option<T>
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    let value: T = serde_json::from_str(json).ok()?;
    let written = serde_json::to_string(&value).expect("what was read can be written");
    let again: T = serde_json::from_str(&written)
        .unwrap_or_else(|error| panic!("{error}: {written}\nof {value:?}"));
    assert_eq!(again, value, "{written}");
    Some(value)
}

/// The same for a type with methods of its own for JSON.
pub fn read_and_write_by<T, E: Debug>(
    json: &str,
    read: impl Fn(&str) -> Result<T, E>,
    write: impl Fn(&T) -> String,
) -> Option<T>
where
    T: PartialEq + Debug,
{
    let value = read(json).ok()?;
    let written = write(&value);
    match read(&written) {
        Ok(again) => assert_eq!(again, value, "{written}"),
        Err(error) => panic!("{error:?}: {written}\nof {value:?}"),
    }
    Some(value)
}

/// A patch of `name arch epoch version release kb`; `-` leaves a member out.
pub fn patch(line: &str) -> Patch {
    let mut words = line
        .split(' ')
        .map(|word| Some(word).filter(|word| *word != "-"));
    let mut next = || words.next().flatten();
    let mut patch = Patch::default();
    patch.name = next().map(str::to_owned);
    patch.arch = next().map(str::to_owned);
    patch.epoch = next().and_then(|epoch| epoch.parse().ok());
    patch.version = next().map(str::to_owned);
    patch.release = next().map(str::to_owned);
    patch.kb_number = next().map(str::to_owned);
    patch.id = patch.kb_number.clone().or_else(|| patch.name.clone());
    patch
}
