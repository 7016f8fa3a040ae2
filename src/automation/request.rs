//! A run of the patch runbook in an organization, or in one account and Region.

use std::collections::BTreeMap;

use super::StartAutomationExecution;
use super::runbook::TARGET_VALUES;
use crate::error::{Result, Violations};
use crate::group::{PatchGroup, PatchGroupTagKey};
use crate::operation::{PatchParameters, check_document_version, check_role};
use crate::resource_data_sync::is_organizational_unit;
use crate::schedule::association::TargetLocation;
use crate::types::{
    MaxConcurrency, MaxErrors, PatchOperation, REGION, RebootOption, Target, debug_shape,
    is_account, is_region, is_uuid, random_uuid,
};

/// A run of a [`PatchRunbook`](super::PatchRunbook) in accounts and Regions, or in the caller's own
/// account and Region if it names none.
///
/// Its [client token](Self::token) makes the start repeatable. Store it before the start: after a lost
/// reply or a crash, the same request with the same token returns the run that has started.
///
/// ```
/// use aws_patch_manager::automation::OrganizationRequest;
/// use aws_patch_manager::types::Target;
///
/// let request = OrganizationRequest::install("Patch-Nodes")
///     .target(Target::tag("Environment", ["production"]))
///     .organizational_units(["ou-ab12-production"], ["eu-central-1", "eu-west-1"])
///     .exclude_accounts(["333333333333"])
///     .location_max_concurrency("10%".parse()?)
///     .location_max_errors("5%".parse()?);
/// let kept = request.token().to_owned();
/// let start = request.to_start()?;
/// assert_eq!(start.client_token, Some(kept));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct OrganizationRequest {
    runbook: String,
    version: Option<String>,
    client_token: String,
    parameters: PatchParameters,
    assume_role: Option<String>,
    target: Option<Target>,
    /// The limits of a run that starts the runbook for each node.
    pub(super) each_node: Option<(MaxConcurrency, MaxErrors)>,
    pub(super) locations: Vec<TargetLocation>,
    /// Members of locations that were set before there was one.
    misplaced: Vec<&'static str>,
}

debug_shape! {
    OrganizationRequest {
        runbook,
        version,
        [secret] client_token,
        parameters,
        assume_role,
        target,
        each_node,
        locations,
        misplaced,
    }
}

impl OrganizationRequest {
    /// A scan by the runbook of this name or ARN. It installs nothing and never reboots.
    pub fn scan(runbook: impl Into<String>) -> Self {
        Self::new(runbook, PatchOperation::Scan)
    }

    /// An install by the runbook of this name or ARN. Nodes reboot if patches need it.
    pub fn install(runbook: impl Into<String>) -> Self {
        Self::new(runbook, PatchOperation::Install)
    }

    fn new(runbook: impl Into<String>, operation: PatchOperation) -> Self {
        Self {
            runbook: runbook.into(),
            version: None,
            client_token: random_uuid(),
            parameters: PatchParameters::new(operation),
            assume_role: None,
            target: None,
            each_node: None,
            locations: Vec::new(),
            misplaced: Vec::new(),
        }
    }

    /// The version of the runbook: a number, `$DEFAULT` or `$LATEST`; the default one if not set.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The client token, a UUID that is unique for ever; a random one if not set.
    pub fn client_token(mut self, uuid: impl Into<String>) -> Self {
        self.client_token = uuid.into();
        self
    }

    /// The nodes in each account and Region: a tag, a resource group of the same name, or node ids.
    pub fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// The nodes of a patch group, by the tag with this key.
    pub fn group(self, group: &PatchGroup, key: PatchGroupTagKey) -> Self {
        self.target(Target::tag(key.as_str(), [group.as_str()]))
    }

    /// Starts the runbook once for each node instead of once for all, with these limits.
    pub fn each_node(mut self, max_concurrency: MaxConcurrency, max_errors: MaxErrors) -> Self {
        self.each_node = Some((max_concurrency, max_errors));
        self
    }

    /// Runs in these accounts and Regions, at most 50 of each. Each call adds a location with limits
    /// of its own.
    pub fn accounts<A, R>(self, accounts: A, regions: R) -> Self
    where
        A: IntoIterator,
        A::Item: Into<String>,
        R: IntoIterator,
        R::Item: Into<String>,
    {
        let location = TargetLocation {
            accounts: Some(accounts.into_iter().map(Into::into).collect()),
            regions: Some(regions.into_iter().map(Into::into).collect()),
            ..TargetLocation::default()
        };
        self.location(location)
    }

    /// Runs in the accounts of these organizational units and those inside them, in these Regions.
    /// Only the management account and delegated administrators can name units.
    pub fn organizational_units<A, R>(self, units: A, regions: R) -> Self
    where
        A: IntoIterator,
        A::Item: Into<String>,
        R: IntoIterator,
        R::Item: Into<String>,
    {
        let mut request = self.accounts(units, regions);
        if let Some(location) = request.locations.last_mut() {
            location.include_child_organization_units = Some(true);
        }
        request
    }

