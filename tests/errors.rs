//! The information in errors.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use aws_patch_manager::{Error, ErrorKind, Violation};

#[test]
fn each_kind_says_in_words_of_its_own_what_it_is_and_what_to_do() {
    let names: BTreeSet<String> = ErrorKind::ALL.iter().map(ToString::to_string).collect();
    let advice: BTreeSet<&str> = ErrorKind::ALL.iter().map(|kind| kind.advice()).collect();
    assert_eq!(names.len(), ErrorKind::ALL.len());
    assert_eq!(advice.len(), ErrorKind::ALL.len());
    for advice in advice {
        assert!(!advice.is_empty() && !advice.ends_with('.'), "{advice}");
        assert!(advice.starts_with(char::is_lowercase), "{advice}");
    }
}

#[test]
fn an_error_prints_its_kind_as_the_kind_prints_itself() {
    for kind in ErrorKind::ALL {
        let error = Error::new(*kind, "so").with_operation("GetPatchBaseline");
        assert_eq!(error.to_string(), format!("GetPatchBaseline: {kind}: so"));
    }
}

#[test]
fn the_guide_to_errors_names_every_kind() {
    let guide = include_str!("../src/docs/errors.rs");
    for kind in ErrorKind::ALL {
        let link = format!("[`{kind:?}`](crate::ErrorKind::{kind:?})");
        assert!(guide.contains(&link), "{link}");
    }
}

#[test]
fn a_violation_prints_in_one_line_whatever_the_value_is() {
    let hostile = "a\r\n\u{1b}[31mb\u{202e}c\u{2028}d\u{feff}";
    let shown = "a\\r\\n\\u{1b}[31mb\\u{202e}c\\u{2028}d\\u{feff}";
    assert_eq!(
        Violation::new(hostile, hostile, "1\n2").to_string(),
        format!("{shown}: `{shown}`: 1\\n2")
    );
    let long = "é".repeat(1_002);
    assert_eq!(
        Violation::new("Name", &long, "short").to_string(),
        format!("Name: `{}… and 2 characters`: short", "é".repeat(1_000))
    );
    let error = Error::invalid_input(vec![Violation::new("Name", long, "short"); 2]);
    assert_eq!(error.to_string().lines().count(), 3);
}

/// A service repeats what a request had, and a terminal obeys what is printed.
#[test]
fn an_error_prints_no_character_that_changes_the_text_around_it() {
    let error =
        Error::new(ErrorKind::Other, "no\u{1b}[2J\u{202e}thing\nmore").with_resource("a\0b\nc");
    assert_eq!(error.to_string(), "service error: ab c: no[2Jthing\nmore");
    let error = Error::service(ErrorKind::Other, "Co\u{1b}de\n", "").with_request_id("1\u{202e}2");
    assert_eq!(error.to_string(), "service error (Code , request 12)");
}

#[test]
fn the_members_of_an_error_are_as_they_were_given() {
    let error = Error::new(ErrorKind::Other, "no\u{1b}[2J\u{202e}thing\nmore");
    assert_eq!(error.message(), "no\u{1b}[2J\u{202e}thing\nmore");
}
