//! Freezes what a baseline approves at an instant.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::frozen::{FreezeDeviation, FrozenBaseline};
use crate::baseline::approval::{ApprovalDecision, CompiledBaseline, PackageEntry, is_notice_id};
use crate::baseline::{
    Approval, ApprovalRules, BaselineSpec, OsRules, PatchBaseline, PatchFilterGroup, is_name,
};
use crate::error::{Error, Result, Violation, Violations};
use crate::memory::node_title;
use crate::types::{OsFamily, Patch};

/// The maximum number of entries of an approved list, and of characters of an entry (the service's
/// model).
const ENTRIES: usize = 50;
const ENTRY_LENGTH: usize = 100;

/// Makes what a baseline approves on a day the baseline of the next environment.
///
/// Where the operating system has release dates, each rule gets the
/// [`ApproveUntilDate`](Approval::UntilDate) that approves the same patches, on any later day: a delay of
/// D days approves at an instant what was released before it less D days, and a cut-off what was
/// released before the end of its day in UTC. Where it has none (Ubuntu, Debian, Raspberry Pi OS), the
/// frozen baseline lists the approved versions of the [catalog](Self::catalog) instead of rules.
///
/// Filters, `EnableNonSecurity`, compliance levels, rejected patches with their action, and sources stay.
/// Tags do not: GetPatchBaseline does not return them.
///
/// ```
/// use aws_patch_manager::promotion::Promotion;
/// use aws_patch_manager::{BaselineBuilder, PatchManager};
/// use aws_patch_manager::jiff::civil::date;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let spec = BaselineBuilder::windows_critical_and_security("dev-windows", 3).build()?;
/// let id = manager.create_baseline(&spec).await?;
///
/// let development = manager.baseline(&id).await?;
/// let frozen = Promotion::new(&development, "prod-windows")
///     .description("What development approved on May 18")
///     .freeze(date(2026, 5, 18))?;
/// assert!(frozen.is_exact());
/// println!("{frozen}");
/// manager.ensure_baseline(&frozen.spec).await?;
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Promotion {
    baseline: PatchBaseline,
    name: String,
    description: Option<String>,
    catalog: Option<Vec<Patch>>,
}

impl Promotion {
    /// Promotes what this baseline approves to one of this name, 3 to 128 characters of `a-zA-Z0-9_-.`.
    ///
    /// [`ensure_baseline`](crate::PatchManager::ensure_baseline) finds baselines by their name: the name of
    /// the original replaces the original, unless it is in another account or Region.
    pub fn new(baseline: &PatchBaseline, name: impl Into<String>) -> Self {
        Self {
            baseline: baseline.clone(),
            name: name.into(),
            description: None,
            catalog: None,
        }
    }

    /// Describes the frozen baseline, in 1 to 1024 characters. It has the original's description if not
    /// set.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The patches that there are on that day. They are required where the operating system has no
    /// release dates; elsewhere the frozen baseline is compared with the original on them.
    ///
    /// The service lists the patches of Windows and Amazon Linux 1 and 2 only
    /// ([`available_patches_with`](crate::PatchManager::available_patches_with)).
    pub fn catalog(mut self, patches: impl IntoIterator<Item = Patch>) -> Self {
        self.catalog = Some(patches.into_iter().collect());
        self
    }

