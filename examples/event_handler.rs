//! A function as AWS Lambda calls it: JSON in, JSON out. It carries out a rollout by events, and reports nodes
//! that became noncompliant. `main` plays EventBridge, over an account in memory that loses every third event.

use std::time::Duration;

use aws_patch_manager::event::{Event, EventDetail, EventPattern};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::rollout::{
    InMemoryRolloutStore, NodeSet, Rollout, RolloutRun, RolloutState, Wave,
};
use aws_patch_manager::types::{ComplianceStatus, NodeId};
use aws_patch_manager::{Error, MemoryBackend, PatchManager};
use serde_json::{Value, json};

/// What the function keeps between two calls: in yours, a manager from the environment and a store in
/// DynamoDB, whose write demands that the revision is the next one.
struct Function {
    manager: PatchManager,
    store: InMemoryRolloutStore,
}

impl Function {
    /// What its rules deliver: one with this pattern, and one with `rate(5 minutes)`.
    fn pattern() -> EventPattern {
        let noncompliant = EventPattern::patch_compliance().statuses(["non_compliant"]);
        RolloutRun::event_pattern().or(noncompliant)
    }

    /// Handles one event. After an error Lambda calls again, which is safe.
    async fn handle(&self, input: Value) -> Result<Value, Error> {
        let event = Event::from_value(input)?;
        if let EventDetail::ComplianceStateChange(change) = event.detail() {
            return Ok(match change.compliance_status {
                ComplianceStatus::NonCompliant => json!({ "Noncompliant": change.resource_id }),
                _ => json!({}),
            });
        }
        let Some(state) = self.store.last() else {
            return Ok(json!({}));
        };
        let run = RolloutRun::new(&self.manager, state, self.store.clone());
        Ok(match run.advance_on(&event).await? {
            Some(progress) => json!({
                "Status": progress.state.status.to_string(),
                "Happened": progress.events.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "Next": progress.next,
            }),
            None => json!({}),
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account = MemoryBackend::builder().record_events().build();
    let ids = (0..6).map(|number| NodeId::new(format!("i-{number:017x}")));
    let nodes: Vec<NodeId> = ids.collect();
    for node in &nodes {
        account.add_node(FleetNode::amazon_linux_2023(node));
    }
    let manager = PatchManager::from_memory(&account);
    println!("The rule's pattern: {}", Function::pattern().to_json()?);

    let (canary, rest) = nodes.split_at(1);
    let rollout = Rollout::new("june")
        .wave(Wave::of("canary", NodeSet::nodes(canary)).bake(Duration::from_hours(1)))
        .wave(Wave::of("rest", NodeSet::nodes(rest)));
    let state = rollout.begin(&manager).await?;
    let store = InMemoryRolloutStore::new();
    RolloutRun::new(&manager, state, store.clone())
        .advance()
        .await?;

    let function = Function { manager, store };
    let mut sent = 0;
    while !is_at_rest(function.store.last().as_ref()) {
        account.advance(Duration::from_mins(5));
        for input in account.take_events() {
            sent += 1;
            let is_lost = sent % 3 == 0;
            let event = Event::from_value(input.clone())?;
            if !is_lost && Function::pattern().matches(&event) {
                println!("{event}: {:#}", function.handle(input).await?);
            }
        }
        let answer = function.handle(tick(&account)).await?;
        println!("{} tick: {answer:#}", account.clock().now());
    }
    let outcome = function.store.last().map(|state| state.outcome());
    println!("{}", outcome.ok_or("nothing was saved")?);
    Ok(())
}

fn is_at_rest(state: Option<&RolloutState>) -> bool {
    state.is_none_or(|state| state.status.is_at_rest())
}

/// What a rule with a schedule sends.
fn tick(account: &MemoryBackend) -> Value {
    json!({
        "version": "0",
        "id": "0f9e8d7c-6b5a-4943-8271-605f4e3d2c1b",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": account.clock().now(),
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/every-5-minutes"],
        "detail": {},
    })
}
