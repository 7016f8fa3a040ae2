//! EC2 over its query protocol: a form in, XML out.

mod form;
mod instances;
mod network;
mod tags;

use self::form::Form;
use super::reply::{self, Protocol};
use super::service::Service;
use crate::emulator::xml::{self, Node};
use crate::error::{Error, ErrorKind, Result};

/// Runs the operation that a form names, and answers its document.
pub(super) async fn answer(service: &Service, body: &[u8], request_id: &str) -> Result<String> {
    let form = Form::read(body);
    let action = form
        .text("Action")
        .ok_or_else(|| refused("MissingAction", "the request names no Action"))?;
    let parameters = parameters(action).ok_or_else(|| unknown_action(action))?;
    form.refuse_others(parameters)?;
    form.refuse_dry_run()?;
    let backend = &service.backend;
    let members = match action {
        "DescribeInstances" => instances::describe(backend, &form).await,
        "DescribeTags" => tags::describe(backend, &form).await,
        "CreateTags" => tags::create(backend, &form).await,
        "DeleteTags" => tags::delete(backend, &form).await,
        "StartInstances" => instances::start(backend, &form).await,
        "StopInstances" => instances::stop(backend, &form).await,
        "RebootInstances" => instances::reboot(backend, &form).await,
        "DescribeVpcEndpoints" => network::describe_vpc_endpoints(backend, &form).await,
        "DescribeSecurityGroups" => network::describe_security_groups(backend, &form).await,
        "DescribeVpcAttribute" => network::describe_vpc_attribute(backend, &form).await,
        "DescribeSubnets" => network::describe_subnets(backend, &form).await,
        "DescribeRouteTables" => network::describe_route_tables(backend, &form).await,
        _ => Err(unknown_action(action)),
    }?;
    xml::answer(action, request_id, members)
}

fn unknown_action(action: &str) -> Error {
    Error::service(
        ErrorKind::Unsupported,
        "InvalidAction",
        format!("The action {action} is not valid for this web service."),
    )
}

/// The parameters that an operation reads.
fn parameters(action: &str) -> Option<&'static [&'static str]> {
    macro_rules! listing {
        ($($own:literal)?) => {
            &["Filter.N.Name", "Filter.N.Value.N", "MaxResults", "NextToken" $(, $own)?]
        };
    }
    Some(match action {
        "CreateTags" | "DeleteTags" => &["ResourceId.N", "Tag.N.Key", "Tag.N.Value"],
        "DescribeInstances" => listing!("InstanceId.N"),
        "DescribeSecurityGroups" => listing!("GroupId.N"),
        "DescribeSubnets" => listing!("SubnetId.N"),
        "DescribeTags" | "DescribeRouteTables" | "DescribeVpcEndpoints" => listing!(),
        "StartInstances" | "StopInstances" | "RebootInstances" => &["InstanceId.N"],
        "DescribeVpcAttribute" => &["Attribute", "VpcId"],
        _ => return None,
    })
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
