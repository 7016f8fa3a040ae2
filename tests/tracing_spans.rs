//! The spans of verbs and calls: with the names of the guide, and without secrets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::athena::{
    AthenaExport, AthenaQueries, AthenaQuery, AthenaRow, ExportTables,
};
use aws_patch_manager::automation::{OrganizationRequest, PatchRunbook};
use aws_patch_manager::backend::layer::{Limit, LimitConfig, Trace};
use aws_patch_manager::backend::{
    BaselineStore, GetDefaultPatchBaseline, GetPatchBaseline, Operation, PatchProperty,
    ResourceTypeForTagging, layered,
};
use aws_patch_manager::baseline::{BaselineChanges, PatchBaseline};
use aws_patch_manager::compliance::{Deadlines, PatchState, ReportDetail};
use aws_patch_manager::event::{Event, EventKind};
use aws_patch_manager::exposure::{ExposureQuery, ExposureReference};
use aws_patch_manager::manager::FleetSweep;
use aws_patch_manager::operation::PatchHooks;
use aws_patch_manager::organization::NodeQuery;
use aws_patch_manager::plan::{DesiredState, MirrorScope, PlanOptions};
use aws_patch_manager::prerequisites::Prerequisites;
use aws_patch_manager::promotion::PromotionQuery;
use aws_patch_manager::resource_data_sync::SyncToDestination;
use aws_patch_manager::rollout::{
    FrozenPatches, InMemoryRolloutStore, LimitPer, NodeSet, Rollout, RolloutRun, Wave,
};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::schedule::association::AssociationFilter;
use aws_patch_manager::types::{
    AvailablePatchFilter, BaselineFilter, BaselineId, ComplianceStatus, ListNodesFilter,
    MaintenanceWindowFilter, NodeAttributeName, NodeFilter, NodeFilterKey, NodeId, OperatingSystem,
    PatchGroupFilter, Tag, Target, WindowExecutionId,
};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, Error, ErrorKind, MemoryBackend, PatchManager, PatchRequest,
    PolicySchedule, Result,
};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use support::accounts::{sample, web};
use support::spans::{self, OF_LISTINGS, Recorder, Told};
use tracing::Level;

const VERBS: &str = "aws_patch_manager";
const CALLS: &str = "aws_patch_manager::call";
const PROGRESS: &str = "aws_patch_manager::progress";

/// The secret in everything that a caller may want to hide.
const SECRET: &str = "wJalrXUtnFEMI";
const SECRET_URL: &str = "https://lists.s3.amazonaws.com/list.json?X-Amz-Signature=wJalrXUtnFEMI";

fn node() -> NodeId {
    NodeId::new("mi-0c0ffee0000000009")
}

/// Reads a stream to its end, with any items.
async fn all<T>(stream: impl Stream<Item = T>) {
    stream.for_each(|_| async {}).await;
}

const SECRET_KEY: &str = "tag:Owner";

async fn baseline_verbs(manager: &PatchManager) {
    let spec = BaselineBuilder::windows_critical_and_security("prod", 7)
        .description(SECRET)
        .tag("Owner", SECRET)
        .build()
        .unwrap();
    let id = manager.ensure_baseline(&spec).await.unwrap().id;
    manager.create_baseline(&spec).await.unwrap();
    let changes = BaselineChanges::from(&spec);
    manager.update_baseline(&id, changes).await.unwrap();
    manager.baseline(&id).await.unwrap();
    all(manager.list_baselines()).await;
    all(manager.list_baselines_with([BaselineFilter::key(SECRET_KEY, [SECRET])])).await;
    let windows = OperatingSystem::Windows;
    manager.default_baseline(windows.clone()).await.unwrap();
    manager.set_default_baseline(&id).await.unwrap();
    all(manager.available_patches()).await;
    all(manager.available_patches_with([AvailablePatchFilter::key(SECRET_KEY, [SECRET])])).await;
    all(manager.effective_patches(&id)).await;
    all(manager.patch_properties(windows.clone(), PatchProperty::Product)).await;
    manager.bind_patch_group(&web(), &id).await.unwrap();
    manager.rebind_patch_group(&web(), &id).await.unwrap();
    manager.baseline_for_group(&web(), windows).await.unwrap();
    all(manager.list_patch_groups()).await;
    all(manager.list_patch_groups_with([PatchGroupFilter::key(SECRET_KEY, [SECRET])])).await;
    manager.unbind_patch_group(&web(), &id).await.unwrap();
    manager.delete_baseline(&id).await.unwrap_err();
}

