use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::rule::WireRule;
use super::validate::Validation;
use super::{
    ApprovalRules, BaselineSpec, PatchAction, PatchBaseline, PatchFilter, PatchFilterGroup,
    PatchFilterKey, PatchSource, RuleBuilder,
};
use crate::error::Result;
use crate::strict::{self, Partial};
use crate::types::{ComplianceStatus, OperatingSystem, OsFamily, PatchComplianceLevel, Tag};

/// Builds a valid patch baseline, or reports everything that is wrong with it at once.
///
/// [`build`](Self::build) checks the bounds of the service's model and what is legal on the
/// operating system ([`OsRules`](super::OsRules)). It is stricter than the service, which stores
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
    ///
    /// The name has 3 to 128 of the characters `a-zA-Z0-9_-.`, and is not unique in an account.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// let spec = BaselineBuilder::new("nothing-by-rule", OperatingSystem::Windows)
    ///     .approve_patches(["KB5034439"])
    ///     .build()?;
    /// assert_eq!(spec.name, "nothing-by-rule");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn new(name: impl Into<String>, operating_system: OperatingSystem) -> Self {
        BaselineSpec::new(name, operating_system).into()
    }

    /// Reads an input file of `aws ssm create-patch-baseline --cli-input-json`.
    ///
    /// It also reads the output of `aws ssm get-patch-baseline`. It ignores the id, the groups and
    /// the dates there, and a `ClientToken`. It refuses any other member that CreatePatchBaseline
    /// does not have, with its path and the nearest name. To read answers of a later API, whose
    /// members this version does not know, deserialize a [`PatchBaseline`].
    ///
    /// This checks the shape only; [`build`](Self::build) checks the content. An input without
    /// `OperatingSystem` is for Windows, as at the service, and gets a
    /// [warning](BaselineSpec::warnings).
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    ///
    /// let file = r#"{
    ///     "Name": "prod-al2023",
    ///     "OperatingSystem": "AMAZON_LINUX_2023",
    ///     "ApprovalRules": {"PatchRules": [{
    ///         "PatchFilterGroup": {"PatchFilters": [{"Key": "CLASSIFICATION", "Values": ["Security"]}]},
    ///         "ApproveAfterDays": 7
    ///     }]}
    /// }"#;
    /// let spec = BaselineBuilder::from_json(file)?.build()?;
    /// assert_eq!(spec.approval_rules.patch_rules.len(), 1);
    ///
    /// let misspelled = file.replace("ApproveAfterDays", "ApproveAfterDay");
    /// let error = BaselineBuilder::from_json(&misspelled).err().ok_or("it was read")?;
    /// assert_eq!(error.violations()[0].field, "ApprovalRules.PatchRules[0].ApproveAfterDay");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not JSON of that shape, with one
    /// [`Violation`](crate::Violation) for each unknown member and each value that cannot be read.
    pub fn from_json(json: &str) -> Result<Self> {
        Ok(strict::read::<Input>(json, "CreatePatchBaseline", &[])?.into())
    }

    /// As [`from_json`](Self::from_json), from a value of a larger file, with fillers for what cannot
    /// be read.
    pub(crate) fn read_partial(value: Value) -> Partial<Self> {
        strict::read_partial::<Input>(value).map(Self::from)
    }

    /// What it has so far, without the rules.
    pub(crate) fn unbuilt(&self) -> &BaselineSpec {
        &self.spec
    }

    /// Describes the baseline, in 1 to 1024 characters.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    ///
    /// let spec = BaselineBuilder::ubuntu_security("build-machines")
    ///     .description("For build machines")
    ///     .build()?;
    /// assert_eq!(spec.description.as_deref(), Some("For build machines"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.spec.description = Some(description.into());
        self
    }

    /// Adds a rule. At most 10; a patch is approved when any of them approves it.
    ///
    /// ```
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
    ///
    /// let soon = RuleBuilder::new().msrc_severities(["Critical"]).approve_after_days(2);
    /// let later = RuleBuilder::new().msrc_severities(["Important"]).approve_after_days(14);
    /// let spec = BaselineBuilder::new("prod-windows", OperatingSystem::Windows)
    ///     .rule(soon)
    ///     .rule(later)
    ///     .build()?;
    /// assert_eq!(spec.approval_rules.patch_rules.len(), 2);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn rule(mut self, rule: RuleBuilder) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds a filter that every candidate for the rules must pass. At most 5.
    ///
    /// Each key once, with 1 to 20 values of 1 to 64 characters. The legal keys depend on the
    /// operating system; see [`OsRules`](super::OsRules).
    ///
    /// ```
    /// use aws_patch_manager::baseline::PatchFilterKey;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
    ///
    /// let spec = BaselineBuilder::new("prod-windows", OperatingSystem::Windows)
    ///     .global_filter(PatchFilterKey::Product, ["WindowsServer2022"])
    ///     .rule(RuleBuilder::new().approve_after_days(7))
    ///     .build()?;
    /// assert_eq!(spec.global_filters.patch_filters.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
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
    ///
    /// Each entry has 1 to 100 characters.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    ///
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7)
    ///     .approve_patches(["KB5034439", "KB5034441"])
    ///     .build()?;
    /// assert_eq!(spec.approved_patches.len(), 2);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
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

    /// How serious it is if a patch of the approved list is missing.
    ///
    /// [`Unspecified`](PatchComplianceLevel::Unspecified) if not set.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    /// use aws_patch_manager::types::PatchComplianceLevel;
    ///
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7)
    ///     .approve_patches(["KB5034439"])
    ///     .approved_patches_compliance_level(PatchComplianceLevel::Critical)
    ///     .build()?;
    /// assert_eq!(spec.approved_patches_compliance_level, Some(PatchComplianceLevel::Critical));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn approved_patches_compliance_level(mut self, level: PatchComplianceLevel) -> Self {
        self.spec.approved_patches_compliance_level = Some(level);
        self
    }

    /// Whether listed patches outside the security notices are admitted. Linux and macOS.
    ///
    /// `false` if not set.
    pub fn approved_patches_enable_non_security(mut self, enable: bool) -> Self {
        self.spec.approved_patches_enable_non_security = Some(enable);
        self
    }

    /// Rejects patches by name, whatever approves them. At most 50 in all.
    ///
    /// Each entry has 1 to 100 characters.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    ///
    /// let spec = BaselineBuilder::amazon_linux_2023_security("prod-al2023", 7)
    ///     .reject_patches(["kernel*"])
    ///     .build()?;
    /// assert_eq!(spec.rejected_patches, ["kernel*"]);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
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
    ///
    /// [`AllowAsDependency`](PatchAction::AllowAsDependency) if not set.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    /// use aws_patch_manager::baseline::PatchAction;
    ///
    /// let spec = BaselineBuilder::amazon_linux_2023_security("prod-al2023", 7)
    ///     .reject_patches(["kernel*"])
    ///     .rejected_patches_action(PatchAction::Block)
    ///     .build()?;
    /// assert_eq!(spec.rejected_patches_action, Some(PatchAction::Block));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn rejected_patches_action(mut self, action: PatchAction) -> Self {
        self.spec.rejected_patches_action = Some(action);
        self
    }

    /// Whether available but unapproved security updates count as compliant. Windows only.
    ///
    /// [`NonCompliant`](ComplianceStatus::NonCompliant) if not set: a node does not comply while a
    /// security update waits for its delay.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    /// use aws_patch_manager::types::ComplianceStatus;
    ///
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 30)
    ///     .available_security_updates_compliance_status(ComplianceStatus::Compliant)
    ///     .build()?;
    /// let status = spec.available_security_updates_compliance_status;
    /// assert_eq!(status, Some(ComplianceStatus::Compliant));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn available_security_updates_compliance_status(
        mut self,
        status: ComplianceStatus,
    ) -> Self {
        self.spec.available_security_updates_compliance_status = Some(status);
        self
    }

    /// Adds a custom repository; nodes then use custom repositories only. At most 20. Linux only.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    /// use aws_patch_manager::baseline::PatchSource;
    ///
    /// let repository = "[internal]\nname=Internal\nbaseurl=https://rpm.example.com/\nenabled=1";
    /// let spec = BaselineBuilder::amazon_linux_2023_security("prod-al2023", 7)
    ///     .source(PatchSource::new("internal", ["AmazonLinux2023"], repository))
    ///     .build()?;
    /// assert_eq!(spec.sources.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn source(mut self, source: PatchSource) -> Self {
        self.spec.sources.push(source);
        self
    }

    /// Tags the baseline itself. At most 50.
    ///
    /// The key has 1 to 128 characters and does not begin with `aws:`, the value has at most 256;
    /// each key once. Tags are set when the baseline is created; no update changes them.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    ///
    /// let spec = BaselineBuilder::ubuntu_security("build-machines").tag("Team", "build").build()?;
    /// assert_eq!(spec.tags.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.spec.tags.push(Tag::new(key, value));
        self
    }

    /// Lets filters name values that the documentation does not list.
    ///
    /// Such a value may be new, or one that the service stores and never matches.
    ///
    /// ```
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
    ///
    /// let rule = RuleBuilder::new().classifications(["HotPatches"]).approve_after_days(0);
    /// let builder = BaselineBuilder::new("hot", OperatingSystem::Windows).rule(rule);
    /// assert!(builder.clone().build().is_err());
    /// builder.allow_unlisted_values().build()?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn allow_unlisted_values(mut self) -> Self {
        self.allow_unlisted = true;
        self
    }

    /// Checks everything and returns the baseline as plain data.
    ///
    /// Products outside the documented list are warnings, not errors; see
    /// [`BaselineSpec::warnings`].
    ///
    /// ```
    /// use aws_patch_manager::{BaselineBuilder, ErrorKind};
    ///
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// assert_eq!(spec.name, "prod-windows");
    /// let wrong = BaselineBuilder::windows_critical_and_security("a name with spaces", 361).build();
    /// let wrong = wrong.err().ok_or("it was built")?;
    /// assert_eq!(wrong.kind(), ErrorKind::InvalidInput);
    /// for violation in wrong.violations() {
    ///     println!("{violation}");
    /// }
    /// assert_eq!(wrong.violations().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with one [`Violation`](crate::Violation) for each thing that is wrong.
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

    /// apt ignores both dates, but the service requires one of the two.
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

