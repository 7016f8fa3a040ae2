//! The runbook that patches the nodes of an account and Region.

use serde_json::{Value, json};

use crate::error::{Result, Violations};
use crate::operation::{RUN_PATCH_BASELINE, check_output_place};
use crate::types::{MaxConcurrency, MaxErrors, is_account};

/// The runbook's one step, whose outputs have the id of its command.
pub(crate) const STEP: &str = "patchNodes";

/// The output of the step with the id of its command.
pub(crate) const COMMAND_ID: &str = "CommandId";

/// The parameter with the values of the target.
pub(crate) const TARGET_VALUES: &str = "TargetValues";

/// A runbook of schema 0.3 that runs the patch document on the nodes of an account and Region.
///
/// [`ensure_patch_runbook`](crate::PatchManager::ensure_patch_runbook) puts it in place and shares
/// it. Its parameters are `AutomationAssumeRole`, `Operation`, `RebootOption`, `SnapshotId`,
/// `InstallOverrideList`, `BaselineOverride`, `TargetKey` and `TargetValues`. `Operation` and
/// `TargetValues` have no default. With `TargetParameterName` `TargetValues` the runbook runs once
/// for each node of the targets.
///
/// The output of each node goes to a bucket under
/// `PREFIX/accountid=…/region=…/executionid=…`, if one is set.
///
/// ```
/// use aws_patch_manager::automation::PatchRunbook;
///
/// let runbook = PatchRunbook::new("Patch-Nodes")
///     .max_concurrency("25%".parse()?)
///     .max_errors("10%".parse()?)
///     .output_bucket("central-patching")
///     .output_prefix("patching")
///     .share_with(["111122223333", "444455556666"]);
/// assert!(runbook.content().contains("AWS-RunPatchBaseline"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct PatchRunbook {
    name: String,
    description: String,
    timeout_seconds: u32,
    max_concurrency: Option<MaxConcurrency>,
    max_errors: Option<MaxErrors>,
    output_bucket: Option<String>,
    output_prefix: Option<String>,
    shared_with: Vec<String>,
}

