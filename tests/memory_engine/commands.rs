//! A command goes through its statuses as time passes.

use aws_patch_manager::backend::{
    CancelCommand, CommandRunner, GetCommandInvocation, ListCommandInvocations, ListCommands,
};
use aws_patch_manager::memory::NodeCondition;
use aws_patch_manager::operation::{CommandStatus, InvocationStatus, SendCommand};
use aws_patch_manager::types::{
    CommandId, MaxConcurrency, MaxErrors, NodeId, OperatingSystem, PatchOperation, RebootOption,
    Target,
};
use aws_patch_manager::{ErrorKind, MemoryBackend, PageRequest};

use crate::support::accounts::node_id as id;
use crate::world::*;

fn over_the_fleet() -> SendCommand {
    to_tag(scan(&[]), "Env", "prod")
}

#[tokio::test]
async fn a_scan_is_unseen_for_a_second_and_takes_a_minute() {
    let backend = account(vec![windows(&[])]);
    let sent = backend.send_command(scan(&[WIN])).await.unwrap();
    assert_eq!(sent.status, CommandStatus::Pending);
    let node = NodeId::new(WIN);
    let get = || backend.get_command_invocation(GetCommandInvocation::new(&sent.command_id, &node));
    let error = get().await.unwrap_err();
    assert_eq!(error.code(), Some("InvocationDoesNotExist"));
    assert_eq!(error.kind(), ErrorKind::NotYet);

    seconds(&backend, 1);
    let detail = get().await.unwrap();
    assert_eq!(detail.status, InvocationStatus::InProgress);
    assert_eq!(detail.response_code, -1);
    seconds(&backend, 59);
    assert_eq!(get().await.unwrap().status, InvocationStatus::InProgress);
    seconds(&backend, 1);
    let detail = get().await.unwrap();
    assert_eq!(
        (detail.status, detail.response_code),
        (InvocationStatus::Success, 0)
    );
    assert_eq!(detail.execution_elapsed_time, "PT60S");
    let command = command(&backend, &sent.command_id).await;
    assert_eq!(command.status, CommandStatus::Success);
    assert_eq!((command.target_count, command.completed_count), (1, 1));
}

#[tokio::test]
async fn an_install_takes_a_minute_for_each_patch_and_two_for_its_reboot() {
    for (option, lasted) in [
        (RebootOption::NoReboot, 60 + 2 * 60),
        (RebootOption::RebootIfNeeded, 60 + 2 * 60 + 120),
    ] {
        let backend = account(vec![windows(&[])]);
        make_default(&backend, security(OperatingSystem::Windows)).await;
        let request = request(PatchOperation::Install, option, &[WIN]);
        let sent = backend.send_command(request).await.unwrap();
        seconds(&backend, lasted);
        assert_eq!(
            statuses(&backend, &sent.command_id).await,
            ["InProgress/InProgress"]
        );
        seconds(&backend, 1);
        assert_eq!(
            statuses(&backend, &sent.command_id).await,
            ["Success/Success"]
        );
    }
}

#[tokio::test]
async fn each_platform_runs_its_own_step_and_skips_the_others() {
    let backend = account(vec![windows(&[]).with_failing_patch("KB6")]);
    make_default(&backend, security(OperatingSystem::Windows)).await;
    let command = run(&backend, install(&[WIN])).await;
    let listed = invocations(&backend, &command).await;
    let plugins: Vec<_> = listed[0]
        .command_plugins
        .iter()
        .map(|plugin| {
            (
                plugin.name.as_str(),
                plugin.status.as_str(),
                plugin.response_code,
            )
        })
        .collect();
    let expected = [
        ("PatchWindows", "Failed", 1),
        ("PatchLinux", "Success", 0),
        ("PatchMacOS", "Success", 0),
    ];
    assert_eq!(plugins, expected);
    assert!(
        listed[0].command_plugins[1]
            .output
            .contains("Step name: PatchLinux")
    );

    let node = NodeId::new(WIN);
    let step = backend.get_command_invocation(
        GetCommandInvocation::new(&command, &node).with_plugin_name("PatchWindows"),
    );
    let step = step.await.unwrap();
    assert_eq!(
        (&step.status, step.response_code),
        (&InvocationStatus::Failed, 1)
    );
    assert!(
        step.standard_error_content.starts_with("KB6 failed: "),
        "{step:?}"
    );
    assert!(
        step.standard_output_content
            .contains("Installed 1 of 2 patches: KB2")
    );
    let whole = backend
        .get_command_invocation(GetCommandInvocation::new(&command, &node))
        .await
        .unwrap();
    assert_eq!(
        whole.standard_output_content, "",
        "output needs the step's name"
    );
}

