use std::cmp::Ordering;

use super::string_enum;

string_enum! {
    /// How serious it is if an approved patch is missing: the *compliance level* of a rule or list.
    ///
    /// Ordered on purpose: `Critical` is the greatest. An unknown level ranks lowest.
    pub enum PatchComplianceLevel {
        /// Highest.
        Critical = "CRITICAL",
        /// High.
        High = "HIGH",
        /// Medium.
        Medium = "MEDIUM",
        /// Low.
        Low = "LOW",
        /// Informational.
        Informational = "INFORMATIONAL",
        /// Not specified: the service's default.
        Unspecified = "UNSPECIFIED",
    }
}

impl PatchComplianceLevel {
    /// The level as a number: 5 for critical down to 0 for unspecified.
    #[inline]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Critical => 5,
            Self::High => 4,
            Self::Medium => 3,
            Self::Low => 2,
            Self::Informational => 1,
            Self::Unspecified | Self::Other(_) => 0,
        }
    }
}

impl PartialOrd for PatchComplianceLevel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PatchComplianceLevel {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = self.rank();
        match rank.cmp(&other.rank()) {
            // Only the lowest rank has several levels.
            Ordering::Equal if rank == 0 && self != other => self.as_str().cmp(other.as_str()),
            order => order,
        }
    }
}

// Derived Default would need a `#[default]` variant inside the macro. This is the service's
// default.
#[allow(clippy::derivable_impls)]
impl Default for PatchComplianceLevel {
    fn default() -> Self {
        Self::Unspecified
    }
}

string_enum! {
    /// The severity of a compliance item; for patches it is the compliance level of the baseline.
    pub enum ComplianceSeverity {
        /// Highest.
        Critical = "CRITICAL",
        /// High.
        High = "HIGH",
        /// Medium.
        Medium = "MEDIUM",
        /// Low.
        Low = "LOW",
        /// Informational.
        Informational = "INFORMATIONAL",
        /// Not specified.
        Unspecified = "UNSPECIFIED",
    }
}

impl From<&PatchComplianceLevel> for ComplianceSeverity {
    fn from(level: &PatchComplianceLevel) -> Self {
        Self::from(level.as_str())
    }
}

string_enum! {
    /// Whether an item, a node or a resource complies.
    pub enum ComplianceStatus {
        /// It complies.
        Compliant = "COMPLIANT",
        /// It does not comply.
        NonCompliant = "NON_COMPLIANT",
    }
}
