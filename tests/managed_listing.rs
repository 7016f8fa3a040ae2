//! The listing of managed nodes: a thousand a call by DescribeInstanceProperties, fifty by
//! DescribeInstanceInformation where the former is denied or unknown.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_patch_manager::backend::{
    DescribeInstanceInformation, DescribeInstanceProperties, NodeInventory, Operation,
};
use aws_patch_manager::compliance::{CompliancePlan, NodeCompliance, ReportDetail, UnknownReason};
use aws_patch_manager::exposure::ExposureQuery;
use aws_patch_manager::manager::{ComplianceSweep, SweepCheckpoint, SweepFailure};
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::plan::{MirrorPart, MirrorScope};
use aws_patch_manager::prerequisites::{FindingKind, Prerequisites};
use aws_patch_manager::promotion::PromotionQuery;
use aws_patch_manager::types::{InstanceInformation, InstanceProperty, PingStatus};
use aws_patch_manager::{
    ComplianceQuery, Error, ErrorKind, MemoryBackend, Page, PatchGroup, PatchManager, Result,
};
use futures_util::{StreamExt, TryStreamExt};
use support::accounts::{account, fleet, hybrid_id, hybrid_node, id, instances, managed, node_id};

const PROPERTIES: Operation = Operation::DescribeInstanceProperties;
const INFORMATION: Operation = Operation::DescribeInstanceInformation;
const INSTANCES: Operation = Operation::DescribeInstances;

/// The errors by which a listing is withheld: IAM denies it, or the backend does not know it.
const WITHHELD: [(ErrorKind, &str); 2] = [
    (ErrorKind::AccessDenied, "AccessDeniedException"),
    (ErrorKind::Unsupported, "UnknownOperationException"),
];

fn withhold(backend: &MemoryBackend, operation: Operation) {
    let (kind, code) = WITHHELD[0];
    backend.faults().fail(operation, kind, code, "no").always();
}

async fn all(sweep: &mut ComplianceSweep) -> (Vec<NodeCompliance>, Vec<SweepFailure>) {
    let (mut answers, mut failures) = (Vec::new(), Vec::new());
    while let Some(item) = sweep.next().await {
        match item {
            Ok(answer) => answers.push(answer),
            Err(failure) => failures.push(failure),
        }
    }
    (answers, failures)
}

/// The answers of a sweep without failures.
async fn answers(manager: &PatchManager, query: &ComplianceQuery) -> Vec<NodeCompliance> {
    let (answers, failures) = all(&mut manager.sweep(query)).await;
    assert!(failures.is_empty(), "{failures:?}");
    answers
}

fn ids(answers: &[NodeCompliance]) -> Vec<String> {
    let mut ids: Vec<String> = answers.iter().map(|one| one.node.to_string()).collect();
    ids.sort();
    ids
}

fn reasons(answers: &[NodeCompliance]) -> BTreeMap<String, UnknownReason> {
    let answers = answers.iter();
    let unknown = answers.filter_map(|one| Some((one.node.to_string(), one.unknown.clone()?)));
    unknown.collect()
}

