//! What a node has installed, and which patches there are, by what nodes report.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::compliance::{InstancePatchState, PatchComplianceData, PatchState};
use crate::memory::{InstalledPackage, node_title, version_order};
use crate::types::{OperatingSystem, OsFamily, Patch};

/// A node that reported its patches.
#[derive(Debug, Clone)]
pub(super) struct Reported<'a> {
    pub(super) os: &'a OperatingSystem,
    pub(super) product: &'a str,
    pub(super) state: &'a InstancePatchState,
    pub(super) patches: &'a [PatchComplianceData],
}

/// The patches there are, by what nodes call them: KB numbers, or `name.arch`.
#[derive(Debug)]
pub(super) struct Patches {
    all: Vec<Patch>,
    by_kb: HashMap<String, Vec<usize>>,
}

impl Patches {
    /// The patches of a listing, and those that nodes report and the listing has not.
    ///
    /// The service lists Windows and Amazon Linux 1 and 2 only, and drops what is superseded. What a node
    /// reports of a patch says the rest: its classification, its severity, and on Linux its version. Such
    /// a patch has no release date, which approval counts as long past. Only an available security update
    /// counts as released when the node last looked: it is not approved yet.
    pub(super) fn of(listed: &[Patch], nodes: &[Reported<'_>]) -> Self {
        let mut patches = Self {
            all: Vec::new(),
            by_kb: HashMap::new(),
        };
        listed.iter().for_each(|patch| patches.add(patch.clone()));
        let open: BTreeSet<(&str, &str)> = nodes
            .iter()
            .flat_map(|node| {
                let open = node.patches.iter().filter(|row| is_open(row));
                open.map(|row| (node.product, row.kb_id.as_str()))
            })
            .collect();
        for node in nodes {
            for row in node.patches {
                if patches.find(node, row).is_none()
                    && let Some(patch) = reported(node, row, &open)
                {
                    patches.add(patch);
                }
            }
        }
        patches
    }

    pub(super) fn into_all(self) -> Vec<Patch> {
        self.all
    }

    fn add(&mut self, patch: Patch) {
        let places = self.by_kb.entry(patch.kb_id()).or_default();
        places.push(self.all.len());
        self.all.push(patch);
    }

    /// The patches that nodes call so: updates of several products, or the versions of a package.
    fn called(&self, kb: &str) -> impl Iterator<Item = &Patch> {
        let places = self.by_kb.get(kb).into_iter().flatten();
        places.filter_map(|place| self.all.get(*place))
    }

    /// The versions of a package of a product.
    fn versions<'a>(&'a self, product: &'a str, kb: &str) -> impl Iterator<Item = &'a Patch> {
        let of_product = move |patch: &&Patch| patch.product.as_deref() == Some(product);
        self.called(kb).filter(of_product)
    }

    /// The patch that a row of a report is about: on Windows of the node's product or of an application, on
    /// Linux in the version that the title has.
    fn find<'a>(&'a self, node: &Reported<'a>, row: &PatchComplianceData) -> Option<&'a Patch> {
        let family = node.os.family();
        let mut versions = self.versions(node.product, &row.kb_id);
        if family != OsFamily::Windows {
            return versions.find(|patch| node_title(family, patch) == row.title);
        }
        let of_node = versions.next();
        of_node.or_else(|| self.called(&row.kb_id).find(|patch| is_application(patch)))
    }

    /// The products of Microsoft's applications that a node reports patches of.
    pub(super) fn applications<'a>(&'a self, node: &Reported<'a>) -> Vec<String> {
        if node.os.family() != OsFamily::Windows {
            return Vec::new();
        }
        let found = node.patches.iter().filter_map(|row| self.find(node, row));
        let products: BTreeSet<&String> = found
            .filter_map(|patch| patch.product.as_ref())
            .filter(|product| *product != node.product)
            .collect();
        products.into_iter().cloned().collect()
    }