    /// Adds a location as the service takes it, at most 100.
    pub fn location(mut self, location: TargetLocation) -> Self {
        self.locations.push(location);
        self
    }

    /// Also leaves these accounts and organizational units out of the location that was added last.
    pub fn exclude_accounts<I>(self, accounts: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let accounts: Vec<String> = accounts.into_iter().map(Into::into).collect();
        self.with_last("ExcludeAccounts", |location| {
            if !accounts.is_empty() {
                let excluded = location.exclude_accounts.get_or_insert_default();
                excluded.extend(accounts);
            }
        })
    }

    /// How many accounts and Regions of the location that was added last run at the same time; 1 if
    /// not set.
    pub fn location_max_concurrency(self, limit: MaxConcurrency) -> Self {
        self.with_last("TargetLocationMaxConcurrency", |location| {
            location.target_location_max_concurrency = Some(limit);
        })
    }

    /// How many failed accounts and Regions of the location that was added last are tolerated; none if
    /// not set.
    pub fn location_max_errors(self, limit: MaxErrors) -> Self {
        self.with_last("TargetLocationMaxErrors", |location| {
            location.target_location_max_errors = Some(limit);
        })
    }

    /// The role with which Automation acts in the accounts of the location that was added last;
    /// `AWS-SystemsManager-AutomationExecutionRole` if not set.
    pub fn execution_role(self, name: impl Into<String>) -> Self {
        self.with_last("ExecutionRoleName", |location| {
            location.execution_role_name = Some(name.into());
        })
    }

    fn with_last(mut self, member: &'static str, change: impl FnOnce(&mut TargetLocation)) -> Self {
        match self.locations.last_mut() {
            Some(location) => change(location),
            None => self.misplaced.push(member),
        }
        self
    }

    /// The ARN of the role with which Automation acts in the caller's account, such as that of
    /// `AWS-SystemsManager-AutomationAdministrationRole`; the caller's own if not set.
    pub fn assume_role(mut self, arn: impl Into<String>) -> Self {
        self.assume_role = Some(arn.into());
        self
    }

    /// Whether nodes reboot after an install.
    pub fn reboot(mut self, option: RebootOption) -> Self {
        self.parameters.reboot = Some(option);
        self
    }

    /// The snapshot of the baseline, a UUID; the client token if not set, so that all nodes of a run
    /// have the same.
    pub fn snapshot_id(mut self, uuid: impl Into<String>) -> Self {
        self.parameters.snapshot_id = Some(uuid.into());
        self
    }

    /// The URL of the patches to install instead of the approved ones. An Install only.
    pub fn install_override_list(mut self, url: impl Into<String>) -> Self {
        self.parameters.install_override_list = Some(url.into());
        self
    }

    /// The URL of baselines to use instead of the registered ones.
    pub fn baseline_override(mut self, url: impl Into<String>) -> Self {
        self.parameters.baseline_override = Some(url.into());
        self
    }

    /// The locations, in the order in which they were added.
    pub(crate) fn locations(&self) -> &[TargetLocation] {
        &self.locations
    }

    /// Scan or Install.
    pub fn operation(&self) -> &PatchOperation {
        &self.parameters.operation
    }

    /// The client token.
    pub fn token(&self) -> &str {
        &self.client_token
    }

    /// The input of StartAutomationExecution.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with everything that is wrong: also an account and
    /// Region that two locations name, in which nodes would be patched twice at the same time, and a
    /// setting of a location that was made before a location was added.
    pub fn to_start(&self) -> Result<StartAutomationExecution> {
        self.check()?;
        let mut parameters = self.parameters.clone();
        let snapshot = || self.client_token.clone();
        parameters.snapshot_id = Some(parameters.snapshot_id.unwrap_or_else(snapshot));
        let mut parameters = parameters.to_map();
        let mut start = StartAutomationExecution::new(self.runbook.as_str());
        if let Some(arn) = &self.assume_role {
            parameters.insert("AutomationAssumeRole".to_owned(), vec![arn.clone()]);
        }
        if let Some((max_concurrency, max_errors)) = self.each_node {
            start.target_parameter_name = Some(TARGET_VALUES.to_owned());
            start.targets = self.target.clone().map(|target| vec![target]);
            start.max_concurrency = Some(max_concurrency);
            start.max_errors = Some(max_errors);
        } else if let Some(target) = &self.target {
            parameters.insert("TargetKey".to_owned(), vec![target.key.clone()]);
            parameters.insert(TARGET_VALUES.to_owned(), target.values.clone());
        }
        start.document_version.clone_from(&self.version);
        start.client_token = Some(self.client_token.clone());
        start.parameters = Some(parameters);
        start.target_locations = Some(self.locations.clone()).filter(|all| !all.is_empty());
        Ok(start)
    }

