//! Checks whether the node can reach the repositories of its system. No API tells whether a
//! repository answers; only a recent scan does.

use super::problem::Problem;
use super::subject::{Home, Subject};
use super::way_out::WayOut;
use crate::prerequisites::{FindingKind, Severity};
use crate::types::OperatingSystem;

pub(super) fn check(
    subject: &Subject<'_>,
    home: &Home<'_>,
    way_out: &WayOut<'_>,
) -> Option<Problem> {
    let evidence = way_out.evidence()?;
    let os = subject.operating_system()?;
    let needs = needed(&os)?;
    let message = format!("cannot tell whether {} reaches {}", home.subnet, needs.what);
    Some(
        Problem::new(
            Severity::Unknown,
            FindingKind::RepositoryUnseen,
            message,
            needs.advice,
        )
        .with_evidence([evidence.clone()]),
    )
}

struct Needs {
    what: &'static str,
    advice: &'static str,
}

/// What a system needs beyond the S3 endpoint, which holds the repositories of Amazon Linux
/// (User Guide, Patch Manager prerequisites).
fn needed(os: &OperatingSystem) -> Option<Needs> {
    use OperatingSystem::{AmazonLinux, AmazonLinux2, AmazonLinux2022, AmazonLinux2023, Windows};
    match os {
        AmazonLinux | AmazonLinux2 | AmazonLinux2022 | AmazonLinux2023 => None,
        Windows => Some(Needs {
            what: "Microsoft Update or a WSUS server",
            advice: "route the subnet through a NAT gateway, or point the nodes at a WSUS server in \
                     their network; then scan a node to prove it",
        }),
        _ => Some(Needs {
            what: "the mirrors of its distribution",
            advice: "route the subnet through a NAT gateway, or point the nodes at mirrors in their \
                     network; then scan a node to prove it",
        }),
    }
}