/// Stores a checkpoint, as another process would read it.
fn stored(checkpoint: &SweepCheckpoint) -> SweepCheckpoint {
    let text = serde_json::to_string(checkpoint).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// An account whose pages have at most 50 nodes, whatever the operation.
fn small_pages(nodes: Vec<FleetNode>) -> (MemoryBackend, PatchManager) {
    let builder = MemoryBackend::builder().fleet(fleet(nodes));
    managed(builder.page_size_cap(50).build())
}

#[tokio::test]
async fn systems_manager_alone_takes_a_call_for_each_thousand_nodes_and_tells_stopped_from_lost() {
    let mut nodes = instances(1_234);
    nodes[3] = nodes[3].clone().with_condition(NodeCondition::Stopped);
    nodes[1_100] = nodes[1_100]
        .clone()
        .with_condition(NodeCondition::Unreachable);
    nodes[7] = nodes[7].clone().with_tag("Name", "web-7");
    nodes.push(hybrid_node(hybrid_id(0)).with_condition(NodeCondition::Unreachable));
    let (backend, manager) = account(nodes);
    let query = ComplianceQuery::all().offline_is_unknown();
    withhold(&backend, INSTANCES);
    let found = answers(&manager, &query).await;
    assert_eq!(found.len(), 1_235);
    let plan = query.explain(1_235);
    assert_eq!(plan.calls(), 2 + 25, "{plan}");
    assert_eq!(backend.calls().len(), 2 + 25);
    assert_eq!(backend.call_count(PROPERTIES), 2);
    let reasons = reasons(&found);
    assert_eq!(reasons[&id(3)], UnknownReason::Stopped);
    assert_eq!(reasons[&id(1_100)], UnknownReason::AgentLost);
    assert_eq!(reasons[&hybrid_id(0)], UnknownReason::AgentLost);
    assert_eq!(reasons[&id(0)], UnknownReason::NeverScanned);
    let names: Vec<_> = found
        .iter()
        .filter(|one| one.node.as_str() == id(7))
        .collect();
    let named = names[0].information.as_ref().unwrap();
    assert_eq!(named.name.as_deref(), Some("web-7"));
    assert!(named.platform_name.is_some());
    assert_eq!(named.ping_status, Some(PingStatus::Online));

    // The fleet is what Systems Manager knows, by one denied call of EC2 more.
    backend.clear_calls();
    let fleet = ComplianceQuery::fleet().offline_is_unknown();
    let found = answers(&manager, &fleet).await;
    assert_eq!(found.len(), 1_235);
    assert_eq!(self::reasons(&found), reasons);
    assert_eq!(backend.call_count(INSTANCES), 1);
    // Two pages of instances, one of hybrid nodes.
    assert_eq!(backend.call_count(PROPERTIES), 3);
    assert_eq!(backend.call_count(INFORMATION), 0);
}

#[tokio::test]
async fn a_listing_withheld_at_its_first_page_is_replaced_by_that_of_fifty_a_page() {
    for (kind, code) in WITHHELD {
        let (backend, manager) = account(instances(130));
        backend.faults().fail(PROPERTIES, kind, code, "no").always();
        let query = ComplianceQuery::all();
        let mut sweep = manager.sweep(&query);
        let (found, failures) = all(&mut sweep).await;
        assert!(failures.is_empty(), "{failures:?}");
        assert_eq!(ids(&found), (0..130).map(id).collect::<Vec<_>>());
        let plan = query.explain(130);
        let instead = plan.without_properties.clone().unwrap();
        assert_eq!(instead.operation, "DescribeInstanceInformation");
        assert_eq!(backend.call_count(INFORMATION), instead.calls);
        assert_eq!(backend.call_count(PROPERTIES), 1);
        let told = "  if DescribeInstanceProperties is denied or unknown: 3 of \
                    DescribeInstanceInformation instead: the managed nodes, 50 a page";
        assert!(plan.to_string().contains(told), "{plan}");
        let progress = sweep.progress();
        assert!(progress.listed_by_information);
        let told = "; listed by DescribeInstanceInformation, 50 a page";
        assert!(progress.to_string().ends_with(told), "{progress}");
    }
    let (_, manager) = account(instances(1));
    let mut sweep = manager.sweep(&ComplianceQuery::all());
    all(&mut sweep).await;
    let progress = sweep.progress();
    assert!(!progress.listed_by_information);
    assert!(progress.to_string().ends_with(" throttled"), "{progress}");
}

#[tokio::test]
async fn both_listings_of_a_fleet_are_replaced_if_ec2_is_withheld_too() {
    for withheld in [&[PROPERTIES][..], &[INSTANCES, PROPERTIES]] {
        let mut nodes = instances(60);
        nodes.extend((0..60).map(|number| hybrid_node(hybrid_id(number))));
        let (backend, manager) = account(nodes);
        withheld.iter().for_each(|one| withhold(&backend, *one));
        let found = answers(&manager, &ComplianceQuery::fleet()).await;
        let expected: Vec<_> = (0..60).map(id).chain((0..60).map(hybrid_id)).collect();
        assert_eq!(ids(&found), expected);
        let pages = if withheld.len() == 1 { 2 } else { 4 };
        assert_eq!(backend.call_count(INFORMATION), pages, "{withheld:?}");
    }
}

#[tokio::test]
async fn a_throttled_first_page_is_an_error_and_the_same_listing_is_tried_again() {
    let (backend, manager) = account(instances(60));
    let query = ComplianceQuery::all();
    backend.faults().throttle(PROPERTIES);
    let mut sweep = manager.sweep(&query);
    let (found, failures) = all(&mut sweep).await;
    assert!(found.is_empty());
    assert!(failures[0].error.is_throttled());
    assert_eq!(
        failures[0].error.operation(),
        Some("DescribeInstanceProperties")
    );
    let (rest, failures) =
        all(&mut manager.resume_sweep(&query, stored(&sweep.checkpoint()))).await;
    assert_eq!((rest.len(), failures.len()), (60, 0));
    assert_eq!(backend.call_count(PROPERTIES), 2);
    assert_eq!(backend.call_count(INFORMATION), 0);

    for fault in [ErrorKind::ServiceFailure, ErrorKind::InvalidCredentials] {
        backend.faults().fail(PROPERTIES, fault, "Wrong", "no");
        let (_, failures) = all(&mut manager.sweep(&query)).await;
        assert_eq!(failures[0].error.kind(), fault);
    }
    assert_eq!(backend.call_count(INFORMATION), 0);
}

#[tokio::test]
async fn a_listing_withheld_at_a_later_page_is_an_error_by_its_name() {
    for (kind, code) in WITHHELD {
        let (backend, manager) = small_pages(instances(130));
        let deny_second = || {
            backend.clear_calls();
            let faults = backend.faults();
            faults.clear();
            faults.fail(PROPERTIES, kind, code, "no").on_call(2);
        };
        deny_second();
        let query = ComplianceQuery::all();
        let mut sweep = manager.sweep(&query);
        let (found, failures) = all(&mut sweep).await;
        assert_eq!((found.len(), failures.len()), (50, 1));
        assert!(failures[0].nodes.is_empty());
        assert_eq!(failures[0].error.kind(), kind);
        assert_eq!(
            failures[0].error.operation(),
            Some("DescribeInstanceProperties")
        );
        let (rest, failures) = all(&mut manager.resume_sweep(&query, sweep.checkpoint())).await;
        assert_eq!((rest.len(), failures.len()), (80, 0));

        deny_second();
        let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
        let unread = snapshot.unread.iter();
        let mut unread = unread.filter(|one| one.part == MirrorPart::ManagedNodes);
        let message = &unread.next().unwrap().message;
        assert!(
            message.starts_with("DescribeInstanceProperties: "),
            "{message}"
        );

        deny_second();
        let account = Prerequisites::account().ignore_scan_age();
        let report = manager.check_prerequisites(&account).await.unwrap();
        let text = report.to_string();
        assert!(text.contains("DescribeInstanceProperties: "), "{text}");

        assert_eq!(backend.call_count(INFORMATION), 0);
    }
}

#[tokio::test]
async fn a_resumed_sweep_goes_on_with_the_listing_that_it_began_with() {
    let (backend, manager) = small_pages(instances(130));
    let whole: Vec<_> = (0..130).map(id).collect();
    let query = ComplianceQuery::all();
    for stop in [1, 50, 51, 100, 129] {
        for is_withheld in [false, true] {
            if is_withheld {
                withhold(&backend, PROPERTIES);
            }
            let mut sweep = manager.sweep(&query);
            let mut found = Vec::new();
            for _ in 0..stop {
                found.push(sweep.next().await.unwrap().unwrap());
            }
            let from = stored(&sweep.checkpoint());
            drop(sweep);
            backend.faults().clear();
            backend.clear_calls();
            let mut rest = manager.resume_sweep(&query, from);
            let (more, failures) = all(&mut rest).await;
            assert!(failures.is_empty(), "{failures:?}");
            found.extend(more);
            assert_eq!(ids(&found), whole, "{stop}");
            let other = if is_withheld { PROPERTIES } else { INFORMATION };
            assert_eq!(backend.call_count(other), 0, "{stop}");
            assert_eq!(rest.progress().listed_by_information, is_withheld);
        }
    }
}

#[tokio::test]
async fn a_permission_that_is_lost_between_two_sweeps_is_replaced_on_the_first_page_only() {
    let (backend, manager) = small_pages(instances(130));
    let query = ComplianceQuery::all();
    for (stop, is_replaced) in [(10, true), (50, false), (60, false)] {
        backend.faults().clear();
        let mut sweep = manager.sweep(&query);
        let mut found = Vec::new();
        for _ in 0..stop {
            found.push(sweep.next().await.unwrap().unwrap());
        }
        let from = stored(&sweep.checkpoint());
        withhold(&backend, PROPERTIES);
        let (more, failures) = all(&mut manager.resume_sweep(&query, from)).await;
        found.extend(more);
        match failures.first() {
            None => {
                assert!(is_replaced);
                assert_eq!(ids(&found), (0..130).map(id).collect::<Vec<_>>());
            }
            Some(failure) => {
                assert!(!is_replaced);
                assert_eq!(
                    failure.error.operation(),
                    Some("DescribeInstanceProperties")
                );
            }
        }
    }
}

#[tokio::test]
async fn a_checkpoint_from_before_this_listing_goes_on_with_the_one_of_fifty_a_page() {
    let (backend, manager) = account(instances(60));
    let text = r#"{"question": "every managed node", "listings":
        [{"page": {"listing": "Managed", "token": null}, "given": ["i-00000000000000000"]}]}"#;
    let from: SweepCheckpoint = serde_json::from_str(text).unwrap();
    let mut sweep = manager.resume_sweep(&ComplianceQuery::all(), from);
    let (found, failures) = all(&mut sweep).await;
    assert_eq!((found.len(), failures.len()), (59, 0), "{failures:?}");
    assert_eq!(backend.call_count(PROPERTIES), 0);
    assert_eq!(backend.call_count(INFORMATION), 2);
}

