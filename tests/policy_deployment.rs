//! Where a patch policy is deployed, by account and Region, and what failed where.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::manager::{Change, PolicyDeployment};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::schedule::{PatchPolicy, PolicyStatus};
use aws_patch_manager::types::PatchPolicyArn;
use aws_patch_manager::{ErrorKind, MemoryBackend, PatchManager, PolicySchedule};
use futures_util::TryStreamExt;

/// The account and Region of memory.
const OWN: &str = "123456789012";
const HOME: &str = "us-east-1";
const UNIT: &str = "ou-abcd-12345678";
const HOUR: Duration = Duration::from_secs(3600);

fn account() -> (MemoryBackend, PatchManager) {
    let memory = MemoryBackend::new();
    memory.add_node(FleetNode::amazon_linux_2023("i-0123456789abcdef0"));
    let manager = PatchManager::from_memory(&memory);
    (memory, manager)
}

fn nightly() -> PolicySchedule {
    PolicySchedule::quick_setup_default("production")
}

async fn ensured(manager: &PatchManager, schedule: PolicySchedule) -> PatchPolicyArn {
    let policy = schedule.patch_policy().unwrap();
    manager.ensure_policy(&policy).await.unwrap().arn
}

fn places(deployment: &PolicyDeployment) -> Vec<(&str, &str, PolicyStatus)> {
    let configurations = deployment.configurations.iter();
    let places = configurations.map(|one| (&*one.account, &*one.region, one.status.clone()));
    places.collect()
}

async fn associations(manager: &PatchManager) -> usize {
    let listed: Vec<_> = manager.list_associations().try_collect().await.unwrap();
    listed.len()
}

#[tokio::test]
async fn a_policy_is_deployed_to_each_account_of_its_units_in_each_of_its_regions() {
    let (memory, manager) = account();
    memory.set_unit_accounts(UNIT, ["111122223333", OWN]);
    let schedule = nightly()
        .organizational_units([UNIT])
        .regions([HOME, "eu-west-1"]);
    let arn = ensured(&manager, schedule).await;
    let deploying = manager.policy_deployment(&arn).await.unwrap();
    assert_eq!(deploying.under_way().count(), 4);
    assert!(!deploying.is_deployed());

    let deployment = manager
        .wait_for_policy_deployment(&arn, HOUR)
        .await
        .unwrap();
    assert!(deployment.is_deployed(), "{deployment}");
    let succeeded = PolicyStatus::Succeeded;
    assert_eq!(
        places(&deployment),
        [
            ("111122223333", "eu-west-1", succeeded.clone()),
            ("111122223333", HOME, succeeded.clone()),
            (OWN, "eu-west-1", succeeded.clone()),
            (OWN, HOME, succeeded),
        ]
    );
    assert_eq!(associations(&manager).await, 2);
    for one in &deployment.configurations {
        let read = manager
            .policy_configuration(one.id.as_ref().unwrap())
            .await
            .unwrap();
        assert_eq!(read.account.as_ref(), Some(&one.account));
        assert_eq!(read.parameters.unwrap()["TargetOrganizationalUnits"], UNIT);
    }
}

#[tokio::test]
async fn what_failed_is_named_by_account_region_and_message() {
    let (memory, manager) = account();
    memory.fail_policy_deployment(OWN, "eu-west-1", "the role cannot be assumed");
    let arn = ensured(&manager, nightly().regions([HOME, "eu-west-1"])).await;
    let deployment = manager
        .wait_for_policy_deployment(&arn, HOUR)
        .await
        .unwrap();
    assert!(!deployment.is_deployed());
    assert_eq!(deployment.status, PolicyStatus::Failed);
    let failed: Vec<_> = deployment.failures().collect();
    let [failed] = failed.as_slice() else {
        panic!("{deployment}");
    };
    assert_eq!((&*failed.account, &*failed.region), (OWN, "eu-west-1"));
    assert_eq!(
        failed.message.as_deref(),
        Some("the role cannot be assumed")
    );
    let text = deployment.to_string();
    let since = failed.since.unwrap();
    let line = format!("{OWN} eu-west-1: FAILED since {since}: the role cannot be assumed");
    assert_eq!(
        text,
        format!("production: FAILED, deployed to 1 of 2 listed\n{line}")
    );
    let json = serde_json::to_value(&deployment).unwrap();
    assert_eq!(json["Configurations"][0]["Status"], "FAILED");
    // Where it succeeded, it runs.
    assert_eq!(associations(&manager).await, 2);

    // The next update deploys it there.
    memory.repair_policy_deployments();
    let changed = nightly().regions([HOME, "eu-west-1"]).scan_daily_at(3, 0);
    ensured(&manager, changed).await;
    let deployment = manager
        .wait_for_policy_deployment(&arn, HOUR)
        .await
        .unwrap();
    assert!(deployment.is_deployed(), "{deployment}");
}

