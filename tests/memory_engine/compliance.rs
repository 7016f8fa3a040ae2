//! The listings about the last operation on each node.

use aws_patch_manager::backend::{
    ComplianceSource, DescribeInstancePatchStates, DescribeInstancePatchStatesForPatchGroup,
    DescribeInstancePatches, DescribePatchGroupState, ListComplianceItems, ListComplianceSummaries,
    ListResourceComplianceSummaries,
};
use aws_patch_manager::memory::NodeCondition;
use aws_patch_manager::types::{
    ComplianceFilter, ComplianceOperator, ComplianceSeverity, ComplianceStatus, NodeId,
    OperatingSystem, PatchComplianceLevel, PatchStateFilter, PatchStateOperator, QueryFilter,
};
use aws_patch_manager::{Error, MemoryBackend, PageRequest, PatchGroup};

use crate::world::*;

/// A Windows node of group `web` that misses two patches, and a Linux node that misses none.
async fn scanned() -> MemoryBackend {
    let backend = account(vec![
        windows(&[]).with_tag("Patch Group", "web"),
        linux(&["vim-9.0-1"]).with_tag("PatchGroup", "web"),
    ]);
    let mut spec = security(OperatingSystem::Windows);
    spec.approval_rules.patch_rules[0].compliance_level = Some(PatchComplianceLevel::High);
    make_default(&backend, spec).await;
    run(&backend, scan(&[WIN, LIN])).await;
    backend
}

#[tokio::test]
async fn a_node_without_an_operation_has_no_state_and_unknown_ids_are_dropped() {
    let backend = account(vec![windows(&[]), linux(&[])]);
    run(&backend, scan(&[WIN])).await;
    let nodes = [LIN, WIN, "i-00000000000000099"].map(NodeId::new);
    let page = backend.describe_instance_patch_states(DescribeInstancePatchStates::new(
        &nodes,
        PageRequest::first(),
    ));
    let ids: Vec<_> = page
        .await
        .unwrap()
        .items
        .into_iter()
        .map(|s| s.instance_id)
        .collect();
    assert_eq!(ids, [NodeId::new(WIN)]);

    let many = vec![NodeId::new(WIN); 51];
    let error = backend
        .describe_instance_patch_states(DescribeInstancePatchStates::new(
            &many,
            PageRequest::first(),
        ))
        .await;
    assert_eq!(error.unwrap_err().code(), Some("ValidationException"));
    for size in [9, 101] {
        let page = PageRequest::first().with_max_results(size);
        let error = backend
            .describe_instance_patch_states(DescribeInstancePatchStates::new(&nodes, page))
            .await;
        assert_eq!(
            error.unwrap_err().code(),
            Some("ValidationException"),
            "{size}"
        );
    }
}

#[tokio::test]
async fn the_states_of_a_group_are_compared_by_count() {
    let backend = scanned().await;
    let group = PatchGroup::new("web").unwrap();
    let cases = [
        (vec![], 2),
        (
            vec![PatchStateFilter::new(
                "MissingCount",
                PatchStateOperator::GreaterThan,
                0,
            )],
            1,
        ),
        (
            vec![PatchStateFilter::new(
                "MissingCount",
                PatchStateOperator::Equal,
                2,
            )],
            1,
        ),
        (
            vec![PatchStateFilter::new(
                "MissingCount",
                PatchStateOperator::NotEqual,
                2,
            )],
            1,
        ),
        (
            vec![PatchStateFilter::new(
                "MissingCount",
                PatchStateOperator::LessThan,
                2,
            )],
            1,
        ),
        (
            vec![
                PatchStateFilter::new("MissingCount", PatchStateOperator::GreaterThan, 0),
                PatchStateFilter::new("InstalledOtherCount", PatchStateOperator::GreaterThan, 0),
            ],
            0,
        ),
    ];
    let ask = |filters| {
        let request = DescribeInstancePatchStatesForPatchGroup::new(
            group.clone(),
            filters,
            PageRequest::first(),
        );
        backend.describe_instance_patch_states_for_patch_group(request)
    };
    for (filters, count) in cases {
        let page = ask(filters.clone()).await.unwrap();
        assert_eq!(page.items.len(), count, "{filters:?}");
    }
    let mut bad = PatchStateFilter::new("MissingCount", PatchStateOperator::Equal, 0);
    bad.values = vec!["few".to_owned()];
    let unknown = PatchStateFilter::new("Missing", PatchStateOperator::Equal, 0);
    for filter in [bad, unknown] {
        let error = ask(vec![filter]).await.unwrap_err();
        assert_eq!(error.code(), Some("InvalidFilter"));
    }
}

