//! Managers of many accounts and Regions, each account reached by a role.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::identity::IdentityCache;
use aws_config::{Region, SdkConfig};
use futures_util::{StreamExt, stream};
use serde::Serialize;

use super::{FleetSweep, PatchManager};
use crate::aws::{AwsBackend, RoleSession, with_http_client};
use crate::backend::layer::{Answer, Call, Layer, LimitConfig, Next};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::types::{is_account, is_region, partition_of};

/// STS answers AssumeRole for the accounts of a fleet in parallel, this many at once.
const SESSIONS_AT_ONCE: usize = 16;
/// The bounds of STS for DurationSeconds. A role that another role assumes has one hour at most.
const SESSION_SECONDS: std::ops::RangeInclusive<u64> = 900..=43_200;

/// Accounts and Regions that one program manages: in each account it assumes a role of the same name.
///
/// [`connect`](Self::connect) assumes the role once in each account and returns a [`PatchManager`] for
/// each account and Region. Each manager has its own limit of calls, all share one HTTP client, and the
/// Regions of an account share its credentials, which are renewed before they expire. [`docs::scale`](crate::docs::scale) has the IAM policies for both sides.
///
/// ```no_run
/// # async fn example(config: aws_patch_manager::aws::SdkConfig) -> Result<(), Box<dyn std::error::Error>> {
/// use aws_patch_manager::ComplianceQuery;
/// use aws_patch_manager::compliance::ReportDetail;
/// use aws_patch_manager::manager::Accounts;
///
/// let connected = Accounts::new(&config, "PatchReader")
///     .accounts(["111111111111", "222222222222"])
///     .regions(["eu-central-1", "us-east-1"])
///     .external_id("patching-7f3a")
///     .connect()
///     .await?;
/// for failure in &connected.failures {
///     eprintln!("{failure}");
/// }
/// let everywhere = connected.fleet_sweep();
/// let report = everywhere.compliance_report("All", &ComplianceQuery::all(), ReportDetail::Verdicts).await?;
/// println!("{}", report.to_markdown());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct Accounts {
    config: SdkConfig,
    role_name: String,
    external_id: Option<String>,
    session_name: String,
    session_duration: Duration,
    accounts: Vec<String>,
    own_account: Option<String>,
    regions: Vec<String>,
    limits: LimitConfig,
}

/// Leaves out the configuration, with its credentials, and the external id.
impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts")
            .field("role_name", &self.role_name)
            .field("session_name", &self.session_name)
            .field("accounts", &self.accounts)
            .field("own_account", &self.own_account)
            .field("regions", &self.regions)
            .finish_non_exhaustive()
    }
}

impl Accounts {
    /// Accounts in which the credentials of this configuration may assume the role of this name. A role
    /// with a path is named with it: `patching/PatchReader`.
    pub fn new(config: &SdkConfig, role_name: impl Into<String>) -> Self {
        Self {
            config: with_http_client(config),
            role_name: role_name.into(),
            external_id: None,
            session_name: "aws-patch-manager".to_owned(),
            session_duration: Duration::from_secs(3600),
            accounts: Vec::new(),
            own_account: None,
            regions: Vec::new(),
            limits: LimitConfig::default(),
        }
    }

    /// Adds accounts, each by its 12 digits.
    pub fn accounts<I>(mut self, accounts: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.accounts.extend(accounts.into_iter().map(Into::into));
        self
    }

    /// Adds the account of the configuration's own credentials, by its 12 digits: no role is assumed in it.
    ///
    /// A role that an organisation puts in its accounts is in most cases not in its management account.
    pub fn own_account(mut self, account: impl Into<String>) -> Self {
        self.own_account = Some(account.into());
        self
    }

    /// Adds Regions, such as `eu-central-1`. Each account gets a manager in each of them.
    pub fn regions<I>(mut self, regions: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.regions.extend(regions.into_iter().map(Into::into));
        self
    }

