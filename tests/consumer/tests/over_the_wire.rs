//! The service as in production, with the real SDK over HTTP, against the emulator.

mod support;

use std::sync::Arc;

use aws_patch_manager::PatchManager;
use aws_patch_manager::aws::sdk_config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider,
};
use aws_patch_manager::aws::{AwsBackend, SdkConfig};
use aws_patch_manager::backend::Operation;
use aws_patch_manager::emulator::Emulator;
use patch_night::Night;
use support::{account, bind, service, web};

#[tokio::test]
async fn a_night_over_http_goes_as_it_does_in_memory() {
    let account = account();
    let emulator = Emulator::start(account.clone()).unwrap();
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(emulator.endpoint())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    // On the emulator's clock, so that waiting for the run takes no time.
    let manager = PatchManager::builder()
        .backend(Arc::new(AwsBackend::from_sdk_config(&config)))
        .clock(account.clock())
        .build();
    bind(&manager).await;
    let (night, pager) = service(manager);
    assert_eq!(
        night.patch(&web()).await.unwrap(),
        Night::Quiet { nodes: 1 }
    );
    assert!(pager.pages().is_empty());
    assert_eq!(
        account.call_count(Operation::SendCommand),
        2,
        "one for each tag key"
    );
    emulator.shutdown().await;
}