#[tokio::test]
async fn of_named_nodes_systems_manager_says_which_are_stopped_if_ec2_is_withheld() {
    let mut nodes = instances(50);
    for node in &mut nodes[..45] {
        *node = node.clone().with_condition(NodeCondition::Stopped);
    }
    nodes[49] = nodes[49].clone().with_condition(NodeCondition::Unreachable);
    let (backend, manager) = account(nodes);
    withhold(&backend, INSTANCES);
    let query = ComplianceQuery::nodes((0..50).map(id)).offline_is_unknown();
    let found = reasons(&answers(&manager, &query).await);
    assert_eq!(found[&id(0)], UnknownReason::Stopped);
    assert_eq!(found[&id(44)], UnknownReason::Stopped);
    assert_eq!(found[&id(45)], UnknownReason::NeverScanned);
    assert_eq!(found[&id(49)], UnknownReason::AgentLost);
    // 45 unmanaged nodes, 40 ids a call.
    assert_eq!(backend.call_count(PROPERTIES), 2);
    withhold(&backend, PROPERTIES);
    let found = reasons(&answers(&manager, &query).await);
    assert_eq!(found[&id(0)], UnknownReason::NotManaged);
}

#[tokio::test]
async fn nodes_by_tag_are_listed_by_the_operation_that_filters_by_tags() {
    let (backend, manager) = account(instances(60));
    let group = PatchGroup::new("web").unwrap();
    manager.tag_nodes(&group, &[node_id(1)]).await.unwrap();
    backend.clear_calls();
    let query = ComplianceQuery::tagged(group);
    let mut sweep = manager.sweep(&query);
    assert_eq!(ids(&all(&mut sweep).await.0), [id(1)]);
    assert_eq!(backend.call_count(PROPERTIES), 0);
    assert!(
        !sweep.progress().listed_by_information,
        "it is not a replacement"
    );
    assert_eq!(query.explain(1).without_properties, None);
}