async fn data_sync_verbs(manager: &PatchManager) {
    let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "us-east-1");
    let sync = sync.prefix(SECRET).build().unwrap();
    manager.ensure_resource_data_sync(&sync).await.unwrap();
    all(manager.list_resource_data_syncs()).await;
    manager.resource_data_sync("patching").await.unwrap();
    let deleted = manager.delete_resource_data_sync("patching", None);
    deleted.await.unwrap();
}

async fn node_verbs(manager: &PatchManager) {
    manager.tag_nodes(&web(), &[node()]).await.unwrap();
    manager.node_tags(&node()).await.unwrap();
    let tags = [Tag::new("Owner", SECRET)];
    manager.ensure_node_tags(&node(), &tags).await.unwrap();
    let kind = ResourceTypeForTagging::ManagedInstance;
    let id = node();
    let tagged = manager.ensure_resource_tags(kind, id.as_str(), &tags);
    tagged.await.unwrap();
    manager.untag_nodes(&[node()]).await.unwrap();
    let (runs, stopped) = ("i-0c0ffee0000000001", "i-0c0ffee0000000003");
    manager.start_nodes(&[runs.into()]).await.unwrap();
    manager.reboot_nodes(&[runs.into()]).await.unwrap();
    manager.stop_nodes(&[stopped.into()]).await.unwrap();
    all(manager.list_nodes()).await;
    all(manager.list_nodes_with([NodeFilter::key(SECRET_KEY, [SECRET])])).await;
    let tagged = ListNodesFilter::new(NodeFilterKey::ComputerName, [SECRET]);
    let query = NodeQuery::region().filter(tagged);
    all(manager.find_nodes(&query)).await;
    let by = [NodeAttributeName::Region];
    manager.summarize_nodes(&query, by).await.unwrap();
    let account = Prerequisites::account();
    manager.check_prerequisites(&account).await.unwrap();
    let query = ComplianceQuery::all();
    all(manager.compliance(&query)).await;
    manager.compliance_summary(&query).await.unwrap();
    manager.compliance_counts().await.unwrap();
    let status = ComplianceStatus::NonCompliant;
    all(manager.node_summaries(Some(status))).await;
    manager
        .compliance_report(SECRET, &query, ReportDetail::Patches)
        .await
        .unwrap();
    all(manager.node_patches(&node(), &[PatchState::Missing])).await;
    manager.group_state(&web()).await.unwrap();
    let sweep = manager.sweep(&query);
    let start = sweep.checkpoint();
    all(sweep).await;
    all(manager.resume_sweep(&query, start)).await;
    let everywhere = FleetSweep::new().source("production/eu-central-1", manager.clone());
    let swept = everywhere.sweep(&query);
    let start = swept.checkpoints();
    all(swept).await;
    all(everywhere.resume(&query, start)).await;
    let report = everywhere.compliance_report(SECRET, &query, ReportDetail::Verdicts);
    report.await.unwrap();
    let cve = ExposureQuery::new(["CVE-2026-90122"], query);
    manager.exposure(&cve).await.unwrap();
    let id = manager.default_baseline(OperatingSystem::Windows).await;
    let id = id.unwrap().baseline_id;
    let promotion = PromotionQuery::new(&id, &id, ComplianceQuery::all());
    manager.check_promotion(&promotion).await.unwrap();
    everywhere.exposure(&cve).await.unwrap();
    let scope = MirrorScope::new();
    manager.dry_run().await.unwrap();
    manager.dry_run_with(&scope).await.unwrap();
    manager.coverage(&scope).await.unwrap();
    let until = "2026-05-15T00:00:00Z".parse().unwrap();
    manager.forecast(until).await.unwrap();
    manager.patch_calendar(until..until).await.unwrap();
}

