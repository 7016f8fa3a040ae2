//! Patch policies in an organization: made in one account, in effect in every account of its units and
//! each of its Regions, and reported by account and Region.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::future::Future;
use std::time::Duration;

use aws_patch_manager::automation::{OrganizationRequest, PatchRunbook};
use aws_patch_manager::backend::CommandRunner;
use aws_patch_manager::backend::{
    ComplianceSource, DescribeInstancePatchStates, GetConfigurationManager, ListCommands,
    PatchPolicyStore,
};
use aws_patch_manager::baseline::{ApprovalRules, BaselineChanges};
use aws_patch_manager::compliance::InstancePatchState;
use aws_patch_manager::manager::PolicyDeployment;
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage, MemoryOrganization};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{
    NodeId, OperatingSystem, PatchOperation, PatchPolicyArn, Tag, Target,
};
use aws_patch_manager::{
    BaselineBuilder, Clock, ErrorKind, MemoryBackend, PageRequest, PatchManager, PolicySchedule,
};
use futures_util::{FutureExt, TryStreamExt};

const CENTRAL: &str = "111111111111";
const IN_UNIT: &str = "222222222222";
const IN_CHILD: &str = "333333333333";
const ELSEWHERE: &str = "444444444444";
const HOME: &str = "eu-central-1";
const AWAY: &str = "eu-west-1";
const UNIT: &str = "ou-ab12-workloads1";
const CHILD: &str = "ou-ab12-production";
const OTHER: &str = "ou-ab12-sandboxes1";
const STACK_SETS_ROLE: &str = "AWSServiceRoleForCloudFormationStackSetsOrgMember";
const LOCAL_ROLE: &str = "AWS-QuickSetup-PatchPolicy-LocalExecutionRole";
const NODE: &str = "i-0123456789abcdef0";
const HOUR: Duration = Duration::from_hours(1);

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

/// An account in a unit, one in a unit inside that, and one in another; each with a tagged node.
fn organization() -> MemoryOrganization {
    let old = InstalledPackage::rpm("openssl", 1, "3.2.2", "1.amzn2023.0.2", "x86_64");
    let node = FleetNode::amazon_linux_2023(NODE).with_installed(old);
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![node.with_tag("Environment", "production")];
    MemoryOrganization::builder()
        .management(CENTRAL)
        .unit(UNIT, None)
        .unit(CHILD, Some(UNIT))
        .unit(OTHER, None)
        .account(IN_UNIT, UNIT)
        .account(IN_CHILD, CHILD)
        .account(ELSEWHERE, OTHER)
        .regions([HOME, AWAY])
        .template(MemoryBackend::builder().fleet(fleet))
        .build()
        .unwrap()
}

fn manager(organization: &MemoryOrganization, account: &str, region: &str) -> PatchManager {
    PatchManager::from_memory(&organization.member(account, region).unwrap())
}

/// A scan at 01:00 and an install on Sundays at 02:00, neither at once.
fn weekly() -> PolicySchedule {
    PolicySchedule::quick_setup_default("production").scan_at_once(false)
}

fn of_units() -> PolicySchedule {
    weekly().organizational_units([UNIT]).regions([HOME, AWAY])
}

fn ensured(manager: &PatchManager, schedule: PolicySchedule) -> PatchPolicyArn {
    let policy = schedule.patch_policy().unwrap();
    now(manager.ensure_policy(&policy)).unwrap().arn
}

fn deployed(manager: &PatchManager, arn: &PatchPolicyArn) -> PolicyDeployment {
    now(manager.wait_for_policy_deployment(arn, HOUR)).unwrap()
}

/// `account Region status` of each configuration, with the message of a failure.
fn places(deployment: &PolicyDeployment) -> Vec<String> {
    let configurations = deployment.configurations.iter();
    let places = configurations.map(|one| {
        let message = one.message.as_deref().unwrap_or_default();
        let place = format!("{} {} {} {message}", one.account, one.region, one.status);
        place.trim_end().to_owned()
    });
    places.collect()
}

