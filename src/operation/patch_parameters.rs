use std::collections::BTreeMap;
use std::fmt;

use super::RUN_PATCH_BASELINE;
use crate::error::Violations;
use crate::spelling::nearest;
use crate::types::{PatchOperation, RebootOption, Redacted, is_uuid, member_path};

/// The document that patches like AWS-RunPatchBaseline and calls your own documents around it.
pub const RUN_PATCH_BASELINE_WITH_HOOKS: &str = "AWS-RunPatchBaselineWithHooks";

/// The documents that AWS-RunPatchBaselineWithHooks calls around an Install.
///
/// A hook that is not set is `AWS-Noop`, which does nothing. Hooks need agent 3.0.502 or later.
///
/// ```
/// use aws_patch_manager::operation::PatchHooks;
///
/// let hooks = PatchHooks::new()
///     .pre_install("drain-load-balancer")
///     .on_exit("return-to-load-balancer");
/// # let _ = hooks;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct PatchHooks {
    named: BTreeMap<&'static str, String>,
}

impl PatchHooks {
    /// Without hooks.
    pub fn new() -> Self {
        Self::default()
    }

    /// The document to call before the installation. Patches are installed only if it succeeds.
    ///
    /// The name or ARN of a document: 3 to 128 letters, digits, `_`, `-`, `.`, `:` or `/`.
    pub fn pre_install(self, document: impl Into<String>) -> Self {
        self.hook("PreInstallHookDocName", document)
    }

    /// The document to call after the installation, before the reboot.
    ///
    /// Its name is as in [`pre_install`](Self::pre_install).
    pub fn post_install(self, document: impl Into<String>) -> Self {
        self.hook("PostInstallHookDocName", document)
    }

    /// The document to call last, after the reboot if there was one.
    ///
    /// Its name is as in [`pre_install`](Self::pre_install).
    pub fn on_exit(self, document: impl Into<String>) -> Self {
        self.hook("OnExitHookDocName", document)
    }

    fn hook(mut self, parameter: &'static str, document: impl Into<String>) -> Self {
        self.named.insert(parameter, document.into());
        self
    }
}

/// The parameters of a patch document, for Run Command, a task of a maintenance window, or an
/// association.
///
/// URLs may be presigned, so `Debug` only shows whether they are present.
///
/// ```
/// use aws_patch_manager::operation::PatchParameters;
/// use aws_patch_manager::types::{PatchOperation, RebootOption};
///
/// let mut parameters = PatchParameters::new(PatchOperation::Install);
/// parameters.reboot = Some(RebootOption::NoReboot);
/// assert_eq!(parameters.document(), "AWS-RunPatchBaseline");
/// assert_eq!(parameters.to_map()["RebootOption"], ["NoReboot"]);
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatchParameters {
    /// Scan or Install.
    pub operation: PatchOperation,
    /// Whether an Install reboots. If absent, the service reboots if needed.
    pub reboot: Option<RebootOption>,
    /// The snapshot of the baseline to evaluate, a UUID: see
    /// [`PatchRequest::snapshot_id`](super::PatchRequest::snapshot_id).
    pub snapshot_id: Option<String>,
    /// The `https://` or `s3://` URL of a list of patches to install. Install only.
    pub install_override_list: Option<String>,
    /// The `https://` or `s3://` URL of baselines to use in place of the registered ones.
    pub baseline_override: Option<String>,
    /// How long patching may take on a node, 1 to 36,000 seconds; 7200 if absent. AWS-RunPatchBaseline
    /// only.
    pub step_timeout_seconds: Option<u32>,
    /// The documents to call around the Install. If absent, AWS-RunPatchBaseline runs.
    pub hooks: Option<PatchHooks>,
}

impl PatchParameters {
    /// The parameters of this operation, with the document's defaults.
    pub fn new(operation: PatchOperation) -> Self {
        Self {
            operation,
            reboot: None,
            snapshot_id: None,
            install_override_list: None,
            baseline_override: None,
            step_timeout_seconds: None,
            hooks: None,
        }
    }