/// An event of this kind.
fn event(kind: &EventKind, detail: Value) -> Event {
    let event = json!({
        "version": "0",
        "id": "0f9e8d7c-6b5a-4943-8271-605f4e3d2c1b",
        "detail-type": kind,
        "source": kind.source(),
        "account": "123456789012",
        "time": "2026-05-14T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    });
    Event::from_value(event).unwrap()
}

async fn run_verbs(manager: &PatchManager) {
    let request = PatchRequest::install()
        .nodes([node()])
        .comment(SECRET)
        .install_override_list(SECRET_URL);
    let run = manager.run(&request).await.unwrap();
    run.status().await.unwrap();
    run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
    let within = Duration::from_hours(4);
    run.wait_with_events(within, stream::empty()).await.unwrap();
    let id = run.command_ids()[0].as_str();
    let ended = event(
        &EventKind::CommandStatusChange,
        json!({"command-id": id, "status": "Success", "parameters": {"Secret": [SECRET]}}),
    );
    run.on_event(&ended).await.unwrap().unwrap();
    run.outcome().await.unwrap();
    run.cancel().await.unwrap();
    all(manager.list_commands()).await;
    let command = run.command_ids()[0].clone();
    manager.invocation(&command, &node(), None).await.unwrap();
    manager.last_failed_run(&node()).await.unwrap();
}

async fn organization_verbs(manager: &PatchManager) {
    let runbook = PatchRunbook::new("Patch-Nodes").description(SECRET);
    manager.ensure_patch_runbook(&runbook).await.unwrap();
    let request = OrganizationRequest::install("Patch-Nodes")
        .target(Target::instance_ids([node()]))
        .install_override_list(SECRET_URL);
    let run = manager.run_organization(&request).await.unwrap();
    run.status().await.unwrap();
    let hours = Duration::from_secs(4 * 3600);
    run.wait(hours).await.unwrap();
    let own = |_, _| std::future::ready(Ok(manager.clone()));
    run.wait_with_nodes(hours, own).await.unwrap();
    run.wait_with_events(hours, stream::empty()).await.unwrap();
    let ended = event(
        &EventKind::AutomationExecutionStatusChange,
        json!({"ExecutionId": run.id(), "Status": "Success", "ExecutedBy": SECRET}),
    );
    run.on_event(&ended).await.unwrap().unwrap();
    run.outcome().await.unwrap();
    run.stop().await.unwrap();
}

/// A schedule with a secret in every place that allows one.
fn schedule() -> PolicySchedule {
    PolicySchedule::daily_scan_weekly_install("web")
        .targets(PolicyTargets::Tag(Tag::new("Owner", SECRET)))
        .output_bucket("outputs")
        .output_prefix(SECRET)
}

async fn policy_verbs(manager: &PatchManager) {
    let policy = schedule().patch_policy().unwrap();
    let arn = manager.ensure_policy(&policy).await.unwrap().arn;
    manager.policy(&arn).await.unwrap();
    let within = Duration::from_secs(3600);
    manager.wait_for_policy(&arn, within).await.unwrap();
    manager
        .wait_for_policy_deployment(&arn, within)
        .await
        .unwrap();
    let deployment = manager.policy_deployment(&arn).await.unwrap();
    let id = deployment.configurations[0].id.clone().unwrap();
    manager.policy_configuration(&id).await.unwrap();
    all(manager.list_policy_configurations(&arn)).await;
    all(manager.list_policies()).await;
    manager.delete_policy(&arn).await.unwrap();
}

async fn window_verbs(manager: &PatchManager) {
    let hooks = PatchHooks::new().pre_install(SECRET);
    let install = schedule()
        .hooks(hooks)
        .maintenance_windows()
        .unwrap()
        .remove(1);
    let id = manager
        .ensure_maintenance_window(&install)
        .await
        .unwrap()
        .id;
    manager.maintenance_window(&id).await.unwrap();
    manager.disable_maintenance_window(&id).await.unwrap();
    manager.enable_maintenance_window(&id).await.unwrap();
    all(manager.list_maintenance_windows()).await;
    all(manager.list_maintenance_windows_with([MaintenanceWindowFilter::key(SECRET_KEY, [SECRET])])).await;
    all(manager.maintenance_window_openings(&id)).await;
    all(manager.maintenance_window_runs(&id)).await;
    let run = WindowExecutionId::new("12345678-1234-1234-1234-123456789012");
    all(manager.maintenance_window_run_tasks(&run)).await;
    all(manager.maintenance_window_run_invocations(&run, SECRET)).await;
    manager
        .cancel_maintenance_window_run(&run)
        .await
        .unwrap_err();
    manager.delete_maintenance_window(&id).await.unwrap();

    let listed = schedule().install_override_list(SECRET_URL);
    let install = listed.associations().unwrap().remove(1);
    let id = manager.ensure_association(&install).await.unwrap().id;
    let kept = manager.association(&id).await.unwrap();
    assert!(serde_json::to_string(&kept).unwrap().contains(SECRET_URL));
    manager
        .start_associations(std::slice::from_ref(&id))
        .await
        .unwrap();
    all(manager.list_associations()).await;
    all(manager.list_associations_with(vec![AssociationFilter::new("Name", SECRET)])).await;
    all(manager.association_runs(&id)).await;
    all(manager.association_run_targets(&id, SECRET)).await;
    manager.delete_association(&id).await.unwrap();
}

async fn plan_verbs(manager: &PatchManager) {
    let spec = BaselineBuilder::ubuntu_security("planned").description(SECRET);
    let spec = spec.tag("Owner", SECRET).build().unwrap();
    let state = DesiredState::builder("web-fleet").baseline(spec);
    let state = state.build().unwrap();
    let options = PlanOptions::new();
    let plan = manager.plan(&state, options).await.unwrap();
    all(manager.apply(&plan)).await;
    manager.drift(&state, options).await.unwrap();
    manager.import("web-fleet").await.unwrap();
    manager.plan_destroy(&state).await.unwrap();
}

/// Answers every query with no row.
#[derive(Debug)]
struct NoRows;

impl AthenaQueries for NoRows {
    fn rows(&self, _: AthenaQuery) -> BoxStream<'static, Result<AthenaRow>> {
        stream::empty().boxed()
    }
}

async fn athena_verbs() {
    let export = AthenaExport::new(Arc::new(NoRows), ExportTables::new("patching"));
    let all = ComplianceQuery::all();
    let detail = ReportDetail::Verdicts;
    export.compliance_report("all", &all, detail).await.unwrap();
    let exposure = ExposureQuery::new(["CVE-2026-90122"], all.clone());
    let reference = ExposureReference::new();
    export.exposure(&exposure, &reference).await.unwrap();
    export.group_totals().await.unwrap();
    let deadlines = Deadlines::new().critical(14);
    let released = BTreeMap::new();
    let overdue = export.overdue_patches(&all, &deadlines, &released);
    overdue.await.unwrap();
}

async fn rollout_verbs(manager: &PatchManager) {
    let nodes = NodeSet::nodes(["i-0c0ffee0000000001", "i-0c0ffee0000000002"]);
    let limit = LimitPer::Tag(SECRET.to_owned());
    let rollout = Rollout::new("june")
        .wave(Wave::of("canary", nodes).start_stopped())
        .limit(1, limit);
    rollout.preview(manager).await.unwrap();
    let state = rollout.begin(manager).await.unwrap();
    let run = RolloutRun::new(manager, state.clone(), InMemoryRolloutStore::new());
    all(run.events()).await;
    let listed = rollout.patches(FrozenPatches::InstallOverrideList {
        url: SECRET_URL.to_owned(),
    });
    let state = listed.begin(manager).await.unwrap();
    let run = RolloutRun::new(manager, state, InMemoryRolloutStore::new());
    run.finish().await.unwrap();
    let state = listed.begin(manager).await.unwrap();
    let run = RolloutRun::new(manager, state, InMemoryRolloutStore::new());
    let tick = event(&EventKind::Scheduled, json!({}));
    run.advance_on(&tick).await.unwrap().unwrap();
}

/// Every verb, with secrets in all values that are not ids or names.
async fn tour() -> Vec<Told> {
    let (_, manager) = sample();
    let (recorder, _listening) = Recorder::listening();
    baseline_verbs(&manager).await;
    data_sync_verbs(&manager).await;
    node_verbs(&manager).await;
    run_verbs(&manager).await;
    organization_verbs(&manager).await;
    policy_verbs(&manager).await;
    window_verbs(&manager).await;
    plan_verbs(&manager).await;
    rollout_verbs(&manager).await;
    athena_verbs().await;
    recorder.told()
}

/// The spans in the guide's tables of verbs.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let mut spans = spans::documented("# Verbs that return once", &OF_LISTINGS[..3]);
    for (span, fields) in spans::documented("# Verbs that return a stream", &OF_LISTINGS) {
        let before = spans.insert(span.clone(), fields);
        assert!(before.is_none(), "{span} is documented twice");
    }
    spans
}

