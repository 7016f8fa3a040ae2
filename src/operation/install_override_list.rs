use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::baseline::approval::{PackageEntry, is_notice_id};
use crate::compliance::MissingPatch;
use crate::error::{Error, ErrorKind, Result, Violation, Violations};
use crate::strict;
use crate::types::{OperatingSystem, Patch};

/// What errors call the input, and the structures whose unknown members nodes ignore.
const NAME: &str = "InstallOverrideList";
const LENIENT: [&str; 2] = [NAME, "OverriddenPatch"];

/// A list of patches that decides alone what an Install installs.
///
/// AWS-RunPatchBaseline reads it from the URL in the parameter `InstallOverrideList`, as YAML. Every
/// JSON document is YAML, so [`to_json`](Self::to_json) is a file to put there.
///
/// - Linux and macOS install what it names even if the baseline does not approve it. Windows
///   installs only what the baseline also approves. A Scan ignores it.
/// - On yum, dnf and apt it updates packages that are installed, and adds none.
/// - CVE ids and advisory ids name nothing. An empty list installs nothing.
/// - Compliance is still by the baseline.
///
/// Source: User Guide, parameter `InstallOverrideList` of AWS-RunPatchBaseline.
///
/// ```
/// use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};
///
/// let list = InstallOverrideList::new([
///     OverriddenPatch::new("kernel.x86_64").with_title("kernel.x86_64:*:6.1.*"),
///     OverriddenPatch::new("openssl*"),
/// ])?;
/// let file = list.to_json();
/// assert_eq!(InstallOverrideList::from_json(&file)?, list);
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InstallOverrideList {
    /// The patches, ORed.
    pub patches: Vec<OverriddenPatch>,
}

/// An entry of an [`InstallOverrideList`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OverriddenPatch {
    /// The KB number on Windows; on Linux a package, as in a baseline's list of approved patches,
    /// with wildcards at any place. Without a title it names every version.
    pub id: String,
    /// What must match as well: `name.arch:epoch:version-release` on rpm, `name.arch:version` on
    /// apt, with wildcards at any place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl OverriddenPatch {
    /// An entry with this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: None,
        }
    }

    /// Wants the title to match as well.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Just this patch: on Windows its KB number, on Linux the package in this version.
    ///
    /// `None` for a patch that has neither.
    ///
    /// ```
    /// use aws_patch_manager::operation::OverriddenPatch;
    /// use aws_patch_manager::types::Patch;
    ///
    /// let mut patch = Patch::default();
    /// patch.kb_number = Some("KB5037782".to_owned());
    /// assert_eq!(OverriddenPatch::of(&patch), Some(OverriddenPatch::new("KB5037782")));
    /// ```
    pub fn of(patch: &Patch) -> Option<Self> {
        if let Some(kb) = patch.kb_number.as_ref().filter(|kb| !kb.is_empty()) {
            return Some(Self::new(kb));
        }
        let (name, arch) = (patch.name.as_ref()?, patch.arch.as_ref()?);
        let entry = Self::new(format!("{name}.{arch}"));
        let Some(version) = &patch.version else {
            return Some(entry);
        };
        let title = match &patch.release {
            Some(release) => {
                let epoch = patch.epoch.unwrap_or_default();
                format!("{name}.{arch}:{epoch}:{version}-{release}")
            }
            None => format!("{name}.{arch}:{version}"),
        };
        Some(entry.with_title(title))
    }

    /// Just this missing patch of a report: on Windows its KB number, elsewhere the package in the
    /// version of its title.
    ///
    /// ```
    /// use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};
    /// use aws_patch_manager::compliance::ComplianceReport;
    ///
    /// fn only_critical(report: &ComplianceReport) -> Result<InstallOverrideList, aws_patch_manager::Error> {
    ///     let critical = report.missing_patches.iter().filter(|patch| patch.severity == "Critical");
    ///     InstallOverrideList::new(critical.map(OverriddenPatch::of_missing))
    /// }
    /// # let _ = only_critical;
    /// ```
    pub fn of_missing(patch: &MissingPatch) -> Self {
        let entry = Self::new(&patch.id);
        match patch.title.strip_prefix(patch.id.as_str()) {
            Some(version) if version.starts_with(':') => entry.with_title(&patch.title),
            _ => entry,
        }
    }

    fn names(&self, patch: &Patch, os: &OperatingSystem) -> bool {
        let mut both = std::iter::once(&self.id).chain(&self.title);
        both.all(|entry| PackageEntry::new(entry, os).names(patch))
    }
}

impl InstallOverrideList {
    /// A list of these patches.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an entry without an id: it makes the run
    /// fail.
    pub fn new(patches: impl IntoIterator<Item = OverriddenPatch>) -> Result<Self> {
        let patches = patches.into_iter().collect();
        Self { patches }.checked()
    }

