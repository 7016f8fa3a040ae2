//! One description becomes a patch policy, maintenance windows or associations; an error names the
//! mechanisms that have an unsupported setting.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use aws_patch_manager::operation::{NotificationConfig, NotificationEvent, PatchHooks};
use aws_patch_manager::plan::DesiredState;
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::schedule::association::{
    AssociationComplianceSeverity, AssociationSyncCompliance,
};
use aws_patch_manager::schedule::window::{
    MaintenanceWindowResourceType, MaintenanceWindowTaskCutoffBehavior, PatchWindow,
};
use aws_patch_manager::types::{MaxConcurrency, MaxErrors, OperatingSystem, RebootOption, Tag};
use aws_patch_manager::{Error, ErrorKind, PolicySchedule};
use support::accounts::node_id;
use support::values::web_policy;

/// The error's legal values, by field.
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:patching";

fn refused(error: &Error) -> Vec<(&str, &str)> {
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let violations = error.violations().iter();
    violations
        .map(|v| (v.field.as_str(), v.legal.as_str()))
        .collect()
}

#[test]
fn the_seed_case_is_two_windows_with_a_target_and_a_task_each() {
    let windows = web_policy()
        .reboot(RebootOption::RebootIfNeeded)
        .max_concurrency(MaxConcurrency::Percent(25))
        .max_errors(MaxErrors::Count(1))
        .maintenance_windows()
        .unwrap();
    let told: Vec<_> = windows
        .iter()
        .map(|made| {
            let window = &made.window;
            (
                made.name(),
                window.schedule.as_deref().unwrap(),
                window.duration,
                window.cutoff,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("web-scan", "cron(0 0 * * ? *)", Some(3), Some(1)),
            ("web-install", "cron(0 0 ? * SUN *)", Some(3), Some(1)),
        ]
    );
    let PatchWindow { targets, tasks, .. } = &windows[1];
    let registered = targets[0].targets.as_ref().unwrap();
    assert_eq!(registered[0].key, "tag:Patch Group");
    assert_eq!(registered[0].values, ["web"]);
    assert_eq!(tasks[0].target_names, ["web-install"]);
    let task = &tasks[0].task;
    assert_eq!(task.task_arn.as_deref(), Some("AWS-RunPatchBaseline"));
    assert_eq!(task.max_concurrency, Some(MaxConcurrency::Percent(25)));
    assert_eq!(task.max_errors, Some(MaxErrors::Count(1)));
    let run = task
        .task_invocation_parameters
        .as_ref()
        .unwrap()
        .run_command
        .as_ref()
        .unwrap();
    let parameters = run.parameters.as_ref().unwrap();
    assert_eq!(parameters["Operation"], ["Install"]);
    assert_eq!(parameters["RebootOption"], ["RebootIfNeeded"]);
}

#[test]
fn the_seed_case_is_two_associations_that_wait_for_their_time() {
    let made = web_policy().associations().unwrap();
    let told: Vec<_> = made
        .iter()
        .map(|made| {
            let (name, schedule) = (&made.association_name, &made.schedule_expression);
            (
                name.as_deref().unwrap(),
                schedule.as_deref().unwrap(),
                made.apply_only_at_cron_interval,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("web-scan", "cron(0 0 * * ? *)", Some(true)),
            ("web-install", "cron(0 0 ? * SUN *)", Some(true)),
        ]
    );
    let parameters = made[0].parameters.as_ref().unwrap();
    assert_eq!(parameters["Operation"], ["Scan"]);
    assert!(
        !parameters.contains_key("RebootOption"),
        "a scan never reboots"
    );
    let all = PolicySchedule::daily_scan_weekly_install("all")
        .associations()
        .unwrap();
    assert_eq!(all[0].targets.as_ref().unwrap()[0].values, ["*"]);
}

#[test]
fn a_scan_alone_is_one_window_and_one_association() {
    assert_eq!(
        web_policy()
            .scan_only()
            .maintenance_windows()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(web_policy().scan_only().associations().unwrap().len(), 1);
}

#[test]
fn every_setting_of_a_window_arrives() {
    let windows = web_policy()
        .time_zone("Europe/Berlin")
        .install_offset_days(3)
        .install("cron(0 2 ? * TUE#2 *)")
        .starting("2026-01-01T00:00:00Z".parse().unwrap())
        .ending("2027-01-01T00:00:00Z".parse().unwrap())
        .duration_hours(6)
        .cutoff_hours(2)
        .cutoff_behavior(MaintenanceWindowTaskCutoffBehavior::CancelTask)
        .service_role("arn:aws:iam::123456789012:role/windows")
        .priority(4)
        .delivery_timeout_seconds(600)
        .cloud_watch_output("/patching")
        .notifications(NotificationConfig::new(TOPIC, [NotificationEvent::Failed]))
        .notification_role("arn:aws:iam::123456789012:role/notify")
        .output_bucket("patch-output")
        .output_prefix("web")
        .hooks(PatchHooks::new().pre_install("drain").on_exit("undrain"))
        .maintenance_windows()
        .unwrap();
    let window = &windows[1].window;
    assert_eq!(window.schedule_timezone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(
        (window.schedule_offset, windows[0].window.schedule_offset),
        (Some(3), None)
    );
    assert_eq!(window.start_date.as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(window.end_date.as_deref(), Some("2027-01-01T00:00:00Z"));
    assert_eq!((window.duration, window.cutoff), (Some(6), Some(2)));
    let task = &windows[1].tasks[0].task;
    assert_eq!(
        task.task_arn.as_deref(),
        Some("AWS-RunPatchBaselineWithHooks")
    );
    assert_eq!(task.priority, Some(4));
    assert_eq!(
        task.cutoff_behavior,
        Some(MaintenanceWindowTaskCutoffBehavior::CancelTask)
    );
    let run = task
        .task_invocation_parameters
        .as_ref()
        .unwrap()
        .run_command
        .as_ref()
        .unwrap();
    assert_eq!(run.timeout_seconds, Some(600));
    assert_eq!(run.output_s3_bucket_name.as_deref(), Some("patch-output"));
    assert_eq!(run.output_s3_key_prefix.as_deref(), Some("web"));
    let role = task.service_role_arn.as_deref();
    assert_eq!(role, Some("arn:aws:iam::123456789012:role/windows"));
    let role = run.service_role_arn.as_deref();
    assert_eq!(role, Some("arn:aws:iam::123456789012:role/notify"));
    let notifications = run.notification_config.as_ref().unwrap();
    assert_eq!(notifications.notification_arn, TOPIC);
    let logs = run.cloud_watch_output_config.as_ref().unwrap();
    assert_eq!(logs.cloud_watch_log_group_name, "/patching");
    assert!(logs.cloud_watch_output_enabled);
    let parameters = run.parameters.as_ref().unwrap();
    assert_eq!(parameters["PreInstallHookDocName"], ["drain"]);
    assert_eq!(parameters["OnExitHookDocName"], ["undrain"]);
    // A scan has no hooks.
    let scan = &windows[0].tasks[0].task;
    assert_eq!(scan.task_arn.as_deref(), Some("AWS-RunPatchBaseline"));
}

#[test]
fn every_setting_of_an_association_arrives() {
    let made = web_policy()
        .install("cron(0 2 ? * TUE#2 *)")
        .install_offset_days(3)
        .duration_hours(4)
        .compliance_severity(AssociationComplianceSeverity::High)
        .sync_compliance(AssociationSyncCompliance::Manual)
        .calendar("change-freeze")
        .output_bucket("patch-output")
        .install_override_list("s3://lists/may.yaml")
        .associations()
        .unwrap();
    let install = &made[1];
    assert_eq!(
        (install.schedule_offset, install.duration),
        (Some(3), Some(4))
    );
    assert_eq!(
        install.compliance_severity,
        Some(AssociationComplianceSeverity::High)
    );
    assert_eq!(
        install.sync_compliance,
        Some(AssociationSyncCompliance::Manual)
    );
    assert_eq!(
        install.calendar_names.as_deref().unwrap(),
        ["change-freeze"]
    );
    let place = install
        .output_location
        .as_ref()
        .unwrap()
        .s3_location
        .as_ref()
        .unwrap();
    assert_eq!(place.output_s3_bucket_name.as_deref(), Some("patch-output"));
    let parameters = install.parameters.as_ref().unwrap();
    assert_eq!(parameters["InstallOverrideList"], ["s3://lists/may.yaml"]);
}

#[test]
fn a_policy_takes_an_output_bucket_as_its_parameters() {
    let policy = web_policy()
        .output_bucket("patch-output")
        .output_prefix("web")
        .patch_policy()
        .unwrap();
    let parameters = policy.to_parameters("us-east-1", "123456789012");
    assert_eq!(parameters["OutputLogEnableS3"], "true");
    assert_eq!(parameters["OutputS3BucketName"], "patch-output");
    assert_eq!(parameters["OutputS3KeyPrefix"], "web");
}

/// Settings that no patch policy has, and the mechanisms that have them.
#[test]
fn a_policy_refuses_what_it_cannot_have_and_names_the_one_that_can() {
    let window = "a maintenance window takes it";
    let both = "a maintenance window or a State Manager association takes it";
    let association = "a State Manager association takes it";
    let instant = || "2026-01-01T00:00:00Z".parse().unwrap();
    for (schedule, field, able) in [
        (
            web_policy().time_zone("Europe/Berlin"),
            "ScheduleTimezone",
            window,
        ),
        (
            web_policy().scan_offset_days(1),
            "ScheduleOffset of the scan",
            both,
        ),
        (
            web_policy().install_offset_days(1),
            "ScheduleOffset of the install",
            both,
        ),
        (web_policy().starting(instant()), "StartDate", window),
        (web_policy().ending(instant()), "EndDate", window),
        (web_policy().duration_hours(2), "Duration", both),
        (web_policy().cutoff_hours(1), "Cutoff", window),
        (web_policy().priority(1), "Priority", window),
        (
            web_policy().service_role("arn:aws:iam::123456789012:role/r"),
            "ServiceRoleArn",
            window,
        ),
        (
            web_policy().cutoff_behavior(MaintenanceWindowTaskCutoffBehavior::CancelTask),
            "CutoffBehavior",
            window,
        ),
        (
            web_policy().delivery_timeout_seconds(60),
            "TimeoutSeconds",
            window,
        ),
        (
            web_policy().cloud_watch_output("/logs"),
            "CloudWatchOutputConfig",
            window,
        ),
        (
            web_policy().notification_role("arn:aws:iam::123456789012:role/r"),
            "ServiceRoleArn of the notifications",
            window,
        ),
        (web_policy().hooks(PatchHooks::new()), "hooks", both),
        (
            web_policy().install_override_list("s3://b/k"),
            "InstallOverrideList",
            both,
        ),
        (
            web_policy().baseline_override("s3://b/k"),
            "BaselineOverride",
            both,
        ),
        (
            web_policy().compliance_severity(AssociationComplianceSeverity::Low),
            "ComplianceSeverity",
            association,
        ),
        (
            web_policy().sync_compliance(AssociationSyncCompliance::Auto),
            "SyncCompliance",
            association,
        ),
        (
            web_policy().calendar("freeze"),
            "CalendarNames",
            association,
        ),
    ] {
        let error = schedule.patch_policy().expect_err(field);
        let legal = format!("not in a patch policy; {able}");
        assert_eq!(refused(&error), [(field, legal.as_str())]);
    }
}

#[test]
fn a_window_refuses_what_it_cannot_have_and_names_the_one_that_can() {
    let both =
        "not in a maintenance window; a patch policy or a State Manager association takes it";
    let policy = "not in a maintenance window; a patch policy takes it";
    let by_group = "not in a maintenance window; a patch policy takes it; here a node has the baseline that \
                    is bound to its patch group";
    let association = "not in a maintenance window; a State Manager association takes it";
    let windows = |id: &str| web_policy().baseline(OperatingSystem::Windows, id, "windows");
    for (schedule, field, legal) in [
        (web_policy().scan_at_once(true), "scan", both),
        (web_policy().install_at_once(true), "install", both),
        (
            windows("pb-0123456789abcdef0"),
            "SelectedPatchBaselines",
            by_group,
        ),
        (
            web_policy().parameter("IsPolicyAttachAllowed", "true"),
            "Parameters of Quick Setup",
            policy,
        ),
        (
            web_policy().calendar("freeze"),
            "CalendarNames",
            association,
        ),
    ] {
        let error = schedule.maintenance_windows().expect_err(field);
        assert_eq!(refused(&error), [(field, legal)]);
    }
    let everything = PolicySchedule::daily_scan_weekly_install("all").maintenance_windows();
    let error = everything.unwrap_err().to_string();
    assert!(
        error.contains("a patch policy or an association can target every node"),
        "{error}"
    );
}

#[test]
fn one_description_becomes_all_three() {
    let web = web_policy();
    assert!(web.patch_policy().is_ok());
    assert!(web.maintenance_windows().is_ok());
    assert!(web.associations().is_ok());
}

// awsdocs/aws-cloudformation-user-guide#1184.
#[test]
fn a_star_is_no_value_of_a_tag_in_any_mechanism() {
    let starred = || web_policy().targets(PolicyTargets::Tag(Tag::new("Role", "*")));
    let window = starred().maintenance_windows().unwrap_err();
    let association = starred().associations().unwrap_err();
    for error in [window, association] {
        let found = refused(&error);
        assert_eq!(found.len(), 1, "{error}");
        assert_eq!(found[0].0, "Targets.tag:Role");
        assert!(found[0].1.contains("`tag-key`"), "{error}");
    }
    let policy = starred().patch_policy().unwrap_err();
    assert_eq!(refused(&policy)[0].0, "TargetTagValue");
}

#[test]
fn an_association_refuses_what_it_cannot_have() {
    let zone = web_policy()
        .time_zone("Europe/Berlin")
        .associations()
        .unwrap_err();
    assert_eq!(
        refused(&zone),
        [(
            "ScheduleTimezone",
            "not in a State Manager association; a maintenance window takes it"
        )]
    );
    // Months, ranges of weekdays: not among the forms that State Manager lists.
    let shape = web_policy()
        .scan("cron(0 2 ? JAN MON-FRI *)")
        .associations()
        .unwrap_err();
    assert!(shape.to_string().contains("maintenance window"), "{shape}");
    let rate = web_policy()
        .scan("rate(12 hours)")
        .associations()
        .unwrap_err()
        .to_string();
    assert!(rate.contains("scan_at_once(true)"), "{rate}");
    let said = web_policy()
        .scan("rate(12 hours)")
        .scan_at_once(true)
        .associations()
        .unwrap();
    assert_eq!(said[0].apply_only_at_cron_interval, Some(false));
    let offset = web_policy()
        .install("cron(0 2 ? * TUE#2 *)")
        .install_offset_days(2)
        .install_at_once(true)
        .associations()
        .unwrap_err();
    assert_eq!(refused(&offset)[0].0, "ScheduleOffset");
    let ids = (0..51).map(node_id).collect();
    let many = web_policy()
        .targets(PolicyTargets::InstanceIds(ids))
        .associations()
        .unwrap_err();
    assert_eq!(refused(&many)[0].0, "Targets");
}

#[test]
fn ids_are_registered_fifty_at_a_time_and_ten_targets_take_a_task() {
    let ids: Vec<_> = (0..501).map(node_id).collect();
    let windows = web_policy()
        .targets(PolicyTargets::InstanceIds(ids))
        .maintenance_windows()
        .unwrap();
    let made = &windows[1];
    let sizes: Vec<_> = made
        .targets
        .iter()
        .map(|target| target.targets.as_ref().unwrap()[0].values.len())
        .collect();
    assert_eq!(sizes, [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 1]);
    let tasks: Vec<_> = made
        .tasks
        .iter()
        .map(|task| (task.target_names.len(), task.task.priority.unwrap()))
        .collect();
    // The second waits for the first, so that limits hold over all.
    assert_eq!(tasks, [(10, 1), (1, 2)]);
    assert_eq!(made.tasks[1].target_names, ["web-install-11"]);
}

#[test]
fn a_resource_group_is_registered_as_one() {
    let windows = web_policy()
        .targets(PolicyTargets::ResourceGroup("web".to_owned()))
        .maintenance_windows()
        .unwrap();
    assert_eq!(
        windows[0].targets[0].resource_type,
        Some(MaintenanceWindowResourceType::ResourceGroup)
    );
}

#[test]
fn all_that_is_wrong_comes_at_once() {
    let error = PolicySchedule::new("a b")
        .scan("cron(60 0 ? * * *)")
        .install("cron(0 2 ? * SUN *)")
        .install_offset_days(7)
        .time_zone("Mars/Olympus")
        .duration_hours(25)
        .cutoff_hours(30)
        .starting("2027-01-01T00:00:00Z".parse().unwrap())
        .ending("2026-01-01T00:00:00Z".parse().unwrap())
        .delivery_timeout_seconds(1)
        .output_bucket("b")
        .hooks(PatchHooks::new().on_exit("?"))
        .baseline_override("ftp://x")
        .max_concurrency(MaxConcurrency::Count(0))
        .maintenance_windows()
        .unwrap_err();
    let fields: Vec<_> = refused(&error)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    for field in [
        "Name",
        "scan: minutes",
        "ScheduleOffset of the install",
        "ScheduleTimezone",
        "Duration",
        "Cutoff",
        "EndDate",
        "TimeoutSeconds",
        "OutputS3BucketName",
        "Parameters.OnExitHookDocName",
        "Parameters.BaselineOverride",
        "MaxConcurrency",
        "Targets",
    ] {
        assert!(fields.contains(&field), "{field} of {fields:?}");
    }
}

#[test]
fn notifications_of_a_window_need_a_topic_and_a_role() {
    let windows = web_policy()
        .notifications(NotificationConfig::new(
            "patching",
            [NotificationEvent::All],
        ))
        .service_role("patching")
        .maintenance_windows();
    let error = windows.unwrap_err();
    let fields: Vec<_> = refused(&error)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(
        fields,
        [
            "NotificationConfig.NotificationArn",
            "ServiceRoleArn of the notifications",
            "ServiceRoleArn"
        ]
    );
}

#[test]
fn override_urls_are_not_shown() {
    let schedule = web_policy().baseline_override("https://b/k?X-Amz-Signature=secret");
    assert!(!format!("{schedule:?}").contains("secret"));
    let error = schedule.patch_policy().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"));
}

// SSM model, `MaintenanceWindowDurationHours` and `MaintenanceWindowCutoff`.
#[test]
fn the_hours_of_a_window_are_refused_together() {
    let (duration, cutoff) = (
        "Duration: `30`: hours, 1 to 24",
        "Cutoff: `40`: hours, 0 to 23, and less than Duration",
    );
    for (hours, until, expected) in [
        (3, 2, Vec::new()),
        (24, 23, Vec::new()),
        (30, 23, vec![duration]),
        (30, 40, vec![duration, cutoff]),
        (0, 0, vec!["Duration: `0`: hours, 1 to 24"]),
        (
            3,
            3,
            vec!["Cutoff: `3`: hours, less than the 3 of Duration"],
        ),
        (
            3,
            40,
            vec!["Cutoff: `40`: hours, less than the 3 of Duration"],
        ),
    ] {
        let schedule = web_policy().duration_hours(hours).cutoff_hours(until);
        let of = |refused: &Error| -> Vec<String> {
            refused
                .violations()
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        let built = schedule.maintenance_windows();
        assert_eq!(built.as_ref().err().map(of).unwrap_or_default(), expected);

        let mut window = web_policy().maintenance_windows().unwrap().remove(0);
        (window.window.duration, window.window.cutoff) = (Some(hours), Some(until));
        let desired = DesiredState::builder("web")
            .maintenance_window(window)
            .build();
        let expected: Vec<_> = expected
            .iter()
            .map(|one| format!("MaintenanceWindows[0].Window.{one}"))
            .collect();
        assert_eq!(desired.as_ref().err().map(of).unwrap_or_default(), expected);
    }
}
