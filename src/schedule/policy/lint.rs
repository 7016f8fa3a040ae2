use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::PatchPolicy;
use crate::schedule::ScheduleExpression;

/// How many installs are looked at for one that meets a scan: 19 years of a weekly one.
const INSTALLS_LOOKED_AT: usize = 1_000;

/// Something in a policy that is legal and may surprise. `Display` explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyLint {
    /// A scan and an install are due at the same moment.
    ScanMeetsInstall {
        /// The first such moment.
        first: Timestamp,
    },
    /// It installs as soon as it is deployed, whatever the schedule says.
    InstallsAtOnce,
    /// A schedule never fires again.
    NeverFires {
        /// The schedule.
        schedule: String,
    },
    /// A schedule cannot be read.
    Unreadable {
        /// The schedule.
        schedule: String,
    },
}

impl fmt::Display for PolicyLint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScanMeetsInstall { first } => write!(
                f,
                "scan and install are both due at {first}; a node runs one at a time. An install \
                 ends with a scan of its own, so leaving out the scan on that day loses nothing"
            ),
            Self::InstallsAtOnce => f.write_str(
                "it installs as soon as it is deployed, not only by schedule: nodes are patched now",
            ),
            Self::NeverFires { schedule } => write!(f, "{schedule} never fires again"),
            Self::Unreadable { schedule } => write!(f, "{schedule} is not a schedule"),
        }
    }
}

impl PatchPolicy {
    /// What may surprise in this policy from an instant on; empty where nothing does.
    ///
    /// A scan that meets an install is looked for among the next 1,000 installs.
    pub fn lints(&self, after: Timestamp) -> Vec<PolicyLint> {
        let mut lints = Vec::new();
        let mut read = |text: &str| {
            let schedule = text.to_owned();
            match ScheduleExpression::parse(text) {
                Err(_) => lints.push(PolicyLint::Unreadable { schedule }),
                Ok(read) if read.next_after(after).is_none() => {
                    lints.push(PolicyLint::NeverFires { schedule });
                }
                Ok(read) => return Some(read),
            }
            None
        };
        let scan = read(&self.scan_schedule);
        let install = self.install_schedule.as_deref().and_then(read);
        if self.install_schedule.is_some() && !self.install_next_interval {
            lints.push(PolicyLint::InstallsAtOnce);
        }
        if let (Some(scan), Some(install)) = (scan, install)
            && let Some(first) = first_meeting(&scan, &install, after)
        {
            lints.push(PolicyLint::ScanMeetsInstall { first });
        }
        lints
    }
}

fn first_meeting(
    scan: &ScheduleExpression,
    install: &ScheduleExpression,
    after: Timestamp,
) -> Option<Timestamp> {
    let moment_before = SignedDuration::from_nanos(-1);
    install.after(after).take(INSTALLS_LOOKED_AT).find(|at| {
        at.checked_add(moment_before)
            .is_ok_and(|before| scan.next_after(before) == Some(*at))
    })
}
