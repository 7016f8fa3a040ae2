//! What a scan finds: each patch's state on a node, from what is installed and what is approved.

mod linux;
mod windows;

use std::collections::BTreeSet;

use crate::baseline::approval::Verdict;
use crate::memory::store::fleet_file::InstalledPackage;
use crate::memory::store::report::Finding;
use crate::types::{OsFamily, Patch};

/// What there is to know of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) family: OsFamily,
    pub(super) product: &'a str,
    pub(super) installed: &'a [InstalledPackage],
    /// What was installed since the last boot by an Install that did not reboot.
    pub(super) pending: &'a BTreeSet<String>,
}

/// A released patch of the node's product, and what the baseline says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) patch: &'a Patch,
    pub(super) verdict: &'a Verdict,
}

/// Sorts every patch that concerns the node into its state, ordered by id.
///
/// `judge` is asked about installed packages that the catalog does not hold.
pub(super) fn scan(
    facts: Facts<'_>,
    judged: &[Judged<'_>],
    judge: &dyn Fn(&Patch) -> Verdict,
) -> Vec<Finding> {
    let mut findings = match facts.family {
        OsFamily::Windows => windows::scan(facts, judged, judge),
        _ => linux::scan(facts, judged, judge),
    };
    findings.sort_by(|a, b| a.data.kb_id.cmp(&b.data.kb_id));
    findings
}
