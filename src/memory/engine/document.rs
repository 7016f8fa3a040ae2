//! The documents that can run here, and the parameters that they declare.

use std::collections::BTreeMap;

use crate::backend::Operation;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::store::documents::{DocumentRecordStore, bare_name, patches};
use crate::operation::{RUN_PATCH_BASELINE_WITH_HOOKS, is_override_url};
use crate::types::{PatchOperation, RebootOption, Target, is_uuid};

/// Checks a document, its version and the parameters that it gets.
///
/// The documents that patch have one version, and declare their parameters here. Hooks are taken for
/// documents that exist and end well: this backend has none to run. The text of any other document is not
/// here, so neither its versions nor its parameters are checked.
pub(crate) fn check(
    operation: Operation,
    documents: &DocumentRecordStore,
    name: &str,
    version: Option<&str>,
    given: &BTreeMap<String, Vec<String>>,
) -> Result<()> {
    if documents.has_other(name) {
        return Ok(());
    }
    let bare = bare_name(name);
    if !patches(name) {
        let message = "the document does not exist; this backend has AWS-RunPatchBaseline, AWS-RunPatchBaselineWithHooks, some documents of AWS that do not patch, and those of add_document";
        return Err(
            Error::service(ErrorKind::NotFound, "InvalidDocument", message)
                .with_operation(operation)
                .with_resource(bare),
        );
    }
    let with_hooks = bare == RUN_PATCH_BASELINE_WITH_HOOKS;
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
    operation: Operation,
    with_hooks: bool,
    parameters: &BTreeMap<String, Vec<String>>,
) -> Result<()> {
    let refused = |message: String| {
        Error::service(ErrorKind::InvalidInput, "InvalidParameters", message)
            .with_operation(operation)
    };
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
                value.is_empty() || is_override_url(value)
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

/// Whether a document that runs on nodes takes targets by this key.
pub(crate) fn is_target_key(target: &Target) -> bool {
    let tag = target.key.strip_prefix("tag:");
    target.is_by_id()
        || ["tag-key", "resource-groups:Name"].contains(&target.key.as_str())
        || tag.is_some_and(|tag| !tag.is_empty())
}
