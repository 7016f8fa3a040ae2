//! What an account shall have, as plain data.

mod builder;
mod check;
mod nodes;
mod read;
mod reference;
mod soundness;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::builder::DesiredStateBuilder;
pub use self::nodes::DesiredNodes;
pub use self::reference::BaselineReference;

use crate::baseline::BaselineSpec;
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::schedule::PatchPolicy;
use crate::schedule::association::CreateAssociation;
use crate::schedule::window::PatchWindow;
use crate::strict::{self, Document};

/// The key of the tag that says which desired state a resource belongs to. Its value is the state's
/// name.
pub const OWNER_TAG: &str = "aws-patch-manager/owner";

/// The patching of an account, as it shall be: the input of a plan.
///
/// It can be read from JSON, or from YAML or TOML with a serde crate of your choice: it is read the
/// same way from each format that describes itself. [`builder`](Self::builder) makes one in code.
/// The members are in AWS's JSON form. The guide
/// [`docs::planning`](crate::docs::planning) lists them.
///
/// What is read or built is checked as a whole: unknown members, members that are there twice, values
/// that the service would refuse, references to baselines that do not exist, and names that are used
/// twice. The error has [all violations](crate::Error::violations), each with its path.
///
/// Serialized, it has all that it was made of. This can include secrets: parameters of tasks and
/// associations, and configurations of patch sources.
///
/// ```
/// use aws_patch_manager::plan::DesiredState;
///
/// let state = DesiredState::from_json(
///     r#"{
///         "Name": "web-fleet",
///         "Baselines": [{
///             "Name": "prod-ubuntu",
///             "OperatingSystem": "UBUNTU",
///             "ApprovedPatches": ["openssl"]
///         }],
///         "PatchGroups": { "web": { "UBUNTU": "prod-ubuntu", "WINDOWS": "AWS" } },
///         "Defaults": { "UBUNTU": "prod-ubuntu" }
///     }"#,
/// )?;
/// assert_eq!(state.baselines.len(), 1);
///
/// let slip = DesiredState::from_json(r#"{"Name": "web-fleet", "Defaults": {"UBUNTU": "prod"}}"#);
/// let violations = slip.err().map(|error| error.violations().to_vec());
/// assert_eq!(violations.ok_or("accepted")?[0].field, "Defaults.UBUNTU");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", try_from = "Document")]
#[non_exhaustive]
pub struct DesiredState {
    /// The name: the value of the tag [`OWNER_TAG`] on the resources of this state, 1 to 256
    /// letters, digits, spaces and `_.:/=+-@`.
    pub name: String,
    /// Whether filters of baselines may have values that are not documented for their operating
    /// system.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_unlisted_values: bool,
    /// The baselines. Name and operating system together identify one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub baselines: Vec<BaselineSpec>,
    /// The baseline of each patch group, by the group's name and the operating system.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub patch_groups: BTreeMap<String, BTreeMap<String, BaselineReference>>,
    /// The default baselines, by operating system.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub defaults: BTreeMap<String, BaselineReference>,
    /// The patch groups and other tags of nodes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<DesiredNodes>,
    /// The patch policies; the name identifies one. The `value` of a selected baseline can also be
    /// the name of a baseline of this state.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patch_policies: Vec<PatchPolicy>,
    /// The maintenance windows, with their targets and tasks; the name identifies one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maintenance_windows: Vec<PatchWindow>,
    /// The associations; the association's name identifies one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub associations: Vec<CreateAssociation>,
}

impl DesiredState {
    /// A state of this name, without any resource.
    ///
    /// The name is checked with the rest: when the state is [built](DesiredStateBuilder::build),
    /// [read](Self::from_json), or [planned](crate::PatchManager::plan).
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// A builder of a state of this name.
    pub fn builder(name: impl Into<String>) -> DesiredStateBuilder {
        DesiredStateBuilder::new(name)
    }

    /// The state as JSON, which [`from_json`](Self::from_json) reads back.
    ///
    /// # Errors
    ///
    /// None in practice: every state can be written.
    pub fn to_json(&self) -> Result<String> {
        strict::write(self, "DesiredState")
    }

    /// A state from its JSON form.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if it is not JSON, or if anything in it is invalid; see
    /// [`DesiredState`], which also has an example.
    pub fn from_json(json: &str) -> Result<Self> {
        let document = serde_json::from_str(json).map_err(|error| {
            let message = format!("the desired state is not JSON: {error}");
            Error::new(ErrorKind::InvalidInput, message).with_source(error)
        })?;
        read::state(document)
    }

    /// Whether everything in it is valid. The verbs of plans check this before any call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] with all violations.
    ///
    /// ```
    /// use aws_patch_manager::plan::DesiredState;
    ///
    /// let mut state = DesiredState::new("web-fleet");
    /// state.check()?;
    /// state.defaults.insert("WINDOWS".to_owned(), "prod-windows".into());
    /// assert!(state.check().is_err(), "no such baseline");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn check(&self) -> Result<()> {
        check::state(self, Violations::new())
    }
}

/// Reads a state from any format.
impl TryFrom<Document> for DesiredState {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        read::state(document)
    }
}

/// Reads a state from its JSON form.
impl TryFrom<Value> for DesiredState {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self> {
        let repeated = Vec::new();
        read::state(Document { value, repeated })
    }
}
