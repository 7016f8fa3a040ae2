//! EC2's query protocol, whose parameters are flat.

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::backend::{Operation, Service};

use crate::model::{Model, Place, Step};
use crate::support::environment;
use crate::support::wire::Wire;
use crate::{missed, served};
use serde_json::Value;

#[test]
fn every_member_of_ec2_is_acted_on_or_refused() {
    let Some(model) = environment::model("ec2").map(|model| Model(model, Value::Null)) else {
        return;
    };
    let mut unnoticed = Vec::new();
    for operation in served(Service::Ec2) {
        let input = model.input(operation.as_str()).expect("an input");
        for place in model.places(input) {
            if ["structure", "list"].contains(&model.kind(&place.shape)) {
                continue;
            }
            let given = ec2_parameter(&model, input, &place);
            let (with, without) = (
                ec2_outcome(operation, &format!("{given}=true")),
                ec2_outcome(operation, "Other=true"),
            );
            let without = match without {
                Ok(_) => unreachable!("an unknown parameter passes"),
                Err(_) => ec2_outcome(operation, ""),
            };
            if with == without {
                unnoticed.push(format!("{operation} {given}: {with:?}"));
            }
        }
    }
    missed("parameters are neither acted on nor refused", &unnoticed);
}

/// The name of a parameter of EC2's query protocol, its lists numbered from 1.
fn ec2_parameter(model: &Model, input: &str, place: &Place) -> String {
    let mut shape = input.to_owned();
    let mut parts = Vec::new();
    for step in &place.steps {
        let said = model.shape(&shape);
        let member = match step {
            Step::Member(name) => {
                let member = &said["members"][name];
                let located = member["locationName"].as_str().map(upper_first);
                let queried = member["queryName"].as_str().map(str::to_owned);
                parts.push(queried.or(located).unwrap_or_else(|| name.clone()));
                member
            }
            _ => {
                parts.push("1".to_owned());
                &said["member"]
            }
        };
        shape = member["shape"].as_str().unwrap().to_owned();
    }
    parts.join(".")
}

fn upper_first(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_ascii_uppercase() + rest
}

/// What an operation answers with a parameter, and which tags there are afterwards. The parameters
/// besides are those without which nothing could be seen of it.
fn ec2_outcome(operation: Operation, given: &str) -> Result<(String, String), String> {
    const NODE: &str = "i-0c0ffee0000000001";
    let base = match operation {
        Operation::CreateTags => format!("ResourceId.1={NODE}&Tag.1.Key=Probe&Tag.1.Value=x"),
        Operation::DeleteTags => format!("ResourceId.1={NODE}&Tag.1.Key=Name"),
        Operation::DescribeVpcAttribute => {
            "VpcId=vpc-0c0ffee0000000001&Attribute=enableDnsSupport".to_owned()
        }
        _ if given.starts_with("Filter.1.Value") => "Filter.1.Name=vpc-id".to_owned(),
        _ => String::new(),
    };
    let name = given.split('=').next().unwrap_or_default();
    let others = base
        .split('&')
        .filter(|one| !one.starts_with(&format!("{name}=")));
    let form = others
        .chain([given])
        .filter(|one| !one.is_empty())
        .collect::<Vec<_>>()
        .join("&");
    let wire = Wire::of(MemoryBackend::sample());
    let answer = wire.ec2(&format!("Action={operation}&Version=2016-11-15&{form}"));
    let tags = wire.ec2("Action=DescribeTags&Version=2016-11-15").body;
    match answer.status {
        200 => Ok((without_request_id(&answer.body), without_request_id(&tags))),
        _ => Err(without_request_id(&answer.body)),
    }
}

fn without_request_id(body: &str) -> String {
    let lower = body.to_ascii_lowercase();
    let (start, end) = (lower.find("<requestid>"), lower.find("</requestid>"));
    match (start, end) {
        (Some(start), Some(end)) => format!("{}{}", &body[..start], &body[end..]),
        _ => body.to_owned(),
    }
}
