//! The checks behind [`BaselineBuilder::build`](super::BaselineBuilder::build).

use super::catalog::{hint, is_product_of_application, reach_applications};
use super::rule::WireRule;
use super::warnings::OF_AN_APPLICATION;
use super::{
    ApprovalRule, BaselineSpec, OsRules, PatchAction, PatchFilter, PatchFilterKey, PatchSource,
};
use crate::error::{Result, Violations};
use crate::spelling::nearest;
use crate::types::{ComplianceStatus, OperatingSystem, PatchComplianceLevel, Tag, is_tag_text};

const DATE: &str = "a date of the form YYYY-MM-DD";

/// Walks a baseline and collects all its violations.
pub(super) struct Validation<'a> {
    os: &'a OperatingSystem,
    legal: OsRules,
    allow_unlisted: bool,
    found: Violations,
}

impl<'a> Validation<'a> {
    pub(super) fn new(os: &'a OperatingSystem, allow_unlisted: bool) -> Self {
        Self {
            os,
            legal: OsRules::of(os),
            allow_unlisted,
            found: Violations::new(),
        }
    }

    pub(super) fn finish(self, spec: BaselineSpec) -> Result<BaselineSpec> {
        self.found.or("CreatePatchBaseline", spec)
    }

    pub(super) fn baseline(&mut self, spec: &BaselineSpec) {
        self.found.require(
            is_name(&spec.name, 3..=128),
            "Name",
            &spec.name,
            "3 to 128 characters of `a-zA-Z0-9_-.`",
        );
        if let Some(description) = &spec.description {
            self.length("Description", description, 1..=1024);
        }
        // Global filters concern every rule, also those about applications.
        let global = &spec.global_filters.patch_filters;
        self.filters("GlobalFilters.PatchFilters", global, true);
        self.patch_list("ApprovedPatches", &spec.approved_patches);
        self.patch_list("RejectedPatches", &spec.rejected_patches);
        self.options(spec);
        self.sources(&spec.sources);
        self.tags(&spec.tags);
    }

    fn options(&mut self, spec: &BaselineSpec) {
        self.operating_system();
        if let Some(level) = &spec.approved_patches_compliance_level {
            self.level("ApprovedPatchesComplianceLevel", level);
        }
        if let Some(action) = &spec.rejected_patches_action {
            let legal = one_of(PatchAction::KNOWN.iter().map(PatchAction::as_str));
            self.found
                .require(action.is_known(), "RejectedPatchesAction", action, legal);
        }
        if spec.approved_patches_enable_non_security == Some(true) {
            self.non_security("ApprovedPatchesEnableNonSecurity");
        }
        if let Some(status) = &spec.available_security_updates_compliance_status {
            let legal = one_of(ComplianceStatus::KNOWN.iter().map(ComplianceStatus::as_str));
            let field = "AvailableSecurityUpdatesComplianceStatus";
            self.found.require(status.is_known(), field, status, legal);
            self.found.require(
                self.legal.supports_available_security_updates(),
                "AvailableSecurityUpdatesComplianceStatus",
                status,
                format!("legal on WINDOWS only; this baseline is for {}", self.os),
            );
        }
    }

    /// An operating system that this version does not name passes, with a warning. One in another
    /// letter case is refused.
    fn operating_system(&mut self) {
        if let OperatingSystem::Other(given) = self.os {
            let meant = OperatingSystem::from(given.to_ascii_uppercase());
            let legal = format!("write `{meant}`; values are case-sensitive");
            self.found
                .require(!meant.is_known(), "OperatingSystem", given, legal);
        }
    }

    fn level(&mut self, field: impl Into<String>, level: &PatchComplianceLevel) {
        let legal = one_of(
            PatchComplianceLevel::KNOWN
                .iter()
                .map(PatchComplianceLevel::as_str),
        );
        self.found.require(level.is_known(), field, level, legal);
    }

