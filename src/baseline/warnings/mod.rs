//! Warnings about what the service stores but the author probably did not mean.

mod conflicts;
mod notices;
mod products;

pub(super) use products::OF_AN_APPLICATION;

use std::fmt;

use serde::Serialize;

use super::approval::are_disjoint;
use super::{Approval, ApprovalRule, BaselineSpec, PatchFilterGroup, PatchFilterKey};
use crate::spelling::nearest;
use crate::types::{OperatingSystem, OsFamily};

/// Something in a baseline that is legal but probably not intended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Warning {
    /// The path of the field in the service's terms.
    pub field: String,
    /// The value; what the service takes for it if the field is left out.
    pub value: String,
    /// What to know about it.
    pub advice: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`: {}", self.field, self.value, self.advice)
    }
}

impl BaselineSpec {
    /// What is legal in the baseline but probably not intended.
    ///
    /// - An operating system that is left out, or that this version does not know.
    /// - Products that are not listed or belong to another system; rules for Microsoft's
    ///   applications without PATCH_SET, which cover Windows itself only.
    /// - Delays and dates that have no effect, or that are longer than Windows updates stay in the
    ///   catalog; any delay over definition updates, which the next one supersedes within a day.
    /// - Rules that approve nothing, because the global filters exclude all values of a filter.
    /// - Rules and lists that approve nothing because the repositories have no update notices: all
    ///   of CentOS, and custom repositories.
    /// - A baseline without a rule and without an approved patch, which approves nothing.
    /// - A rule that decides nothing, because another one with the same filters approves the same
    ///   patches no later and at no lower level.
    /// - List entries that match nothing, or may not; approved ones that are also rejected, because the
    ///   rejection wins; and those that another entry of the list includes.
    ///
    /// ```
    /// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// let spec = BaselineBuilder::new("windows-2031", OperatingSystem::Windows)
    ///     .rule(RuleBuilder::new().products(["WindowsServer2031"]).approve_after_days(7))
    ///     .build()?;
    /// let warnings = spec.warnings();
    /// assert_eq!(warnings.len(), 1);
    /// assert_eq!(warnings[0].value, "WindowsServer2031");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn warnings(&self) -> Vec<Warning> {
        let os = self.operating_system();
        let mut found = Found::default();
        found.operating_system(self.operating_system.as_ref());
        products::check(self, &os, &mut found);
        for (index, rule) in self.approval_rules.patch_rules.iter().enumerate() {
            let path = rule_path(index);
            found.delay(&os, &path, rule.approval);
            found.definition_updates(&os, index, rule);
            found.excluded(&os, index, rule, &self.global_filters);
            if rule.enable_non_security == Some(true) && os == OperatingSystem::Macos {
                let advice = "the API documents it for Linux only; the console offers it on macOS";
                found.add(format!("{path}.EnableNonSecurity"), "true", advice);
            }
        }
        notices::check_rules(self, &os, &mut found);
        conflicts::check_rules(self, &os, &mut found);
        notices::check_lists(self, &os, &mut found);
        conflicts::check_lists(self, &os, &mut found);
        notices::check_sources(self, &os, &mut found);
        found.0
    }
}

fn rule_path(index: usize) -> String {
    format!("ApprovalRules.PatchRules[{index}]")
}

/// The path of the filters of a rule.
fn filters_path(index: usize) -> String {
    format!("{}.PatchFilterGroup.PatchFilters", rule_path(index))
}

const GLOBAL_FILTERS: &str = "GlobalFilters.PatchFilters";

/// The warnings so far.
#[derive(Default)]
struct Found(Vec<Warning>);

impl Found {
    fn add(
        &mut self,
        field: impl Into<String>,
        value: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.0.push(Warning {
            field: field.into(),
            value: value.into(),
            advice: advice.into(),
        });
    }

    fn operating_system(&mut self, given: Option<&OperatingSystem>) {
        const FIELD: &str = "OperatingSystem";
        match given {
            None => self.add(
                FIELD,
                OperatingSystem::default().as_str(),
                "the baseline names no operating system, so the service assumes this one",
            ),
            Some(OperatingSystem::Other(given)) => {
                let known = || OperatingSystem::KNOWN.iter().map(OperatingSystem::as_str);
                let advice = match nearest(given, known()) {
                    Some(meant) => {
                        format!("this version does not know it; the nearest is `{meant}`")
                    }
                    None => {
                        let known: Vec<_> = known().collect();
                        format!(
                            "this version does not know it; it knows {}",
                            known.join(", ")
                        )
                    }
                };
                self.add(FIELD, given, advice);
            }
            Some(_) => {}
        }
    }

    /// Definition updates come daily, and superseded ones leave the catalog. That a delay keeps all of
    /// them out is inferred: AWS's guide speaks of cumulative updates only.
    fn definition_updates(&mut self, os: &OperatingSystem, index: usize, rule: &ApprovalRule) {
        const DEFINITIONS: &str = "DefinitionUpdates";
        let is_delayed = matches!(rule.approval, Some(Approval::AfterDays(days)) if days > 0);
        if *os != OperatingSystem::Windows || !is_delayed {
            return;
        }
        for (place, filter) in rule.filters.patch_filters.iter().enumerate() {
            let is_one = |value: &String| value.eq_ignore_ascii_case(DEFINITIONS);
            if filter.key == PatchFilterKey::Classification
                && let Some(value) = filter.values.iter().position(is_one)
            {
                let field = format!("{}[{place}].Values[{value}]", filters_path(index));
                let advice = "the next definition update supersedes each within a day, so a delay of \
                              days may approve none: give them a rule without a delay";
                self.add(field, DEFINITIONS, advice);
            }
        }
    }

    fn excluded(
        &mut self,
        os: &OperatingSystem,
        index: usize,
        rule: &ApprovalRule,
        global: &PatchFilterGroup,
    ) {
        for (place, filter) in rule.filters.patch_filters.iter().enumerate() {
            let mut global = global.patch_filters.iter();
            if let Some(other) = global.find(|other| are_disjoint(filter, other, os)) {
                let field = format!("{}[{place}].Values", filters_path(index));
                let passing = other.values.join(", ");
                let advice =
                    format!("the rule approves nothing: the global filter passes {passing} only");
                self.add(field, filter.values.join(", "), advice);
            }
        }
    }

    fn delay(&mut self, os: &OperatingSystem, path: &str, approval: Option<Approval>) {
        let (member, value, advice) = match (os.family(), approval) {
            (OsFamily::Apt, Some(Approval::AfterDays(days))) if days > 0 => (
                "ApproveAfterDays",
                days.to_string(),
                "no effect: apt has no release dates, so patches are approved at once",
            ),
            (OsFamily::Apt, Some(Approval::UntilDate(date))) => (
                "ApproveUntilDate",
                date.to_string(),
                "no effect: apt has no release dates, so every patch is approved",
            ),
            // Cumulative updates are monthly, and superseded ones leave the catalog.
            (OsFamily::Windows, Some(Approval::AfterDays(days))) if days > 30 => (
                "ApproveAfterDays",
                days.to_string(),
                "no cumulative update is ever installed: the next one supersedes it before approval",
            ),
            (OsFamily::Windows, Some(Approval::UntilDate(date))) => (
                "ApproveUntilDate",
                date.to_string(),
                "updates released before the cut-off leave the catalog when later ones supersede them",
            ),
            _ => return,
        };
        self.add(format!("{path}.{member}"), value, advice);
    }
}
