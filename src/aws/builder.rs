use super::AwsBackend;
use super::attempts::Attempts;
use super::http_client::with_http_client;
use aws_config::SdkConfig;

use crate::backend::layer::{Limit, LimitConfig};

/// Builds an [`AwsBackend`].
#[derive(Debug, Clone)]
#[must_use]
pub struct AwsBackendBuilder {
    ssm: aws_sdk_ssm::Client,
    quicksetup: aws_sdk_ssmquicksetup::Client,
    sts: aws_sdk_sts::Client,
    #[cfg(feature = "ec2")]
    ec2: aws_sdk_ec2::Client,
    region: String,
    account: Option<String>,
    limit: Option<Limit>,
}

impl AwsBackendBuilder {
    pub(super) fn new(config: &SdkConfig) -> Self {
        let config = with_http_client(config);
        Self {
            ssm: aws_sdk_ssm::Client::new(&config),
            quicksetup: aws_sdk_ssmquicksetup::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            #[cfg(feature = "ec2")]
            ec2: aws_sdk_ec2::Client::new(&config),
            region: config
                .region()
                .map(|region| region.as_ref().to_owned())
                .unwrap_or_default(),
            account: None,
            limit: None,
        }
    }

    /// Uses an SSM client that the caller configured.
    pub fn ssm(mut self, client: aws_sdk_ssm::Client) -> Self {
        self.ssm = client;
        self
    }

    /// Uses a Quick Setup client that the caller configured.
    pub fn quicksetup(mut self, client: aws_sdk_ssmquicksetup::Client) -> Self {
        self.quicksetup = client;
        self
    }

    /// Uses an EC2 client that the caller configured.
    #[cfg(feature = "ec2")]
    pub fn ec2(mut self, client: aws_sdk_ec2::Client) -> Self {
        self.ec2 = client;
        self
    }

    /// The account's 12 digits, which patch policies must name.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// The limit of concurrent calls and of their rate.
    pub fn limits(mut self, limits: LimitConfig) -> Self {
        self.limit = Some(Limit::new(limits));
        self
    }

    /// The same limit as another backend of this account and Region, because the service counts the calls
    /// of both together.
    pub fn shared_limit(mut self, limit: &Limit) -> Self {
        self.limit = Some(limit.clone());
        self
    }

    /// The backend.
    pub fn build(self) -> AwsBackend {
        let limit = self.limit.clone().unwrap_or_default();
        let attempts = Attempts {
            limit: limit.clone(),
        };
        let this = self.seeing(&attempts);
        AwsBackend {
            ssm: this.ssm,
            quicksetup: this.quicksetup,
            sts: this.sts,
            #[cfg(feature = "ec2")]
            ec2: this.ec2,
            limit,
            region: this.region,
            account: this.account,
        }
    }

    /// Observes the attempts of every client, also of the caller's own.
    fn seeing(mut self, attempts: &Attempts) -> Self {
        let config = self.ssm.config().to_builder();
        self.ssm = aws_sdk_ssm::Client::from_conf(config.interceptor(attempts.clone()).build());
        let config = self.quicksetup.config().to_builder();
        let config = config.interceptor(attempts.clone()).build();
        self.quicksetup = aws_sdk_ssmquicksetup::Client::from_conf(config);
        let config = self.sts.config().to_builder();
        self.sts = aws_sdk_sts::Client::from_conf(config.interceptor(attempts.clone()).build());
        #[cfg(feature = "ec2")]
        {
            let config = self.ec2.config().to_builder();
            self.ec2 = aws_sdk_ec2::Client::from_conf(config.interceptor(attempts.clone()).build());
        }
        self
    }
}
