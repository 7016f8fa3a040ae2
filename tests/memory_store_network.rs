//! The in-memory NetworkInventory selects from the fleet's network as EC2 does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::{
    DescribeRouteTables, DescribeSubnets, DescribeVpcEndpoints, NetworkInventory, NodeInventoryExt,
};
use aws_patch_manager::types::NodeId;
use aws_patch_manager::{MemoryBackend, PageRequest};
use support::accounts::node_id;
use support::values::filters;

const FLEET: &str = r#"{
    "VpcEndpoints": [
        {"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.ssm"},
        {"VpcEndpointId": "vpce-2", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.s3"},
        {"VpcEndpointId": "vpce-3", "VpcId": "vpc-2", "ServiceName": "com.amazonaws.us-east-1.ssm"}
    ],
    "Subnets": [
        {"SubnetId": "subnet-1", "VpcId": "vpc-1"}, {"SubnetId": "subnet-2", "VpcId": "vpc-1"},
        {"SubnetId": "subnet-3", "VpcId": "vpc-1"}, {"SubnetId": "subnet-4", "VpcId": "vpc-1"},
        {"SubnetId": "subnet-5", "VpcId": "vpc-1"}, {"SubnetId": "subnet-6", "VpcId": "vpc-2"}
    ],
    "RouteTables": [
        {"RouteTableId": "rtb-main", "VpcId": "vpc-1", "Associations": [{"Main": true}]},
        {"RouteTableId": "rtb-own", "VpcId": "vpc-1",
         "Associations": [{"Main": false, "SubnetId": "subnet-1"}, {"Main": false, "SubnetId": "subnet-2"}]},
        {"RouteTableId": "rtb-loose", "VpcId": "vpc-2"}
    ]
}"#;

fn backend() -> MemoryBackend {
    MemoryBackend::builder().fleet_json(FLEET).unwrap().build()
}

#[tokio::test]
async fn endpoints_are_selected_by_vpc_and_service() {
    let ssm = ("service-name", "com.amazonaws.us-east-1.ssm");
    for (of, expected) in [
        (&[][..], &["vpce-1", "vpce-2", "vpce-3"][..]),
        (&[("vpc-id", "vpc-1")], &["vpce-1", "vpce-2"]),
        (&[("vpc-id", "vpc-1"), ssm], &["vpce-1"]),
        (&[("vpc-id", "vpc-9")], &[]),
    ] {
        let page = backend()
            .describe_vpc_endpoints(DescribeVpcEndpoints::new(filters(of), PageRequest::first()))
            .await
            .unwrap();
        let found: Vec<_> = page
            .items
            .iter()
            .map(|item| &item.vpc_endpoint_id)
            .collect();
        assert_eq!(found, expected, "{of:?}");
    }
}

#[tokio::test]
async fn subnets_are_selected_by_id_and_vpc() {
    for (of, expected) in [
        (&[("subnet-id", "subnet-6")][..], 1),
        (&[("vpc-id", "vpc-1")], 5),
        (&[("vpc-id", "vpc-2"), ("subnet-id", "subnet-1")], 0),
    ] {
        let page = backend()
            .describe_subnets(DescribeSubnets::new(filters(of), PageRequest::first()))
            .await
            .unwrap();
        assert_eq!(page.items.len(), expected, "{of:?}");
    }
}

#[tokio::test]
async fn route_tables_are_selected_by_any_of_their_associations() {
    for (of, expected) in [
        (
            &[("association.subnet-id", "subnet-2")][..],
            &["rtb-own"][..],
        ),
        (&[("association.subnet-id", "subnet-3")], &[]),
        (
            &[("association.main", "true"), ("vpc-id", "vpc-1")],
            &["rtb-main"],
        ),
        (&[("association.main", "false")], &["rtb-own"]),
        (&[("vpc-id", "vpc-2")], &["rtb-loose"]),
    ] {
        let page = backend()
            .describe_route_tables(DescribeRouteTables::new(filters(of), PageRequest::first()))
            .await
            .unwrap();
        let found: Vec<_> = page.items.iter().map(|item| &item.route_table_id).collect();
        assert_eq!(found, expected, "{of:?}");
    }
}

#[tokio::test]
async fn an_unknown_filter_is_an_error_in_ec2s_words() {
    let of = filters(&[("colour", "red")]);
    let page = PageRequest::first();
    let backend = backend();
    for error in [
        backend
            .describe_vpc_endpoints(DescribeVpcEndpoints::new(of.clone(), page.clone()))
            .await
            .unwrap_err(),
        backend
            .describe_subnets(DescribeSubnets::new(of.clone(), page.clone()))
            .await
            .unwrap_err(),
        backend
            .describe_route_tables(DescribeRouteTables::new(of.clone(), page.clone()))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.code(), Some("InvalidParameterValue"));
        assert_eq!(error.message(), "The filter 'colour' is invalid");
    }
}

#[tokio::test]
async fn instances_are_found_by_two_hundred_ids_at_most() {
    let backend = MemoryBackend::sample();
    let known = NodeId::new("i-0c0ffee0000000001");
    let mut ids: Vec<NodeId> = (1..200).map(node_id).collect();
    ids.push(known.clone());
    let found = backend.find_instances(&ids).await.unwrap();
    let found: Vec<_> = found.iter().map(|one| &one.instance_id).collect();
    assert_eq!(found, [&known]);
    ids.push(NodeId::new("i-0fffffffffffffff1"));
    let error = backend.find_instances(&ids).await.unwrap_err();
    assert_eq!(error.code(), Some("FilterLimitExceeded"));
}

#[tokio::test]
async fn pages_keep_ec2s_bounds() {
    let backend = backend();
    for (size, subnets, tables) in [
        (4, false, false),
        (5, true, true),
        (100, true, true),
        (101, true, false),
        (1000, true, false),
        (1001, false, false),
    ] {
        let page = PageRequest::first().with_max_results(size);
        let listed = backend
            .describe_subnets(DescribeSubnets::new(Vec::new(), page.clone()))
            .await;
        assert_eq!(listed.is_ok(), subnets, "{size} subnets");
        let listed = backend
            .describe_route_tables(DescribeRouteTables::new(Vec::new(), page))
            .await;
        assert_eq!(listed.is_ok(), tables, "{size} route tables");
    }
    let page = PageRequest::first().with_max_results(5);
    let first = backend
        .describe_subnets(DescribeSubnets::new(Vec::new(), page.clone()))
        .await
        .unwrap();
    let page = page.with_next_token(first.next_token);
    let second = backend
        .describe_subnets(DescribeSubnets::new(Vec::new(), page))
        .await
        .unwrap();
    assert_eq!((first.items.len(), second.items.len()), (5, 1));
    assert_eq!(second.next_token, None);
}
