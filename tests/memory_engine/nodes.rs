//! Managed nodes, their conditions and their tags.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_patch_manager::backend::{
    BaselineStore, CreatePatchBaseline, NodeInventoryExt, RegisterPatchBaselineForPatchGroup,
};
use aws_patch_manager::backend::{
    CommandRunner, DescribeInstanceInformation, DescribeInstanceProperties, NodeInventory,
    NodePower, PatchGroupRegistry, StartInstances, StopInstances,
};
use aws_patch_manager::memory::{FleetNode, InstalledPackage, NodeCondition};
use aws_patch_manager::types::{
    InstancePropertyFilterOperator, InstancePropertyStringFilter, NodeId, OperatingSystem, Patch,
    PingStatus, QueryFilter, Tag,
};
use aws_patch_manager::{ErrorKind, MemoryBackend, PageRequest, PatchGroup};

use crate::support::accounts::id;
use crate::world::*;

const HYBRID: &str = "mi-00000000000000004";
const GONE: &str = "i-00000000000000099";
const GONE_HYBRID: &str = "mi-00000000000000099";

fn hybrid() -> FleetNode {
    FleetNode::amazon_linux_2023(HYBRID)
}

async fn listed(backend: &MemoryBackend, filters: Vec<QueryFilter>) -> Vec<String> {
    let request = DescribeInstanceInformation::new(filters, PageRequest::first());
    let page = backend
        .describe_instance_information(request)
        .await
        .unwrap();
    let items = page.items.into_iter();
    items
        .map(|node| format!("{} {}", node.instance_id, node.ping_status.unwrap()))
        .collect()
}

#[tokio::test]
async fn stopped_and_agentless_nodes_are_not_listed_and_unreachable_ones_lost_connection() {
    let cases: [(NodeCondition, &[&str], &str); 4] = [
        (
            NodeCondition::Online,
            &["i-00000000000000001 Online"],
            "running",
        ),
        (
            NodeCondition::Unreachable,
            &["i-00000000000000001 ConnectionLost"],
            "running",
        ),
        (NodeCondition::Stopped, &[], "stopped"),
        (NodeCondition::Agentless, &[], "running"),
    ];
    for (condition, expected, ec2) in cases {
        let backend = account(vec![windows(&[])]);
        backend
            .set_condition(&WIN.into(), condition.clone())
            .unwrap();
        assert_eq!(listed(&backend, vec![]).await, expected, "{condition}");
        let instances = backend.named_instances(&[WIN.into()]).await.unwrap();
        assert_eq!(instances[0].state.name, ec2, "{condition}");
    }
}

#[tokio::test]
async fn managed_nodes_are_filtered_and_paged() {
    let backend = account(vec![
        windows(&[]).with_tag("Env", "prod"),
        linux(&[]),
        hybrid(),
    ]);
    let cases = [
        (QueryFilter::new("PlatformTypes", ["Windows"]), 1),
        (QueryFilter::new("ResourceType", ["ManagedInstance"]), 1),
        (QueryFilter::new("tag:Env", ["prod"]), 1),
        (QueryFilter::new("tag-key", ["Env", "Tier"]), 1),
        (QueryFilter::new("InstanceIds", [WIN, LIN]), 2),
        (QueryFilter::new("PingStatus", ["Online"]), 3),
    ];
    for (filter, count) in cases {
        assert_eq!(
            listed(&backend, vec![filter.clone()]).await.len(),
            count,
            "{filter:?}"
        );
    }
    let refused = [
        (QueryFilter::new("Colour", ["red"]), "InvalidFilterKey"),
        (
            QueryFilter::new("tag-key", [""; 0]),
            "InvalidInstanceInformationFilterValue",
        ),
    ];
    for (filter, code) in refused {
        let request = DescribeInstanceInformation::new(vec![filter], PageRequest::first());
        let error = backend
            .describe_instance_information(request)
            .await
            .unwrap_err();
        assert_eq!(error.code(), Some(code));
    }

    for number in 5..17 {
        backend.add_node(FleetNode::ubuntu_22_04(id(number)));
    }
    assert_eq!(
        listed(&backend, vec![]).await.len(),
        10,
        "ten a page unless asked otherwise"
    );
    let sizes = [(4, false), (5, true), (50, true), (51, false)];
    for (size, legal) in sizes {
        let page = PageRequest::first().with_max_results(size);
        let request = DescribeInstanceInformation::new(vec![], page);
        let answer = backend.describe_instance_information(request).await;
        assert_eq!(answer.is_ok(), legal, "{size}");
    }
}

