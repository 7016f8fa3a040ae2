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
    /// Those that a set has no room for, in their order.
    beyond: Vec<PatchFilter>,
}

/// A bit for each of the first 64 filters. The service takes 55 at most.
type FilterSet = u64;

#[derive(Debug, Clone)]
struct KeyValues {
    key: PatchFilterKey,
    values: Vec<(String, FilterSet)>,
}

impl FilterTable {
    /// Adds the filters of a group, for all patches or for one alone.
    pub(super) fn add(
        &mut self,
        filters: &[PatchFilter],
        os: &OperatingSystem,
        only: Option<&Patch>,
    ) -> FilterGroup {
        let first = self.filters;
        let mut group: FilterSet = 0;
        for filter in filters {
            match 1_u64.checked_shl(self.filters as u32) {
                Some(bit) => {
                    group |= bit;
                    self.add_to_set(filter, bit, os, only);
                }
                None => self.beyond.push(filter.clone()),
            }
            self.filters += 1;
        }
        FilterGroup {
            numbers: first..self.filters,
            set: group,
        }
    }

    fn add_to_set(
        &mut self,
        filter: &PatchFilter,
        bit: FilterSet,
        os: &OperatingSystem,
        only: Option<&Patch>,
    ) {
        if passes_all(filter) || only.is_some_and(|patch| passes(filter, patch, os)) {
            self.any |= bit;
        }
        if passes_all(filter) || only.is_some() {
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
                    Some((_, filters)) => *filters |= bit,
                    None => key.values.push((value.to_owned(), bit)),
                }
            }
        }
    }

    /// The filters that a patch passes. `yum` says whether its node uses yum.
    pub(super) fn passed<'a>(
        &'a self,
        patch: &'a Patch,
        os: &'a OperatingSystem,
        yum: bool,
    ) -> Passed<'a> {
        let mut set = self.any;
        for key in &self.keys {
            let comparison = Comparison::of(&key.key, os, yum);
            each_member(&key.key, patch, |actual| {
                for (wanted, filters) in &key.values {
                    if comparison.equal(wanted, actual) {
                        set |= filters;
                    }
                }
            });
        }
        Passed {
            set,
            beyond: &self.beyond,
            patch,
            os,
        }
    }
}

fn passes_all(filter: &PatchFilter) -> bool {
    filter.values.iter().any(|value| value == "*")
}

/// Whether a patch passes one filter.
fn passes(filter: &PatchFilter, patch: &Patch, os: &OperatingSystem) -> bool {
    let yum = os.uses_yum(patch.product.as_deref());
    let comparison = Comparison::of(&filter.key, os, yum);
    let mut passes = passes_all(filter);
    each_member(&filter.key, patch, |actual| {
        let mut values = filter.values.iter();
        passes |= values.any(|value| {
            let mut wanted = spellings(&filter.key, value, os);
            wanted.any(|wanted| comparison.equal(wanted, actual))
        });
    });
    passes
}

/// Whether no patch passes both filters, because they have no value in common.
///
/// A patch has several ids, and passes a filter for each, so filters of ids never exclude each other.
pub(crate) fn are_disjoint(
    first: &PatchFilter,
    second: &PatchFilter,
    os: &OperatingSystem,
) -> bool {
    let key = &first.key;
    let has_one_member = !matches!(
        key,
        PatchFilterKey::PatchId
            | PatchFilterKey::AdvisoryId
            | PatchFilterKey::BugzillaId
            | PatchFilterKey::CveId
            | PatchFilterKey::Security
            | PatchFilterKey::Other(_)
    );
    // What yum compares is stricter; a value in another letter case has a reason of its own.
    let comparison = Comparison::of(key, os, false);
    let values = |filter: &'_ PatchFilter| -> Vec<String> {
        let values = filter.values.iter();
        let spelled = values.flat_map(|value| spellings(key, value, os));
        spelled.map(str::to_owned).collect()
    };
    let others = values(second);
    let is_shared = |value: &String| others.iter().any(|other| comparison.equal(value, other));
    *key == second.key
        && has_one_member
        && !passes_all(first)
        && !passes_all(second)
        && !values(first).iter().any(is_shared)
}

/// The filters that a patch has to pass together: their numbers, and those of them that a set has.
#[derive(Debug, Clone)]
pub(super) struct FilterGroup {
    numbers: Range<usize>,
    set: FilterSet,
}

/// The filters that a patch passes.
pub(super) struct Passed<'a> {
    set: FilterSet,
    beyond: &'a [PatchFilter],
    patch: &'a Patch,
    os: &'a OperatingSystem,
}

impl Passed<'_> {
    /// Whether the patch passes all filters of a group.
    pub(super) fn has_all(&self, group: &FilterGroup) -> bool {
        group.set & !self.set == 0
            && (group.numbers.end <= 64 || self.first_missing(group).is_none())
    }

    /// The place in a group of the first filter that the patch does not pass.
    pub(super) fn first_missing(&self, group: &FilterGroup) -> Option<usize> {
        let mut numbers = group.numbers.clone();
        numbers.position(|number| !self.has(number))
    }

    fn has(&self, number: usize) -> bool {
        match 1_u64.checked_shl(number as u32) {
            Some(bit) => self.set & bit != 0,
            None => {
                let filter = self.beyond.get(number - 64);
                filter.is_some_and(|filter| passes(filter, self.patch, self.os))
            }
        }
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

    #[inline]
    fn equal(self, wanted: &str, actual: &str) -> bool {
        wanted.len() == actual.len()
            && match self {
                Self::Exact => wanted == actual,
                // Most are equal in their letter case, too, which is the quicker comparison.
                Self::AnyCase => wanted == actual || wanted.eq_ignore_ascii_case(actual),
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
    wanted.chars().eq(cased)
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