#[tokio::test]
async fn the_patches_of_a_node_are_filtered() {
    let backend = scanned().await;
    let ask = |node: &str, filters| {
        let request = DescribeInstancePatches::new(node, filters, PageRequest::first());
        backend.describe_instance_patches(request)
    };
    let cases = [
        (QueryFilter::new("State", ["Missing"]), 2),
        (QueryFilter::new("State", ["Missing", "NotApplicable"]), 3),
        (QueryFilter::new("KBId", ["KB2"]), 1),
        (QueryFilter::new("Classification", ["CriticalUpdates"]), 1),
        (QueryFilter::new("Severity", ["Low"]), 0),
    ];
    for (filter, count) in cases {
        let page = ask(WIN, vec![filter.clone()]).await.unwrap();
        assert_eq!(page.items.len(), count, "{filter:?}");
    }
    let error = ask(WIN, vec![QueryFilter::new("Title", ["x"])])
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidFilter"));
    backend
        .set_condition(&LIN.into(), NodeCondition::Agentless)
        .unwrap();
    for node in [LIN, "i-00000000000000099"] {
        let error = ask(node, vec![]).await.unwrap_err();
        assert_eq!(error.code(), Some("InvalidInstanceId"), "{node}");
    }
}

#[tokio::test]
async fn a_group_counts_its_nodes_in_each_state() {
    let backend = scanned().await;
    let group = PatchGroup::new("web").unwrap();
    let state = backend
        .describe_patch_group_state(DescribePatchGroupState::new(&group))
        .await
        .unwrap();
    assert_eq!(state.instances, 2);
    assert_eq!(state.instances_with_missing_patches, 1);
    assert_eq!(state.instances_with_installed_other_patches, 1);
    assert_eq!(state.instances_with_security_non_compliant_patches, Some(1));
    assert_eq!(state.instances_with_critical_non_compliant_patches, Some(0));
    assert_eq!(state.instances_with_available_security_updates, Some(1));
    let unknown = PatchGroup::new("nobody").unwrap();
    let state = backend
        .describe_patch_group_state(DescribePatchGroupState::new(&unknown))
        .await
        .unwrap();
    assert_eq!(state.instances, 0);
}

