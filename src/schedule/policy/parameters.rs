use std::collections::BTreeMap;
use std::str::FromStr;

use super::as_read::AsRead;
use super::{PatchPolicy, PolicyTargets, SelectedBaseline};
use crate::error::{Result, Violations};
use crate::types::{MaxConcurrency, MaxErrors, NodeId, RebootOption, Tag};

const NAME: &str = "PatchPolicyName";
const BASELINES: &str = "SelectedPatchBaselines";
pub(super) const USE_DEFAULT: &str = "PatchBaselineUseDefault";
const OPERATION: &str = "ConfigurationOptionsPatchOperation";
const SCAN: &str = "ConfigurationOptionsScanValue";
const INSTALL: &str = "ConfigurationOptionsInstallValue";
const SCAN_NEXT: &str = "ConfigurationOptionsScanNextInterval";
const INSTALL_NEXT: &str = "ConfigurationOptionsInstallNextInterval";
const REBOOT: &str = "RebootOption";
const TARGET_TYPE: &str = "TargetType";
pub(super) const INSTANCES: &str = "TargetInstances";
const TAG_KEY: &str = "TargetTagKey";
const TAG_VALUE: &str = "TargetTagValue";
const GROUP: &str = "ResourceGroupName";
const CONCURRENCY: &str = "RateControlConcurrency";
const ERRORS: &str = "RateControlErrorThreshold";
pub(super) const ACCOUNTS: &str = "TargetAccounts";
pub(super) const UNITS: &str = "TargetOrganizationalUnits";
pub(super) const REGIONS: &str = "TargetRegions";
pub(super) const BASELINE_REGION: &str = "PatchBaselineRegion";
pub(in crate::schedule) const ATTACH: &str = "IsPolicyAttachAllowed";

/// The parameters of the fields of [`PatchPolicy`].
pub(super) const OWN_PARAMETERS: &[&str] = &[
    NAME,
    BASELINES,
    OPERATION,
    SCAN,
    INSTALL,
    SCAN_NEXT,
    INSTALL_NEXT,
    REBOOT,
    TARGET_TYPE,
    INSTANCES,
    TAG_KEY,
    TAG_VALUE,
    GROUP,
    CONCURRENCY,
    ERRORS,
    UNITS,
    REGIONS,
];

/// The documented parameters without a field (Quick Setup model, CloudFormation, the guide's example).
pub(in crate::schedule) const OTHER_PARAMETERS: &[&str] = &[
    USE_DEFAULT,
    ATTACH,
    ACCOUNTS,
    BASELINE_REGION,
    "HasDeletedBaseline",
    "OutputBucketRegion",
    "OutputLogEnableS3",
    "OutputS3BucketName",
    "OutputS3BucketRegion",
    "OutputS3KeyPrefix",
    "OutputS3Location",
];

/// The member of [`PatchPolicy`] that a parameter is written from; `None` for the others.
pub(crate) fn policy_member(parameter: &str) -> Option<&'static str> {
    Some(match parameter {
        NAME => "Name",
        BASELINES => "Baselines",
        SCAN => "ScanSchedule",
        INSTALL => "InstallSchedule",
        SCAN_NEXT => "ScanNextInterval",
        INSTALL_NEXT => "InstallNextInterval",
        REBOOT => "RebootOption",
        INSTANCES | TAG_KEY | TAG_VALUE | GROUP => "Targets",
        CONCURRENCY => "MaxConcurrency",
        ERRORS => "MaxErrors",
        UNITS => "OrganizationalUnits",
        REGIONS => "Regions",
        _ => return None,
    })
}

/// What a definition of a patch policy must have (CloudFormation, AWS::SSMQuickSetup::ConfigurationManager).
#[cfg(feature = "emulator")]
pub(crate) const REQUIRED_PARAMETERS: [&str; 4] = [NAME, BASELINES, REGIONS, BASELINE_REGION];

/// Where a policy is deployed, and where its baselines are.
const PLACE: &[&str] = &[ACCOUNTS, REGIONS, BASELINE_REGION];

// What Quick Setup's console proposes, for a policy whose parameters name no schedule.
const DEFAULT_SCAN: &str = "cron(0 1 * * ? *)";
const DEFAULT_INSTALL: &str = "cron(0 2 ? * SUN *)";