/// The schedules of the associations in each account and Region that has some.
fn schedules(organization: &MemoryOrganization) -> Vec<(String, String, Vec<String>)> {
    let mut found = Vec::new();
    for account in organization.accounts() {
        for region in organization.regions() {
            let manager = manager(organization, account, region);
            let listed: Vec<_> = now(manager.list_associations().try_collect()).unwrap();
            let schedules = listed
                .into_iter()
                .map(|one| one.schedule_expression.unwrap());
            let schedules: Vec<String> = schedules.collect();
            if !schedules.is_empty() {
                found.push((account.to_owned(), region.to_owned(), schedules));
            }
        }
    }
    found
}

fn with_associations(organization: &MemoryOrganization) -> Vec<String> {
    let found = schedules(organization).into_iter();
    found
        .map(|(account, region, _)| format!("{account} {region}"))
        .collect()
}

fn state(member: &MemoryBackend) -> Option<InstancePatchState> {
    let node = NodeId::new(NODE);
    let request = DescribeInstancePatchStates::new([node], PageRequest::first());
    now(member.describe_instance_patch_states(request))
        .unwrap()
        .items
        .pop()
}

#[test]
fn a_policy_takes_effect_in_each_account_of_its_units_and_each_of_its_regions() {
    let organization = organization();
    let central = manager(&organization, CENTRAL, HOME);
    let arn = ensured(&central, of_units());
    assert!(with_associations(&organization).is_empty(), "under way");
    let deployment = deployed(&central, &arn);
    assert!(deployment.is_deployed(), "{deployment}");
    let expected = [
        "222222222222 eu-central-1 SUCCEEDED",
        "222222222222 eu-west-1 SUCCEEDED",
        "333333333333 eu-central-1 SUCCEEDED",
        "333333333333 eu-west-1 SUCCEEDED",
    ];
    assert_eq!(places(&deployment), expected);
    let here: Vec<String> = expected
        .iter()
        .map(|place| place.replace(" SUCCEEDED", ""))
        .collect();
    assert_eq!(with_associations(&organization), here);

    // Only the account that made it has the policy itself.
    let member = organization.member(IN_CHILD, AWAY).unwrap();
    let read = now(member.get_configuration_manager(GetConfigurationManager::new(&arn)));
    assert_eq!(read.unwrap_err().kind(), ErrorKind::NotFound);
    for one in &deployment.configurations {
        let read = now(central.policy_configuration(one.id.as_ref().unwrap())).unwrap();
        assert_eq!(read.account.as_ref(), Some(&one.account));
        assert_eq!(read.region.as_ref(), Some(&one.region));
    }
}

#[test]
fn nodes_in_members_are_scanned_and_installed_by_the_schedules() {
    let organization = organization();
    let central = manager(&organization, CENTRAL, HOME);
    ensured(&central, of_units());
    // In one go, over two weeks.
    organization.advance(Duration::from_hours(14 * 24));
    for account in [IN_UNIT, IN_CHILD] {
        for region in [HOME, AWAY] {
            let member = organization.member(account, region).unwrap();
            let sent = now(member.list_commands(ListCommands::default())).unwrap();
            let count = |operation: &str| {
                let sent = sent.items.iter();
                sent.filter(|command| command.parameters["Operation"] == [operation])
                    .count()
            };
            assert_eq!((count("Scan"), count("Install")), (14, 2), "{account}");
            let state = state(&member).unwrap();
            assert_eq!(state.missing_count, 0);
            assert_eq!(state.installed_pending_reboot_count, Some(1), "{state:?}");
            let command = &sent.items[0];
            assert_eq!(command.comment, "Patch policy production: Scan");
            let file = &command.parameters["BaselineOverride"][0];
            let bucket = format!("s3://aws-quicksetup-patchpolicy-{CENTRAL}-");
            assert!(file.starts_with(&bucket), "{file}");
            let tags = now(PatchManager::from_memory(&member).node_tags(&NodeId::new(NODE)));
            let is_marked = |tag: &Tag| tag.key.starts_with("QSConfigName-");
            let tags = tags.unwrap();
            let mark = tags.iter().find(|tag| is_marked(tag)).unwrap();
            assert_eq!(mark.value, "production");
        }
    }
    for account in [CENTRAL, ELSEWHERE] {
        let outside = organization.member(account, HOME).unwrap();
        assert!(state(&outside).is_none(), "{account}");
    }
}

