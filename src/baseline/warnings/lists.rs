//! Warnings about entries of the two lists that match nothing, or may not.

use super::Found;
use super::notices;
use crate::baseline::BaselineSpec;
use crate::baseline::approval::is_notice_id;
use crate::types::{OperatingSystem, OsFamily};

pub(super) fn check(spec: &BaselineSpec, os: &OperatingSystem, found: &mut Found) {
    let notices = !notices::lacks_notices(spec, os);
    for (list, entries) in [
        ("ApprovedPatches", &spec.approved_patches),
        ("RejectedPatches", &spec.rejected_patches),
    ] {
        for (index, entry) in entries.iter().enumerate() {
            if let Some(advice) = about(list, entry, os, notices) {
                found.add(format!("{list}[{index}]"), entry.as_str(), advice);
            }
        }
    }
}

/// The warning about an entry that is the id of a notice.
///
/// The User Guide's tables of notice attributes allow such ids in both lists, its page of package
/// name formats in the approved list only. Nodes of 2021 compared rejected entries with packages
/// only, and approved ids as they are: whole, and in capital letters.
fn about(list: &str, entry: &str, os: &OperatingSystem, notices: bool) -> Option<&'static str> {
    let prefixed = is_notice_id(entry);
    let digits = !entry.is_empty() && entry.bytes().all(|b| b.is_ascii_digit());
    let capitals = !entry.bytes().any(|b| b.is_ascii_lowercase());
    match (os.family(), list) {
        (OsFamily::Rpm, "RejectedPatches") if prefixed || digits => Some(
            "the documentation allows it, but nodes of 2021 compare rejected entries with package \
             names only: reject the packages by name too",
        ),
        (OsFamily::Rpm, _) if !notices && (prefixed || digits) => {
            Some("approves nothing: CentOS repositories have no update notices")
        }
        (OsFamily::Rpm, _) if prefixed && entry.contains(['*', '?', '[']) => Some(
            "approves nothing: wildcards match package names, not notice ids; write the whole id",
        ),
        (OsFamily::Rpm, _) if prefixed && !capitals => {
            Some("approves nothing: notice ids are case-sensitive; write it in capital letters")
        }
        (OsFamily::Windows | OsFamily::Apt | OsFamily::Zypper | OsFamily::Macos, _)
            if entry.to_ascii_uppercase().starts_with("CVE-") =>
        {
            Some("matches nothing: CVE ids match on rpm systems only")
        }
        _ => None,
    }
}