    fn check(&self) -> Result<()> {
        let mut found = Violations::new();
        let name = &self.runbook;
        let legal = "the name or ARN of a runbook";
        // SSM model, `DocumentARN`.
        let is_legal = |b: u8| b.is_ascii_alphanumeric() || b"_-.:/".contains(&b);
        let is_name = (3..=128).contains(&name.len()) && name.bytes().all(is_legal);
        found.require(is_name, "DocumentName", name, legal);
        if let Some(version) = &self.version {
            check_document_version(version, &mut found);
        }
        let token = &self.client_token;
        found.require(
            is_uuid(token),
            "ClientToken",
            token,
            "a UUID of 36 characters",
        );
        self.parameters.check(&mut found);
        if let Some(role) = &self.assume_role {
            check_role("Parameters.AutomationAssumeRole", role, &mut found);
        }
        match &self.target {
            None => found.push("Targets", "", "a tag, a resource group or node ids"),
            Some(target) => {
                let (key, legal) = (&target.key, Target::LEGAL_KEY);
                found.require(target.is_key_legal(), "Targets.Key", key, legal);
                let count = target.values.len();
                let legal = "1 to 50 values of 1 to 512 characters";
                let fits = |value: &String| (1..=512).contains(&value.chars().count());
                let is_legal = (1..=50).contains(&count) && target.values.iter().all(fits);
                found.require(is_legal, "Targets.Values", count, legal);
            }
        }
        if let Some((max_concurrency, max_errors)) = self.each_node {
            let legal = MaxConcurrency::LEGAL;
            found.require(
                max_concurrency.is_well_formed(),
                "MaxConcurrency",
                max_concurrency,
                legal,
            );
            found.require(
                max_errors.is_well_formed(),
                "MaxErrors",
                max_errors,
                MaxErrors::LEGAL,
            );
        }
        let count = self.locations.len();
        found.require(count <= 100, "TargetLocations", count, "at most 100");
        for (index, location) in self.locations.iter().enumerate() {
            check_location(&mut found, &format!("TargetLocations[{index}]"), location);
        }
        self.check_overlap(&mut found);
        for member in &self.misplaced {
            let legal = "set after the location that it is of, which is the one added last";
            found.push(format!("TargetLocations.{member}"), "", legal);
        }
        found.or("StartAutomationExecution", ())
    }

    /// No account and Region is in two locations by its own words. What units have in common only the
    /// organization knows.
    fn check_overlap(&self, found: &mut Violations) {
        let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (index, location) in self.locations.iter().enumerate() {
            let regions = location.regions.iter().flatten();
            for region in regions {
                for account in location.accounts.iter().flatten() {
                    let first = *seen.entry((account, region)).or_insert(index);
                    let legal = format!("in one location only; TargetLocations[{first}] has it");
                    let shown = format_args!("{account} in {region}");
                    let field = format!("TargetLocations[{index}]");
                    found.require(first == index, field, shown, legal);
                }
            }
        }
    }
}

fn check_location(found: &mut Violations, at: &str, location: &TargetLocation) {
    let accounts = location.accounts.as_deref().unwrap_or_default();
    let regions = location.regions.as_deref().unwrap_or_default();
    for (member, named) in [("Accounts", accounts), ("Regions", regions)] {
        let is_legal = (1..=50).contains(&named.len());
        found.require(is_legal, format!("{at}.{member}"), named.len(), "1 to 50");
    }
    for account in accounts {
        let legal = "an account of 12 digits, an organizational unit or the root";
        let is_legal = is_account(account) || is_organizational_unit(account) || is_root(account);
        found.require(is_legal, format!("{at}.Accounts"), account, legal);
    }
    for region in regions {
        found.require(is_region(region), format!("{at}.Regions"), region, REGION);
    }
    if let Some(excluded) = &location.exclude_accounts {
        let (field, count) = (format!("{at}.ExcludeAccounts"), excluded.len());
        let is_legal = (1..=5_000).contains(&count);
        found.require(is_legal, &field, count, "1 to 5,000");
        for account in excluded {
            let legal = "an account of 12 digits or an organizational unit";
            let is_legal = is_account(account) || is_organizational_unit(account);
            found.require(is_legal, &field, account, legal);
        }
    }
    if let Some(name) = &location.execution_role_name {
        let field = format!("{at}.ExecutionRoleName");
        let legal = "1 to 64 letters, digits or `+=,.@/_-`: the name of a role, not its ARN";
        let is_legal = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@/_-".contains(&b);
        let is_name = (1..=64).contains(&name.len()) && name.bytes().all(is_legal);
        found.require(is_name, field, name, legal);
    }
    if let Some(limit) = location.target_location_max_concurrency {
        let field = format!("{at}.TargetLocationMaxConcurrency");
        found.require(limit.is_well_formed(), field, limit, MaxConcurrency::LEGAL);
    }
    if let Some(limit) = location.target_location_max_errors {
        let field = format!("{at}.TargetLocationMaxErrors");
        found.require(limit.is_well_formed(), field, limit, MaxErrors::LEGAL);
    }
}

/// Whether it is the id of an organization's root (AWS Organizations API, `^r-[0-9a-z]{4,32}$`).
fn is_root(id: &str) -> bool {
    let is_legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let rest = id.strip_prefix("r-").unwrap_or_default();
    (4..=32).contains(&rest.len()) && rest.bytes().all(is_legal)
}
