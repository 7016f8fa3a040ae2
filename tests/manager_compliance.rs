//! Compliance and prerequisites through the facade.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::time::Duration;

use aws_patch_manager::compliance::{NodeCompliance, NonCompliantKind, PatchState, Verdict};
use aws_patch_manager::memory::{FleetFile, FleetNode, NodeCondition};
use aws_patch_manager::operation::RebootOption;
use aws_patch_manager::prerequisites::{FindingKind, Severity};
use aws_patch_manager::types::{NodeId, OperatingSystem, Patch};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, ErrorKind, MemoryBackend, PatchGroup, PatchGroupTagKey,
    PatchManager, PatchRequest, RuleBuilder,
};
use futures_util::TryStreamExt;
use serde_json::json;

const HOUR: Duration = Duration::from_secs(3600);

fn node(index: usize) -> String {
    format!("i-{index:017x}")
}

fn catalogue() -> Vec<Patch> {
    let patch = |name: &str, classification: &str, severity: &str, released: &str| {
        json!({
            "Name": name, "Epoch": 0, "Version": "2.0", "Release": "1.amzn2023", "Arch": "x86_64",
            "Product": "AmazonLinux2023", "Classification": classification, "Severity": severity,
            "ReleaseDate": released
        })
    };
    serde_json::from_value(json!([
        patch("openssl", "Security", "Critical", "2026-04-01T00:00:00Z"),
        patch("bash", "Bugfix", "Low", "2026-04-01T00:00:00Z"),
        patch("curl", "Security", "Important", "2026-05-13T00:00:00Z"),
    ]))
    .unwrap()
}

fn linux(index: usize) -> FleetNode {
    ["openssl", "bash", "curl"].into_iter().fold(
        FleetNode::amazon_linux_2023(node(index)),
        |node, name| {
            let package = json!({
                "Name": name, "Epoch": 0, "Version": "1.0", "Release": "1.amzn2023", "Arch": "x86_64"
            });
            node.with_installed(serde_json::from_value(package).unwrap())
        },
    )
}

/// Nodes that miss a security and a bugfix patch, and one patch inside the delay, under the group's baseline.
async fn account(nodes: usize) -> (MemoryBackend, PatchManager) {
    let backend = MemoryBackend::builder().catalogue(catalogue()).build();
    for index in 0..nodes {
        backend.add_node(linux(index).with_tag("Patch Group", "web"));
    }
    let manager = PatchManager::from_memory(&backend);
    let spec = BaselineBuilder::new("week", OperatingSystem::AmazonLinux2023)
        .rule(
            RuleBuilder::new()
                .approve_after_days(7)
                .compliance_level("CRITICAL".into()),
        )
        .build()
        .unwrap();
    let baseline = manager.ensure_baseline(&spec).await.unwrap();
    manager
        .bind_patch_group(&web(), &baseline.id)
        .await
        .unwrap();
    (backend, manager)
}

fn web() -> PatchGroup {
    PatchGroup::new("web").unwrap()
}

async fn ask(manager: &PatchManager, query: ComplianceQuery) -> Vec<NodeCompliance> {
    manager.compliance(&query).try_collect().await.unwrap()
}

async fn run(manager: &PatchManager, request: PatchRequest) {
    let outcome = manager
        .run(&request)
        .await
        .unwrap()
        .wait(24 * HOUR)
        .await
        .unwrap();
    assert!(outcome.is_success(), "{outcome}");
}

#[tokio::test]
async fn a_node_is_unknown_until_it_was_scanned_and_then_patches_inside_the_delay_do_not_count() {
    let (_, manager) = account(1).await;
    let before = ask(&manager, ComplianceQuery::nodes([node(0)])).await;
    assert_eq!(before[0].verdict, Verdict::Unknown);
    assert_eq!(before[0].reason(), "never scanned");

    run(&manager, PatchRequest::scan().nodes([node(0)])).await;
    let scanned = ask(&manager, ComplianceQuery::all()).await;
    assert_eq!(scanned[0].verdict, Verdict::NonCompliant);
    assert_eq!(scanned[0].reason(), "2 missing");

    run(
        &manager,
        PatchRequest::install().group(&web(), PatchGroupTagKey::Spaced),
    )
    .await;
    let patched = ask(&manager, ComplianceQuery::group(web())).await;
    assert_eq!(patched[0].verdict, Verdict::Compliant);
    assert_eq!(patched[0].reason(), "nothing missing");
    let missing: Vec<_> = manager
        .node_patches(&node(0).into(), &[PatchState::Missing, PatchState::Failed])
        .try_collect()
        .await
        .unwrap();
    assert_eq!(missing, []);
}