#[tokio::test]
async fn long_output_is_cut_where_the_service_cuts_it() {
    let titles: Vec<String> = (0..400)
        .map(|n| {
            let title = "x".repeat(100);
            format!(r#"{{"KbNumber":"KB{n}","Product":"WindowsServer2022","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-01-01T00:00:00Z","Title":"{title}"}}"#)
        })
        .collect();
    let backend = MemoryBackend::builder()
        .catalog_json(&format!("[{}]", titles.join(",")))
        .unwrap()
        .build();
    backend.add_node(windows(&[]));
    let command = run(&backend, scan(&[WIN])).await;
    let node = NodeId::new(WIN);
    let step = backend.get_command_invocation(
        GetCommandInvocation::new(&command, &node).with_plugin_name("PatchWindows"),
    );
    let output = step.await.unwrap().standard_output_content;
    assert_eq!(output.chars().count(), 24_000);
    assert!(output.ends_with("---Output truncated---"));
    let listed = invocations(&backend, &command).await;
    let output = &listed[0].command_plugins[0].output;
    assert_eq!(output.chars().count(), 2_500);
    assert!(output.ends_with("---Output truncated---"));
}

#[tokio::test]
async fn a_node_runs_one_operation_at_a_time() {
    let backend = account(vec![windows(&[])]);
    let first = backend.send_command(scan(&[WIN])).await.unwrap().command_id;
    let second = backend.send_command(scan(&[WIN])).await.unwrap().command_id;
    seconds(&backend, 2);
    assert_eq!(statuses(&backend, &first).await, ["InProgress/InProgress"]);
    assert_eq!(statuses(&backend, &second).await, ["Delayed/Delayed"]);
    seconds(&backend, 60);
    assert_eq!(statuses(&backend, &first).await, ["Success/Success"]);
    assert_eq!(statuses(&backend, &second).await, ["InProgress/InProgress"]);
    seconds(&backend, 60);
    assert_eq!(statuses(&backend, &second).await, ["Success/Success"]);
}

#[tokio::test]
async fn a_node_whose_turn_comes_while_another_command_runs_there_starts_after_it() {
    let (one, two) = (id(1), id(2));
    let backend = account(production(2));
    let mut request = over_the_fleet();
    request.max_concurrency = Some(MaxConcurrency::Count(1));
    let both = backend.send_command(request).await.unwrap().command_id;
    seconds(&backend, 10);
    // The second node waits for its turn; another command is faster there.
    let other = backend.send_command(scan(&[two.as_str()])).await.unwrap();
    let other = other.command_id;
    seconds(&backend, 52);
    let expected = ["Success/Success", "Delayed/Delayed"];
    assert_eq!(statuses(&backend, &both).await, expected, "{one} is done");
    assert_eq!(statuses(&backend, &other).await, ["InProgress/InProgress"]);
    seconds(&backend, 10);
    assert_eq!(statuses(&backend, &other).await, ["Success/Success"]);
    let expected = ["Success/Success", "InProgress/InProgress"];
    assert_eq!(statuses(&backend, &both).await, expected);
    seconds(&backend, 60);
    assert_eq!(statuses(&backend, &both).await, ["Success/Success"; 2]);
}

#[tokio::test]
async fn a_node_lost_while_it_waits_for_its_turn_is_given_up_once_delivery_timed_out() {
    for (lost_at, then) in [(20, "Delayed/Delayed"), (40, "TimedOut/DeliveryTimedOut")] {
        let backend = account(production(3));
        let mut request = over_the_fleet();
        request.max_concurrency = Some(MaxConcurrency::Count(1));
        request.timeout_seconds = Some(30);
        let sent = backend.send_command(request).await.unwrap().command_id;
        seconds(&backend, lost_at);
        backend
            .set_condition(&id(2), NodeCondition::Stopped)
            .unwrap();
        assert_eq!(statuses(&backend, &sent).await[1], then, "{lost_at}");
        seconds(&backend, 180);
        let expected = [
            "Success/Success",
            "TimedOut/DeliveryTimedOut",
            "Success/Success",
        ];
        assert_eq!(statuses(&backend, &sent).await, expected, "{lost_at}");
    }
}

#[tokio::test]
async fn max_concurrency_limits_how_many_run_at_once() {
    // Out of 4 nodes: the concurrency limit, and how many minutes that takes.
    let cases = [
        (None, 4, 1),
        (Some(MaxConcurrency::Count(2)), 2, 2),
        (Some(MaxConcurrency::Percent(50)), 2, 2),
        (Some(MaxConcurrency::Percent(1)), 1, 4),
    ];
    for (limit, at_once, minutes) in cases {
        let backend = account(production(4));
        let mut request = over_the_fleet();
        request.max_concurrency = limit;
        let sent = backend.send_command(request).await.unwrap().command_id;
        seconds(&backend, 2);
        let running = statuses(&backend, &sent).await;
        let running = running.iter().filter(|text| text.starts_with("InProgress"));
        assert_eq!(running.count(), at_once, "{limit:?}");
        seconds(&backend, minutes * 60 - 2);
        assert_eq!(
            command(&backend, &sent).await.status,
            CommandStatus::InProgress
        );
        seconds(&backend, 1);
        assert_eq!(
            command(&backend, &sent).await.status,
            CommandStatus::Success,
            "{limit:?}"
        );
    }
}

#[tokio::test]
async fn one_error_more_than_max_errors_terminates_the_rest() {
    // Every node fails, one after the other.
    let cases = [
        (None, 1),
        (Some(MaxErrors::Count(1)), 2),
        (Some(MaxErrors::Percent(50)), 3),
    ];
    for (limit, failed) in cases {
        let nodes = production(4)
            .into_iter()
            .map(|node| node.with_failing_patch("KB2"));
        let backend = account(nodes.collect());
        make_default(&backend, security(OperatingSystem::Windows)).await;
        let mut request = to_tag(install(&[]), "Env", "prod");
        request.max_concurrency = Some(MaxConcurrency::Count(1));
        request.max_errors = limit;
        let command_id = run(&backend, request).await;
        let mut expected = vec!["Failed/Failed"; failed];
        expected.resize(4, "Cancelled/Terminated");
        assert_eq!(statuses(&backend, &command_id).await, expected, "{limit:?}");
        let command = command(&backend, &command_id).await;
        assert_eq!(
            (command.status, command.status_details.as_str()),
            (CommandStatus::Failed, "Failed")
        );
        assert_eq!(command.error_count as usize, failed);
    }
}

#[tokio::test]
async fn errors_within_the_limit_leave_the_command_incomplete() {
    let mut nodes = production(2);
    nodes[0].failing_patches.push("KB2".to_owned());
    let backend = account(nodes);
    make_default(&backend, security(OperatingSystem::Windows)).await;
    let mut request = to_tag(install(&[]), "Env", "prod");
    request.max_errors = Some(MaxErrors::Count(1));
    let id = run(&backend, request).await;
    assert_eq!(
        statuses(&backend, &id).await,
        ["Failed/Failed", "Success/Success"]
    );
    assert_eq!(command(&backend, &id).await.status_details, "Incomplete");
}

#[tokio::test]
async fn a_node_out_of_reach_delays_until_delivery_times_out_and_is_no_error() {
    for condition in [NodeCondition::Stopped, NodeCondition::Unreachable] {
        let mut nodes = production(2);
        nodes[0].condition = condition.clone();
        let backend = account(nodes);
        let mut request = over_the_fleet();
        request.timeout_seconds = Some(600);
        request.max_concurrency = Some(MaxConcurrency::Count(1));
        let sent = backend.send_command(request).await.unwrap().command_id;
        seconds(&backend, 599);
        assert_eq!(
            statuses(&backend, &sent).await,
            ["Delayed/Delayed", "Success/Success"]
        );
        seconds(&backend, 1);
        assert_eq!(
            statuses(&backend, &sent).await,
            ["TimedOut/DeliveryTimedOut", "Success/Success"],
            "{condition}"
        );
        let command = command(&backend, &sent).await;
        assert_eq!(
            (command.error_count, command.delivery_timed_out_count),
            (0, 1)
        );
        assert_eq!(command.status_details, "Incomplete");
    }
}

#[tokio::test]
async fn a_node_that_comes_back_in_time_runs_what_waited() {
    let backend = account(vec![windows(&[]).with_condition(NodeCondition::Stopped)]);
    let sent = backend.send_command(scan(&[WIN])).await.unwrap().command_id;
    seconds(&backend, 1800);
    backend
        .set_condition(&WIN.into(), NodeCondition::Online)
        .unwrap();
    assert_eq!(statuses(&backend, &sent).await, ["InProgress/InProgress"]);
    seconds(&backend, 60);
    assert_eq!(statuses(&backend, &sent).await, ["Success/Success"]);
}

#[tokio::test]
async fn a_node_lost_in_the_middle_times_out_and_counts_as_an_error() {
    let lose: [fn(&MemoryBackend); 2] = [
        |backend| {
            backend
                .set_condition(&WIN.into(), NodeCondition::Stopped)
                .unwrap()
        },
        |backend| backend.remove_node(&WIN.into()).unwrap(),
    ];
    for lose in lose {
        let backend = account(vec![windows(&[])]);
        let sent = backend
            .send_command(install(&[WIN]))
            .await
            .unwrap()
            .command_id;
        seconds(&backend, 30);
        lose(&backend);
        seconds(&backend, 7200 - 30);
        assert_eq!(statuses(&backend, &sent).await, ["InProgress/InProgress"]);
        seconds(&backend, 1);
        assert_eq!(
            statuses(&backend, &sent).await,
            ["TimedOut/ExecutionTimedOut"]
        );
        assert_eq!(command(&backend, &sent).await.error_count, 1);
        assert_eq!(state(&backend, WIN).await, None);
    }
}

#[tokio::test]
async fn an_operation_longer_than_its_step_timeout_times_out() {
    let backend = account(vec![windows(&[])]);
    make_default(&backend, security(OperatingSystem::Windows)).await;
    let mut request = install(&[WIN]);
    request.set_parameter("StepTimeoutSeconds", "100");
    let id = run(&backend, request).await;
    assert_eq!(
        statuses(&backend, &id).await,
        ["TimedOut/ExecutionTimedOut"]
    );
}

#[tokio::test]
async fn cancel_stops_what_waits_and_marks_what_runs() {
    let backend = account(production(2));
    let mut request = over_the_fleet();
    request.max_concurrency = Some(MaxConcurrency::Count(1));
    let sent = backend.send_command(request).await.unwrap().command_id;
    seconds(&backend, 10);
    backend
        .cancel_command(CancelCommand::new(&sent))
        .await
        .unwrap();
    assert_eq!(
        statuses(&backend, &sent).await,
        ["Cancelling/Cancelling", "Cancelled/Cancelled"]
    );
    assert_eq!(
        command(&backend, &sent).await.status,
        CommandStatus::Cancelling
    );
    seconds(&backend, 60);
    assert_eq!(
        statuses(&backend, &sent).await,
        ["Cancelled/Cancelled", "Cancelled/Cancelled"]
    );
    assert_eq!(
        command(&backend, &sent).await.status,
        CommandStatus::Cancelled
    );
}

#[tokio::test]
async fn cancel_on_one_node_leaves_the_others() {
    let backend = account(production(2));
    let sent = backend
        .send_command(over_the_fleet())
        .await
        .unwrap()
        .command_id;
    backend
        .cancel_command(CancelCommand::new(&sent).on(&[id(2)]))
        .await
        .unwrap();
    seconds(&backend, 61);
    assert_eq!(
        statuses(&backend, &sent).await,
        ["Success/Success", "Cancelled/Cancelled"]
    );
    let error = backend
        .cancel_command(CancelCommand::new(&sent).on(&[id(9)]))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidInstanceId"));
    let error = backend
        .cancel_command(CancelCommand::new(&sent).on(&[id(1), id(1)]))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("DuplicateInstanceId"));
}

