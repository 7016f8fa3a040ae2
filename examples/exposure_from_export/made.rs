//! Makes an export.

use std::io;
use std::path::PathBuf;

/// The packages of each node that is made, with their versions.
const PACKAGES: [(&str, &str); 8] = [
    ("openssl.x86_64", "openssl.x86_64:1:3.2.2-1.amzn2023.0."),
    ("bash.x86_64", "bash.x86_64:0:5.2.15-1.amzn2023.0."),
    ("curl.x86_64", "curl.x86_64:0:8.5.0-1.amzn2023.0."),
    ("kernel.x86_64", "kernel.x86_64:0:6.1.158-180.amzn2023.0."),
    ("python3.x86_64", "python3.x86_64:0:3.9.16-1.amzn2023.0."),
    ("systemd.x86_64", "systemd.x86_64:0:252.16-1.amzn2023.0."),
    (
        "vim-minimal.x86_64",
        "vim-minimal.x86_64:2:9.0-1.amzn2023.0.",
    ),
    ("glibc.x86_64", "glibc.x86_64:0:2.34-52.amzn2023.0."),
];

/// An export of this many nodes in a temporary folder. A third of them lack the fix.
pub(crate) fn export(nodes: usize) -> io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("exposure-{}", std::process::id()));
    for place in 0..10 {
        let path = format!(
            "accountid=11112222333{place}/region=eu-central-1/resourcetype=ManagedInstanceInventory"
        );
        let of = |kind: &str| folder.join(kind).join(&path);
        let kinds = [
            "AWS:InstanceInformation",
            "AWS:PatchSummary",
            "AWS:ComplianceItem",
        ]
        .map(of);
        for kind in &kinds {
            std::fs::create_dir_all(kind)?;
        }
        for number in (place..nodes).step_by(10) {
            let node = format!("i-{number:017x}");
            let texts = [
                information(&node),
                summary(&node),
                items(&node, number % 3 == 0),
            ];
            for (kind, text) in kinds.iter().zip(texts) {
                std::fs::write(kind.join(format!("{node}.json")), text)?;
            }
        }
    }
    Ok(folder)
}

fn information(node: &str) -> String {
    format!(
        r#"{{"AgentType":"amazon-ssm-agent","AgentVersion":"3.3.1611.0","ComputerName":"{node}.example","InstanceId":"{node}","InstanceStatus":"Active","IpAddress":"192.0.2.1","PlatformName":"Amazon Linux","PlatformType":"Linux","PlatformVersion":"2023","ResourceType":"EC2Instance","resourceId":"{node}","captureTime":"2026-05-14T01:00:00Z","schemaVersion":"1.0"}}"#
    )
}

fn summary(node: &str) -> String {
    format!(
        r#"{{"BaselineId":"pb-0123456789abcdef0","FailedCount":"0","InstalledCount":"8","InstalledOtherCount":"0","MissingCount":"0","NotApplicableCount":"0","OperationEndTime":"2026-05-14T01:02:00Z","OperationStartTime":"2026-05-14T01:00:00Z","OperationType":"Scan","PatchGroup":"web","SnapshotId":"5f1d6a3e-0c4e-41f7-9b77-b0a2d9000001","resourceId":"{node}","captureTime":"2026-05-14T01:02:00Z","schemaVersion":"1.0"}}"#
    )
}

/// A row for each package; the release of openssl is before or after the fix.
fn items(node: &str, is_exposed: bool) -> String {
    let release = if is_exposed { 3 } else { 4 };
    let rows = PACKAGES.map(|(id, version)| {
        format!(
            r#"{{"Classification":"Security","ComplianceType":"Patch","DocumentName":"AWS-RunPatchBaseline","ExecutionTime":"2026-05-14T01:02:00Z","Id":"{id}","InstalledTime":"2026-01-01T00:00:00Z","PatchBaselineId":"pb-0123456789abcdef0","PatchGroup":"web","PatchSeverity":"Important","PatchState":"Installed","Severity":"UNSPECIFIED","Status":"COMPLIANT","Title":"{version}{release}","resourceId":"{node}","captureTime":"2026-05-14T01:02:00Z","schemaVersion":"1.0"}}"#
        )
    });
    rows.join("\n") + "\n"
}
