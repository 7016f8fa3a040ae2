//! The table of IAM actions covers what the adapters call, and nothing else.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use aws_patch_manager::backend::{Operation, iam};

/// The operation of every `send!` of the adapters, named in place or by a constant above it.
fn called(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            called(&path, found);
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let words: Vec<&str> = source.split_whitespace().collect();
        let source = words.join(" ").replace("send!( ", "send!(");
        for (at, call) in source.match_indices("send!(self, ") {
            let named = source[at + call.len()..].split(',').next().unwrap();
            let operation = match named {
                "OPERATION" => source[..at]
                    .rsplit("const OPERATION: Operation = ")
                    .next()
                    .unwrap(),
                _ => named,
            };
            let operation = operation.trim_start_matches("Operation::");
            let operation = operation.split(';').next().unwrap();
            let operation: Operation = operation.parse().unwrap();
            found.insert(format!("{}:{operation}", operation.service().as_str()));
        }
    }
}

#[test]
fn the_table_is_what_the_adapters_call() {
    let mut found = BTreeSet::new();
    called(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws"),
        &mut found,
    );
    let table = iam::VERBS.iter().flat_map(|verbs| iam::actions(verbs));
    let table: BTreeSet<String> = table.map(str::to_owned).collect();
    // It has to name the roles, so no policy of the table has it.
    assert!(found.remove("sts:AssumeRole"));
    assert_eq!(table, found);
}

#[test]
fn every_operation_belongs_to_verbs_that_the_table_names() {
    for operation in Operation::ALL {
        assert!(iam::VERBS.contains(&operation.verbs()), "{operation}");
    }
}

#[test]
fn the_guide_shows_the_policy_that_the_table_makes() {
    let shown = include_str!("../src/docs/iam-policy.json");
    let shown: serde_json::Value = serde_json::from_str(shown).unwrap();
    assert_eq!(shown, iam::policy_document(&[]));
}

#[test]
fn the_front_page_names_every_action_beside_its_verbs() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for verbs in iam::VERBS {
        let begins = format!("//! | {verbs} | ");
        let line = page.lines().find(|line| line.starts_with(&begins));
        let line = line.unwrap();
        for action in iam::actions(verbs) {
            assert!(line.contains(&format!("`{action}`")), "{action}");
        }
    }
}
