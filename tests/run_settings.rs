//! The settings of a run beside its nodes: what is legal, what is sent, and what the answers show of it.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use aws_patch_manager::PatchRequest;
use aws_patch_manager::backend::{CommandRunner, GetCommandInvocation, ListCommandInvocations};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::operation::{
    CloudWatchOutputConfig, DocumentHashType, NotificationConfig, NotificationEvent,
    NotificationType, PatchHooks,
};
use aws_patch_manager::schedule::AlarmConfiguration;
use support::accounts::{account, id, node_id};

const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:patching";
const ROLE: &str = "arn:aws-us-gov:iam::111122223333:role/service/notify";
const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn failures() -> NotificationConfig {
    NotificationConfig::new(TOPIC, [NotificationEvent::Failed])
}

fn notifying(config: NotificationConfig) -> PatchRequest {
    scan().notifications(config).service_role(ROLE)
}

fn scan() -> PatchRequest {
    PatchRequest::scan().nodes([id(1)])
}

fn group(name: &str) -> CloudWatchOutputConfig {
    CloudWatchOutputConfig::to_group(name)
}

#[test]
fn each_setting_that_no_command_can_have_is_refused_with_its_field_and_what_is_legal() {
    let all_and_more = [NotificationEvent::All, NotificationEvent::Failed];
    let unknown = [NotificationEvent::from("all")];
    let mut two_alarms = AlarmConfiguration::new("one");
    two_alarms.alarms = Some(
        [two_alarms.alarms.clone(), two_alarms.alarms.clone()]
            .into_iter()
            .flatten()
            .flatten()
            .collect(),
    );
    let cases = [
        (
            scan().notifications(failures()),
            "ServiceRoleArn",
            "the role that sends",
        ),
        (
            scan().service_role("notify"),
            "ServiceRoleArn",
            "arn:aws:iam::",
        ),
        (
            scan().service_role("arn:aws:iam::1:user/me"),
            "ServiceRoleArn",
            ":role/",
        ),
        (
            notifying(NotificationConfig::new(
                "patching",
                [NotificationEvent::All],
            )),
            "NotificationConfig.NotificationArn",
            "arn:aws:sns:",
        ),
        (
            notifying(NotificationConfig::new(
                "arn:aws:sqs:eu-central-1:111122223333:q",
                all_and_more[..1].to_vec(),
            )),
            "NotificationConfig.NotificationArn",
            "arn:aws:sns:",
        ),
        (
            notifying(NotificationConfig::new(TOPIC, [])),
            "NotificationConfig.NotificationEvents",
            "`TimedOut`",
        ),
        (
            notifying(NotificationConfig::new(TOPIC, all_and_more)),
            "NotificationConfig.NotificationEvents",
            "`All`, or",
        ),
        (
            notifying(NotificationConfig::new(TOPIC, unknown)),
            "NotificationConfig.NotificationEvents",
            "`All`, or",
        ),
        (
            notifying(failures().of(NotificationType::from("command"))),
            "NotificationConfig.NotificationType",
            "`Command` or `Invocation`",
        ),
        (scan().document_version("0"), "DocumentVersion", "`$LATEST`"),
        (
            scan().document_version("latest"),
            "DocumentVersion",
            "`$LATEST`",
        ),
        (scan().document_hash("zz"), "DocumentHash", "64 hexadecimal"),
        (
            scan().document_hash(&SHA256[..40]),
            "DocumentHash",
            "64 hexadecimal",
        ),
        (scan().output_bucket("ab"), "OutputS3BucketName", "3 to 63"),
        (
            scan().output_prefix("logs"),
            "OutputS3BucketName",
            "3 to 63",
        ),
        (
            scan().output_bucket("logs").output_prefix("x".repeat(501)),
            "OutputS3KeyPrefix",
            "500",
        ),
        (
            scan().cloud_watch_output(group("a group")),
            "CloudWatchOutputConfig.CloudWatchLogGroupName",
            "letters",
        ),
        (
            scan().cloud_watch_output(group(&"x".repeat(513))),
            "CloudWatchOutputConfig.CloudWatchLogGroupName",
            "512",
        ),
        (
            scan().alarm(AlarmConfiguration::default()),
            "AlarmConfiguration.Alarms",
            "one alarm",
        ),
        (
            scan().alarm(two_alarms),
            "AlarmConfiguration.Alarms",
            "one alarm",
        ),
        (
            scan().alarm(AlarmConfiguration::new(" ")),
            "AlarmConfiguration.Alarms[0].Name",
            "not only spaces",
        ),
        (
            scan().step_timeout_seconds(0),
            "Parameters.StepTimeoutSeconds",
            "1 to 36,000",
        ),
        (
            scan().step_timeout_seconds(36_001),
            "Parameters.StepTimeoutSeconds",
            "1 to 36,000",
        ),
        (
            scan().step_timeout_seconds(60).hooks(PatchHooks::new()),
            "Parameters.StepTimeoutSeconds",
            "without hooks",
        ),
    ];
    for (request, field, legal) in cases {
        let error = request.commands().unwrap_err();
        let [violation] = error.violations() else {
            panic!("{field}: {error}");
        };
        assert_eq!(violation.field, field, "{error}");
        assert!(violation.legal.contains(legal), "{error}");
    }
}

