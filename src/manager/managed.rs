//! The managed nodes, by the listing with the larger pages if the backend has it and the caller may
//! call it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;

use super::PatchManager;
use crate::backend::{DescribeInstanceInformation, DescribeInstanceProperties, NodeInventory};
use crate::error::Result;
use crate::page::{Page, PageRequest, PageToken, paginate};
use crate::types::{
    InstanceInformation, InstanceProperty, InstancePropertyStringFilter, InstanceState, NodeId,
    QueryFilter, ResourceType,
};

/// The values of a filter of DescribeInstanceProperties, at most.
pub(crate) const FILTER_VALUES: usize = 40;

/// The operation that lists managed nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ManagedListing {
    /// DescribeInstanceProperties: 1,000 a page, with the state of instances.
    Properties,
    /// DescribeInstanceInformation: 50 a page. Takes the place of the other one if that is denied or
    /// unknown to the backend.
    Information,
}

/// A managed node as either listing shows it.
#[derive(Debug, Clone)]
pub(crate) struct ManagedNode {
    /// Without the name of an instance.
    pub(crate) information: InstanceInformation,
    /// The state of the instance, if the listing has it.
    pub(crate) state: Option<InstanceState>,
    /// The value of the tag `Name` of an instance, if the listing has it.
    pub(crate) instance_name: Option<String>,
}

impl ManagedNode {
    /// The information, with the name of an instance too.
    pub(crate) fn into_named(self) -> InstanceInformation {
        let mut information = self.information;
        information.name = information.name.or(self.instance_name);
        information
    }

    /// Whether its instance is known to be stopped or stopping.
    pub(crate) fn is_stopped(&self) -> bool {
        self.state.as_ref().is_some_and(InstanceState::is_stopped)
    }

    fn is_gone(&self) -> bool {
        self.state.as_ref().is_some_and(InstanceState::is_gone)
    }

    fn of_property(mut property: InstanceProperty) -> Option<Self> {
        let state = property.instance_state.take();
        let name = property.name.clone();
        let information = property.into_information()?;
        let is_instance = !information.instance_id.is_hybrid();
        Some(Self {
            information,
            // No recorded answer shows how the service writes it: the console has `Stopped`.
            state: state
                .filter(|_| is_instance)
                .map(|state| InstanceState::new(state.to_ascii_lowercase())),
            instance_name: name.filter(|name| is_instance && !name.is_empty()),
        })
    }
}

impl From<InstanceInformation> for ManagedNode {
    fn from(information: InstanceInformation) -> Self {
        Self {
            information,
            state: None,
            instance_name: None,
        }
    }
}

impl ManagedListing {
    /// One page of the managed nodes, of all or of those that pass a filter with a key that both
    /// operations have. Terminated instances are left out.
    pub(crate) async fn page(
        self,
        inventory: &dyn NodeInventory,
        filter: Option<QueryFilter>,
        token: Option<PageToken>,
    ) -> Result<Page<ManagedNode>> {
        let page = PageRequest::first().with_next_token(token);
        match self {
            Self::Properties => {
                let filter =
                    filter.map(|one| InstancePropertyStringFilter::new(one.key, one.values));
                let filters = filter.into_iter().collect();
                let page = page.with_max_results(1000);
                let request = DescribeInstanceProperties::new(filters, page);
                let found = inventory.describe_instance_properties(request).await?;
                let nodes = found.items.into_iter();
                let nodes = nodes.filter_map(ManagedNode::of_property);
                let listed = nodes.filter(|node| !node.is_gone());
                Ok(Page::new(listed.collect(), found.next_token))
            }
            Self::Information => {
                let filters = filter.into_iter().collect();
                let page = page.with_max_results(50);
                let request = DescribeInstanceInformation::new(filters, page);
                let found = inventory.describe_instance_information(request).await?;
                let nodes = found.items.into_iter().map(ManagedNode::from);
                Ok(Page::new(nodes.collect(), found.next_token))
            }
        }
    }
}

/// The filter that passes managed nodes of one type.
pub(crate) fn of_type(kind: ResourceType) -> QueryFilter {
    QueryFilter::new("ResourceType", [kind.as_str()])
}

impl PatchManager {
    /// Every managed node. Terminated instances are left out.
    ///
    /// The first page decides which operation lists them: DescribeInstanceInformation only if
    /// DescribeInstanceProperties is denied or unknown to the backend.
    pub(crate) fn managed_nodes(&self) -> BoxStream<'static, Result<ManagedNode>> {
        let inventory = Arc::clone(&self.backends.nodes);
        let is_withheld = Arc::new(AtomicBool::new(false));
        paginate(move |token| {
            let (inventory, is_withheld) = (Arc::clone(&inventory), Arc::clone(&is_withheld));
            async move {
                if !is_withheld.load(Ordering::Relaxed) {
                    let is_first = token.is_none();
                    let listing = ManagedListing::Properties;
                    match listing.page(&*inventory, None, token.clone()).await {
                        Err(error) if is_first && error.is_withheld() => {
                            is_withheld.store(true, Ordering::Relaxed);
                        }
                        page => return page,
                    }
                }
                let listing = ManagedListing::Information;
                listing.page(&*inventory, None, token).await
            }
        })
    }

    /// What Systems Manager knows of each EC2 instance that it manages, 1,000 a call. `None` if
    /// DescribeInstanceProperties is denied or unknown to the backend.
    pub(crate) async fn managed_instances(
        &self,
    ) -> Result<Option<BTreeMap<NodeId, InstanceInformation>>> {
        let inventory = Arc::clone(&self.backends.nodes);
        let mut listed = paginate(move |token| {
            let inventory = Arc::clone(&inventory);
            async move {
                let filter = Some(of_type(ResourceType::Ec2Instance));
                let listing = ManagedListing::Properties;
                listing.page(&*inventory, filter, token).await
            }
        });
        let mut known = BTreeMap::new();
        loop {
            match listed.try_next().await {
                Ok(Some(node)) => {
                    let information = node.into_named();
                    known.insert(information.instance_id.clone(), information);
                }
                Ok(None) => return Ok(Some(known)),
                Err(error) if known.is_empty() && error.is_withheld() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}
