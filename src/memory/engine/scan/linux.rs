use std::collections::{BTreeMap, BTreeSet};

use super::version::Evr;
use super::{Facts, Judged};
use crate::baseline::PatchAction;
use crate::baseline::approval::ApprovalVerdict;
use crate::compliance::PatchState;
use crate::memory::store::fleet_file::InstalledPackage;
use crate::memory::store::report::Finding;
use crate::types::{OsFamily, Patch, PatchComplianceLevel};

type NameArch<'a> = (&'a str, &'a str);

/// One version of a package in the catalog.
struct Candidate<'a> {
    evr: Evr,
    judged: Judged<'a>,
}

pub(super) fn scan(
    facts: Facts<'_>,
    judged: &[Judged<'_>],
    judge: &dyn Fn(&Patch) -> ApprovalVerdict,
) -> Vec<Finding> {
    let candidates = candidates(facts.family, judged);
    let installed = installed(facts);
    let none = Vec::new();
    let mut findings: Vec<Finding> = installed
        .iter()
        .map(|(key, (evr, package))| {
            let versions = candidates.get(key).unwrap_or(&none);
            Presence {
                facts,
                evr,
                package,
                versions,
            }
            .finding(judge)
        })
        .collect();
    findings.extend(
        candidates
            .iter()
            .filter(|(key, _)| !installed.contains_key(*key))
            .filter_map(|(_, versions)| highest_approved(versions))
            .map(|(candidate, level)| {
                Finding::of(candidate.judged.patch, PatchState::NotApplicable)
                    .at_level(level.clone())
            }),
    );
    findings
}

fn candidates<'a>(
    family: OsFamily,
    judged: &[Judged<'a>],
) -> BTreeMap<NameArch<'a>, Vec<Candidate<'a>>> {
    let mut candidates: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for judged in judged {
        let patch = judged.patch;
        let Some(name) = patch.name.as_deref() else {
            continue;
        };
        let key = (name, patch.arch.as_deref().unwrap_or_default());
        let (version, release) = (patch.version.as_deref(), patch.release.as_deref());
        candidates.entry(key).or_default().push(Candidate {
            evr: Evr::new(family, patch.epoch, version, release),
            judged: *judged,
        });
    }
    candidates
}

/// The highest installed version of each package: kernels are installed side by side.
fn installed(facts: Facts<'_>) -> BTreeMap<NameArch<'_>, (Evr, &InstalledPackage)> {
    let mut highest: BTreeMap<NameArch<'_>, (Evr, &InstalledPackage)> = BTreeMap::new();
    for package in facts.installed {
        let Some(name) = package.name.as_deref() else {
            continue;
        };
        let key = (name, package.arch.as_deref().unwrap_or_default());
        let (version, release) = (package.version.as_deref(), package.release.as_deref());
        let evr = Evr::new(facts.family, package.epoch, version, release);
        if highest.get(&key).is_none_or(|(known, _)| *known < evr) {
            highest.insert(key, (evr, package));
        }
    }
    highest
}

fn highest_approved<'c, 'a>(
    versions: &'c [Candidate<'a>],
) -> Option<(&'c Candidate<'a>, &'a PatchComplianceLevel)> {
    versions
        .iter()
        .filter_map(|candidate| match candidate.judged.verdict {
            ApprovalVerdict::Approved { level, .. } => Some((candidate, level)),
            _ => None,
        })
        .max_by(|(a, _), (b, _)| a.evr.cmp(&b.evr))
}

/// An installed package and the versions of it that there are.
struct Presence<'p, 'a> {
    facts: Facts<'p>,
    evr: &'p Evr,
    package: &'p InstalledPackage,
    versions: &'p [Candidate<'a>],
}

impl Presence<'_, '_> {
    /// The states of a Linux node, in the order in which the patch document tries them.
    fn finding(&self, judge: &dyn Fn(&Patch) -> ApprovalVerdict) -> Finding {
        let known = self
            .versions
            .iter()
            .find(|version| version.evr == *self.evr);
        let stand_in = self.stand_in();
        let (patch, own) = match known {
            Some(known) => (known.judged.patch, known.judged.verdict.clone()),
            None => (&stand_in, judge(&stand_in)),
        };
        let here = |state| Finding::of(patch, state).installed_at(self.package.installed_time);
        if let ApprovalVerdict::Rejected { action, .. } = &own {
            return here(match action {
                PatchAction::Block => PatchState::InstalledRejected,
                _ => PatchState::InstalledOther,
            });
        }
        let approved = highest_approved(self.versions);
        if let Some((newer, level)) = approved.filter(|(newest, _)| newest.evr > *self.evr) {
            return self.missing(newer).at_level(level.clone());
        }
        let level = match (&own, approved) {
            (ApprovalVerdict::Approved { level, .. }, _) => Some(level),
            (_, Some((_, level))) => Some(level),
            _ => None,
        };
        let pending = self.facts.pending.contains(&self.package.kb_id());
        let state = match level {
            _ if pending => PatchState::InstalledPendingReboot,
            Some(_) => PatchState::Installed,
            None => PatchState::InstalledOther,
        };
        here(state).at_level(level.cloned().unwrap_or_default())
    }

    fn missing(&self, newer: &Candidate<'_>) -> Finding {
        let patch = newer.judged.patch;
        let package = InstalledPackage {
            name: patch.name.clone(),
            epoch: patch.epoch,
            version: patch.version.clone(),
            release: patch.release.clone(),
            arch: patch.arch.clone(),
            ..InstalledPackage::default()
        };
        let mut finding = Finding::of(patch, PatchState::Missing).cured_by(package);
        finding.data.cve_ids = self.cves_up_to(&newer.evr);
        finding
    }

    /// The CVEs fixed by every version after the installed one; apt and macOS do not report them.
    fn cves_up_to(&self, newest: &Evr) -> Option<String> {
        if matches!(self.facts.family, OsFamily::Apt | OsFamily::Macos) {
            return None;
        }
        let fixed: BTreeSet<&str> = self
            .versions
            .iter()
            .filter(|version| version.evr > *self.evr && version.evr <= *newest)
            .flat_map(|version| version.judged.patch.cve_ids.iter().flatten())
            .map(String::as_str)
            .collect();
        (!fixed.is_empty()).then(|| fixed.into_iter().collect::<Vec<_>>().join(","))
    }

    /// The installed package as a patch, for when the catalog does not hold its version.
    fn stand_in(&self) -> Patch {
        let package = self.package;
        Patch {
            product: Some(self.facts.product.to_owned()),
            name: package.name.clone(),
            epoch: package.epoch,
            version: package.version.clone(),
            release: package.release.clone(),
            arch: package.arch.clone(),
            ..Patch::default()
        }
    }
}
