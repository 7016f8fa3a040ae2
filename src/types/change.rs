use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::visible::visible_line;

/// What a verb had to do to make something what is desired.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Change {
    /// There was none, and it was created.
    Created,
    /// It differed in these members, and was updated.
    Updated(Vec<Difference>),
    /// The desired state does not have it, and it was removed.
    Removed,
    /// It was as desired.
    Unchanged,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created => f.pad("created"),
            Self::Updated(differences) => {
                f.write_str("updated")?;
                for (place, difference) in differences.iter().enumerate() {
                    let before = if place == 0 { ": " } else { "; " };
                    write!(f, "{before}{difference}")?;
                }
                Ok(())
            }
            Self::Removed => f.pad("removed"),
            Self::Unchanged => f.pad("unchanged"),
        }
    }
}

/// A part of a maintenance window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum WindowPart {
    /// The window itself.
    Window,
    /// A registered target.
    Target,
    /// A registered task.
    Task,
}

impl fmt::Display for WindowPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Window => "window",
            Self::Target => "target",
            Self::Task => "task",
        })
    }
}

/// One thing that [`ensure_maintenance_window`](crate::PatchManager::ensure_maintenance_window) did.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WindowChange {
    /// The part.
    pub part: WindowPart,
    /// Its name; its id where it has none.
    pub name: String,
    /// What was done.
    pub change: Change,
}

impl WindowChange {
    /// This change of the part of this name.
    pub fn new(part: WindowPart, name: impl Into<String>, change: Change) -> Self {
        let name = name.into();
        Self { part, name, change }
    }
}

impl fmt::Display for WindowChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.part, self.name, self.change)
    }
}

/// One member whose current value differs from the desired one.
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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Difference {
    /// The path of the member in the service's terms.
    pub field: String,
    /// The current value as JSON; empty if there is none. For a value that may hold a secret, only
    /// its length.
    pub before: String,
    /// The desired value, in the same form.
    pub after: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |text: &str| match text {
            "" => "none".to_owned(),
            text => visible_line(text),
        };
        let (before, after) = (or_none(&self.before), or_none(&self.after));
        write!(f, "{}: {before} -> {after}", visible_line(&self.field))
    }
}

impl Difference {
    /// The differences between two JSON values, member by member. `shown` returns the text of a
    /// value, by its path.
    pub(crate) fn between(
        before: &Value,
        after: &Value,
        shown: fn(&str, &Value) -> String,
    ) -> Vec<Self> {
        let mut found = Vec::new();
        compare("", before, after, shown, &mut found);
        found
    }
}

fn compare(
    path: &str,
    before: &Value,
    after: &Value,
    shown: fn(&str, &Value) -> String,
    found: &mut Vec<Difference>,
) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = member_path(path, key);
                let (a, b) = (a.get(key), b.get(key));
                let none = &Value::Null;
                compare(&path, a.unwrap_or(none), b.unwrap_or(none), shown, found);
            }
        }
        (Value::Array(a), Value::Array(b))
            if a.len() == b.len() && a.iter().all(Value::is_object) =>
        {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}[{index}]"), a, b, shown, found);
            }
        }
        _ => {
            let text = |value: &Value| match value {
                Value::Null => String::new(),
                value => shown(path, value),
            };
            found.push(Difference {
                field: path.to_owned(),
                before: text(before),
                after: text(after),
            });
        }
    }
}

/// A text as a side of a difference: two quotes if it is empty, for an empty side is an absent value.
pub(crate) fn shown_text(text: &str) -> String {
    match text {
        "" => "\"\"".to_owned(),
        text => text.to_owned(),
    }
}

/// The path of a member of what stands at a path; the member itself at the top.
pub(crate) fn member_path(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}
