//! Patch groups: a name bound to one baseline per operating system, and the tag that puts a node in it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::baseline::PatchBaselineIdentity;
use crate::error::{Error, Result, Violation};
use crate::types::{BaselineId, Ec2Instance, Identifier, OperatingSystem, Tag, Target};

/// The name of a patch group: 1 to 256 letters, digits, spaces and `_.:/=+-@`.
///
/// A group is not a resource. It is a registration with a baseline and the value of a tag on its
/// nodes; either can exist without the other.
///
/// A name that is read (serde) or [came from the service](Self::from_service) is stored as it is:
/// the service's name for the group of untagged nodes is empty. The verbs refuse such a name before
/// any call.
///
/// ```
/// use aws_patch_manager::PatchGroup;
///
/// let group = PatchGroup::new("web servers")?;
/// assert_eq!(group.as_str(), "web servers");
/// assert!(PatchGroup::new("").is_err());
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PatchGroup(String);

impl PatchGroup {
    /// The form of a legal name, for error messages.
    pub const LEGAL: &'static str = "1 to 256 letters, digits, spaces and `_.:/=+-@`";

    /// A group of this name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an empty name, one of more
    /// than 256 characters, or one with a character that tags do not allow.
    pub fn new(name: impl Into<String>) -> Result<Self> {
        let group = Self(name.into());
        if group.is_well_formed() {
            Ok(group)
        } else {
            Err(Error::invalid_input(vec![Violation::new(
                "PatchGroup",
                group.0,
                Self::LEGAL,
            )]))
        }
    }

    /// Wraps a name that the service sent, which is empty for untagged nodes.
    pub fn from_service(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Whether the service's model would accept the name.
    pub fn is_well_formed(&self) -> bool {
        (1..=256).contains(&self.0.chars().count()) && crate::types::is_tag_text(&self.0)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag that puts a node in the group.
    pub fn tag(&self, key: PatchGroupTagKey) -> Tag {
        Tag::new(key.as_str(), self.0.clone())
    }

    /// The nodes tagged with the group under this key. The two keys are two different targets.
    pub fn target(&self, key: PatchGroupTagKey) -> Target {
        Target::tag(key.as_str(), [self.0.clone()])
    }
}

impl Identifier for PatchGroup {
    const FIELD: &'static str = "PatchGroup";
    const LEGAL: &'static str = Self::LEGAL;

    fn is_well_formed(&self) -> bool {
        Self::is_well_formed(self)
    }
}

impl FromStr for PatchGroup {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::new(name)
    }
}

impl From<&PatchGroup> for PatchGroup {
    fn from(group: &PatchGroup) -> Self {
        group.clone()
    }
}

impl fmt::Display for PatchGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The tag key that puts a node in a patch group: exactly these two spellings, case-sensitive.
///
/// ```
/// use aws_patch_manager::{PatchGroup, PatchGroupTagKey};
///
/// let web = PatchGroup::new("web")?;
/// let tag = web.tag(PatchGroupTagKey::Spaced);
/// assert_eq!((tag.key.as_str(), tag.value.as_str()), ("Patch Group", "web"));
/// assert_eq!(web.target(PatchGroupTagKey::Joined).key, "tag:PatchGroup");
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum PatchGroupTagKey {
    /// `Patch Group`.
    #[serde(rename = "Patch Group")]
    Spaced,
    /// `PatchGroup`, for EC2 instances that show their tags in instance metadata, where keys may not contain spaces.
    #[serde(rename = "PatchGroup")]
    Joined,
}

impl PatchGroupTagKey {
    /// Both keys.
    pub const ALL: [Self; 2] = [Self::Spaced, Self::Joined];

    /// The key.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spaced => "Patch Group",
            Self::Joined => "PatchGroup",
        }
    }

    /// The key that an EC2 instance needs. Hybrid nodes take [`Spaced`](Self::Spaced).
    pub fn for_instance(instance: &Ec2Instance) -> Self {
        if instance.shows_tags_in_metadata() {
            Self::Joined
        } else {
            Self::Spaced
        }
    }
}

impl fmt::Display for PatchGroupTagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A group and one baseline registered for it; a group has one row per operating system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchGroupMapping {
    /// The group.
    pub patch_group: PatchGroup,
    /// The baseline.
    pub baseline_identity: PatchBaselineIdentity,
}

impl PatchGroupMapping {
    /// This group, registered with this baseline.
    pub fn new(patch_group: PatchGroup, baseline_identity: PatchBaselineIdentity) -> Self {
        Self {
            patch_group,
            baseline_identity,
        }
    }
}

/// The baseline that a node of a group gets. Also the answer to registering and deregistering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BaselineForPatchGroup {
    /// The baseline.
    pub baseline_id: BaselineId,
    /// The group.
    pub patch_group: PatchGroup,
    /// The operating system, if the operation returns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
}

impl BaselineForPatchGroup {
    /// This baseline for this group.
    pub fn new(
        baseline_id: impl Into<BaselineId>,
        patch_group: PatchGroup,
        operating_system: impl Into<Option<OperatingSystem>>,
    ) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            patch_group,
            operating_system: operating_system.into(),
        }
    }
}