#[tokio::test]
async fn compliance_items_carry_the_baselines_level_and_the_state() {
    let backend = scanned().await;
    let ask = |filters| {
        let backend = &backend;
        async move {
            let request = ListComplianceItems::new(WIN, filters, PageRequest::first());
            backend.list_compliance_items(request).await
        }
    };
    let offending = ComplianceFilter::equal("Status", ["NON_COMPLIANT"]);
    let items = ask(vec![offending]).await.unwrap().items;
    let ids: Vec<_> = items.iter().map(|item| item.id.as_str()).collect();
    // KB3 is an available security update; the baseline does not set a status for those.
    assert_eq!(ids, ["KB2", "KB3", "KB6"]);
    assert_eq!(items[0].severity, Some(ComplianceSeverity::High));
    assert_eq!(items[0].details["PatchState"], "Missing");
    assert_eq!(items[0].details["PatchSeverity"], "Critical");
    assert_eq!(items[0].details["PatchGroup"], "web");
    let run = items[0].execution_summary.as_ref().unwrap();
    assert_eq!(run.execution_type.as_deref(), Some("Command"));
    let state = ComplianceFilter::equal("PatchState", ["AvailableSecurityUpdate"]);
    assert_eq!(ask(vec![state]).await.unwrap().items[0].id, "KB3");
    let error = ask(vec![ComplianceFilter::equal("Colour", ["red"])])
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidFilter"));

    // An item has no overall severity.
    let mut absent = ComplianceFilter::equal("OverallSeverity", ["HIGH"]);
    assert_eq!(ask(vec![absent.clone()]).await.unwrap().items, []);
    absent.operator = ComplianceOperator::NotEqual;
    assert_eq!(ask(vec![absent]).await.unwrap().items.len(), 3);
    for (count, refused) in [(20, None), (21, Some("ValidationException"))] {
        let values = (0..count).map(|number| format!("KB{number}"));
        let answer = ask(vec![ComplianceFilter::equal("Id", values)]).await;
        let error = answer.err();
        assert_eq!(error.as_ref().and_then(Error::code), refused, "{count}");
    }
    let stranger = NodeId::new("i-00000000000000099");
    let error = backend
        .list_compliance_items(ListComplianceItems::new(
            &stranger,
            Vec::new(),
            PageRequest::first(),
        ))
        .await;
    assert_eq!(error.unwrap_err().code(), Some("InvalidResourceId"));
}

#[tokio::test]
async fn summaries_add_up_nodes_and_items() {
    let empty = account(vec![windows(&[])]);
    let page = empty
        .list_compliance_summaries(ListComplianceSummaries::default())
        .await
        .unwrap();
    assert_eq!(page.items, []);

    let backend = scanned().await;
    let page =
        backend.list_resource_compliance_summaries(ListResourceComplianceSummaries::default());
    let nodes = page.await.unwrap().items;
    let windows = nodes.iter().find(|node| node.resource_id == WIN).unwrap();
    assert_eq!(windows.status, Some(ComplianceStatus::NonCompliant));
    assert_eq!(windows.overall_severity, Some(ComplianceSeverity::High));
    assert_eq!(windows.non_compliant_summary.non_compliant_count, 3);
    let severities = &windows.non_compliant_summary.severity_summary;
    assert_eq!(
        (severities.high_count, severities.unspecified_count),
        (2, 1)
    );
    let linux = nodes.iter().find(|node| node.resource_id == LIN).unwrap();
    assert_eq!(linux.status, Some(ComplianceStatus::Compliant));

    let page = backend
        .list_compliance_summaries(ListComplianceSummaries::default())
        .await
        .unwrap();
    let fleet = &page.items[0];
    assert_eq!(fleet.compliance_type, "Patch");
    assert_eq!(fleet.compliant_summary.compliant_count, 1);
    assert_eq!(fleet.non_compliant_summary.non_compliant_count, 1);
    for (key, value) in [
        ("Status", "NON_COMPLIANT"),
        ("Severity", "HIGH"),
        ("OverallSeverity", "HIGH"),
    ] {
        let filters = vec![ComplianceFilter::equal(key, [value])];
        let request = ListResourceComplianceSummaries::new(filters, PageRequest::first());
        let page = backend.list_resource_compliance_summaries(request).await;
        let page = page.unwrap();
        let nodes: Vec<_> = page.items.iter().map(|node| &node.resource_id).collect();
        assert_eq!(nodes, [WIN], "{key}");
    }
}

#[tokio::test]
async fn what_offends_without_a_level_counts_as_informational() {
    let backend = account(vec![windows(&[])]);
    make_default(&backend, security(OperatingSystem::Windows)).await;
    run(&backend, scan(&[WIN])).await;
    let page =
        backend.list_resource_compliance_summaries(ListResourceComplianceSummaries::default());
    let severity = page.await.unwrap().items.remove(0).overall_severity;
    assert_eq!(severity, Some(ComplianceSeverity::Informational));
}