#[tokio::test]
async fn the_instances_of_a_fleet_are_described_a_thousand_a_call() {
    let (backend, manager) = account(instances(120));
    let query = ComplianceQuery::fleet();
    let planned = |plan: CompliancePlan| {
        let steps = plan.steps.iter();
        let pages = steps.filter(|step| PROPERTIES == *step.operation);
        let instead = plan.without_properties.as_ref().map(|one| one.calls);
        (pages.map(|step| step.calls).sum::<usize>(), instead)
    };
    let exposure = ExposureQuery::new(["CVE-2026-90122"], query.clone());
    assert_eq!(planned(exposure.explain(120, 1, 1)), (2, Some(1 + 3)));
    let read = async |what: &str| {
        backend.clear_calls();
        match what {
            "report" => {
                let report = manager.compliance_report("fleet", &query, ReportDetail::Verdicts);
                let report = report.await.unwrap();
                assert!(report.failures.is_empty());
                assert!(
                    report
                        .nodes
                        .iter()
                        .all(|row| !row.operating_system.is_empty())
                );
            }
            "exposure" => {
                let found = manager.exposure(&exposure).await.unwrap();
                assert!(found.failures.is_empty());
            }
            _ => {
                let own = manager.list_baselines().try_collect::<Vec<_>>();
                let baselines = own.await.unwrap().into_iter();
                let mut ids = baselines.filter_map(|one| one.baseline_id);
                let id = ids.next().unwrap();
                let query = PromotionQuery::new(&id, &id, query.clone());
                assert_eq!(planned(query.explain(120, 1)), (2, Some(1 + 3)));
                let check = manager.check_promotion(&query).await.unwrap();
                assert!(check.failures.is_empty(), "{:?}", check.failures);
            }
        }
        (
            backend.call_count(PROPERTIES),
            backend.call_count(INFORMATION),
        )
    };
    for what in ["report", "exposure", "promotion"] {
        // One page of hybrid nodes, one of instances.
        assert_eq!(read(what).await, (2, 0), "{what}");
    }
    withhold(&backend, PROPERTIES);
    for what in ["report", "exposure", "promotion"] {
        // One page of hybrid nodes, and three of ids.
        assert_eq!(read(what).await, (2, 1 + 3), "{what}");
    }
}

