//! Observability: spans for verbs and calls, events for progress.
//!
//! With the feature `tracing`, this crate emits spans and events for any subscriber of
//! [tracing](https://docs.rs/tracing). Without the feature, neither the dependency nor the code is
//! built. The names below are part of the public interface.
//!
//! | target | what | level |
//! |---|---|---|
//! | `aws_patch_manager` | a span for each verb, named after it | info |
//! | `aws_patch_manager::call` | a span `call` for each call to a backend, and an event for each attempt | debug |
//! | `aws_patch_manager::progress` | events of what takes long: runs, deployments, sweeps | debug |
//!
//! The filter `aws_patch_manager=debug` enables all three, and `aws_patch_manager=info` the verbs
//! alone. This is the tree of `ensure_baseline` when the service throttles one call:
//!
//! ```text
//! ensure_baseline{name=prod-al2023}
//! ├─ list_baselines_with{items=0}
//! │  └─ call{service=ssm operation=DescribePatchBaselines waited_ms=0 attempts=2 throttled=true}
//! │     ├─ an attempt attempt=1 throttled=true status=400 request_id=5f1d6a3e-…
//! │     └─ an attempt attempt=2 throttled=false status=200 request_id=0c4e1f7b-…
//! └─ create_baseline{name=prod-al2023}
//!    └─ call{service=ssm operation=CreatePatchBaseline waited_ms=0 attempts=1}
//!       └─ an attempt attempt=1 throttled=false status=200 request_id=77b0a2d9-…
//! ```
//!
//! # What no field contains
//!
//! Fields are ids, names that you gave, counts, and the service's constants. No field contains
//! parameters of documents, payloads of tasks, filters, tags, URLs, addresses of nodes or the text
//! of errors. Read the text from the [`Error`](crate::Error) that you get. The SDKs have their own
//! spans, under targets that begin with `aws_`; this crate does not control their fields.
//!
//! `SECURITY.md` lists what is printed nowhere, and which types are serialized with everything, such as
//! [`DesiredState`](crate::plan::DesiredState) and requests in the service's form.
//!
//! # Verbs that return once
//!
//! The span lasts as long as the future. If a verb calls other verbs, their spans are inside. If
//! the verb fails, `error.kind` is the [`ErrorKind`](crate::ErrorKind), `error.code` the service's
//! name for the error and `request_id` the service's id for the request, if they exist. If a verb
//! fails half-way, the kind is `Incomplete`, and the code and the id are those of its cause.
//!
//! | span | fields |
//! |---|---|
//! | `create_baseline`, `ensure_baseline` | `name` |
//! | `baseline`, `update_baseline`, `delete_baseline`, `set_default_baseline` | `baseline` |
//! | `default_baseline` | `os` |
//! | `bind_patch_group`, `rebind_patch_group`, `unbind_patch_group` | `group`, `baseline` |
//! | `baseline_for_group` | `group`, `os` |
//! | `tag_nodes` | `group`, `nodes`: how many |
//! | `untag_nodes` | `nodes`: how many |
//! | `node_tags`, `ensure_node_tags` | `node` |
//! | `start_nodes`, `stop_nodes`, `reboot_nodes` | `nodes`: how many |
//! | `ensure_resource_tags` | `resource`: its id |
//! | `plan`, `plan_destroy`, `drift`, `import` | `state`: its name |
//! | `ensure_resource_data_sync`, `resource_data_sync`, `delete_resource_data_sync` | `sync`: its name |
//! | `ensure_policy` | `policy`: its name |
//! | `athena_report` | `patches`: whether they are read |
//! | `athena_exposure` | `cves`: how many |
//! | `athena_group_totals`, `athena_overdue_patches` | none |
//! | `policy`, `delete_policy`, `wait_for_policy` | `policy`: its ARN |
//! | `policy_deployment`, `wait_for_policy_deployment` | `policy`: its ARN |
//! | `policy_configuration` | `configuration`: its id |
//! | `ensure_maintenance_window` | `window`: its name |
//! | `maintenance_window`, `enable_maintenance_window`, `disable_maintenance_window`, `delete_maintenance_window` | `window`: its id |
//! | `cancel_maintenance_window_run` | `execution` |
//! | `ensure_association` | `association`: its name |
//! | `association`, `delete_association` | `association`: its id |
//! | `start_associations` | `associations`: how many |
//! | `run` | `operation`: Scan or Install |
//! | `ensure_patch_runbook` | `document`: its name |
//! | `run_organization` | `operation` |
//! | `organization_run_status`, `organization_run_wait`, `organization_run_outcome`, `organization_run_wait_with_nodes`, `organization_run_wait_with_events`, `organization_run_on_event`, `organization_run_stop` | `execution`: its id |
//! | `run_status`, `run_wait`, `run_wait_with_events`, `run_on_event`, `run_outcome`, `run_cancel` | `operation` |
//! | `invocation` | `command`, `node` |
//! | `last_failed_run` | `node` |
//! | `compliance_summary`, `compliance_counts` | none |
//! | `compliance_report` | `patches`: whether it reads the patches |
//! | `fleet_compliance_report` | `sources`: how many, `patches` |
//! | `group_state` | `group` |
//! | `check_prerequisites`, `summarize_nodes` | none |
//! | `exposure` | `cves`: how many |
//! | `fleet_exposure` | `sources`, `cves`: how many |
//! | `rollout_begin`, `rollout_preview` | `rollout`: its name |
//! | `rollout_finish`, `rollout_advance`, `rollout_advance_on` | `rollout`, `id` |
//! | `rollout_step` | `wave`: its name; empty when all are done |
//! | `check_promotion` | `min_days` |
//! | `coverage`, `mirror_snapshot`, `dry_run`, `dry_run_with`, `forecast`, `patch_calendar` | none |
//!
//! The spans of a rollout are those of [`Rollout`](crate::rollout::Rollout) and
//! [`RolloutRun`](crate::rollout::RolloutRun). A run has a `rollout_step` for each thing that it does
//! for a wave, with the spans of its verbs inside:
//!
//! ```text
//! rollout_events{rollout=june id=5f1d6a3e0c4e1f7b}
//! ├─ rollout_step{wave=canary}
//! │  └─ start_nodes{nodes=2}
//! └─ rollout_step{wave=canary}
//!    └─ run{operation=Install}
//! ```
//!
//! The spans `run_…` are those of [`PatchRun`](crate::manager::PatchRun)'s verbs, which may run in
//! another process than `run`.
//!
//! # Verbs that return a stream
//!
//! The span begins with the verb and ends when the stream is dropped. It is entered only while the
//! stream is polled, so it does not contain what your program does between two items. `items` is
//! the number of items. An error in the stream is recorded as above; if there are several, the last
//! one is.
//!
//! | span | fields |
//! |---|---|
//! | `list_baselines`, `list_baselines_with`, `available_patches`, `available_patches_with` | none |
//! | `effective_patches` | `baseline` |
//! | `patch_properties` | `os`, `property` |
//! | `list_patch_groups`, `list_patch_groups_with`, `list_nodes`, `list_nodes_with`, `find_nodes` | none |
//! | `list_policies`, `list_commands`, `list_resource_data_syncs` | none |
//! | `list_policy_configurations` | `policy`: its ARN |
//! | `list_maintenance_windows`, `list_maintenance_windows_with`, `list_associations`, `list_associations_with` | none |
//! | `maintenance_window_openings`, `maintenance_window_runs` | `window` |
//! | `maintenance_window_run_tasks`, `maintenance_window_run_invocations` | `execution` |
//! | `association_runs`, `association_run_targets` | `association` |
//! | `apply` | `state`: its name |
//! | `rollout_events` | `rollout`: its name, `id` |
//! | `compliance` | none |
//! | `sweep`, `resume_sweep` | `concurrency`: how many calls at the same time |
//! | `fleet_sweep`, `fleet_resume` | `sources`: how many |
//! | `fleet_source` | `source`: the name that you gave it |
//! | `node_summaries` | `status` |
//! | `node_patches` | `node` |
//!
//! `fleet_sweep`, `fleet_resume` and `fleet_compliance_report` are those of
//! [`FleetSweep`](crate::manager::FleetSweep); the first two have a `fleet_source` in them for each
//! account or region.
//!
//! # Reading an export
//!
//! With the feature `data-sync`, its verbs have spans like those that return a stream. Listing and
//! reading objects has no span here; the object store may have its own.
//!
//! | span | fields |
//! |---|---|
//! | `export_sweep` | `concurrency`: how many files at the same time |
//! | `export_report` | `patches`: whether they are read |
//! | `export_node_patches` | `node` |
//! | `export_exposure` | `cves`: how many |
//!
//! # Calls
//!
//! The span `call` is one operation of a service, with everything that the SDK does until it has an
//! answer. The adapters for AWS emit it, and so does [`MemoryBackend`](crate::MemoryBackend), with
//! the fields that apply. If this crate sends SendCommand or CreateAssociation again, each is a
//! separate call. Your own backend can emit its spans inside the verb's span.
//!
//! | field | what it says |
//! |---|---|
//! | `service` | `ssm`, `ssm-quicksetup` or `ec2`; in memory `iam` too |
//! | `operation` | the service's name for it, such as `SendCommand` |
//! | `waited_ms` | how long it waited for the limiter; AWS only |
//! | `attempts` | how often it was sent; AWS only |
//! | `throttled` | `true` if the service throttled it, even if a later attempt succeeded |
//! | `error.kind`, `error.code`, `request_id` | as for verbs, if the last attempt failed |
//!
//! Each attempt is an event in this span, `an attempt` (AWS only):
//!
//! | field | what it says |
//! |---|---|
//! | `attempt` | which one, from 1 |
//! | `throttled` | whether the service throttled this one |
//! | `status` | the HTTP status; absent if no answer came |
//! | `request_id` | the service's id for it, which AWS support asks for |
//!
//! # Progress
//!
//! | event | fields |
//! |---|---|
//! | `a command` | `command`: its id, as soon as [`run`](crate::PatchManager::run) has sent it |
//! | `a run in an organization` | `locations`, `succeeded`, `failed`: at each poll of [`wait`](crate::manager::OrganizationRun::wait) |
//! | `a run` | `nodes`, `completed`, `failed`: at each poll of [`wait`](crate::manager::PatchRun::wait) |
//! | `a deployment` | `status`: at each poll of [`wait_for_policy`](crate::PatchManager::wait_for_policy) and [`wait_for_policy_deployment`](crate::PatchManager::wait_for_policy_deployment) |
//! | `a sweep` | `nodes_known`, `nodes_done`, `calls`, `throttled`, `failed`, `listed_by_information`: with each batch, as in [`Progress`](crate::Progress) |
//!
//! # Listening
//!
//! For a log, install a subscriber such as `tracing_subscriber::fmt()`. Some fields are recorded
//! when the span ends: turn on `FmtSpan::CLOSE` to see them. For your own metrics, write a layer or
//! a small subscriber.
#![cfg_attr(
    not(feature = "tracing"),
    doc = "The feature `tracing` adds an example here."
)]
#![cfg_attr(feature = "tracing", doc = include_str!("observed.md"))]
