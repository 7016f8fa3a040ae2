//! A frozen baseline, and where it is not exactly what was approved.

use std::fmt::{self, Write};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::baseline::BaselineSpec;
use crate::lines::Lines;
use crate::types::{Difference, PatchComplianceLevel, timestamp};

/// What a baseline approved at an instant, as a baseline. `Display` prints the differences and deviations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FrozenBaseline {
    /// The baseline, for [`ensure_baseline`](crate::PatchManager::ensure_baseline).
    pub spec: BaselineSpec,
    /// The instant whose approvals it holds.
    #[serde(with = "timestamp")]
    pub at: Timestamp,
    /// The differences from the original, its name included.
    pub differences: Vec<Difference>,
    /// Where it does not approve exactly what the original approved.
    pub deviations: Vec<FreezeDeviation>,
}

/// Where a frozen baseline does not approve exactly what the original approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum FreezeDeviation {
    /// A cut-off date ends a day, and the original's approvals end within the next one: the patches
    /// released between are left out.
    Rounded {
        /// The index of the rule.
        rule: usize,
        /// The cut-off date, whose whole day is approved.
        until_date: Date,
        /// The instant before which the original approves releases.
        #[serde(with = "timestamp")]
        until: Timestamp,
    },
    /// An entry of the approved list has no date, and can name patches that are released later.
    OpenEntry {
        /// The entry.
        entry: String,
    },
    /// A patch of the catalog is approved with another compliance level: a list has one level, the
    /// highest of the approved patches.
    Level {
        /// The patch.
        patch: String,
        /// The level of the original.
        before: PatchComplianceLevel,
        /// The level of the frozen baseline.
        after: PatchComplianceLevel,
    },
    /// A patch of the catalog is no longer approved.
    LeftOut {
        /// The patch.
        patch: String,
    },
    /// A patch of the catalog is approved, and was not.
    Added {
        /// The patch.
        patch: String,
    },
}

impl FrozenBaseline {
    /// Whether no deviation is known.
    pub fn is_exact(&self) -> bool {
        self.deviations.is_empty()
    }
}

impl fmt::Display for FreezeDeviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rounded {
                rule,
                until_date,
                until,
            } => write!(
                f,
                "rule {rule}: the cut-off {until_date} leaves out what was released from the end of \
                 that day until {until}; freeze at the beginning of a day in UTC to be exact"
            ),
            Self::OpenEntry { entry } => write!(
                f,
                "approved list entry `{entry}` can name patches that are released later"
            ),
            Self::Level {
                patch,
                before,
                after,
            } => write!(f, "{patch}: compliance level {before} -> {after}"),
            Self::LeftOut { patch } => write!(f, "{patch}: no longer approved"),
            Self::Added { patch } => write!(f, "{patch}: approved, and was not"),
        }
    }
}

impl fmt::Display for FrozenBaseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        writeln!(f, "{}, frozen at {}", self.spec.name, self.at)?;
        for difference in &self.differences {
            writeln!(f, "  {difference}")?;
        }
        for deviation in &self.deviations {
            writeln!(f, "  not exact: {deviation}")?;
        }
        Ok(())
    }
}
