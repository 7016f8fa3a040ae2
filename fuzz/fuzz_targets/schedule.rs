//! Schedules: a line with the expression, and optional lines with an instant in seconds and a time zone.
#![no_main]

use aws_patch_manager::ScheduleExpression;
use aws_patch_manager::jiff::Timestamp;
use aws_patch_manager::schedule::{Recurrence, ScheduleMechanism};
use libfuzzer_sys::fuzz_target;
use patch_manager_fuzz::NOW;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut lines = text.split('\n');
    let expression = lines.next().unwrap_or_default();
    let seconds = lines.next().and_then(|line| line.parse().ok());
    let at = seconds
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(NOW);
    let zone = lines.next().unwrap_or("UTC");
    let schedule = match ScheduleExpression::parse(expression) {
        Ok(schedule) => schedule,
        Err(refused) => {
            assert!(!refused.violations().is_empty(), "{refused}");
            return;
        }
    };
    let printed = schedule.to_string();
    let again = ScheduleExpression::parse(&printed);
    assert_eq!(again.as_ref().ok(), Some(&schedule), "{printed}: {again:?}");
    for mechanism in [
        ScheduleMechanism::Association,
        ScheduleMechanism::MaintenanceWindow,
        ScheduleMechanism::PatchPolicy,
    ] {
        let _ = schedule.check_for(mechanism);
    }
    let _ = schedule.may_skip_a_month();
    let _ = schedule.next_after_from(at, NOW);
    assert_eq!(schedule.next_after(at), schedule.after(at).next());
    rises(schedule.after(at), at, &printed);
    let Ok(recurrence) = Recurrence::new(schedule).in_time_zone(zone) else {
        return;
    };
    let shifted = (1..=6).filter_map(|days| recurrence.clone().offset_days(days).ok());
    let shifted: Vec<_> = shifted.collect();
    for recurrence in shifted.iter().chain([&recurrence]) {
        rises(recurrence.after(at), at, &printed);
    }
});

/// Firings come after the instant, each after the one before.
fn rises(firings: impl Iterator<Item = Timestamp>, at: Timestamp, schedule: &str) {
    let mut last = at;
    for firing in firings.take(5) {
        assert!(firing > last, "{schedule} fires at {firing} after {last}");
        last = firing;
    }
}
