//! The check of prerequisites: findings, their evidence and their fixes.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::{
    DescribeInstanceInformation, DescribeInstances, DescribeTags, NodeInventory, Operation,
    RoleInventory,
};
use aws_patch_manager::memory::{FleetFile, FleetNode, NodeCondition};
use aws_patch_manager::operation::{CloudWatchOutputConfig, PatchHooks};
use aws_patch_manager::prerequisites::{
    EndpointService, Finding, FindingKind, PrerequisiteReport, Prerequisites, Severity,
};
use aws_patch_manager::types::{
    DnsOptions, Ec2Instance, GroupIdentifier, InstanceInformation, InstanceProfile, IpPermission,
    NodeId, OperatingSystem, PlatformType, PrefixListId, Route, RouteTable, RouteTableAssociation,
    SecurityGroup, ServiceSetting, Subnet, Tag, TagDescription, Vpc, VpcEndpoint,
};
use aws_patch_manager::{
    BaselineBuilder, ErrorKind, MemoryBackend, Page, PatchGroup, PatchManager, PatchRequest,
    Result, RuleBuilder,
};

const NODE: &str = "i-00000000000000001";
const HYBRID: &str = "mi-00000000000000009";
const PROFILE: &str = "arn:aws:iam::123456789012:instance-profile/nodes";
const CORE: &str = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
const DEFAULT_ROLE: &str = "/ssm/managed-instance/default-ec2-instance-management-role";

fn endpoint(service: EndpointService) -> VpcEndpoint {
    let (id, name) = (format!("vpce-{service}"), service.name_in("ap-northeast-1"));
    if service == EndpointService::S3 {
        return VpcEndpoint::gateway(id, "vpc-1", name, ["rtb-1"]);
    }
    let mut endpoint = VpcEndpoint::interface(id, "vpc-1", name);
    endpoint.subnet_ids = vec!["subnet-1".to_owned()];
    endpoint.groups = vec![GroupIdentifier::new("sg-endpoints")];
    endpoint
}

fn private(node: FleetNode) -> FleetNode {
    let mut node = node
        .in_subnet("subnet-1", "vpc-1")
        .in_security_group("sg-nodes")
        .with_instance_profile(PROFILE)
        .with_tag("Patch Group", "web");
    node.instance_information.agent_version = Some("3.2.0.0".to_owned());
    if let Some(instance) = &mut node.instance {
        instance.private_ip_address = Some("10.0.1.7".to_owned());
    }
    node
}

/// The article's case, in Tokyo: a node in a private subnet that has all four endpoints.
fn tokyo(node: FleetNode) -> FleetFile {
    let mut subnet = Subnet::default();
    subnet.subnet_id = "subnet-1".to_owned();
    subnet.vpc_id = "vpc-1".to_owned();
    subnet.cidr_block = "10.0.1.0/24".to_owned();
    subnet.availability_zone = "ap-northeast-1a".to_owned();
    let mut main = RouteTableAssociation::default();
    main.main = true;
    let mut table = RouteTable::default();
    table.route_table_id = "rtb-1".to_owned();
    table.vpc_id = "vpc-1".to_owned();
    table.routes = vec![Route::to_gateway("10.0.0.0/16", "local")];
    table.associations = vec![main];
    let anywhere = IpPermission::all().with_range("0.0.0.0/0");
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![private(node)];
    fleet.vpc_endpoints = EndpointService::ALL.map(endpoint).into();
    fleet.subnets = vec![subnet];
    fleet.route_tables = vec![table];
    fleet.security_groups = vec![
        SecurityGroup::new("sg-nodes", "vpc-1").with_outbound(anywhere),
        SecurityGroup::new("sg-endpoints", "vpc-1")
            .with_inbound(IpPermission::tcp(443).with_range("10.0.0.0/16")),
    ];
    fleet.vpcs = vec![Vpc::new("vpc-1")];
    fleet.instance_profiles = vec![InstanceProfile::new("nodes", "nodes".to_owned(), [CORE])];
    fleet
}

fn linux() -> FleetNode {
    FleetNode::amazon_linux_2023(NODE)
}

/// An account with this fleet, whose group `web` has a baseline for Amazon Linux 2023.
async fn account(fleet: FleetFile) -> (MemoryBackend, PatchManager) {
    let backend = MemoryBackend::builder().fleet(fleet).build();
    let manager = PatchManager::from_memory(&backend);
    let spec = BaselineBuilder::new("all", OperatingSystem::AmazonLinux2023)
        .rule(RuleBuilder::new().approve_after_days(0))
        .build()
        .unwrap();
    let baseline = manager.create_baseline(&spec).await.unwrap();
    let web = PatchGroup::new("web").unwrap();
    manager.bind_patch_group(&web, &baseline).await.unwrap();
    (backend, manager)
}

async fn scan(manager: &PatchManager, node: &str) {
    let run = manager
        .run(&PatchRequest::scan().nodes([node]))
        .await
        .unwrap();
    let hours = Duration::from_secs(4 * 3600);
    assert!(run.wait(hours).await.unwrap().is_success());
}

/// The findings about the network and permissions of one node, without its scans.
async fn found(fleet: FleetFile) -> PrerequisiteReport {
    let (_, manager) = account(fleet).await;
    let question = Prerequisites::nodes([NODE]).ignore_scan_age();
    manager.check_prerequisites(&question).await.unwrap()
}

fn only(report: &PrerequisiteReport) -> &Finding {
    assert_eq!(report.findings.len(), 1, "{report}");
    &report.findings[0]
}

fn kinds(report: &PrerequisiteReport) -> Vec<FindingKind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

#[tokio::test]
async fn a_private_subnet_without_one_of_the_four_endpoints_is_told_just_that_one() {
    for missing in EndpointService::ALL {
        let mut fleet = tokyo(linux());
        fleet
            .vpc_endpoints
            .retain(|one| one.vpc_endpoint_id != format!("vpce-{missing}"));
        let report = found(fleet).await;
        let finding = only(&report);
        assert_eq!(finding.kind, FindingKind::EndpointMissing);
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(
            finding.message,
            format!("vpc-1 has no endpoint for {missing}")
        );
        assert_eq!(finding.nodes, [NodeId::new(NODE)]);
        let name = format!("com.amazonaws.ap-northeast-1.{missing}");
        let command = finding.fix.command.as_deref().unwrap();
        for part in [
            name.as_str(),
            "--region ap-northeast-1",
            "--vpc-id vpc-1",
            if missing == EndpointService::S3 {
                "Gateway"
            } else {
                "Interface"
            },
        ] {
            assert!(command.contains(part), "{part}: {command}");
        }
        let others = EndpointService::ALL
            .into_iter()
            .filter(|other| *other != missing);
        let mut seen = vec!["subnet-1".to_owned()];
        seen.extend(others.map(|other| format!("vpce-{other}")));
        let evidence: Vec<_> = finding.evidence.iter().map(|one| &one.resource).collect();
        assert_eq!(evidence, seen.iter().collect::<Vec<_>>());
        assert_eq!((report.is_ready(), report.exit_code()), (false, 1));
        assert_eq!(report.blocked().collect::<Vec<_>>(), [&NodeId::new(NODE)]);
    }
}

#[tokio::test]
async fn with_all_four_endpoints_a_scanned_node_in_a_bound_group_has_no_finding() {
    let (_, manager) = account(tokyo(linux())).await;
    scan(&manager, NODE).await;
    let report = manager
        .check_prerequisites(&Prerequisites::account())
        .await
        .unwrap();
    assert_eq!(report.findings, []);
    assert_eq!((report.is_ready(), report.exit_code()), (true, 0));
    assert_eq!(report.to_string(), "1 of 1 nodes can be patched");
    assert_eq!(PrerequisiteReport::default().exit_code(), 2, "no node");
}

#[test]
fn the_services_of_a_region_are_named_as_aws_names_them() {
    for region in ["ap-northeast-1", "us-gov-west-1", "cn-north-1"] {
        let names = EndpointService::ALL.map(|service| service.name_in(region));
        let expected = ["ssm", "ec2messages", "ssmmessages", "s3"];
        let expected = expected.map(|service| format!("com.amazonaws.{region}.{service}"));
        assert_eq!(names, expected);
    }
}

#[tokio::test]
async fn the_region_of_a_fix_is_that_of_the_zone_unless_it_is_named() {
    let region = async |zone: &str, named: Option<&str>| {
        let mut fleet = tokyo(linux());
        fleet.vpc_endpoints.clear();
        fleet.subnets[0].availability_zone = zone.to_owned();
        let (_, manager) = account(fleet).await;
        let mut question = Prerequisites::nodes([NODE]).ignore_scan_age();
        if let Some(named) = named {
            question = question.region(named);
        }
        let report = manager.check_prerequisites(&question).await.unwrap();
        let command = report.findings[0].fix.command.clone().unwrap();
        let after = command.split("--region ").nth(1).unwrap();
        after.split(' ').next().unwrap().to_owned()
    };
    assert_eq!(region("ap-northeast-1a", None).await, "ap-northeast-1");
    assert_eq!(region("us-east-1-bos-1a", None).await, "us-east-1");
    assert_eq!(region("us-gov-west-1b", None).await, "us-gov-west-1");
    assert_eq!(
        region("ap-northeast-1a", Some("eu-west-3")).await,
        "eu-west-3"
    );
    assert_eq!(region("", None).await, "REGION");
}

#[tokio::test]
async fn a_region_that_no_zone_tells_is_that_of_an_endpoint_of_these_services() {
    let mut fleet = tokyo(linux());
    fleet.subnets[0].availability_zone.clear();
    fleet.vpc_endpoints.remove(0);
    // The name of a private endpoint service has its Region in another place.
    let own = "com.amazonaws.vpce.ap-northeast-1.vpce-svc-0c0ffee0000000001";
    fleet
        .vpc_endpoints
        .insert(0, VpcEndpoint::interface("vpce-own", "vpc-1", own));
    let report = found(fleet).await;
    let command = only(&report).fix.command.clone().unwrap();
    let name = "--service-name com.amazonaws.ap-northeast-1.ssm ";
    assert!(command.contains(name), "{command}");
}

/// A change of the network in Tokyo, and the finding: a phrase of its message and of its command.
type Case = (
    &'static str,
    fn(&mut FleetFile),
    FindingKind,
    Severity,
    &'static str,
    &'static str,
);

/// Keys and values.
type Tags = &'static [(&'static str, &'static str)];

fn default_route(fleet: &mut FleetFile, route: Route) {
    fleet.route_tables[0].routes.push(route);
}

fn ssm(fleet: &mut FleetFile) -> &mut VpcEndpoint {
    &mut fleet.vpc_endpoints[0]
}

/// Puts the endpoint for Systems Manager in this group only.
fn put_ssm_behind(fleet: &mut FleetFile, group: SecurityGroup) {
    ssm(fleet).groups = vec![GroupIdentifier::new(group.group_id.as_str())];
    fleet.security_groups.push(group);
}

