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
