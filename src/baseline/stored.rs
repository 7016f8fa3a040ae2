use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ApprovalRules, BaselineSpec, PatchAction, PatchFilterGroup, PatchSource};
use crate::types::{
    BaselineId, ComplianceStatus, Difference, OperatingSystem, PatchComplianceLevel, timestamp,
};

/// A baseline as the service stores it: the answer of GetPatchBaseline and UpdatePatchBaseline.
///
/// ```
/// use aws_patch_manager::{BaselineBuilder, PatchManager};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
/// let id = manager.create_baseline(&spec).await?;
/// let stored = manager.baseline(&id).await?;
/// assert!(stored.diff(&spec).is_empty());
///
/// // As the beginning of another one:
/// let stricter = BaselineBuilder::from(&stored).reject_patches(["KB5034439"]).build()?;
/// for difference in stored.diff(&stricter) {
///     println!("{difference}");
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchBaseline {
    /// The id: bare for your own baselines, an ARN for those that AWS owns.
    pub baseline_id: BaselineId,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The operating system.
    #[serde(default)]
    pub operating_system: OperatingSystem,
    /// Filters that every candidate for the rules must pass.
    #[serde(default)]
    pub global_filters: PatchFilterGroup,
    /// The rules.
    #[serde(default)]
    pub approval_rules: ApprovalRules,
    /// Patches approved by name.
    #[serde(default)]
    pub approved_patches: Vec<String>,
    /// How serious it is if one of them is missing.
    #[serde(default)]
    pub approved_patches_compliance_level: PatchComplianceLevel,
    /// Whether listed patches outside the security notices are admitted.
    #[serde(default)]
    pub approved_patches_enable_non_security: bool,
    /// Patches rejected by name.
    #[serde(default)]
    pub rejected_patches: Vec<String>,
    /// What rejection means for dependencies.
    #[serde(default = "allow_as_dependency")]
    pub rejected_patches_action: PatchAction,
    /// The groups registered with it. The answer of UpdatePatchBaseline leaves them out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch_groups: Option<Vec<String>>,
    /// When it was created.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub created_date: Option<Timestamp>,
    /// When it was last changed.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub modified_date: Option<Timestamp>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Custom repositories.
    #[serde(default)]
    pub sources: Vec<PatchSource>,
    /// Whether available but unapproved security updates count as compliant. Windows only; absent
    /// means that they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_security_updates_compliance_status: Option<ComplianceStatus>,
}

fn allow_as_dependency() -> PatchAction {
    PatchAction::AllowAsDependency
}

impl PatchBaseline {
    /// The baseline that a specification becomes under this id, with the service's defaults filled in.
    pub fn from_spec(baseline_id: BaselineId, spec: &BaselineSpec) -> Self {
        let mut baseline = Self {
            baseline_id,
            name: spec.name.clone(),
            operating_system: spec.operating_system(),
            global_filters: spec.global_filters.clone(),
            approval_rules: spec.approval_rules.clone(),
            approved_patches: spec.approved_patches.clone(),
            approved_patches_compliance_level: spec
                .approved_patches_compliance_level
                .clone()
                .unwrap_or_default(),
            approved_patches_enable_non_security: spec
                .approved_patches_enable_non_security
                .unwrap_or_default(),
            rejected_patches: spec.rejected_patches.clone(),
            rejected_patches_action: spec
                .rejected_patches_action
                .clone()
                .unwrap_or_else(allow_as_dependency),
            patch_groups: None,
            created_date: None,
            modified_date: None,
            description: spec.description.clone(),
            sources: spec.sources.clone(),
            available_security_updates_compliance_status: spec
                .available_security_updates_compliance_status
                .clone(),
        };
        baseline.fill_defaults();
        baseline
    }

    /// Fills in the service's answers for absent members.
    ///
    /// On Windows the status of available security updates is NON_COMPLIANT: AWS's own three
    /// baselines, last changed in 2018 and 2019, have it since 2025 (GetPatchBaseline, recorded).
    /// On other systems there is no such member.
    pub(super) fn fill_defaults(&mut self) {
        self.approval_rules.fill_defaults();
        if self.operating_system == OperatingSystem::Windows {
            self.available_security_updates_compliance_status
                .get_or_insert(ComplianceStatus::NonCompliant);
        }
    }

