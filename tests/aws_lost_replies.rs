//! A lost reply never patches twice, by a command or by an association.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::backend::layer::LimitConfig;
use aws_patch_manager::backend::{AssociationStore, CommandRunner};
use aws_patch_manager::operation::SendCommand;
use aws_patch_manager::schedule::association::CreateAssociation;
use aws_patch_manager::types::{PatchOperation, Tag, Target};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use support::stub::{Reply, Stub};

const RUNS: usize = 1000;
const AT_A_TIME: usize = 250;
const LAG: Duration = Duration::from_millis(1500);

/// A reply that arrives in part or not at all.
fn lost(run: usize) -> Reply {
    if run.is_multiple_of(2) {
        Reply::Truncated
    } else {
        Reply::Closed
    }
}

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

    /// The outcome of an attempt, by the run's number: most replies are lost after the service
    /// acted; some requests are lost before, or throttled, and then succeed.
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
                lost(run)
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

/// The adapter with many calls at a time, for a call that looks for what it lost waits for seconds.
fn backend(stub: &Stub) -> AwsBackend {
    let limits = LimitConfig::default().with_max_in_flight(AT_A_TIME);
    let config = support::aws::config(stub.endpoint(), "secret");
    AwsBackend::builder(&config).limits(limits).build()
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
    let backend = backend(&stub);
    let sends = (0..RUNS).map(|run| {
        let mut command = SendCommand::run_patch_baseline(PatchOperation::Install);
        command.instance_ids = vec!["i-0123456789abcdef0".into()];
        command.comment = Some(format!("{run} nightly"));
        let sent = backend.send_command(command);
        async move { sent.await.map(|command| (run, command)) }
    });
    let answers: Vec<_> = stream::iter(sends)
        .buffer_unordered(AT_A_TIME)
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

const MARK: &str = "aws-patch-manager/request";

fn tag<'a>(tags: &'a Value, key: &str) -> &'a str {
    let mut tags = tags.as_array().unwrap().iter();
    let tag = tags.find(|tag| tag["Key"] == key).unwrap();
    tag["Value"].as_str().unwrap()
}

/// Associations that the stub created, with the request of each.
#[derive(Default)]
struct Associations {
    made: Vec<(Instant, Value)>,
    attempts: HashMap<usize, usize>,
}

impl Associations {
    fn run_of(request: &Value) -> usize {
        tag(&request["Tags"], "run").parse().unwrap()
    }

    /// An association as its description, with its id in the place of its tags.
    fn description(index: usize, request: &Value) -> Value {
        let mut description = request.clone();
        description.as_object_mut().unwrap().remove("Tags");
        description["AssociationId"] = json!(format!("00000000-0000-4000-8000-{index:012}"));
        description
    }

    fn make(&mut self, request: &Value) -> Value {
        self.made.push((Instant::now(), request.clone()));
        Self::description(self.made.len() - 1, request)
    }

    /// The outcome of an attempt, by the run's number, as for commands. Number 4 is listed only
    /// after it was sent again, which is refused.
    fn create(&mut self, request: &Value) -> Reply {
        let run = Self::run_of(request);
        let attempt = self.attempts.entry(run).or_default();
        *attempt += 1;
        match (run % 100, *attempt) {
            (0, 1) => Reply::Truncated,
            (1, 1) => Reply::error(400, "ThrottlingException", "Rate exceeded"),
            (2, 1) => Reply::error(500, "InternalServerError", "lost"),
            (0..=2, _) => Reply::json(200, json!({"AssociationDescription": self.make(request)})),
            (4, 2) => Reply::json(400, json!({"__type": "AssociationAlreadyExists"})),
            (3, _) => {
                self.make(request);
                Reply::error(500, "InternalServerError", "after the fact")
            }
            _ => {
                self.make(request);
                lost(run)
            }
        }
    }

    fn is_listed(&self, index: usize, since: Instant, request: &Value) -> bool {
        let run = Self::run_of(request);
        (run % 100 != 4 || self.attempts[&run] > 1)
            && (!index.is_multiple_of(4) || since.elapsed() > LAG)
    }

