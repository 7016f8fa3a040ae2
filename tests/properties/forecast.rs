//! What holds for every fleet, schedule and start: a forecast is what then happens.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use aws_patch_manager::backend::{
    AssociationStore, DescribeInstancePatchStates, DescribeInstancePatches, MaintenanceWindowStore,
    Request,
};
use aws_patch_manager::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchFilter, PatchFilterGroup,
    PatchFilterKey,
};
use aws_patch_manager::compliance::{ComplianceReport, ReportDetail};
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage, NodeCondition};
use aws_patch_manager::plan::{Forecast, MirrorScope};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::schedule::association::CreateAssociation;
use aws_patch_manager::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskType,
    RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
};
use aws_patch_manager::types::{
    MaxConcurrency, MaxErrors, NodeId, OperatingSystem, Patch, RebootOption, Tag, Target,
};
use aws_patch_manager::{
    ComplianceQuery, MemoryBackend, PatchGroup, PatchManager, PatchRequest, PolicySchedule,
};
use futures_util::{FutureExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

const START: Timestamp = Timestamp::constant(1_779_667_200, 0);

/// One node: its system, what it has, its group and whether it is in touch.
#[derive(Debug, Clone)]
struct AnyNode {
    system: usize,
    /// For each package or update, the version that it has; none below the first one.
    has: Vec<usize>,
    in_group: bool,
    in_touch: bool,
}

/// When something runs, what it does, and on which nodes.
#[derive(Debug, Clone)]
struct AnySchedule {
    kind: usize,
    hour: u8,
    day: usize,
    installs: bool,
    reboots: bool,
    in_group: bool,
    hours: u8,
    cancels: bool,
}

#[derive(Debug, Clone)]
struct AnyAccount {
    nodes: Vec<AnyNode>,
    /// For each package and version, how many days before the start it was released, and its severity.
    released: Vec<(i64, bool)>,
    delays: Vec<u32>,
    schedules: Vec<AnySchedule>,
    installs_first: bool,
    hours_before: u64,
    days: u64,
}

const SYSTEMS: [OperatingSystem; 3] = [
    OperatingSystem::Windows,
    OperatingSystem::AmazonLinux2023,
    OperatingSystem::Ubuntu,
];
const PACKAGES: usize = 3;
const VERSIONS: usize = 3;

fn accounts() -> impl Strategy<Value = AnyAccount> {
    let node = (
        0..3_usize,
        vec(0..=VERSIONS, PACKAGES),
        any::<bool>(),
        0..8_u8,
    )
        .prop_map(|(system, has, in_group, touch)| AnyNode {
            system,
            has,
            in_group,
            in_touch: touch > 0,
        });
    let schedule = (
        0..3_usize,
        0..24_u8,
        0..8_usize,
        any::<[bool; 4]>(),
        1..4_u8,
    )
        .prop_map(
            |(kind, hour, day, [installs, reboots, in_group, cancels], hours)| AnySchedule {
                kind,
                hour,
                day,
                installs,
                reboots,
                in_group,
                hours,
                cancels,
            },
        );
    let patches = 3 * PACKAGES * VERSIONS;
    (
        vec(node, 1..5),
        vec((0..30_i64, any::<bool>()), patches),
        vec(0..25_u32, 6),
        vec(schedule, 0..4),
        any::<bool>(),
        1..80_u64,
        1..32_u64,
    )
        .prop_map(
            |(nodes, released, delays, schedules, installs_first, hours_before, days)| AnyAccount {
                nodes,
                released,
                delays,
                schedules,
                installs_first,
                hours_before,
                days,
            },
        )
}

fn id(number: usize) -> String {
    format!("i-{number:017x}")
}

impl AnyAccount {
    /// The versions of each package, the newest last; of Windows, updates that nothing replaces.
    fn catalog(&self) -> Vec<Patch> {
        let mut patches = Vec::new();
        for (number, (days, critical)) in self.released.iter().enumerate() {
            let system = number / (PACKAGES * VERSIONS);
            let (package, version) = (number / VERSIONS % PACKAGES, number % VERSIONS);
            let date = START - SignedDuration::from_hours(24 * days + 1);
            let severity = if *critical { "Critical" } else { "Important" };
            let mut patch = match system {
                0 => json!({
                    "KbNumber": format!("KB500{package}{version}"), "Product": "WindowsServer2022",
                    "Title": format!("Update {package} {version}"), "ProductFamily": "Windows",
                    "Classification": "SecurityUpdates", "MsrcSeverity": severity,
                }),
                1 => json!({
                    "Name": format!("pkg{package}"), "Epoch": 0, "Version": format!("2.{version}"),
                    "Release": "1.amzn2023", "Arch": "x86_64", "Product": "AmazonLinux2023",
                    "Classification": "Security", "Severity": severity,
                    "CVEIds": [format!("CVE-2026-1{number:02}")],
                }),
                _ => json!({
                    "Name": format!("pkg{package}"), "Version": format!("2.{version}-1ubuntu1"),
                    "Arch": "amd64", "Product": "Ubuntu22.04", "Priority": "Required",
                    "Repository": "jammy-security",
                }),
            };
            patch["ReleaseDate"] = json!(date.to_string());
            patches.push(serde_json::from_value(patch).unwrap());
        }
        patches
    }

    fn fleet(&self) -> Vec<FleetNode> {
        let nodes = self.nodes.iter().enumerate();
        nodes
            .map(|(number, node)| {
                let id = id(number);
                let mut made = match node.system {
                    0 => FleetNode::windows_server_2022(id),
                    1 => FleetNode::amazon_linux_2023(id),
                    _ => FleetNode::ubuntu_22_04(id),
                };
                for (package, has) in node.has.iter().enumerate() {
                    made = match (node.system, has) {
                        (0, 0) => made,
                        (0, has) => {
                            let kb = format!("KB500{package}{}", has - 1);
                            made.with_installed(InstalledPackage::kb(kb))
                        }
                        (1, has) => {
                            let version = match has {
                                0 => "1.9".to_owned(),
                                has => format!("2.{}", has - 1),
                            };
                            let name = format!("pkg{package}");
                            made.with_installed(InstalledPackage::rpm(
                                name,
                                0,
                                version,
                                "1.amzn2023",
                                "x86_64",
                            ))
                        }
                        // A report of apt does not say which of several older versions is installed.
                        (_, has) => {
                            let version = if *has == VERSIONS {
                                "2.2-1ubuntu1"
                            } else {
                                "1.9-1"
                            };
                            let name = format!("pkg{package}");
                            made.with_installed(InstalledPackage::deb(name, version, "amd64"))
                        }
                    };
                }
                if node.in_group {
                    made = made.with_tag("Patch Group", "web");
                }
                if !node.in_touch {
                    made = made.with_condition(NodeCondition::Unreachable);
                }
                made
            })
            .collect()
    }

    /// The account, with its baselines, after its first operation and before its schedules.
    async fn account(&self) -> MemoryBackend {
        let mut fleet = FleetFile::default();
        fleet.nodes = self.fleet();
        let account = MemoryBackend::builder()
            .start(START)
            .fleet(fleet)
            .catalog(self.catalog())
            .build();
        let manager = PatchManager::from_memory(&account);
        let mut policies = Vec::new();
        for (number, os) in SYSTEMS.iter().enumerate() {
            let group = manager
                .create_baseline(&baseline(os, self.delays[number]))
                .await
                .unwrap();
            let group_name = PatchGroup::new("web").unwrap();
            manager.bind_patch_group(&group_name, &group).await.unwrap();
            let own = baseline(os, self.delays[3 + number]);
            policies.push((os.clone(), manager.create_baseline(&own).await.unwrap()));
        }
        let ids: Vec<NodeId> = (0..self.nodes.len())
            .map(|number| id(number).into())
            .collect();
        let reachable = self
            .nodes
            .iter()
            .zip(&ids)
            .filter(|(node, _)| node.in_touch);
        let reachable: Vec<NodeId> = reachable.map(|(_, id)| id.clone()).collect();
        if !reachable.is_empty() {
            let first = match self.installs_first {
                true => PatchRequest::install().reboot(RebootOption::NoReboot),
                false => PatchRequest::scan(),
            };
            let run = manager.run(&first.nodes(reachable)).await.unwrap();
            run.wait(Duration::from_secs(8 * 3600)).await.unwrap();
        }
        account.advance(Duration::from_secs(7 * 60));
        for (number, schedule) in self.schedules.iter().enumerate() {
            schedule.create(number, &account, &policies).await;
            // Rates that began at one instant have further ones in common.
            account.advance(Duration::from_secs(11 * 60));
        }
        account
    }
}

fn baseline(os: &OperatingSystem, days: u32) -> BaselineSpec {
    let (key, value) = match os {
        OperatingSystem::Windows => (PatchFilterKey::MsrcSeverity, "Critical"),
        OperatingSystem::Ubuntu => (PatchFilterKey::Priority, "Required"),
        _ => (PatchFilterKey::Severity, "Critical"),
    };
    let filters = PatchFilterGroup::new(vec![PatchFilter::new(key, [value])]);
    let mut spec = BaselineSpec::new(format!("days-{days}"), os.clone());
    let rule = ApprovalRule::new(filters, Approval::AfterDays(days));
    spec.approval_rules = ApprovalRules::new(vec![rule]);
    spec
}

impl AnySchedule {
    fn operation(&self) -> &'static str {
        if self.installs { "Install" } else { "Scan" }
    }

    fn reboot(&self) -> RebootOption {
        match self.reboots {
            true => RebootOption::RebootIfNeeded,
            false => RebootOption::NoReboot,
        }
    }

    /// Cron by the minute of its kind, so that no two mechanisms start at the same instant.
    fn cron(&self, minute: u8) -> String {
        let day = ["?", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"][self.day];
        let of_month = if day == "?" { "*" } else { "?" };
        format!("cron({minute} {} {of_month} * {day} *)", self.hour)
    }

    async fn create(
        &self,
        number: usize,
        account: &MemoryBackend,
        baselines: &[(OperatingSystem, aws_patch_manager::types::BaselineId)],
    ) {
        let minute = 3 + 17 * u8::try_from(number).unwrap();
        let parameters = json!({
            "Operation": [self.operation()], "RebootOption": [self.reboot().as_str()],
        });
        let target = match self.in_group {
            true => Target::tag("Patch Group", ["web"]),
            false => Target::instance_ids([id(0)]),
        };
        match self.kind {
            0 => {
                let targets = match self.in_group {
                    true => PolicyTargets::Tag(Tag::new("Patch Group", "web")),
                    false => PolicyTargets::All,
                };
                let mut policy = PolicySchedule::new(format!("policy-{number}"))
                    .scan(self.cron(minute))
                    .targets(targets)
                    .reboot(self.reboot());
                if self.installs {
                    policy = policy.install(self.cron(minute));
                }
                for (os, id) in baselines {
                    policy = policy.baseline(os.clone(), id.clone(), "own");
                }
                let manager = PatchManager::from_memory(account);
                manager
                    .ensure_policy(&policy.patch_policy().unwrap())
                    .await
                    .unwrap();
            }
            1 => {
                let name = format!("window-{number}");
                let create = CreateMaintenanceWindow::new(
                    name,
                    self.cron(minute),
                    self.hours,
                    self.hours - 1,
                );
                let window = account.create_maintenance_window(create).await.unwrap();
                let target = RegisterTargetWithMaintenanceWindow::nodes(&window, vec![target]);
                let target = account.register_target_with_maintenance_window(target);
                let target = target.await.unwrap();
                let mut task = RegisterTaskWithMaintenanceWindow::new(
                    &window,
                    MaintenanceWindowTaskType::RunCommand,
                    "AWS-RunPatchBaseline",
                );
                task.targets = Some(vec![Target::new("WindowTargetIds", [target.as_str()])]);
                task.max_concurrency = Some(MaxConcurrency::Count(1));
                task.max_errors = Some(MaxErrors::Count(9));
                task.cutoff_behavior = self
                    .cancels
                    .then_some(MaintenanceWindowTaskCutoffBehavior::CancelTask);
                let run = json!({ "RunCommand": { "Parameters": parameters } });
                task.task_invocation_parameters = serde_json::from_value(run).unwrap();
                account
                    .register_task_with_maintenance_window(task)
                    .await
                    .unwrap();
            }
            _ => {
                let mut create = CreateAssociation::new("AWS-RunPatchBaseline", vec![target]);
                create.parameters = serde_json::from_value(parameters).unwrap();
                create.schedule_expression = Some(format!("rate({} hours)", 5 + self.hour));
                create.max_errors = Some(MaxErrors::Count(9));
                account.create_association(create).await.unwrap();
            }
        }
    }
}

/// Turns the clock until nothing runs: a mirror does not continue what does.
async fn settle(account: &MemoryBackend) {
    let manager = PatchManager::from_memory(account);
    for _ in 0..2_000 {
        let commands: Vec<_> = manager.list_commands().try_collect().await.unwrap();
        if commands.iter().all(|command| command.status.is_terminal()) {
            return;
        }
        account.advance(Duration::from_secs(60));
    }
}

/// What each node reports, without the ids that every run makes up, and without updates that do not apply.
async fn reported(account: &MemoryBackend, nodes: usize) -> Vec<(Value, Vec<Value>)> {
    let mut reported = Vec::new();
    for number in 0..nodes {
        let request = json!({ "InstanceIds": [id(number)] });
        let request: DescribeInstancePatchStates = serde_json::from_value(request).unwrap();
        let states = request.send(account).await.unwrap();
        let mut state = serde_json::to_value(states.items).unwrap();
        for state in state.as_array_mut().unwrap() {
            for member in ["BaselineId", "SnapshotId"] {
                state.as_object_mut().unwrap().remove(member);
            }
        }
        let request = json!({ "InstanceId": id(number), "MaxResults": 100 });
        let request: DescribeInstancePatches = serde_json::from_value(request).unwrap();
        let patches = request.send(account).await.unwrap().items;
        let patches = patches
            .iter()
            .map(|patch| serde_json::to_value(patch).unwrap());
        reported.push((state, patches.collect()));
    }
    reported
}

/// A report of a missing package does not say which version is installed. If it is not missing any more,
/// because another baseline approves less, a mirror calls that version `0`.
fn without_unknown_versions(
    mut here: Vec<(Value, Vec<Value>)>,
    mut there: Vec<(Value, Vec<Value>)>,
) -> [Vec<(Value, Vec<Value>)>; 2] {
    for ((_, here), (_, there)) in here.iter_mut().zip(&mut there) {
        for (here, there) in here.iter_mut().zip(there) {
            if here["Title"].as_str().unwrap().ends_with(":0") {
                here["Title"] = json!("an unknown version");
                there["Title"] = json!("an unknown version");
            }
        }
    }
    [here, there]
}

fn without_ids(report: &ComplianceReport) -> Value {
    let mut report = serde_json::to_value(report).unwrap();
    for node in report["Nodes"].as_array_mut().unwrap() {
        node.as_object_mut().unwrap().remove("Baseline");
    }
    report
}

/// The installs that the account itself made since an instant.
async fn installs(account: &MemoryBackend, since: Timestamp) -> Vec<(String, String, String)> {
    let manager = PatchManager::from_memory(account);
    let commands: Vec<_> = manager.list_commands().try_collect().await.unwrap();
    let mut made = Vec::new();
    for command in commands {
        let operation = command
            .parameters
            .get("Operation")
            .and_then(|values| values.first());
        let requested = command.requested_date_time.unwrap();
        if operation.is_none_or(|operation| operation != "Install") || requested < since {
            continue;
        }
        let request = json!({ "CommandId": command.command_id });
        let request: aws_patch_manager::backend::ListCommandInvocations =
            serde_json::from_value(request).unwrap();
        for on in request.send(account).await.unwrap().items {
            let status = on.status.to_string();
            let status = status.replace("Delayed", "Pending");
            made.push((requested.to_string(), on.instance_id.to_string(), status));
        }
    }
    made.sort();
    made
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_forecast_is_what_then_happens(any in accounts()) {
        let checked = async {
            let account = any.account().await;
            account.advance(Duration::from_secs(any.hours_before * 3600));
            settle(&account).await;
            let manager = PatchManager::from_memory(&account);
            let from = account.clock().now();
            // A command cannot be seen in its first second.
            let days = SignedDuration::from_hours(24 * i64::try_from(any.days).unwrap());
            let until = from + days + SignedDuration::from_secs(30);
            let scope = MirrorScope::new().patches().catalog();
            let snapshot = manager.mirror_snapshot(&scope).await.unwrap();
            let mirror = MemoryBackend::from_snapshot(&snapshot);
            let forecast = Forecast::on(&mirror, until).await.unwrap();

            account.advance_to(until);
            let query = ComplianceQuery::all();
            let report = manager.compliance_report("Forecast", &query, ReportDetail::Patches);
            let report = report.await.unwrap();
            let nodes = any.nodes.len();
            // A forecast has all installs; the account forgets a command after 30 days.
            let since = from.max(until - SignedDuration::from_hours(24 * 29));
            let forecast_installs = forecast.installs.iter();
            let forecast_installs = forecast_installs.filter(|install| install.requested >= since);
            let forecast_installs = forecast_installs.map(|install| {
                let status = install.status.to_string().replace("Delayed", "Pending");
                (install.requested.to_string(), install.node.to_string(), status)
            });
            let mut forecast_installs: Vec<_> = forecast_installs.collect();
            forecast_installs.sort();
            prop_assert_eq!(forecast_installs, installs(&account, since).await);
            let reports = (reported(&mirror, nodes).await, reported(&account, nodes).await);
            let [here, there] = without_unknown_versions(reports.0, reports.1);
            prop_assert_eq!(here, there);
            prop_assert_eq!(without_ids(&forecast.report), without_ids(&report));
            Ok(())
        };
        checked.now_or_never().unwrap()?;
    }
}
