//! What an operation does to a node.

use jiff::{SignedDuration, Timestamp};

use super::scan::{Applicable, Facts, Scanned, newer_versions, scan};
use crate::compliance::PatchState;
use crate::memory::store::commands::Done;
use crate::memory::store::fleet::{SinceBoot, replace};
use crate::memory::store::fleet_file::InstalledPackage;
use crate::memory::store::report::Finding;
use crate::operation::InstallOverrideList;
use crate::types::{OsFamily, Patch, PatchOperation, RebootOption};

/// How long a scan takes, and the frame of an install.
const SCAN: SignedDuration = SignedDuration::from_secs(60);
/// How long one patch takes to install, whether it succeeds or not.
const PATCH: SignedDuration = SignedDuration::from_secs(60);
/// How long a reboot takes.
const REBOOT: SignedDuration = SignedDuration::from_secs(120);

/// What an operation is asked to do.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) operation: PatchOperation,
    pub(super) reboot: RebootOption,
    /// What alone an Install installs, if it is given.
    pub(super) list: Option<InstallOverrideList>,
}

impl Task {
    /// How long the operation takes in virtual time. An install asks what it will come to.
    pub(super) fn duration(&self, outcome: impl FnOnce() -> Outcome) -> SignedDuration {
        if self.operation != PatchOperation::Install {
            return SCAN;
        }
        let outcome = outcome();
        let patches = PATCH * i32::try_from(outcome.attempts).unwrap_or(i32::MAX);
        let reboot = if outcome.rebooted {
            REBOOT
        } else {
            SignedDuration::ZERO
        };
        SCAN.saturating_add(patches).saturating_add(reboot)
    }
}

/// What an operation made of a node.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) scanned: Scanned,
    /// What is installed now; `None` if that has not changed.
    pub(super) installed: Option<Vec<InstalledPackage>>,
    pub(super) since_boot: SinceBoot,
    pub(super) newly_installed: Vec<String>,
    pub(super) attempts: usize,
    pub(super) rebooted: bool,
}

impl Outcome {
    fn missing(&self) -> Vec<InstalledPackage> {
        let remedies = self
            .scanned
            .findings
            .iter()
            .map(|finding| finding.remedy.as_deref().cloned());
        remedies.flatten().collect()
    }

    /// Installs packages, and returns the ids of those that do not install.
    fn install(
        &mut self,
        before: &[InstalledPackage],
        packages: Vec<InstalledPackage>,
        failing: &[String],
        at: Timestamp,
    ) -> Vec<String> {
        self.attempts = packages.len();
        let mut failed = Vec::new();
        let installed = self.installed.get_or_insert_with(|| before.to_vec());
        for package in packages {
            let id = package.kb_id();
            if failing.contains(&id) {
                failed.push(id);
            } else {
                replace(installed, package.installed_at(at));
                self.since_boot.by_install.insert(id.clone());
                self.newly_installed.push(id);
            }
        }
        failed
    }

    /// What it did, for the record.
    pub(super) fn done(&self) -> Done {
        let new = |package: &&InstalledPackage| self.newly_installed.contains(&package.kb_id());
        let installed = self.installed.iter().flatten();
        Done {
            installed: match self.newly_installed.is_empty() {
                true => Vec::new(),
                false => installed.filter(new).cloned().collect(),
            },
            failed: failures(&self.scanned.findings)
                .map(|finding| finding.data.kb_id.clone())
                .collect(),
            rebooted: self.rebooted,
        }
    }
}

pub(super) fn failures(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    let findings = findings.iter();
    findings.filter(|finding| finding.data.state == PatchState::Failed)
}

/// Scans; an Install then installs what is missing, reboots if it may and must, and scans again.
///
/// What the second scan still finds missing has failed. With an override list only what it names is
/// installed, and only that can fail; the rest stays missing (User Guide, InstallOverrideList; node
/// code). `failing` names the patches that do not
/// install on the node. A reboot is due where something was installed, now or since the last boot,
/// not where the operating system asks for one (User Guide, AWS-RunPatchBaseline, RebootOption).
pub(super) fn perform(
    task: &Task,
    facts: Facts<'_>,
    failing: &[String],
    applicable: Applicable<'_>,
    at: Timestamp,
) -> Outcome {
    let mut outcome = Outcome {
        scanned: scan(facts, applicable),
        installed: None,
        since_boot: facts.since_boot.clone(),
        newly_installed: Vec::new(),
        attempts: 0,
        rebooted: false,
    };
    if task.operation != PatchOperation::Install {
        return outcome;
    }
    let packages = match &task.list {
        Some(list) => listed(list, facts, applicable, outcome.missing()),
        None => outcome.missing(),
    };
    let failed = outcome.install(facts.installed, packages, failing, at);
    let state = |finding: &Finding| finding.data.state.clone();
    let pending = !outcome.since_boot.by_install.is_empty()
        || outcome
            .scanned
            .findings
            .iter()
            .any(|finding| state(finding) == PatchState::InstalledPendingReboot);
    if task.reboot != RebootOption::NoReboot && pending {
        outcome.rebooted = true;
        outcome.since_boot = SinceBoot::default();
    }
    let after = Facts {
        installed: outcome.installed.as_deref().unwrap_or(facts.installed),
        since_boot: &outcome.since_boot,
        ..facts
    };
    outcome.scanned = scan(after, applicable);
    for finding in &mut outcome.scanned.findings {
        let still_missing = match &task.list {
            Some(_) => failed.contains(&finding.data.kb_id),
            None => finding.data.state == PatchState::Missing,
        };
        if still_missing {
            finding.data.state = PatchState::Failed;
            finding.reason = Some(why_failed(facts.family).to_owned());
        }
    }
    outcome
}

/// What an override list has installed: on Windows what the baseline approves too, elsewhere newer
/// versions of what is installed, approved or not.
fn listed(
    list: &InstallOverrideList,
    facts: Facts<'_>,
    applicable: Applicable<'_>,
    missing: Vec<InstalledPackage>,
) -> Vec<InstalledPackage> {
    let named = |patch: &Patch| list.names(patch, facts.os);
    if facts.family != OsFamily::Windows {
        return newer_versions(facts, applicable, &named);
    }
    let is_named = |package: &InstalledPackage| {
        let mut updates = applicable.iter().map(|judged| judged.patch);
        updates.any(|patch| patch.kb_number == package.kb_number && named(patch))
    };
    missing.into_iter().filter(is_named).collect()
}

fn why_failed(family: OsFamily) -> &'static str {
    match family {
        OsFamily::Windows => "Windows Update could not install it (0x80070643)",
        OsFamily::Apt => "apt could not configure the package; dpkg ended with exit code 1",
        OsFamily::Zypper => "zypper could not install the package; its scriptlet failed",
        OsFamily::Macos => "softwareupdate could not install it",
        _ => "the package's scriptlet failed; the transaction was rolled back",
    }
}