#[tokio::test]
async fn each_verb_has_a_span_with_the_name_and_the_fields_that_are_documented() {
    let mut seen = BTreeMap::new();
    for verb in tour().await.iter().filter(|told| told.target() == VERBS) {
        assert_eq!(verb.level(), Level::INFO, "{}", verb.name());
        let fields: BTreeSet<String> = verb.fields().into_iter().map(str::to_owned).collect();
        for own in fields.iter().filter(|field| !field.contains('.')) {
            let late = ["items", "request_id"].contains(&own.as_str());
            assert!(
                late || verb.value(own).is_some(),
                "{} has no {own}",
                verb.name()
            );
        }
        seen.insert(verb.name().to_owned(), fields);
    }
    assert_eq!(seen, documented());
}

/// The text of every file of the facade.
fn facade() -> Vec<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![
        source.join("manager"),
        source.join("plan"),
        source.join("exposure"),
        source.join("rollout"),
        source.join("promotion"),
        source.join("athena"),
    ];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => texts.push(std::fs::read_to_string(path).unwrap()),
            }
        }
    }
    texts
}

/// The public methods in a file that do a verb's work, as `Type::method` with their text: those
/// that return a future or a stream.
fn verbs(text: &str) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    for block in text.split("\nimpl ").skip(1) {
        let of = block.split([' ', '<']).next().unwrap();
        let block = block.split("\n}\n").next().unwrap();
        for method in block.split("\n    pub ").skip(1) {
            let method = method.split("\n    }\n").next().unwrap();
            let (signature, body) = method.split_once("{\n").unwrap_or((method, ""));
            let name = signature
                .trim_start_matches("async ")
                .trim_start_matches("fn ");
            let name = name.split(['(', '<']).next().unwrap();
            let later = signature.starts_with("async") && signature.contains("-> Result<");
            let streams = ["-> BoxStream<", "-> ComplianceSweep", "-> FleetAnswers"];
            if later || streams.iter().any(|stream| signature.contains(stream)) {
                found.push((format!("{of}::{name}"), body));
            }
        }
    }
    found
}

