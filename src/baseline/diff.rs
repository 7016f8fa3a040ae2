use serde_json::Value;

use super::{BaselineSpec, PatchBaseline};
use crate::types::Difference;

impl PatchBaseline {
    /// The differences between this baseline and a specification; empty if nothing has to change.
    ///
    /// An absent member counts as the service's default. Tags, groups, dates and the id are not
    /// compared. Source configurations are compared but not shown, because they may hold
    /// credentials.
    pub fn diff(&self, spec: &BaselineSpec) -> Vec<Difference> {
        let wanted = PatchBaseline::from_spec(self.baseline_id.clone(), spec);
        Difference::between(&comparable(self), &comparable(&wanted), shown)
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

/// The text of a member of a baseline, by its path. The configuration of a source may hold
/// credentials, so only its length is shown.
pub(crate) fn shown(path: &str, value: &Value) -> String {
    match value {
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
