use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::version::Evr;
use super::{Applicable, Facts, Judged, Scanned};
use crate::baseline::PatchAction;
use crate::baseline::approval::ApprovalDecision;
use crate::compliance::PatchState;
use crate::memory::store::catalog::CatalogStore;
use crate::memory::store::fleet_file::InstalledPackage;
use crate::memory::store::report::Finding;
use crate::types::{OsFamily, Patch, PatchComplianceLevel};

type NameArch<'a> = (&'a str, &'a str);

/// The versions of each package, as places among the decisions of an approval: the nodes that start
/// together share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Packages {
    /// By name and architecture.
    versions: HashMap<String, HashMap<String, Vec<(Evr, usize)>>>,
    /// How many packages have an approved version.
    approved: usize,
}

impl Packages {
    pub(super) fn of(
        family: OsFamily,
        decisions: &[(usize, ApprovalDecision)],
        catalog: &CatalogStore,
    ) -> Self {
        let mut packages = Self::default();
        let mut approved = HashSet::new();
        for (place, (number, decision)) in decisions.iter().enumerate() {
            let patch = catalog.patches().get(*number);
            let Some((patch, name)) = patch.and_then(|patch| Some((patch, patch.name.as_deref()?)))
            else {
                continue;
            };
            let arch = patch.arch.as_deref().unwrap_or_default();
            let (version, release) = (patch.version.as_deref(), patch.release.as_deref());
            let evr = Evr::new(family, patch.epoch, version, release);
            let of_name = packages.versions.entry(name.to_owned()).or_default();
            let versions = of_name.entry(arch.to_owned()).or_default();
            versions.push((evr, place));
            if matches!(decision, ApprovalDecision::Approved { .. }) {
                approved.insert((name, arch));
            }
        }
        packages.approved = approved.len();
        packages
    }
}

impl<'a> Applicable<'a> {
    /// The versions of a package that apply to the node.
    fn versions(self, (name, arch): NameArch<'_>) -> Vec<Candidate<'a>> {
        let of_name = self.approval.packages.versions.get(name);
        let places = of_name.and_then(|of_name| of_name.get(arch));
        self.candidates(places.map_or(&[], Vec::as_slice))
    }

    fn candidates(self, places: &'a [(Evr, usize)]) -> Vec<Candidate<'a>> {
        let places = places.iter();
        places
            .filter_map(|(evr, place)| {
                let judged = self.get(*place)?;
                Some(Candidate { evr, judged })
            })
            .collect()
    }

    /// How many packages have an approved version.
    fn approved_packages(self) -> usize {
        let packages = &self.approval.packages;
        if self.left_out.is_empty() {
            return packages.approved;
        }
        let each = packages.versions.values().flat_map(HashMap::values);
        each.filter(|places| highest_approved(&self.candidates(places)).is_some())
            .count()
    }
}

/// One version of a package in the catalog.
struct Candidate<'a> {
    evr: &'a Evr,
    judged: Judged<'a>,
}

impl<'a> Candidate<'a> {
    /// The level at which it is approved.
    fn level(&self) -> Option<&'a PatchComplianceLevel> {
        match self.judged.decision {
            ApprovalDecision::Approved { level, .. } => Some(level),
            _ => None,
        }
    }
}

pub(super) fn scan(facts: Facts<'_>, applicable: Applicable<'_>) -> Scanned {
    let installed = installed(facts);
    let mut scanned = Scanned {
        findings: Vec::with_capacity(installed.len()),
        not_applicable: applicable.approved_packages(),
    };
    for (key, (evr, package)) in &installed {
        let versions = applicable.versions(*key);
        if highest_approved(&versions).is_some() {
            scanned.not_applicable = scanned.not_applicable.saturating_sub(1);
        }
        let presence = Presence {
            facts,
            evr,
            package,
            versions: &versions,
        };
        scanned.findings.push(presence.finding(applicable));
    }
    scanned
}

/// Of each installed package the newest version of those that are asked for, if it is newer.
pub(crate) fn newer_versions(
    facts: Facts<'_>,
    applicable: Applicable<'_>,
    wanted: &dyn Fn(&Patch) -> bool,
) -> Vec<InstalledPackage> {
    let installed = installed(facts);
    let newer = installed.iter().filter_map(|(key, (evr, _))| {
        let versions = applicable.versions(*key).into_iter();
        let newer = versions.filter(|version| version.evr > evr && wanted(version.judged.patch));
        let newest = newer.max_by(|a, b| a.evr.cmp(b.evr))?;
        Some(package(newest.judged.patch))
    });
    newer.collect()
}

fn package(patch: &Patch) -> InstalledPackage {
    InstalledPackage {
        name: patch.name.clone(),
        epoch: patch.epoch,
        version: patch.version.clone(),
        release: patch.release.clone(),
        arch: patch.arch.clone(),
        ..InstalledPackage::default()
    }
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

/// The newest approved version; of several notices for it, the one of the highest level.
fn highest_approved<'c, 'a>(
    versions: &'c [Candidate<'a>],
) -> Option<(&'c Candidate<'a>, &'a PatchComplianceLevel)> {
    versions
        .iter()
        .filter_map(|candidate| Some((candidate, candidate.level()?)))
        .max_by(|(a, level_a), (b, level_b)| a.evr.cmp(b.evr).then_with(|| level_a.cmp(level_b)))
}

