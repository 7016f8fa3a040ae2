//! Which entries of the approved and rejected lists name a patch.

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
    let names = package_forms(patch, os);
    let ids: Vec<&str> = match os.family() {
        OsFamily::Rpm => notice_ids(patch).collect(),
        _ => Vec::new(),
    };
    find(entries, |entry| {
        ids.contains(&entry) || matches_form(entry, &names, os)
    })
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
    let names = package_forms(patch, os);
    find(entries, |entry| matches_form(entry, &names, os))
}

fn find(entries: &[String], names: impl Fn(&str) -> bool) -> Option<&str> {
    entries
        .iter()
        .map(String::as_str)
        .find(|entry| names(entry))
}

/// Whether an entry names the package, or the KB, of a patch. Ids of notices do not count.
pub(crate) fn names_package(entry: &str, patch: &Patch, os: &OperatingSystem) -> bool {
    matches_form(entry, &package_forms(patch, os), os)
}

/// The patterns of yum, dnf and apt are shell patterns, in which a caret negates nothing. zypper's
/// nodes read an entry as an expression, in which it does.
fn matches_form(entry: &str, names: &[String], os: &OperatingSystem) -> bool {
    let caret_negates = os.family() == OsFamily::Zypper;
    names
        .iter()
        .any(|name| glob::matches(entry, name, caret_negates))
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
        OsFamily::Zypper => zypper_forms(patch),
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

/// A SUSE list names packages as rpm does, files with their ending, or whole patches by their title.
fn zypper_forms(patch: &Patch) -> Vec<String> {
    let forms = rpm_forms(patch);
    let files = forms.iter().map(|form| format!("{form}.rpm"));
    let titles = patch.title.iter().chain(&patch.id).cloned();
    let all = files.chain(titles).collect::<Vec<_>>();
    [forms, all].concat()
}

/// The twelve forms in which an rpm package can be named; zypper and macOS use a part of them.
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