#[tokio::test]
async fn targets_are_anded_and_their_values_ored() {
    let mut nodes = production(4);
    nodes[0] = nodes[0].clone().with_tag("Tier", "web");
    nodes[1] = nodes[1].clone().with_tag("Tier", "db");
    nodes[2].condition = NodeCondition::Agentless;
    let cases: [(Vec<Target>, &[usize]); 6] = [
        (vec![Target::tag("Env", ["prod"])], &[1, 2, 4]),
        (vec![Target::tag("Tier", ["web", "db"])], &[1, 2]),
        (
            vec![Target::tag("Env", ["prod"]), Target::tag("Tier", ["db"])],
            &[2],
        ),
        (vec![Target::tag_key(["Tier"])], &[1, 2]),
        (vec![Target::instance_ids([id(4), id(3)])], &[4]),
        (vec![Target::resource_group("web")], &[]),
    ];
    for (targets, expected) in cases {
        let backend = account(nodes.clone());
        let mut request = scan(&[]);
        request.targets.clone_from(&targets);
        let command_id = run(&backend, request).await;
        let reached: Vec<NodeId> = invocations(&backend, &command_id)
            .await
            .into_iter()
            .map(|on| on.instance_id)
            .collect();
        let expected: Vec<NodeId> = expected.iter().map(|number| id(*number)).collect();
        assert_eq!(reached, expected, "{targets:?}");
    }
}

