use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{BaselineSpec, PatchBaseline};

/// One member in which a baseline and a specification differ.
///
/// ```
/// use aws_patch_manager::BaselineBuilder;
/// use aws_patch_manager::baseline::PatchBaseline;
///
/// let of = |days| BaselineBuilder::windows_critical_and_security("prod-windows", days).build();
/// let stored = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &of(7)?);
/// let differences = stored.diff(&of(14)?);
/// assert_eq!(differences.len(), 1);
/// assert_eq!((differences[0].before.as_str(), differences[0].after.as_str()), ("7", "14"));
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Difference {
    /// The path of the member in the service's terms.
    pub field: String,
    /// What the baseline says, as JSON; empty where it says nothing.
    pub before: String,
    /// What the specification says, as JSON; empty where it says nothing.
    pub after: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |text: &str| {
            if text.is_empty() {
                "none".to_owned()
            } else {
                text.to_owned()
            }
        };
        write!(
            f,
            "{}: {} -> {}",
            self.field,
            or_none(&self.before),
            or_none(&self.after)
        )
    }
}

impl PatchBaseline {
    /// Where the baseline differs from what a specification would make of it; empty where nothing has to change.
    ///
    /// What either leaves out counts as the service's default. Tags, groups, dates and
    /// the id are not compared. Source configurations are compared and not shown, for they may
    /// hold credentials.
    pub fn diff(&self, spec: &BaselineSpec) -> Vec<Difference> {
        let wanted = PatchBaseline::from_spec(self.baseline_id.clone(), spec);
        let mut found = Vec::new();
        compare("", &comparable(self), &comparable(&wanted), &mut found);
        found
    }
}

fn comparable(baseline: &PatchBaseline) -> Value {
    let mut baseline = baseline.clone();
    baseline.fill_defaults();
    let mut members = serde_json::to_value(baseline).unwrap_or_default();
    if let Value::Object(members) = &mut members {
        for member in ["BaselineId", "PatchGroups", "CreatedDate", "ModifiedDate"] {
            members.remove(member);
        }
    }
    members
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                compare(
                    &path,
                    a.get(key).unwrap_or(&Value::Null),
                    b.get(key).unwrap_or(&Value::Null),
                    found,
                );
            }
        }
        (Value::Array(a), Value::Array(b))
            if a.len() == b.len() && a.iter().all(Value::is_object) =>
        {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}[{index}]"), a, b, found);
            }
        }
        _ => found.push(Difference {
            field: path.to_owned(),
            before: shown(path, before),
            after: shown(path, after),
        }),
    }
}

fn shown(path: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        _ if path == "Sources" => {
            format!("{} sources", value.as_array().map_or(0, Vec::len))
        }
        _ if path.starts_with("Sources[") && path.ends_with(".Configuration") => {
            format!(
                "<{} characters>",
                value.as_str().map_or(0, |text| text.chars().count())
            )
        }
        _ => value.to_string(),
    }
}
