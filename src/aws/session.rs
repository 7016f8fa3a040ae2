//! Role sessions: the credentials of a role in another account, renewed before they expire.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use crate::error::{Error, ErrorKind, Result};
use crate::sdk_error::{Called, map};

const OPERATION: &str = "AssumeRole";
const CALLED: Called = Called {
    service: "sts",
    operation: OPERATION,
};

/// Credentials that expire sooner are not used any more. The SDK renews its own 10 s before.
const LEAST_LIFE: Duration = Duration::from_secs(60);

/// A role in another account, and the session that is asked of STS for it.
#[derive(Debug, Clone)]
pub(crate) struct RoleSession {
    pub(crate) role_arn: String,
    pub(crate) session_name: String,
    pub(crate) external_id: Option<String>,
    pub(crate) duration: Duration,
}

impl RoleSession {
    /// Calls AssumeRole with the credentials of the configuration, and answers a provider that has this
    /// session and calls AssumeRole again when it is about to expire.
    ///
    /// So a role that cannot be assumed fails here, once, and not at the first call in every Region.
    pub(crate) async fn open(self, config: &SdkConfig) -> Result<SharedCredentialsProvider> {
        let client = aws_sdk_sts::Client::new(config);
        let first = self.assume(&client).await?;
        Ok(SharedCredentialsProvider::new(RoleCredentials {
            client,
            session: self,
            first: Mutex::new(Some(first)),
        }))
    }

    async fn assume(&self, client: &aws_sdk_sts::Client) -> Result<Credentials> {
        let seconds = i32::try_from(self.duration.as_secs()).unwrap_or(i32::MAX);
        let request = client
            .assume_role()
            .role_arn(&self.role_arn)
            .role_session_name(&self.session_name)
            .set_external_id(self.external_id.clone())
            .duration_seconds(seconds);
        let answer = request.send().await;
        let answer = answer.map_err(|error| self.name(map(CALLED, error)))?;
        let unreadable = || {
            let message = "the answer has no credentials that can be read";
            self.name(Error::new(ErrorKind::InvalidResponse, message).with_operation(OPERATION))
        };
        let issued = answer.credentials.ok_or_else(unreadable)?;
        let expires = SystemTime::try_from(issued.expiration).map_err(|_| unreadable())?;
        Ok(Credentials::new(
            issued.access_key_id,
            issued.secret_access_key,
            Some(issued.session_token),
            Some(expires),
            OPERATION,
        ))
    }

    fn name(&self, error: Error) -> Error {
        error.with_resource(&self.role_arn)
    }
}

/// The credentials of a role session.
struct RoleCredentials {
    client: aws_sdk_sts::Client,
    session: RoleSession,
    /// What the first call answered, until it is used.
    first: Mutex<Option<Credentials>>,
}

impl RoleCredentials {
    fn take_first(&self) -> Option<Credentials> {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let lasts = |credentials: &Credentials| {
            let least = SystemTime::now() + LEAST_LIFE;
            credentials.expiry().is_some_and(|expiry| expiry > least)
        };
        first.take().filter(lasts)
    }
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        if let Some(credentials) = self.take_first() {
            return Provided::ready(Ok(credentials));
        }
        Provided::new(async {
            let assumed = self.session.assume(&self.client).await;
            assumed.map_err(CredentialsError::provider_error)
        })
    }
}

impl fmt::Debug for RoleCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleCredentials")
            .field("role_arn", &self.session.role_arn)
            .finish_non_exhaustive()
    }
}