    /// What is installed on a node by its report.
    ///
    /// On Linux the report has the version of a missing patch, and not the one that is installed. That is
    /// the lowest in the catalog of which the report's CVEs are all that is fixed since; before the first
    /// one in the catalog it is `0`.
    pub(super) fn installed(&self, node: &Reported<'_>) -> Vec<InstalledPackage> {
        let rows = node.patches.iter();
        rows.filter_map(|row| match row.state {
            PatchState::Installed
            | PatchState::InstalledOther
            | PatchState::InstalledPendingReboot
            | PatchState::InstalledRejected => self.present(node, row),
            PatchState::Missing | PatchState::Failed => self.outdated(node, row),
            _ => None,
        })
        .collect()
    }

    fn present(&self, node: &Reported<'_>, row: &PatchComplianceData) -> Option<InstalledPackage> {
        let mut package = match (node.os.family(), self.find(node, row)) {
            (OsFamily::Windows, _) => InstalledPackage::kb(&row.kb_id),
            (_, Some(patch)) => package(patch),
            (family, None) => package(&version_of(family, row)?),
        };
        let installed = row.installed_time;
        package.installed_time = (installed != Timestamp::UNIX_EPOCH).then_some(installed);
        Some(package)
    }

    fn outdated(&self, node: &Reported<'_>, row: &PatchComplianceData) -> Option<InstalledPackage> {
        let family = node.os.family();
        if family == OsFamily::Windows {
            return None;
        }
        let missing = self.find(node, row)?;
        let mut older: Vec<&Patch> = self
            .versions(node.product, &row.kb_id)
            .filter(|patch| version_order(family, patch, missing).is_lt())
            .collect();
        older.sort_by(|one, other| version_order(family, one, other));
        let reported: BTreeSet<&str> = match &row.cve_ids {
            Some(cves) => cves.split(',').map(str::trim).collect(),
            None => BTreeSet::new(),
        };
        let installed = lowest_since_which(&older, missing, &reported);
        Some(match installed {
            Some(patch) => package(patch),
            None => InstalledPackage {
                version: Some("0".to_owned()),
                epoch: None,
                release: None,
                ..package(missing)
            },
        })
    }
}

/// The lowest of these versions, in ascending order, of which the reported CVEs are all that the newer ones
/// fix. `None` if they are all that the lowest and the newer ones fix: the node has none of them.
fn lowest_since_which<'p>(
    older: &[&'p Patch],
    missing: &'p Patch,
    reported: &BTreeSet<&str>,
) -> Option<&'p Patch> {
    let (mut fixed, mut surplus, mut lowest) = (BTreeSet::new(), 0_usize, None);
    let mut fix = |patch: &'p Patch| {
        for cve in patch.cve_ids.iter().flatten() {
            let is_new = fixed.insert(cve.as_str());
            surplus += usize::from(is_new && !reported.contains(cve.as_str()));
        }
        surplus == 0 && fixed.len() == reported.len()
    };
    let mut is_all = fix(missing);
    for patch in older.iter().rev() {
        if is_all {
            lowest = Some(*patch);
        }
        is_all = fix(patch);
    }
    lowest.filter(|_| !is_all)
}

/// The patches that wait for a reboot.
pub(super) fn pending(patches: &[PatchComplianceData]) -> BTreeSet<String> {
    in_state(patches, &PatchState::InstalledPendingReboot).collect()
}

/// The patches that the last install could not install. They are taken to fail again.
pub(super) fn failed(patches: &[PatchComplianceData]) -> Vec<String> {
    in_state(patches, &PatchState::Failed).collect()
}

fn in_state(patches: &[PatchComplianceData], state: &PatchState) -> impl Iterator<Item = String> {
    let rows = patches.iter().filter(move |row| row.state == *state);
    rows.map(|row| row.kb_id.clone())
}