    /// Lists what passes the filter, in pages of two.
    fn list(&self, body: &Value) -> Reply {
        let filter = &body["AssociationFilterList"][0];
        let key = filter["key"].as_str().unwrap();
        let made = self.made.iter().enumerate();
        let shown: Vec<_> = made
            .filter(|(index, (since, request))| {
                request[key] == filter["value"] && self.is_listed(*index, *since, request)
            })
            .map(|(index, (_, request))| Self::description(index, request))
            .collect();
        let from: usize = body["NextToken"].as_str().map_or(0, |t| t.parse().unwrap());
        let next = (from + 2 < shown.len()).then(|| (from + 2).to_string());
        let page: Vec<_> = shown.iter().skip(from).take(2).collect();
        Reply::json(200, json!({"Associations": page, "NextToken": next}))
    }

    fn of_id(&self, id: &Value) -> (usize, &Value) {
        let index = id.as_str().unwrap().rsplit('-').next().unwrap();
        let index = index.parse().unwrap();
        (index, &self.made[index].1)
    }

    fn answer(&mut self, operation: &str, body: &Value) -> Reply {
        match operation {
            "CreateAssociation" => self.create(body),
            "ListAssociations" => self.list(body),
            "ListTagsForResource" => {
                assert_eq!(body["ResourceType"], "Association");
                let (_, request) = self.of_id(&body["ResourceId"]);
                Reply::json(200, json!({"TagList": request["Tags"]}))
            }
            "DescribeAssociation" => {
                let (index, request) = self.of_id(&body["AssociationId"]);
                let description = Self::description(index, request);
                Reply::json(200, json!({"AssociationDescription": description}))
            }
            other => panic!("{other}"),
        }
    }
}

/// Most have a name. Ten of each hundred have none, and share their document with nine others.
fn association(run: usize) -> CreateAssociation {
    let document = format!("Custom-Patch-{}", run / 100);
    let mut request = CreateAssociation::new(document, vec![Target::tag("Role", ["web"])]);
    request.tags = Some(vec![Tag::new("run", run.to_string())]);
    if run % 10 != 5 {
        request.association_name = Some(format!("nightly-{run}"));
        request.name = Some("AWS-RunPatchBaseline".to_owned());
    }
    request
}

#[tokio::test]
async fn a_thousand_lost_replies_double_no_association() {
    let account = Arc::new(Mutex::new(Associations::default()));
    let served = Arc::clone(&account);
    let stub = Stub::answering(move |request, _| {
        let mut account = served.lock().unwrap();
        account.answer(request.operation(), &request.json())
    });
    let backend = backend(&stub);
    let creations = (0..RUNS).map(|run| {
        let created = backend.create_association(association(run));
        async move { created.await.map(|made| (run, made)) }
    });
    let answers: Vec<_> = stream::iter(creations)
        .buffer_unordered(AT_A_TIME)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(answers.len(), RUNS);

    let account = account.lock().unwrap();
    let mut runs: HashMap<usize, usize> = HashMap::new();
    let mut marks: HashMap<&str, usize> = HashMap::new();
    for (_, request) in &account.made {
        *runs.entry(Associations::run_of(request)).or_default() += 1;
        *marks.entry(tag(&request["Tags"], MARK)).or_default() += 1;
    }
    let doubled: Vec<_> = runs.iter().filter(|(_, times)| **times > 1).collect();
    assert_eq!(doubled, Vec::<(&usize, &usize)>::new());
    assert_eq!((runs.len(), marks.len()), (RUNS, RUNS));
    for (run, answer) in answers {
        let id = answer.association_id.unwrap();
        let (_, request) = account.of_id(&json!(id));
        assert_eq!(Associations::run_of(request), run);
    }
}

#[tokio::test]
async fn a_run_of_which_nobody_can_tell_is_not_called_retryable() {
    let stub = Stub::answering(|request, _| match request.operation() {
        "SendCommand" => Reply::Closed,
        _ => Reply::error(400, "AccessDeniedException", "not you"),
    });
    let backend = support::aws::backend(&stub);
    let mut command = SendCommand::run_patch_baseline(PatchOperation::Install);
    command.instance_ids = vec!["i-0123456789abcdef0".into()];
    let error = backend.send_command(command).await.unwrap_err();
    assert!(error.may_have_taken_effect(), "{error}");
    assert!(!error.is_retryable(), "{error}");
}
