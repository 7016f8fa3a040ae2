//! Reads YAML in a time that its length bounds.

use serde::de::{DeserializeOwned, Error as _};
use serde_norway::Error;

/// How deep brackets may be within one another. A reader of values stops at 128.
const DEEPEST: usize = 1_000;

/// Reads a YAML text. One with more open brackets than a text has that can be read is refused before:
/// libyaml looks at all open ones for each further one, which takes hours for a megabyte of them.
pub(crate) fn read_yaml<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = depth.max(deepest);
    }
    if deepest > DEEPEST {
        let message = format!("{deepest} brackets are open within one another; {DEEPEST} at most");
        return Err(Error::custom(message));
    }
    serde_norway::from_slice(text)
}