#[tokio::test]
async fn a_send_by_tag_counts_its_nodes_a_moment_later() {
    let backend = account(production(2));
    let sent = backend.send_command(over_the_fleet()).await.unwrap();
    assert_eq!(sent.target_count, 0);
    seconds(&backend, 1);
    assert_eq!(command(&backend, &sent.command_id).await.target_count, 2);
    let none = run(&backend, to_tag(scan(&[]), "Env", "test")).await;
    assert_eq!(
        command(&backend, &none).await.status_details,
        "NoInstancesInTag"
    );
}

#[tokio::test]
async fn what_the_document_does_not_declare_is_refused() {
    let parameter = |name: &'static str, value: &'static str| {
        move |request: &mut SendCommand| request.set_parameter(name, value)
    };
    type Change = Box<dyn Fn(&mut SendCommand)>;
    let cases: Vec<(&str, Change)> = vec![
        (
            "InvalidParameters",
            Box::new(parameter("Operation", "scan")),
        ),
        (
            "InvalidParameters",
            Box::new(|request| request.parameters.clear()),
        ),
        (
            "InvalidParameters",
            Box::new(parameter("RebootOption", "Always")),
        ),
        (
            "InvalidParameters",
            Box::new(parameter("SnapshotId", "1234")),
        ),
        (
            "InvalidParameters",
            Box::new(parameter("BaselineOverride", "http://x")),
        ),
        (
            "InvalidParameters",
            Box::new(parameter("InstallOverrideList", "s3://bucket/")),
        ),
        (
            "InvalidParameters",
            Box::new(parameter("StepTimeoutSeconds", "0")),
        ),
        ("InvalidParameters", Box::new(parameter("Colour", "red"))),
        (
            "InvalidParameters",
            Box::new(|request| {
                request.parameters.insert("Operation".to_owned(), vec![]);
            }),
        ),
        (
            "InvalidDocument",
            Box::new(|request| request.document_name = "AWS-Nothing".to_owned()),
        ),
        (
            "InvalidDocumentVersion",
            Box::new(|request| request.document_version = Some("7".to_owned())),
        ),
        (
            "InvalidInstanceId",
            Box::new(|request| request.instance_ids = vec![id(9)]),
        ),
        (
            "InvalidInstanceId",
            Box::new(|request| request.instance_ids = vec![id(2)]),
        ),
        (
            "DuplicateInstanceId",
            Box::new(|request| request.instance_ids = vec![id(1), id(1)]),
        ),
        (
            "ValidationException",
            Box::new(|request| request.instance_ids.clear()),
        ),
        (
            "ValidationException",
            Box::new(|request| request.targets = vec![Target::tag("a", ["b"])]),
        ),
        (
            "ValidationException",
            Box::new(|request| request.instance_ids = (1..=51).map(id).collect()),
        ),
        (
            "ValidationException",
            Box::new(|request| request.comment = Some("x".repeat(101))),
        ),
        (
            "ValidationException",
            Box::new(|request| request.timeout_seconds = Some(29)),
        ),
        (
            "ValidationException",
            Box::new(|request| {
                request.instance_ids.clear();
                request.targets = vec![Target::new("name", ["x"])];
            }),
        ),
    ];
    let mut nodes = production(2);
    nodes[1].condition = NodeCondition::Agentless;
    let backend = account(nodes);
    for (number, (code, change)) in cases.into_iter().enumerate() {
        let mut request = scan(&[id(1).as_str()]);
        change(&mut request);
        let error = backend.send_command(request).await.expect_err(code);
        assert_eq!(error.code(), Some(code), "case {number}: {error}");
    }
    let sent = backend
        .list_commands(ListCommands::default())
        .await
        .unwrap();
    assert_eq!(sent.items, [], "nothing was sent");
}

