//! What the exit codes of the patch documents and the status details of a run mean.

use std::fmt;

use serde::Serialize;

/// Why a run ended on a node as it did, and what to do about it.
///
/// [`NodeOutcome::explanation`](super::NodeOutcome::explanation) returns it.
///
/// ```
/// use aws_patch_manager::operation::Explanation;
///
/// let no_way_to_s3 = Explanation::of_exit_code(156).ok_or("unknown")?;
/// println!("{no_way_to_s3}");
/// assert!(no_way_to_s3.advice.ok_or("no advice")?.contains("S3"));
/// assert_eq!(Explanation::of_exit_code(-1), Explanation::of_exit_code(4_294_967_295));
/// assert_eq!(Explanation::of_exit_code(99), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Explanation {
    /// What happened.
    pub meaning: &'static str,
    /// What to do about it; absent if nothing has to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<&'static str>,
}

const NODE_ROLE: &str = "give the role of the node AmazonSSMManagedInstanceCore, and the node a way to the endpoint ssm";
const DISK: &str = "free space in /var, and let no two patch operations run at once on a node";
const ONE_FILE: &str = "correct the file of the override";

impl Explanation {
    const fn new(meaning: &'static str, advice: &'static str) -> Self {
        Self {
            meaning,
            advice: Some(advice),
        }
    }

    const fn fine(meaning: &'static str) -> Self {
        Self {
            meaning,
            advice: None,
        }
    }

    /// What an exit code of AWS-RunPatchBaseline means. `None` if it is not known.
    ///
    /// Windows reports its code -1 as 4294967295 in texts; both are the same here.
    ///
    /// Sources: the User Guide, troubleshooting of Patch Manager, for 1, 2, 126, 152, 155, 156, 160 and
    /// -1; the agent for 194 and 3010; the code on nodes as of 2021 for the others.
    pub fn of_exit_code(code: i64) -> Option<Self> {
        match code {
            -1 | 4_294_967_295 => Some(Self::new(
                "the script on Windows ended with an error: the search of Windows Update failed, a \
                 module or the override file could not be downloaded",
                "look up the HRESULT in the output; check the way to WSUS or Microsoft Update and to \
                 S3, and under a patch policy the tag QSConfigId-ID of the role of the node",
            )),
            0..=3 | 126 | 194..=196 | 3010 => of_script(code),
            130..=145 => of_services(code),
            146..=156 => of_node(code),
            160..=167 => of_overrides(code),
            _ => None,
        }
    }

    /// What the status details of a command or an invocation mean, with or without spaces between
    /// the words. `None` if they are not known, or say no more than the exit code, as `Failed`.
    ///
    /// Source: Systems Manager User Guide, command statuses.
    pub fn of_status_details(details: &str) -> Option<Self> {
        let details: String = details.split_whitespace().collect();
        Some(match details.as_str() {
            "Success" => Self::fine("the operation ran and reported; this does not mean compliant"),
            "Pending" => Self::fine("the command has not reached the node yet"),
            "InProgress" => Self::fine("the command runs on the node, or waits for its reboot"),
            "Delayed" => Self::new(
                "the node could not be reached yet; the service tries again until the delivery timeout",
                "check that the node runs and its agent is online",
            ),
            "DeliveryTimedOut" => Self::new(
                "the command was not delivered in time, and did not run on the node",
                "check that the node runs and its agent is online; run again, with a longer delivery \
                 timeout if the node is rarely online",
            ),
            "ExecutionTimedOut" => Self::new(
                "the step ran longer than its timeout, and was ended",
                "run again: what was installed stays installed; patch more often, so that less is to \
                 be installed at once",
            ),
            "Undeliverable" => Self::new(
                "the command could not be delivered: the node does not exist or does not answer",
                "check that the node exists and is managed",
            ),
            "Terminated" => Self::new(
                "other nodes exceeded the number of tolerated errors, so this one was not started",
                "repair the nodes that failed, or tolerate more errors; then run again",
            ),
            "InvalidPlatform" => Self::new(
                "the document does not run on the platform of the node",
                "take the node out of the targets",
            ),
            "AccessDenied" => Self::new(
                "the caller may not run the command on this node",
                "allow ssm:SendCommand on the node and on the document",
            ),
            "Cancelled" => Self::new(
                "the command was cancelled before it ended on the node",
                "run again if that was not meant",
            ),
            "NoInstancesInTag" => Self::new(
                "no managed node matched the targets",
                "check the spelling of the tag key and its value, letter case included",
            ),
            "RateExceeded" => Self::new(
                "too many commands were pending in the account",
                "run again later",
            ),
            "LimitExceeded" => Self::new(
                "the account has reached the limit of commands that execute at the same time",
                "run again later",
            ),
            "Incomplete" => Self::new(
                "the command was not delivered to every node in time",
                "look at the nodes with the details DeliveryTimedOut",
            ),
            _ => return None,
        })
    }
}

