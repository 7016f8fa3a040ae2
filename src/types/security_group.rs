use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// A reference to a security group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct GroupIdentifier {
    /// The group, `sg-…`.
    pub group_id: String,
}

impl GroupIdentifier {
    /// The group of this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            group_id: id.into(),
        }
    }
}

/// A security group: the members of EC2's DescribeSecurityGroups that patching depends on.
///
/// ```
/// use aws_patch_manager::types::{IpPermission, SecurityGroup};
///
/// let group = SecurityGroup::new("sg-0c0ffee0000000001", "vpc-0c0ffee0000000001")
///     .with_inbound(IpPermission::tcp(443).with_range("10.0.0.0/16"))
///     .with_outbound(IpPermission::all().with_range("0.0.0.0/0"));
/// assert!(group.ip_permissions[0].covers_tcp(443));
/// assert!(!group.ip_permissions[0].covers_tcp(80));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct SecurityGroup {
    /// The group's id.
    pub group_id: String,
    /// Its VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// Its inbound rules.
    pub ip_permissions: Vec<IpPermission>,
    /// Its outbound rules.
    pub ip_permissions_egress: Vec<IpPermission>,
}

impl SecurityGroup {
    /// A group that lets nothing in or out.
    pub fn new(id: impl Into<String>, vpc_id: impl Into<String>) -> Self {
        Self {
            group_id: id.into(),
            vpc_id: Some(vpc_id.into()),
            ..Self::default()
        }
    }

    /// Adds an inbound rule.
    #[must_use]
    pub fn with_inbound(mut self, permission: IpPermission) -> Self {
        self.ip_permissions.push(permission);
        self
    }

    /// Adds an outbound rule.
    #[must_use]
    pub fn with_outbound(mut self, permission: IpPermission) -> Self {
        self.ip_permissions_egress.push(permission);
        self
    }
}

/// A rule of a security group: its ports, and the sources or destinations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct IpPermission {
    /// `tcp`, `udp`, `icmp`, a protocol's number, or `-1` for all of them.
    pub ip_protocol: String,
    /// The first port; absent for every port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_port: Option<i32>,
    /// The last port; absent for every port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_port: Option<i32>,
    /// The IPv4 ranges.
    pub ip_ranges: Vec<IpRange>,
    /// Members of other groups.
    pub user_id_group_pairs: Vec<GroupIdentifier>,
    /// Prefix lists.
    pub prefix_list_ids: Vec<PrefixListId>,
}

impl IpPermission {
    /// A rule for one TCP port, without sources or destinations.
    pub fn tcp(port: u16) -> Self {
        Self {
            ip_protocol: "tcp".to_owned(),
            from_port: Some(port.into()),
            to_port: Some(port.into()),
            ..Self::default()
        }
    }

    /// A rule for every port of every protocol, without sources or destinations.
    pub fn all() -> Self {
        Self {
            ip_protocol: "-1".to_owned(),
            ..Self::default()
        }
    }

    /// Adds this IPv4 range: a source, or a destination in an outbound rule.
    #[must_use]
    pub fn with_range(mut self, cidr: impl Into<String>) -> Self {
        self.ip_ranges.push(IpRange {
            cidr_ip: cidr.into(),
        });
        self
    }

    /// Adds the members of this group.
    #[must_use]
    pub fn with_group(mut self, id: impl Into<String>) -> Self {
        self.user_id_group_pairs.push(GroupIdentifier::new(id));
        self
    }

    /// Whether it covers this TCP port.
    pub fn covers_tcp(&self, port: u16) -> bool {
        let port = i32::from(port);
        match self.ip_protocol.as_str() {
            "-1" => true,
            "tcp" | "6" => {
                self.from_port.is_none_or(|from| from <= port)
                    && self.to_port.is_none_or(|to| port <= to)
            }
            _ => false,
        }
    }
}

impl IpPermission {
    /// Its IPv4 ranges; invalid ones are left out.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Ipv4Net> {
        let ranges = self.ip_ranges.iter();
        ranges.filter_map(|range| range.cidr_ip.parse().ok())
    }
}

/// An IPv4 range of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct IpRange {
    /// The range, such as `10.0.0.0/16`.
    pub cidr_ip: String,
}

/// A prefix list of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct PrefixListId {
    /// The list, `pl-…`.
    pub prefix_list_id: String,
}