    fn non_security(&mut self, field: impl Into<String>) {
        self.found.require(
            self.legal.supports_non_security(),
            field,
            true,
            format!(
                "legal on Linux and macOS only; this baseline is for {}",
                self.os
            ),
        );
    }

    pub(super) fn rule_count(&mut self, rules: usize) {
        self.found.require(
            rules <= 10,
            "ApprovalRules.PatchRules",
            rules,
            "at most 10 rules",
        );
    }

    /// Checks a rule; `None` if it cannot be expressed; a violation then says why.
    pub(super) fn rule(&mut self, index: usize, wire: WireRule) -> Option<ApprovalRule> {
        let path = format!("ApprovalRules.PatchRules[{index}]");
        let filters = &wire.patch_filter_group.patch_filters;
        let at = format!("{path}.PatchFilterGroup.PatchFilters");
        self.filters(&at, filters, reach_applications(filters));
        if wire.enable_non_security == Some(true) {
            self.non_security(format!("{path}.EnableNonSecurity"));
        }
        if let Some(level) = &wire.compliance_level {
            self.level(format!("{path}.ComplianceLevel"), level);
        }
        self.approval(&path, &wire);
        ApprovalRule::try_from(wire).ok()
    }

    fn approval(&mut self, path: &str, wire: &WireRule) {
        match (wire.approve_after_days, &wire.approve_until_date) {
            (Some(days), Some(date)) => self.found.push(
                path,
                format!("ApproveAfterDays {days} and ApproveUntilDate {date}"),
                "set one of the two, not both",
            ),
            (None, None) => {
                self.found
                    .push(path, "", "set ApproveAfterDays or ApproveUntilDate");
            }
            _ => {}
        }
        if let Some(days) = wire.approve_after_days {
            let field = format!("{path}.ApproveAfterDays");
            self.found
                .require(days <= 360, field, days, "0 to 360 days");
        }
        if let Some(date) = &wire.approve_until_date {
            let valid = date.len() == 10 && date.parse::<jiff::civil::Date>().is_ok();
            self.found
                .require(valid, format!("{path}.ApproveUntilDate"), date, DATE);
        }
    }

    fn filters(&mut self, path: &str, filters: &[PatchFilter], applications: bool) {
        self.found
            .require(filters.len() <= 5, path, filters.len(), "at most 5 filters");
        for (index, filter) in filters.iter().enumerate() {
            self.filter(&format!("{path}[{index}]"), filter, applications);
            let repeated = filters
                .iter()
                .take(index)
                .any(|other| other.key == filter.key);
            self.found.require(
                !repeated,
                format!("{path}[{index}].Key"),
                &filter.key,
                "each key once; put all its values into one filter",
            );
        }
    }

    fn filter(&mut self, path: &str, filter: &PatchFilter, applications: bool) {
        let is_legal = self.legal.allows(&filter.key);
        if !is_legal {
            let keys: Vec<_> = self
                .legal
                .keys()
                .iter()
                .map(PatchFilterKey::as_str)
                .collect();
            let legal = format!("legal on {}: {}", self.os, keys.join(", "));
            self.found
                .push(format!("{path}.Key"), filter.key.as_str(), legal);
        }
        let count = filter.values.len();
        let values = format!("{path}.Values");
        self.found
            .require((1..=20).contains(&count), &values, count, "1 to 20 values");
        for (index, value) in filter.values.iter().enumerate() {
            let field = format!("{values}[{index}]");
            self.length(&field, value, 1..=64);
            // Without a legal key, no value is listed.
            if is_legal {
                self.listed(&field, &filter.key, value, applications);
            }
        }
    }

