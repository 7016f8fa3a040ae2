//! Finds the entries of the approved and rejected lists that name a patch.

use super::glob;
use crate::types::{OperatingSystem, OsFamily, Patch};

/// The first entry of the approved list that names the patch.
///
/// rpm also takes the ids of its notices. An id is the whole entry, in its own letter case: nodes
/// of 2021 approved nothing by `CVE-2026-*`, and the documentation has wildcards for packages only
/// (User Guide, package name formats).
pub(super) fn approved<'a>(
    entries: &'a [String],
    patch: &Patch,
    os: &OperatingSystem,
) -> Option<&'a str> {
    let ids: Vec<&str> = match os.family() {
        OsFamily::Rpm => notice_ids(patch).collect(),
        _ => Vec::new(),
    };
    find(entries, patch, os, &ids)
}

/// The first entry of the rejected list that names the patch: package forms only, on rpm too.
///
/// The User Guide's tables of notice attributes say that ids of notices can stand here as well, its
/// page of package name formats says packages only, and so did the nodes of 2021. A judge that
/// took the ids would promise a rejection that may not come; the builder warns of such entries.
pub(super) fn rejected<'a>(
    entries: &'a [String],
    patch: &Patch,
    os: &OperatingSystem,
) -> Option<&'a str> {
    find(entries, patch, os, &[])
}

fn find<'a>(
    entries: &'a [String],
    patch: &Patch,
    os: &OperatingSystem,
    ids: &[&str],
) -> Option<&'a str> {
    if entries.is_empty() {
        return None;
    }
    let names = PackageNames::of(patch, os);
    let mut entries = entries.iter().map(String::as_str);
    entries.find(|entry| names.match_entry(entry, ids))
}

/// The names by which the entry of a list can mean a patch, without the ids of its notices.
pub(crate) struct PackageNames {
    forms: Vec<String>,
    /// Those that an entry without a wildcard has to be, where another form does not do.
    full: Option<Vec<String>>,
}

impl PackageNames {
    pub(crate) fn of(patch: &Patch, os: &OperatingSystem) -> Self {
        let zypper = os.family() == OsFamily::Zypper;
        Self {
            forms: package_forms(patch, os),
            full: zypper.then(|| full_names(patch)),
        }
    }

    /// Whether an entry is one of the names, or a pattern of one.
    pub(crate) fn match_package(&self, entry: &str) -> bool {
        self.match_entry(entry, &[])
    }

    /// The patterns of yum, dnf and apt are shell patterns, in which a caret negates nothing.
    /// zypper's nodes read an entry as an expression, in which it does, and an entry that is no
    /// pattern has to be a full name, in its own letter case (User Guide, package name formats;
    /// node code).
    fn match_entry(&self, entry: &str, ids: &[&str]) -> bool {
        let full = self.full.as_deref();
        if let Some(full) = full.filter(|_| !entry.contains(['*', '?', '['])) {
            return full.iter().any(|name| name == entry);
        }
        let mut names = self.forms.iter().chain(full.unwrap_or_default());
        ids.contains(&entry) || names.any(|name| glob::matches(entry, name, full.is_some()))
    }
}

/// Whether an entry is in the form of a notice's id: of a CVE's, or of an advisory's on rpm.
pub(crate) fn is_notice_id(entry: &str) -> bool {
    let upper = entry.to_ascii_uppercase();
    [
        "CVE-", "ALAS", "RHSA-", "RHBA-", "RHEA-", "ELSA-", "ELBA-", "ELEA-",
    ]
    .iter()
    .any(|prefix| upper.starts_with(prefix))
}

fn notice_ids(patch: &Patch) -> impl Iterator<Item = &str> {
    [&patch.advisory_ids, &patch.cve_ids, &patch.bugzilla_ids]
        .into_iter()
        .flatten()
        .flatten()
        .map(String::as_str)
}

fn package_forms(patch: &Patch, os: &OperatingSystem) -> Vec<String> {
    match os.family() {
        OsFamily::Windows => windows_forms(patch),
        OsFamily::Apt => apt_forms(patch),
        _ => rpm_forms(patch),
    }
}

fn windows_forms(patch: &Patch) -> Vec<String> {
    [&patch.kb_number, &patch.msrc_number]
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty())
        .cloned()
        .collect()
}

/// The six forms in which an apt package can be named.
fn apt_forms(patch: &Patch) -> Vec<String> {
    let Some(name) = patch.name.as_deref() else {
        return Vec::new();
    };
    let mut forms = vec![name.to_owned()];
    let version = patch.version.as_deref();
    let arch = patch.arch.as_deref();
    if let Some(arch) = arch {
        forms.push(format!("{name}.{arch}"));
    }
    if let Some(version) = version {
        forms.push(version.to_owned());
        forms.push(format!("{name}-{version}"));
    }
    if let (Some(arch), Some(version)) = (arch, version) {
        forms.push(format!("{arch}:{version}"));
        forms.push(format!("{name}.{arch}:{version}"));
    }
    forms
}

/// A SUSE list names a package, with its architecture or not, its file, or a whole patch by its title.
fn full_names(patch: &Patch) -> Vec<String> {
    let mut names: Vec<String> = patch.title.iter().chain(&patch.id).cloned().collect();
    names.extend(patch.name.clone());
    if let (Some(n), Some(a)) = (&patch.name, &patch.arch) {
        names.push(format!("{n}.{a}"));
        if let (Some(v), Some(r)) = (&patch.version, &patch.release) {
            names.push(format!("{n}-{v}-{r}.{a}.rpm"));
        }
    }
    names
}

/// The twelve forms in which an rpm package can be named; macOS uses a part of them, and the patterns of zypper.
fn rpm_forms(patch: &Patch) -> Vec<String> {
    let Some(n) = patch.name.as_deref() else {
        return patch.title.iter().chain(&patch.id).cloned().collect();
    };
    let mut forms = vec![n.to_owned()];
    if let Some(a) = patch.arch.as_deref() {
        forms.push(format!("{n}.{a}"));
    }
    let Some(v) = patch.version.as_deref() else {
        return forms;
    };
    forms.extend([format!("{n}-{v}"), v.to_owned()]);
    let Some(r) = patch.release.as_deref() else {
        return forms;
    };
    let e = patch.epoch.unwrap_or_default();
    forms.extend([
        format!("{n}-{v}-{r}"),
        format!("{n}-{e}:{v}-{r}"),
        format!("{v}-{r}"),
        format!("{e}:{v}-{r}"),
    ]);
    if let Some(a) = patch.arch.as_deref() {
        forms.extend([
            format!("{n}-{v}-{r}.{a}"),
            format!("{e}:{n}-{v}-{r}.{a}"),
            format!("{n}-{e}:{v}-{r}.{a}"),
            format!("{n}.{a}:{e}:{v}-{r}"),
        ]);
    }
    forms
}
