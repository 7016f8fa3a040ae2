use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use crate::automation::{EXECUTION_ROLE, OrganizationRequest};
use crate::error::{Result, Violations};
use crate::operation::PatchRequest;
use crate::types::{NodeId, PatchOperation, is_account};

/// Which nodes to check, and when a scan is too old.
///
/// ```
/// use std::time::Duration;
/// use aws_patch_manager::prerequisites::{FindingKind, Prerequisites};
/// use aws_patch_manager::PatchManager;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let question = Prerequisites::account().scanned_within(Duration::from_secs(2 * 86_400));
/// let report = manager.check_prerequisites(&question).await?;
/// assert!(!report.is_ready());
/// assert!(report.findings.iter().any(|found| found.kind == FindingKind::EndpointMissing));
/// println!("{report}");
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Prerequisites {
    pub(crate) selection: Selection,
    pub(crate) scanned_within: Option<Duration>,
    pub(crate) region: Option<String>,
    pub(crate) with_hooks: bool,
    pub(crate) patch_policy: Option<String>,
    pub(crate) run: Option<RunNeeds>,
    pub(crate) with_data_syncs: bool,
    pub(crate) execution_roles: BTreeSet<ExecutionRole>,
    /// Organizational units of a run, whose accounts are not known.
    pub(crate) units: BTreeSet<String>,
}

/// A role with which Automation acts in an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ExecutionRole {
    pub(crate) account: String,
    pub(crate) name: String,
}

/// What a run needs of its nodes besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunNeeds {
    pub(crate) operation: PatchOperation,
    pub(crate) step_timeout_seconds: u32,
    pub(crate) bucket: Option<String>,
    pub(crate) log_group: Option<String>,
}

/// The step timeout if a run names none (User Guide, AWS-RunPatchBaseline).
const STEP_TIMEOUT_SECONDS: u32 = 7_200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    Nodes(Vec<NodeId>),
    Account,
}

/// A week: the longest usual time between two scans.
const WEEK: Duration = Duration::from_secs(7 * 86_400);

impl Prerequisites {
    fn of(selection: Selection) -> Self {
        Self {
            selection,
            scanned_within: Some(WEEK),
            region: None,
            with_hooks: false,
            patch_policy: None,
            run: None,
            with_data_syncs: false,
            execution_roles: BTreeSet::new(),
            units: BTreeSet::new(),
        }
    }

    /// Checks these nodes. A node that is named twice is checked once.
    ///
    /// Without any node no call is made for nodes, and the report is empty unless it checks
    /// [execution roles](Self::with_execution_roles).
    pub fn nodes<I>(nodes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        let mut named = HashSet::new();
        let nodes = nodes.into_iter().map(Into::into);
        let nodes = nodes.filter(|node: &NodeId| named.insert(node.clone()));
        Self::of(Selection::Nodes(nodes.collect()))
    }

    /// Checks every instance of the account and Region that is not terminated, and every hybrid
    /// node.
    pub fn account() -> Self {
        Self::of(Selection::Account)
    }

    /// How old the last scan or install may be; seven days if not set.
    pub fn scanned_within(mut self, age: Duration) -> Self {
        self.scanned_within = Some(age);
        self
    }

    /// Does not check the last scan, which saves its calls.
    ///
    /// ```
    /// use aws_patch_manager::prerequisites::Prerequisites;
    ///
    /// let question = Prerequisites::account().ignore_scan_age().region("eu-central-1");
    /// # let _ = question;
    /// ```
    pub fn ignore_scan_age(mut self) -> Self {
        self.scanned_within = None;
        self
    }

    /// The Region of the nodes: fixes name it, and endpoints for another Region do not count. If
    /// not set, it comes from the zones of the instances and subnets.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Also checks that each agent can run AWS-RunPatchBaselineWithHooks, which needs version 3.0.502
    /// (User Guide, patch documents). Nothing that the nodes report shows that runs have hooks.
    ///
    /// ```
    /// use aws_patch_manager::prerequisites::Prerequisites;
    ///
    /// let question = Prerequisites::nodes(["i-0c0ffee0000000001"]).with_hooks();
    /// # let _ = question;
    /// ```
    pub fn with_hooks(mut self) -> Self {
        self.with_hooks = true;
        self
    }