const NETWORK: &[Case] = &[
    (
        "a gateway endpoint of other route tables",
        |fleet| fleet.vpc_endpoints[3].route_table_ids = vec!["rtb-2".to_owned()],
        FindingKind::EndpointMissing,
        Severity::Error,
        "rtb-1 has no route to the endpoint for s3",
        "modify-vpc-endpoint --region ap-northeast-1 --vpc-endpoint-id vpce-s3 --add-route-table-ids rtb-1",
    ),
    (
        "an endpoint that nobody accepted",
        |fleet| ssm(fleet).state = "pendingAcceptance".to_owned(),
        FindingKind::EndpointNotAvailable,
        Severity::Error,
        "the endpoint for ssm is pendingAcceptance",
        "describe-vpc-endpoints --region ap-northeast-1 --vpc-endpoint-ids vpce-ssm",
    ),
    (
        "an endpoint that somebody deletes",
        |fleet| ssm(fleet).state = "deleting".to_owned(),
        FindingKind::EndpointMissing,
        Severity::Error,
        "vpc-1 has no endpoint for ssm",
        "--service-name com.amazonaws.ap-northeast-1.ssm ",
    ),
    (
        "an endpoint without private DNS",
        |fleet| ssm(fleet).private_dns_enabled = false,
        FindingKind::EndpointPrivateDnsOff,
        Severity::Error,
        "the DNS names of ssm do not resolve to its endpoint",
        "--vpc-endpoint-id vpce-ssm --private-dns-enabled",
    ),
    (
        "an endpoint in no subnet",
        |fleet| ssm(fleet).subnet_ids.clear(),
        FindingKind::EndpointNotAvailable,
        Severity::Error,
        "the endpoint for ssm is in no subnet",
        "--vpc-endpoint-id vpce-ssm --add-subnet-ids subnet-1",
    ),
    (
        "an endpoint of another Region",
        |fleet| ssm(fleet).service_name = EndpointService::Ssm.name_in("us-east-1"),
        FindingKind::EndpointMissing,
        Severity::Error,
        "vpc-1 has no endpoint for ssm",
        "--service-name com.amazonaws.ap-northeast-1.ssm ",
    ),
    (
        "an interface endpoint for S3 that is for inbound resolvers only",
        |fleet| {
            let name = EndpointService::S3.name_in("ap-northeast-1");
            let mut endpoint = VpcEndpoint::interface("vpce-s3", "vpc-1", name);
            endpoint.subnet_ids = vec!["subnet-1".to_owned()];
            let mut options = DnsOptions::default();
            options.private_dns_only_for_inbound_resolver_endpoint = Some(true);
            endpoint.dns_options = Some(options);
            fleet.vpc_endpoints[3] = endpoint;
        },
        FindingKind::EndpointPrivateDnsOff,
        Severity::Error,
        "the DNS names of s3 do not resolve to its endpoint in vpc-1",
        "--dns-options PrivateDnsOnlyForInboundResolverEndpoint=false",
    ),
    (
        "an endpoint in a group that was not listed",
        |fleet| ssm(fleet).groups = vec![GroupIdentifier::new("sg-of-the-owner")],
        FindingKind::EndpointBlocked,
        Severity::Unknown,
        "the endpoint for ssm may not let subnet-1 in",
        "--group-id sg-of-the-owner",
    ),
    (
        "an endpoint that lets a part of the subnet in, and a node without an address",
        |fleet| {
            let instance = fleet.nodes[0].instance.as_mut().unwrap();
            instance.private_ip_address = None;
            let part = IpPermission::tcp(443).with_range("10.0.1.0/28");
            put_ssm_behind(
                fleet,
                SecurityGroup::new("sg-part", "vpc-1").with_inbound(part),
            );
        },
        FindingKind::EndpointBlocked,
        Severity::Unknown,
        "the endpoint for ssm may not let subnet-1 in",
        "--group-id sg-part",
    ),
    (
        "a node in a group that was not listed",
        |fleet| {
            let instance = fleet.nodes[0].instance.as_mut().unwrap();
            instance.security_groups = vec![GroupIdentifier::new("sg-of-the-owner")];
        },
        FindingKind::OutboundBlocked,
        Severity::Unknown,
        "may not let any HTTPS out",
        "--group-id sg-of-the-owner",
    ),
    (
        "a peering, and no endpoint",
        |fleet| {
            fleet.vpc_endpoints.clear();
            let mut route = Route::default();
            route.destination_cidr_block = Some("10.8.0.0/16".to_owned());
            route.vpc_peering_connection_id = Some("pcx-1".to_owned());
            default_route(fleet, route);
        },
        FindingKind::WayOutUnseen,
        Severity::Unknown,
        "cannot tell whether subnet-1 reaches Systems Manager and S3",
        "",
    ),
    (
        "a VPC without hostnames",
        |fleet| fleet.vpcs[0].enable_dns_hostnames = false,
        FindingKind::VpcDnsOff,
        Severity::Error,
        "private DNS names of endpoints do not work in vpc-1",
        "--vpc-id vpc-1 --enable-dns-hostnames '{\"Value\":true}'",
    ),
    (
        "a VPC without its name server",
        |fleet| fleet.vpcs[0].enable_dns_support = false,
        FindingKind::VpcDnsOff,
        Severity::Error,
        "private DNS names of endpoints do not work in vpc-1",
        "--enable-dns-support",
    ),
    (
        "a policy that narrows an endpoint",
        |fleet| {
            let policy = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}"#;
            fleet.vpc_endpoints[3].policy_document = Some(policy.to_owned());
        },
        FindingKind::EndpointPolicyNarrow,
        Severity::Unknown,
        "the policy of the endpoint for s3 allows less",
        "",
    ),
    (
        "a policy that denies something",
        |fleet| {
            let policy = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
                {"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*"}]}"#;
            fleet.vpc_endpoints[3].policy_document = Some(policy.to_owned());
        },
        FindingKind::EndpointPolicyNarrow,
        Severity::Unknown,
        "the policy of the endpoint for s3 allows less",
        "",
    ),
    (
        "a policy with a condition",
        |fleet| {
            let policy = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*",
                "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}}"#;
            fleet.vpc_endpoints[3].policy_document = Some(policy.to_owned());
        },
        FindingKind::EndpointPolicyNarrow,
        Severity::Unknown,
        "the policy of the endpoint for s3 allows less",
        "",
    ),
    (
        "an endpoint that lets other subnets in, and a node without an address",
        |fleet| {
            let instance = fleet.nodes[0].instance.as_mut().unwrap();
            instance.private_ip_address = None;
            let other = IpPermission::tcp(443).with_range("10.0.2.0/24");
            put_ssm_behind(
                fleet,
                SecurityGroup::new("sg-shut", "vpc-1").with_inbound(other),
            );
        },
        FindingKind::EndpointBlocked,
        Severity::Error,
        "the endpoint for ssm does not let subnet-1 in on port 443",
        "--group-id sg-shut",
    ),
    (
        "two endpoints for one service that both shut the node out",
        |fleet| {
            put_ssm_behind(fleet, SecurityGroup::new("sg-shut", "vpc-1"));
            let mut second = ssm(fleet).clone();
            second.vpc_endpoint_id = "vpce-second".to_owned();
            fleet.vpc_endpoints.push(second);
        },
        FindingKind::EndpointBlocked,
        Severity::Error,
        "the endpoint for ssm does not let subnet-1 in on port 443",
        "--group-id sg-shut",
    ),
    (
        "an endpoint that lets other addresses in",
        |fleet| {
            let other = IpPermission::tcp(443).with_range("10.0.2.0/24");
            put_ssm_behind(
                fleet,
                SecurityGroup::new("sg-shut", "vpc-1").with_inbound(other),
            );
        },
        FindingKind::EndpointBlocked,
        Severity::Error,
        "the endpoint for ssm does not let subnet-1 in on port 443",
        "authorize-security-group-ingress --region ap-northeast-1 --group-id sg-shut --protocol tcp --port 443 --cidr 10.0.1.0/24",
    ),
    (
        "an endpoint that lets other ports in",
        |fleet| {
            let http = IpPermission::tcp(80).with_range("0.0.0.0/0");
            put_ssm_behind(
                fleet,
                SecurityGroup::new("sg-http", "vpc-1").with_inbound(http),
            );
        },
        FindingKind::EndpointBlocked,
        Severity::Error,
        "the endpoint for ssm does not let subnet-1 in on port 443",
        "--group-id sg-http",
    ),
    (
        "an endpoint that lets a prefix list in",
        |fleet| {
            let mut list = PrefixListId::default();
            list.prefix_list_id = "pl-1".to_owned();
            let mut rule = IpPermission::tcp(443);
            rule.prefix_list_ids.push(list);
            put_ssm_behind(
                fleet,
                SecurityGroup::new("sg-list", "vpc-1").with_inbound(rule),
            );
        },
        FindingKind::EndpointBlocked,
        Severity::Unknown,
        "the endpoint for ssm may not let subnet-1 in",
        "--group-id sg-list",
    ),
    (
        "a node that lets nothing out",
        |fleet| fleet.security_groups[0].ip_permissions_egress.clear(),
        FindingKind::OutboundBlocked,
        Severity::Error,
        "do not let any HTTPS out",
        "authorize-security-group-egress --region ap-northeast-1 --group-id sg-nodes",
    ),
    (
        "a default route to a transit gateway, and no endpoint",
        |fleet| {
            fleet.vpc_endpoints.clear();
            through_a_transit_gateway(fleet);
        },
        FindingKind::WayOutUnseen,
        Severity::Unknown,
        "cannot tell whether subnet-1 reaches Systems Manager and S3",
        "",
    ),
    (
        "no route table",
        |fleet| fleet.route_tables.clear(),
        FindingKind::RouteTableUnseen,
        Severity::Unknown,
        "found no route table for subnet-1",
        "",
    ),
];

#[test]
fn a_finding_prints_each_text_in_one_line_without_what_steers_a_terminal() {
    let evil = "x\n  = fix: nothing\r\u{1b}[2J\u{202e}\u{2028}y";
    let finding = serde_json::json!({
        "Kind": "not-running",
        "Severity": "error",
        "Message": evil,
        "Nodes": [evil],
        "Evidence": [{"Resource": evil, "Seen": evil}],
        "Fix": {"Advice": evil, "Command": "one\ntwo\u{1b}"},
    });
    let finding: Finding = serde_json::from_value(finding).unwrap();
    let text = finding.to_string();
    assert!(
        !text.contains(['\r', '\u{1b}', '\u{202e}', '\u{2028}']),
        "{text:?}"
    );
    assert_eq!(text.lines().count(), 6, "{text}");
}

#[tokio::test]
async fn each_fault_of_the_network_is_found_and_alone() {
    for (case, harm, kind, severity, message, command) in NETWORK {
        let mut fleet = tokyo(linux());
        harm(&mut fleet);
        let report = found(fleet).await;
        assert_eq!(report.findings.len(), 1, "{case}: {report}");
        let finding = only(&report);
        assert_eq!(
            (finding.kind, finding.severity),
            (*kind, *severity),
            "{case}"
        );
        assert!(finding.message.contains(message), "{case}: {finding}");
        let line = finding.fix.command.as_deref().unwrap_or_default();
        assert!(line.contains(command), "{case}: {finding}");
        assert!(!finding.evidence.is_empty(), "{case}");
        assert_eq!(finding.nodes, [NodeId::new(NODE)], "{case}");
        assert!(!report.is_ready(), "{case}");
    }
}

#[tokio::test]
async fn a_way_to_the_internet_takes_the_place_of_the_endpoints() {
    let anywhere = "0.0.0.0/0";
    let nat = Route::to_nat_gateway(anywhere, "nat-1");
    let igw = Route::to_gateway(anywhere, "igw-1");
    let mut gone = nat.clone();
    gone.state = Some("blackhole".to_owned());
    for (case, route, public, missing) in [
        ("NAT", &nat, false, 0),
        ("a NAT gateway that is gone", &gone, false, 4),
        ("an internet gateway with an address", &igw, true, 0),
        ("an internet gateway without one", &igw, false, 4),
    ] {
        let mut fleet = tokyo(linux());
        fleet.vpc_endpoints.clear();
        default_route(&mut fleet, route.clone());
        let instance = fleet.nodes[0].instance.as_mut().unwrap();
        instance.public_ip_address = public.then(|| "203.0.113.7".to_owned());
        let report = found(fleet).await;
        assert_eq!(
            kinds(&report),
            vec![FindingKind::EndpointMissing; missing],
            "{case}"
        );
    }
}