impl PatchRunbook {
    /// A runbook of this name, 3 to 128 letters, digits, `_`, `-` or `.`, with a step of at most two
    /// hours.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: "Scans or patches the managed nodes of an account and Region.".to_owned(),
            timeout_seconds: 7_200,
            max_concurrency: None,
            max_errors: None,
            output_bucket: None,
            output_prefix: None,
            shared_with: Vec::new(),
        }
    }

    /// The description.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// How long the step may take, from 1 to 172,800 seconds (two days); 7,200 if not set.
    pub fn timeout_seconds(mut self, seconds: u32) -> Self {
        self.timeout_seconds = seconds;
        self
    }

    /// How many nodes of an account and Region are patched at the same time; 50 if not set.
    pub fn max_concurrency(mut self, limit: MaxConcurrency) -> Self {
        self.max_concurrency = Some(limit);
        self
    }

    /// How many failed nodes of an account and Region are tolerated; none if not set.
    pub fn max_errors(mut self, limit: MaxErrors) -> Self {
        self.max_errors = Some(limit);
        self
    }

    /// Writes the full output of each node to this bucket. The nodes' own role must be allowed to write
    /// there.
    pub fn output_bucket(mut self, bucket: impl Into<String>) -> Self {
        self.output_bucket = Some(bucket.into());
        self
    }

    /// Writes the full output under this key prefix of [`output_bucket`](Self::output_bucket), at most 300
    /// characters.
    pub fn output_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.output_prefix = Some(prefix.into());
        self
    }

    /// Shares it with these accounts, which have to be able to read it when they run it.
    pub fn share_with<I>(mut self, accounts: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.shared_with = accounts.into_iter().map(Into::into).collect();
        self.shared_with.sort();
        self.shared_with.dedup();
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The accounts that it is shared with, in order.
    pub fn shared_with(&self) -> &[String] {
        &self.shared_with
    }

    /// The text of the runbook, in JSON.
    pub fn content(&self) -> String {
        let content = json!({
            "schemaVersion": "0.3",
            "description": self.description,
            "assumeRole": "{{ AutomationAssumeRole }}",
            "parameters": parameters(),
            "mainSteps": [{
                "name": STEP,
                "action": "aws:runCommand",
                "timeoutSeconds": self.timeout_seconds,
                "onFailure": "Abort",
                "inputs": self.inputs(),
            }],
            "outputs": [format!("{STEP}.{COMMAND_ID}"), format!("{STEP}.Status")],
        });
        format!("{content:#}")
    }

    /// The inputs of the step. The command waits for a node no longer than the step does.
    fn inputs(&self) -> Value {
        let mut inputs = json!({
            "DocumentName": RUN_PATCH_BASELINE,
            "Targets": [{ "Key": "{{ TargetKey }}", "Values": "{{ TargetValues }}" }],
            "Parameters": {
                "Operation": "{{ Operation }}",
                "RebootOption": "{{ RebootOption }}",
                "SnapshotId": "{{ SnapshotId }}",
                "InstallOverrideList": "{{ InstallOverrideList }}",
                "BaselineOverride": "{{ BaselineOverride }}",
            },
        });
        if let Some(limit) = self.max_concurrency {
            inputs["MaxConcurrency"] = json!(limit);
        }
        if let Some(limit) = self.max_errors {
            inputs["MaxErrors"] = json!(limit);
        }
        if let Some(bucket) = &self.output_bucket {
            let prefix = self.output_prefix.as_deref().unwrap_or_default();
            let place = "accountid={{ global:ACCOUNT_ID }}/region={{ global:REGION }}/executionid={{ automation:EXECUTION_ID }}";
            inputs["OutputS3BucketName"] = json!(bucket);
            inputs["OutputS3KeyPrefix"] = match prefix.trim_end_matches('/') {
                "" => json!(place),
                prefix => json!(format!("{prefix}/{place}")),
            };
        }
        inputs
    }

    /// Checks it as the service would.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with everything that is wrong.
    pub(crate) fn check(&self) -> Result<()> {
        let mut found = Violations::new();
        let legal =
            "3 to 128 letters, digits, `_`, `-` or `.`, and not `aws`, `amazon` or `amzn` first";
        found.require(is_document_name(&self.name), "Name", &self.name, legal);
        let seconds = self.timeout_seconds;
        let legal = "1 to 172,800 seconds";
        let is_legal = (1..=172_800).contains(&seconds);
        found.require(is_legal, "timeoutSeconds", seconds, legal);
        for account in &self.shared_with {
            found.require(is_account(account), "AccountIdsToAdd", account, "12 digits");
        }
        let (bucket, prefix) = (self.output_bucket.as_deref(), self.output_prefix.as_deref());
        check_output_place(bucket, prefix, &mut found);
        // The account, the Region and the execution come behind it.
        if let Some(prefix) = prefix.filter(|prefix| (301..=500).contains(&prefix.chars().count()))
        {
            let legal = "at most 300 characters";
            found.push(
                "OutputS3KeyPrefix",
                format!("{} characters", prefix.chars().count()),
                legal,
            );
        }
        found.or("CreateDocument", ())
    }
}

/// The parameters that the runbook declares.
fn parameters() -> Value {
    let text =
        |description: &str| json!({ "type": "String", "description": description, "default": "" });
    json!({
        "AutomationAssumeRole": text("The role with which Automation acts; the caller's own if empty."),
        "Operation": {
            "type": "String",
            "description": "Scan or Install.",
            "allowedValues": ["Scan", "Install"],
        },
        "RebootOption": {
            "type": "String",
            "description": "Whether nodes reboot after an Install.",
            "allowedValues": ["RebootIfNeeded", "NoReboot"],
            "default": "RebootIfNeeded",
        },
        "SnapshotId": text("The snapshot of the baseline; the same for the whole run."),
        "InstallOverrideList": text("The URL of a list of patches to install instead of the approved ones."),
        "BaselineOverride": text("The URL of baselines to use instead of the registered ones."),
        "TargetKey": {
            "type": "String",
            "description": "InstanceIds, tag:KEY, tag-key or resource-groups:Name.",
            "default": "InstanceIds",
        },
        TARGET_VALUES: {
            "type": "StringList",
            "description": "The values of the target: node ids, values of the tag, or the group.",
        },
    })
}

/// Whether an account may give a document this name (SSM model, `DocumentName`; `CreateDocument` names
/// the prefixes of AWS).
pub(crate) fn is_document_name(name: &str) -> bool {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
    let lower = name.to_ascii_lowercase();
    (3..=128).contains(&name.len())
        && name.bytes().all(is_name)
        && !["aws", "amazon", "amzn"]
            .iter()
            .any(|prefix| lower.starts_with(prefix))
}
