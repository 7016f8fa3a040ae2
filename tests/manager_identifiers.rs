//! No verb sends the name of a resource that the service's model does not accept.

#![allow(clippy::unwrap_used)]

mod support;

use aws_patch_manager::backend::ResourceTypeForTagging;
use aws_patch_manager::baseline::BaselineChanges;
use aws_patch_manager::prerequisites::Prerequisites;
use aws_patch_manager::types::{
    AssociationId, BaselineId, CommandId, NodeId, OperatingSystem, PatchOperation, PatchPolicyArn,
    WindowExecutionId, WindowId,
};
use aws_patch_manager::{
    ComplianceQuery, Error, ErrorKind, MemoryBackend, PatchGroup, PatchGroupTagKey, PatchManager,
    PatchRequest,
};
use futures_util::TryStreamExt;
use support::accounts::sample;

const BASELINE: &str = "pb-0123456789abcdef0";
const NODE: &str = "i-0123456789abcdef0";

/// An empty account, and the answers of its verbs.
struct Refusals {
    backend: MemoryBackend,
    manager: PatchManager,
}

impl Refusals {
    fn new() -> Self {
        let (backend, manager) = sample();
        Self { backend, manager }
    }

    /// Checks that the verb refused exactly these fields, without a call.
    fn holds<T>(&self, verb: &str, answer: Result<T, Error>, fields: &[&str]) {
        let error = answer.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{verb}: {error}");
        let violations = error.violations().iter();
        let refused: Vec<&str> = violations.map(|one| one.field.as_str()).collect();
        assert_eq!(refused, fields, "{verb}");
        assert!(error.operation().is_some(), "{verb}");
        let calls = self.backend.calls();
        assert!(calls.is_empty(), "{verb} called {calls:?}");
    }
}

/// The answers of a manager's verbs to these arguments; each must refuse these fields.
macro_rules! refused {
    ($refusals:ident: $( $verb:ident($($argument:expr),*) $(. $then:ident())? => $fields:expr; )+) => {
        $( $refusals.holds(
            stringify!($verb),
            $refusals.manager.$verb($($argument),*)$(.$then())?.await,
            &$fields,
        ); )+
    };
}

