//! The nodes of an organization: which there are, by one account's listing, and which of them a report or a
//! run has reached.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::future::ready;
use std::time::Duration;

use aws_patch_manager::automation::{OrganizationRequest, PatchRunbook};
use aws_patch_manager::backend::{
    ListNodes, ListNodesSummary, NodeInventory, Operation, StopInstances,
};
use aws_patch_manager::backend::{NodePower, Request};
use aws_patch_manager::compliance::{ComplianceReport, ReportDetail};
use aws_patch_manager::manager::FleetSweep;
use aws_patch_manager::memory::{FleetNode, MemoryOrganization, NodeCondition};
use aws_patch_manager::organization::{NodeQuery, NodeReach};
use aws_patch_manager::types::{
    ListNodesFilter, ManagedStatus, Node, NodeAggregator, NodeAttributeName, NodeFilterKey,
    NodeFilterOperatorType, NodeId, PlatformType, Target,
};
use aws_patch_manager::{
    ComplianceQuery, Error, ErrorKind, MemoryBackend, PageRequest, PatchManager,
};
use futures_util::TryStreamExt;
use support::accounts::{hybrid_id, hybrid_node, id};

const CENTRAL: &str = "111111111111";
const WEB: &str = "222222222222";
const DATA: &str = "333333333333";
const REGIONS: [&str; 2] = ["eu-central-1", "eu-west-1"];
const OUTER: &str = "ou-ab12-workloads1";
const INNER: &str = "ou-ab12-production";
const SYNC: &str = "AWS-QuickSetup-ManagedNode";

/// Two accounts below the management account. The first has a Windows and a Linux node in the first Region and
/// a Linux node in the second; the other one a hybrid node, a stopped one and one without an agent.
fn organization() -> MemoryOrganization {
    organization_of(MemoryBackend::builder())
}

fn organization_of(
    template: aws_patch_manager::memory::MemoryBackendBuilder,
) -> MemoryOrganization {
    let organization = MemoryOrganization::builder()
        .management(CENTRAL)
        .unit(OUTER, None)
        .unit(INNER, Some(OUTER))
        .account(WEB, INNER)
        .account(DATA, OUTER)
        .regions(REGIONS)
        .template(template)
        .build()
        .unwrap();
    let add = |account: &str, region: &str, node: FleetNode| {
        organization.member(account, region).unwrap().add_node(node);
    };
    add(
        WEB,
        REGIONS[0],
        FleetNode::windows_server_2022(id(1)).with_tag("Name", "web-1"),
    );
    add(WEB, REGIONS[0], FleetNode::amazon_linux_2023(id(2)));
    add(WEB, REGIONS[1], FleetNode::amazon_linux_2023(id(1)));
    add(DATA, REGIONS[1], hybrid_node(hybrid_id(3)));
    let away = |condition| FleetNode::amazon_linux_2023(id(4)).with_condition(condition);
    add(DATA, REGIONS[0], away(NodeCondition::Stopped));
    add(DATA, REGIONS[1], away(NodeCondition::Agentless));
    organization
}

fn manager(organization: &MemoryOrganization, account: &str, region: &str) -> PatchManager {
    PatchManager::from_memory(&organization.member(account, region).unwrap())
}

fn central(organization: &MemoryOrganization) -> PatchManager {
    manager(organization, CENTRAL, REGIONS[0])
}

async fn find(manager: &PatchManager, query: &NodeQuery) -> Result<Vec<Node>, Error> {
    manager.find_nodes(query).try_collect().await
}

