use std::fmt;

use serde::{Deserialize, Serialize};

/// What names a resource of the service, for the check before a call.
pub(crate) trait Identifier: fmt::Display {
    /// The member of the service's model that carries it.
    const FIELD: &'static str;
    /// What a well-formed value looks like.
    const LEGAL: &'static str;

    /// Whether the service's model would accept the value.
    fn is_well_formed(&self) -> bool;
}

/// Declares a string identifier that reads whatever the service sends and can say whether it is
/// well-formed; the facade asks before every call, so a typo never travels.
macro_rules! string_id {
    ($(#[$meta:meta])* $name:ident = $field:literal, $legal:literal, $valid:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What a well-formed value looks like, as error messages say it.
            pub const LEGAL: &'static str = $legal;

            /// Wraps a string as it is; [`is_well_formed`](Self::is_well_formed) judges it.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The identifier as the service spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether the service's model would accept the value.
            pub fn is_well_formed(&self) -> bool {
                let valid: fn(&str) -> bool = $valid;
                valid(&self.0)
            }
        }

        impl Identifier for $name {
            const FIELD: &'static str = $field;
            const LEGAL: &'static str = $legal;

            fn is_well_formed(&self) -> bool {
                $name::is_well_formed(self)
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self::new(value)
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self(value)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

string_id!(
    /// The id of a patch baseline: `pb-` and 17 hexadecimal digits for your own, a full ARN for
    /// the ones AWS owns.
    ///
    /// ```
    /// use aws_patch_manager::types::BaselineId;
    ///
    /// assert!(BaselineId::new("pb-0123456789abcdef0").is_well_formed());
    /// assert!(!BaselineId::new("prod-windows").is_well_formed());
    /// ```
    BaselineId = "BaselineId",
    "20 to 128 letters, digits, `_`, `-`, `:` or `/`: `pb-` and 17 hexadecimal digits, or an ARN",
    |id| (20..=128).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-:/".contains(&b))
);

string_id!(
    /// The id of a managed node: `i-…` for an EC2 instance, `mi-…` for a hybrid-activated node.
    ///
    /// ```
    /// use aws_patch_manager::types::NodeId;
    ///
    /// let node = NodeId::new("mi-0123456789abcdef0");
    /// assert!(node.is_well_formed() && node.is_hybrid());
    /// ```
    NodeId = "InstanceId",
    "`i-` and 8 or 17 characters for an EC2 instance, `mi-` and 17 for a hybrid node",
    |id| {
        let word = |rest: &str| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match (id.strip_prefix("i-"), id.strip_prefix("mi-")) {
            (Some(rest), _) => matches!(rest.len(), 8 | 17) && word(rest),
            (_, Some(rest)) => rest.len() == 17 && word(rest),
            _ => false,
        }
    }
);

string_id!(
    /// The id of one Run Command command: a UUID.
    CommandId = "CommandId",
    "a UUID of 36 characters",
    |id| id.len() == 36
);

string_id!(
    /// The id of the baseline snapshot that one patch operation evaluated: a UUID.
    SnapshotId = "SnapshotId",
    "a UUID of 36 characters",
    |id| id.len() == 36
);

string_id!(
    /// The ARN of the Quick Setup configuration manager behind a patch policy.
    PatchPolicyArn = "ManagerArn",
    "arn:aws:ssm-quicksetup:REGION:ACCOUNT:configuration-manager/UUID",
    |arn| {
        let mut parts = arn.splitn(6, ':');
        parts.next() == Some("arn")
            && parts.next() == Some("aws")
            && parts.next() == Some("ssm-quicksetup")
            && parts.next().is_some()
            && parts.next().is_some_and(is_account)
            && parts.next().is_some_and(|resource| {
                resource.strip_prefix("configuration-manager/").is_some_and(|id| id.len() == 36)
            })
    }
);

string_id!(
    /// The id of an organizational unit of AWS Organizations, or of the root of an organization.
    OrganizationalUnitId = "TargetOrganizationalUnits",
    "`ou-` with 4 to 32 and then 8 to 32 lower-case letters and digits, or `r-` and 4 to 32 for the root",
    |id| {
        // The pattern of CloudFormation's OrganizationalUnitIds, by which StackSets deploys.
        let word = |text: &str, least: usize| {
            (least..=32).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        match (id.strip_prefix("ou-"), id.strip_prefix("r-")) {
            (Some(rest), _) => rest
                .split_once('-')
                .is_some_and(|(root, unit)| word(root, 4) && word(unit, 8)),
            (_, Some(root)) => word(root, 4),
            _ => false,
        }
    }
);

string_id!(
    /// The id of a configuration: what Quick Setup deployed of a patch policy to an account and Region.
    ConfigurationId = "ConfigurationId",
    "1 to 100 letters, digits or `-_/:`",
    |id| (1..=100).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/:".contains(&b))
);

string_id!(
    /// The id of a maintenance window.
    WindowId = "WindowId",
    "`mw-` and 17 hexadecimal digits",
    |id| id.strip_prefix("mw-").is_some_and(|digits| {
        digits.len() == 17
            && digits
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
);

string_id!(
    /// The id of a target registered with a maintenance window: a UUID.
    WindowTargetId = "WindowTargetId",
    "a UUID of 36 characters",
    |id| id.len() == 36
);

string_id!(
    /// The id of a task registered with a maintenance window: a UUID.
    WindowTaskId = "WindowTaskId",
    "a UUID of 36 characters",
    |id| id.len() == 36
);

string_id!(
    /// The id of one run of a maintenance window: a UUID.
    WindowExecutionId = "WindowExecutionId",
    "a UUID of 36 characters",
    |id| id.len() == 36
);

string_id!(
    /// The id of a State Manager association: a UUID.
    AssociationId = "AssociationId",
    "a UUID of 36 characters",
    |id| id.len() == 36
);

string_id!(
    /// The id of one execution of a runbook: a UUID.
    AutomationExecutionId = "AutomationExecutionId",
    "a UUID of 36 characters",
    |id| id.len() == 36
);

impl BaselineId {
    /// Whether the id names a baseline that AWS owns, which is always written as a full ARN.
    pub fn is_aws_owned(&self) -> bool {
        self.0.starts_with("arn:")
    }

    /// The id without its ARN. Some answers have a baseline of AWS without it.
    pub(crate) fn short(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl PatchPolicyArn {
    /// The Region and the account where the policy was made.
    pub(crate) fn place(&self) -> (&str, &str) {
        let mut parts = self.0.split(':').skip(3);
        (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        )
    }

    /// The short id of the configuration, which Quick Setup puts into the names of associations and
    /// tags. The memory backend takes the end of the manager's own for it.
    pub(crate) fn configuration_id(&self) -> &str {
        self.0.rsplit('-').next().unwrap_or_default()
    }
}

impl NodeId {
    /// Whether this is a hybrid-activated node (`mi-…`), whose tags SSM keeps rather than EC2.
    pub fn is_hybrid(&self) -> bool {
        self.0.starts_with("mi-")
    }
}

/// Whether this is a UUID: 36 characters, hexadecimal digits and four hyphens.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether this is the id of an account: 12 digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// What is legal for a Region.
pub(crate) const REGION: &str = "a Region, such as eu-central-1";

/// Whether this has the form of a Region, such as `eu-central-1` or `us-gov-west-1`: words and a number,
/// with hyphens between them.
pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else {
        return false;
    };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    words.len() >= 2 && words.iter().all(is_word) && is_number
}

/// The partition of a Region (botocore, `partitions.json`).
pub(crate) fn partition_of(region: &str) -> &'static str {
    const PARTITIONS: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    let mut partitions = PARTITIONS.iter();
    let found = partitions.find(|(regions, _)| region.starts_with(regions));
    found.map_or("aws", |(_, partition)| partition)
}

/// A hash that is the same with every release of Rust and on every machine: FNV-1a of 64 bits
/// (Fowler, Noll and Vo, draft-eastlake-fnv). No protection against chosen input.
pub(crate) fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A random (version 4) UUID.
pub(crate) fn random_uuid() -> String {
    let digits = format!("{:032x}", fastrand::u128(..));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let (a, b, c) = (part(0, 8), part(8, 12), part(13, 16));
    format!("{a}-{b}-4{c}-a{}-{}", part(17, 20), part(20, 32))
}