#[tokio::test]
async fn overrides_cannot_be_downloaded_here() {
    let url = "s3://bucket/key.json";
    let cases: [(&[&str], PatchOperation, i32); 4] = [
        (&["BaselineOverride"], PatchOperation::Scan, 162),
        (&["InstallOverrideList"], PatchOperation::Install, 162),
        (&["InstallOverrideList"], PatchOperation::Scan, 0),
        (
            &["BaselineOverride", "InstallOverrideList"],
            PatchOperation::Install,
            167,
        ),
    ];
    for (names, operation, exit_code) in cases {
        let backend = account(vec![windows(&[])]);
        let mut request = request(operation, RebootOption::NoReboot, &[WIN]);
        for name in names {
            request.set_parameter(*name, url);
        }
        let id = run(&backend, request).await;
        let node = NodeId::new(WIN);
        let step = backend.get_command_invocation(
            GetCommandInvocation::new(&id, &node).with_plugin_name("PatchWindows"),
        );
        let step = step.await.unwrap();
        assert_eq!(step.response_code, exit_code, "{names:?}");
        assert_eq!(
            step.standard_error_content.contains("InstallOverrideList")
                || step.standard_error_content.contains("BaselineOverride"),
            exit_code != 0
        );
        assert_eq!(
            state(&backend, WIN).await.is_some(),
            exit_code == 0,
            "{names:?}"
        );
    }
}

