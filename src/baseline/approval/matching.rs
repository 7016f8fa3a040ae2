//! Which filters of a baseline a patch passes.

use std::ops::Range;

use crate::baseline::catalog::is_product_of_windows;
use crate::baseline::{PatchFilter, PatchFilterKey};
use crate::types::{OperatingSystem, OsFamily, Patch};

/// The filters of a baseline, global ones first, arranged by key: each value is compared once for all
/// filters that have it.
#[derive(Debug, Clone, Default)]
pub(super) struct FilterTable {
    filters: usize,
    /// Those that every patch passes.
    any: FilterSet,
    keys: Vec<KeyValues>,
}

#[derive(Debug, Clone)]
struct KeyValues {
    key: PatchFilterKey,
    values: Vec<(String, FilterSet)>,
}

impl FilterTable {
    /// Adds the filters of a group, and returns their numbers.
    pub(super) fn add(&mut self, filters: &[PatchFilter], os: &OperatingSystem) -> Range<usize> {
        let first = self.filters;
        for filter in filters {
            self.add_filter(filter, os);
            self.filters += 1;
        }
        first..self.filters
    }

    fn add_filter(&mut self, filter: &PatchFilter, os: &OperatingSystem) {
        let number = self.filters;
        if filter.values.iter().any(|value| value == "*") {
            self.any.insert(number);
            return;
        }
        let known = self.keys.iter().position(|known| known.key == filter.key);
        let at = known.unwrap_or(self.keys.len());
        if known.is_none() {
            let (key, values) = (filter.key.clone(), Vec::new());
            self.keys.push(KeyValues { key, values });
        }
        let Some(key) = self.keys.get_mut(at) else {
            return;
        };
        for value in &filter.values {
            for value in spellings(&filter.key, value, os) {
                match key.values.iter_mut().find(|(known, _)| known == value) {
                    Some((_, filters)) => filters.insert(number),
                    None => {
                        let mut filters = FilterSet::default();
                        filters.insert(number);
                        key.values.push((value.to_owned(), filters));
                    }
                }
            }
        }
    }

    /// The filters that a patch passes. `yum` says whether its node uses yum.
    pub(super) fn passed(&self, patch: &Patch, os: &OperatingSystem, yum: bool) -> FilterSet {
        let mut passed = self.any.clone();
        for key in &self.keys {
            let comparison = Comparison::of(&key.key, os, yum);
            each_member(&key.key, patch, |actual| {
                for (wanted, filters) in &key.values {
                    if comparison.equal(wanted, actual) {
                        passed.add(filters);
                    }
                }
            });
        }
        passed
    }
}

/// A set of a baseline's filters. The service takes 55 at most; a set of more than 64 allocates.
#[derive(Debug, Clone, Default)]
pub(super) struct FilterSet {
    first: u64,
    more: Vec<u64>,
}

impl FilterSet {
    fn insert(&mut self, number: usize) {
        let bit = 1 << (number % 64);
        match number / 64 {
            0 => self.first |= bit,
            word => {
                if self.more.len() < word {
                    self.more.resize(word, 0);
                }
                if let Some(word) = self.more.get_mut(word - 1) {
                    *word |= bit;
                }
            }
        }
    }

    fn contains(&self, number: usize) -> bool {
        let word = match number / 64 {
            0 => self.first,
            word => self.more.get(word - 1).copied().unwrap_or_default(),
        };
        word & (1 << (number % 64)) != 0
    }

    fn add(&mut self, other: &Self) {
        self.first |= other.first;
        if self.more.len() < other.more.len() {
            self.more.resize(other.more.len(), 0);
        }
        for (word, more) in self.more.iter_mut().zip(&other.more) {
            *word |= more;
        }
    }

    /// The place in a group of the first filter that is not in the set.
    pub(super) fn first_missing(&self, group: &Range<usize>) -> Option<usize> {
        group.clone().position(|number| !self.contains(number))
    }
}

/// Whether a rule of these filters leaves Microsoft's applications alone.
///
/// A rule without PATCH_SET is about the operating system: AWS-DefaultPatchBaseline has no PATCH_SET,
/// and the User Guide calls it identical to the one with PATCH_SET=OS (predefined baselines).
pub(super) fn leaves_applications(filters: &[PatchFilter], os: &OperatingSystem) -> bool {
    let mut filters = filters.iter();
    os.family() == OsFamily::Windows
        && !filters.any(|filter| filter.key == PatchFilterKey::PatchSet)
}

pub(super) fn is_application(patch: &Patch) -> bool {
    patch_set(patch) != "OS"
}

/// What a patch has under a filter key.
pub(crate) fn members(key: &PatchFilterKey, patch: &Patch) -> Vec<String> {
    let mut found = Vec::new();
    each_member(key, patch, |member| found.push(member.to_owned()));
    found
}