impl PatchPolicy {
    /// The parameters of the Quick Setup type `AWSQuickSetupType-PatchPolicy`, all of them text,
    /// for a policy that is made in this Region of this account.
    ///
    /// A policy that was read from parameters writes them as they were, with the texts that mean the
    /// same and without parameters that were not there: only what was changed since is different.
    ///
    /// Without baselines of its own a policy sends an empty selection and says that it uses the
    /// defaults. The service's documentation calls `PatchBaselineUseDefault` a boolean; its examples
    /// send the words `default` and `custom`, and so does this.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    ///
    /// let policy = PolicySchedule::quick_setup_default("production")
    ///     .organizational_units(["ou-abcd-12345678", "ou-abcd-87654321"])
    ///     .regions(["eu-west-1", "us-east-1"])
    ///     .patch_policy()?;
    /// let parameters = policy.to_parameters("us-east-1", "111122223333");
    /// assert_eq!(parameters["TargetOrganizationalUnits"], "ou-abcd-12345678,ou-abcd-87654321");
    /// assert_eq!(parameters["TargetRegions"], "eu-west-1,us-east-1");
    /// assert_eq!(parameters["PatchBaselineRegion"], "us-east-1");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn to_parameters(&self, region: &str, account: &str) -> BTreeMap<String, String> {
        let written = self.written(region, account);
        match self.as_read.policy(region, account) {
            Some(read) => self.as_read.over(&read.written(region, account), written),
            None => written,
        }
    }

    /// The parameters, as a policy that was not read has them.
    fn written(&self, region: &str, account: &str) -> BTreeMap<String, String> {
        let mut parameters = self.other_parameters.clone();
        let for_units = !self.organizational_units.is_empty();
        if !for_units {
            keep_or_set(&mut parameters, ACCOUNTS, account);
        }
        keep_or_set(&mut parameters, BASELINE_REGION, region);
        let mut set =
            |name: &str, value: &str| parameters.insert(name.to_owned(), value.to_owned());
        if for_units {
            let units = self.organizational_units.iter();
            let units: Vec<_> = units.map(|unit| unit.as_str()).collect();
            set(UNITS, &units.join(","));
        }
        let regions: Vec<_> = self.regions.iter().map(String::as_str).collect();
        match regions.as_slice() {
            [] => set(REGIONS, region),
            regions => set(REGIONS, &regions.join(",")),
        };
        set(NAME, &self.name);
        set(SCAN, &self.scan_schedule);
        set(SCAN_NEXT, bool_text(self.scan_next_interval));
        match &self.install_schedule {
            Some(install) => {
                set(OPERATION, "ScanAndInstall");
                set(INSTALL, install);
            }
            None => {
                set(OPERATION, "Scan");
            }
        }
        // Sent also if it was absent: the API's default is to install at once, and the console waits.
        set(INSTALL_NEXT, bool_text(self.install_next_interval));
        set(REBOOT, self.reboot_option.as_str());
        set(CONCURRENCY, &self.max_concurrency.to_string());
        set(ERRORS, &self.max_errors.to_string());
        set(BASELINES, &serde_json::json!(self.baselines).to_string());
        keep_or_set(&mut parameters, USE_DEFAULT, self.default_or_custom());
        // The documentation wants no target type with organizational units.
        if !(for_units && self.targets == PolicyTargets::All) {
            self.targets.write(&mut parameters);
        }
        parameters
    }

    fn default_or_custom(&self) -> &'static str {
        let mut selected = self.baselines.values();
        if selected.all(SelectedBaseline::is_aws_default) {
            "default"
        } else {
            "custom"
        }
    }

    /// The same, without the account and Region where it is made.
    pub(crate) fn to_parameters_anywhere(&self) -> BTreeMap<String, String> {
        let mut parameters = self.to_parameters("", "");
        let is_place = |name: &str| PLACE.contains(&name);
        parameters.retain(|name, value| !(value.is_empty() && is_place(name)));
        parameters
    }

    /// Reads a policy from the parameters of its configuration definition.
    ///
    /// An empty text counts as absent, as in the service's examples. An absent parameter has the
    /// service's default. Parameters without a field of their own go to
    /// [`other_parameters`](Self::other_parameters). A single account with a single Region is taken
    /// for the place where the policy is made; [`from_parameters_in`](Self::from_parameters_in) asks
    /// which place that is.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with a violation for each parameter that
    /// cannot be read.
    pub fn from_parameters(parameters: &BTreeMap<String, String>) -> Result<Self> {
        let mut given = Given {
            parameters,
            found: Violations::new(),
        };
        let name = given.text(NAME).unwrap_or_default();
        given
            .found
            .require(!name.is_empty(), NAME, "", "the policy's name");
        let mut policy = Self::new(name, given.text(SCAN).unwrap_or(DEFAULT_SCAN));
        policy.install_schedule = given.install();
        policy.scan_next_interval = given.flag(SCAN_NEXT);
        policy.install_next_interval = given.flag(INSTALL_NEXT);
        if let Some(option) = given.text(REBOOT) {
            policy.reboot_option = RebootOption::from(option);
        }
        policy.targets = given.targets();
        policy.organizational_units = given.list(UNITS).map(Into::into).collect();
        policy.regions = given.list(REGIONS).map(str::to_owned).collect();
        policy.baselines = given.baselines();
        policy.max_concurrency = given
            .rate(CONCURRENCY, MaxConcurrency::LEGAL)
            .unwrap_or(policy.max_concurrency);
        policy.max_errors = given
            .rate(ERRORS, MaxErrors::LEGAL)
            .unwrap_or(policy.max_errors);
        policy.other_parameters = given.others();
        if policy.organizational_units.is_empty()
            && policy.regions.len() <= 1
            && given.list(ACCOUNTS).count() <= 1
        {
            policy.regions.clear();
            policy.other_parameters.remove(ACCOUNTS);
            policy.other_parameters.remove(BASELINE_REGION);
        }
        let word = given.text(USE_DEFAULT);
        if word.is_none() || word == Some(policy.default_or_custom()) {
            policy.other_parameters.remove(USE_DEFAULT);
        }
        policy.as_read = AsRead::new(parameters);
        given.found.or("PatchPolicy", policy)
    }

    /// Reads what [`to_parameters`](Self::to_parameters) writes in this Region and account: a
    /// policy that is deployed elsewhere says where, so that writing it back moves nothing.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::schedule::PatchPolicy;
    ///
    /// let policy = PolicySchedule::quick_setup_default("production").patch_policy()?;
    /// let mut given = policy.to_parameters("us-east-1", "111122223333");
    /// given.remove("RebootOption");
    /// given.insert("TargetRegions".to_owned(), "us-east-1,eu-west-1".to_owned());
    /// let read = PatchPolicy::from_parameters_in(&given, "us-east-1", "111122223333")?;
    /// assert!(read.regions.contains("eu-west-1"));
    /// assert_eq!(read.to_parameters("us-east-1", "111122223333"), given);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_parameters`](Self::from_parameters).
    pub fn from_parameters_in(
        parameters: &BTreeMap<String, String>,
        region: &str,
        account: &str,
    ) -> Result<Self> {
        let mut policy = Self::from_parameters(parameters)?;
        let given = Given {
            parameters,
            found: Violations::new(),
        };
        policy.regions = given.list(REGIONS).map(str::to_owned).collect();
        for name in [ACCOUNTS, BASELINE_REGION] {
            if let Some(text) = given.text(name) {
                let others = &mut policy.other_parameters;
                others.insert(name.to_owned(), text.to_owned());
            }
        }
        policy.leave_out_place(region, account);
        Ok(policy)
    }

    /// Leaves out what says no more than that it is for this Region and account, where it is made.
    pub(crate) fn leave_out_place(&mut self, region: &str, account: &str) {
        if self.regions.len() == 1 && self.regions.contains(region) {
            self.regions.clear();
        }
        let others = &mut self.other_parameters;
        if others.get(BASELINE_REGION).is_some_and(|own| own == region) {
            others.remove(BASELINE_REGION);
        }
        // An account beside organizational units is a mistake, which a check reports.
        if self.organizational_units.is_empty()
            && others.get(ACCOUNTS).is_some_and(|own| own == account)
        {
            others.remove(ACCOUNTS);
        }
    }
}

