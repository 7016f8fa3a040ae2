//! What keeps nodes from being patched, printed as a compiler prints its errors, and the result
//! after one fix. With `--strict`, the exit code is an error if a node cannot be patched.

use std::io::{self, Write};
use std::process::ExitCode;

use aws_patch_manager::prerequisites::{
    EndpointService, FindingKind, PrerequisiteReport, Prerequisites,
};
use aws_patch_manager::types::{GroupIdentifier, VpcEndpoint};
use aws_patch_manager::{MemoryBackend, PatchManager};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);

    let before = manager
        .check_prerequisites(&Prerequisites::account())
        .await?;

    // The operator runs the command of the report.
    let service = EndpointService::SsmMessages.name_in("us-east-1");
    let mut endpoint =
        VpcEndpoint::interface("vpce-0c0ffee0000000008", "vpc-0c0ffee0000000002", &service);
    endpoint.subnet_ids = vec!["subnet-0c0ffee0000000003".to_owned()];
    endpoint.groups = vec![GroupIdentifier::new("sg-0c0ffee0000000012")];
    account.add_vpc_endpoint(endpoint);

    let after = manager
        .check_prerequisites(&Prerequisites::account())
        .await?;
    match print(&before, &service, &after) {
        // The reader, such as `head`, has closed the pipe.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        printed => printed?,
    }
    let strict = std::env::args().any(|argument| argument == "--strict");
    Ok(match strict && after.blocked().next().is_some() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

fn print(before: &PrerequisiteReport, service: &str, after: &PrerequisiteReport) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{before}\n")?;
    let mut findings = after.findings.iter();
    let missing = findings.any(|finding| finding.kind == FindingKind::EndpointMissing);
    writeln!(out, "With an endpoint for {service}:")?;
    writeln!(out, "  an endpoint is missing: {missing}")?;
    for node in after.blocked() {
        let why: Vec<_> = after
            .of(node)
            .filter(|finding| finding.is_error())
            .map(|finding| finding.message.as_str())
            .collect();
        writeln!(out, "  {node} cannot be patched: {}", why.join("; "))?;
    }
    Ok(())
}
