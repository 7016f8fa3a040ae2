//! Which nodes ListNodes lists, and by what ListNodesSummary counts them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::string_enum;
use crate::counted::Counted;

string_enum! {
    /// What a filter of ListNodes looks at.
    pub enum NodeFilterKey {
        /// The type of the agent.
        AgentType = "AgentType",
        /// The agent's version.
        AgentVersion = "AgentVersion",
        /// The host name.
        ComputerName = "ComputerName",
        /// The node's id.
        InstanceId = "InstanceId",
        /// The status, such as `Active`.
        InstanceStatus = "InstanceStatus",
        /// The IP address.
        IpAddress = "IpAddress",
        /// Whether Systems Manager manages it; see [`ManagedStatus`](super::ManagedStatus).
        ManagedStatus = "ManagedStatus",
        /// The platform's name.
        PlatformName = "PlatformName",
        /// Windows, Linux or macOS.
        PlatformType = "PlatformType",
        /// The platform's version.
        PlatformVersion = "PlatformVersion",
        /// EC2 instance or hybrid node.
        ResourceType = "ResourceType",
        /// The organizational unit of its account.
        OrganizationalUnitId = "OrganizationalUnitId",
        /// The path of that unit.
        OrganizationalUnitPath = "OrganizationalUnitPath",
        /// The Region.
        Region = "Region",
        /// The account.
        AccountId = "AccountId",
        /// The type of the source.
        SourceType = "SourceType",
        /// The id at the source.
        SourceId = "SourceId",
        /// The location of the source.
        SourceLocation = "SourceLocation",
        /// The zone.
        AvailabilityZone = "AvailabilityZone",
        /// The id of the zone.
        AvailabilityZoneId = "AvailabilityZoneId",
    }
}

string_enum! {
    /// How a filter of ListNodes compares.
    pub enum NodeFilterOperatorType {
        /// Equal to one of the values: the default.
        Equal = "Equal",
        /// Equal to none of the values.
        NotEqual = "NotEqual",
        /// Begins with one of the values.
        BeginWith = "BeginWith",
    }
}

/// A filter of ListNodes and ListNodesSummary, which the service calls `NodeFilter`. Filters are ANDed,
/// values ORed.
///
/// ```
/// use aws_patch_manager::types::{ListNodesFilter, NodeFilterKey, NodeFilterOperatorType};
///
/// let old = ListNodesFilter::new(NodeFilterKey::AgentVersion, ["3.2."])
///     .with_operator(NodeFilterOperatorType::BeginWith);
/// assert_eq!(serde_json::to_string(&old)?, r#"{"Key":"AgentVersion","Values":["3.2."],"Type":"BeginWith"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListNodesFilter {
    /// What is looked at.
    pub key: NodeFilterKey,
    /// 1 to 5 values of at most 512 characters.
    pub values: Vec<String>,
    /// How; equal if absent.
    #[serde(rename = "Type", default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<NodeFilterOperatorType>,
}

impl ListNodesFilter {
    /// A filter that passes these values of the key.
    pub fn new<I>(key: NodeFilterKey, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            key,
            values: values.into_iter().map(Into::into).collect(),
            operator: None,
        }
    }

    /// The same filter with this comparison.
    #[must_use]
    pub fn with_operator(mut self, operator: NodeFilterOperatorType) -> Self {
        self.operator = Some(operator);
        self
    }
}

string_enum! {
    /// How ListNodesSummary aggregates.
    pub enum NodeAggregatorType {
        /// It counts: the only way.
        Count = "Count",
    }
}

string_enum! {
    /// The type of nodes that ListNodesSummary aggregates.
    pub enum NodeTypeName {
        /// Instances and hybrid nodes: the only type.
        Instance = "Instance",
    }
}