#[test]
fn targets_select_nodes_within_each_account() {
    let organization = organization();
    let member = organization.member(IN_UNIT, HOME).unwrap();
    member.add_node(FleetNode::amazon_linux_2023("i-0123456789abcdef1"));
    let central = manager(&organization, CENTRAL, HOME);
    let targets = PolicyTargets::Tag(Tag::new("Environment", "production"));
    let schedule = of_units().targets(targets).scan_at_once(true);
    let arn = ensured(&central, schedule);
    deployed(&central, &arn);
    organization.advance(HOUR);
    let sent = now(member.list_commands(ListCommands::default())).unwrap();
    assert_eq!(sent.items[0].target_count, 1);
    assert_eq!(state(&member).unwrap().operation, PatchOperation::Scan);
}

#[test]
fn where_permissions_lack_it_fails_by_name_and_runs_elsewhere() {
    let organization = organization();
    organization.delete_role(IN_UNIT, STACK_SETS_ROLE).unwrap();
    organization.deny_region(IN_CHILD, AWAY).unwrap();
    let central = manager(&organization, CENTRAL, HOME);
    let arn = ensured(&central, of_units());
    let deployment = deployed(&central, &arn);
    let no_role =
        format!("FAILED the role {STACK_SETS_ROLE} of account {IN_UNIT} cannot be assumed");
    assert_eq!(
        places(&deployment),
        [
            format!("{IN_UNIT} {HOME} {no_role}"),
            format!("{IN_UNIT} {AWAY} {no_role}"),
            format!("{IN_CHILD} {HOME} SUCCEEDED"),
            format!(
                "{IN_CHILD} {AWAY} FAILED a policy denies account {IN_CHILD} the Region {AWAY}"
            ),
        ]
    );
    assert_eq!(
        with_associations(&organization),
        [format!("{IN_CHILD} {HOME}")]
    );

    // Permissions that come later help at the next update.
    organization
        .create_execution_role(IN_UNIT, STACK_SETS_ROLE)
        .unwrap();
    organization.advance(HOUR);
    assert_eq!(with_associations(&organization).len(), 1);
    ensured(&central, of_units().scan_daily_at(3, 0));
    assert_eq!(deployed(&central, &arn).failures().count(), 1);
    assert_eq!(with_associations(&organization).len(), 3);
}

#[test]
fn a_permission_that_goes_after_the_deployment_changes_nothing() {
    let organization = organization();
    let central = manager(&organization, CENTRAL, HOME);
    let arn = ensured(&central, of_units());
    organization.advance(HOUR);
    organization.delete_role(IN_UNIT, STACK_SETS_ROLE).unwrap();
    assert!(deployed(&central, &arn).is_deployed());
    assert_eq!(with_associations(&organization).len(), 4);

    // What was deployed before stays where an update is refused.
    ensured(&central, of_units().scan_only().scan_daily_at(3, 0));
    assert_eq!(deployed(&central, &arn).failures().count(), 2);
    for (account, _, schedules) in schedules(&organization) {
        let expected = if account == IN_UNIT { 2 } else { 1 };
        assert_eq!(schedules.len(), expected, "{account}");
    }
}