/// What a node reports of one version of a package.
///
/// - The title is made on the node and never the vendor's (node code).
/// - Only apt reports classification and severity of what the baseline does not approve (User Guide,
///   compliance states, footnote). What is rejected keeps them: the footnote does not name it, and
///   nodes of 2021 differed (dnf and yum left them out, zypper did not). apt's classification says
///   whether the version comes from a security archive: apt has no notices (node code).
/// - The version is the installed one also on zypper, if nothing is approved. Nodes of 2021 gave the
///   newest of the repositories there; no document says which.
fn finding(family: OsFamily, patch: &Patch, state: PatchState) -> Finding {
    let unapproved = matches!(
        state,
        PatchState::InstalledOther | PatchState::NotApplicable
    );
    let mut finding = if unapproved && family != OsFamily::Apt {
        Finding::unknown(patch.kb_id(), state)
    } else {
        Finding::of(patch, state)
    };
    if family == OsFamily::Apt {
        let security = patch.is_of_security_archive();
        finding.data.classification = if security { "Security" } else { "" }.to_owned();
    }
    finding.data.title = title(family, patch);
    finding
}

/// The title that a node gives a version of a package.
pub(crate) fn title(family: OsFamily, patch: &Patch) -> String {
    let kb = patch.kb_id();
    let Some(version) = patch.version.as_deref() else {
        return kb;
    };
    let release = patch.release.as_deref();
    let version = release.map_or(version.to_owned(), |release| format!("{version}-{release}"));
    match family {
        OsFamily::Apt => format!("{kb}:{version}"),
        OsFamily::Macos => format!("{kb}.{version}"),
        _ => format!("{kb}:{}:{version}", patch.epoch.unwrap_or_default()),
    }
}

/// The package tool, as far as the tools of one family differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Yum,
    Dnf,
    Other,
}

/// An installed package and the versions of it that there are.
struct Presence<'p, 'a> {
    facts: Facts<'p>,
    evr: &'p Evr,
    package: &'p InstalledPackage,
    versions: &'p [Candidate<'a>],
}

impl Presence<'_, '_> {
    /// The state of an installed package.
    ///
    /// A newer approved version counts first, even if the installed one is rejected: an entry that
    /// names a version rejects no other (User Guide, selecting patches; node code).
    fn finding(&self, applicable: Applicable<'_>) -> Finding {
        let approved = highest_approved(self.versions);
        if let Some((newer, level)) = approved.filter(|(newest, _)| newest.evr > self.evr) {
            return self.missing(newer).at_level(level.clone());
        }
        let same = self
            .versions
            .iter()
            .filter(|version| version.evr == self.evr);
        let known = same.max_by_key(|version| version.level());
        let stand_in = self.stand_in();
        let (patch, own) = match known {
            // dnf judges what is installed without its notice and date, so that a rule with
            // EnableNonSecurity takes it at once (node code).
            Some(known) if known.level().is_none() && self.tool() == Tool::Dnf => {
                (known.judged.patch, applicable.of_unknown(&stand_in))
            }
            Some(known) => (known.judged.patch, known.judged.decision.clone()),
            None => (&stand_in, applicable.of_unknown(&stand_in)),
        };
        let level = self.level(&own, known.is_some(), approved);
        let kb = self.package.kb_id();
        let state = match &own {
            _ if self.facts.since_boot.is_pending(&kb, level.is_some()) => {
                PatchState::InstalledPendingReboot
            }
            ApprovalDecision::Rejected { action, .. } if *action == PatchAction::Block => {
                PatchState::InstalledRejected
            }
            _ if level.is_some() => PatchState::Installed,
            _ => PatchState::InstalledOther,
        };
        finding(self.facts.family, patch, state)
            .installed_at(self.package.installed_time)
            .at_level(level.cloned().unwrap_or_default())
    }

    /// The level at which the installed version counts as approved. `older` is what is approved of the
    /// others.
    fn level<'v>(
        &self,
        own: &'v ApprovalDecision,
        known: bool,
        older: Option<(&Candidate<'_>, &'v PatchComplianceLevel)>,
    ) -> Option<&'v PatchComplianceLevel> {
        match (own, older) {
            // yum does not ask what it would say of a version that no repository offers (node code).
            (ApprovalDecision::Approved { level, .. }, _) if known || self.tool() != Tool::Yum => {
                Some(level)
            }
            (ApprovalDecision::Rejected { .. }, _) => None,
            // Only an older version is approved: the everyday case while a delay runs. The User
            // Guide's definition makes it InstalledOther, but nodes with yum count it. To dnf, which
            // leaves epochs out, a version that is older by its epoch alone is not older.
            (_, Some((older, level))) => match self.tool() {
                Tool::Yum => Some(level),
                Tool::Dnf => older.evr.is_newer_without_epoch(self.evr).then_some(level),
                Tool::Other => None,
            },
            _ => None,
        }
    }

    fn tool(&self) -> Tool {
        let Facts {
            os,
            family,
            product,
            ..
        } = self.facts;
        match family {
            OsFamily::Rpm if os.uses_yum(Some(product)) => Tool::Yum,
            OsFamily::Rpm => Tool::Dnf,
            _ => Tool::Other,
        }
    }

    fn missing(&self, newer: &Candidate<'_>) -> Finding {
        let patch = newer.judged.patch;
        let finding = finding(self.facts.family, patch, PatchState::Missing);
        let mut finding = finding.cured_by(package(patch));
        finding.data.cve_ids = self.cves_up_to(newer.evr);
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
            .filter(|version| version.evr > self.evr && version.evr <= newest)
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
