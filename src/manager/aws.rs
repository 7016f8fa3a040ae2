use std::sync::Arc;

use super::PatchManager;
use crate::aws::{AwsBackend, SdkConfig};

/// Over AWS.
impl PatchManager {
    /// A manager from the environment: it finds credentials, region and endpoint as every AWS tool
    /// does.
    ///
    /// It needs an HTTP client, which the feature `default-https-client` adds. Tags and the network
    /// need the feature `ec2`. Patch policies need the account id in `AWS_ACCOUNT_ID`.
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

    /// A manager from an SDK configuration.
    ///
    /// To set the account id, limits or your own clients, build an [`AwsBackend`] and use
    /// [`from_backend`](Self::from_backend).
    pub fn from_sdk_config(config: &SdkConfig) -> Self {
        Self::from_backend(Arc::new(AwsBackend::from_sdk_config(config)))
    }
}