#[test]
fn an_account_or_region_outside_the_organization_fails_by_name() {
    let organization = organization();
    let central = manager(&organization, CENTRAL, HOME);
    let schedule = weekly()
        .organizational_units([CHILD])
        .regions([HOME, "us-west-2"]);
    let arn = ensured(&central, schedule);
    let deployment = deployed(&central, &arn);
    let failed: Vec<_> = deployment.failures().collect();
    let [failed] = failed.as_slice() else {
        panic!("{deployment}");
    };
    assert_eq!(
        failed.message.as_deref(),
        Some("account 333333333333 in us-west-2 is not part of the organization")
    );
}

#[test]
fn the_local_role_deploys_to_the_own_account_in_every_region() {
    let organization = organization();
    let (member, schedule) = (
        manager(&organization, ELSEWHERE, AWAY),
        weekly().regions([HOME, AWAY]),
    );
    let arn = ensured(&member, schedule.clone());
    assert!(deployed(&member, &arn).is_deployed());
    let here = [format!("{ELSEWHERE} {HOME}"), format!("{ELSEWHERE} {AWAY}")];
    assert_eq!(with_associations(&organization), here);
    now(member.delete_policy(&arn)).unwrap();
    assert!(with_associations(&organization).is_empty());

    let roles = schedule.local_roles("arn:aws:iam::444444444444:role/admin", "own-role");
    let arn = ensured(&member, roles.clone());
    let failed = deployed(&member, &arn);
    assert_eq!(failed.failures().count(), 2, "{failed}");
    organization
        .create_execution_role(ELSEWHERE, "own-role")
        .unwrap();
    organization.delete_role(ELSEWHERE, LOCAL_ROLE).unwrap();
    ensured(&member, roles.scan_daily_at(3, 0));
    assert!(deployed(&member, &arn).is_deployed());
}

#[test]
fn the_root_means_every_account_and_the_management_account_too() {
    let organization = organization();
    let central = manager(&organization, CENTRAL, HOME);
    let arn = ensured(&central, weekly().organizational_units(["r-ab12"]));
    let deployment = deployed(&central, &arn);
    assert!(deployment.is_deployed(), "{deployment}");
    let everywhere: Vec<String> = organization
        .accounts()
        .map(|account| format!("{account} {HOME}"))
        .collect();
    assert_eq!(with_associations(&organization), everywhere);
}

#[test]
fn an_update_reaches_the_members_and_leaves_those_that_it_drops() {
    let organization = organization();
    let central = manager(&organization, CENTRAL, HOME);
    let arn = ensured(&central, of_units());
    deployed(&central, &arn);
    let smaller = weekly()
        .organizational_units([CHILD])
        .regions([AWAY])
        .scan_only()
        .scan_daily_at(3, 0);
    ensured(&central, smaller);
    assert_eq!(with_associations(&organization).len(), 4, "under way");
    deployed(&central, &arn);
    let expected = (
        IN_CHILD.to_owned(),
        AWAY.to_owned(),
        vec!["cron(0 3 * * ? *)".to_owned()],
    );
    assert_eq!(schedules(&organization), [expected]);
}

#[test]
fn a_deleted_policy_is_gone_from_every_member() {
    let organization = organization();
    let central = manager(&organization, CENTRAL, HOME);
    for settle in [Duration::ZERO, HOUR / 2] {
        let arn = ensured(&central, of_units());
        organization.advance(settle);
        now(central.delete_policy(&arn)).unwrap();
        organization.advance(Duration::from_hours(14 * 24));
        assert!(with_associations(&organization).is_empty());
        let member = organization.member(IN_UNIT, HOME).unwrap();
        assert!(state(&member).is_none());
    }
}

