//! The adapters pass every rule of the conformance suite, over HTTP and the real SDKs.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;

use aws_patch_manager::PageRequest;
use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::backend::{
    AssociationStore, DescribeVpcEndpoints, ListAssociations, NetworkInventory, Operation,
};
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::schedule::association::CreateAssociation;
use aws_patch_manager::testing::conformance::{RULES, RuleOutcome, run_all};
use aws_patch_manager::types::{DnsOptions, GroupIdentifier, QueryFilter, Target, VpcEndpoint};
use support::suite;

#[tokio::test]
async fn every_rule_is_kept_over_http() {
    let account = suite::account();
    let emulator = Emulator::start(account.clone()).unwrap();
    let config = support::aws::config(emulator.endpoint(), "secret");
    let adapter = AwsBackend::builder(&config).account("123456789012").build();
    let harness = suite::harness(adapter, account);
    let report = run_all(&harness).await;
    let kept = report
        .outcomes
        .iter()
        .filter(|(_, verdict)| matches!(verdict, RuleOutcome::Kept));
    assert_eq!(kept.count(), RULES.len(), "{report}");
    emulator.shutdown().await;
}

#[tokio::test]
async fn every_rule_is_kept_through_all_layers_over_http() {
    let account = suite::account();
    let emulator = Emulator::start(account.clone()).unwrap();
    let config = support::aws::config(emulator.endpoint(), "secret");
    let adapter = AwsBackend::builder(&config).account("123456789012").build();
    let (layered, calls) = suite::through_all_layers(adapter, &account);
    let report = run_all(&suite::harness(layered, account)).await;
    let kept = report.outcomes.iter();
    let kept = kept.filter(|(_, verdict)| matches!(verdict, RuleOutcome::Kept));
    assert_eq!(kept.count(), RULES.len(), "{report}");
    assert!(calls.calls().len() > 1000, "{}", calls.calls().len());
    emulator.shutdown().await;
}

#[tokio::test]
async fn an_endpoint_reads_the_same_over_http() {
    let account = suite::account();
    let mut options = DnsOptions::default();
    options.private_dns_only_for_inbound_resolver_endpoint = Some(true);
    let mut endpoint = VpcEndpoint::interface("vpce-1", "vpc-1", "com.amazonaws.us-east-1.s3");
    endpoint.subnet_ids = vec!["subnet-1".to_owned()];
    endpoint.groups = vec![GroupIdentifier::new("sg-1")];
    endpoint.policy_document = Some("{}".to_owned());
    endpoint.dns_options = Some(options);
    account.add_vpc_endpoint(endpoint.clone());
    let emulator = Emulator::start(account).unwrap();
    let config = support::aws::config(emulator.endpoint(), "secret");
    let adapter = AwsBackend::from_sdk_config(&config);
    let of_vpc = [QueryFilter::new("vpc-id", ["vpc-1"])];
    let page =
        adapter.describe_vpc_endpoints(DescribeVpcEndpoints::new(&of_vpc, PageRequest::first()));
    assert_eq!(page.await.unwrap().items, [endpoint]);
    emulator.shutdown().await;
}

#[tokio::test]
async fn a_lost_reply_makes_no_second_association() {
    let account = suite::account();
    let emulator = Emulator::start(account.clone()).unwrap();
    let config = support::aws::config(emulator.endpoint(), "secret");
    let adapter = AwsBackend::from_sdk_config(&config);
    for is_lost in [false, true, true] {
        if is_lost {
            account.faults().lose_reply(Operation::CreateAssociation);
        }
        let targets = vec![Target::tag("Role", ["web"])];
        let mut request = CreateAssociation::new("AWS-RunPatchBaseline", targets);
        let operation = ("Operation".to_owned(), vec!["Install".to_owned()]);
        request.parameters = Some(BTreeMap::from([operation]));
        request.schedule_expression = Some("rate(1 day)".to_owned());
        let made = adapter.create_association(request).await.unwrap();
        assert!(made.association_id.is_some());
    }
    assert_eq!(account.call_count(Operation::CreateAssociation), 3);
    let all = ListAssociations::new(Vec::new(), PageRequest::first());
    let listed = adapter.list_associations(all).await.unwrap();
    assert_eq!(listed.items.len(), 3);
    emulator.shutdown().await;
}