#[test]
fn no_public_verb_of_the_facade_is_without_a_span() {
    let documented = documented();
    let texts = facade();
    let verbs: Vec<_> = texts.iter().flat_map(|text| verbs(text)).collect();
    // Parts of a verb that have a span of their own.
    let mut spans = BTreeSet::from(["fleet_source".to_owned(), "rollout_step".to_owned()]);
    for (verb, body) in verbs {
        let span = match verb.split_once("::").unwrap() {
            ("PatchManager", name) => name.to_owned(),
            ("PatchRun", name) => format!("run_{name}"),
            ("OrganizationRun", name) => format!("organization_run_{name}"),
            ("FleetSweep", name) => format!("fleet_{name}"),
            ("AthenaExport", "compliance_report") => "athena_report".to_owned(),
            ("AthenaExport", name) => format!("athena_{name}"),
            // It calls STS, which is no operation of a backend.
            ("Accounts", _) => continue,
            // Each is a verb of the facade and what memory does by itself, or a part of such a verb.
            ("Forecast" | "MemoryBackend" | "Plan" | "RolloutPreview", _) => continue,
            ("Rollout" | "RolloutRun", name) => format!("rollout_{name}"),
            _ => panic!("no rule for the span of {verb}"),
        };
        let body: String = body.split_whitespace().collect();
        let has = |of: &str| body.contains(&format!("{of}!({span}("));
        assert!(
            has("verb") || has("verb_stream"),
            "{verb} has no span {span}"
        );
        spans.insert(span);
    }
    assert_eq!(spans, documented.into_keys().collect());
}

