//! The members that an input of CreatePatchBaseline may have, to refuse those that it may not.

use serde_json::Value;

use crate::error::Violations;
use crate::spelling::no_such_member;
use crate::types::member_path;

/// What may stand at a place of a JSON text.
enum Shape {
    /// A value whose inside has no members.
    Plain,
    /// An object of these members.
    Object(&'static [(&'static str, Shape)]),
    /// An array of such.
    List(&'static Shape),
}

use Shape::{List, Object, Plain};

const FILTERS: Shape = Object(&[(
    "PatchFilters",
    List(&Object(&[("Key", Plain), ("Values", Plain)])),
)]);

const RULE: Shape = Object(&[
    ("PatchFilterGroup", FILTERS),
    ("ComplianceLevel", Plain),
    ("ApproveAfterDays", Plain),
    ("ApproveUntilDate", Plain),
    ("EnableNonSecurity", Plain),
]);

const INPUT: Shape = Object(&[
    ("OperatingSystem", Plain),
    ("Name", Plain),
    ("GlobalFilters", FILTERS),
    ("ApprovalRules", Object(&[("PatchRules", List(&RULE))])),
    ("ApprovedPatches", Plain),
    ("ApprovedPatchesComplianceLevel", Plain),
    ("ApprovedPatchesEnableNonSecurity", Plain),
    ("RejectedPatches", Plain),
    ("RejectedPatchesAction", Plain),
    ("Description", Plain),
    (
        "Sources",
        List(&Object(&[
            ("Name", Plain),
            ("Products", Plain),
            ("Configuration", Plain),
        ])),
    ),
    ("AvailableSecurityUpdatesComplianceStatus", Plain),
    ("ClientToken", Plain),
    ("Tags", List(&Object(&[("Key", Plain), ("Value", Plain)]))),
    // What GetPatchBaseline prints besides, and is no part of a baseline's input.
    ("BaselineId", Plain),
    ("PatchGroups", Plain),
    ("CreatedDate", Plain),
    ("ModifiedDate", Plain),
]);

/// Records each member that neither CreatePatchBaseline takes nor GetPatchBaseline prints.
pub(super) fn refuse_unknown(input: &Value, found: &mut Violations) {
    walk(input, &INPUT, "", found);
}

/// A value of another type than its shape is left to the reading that follows. No value is quoted,
/// for it may hold credentials.
fn walk(value: &Value, shape: &Shape, path: &str, found: &mut Violations) {
    match (value, shape) {
        (Value::Object(members), Object(legal)) => {
            for (name, value) in members {
                let path = member_path(path, name);
                match legal.iter().find(|(legal, _)| legal == name) {
                    Some((_, shape)) => walk(value, shape, &path, found),
                    None => {
                        let names = legal.iter().map(|(name, _)| *name);
                        found.push(path, "", no_such_member(name, names));
                    }
                }
            }
        }
        (Value::Array(items), List(shape)) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, shape, &format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}