    /// The baseline as an input for another one, without tags: the service does not return them
    /// here.
    pub fn to_spec(&self) -> BaselineSpec {
        let mut spec = BaselineSpec::new(self.name.clone(), self.operating_system.clone());
        spec.global_filters = self.global_filters.clone();
        spec.approval_rules = self.approval_rules.clone();
        spec.approved_patches = self.approved_patches.clone();
        spec.approved_patches_compliance_level =
            Some(self.approved_patches_compliance_level.clone());
        spec.approved_patches_enable_non_security = Some(self.approved_patches_enable_non_security);
        spec.rejected_patches = self.rejected_patches.clone();
        spec.rejected_patches_action = Some(self.rejected_patches_action.clone());
        spec.description = self.description.clone();
        spec.sources = self.sources.clone();
        spec.available_security_updates_compliance_status =
            self.available_security_updates_compliance_status.clone();
        spec
    }
}

/// A baseline as DescribePatchBaselines and DescribePatchGroups list it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct PatchBaselineIdentity {
    /// The id: bare for your own baselines, an ARN for those that AWS owns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_id: Option<BaselineId>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_name: Option<String>,
    /// The operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_description: Option<String>,
    /// Whether it is the default of the account for its operating system.
    pub default_baseline: bool,
}

/// The default baseline of the account for an operating system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DefaultPatchBaseline {
    /// The baseline.
    pub baseline_id: BaselineId,
    /// The operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
}

impl DefaultPatchBaseline {
    /// This baseline for this operating system.
    pub fn new(baseline_id: impl Into<BaselineId>, operating_system: OperatingSystem) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            operating_system: Some(operating_system),
        }
    }
}

/// Changes to a baseline: a member that is `None` stays as it is, unless the update replaces
/// everything.
///
/// An empty list clears the list. The operating system cannot be changed.
///
/// ```
/// use aws_patch_manager::baseline::BaselineChanges;
///
/// let mut changes = BaselineChanges::default();
/// changes.rejected_patches = Some(Vec::new()); // clears the list
/// assert_eq!(changes.approved_patches, None); // leaves it as it is
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct BaselineChanges {
    /// A new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New global filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub global_filters: Option<PatchFilterGroup>,
    /// New rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_rules: Option<ApprovalRules>,
    /// A new list of approved patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_patches: Option<Vec<String>>,
    /// A new level of the approved list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_patches_compliance_level: Option<PatchComplianceLevel>,
    /// A new non-security flag of the approved list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_patches_enable_non_security: Option<bool>,
    /// A new list of rejected patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_patches: Option<Vec<String>>,
    /// A new rejected action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_patches_action: Option<PatchAction>,
    /// A new description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// New sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<PatchSource>>,
    /// A new status of available security updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_security_updates_compliance_status: Option<ComplianceStatus>,
}

impl From<&BaselineSpec> for BaselineChanges {
    /// An update that makes the baseline equal to the specification.
    fn from(spec: &BaselineSpec) -> Self {
        Self {
            name: Some(spec.name.clone()),
            global_filters: Some(spec.global_filters.clone()),
            approval_rules: Some(spec.approval_rules.clone()),
            approved_patches: Some(spec.approved_patches.clone()),
            approved_patches_compliance_level: spec.approved_patches_compliance_level.clone(),
            approved_patches_enable_non_security: spec.approved_patches_enable_non_security,
            rejected_patches: Some(spec.rejected_patches.clone()),
            rejected_patches_action: spec.rejected_patches_action.clone(),
            description: spec.description.clone(),
            sources: Some(spec.sources.clone()),
            available_security_updates_compliance_status: spec
                .available_security_updates_compliance_status
                .clone(),
        }
    }
}

impl PatchBaseline {
    /// The differences between this baseline and a specification; empty if nothing has to change.
    ///
    /// An absent member counts as the service's default. Tags, groups, dates and the id are not
    /// compared. Source configurations are compared but not shown, because they may hold
    /// credentials.
    pub fn diff(&self, spec: &BaselineSpec) -> Vec<Difference> {
        let wanted = PatchBaseline::from_spec(self.baseline_id.clone(), spec);
        Difference::between(&comparable(self), &comparable(&wanted), shown)
    }
}

fn comparable(baseline: &PatchBaseline) -> Value {
    let mut baseline = baseline.clone();
    baseline.fill_defaults();
    let mut members = serde_json::to_value(baseline).unwrap_or_default();
    if let Value::Object(members) = &mut members {
        for member in ["BaselineId", "PatchGroups", "CreatedDate", "ModifiedDate"] {
            members.remove(member);
        }
    }
    members
}

/// The text of a member of a baseline, by its path. The configuration of a source may hold
/// credentials, so only its length is shown.
pub(crate) fn shown(path: &str, value: &Value) -> String {
    match value {
        _ if path == "Sources" => {
            format!("{} sources", value.as_array().map_or(0, Vec::len))
        }
        _ if path.starts_with("Sources[") && path.ends_with(".Configuration") => {
            format!(
                "<{} characters>",
                value.as_str().map_or(0, |text| text.chars().count())
            )
        }
        _ => value.to_string(),
    }
}
