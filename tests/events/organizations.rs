//! A run in an organization that is driven by events.

use std::time::Duration;

use aws_patch_manager::automation::{OrganizationRequest, PatchRunbook};
use aws_patch_manager::backend::Operation;
use aws_patch_manager::event::{Event, EventKind, EventPattern};
use aws_patch_manager::manager::OrganizationRun;
use aws_patch_manager::memory::{FleetFile, FleetNode, MemoryOrganization};
use aws_patch_manager::types::Target;
use aws_patch_manager::{ErrorKind, MemoryBackend, PatchManager};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};

const CENTRAL: &str = "111111111111";
const MEMBERS: [&str; 2] = ["222222222222", "333333333333"];
const REGION: &str = "eu-central-1";
const UNIT: &str = "ou-ab12-production";
const LIMIT: Duration = Duration::from_hours(4);

/// An organization of which each account records its events; and the management account.
fn account() -> (MemoryOrganization, MemoryBackend) {
    let mut fleet = FleetFile::default();
    let node = FleetNode::amazon_linux_2023("i-0c0ffee0000000001");
    fleet.nodes = vec![node.with_tag("Environment", "production")];
    let builder = MemoryOrganization::builder()
        .management(CENTRAL)
        .unit(UNIT, None)
        .account(MEMBERS[0], UNIT)
        .account(MEMBERS[1], UNIT)
        .regions([REGION])
        .template(MemoryBackend::builder().fleet(fleet).record_events());
    let organization = builder.build().unwrap();
    let central = organization.member(CENTRAL, REGION).unwrap();
    (organization, central)
}

async fn started(central: &MemoryBackend) -> OrganizationRun {
    let manager = PatchManager::from_memory(central);
    let runbook = PatchRunbook::new("Patch-Nodes").share_with(MEMBERS);
    manager.ensure_patch_runbook(&runbook).await.unwrap();
    let request = OrganizationRequest::install("Patch-Nodes")
        .target(Target::tag("Environment", ["production"]))
        .organizational_units([UNIT], [REGION]);
    manager.run_organization(&request).await.unwrap()
}

/// The events of the management account while time passes, a minute at a time.
fn live(central: &MemoryBackend) -> impl Stream<Item = Event> + use<> {
    let central = central.clone();
    stream::iter(0..600).flat_map(move |_| {
        central.advance(Duration::from_mins(1));
        let events = central.take_events().into_iter();
        stream::iter(events.map(|event| Event::from_value(event).unwrap()))
    })
}

fn reads(central: &MemoryBackend) -> usize {
    central.call_count(Operation::GetAutomationExecution)
}

#[tokio::test]
async fn events_take_fewer_reads_than_polling_for_the_same_outcome() {
    let (_polled, polled) = account();
    let by_polling = started(&polled).await.wait(LIMIT).await.unwrap();

    let (_organization, central) = account();
    let run = started(&central).await;
    let events = live(&central);
    let by_events = run.wait_with_events(LIMIT, events).await.unwrap();
    assert!(by_events.is_success(), "{by_events}");
    assert_eq!(by_events.locations.len(), by_polling.locations.len());
    assert_eq!(reads(&central), 2, "at the start and at the end");
    assert!(reads(&polled) > 2);
}

#[tokio::test]
async fn lost_events_are_made_up_for_by_the_rare_read() {
    let (_organization, central) = account();
    let run = started(&central).await;
    let outcome = run.wait_with_events(LIMIT, stream::pending()).await;
    assert!(outcome.unwrap().is_success());
    assert_eq!(reads(&central), 2);
}

/// A queue delivers an event more than once, and the service lists an end late.
#[tokio::test]
async fn an_end_that_comes_again_causes_no_read() {
    let mut counts = Vec::new();
    for copies in [1, 50] {
        let (_organization, central) = account();
        let run = started(&central).await;
        let ended = Event::from_value(json!({
            "version": "0", "id": "0f9e8d7c-6b5a-4943-8271-605f4e3d2c1b", "source": "aws.ssm",
            "detail-type": "EC2 Automation Execution Status-change Notification",
            "account": CENTRAL, "region": REGION, "time": "2026-05-14T00:00:00Z", "resources": [],
            "detail": {"ExecutionId": run.id(), "Definition": "Patch-Nodes", "Status": "Success"},
        }));
        let ended = stream::iter(vec![ended.unwrap(); copies]).chain(stream::pending());
        let outcome = run.wait_with_events(LIMIT, ended).await.unwrap();
        assert!(outcome.is_success(), "{outcome}");
        counts.push(reads(&central));
    }
    assert_eq!(counts[0], counts[1]);
}

#[tokio::test]
async fn it_times_out_as_a_wait_does() {
    let (organization, central) = account();
    let run = started(&central).await;
    let none = stream::pending();
    let error = run
        .wait_with_events(Duration::from_secs(5), none)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    organization.advance(LIMIT);
    assert!(run.wait(Duration::ZERO).await.unwrap().is_success());
}

#[tokio::test]
async fn only_the_end_of_the_run_itself_is_read() {
    let (organization, central) = account();
    let run = started(&central).await;
    organization.advance(LIMIT);
    let pattern = run.event_pattern();
    let mut answered = 0;
    for event in central.take_events() {
        let event = Event::from_value(event).unwrap();
        assert_eq!(
            pattern.matches(&event),
            run.is_concerned_by(&event),
            "{event:?}"
        );
        let before = reads(&central);
        let outcome = run.on_event(&event).await.unwrap();
        assert_eq!(outcome.is_some(), run.is_concerned_by(&event));
        assert_eq!(reads(&central) - before, usize::from(outcome.is_some()));
        answered += usize::from(outcome.is_some());
    }
    assert_eq!(answered, 1);
}

#[tokio::test]
async fn an_execution_begins_before_its_steps_and_ends_after_them() {
    let (organization, central) = account();
    let run = started(&central).await;
    organization.advance(LIMIT);
    let of_run = EventPattern::any_of([
        EventKind::AutomationExecutionStatusChange,
        EventKind::AutomationStepStatusChange,
    ])
    .execution_ids([run.id().clone()]);
    let events = central.take_events().into_iter();
    let told: Vec<(bool, String)> = events
        .map(|event| Event::from_value(event).unwrap())
        .filter(|event| of_run.matches(event))
        .map(|event| {
            let is_step = *event.kind() == EventKind::AutomationStepStatusChange;
            let status = event.json()["detail"]["Status"].as_str().map(str::to_owned);
            (is_step, status.unwrap())
        })
        .collect();
    let step = |status: &str| (true, status.to_owned());
    let whole = |status: &str| (false, status.to_owned());
    assert_eq!(told.first(), Some(&whole("InProgress")));
    assert_eq!(told.last(), Some(&whole("Success")));
    let count = |one: &(bool, String)| told.iter().filter(|other| *other == one).count();
    assert_eq!(
        (count(&step("InProgress")), count(&step("Success"))),
        (2, 2)
    );
    assert_eq!(told.len(), 6, "{told:?}");
}

#[tokio::test]
async fn the_runs_in_the_accounts_tell_of_their_steps_there() {
    let (organization, central) = account();
    started(&central).await;
    organization.advance(LIMIT);
    for account in MEMBERS {
        let member = organization.member(account, REGION).unwrap();
        let ends: Vec<Value> = member.take_events();
        let pattern = EventPattern::of(EventKind::AutomationStepStatusChange).statuses(["Success"]);
        let events = ends
            .into_iter()
            .map(|event| Event::from_value(event).unwrap());
        let steps = events.filter(|event| pattern.matches(event)).count();
        assert_eq!(steps, 1, "{account}");
    }
}