    fn listed(&mut self, field: &str, key: &PatchFilterKey, value: &str, applications: bool) {
        let passes = self.allow_unlisted || self.legal.takes(key, value, applications);
        if passes || value.is_empty() {
            return;
        }
        let known = self.legal.known_values(key);
        let other = || match hint(self.os, key, value) {
            Some(meant) => meant,
            None => {
                let meant = nearest(value, known.iter().copied())
                    .map(|meant| format!("; the nearest is `{meant}`"));
                format!(
                    "one of {} or `*`, unless unlisted values are allowed{}",
                    known.join(", "),
                    meant.unwrap_or_default()
                )
            }
        };
        let legal = match self.legal.is_closed(key) {
            false if is_product_of_application(value) => OF_AN_APPLICATION.to_owned(),
            _ => other(),
        };
        self.found.push(field, value, legal);
    }

    fn patch_list(&mut self, field: &str, entries: &[String]) {
        self.found.require(
            entries.len() <= 50,
            field,
            entries.len(),
            "at most 50 patches",
        );
        for (index, entry) in entries.iter().enumerate() {
            self.length(&format!("{field}[{index}]"), entry, 1..=100);
        }
    }

    fn sources(&mut self, sources: &[PatchSource]) {
        self.found.require(
            sources.is_empty() || self.legal.supports_sources(),
            "Sources",
            sources.len(),
            format!(
                "custom repositories are legal on Linux only; this baseline is for {}",
                self.os
            ),
        );
        self.found.require(
            sources.len() <= 20,
            "Sources",
            sources.len(),
            "at most 20 sources",
        );
        for (index, source) in sources.iter().enumerate() {
            self.source(&format!("Sources[{index}]"), source);
        }
    }

    fn source(&mut self, path: &str, source: &PatchSource) {
        self.found.require(
            is_name(&source.name, 3..=50),
            format!("{path}.Name"),
            &source.name,
            "3 to 50 characters of `a-zA-Z0-9_-.`",
        );
        let products = format!("{path}.Products");
        let count = source.products.len();
        self.found.require(
            (1..=20).contains(&count),
            &products,
            count,
            "1 to 20 products",
        );
        for (index, product) in source.products.iter().enumerate() {
            self.length(&format!("{products}[{index}]"), product, 1..=128);
        }
        // The configuration may hold credentials, so the violation has its length only.
        let characters = source.configuration.chars().count();
        self.found.require(
            (1..=1024).contains(&characters),
            format!("{path}.Configuration"),
            format_args!("{characters} characters"),
            "1 to 1024 characters",
        );
    }

    fn tags(&mut self, tags: &[Tag]) {
        self.found
            .require(tags.len() <= 50, "Tags", tags.len(), "at most 50 tags");
        for (index, tag) in tags.iter().enumerate() {
            let key = format!("Tags[{index}].Key");
            self.length(&key, &tag.key, 1..=128);
            self.length(&format!("Tags[{index}].Value"), &tag.value, 0..=256);
            self.found.require(
                is_tag_text(&tag.key) && is_tag_text(&tag.value),
                format!("Tags[{index}]"),
                format_args!("{}={}", tag.key, tag.value),
                "letters, digits, spaces and `_.:/=+-@`",
            );
            let reserved = tag.key.to_ascii_lowercase().starts_with("aws:");
            self.found.require(
                !reserved,
                &key,
                &tag.key,
                "keys that begin with `aws:` are reserved",
            );
            let repeated = tags.iter().take(index).any(|other| other.key == tag.key);
            self.found
                .require(!repeated, &key, &tag.key, "each key once");
        }
    }

    fn length(&mut self, field: &str, text: &str, bounds: std::ops::RangeInclusive<usize>) {
        let characters = text.chars().count();
        self.found.require(
            bounds.contains(&characters),
            field,
            format_args!("{characters} characters"),
            format!("{} to {} characters", bounds.start(), bounds.end()),
        );
    }
}

fn one_of<'a>(values: impl Iterator<Item = &'a str>) -> String {
    format!("one of {}", values.collect::<Vec<_>>().join(", "))
}

/// Whether a name has the characters of the service's model for baselines and sources, and a length
/// within bounds.
pub(crate) fn is_name(name: &str, bounds: std::ops::RangeInclusive<usize>) -> bool {
    bounds.contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}