/// The account, Region and id of each node.
fn places(nodes: &[Node]) -> Vec<(&str, &str, &str)> {
    nodes
        .iter()
        .map(|node| {
            let account = node.account_id().unwrap();
            let region = node.region.as_deref().unwrap();
            (
                account,
                region,
                node.id.as_ref().map(NodeId::as_str).unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn the_management_account_finds_the_nodes_of_all_accounts_and_regions() {
    for cap in [50, 2, 1] {
        let organization = organization_of(MemoryBackend::builder().page_size_cap(cap));
        let nodes = find(&central(&organization), &NodeQuery::organization()).await;
        let nodes = nodes.unwrap();
        let (one, two, three, four) = (id(1), id(2), hybrid_id(3), id(4));
        let expected = [
            (WEB, REGIONS[0], one.as_str()),
            (WEB, REGIONS[0], &two),
            (WEB, REGIONS[1], &one),
            (DATA, REGIONS[0], &four),
            (DATA, REGIONS[1], &three),
        ];
        assert_eq!(places(&nodes), expected, "pages of {cap}");
        let owner = nodes[0].owner.clone().unwrap();
        assert_eq!(owner.organizational_unit_id.as_deref(), Some(INNER));
        let path = owner.organizational_unit_path.unwrap();
        assert!(path.ends_with(&format!("/{OUTER}/{INNER}/")), "{path}");
        let instance = nodes[0].instance().unwrap();
        assert_eq!(instance.name.as_deref(), Some("web-1"));
        assert_eq!(instance.platform_type, Some(PlatformType::Windows));
        assert_eq!(instance.instance_status.as_deref(), Some("Active"));
        assert_eq!(instance.managed_status, Some(ManagedStatus::Managed));
        let stopped = nodes[3].instance().unwrap();
        assert_eq!(stopped.instance_status.as_deref(), Some("Stopped"));
        let text = nodes[1].to_string();
        assert!(
            text.starts_with(&format!("{WEB}/eu-central-1 {two}: Amazon Linux")),
            "{text}"
        );
        assert!(text.ends_with(", Active"), "{text}");
    }
}

/// A change of power ends in time, also in an account that nobody has called since.
#[tokio::test]
async fn the_nodes_of_other_accounts_are_as_they_are_now() {
    let organization = organization();
    let web = organization.member(WEB, REGIONS[0]).unwrap();
    web.stop_instances(StopInstances::new([id(2)]))
        .await
        .unwrap();
    organization.advance(Duration::from_hours(1));
    let stopped = NodeQuery::organization().instance_statuses(["Stopped"]);
    let nodes = find(&central(&organization), &stopped).await.unwrap();
    let (two, four) = (id(2), id(4));
    let expected = [(WEB, REGIONS[0], two.as_str()), (DATA, REGIONS[0], &four)];
    assert_eq!(places(&nodes), expected);
}

/// A token goes on in the account, Region and node that it names, though nodes before it went away.
#[tokio::test]
async fn a_walk_through_an_organization_skips_no_node_if_others_leave() {
    let organization = organization_of(MemoryBackend::builder().page_size_cap(2));
    let backend = organization.member(CENTRAL, REGIONS[0]).unwrap();
    let first = backend.list_nodes(ListNodes::organization(PageRequest::first()));
    let first = first.await.unwrap();
    assert_eq!(first.items.len(), 2);
    let web = organization.member(WEB, REGIONS[0]).unwrap();
    web.remove_node(&NodeId::new(id(1))).unwrap();
    let page = PageRequest::first().with_next_token(first.next_token);
    let second = backend
        .list_nodes(ListNodes::organization(page))
        .await
        .unwrap();
    let (one, four) = (id(1), id(4));
    let expected = [(WEB, REGIONS[1], one.as_str()), (DATA, REGIONS[0], &four)];
    assert_eq!(places(&second.items), expected);
}

#[tokio::test]
async fn only_the_management_account_in_its_home_region_has_the_sync() {
    let organization = organization();
    let alone = PatchManager::in_memory();
    let elsewhere = [
        manager(&organization, WEB, REGIONS[0]),
        manager(&organization, CENTRAL, REGIONS[1]),
        alone,
    ];
    for manager in &elsewhere {
        let error = find(manager, &NodeQuery::organization()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.code(), Some("ResourceDataSyncNotFoundException"));
        assert_eq!(error.operation(), Some("ListNodes"));
        let message = error.message();
        assert!(
            message.contains(&format!("no sync {SYNC} in this Region")),
            "{message}"
        );
        assert!(message.contains("home Region"), "{message}");
        let (query, by) = (NodeQuery::organization(), [NodeAttributeName::Region]);
        let error = manager.summarize_nodes(&query, by).await.unwrap_err();
        assert_eq!(error.operation(), Some("ListNodesSummary"));
        assert!(error.message().contains("home Region"), "{error}");
    }
    // Each finds its own nodes without the sync.
    let own = find(&elsewhere[0], &NodeQuery::region()).await.unwrap();
    let (one, two) = (id(1), id(2));
    let expected = [(WEB, REGIONS[0], one.as_str()), (WEB, REGIONS[0], &two)];
    assert_eq!(places(&own), expected);
    assert_eq!(
        own[0]
            .owner
            .as_ref()
            .unwrap()
            .organizational_unit_id
            .as_deref(),
        Some(INNER)
    );
    assert!(
        find(&elsewhere[1], &NodeQuery::region())
            .await
            .unwrap()
            .is_empty()
    );
    let backend = organization.member(CENTRAL, REGIONS[0]).unwrap();
    let other = ListNodes::new(
        Some("patching".to_owned()),
        Vec::new(),
        PageRequest::first(),
    );
    let error = backend.list_nodes(other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[tokio::test]
async fn without_the_integrated_experience_the_error_says_what_to_do() {
    let organization = organization_of(MemoryBackend::builder().without_integrated_experience());
    let manager = central(&organization);
    let region = NodeQuery::region();
    let summary = manager.summarize_nodes(&region, [NodeAttributeName::Region]);
    let errors = [
        find(&manager, &NodeQuery::organization())
            .await
            .unwrap_err(),
        find(&manager, &NodeQuery::region()).await.unwrap_err(),
        summary.await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.code(), Some("UnsupportedOperationException"));
        let message = error.message();
        assert!(message.contains("set up the unified console"), "{message}");
        assert!(
            message.contains("sweep each account and Region by itself"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn filters_are_anded_and_their_values_ored() {
    use NodeFilterKey::{
        AccountId, InstanceId, InstanceStatus, OrganizationalUnitId, OrganizationalUnitPath,
        PlatformType as Platform, Region, ResourceType, SourceId,
    };
    use NodeFilterOperatorType::{BeginWith, Equal, NotEqual};
    let organization = organization();
    let manager = central(&organization);
    let by = |key: NodeFilterKey, operator, values: &[&str]| {
        ListNodesFilter::new(key, values.iter().copied()).with_operator(operator)
    };
    let inner_path = format!("o-memory0000/r-memo/{OUTER}/{INNER}/");
    let outer_path = format!("o-memory0000/r-memo/{OUTER}/");
    let one = id(1);
    let cases = [
        (vec![by(AccountId, Equal, &[WEB, DATA])], 5),
        (vec![by(AccountId, NotEqual, &[WEB])], 2),
        (vec![by(AccountId, BeginWith, &["2222"])], 3),
        (
            vec![
                by(Region, Equal, &[REGIONS[1]]),
                by(AccountId, Equal, &[WEB]),
            ],
            1,
        ),
        (vec![by(InstanceId, Equal, &[&one])], 2),
        (vec![by(Platform, Equal, &["Windows"])], 1),
        (vec![by(ResourceType, Equal, &["ManagedInstance"])], 1),
        (vec![by(InstanceStatus, NotEqual, &["Active"])], 1),
        (vec![by(OrganizationalUnitId, Equal, &[OUTER])], 2),
        (vec![by(OrganizationalUnitPath, Equal, &[&inner_path])], 3),
        (
            vec![by(OrganizationalUnitPath, BeginWith, &[&outer_path])],
            5,
        ),
        (vec![by(SourceId, Equal, &["thing"])], 0),
        (vec![by(SourceId, NotEqual, &["thing"])], 5),
    ];
    for (filters, expected) in cases {
        let query = filters.iter().cloned();
        let query = query.fold(NodeQuery::organization(), NodeQuery::filter);
        let found = find(&manager, &query).await.unwrap();
        assert_eq!(found.len(), expected, "{filters:?}");
    }
    let typed = NodeQuery::organization()
        .accounts([WEB])
        .regions(REGIONS)
        .platform_types([PlatformType::Linux])
        .organizational_units([INNER])
        .nodes([id(1), id(2)]);
    assert_eq!(find(&manager, &typed).await.unwrap().len(), 2);
}

/// The listing is of managed nodes, unless a filter names the status.
#[tokio::test]
async fn unmanaged_instances_are_found_if_the_query_asks_for_them() {
    let organization = organization();
    let manager = central(&organization);
    for (status, expected) in [
        (ManagedStatus::Managed, 5),
        (ManagedStatus::Unmanaged, 1),
        (ManagedStatus::All, 6),
    ] {
        let query = NodeQuery::organization().managed_status(status.clone());
        let found = find(&manager, &query).await.unwrap();
        assert_eq!(found.len(), expected, "{status}");
        if status == ManagedStatus::Unmanaged {
            let instance = found[0].instance().unwrap();
            assert_eq!(instance.agent_version, None);
            assert_eq!(instance.platform_name, None);
        }
    }
}

#[tokio::test]
async fn nodes_are_counted_by_one_attribute_or_two() {
    use NodeAttributeName::{PlatformType as Platform, Region, SourceType};
    let organization = organization_of(MemoryBackend::builder().page_size_cap(1));
    let manager = central(&organization);
    let everywhere = NodeQuery::organization();
    let cases = [
        (
            everywhere.clone(),
            vec![Region],
            vec!["3 nodes: Region eu-central-1", "2 nodes: Region eu-west-1"],
        ),
        (
            everywhere.clone(),
            vec![Region, Platform],
            vec![
                "2 nodes: PlatformType Linux, Region eu-central-1",
                "1 node: PlatformType Windows, Region eu-central-1",
                "2 nodes: PlatformType Linux, Region eu-west-1",
            ],
        ),
        (
            everywhere.accounts([DATA]),
            vec![SourceType],
            vec!["2 nodes: SourceType ?"],
        ),
        (NodeQuery::region(), vec![Region], vec![]),
    ];
    for (query, by, expected) in cases {
        let rows = manager.summarize_nodes(&query, by.clone()).await.unwrap();
        let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(rows, expected, "{by:?}");
    }
    // Next to each other, aggregators count the same nodes twice.
    let aggregators = [Region, Platform].map(NodeAggregator::count).to_vec();
    let request = ListNodesSummary::new(None, Vec::new(), aggregators, PageRequest::first());
    let backend = MemoryBackend::sample();
    let rows = backend.list_nodes_summary(request).await.unwrap().items;
    let count = |attribute| {
        let rows = rows.iter().filter(|row| row.value(&attribute).is_some());
        rows.filter_map(|row| row.count()).sum::<u64>()
    };
    assert_eq!(count(Region), count(Platform));
}

#[tokio::test]
async fn a_query_that_the_service_refuses_makes_no_call_and_names_every_violation() {
    let backend = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&backend);
    let odd = ListNodesFilter::new(NodeFilterKey::from("Colour"), ["blue; red"])
        .with_operator(NodeFilterOperatorType::from("Near"));
    let many = (0..6).map(|number| format!("{number:012}"));
    let query = NodeQuery::region()
        .filter(odd)
        .accounts(many)
        .regions([""; 0]);
    let error = find(&manager, &query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let paths: Vec<&str> = error.violations().iter().map(|one| &*one.field).collect();
    let expected = [
        "Filters[0].Key",
        "Filters[0].Type",
        "Filters[0].Values[0]",
        "Filters[1].Values",
        "Filters[2].Values",
    ];
    assert_eq!(paths, expected);
    let six = (0..6).fold(NodeQuery::region(), |query, _| query.regions(["eu-west-1"]));
    let error = find(&manager, &six).await.unwrap_err();
    assert_eq!(error.violations()[0].field, "Filters");

    use NodeAttributeName::{PlatformName, PlatformType as Platform, Region};
    let unknown = NodeAttributeName::from("Colour");
    for by in [
        vec![],
        vec![Region, Region],
        vec![Region, PlatformName, Platform],
        vec![unknown],
    ] {
        let refused = manager
            .summarize_nodes(&NodeQuery::region(), by.clone())
            .await;
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{by:?}");
        assert_eq!(error.operation(), Some("ListNodesSummary"), "{by:?}");
    }
    assert!(backend.calls().is_empty(), "{:?}", backend.calls());
}

#[tokio::test]
async fn memory_refuses_what_the_model_bounds() {
    let backend = MemoryBackend::sample();
    let filter = |values: &[&str]| {
        vec![ListNodesFilter::new(
            NodeFilterKey::Region,
            values.iter().copied(),
        )]
    };
    let long = "x".repeat(513);
    let cases = [
        (Some(String::new()), Vec::new()),
        (Some("x".repeat(65)), Vec::new()),
        (None, filter(&[])),
        (None, filter(&["a"; 6])),
        (None, filter(&[&long])),
        (None, filter(&["a;b"])),
        (None, vec![filter(&["a"])[0].clone(); 6]),
    ];
    for (sync, filters) in cases {
        let first = PageRequest::first;
        let by = vec![NodeAggregator::count(NodeAttributeName::Region)];
        let listing = ListNodes::new(sync.clone(), filters.clone(), first());
        let summary = ListNodesSummary::new(sync, filters.clone(), by, first());
        let refused = [
            listing.send(&backend).await.map(drop),
            summary.send(&backend).await.map(drop),
        ];
        for refused in refused {
            let error = refused.unwrap_err();
            assert_eq!(
                error.code(),
                Some("ValidationException"),
                "{filters:?}: {error}"
            );
        }
    }
    for aggregators in [
        Vec::new(),
        vec![NodeAggregator::count(NodeAttributeName::Region); 3],
    ] {
        let request = ListNodesSummary::new(None, Vec::new(), aggregators, PageRequest::first());
        let error = backend.list_nodes_summary(request).await.unwrap_err();
        assert_eq!(error.code(), Some("ValidationException"), "{error}");
    }
}

async fn report_of(sources: Vec<(&str, PatchManager)>) -> ComplianceReport {
    let sweep = sources
        .into_iter()
        .fold(FleetSweep::new(), |sweep, (name, manager)| {
            sweep.source(name, manager)
        });
    let query = ComplianceQuery::all();
    sweep
        .compliance_report("All", &query, ReportDetail::Verdicts)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_report_has_not_reached_the_nodes_of_accounts_that_it_did_not_read() {
    let organization = organization();
    let nodes = find(&central(&organization), &NodeQuery::organization())
        .await
        .unwrap();
    let denied = organization.member(DATA, REGIONS[0]).unwrap();
    let listings = [
        Operation::DescribeInstanceProperties,
        Operation::DescribeInstanceInformation,
        Operation::DescribeInstances,
    ];
    for listing in listings {
        let faults = denied.faults();
        faults
            .fail(
                listing,
                ErrorKind::AccessDenied,
                "AccessDeniedException",
                "no",
            )
            .always();
    }
    let of = |account, region| manager(&organization, account, region);
    let report = report_of(vec![
        ("222222222222/eu-central-1", of(WEB, REGIONS[0])),
        ("333333333333/eu-central-1", of(DATA, REGIONS[0])),
        ("333333333333/eu-west-1", of(DATA, REGIONS[1])),
    ])
    .await;
    let reach = NodeReach::of_report(&nodes, &report);
    assert!(!reach.is_complete());
    let unreached: Vec<Node> = reach.unreached().cloned().collect();
    let (one, four) = (id(1), id(4));
    // The id is also in the report, of another Region.
    let expected = [(WEB, REGIONS[1], one.as_str()), (DATA, REGIONS[0], &four)];
    assert_eq!(places(&unreached), expected);
    let text = reach.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        format!("{WEB}/eu-west-1: 1 of 1 nodes not reached: {one}")
    );
    let begin = format!("{DATA}/eu-central-1: 1 of 1 nodes not reached: {four} (");
    assert!(lines[1].starts_with(&begin), "{text}");
    assert!(lines[1].contains("AccessDenied"), "{text}");
    assert_eq!(lines.len(), 2, "{text}");
}

#[tokio::test]
async fn a_source_of_another_name_counts_wherever_its_node_is_listed() {
    let organization = organization();
    let nodes = find(&central(&organization), &NodeQuery::organization())
        .await
        .unwrap();
    let of = |account, region| manager(&organization, account, region);
    let everything = report_of(vec![
        ("web in Frankfurt", of(WEB, REGIONS[0])),
        ("data in Frankfurt", of(DATA, REGIONS[0])),
        ("data in Ireland", of(DATA, REGIONS[1])),
    ])
    .await;
    let reach = NodeReach::of_report(&nodes, &everything);
    assert!(reach.is_complete(), "{reach}");
    assert_eq!(reach.to_string(), "all 5 nodes reached");
    assert_eq!(reach.locations.len(), 4);
    let query = ComplianceQuery::all();
    let single = of(WEB, REGIONS[0]);
    let single = single.compliance_report("One", &query, ReportDetail::Verdicts);
    let reach = NodeReach::of_report(&nodes, &single.await.unwrap());
    assert_eq!(reach.unreached().count(), 2, "{reach}");
}

#[tokio::test]
async fn a_run_has_not_reached_the_nodes_of_a_denied_region() {
    let organization = organization();
    for (account, region, number) in [(WEB, REGIONS[0], 5), (WEB, REGIONS[1], 6)] {
        let node = FleetNode::amazon_linux_2023(id(number)).with_tag("Patch", "yes");
        organization.member(account, region).unwrap().add_node(node);
    }
    organization.deny_region(WEB, REGIONS[1]).unwrap();
    let manager = central(&organization);
    let runbook = PatchRunbook::new("Patch-Nodes").share_with([WEB]);
    manager.ensure_patch_runbook(&runbook).await.unwrap();
    let request = OrganizationRequest::scan("Patch-Nodes")
        .target(Target::tag("Patch", ["yes"]))
        .accounts([WEB], REGIONS)
        .location_max_errors("100%".parse().unwrap());
    let run = manager.run_organization(&request).await.unwrap();
    let managers = |account: String, region: String| {
        let member = organization.member(&account, &region);
        ready(member.map(|member| PatchManager::from_memory(&member)))
    };
    let outcome = run
        .wait_with_nodes(Duration::from_hours(4), managers)
        .await
        .unwrap();
    let query = NodeQuery::organization().nodes([id(4), id(5), id(6)]);
    let nodes = find(&manager, &query).await.unwrap();
    assert_eq!(nodes.len(), 3);
    let reach = NodeReach::of_outcome(&nodes, &outcome);
    let (four, six) = (id(4), id(6));
    let unreached: Vec<Node> = reach.unreached().cloned().collect();
    let expected = [(WEB, REGIONS[1], six.as_str()), (DATA, REGIONS[0], &four)];
    assert_eq!(places(&unreached), expected);
    let text = reach.to_string();
    assert!(text.contains(&format!("{six} (")), "{text}");
    assert!(text.contains("a policy denies"), "{text}");
    assert!(
        text.contains(&format!("{four} (not part of the run)")),
        "{text}"
    );
}