    /// The external id that the role's trust policy asks for: 2 to 1,224 characters.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// The name of the session, which CloudTrail shows: 2 to 64 characters. `aws-patch-manager`, if not
    /// set.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = name.into();
        self
    }

    /// How long a session lasts before it is renewed: 15 minutes to 12 hours, and no longer than the role
    /// allows. One hour, if not set, which is the most that a role may have that another role assumes.
    pub fn session_duration(mut self, duration: Duration) -> Self {
        self.session_duration = duration;
        self
    }

    /// The limit of each manager: the service counts calls for each account and Region.
    pub fn limits(mut self, limits: LimitConfig) -> Self {
        self.limits = limits;
        self
    }

    /// Checks everything without a call.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) with all violations: no account, no Region, one that
    /// is named twice or has another form, Regions of several partitions, a role, session name, external
    /// id or duration that STS refuses.
    pub fn check(&self) -> Result<()> {
        let mut violations = Violations::new();
        let role = self.role_name.rsplit('/').next().unwrap_or_default();
        violations.require(
            (1..=64).contains(&role.len())
                && self.role_name.len() <= 512
                && !self.role_name.starts_with('/')
                && self.role_name.bytes().all(|b| is_word(b) || b == b'/'),
            "RoleName",
            &self.role_name,
            "the name of a role and not its ARN, at most 64 of the characters A-Z a-z 0-9 and +=,.@-_",
        );
        violations.require(
            (2..=64).contains(&self.session_name.len()) && self.session_name.bytes().all(is_word),
            "RoleSessionName",
            &self.session_name,
            "2 to 64 of the characters A-Z a-z 0-9 and +=,.@-_",
        );
        let seconds = self.session_duration.as_secs();
        violations.require(
            SESSION_SECONDS.contains(&seconds),
            "DurationSeconds",
            seconds,
            "900 to 43200 seconds",
        );
        // Two organisations share it, so the error does not print it.
        let external = self.external_id.as_deref().unwrap_or("--");
        let legal = |b: u8| is_word(b) || matches!(b, b':' | b'/');
        violations.require(
            (2..=1224).contains(&external.len()) && external.bytes().all(legal),
            "ExternalId",
            "",
            "2 to 1224 of the characters A-Z a-z 0-9 and +=,.@:/-_",
        );
        self.check_places(&mut violations);
        violations.or("Accounts", ())
    }

    fn check_places(&self, violations: &mut Violations) {
        let all: Vec<&String> = self.accounts.iter().chain(&self.own_account).collect();
        violations.require(!all.is_empty(), "Accounts", "", "at least one account");
        let legal = "12 digits, and named once";
        each_once(violations, "Accounts", &all, is_account, legal);
        let regions: Vec<&String> = self.regions.iter().collect();
        violations.require(!regions.is_empty(), "Regions", "", "at least one Region");
        let legal = "the name of a Region such as eu-central-1, and named once";
        each_once(violations, "Regions", &regions, is_region, legal);
        let partitions: BTreeSet<&str> = self.regions.iter().map(|one| partition_of(one)).collect();
        let shown: Vec<&str> = partitions.into_iter().collect();
        let legal = "Regions of one partition: an account and its role are in one";
        violations.require(shown.len() <= 1, "Regions", shown.join(", "), legal);
    }

    /// Assumes the role in each account, and returns a manager for each account and Region.
    ///
    /// Calls AssumeRole of STS once for each account, 16 at once, in the configuration's Region or else
    /// the first one. An account that refuses is one entry of [`failures`](AccountManagers::failures),
    /// and the others go on. No call goes to a Region yet: one that is not enabled fails when its manager
    /// is used.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) before any call, as [`check`](Self::check).
    pub async fn connect(&self) -> Result<AccountManagers> {
        self.check()?;
        let home = self.home();
        let own = self.own_account.iter().map(|account| Connected {
            account: account.clone(),
            session: Ok(self.config.clone()),
        });
        let sessions = stream::iter(self.accounts.clone())
            .map(|account| self.open(account, &home))
            .buffered(SESSIONS_AT_ONCE);
        let sessions: Vec<Connected> = stream::iter(own).chain(sessions).collect().await;
        let mut connected = AccountManagers::default();
        for Connected { account, session } in sessions {
            match session {
                Ok(config) => {
                    let managers = self.regions.iter().map(|region| AccountManager {
                        account: account.clone(),
                        region: region.clone(),
                        manager: self.manager(&config, &account, region),
                    });
                    connected.managers.extend(managers);
                }
                Err(error) => connected.failures.push(AccountFailure {
                    role_arn: self.role_arn(&account),
                    account,
                    error,
                }),
            }
        }
        Ok(connected)
    }

    /// The configuration for STS.
    fn home(&self) -> SdkConfig {
        if self.config.region().is_some() {
            return self.config.clone();
        }
        let first = self.regions.first().cloned().map(Region::new);
        self.config.to_builder().region(first).build()
    }

    async fn open(&self, account: String, home: &SdkConfig) -> Connected {
        let session = RoleSession {
            role_arn: self.role_arn(&account),
            session_name: self.session_name.clone(),
            external_id: self.external_id.clone(),
            duration: self.session_duration,
        };
        let session = session.open(home).await.map(|credentials| {
            let config = home.to_builder().credentials_provider(credentials);
            // One cache for all clients of the account: otherwise each renews the session for itself.
            config.identity_cache(IdentityCache::lazy().build()).build()
        });
        Connected { account, session }
    }

    fn manager(&self, config: &SdkConfig, account: &str, region: &str) -> PatchManager {
        let region = Region::new(region.to_owned());
        let config = config.to_builder().region(region).build();
        let backend = AwsBackend::builder(&config)
            .account(account)
            .limits(self.limits);
        PatchManager::from_backend(Arc::new(backend.build()))
    }

    fn role_arn(&self, account: &str) -> String {
        let region = self.regions.first().map(String::as_str).unwrap_or_default();
        let partition = partition_of(region);
        format!("arn:{partition}:iam::{account}:role/{}", self.role_name)
    }
}

