//! EC2 over its query protocol: a form in, XML out.

mod form;
mod instances;
mod listing;
mod network;
mod places;
mod status;
mod tags;

pub(super) use self::form::Form;
use super::reply::{self, Protocol};
use super::service::Service;
use crate::emulator::xml::{self, Node};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::MemoryBackend;

type Members = Vec<(&'static str, Node)>;

/// Runs the operation that a form names, and answers its document.
pub(super) async fn answer(service: &Service, form: &Form, request_id: &str) -> Result<String> {
    let action = form
        .text("Action")
        .ok_or_else(|| refused("MissingAction", "the request names no Action"))?;
    let parameters = parameters(action).ok_or_else(|| unknown_action(action))?;
    form.refuse_others(&parameters)?;
    form.refuse_dry_run()?;
    let members = run(action, &service.backend, form).await?;
    xml::answer(action, request_id, members)
}

fn unknown_action(action: &str) -> Error {
    Error::service(
        ErrorKind::Unsupported,
        "InvalidAction",
        format!("The action {action} is not valid for this web service."),
    )
}

/// The operations, each with the parameters that it reads besides those of a listing, and its function.
macro_rules! operations {
    ($($kind:ident $name:literal [$($parameter:literal),*] => $run:path,)*) => {
        /// The operations that the emulator has.
        pub(super) const OPERATIONS: &[&str] = &[$($name),*];

        /// The parameters that an operation reads.
        fn parameters(action: &str) -> Option<Vec<&'static str>> {
            let (kind, own): (&[&str], &[&str]) = match action {
                $($name => ($kind, &[$($parameter),*]),)*
                _ => return None,
            };
            Some([kind, own].concat())
        }

        async fn run(action: &str, backend: &MemoryBackend, form: &Form) -> Result<Members> {
            match action {
                $($name => $run(backend, form).await,)*
                _ => Err(unknown_action(action)),
            }
        }
    };
}

/// The parameters of a listing in pages.
const PAGED: &[&str] = &[
    "Filter.N.Name",
    "Filter.N.Value.N",
    "MaxResults",
    "NextToken",
];
/// Those of a listing without pages.
const FILTERED: &[&str] = &["Filter.N.Name", "Filter.N.Value.N"];
/// Those of any other operation.
const PLAIN: &[&str] = &[];

operations! {
    PLAIN "CreateTags" ["ResourceId.N", "Tag.N.Key", "Tag.N.Value"] => tags::create,
    PLAIN "DeleteTags" ["ResourceId.N", "Tag.N.Key", "Tag.N.Value"] => tags::delete,
    PAGED "DescribeIamInstanceProfileAssociations" ["AssociationId.N"] => status::describe_profile_associations,
    PAGED "DescribeInstanceStatus" ["InstanceId.N", "IncludeAllInstances"] => status::describe_instance_status,
    PAGED "DescribeInstances" ["InstanceId.N"] => instances::describe,
    PAGED "DescribeNatGateways" ["NatGatewayId.N"] => places::describe_nat_gateways,
    FILTERED "DescribeRegions" ["AllRegions", "RegionName.N"] => places::describe_regions,
    PAGED "DescribeRouteTables" [] => network::describe_route_tables,
    PAGED "DescribeSecurityGroups" ["GroupId.N"] => network::describe_security_groups,
    PAGED "DescribeSubnets" ["SubnetId.N"] => network::describe_subnets,
    PAGED "DescribeTags" [] => tags::describe,
    PLAIN "DescribeVpcAttribute" ["Attribute", "VpcId"] => network::describe_vpc_attribute,
    PAGED "DescribeVpcEndpoints" [] => network::describe_vpc_endpoints,
    PAGED "DescribeVpcs" ["VpcId.N"] => places::describe_vpcs,
    PLAIN "RebootInstances" ["InstanceId.N"] => instances::reboot,
    PLAIN "StartInstances" ["InstanceId.N"] => instances::start,
    PLAIN "StopInstances" ["InstanceId.N"] => instances::stop,
}

/// The document of an error.
pub(super) fn error_body(error: &Error, request_id: &str) -> String {
    let code = reply::code(error, Protocol::Query);
    let message = reply::message(error);
    xml::error(code, &message, request_id)
}

fn refused(code: &str, message: impl Into<String>) -> Error {
    Error::service(ErrorKind::InvalidInput, code, message)
}

fn missing(parameter: &str) -> Error {
    refused(
        "MissingParameter",
        format!("The request must contain the parameter {parameter}"),
    )
}

/// The members of a listing: its items under this name, and the next page's token.
fn listing(
    items: &'static str,
    nodes: Vec<Node>,
    token: Option<String>,
) -> Vec<(&'static str, Node)> {
    let mut members = vec![(items, Node::Items(nodes))];
    if let Some(token) = token {
        members.push(("nextToken", Node::Text(token)));
    }
    members
}
