use crate::backend::MANAGED_NODE_SYNC;
use crate::error::{Result, Violations};
use crate::types::{ListNodesFilter, ManagedStatus, NodeFilterKey, NodeId, PlatformType};

/// The bounds of the service's model (`NodeFilterList`, `NodeFilterValueList`, `NodeFilterValue`).
const FILTERS: usize = 5;
const VALUES: usize = 5;
const VALUE_LENGTH: usize = 512;

/// Which nodes to find: of an organization, or of one account and Region, and of these those that pass every
/// filter.
///
/// The service takes five filters of five values each.
///
/// ```
/// use aws_patch_manager::organization::NodeQuery;
/// use aws_patch_manager::types::PlatformType;
///
/// let query = NodeQuery::organization()
///     .accounts(["222222222222"])
///     .regions(["eu-central-1", "eu-west-1"])
///     .platform_types([PlatformType::Linux]);
/// query.check()?;
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct NodeQuery {
    is_organization: bool,
    filters: Vec<ListNodesFilter>,
}

impl NodeQuery {
    fn of(is_organization: bool) -> Self {
        Self {
            is_organization,
            filters: Vec::new(),
        }
    }

    /// The managed nodes of all accounts and Regions of the organization.
    ///
    /// The service answers it in the account that administers Systems Manager for the organization, in its
    /// home Region.
    pub fn organization() -> Self {
        Self::of(true)
    }

    /// The managed nodes of the account and Region of the call.
    pub fn region() -> Self {
        Self::of(false)
    }

    /// Only nodes of these accounts.
    pub fn accounts<I>(self, accounts: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(ListNodesFilter::new(NodeFilterKey::AccountId, accounts))
    }

    /// Only nodes of accounts in these organizational units. Accounts in units inside them do not count.
    pub fn organizational_units<I>(self, units: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let key = NodeFilterKey::OrganizationalUnitId;
        self.filter(ListNodesFilter::new(key, units))
    }

    /// Only nodes in these Regions.
    pub fn regions<I>(self, regions: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(ListNodesFilter::new(NodeFilterKey::Region, regions))
    }

    /// Only nodes of these platforms.
    pub fn platform_types<I>(self, platforms: I) -> Self
    where
        I: IntoIterator<Item = PlatformType>,
    {
        let platforms = platforms.into_iter();
        let platforms = platforms.map(|platform| platform.as_str().to_owned());
        self.filter(ListNodesFilter::new(NodeFilterKey::PlatformType, platforms))
    }

    /// Only nodes of these statuses, such as `Active`; see
    /// [`InstanceInfo::instance_status`](crate::types::InstanceInfo::instance_status).
    pub fn instance_statuses<I>(self, statuses: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let key = NodeFilterKey::InstanceStatus;
        self.filter(ListNodesFilter::new(key, statuses))
    }

    /// Nodes of this status instead of managed ones. How the service lists unmanaged instances is not
    /// documented and has not been compared with a real account.
    pub fn managed_status(self, status: ManagedStatus) -> Self {
        let key = NodeFilterKey::ManagedStatus;
        self.filter(ListNodesFilter::new(key, [status.as_str()]))
    }

    /// Only these nodes.
    pub fn nodes<I>(self, nodes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        let nodes = nodes.into_iter().map(Into::into);
        let nodes = nodes.map(|node: NodeId| node.to_string());
        self.filter(ListNodesFilter::new(NodeFilterKey::InstanceId, nodes))
    }

    /// Only nodes that pass this filter.
    pub fn filter(mut self, filter: ListNodesFilter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Checks everything without a call.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations: more filters or values than the
    /// service takes, a filter without a value, a value with a character that the service refuses, a key or
    /// a comparison that it does not have.
    pub fn check(&self) -> Result<()> {
        self.checked("ListNodes")
    }

    pub(crate) fn checked(&self, operation: &'static str) -> Result<()> {
        let mut found = self.violations();
        found.require(
            self.filters.len() <= FILTERS,
            "Filters",
            self.filters.len(),
            "at most 5 filters: find more nodes, and choose among them",
        );
        found.or(operation, ())
    }

    fn violations(&self) -> Violations {
        let mut found = Violations::new();
        for (number, filter) in self.filters.iter().enumerate() {
            let at = |member: &str| format!("Filters[{number}].{member}");
            let key = filter.key.as_str();
            found.require(filter.key.is_known(), at("Key"), key, "a key of ListNodes");
            if let Some(operator) = &filter.operator {
                let legal = "Equal, NotEqual or BeginWith";
                found.require(operator.is_known(), at("Type"), operator.as_str(), legal);
            }
            let legal =
                format!("1 to {VALUES} values for {key}: find more nodes, and choose among them");
            let count = filter.values.len();
            found.require((1..=VALUES).contains(&count), at("Values"), count, legal);
            for (place, value) in filter.values.iter().enumerate() {
                let legal = "at most 512 letters, digits, spaces and characters of _.:/=+-@";
                let at = at(&format!("Values[{place}]"));
                found.require(is_value(value), at, value, legal);
            }
        }
        found
    }

    pub(crate) fn sync_name(&self) -> Option<String> {
        self.is_organization.then(|| MANAGED_NODE_SYNC.to_owned())
    }

    pub(crate) fn filters(&self) -> &[ListNodesFilter] {
        &self.filters
    }
}

/// SSM model, `NodeFilterValue`.
fn is_value(value: &str) -> bool {
    let legal = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    value.chars().count() <= VALUE_LENGTH && value.chars().all(legal)
}