    /// A list of just these patches, each in its version.
    ///
    /// ```
    /// use aws_patch_manager::operation::InstallOverrideList;
    /// use aws_patch_manager::types::Patch;
    ///
    /// let mut patch = Patch::default();
    /// patch.kb_number = Some("KB5037782".to_owned());
    /// assert_eq!(InstallOverrideList::of_patches([&patch])?.patches[0].id, "KB5037782");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a patch that has neither a KB number nor the
    /// name and architecture of a package.
    pub fn of_patches<'a>(patches: impl IntoIterator<Item = &'a Patch>) -> Result<Self> {
        let nameless = || OverriddenPatch::new("");
        let patches = patches.into_iter().map(OverriddenPatch::of);
        Self::new(patches.map(|entry| entry.unwrap_or_else(nameless)))
    }

    /// Reads a list that is JSON. Unknown members are ignored, as nodes do.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it is no such list, with one
    /// [`Violation`] for each value that cannot be read, with its path; and as in [`new`](Self::new).
    pub fn from_json(text: &str) -> Result<Self> {
        strict::read::<Self>(text, NAME, &LENIENT)?.checked()
    }

    /// Reads a list that is YAML, as nodes do. Unknown members are ignored, and merge keys (`<<`) merge.
    ///
    /// ```
    /// use aws_patch_manager::operation::InstallOverrideList;
    ///
    /// let list = InstallOverrideList::from_yaml("
    /// patches:
    ///   - id: 'kernel.x86_64'
    ///     title: 'kernel.x86_64:*:6.1.*'
    ///   - id: 'KB5037782'
    /// ")?;
    /// assert_eq!(list.patches.len(), 2);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`from_json`](Self::from_json), and for more than 1,000 brackets within one another.
    pub fn from_yaml(text: &str) -> Result<Self> {
        Self::read(text.as_bytes())
    }

    pub(crate) fn read(content: &[u8]) -> Result<Self> {
        let mut value: serde_norway::Value =
            strict::read_yaml(content).map_err(|error| not_a_list(&error))?;
        value.apply_merge().map_err(|error| not_a_list(&error))?;
        strict::read_value::<Self>(json_of(value), NAME, &LENIENT)?.checked()
    }

    /// The file to put where the parameter's URL leads: JSON, which is YAML as well.
    pub fn to_json(&self) -> String {
        escape_for_yaml(&serde_json::to_string_pretty(self).unwrap_or_default())
    }

    /// Whether an entry names the patch, by its id and, if it has one, by its title.
    ///
    /// ```
    /// use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};
    /// use aws_patch_manager::types::{OperatingSystem, Patch};
    ///
    /// let list = InstallOverrideList::new([OverriddenPatch::new("vim*")])?;
    /// let mut patch = Patch::default();
    /// patch.name = Some("vim-common".to_owned());
    /// assert!(list.names(&patch, &OperatingSystem::AmazonLinux2023));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn names(&self, patch: &Patch, os: &OperatingSystem) -> bool {
        self.patches.iter().any(|entry| entry.names(patch, os))
    }

    /// What is legal and probably not meant: entries that name nothing, for they are ids of CVEs or
    /// advisories, and entries without a title on Linux, which name every version.
    ///
    /// ```
    /// use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};
    ///
    /// let list = InstallOverrideList::new([OverriddenPatch::new("CVE-2026-1234")])?;
    /// assert_eq!(list.warnings()[0].field, "patches[0].id");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn warnings(&self) -> Vec<Violation> {
        let entries = self.patches.iter().enumerate();
        let warning = |(index, entry): (usize, &OverriddenPatch)| {
            let (field, id) = (format!("patches[{index}].id"), entry.id.as_str());
            if is_notice_id(id) || id.starts_with("USN-") {
                let legal =
                    "a package or a KB number: ids of CVEs and advisories name nothing here";
                Some(Violation::new(field, id, legal))
            } else if entry.title.is_none() && !id.starts_with("KB") {
                let legal = "a title beside it: without one it names every version";
                Some(Violation::new(field, id, legal))
            } else {
                None
            }
        };
        entries.filter_map(warning).collect()
    }

    fn checked(self) -> Result<Self> {
        let mut found = Violations::new();
        for (index, entry) in self.patches.iter().enumerate() {
            let legal = "an id: a run fails on an entry without one";
            found.require(
                !entry.id.is_empty(),
                format!("patches[{index}].id"),
                "",
                legal,
            );
        }
        found.or("SendCommand", self)
    }
}

/// The JSON of a YAML value. Members whose keys are no texts are left out: they are unknown ones.
fn json_of(value: serde_norway::Value) -> Value {
    use serde_norway::Value as Yaml;
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        // No member is a number, so its value does not matter.
        Yaml::Number(_) => Value::from(0),
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items.into_iter().map(json_of).collect(),
        Yaml::Mapping(members) => {
            let named = members.into_iter().filter_map(|(key, value)| match key {
                Yaml::String(name) => Some((name, json_of(value))),
                _ => None,
            });
            Value::Object(named.collect())
        }
        Yaml::Tagged(tagged) => json_of(tagged.value),
    }
}

/// JSON that YAML reads alike: JSON may contain as they are the control characters from U+007F on and the
/// noncharacters, which YAML refuses, and line breaks that YAML folds into a space (YAML 1.1, sections 4.1.1 and
/// 4.1.4). Outside of strings JSON has none of these.
fn escape_for_yaml(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

fn not_a_list(error: &dyn fmt::Display) -> Error {
    let message = format!("not an install override list: {error}");
    Error::new(ErrorKind::InvalidInput, message)
}

impl fmt::Display for OverriddenPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        match &self.title {
            Some(title) => write!(f, " ({title})"),
            None => Ok(()),
        }
    }
}
