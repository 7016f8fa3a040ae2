//! A lost reply never patches twice.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::backend::CommandRunner;
use aws_patch_manager::operation::{PatchOperation, SendCommand};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use support::stub::{Reply, Stub};

const RUNS: usize = 1000;
const LAG: Duration = Duration::from_millis(1500);

/// Commands that the stub accepted, by their comment.
#[derive(Default)]
struct Account {
    commands: Vec<(Instant, Value)>,
    attempts: HashMap<String, usize>,
}

impl Account {
    fn run(&mut self, comment: &str) -> Value {
        let id = format!("00000000-0000-4000-8000-{:012}", self.commands.len());
        let command = json!({
            "CommandId": id, "DocumentName": "AWS-RunPatchBaseline", "Status": "Pending", "Comment": comment
        });
        self.commands.push((Instant::now(), command.clone()));
        command
    }

    /// What becomes of an attempt, by the run's number: most replies are lost after the service
    /// acted; some requests are lost before it did, or throttled, and then get through.
    fn send(&mut self, comment: &str) -> Reply {
        let run: usize = comment.split(' ').next().unwrap().parse().unwrap();
        let attempt = self.attempts.entry(comment.to_owned()).or_default();
        *attempt += 1;
        match (run % 100, *attempt) {
            (0, 1) => Reply::Truncated,
            (1, 1) => Reply::error(400, "ThrottlingException", "Rate exceeded"),
            (2, 1) => Reply::error(500, "InternalServerError", "lost"),
            (0..=2, _) => Reply::json(200, json!({"Command": self.run(comment)})),
            (3, _) => {
                self.run(comment);
                Reply::error(500, "InternalServerError", "after the fact")
            }
            _ => {
                self.run(comment);
                Reply::Truncated
            }
        }
    }

    /// Lists the newest first, every fourth command with a lag.
    fn list(&mut self, token: Option<&str>) -> Reply {
        let listed = |(index, (since, _)): &(usize, &(Instant, Value))| {
            index % 4 > 0 || since.elapsed() > LAG
        };
        let commands = self.commands.iter().enumerate().filter(listed);
        let mut shown: Vec<&Value> = commands.map(|(_, (_, command))| command).collect();
        shown.reverse();
        let from: usize = token.map_or(0, |token| token.parse().unwrap());
        let page: Vec<_> = shown.iter().skip(from).take(50).collect();
        let next = (from + 50 < shown.len()).then(|| (from + 50).to_string());
        Reply::json(200, json!({"Commands": page, "NextToken": next}))
    }
}

#[tokio::test]
async fn a_thousand_lost_replies_double_no_run() {
    let account = Arc::new(Mutex::new(Account::default()));
    let served = Arc::clone(&account);
    let stub = Stub::answering(move |request, _| {
        let mut account = served.lock().unwrap();
        let body = request.json();
        match request.operation() {
            "SendCommand" => account.send(body["Comment"].as_str().unwrap()),
            "ListCommands" => account.list(body["NextToken"].as_str()),
            other => panic!("{other}"),
        }
    });
    let backend = AwsBackend::from_sdk_config(&support::config(stub.endpoint(), "secret"));
    let sends = (0..RUNS).map(|run| {
        let mut command = SendCommand::run_patch_baseline(PatchOperation::Install);
        command.instance_ids = vec!["i-0123456789abcdef0".into()];
        command.comment = Some(format!("{run} nightly"));
        let sent = backend.send_command(command);
        async move { sent.await.map(|command| (run, command)) }
    });
    let answers: Vec<_> = stream::iter(sends)
        .buffer_unordered(250)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(answers.len(), RUNS);

    let mut runs: HashMap<String, usize> = HashMap::new();
    for (_, command) in &account.lock().unwrap().commands {
        let run = command["Comment"]
            .as_str()
            .unwrap()
            .split(' ')
            .next()
            .unwrap();
        *runs.entry(run.to_owned()).or_default() += 1;
    }
    let doubled: Vec<_> = runs.iter().filter(|(_, times)| **times > 1).collect();
    assert_eq!(doubled, Vec::<(&String, &usize)>::new());
    assert_eq!(runs.len(), RUNS);
    for (run, answer) in answers {
        assert_eq!(answer.comment, format!("{run} nightly"));
    }
}