#[tokio::test]
async fn an_endpoint_with_private_dns_can_shut_out_a_node_that_has_the_internet() {
    let mut fleet = tokyo(linux());
    through_nat(&mut fleet);
    fleet.security_groups[1].ip_permissions.clear();
    let report = found(fleet).await;
    assert_eq!(kinds(&report), [FindingKind::EndpointBlocked; 3]);
}

#[tokio::test]
async fn an_endpoint_without_private_dns_shuts_nobody_out_who_has_the_internet() {
    let mut fleet = tokyo(linux());
    through_nat(&mut fleet);
    fleet.security_groups[1].ip_permissions.clear();
    for endpoint in &mut fleet.vpc_endpoints {
        endpoint.private_dns_enabled = false;
    }
    assert_eq!(found(fleet).await.findings, []);
}

#[tokio::test]
async fn a_table_of_the_subnets_own_takes_the_place_of_the_main_one() {
    let mut fleet = tokyo(linux());
    fleet.vpc_endpoints.clear();
    let mut own = fleet.route_tables[0].clone();
    own.route_table_id = "rtb-own".to_owned();
    own.associations[0].main = false;
    own.associations[0].subnet_id = Some("subnet-1".to_owned());
    own.routes.push(Route::to_nat_gateway("0.0.0.0/0", "nat-1"));
    fleet.route_tables.push(own);
    assert_eq!(found(fleet).await.findings, []);
}

fn through_nat(fleet: &mut FleetFile) {
    default_route(fleet, Route::to_nat_gateway("0.0.0.0/0", "nat-1"));
}

fn through_a_transit_gateway(fleet: &mut FleetFile) {
    let mut route = Route::default();
    route.destination_cidr_block = Some("0.0.0.0/0".to_owned());
    route.transit_gateway_id = Some("tgw-1".to_owned());
    default_route(fleet, route);
}

#[tokio::test]
async fn what_lies_behind_a_transit_gateway_does_not_matter_with_endpoints_or_after_a_scan() {
    let mut fleet = tokyo(linux());
    through_a_transit_gateway(&mut fleet);
    assert_eq!(found(fleet.clone()).await.findings, []);

    fleet.vpc_endpoints.clear();
    let (_, manager) = account(fleet).await;
    scan(&manager, NODE).await;
    let question = Prerequisites::nodes([NODE]);
    let report = manager.check_prerequisites(&question).await.unwrap();
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn narrow_outbound_rules_may_not_be_enough_where_the_way_leads_out() {
    for way in [through_a_transit_gateway, through_nat] {
        let mut fleet = tokyo(linux());
        fleet.vpc_endpoints.clear();
        way(&mut fleet);
        let some = IpPermission::tcp(443).with_range("203.0.113.0/24");
        fleet.security_groups[0].ip_permissions_egress = vec![some];
        let report = found(fleet).await;
        let mut findings = report.findings.iter();
        let finding = findings.find(|one| one.kind == FindingKind::OutboundBlocked);
        assert_eq!(finding.unwrap().severity, Severity::Unknown);
    }
}

#[tokio::test]
async fn narrow_outbound_rules_are_judged_by_the_endpoints_that_take_the_traffic() {
    for way in [through_a_transit_gateway, through_nat] {
        let mut fleet = tokyo(linux());
        way(&mut fleet);
        let to_all = IpPermission::tcp(443)
            .with_range("10.0.1.0/24")
            .with_range("203.0.113.0/24");
        fleet.security_groups[0].ip_permissions_egress = vec![to_all];
        let report = found(fleet.clone()).await;
        let finding = only(&report);
        assert_eq!(finding.severity, Severity::Unknown, "{report}");
        assert!(finding.message.contains("the endpoint for s3"), "{report}");

        let elsewhere = IpPermission::tcp(443).with_range("10.9.0.0/16");
        fleet.security_groups[0].ip_permissions_egress = vec![elsewhere];
        let report = found(fleet).await;
        assert_eq!(kinds(&report), [FindingKind::OutboundBlocked; 4]);
        assert!(report.findings.iter().all(Finding::is_error), "{report}");
    }
}

#[tokio::test]
async fn outbound_rules_that_lead_to_each_endpoint_are_enough() {
    let mut list = PrefixListId::default();
    list.prefix_list_id = "pl-s3".to_owned();
    let mut to_s3 = IpPermission::tcp(443);
    to_s3.prefix_list_ids.push(list);
    let to_subnet = IpPermission::tcp(443).with_range("10.0.1.0/24");
    let to_group = IpPermission::tcp(443).with_group("sg-endpoints");
    let elsewhere = IpPermission::tcp(443).with_range("10.9.0.0/16");
    for (case, rules, blocked) in [
        ("by range", vec![&to_subnet, &to_s3], 0),
        ("by group", vec![&to_group, &to_s3], 0),
        ("without S3", vec![&to_subnet], 1),
        ("S3 alone", vec![&to_s3], 3),
        ("elsewhere", vec![&elsewhere], 4),
    ] {
        let mut fleet = tokyo(linux());
        let rules = rules.into_iter().cloned().collect();
        fleet.security_groups[0].ip_permissions_egress = rules;
        let report = found(fleet).await;
        assert_eq!(
            kinds(&report),
            vec![FindingKind::OutboundBlocked; blocked],
            "{case}"
        );
    }
}

#[tokio::test]
async fn outbound_rules_that_may_lead_to_an_endpoint_are_no_error() {
    let mut list = PrefixListId::default();
    list.prefix_list_id = "pl-s3".to_owned();
    let mut to_list = IpPermission::tcp(443);
    to_list.prefix_list_ids.push(list);
    let to_one_address = to_list.clone().with_range("10.0.1.77/32");
    let to_subnet = to_list.clone().with_range("10.0.1.0/24");
    let denied = ErrorKind::AccessDenied;
    for (case, rule, hidden) in [
        ("prefix lists only", &to_list, None),
        ("the address of an endpoint", &to_one_address, None),
        (
            "subnets that were not read",
            &to_subnet,
            Some(Operation::DescribeSubnets),
        ),
    ] {
        let mut fleet = tokyo(linux());
        fleet.security_groups[0].ip_permissions_egress = vec![rule.clone()];
        let (backend, manager) = account(fleet).await;
        if let Some(hidden) = hidden {
            let faults = backend.faults();
            faults
                .fail(hidden, denied, "UnauthorizedOperation", "no")
                .always();
        }
        let question = Prerequisites::nodes([NODE]).ignore_scan_age();
        let report = manager.check_prerequisites(&question).await.unwrap();
        let of_kind = report.findings.iter();
        let of_kind = of_kind.filter(|one| one.kind == FindingKind::OutboundBlocked);
        let severities: Vec<_> = of_kind.map(|one| one.severity).collect();
        assert_eq!(severities, [Severity::Unknown; 3], "{case}: {report}");
    }
}

#[tokio::test]
async fn two_halves_are_a_whole_in_routes_and_outbound_rules() {
    const HALVES: [&str; 2] = ["0.0.0.0/1", "128.0.0.0/1"];
    let mut fleet = tokyo(linux());
    fleet.vpc_endpoints.clear();
    let halves = HALVES.map(|half| IpPermission::tcp(443).with_range(half));
    fleet.security_groups[0].ip_permissions_egress = halves.into();
    for half in HALVES {
        default_route(&mut fleet, Route::to_nat_gateway(half, "nat-1"));
    }
    assert_eq!(found(fleet.clone()).await.findings, []);
    // Without one half, its part of the traffic is lost.
    fleet.route_tables[0].routes[2].state = Some("blackhole".to_owned());
    assert_eq!(
        kinds(&found(fleet).await),
        [FindingKind::EndpointMissing; 4]
    );
}

#[tokio::test]
async fn an_endpoint_takes_the_traffic_of_an_open_subnet_too() {
    const NARROW: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}"#;
    let mut fleet = tokyo(linux());
    through_nat(&mut fleet);
    fleet.vpc_endpoints[0].policy_document = Some(NARROW.to_owned());
    fleet.vpc_endpoints[3].policy_document = Some(NARROW.to_owned());
    let report = found(fleet.clone()).await;
    assert_eq!(kinds(&report), [FindingKind::EndpointPolicyNarrow; 2]);
    // Neither its route nor its name leads there.
    fleet.vpc_endpoints[0].private_dns_enabled = false;
    fleet.vpc_endpoints[3].route_table_ids = vec!["rtb-2".to_owned()];
    assert_eq!(found(fleet).await.findings, []);
}

#[tokio::test]
async fn an_endpoint_for_s3_that_no_name_leads_to_leaves_the_gateway_its_traffic() {
    let mut fleet = tokyo(linux());
    let name = EndpointService::S3.name_in("ap-northeast-1");
    let mut second = VpcEndpoint::interface("vpce-second", "vpc-1", name);
    second.subnet_ids = vec!["subnet-1".to_owned()];
    second.groups = vec![GroupIdentifier::new("sg-shut")];
    second.private_dns_enabled = false;
    fleet.vpc_endpoints.push(second);
    let shut = SecurityGroup::new("sg-shut", "vpc-1");
    fleet.security_groups.push(shut);
    assert_eq!(found(fleet.clone()).await.findings, []);
    fleet.vpc_endpoints[4].private_dns_enabled = true;
    let report = found(fleet).await;
    assert_eq!(only(&report).kind, FindingKind::EndpointBlocked);
}