#[tokio::test]
async fn a_query_keeps_the_nodes_it_asks_for() {
    let (backend, manager) = account(3).await;
    run(&manager, PatchRequest::scan().nodes([node(0), node(1)])).await;
    run(
        &manager,
        PatchRequest::install()
            .nodes([node(1)])
            .reboot(RebootOption::NoReboot),
    )
    .await;
    let ids = async |query| {
        ask(&manager, query)
            .await
            .into_iter()
            .map(|node| node.node.to_string())
            .collect::<Vec<_>>()
    };
    let all = ComplianceQuery::all;
    assert_eq!(ids(all()).await, [node(0), node(1), node(2)]);
    assert_eq!(ids(all().verdict(Verdict::Unknown)).await, [node(2)]);
    assert_eq!(
        ids(all().verdict(Verdict::NonCompliant)).await,
        [node(0), node(1)]
    );
    assert_eq!(ids(all().missing_only()).await, [node(0)]);
    assert_eq!(
        ids(ComplianceQuery::group(web()).missing_only()).await,
        [node(0)]
    );
    assert_eq!(
        ids(all().kind(NonCompliantKind::Critical)).await,
        [node(0), node(1)]
    );
    assert_eq!(
        ids(all().kind(NonCompliantKind::Other)).await,
        Vec::<String>::new()
    );

    let summary = manager.compliance_summary(&all()).await.unwrap();
    assert_eq!(
        summary.to_string(),
        "3 nodes: 0 compliant, 2 non-compliant, 1 unknown; patches: 2 missing, 0 failed, 2 pending reboot"
    );
    assert_eq!((summary.with_critical, summary.with_security), (2, 2));

    backend.reboot(&node(1).into()).unwrap();
    run(&manager, PatchRequest::scan().nodes([node(1)])).await;
    assert_eq!(ids(all().verdict(Verdict::Compliant)).await, [node(1)]);
}

#[tokio::test]
async fn a_node_asked_about_twice_is_answered_once() {
    let (_, manager) = account(1).await;
    run(&manager, PatchRequest::scan().nodes([node(0)])).await;
    let answers = ask(&manager, ComplianceQuery::nodes([node(0), node(0)])).await;
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn the_states_of_many_nodes_take_one_call_for_each_fifty() {
    let (backend, manager) = account(120).await;
    backend.clear_calls();
    assert_eq!(ask(&manager, ComplianceQuery::all()).await.len(), 120);
    assert_eq!(backend.call_count("DescribeInstanceInformation"), 3);
    assert_eq!(backend.call_count("DescribeInstancePatchStates"), 3);
}

#[tokio::test]
async fn a_malformed_query_makes_no_call() {
    let (backend, manager) = account(1).await;
    backend.clear_calls();
    let query = ComplianceQuery::nodes(["i-1", "web"]);
    let error = manager.compliance(&query).try_next().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.violations().len()),
        (ErrorKind::InvalidInput, 2)
    );
    let nameless = ComplianceQuery::group(PatchGroup::from_service(""));
    assert!(manager.compliance(&nameless).try_next().await.is_err());
    assert!(backend.calls().is_empty());
}

/// A running node in a private subnet that has an endpoint for each of these services.
fn private_fleet(services: &[&str]) -> MemoryBackend {
    let endpoint = |service: &&str| {
        let kind = if *service == "s3" {
            "Gateway"
        } else {
            "Interface"
        };
        json!({
            "VpcEndpointId": format!("vpce-{service}"), "VpcEndpointType": kind, "VpcId": "vpc-1",
            "ServiceName": format!("com.amazonaws.ap-northeast-1.{service}"), "State": "available",
            "RouteTableIds": ["rtb-1"], "SubnetIds": ["subnet-1"], "PrivateDnsEnabled": true
        })
    };
    let fleet: FleetFile = serde_json::from_value(json!({
        "Nodes": [{
            "InstanceInformation": {
                "InstanceId": node(0), "PingStatus": "Online", "AgentVersion": "3.3.1230.0",
                "PlatformType": "Linux", "PlatformName": "Amazon Linux", "PlatformVersion": "2023"
            },
            "OperatingSystem": "AMAZON_LINUX_2023", "Product": "AmazonLinux2023",
            "Instance": {
                "InstanceId": node(0), "State": {"Name": "running"},
                "SubnetId": "subnet-1", "VpcId": "vpc-1"
            },
            "Tags": [{"Key": "Patch Group", "Value": "web"}]
        }],
        "VpcEndpoints": services.iter().map(endpoint).collect::<Vec<_>>(),
        "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1"}],
        "RouteTables": [{
            "RouteTableId": "rtb-1", "VpcId": "vpc-1",
            "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}],
            "Associations": [{"Main": true}]
        }]
    }))
    .unwrap();
    MemoryBackend::builder().fleet(fleet).build()
}