/// The script itself, and reboots.
fn of_script(code: i64) -> Option<Explanation> {
    Some(match code {
        0 => Explanation::fine("the operation ran and reported; this does not mean compliant"),
        1 => Explanation::new(
            "a general failure: a package failed to install, the report was not uploaded, or a tool \
             is missing, such as Python 3 where apt is used",
            "look for the package or the tool in the error text of the step, and install or repair it",
        ),
        2 => Explanation::new(
            "the check of dependencies failed, or another process holds the lock of the package \
             manager",
            "run again later; after an interrupted dpkg, run `dpkg --configure -a` on the node",
        ),
        3 => Explanation::new(
            "reboots were requested again and again, and did not happen",
            "reboot the node by hand, and look at its log",
        ),
        126 => Explanation::new(
            "the script may not be executed: /var/lib/amazon is mounted with noexec",
            "mount /var/lib/amazon and /var/log/amazon with exec",
        ),
        194 => Explanation::new(
            "the step asked the agent for a reboot, to continue after it",
            "nothing while the run goes on; if the run ended so, the node did not come back",
        ),
        195 => Explanation::new(
            "a reboot was requested, and some patches had failed before it",
            "look for the failed patches in the patch state after the reboot",
        ),
        196 => Explanation::new(
            "a reboot was requested, and the check of dependencies had failed before it",
            "look for the missing dependencies in the error text, and run again after the reboot",
        ),
        3010 => Explanation::new(
            "the step asked the agent for a reboot on Windows, to continue after it",
            "nothing while the run goes on; if the run ended so, the node did not come back",
        ),
        _ => return None,
    })
}

/// The calls that the script makes to Systems Manager: codes in threes, for an error, an error of the
/// API, and a denied access.
fn of_services(code: i64) -> Option<Explanation> {
    let meaning = match code {
        130..=132 => "the association could not be read",
        133..=135 => "the baseline could not be read by GetPatchBaseline",
        136..=138 => "the baselines could not be listed by DescribePatchBaselines",
        139..=141 => "the tagged resources could not be read",
        142 => {
            return Some(Explanation::new(
                "the tags of the association select several baselines",
                "leave one baseline with each pair of tags",
            ));
        }
        143 | 144 => "the snapshot of the baseline could not be made",
        145 => "the node may not get the snapshot of the baseline",
        _ => return None,
    };
    Some(Explanation::new(meaning, NODE_ROLE))
}

/// The node: its system, its disk, its way to S3.
fn of_node(code: i64) -> Option<Explanation> {
    Some(match code {
        146 => Explanation::new(
            "Patch Manager does not support the version of the operating system \
             (UnsupportedOperatingSystem)",
            "upgrade the node, or take it out of the targets",
        ),
        147 => Explanation::new("the snapshot of the baseline could not be saved", DISK),
        148 => Explanation::new(
            "the metadata of the instance could not be read",
            "let the node reach 169.254.169.254",
        ),
        149 => Explanation::new(
            "the report could not be uploaded to the inventory",
            "let no two patch operations run at once on a node, and let it reach the endpoint ssm",
        ),
        150 => Explanation::new("the snapshot of the baseline is not valid", "run again"),
        151 => Explanation::new(
            "the downloaded program has a wrong checksum, or the uptime of the node is unknown",
            "run again; look for a proxy that changes downloads",
        ),
        152 => Explanation::new(
            "the downloaded program cannot be loaded, or its state file is damaged",
            DISK,
        ),
        153 => Explanation::new(
            "the parameter BaselineTags is malformed",
            "write it as `Key=KEY,Values=VALUE1,VALUE2`",
        ),
        154 => Explanation::new("no folder to work in can be made", DISK),
        155 => Explanation::new("the downloaded program cannot be unpacked", DISK),
        156 => Explanation::new(
            "the patching program could not be downloaded: there is no way to S3",
            "let HTTPS out, give the subnet a NAT gateway or a gateway endpoint for S3, and let its \
             policy and the role of the node admit the buckets of Patch Manager",
        ),
        _ => return None,
    })
}

/// The files and parameters that override baselines.
fn of_overrides(code: i64) -> Option<Explanation> {
    Some(match code {
        160 => Explanation::new(
            "the node may not read the override file",
            "let the role of the node read it with s3:GetObject; under a patch policy, the bucket \
             aws-quicksetup-patchpolicy-*, and the role needs the tag QSConfigId-ID of the policy",
        ),
        161 => Explanation::new("the override file is not a valid JSON array", ONE_FILE),
        162 => Explanation::new(
            "the override file could not be downloaded",
            "check the URL, and the way of the node to it",
        ),
        163 => Explanation::new(
            "the override file, or the patch policy, names no baseline for the system of the node",
            "name one for each operating system of the targets",
        ),
        164 => return None,
        165 => Explanation::new(
            "the override file names several baselines for the system of the node",
            "leave one",
        ),
        166 => Explanation::new(
            "the override file names an operating system that is not supported",
            ONE_FILE,
        ),
        167 => Explanation::new(
            "the run has both BaselineOverride and InstallOverrideList",
            "send one of the two",
        ),
        _ => return None,
    })
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meaning)?;
        match self.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}