#[tokio::test]
async fn malformed_ids_are_refused_before_any_call() {
    let refusals = Refusals::new();
    let web = PatchGroup::new("web").unwrap();
    let (baseline, node) = (BaselineId::new("pb-1"), NodeId::new("i-1"));
    let (policy, window) = (PatchPolicyArn::new("arn:aws:x"), WindowId::new("mw-1"));
    let (execution, association) = (WindowExecutionId::new("run"), AssociationId::new("nightly"));
    let command = CommandId::new("latest");
    let nodes = ["i-1".into(), NODE.into(), "web-1".into()];
    let query = ComplianceQuery::nodes([&node]);
    let question = Prerequisites::nodes([&node]);
    let scan = PatchRequest::scan().nodes([&node]);
    refused! { refusals:
        baseline(&baseline) => ["BaselineId"];
        update_baseline(&baseline, BaselineChanges::default()) => ["BaselineId"];
        delete_baseline(&baseline) => ["BaselineId"];
        set_default_baseline(&baseline) => ["BaselineId"];
        effective_patches(&baseline).try_next() => ["BaselineId"];
        bind_patch_group(&web, &baseline) => ["BaselineId"];
        rebind_patch_group(&web, &baseline) => ["BaselineId"];
        unbind_patch_group(&web, &baseline) => ["BaselineId"];
        tag_nodes(&web, &nodes) => ["InstanceIds[0]", "InstanceIds[2]"];
        untag_nodes(&nodes) => ["InstanceIds[0]", "InstanceIds[2]"];
        node_tags(&node) => ["InstanceId"];
        start_nodes(&nodes) => ["InstanceIds[0]", "InstanceIds[2]"];
        stop_nodes(&nodes) => ["InstanceIds[0]", "InstanceIds[2]"];
        reboot_nodes(&nodes) => ["InstanceIds[0]", "InstanceIds[2]"];
        ensure_node_tags(&node, &[]) => ["InstanceId"];
        ensure_resource_tags(ResourceTypeForTagging::PatchBaseline, "", &[]) => ["ResourceId"];
        node_patches(&node, &[]).try_next() => ["InstanceId"];
        last_failed_run(&node) => ["InstanceId"];
        check_prerequisites(&question) => ["InstanceIds[0]"];
        compliance(&query).try_next() => ["InstanceIds[0]"];
        compliance_summary(&query) => ["InstanceIds[0]"];
        run(&scan) => ["InstanceIds[0]"];
        invocation(&command, &node, None) => ["CommandId", "InstanceId"];
        policy(&policy) => ["ManagerArn"];
        delete_policy(&policy) => ["ManagerArn"];
        wait_for_policy(&policy, std::time::Duration::ZERO) => ["ManagerArn"];
        policy_deployment(&policy) => ["ManagerArn"];
        wait_for_policy_deployment(&policy, std::time::Duration::ZERO) => ["ManagerArn"];
        list_policy_configurations(&policy).try_next() => ["ManagerArn"];
        policy_configuration(&"a b".into()) => ["ConfigurationId"];
        maintenance_window(&window) => ["WindowId"];
        enable_maintenance_window(&window) => ["WindowId"];
        disable_maintenance_window(&window) => ["WindowId"];
        delete_maintenance_window(&window) => ["WindowId"];
        maintenance_window_openings(&window).try_next() => ["WindowId"];
        maintenance_window_runs(&window).try_next() => ["WindowId"];
        maintenance_window_run_tasks(&execution).try_next() => ["WindowExecutionId"];
        maintenance_window_run_invocations(&execution, "task").try_next() => ["WindowExecutionId"];
        cancel_maintenance_window_run(&execution) => ["WindowExecutionId"];
        association(&association) => ["AssociationId"];
        delete_association(&association) => ["AssociationId"];
        start_associations(std::slice::from_ref(&association)) => ["AssociationId"];
        start_associations(&[]) => ["AssociationIds"];
        association_runs(&association).try_next() => ["AssociationId"];
        association_run_targets(&association, "run").try_next() => ["AssociationId"];
    }
}

#[test]
fn a_run_is_resumed_only_from_commands() {
    let refusals = Refusals::new();
    for (commands, field) in [
        (vec![], "CommandId"),
        (vec![CommandId::new("latest")], "CommandId"),
    ] {
        let resumed = refusals.manager.resume(PatchOperation::Scan, commands);
        refusals.holds("resume", resumed, &[field]);
    }
}

/// A group is read as the service sends it, and that includes the empty one of untagged nodes.
#[tokio::test]
async fn a_group_that_was_read_is_no_name_for_a_verb() {
    let refusals = Refusals::new();
    let (baseline, nodes) = (BaselineId::new(BASELINE), [NodeId::new(NODE)]);
    for text in ["\"\"", "\"web!\""] {
        let group: PatchGroup = serde_json::from_str(text).unwrap();
        let key = PatchGroupTagKey::Spaced;
        let install = PatchRequest::install().group(&group, key);
        let query = ComplianceQuery::group(group.clone());
        refused! { refusals:
            tag_nodes(&group, &nodes) => ["PatchGroup"];
            bind_patch_group(&group, &baseline) => ["PatchGroup"];
            rebind_patch_group(&group, &baseline) => ["PatchGroup"];
            unbind_patch_group(&group, &baseline) => ["PatchGroup"];
            baseline_for_group(&group, OperatingSystem::Windows) => ["PatchGroup"];
            group_state(&group) => ["PatchGroup"];
            compliance(&query).try_next() => ["PatchGroup"];
            run(&install) => ["PatchGroup"];
        }
    }
}
