//! The documents that there are: those that patch, and others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::runbook::RunbookText;
use crate::automation::{DocumentFormat, DocumentRequires, DocumentType};
use crate::operation::{RUN_PATCH_BASELINE, RUN_PATCH_BASELINE_WITH_HOOKS};
use crate::types::Tag;

/// Documents of AWS for Run Command and State Manager whose runs are recorded here and change nothing (User
/// Guide, SSM Command document reference, and SSM documents for patching managed nodes).
const OTHERS: [&str; 23] = [
    "AWS-ApplyAnsiblePlaybooks",
    "AWS-ApplyChefRecipes",
    "AWS-ApplyDSCMofs",
    "AWS-ConfigureAWSPackage",
    "AWS-ConfigureCloudWatch",
    "AWS-ConfigureDocker",
    "AWS-ConfigureKernelLivePatching",
    "AWS-ConfigureWindowsUpdate",
    "AWS-GatherSoftwareInventory",
    "AWS-InstallApplication",
    "AWS-InstallPowerShellModule",
    "AWS-InstallWindowsUpdates",
    "AWS-JoinDirectoryServiceDomain",
    "AWS-RunDockerAction",
    "AWS-RunDocument",
    "AWS-RunInspecChecks",
    "AWS-RunPatchBaselineAssociation",
    "AWS-RunPowerShellScript",
    "AWS-RunRemoteScript",
    "AWS-RunShellScript",
    "AWS-UpdateEC2Config",
    "AWS-UpdateSSMAgent",
    "AmazonCloudWatch-ManageAgent",
];

/// The documents besides those that patch.
#[derive(Debug, Clone)]
pub(crate) struct DocumentRecordStore {
    others: BTreeSet<String>,
    own: BTreeMap<String, DocumentRecord>,
}

impl Default for DocumentRecordStore {
    fn default() -> Self {
        Self {
            others: OTHERS.map(str::to_owned).into(),
            own: BTreeMap::new(),
        }
    }
}

impl DocumentRecordStore {
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

/// A document of the account's own.
#[derive(Debug, Clone)]
pub(crate) struct DocumentRecord {
    pub(crate) name: String,
    pub(crate) document_type: DocumentType,
    pub(crate) requires: Vec<DocumentRequires>,
    pub(crate) tags: Vec<Tag>,
    /// The accounts that it is shared with, and the version that they see.
    pub(crate) shares: BTreeMap<String, String>,
    /// In their order; the first is version 1.
    pub(crate) versions: Vec<DocumentVersion>,
    /// The number of the default version.
    pub(crate) default: usize,
}

/// A version of a document.
#[derive(Debug, Clone)]
pub(crate) struct DocumentVersion {
    pub(crate) content: String,
    pub(crate) format: DocumentFormat,
    pub(crate) version_name: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) target_type: Option<String>,
    pub(crate) cloud_providers: Vec<String>,
    pub(crate) created: Timestamp,
    pub(crate) schema_version: Option<String>,
    pub(crate) description: Option<String>,
    /// What a runbook does.
    pub(crate) runbook: Option<Arc<RunbookText>>,
}

impl DocumentRecord {
    /// The number of a version and the version; `None` if there is none. Without version and name it
    /// is the default one.
    pub(crate) fn version(
        &self,
        version: Option<&str>,
        name: Option<&str>,
    ) -> Option<(usize, &DocumentVersion)> {
        let number = match (version, name) {
            (Some("$LATEST"), _) => self.versions.len(),
            (Some("$DEFAULT"), _) | (None, None) => self.default,
            (Some(number), _) => number.parse().ok()?,
            (None, Some(_)) => {
                1 + self
                    .versions
                    .iter()
                    .position(|version| version.version_name.as_deref() == name)?
            }
        };
        Some((number, self.versions.get(number.checked_sub(1)?)?))
    }
}

impl DocumentRecordStore {
    /// The account's own documents, by name.
    pub(crate) fn own(&self) -> impl Iterator<Item = &DocumentRecord> {
        self.own.values()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&DocumentRecord> {
        self.own.get(own_name(name))
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut DocumentRecord> {
        self.own.get_mut(own_name(name))
    }

    pub(crate) fn insert(&mut self, record: DocumentRecord) {
        if record.document_type == DocumentType::Command {
            self.add(&record.name);
        }
        self.own.insert(record.name.clone(), record);
    }

    /// Removes a document of the account's own, which nothing can run any more.
    #[cfg(feature = "emulator")]
    pub(crate) fn remove(&mut self, name: &str) {
        let name = own_name(name);
        self.own.remove(name);
        self.others.remove(name);
    }
}

/// The name in the ARN of a document that an account owns, `arn:aws:ssm:REGION:ACCOUNT:document/NAME`.
fn own_name(name: &str) -> &str {
    name.rsplit_once(":document/")
        .map_or(name, |(_, name)| name)
}

/// The documents of AWS that there are here.
pub(crate) fn aws_documents() -> impl Iterator<Item = &'static str> {
    let patching = [RUN_PATCH_BASELINE, RUN_PATCH_BASELINE_WITH_HOOKS];
    OTHERS.into_iter().chain(patching)
}