#[tokio::test]
async fn where_a_deployment_fails_what_was_deployed_before_stays() {
    let (memory, manager) = account();
    let arn = ensured(&manager, nightly()).await;
    manager
        .wait_for_policy_deployment(&arn, HOUR)
        .await
        .unwrap();
    memory.fail_policy_deployment(OWN, HOME, "the role cannot be assumed");
    ensured(&manager, nightly().scan_only().scan_daily_at(3, 0)).await;
    let deployment = manager
        .wait_for_policy_deployment(&arn, HOUR)
        .await
        .unwrap();
    assert_eq!(deployment.failures().count(), 1);
    assert_eq!(
        associations(&manager).await,
        2,
        "the scan and the install of before"
    );
}

#[tokio::test]
async fn a_policy_for_other_places_makes_no_association_here() {
    let (memory, manager) = account();
    memory.set_unit_accounts(UNIT, ["111122223333"]);
    for schedule in [
        nightly().regions(["eu-west-1"]),
        nightly().organizational_units([UNIT]),
        // Nobody said which accounts are in it.
        nightly().organizational_units(["ou-abcd-87654321"]),
    ] {
        let arn = ensured(&manager, schedule).await;
        manager
            .wait_for_policy_deployment(&arn, HOUR)
            .await
            .unwrap();
        assert_eq!(associations(&manager).await, 0);
    }
}

#[tokio::test]
async fn a_region_without_a_configuration_is_not_taken_for_deployed() {
    let (_, manager) = account();
    let schedule = nightly()
        .organizational_units([UNIT])
        .regions(["eu-west-1"]);
    let arn = ensured(&manager, schedule).await;
    let deployment = manager
        .wait_for_policy_deployment(&arn, HOUR)
        .await
        .unwrap();
    assert_eq!(deployment.status, PolicyStatus::Succeeded);
    assert_eq!(deployment.unlisted_regions, ["eu-west-1"]);
    assert!(!deployment.is_deployed());
    let text = deployment.to_string();
    assert!(
        text.ends_with("\neu-west-1: nothing is listed for this Region"),
        "{text}"
    );
}

#[tokio::test]
async fn the_report_names_twenty_places_and_counts_the_rest() {
    let (memory, manager) = account();
    let accounts: Vec<_> = (0..25)
        .map(|number| format!("{:012}", 100 + number))
        .collect();
    for account in &accounts {
        memory.fail_policy_deployment(account, HOME, "denied");
    }
    memory.set_unit_accounts(UNIT, accounts);
    let arn = ensured(&manager, nightly().organizational_units([UNIT])).await;
    let deployment = manager
        .wait_for_policy_deployment(&arn, HOUR)
        .await
        .unwrap();
    assert_eq!(deployment.failures().count(), 25);
    let text = deployment.to_string();
    assert_eq!(text.lines().count(), 22, "{text}");
    assert!(text.ends_with("\nand 5 more"), "{text}");
}

#[tokio::test]
async fn configurations_are_listed_in_pages_of_100() {
    let (memory, manager) = account();
    let accounts = (0..250).map(|number| format!("{:012}", 100 + number));
    memory.set_unit_accounts(UNIT, accounts);
    let arn = ensured(&manager, nightly().organizational_units([UNIT])).await;
    let listed: Vec<_> = manager
        .list_policy_configurations(&arn)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(listed.len(), 250);
    assert_eq!(memory.call_count(Operation::ListConfigurations), 3);
}

