//! The information in errors.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use aws_patch_manager::{Error, ErrorKind};

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