fn each_member(key: &PatchFilterKey, patch: &Patch, mut found: impl FnMut(&str)) {
    let mut one = |member: &Option<String>| {
        if let Some(member) = member {
            found(member);
        }
    };
    match key {
        PatchFilterKey::Product => one(&patch.product),
        PatchFilterKey::ProductFamily => one(&patch.product_family),
        PatchFilterKey::Classification => one(&patch.classification),
        PatchFilterKey::MsrcSeverity => one(&patch.msrc_severity),
        PatchFilterKey::Severity => one(&patch.severity),
        PatchFilterKey::Priority => one(&patch.priority),
        PatchFilterKey::Section => one(&patch.section),
        PatchFilterKey::PatchSet => found(patch_set(patch)),
        PatchFilterKey::PatchId => {
            one(&patch.kb_number);
            one(&patch.id);
        }
        PatchFilterKey::Name => one(&patch.name),
        PatchFilterKey::Arch => one(&patch.arch),
        PatchFilterKey::Version => one(&patch.version),
        PatchFilterKey::Release => one(&patch.release),
        PatchFilterKey::Repository => one(&patch.repository),
        PatchFilterKey::Epoch => one(&patch.epoch.map(|epoch| epoch.to_string())),
        PatchFilterKey::AdvisoryId => patch.advisory_ids.iter().flatten().for_each(|id| found(id)),
        PatchFilterKey::BugzillaId => patch.bugzilla_ids.iter().flatten().for_each(|id| found(id)),
        PatchFilterKey::CveId => patch.cve_ids.iter().flatten().for_each(|id| found(id)),
        PatchFilterKey::Security | PatchFilterKey::Other(_) => {}
    }
}

/// Microsoft files operating-system patches under the family `Windows`. If a patch names no family,
/// its product decides; one without either is the system's.
fn patch_set(patch: &Patch) -> &'static str {
    let of_system = match patch.product_family.as_deref() {
        Some("Windows") => true,
        None | Some("") => match patch.product.as_deref() {
            None | Some("") => true,
            Some(product) => is_product_of_windows(product),
        },
        Some(_) => false,
    };
    if of_system { "OS" } else { "APPLICATION" }
}

/// How the values of a key are compared.
#[derive(Debug, Clone, Copy)]
enum Comparison {
    Exact,
    AnyCase,
    TitleCase,
}

impl Comparison {
    /// Classification and severity are taken in any letter case, except by yum, which writes those of
    /// a notice in title case and compares them exactly: `security` matches nothing there (node
    /// code).
    fn of(key: &PatchFilterKey, os: &OperatingSystem, yum: bool) -> Self {
        match key {
            PatchFilterKey::Classification | PatchFilterKey::Severity if yum => Self::TitleCase,
            PatchFilterKey::Classification
            | PatchFilterKey::MsrcSeverity
            | PatchFilterKey::Priority
            | PatchFilterKey::Section
            | PatchFilterKey::Severity => Self::AnyCase,
            PatchFilterKey::Product if os.family() == OsFamily::Apt => Self::AnyCase,
            _ => Self::Exact,
        }
    }

    fn equal(self, wanted: &str, actual: &str) -> bool {
        match self {
            Self::Exact => wanted == actual,
            Self::AnyCase => wanted.eq_ignore_ascii_case(actual),
            Self::TitleCase => is_title_case_of(wanted, actual),
        }
    }
}

fn is_title_case_of(wanted: &str, actual: &str) -> bool {
    let mut after_letter = false;
    let cased = actual.chars().map(|c| {
        let cased = if after_letter {
            c.to_ascii_lowercase()
        } else {
            c.to_ascii_uppercase()
        };
        after_letter = c.is_ascii_alphabetic();
        cased
    });
    wanted.len() == actual.len() && wanted.chars().eq(cased)
}

/// The ways to write a value of a filter.
///
/// On Amazon Linux 2023 `Medium` and `Moderate` are one severity (User Guide, rules for Linux).
/// Nodes of 2021 knew that of no system, and no text says it of another, so elsewhere they differ.
fn spellings<'a>(
    key: &PatchFilterKey,
    value: &'a str,
    os: &OperatingSystem,
) -> impl Iterator<Item = &'a str> {
    let middle = ["Medium", "Moderate"];
    let is_middle = *os == OperatingSystem::AmazonLinux2023
        && *key == PatchFilterKey::Severity
        && middle.iter().any(|name| name.eq_ignore_ascii_case(value));
    let (own, both) = if is_middle {
        (None, Some(middle))
    } else {
        (Some(value), None)
    };
    own.into_iter().chain(both.into_iter().flatten())
}