    /// The document of these parameters.
    pub fn document(&self) -> &'static str {
        match self.hooks {
            Some(_) => RUN_PATCH_BASELINE_WITH_HOOKS,
            None => RUN_PATCH_BASELINE,
        }
    }

    /// The parameters in the service's form: a list of one value under each name.
    pub fn to_map(&self) -> BTreeMap<String, Vec<String>> {
        let step_timeout = self.step_timeout_seconds.map(|seconds| seconds.to_string());
        let own = [
            ("Operation", Some(self.operation.as_str())),
            (
                "RebootOption",
                self.reboot.as_ref().map(RebootOption::as_str),
            ),
            ("SnapshotId", self.snapshot_id.as_deref()),
            ("InstallOverrideList", self.install_override_list.as_deref()),
            ("BaselineOverride", self.baseline_override.as_deref()),
            ("StepTimeoutSeconds", step_timeout.as_deref()),
        ];
        let hooks = self.hooks.iter().flat_map(|hooks| &hooks.named);
        own.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .chain(hooks.map(|(name, document)| (*name, document.as_str())))
            .map(|(name, value)| (name.to_owned(), vec![value.to_owned()]))
            .collect()
    }

    /// Records everything that the documents would refuse. URLs may be presigned, so they are not
    /// quoted.
    pub(crate) fn check(&self, found: &mut Violations) {
        if let Some(option) = &self.reboot {
            let legal = "`RebootIfNeeded` or `NoReboot`";
            found.require(option.is_known(), "Parameters.RebootOption", option, legal);
        }
        if let Some(id) = &self.snapshot_id {
            let legal = "a UUID of 36 characters";
            found.require(is_uuid(id), "Parameters.SnapshotId", id, legal);
        }
        let overrides = [
            ("InstallOverrideList", &self.install_override_list),
            ("BaselineOverride", &self.baseline_override),
        ];
        for (name, url) in overrides {
            let Some(url) = url else { continue };
            let field = format!("Parameters.{name}");
            let told = format_args!("{} characters", url.chars().count());
            let legal = "an https:// URL, or s3://BUCKET/KEY, of at most 256 characters";
            let fits = url.chars().count() <= 256;
            found.require(fits && is_override_url(url), &field, told, legal);
            found.require(
                self.hooks.is_none(),
                field,
                "with hooks",
                "without hooks: AWS-RunPatchBaselineWithHooks takes no overrides",
            );
        }
        if let Some(url) = &self.baseline_override {
            let path = url.split(['?', '#']).next().unwrap_or_default();
            let name = path.rsplit('/').next().unwrap_or_default();
            // User Guide, BaselineOverride.
            let legal = "the name of a file without `, ', \" and $";
            let quotes = ['`', '\'', '"', '$'];
            let field = "Parameters.BaselineOverride";
            found.require(!name.contains(quotes), field, name, legal);
        }
        found.require(
            self.install_override_list.is_none() || self.baseline_override.is_none(),
            "Parameters",
            "InstallOverrideList and BaselineOverride",
            "one of the two, not both",
        );
        found.require(
            self.install_override_list.is_none() || self.operation != PatchOperation::Scan,
            "Parameters.InstallOverrideList",
            "with a Scan",
            "only an Install reads it",
        );
        if let Some(seconds) = self.step_timeout_seconds {
            let field = "Parameters.StepTimeoutSeconds";
            let is_legal = (1..=36_000).contains(&seconds);
            found.require(is_legal, field, seconds, "1 to 36,000 seconds");
            let legal = "without hooks: AWS-RunPatchBaselineWithHooks does not declare it";
            found.require(self.hooks.is_none(), field, "with hooks", legal);
        }
        self.check_hooks(found);
    }

    fn check_hooks(&self, found: &mut Violations) {
        let legal = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
        for (name, document) in self.hooks.iter().flat_map(|hooks| &hooks.named) {
            found.require(
                (3..=128).contains(&document.len()) && document.chars().all(legal),
                format!("Parameters.{name}"),
                document,
                "the name or ARN of a document: 3 to 128 letters, digits, `_`, `-`, `.`, `:` or `/`",
            );
        }
    }
}

impl fmt::Debug for PatchParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |url: &Option<String>| url.as_ref().map(|_| Redacted);
        f.debug_struct("PatchParameters")
            .field("operation", &self.operation)
            .field("reboot", &self.reboot)
            .field("snapshot_id", &self.snapshot_id)
            .field(
                "install_override_list",
                &hidden(&self.install_override_list),
            )
            .field("baseline_override", &hidden(&self.baseline_override))
            .field("step_timeout_seconds", &self.step_timeout_seconds)
            .field("hooks", &self.hooks)
            .finish()
    }
}

/// The documents that scan and install by the parameter `Operation` (User Guide, SSM documents for
/// patching).
pub(crate) const PATCH_DOCUMENTS: [&str; 3] = [
    RUN_PATCH_BASELINE,
    RUN_PATCH_BASELINE_WITH_HOOKS,
    "AWS-RunPatchBaselineAssociation",
];

/// Records the name of a document of AWS that is a misspelled patch document. Another document can have
/// any name.
pub(crate) fn check_patch_document(field: &str, document: &str, found: &mut Violations) {
    if PATCH_DOCUMENTS.contains(&document) || !document.starts_with("AWS-RunP") {
        return;
    }
    if let Some(meant) = nearest(document, PATCH_DOCUMENTS) {
        let legal = format!("no such document of AWS; the nearest is `{meant}`");
        found.push(field, document, legal);
    }
}

/// Records values of a patch document's parameters that the document does not allow: the service takes
/// them, and each run would fail.
pub(crate) fn check_document_parameters<'p>(
    path: &str,
    document: &str,
    parameters: impl Iterator<Item = (&'p String, &'p Vec<String>)>,
    found: &mut Violations,
) {
    if !PATCH_DOCUMENTS.contains(&document) {
        return;
    }
    for (name, values) in parameters {
        let (is_legal, legal): (fn(&str) -> bool, _) = match name.as_str() {
            "Operation" => (
                |one| PatchOperation::from(one).is_known(),
                "`Scan` or `Install`",
            ),
            "RebootOption" => (
                |one| RebootOption::from(one).is_known(),
                "`RebootIfNeeded` or `NoReboot`",
            ),
            _ => continue,
        };
        // A value in braces is a parameter of Parameter Store or of the window.
        let fits = |value: &String| is_legal(value) || value.starts_with("{{");
        let fits = values.len() == 1 && values.iter().all(fits);
        let field = member_path(&member_path(path, "Parameters"), name);
        found.require(fits, field, values.join(", "), legal);
    }
}

/// Whether this is a legal URL for a list of patches or baselines: `https://…`, or
/// `s3://BUCKET/KEY` with a key that does not end in a slash.
pub(crate) fn is_override_url(text: &str) -> bool {
    let https = text
        .strip_prefix("https://")
        .is_some_and(|rest| !rest.is_empty());
    let s3 = text
        .strip_prefix("s3://")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(bucket, key)| !bucket.is_empty() && !key.is_empty() && !key.ends_with('/'));
    https || s3
}
