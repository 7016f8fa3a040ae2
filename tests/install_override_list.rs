//! What an install override list names, and which lists are refused.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "support/cases.rs"]
mod cases;

use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};
use aws_patch_manager::types::{OperatingSystem, Patch};
use aws_patch_manager::{ErrorKind, Violation};
use serde_json::json;

/// `PATCH_ORACLE` names the folder with the answers of AWS's node code.
#[test]
fn every_list_names_what_it_names_on_a_node() {
    let Some(folder) = cases::folder("PATCH_ORACLE") else {
        return;
    };
    let mut wrong = Vec::new();
    for case in cases::lines(&folder.join("override_cases.shared.jsonl")) {
        let os = match case["tool"].as_str().unwrap() {
            "apt" => OperatingSystem::Ubuntu,
            "yum" => OperatingSystem::AmazonLinux2,
            "dnf" => OperatingSystem::AmazonLinux2023,
            "zypper" => OperatingSystem::Suse,
            tool => panic!("{tool}"),
        };
        let package: Patch = serde_json::from_value(case["package"].clone()).unwrap();
        let named = InstallOverrideList::from_json(&case["list"].to_string())
            .map(|list| list.names(&package, &os));
        let right = match case["oracle"]["named"].as_bool() {
            Some(expected) => named.as_ref().is_ok_and(|named| *named == expected),
            None => named.is_err(),
        };
        if !right {
            wrong.push(format!("{}: {named:?}", case["id"]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

// User Guide, InstallOverrideList: a title narrows an id.
#[test]
fn with_a_title_both_must_match() {
    let mut package = Patch::default();
    package.name = Some("kernel".to_owned());
    package.arch = Some("x86_64".to_owned());
    package.epoch = Some(0);
    package.version = Some("6.1.90".to_owned());
    package.release = Some("99.amzn2023".to_owned());
    let os = OperatingSystem::AmazonLinux2023;
    let cases = [
        (OverriddenPatch::new("kernel.x86_64"), true),
        (OverriddenPatch::new("kernel"), true),
        (OverriddenPatch::new("kern"), false),
        (
            OverriddenPatch::new("kernel").with_title("kernel.x86_64:*:6.1.*"),
            true,
        ),
        (
            OverriddenPatch::new("kernel").with_title("kernel.x86_64:*:4.14.*"),
            false,
        ),
        (OverriddenPatch::new("vim").with_title("kernel*"), false),
        (OverriddenPatch::of(&package).unwrap(), true),
    ];
    for (entry, expected) in cases {
        let list = InstallOverrideList::new([entry.clone()]).unwrap();
        assert_eq!(list.names(&package, &os), expected, "{entry}");
    }
}

#[test]
fn an_empty_list_names_nothing() {
    let list = InstallOverrideList::new([]).unwrap();
    assert!(!list.names(&Patch::default(), &OperatingSystem::Windows));
}

#[test]
fn every_entry_without_an_id_is_refused() {
    let entries = ["", "vim", ""].map(OverriddenPatch::new);
    let error = InstallOverrideList::new(entries).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        paths(error.violations()),
        ["patches[0].id", "patches[2].id"]
    );
}

#[test]
fn entries_that_name_nothing_or_every_version_are_warned_of() {
    let ids = [
        "CVE-2026-1234",
        "ALAS2023-2026-901",
        "RHSA-2026:1",
        "vim",
        "KB5037782",
    ];
    let list = InstallOverrideList::new(ids.map(OverriddenPatch::new)).unwrap();
    let warnings = list.warnings();
    assert_eq!(
        paths(&warnings),
        [0, 1, 2, 3].map(|n| format!("patches[{n}].id"))
    );
    assert!(warnings[2].to_string().contains("name nothing here"));
    assert!(warnings[3].to_string().contains("names every version"));
}

fn paths(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(|one| one.field.clone()).collect()
}

#[test]
fn a_file_reads_back_and_unknown_members_are_ignored() {
    let entry = OverriddenPatch::new("kernel.x86_64").with_title("kernel*");
    let list = InstallOverrideList::new([entry, OverriddenPatch::new("KB4284819")]).unwrap();
    assert_eq!(
        InstallOverrideList::from_json(&list.to_json()).unwrap(),
        list
    );
    let more = json!({ "patches": [{ "id": "vim", "why": "a note" }], "owner": "web" });
    let read = InstallOverrideList::from_json(&more.to_string()).unwrap();
    assert_eq!(read.patches, [OverriddenPatch::new("vim")]);
    for wrong in ["", "[]", r#"{"patches": [{"title": "vim"}]}"#] {
        let error = InstallOverrideList::from_json(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{wrong}");
    }
}
