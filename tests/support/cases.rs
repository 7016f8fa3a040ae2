//! Cases with answers that are not in the repository: where they are, and their lines.

#![allow(dead_code)]

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder that an environment variable names. Without it there is nothing to compare with,
/// which in CI is a failure.
pub(crate) fn folder(variable: &str) -> Option<PathBuf> {
    match std::env::var_os(variable) {
        Some(folder) => Some(folder.into()),
        None => {
            assert!(
                std::env::var("CI").is_err(),
                "{variable} must name the folder of the cases in CI"
            );
            eprintln!("skipped: {variable} names no folder of cases");
            None
        }
    }
}

/// The objects of a file that has one JSON object a line.
pub(crate) fn lines(file: &Path) -> Vec<Value> {
    let text =
        std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let cases: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(!cases.is_empty(), "{} has no cases", file.display());
    cases
}

/// The objects of a folder's JSON files, by the files' names.
pub(crate) fn files(folder: &Path) -> Vec<(String, Value)> {
    let files =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = files.map(|file| file.unwrap().path());
    let mut cases: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect();
    assert!(!cases.is_empty(), "{} has no cases", folder.display());
    cases.sort_by(|(a, _), (b, _)| a.cmp(b));
    cases
}