#[tokio::test]
async fn a_policy_may_say_everything_in_several_ways() {
    for (action, all) in [
        (r#""*""#, true),
        (r#"["*"]"#, true),
        (r#""ssm:*""#, true),
        (r#"["ssmmessages:*", "ssm:*"]"#, true),
        (r#""s3:*""#, false),
        (r#"["ssm:GetParameter"]"#, false),
    ] {
        let mut fleet = tokyo(linux());
        let policy = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":["*"]}},"Action":{action},"Resource":["*"]}}]}}"#
        );
        ssm(&mut fleet).policy_document = Some(policy);
        let report = found(fleet).await;
        assert_eq!(report.findings.is_empty(), all, "{action}: {report}");
    }
}

#[tokio::test]
async fn a_recent_scan_answers_what_is_unknown_of_the_network_and_makes_errors_warnings() {
    let narrow: fn(&mut FleetFile) = |fleet| {
        ssm(fleet).policy_document = Some(r#"{"Statement":[]}"#.to_owned());
    };
    let gone: fn(&mut FleetFile) = |fleet| fleet.vpc_endpoints.clear();
    let shut: fn(&mut FleetFile) = |fleet| {
        fleet.security_groups[0].ip_permissions_egress.clear();
    };
    for (case, harm, expected) in [
        ("a narrow policy", narrow, 0),
        ("no endpoints, as behind a proxy", gone, 4),
        ("no outbound rules", shut, 1),
    ] {
        let mut fleet = tokyo(linux());
        harm(&mut fleet);
        let (_, manager) = account(fleet).await;
        scan(&manager, NODE).await;
        let question = Prerequisites::nodes([NODE]);
        let report = manager.check_prerequisites(&question).await.unwrap();
        let severities: Vec<_> = report.findings.iter().map(|one| one.severity).collect();
        assert_eq!(
            severities,
            vec![Severity::Warning; expected],
            "{case}: {report}"
        );
        assert!(report.is_ready(), "{case}");
    }
}

#[tokio::test]
async fn a_second_endpoint_that_works_makes_good_for_the_first() {
    let mut fleet = tokyo(linux());
    ssm(&mut fleet).state = "failed".to_owned();
    let mut second = endpoint(EndpointService::Ssm);
    second.vpc_endpoint_id = "vpce-second".to_owned();
    fleet.vpc_endpoints.push(second);
    assert_eq!(found(fleet).await.findings, []);
}

#[tokio::test]
async fn an_agent_that_needs_no_ec2messages_makes_it_a_note() {
    // User Guide, systems-manager-setting-up-messageAPIs: such an agent connects to ssmmessages "even
    // if your IAM instance profile is configured to allow both".
    for (version, severity) in [
        ("3.3.39.9", Severity::Error),
        ("3.3.40.0", Severity::Note),
        ("3.10.0.0", Severity::Note),
    ] {
        let mut fleet = tokyo(linux());
        fleet.vpc_endpoints.remove(1);
        fleet.nodes[0].instance_information.agent_version = Some(version.to_owned());
        let report = found(fleet).await;
        assert_eq!(only(&report).severity, severity, "{version}");
        assert_eq!(report.is_ready(), severity == Severity::Note);
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_ec2messages_matters_as_little_to_an_agent_that_needs_none() {
    let harms: [fn(&mut VpcEndpoint); 4] = [
        |one| one.state = "failed".to_owned(),
        |one| one.private_dns_enabled = false,
        |one| one.policy_document = Some("{}".to_owned()),
        |one| one.groups = vec![GroupIdentifier::new("sg-nodes")],
    ];
    for harm in harms {
        let mut fleet = tokyo(linux());
        harm(&mut fleet.vpc_endpoints[1]);
        fleet.nodes[0].instance_information.agent_version = Some("3.3.40.0".to_owned());
        let report = found(fleet).await;
        assert!(only(&report).severity <= Severity::Note, "{report}");
    }
}

// User Guide, systems-manager-setting-up-messageAPIs: "supported only in AWS Regions that launched
// before 2024".
#[tokio::test]
async fn ec2messages_is_asked_for_only_in_regions_launched_before_2024() {
    for (region, asked) in [
        ("ap-northeast-1", true),
        ("ca-west-1", true),
        ("mx-central-1", false),
        ("ap-east-2", false),
        ("ap-southeast-5", false),
        ("ap-southeast-6", false),
        ("ap-southeast-7", false),
    ] {
        let mut fleet = tokyo(linux());
        fleet.subnets[0].availability_zone = format!("{region}a");
        for endpoint in &mut fleet.vpc_endpoints {
            endpoint.service_name = endpoint.service_name.replace("ap-northeast-1", region);
        }
        fleet.vpc_endpoints.remove(1);
        let report = found(fleet).await;
        assert_eq!(
            report.findings.len(),
            usize::from(asked),
            "{region}: {report}"
        );
    }
}

#[tokio::test]
async fn ec2messages_is_unknown_for_a_node_whose_agent_nobody_knows() {
    let mut fleet = tokyo(linux().with_condition(NodeCondition::Agentless));
    fleet.vpc_endpoints.remove(1);
    let report = found(fleet).await;
    let about = |finding: &&Finding| finding.kind == FindingKind::EndpointMissing;
    let missing: Vec<_> = report.findings.iter().filter(about).collect();
    assert_eq!(missing.len(), 1, "{report}");
    assert_eq!(missing[0].severity, Severity::Unknown);
}

#[tokio::test]
async fn a_lost_connection_names_ec2messages_only_where_the_agent_may_use_it() {
    for (version, named) in [("3.3.39.9", true), ("3.3.40.0", false)] {
        let mut fleet = tokyo(linux().with_condition(NodeCondition::Unreachable));
        fleet.nodes[0].instance_information.agent_version = Some(version.to_owned());
        let report = found(fleet).await;
        let lost = |finding: &&Finding| finding.kind == FindingKind::ConnectionLost;
        let lost = report.findings.iter().find(lost).unwrap();
        assert_eq!(lost.fix.advice.contains("ec2messages"), named, "{version}");
    }
}

// User Guide, Default Host Management Configuration: version 2 of instance metadata, agent 3.2.582.0.
#[tokio::test]
async fn default_host_management_needs_imdsv2_and_a_new_agent() {
    let of = async |endpoint: &str, tokens: &str, agent: &str| {
        let mut fleet = tokyo(linux().with_condition(NodeCondition::Unreachable));
        fleet.service_settings = vec![ServiceSetting::new(DEFAULT_ROLE, "service-role/Managed")];
        let node = &mut fleet.nodes[0];
        node.instance_information.agent_version = Some(agent.to_owned());
        let instance = node.instance.as_mut().unwrap();
        instance.iam_instance_profile = None;
        instance.metadata_options.http_endpoint = Some(endpoint.into());
        instance.metadata_options.http_tokens = Some(tokens.into());
        let report = found(fleet).await;
        let unfit = |finding: &&Finding| finding.kind == FindingKind::HostManagementUnfit;
        report
            .findings
            .iter()
            .find(unfit)
            .map(|finding| finding.severity)
    };
    assert_eq!(of("enabled", "required", "3.2.582.0").await, None);
    assert_eq!(
        of("disabled", "required", "3.2.582.0").await,
        Some(Severity::Error)
    );
    assert_eq!(
        of("enabled", "required", "3.2.581.0").await,
        Some(Severity::Error)
    );
    assert_eq!(
        of("enabled", "optional", "3.2.582.0").await,
        Some(Severity::Note)
    );
}

// SSM model of 2026: RegisterDefaultHostManagementConfiguration, PermissionModel SERVICE_MANAGED.
#[tokio::test]
async fn the_fix_for_instances_without_a_role_is_default_host_management() {
    let mut fleet = tokyo(linux().with_condition(NodeCondition::Agentless));
    fleet.nodes[0]
        .instance
        .as_mut()
        .unwrap()
        .iam_instance_profile = None;
    let report = found(fleet).await;
    let role = |finding: &&Finding| finding.kind == FindingKind::NoInstanceProfile;
    let fix = &report.findings.iter().find(role).unwrap().fix;
    assert_eq!(
        fix.command.as_deref(),
        Some(
            "aws ssm register-default-host-management-configuration --region ap-northeast-1 --permission-model SERVICE_MANAGED"
        )
    );
}

#[tokio::test]
async fn a_narrow_policy_of_the_s3_endpoint_is_told_the_buckets_to_allow() {
    let mut fleet = tokyo(linux());
    fleet.vpc_endpoints[3].policy_document = Some("{}".to_owned());
    let report = found(fleet).await;
    let advice = &only(&report).fix.advice;
    for bucket in [
        "the repositories of Amazon Linux",
        "aws-patch-manager-REGION-SUFFIX",
        "aws-patchmanager-macos-REGION-SUFFIX",
        "patch-baseline-snapshot-REGION",
        "aws-ssm-REGION",
        "aws-quicksetup-patchpolicy-ACCOUNT-ID",
    ] {
        assert!(advice.contains(bucket), "{advice}");
    }
}

#[tokio::test]
async fn an_endpoint_that_several_subnets_lack_is_one_finding_with_one_command() {
    let mut fleet = tokyo(linux());
    fleet.vpc_endpoints.drain(2..);
    // The third is in the zone of the second, and an endpoint has one subnet in each zone.
    for (index, zone) in [(2, 'c'), (3, 'c')] {
        let subnet = format!("subnet-{index}");
        let mut more = fleet.subnets[0].clone();
        more.subnet_id = subnet.clone();
        more.availability_zone = format!("ap-northeast-1{zone}");
        fleet.subnets.push(more);
        let mut own = fleet.route_tables[0].clone();
        own.route_table_id = format!("rtb-{index}");
        own.associations[0].main = false;
        own.associations[0].subnet_id = Some(subnet.clone());
        fleet.route_tables.push(own);
        let node = FleetNode::amazon_linux_2023(format!("i-0000000000000000{index}"));
        fleet.nodes.push(private(node).in_subnet(subnet, "vpc-1"));
    }
    let (_, manager) = account(fleet).await;
    let question = Prerequisites::account().ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    assert_eq!(
        kinds(&report),
        [FindingKind::EndpointMissing; 2],
        "{report}"
    );
    for (finding, end) in report.findings.iter().zip([
        " --subnet-ids subnet-1 subnet-2",
        " --route-table-ids rtb-1 rtb-2 rtb-3",
    ]) {
        assert_eq!(finding.nodes.len(), 3, "{report}");
        let command = finding.fix.command.as_deref().unwrap();
        assert!(command.ends_with(end), "{command}");
        assert_eq!(command.lines().count(), 1);
    }
}

#[tokio::test]
async fn both_attributes_of_a_vpc_are_named_where_both_are_off() {
    let mut fleet = tokyo(linux());
    fleet.vpcs[0].enable_dns_hostnames = false;
    fleet.vpcs[0].enable_dns_support = false;
    let report = found(fleet).await;
    assert_eq!(kinds(&report), [FindingKind::VpcDnsOff; 2]);
    let text = report.to_string();
    for option in ["--enable-dns-support", "--enable-dns-hostnames"] {
        assert!(text.contains(option), "{text}");
    }
}

/// Splits a line into words as a POSIX shell would, for lines that use single quotes only.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quoted, mut rest) = (false, line.chars());
    while let Some(c) = rest.next() {
        match (c, quoted) {
            ('\'', _) => quoted = !quoted,
            ('\\', false) => words.last_mut().unwrap().extend(rest.next()),
            (' ', false) => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    assert!(!quoted, "{line}");
    words
}

#[tokio::test]
async fn a_value_in_a_command_is_one_word_of_a_shell_whatever_it_holds() {
    for (group, option) in [
        ("'web'; touch pwned; ''", "--patch-group"),
        ("$(reboot) `reboot` | & > *", "--patch-group"),
        ("it's", "--patch-group"),
        ("", "--patch-group"),
    ] {
        let mut fleet = FleetFile::default();
        fleet.nodes = vec![linux().with_tag("Patch Group", group)];
        let report = found(fleet).await;
        let command = only(&report).fix.command.clone().unwrap();
        let words = words(&command);
        let place = words.iter().position(|word| word == option).unwrap();
        assert_eq!(words[place + 1], group, "{command}");
        assert_eq!(words[place + 2], "--baseline-id", "{command}");
    }
    // The CLI does not read it as an option either.
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![linux().with_tag("Patch Group", "--endpoint-url=http://evil")];
    let report = found(fleet).await;
    let command = only(&report).fix.command.clone().unwrap();
    let joined = " --patch-group=--endpoint-url=http://evil ";
    assert!(command.contains(joined), "{command}");
}

#[tokio::test]
async fn a_command_names_at_most_fifty_nodes_and_a_print_of_it_is_short() {
    let mut fleet = tokyo(linux());
    fleet.nodes = (0..401)
        .map(|index| private(FleetNode::amazon_linux_2023(format!("i-{index:017x}"))))
        .collect();
    let (_, manager) = account(fleet).await;
    let question = Prerequisites::account();
    let report = manager.check_prerequisites(&question).await.unwrap();
    let finding = only(&report);
    assert_eq!(finding.kind, FindingKind::NeverScanned);
    let command = finding.fix.command.as_deref().unwrap();
    let ids = command.lines().map(|line| {
        assert!(line.contains(" --region ap-northeast-1 "), "{line}");
        line.matches(" i-").count()
    });
    let mut expected = vec![50; 8];
    expected.push(1);
    assert_eq!(ids.collect::<Vec<_>>(), expected);
    let text = report.to_string();
    assert_eq!(text.matches("aws ssm send-command").count(), 6, "{text}");
    assert!(text.contains(" and 3 more lines\n"), "{text}");
}

#[tokio::test]
async fn only_amazon_linux_finds_its_patches_behind_the_s3_endpoint() {
    for (node, unseen) in [
        (linux(), None),
        (FleetNode::windows_server_2022(NODE), Some("WSUS")),
        (FleetNode::ubuntu_22_04(NODE), Some("mirrors")),
    ] {
        let (_, manager) = account(tokyo(node)).await;
        let question = Prerequisites::nodes([NODE]);
        let report = manager.check_prerequisites(&question).await.unwrap();
        let found: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.kind == FindingKind::RepositoryUnseen)
            .collect();
        assert_eq!(found.len(), usize::from(unseen.is_some()), "{report}");
        if let (Some(finding), Some(word)) = (found.first(), unseen) {
            assert_eq!(finding.severity, Severity::Unknown);
            assert!(finding.message.contains(word), "{finding}");
        }
        scan(&manager, NODE).await;
        let report = manager.check_prerequisites(&question).await.unwrap();
        assert!(
            !kinds(&report).contains(&FindingKind::RepositoryUnseen),
            "a scan proves the way: {report}"
        );
    }
}

#[tokio::test]
async fn each_reason_why_a_node_is_out_of_reach_is_found() {
    use FindingKind::{AgentTooOld, ConnectionLost, NotManaged, NotRunning, PlatformUnknown};
    let old = |mut node: FleetNode| {
        node.instance_information.agent_version = Some("2.0.833.9".to_owned());
        node
    };
    let odd = |mut node: FleetNode| {
        node.instance_information.platform_name = Some("Plan 9".to_owned());
        node
    };
    let ending = |mut node: FleetNode| {
        node.condition = NodeCondition::Stopped;
        node
    };
    let cases: [(&str, FleetNode, &[FindingKind], &str); 6] = [
        ("online", linux(), &[], ""),
        (
            "stopped",
            ending(linux()),
            &[NotRunning],
            "start-instances --instance-ids i-0",
        ),
        (
            "agentless",
            linux().with_condition(NodeCondition::Agentless),
            &[NotManaged],
            "",
        ),
        (
            "lost",
            linux().with_condition(NodeCondition::Unreachable),
            &[ConnectionLost],
            "",
        ),
        (
            "old",
            old(linux()),
            &[AgentTooOld],
            "AWS-UpdateSSMAgent --instance-ids i-0",
        ),
        ("odd", odd(linux()), &[PlatformUnknown], ""),
    ];
    for (case, node, expected, command) in cases {
        let mut fleet = tokyo(linux());
        let tagged = node
            .with_tag("Patch Group", "web")
            .with_instance_profile(PROFILE);
        fleet.nodes = vec![tagged];
        let report = found(fleet).await;
        assert_eq!(kinds(&report), expected, "{case}: {report}");
        for finding in &report.findings {
            let line = finding.fix.command.as_deref().unwrap_or_default();
            assert!(line.contains(command), "{case}: {finding}");
            assert!(
                !finding.fix.advice.is_empty() && !finding.evidence.is_empty(),
                "{finding}"
            );
        }
    }
}

// User Guide, patch documents: AWS-RunPatchBaselineWithHooks needs agent 3.0.502.
#[tokio::test]
async fn hooks_need_a_newer_agent_than_other_runs_do() {
    let plain = "the agent is older than 2.0.834.0, which AWS-RunPatchBaseline needs";
    let hooked = "the agent is older than 3.0.502, which AWS-RunPatchBaselineWithHooks needs";
    for (version, without, with) in [
        ("2.0.833.9", Some(plain), Some(plain)),
        ("2.0.834.0", None, Some(hooked)),
        ("3.0.501.9", None, Some(hooked)),
        ("3.0.502", None, None),
        ("3.0.502.0", None, None),
        ("3.3.40.0", None, None),
    ] {
        let mut node = linux().with_tag("Patch Group", "web");
        node.instance_information.agent_version = Some(version.to_owned());
        let mut fleet = FleetFile::default();
        fleet.nodes = vec![node];
        let (_, manager) = account(fleet).await;
        let question = Prerequisites::nodes([NODE]).ignore_scan_age();
        for (question, expected) in [(question.clone(), without), (question.with_hooks(), with)] {
            let report = manager.check_prerequisites(&question).await.unwrap();
            let messages: Vec<_> = report.findings.iter().map(|one| &*one.message).collect();
            let expected: Vec<_> = expected.into_iter().collect();
            assert_eq!(messages, expected, "{version}: {report}");
            let old = |one: &Finding| one.kind == FindingKind::AgentTooOld && one.is_error();
            assert!(report.findings.iter().all(old), "{version}: {report}");
        }
    }
}

/// A node of this platform, as Systems Manager describes it.
fn platform(name: &str, version: Option<&str>, kind: PlatformType) -> FleetNode {
    let mut node = linux();
    let information = &mut node.instance_information;
    information.platform_type = Some(kind);
    information.platform_name = Some(name.to_owned());
    information.platform_version = version.map(str::to_owned);
    node
}

// A release that comes after the crate has no value yet, and is not Amazon Linux 1.
#[tokio::test]
async fn a_release_of_amazon_linux_that_has_no_baseline_yet_is_unknown() {
    for (version, system) in [
        (Some("2023"), Some("AMAZON_LINUX_2023")),
        (Some("2023.7.20250512"), Some("AMAZON_LINUX_2023")),
        (Some("2022"), Some("AMAZON_LINUX_2022")),
        (Some("2"), Some("AMAZON_LINUX_2")),
        (Some("2018.03"), Some("AMAZON_LINUX")),
        (Some("2017.09"), Some("AMAZON_LINUX")),
        (Some("2027"), None),
        (Some("3"), None),
        (Some("rawhide"), None),
        (None, None),
    ] {
        let node = platform("Amazon Linux", version, PlatformType::Linux);
        let mut fleet = FleetFile::default();
        // Its group has no baseline: the finding names the system.
        fleet.nodes = vec![node.with_tag("Patch Group", "db")];
        let report = found(fleet).await;
        let unbound = report.findings.iter().find_map(|finding| {
            let message = finding
                .message
                .strip_prefix("the group db has no baseline for ")?;
            message.strip_suffix("; the default baseline applies")
        });
        assert_eq!(unbound, system, "{version:?}: {report}");
        let unknown = kinds(&report).contains(&FindingKind::PlatformUnknown);
        assert_eq!(unknown, system.is_none(), "{version:?}: {report}");
        assert_eq!(report.is_ready(), system.is_some(), "{version:?}: {report}");
    }
}

// User Guide, Patch Manager prerequisites (2025): the operating systems and their versions.
#[tokio::test]
async fn a_version_that_the_user_guide_does_not_list_is_an_error_of_exit_code_146() {
    use PlatformType::{Linux, MacOs, Windows};
    for (kind, name, version, severity) in [
        (Linux, "AlmaLinux", "9.4", None),
        (Linux, "AlmaLinux", "10.0", Some(Severity::Error)),
        (Linux, "Amazon Linux", "2", None),
        (Linux, "Amazon Linux", "2023", None),
        (
            Linux,
            "Amazon Linux AMI",
            "2018.03",
            Some(Severity::Warning),
        ),
        (Linux, "Amazon Linux", "2022", Some(Severity::Warning)),
        (Linux, "CentOS Stream", "9", None),
        (Linux, "CentOS Linux", "7.9", Some(Severity::Error)),
        (Linux, "CentOS Stream", "10", Some(Severity::Error)),
        (Linux, "Debian GNU/Linux", "12.5", None),
        (Linux, "Debian GNU/Linux", "9", Some(Severity::Error)),
        (Linux, "Debian GNU/Linux", "13", Some(Severity::Error)),
        (MacOs, "macOS", "15.1", None),
        (MacOs, "macOS", "11.7", Some(Severity::Error)),
        (Linux, "Oracle Linux Server", "7.5", None),
        (Linux, "Oracle Linux Server", "7.4", Some(Severity::Error)),
        (Linux, "Raspbian GNU/Linux", "11", Some(Severity::Warning)),
        (Linux, "Red Hat Enterprise Linux", "10.0", None),
        (
            Linux,
            "Red Hat Enterprise Linux",
            "6.10",
            Some(Severity::Error),
        ),
        (Linux, "Rocky Linux", "8.10", None),
        (Linux, "SLES", "15.3", None),
        (Linux, "SLES", "15.2", Some(Severity::Error)),
        (Linux, "SLES", "12.5", Some(Severity::Error)),
        (Linux, "Ubuntu", "24.04", None),
        (Linux, "Ubuntu", "25.04", None),
        (Linux, "Ubuntu", "14.04", Some(Severity::Error)),
        (Linux, "Ubuntu", "24.10", Some(Severity::Error)),
        (Windows, "Microsoft Windows Server 2012", "6.2.9200", None),
        (Windows, "Microsoft Windows Server 2025", "10.0.26100", None),
        (
            Windows,
            "Microsoft Windows Server 2008 R2",
            "6.1.7601",
            Some(Severity::Error),
        ),
    ] {
        let mut fleet = FleetFile::default();
        fleet.nodes = vec![platform(name, Some(version), kind)];
        let report = found(fleet).await;
        let unsupported = |one: &&Finding| one.kind == FindingKind::SystemUnsupported;
        let finding = report.findings.iter().find(unsupported);
        assert_eq!(
            finding.map(|one| one.severity),
            severity,
            "{name} {version}: {report}"
        );
        let Some(finding) = finding else { continue };
        let is_refused = finding.message.contains("exit code 146");
        assert_eq!(is_refused, severity == Some(Severity::Error), "{report}");
        let seen = format!("{name}, {version}");
        assert_eq!(finding.evidence[0].seen, seen, "{report}");
    }
}

#[tokio::test]
async fn a_scan_proves_that_the_service_accepts_a_version_that_the_guide_does_not_list() {
    let (backend, manager) = account(tokyo(linux())).await;
    scan(&manager, NODE).await;
    let nodes = Altered {
        backend,
        instance: |_| {},
        information: |one| {
            one.platform_name = Some("CentOS Linux".to_owned());
            one.platform_version = Some("7.9".to_owned());
        },
    };
    let manager = nodes.manager();
    let question = Prerequisites::nodes([NODE]);
    let report = manager.check_prerequisites(&question).await.unwrap();
    let unsupported = |one: &&Finding| one.kind == FindingKind::SystemUnsupported;
    let finding = report.findings.iter().find(unsupported).unwrap();
    assert_eq!(finding.severity, Severity::Warning, "{report}");
    assert!(report.is_ready(), "{report}");
}

#[tokio::test]
async fn a_node_that_is_not_there_is_named_and_the_others_are_checked_all_the_same() {
    let mut fleet = tokyo(linux());
    fleet.vpc_endpoints.remove(0);
    let (_, manager) = account(fleet).await;
    let unknown = ["i-0ffffffffffffffff", "mi-0ffffffffffffffff"];
    let nodes = [unknown[0], NODE, unknown[1]];
    let question = Prerequisites::nodes(nodes).ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    let of = |node: &str| -> Vec<FindingKind> {
        report
            .of(&node.into())
            .map(|finding| finding.kind)
            .collect()
    };
    assert_eq!(of(unknown[0]), [FindingKind::NoSuchNode]);
    assert_eq!(of(unknown[1]), [FindingKind::NoSuchNode]);
    assert_eq!(of(NODE), [FindingKind::EndpointMissing]);
    assert_eq!(report.nodes, nodes.map(NodeId::new));
}

#[tokio::test]
async fn an_instance_that_is_out_of_touch_is_asked_for_its_role() {
    use FindingKind::{NoInstanceProfile, NotChecked, PolicyMissing};
    let profile = |role: Option<&str>, policies: &[&str]| {
        InstanceProfile::new("nodes", role.map(str::to_owned), policies.iter().copied())
    };
    let given = ServiceSetting::new(DEFAULT_ROLE, "service-role/Managed");
    for (case, has_profile, known, setting, expected) in [
        (
            "the policy",
            true,
            Some(profile(Some("nodes"), &[CORE])),
            None,
            None,
        ),
        (
            "another policy",
            true,
            Some(profile(Some("nodes"), &["arn:aws:iam::aws:policy/Other"])),
            None,
            Some(PolicyMissing),
        ),
        (
            "no role",
            true,
            Some(profile(None, &[])),
            None,
            Some(NoInstanceProfile),
        ),
        (
            "a profile that is gone",
            true,
            None,
            None,
            Some(NoInstanceProfile),
        ),
        ("no profile", false, None, None, Some(NoInstanceProfile)),
        ("default host management", false, None, Some(given), None),
    ] {
        let mut fleet = tokyo(linux().with_condition(NodeCondition::Agentless));
        fleet.instance_profiles = known.into_iter().collect();
        fleet.service_settings = setting.into_iter().collect();
        if !has_profile {
            fleet.nodes[0]
                .instance
                .as_mut()
                .unwrap()
                .iam_instance_profile = None;
        }
        let report = found(fleet).await;
        let about_role =
            |kind: &FindingKind| matches!(kind, NoInstanceProfile | PolicyMissing | NotChecked);
        let found: Vec<_> = kinds(&report).into_iter().filter(about_role).collect();
        assert_eq!(
            found,
            expected.into_iter().collect::<Vec<_>>(),
            "{case}: {report}"
        );
    }
}

#[tokio::test]
async fn an_instance_in_touch_is_not_asked_for_its_role() {
    let mut fleet = tokyo(linux());
    fleet.nodes[0]
        .instance
        .as_mut()
        .unwrap()
        .iam_instance_profile = None;
    let (backend, manager) = account(fleet).await;
    let question = Prerequisites::nodes([NODE]).ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    assert_eq!(report.findings, []);
    for operation in [Operation::GetServiceSetting, Operation::GetInstanceProfile] {
        assert_eq!(backend.call_count(operation), 0);
    }
}

#[tokio::test]
async fn a_profile_that_two_instances_share_is_the_trouble_of_the_one_out_of_touch() {
    const AWAY: &str = "i-00000000000000002";
    let mut fleet = tokyo(linux());
    let away = FleetNode::amazon_linux_2023(AWAY).with_condition(NodeCondition::Unreachable);
    fleet.nodes.push(private(away));
    fleet.instance_profiles = vec![InstanceProfile::new("nodes", "nodes".to_owned(), [""; 0])];
    let (_, manager) = account(fleet).await;
    let question = Prerequisites::account();
    let report = manager.check_prerequisites(&question).await.unwrap();
    let of_kind = |kind| {
        let mut findings = report.findings.iter();
        findings.find(|finding| finding.kind == kind).unwrap()
    };
    assert_eq!(
        of_kind(FindingKind::PolicyMissing).nodes,
        [NodeId::new(AWAY)]
    );
    // A node that lost contact needs no scan.
    assert_eq!(
        of_kind(FindingKind::NeverScanned).nodes,
        [NodeId::new(NODE)]
    );
}

#[derive(Debug)]
struct NoRoles;

impl RoleInventory for NoRoles {}

#[tokio::test]
async fn without_a_backend_for_roles_the_policy_is_not_checked() {
    let fleet = tokyo(linux().with_condition(NodeCondition::Agentless));
    let backend = Arc::new(MemoryBackend::builder().fleet(fleet).build());
    let manager = PatchManager::builder()
        .backend(backend)
        .roles(Arc::new(NoRoles))
        .build();
    let question = Prerequisites::nodes([NODE]);
    let report = manager.check_prerequisites(&question).await.unwrap();
    let unknown: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.kind == FindingKind::NotChecked)
        .collect();
    assert_eq!(unknown.len(), 1, "{report}");
    assert_eq!(unknown[0].severity, Severity::Unknown);
    assert!(
        unknown[0].message.contains("instance profile nodes"),
        "{report}"
    );
}

#[tokio::test]
async fn the_group_of_a_node_is_its_tag_under_one_key_bound_for_its_system() {
    use FindingKind::{BothTagKeys, GroupNotBound, NoPatchGroup};
    let cases: [(&str, Tags, bool, &[FindingKind], &str); 7] = [
        ("bound", &[("Patch Group", "web")], false, &[], ""),
        (
            "bound under the other key",
            &[("PatchGroup", "web")],
            false,
            &[],
            "",
        ),
        (
            "no tag",
            &[("Name", "a")],
            false,
            &[NoPatchGroup],
            "Key=Patch Group",
        ),
        (
            "no tag, metadata tags on",
            &[],
            true,
            &[NoPatchGroup],
            "Key=PatchGroup",
        ),
        (
            "not bound",
            &[("Patch Group", "db")],
            false,
            &[GroupNotBound],
            "--patch-group db --baseline-id",
        ),
        (
            "both",
            &[("Patch Group", "web"), ("PatchGroup", "web")],
            false,
            &[BothTagKeys],
            "",
        ),
        (
            "both, not bound",
            &[("Patch Group", "db"), ("PatchGroup", "web")],
            false,
            &[BothTagKeys, GroupNotBound],
            "",
        ),
    ];
    for (case, tags, metadata, expected, command) in cases {
        let node = tags
            .iter()
            .fold(linux(), |node, (key, value)| node.with_tag(*key, *value));
        let mut fleet = FleetFile::default();
        fleet.nodes = vec![if metadata {
            node.with_metadata_tags()
        } else {
            node
        }];
        let report = found(fleet).await;
        assert_eq!(kinds(&report), expected, "{case}: {report}");
        for finding in &report.findings {
            assert_eq!(finding.evidence[0].resource, NODE, "{case}: {report}");
        }
        let finding = report.findings.last();
        let line = finding.and_then(|finding| finding.fix.command.as_deref());
        assert!(
            line.unwrap_or_default().contains(command),
            "{case}: {report}"
        );
    }
}

#[tokio::test]
async fn the_group_of_a_hybrid_node_is_found_by_listings() {
    use FindingKind::{BothTagKeys, GroupNotBound, NoPatchGroup};
    let cases: [(Tags, &[FindingKind]); 5] = [
        (&[("Patch Group", "web")], &[]),
        (&[("PatchGroup", "web")], &[]),
        (&[("Patch Group", "db")], &[GroupNotBound]),
        (
            &[("Patch Group", "web"), ("PatchGroup", "web")],
            &[BothTagKeys],
        ),
        (&[], &[NoPatchGroup]),
    ];
    for (tags, expected) in cases {
        let node = FleetNode::amazon_linux_2023(HYBRID);
        let node = tags
            .iter()
            .fold(node, |node, (key, value)| node.with_tag(*key, *value));
        let mut fleet = FleetFile::default();
        fleet.nodes = vec![node];
        let (backend, manager) = account(fleet).await;
        let question = Prerequisites::account().ignore_scan_age();
        let report = manager.check_prerequisites(&question).await.unwrap();
        assert_eq!(kinds(&report), expected, "{tags:?}: {report}");
        assert_eq!(backend.call_count(Operation::ListTagsForResource), 0);
    }
}

#[tokio::test]
async fn a_group_of_hybrid_nodes_is_bound_for_one_system_and_not_for_another() {
    const OTHER: &str = "mi-00000000000000008";
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![
        FleetNode::amazon_linux_2023(HYBRID).with_tag("Patch Group", "web"),
        FleetNode::windows_server_2022(OTHER).with_tag("Patch Group", "web"),
    ];
    let (_, manager) = account(fleet).await;
    let question = Prerequisites::account().ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    let finding = only(&report);
    assert_eq!(finding.kind, FindingKind::GroupNotBound);
    assert_eq!(finding.nodes, [NodeId::new(OTHER)]);
}

#[tokio::test]
async fn what_group_a_hybrid_node_is_bound_by_is_unknown_where_bindings_may_not_be_read() {
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![FleetNode::amazon_linux_2023(HYBRID).with_tag("Patch Group", "web")];
    let (backend, manager) = account(fleet).await;
    let denied = (ErrorKind::AccessDenied, "AccessDeniedException", "no");
    let fault = backend.faults();
    fault
        .fail(Operation::DescribePatchGroups, denied.0, denied.1, denied.2)
        .always();
    let question = Prerequisites::account().ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    let finding = only(&report);
    assert_eq!(finding.kind, FindingKind::NotChecked);
    assert_eq!(finding.evidence[0].resource, "DescribePatchGroups");
}

// User Guide, patch-manager-troubleshooting: the role needs the tag `QSConfigId-ID` = `ID`.
#[tokio::test]
async fn under_a_patch_policy_the_role_of_an_instance_needs_the_tag_of_the_policy() {
    let tagged = |key: &str, value: &str| Some(vec![Tag::new(key, value)]);
    let cases = [
        ("tagged", tagged("QSConfigId-ab1cd", "ab1cd"), None),
        (
            "other value",
            tagged("QSConfigId-ab1cd", ""),
            Some(Severity::Error),
        ),
        (
            "other policy",
            tagged("QSConfigId-xy9zw", "xy9zw"),
            Some(Severity::Error),
        ),
        ("no tags", Some(Vec::new()), Some(Severity::Error)),
        ("tags not read", None, Some(Severity::Unknown)),
    ];
    for (case, tags, severity) in cases {
        let mut fleet = tokyo(linux());
        fleet.instance_profiles[0].role_tags = tags;
        let (_, manager) = account(fleet).await;
        let question = Prerequisites::nodes([NODE]).ignore_scan_age();
        let report = manager.check_prerequisites(&question).await.unwrap();
        assert_eq!(report.findings, [], "{case}: only a policy needs the tag");
        let question = question.patch_policy("ab1cd");
        let report = manager.check_prerequisites(&question).await.unwrap();
        let Some(severity) = severity else {
            assert_eq!(report.findings, [], "{case}");
            continue;
        };
        let finding = only(&report);
        assert_eq!(finding.kind, FindingKind::PolicyTagMissing, "{case}");
        assert_eq!(finding.severity, severity, "{case}: {finding}");
        let line = "aws iam tag-role --role-name nodes --tags Key=QSConfigId-ab1cd,Value=ab1cd";
        let fix = finding.fix.command.as_deref();
        assert_eq!(fix, (severity == Severity::Error).then_some(line), "{case}");
    }
}

#[tokio::test]
async fn under_a_patch_policy_a_role_that_may_not_be_read_is_unknown() {
    let (backend, manager) = account(tokyo(linux())).await;
    let (read, denied) = (Operation::GetInstanceProfile, ErrorKind::AccessDenied);
    let faults = backend.faults();
    faults.fail(read, denied, "AccessDenied", "no").always();
    let question = Prerequisites::nodes([NODE]).ignore_scan_age();
    let question = question.patch_policy("ab1cd");
    let report = manager.check_prerequisites(&question).await.unwrap();
    assert_eq!(only(&report).kind, FindingKind::NotChecked);
    assert_eq!(only(&report).evidence[0].resource, read.as_str());
}

#[tokio::test]
async fn under_a_patch_policy_an_instance_without_a_profile_gets_one() {
    let mut fleet = tokyo(linux());
    fleet.nodes[0]
        .instance
        .as_mut()
        .unwrap()
        .iam_instance_profile = None;
    let (_, manager) = account(fleet).await;
    let question = Prerequisites::nodes([NODE]).ignore_scan_age();
    let report = manager
        .check_prerequisites(&question.patch_policy("ab1cd"))
        .await
        .unwrap();
    assert_eq!(report.findings, []);
}

/// An account with this node, whose operation fails, and what the check finds about its baseline.
async fn about_baseline(node: FleetNode, read: Operation, kind: ErrorKind) -> Vec<Finding> {
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![node];
    let (backend, manager) = account(fleet).await;
    backend.faults().fail(read, kind, "Code", "no").always();
    let question = Prerequisites::account().ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    let found = report.findings.into_iter();
    found
        .filter(|one| {
            one.kind != FindingKind::NoPatchGroup && one.kind != FindingKind::GroupNotBound
        })
        .collect()
}

#[tokio::test]
async fn the_baseline_that_a_node_gets_must_exist() {
    let hybrid = || FleetNode::amazon_linux_2023(HYBRID);
    let of_group = "the baseline pb-";
    let of_default = "the default baseline for AMAZON_LINUX_2023 does not exist";
    let (deregister, default) = (
        "ssm deregister-patch-baseline-for-patch-group",
        "ssm register-default-patch-baseline",
    );
    let (read, read_default) = (
        Operation::GetPatchBaseline,
        Operation::GetDefaultPatchBaseline,
    );
    let cases = [
        (
            "bound",
            linux().with_tag("Patch Group", "web"),
            read,
            Some((of_group, deregister)),
        ),
        (
            "bound by the other key",
            linux().with_tag("PatchGroup", "web"),
            read,
            Some((of_group, deregister)),
        ),
        (
            "bound, so the default does not matter",
            linux().with_tag("Patch Group", "web"),
            read_default,
            None,
        ),
        (
            "not bound",
            linux().with_tag("Patch Group", "db"),
            read,
            Some((of_default, default)),
        ),
        ("no group", linux(), read, Some((of_default, default))),
        (
            "no group, no default",
            linux(),
            read_default,
            Some((of_default, default)),
        ),
        (
            "hybrid, no group",
            hybrid(),
            read,
            Some((of_default, default)),
        ),
        (
            "hybrid, not bound",
            hybrid().with_tag("Patch Group", "db"),
            read,
            Some((of_default, default)),
        ),
        (
            "hybrid, of an unknown group",
            hybrid().with_tag("Patch Group", "web"),
            read,
            None,
        ),
    ];
    for (case, node, failing, expected) in cases {
        let found = about_baseline(node, failing, ErrorKind::NotFound).await;
        let Some((message, command)) = expected else {
            assert_eq!(found, [], "{case}");
            continue;
        };
        assert_eq!(found.len(), 1, "{case}: {found:?}");
        let finding = &found[0];
        assert_eq!(
            finding.kind,
            FindingKind::BaselineMissing,
            "{case}: {finding}"
        );
        assert_eq!(finding.severity, Severity::Error, "{case}: {finding}");
        assert!(finding.message.starts_with(message), "{case}: {finding}");
        assert_eq!(finding.evidence[0].resource, failing.as_str(), "{case}");
        let line = finding.fix.command.as_deref().unwrap_or_default();
        assert!(line.contains(command), "{case}: {finding}");
    }
}

#[tokio::test]
async fn a_baseline_that_may_not_be_read_is_unknown() {
    for (node, read) in [
        (
            linux().with_tag("Patch Group", "web"),
            Operation::GetPatchBaseline,
        ),
        (linux(), Operation::GetPatchBaseline),
        (linux(), Operation::GetDefaultPatchBaseline),
    ] {
        let found = about_baseline(node, read, ErrorKind::AccessDenied).await;
        assert_eq!(found.len(), 1, "{read}: {found:?}");
        assert_eq!(found[0].kind, FindingKind::NotChecked, "{read}");
        assert_eq!(found[0].severity, Severity::Unknown, "{read}");
        assert_eq!(found[0].evidence[0].resource, read.as_str());
    }
}

#[tokio::test]
async fn each_baseline_and_each_default_is_read_once() {
    let mut fleet = FleetFile::default();
    fleet.nodes = (0..40)
        .map(|index| {
            let id = format!("i-{index:017x}");
            let node = match index % 2 {
                0 => FleetNode::amazon_linux_2023(id),
                _ => FleetNode::windows_server_2022(id),
            };
            node.with_tag("Patch Group", ["web", "db"][index / 20])
        })
        .collect();
    let (backend, manager) = account(fleet).await;
    backend.clear_calls();
    let question = Prerequisites::account().ignore_scan_age();
    manager.check_prerequisites(&question).await.unwrap();
    // The baseline of the group `web` for Amazon Linux 2023, and the defaults of both systems.
    assert_eq!(backend.call_count(Operation::GetDefaultPatchBaseline), 2);
    assert_eq!(backend.call_count(Operation::GetPatchBaseline), 3);
}

#[tokio::test]
async fn a_scan_is_missing_too_old_or_recent_enough() {
    const DAY: Duration = Duration::from_secs(86_400);
    let (backend, manager) = account(tokyo(linux())).await;
    let kinds_of = async |question: Prerequisites| {
        kinds(&manager.check_prerequisites(&question).await.unwrap())
    };
    let ask = || Prerequisites::nodes([NODE]);
    assert_eq!(kinds_of(ask()).await, [FindingKind::NeverScanned]);
    assert_eq!(kinds_of(ask().ignore_scan_age()).await, []);
    scan(&manager, NODE).await;
    assert_eq!(kinds_of(ask()).await, []);
    backend.advance(Duration::from_hours(7 * 24 - 1));
    assert_eq!(kinds_of(ask()).await, []);
    assert_eq!(
        kinds_of(ask().scanned_within(DAY)).await,
        [FindingKind::ScanTooOld]
    );
    backend.advance(Duration::from_hours(1));
    assert_eq!(kinds_of(ask()).await, [FindingKind::ScanTooOld]);
    assert_eq!(kinds_of(ask().scanned_within(Duration::MAX)).await, []);
}

#[tokio::test]
async fn a_step_timeout_that_the_last_operation_did_not_keep_is_a_warning() {
    let (_, manager) = account(tokyo(linux())).await;
    let install = PatchRequest::install().nodes([NODE]);
    let scans = PatchRequest::scan().nodes([NODE]);
    let short = async |request: PatchRequest| {
        let question = Prerequisites::nodes([NODE]).for_run(&request);
        let report = manager.check_prerequisites(&question).await.unwrap();
        report
            .findings
            .into_iter()
            .find(|one| one.kind == FindingKind::StepTimeoutShort)
    };
    let second = |request: &PatchRequest| request.clone().step_timeout_seconds(1);
    assert_eq!(short(second(&install)).await, None, "nothing ran yet");
    scan(&manager, NODE).await;
    for request in [&scans, &install] {
        let found = short(second(request)).await.unwrap();
        assert_eq!(found.severity, Severity::Warning);
        assert!(
            found
                .message
                .contains("may take 1 seconds, and the last Scan"),
            "{found}"
        );
        assert_eq!(
            short(request.clone()).await,
            None,
            "the default is two hours"
        );
    }
    let run = manager.run(&install).await.unwrap();
    run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
    let found = short(second(&install)).await.unwrap();
    assert!(
        found.message.contains("the last Install took longer"),
        "{found}"
    );
    assert_eq!(
        short(second(&scans)).await,
        None,
        "an Install says nothing about a Scan"
    );
}

#[tokio::test]
async fn whether_the_output_of_a_run_can_be_written_is_not_known_and_a_note() {
    let (_, manager) = account(tokyo(linux())).await;
    scan(&manager, NODE).await;
    let request = PatchRequest::install().nodes([NODE]);
    let bucket = "the bucket logs";
    let off = CloudWatchOutputConfig::default();
    let to = CloudWatchOutputConfig::to_group;
    for (request, expected) in [
        (request.clone(), vec![]),
        (request.clone().cloud_watch_output(off), vec![]),
        (request.clone().output_bucket("logs"), vec![bucket]),
        (
            request.clone().cloud_watch_output(to("")),
            vec!["the log group /aws/ssm/AWS-RunPatchBaseline"],
        ),
        (
            request
                .output_bucket("logs")
                .cloud_watch_output(to("/patching")),
            vec![bucket, "the log group /patching"],
        ),
    ] {
        let question = Prerequisites::nodes([NODE]).for_run(&request);
        let report = manager.check_prerequisites(&question).await.unwrap();
        assert_eq!(report.findings.len(), expected.len(), "{report}");
        for (finding, place) in report.findings.iter().zip(expected) {
            assert_eq!(finding.kind, FindingKind::OutputUnseen);
            assert_eq!(finding.severity, Severity::Note);
            assert!(
                finding.message.starts_with("cannot tell whether the role"),
                "{report}"
            );
            assert!(finding.message.ends_with(place), "{report}");
        }
        assert!(report.is_ready(), "{report}");
    }
}

#[tokio::test]
async fn a_run_with_hooks_needs_their_agent_without_being_asked() {
    let mut node = linux().with_tag("Patch Group", "web");
    node.instance_information.agent_version = Some("3.0.501".to_owned());
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![node];
    let (_, manager) = account(fleet).await;
    let hooked = PatchRequest::install()
        .nodes([NODE])
        .hooks(PatchHooks::new());
    let question = Prerequisites::nodes([NODE]).ignore_scan_age();
    let report = manager
        .check_prerequisites(&question.for_run(&hooked))
        .await
        .unwrap();
    assert_eq!(only(&report).kind, FindingKind::AgentTooOld);
}

#[tokio::test]
async fn what_a_missing_permission_hides_is_unknown_and_never_ready() {
    for (read, lost) in [
        (Operation::DescribeInstanceInformation, false),
        (Operation::DescribeInstances, false),
        (Operation::DescribePatchGroups, false),
        (Operation::DescribeInstancePatchStates, false),
        (Operation::DescribeRouteTables, false),
        (Operation::DescribeVpcEndpoints, false),
        (Operation::DescribeSubnets, false),
        (Operation::DescribeSecurityGroups, false),
        (Operation::DescribeVpcAttribute, false),
        (Operation::GetPatchBaseline, false),
        (Operation::GetInstanceProfile, true),
    ] {
        let node = match lost {
            true => linux().with_condition(NodeCondition::Unreachable),
            false => linux(),
        };
        let (backend, manager) = account(tokyo(node)).await;
        let denied = (ErrorKind::AccessDenied, "AccessDeniedException", "no");
        let faults = backend.faults();
        faults.fail(read, denied.0, denied.1, denied.2).always();
        let question = Prerequisites::nodes([NODE]);
        let report = manager.check_prerequisites(&question).await.unwrap();
        assert!(backend.call_count(read) > 0, "{read}");
        let unknown: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Unknown)
            .collect();
        assert_eq!(unknown.len(), 1, "{read}: {report}");
        assert_eq!(unknown[0].kind, FindingKind::NotChecked);
        assert_eq!(read, *unknown[0].evidence[0].resource, "{report}");
        assert!(unknown[0].fix.advice.contains(read.as_str()), "{report}");
        assert!(!report.is_ready(), "{read}: {report}");
    }
}

#[tokio::test]
async fn an_account_whose_nodes_may_not_be_listed_is_not_ready() {
    let denied = ErrorKind::AccessDenied;
    for reads in [
        &[Operation::DescribeInstances][..],
        &[Operation::DescribeInstanceInformation],
        &[
            Operation::DescribeInstances,
            Operation::DescribeInstanceInformation,
        ],
    ] {
        let (backend, manager) = account(FleetFile::default()).await;
        // Managed nodes are hidden only if neither of their listings may be called.
        let both = reads.contains(&Operation::DescribeInstanceInformation);
        let properties = both.then_some(Operation::DescribeInstanceProperties);
        for read in reads.iter().chain(&properties) {
            let faults = backend.faults();
            faults
                .fail(*read, denied, "UnauthorizedOperation", "no")
                .always();
        }
        let question = Prerequisites::account();
        let report = manager.check_prerequisites(&question).await.unwrap();
        assert_eq!(report.findings.len(), reads.len(), "{report}");
        for finding in &report.findings {
            assert_eq!(finding.kind, FindingKind::NotChecked);
            assert_eq!(finding.nodes, []);
            let resource = &*finding.evidence[0].resource;
            assert!(reads.iter().any(|read| *read == *resource));
        }
        assert!(!report.is_ready());
        assert!(
            report.to_string().contains("  --> the account\n"),
            "{report}"
        );
    }
}

#[tokio::test]
async fn a_node_of_which_something_is_unknown_is_counted_apart() {
    let mut fleet = tokyo(linux());
    fleet.vpc_endpoints.clear();
    through_a_transit_gateway(&mut fleet);
    let report = found(fleet).await;
    assert_eq!(report.undecided().collect::<Vec<_>>(), [&NodeId::new(NODE)]);
    assert_eq!(report.blocked().count(), 0);
    let text = report.to_string();
    let end = "0 of 1 nodes can be patched, 1 may be; 1 unknown";
    assert!(text.ends_with(end), "{text}");
}

#[tokio::test]
async fn a_role_by_default_that_may_not_be_read_is_unknown() {
    let mut fleet = tokyo(linux().with_condition(NodeCondition::Unreachable));
    let instance = fleet.nodes[0].instance.as_mut().unwrap();
    instance.iam_instance_profile = None;
    let (backend, manager) = account(fleet).await;
    let (read, denied) = (Operation::GetServiceSetting, ErrorKind::AccessDenied);
    let faults = backend.faults();
    faults
        .fail(read, denied, "AccessDeniedException", "no")
        .always();
    let question = Prerequisites::nodes([NODE]);
    let report = manager.check_prerequisites(&question).await.unwrap();
    let expected = [FindingKind::ConnectionLost, FindingKind::NotChecked];
    assert_eq!(kinds(&report), expected, "{report}");
    assert_eq!(report.findings[1].evidence[0].resource, read.as_str());
}

#[tokio::test]
async fn an_error_that_is_no_missing_permission_is_an_error() {
    for read in [
        Operation::DescribeInstanceInformation,
        Operation::DescribeSecurityGroups,
        Operation::DescribePatchGroups,
        Operation::GetPatchBaseline,
    ] {
        let (backend, manager) = account(tokyo(linux())).await;
        backend.faults().throttle(read).always();
        let question = Prerequisites::nodes([NODE]);
        let error = manager.check_prerequisites(&question).await.unwrap_err();
        assert!(error.is_throttled(), "{read}");
    }
}

#[tokio::test]
async fn malformed_ids_are_refused_before_any_call() {
    let (backend, manager) = account(tokyo(linux())).await;
    backend.clear_calls();
    let question = Prerequisites::nodes(["web-1", NODE, "i-nothex"]);
    let error = manager.check_prerequisites(&question).await.unwrap_err();
    assert_eq!(error.violations().len(), 2, "{error}");
    let none = Prerequisites::nodes([""; 0]);
    let report = manager.check_prerequisites(&none).await.unwrap();
    assert!(report.is_ready() && report.nodes.is_empty());
    assert!(backend.calls().is_empty());
}

#[tokio::test]
async fn calls_grow_with_pages_and_not_with_nodes() {
    for nodes in [1_usize, 50, 51, 1_000, 2_500] {
        let mut fleet = tokyo(linux());
        fleet.nodes = (0..nodes)
            .map(|index| private(FleetNode::amazon_linux_2023(format!("i-{index:017x}"))))
            .collect();
        let ids: Vec<NodeId> = fleet.nodes.iter().map(|node| node.id().clone()).collect();
        let (backend, manager) = account(fleet).await;
        let fifties = nodes.div_ceil(50);
        let thousands = nodes.div_ceil(1000);
        for (question, by_properties, by_ids) in [
            (Prerequisites::account(), thousands, 0),
            (Prerequisites::nodes(ids), 0, fifties),
        ] {
            backend.clear_calls();
            manager.check_prerequisites(&question).await.unwrap();
            for (operation, calls) in [
                (Operation::DescribeInstanceProperties, by_properties),
                (Operation::DescribeInstanceInformation, by_ids),
                (Operation::DescribeInstancePatchStates, fifties),
                (Operation::DescribeInstances, thousands),
                (Operation::DescribePatchGroups, 1),
                (Operation::DescribeRouteTables, 1),
                (Operation::DescribeVpcEndpoints, 1),
                (Operation::DescribeSubnets, 1),
                (Operation::DescribeSecurityGroups, 1),
                (Operation::DescribeVpcAttribute, 2),
                (Operation::GetPatchBaseline, 1),
            ] {
                assert_eq!(
                    backend.call_count(operation),
                    calls,
                    "{operation}, {nodes} nodes"
                );
            }
            assert_eq!(
                backend.calls().len(),
                by_properties + by_ids + fifties + thousands + 8,
                "{nodes} nodes"
            );
        }
    }
}

#[tokio::test]
async fn calls_grow_with_pages_where_half_of_the_ids_are_unknown() {
    let mut fleet = tokyo(linux());
    fleet.nodes = (0..500)
        .map(|index| private(FleetNode::amazon_linux_2023(format!("i-{index:017x}"))))
        .collect();
    let (backend, manager) = account(fleet).await;
    let ids = (0..1000).map(|index| format!("i-{index:017x}"));
    let question = Prerequisites::nodes(ids).ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    assert_eq!(report.blocked().count(), 500);
    assert_eq!(only(&report).kind, FindingKind::NoSuchNode);
    // One for all of them, and one for each 200 if that is refused.
    assert_eq!(backend.call_count(Operation::DescribeInstances), 6);
}

#[tokio::test]
async fn an_instance_that_is_terminated_is_no_node_of_the_account() {
    const GONE: &str = "i-00000000000000002";
    let mut fleet = tokyo(linux());
    fleet
        .nodes
        .push(private(FleetNode::amazon_linux_2023(GONE)));
    let (backend, _) = account(fleet).await;
    // EC2 and Systems Manager still list a terminated instance for a while.
    let nodes = Altered {
        backend,
        instance: |one| {
            if one.instance_id.as_str() == GONE {
                one.state.name = "terminated".to_owned();
            }
        },
        information: |_| {},
    };
    let manager = nodes.manager();
    let question = Prerequisites::account().ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    assert_eq!(report.nodes, [NodeId::new(NODE)]);
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn an_inventory_that_finds_no_instances_is_asked_by_halves() {
    let fleet = tokyo(linux());
    let (backend, _) = account(fleet).await;
    let nodes = Altered {
        backend,
        instance: |_| {},
        information: |_| {},
    };
    let manager = nodes.manager();
    let unknown = ["i-0fffffffffffffff1", "i-0fffffffffffffff2"];
    let question = Prerequisites::nodes([unknown[0], NODE, unknown[1]]).ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    assert_eq!(only(&report).kind, FindingKind::NoSuchNode);
    assert_eq!(only(&report).nodes, unknown.map(NodeId::new));
}

/// The inventory of a backend, with nodes that the backend itself cannot have.
#[derive(Debug)]
struct Altered {
    backend: MemoryBackend,
    instance: fn(&mut Ec2Instance),
    information: fn(&mut InstanceInformation),
}

impl Altered {
    fn manager(self) -> PatchManager {
        PatchManager::builder()
            .clock(self.backend.clock())
            .backend(Arc::new(self.backend.clone()))
            .nodes(Arc::new(self))
            .build()
    }
}

#[async_trait]
impl NodeInventory for Altered {
    async fn describe_instance_information(
        &self,
        request: DescribeInstanceInformation,
    ) -> Result<Page<InstanceInformation>> {
        let mut page = self.backend.describe_instance_information(request).await?;
        page.items.iter_mut().for_each(self.information);
        Ok(page)
    }

    async fn describe_instances(&self, request: DescribeInstances) -> Result<Page<Ec2Instance>> {
        let mut page = self.backend.describe_instances(request).await?;
        page.items.iter_mut().for_each(self.instance);
        Ok(page)
    }

    async fn describe_tags(&self, request: DescribeTags) -> Result<Page<TagDescription>> {
        self.backend.describe_tags(request).await
    }
}

#[tokio::test]
async fn only_vpcs_with_interface_endpoints_are_asked_for_their_attributes() {
    let mut fleet = tokyo(linux());
    fleet.vpc_endpoints.drain(..3);
    let (backend, manager) = account(fleet).await;
    manager
        .check_prerequisites(&Prerequisites::account())
        .await
        .unwrap();
    assert_eq!(backend.call_count(Operation::DescribeVpcAttribute), 0);
}

#[tokio::test]
async fn a_problem_that_several_nodes_share_is_one_finding() {
    let mut fleet = tokyo(linux());
    fleet.vpc_endpoints.remove(0);
    let ids: Vec<String> = (0..9).map(|index| format!("i-{index:017x}")).collect();
    fleet.nodes = ids
        .iter()
        .map(|id| private(FleetNode::amazon_linux_2023(id.as_str())))
        .collect();
    fleet.nodes[7].condition = NodeCondition::Stopped;
    fleet.nodes[8].condition = NodeCondition::Stopped;
    let (_, manager) = account(fleet).await;
    let question = Prerequisites::nodes(ids.clone()).ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    assert_eq!(
        kinds(&report),
        [FindingKind::EndpointMissing, FindingKind::NotRunning]
    );
    assert_eq!(report.findings[0].nodes.len(), 7);
    let start = format!(
        "aws ec2 start-instances --region ap-northeast-1 --instance-ids {} {}",
        ids[7], ids[8]
    );
    assert_eq!(
        report.findings[1].fix.command.as_deref(),
        Some(start.as_str())
    );
    let text = report.to_string();
    assert!(text.contains("i-00000000000000005 and 1 more\n"), "{text}");
    assert!(
        text.ends_with("0 of 9 nodes can be patched; 2 errors"),
        "{text}"
    );
}

#[tokio::test]
async fn a_node_that_is_named_twice_is_answered_once() {
    const OTHER: &str = "i-00000000000000002";
    let mut fleet = tokyo(linux());
    fleet.vpc_endpoints.remove(0);
    fleet
        .nodes
        .push(private(FleetNode::amazon_linux_2023(OTHER)));
    let (_, manager) = account(fleet).await;
    let question = Prerequisites::nodes([NODE, OTHER, NODE]).ignore_scan_age();
    let report = manager.check_prerequisites(&question).await.unwrap();
    assert_eq!(report.nodes, [NODE, OTHER].map(NodeId::new));
    assert_eq!(only(&report).nodes, report.nodes);
}

#[tokio::test]
async fn the_whole_account_is_its_instances_and_its_hybrid_nodes() {
    let mut fleet = tokyo(linux());
    let agentless = FleetNode::amazon_linux_2023("i-00000000000000002");
    fleet.nodes.push(FleetNode::amazon_linux_2023(HYBRID));
    fleet
        .nodes
        .push(agentless.with_condition(NodeCondition::Agentless));
    let (_, manager) = account(fleet).await;
    let report = manager
        .check_prerequisites(&Prerequisites::account())
        .await
        .unwrap();
    let expected = [NODE, "i-00000000000000002", HYBRID].map(NodeId::new);
    assert_eq!(report.nodes, expected);
}

#[tokio::test]
async fn a_report_goes_to_json_and_back_and_prints_like_a_compiler() {
    let mut fleet = tokyo(linux());
    fleet.vpc_endpoints.truncate(3);
    let report = found(fleet).await;
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["Findings"][0]["Kind"], "endpoint-missing");
    assert_eq!(json["Findings"][0]["Severity"], "error");
    let back: PrerequisiteReport = serde_json::from_value(json).unwrap();
    assert_eq!(back, report);
    let expected = "\
error[endpoint-missing]: vpc-1 has no endpoint for s3
  --> i-00000000000000001
   | subnet-1: its route table rtb-1 has no default route
   | vpce-ssm: Interface endpoint for ssm
   | vpce-ec2messages: Interface endpoint for ec2messages
   | vpce-ssmmessages: Interface endpoint for ssmmessages
   = fix: create an endpoint for com.amazonaws.ap-northeast-1.s3
          aws ec2 create-vpc-endpoint --region ap-northeast-1 --vpc-id vpc-1 \
--vpc-endpoint-type Gateway --service-name com.amazonaws.ap-northeast-1.s3 --route-table-ids rtb-1

0 of 1 nodes can be patched; 1 error";
    assert_eq!(report.to_string(), expected);
}

#[test]
fn each_kind_of_finding_has_a_name_of_its_own_that_json_uses_too() {
    let mut names: Vec<&str> = FindingKind::ALL.iter().map(|kind| kind.code()).collect();
    for kind in FindingKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FindingKind::ALL.len());
}
