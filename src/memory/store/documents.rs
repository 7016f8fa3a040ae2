//! The documents that there are: those that patch, and others.

use std::collections::BTreeSet;

use crate::operation::{RUN_PATCH_BASELINE, RUN_PATCH_BASELINE_WITH_HOOKS};

/// Documents of AWS for Run Command and State Manager that install no patches (User Guide, SSM Command
/// document reference).
const OTHERS: [&str; 20] = [
    "AWS-ApplyAnsiblePlaybooks",
    "AWS-ApplyChefRecipes",
    "AWS-ApplyDSCMofs",
    "AWS-ConfigureAWSPackage",
    "AWS-ConfigureCloudWatch",
    "AWS-ConfigureDocker",
    "AWS-ConfigureKernelLivePatching",
    "AWS-GatherSoftwareInventory",
    "AWS-InstallApplication",
    "AWS-InstallPowerShellModule",
    "AWS-JoinDirectoryServiceDomain",
    "AWS-RunDockerAction",
    "AWS-RunDocument",
    "AWS-RunInspecChecks",
    "AWS-RunPowerShellScript",
    "AWS-RunRemoteScript",
    "AWS-RunShellScript",
    "AWS-UpdateEC2Config",
    "AWS-UpdateSSMAgent",
    "AmazonCloudWatch-ManageAgent",
];

/// The documents besides those that patch.
#[derive(Debug)]
pub(crate) struct DocumentStore {
    others: BTreeSet<String>,
}

impl Default for DocumentStore {
    fn default() -> Self {
        Self {
            others: OTHERS.map(str::to_owned).into(),
        }
    }
}

impl DocumentStore {
    pub(crate) fn add(&mut self, name: &str) {
        self.others.insert(bare_name(name).to_owned());
    }

    /// Whether there is such a document that does not patch.
    pub(crate) fn has_other(&self, name: &str) -> bool {
        self.others.contains(bare_name(name)) && !patches(name)
    }
}

/// Whether a document patches nodes here. Whatever else runs leaves patches alone.
pub(crate) fn patches(name: &str) -> bool {
    [RUN_PATCH_BASELINE, RUN_PATCH_BASELINE_WITH_HOOKS].contains(&bare_name(name))
}

/// The name of a document without its ARN, by which those of AWS can be named as well (SSM model,
/// `DocumentARN`).
pub(crate) fn bare_name(name: &str) -> &str {
    let by_arn = name.strip_prefix("arn:aws");
    let parts = by_arn.and_then(|arn| arn.split_once("::document/"));
    parts.map_or(name, |(_, document)| document)
}
