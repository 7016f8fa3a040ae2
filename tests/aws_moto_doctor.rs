//! The check of prerequisites over a private network in Tokyo, in moto as EC2; the emulator manages
//! the node.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;

use aws_patch_manager::aws::aws_sdk_ec2::{Client, types as ec2};
use aws_patch_manager::aws::sdk_config::Region;
use aws_patch_manager::aws::{AwsBackend, SdkConfig, aws_sdk_ec2};
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::prerequisites::{
    EndpointService, FindingKind, PrerequisiteReport, Prerequisites,
};
use aws_patch_manager::{MemoryBackend, PatchManager};
use support::moto::Moto;

const REGION: &str = "ap-northeast-1";

fn in_tokyo(config: &SdkConfig) -> SdkConfig {
    let region = Region::new(REGION);
    config.clone().into_builder().region(region).build()
}

/// A private subnet with one instance.
struct Network {
    client: Client,
    vpc: String,
    subnet: String,
    table: String,
    endpoints: String,
    instance: String,
}

impl Network {
    async fn make(config: &SdkConfig) -> Self {
        let client = Client::new(config);
        let vpc = client.create_vpc().cidr_block("10.0.0.0/16").send().await;
        let vpc = vpc.unwrap().vpc.unwrap().vpc_id.unwrap();
        let hostnames = ec2::AttributeBooleanValue::builder().value(true).build();
        let attributes = client.modify_vpc_attribute().vpc_id(&vpc);
        attributes
            .enable_dns_hostnames(hostnames)
            .send()
            .await
            .unwrap();
        let subnet = client
            .create_subnet()
            .vpc_id(&vpc)
            .cidr_block("10.0.1.0/24");
        let subnet = subnet.availability_zone(format!("{REGION}a")).send().await;
        let subnet = subnet.unwrap().subnet.unwrap().subnet_id.unwrap();
        let table = client.create_route_table().vpc_id(&vpc).send().await;
        let table = table.unwrap().route_table.unwrap().route_table_id.unwrap();
        let association = client.associate_route_table().route_table_id(&table);
        association.subnet_id(&subnet).send().await.unwrap();
        let nodes = Self::group(&client, &vpc, "nodes").await;
        let endpoints = Self::group(&client, &vpc, "endpoints").await;
        let started = client
            .run_instances()
            .image_id("ami-12c6146b")
            .min_count(1)
            .max_count(1)
            .subnet_id(&subnet)
            .security_group_ids(nodes);
        let instance = started.send().await.unwrap().instances.unwrap().remove(0);
        Self {
            instance: instance.instance_id.unwrap(),
            client,
            vpc,
            subnet,
            table,
            endpoints,
        }
    }

    async fn group(client: &Client, vpc: &str, name: &str) -> String {
        let group = client.create_security_group().vpc_id(vpc).group_name(name);
        let made = group.description(name).send().await.unwrap();
        made.group_id.unwrap()
    }

    /// Lets these addresses into the group of the endpoints.
    async fn admit(&self, cidr: &str) {
        let range = ec2::IpRange::builder().cidr_ip(cidr).build();
        let https = ec2::IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(443)
            .to_port(443)
            .ip_ranges(range)
            .build();
        let rule = self.client.authorize_security_group_ingress();
        let rule = rule.group_id(&self.endpoints).ip_permissions(https);
        rule.send().await.unwrap();
    }

    async fn add_endpoint(&self, service: EndpointService) -> String {
        let endpoint = self.client.create_vpc_endpoint().vpc_id(&self.vpc);
        let endpoint = endpoint.service_name(service.name_in(REGION));
        let endpoint = match service {
            EndpointService::S3 => endpoint
                .vpc_endpoint_type(ec2::VpcEndpointType::Gateway)
                .route_table_ids(&self.table),
            _ => endpoint
                .vpc_endpoint_type(ec2::VpcEndpointType::Interface)
                .subnet_ids(&self.subnet)
                .security_group_ids(&self.endpoints)
                .private_dns_enabled(true),
        };
        let made = endpoint.send().await.unwrap().vpc_endpoint.unwrap();
        made.vpc_endpoint_id.unwrap()
    }

    async fn remove_endpoint(&self, id: &str) {
        let call = self.client.delete_vpc_endpoints().vpc_endpoint_ids(id);
        call.send().await.unwrap();
    }
}

fn messages(report: &PrerequisiteReport, kind: FindingKind) -> Vec<String> {
    let of_kind = report
        .findings
        .iter()
        .filter(|finding| finding.kind == kind);
    of_kind.map(|finding| finding.message.clone()).collect()
}

#[tokio::test]
async fn each_endpoint_that_a_private_subnet_in_tokyo_lacks_is_named() {
    let Some(moto) = Moto::start() else { return };
    let tokyo = in_tokyo(&moto.config);
    let network = Network::make(&tokyo).await;
    let account = MemoryBackend::builder().region(REGION).build();
    account.add_node(FleetNode::amazon_linux_2023(network.instance.as_str()));
    let emulator = Emulator::start(account).unwrap();
    let systems_manager = support::aws::config(emulator.endpoint(), "secret");
    let backend = AwsBackend::builder(&in_tokyo(&systems_manager))
        .ec2(aws_sdk_ec2::Client::new(&tokyo))
        .build();
    let manager = PatchManager::from_backend(Arc::new(backend));
    let question = Prerequisites::nodes([network.instance.as_str()]).ignore_scan_age();
    let ask = async || manager.check_prerequisites(&question).await.unwrap();

    let mut made = Vec::new();
    for service in EndpointService::ALL {
        made.push((service, network.add_endpoint(service).await));
    }
    let report = ask().await;
    assert_eq!(
        messages(&report, FindingKind::EndpointMissing),
        [""; 0],
        "{report}"
    );
    assert_eq!(
        messages(&report, FindingKind::EndpointBlocked).len(),
        3,
        "{report}"
    );

    network.admit("10.0.0.0/16").await;
    let report = ask().await;
    assert_eq!(report.blocked().count(), 0, "{report}");

    for (service, id) in made {
        network.remove_endpoint(&id).await;
        let report = ask().await;
        let expected = format!("{} has no endpoint for {service}", network.vpc);
        assert_eq!(messages(&report, FindingKind::EndpointMissing), [expected]);
        let text = report.to_string();
        let name = format!("--service-name com.amazonaws.{REGION}.{service} ");
        assert!(text.contains(&name), "{text}");
        network.add_endpoint(service).await;
    }
    emulator.shutdown().await;
}