    /// Also checks the resource data syncs of the account and Region: one whose last run failed, or whose
    /// last success is older than a scan may be ([`scanned_within`](Self::scanned_within)). What reads
    /// their export would not see the nodes as they are.
    ///
    /// It calls ListResourceDataSync, once for each 50 syncs.
    ///
    /// ```
    /// use aws_patch_manager::prerequisites::Prerequisites;
    ///
    /// let question = Prerequisites::account().with_data_syncs();
    /// # let _ = question;
    /// ```
    pub fn with_data_syncs(mut self) -> Self {
        self.with_data_syncs = true;
        self
    }

    /// Also checks that Automation can act in these accounts of an organization, each by its 12 digits: that
    /// this account can assume the role of this name there. The usual name is
    /// [`EXECUTION_ROLE`](crate::automation::EXECUTION_ROLE).
    ///
    /// A session proves that the role is there and trusts the account of the caller. A refusal proves nothing,
    /// because STS answers the same for a role that is missing, for one that does not trust the caller, and for
    /// a caller who may not assume it; it is a finding of severity
    /// [`Unknown`](super::Severity::Unknown) with the trust policy that the role needs. Run the check in the
    /// account that starts the run, with `sts:AssumeRole` on these roles. The sessions are not used, and end by
    /// themselves after 15 minutes. In China, GovCloud and other partitions, set the
    /// [Region](Self::region): the ARN of a role depends on it.
    ///
    /// It calls AssumeRole of STS once for each account, 16 at once.
    ///
    /// ```
    /// use aws_patch_manager::automation::EXECUTION_ROLE;
    /// use aws_patch_manager::memory::MemoryOrganization;
    /// use aws_patch_manager::prerequisites::{FindingKind, Prerequisites};
    /// use aws_patch_manager::PatchManager;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let organization = MemoryOrganization::builder()
    ///     .unit("ou-ab12-production", None)
    ///     .account("222222222222", "ou-ab12-production")
    ///     .account("333333333333", "ou-ab12-production")
    ///     .build()?;
    /// organization.delete_execution_role("333333333333")?;
    /// let central = organization.member(organization.management(), "us-east-1")?;
    /// let accounts = ["222222222222", "333333333333"];
    /// let question = Prerequisites::nodes([""; 0]).with_execution_roles(accounts, EXECUTION_ROLE);
    /// let report = PatchManager::from_memory(&central).check_prerequisites(&question).await?;
    /// let finding = &report.findings[0];
    /// assert_eq!(finding.kind, FindingKind::ExecutionRoleRefused);
    /// assert!(finding.evidence[0].resource.contains("333333333333"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_execution_roles<I>(mut self, accounts: I, role_name: impl Into<String>) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let name = role_name.into();
        let accounts = accounts.into_iter().map(Into::into);
        let roles = accounts.map(|account| ExecutionRole {
            account,
            name: name.clone(),
        });
        self.execution_roles.extend(roles);
        self
    }

    /// Also checks the [execution roles](Self::with_execution_roles) of the accounts that this run names, each
    /// by the name that its location gives it. Excluded accounts are left out.
    ///
    /// Which accounts are in an organizational unit, only AWS Organizations knows: a unit is a finding that says
    /// how to list them.
    ///
    /// ```
    /// use aws_patch_manager::automation::OrganizationRequest;
    /// use aws_patch_manager::prerequisites::Prerequisites;
    ///
    /// let run = OrganizationRequest::scan("Patch-Nodes")
    ///     .accounts(["222222222222", "333333333333"], ["eu-central-1"])
    ///     .execution_role("Patching");
    /// let question = Prerequisites::account().for_organization_run(&run);
    /// # let _ = question;
    /// ```
    pub fn for_organization_run(mut self, request: &OrganizationRequest) -> Self {
        for location in request.locations() {
            let name = location.execution_role_name.as_deref();
            let name = name.unwrap_or(EXECUTION_ROLE);
            let excluded = location.exclude_accounts.as_deref().unwrap_or_default();
            let named = location.accounts.iter().flatten();
            for account in named.filter(|named| !excluded.contains(named)) {
                if is_account(account) {
                    self = self.with_execution_roles([account], name);
                } else {
                    self.units.insert(account.clone());
                }
            }
        }
        self
    }

    /// Whether it asks about roles, apart from nodes.
    pub(crate) fn asks_about_roles(&self) -> bool {
        !self.execution_roles.is_empty() || !self.units.is_empty()
    }

    /// Refuses accounts and names of roles that STS refuses.
    pub(crate) fn check_roles(&self) -> Result<()> {
        let mut found = Violations::new();
        let is_legal = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@/_-".contains(&b);
        let roles = &self.execution_roles;
        let accounts: BTreeSet<&str> = roles.iter().map(|role| &*role.account).collect();
        let names: BTreeSet<&str> = roles.iter().map(|role| &*role.name).collect();
        for account in accounts {
            found.require(is_account(account), "Accounts", account, "12 digits");
        }
        for name in names {
            let is_name = (1..=64).contains(&name.len()) && name.bytes().all(is_legal);
            let legal = "1 to 64 letters, digits or `+=,.@/_-`: the name of a role, not its ARN";
            found.require(is_name, "ExecutionRoleName", name, legal);
        }
        found.or("AssumeRole", ())
    }

    /// Also checks that the nodes can run by this patch policy of Quick Setup, if it may not attach its
    /// policies to roles: the role behind an instance's profile then needs the tag `QSConfigId-ID`. The
    /// short id is the end of the name of the policy's associations, such as
    /// `AWS-QuickSetup-PatchPolicy-ScanForPatches-LA-ab1cd`.
    ///
    /// A [`RoleInventory`](crate::backend::RoleInventory) gives the tags. The roles of hybrid nodes are
    /// not checked, and neither is an instance without a profile: Quick Setup gives it one.
    ///
    /// ```
    /// use aws_patch_manager::prerequisites::Prerequisites;
    ///
    /// let question = Prerequisites::account().patch_policy("ab1cd");
    /// # let _ = question;
    /// ```
    pub fn patch_policy(mut self, configuration_id: impl Into<String>) -> Self {
        self.patch_policy = Some(configuration_id.into());
        self
    }

    /// Also checks what this run needs besides: an agent that runs its hooks, and a step timeout that is
    /// longer than the last operation took. Its own nodes and targets do not matter here.
    ///
    /// No API shows whether the role of a node may write to the bucket or the log group of the output. The
    /// report says so in a note, because the node is patched all the same. The time of the last operation
    /// is not known with [`ignore_scan_age`](Self::ignore_scan_age).
    ///
    /// ```
    /// use aws_patch_manager::prerequisites::{FindingKind, Prerequisites};
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let nodes = ["i-0c0ffee0000000001"];
    /// let request = PatchRequest::install().nodes(nodes).output_bucket("patch-logs");
    /// let question = Prerequisites::nodes(nodes).for_run(&request);
    /// let report = manager.check_prerequisites(&question).await?;
    /// assert!(report.findings.iter().any(|found| found.kind == FindingKind::OutputUnseen));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn for_run(mut self, request: &PatchRequest) -> Self {
        let parameters = request.parameters();
        let timeout = parameters.step_timeout_seconds;
        self.with_hooks |= parameters.hooks.is_some();
        self.run = Some(RunNeeds {
            operation: parameters.operation.clone(),
            step_timeout_seconds: timeout.unwrap_or(STEP_TIMEOUT_SECONDS),
            bucket: request.output_bucket_name().map(str::to_owned),
            log_group: request.log_group(),
        });
        self
    }
}