    /// Freezes what the baseline approves as this day begins in UTC. Cut-off dates say that exactly.
    ///
    /// # Errors
    ///
    /// As [`freeze_at`](Self::freeze_at).
    pub fn freeze(self, date: Date) -> Result<FrozenBaseline> {
        let midnight = TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight()));
        match midnight {
            Ok(at) => self.freeze_at(at),
            Err(error) => Err(out_of_calendar(date, &error)),
        }
    }

    /// Freezes what the baseline approves at this instant.
    ///
    /// A cut-off date cannot end within a day. If one would have to, it is the day before, so that
    /// production gets nothing that the original has not approved yet, and a
    /// [`Rounded`](FreezeDeviation::Rounded) deviation says what is left out.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations: the name, the description, a
    /// date outside the calendar; and where the operating system has no release dates a missing catalog, more
    /// than 50 approved patches, and a patch whose entry is longer than 100 characters.
    pub fn freeze_at(self, at: Timestamp) -> Result<FrozenBaseline> {
        let mut spec = self.baseline.to_spec();
        spec.name.clone_from(&self.name);
        if let Some(description) = &self.description {
            spec.description = Some(description.clone());
        }
        let mut found = Violations::new();
        let legal = "3 to 128 characters of `a-zA-Z0-9_-.`";
        found.require(is_name(&spec.name, 3..=128), "Name", &spec.name, legal);
        if let Some(description) = &self.description {
            let characters = description.chars().count();
            let given = format_args!("{characters} characters");
            let holds = (1..=1024).contains(&characters);
            found.require(holds, "Description", given, "1 to 1024 characters");
        }
        let mut deviations = Vec::new();
        if self.has_release_dates() {
            deviations.extend(cut_off(&mut spec, at)?);
        } else {
            self.list(&mut spec, at, &mut found);
        }
        deviations.extend(self.open_entries(&spec.approved_patches));
        let spec = found.or("CreatePatchBaseline", spec)?;
        let frozen = PatchBaseline::from_spec(self.baseline.baseline_id.clone(), &spec);
        deviations.extend(self.compared(&frozen, at));
        Ok(FrozenBaseline {
            differences: self.baseline.diff(&spec),
            spec,
            at,
            deviations,
        })
    }

    fn has_release_dates(&self) -> bool {
        !OsRules::of(&self.baseline.operating_system).ignores_release_dates()
    }

    /// Lists what the baseline approves, in place of its rules and lists.
    fn list(&self, spec: &mut BaselineSpec, at: Timestamp, found: &mut Violations) {
        const FIELD: &str = "ApprovedPatches";
        let Some(catalog) = &self.catalog else {
            let legal = format!(
                "{} has no release dates: give the patches of that day to `catalog`",
                self.baseline.operating_system
            );
            found.push("Catalog", "", legal);
            return;
        };
        let compiled = CompiledBaseline::new(&self.baseline);
        let (mut entries, mut highest) = (BTreeSet::new(), None);
        let mut non_security = false;
        for patch in catalog {
            if let ApprovalDecision::Approved { level, .. } = compiled.decide(patch, at) {
                entries.insert(entry_of(patch));
                highest = highest.max(Some(level));
                non_security |= !patch.is_of_security_archive();
            }
        }
        let legal = format!(
            "at most {ENTRIES} patches, and {} are approved: filter by PRODUCT, SECTION or PRIORITY, \
             or freeze a baseline for each product",
            entries.len()
        );
        found.require(entries.len() <= ENTRIES, FIELD, entries.len(), legal);
        for entry in &entries {
            let legal = format!("a name and version of at most {ENTRY_LENGTH} characters");
            let characters = entry.chars().count();
            found.require(characters <= ENTRY_LENGTH, FIELD, entry, legal);
        }
        spec.approval_rules = ApprovalRules::default();
        spec.global_filters = PatchFilterGroup::default();
        spec.approved_patches = entries.into_iter().collect();
        spec.approved_patches_enable_non_security = Some(non_security);
        if let Some(level) = highest {
            spec.approved_patches_compliance_level = Some(level);
        }
    }

    /// The entries of the approved list that can name what is released later.
    ///
    /// On Windows an entry is a KB number. Elsewhere one that names a package in whatever version does so
    /// later as well, and a CVE is fixed again by later versions; an advisory is not.
    fn open_entries(&self, entries: &[String]) -> Vec<FreezeDeviation> {
        let os = &self.baseline.operating_system;
        let patches = self.catalog.as_deref().unwrap_or_default();
        let is_held = |entry: &&String| {
            if entry.contains(['*', '?', '[']) {
                return false;
            }
            if os.family() == OsFamily::Windows {
                return true;
            }
            if is_notice_id(entry) {
                return !entry.starts_with("CVE-");
            }
            let names = PackageEntry::new(entry, os);
            let mut named = patches.iter().filter(|patch| names.names(patch)).peekable();
            named.peek().is_some() && !named.any(|patch| names.names(&later_version(patch)))
        };
        let open = entries.iter().filter(|entry| !is_held(entry)).cloned();
        open.map(|entry| FreezeDeviation::OpenEntry { entry })
            .collect()
    }

    /// The patches of the catalog that the two baselines treat otherwise.
    fn compared(&self, frozen: &PatchBaseline, at: Timestamp) -> Vec<FreezeDeviation> {
        let before = CompiledBaseline::new(&self.baseline);
        let after = CompiledBaseline::new(frozen);
        let catalog = self.catalog.iter().flatten();
        // What is released later is in no set of that instant, if dates count at all.
        let dated = self.has_release_dates();
        let known = catalog
            .filter(|patch| !dated || patch.release_date.is_none_or(|released| released < at));
        known
            .filter_map(|patch| {
                let (was, is) = (before.decide(patch, at), after.decide(patch, at));
                let patch = node_title(self.baseline.operating_system.family(), patch);
                match (was, is) {
                    (
                        ApprovalDecision::Approved { level: before, .. },
                        ApprovalDecision::Approved { level: after, .. },
                    ) => (before != after).then_some(FreezeDeviation::Level {
                        patch,
                        before,
                        after,
                    }),
                    (ApprovalDecision::Approved { .. }, _) => {
                        Some(FreezeDeviation::LeftOut { patch })
                    }
                    (_, ApprovalDecision::Approved { .. }) => {
                        Some(FreezeDeviation::Added { patch })
                    }
                    _ => None,
                }
            })
            .collect()
    }
}

