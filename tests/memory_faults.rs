//! Planned faults hit the calls they are planned for, and every call is recorded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::backend::layer::{FaultScope, Faults};
use aws_patch_manager::backend::{
    BaselineStore, CreatePatchBaseline, DescribePatchBaselines, DescribeSubnets,
    GetDefaultPatchBaseline, GetPatchBaseline, GetPatchBaselineForPatchGroup, NetworkInventory,
    Operation, PatchGroupRegistry,
};
use aws_patch_manager::baseline::BaselineSpec;
use aws_patch_manager::types::{OperatingSystem, QueryFilter};
use aws_patch_manager::{
    Clock, ErrorKind, ManualClock, MemoryBackend, PageRequest, PatchGroup, SystemClock,
};
use jiff::{SignedDuration, Timestamp};

const GET_DEFAULT: Operation = Operation::GetDefaultPatchBaseline;

/// Whether each of this many calls in a row succeeds.
async fn successes(backend: &MemoryBackend, calls: usize) -> Vec<bool> {
    let mut successes = Vec::new();
    for _ in 0..calls {
        successes.push(
            backend
                .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
                .await
                .is_ok(),
        );
    }
    successes
}

async fn own_baselines(backend: &MemoryBackend) -> usize {
    let own = QueryFilter::new("OWNER", ["Self"]);
    let request = DescribePatchBaselines::new(vec![own], PageRequest::first());
    let page = backend.describe_patch_baselines(request).await.unwrap();
    page.items.len()
}

#[tokio::test]
async fn a_fault_strikes_the_calls_it_is_planned_for() {
    type Plan = fn(&Faults);
    let plans: [(Plan, [bool; 5]); 7] = [
        (
            |plan| {
                plan.throttle(GET_DEFAULT);
            },
            [false, true, true, true, true],
        ),
        (
            |plan| {
                plan.throttle(GET_DEFAULT).on_call(3);
            },
            [true, true, false, true, true],
        ),
        (
            |plan| {
                plan.throttle(GET_DEFAULT).times(2);
            },
            [false, false, true, true, true],
        ),
        (
            |plan| {
                plan.throttle(GET_DEFAULT).on_call(2).times(3);
            },
            [true, false, false, false, true],
        ),
        (
            |plan| {
                plan.throttle(GET_DEFAULT).on_call(4).always();
            },
            [true, true, true, false, false],
        ),
        (
            |plan| {
                plan.throttle(FaultScope::Any);
            },
            [false, true, true, true, true],
        ),
        (
            |plan| {
                plan.throttle(Operation::GetPatchBaseline).always();
            },
            [true; 5],
        ),
    ];
    for (number, (plan, expected)) in plans.into_iter().enumerate() {
        let backend = MemoryBackend::new();
        plan(backend.faults());
        assert_eq!(successes(&backend, 5).await, expected, "plan {number}");
    }
}

#[tokio::test]
async fn calls_count_from_the_moment_a_fault_is_planned() {
    let backend = MemoryBackend::new();
    successes(&backend, 3).await;
    backend.faults().throttle(GET_DEFAULT).on_call(2);
    assert_eq!(successes(&backend, 3).await, [true, false, true]);
}

#[tokio::test]
async fn throttling_speaks_the_dialect_of_the_service() {
    let backend = MemoryBackend::new();
    backend.faults().throttle(FaultScope::Any).always();
    let ssm = backend
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
        .await
        .unwrap_err();
    let ec2 = backend
        .describe_subnets(DescribeSubnets::new(Vec::new(), PageRequest::first()))
        .await
        .unwrap_err();
    assert_eq!(ssm.code(), Some("ThrottlingException"));
    assert_eq!(ssm.message(), "Rate exceeded");
    assert_eq!(ssm.operation(), Some(GET_DEFAULT.as_str()));
    assert_eq!(ec2.code(), Some("RequestLimitExceeded"));
    for error in [ssm, ec2] {
        assert!(error.is_throttled() && error.is_retryable());
    }
}