#[test]
fn the_bounds_of_each_setting_are_legal() {
    for request in [
        notifying(NotificationConfig::new(TOPIC, [NotificationEvent::All])),
        notifying(failures().of(NotificationType::Invocation)),
        scan().service_role(ROLE),
        scan().document_version("$DEFAULT"),
        scan().document_version("17"),
        scan().document_hash(SHA256.to_uppercase()),
        scan().output_bucket("abc").output_prefix("x".repeat(500)),
        scan().cloud_watch_output(group("")),
        scan().cloud_watch_output(CloudWatchOutputConfig::default()),
        scan().cloud_watch_output(group(&"x".repeat(512))),
        scan().alarm(AlarmConfiguration::new("x".repeat(255))),
        scan().step_timeout_seconds(1),
        scan().step_timeout_seconds(36_000),
    ] {
        request.commands().unwrap();
    }
}

fn with_everything() -> PatchRequest {
    PatchRequest::install()
        .nodes([id(1)])
        .comment("by hand")
        .delivery_timeout_seconds(600)
        .step_timeout_seconds(14_400)
        .document_version("1")
        .document_hash(SHA256)
        .output_bucket("logs")
        .output_prefix("patching")
        .cloud_watch_output(group("/patching"))
        .notifications(failures())
        .service_role(ROLE)
        .alarm(AlarmConfiguration::new("checkout-errors"))
}

#[test]
fn a_command_has_every_setting_of_its_request() {
    let [command] = &with_everything().commands().unwrap()[..] else {
        panic!("one node is one command");
    };
    assert_eq!(command.comment.as_deref(), Some("by hand"));
    assert_eq!(command.timeout_seconds, Some(600));
    assert_eq!(command.parameter("StepTimeoutSeconds"), Some("14400"));
    assert_eq!(command.document_version.as_deref(), Some("1"));
    assert_eq!(command.document_hash.as_deref(), Some(SHA256));
    assert_eq!(command.document_hash_type, Some(DocumentHashType::Sha256));
    assert_eq!(command.output_s3_bucket_name.as_deref(), Some("logs"));
    assert_eq!(command.output_s3_key_prefix.as_deref(), Some("patching"));
    assert_eq!(command.cloud_watch_output_config, Some(group("/patching")));
    assert_eq!(command.notification_config, Some(failures()));
    assert_eq!(command.service_role_arn.as_deref(), Some(ROLE));
    let alarm = Some(AlarmConfiguration::new("checkout-errors"));
    assert_eq!(command.alarm_configuration, alarm);
    let plain = &scan().commands().unwrap()[0];
    assert_eq!(plain.document_hash_type, None);
}

#[tokio::test]
async fn the_answers_show_the_settings_of_a_run_wherever_the_service_has_them() {
    let (backend, manager) = account(vec![FleetNode::amazon_linux_2023(id(1))]);
    let run = manager.run(&with_everything()).await.unwrap();
    let outcome = run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
    assert!(outcome.is_success(), "{outcome}");
    let command = &run.status().await.unwrap()[0];
    assert_eq!(command.document_version, "1");
    assert_eq!(command.output_s3_bucket_name, "logs");
    assert_eq!(command.output_s3_key_prefix, "patching");
    assert_eq!(command.service_role, ROLE);
    assert_eq!(command.notification_config, Some(failures()));
    assert_eq!(command.cloud_watch_output_config, Some(group("/patching")));
    assert_eq!(command.timeout_seconds, Some(600));
    let alarm = Some(AlarmConfiguration::new("checkout-errors"));
    assert_eq!(command.alarm_configuration, alarm);
    assert!(command.triggered_alarms.is_empty());

    let command_id = &run.command_ids()[0];
    let listing = ListCommandInvocations::of(command_id);
    let on_node = &backend
        .list_command_invocations(listing)
        .await
        .unwrap()
        .items[0];
    assert_eq!(on_node.service_role, ROLE);
    assert_eq!(on_node.notification_config, Some(failures()));
    assert_eq!(on_node.cloud_watch_output_config, Some(group("/patching")));
    assert!(
        on_node
            .command_plugins
            .iter()
            .all(|step| step.output_s3_bucket_name == "logs")
    );
    let detail = GetCommandInvocation::new(command_id, node_id(1));
    let detail = backend.get_command_invocation(detail).await.unwrap();
    assert_eq!(detail.document_version, "1");
    assert_eq!(detail.comment, "by hand");
    assert_eq!(detail.cloud_watch_output_config, Some(group("/patching")));
}

#[tokio::test]
async fn a_step_that_takes_longer_than_its_timeout_ends_as_timed_out() {
    let (_, manager) = account(vec![FleetNode::amazon_linux_2023(id(1))]);
    let short = PatchRequest::install()
        .nodes([id(1)])
        .step_timeout_seconds(1);
    let run = manager.run(&short).await.unwrap();
    let outcome = run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
    assert_eq!(
        outcome.nodes[0].status_details, "ExecutionTimedOut",
        "{outcome}"
    );
}