#[tokio::test]
async fn without_ec2_the_check_of_an_account_tells_stopped_from_lost() {
    let mut nodes = instances(3);
    nodes[1] = nodes[1].clone().with_condition(NodeCondition::Stopped);
    nodes[2] = nodes[2].clone().with_condition(NodeCondition::Unreachable);
    let (backend, manager) = account(nodes);
    withhold(&backend, INSTANCES);
    let account = Prerequisites::account().ignore_scan_age();
    let report = manager.check_prerequisites(&account).await.unwrap();
    let of = |kind: FindingKind| -> Vec<String> {
        let findings = report.findings.iter().filter(|one| one.kind == kind);
        let nodes = findings.flat_map(|one| one.nodes.iter());
        nodes.map(ToString::to_string).collect()
    };
    assert_eq!(of(FindingKind::NotRunning), [id(1)]);
    assert_eq!(of(FindingKind::ConnectionLost), [id(2)]);
    assert_eq!(backend.call_count(PROPERTIES), 1);
    assert_eq!(backend.call_count(INFORMATION), 0);
}

/// Lists these properties, and knows nothing else.
#[derive(Debug)]
struct Listing(Vec<InstanceProperty>);

#[async_trait]
impl NodeInventory for Listing {
    async fn describe_instance_properties(
        &self,
        _: DescribeInstanceProperties,
    ) -> Result<Page<InstanceProperty>> {
        Ok(Page::last(self.0.clone()))
    }

    async fn describe_instance_information(
        &self,
        _: DescribeInstanceInformation,
    ) -> Result<Page<InstanceInformation>> {
        Err(Error::unsupported("DescribeInstanceInformation"))
    }
}

#[tokio::test]
async fn the_state_of_an_instance_counts_more_than_its_last_contact() {
    let property = |number: usize, state: Option<&str>, ping: Option<PingStatus>| {
        let mut property = InstanceProperty::default();
        property.instance_id = Some(node_id(number));
        property.instance_state = state.map(str::to_owned);
        property.ping_status = ping;
        property
    };
    use PingStatus::{ConnectionLost, Online};
    // The state, the last contact, and what a query that doubts offline nodes says.
    let table = [
        (
            Some("running"),
            Some(Online),
            Some(UnknownReason::NeverScanned),
        ),
        (
            Some("running"),
            Some(ConnectionLost),
            Some(UnknownReason::AgentLost),
        ),
        (
            Some("pending"),
            Some(ConnectionLost),
            Some(UnknownReason::AgentLost),
        ),
        (Some("stopping"), Some(Online), Some(UnknownReason::Stopped)),
        (
            Some("stopped"),
            Some(ConnectionLost),
            Some(UnknownReason::Stopped),
        ),
        (Some("Stopped"), None, Some(UnknownReason::Stopped)),
        (Some(""), Some(Online), Some(UnknownReason::NeverScanned)),
        (None, Some(Online), Some(UnknownReason::NeverScanned)),
        (None, None, Some(UnknownReason::AgentLost)),
        (Some("shutting-down"), Some(ConnectionLost), None),
        (Some("Terminated"), Some(ConnectionLost), None),
    ];
    let listed = table.iter().enumerate();
    let listed = listed.map(|(number, (state, ping, _))| property(number, *state, ping.clone()));
    let mut listed: Vec<_> = listed.collect();
    listed.push(InstanceProperty::default());
    let manager = PatchManager::builder()
        .nodes(Arc::new(Listing(listed)))
        .compliance(Arc::new(MemoryBackend::new()))
        .build();
    let found = answers(&manager, &ComplianceQuery::all().offline_is_unknown()).await;
    let found = reasons(&found);
    for (number, (state, ping, expected)) in table.iter().enumerate() {
        assert_eq!(
            found.get(&id(number)),
            expected.as_ref(),
            "{state:?} {ping:?}"
        );
    }
}