#[tokio::test]
async fn a_private_subnet_without_one_of_the_four_endpoints_is_told_just_that_one() {
    let services = ["ssm", "ec2messages", "ssmmessages", "s3"];
    for missing in services {
        let others: Vec<&str> = services
            .into_iter()
            .filter(|service| *service != missing)
            .collect();
        let manager = PatchManager::from_memory(&private_fleet(&others));
        let report = manager
            .check_prerequisites(&[node(0).into()])
            .await
            .unwrap();
        let errors: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| (finding.kind, finding.evidence.as_str()))
            .collect();
        assert_eq!(errors.len(), 1, "{report}");
        assert_eq!(errors[0].0, FindingKind::EndpointMissing);
        assert!(
            errors[0].1.ends_with(&format!("endpoint for {missing}")),
            "{report}"
        );
        assert!(!report.is_ready());
    }
    let manager = PatchManager::from_memory(&private_fleet(&services));
    assert!(
        manager
            .check_prerequisites(&[node(0).into()])
            .await
            .unwrap()
            .is_ready()
    );
}

#[tokio::test]
async fn each_reason_why_a_node_cannot_be_patched_is_found() {
    let backend = MemoryBackend::new();
    let add = |index, condition| backend.add_node(linux(index).with_condition(condition));
    add(0, NodeCondition::Online);
    add(1, NodeCondition::Stopped);
    add(2, NodeCondition::Agentless);
    add(3, NodeCondition::Unreachable);
    let mut old = linux(4);
    old.instance_information.agent_version = Some("2.0.833.9".to_owned());
    backend.add_node(old);
    backend.add_node(
        linux(5)
            .with_tag("Patch Group", "a")
            .with_tag("PatchGroup", "b"),
    );

    let manager = PatchManager::from_memory(&backend);
    let nodes: Vec<NodeId> = (0..6).map(|index| node(index).into()).collect();
    let report = manager.check_prerequisites(&nodes).await.unwrap();
    let found = |index: usize| -> Vec<FindingKind> {
        report
            .of(&nodes[index])
            .map(|finding| finding.kind)
            .collect()
    };
    use FindingKind::{
        AgentTooOld, BothTagKeys, ConnectionLost, GroupNotBound, NoPatchGroup, NotManaged,
        NotRunning,
    };
    assert_eq!(found(0), [NoPatchGroup]);
    assert_eq!(found(1), [NotRunning, NoPatchGroup]);
    assert_eq!(found(2), [NotManaged, NoPatchGroup]);
    assert_eq!(found(3), [ConnectionLost, NoPatchGroup]);
    assert_eq!(found(4), [AgentTooOld, NoPatchGroup]);
    assert_eq!(found(5), [BothTagKeys, GroupNotBound]);
    assert!(
        report.to_string().ends_with("2 of 6 nodes can be patched"),
        "{report}"
    );
    for finding in &report.findings {
        assert!(!finding.fix.is_empty(), "{finding}");
    }
}

#[tokio::test]
async fn what_a_missing_permission_hides_is_unknown_and_never_ready() {
    let reads = [
        "DescribeInstanceInformation",
        "DescribeInstances",
        "DescribeTags",
        "GetPatchBaselineForPatchGroup",
        "GetPatchBaseline",
        "DescribeRouteTables",
        "DescribeVpcEndpoints",
    ];
    for read in reads {
        let backend = private_fleet(&["ssm", "ec2messages", "ssmmessages", "s3"]);
        let denied = (ErrorKind::AccessDenied, "AccessDeniedException", "no");
        backend
            .faults()
            .fail(read, denied.0, denied.1, denied.2)
            .always();
        let manager = PatchManager::from_memory(&backend);
        let report = manager
            .check_prerequisites(&[node(0).into()])
            .await
            .unwrap();
        assert!(backend.call_count(read) > 0, "{read}");
        let unknown: Vec<_> = report
            .findings
            .iter()
            .filter(|f| f.severity == Severity::Unknown)
            .collect();
        assert_eq!(unknown.len(), 1, "{read}: {report}");
        assert!(unknown[0].evidence.contains(read), "{report}");
        assert!(!report.is_ready(), "{read}: {report}");
    }
}

#[tokio::test]
async fn an_error_that_is_no_missing_permission_is_an_error() {
    let backend = private_fleet(&[]);
    backend
        .faults()
        .throttle("DescribeInstanceInformation")
        .always();
    let manager = PatchManager::from_memory(&backend);
    let error = manager
        .check_prerequisites(&[node(0).into()])
        .await
        .unwrap_err();
    assert!(error.is_throttled());
}