string_enum! {
    /// What ListNodesSummary groups nodes by.
    pub enum NodeAttributeName {
        /// The agent's version.
        AgentVersion = "AgentVersion",
        /// The platform's name.
        PlatformName = "PlatformName",
        /// Windows, Linux or macOS.
        PlatformType = "PlatformType",
        /// The platform's version.
        PlatformVersion = "PlatformVersion",
        /// The Region.
        Region = "Region",
        /// EC2 instance or hybrid node.
        ResourceType = "ResourceType",
        /// The type of the source.
        SourceType = "SourceType",
        /// The zone.
        AvailabilityZone = "AvailabilityZone",
    }
}

/// A grouping of ListNodesSummary: one count for each value of an attribute.
///
/// ```
/// use aws_patch_manager::types::{NodeAggregator, NodeAttributeName};
///
/// let platforms = NodeAggregator::count(NodeAttributeName::PlatformType);
/// let in_each_region = NodeAggregator::count(NodeAttributeName::Region).refined_by(platforms);
/// assert_eq!(in_each_region.aggregators.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeAggregator {
    /// How it aggregates.
    pub aggregator_type: NodeAggregatorType,
    /// The type of nodes.
    pub type_name: NodeTypeName,
    /// The attribute.
    pub attribute_name: NodeAttributeName,
    /// Groupings inside each of its groups, at most 2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aggregators: Vec<NodeAggregator>,
}

impl NodeAggregator {
    /// Counts the nodes of each value of this attribute.
    pub fn count(attribute_name: NodeAttributeName) -> Self {
        Self {
            aggregator_type: NodeAggregatorType::Count,
            type_name: NodeTypeName::Instance,
            attribute_name,
            aggregators: Vec::new(),
        }
    }

    /// The same grouping, with this one inside each of its groups.
    #[must_use]
    pub fn refined_by(mut self, inner: Self) -> Self {
        self.aggregators.push(inner);
        self
    }
}

/// A row of ListNodesSummary: the values of the attributes of a group, and its count.
///
/// ```
/// use aws_patch_manager::types::{NodeAttributeName, NodeSummary};
///
/// let row: NodeSummary = serde_json::from_str(r#"{"Count": "26", "Region": "us-east-1"}"#)?;
/// assert_eq!(row.count(), Some(26));
/// assert_eq!(row.value(&NodeAttributeName::Region), Some("us-east-1"));
/// assert_eq!(row.to_string(), "26 nodes: Region us-east-1");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeSummary {
    members: BTreeMap<String, String>,
}

impl NodeSummary {
    /// The member with the count; the others are attributes.
    const COUNT: &'static str = "Count";

    /// A row of this count for these values of attributes.
    pub fn new<I>(count: u64, values: I) -> Self
    where
        I: IntoIterator<Item = (NodeAttributeName, String)>,
    {
        let values = values.into_iter();
        let values = values.map(|(attribute, value)| (attribute.as_str().to_owned(), value));
        let mut members: BTreeMap<String, String> = values.collect();
        members.insert(Self::COUNT.to_owned(), count.to_string());
        Self { members }
    }

    /// The number of nodes; `None` if the row has no count that can be read.
    pub fn count(&self) -> Option<u64> {
        self.members.get(Self::COUNT)?.parse().ok()
    }

    /// The value of an attribute; empty for nodes that do not have it.
    pub fn value(&self, attribute: &NodeAttributeName) -> Option<&str> {
        self.members.get(attribute.as_str()).map(String::as_str)
    }

    /// The attributes with their values, as the service wrote them.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        let members = self.members.iter();
        let values = members.filter(|(name, _)| *name != Self::COUNT);
        values.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl From<BTreeMap<String, String>> for NodeSummary {
    fn from(members: BTreeMap<String, String>) -> Self {
        Self { members }
    }
}

/// Such as `26 nodes: PlatformType Linux, Region us-east-1`.
impl fmt::Display for NodeSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count() {
            Some(count) => Counted(count, "node").fmt(f)?,
            None => f.write_str("? nodes")?,
        }
        for (place, (name, value)) in self.values().enumerate() {
            let before = if place == 0 { ": " } else { ", " };
            let value = if value.is_empty() { "?" } else { value };
            write!(f, "{before}{name} {value}")?;
        }
        Ok(())
    }
}