#[test]
fn units_are_for_the_management_account_and_have_to_be_there() {
    let organization = organization();
    let cases = [
        (IN_UNIT, UNIT, "from the management account only"),
        (CENTRAL, "ou-ab12-nosuchunit", "no such unit"),
    ];
    for (account, unit, why) in cases {
        let manager = manager(&organization, account, HOME);
        let policy = weekly()
            .organizational_units([unit])
            .patch_policy()
            .unwrap();
        let error = now(manager.ensure_policy(&policy)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(why), "{error}");
        let listed: Vec<_> = now(manager.list_policies().try_collect()).unwrap();
        assert!(listed.is_empty());
    }
    // Nor by an update.
    let manager = manager(&organization, IN_UNIT, HOME);
    let arn = ensured(&manager, weekly());
    let policy = weekly()
        .organizational_units([UNIT])
        .patch_policy()
        .unwrap();
    now(manager.ensure_policy(&policy)).unwrap_err();
    assert!(deployed(&manager, &arn).is_deployed());
}

/// User Guide, quick-setup-patch-manager: custom baselines are copied into the override file every hour.
#[test]
fn a_changed_baseline_acts_in_the_members_after_the_next_hourly_copy() {
    // The policy is deployed at 00:01, so it copies a minute after each full hour, and scans at 01:00.
    for (changed_at, missing) in [("2026-05-14T23:58:00Z", 0), ("2026-05-15T00:30:00Z", 1)] {
        let organization = organization();
        let central = manager(&organization, CENTRAL, HOME);
        let spec = BaselineBuilder::amazon_linux_2023_security("security", 0);
        let id = now(central.create_baseline(&spec.build().unwrap())).unwrap();
        let system = OperatingSystem::AmazonLinux2023;
        ensured(
            &central,
            of_units()
                .scan_daily_at(1, 0)
                .baseline(system, &id, "security"),
        );
        let clock = organization.manual_clock();
        clock.advance_to(changed_at.parse().unwrap());
        let mut changes = BaselineChanges::default();
        changes.approval_rules = Some(ApprovalRules::new(Vec::new()));
        now(central.update_baseline(&id, changes)).unwrap();
        clock.advance_to("2026-05-15T01:30:00Z".parse().unwrap());
        for account in [IN_UNIT, IN_CHILD] {
            let state = state(&organization.member(account, AWAY).unwrap()).unwrap();
            assert_eq!(state.missing_count, missing, "{account} {changed_at}");
        }
    }
}

/// `account Region operation instant` of every command of every member.
fn sent(organization: &MemoryOrganization) -> Vec<String> {
    let mut sent = Vec::new();
    for account in organization.accounts() {
        for region in organization.regions() {
            let member = organization.member(account, region).unwrap();
            let page = now(member.list_commands(ListCommands::default())).unwrap();
            sent.extend(page.items.iter().map(|command| {
                let operation = &command.parameters["Operation"][0];
                let at = command.requested_date_time.unwrap();
                format!("{account} {region} {operation} {at} {}", command.status)
            }));
        }
    }
    sent
}

#[test]
fn a_policy_beside_a_run_does_the_same_however_far_the_clock_turns() {
    let days = 8;
    let mut histories = Vec::new();
    for step in [Duration::from_mins(20), Duration::from_hours(days * 24)] {
        let organization = organization();
        let central = manager(&organization, CENTRAL, HOME);
        let runbook = PatchRunbook::new("Patch-Nodes").share_with([IN_UNIT, IN_CHILD]);
        now(central.ensure_patch_runbook(&runbook)).unwrap();
        // One account and Region after the other, so it is under way when the policy is deployed.
        let request = OrganizationRequest::scan("Patch-Nodes")
            .target(Target::tag("Environment", ["production"]))
            .accounts([IN_UNIT, IN_CHILD], [HOME, AWAY]);
        now(central.run_organization(&request)).unwrap();
        ensured(&central, of_units().scan_at_once(true));
        let clock = organization.manual_clock();
        let end = clock.now() + Duration::from_hours(days * 24);
        while clock.now() < end {
            organization.advance(step);
            sent(&organization);
        }
        histories.push(sent(&organization));
    }
    let [first, second] = histories.as_slice() else {
        panic!("two histories");
    };
    assert_eq!(first, second);
    // Nine scans by the policy, one by the run, and one install in each account and Region.
    assert_eq!(first.len(), 4 * 11);
}
