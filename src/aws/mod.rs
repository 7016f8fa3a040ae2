//! The adapters: this crate's backend traits over the AWS SDKs.
//!
//! The SDK retries; this crate adds no retry of its own. SendCommand and CreateAssociation have no
//! client token, so a blind retry could patch twice: they are sent once, and looked up before they
//! are sent again.

mod associations;
mod attempts;
mod automation;
mod baselines;
mod builder;
mod catalog;
mod commands;
mod compliance;
mod convert;
mod data_syncs;
mod documents;
#[cfg(feature = "ec2")]
mod ec2;
mod groups;
mod http_client;
mod marker;
mod nodes;
mod policies;
mod roles;
mod session;
mod unrepeatable;
mod windows;

use std::fmt;

pub use aws_config::SdkConfig;
#[cfg(feature = "ec2")]
pub use aws_sdk_ec2;
pub use aws_sdk_ssm;
pub use aws_sdk_ssmquicksetup;

/// The types to build an [`SdkConfig`] by hand, from the SDK's own crates.
pub mod sdk_config {
    pub use aws_config::{BehaviorVersion, Region};
    pub use aws_sdk_ssm::config::{Credentials, SharedCredentialsProvider};
}

pub use self::builder::AwsBackendBuilder;
pub(crate) use self::http_client::with_http_client;
pub(crate) use self::session::RoleSession;

use crate::backend::layer::Limit;
#[cfg(not(feature = "ec2"))]
use crate::backend::{NetworkInventory, NodePower};
use crate::backend::{Operation, RoleInventory};
use crate::sdk_error::Called;

/// Patch Manager of one account and region, over the AWS SDKs.
///
/// Baselines, groups, catalog, commands, maintenance windows, associations and compliance go
/// through SSM; patch policies through Quick Setup; instances, their tags and the network through
/// EC2, if the feature `ec2` is on. Cheap to clone; clones share clients and limit.
#[derive(Clone)]
pub struct AwsBackend {
    ssm: aws_sdk_ssm::Client,
    quicksetup: aws_sdk_ssmquicksetup::Client,
    sts: aws_sdk_sts::Client,
    #[cfg(feature = "ec2")]
    ec2: aws_sdk_ec2::Client,
    limit: Limit,
    region: String,
    account: Option<String>,
}

impl fmt::Debug for AwsBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsBackend")
            .field("region", &self.region)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl AwsBackend {
    /// A backend from the environment: it finds credentials, Region and endpoint as every AWS tool
    /// does.
    ///
    /// Reads `AWS_ACCOUNT_ID` for patch policies, which name their account.
    pub async fn from_env() -> Self {
        let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        let builder = Self::builder(&config);
        match std::env::var("AWS_ACCOUNT_ID") {
            Ok(account) => builder.account(account).build(),
            Err(_) => builder.build(),
        }
    }

    /// A backend from the caller's configuration.
    pub fn from_sdk_config(config: &SdkConfig) -> Self {
        Self::builder(config).build()
    }

    /// A builder to set the account, the limits or the caller's own clients.
    pub fn builder(config: &SdkConfig) -> AwsBackendBuilder {
        AwsBackendBuilder::new(config)
    }
}

/// This adapter does not call IAM.
impl RoleInventory for AwsBackend {}

/// Without the feature `ec2`, EC2 operations return `Unsupported`.
#[cfg(not(feature = "ec2"))]
impl NetworkInventory for AwsBackend {}

/// Without the feature `ec2`, EC2 operations return `Unsupported`.
#[cfg(not(feature = "ec2"))]
impl NodePower for AwsBackend {}

/// Sends one SDK request through the limit, and converts its error.
macro_rules! send {
    ($backend:expr, $operation:expr, $request:expr) => {{
        let answer = $backend
            .limit
            .run($operation, &$crate::clock::SystemClock, async {
                $crate::progress::ProgressWatch::count_call();
                let sent = $request.send().await;
                sent.map_err(|error| $crate::sdk_error::map($crate::aws::called($operation), error))
            });
        let operation: $crate::backend::Operation = $operation;
        $crate::telemetry::call(operation.service().as_str(), operation.as_str(), answer).await
    }};
}

use send;

/// An operation of the table, as errors name it.
fn called(operation: Operation) -> Called {
    Called {
        service: operation.service().as_str(),
        operation: operation.as_str(),
    }
}
