use std::sync::Arc;

use super::PatchManager;
use crate::aws::{AwsBackend, SdkConfig};

/// Over AWS.
impl PatchManager {
    /// A manager by the environment: credentials, region and endpoint as every AWS tool finds them.
    ///
    /// Needs an HTTP client, which the feature `default-https-client` brings; tags and the network
    /// need the feature `ec2`; patch policies need the account in `AWS_ACCOUNT_ID`.
    ///
    /// ```no_run
    /// # async fn example() -> aws_patch_manager::Result<()> {
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// let manager = PatchManager::from_env().await;
    /// let default = manager.default_baseline(OperatingSystem::Windows).await?;
    /// println!("{}", default.baseline_id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn from_env() -> Self {
        Self::from_backend(Arc::new(AwsBackend::from_env().await))
    }

    /// A manager by a configuration of the SDK that the caller made.
    ///
    /// For an account, limits or clients of your own, build an [`AwsBackend`] and use
    /// [`from_backend`](Self::from_backend).
    pub fn from_sdk_config(config: &SdkConfig) -> Self {
        Self::from_backend(Arc::new(AwsBackend::from_sdk_config(config)))
    }
}
