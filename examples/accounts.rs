//! Reads the compliance of several accounts and Regions with one program, which assumes a role in each
//! account.
//!
//! It runs against an organization in memory, served on a port of this machine. For AWS, take the
//! configuration from `aws_config::load_defaults` and name accounts, Regions and role of your own; the
//! guide on scale has the IAM policies for both sides.

use aws_patch_manager::aws::SdkConfig;
use aws_patch_manager::aws::sdk_config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider,
};
use aws_patch_manager::compliance::ReportDetail;
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::manager::Accounts;
use aws_patch_manager::memory::MemoryOrganization;
use aws_patch_manager::{ComplianceQuery, MemoryBackend};

const UNIT: &str = "ou-ab12-production";
const CENTRAL: &str = "111111111111";
const MEMBERS: [&str; 3] = ["222222222222", "333333333333", "444444444444"];
const REGIONS: [&str; 2] = ["eu-central-1", "us-east-1"];
const ROLE: &str = "PatchReader";

/// An organization of which two accounts have the role.
fn organization() -> aws_patch_manager::Result<MemoryOrganization> {
    let builder = MemoryOrganization::builder()
        .management(CENTRAL)
        .unit(UNIT, None)
        .regions(REGIONS)
        .template(MemoryBackend::builder().sample_fleet());
    let builder = MEMBERS
        .iter()
        .fold(builder, |builder, account| builder.account(*account, UNIT));
    let organization = builder.build()?;
    for account in &MEMBERS[..2] {
        organization.create_execution_role(account, ROLE)?;
    }
    Ok(organization)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let organization = organization()?;
    let emulator = Emulator::start_organization(&organization)?;
    let key = organization.access_key(CENTRAL)?;
    let credentials = Credentials::new(key, "secret", None, None, "example");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGIONS[0]))
        .endpoint_url(emulator.endpoint())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();

    let connected = Accounts::new(&config, ROLE)
        .accounts(MEMBERS)
        .regions(REGIONS)
        .session_name("nightly-report")
        .connect()
        .await?;
    for failure in &connected.failures {
        println!("{failure}");
    }

    let everywhere = connected.fleet_sweep();
    let query = ComplianceQuery::all();
    let report = everywhere
        .compliance_report("All accounts", &query, ReportDetail::Verdicts)
        .await?;
    println!("{}", report.to_markdown());
    Ok(())
}