/// The characters of `[\w+=,.@-]`, the pattern of IAM's names.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+=,.@-_".contains(&byte)
}

fn each_once(
    violations: &mut Violations,
    field: &str,
    values: &[&String],
    is_legal: fn(&str) -> bool,
    legal: &str,
) {
    let mut seen = BTreeSet::new();
    for (index, value) in values.iter().enumerate() {
        let holds = is_legal(value) && seen.insert(value.as_str());
        violations.require(holds, format!("{field}[{index}]"), value, legal);
    }
}

/// An account with the configuration of its session.
struct Connected {
    account: String,
    session: Result<SdkConfig>,
}

/// The managers of [`Accounts`], and the accounts that could not be entered.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct AccountManagers {
    /// A manager for each account and Region, in the order in which they were named; the own account
    /// first.
    pub managers: Vec<AccountManager>,
    /// The accounts whose role could not be assumed, each once.
    pub failures: Vec<AccountFailure>,
}

impl AccountManagers {
    /// The manager of an account in a Region.
    pub fn get(&self, account: &str, region: &str) -> Option<&PatchManager> {
        let mut managers = self.managers.iter();
        let found = managers.find(|at| at.account == account && at.region == region);
        found.map(|at| &at.manager)
    }

    /// A [`FleetSweep`] over all managers. Each source is named `account/region`.
    ///
    /// An account that could not be entered is a source named by its account, in which every call fails
    /// with the error of AssumeRole: so every answer and report names it once, with its reason, and it is
    /// not mistaken for an account without nodes.
    pub fn fleet_sweep(&self) -> FleetSweep {
        let managers = self.managers.iter().fold(FleetSweep::new(), |sweep, at| {
            sweep.source(at.to_string(), at.manager.clone())
        });
        self.failures.iter().fold(managers, |sweep, failure| {
            let refusal = Unreachable {
                kind: failure.error.kind(),
                message: format!("the account was not entered: {}", failure.error),
            };
            let manager = PatchManager::builder().layer(refusal).build();
            sweep.source(failure.account.as_str(), manager)
        })
    }
}

/// The manager of one account and Region. Displays as `account/region`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccountManager {
    /// The account's 12 digits.
    pub account: String,
    /// The Region.
    pub region: String,
    /// Its manager.
    pub manager: PatchManager,
}

impl fmt::Display for AccountManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

/// An account whose role could not be assumed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AccountFailure {
    /// The account's 12 digits.
    pub account: String,
    /// The role that was to be assumed.
    pub role_arn: String,
    /// Why not: [`AccessDenied`](ErrorKind::AccessDenied) if the role does not exist or does not trust the
    /// caller, which STS does not tell apart.
    pub error: Error,
}

impl fmt::Display for AccountFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.account, self.error)
    }
}

/// A layer that makes no call: the account could not be entered.
#[derive(Debug)]
struct Unreachable {
    kind: ErrorKind,
    message: String,
}

#[async_trait]
impl Layer for Unreachable {
    async fn call(&self, _: Call<'_>, _: Next<'_>) -> Result<Answer> {
        Err(Error::new(self.kind, &*self.message).with_operation("AssumeRole"))
    }
}