#[tokio::test]
async fn listings_page_and_refuse_what_is_unknown() {
    let backend = account(production(3));
    let command_id = run(&backend, over_the_fleet()).await;
    let first = ListCommandInvocations::of(command_id.clone())
        .with_page(PageRequest::first().with_max_results(2));
    let page = backend.list_command_invocations(first).await.unwrap();
    assert_eq!(page.items.len(), 2);
    let rest = ListCommandInvocations::of(command_id.clone())
        .with_page(PageRequest::first().with_next_token(page.next_token));
    let page = backend.list_command_invocations(rest).await.unwrap();
    assert_eq!((page.items.len(), page.next_token), (1, None));

    let unknown = CommandId::new("00000000-0000-0000-0000-000000000000");
    let error = backend
        .list_commands(ListCommands::of(unknown.clone()))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.kind()),
        (Some("InvalidCommandId"), ErrorKind::NotFound)
    );
    let error = backend
        .cancel_command(CancelCommand::new(&unknown))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidCommandId"));
    let get = |node, plugin: Option<&str>| {
        let mut request = GetCommandInvocation::new(&command_id, &node);
        request.plugin_name = plugin.map(str::to_owned);
        let backend = backend.clone();
        async move {
            let answer = backend.get_command_invocation(request).await;
            answer.unwrap_err().code().unwrap().to_owned()
        }
    };
    assert_eq!(get(id(9), None).await, "InvalidInstanceId");
    assert_eq!(get(id(1), Some("PatchBeOS")).await, "InvalidPluginName");
}

