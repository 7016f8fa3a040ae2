//! What SendCommand refuses, and whatever else runs the patch document: bounds of the model, and parameters
//! that AWS-RunPatchBaseline does not declare.

use std::collections::{BTreeMap, HashSet};

use crate::error::{Error, ErrorKind, Result};
use crate::memory::operations::check::{self, Validation};
use crate::memory::state::State;
use crate::operation::{
    PatchOperation, RUN_PATCH_BASELINE, RUN_PATCH_BASELINE_WITH_HOOKS, RebootOption, SendCommand,
};

const OPERATION: &str = "SendCommand";

/// Checks a request as the service does, first by itself, then against the account.
pub(crate) fn request(request: &SendCommand, state: &State) -> Result<()> {
    bounds(request)?;
    document(
        OPERATION,
        &request.document_name,
        request.document_version.as_deref(),
        &request.parameters,
    )?;
    let mut seen = HashSet::new();
    for id in &request.instance_ids {
        if !seen.insert(id) {
            let refused = refused(OPERATION, "DuplicateInstanceId", "");
            return Err(refused.with_resource(id.as_str()));
        }
        if !state.fleet.get(id).is_some_and(|node| node.is_managed()) {
            return Err(check::invalid_instance_id(OPERATION, id));
        }
    }
    Ok(())
}

fn refused(operation: &str, code: &str, message: impl Into<String>) -> Error {
    Error::service(ErrorKind::InvalidInput, code, message).with_operation(operation)
}

/// The bounds of the SSM model; of node ids and targets exactly one is given.
fn bounds(request: &SendCommand) -> Result<()> {
    let mut validation = Validation::of(OPERATION);
    validation.count("instanceIds", &request.instance_ids, 0..=50);
    validation.count("targets", &request.targets, 0..=5);
    validation.require(
        request.instance_ids.is_empty() != request.targets.is_empty(),
        "instanceIds",
        "either node ids or targets must be given, not both",
    );
    for (number, target) in request.targets.iter().enumerate() {
        let at = format!("targets.{}", number + 1);
        validation.count(format!("{at}.values"), &target.values, 0..=50);
        validation.require(
            is_target_key(&target.key),
            format!("{at}.key"),
            "Member must be InstanceIds, tag:KEY, tag-key or resource-groups:Name",
        );
    }
    if let Some(comment) = &request.comment {
        validation.length("comment", comment, 0..=100);
    }
    if let Some(seconds) = request.timeout_seconds {
        validation.require(
            (30..=2_592_000).contains(&seconds),
            "timeoutSeconds",
            "Member must have value between 30 and 2592000",
        );
    }
    if let Some(limit) = request.max_concurrency {
        validation.require(limit.is_well_formed(), "maxConcurrency", "wrong pattern");
    }
    if let Some(limit) = request.max_errors {
        validation.require(limit.is_well_formed(), "maxErrors", "wrong pattern");
    }
    validation.finish()
}

/// Whether a document that runs on nodes takes targets by this key.
pub(crate) fn is_target_key(key: &str) -> bool {
    ["InstanceIds", "tag-key", "resource-groups:Name"].contains(&key)
        || key.strip_prefix("tag:").is_some_and(|tag| !tag.is_empty())
}

/// The documents that there are, in the one version that they have, with what they declare.
///
/// Hooks are taken for documents that exist and end well: this backend has none to run.
pub(crate) fn document(
    operation: &str,
    name: &str,
    version: Option<&str>,
    given: &BTreeMap<String, Vec<String>>,
) -> Result<()> {
    let with_hooks = name == RUN_PATCH_BASELINE_WITH_HOOKS;
    if name != RUN_PATCH_BASELINE && !with_hooks {
        let message = "the document does not exist; this backend has AWS-RunPatchBaseline and AWS-RunPatchBaselineWithHooks only";
        return Err(
            Error::service(ErrorKind::NotFound, "InvalidDocument", message)
                .with_operation(operation)
                .with_resource(name),
        );
    }
    match version {
        None | Some("$DEFAULT" | "$LATEST" | "1") => parameters(operation, with_hooks, given),
        Some(version) => Err(Error::service(
            ErrorKind::NotFound,
            "InvalidDocumentVersion",
            "the document has no such version",
        )
        .with_operation(operation)
        .with_resource(version)),
    }
}

/// The parameters that the document declares, each with one value of its pattern.
fn parameters(
    operation: &str,
    with_hooks: bool,
    parameters: &BTreeMap<String, Vec<String>>,
) -> Result<()> {
    let refused = |message: String| refused(operation, "InvalidParameters", message);
    for (name, values) in parameters {
        let [value] = values.as_slice() else {
            let message = format!("the parameter {name} takes one value");
            return Err(refused(message));
        };
        let legal = match name.as_str() {
            "Operation" => PatchOperation::from(value.as_str()).is_known(),
            "RebootOption" => RebootOption::from(value.as_str()).is_known(),
            "SnapshotId" => value.is_empty() || is_uuid(value),
            "PreInstallHookDocName" | "PostInstallHookDocName" | "OnExitHookDocName"
                if with_hooks =>
            {
                (3..=128).contains(&value.len())
            }
            "AssociationId" if !with_hooks => value.is_empty() || is_uuid(value),
            "InstallOverrideList" | "BaselineOverride" if !with_hooks => {
                value.is_empty() || is_list_url(value)
            }
            "StepTimeoutSeconds" if !with_hooks => value
                .parse()
                .is_ok_and(|seconds: u32| (1..=36_000).contains(&seconds)),
            _ => {
                let message = format!("the document does not declare the parameter {name}");
                return Err(refused(message));
            }
        };
        if !legal {
            let message = format!("the value of the parameter {name} is not allowed");
            return Err(refused(message));
        }
    }
    if !parameters.contains_key("Operation") {
        return Err(refused("the parameter Operation is required".to_owned()));
    }
    Ok(())
}

pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// `https://` and something, or `s3://BUCKET/KEY` with a key that does not end in a slash.
fn is_list_url(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("https://") {
        return !rest.is_empty();
    }
    text.strip_prefix("s3://")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(bucket, key)| !bucket.is_empty() && !key.is_empty() && !key.ends_with('/'))
}
