use std::fmt;

use serde::Serialize;

use crate::types::Difference;

/// What a verb had to do to make something what is desired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// One thing that [`PatchManager::ensure_maintenance_window`] had to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    pub(super) fn new(part: WindowPart, name: impl Into<String>, change: Change) -> Self {
        let name = name.into();
        Self { part, name, change }
    }
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

impl fmt::Display for WindowChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.part, self.name, self.change)
    }
}