/// Whether a patch can still be installed.
fn is_open(row: &PatchComplianceData) -> bool {
    matches!(
        row.state,
        PatchState::Missing | PatchState::Failed | PatchState::AvailableSecurityUpdate
    )
}

fn is_application(patch: &Patch) -> bool {
    let product = patch.product.as_deref();
    product.is_some_and(|product| !product.starts_with("Windows"))
}

fn package(patch: &Patch) -> InstalledPackage {
    InstalledPackage {
        kb_number: None,
        name: patch.name.clone(),
        epoch: patch.epoch,
        version: patch.version.clone(),
        release: patch.release.clone(),
        arch: patch.arch.clone(),
        installed_time: None,
    }
}

/// The patch that a row is about, by the row alone; `None` if the row has nothing by which a baseline
/// could approve it.
fn reported(
    node: &Reported<'_>,
    row: &PatchComplianceData,
    open: &BTreeSet<(&str, &str)>,
) -> Option<Patch> {
    let text = |text: &String| (!text.is_empty()).then(|| text.clone());
    let family = node.os.family();
    let described = !row.classification.is_empty() || !row.severity.is_empty();
    if !described || row.state == PatchState::InstalledOther {
        return None;
    }
    let mut patch = match family {
        OsFamily::Windows => Patch {
            kb_number: Some(row.kb_id.clone()),
            product_family: Some("Windows".to_owned()),
            msrc_severity: text(&row.severity),
            // A dropped update is not offered to other nodes.
            supersedes: match open.contains(&(node.product, row.kb_id.as_str())) {
                true => Vec::new(),
                false => vec![row.kb_id.clone()],
            },
            ..Patch::default()
        },
        _ => version_of(family, row)?,
    };
    match family {
        OsFamily::Windows => {}
        // The node says whether the archive is one of security, and not which it is.
        OsFamily::Apt => {
            patch.priority = text(&row.severity);
            let security = row.classification == "Security";
            patch.repository = security.then(|| "security".to_owned());
        }
        _ => patch.severity = Some(row.severity.clone()),
    }
    if family != OsFamily::Apt {
        patch.classification = text(&row.classification);
    }
    let cves = row.cve_ids.as_deref();
    patch.cve_ids = cves.map(|cves| cves.split(',').map(|cve| cve.trim().to_owned()).collect());
    patch.title = text(&row.title);
    patch.product = Some(node.product.to_owned());
    let not_yet = row.state == PatchState::AvailableSecurityUpdate;
    patch.release_date = not_yet.then_some(node.state.operation_end_time);
    Some(patch)
}

/// The package and version that the title of a row has on Linux and macOS: `NAME.ARCH:EPOCH:VERSION-RELEASE`
/// for rpm, `NAME.ARCH:VERSION` for apt, `NAME.VERSION` on macOS (node code).
pub(crate) fn version_of(family: OsFamily, row: &PatchComplianceData) -> Option<Patch> {
    let (name, arch) = match (family, row.kb_id.rsplit_once('.')) {
        (OsFamily::Macos, _) | (_, None) => (row.kb_id.as_str(), None),
        (_, Some((name, arch))) => (name, Some(arch)),
    };
    let rest = row.title.strip_prefix(row.kb_id.as_str())?;
    let mut patch = Patch {
        name: Some(name.to_owned()),
        arch: arch.map(str::to_owned),
        ..Patch::default()
    };
    match family {
        OsFamily::Apt => patch.version = Some(rest.strip_prefix(':')?.to_owned()),
        OsFamily::Macos => patch.version = Some(rest.strip_prefix('.')?.to_owned()),
        _ => {
            let (epoch, version) = rest.strip_prefix(':')?.split_once(':')?;
            patch.epoch = epoch.parse().ok();
            let (version, release) = match version.rsplit_once('-') {
                Some((version, release)) => (version, Some(release)),
                None => (version, None),
            };
            patch.version = Some(version.to_owned());
            patch.release = release.map(str::to_owned);
        }
    }
    Some(patch)
}