#[tokio::test]
async fn no_secret_is_told() {
    let told = tour().await;
    assert!(told.len() > 150, "{}", told.len());
    for told in told {
        for value in told.values() {
            assert!(!value.contains(SECRET), "{} tells {value}", told.name());
        }
    }
}

#[tokio::test]
async fn of_an_error_the_kind_and_the_code_are_told_and_not_the_text() {
    let (backend, manager) = sample();
    let (recorder, _listening) = Recorder::listening();
    let code = "ValidationException";
    backend.faults().fail(
        Operation::GetPatchBaseline,
        ErrorKind::InvalidInput,
        code,
        SECRET,
    );
    let id = BaselineId::new("pb-0123456789abcdef0");
    let error = manager.baseline(&id).await.unwrap_err();
    assert!(error.to_string().contains(SECRET));
    let request = PatchRequest::scan().nodes([node()]).snapshot_id(SECRET);
    let refused = manager.run(&request).await.unwrap_err();
    assert!(refused.to_string().contains(SECRET));

    for (span, code) in [
        ("baseline", Some(code)),
        ("call", Some(code)),
        ("run", None),
    ] {
        let span = recorder.only(span);
        assert_eq!(span.value("error.kind"), Some("InvalidInput"), "{span:?}");
        assert_eq!(span.value("error.code"), code, "{span:?}");
        assert!(
            span.values().all(|value| !value.contains(SECRET)),
            "{span:?}"
        );
    }
}

#[tokio::test]
async fn a_verb_that_stopped_half_way_tells_its_causes_code() {
    let (backend, manager) = sample();
    let (recorder, _listening) = Recorder::listening();
    backend
        .faults()
        .throttle(Operation::RemoveTagsFromResource)
        .on_call(2);
    let nodes = [node(), node()];
    manager.untag_nodes(&nodes).await.unwrap_err();
    let span = recorder.only("untag_nodes");
    assert_eq!(span.value("error.kind"), Some("Incomplete"));
    assert_eq!(span.value("error.code"), Some("ThrottlingException"));
}

