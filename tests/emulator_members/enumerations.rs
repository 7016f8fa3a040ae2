//! A value outside an enumeration of the services' models is refused.

use aws_patch_manager::backend::{Operation, Service};
use serde_json::Value;

use crate::model::Model;
use crate::support::environment;
use crate::support::wire::Wire;
use crate::{is_noticed, missed, served, systems_manager};

#[test]
fn every_enumeration_of_systems_manager_is_checked() {
    let Some((model, wire)) = systems_manager() else {
        return;
    };
    let mut unchecked = Vec::new();
    for operation in served(Service::Ssm) {
        let input = model.input(operation.as_str()).expect("an input");
        for place in model.places(input) {
            let Some(legal) = model.shape(&place.shape)["enum"].as_array() else {
                continue;
            };
            let ask = |value: &Value| {
                let body = model.with(input, &place, value.clone());
                wire.ssm(operation.as_str(), &body)
            };
            let nonsense = ask(&"Nonsense".into());
            let differs = || legal.iter().any(|legal| ask(legal).body != nonsense.body);
            if nonsense.status == 200 || !(is_noticed(&nonsense) || differs()) {
                let path = place.path();
                unchecked.push(format!("{operation}.{path}: {}", nonsense.body));
            }
        }
    }
    missed("values outside an enumeration are taken", &unchecked);
}

#[test]
fn every_enumeration_of_ec2_is_checked_and_quick_setup_has_none() {
    let (Some(ec2), Some(quick_setup)) = (
        environment::model("ec2"),
        environment::model("ssm-quicksetup"),
    ) else {
        return;
    };
    let (ec2, quick_setup) = (Model(ec2, Value::Null), Model(quick_setup, Value::Null));
    assert_eq!(enumerations(&quick_setup, Service::QuickSetup), []);
    let attribute = (Operation::DescribeVpcAttribute, "Attribute".to_owned());
    assert_eq!(enumerations(&ec2, Service::Ec2), [attribute]);
    let wire = Wire::sample();
    let ask = |attribute: &str| {
        let vpc = "VpcId=vpc-0c0ffee0000000001";
        wire.ec2(&format!(
            "Action=DescribeVpcAttribute&Version=2016-11-15&{vpc}&Attribute={attribute}"
        ))
    };
    assert_eq!(ask("enableDnsSupport").status, 200);
    let nonsense = ask("Nonsense");
    assert_eq!(nonsense.status, 400);
    let code = "<Code>InvalidParameterValue</Code>";
    assert!(nonsense.body.contains(code), "{}", nonsense.body);
}

/// Every member of an input whose values the model enumerates.
fn enumerations(model: &Model, service: Service) -> Vec<(Operation, String)> {
    let mut found = Vec::new();
    for operation in served(service) {
        let input = model.input(operation.as_str()).expect("an input");
        let places = model.places(input).into_iter();
        let enumerated = places.filter(|place| !model.shape(&place.shape)["enum"].is_null());
        found.extend(enumerated.map(|place| (operation, place.path())));
    }
    found
}