/// Gives each rule the cut-off date that approves what it approves at an instant.
///
/// A delay approves strictly after its end, and a cut-off until its day ends in UTC, so a delay that
/// ends at midnight is the cut-off of the day before.
fn cut_off(spec: &mut BaselineSpec, at: Timestamp) -> Result<Vec<FreezeDeviation>> {
    let mut rounded = Vec::new();
    for (index, rule) in spec.approval_rules.patch_rules.iter_mut().enumerate() {
        let end = released_before(rule.approval, at)?;
        let day = TimeZone::UTC.to_datetime(end);
        let date = day
            .date()
            .yesterday()
            .map_err(|error| out_of_calendar(day.date(), &error))?;
        if day.time() != Time::midnight() {
            rounded.push(FreezeDeviation::Rounded {
                rule: index,
                until_date: date,
                until: end,
            });
        }
        rule.approval = Some(Approval::UntilDate(date));
    }
    Ok(rounded)
}

/// The instant before which a patch must have been released for a rule to approve it by another.
fn released_before(approval: Option<Approval>, at: Timestamp) -> Result<Timestamp> {
    let days = match approval {
        // A cut-off that lies ahead approves nothing yet of what is to come.
        Some(Approval::UntilDate(date)) => {
            let next = date.tomorrow().ok();
            let end = next.and_then(|next| {
                let midnight = next.to_datetime(Time::midnight());
                TimeZone::UTC.to_timestamp(midnight).ok()
            });
            return Ok(end.map_or(at, |end| end.min(at)));
        }
        Some(Approval::AfterDays(days)) => days,
        None => 0,
    };
    at.checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
        .map_err(|error| out_of_calendar(at, &error))
}

fn out_of_calendar(value: impl ToString, error: &jiff::Error) -> Error {
    let violation = Violation::new("ApproveUntilDate", value.to_string(), error.to_string());
    Error::invalid_input(vec![violation]).with_operation("CreatePatchBaseline")
}

/// The entry that names an apt package in its version alone (User Guide, package name formats).
fn entry_of(patch: &Patch) -> String {
    match (&patch.name, &patch.arch, &patch.version) {
        (Some(name), Some(arch), Some(version)) => format!("{name}.{arch}:{version}"),
        (Some(name), None, Some(version)) => format!("{name}-{version}"),
        _ => patch.kb_id(),
    }
}

/// The same package in a version that no entry names.
fn later_version(patch: &Patch) -> Patch {
    let later = |part: &Option<String>| part.as_ref().map(|part| format!("{part}.later"));
    let mut patch = patch.clone();
    (patch.version, patch.release) = (later(&patch.version), later(&patch.release));
    patch
}