#[tokio::test]
async fn a_call_names_its_operation_and_service_and_stands_in_the_verb_that_makes_it() {
    let (_, manager) = sample();
    let (recorder, _listening) = Recorder::listening();
    let spec = BaselineBuilder::windows_critical_and_security("prod", 7)
        .build()
        .unwrap();
    manager.ensure_baseline(&spec).await.unwrap();
    manager
        .tag_nodes(&web(), &[NodeId::new("i-0123456789abcdef0")])
        .await
        .unwrap();
    all(manager.list_policies()).await;
    let calls: Vec<_> = recorder
        .named("call")
        .iter()
        .map(|call| {
            assert_eq!((call.target(), call.level()), (CALLS, Level::DEBUG));
            let of = |field| call.value(field).unwrap().to_owned();
            (
                of("service"),
                of("operation"),
                recorder.around(call).join(" < "),
            )
        })
        .collect();
    let expected = [
        (
            "ssm",
            "DescribePatchBaselines",
            "list_baselines_with < ensure_baseline",
        ),
        (
            "ssm",
            "CreatePatchBaseline",
            "create_baseline < ensure_baseline",
        ),
        // It looks again: another caller may have created one too.
        (
            "ssm",
            "DescribePatchBaselines",
            "list_baselines_with < ensure_baseline",
        ),
        ("ec2", "DescribeInstances", "tag_nodes"),
        // By a filter, because EC2 does not know the instance.
        ("ec2", "DescribeInstances", "tag_nodes"),
        (
            "ssm-quicksetup",
            "ListConfigurationManagers",
            "list_policies",
        ),
    ];
    assert_eq!(
        calls,
        expected.map(|(s, o, a)| (s.into(), o.into(), a.into()))
    );
}

#[tokio::test]
async fn a_call_has_one_span_under_the_layer_that_traces_too() {
    let (backend, manager) = sample();
    let (recorder, _listening) = Recorder::listening();
    backend
        .faults()
        .throttle(Operation::GetDefaultPatchBaseline);
    let limit = Limit::new(LimitConfig::default().with_max_rate(2.0));
    let traced = manager.layer(limit).layer(Trace::new());
    let windows = || traced.default_baseline(OperatingSystem::Windows);
    windows().await.unwrap_err();
    windows().await.unwrap();
    let told: Vec<_> = recorder
        .named("call")
        .iter()
        .map(|call| {
            assert_eq!(recorder.around(call), ["default_baseline"]);
            ["operation", "waited_ms", "error.kind"]
                .map(|field| call.value(field).map(str::to_owned))
        })
        .collect();
    let call = |waited: &str, kind: Option<&str>| {
        [Some("GetDefaultPatchBaseline"), Some(waited), kind].map(|value| value.map(str::to_owned))
    };
    assert_eq!(told, [call("0", Some("Throttled")), call("500", None)]);
}

#[tokio::test]
async fn the_layer_gives_a_backend_of_a_programs_own_its_spans() {
    /// Answers through another account: a nested call of the same operation is not counted as its
    /// own.
    #[derive(Debug)]
    struct Own(MemoryBackend);

    #[async_trait]
    impl BaselineStore for Own {
        async fn get_patch_baseline(&self, request: GetPatchBaseline) -> Result<PatchBaseline> {
            let windows = GetDefaultPatchBaseline::new(Some(OperatingSystem::Windows));
            self.0.get_default_patch_baseline(windows).await?;
            Err(Error::new(ErrorKind::NotFound, SECRET)
                .with_request_id(request.baseline_id.as_str()))
        }
    }

    let (recorder, _listening) = Recorder::listening();
    let own = layered(Arc::new(Own(MemoryBackend::new())), Trace::new());
    let request = GetPatchBaseline::new("pb-0123456789abcdef0");
    own.get_patch_baseline(request).await.unwrap_err();
    let calls = recorder.named("call");
    let operations: Vec<_> = calls
        .iter()
        .map(|call| call.value("operation").unwrap())
        .collect();
    assert_eq!(operations, ["GetPatchBaseline", "GetDefaultPatchBaseline"]);
    assert_eq!(recorder.around(&calls[1]), ["call"]);
    assert_eq!(calls[0].value("error.kind"), Some("NotFound"));
    assert_eq!(calls[0].value("request_id"), Some("pb-0123456789abcdef0"));
}

