use serde::Deserialize;

use super::rule::WireRule;
use super::validate::Validation;
use super::{
    BaselineSpec, PatchAction, PatchBaseline, PatchFilter, PatchFilterKey, PatchSource, RuleBuilder,
};
use crate::error::{Error, ErrorKind, Result};
use crate::types::{ComplianceStatus, OperatingSystem, OsFamily, PatchComplianceLevel, Tag};

/// Builds a valid patch baseline, or says everything that is wrong with it at once.
///
/// [`build`](Self::build) checks the bounds of the service's model and what is legal on the
/// operating system ([`OsRules`](super::OsRules)); it is stricter than the service, which stores
/// filters that can never match.
///
/// ```
/// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
/// use aws_patch_manager::types::OperatingSystem;
///
/// let spec = BaselineBuilder::new("prod-windows", OperatingSystem::Windows)
///     .description("Critical and important security updates after a week")
///     .rule(
///         RuleBuilder::new()
///             .classifications(["SecurityUpdates", "CriticalUpdates"])
///             .msrc_severities(["Critical", "Important"])
///             .approve_after_days(7),
///     )
///     .reject_patches(["KB5034439"])
///     .build()?;
/// assert_eq!(spec.approval_rules.patch_rules.len(), 1);
///
/// let Err(error) = BaselineBuilder::new("x", OperatingSystem::Ubuntu)
///     .rule(RuleBuilder::new().msrc_severities(["critical"]).approve_after_days(361))
///     .build()
/// else {
///     return Err("an invalid baseline was built".into());
/// };
/// assert_eq!(error.violations().len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct BaselineBuilder {
    spec: BaselineSpec,
    rules: Vec<RuleBuilder>,
    allow_unlisted: bool,
}

impl BaselineBuilder {
    /// A baseline of this name for this operating system, without rules.
    pub fn new(name: impl Into<String>, operating_system: OperatingSystem) -> Self {
        BaselineSpec::new(name, operating_system).into()
    }

    /// Reads an input file of `aws ssm create-patch-baseline --cli-input-json`.
    ///
    /// Only the shape is checked here; [`build`](Self::build) judges the content, so that all
    /// that is wrong with it comes out at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] where the text is not JSON of that shape.
    pub fn from_json(json: &str) -> Result<Self> {
        let read = |error: serde_json::Error| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("not the JSON of a baseline: {error}"),
            )
            .with_source(error)
        };
        let mut members: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(json).map_err(read)?;
        let rules = members.remove("ApprovalRules").unwrap_or_default();
        let rules: Option<WireRules> = serde_json::from_value(rules).map_err(read)?;
        let spec: BaselineSpec =
            serde_json::from_value(serde_json::Value::Object(members)).map_err(read)?;
        let mut builder = Self::from(spec);
        builder.rules = rules
            .map(|rules| rules.patch_rules)
            .unwrap_or_default()
            .into_iter()
            .map(|wire| RuleBuilder { wire })
            .collect();
        Ok(builder)
    }

    /// Describes the baseline, in 1 to 1024 characters.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.spec.description = Some(description.into());
        self
    }

    /// Adds a rule. At most 10; a patch is approved when any of them approves it.
    pub fn rule(mut self, rule: RuleBuilder) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds a filter that every candidate for the rules must pass. At most 4.
    pub fn global_filter<I>(mut self, key: PatchFilterKey, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.spec
            .global_filters
            .patch_filters
            .push(PatchFilter::new(key, values));
        self
    }

    /// Approves patches by name, whatever the rules say. At most 50 in all.
    pub fn approve_patches<I>(mut self, patches: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.spec
            .approved_patches
            .extend(patches.into_iter().map(Into::into));
        self
    }

    /// How serious it is when a patch of the approved list is missing.
    pub fn approved_patches_compliance_level(mut self, level: PatchComplianceLevel) -> Self {
        self.spec.approved_patches_compliance_level = Some(level);
        self
    }

    /// Whether listed patches outside the security notices are admitted. Linux and macOS.
    pub fn approved_patches_enable_non_security(mut self, enable: bool) -> Self {
        self.spec.approved_patches_enable_non_security = Some(enable);
        self
    }

    /// Rejects patches by name, whatever approves them. At most 50 in all.
    pub fn reject_patches<I>(mut self, patches: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.spec
            .rejected_patches
            .extend(patches.into_iter().map(Into::into));
        self
    }

    /// What rejection means for dependencies, and for patches that are installed already.
    pub fn rejected_patches_action(mut self, action: PatchAction) -> Self {
        self.spec.rejected_patches_action = Some(action);
        self
    }

    /// Whether available but unapproved security updates count as compliant. Windows only.
    pub fn available_security_updates_compliance_status(
        mut self,
        status: ComplianceStatus,
    ) -> Self {
        self.spec.available_security_updates_compliance_status = Some(status);
        self
    }

    /// Adds a custom repository; where there is one, nodes use no other. At most 20. Linux only.
    pub fn source(mut self, source: PatchSource) -> Self {
        self.spec.sources.push(source);
        self
    }

    /// Tags the baseline itself. At most 50.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.spec.tags.push(Tag::new(key, value));
        self
    }

    /// Lets filters name values that the documentation does not list.
    pub fn allow_unlisted_values(mut self) -> Self {
        self.allow_unlisted = true;
        self
    }

    /// Checks everything and gives the baseline as plain data.
    ///
    /// Products outside the documented list are no error; see [`BaselineSpec::warnings`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] with one [`Violation`](crate::Violation) for each thing that is wrong.
    pub fn build(mut self) -> Result<BaselineSpec> {
        self.fill_in_ignored_delays();
        let os = self.spec.operating_system();
        let mut check = Validation::new(&os, self.allow_unlisted);
        check.baseline(&self.spec);
        check.rule_count(self.rules.len());
        self.spec.approval_rules.patch_rules = self
            .rules
            .into_iter()
            .enumerate()
            .filter_map(|(index, rule)| check.rule(index, rule.wire))
            .collect();
        check.finish(self.spec)
    }

    /// apt looks at no date, and the service still wants one of the two.
    fn fill_in_ignored_delays(&mut self) {
        if self.spec.operating_system().family() != OsFamily::Apt {
            return;
        }
        for RuleBuilder { wire } in &mut self.rules {
            if wire.approve_after_days.is_none() && wire.approve_until_date.is_none() {
                wire.approve_after_days = Some(0);
            }
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct WireRules {
    patch_rules: Vec<WireRule>,
}

impl From<BaselineSpec> for BaselineBuilder {
    fn from(mut spec: BaselineSpec) -> Self {
        let rules = std::mem::take(&mut spec.approval_rules.patch_rules);
        Self {
            spec,
            rules: rules.into_iter().map(RuleBuilder::from).collect(),
            allow_unlisted: false,
        }
    }
}

impl From<&PatchBaseline> for BaselineBuilder {
    fn from(baseline: &PatchBaseline) -> Self {
        baseline.to_spec().into()
    }
}