/// The input of CreatePatchBaseline, and what GetPatchBaseline prints besides. A rule may have both
/// days and a date here, so that `build` reports it with everything else.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    operating_system: Option<OperatingSystem>,
    name: String,
    global_filters: PatchFilterGroup,
    approval_rules: Option<WireRules>,
    approved_patches: Vec<String>,
    approved_patches_compliance_level: Option<PatchComplianceLevel>,
    approved_patches_enable_non_security: Option<bool>,
    rejected_patches: Vec<String>,
    rejected_patches_action: Option<PatchAction>,
    description: Option<String>,
    sources: Vec<PatchSource>,
    available_security_updates_compliance_status: Option<ComplianceStatus>,
    tags: Vec<Tag>,
    #[serde(rename = "ClientToken")]
    _client_token: IgnoredAny,
    #[serde(rename = "BaselineId")]
    _baseline_id: IgnoredAny,
    #[serde(rename = "PatchGroups")]
    _patch_groups: IgnoredAny,
    #[serde(rename = "CreatedDate")]
    _created_date: IgnoredAny,
    #[serde(rename = "ModifiedDate")]
    _modified_date: IgnoredAny,
}

impl From<Input> for BaselineBuilder {
    fn from(input: Input) -> Self {
        let rules = input.approval_rules.unwrap_or_default().patch_rules;
        let spec = BaselineSpec {
            operating_system: input.operating_system,
            name: input.name,
            global_filters: input.global_filters,
            approval_rules: ApprovalRules::default(),
            approved_patches: input.approved_patches,
            approved_patches_compliance_level: input.approved_patches_compliance_level,
            approved_patches_enable_non_security: input.approved_patches_enable_non_security,
            rejected_patches: input.rejected_patches,
            rejected_patches_action: input.rejected_patches_action,
            description: input.description,
            sources: input.sources,
            available_security_updates_compliance_status: input
                .available_security_updates_compliance_status,
            tags: input.tags,
        };
        Self {
            spec,
            rules: rules.into_iter().map(|wire| RuleBuilder { wire }).collect(),
            allow_unlisted: false,
        }
    }
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