#[tokio::test]
async fn a_throttled_call_says_so_and_no_other() {
    let (backend, manager) = sample();
    let (recorder, _listening) = Recorder::listening();
    backend
        .faults()
        .throttle(Operation::GetDefaultPatchBaseline);
    for _ in 0..2 {
        let _ = manager.default_baseline(OperatingSystem::Windows).await;
    }
    let told: Vec<_> = recorder
        .named("call")
        .iter()
        .map(|call| {
            (
                call.value("throttled") == Some("true"),
                call.value("error.kind").is_some(),
            )
        })
        .collect();
    assert_eq!(told, [(true, true), (false, false)]);
}

#[tokio::test]
async fn a_stream_is_in_its_span_only_while_it_is_polled() {
    let (_, manager) = sample();
    let (recorder, _listening) = Recorder::listening();
    let mut baselines = manager.list_baselines();
    baselines.next().await.unwrap().unwrap();
    let between = manager.default_baseline(OperatingSystem::Windows).await;
    between.unwrap();
    assert_eq!(recorder.around(&recorder.only("default_baseline")), [""; 0]);
    assert_eq!(recorder.only("list_baselines_with").value("items"), None);
    baselines.next().await.unwrap().unwrap();
    drop(baselines);
    assert_eq!(
        recorder.only("list_baselines_with").value("items"),
        Some("2")
    );
}

#[tokio::test]
async fn a_sweep_counts_its_nodes_and_keeps_its_last_error() {
    let (backend, manager) = sample();
    let (recorder, _listening) = Recorder::listening();
    let query = ComplianceQuery::all();
    all(manager.sweep(&query)).await;
    let whole = recorder.only("sweep");
    assert_eq!(
        (whole.value("items"), whole.value("error.kind")),
        (Some("8"), None)
    );
    backend
        .faults()
        .throttle(Operation::DescribeInstancePatchStates);
    let everywhere = FleetSweep::new().source("production/eu-central-1", manager.clone());
    all(everywhere.sweep(&query)).await;
    let inner = recorder.named("sweep").remove(1);
    assert_eq!(recorder.around(&inner), ["fleet_source", "fleet_sweep"]);
    let source = recorder.only("fleet_source");
    assert_eq!(source.value("source"), Some("production/eu-central-1"));
    for span in [source, recorder.only("fleet_sweep"), inner] {
        assert_eq!(span.value("items"), Some("0"), "{span:?}");
        assert_eq!(span.value("error.kind"), Some("Throttled"), "{span:?}");
    }
}

#[tokio::test]
async fn what_takes_long_tells_how_far_it_is() {
    let (_, manager) = sample();
    let (recorder, _listening) = Recorder::listening();
    let run = manager
        .run(&PatchRequest::scan().nodes([node()]))
        .await
        .unwrap();
    run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
    let policy = schedule().patch_policy().unwrap();
    let arn = manager.ensure_policy(&policy).await.unwrap().arn;
    manager
        .wait_for_policy(&arn, Duration::from_secs(3600))
        .await
        .unwrap();
    all(manager.sweep(&ComplianceQuery::all())).await;

    let events = recorder.events(PROGRESS);
    assert!(events.iter().all(|event| event.level() == Level::DEBUG));
    let last = |about: &str| {
        let mut of = events.iter().rev();
        of.find(|event| event.value("message") == Some(about))
            .unwrap_or_else(|| panic!("{about}"))
    };
    let values = |event: &Told, fields: &[&str]| -> Vec<String> {
        fields
            .iter()
            .map(|field| event.value(field).unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        values(last("a command"), &["command"]),
        [run.command_ids()[0].as_str()]
    );
    assert_eq!(
        values(last("a run"), &["nodes", "completed", "failed"]),
        ["1", "1", "0"]
    );
    assert_eq!(recorder.around(last("a run")), ["run_wait"]);
    assert_eq!(values(last("a deployment"), &["status"]), ["DEPLOYING"]);
    let counters = [
        "nodes_known",
        "nodes_done",
        "calls",
        "throttled",
        "failed",
        "listed_by_information",
    ];
    assert_eq!(
        values(last("a sweep"), &counters),
        ["8", "0", "2", "0", "0", "false"]
    );
}
