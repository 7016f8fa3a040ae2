use serde::{Deserialize, Serialize};

use crate::baseline::{BaselineBuilder, BaselineSpec};
use crate::error::{Error, ErrorKind, Result, Violation, Violations};
use crate::strict;
use crate::types::OperatingSystem;

/// Baselines in a file, which a run uses in place of those that are registered.
///
/// AWS-RunPatchBaseline reads it from the URL in the parameter `BaselineOverride`: a JSON array with
/// one baseline for each operating system. The override file of a patch policy has the same form.
///
/// - A run on a node fails with exit code 163 if the file has no baseline for its system, 165 if it
///   has several, 162 if it cannot be downloaded, and 161 if it is no such file.
/// - Such a run reports no compliance: its result is in the output only. A run with an `AssociationId`
///   does report.
/// - Together with an `InstallOverrideList` it fails with exit code 167.
/// - Names, descriptions and ids may be there and do not count.
///
/// Source: User Guide, parameter `BaselineOverride` of AWS-RunPatchBaseline; for the codes, the
/// document's payload.
///
/// ```
/// use aws_patch_manager::BaselineBuilder;
/// use aws_patch_manager::operation::BaselineOverride;
///
/// let file = BaselineOverride::new([
///     BaselineBuilder::windows_critical_and_security("windows", 7).build()?,
///     BaselineBuilder::amazon_linux_2023_security("linux", 7).build()?,
/// ])?;
/// assert_eq!(BaselineOverride::from_json(&file.to_json())?, file);
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct BaselineOverride {
    /// The baselines, one for each operating system.
    pub baselines: Vec<BaselineSpec>,
}

impl BaselineOverride {
    /// A file of these baselines.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with one violation for each thing that
    /// [`BaselineBuilder`] refuses but names, for each operating system that comes twice, and if there
    /// is no baseline.
    pub fn new(baselines: impl IntoIterator<Item = BaselineSpec>) -> Result<Self> {
        let baselines = baselines.into_iter().collect();
        Self { baselines }.checked()
    }

    /// Reads a file. Unknown members are ignored, as nodes do.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it is no array of baselines, with one
    /// [`Violation`] for each value that cannot be read, with its path; and as in [`new`](Self::new).
    /// No value is quoted: a custom repository can have a password.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::read(text.as_bytes())?.checked()
    }

    /// Reads a file as a node does, without a check.
    pub(crate) fn read(content: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(content).map_err(|error| {
            let message = "not a baseline override: the text is not UTF-8";
            Error::new(ErrorKind::InvalidInput, message).with_source(error)
        })?;
        strict::read(text, "BaselineOverride", &["BaselineSpec"])
    }

    /// The file to put where the parameter's URL leads.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The baselines for nodes of an operating system. A run needs exactly one.
    pub fn of_system(&self, os: &OperatingSystem) -> impl Iterator<Item = &BaselineSpec> {
        let baselines = self.baselines.iter();
        baselines.filter(move |baseline| baseline.operating_system() == *os)
    }

    fn checked(self) -> Result<Self> {
        let mut found = Violations::new();
        let legal = "at least one baseline";
        found.require(!self.baselines.is_empty(), "BaselineOverride", "", legal);
        for (index, baseline) in self.baselines.iter().enumerate() {
            let place = format!("[{index}]");
            for violation in violations(baseline) {
                let field = format!("{place}.{}", violation.field);
                found.add(Violation { field, ..violation });
            }
            let os = baseline.operating_system();
            let earlier = self.baselines.iter().take(index);
            let is_first = !{ earlier }.any(|earlier| earlier.operating_system() == os);
            let field = format!("{place}.OperatingSystem");
            found.require(is_first, field, os, "one baseline for each system");
        }
        found.or("SendCommand", self)
    }
}

/// What a baseline of its own would be refused for. A node does not read the name.
fn violations(baseline: &BaselineSpec) -> Vec<Violation> {
    let mut named = baseline.clone();
    "unnamed".clone_into(&mut named.name);
    named.description = None;
    named.tags.clear();
    match BaselineBuilder::from(named).build() {
        Ok(_) => Vec::new(),
        Err(error) => error.violations().to_vec(),
    }
}