impl PolicyTargets {
    fn write(&self, parameters: &mut BTreeMap<String, String>) {
        let mut set =
            |name: &str, value: &str| parameters.insert(name.to_owned(), value.to_owned());
        match self {
            Self::All => {
                set(TARGET_TYPE, "*");
            }
            Self::InstanceIds(ids) => {
                let ids: Vec<_> = ids.iter().map(NodeId::as_str).collect();
                set(TARGET_TYPE, "InstanceIds");
                set(INSTANCES, &ids.join(","));
            }
            Self::Tag(tag) => {
                set(TARGET_TYPE, "Tags");
                set(TAG_KEY, &tag.key);
                set(TAG_VALUE, &tag.value);
            }
            Self::ResourceGroup(name) => {
                set(TARGET_TYPE, "ResourceGroups");
                set(GROUP, name);
            }
        }
    }
}

/// The parameters, and the violations found in them.
#[derive(Debug)]
struct Given<'a> {
    parameters: &'a BTreeMap<String, String>,
    found: Violations,
}

impl<'a> Given<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        let text = self.parameters.get(name)?.as_str();
        (!text.is_empty()).then_some(text)
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.text(name) {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => {
                self.found.push(name, other, "`true` or `false`");
                false
            }
        }
    }

    fn rate<T: FromStr>(&mut self, name: &str, legal: &str) -> Option<T> {
        let text = self.text(name)?;
        let rate = text.parse().ok();
        self.found.require(rate.is_some(), name, text, legal);
        rate
    }

    fn install(&mut self) -> Option<String> {
        match self.text(OPERATION) {
            None | Some("Scan") => None,
            Some("ScanAndInstall") => {
                Some(self.text(INSTALL).unwrap_or(DEFAULT_INSTALL).to_owned())
            }
            Some(other) => {
                self.found
                    .push(OPERATION, other, "`Scan` or `ScanAndInstall`");
                None
            }
        }
    }

    fn targets(&mut self) -> PolicyTargets {
        match self.text(TARGET_TYPE) {
            None | Some("*") => PolicyTargets::All,
            Some("InstanceIds") => {
                let ids = self.needed(INSTANCES, "node ids, with `,` between them");
                PolicyTargets::InstanceIds(ids.split(',').map(|id| id.trim().into()).collect())
            }
            Some("Tags") => {
                let key = self.needed(TAG_KEY, "the key of a tag");
                PolicyTargets::Tag(Tag::new(key, self.text(TAG_VALUE).unwrap_or_default()))
            }
            Some("ResourceGroups") => {
                let name = self.needed(GROUP, "the name of a resource group");
                PolicyTargets::ResourceGroup(name.to_owned())
            }
            Some(other) => {
                let legal = "`*`, `InstanceIds`, `Tags` or `ResourceGroups`";
                self.found.push(TARGET_TYPE, other, legal);
                PolicyTargets::All
            }
        }
    }

    fn needed(&mut self, name: &str, legal: &str) -> &'a str {
        let text = self.text(name).unwrap_or_default();
        self.found.require(!text.is_empty(), name, text, legal);
        text
    }

    fn baselines(&mut self) -> BTreeMap<String, SelectedBaseline> {
        let Some(text) = self.text(BASELINES) else {
            return BTreeMap::new();
        };
        serde_json::from_str(text).unwrap_or_else(|error| {
            let legal =
                format!("a JSON object of `value` and `label` by operating system: {error}");
            self.found.push(BASELINES, text, legal);
            BTreeMap::new()
        })
    }

    /// The parts of a text with commas between them.
    fn list(&self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let text = self.text(name).unwrap_or_default();
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
    }

    fn others(&self) -> BTreeMap<String, String> {
        let others = self.parameters.iter();
        let others = others
            .filter(|(name, value)| !value.is_empty() && !OWN_PARAMETERS.contains(&name.as_str()));
        others
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

fn bool_text(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn keep_or_set(parameters: &mut BTreeMap<String, String>, name: &str, value: &str) {
    parameters
        .entry(name.to_owned())
        .or_insert_with(|| value.to_owned());
}
