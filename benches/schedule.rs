//! How long it takes to read a cron expression and to find its next firing, next to the crates
//! `croner` and `cron` on the same expressions.
//!
//! Both need seconds in front; `cron` does not know `L`, `W` and `#`.

use std::hint::black_box;
use std::str::FromStr;

use aws_patch_manager::ScheduleExpression;
use chrono::{DateTime, Utc};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use croner::parser::CronParser;
use jiff::Timestamp;

/// Each case: its name, its fields without parentheses, and whether `cron` reads it.
const EXPRESSIONS: &[(&str, &str, bool)] = &[
    ("daily", "15 2 ? * * *", true),
    ("sundays", "0 2 ? * SUN *", true),
    ("office-hours", "0/15 8-18 ? * MON-FRI *", true),
    ("quarters", "30 4,16 1,15 JAN,APR,JUL,OCT ? 2026-2040", true),
    ("leap-day", "0 0 29 2 ? *", true),
    ("patch-tuesday", "0 18 ? * TUE#2 *", false),
    ("last-friday", "0 18 ? * 6L *", false),
    ("last-weekday", "0 18 LW * ? *", false),
];

/// Instants over ten years, so that each search starts at another place.
const INSTANTS: usize = 64;

fn seconds() -> impl Iterator<Item = i64> {
    (0..INSTANTS as i64).map(|n| 1_767_225_600 + n * 4_927_013)
}

fn own(fields: &str) -> ScheduleExpression {
    let text = format!("cron({fields})");
    ScheduleExpression::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

fn croner_parser() -> CronParser {
    CronParser::builder()
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build()
}

fn parse(criterion: &mut Criterion) {
    for (name, fields, known) in EXPRESSIONS {
        let (text, with_seconds) = (format!("cron({fields})"), format!("0 {fields}"));
        let mut group = criterion.benchmark_group(format!("parse/{name}"));
        group.bench_function("own", |bencher| {
            bencher.iter(|| ScheduleExpression::parse(black_box(&text)).is_ok());
        });
        let parser = croner_parser();
        group.bench_function("croner", |bencher| {
            bencher.iter(|| parser.parse(black_box(&with_seconds)).is_ok());
        });
        if *known {
            group.bench_function("cron", |bencher| {
                bencher.iter(|| cron::Schedule::from_str(black_box(&with_seconds)).is_ok());
            });
        }
    }
}

fn next(criterion: &mut Criterion) {
    for (name, fields, known) in EXPRESSIONS {
        let mut group = criterion.benchmark_group(format!("next/{name}"));
        group.throughput(Throughput::Elements(INSTANTS as u64));
        let schedule = own(fields);
        let instants: Vec<_> = seconds()
            .map(|second| Timestamp::constant(second, 0))
            .collect();
        bench_next(&mut group, "own", &instants, |at| {
            schedule.next_after(*at).is_some()
        });
        let with_seconds = format!("0 {fields}");
        let instants: Vec<DateTime<Utc>> = seconds()
            .filter_map(|second| DateTime::from_timestamp(second, 0))
            .collect();
        let croner = croner_parser().parse(&with_seconds);
        let croner = croner.unwrap_or_else(|error| panic!("{error}"));
        bench_next(&mut group, "croner", &instants, |at| {
            croner.find_next_occurrence(at, false).is_ok()
        });
        if *known {
            let cron = cron::Schedule::from_str(&with_seconds);
            let cron = cron.unwrap_or_else(|error| panic!("{error}"));
            bench_next(&mut group, "cron", &instants, |at| {
                cron.after(at).next().is_some()
            });
        }
    }
}

fn bench_next<T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    instants: &[T],
    fires: impl Fn(&T) -> bool,
) {
    assert!(instants.iter().all(&fires), "{name} finds a firing");
    group.bench_function(name, |bencher| {
        bencher.iter(|| instants.iter().filter(|at| fires(black_box(at))).count());
    });
}

criterion_group!(benches, parse, next);
criterion_main!(benches);
