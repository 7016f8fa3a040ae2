use std::fmt;

use async_trait::async_trait;

use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::types::{QueryFilter, RouteTable, SecurityGroup, Subnet, VpcAttributeName, VpcEndpoint};

/// Knows the network that nodes live in, as far as patching depends on it.
///
/// ```
/// use aws_patch_manager::backend::NetworkInventory;
/// use aws_patch_manager::{MemoryBackend, PageRequest};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let network = MemoryBackend::sample();
/// let page = network.describe_subnets(&[], PageRequest::first()).await?;
/// for subnet in page.items {
///     println!("{} in {}", subnet.subnet_id, subnet.vpc_id);
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NetworkInventory: fmt::Debug + Send + Sync + 'static {
    /// DescribeVpcEndpoints (EC2). Filter keys: `vpc-id`, `service-name`. Pages of up to 1000.
    async fn describe_vpc_endpoints(
        &self,
        filters: &[QueryFilter],
        page: PageRequest,
    ) -> Result<Page<VpcEndpoint>>;

    /// DescribeSubnets (EC2). Filter keys: `subnet-id`, `vpc-id`. Pages of 5 to 1000.
    async fn describe_subnets(
        &self,
        filters: &[QueryFilter],
        page: PageRequest,
    ) -> Result<Page<Subnet>>;

    /// DescribeRouteTables (EC2). Filter keys: `association.subnet-id`, `association.main`, `vpc-id`. Pages of 5 to 100.
    async fn describe_route_tables(
        &self,
        filters: &[QueryFilter],
        page: PageRequest,
    ) -> Result<Page<RouteTable>>;

    /// DescribeSecurityGroups (EC2). Filter keys: `group-id`, `vpc-id`. Pages of 5 to 1000.
    ///
    /// Where nobody implements it, it answers that it is unsupported.
    async fn describe_security_groups(
        &self,
        filters: &[QueryFilter],
        page: PageRequest,
    ) -> Result<Page<SecurityGroup>> {
        let _ = (filters, page);
        Err(Error::unsupported("DescribeSecurityGroups"))
    }

    /// DescribeVpcAttribute (EC2): whether one attribute of a VPC is on.
    ///
    /// Where nobody implements it, it answers that it is unsupported.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such VPC.
    async fn describe_vpc_attribute(
        &self,
        vpc_id: &str,
        attribute: VpcAttributeName,
    ) -> Result<bool> {
        let _ = (vpc_id, attribute);
        Err(Error::unsupported("DescribeVpcAttribute"))
    }
}
