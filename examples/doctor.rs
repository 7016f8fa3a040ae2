//! What keeps nodes from being patched, printed as a compiler prints its errors, and what becomes
//! of it once it is mended.

use aws_patch_manager::prerequisites::{EndpointService, FindingKind, Prerequisites};
use aws_patch_manager::types::{GroupIdentifier, VpcEndpoint};
use aws_patch_manager::{MemoryBackend, PatchManager};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);

    let report = manager
        .check_prerequisites(&Prerequisites::account())
        .await?;
    println!("{report}\n");

    // Somebody runs the command that the report names.
    let service = EndpointService::SsmMessages.name_in("us-east-1");
    let mut endpoint =
        VpcEndpoint::interface("vpce-0c0ffee0000000008", "vpc-0c0ffee0000000002", &service);
    endpoint.subnet_ids = vec!["subnet-0c0ffee0000000003".to_owned()];
    endpoint.groups = vec![GroupIdentifier::new("sg-0c0ffee0000000012")];
    account.add_vpc_endpoint(endpoint);

    let report = manager
        .check_prerequisites(&Prerequisites::account())
        .await?;
    let missing = |kind| report.findings.iter().any(|finding| finding.kind == kind);
    println!("With an endpoint for {service}:");
    println!(
        "  an endpoint is missing: {}",
        missing(FindingKind::EndpointMissing)
    );
    for node in report.blocked() {
        let why: Vec<_> = report
            .of(node)
            .filter(|finding| finding.is_error())
            .collect();
        let why: Vec<_> = why.iter().map(|finding| finding.message.as_str()).collect();
        println!("  {node} cannot be patched: {}", why.join("; "));
    }
    Ok(())
}
