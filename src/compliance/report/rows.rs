use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::types::timestamp;

/// Nodes and patches, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ReportTotals {
    /// Nodes with nothing wrong.
    pub compliant: usize,
    /// Nodes with something wrong.
    pub non_compliant: usize,
    /// Nodes of which nobody knows.
    pub unknown: usize,
    /// Nodes that wait for a reboot.
    pub pending_reboot: usize,
    /// Nodes on which a patch failed.
    pub with_failed: usize,
    /// Nodes with non-compliant patches of the compliance level critical.
    pub with_critical: usize,
    /// Nodes with non-compliant security patches.
    pub with_security: usize,
    /// Windows nodes with security updates that are available and not approved.
    pub with_available_security_updates: usize,
    /// Missing patches, over all nodes.
    pub missing_patches: u64,
    /// Failed patches, over all nodes.
    pub failed_patches: u64,
}

impl ReportTotals {
    /// How many nodes were counted.
    pub fn nodes(&self) -> usize {
        let known = self.compliant.saturating_add(self.non_compliant);
        known.saturating_add(self.unknown)
    }

    /// The share of compliant nodes in percent, rounded down; 0 where there is no node.
    pub fn percent_compliant(&self) -> usize {
        scaled(self.compliant, self.nodes(), 100)
    }

    /// Adds those of others. A stored report can hold any number, so that sums have an end.
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.compliant, other.compliant),
            (&mut self.non_compliant, other.non_compliant),
            (&mut self.unknown, other.unknown),
            (&mut self.pending_reboot, other.pending_reboot),
            (&mut self.with_failed, other.with_failed),
            (&mut self.with_critical, other.with_critical),
            (&mut self.with_security, other.with_security),
            (
                &mut self.with_available_security_updates,
                other.with_available_security_updates,
            ),
        ] {
            *sum = sum.saturating_add(more);
        }
        for (sum, more) in [
            (&mut self.missing_patches, other.missing_patches),
            (&mut self.failed_patches, other.failed_patches),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

/// How much of a length a count is of a whole, rounded down; 0 of nothing.
pub(super) fn scaled(count: usize, of: usize, length: usize) -> usize {
    let wide = |number: usize| u128::try_from(number).unwrap_or(u128::MAX);
    let part = wide(count).saturating_mul(wide(length));
    let part = part.checked_div(wide(of)).unwrap_or(0);
    usize::try_from(part).unwrap_or(length).min(length)
}

/// A patch that nodes miss, or on which they failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MissingPatch {
    /// Its id, such as a KB number.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The vendor's severity; may be empty.
    pub severity: String,
    /// The classification, such as `SecurityUpdates` or `Security`; may be empty.
    #[serde(default)]
    pub classification: String,
    /// How many nodes miss it, or failed on it.
    pub nodes: usize,
    /// On how many of those it failed.
    #[serde(default)]
    pub failed: usize,
    /// The CVEs that it fixes, as the nodes or the catalog tell.
    #[serde(default)]
    pub cve_ids: Vec<String>,
    /// The advisories or bulletins that ship it, where the catalog was given and knows it.
    #[serde(default)]
    pub advisory_ids: Vec<String>,
    /// When it was released, where the catalog was given and knows it.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub released: Option<Timestamp>,
}

/// A node of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ReportNode {
    /// The account and Region, or what else its source is called; empty where the report is of a
    /// single one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The node.
    pub node: String,
    /// What it is called; empty where nobody knows.
    pub name: String,
    /// Its patch group when it last ran a patch operation.
    pub group: String,
    /// Its platform; empty where nobody knows.
    pub operating_system: String,
    /// `compliant`, `non-compliant` or `unknown`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// Missing patches.
    pub missing: u32,
    /// Failed patches.
    pub failed: u32,
    /// Patches that wait for a reboot.
    pub pending_reboot: u32,
    /// Installed patches that the baseline rejects with BLOCK.
    #[serde(default)]
    pub rejected: u32,
    /// Non-compliant patches whose compliance level is critical.
    #[serde(default)]
    pub critical: u32,
    /// Non-compliant security patches.
    #[serde(default)]
    pub security: u32,
    /// Non-compliant patches that are neither.
    #[serde(default)]
    pub other: u32,
    /// Security updates that are available and not approved. Windows.
    #[serde(default)]
    pub available_security_updates: u32,
    /// The patch operation that the verdict rests on, `Scan` or `Install`; empty where there is none.
    #[serde(default)]
    pub operation: String,
    /// When its last patch operation ended.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_operation: Option<Timestamp>,
    /// The baseline that the verdict rests on; empty where there is none.
    pub baseline: String,
    /// What the run said that could not install a patch; empty where none failed, or nobody asked.
    #[serde(default)]
    pub error: String,
    /// The ids of the patches that it misses, where its patches were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_ids: Vec<String>,
    /// The ids of the patches that failed on it, where its patches were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_ids: Vec<String>,
    /// What of it could not be read and why; empty where nothing failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unread: String,
}