#[tokio::test]
async fn a_planned_error_comes_as_planned_and_before_any_effect() {
    let backend = MemoryBackend::new();
    backend.faults().fail(
        Operation::CreatePatchBaseline,
        ErrorKind::AccessDenied,
        "AccessDeniedException",
        "not you",
    );
    let spec = BaselineSpec::new("web", OperatingSystem::Windows);
    let request = CreatePatchBaseline::new(spec);
    let error = backend.create_patch_baseline(request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    assert_eq!(error.code(), Some("AccessDeniedException"));
    assert_eq!(error.message(), "not you");
    assert_eq!(error.operation(), Some("CreatePatchBaseline"));
    assert_eq!(own_baselines(&backend).await, 0);
}

#[tokio::test]
async fn a_lost_reply_keeps_its_effect_and_a_repeated_call_without_token_doubles_it() {
    let backend = MemoryBackend::new();
    backend
        .faults()
        .lose_reply(Operation::CreatePatchBaseline)
        .times(2);
    let spec = BaselineSpec::new("web", OperatingSystem::Windows);
    let request = CreatePatchBaseline::new(spec);
    for written in [1, 2] {
        let lost = backend.create_patch_baseline(request.clone()).await;
        let lost = lost.unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::Connection);
        assert!(lost.is_retryable());
        assert_eq!(own_baselines(&backend).await, written);
    }
    assert!(backend.create_patch_baseline(request).await.is_ok());
}

#[tokio::test]
async fn latency_and_delays_pass_on_the_backends_clock() {
    let start: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let backend = MemoryBackend::builder()
        .start(start)
        .latency(Duration::from_millis(250))
        .build();
    successes(&backend, 4).await;
    let passed = |backend: &MemoryBackend| backend.clock().now().duration_since(start);
    assert_eq!(passed(&backend), SignedDuration::from_secs(1));

    backend.faults().delay(GET_DEFAULT, Duration::from_secs(2));
    backend.faults().latency(Duration::ZERO);
    successes(&backend, 3).await;
    assert_eq!(passed(&backend), SignedDuration::from_secs(3));
}

#[tokio::test]
async fn random_throttling_is_the_same_for_the_same_seed() {
    let run = async |seed| {
        let backend = MemoryBackend::builder().seed(seed).build();
        backend.faults().throttle_randomly(0.3);
        successes(&backend, 200).await
    };
    let first = run(1).await;
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
    let throttled = first.iter().filter(|success| !**success).count();
    assert!((30..=90).contains(&throttled), "{throttled} of 200");
}

#[tokio::test]
async fn a_cleared_plan_strikes_no_more() {
    let backend = MemoryBackend::new();
    backend.faults().throttle(FaultScope::Any).always();
    backend.faults().throttle_randomly(1.0);
    assert_eq!(successes(&backend, 2).await, [false, false]);
    backend.faults().clear();
    assert_eq!(successes(&backend, 2).await, [true, true]);
    assert_eq!(backend.call_count(GET_DEFAULT), 4);
}

#[tokio::test]
async fn every_call_is_on_record_in_order_whatever_became_of_it() {
    let backend = MemoryBackend::new();
    let clone = backend.clone();
    let group = PatchGroup::new("web").unwrap();
    backend
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
        .await
        .unwrap();
    backend
        .get_patch_baseline(GetPatchBaseline::new("pb-1"))
        .await
        .unwrap_err();
    backend.faults().throttle(FaultScope::Any);
    clone
        .get_patch_baseline_for_patch_group(GetPatchBaselineForPatchGroup::new(&group, None))
        .await
        .unwrap_err();
    assert_eq!(
        backend.calls(),
        [
            GET_DEFAULT,
            Operation::GetPatchBaseline,
            Operation::GetPatchBaselineForPatchGroup
        ]
    );
    assert_eq!(backend.call_count(Operation::GetPatchBaseline), 1);
    clone.clear_calls();
    assert!(backend.calls().is_empty());
}

#[tokio::test]
async fn the_clock_is_the_one_handed_in_and_turns_if_it_can() {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let backend = MemoryBackend::builder().manual_clock(clock.clone()).build();
    backend.advance(Duration::from_hours(1));
    assert_eq!(clock.now(), Timestamp::from_second(3600).unwrap());
    backend.advance_to(Timestamp::from_second(7200).unwrap());
    assert_eq!(backend.clock().now(), clock.now());
    assert_eq!(clock.now(), Timestamp::from_second(7200).unwrap());

    let wall = MemoryBackend::builder()
        .clock(Arc::new(SystemClock::new()))
        .build();
    assert!(wall.manual_clock().is_none());
    wall.advance(Duration::from_hours(1));
    assert!(wall.clock().now() < Timestamp::now() + SignedDuration::from_mins(1));
}

#[test]
fn callers_on_many_threads_share_one_account() {
    let backend = MemoryBackend::new();
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                runtime().block_on(async {
                    for _ in 0..5 {
                        let spec = BaselineSpec::new("shared", OperatingSystem::Windows);
                        let request = CreatePatchBaseline::new(spec);
                        backend.create_patch_baseline(request).await.unwrap();
                    }
                });
            });
        }
    });
    assert_eq!(runtime().block_on(own_baselines(&backend)), 40);
    assert_eq!(backend.call_count(Operation::CreatePatchBaseline), 40);
}
