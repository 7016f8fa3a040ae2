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

/// Nodes read the file as YAML, which refuses some letters that JSON may contain, and folds others.
#[test]
fn a_written_list_is_read_as_yaml_whatever_its_letters() {
    for letter in [
        '\0',
        '\t',
        '\n',
        '"',
        '\\',
        '\u{7f}',
        '\u{80}',
        '\u{85}',
        '\u{9f}',
        '\u{a0}',
        '\u{2028}',
        '\u{2029}',
        '\u{d7ff}',
        '\u{e000}',
        '\u{feff}',
        '\u{fffd}',
        '\u{fffe}',
        '\u{ffff}',
        '\u{1f600}',
        '\u{1fffe}',
        '\u{10ffff}',
    ] {
        let entry =
            OverriddenPatch::new(format!("a{letter}b")).with_title(format!("{letter} {letter}"));
        let list = InstallOverrideList::new([entry]).unwrap();
        let file = list.to_json();
        let read = InstallOverrideList::from_yaml(&file);
        assert_eq!(read.as_ref().ok(), Some(&list), "{letter:?}: {read:?}");
        assert_eq!(
            InstallOverrideList::from_json(&file).unwrap(),
            list,
            "{letter:?}"
        );
    }
}

/// A member of the file that says nothing about patches may have any form.
#[test]
fn a_yaml_list_ignores_what_it_does_not_know_whatever_its_key() {
    for (yaml, ids) in [
        ("1: 2\npatches: [{id: vim, 3: x}]", vec!["vim"]),
        (
            "true: [~]\n? [a, b]\n: c\npatches: [{id: vim}]",
            vec!["vim"],
        ),
        ("0: [{id: vim}]\npatches: []", vec![]),
    ] {
        let list = InstallOverrideList::from_yaml(yaml).unwrap();
        let found: Vec<&str> = list.patches.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(found, ids, "{yaml}");
    }
}

/// Without the title of its base, an entry would name every version.
#[test]
fn a_merge_key_of_a_yaml_list_merges() {
    let yaml = "base: &base {title: 'vim*:9.0*'}\npatches: [{<<: *base, id: 'vim*'}]";
    let list = InstallOverrideList::from_yaml(yaml).unwrap();
    let entry = OverriddenPatch::new("vim*").with_title("vim*:9.0*");
    assert_eq!(list.patches, [entry]);
}

#[test]
fn a_list_of_another_form_is_refused_at_its_places() {
    for (json, paths_) in [
        (r#"[[["vim", "9"]]]"#, vec!["the text"]),
        (r#"{"patches": [["vim", "9"]]}"#, vec!["patches[0]"]),
        (
            r#"{"patches": [{"id": 5037782}, {"id": "vim", "title": []}, {}]}"#,
            vec!["patches[0].id", "patches[1].title", "patches[2].id"],
        ),
        (r#"{"patch": []}"#, vec!["patches"]),
    ] {
        let error = InstallOverrideList::from_json(json).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(paths(error.violations()), paths_, "{json}: {error}");
        // Every JSON text is YAML.
        let error = InstallOverrideList::from_yaml(json).unwrap_err();
        let found = paths(error.violations());
        let found = found.iter().map(|path| match path.as_str() {
            "" => "the text",
            path => path,
        });
        assert_eq!(found.collect::<Vec<_>>(), paths_, "{json}: {error}");
    }
    let nan = InstallOverrideList::from_yaml("patches: [{id: vim, title: .nan}]").unwrap_err();
    assert_eq!(paths(nan.violations()), ["patches[0].title"]);
}

/// To read them takes a time that grows with their square.
#[test]
fn a_yaml_text_of_nested_brackets_is_refused_before_it_is_read() {
    for open in ["[", "{", "{a: ["] {
        let text = format!("patches: {}", open.repeat(3_000));
        let error = InstallOverrideList::from_yaml(&text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.message().contains("brackets"), "{error}");
    }
    let title = "[{".repeat(450);
    let yaml = format!("patches: [{{id: vim, title: '{title}'}}]");
    let list = InstallOverrideList::from_yaml(&yaml).unwrap();
    assert_eq!(
        list.patches,
        [OverriddenPatch::new("vim").with_title(title)]
    );
}