/// SSM model, `InstancePropertyStringFilter`; how texts are ordered is not documented.
#[tokio::test]
async fn properties_of_nodes_are_compared_by_an_operator() {
    use InstancePropertyFilterOperator::{BeginWith, Equal, GreaterThan, LessThan, NotEqual};
    let versions = [(WIN, "3.2.9.0"), (LIN, "3.10.1.0")];
    let backend = account(vec![windows(&[]), linux(&[]), hybrid()]);
    for (node, version) in versions {
        let mut other = if node == WIN {
            windows(&[])
        } else {
            linux(&[])
        };
        other.instance_information.agent_version = Some(version.to_owned());
        backend.add_node(other);
    }
    let cases = [
        (("AgentVersion", "3.2.9.0", Equal), vec![WIN]),
        (("AgentVersion", "3.2.9.0", NotEqual), vec![LIN]),
        (("AgentVersion", "3.1", BeginWith), vec![LIN]),
        (("AgentVersion", "3.9", GreaterThan), vec![LIN]),
        (("AgentVersion", "3.9", LessThan), vec![WIN]),
        (("InstanceIds", HYBRID, NotEqual), vec![WIN, LIN]),
        (("ResourceType", "ManagedInstance", Equal), vec![HYBRID]),
        (("DocumentName", "AWS-RunPatchBaseline", Equal), vec![]),
    ];
    for ((key, value, operator), expected) in cases {
        let filter = InstancePropertyStringFilter::new(key, [value]).with_operator(operator);
        let request = DescribeInstanceProperties::new(vec![filter.clone()], PageRequest::first());
        let page = backend.describe_instance_properties(request).await.unwrap();
        let found: BTreeSet<_> = page.items.into_iter().map(|one| one.instance_id).collect();
        let expected = expected
            .into_iter()
            .map(|id| Some(NodeId::new(id)))
            .collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

/// Whether the service lists stopped instances so is not documented; its console shows them.
#[tokio::test]
async fn only_properties_list_a_stopped_node_and_say_so() {
    let backend = account(vec![windows(&[]), linux(&[])]);
    let states = async || {
        let request = DescribeInstanceProperties::default();
        let page = backend.describe_instance_properties(request).await.unwrap();
        let nodes = page.items.into_iter();
        let states = nodes.map(|one| (one.instance_state.unwrap(), one.ping_status.unwrap()));
        states.collect::<Vec<_>>()
    };
    let node = NodeId::new(LIN);
    let running = ("running".to_owned(), PingStatus::Online);
    for (condition, listed, state) in [
        (
            NodeCondition::Online,
            2,
            Some(("running", PingStatus::Online)),
        ),
        (
            NodeCondition::Unreachable,
            2,
            Some(("running", PingStatus::ConnectionLost)),
        ),
        (
            NodeCondition::Stopped,
            1,
            Some(("stopped", PingStatus::ConnectionLost)),
        ),
        (NodeCondition::Agentless, 1, None),
        // It had no agent when it ran.
        (NodeCondition::Stopped, 1, None),
    ] {
        backend.set_condition(&node, condition.clone()).unwrap();
        let request = DescribeInstanceInformation::default();
        let page = backend
            .describe_instance_information(request)
            .await
            .unwrap();
        assert_eq!(page.items.len(), listed, "{condition}");
        let mut found = states().await;
        found.retain(|one| *one != running);
        let others = state.filter(|one| *one != ("running", PingStatus::Online));
        let others = others.map(|(state, ping)| (state.to_owned(), ping));
        assert_eq!(found, others.into_iter().collect::<Vec<_>>(), "{condition}");
    }
}

#[tokio::test]
async fn tags_are_set_changed_and_removed() {
    for node in [WIN, HYBRID] {
        let backend = account(vec![windows(&[]), hybrid()]);
        let node = NodeId::new(node);
        let tags = [Tag::new("Env", "prod"), Tag::new("Patch Group", "web")];
        backend.add_tags(&node, &tags).await.unwrap();
        backend
            .add_tags(&node, &[Tag::new("Env", "test")])
            .await
            .unwrap();
        let keys = ["Patch Group".to_owned(), "absent".to_owned()];
        backend.remove_tags(&node, &keys).await.unwrap();
        assert_eq!(
            backend.list_tags(&node).await.unwrap(),
            [Tag::new("Env", "test")]
        );
    }
}

#[tokio::test]
async fn tags_keep_the_rules_of_who_keeps_them() {
    let tag = |key: &str, value: &str| vec![Tag::new(key, value)];
    let fifty_one: Vec<Tag> = (0..51).map(|n| Tag::new(format!("k{n}"), "")).collect();
    let cases = [
        (
            WIN,
            tag("aws:x", "y"),
            "InvalidParameterValue",
            ErrorKind::InvalidInput,
        ),
        (
            HYBRID,
            tag("aws:x", "y"),
            "ValidationException",
            ErrorKind::InvalidInput,
        ),
        (
            WIN,
            tag("", "y"),
            "InvalidParameterValue",
            ErrorKind::InvalidInput,
        ),
        (
            WIN,
            tag(&"k".repeat(129), ""),
            "InvalidParameterValue",
            ErrorKind::InvalidInput,
        ),
        (
            WIN,
            tag("k", &"v".repeat(257)),
            "InvalidParameterValue",
            ErrorKind::InvalidInput,
        ),
        (
            LIN,
            tag("Patch Group", "web"),
            "InvalidParameterValue",
            ErrorKind::InvalidInput,
        ),
        (
            WIN,
            fifty_one.clone(),
            "TagLimitExceeded",
            ErrorKind::LimitExceeded,
        ),
        (
            HYBRID,
            fifty_one,
            "TooManyTagsError",
            ErrorKind::LimitExceeded,
        ),
        (
            GONE,
            tag("k", "v"),
            "InvalidInstanceID.NotFound",
            ErrorKind::NotFound,
        ),
        (
            GONE_HYBRID,
            tag("k", "v"),
            "InvalidResourceId",
            ErrorKind::InvalidInput,
        ),
    ];
    let backend = account(vec![
        windows(&[]),
        linux(&[]).with_metadata_tags(),
        hybrid(),
    ]);
    for (node, tags, code, kind) in cases {
        let node = NodeId::new(node);
        let error = backend.add_tags(&node, &tags).await.unwrap_err();
        assert_eq!(
            (error.code(), error.kind()),
            (Some(code), kind),
            "{node} {error}"
        );
        if backend
            .named_instances(std::slice::from_ref(&node))
            .await
            .is_ok()
        {
            assert_eq!(
                backend.list_tags(&node).await.unwrap(),
                [],
                "{node}: all or nothing"
            );
        }
    }
    backend
        .add_tags(&LIN.into(), &tag("PatchGroup", "web"))
        .await
        .unwrap();
    backend
        .add_tags(&WIN.into(), &tag("Patch Group", "web"))
        .await
        .unwrap();
}

#[tokio::test]
async fn ec2_knows_no_hybrid_and_no_unknown_instance() {
    let backend = account(vec![windows(&[]), hybrid()]);
    for id in [GONE, HYBRID] {
        let error = backend.named_instances(&[id.into()]).await.unwrap_err();
        assert_eq!(error.code(), Some("InvalidInstanceID.NotFound"));
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn the_group_is_resolved_when_the_operation_runs() {
    let backend = account(vec![linux(&["curl-8.9-1"])]);
    let mut nothing = security(OperatingSystem::AmazonLinux2023);
    nothing.approval_rules.patch_rules.clear();
    let request = CreatePatchBaseline::new(nothing);
    let nothing = backend.create_patch_baseline(request).await.unwrap();
    let group = PatchGroup::new("frozen").unwrap();
    let bound = backend.register_patch_baseline_for_patch_group(
        RegisterPatchBaselineForPatchGroup::new(&nothing, &group),
    );
    bound.await.unwrap();

    run(&backend, scan(&[LIN])).await;
    let before = state(&backend, LIN).await.unwrap();
    assert_eq!((before.patch_group.as_str(), before.missing_count), ("", 1));

    // The tag counts from the moment the operation starts, even if it was set after sending.
    backend.send_command(scan(&[LIN])).await.unwrap();
    backend
        .add_tags(&LIN.into(), &[Tag::new("PatchGroup", "frozen")])
        .await
        .unwrap();
    assert_eq!(
        state(&backend, LIN).await.unwrap(),
        before,
        "until the next operation"
    );
    seconds(&backend, 61);
    let after = state(&backend, LIN).await.unwrap();
    assert_eq!(
        (after.patch_group.as_str(), after.missing_count),
        ("frozen", 0)
    );
    assert_eq!(after.baseline_id, nothing);
    assert_eq!(after.installed_other_count, 1);
}

#[tokio::test]
async fn controls_say_when_a_node_is_unknown_and_are_no_calls() {
    let backend = account(vec![]);
    let gone = NodeId::new(GONE);
    let answers = [
        backend.set_condition(&gone, NodeCondition::Online),
        backend.install_package(&gone, InstalledPackage::kb("KB1")),
        backend.reboot(&gone),
        backend.fail_patch(&gone, "KB1"),
        backend.repair_patches(&gone),
        backend.remove_node(&gone),
    ];
    for answer in answers {
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(backend.calls(), [""; 0]);
}

#[tokio::test]
async fn what_others_install_shows_at_the_next_scan() {
    let backend = account(vec![linux(&["curl-8.9-1"])]);
    make_default(&backend, security(OperatingSystem::AmazonLinux2023)).await;
    run(&backend, scan(&[LIN])).await;
    assert_eq!(summary(&backend, LIN).await, "curl.x86_64 Missing");
    let newer = InstalledPackage::rpm("curl", 0, "8.10", "1", "x86_64");
    backend.install_package(&LIN.into(), newer).unwrap();
    assert_eq!(summary(&backend, LIN).await, "curl.x86_64 Missing");
    backend.reboot(&LIN.into()).unwrap();
    run(&backend, scan(&[LIN])).await;
    assert_eq!(summary(&backend, LIN).await, "curl.x86_64 Installed");
}

#[tokio::test]
async fn what_others_install_takes_the_place_of_other_versions_of_newer_ones_too() {
    let backend = account(vec![linux(&["curl-8.10-1"])]);
    make_default(&backend, security(OperatingSystem::AmazonLinux2023)).await;
    let older = InstalledPackage::rpm("curl", 0, "8.9", "1", "x86_64");
    backend.install_package(&LIN.into(), older).unwrap();
    run(&backend, scan(&[LIN])).await;
    assert_eq!(summary(&backend, LIN).await, "curl.x86_64 Missing");
}

#[test]
fn an_empty_kb_number_names_neither_a_patch_nor_a_package() {
    let mut package = InstalledPackage::rpm("curl", 0, "8.9", "1", "x86_64");
    package.kb_number = Some(String::new());
    let mut patch = Patch::default();
    patch.kb_number.clone_from(&package.kb_number);
    patch.name.clone_from(&package.name);
    patch.arch.clone_from(&package.arch);
    assert_eq!(package.kb_id(), "curl.x86_64");
    assert_eq!(patch.kb_id(), "curl.x86_64");
}

/// EC2 User Guide, instance lifecycle: a stop and a start each take a while.
#[tokio::test]
async fn a_stop_and_a_start_take_a_while_and_the_node_is_online_when_it_has_started() {
    let backend = account(vec![windows(&[])]);
    let ids = || StopInstances::new([WIN]).instance_ids;
    let state = async || {
        let instances = backend.named_instances(&ids()).await.unwrap();
        instances[0].state.name.clone()
    };
    let stopped = backend.stop_instances(StopInstances::new(ids())).await;
    assert_eq!(
        stopped.unwrap()[0].to_string(),
        format!("{WIN}: running -> stopping")
    );
    assert_eq!(listed(&backend, vec![]).await, [""; 0]);
    let early = backend.start_instances(StartInstances::new(ids())).await;
    let early = early.unwrap_err();
    assert_eq!(early.code(), Some("IncorrectInstanceState"));
    assert_eq!(early.kind(), ErrorKind::Conflict);
    backend.advance(Duration::from_mins(1));
    assert_eq!(state().await, "stopped");
    let started = backend.start_instances(StartInstances::new(ids())).await;
    assert_eq!(
        started.unwrap()[0].to_string(),
        format!("{WIN}: stopped -> pending")
    );
    let early = backend.stop_instances(StopInstances::new(ids())).await;
    assert_eq!(early.unwrap_err().code(), Some("IncorrectInstanceState"));
    assert_eq!(listed(&backend, vec![]).await, [""; 0]);
    backend.advance(Duration::from_mins(1));
    assert_eq!(state().await, "running");
    assert_eq!(listed(&backend, vec![]).await, [format!("{WIN} Online")]);
}

/// A node that never had an agent has none after a start either.
#[tokio::test]
async fn a_start_gives_a_node_no_agent() {
    let agentless = windows(&[]).with_condition(NodeCondition::Agentless);
    let backend = account(vec![agentless]);
    for _ in 0..2 {
        backend
            .stop_instances(StopInstances::new([WIN]))
            .await
            .unwrap();
        backend.advance(Duration::from_mins(1));
        backend
            .start_instances(StartInstances::new([WIN]))
            .await
            .unwrap();
        backend.advance(Duration::from_mins(1));
    }
    assert_eq!(listed(&backend, vec![]).await, [""; 0]);
    let instances = backend.named_instances(&[WIN.into()]).await.unwrap();
    assert_eq!(instances[0].state.name, "running");
}