#[tokio::test]
async fn the_same_seed_and_calls_give_the_same_ids() {
    let mut ids = Vec::new();
    for seed in [7, 7, 8] {
        let backend = MemoryBackend::builder().seed(seed).build();
        backend.add_node(windows(&[]));
        let command = run(&backend, scan(&[WIN])).await;
        let snapshot = state(&backend, WIN).await.unwrap().snapshot_id.unwrap();
        assert!(snapshot.is_well_formed() && command.is_well_formed());
        ids.push((command, snapshot));
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[2]);
}

#[tokio::test]
async fn the_document_with_hooks_patches_too_and_takes_no_overrides() {
    let backend = account(vec![linux(&["curl-8.9-1"])]);
    let mut hooked = install(&[LIN]);
    hooked.document_name = "AWS-RunPatchBaselineWithHooks".to_owned();
    hooked.set_parameter("PreInstallHookDocName", "drain-load-balancer");
    let id = run(&backend, hooked.clone()).await;
    assert_eq!(statuses(&backend, &id).await, ["Success/Success"]);
    let operation = state(&backend, LIN).await.unwrap().operation;
    assert_eq!(operation, PatchOperation::Install);

    hooked.set_parameter("BaselineOverride", "s3://bucket/key");
    let refused = backend.send_command(hooked).await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameters"));
    let mut plain = install(&[LIN]);
    plain.set_parameter("OnExitHookDocName", "undrain");
    let refused = backend.send_command(plain).await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameters"));
}

#[tokio::test]
async fn a_document_that_does_not_patch_ends_well_and_leaves_patches_alone() {
    let backend = account(production(1));
    backend.add_document("Drain-Node");
    let by_arn = "arn:aws:ssm:us-east-1::document/AWS-UpdateSSMAgent";
    for document in ["AWS-RunShellScript", by_arn, "Drain-Node"] {
        let mut request = scan(&[WIN]);
        request.document_name = document.to_owned();
        request.parameters.clear();
        request.set_parameter("commands", "date");
        let command = backend.send_command(request).await.unwrap().command_id;
        backend.advance(std::time::Duration::from_mins(5));
        let mut listed = ListCommandInvocations::of(&command);
        listed.details = true;
        let listed = backend.list_command_invocations(listed).await.unwrap();
        assert_eq!(listed.items[0].status, InvocationStatus::Success);
        assert_eq!(listed.items[0].command_plugins, []);
        assert!(state(&backend, WIN).await.is_none(), "{document}");
    }
}