#[tokio::test]
async fn waiting_lists_once_the_policy_has_ended_and_survives_throttling() {
    let (memory, manager) = account();
    let arn = ensured(&manager, nightly()).await;
    memory.faults().throttle(Operation::GetConfigurationManager);
    memory.faults().throttle(Operation::ListConfigurations);
    let deployment = manager
        .wait_for_policy_deployment(&arn, HOUR)
        .await
        .unwrap();
    assert!(deployment.is_deployed());
    assert_eq!(memory.call_count(Operation::ListConfigurations), 2);
}

#[tokio::test]
async fn waiting_ends_at_its_limit_and_says_how_far_the_deployment_is() {
    let (_, manager) = account();
    let arn = ensured(&manager, nightly()).await;
    let waited = manager.wait_for_policy_deployment(&arn, Duration::from_secs(20));
    let error = waited.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("DEPLOYING"), "{error}");
}

#[tokio::test]
async fn a_deleted_policy_has_no_deployment() {
    let (_, manager) = account();
    let arn = ensured(&manager, nightly()).await;
    manager.delete_policy(&arn).await.unwrap();
    let error = manager.policy_deployment(&arn).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_policy_ensured_again_is_unchanged_however_its_place_is_said() {
    let (_, manager) = account();
    for schedule in [
        nightly().regions([HOME]),
        nightly()
            .parameter("TargetAccounts", OWN)
            .parameter("PatchBaselineRegion", HOME),
        nightly().regions([HOME, "eu-west-1"]),
        nightly().organizational_units([UNIT]).regions([HOME]),
    ] {
        let policy = schedule.patch_policy().unwrap();
        manager.ensure_policy(&policy).await.unwrap();
        let again = manager.ensure_policy(&policy).await.unwrap();
        assert_eq!(again.change, Change::Unchanged);
    }
}

/// The parameters as Terraform's documentation has them (terraform-provider-aws, quicksetup), which say
/// `default` and leave out what has a default.
#[tokio::test]
async fn an_update_of_a_policy_that_was_read_keeps_the_parameters_that_it_does_not_change() {
    let (_, manager) = account();
    let given = [
        ("ConfigurationOptionsPatchOperation", "Scan"),
        ("ConfigurationOptionsScanValue", "cron(0 1 * * ? *)"),
        ("ConfigurationOptionsScanNextInterval", "false"),
        ("PatchBaselineRegion", HOME),
        ("PatchBaselineUseDefault", "default"),
        ("PatchPolicyName", "example"),
        (
            "SelectedPatchBaselines",
            r#"{"WINDOWS":{"value":"pb-0123456789abcdef0","label":"own","disabled":false}}"#,
        ),
        ("OutputLogEnableS3", "false"),
        ("RateControlConcurrency", "10%"),
        ("RateControlErrorThreshold", "2%"),
        ("IsPolicyAttachAllowed", "false"),
        ("TargetAccounts", OWN),
        ("TargetRegions", HOME),
        ("TargetType", "*"),
    ];
    let given = given
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
    let policy = PatchPolicy::from_parameters_in(&given, HOME, OWN).unwrap();
    let arn = manager.ensure_policy(&policy).await.unwrap().arn;
    let read = manager.policy(&arn).await.unwrap().policy;
    assert_eq!(read.to_parameters(HOME, OWN), given);

    // One that was not read changes what it says, and no more.
    let scan_at_two = PolicySchedule::from(policy)
        .scan_daily_at(2, 0)
        .patch_policy()
        .unwrap();
    let json = serde_json::to_string(&scan_at_two).unwrap();
    let from_file = PatchPolicy::from_json(&json).unwrap();
    manager.ensure_policy(&from_file).await.unwrap();
    let read = manager.policy(&arn).await.unwrap().policy;
    let mut expected = given.clone();
    let schedule = "ConfigurationOptionsScanValue".to_owned();
    expected.insert(schedule, "cron(0 2 * * ? *)".to_owned());
    assert_eq!(read.to_parameters(HOME, OWN), expected);
}
