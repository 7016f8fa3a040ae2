use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_patch_manager::backend::layer::{Audit, AuditOutcome, AuditRecord, Faults};
use aws_patch_manager::backend::{Access, CommandRunner, Operation, SendCommand, layered};
use aws_patch_manager::baseline::PatchSource;
use aws_patch_manager::operation::PatchHooks;
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{NodeFilter, OperatingSystem, PatchOperation, Tag, Target};
use aws_patch_manager::{
    BaselineBuilder, Error, ErrorKind, MemoryBackend, PatchManager, PatchRequest, PolicySchedule,
};
use futures_util::{FutureExt, TryStreamExt};
use serde_json::{Value, json};

use super::world::{Log, Retry, SetClock, account, ask};

const NODE: &str = "mi-0c0ffee0000000009";

fn audited(manager: &PatchManager) -> (PatchManager, Log<AuditRecord>) {
    let log = Log::default();
    let records = Arc::clone(&log);
    let audit = Audit::new(move |record| records.lock().unwrap().push(record.clone()));
    (manager.layer(audit), log)
}

/// A writer that a test can read.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn parsed(&self) -> Vec<Value> {
        let bytes = self.0.lock().unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

#[tokio::test]
async fn a_call_is_one_line_of_json() {
    let (backend, manager) = account();
    let lines = Lines::default();
    let manager = manager.layer(Audit::to_writer(lines.clone()));
    let operation = Operation::GetDefaultPatchBaseline;
    let latency = Duration::from_millis(250);
    backend.faults().delay(operation, latency).times(2);
    ask(&manager).await.unwrap();
    let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
    backend.faults().fail(operation, kind, code, "not you");
    ask(&manager).await.unwrap_err();
    let common = |time: &str, outcome: &str| {
        json!({
            "Time": time,
            "Operation": "GetDefaultPatchBaseline",
            "Service": "ssm",
            "Access": "Read",
            "Attempt": 1,
            "Identifiers": {"OperatingSystem": ["WINDOWS"]},
            "Outcome": outcome,
            "ElapsedSeconds": 0.25,
        })
    };
    let mut failed = common("2026-05-14T00:00:00.25Z", "Failed");
    failed["ErrorKind"] = json!("AccessDenied");
    failed["Code"] = json!("AccessDeniedException");
    assert_eq!(
        lines.parsed(),
        [common("2026-05-14T00:00:00Z", "Succeeded"), failed]
    );
}

#[tokio::test]
async fn each_attempt_has_a_record_of_its_own_with_the_request_id() {
    let (_, manager) = account();
    let faults = Faults::new();
    faults.throttle(Operation::GetDefaultPatchBaseline);
    let (manager, records) = audited(&manager.layer(faults));
    ask(&manager.layer(Retry)).await.unwrap();
    let attempts: Vec<_> = records
        .lock()
        .unwrap()
        .iter()
        .map(|record| (record.attempt, record.outcome, record.error_kind))
        .collect();
    let expected = [
        (1, AuditOutcome::Failed, Some(ErrorKind::Throttled)),
        (2, AuditOutcome::Succeeded, None),
    ];
    assert_eq!(attempts, expected);
}

#[tokio::test]
async fn the_request_id_of_an_error_is_recorded() {
    #[derive(Debug)]
    struct Refusing;

    #[async_trait::async_trait]
    impl CommandRunner for Refusing {
        async fn send_command(
            &self,
            _: SendCommand,
        ) -> aws_patch_manager::Result<aws_patch_manager::operation::Command> {
            Err(Error::new(ErrorKind::ServiceFailure, "").with_request_id("7f2c"))
        }
    }

    let log: Log<AuditRecord> = Log::default();
    let records = Arc::clone(&log);
    let audit = Audit::new(move |record| records.lock().unwrap().push(record.clone()));
    let mut request = SendCommand::run_patch_baseline(PatchOperation::Scan);
    request.targets = vec![
        Target::instance_ids([NODE]),
        Target::tag("Owner", ["secret"]),
    ];
    let runner = layered(Arc::new(Refusing), audit);
    runner.send_command(request).await.unwrap_err();
    let record = log.lock().unwrap().remove(0);
    assert_eq!(record.request_id.as_deref(), Some("7f2c"));
    assert_eq!(record.access, Access::Write);
    let named: Vec<_> = record.identifiers.into_iter().collect();
    let of = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
    assert_eq!(
        named,
        [
            of("DocumentName", "AWS-RunPatchBaseline"),
            of("InstanceIds", NODE),
        ]
    );
}

#[tokio::test]
async fn a_call_that_is_dropped_before_its_answer_is_recorded_as_cancelled() {
    let clock = SetClock::new();
    let account = MemoryBackend::builder()
        .clock(Arc::clone(&clock) as _)
        .build();
    let manager = PatchManager::from_memory(&account);
    account.faults().latency(Duration::from_secs(60));
    let (manager, records) = audited(&manager);
    let mut call = ask(&manager);
    assert!((&mut call).now_or_never().is_none());
    assert!(records.lock().unwrap().is_empty());
    clock.advance(Duration::from_secs(2));
    drop(call);
    let record = records.lock().unwrap().remove(0);
    assert_eq!(record.outcome, AuditOutcome::Cancelled);
    assert_eq!(record.elapsed_seconds, 2.0);
}

#[tokio::test]
async fn no_secret_is_recorded() {
    const SECRET: &str = "wJalrXUtnFEMI";
    let (_, manager) = account();
    let (manager, records) = audited(&manager);
    let source = PatchSource::new("internal", ["*"], format!("[repo]\npassword={SECRET}"));
    let spec = BaselineBuilder::amazon_linux_2023_security("prod", 7)
        .description(SECRET)
        .tag("Owner", SECRET)
        .source(source)
        .build()
        .unwrap();
    let id = manager.ensure_baseline(&spec).await.unwrap().id;
    let filter = [NodeFilter::tag("Owner", [SECRET])];
    let _: Vec<_> = manager.list_nodes_with(filter).try_collect().await.unwrap();
    let list = format!("https://lists.s3.amazonaws.com/list.json?X-Amz-Signature={SECRET}");
    let install = PatchRequest::install()
        .nodes([NODE])
        .comment(SECRET)
        .install_override_list(&list);
    manager.run(&install).await.unwrap();
    let schedule = PolicySchedule::daily_scan_weekly_install("web")
        .targets(PolicyTargets::Tag(Tag::new("Owner", SECRET)))
        .output_bucket("outputs")
        .output_prefix(SECRET);
    let linux = OperatingSystem::AmazonLinux2023;
    let policy = schedule
        .clone()
        .baseline(linux, id, "prod")
        .patch_policy()
        .unwrap();
    manager.ensure_policy(&policy).await.unwrap();
    let hooks = PatchHooks::new().pre_install(SECRET);
    let windows = PolicySchedule::daily_scan_weekly_install("web")
        .targets(PolicyTargets::Tag(Tag::new("Owner", SECRET)))
        .hooks(hooks);
    for window in windows.maintenance_windows().unwrap() {
        manager.ensure_maintenance_window(&window).await.unwrap();
    }
    for association in schedule
        .install_override_list(&list)
        .associations()
        .unwrap()
    {
        manager.ensure_association(&association).await.unwrap();
    }
    let records = records.lock().unwrap();
    assert!(records.len() > 15, "{}", records.len());
    for record in records.iter() {
        let line = record.to_string();
        assert!(!line.contains(SECRET), "{line}");
        if record.access == Access::Write {
            assert!(!record.identifiers.is_empty(), "{line}");
        }
    }
}
