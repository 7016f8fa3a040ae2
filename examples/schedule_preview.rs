//! Shows the runs of a schedule in the next weeks, before it is applied.
//!
//! `cargo run --example schedule_preview -- --scan EXPRESSION --install EXPRESSION --offset DAYS
//! --zone NAME --from INSTANT --weeks N`. Every option is optional; `--zone` can be repeated.

use std::io::Write;

use aws_patch_manager::schedule::{PolicyTargets, SchedulePreview, lint};
use aws_patch_manager::types::Tag;
use aws_patch_manager::{Clock, PolicySchedule, SystemClock};
use jiff::Timestamp;

struct Asked {
    schedule: PolicySchedule,
    zones: Vec<String>,
    from: Timestamp,
    weeks: u32,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked = read(std::env::args().skip(1))?;
    let mut runs = Vec::new();
    for window in asked.schedule.maintenance_windows()? {
        runs.extend(window.planned_runs()?);
    }
    let mut out = std::io::stdout().lock();
    for zone in &asked.zones {
        let preview = SchedulePreview::new(&runs, asked.from, zone)?;
        writeln!(out, "{}", preview.weeks(asked.weeks))?;
    }
    for lint in lint(&runs, asked.from) {
        writeln!(out, "note: {lint}")?;
    }
    Ok(())
}

fn read(mut args: impl Iterator<Item = String>) -> Result<Asked, Box<dyn std::error::Error>> {
    let group = PolicyTargets::Tag(Tag::new("Patch Group", "web"));
    // Scans at 01:00, and installs on the Friday after Patch Tuesday.
    let schedule = PolicySchedule::new("web").scan_daily_at(1, 0);
    let mut asked = Asked {
        schedule: schedule
            .install("cron(0 2 ? * TUE#2 *)")
            .install_offset_days(3)
            .targets(group),
        zones: Vec::new(),
        from: SystemClock::new().now(),
        weeks: 6,
    };
    while let Some(name) = args.next() {
        let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
        let schedule = asked.schedule.clone();
        match name.as_str() {
            "--scan" => asked.schedule = schedule.scan(value),
            "--install" => asked.schedule = schedule.install(value),
            "--offset" => asked.schedule = schedule.install_offset_days(value.parse()?),
            "--zone" => asked.zones.push(value),
            "--from" => asked.from = value.parse()?,
            "--weeks" => asked.weeks = value.parse()?,
            other => return Err(format!("unknown argument `{other}`: see the file's top").into()),
        }
    }
    match asked.zones.first() {
        Some(zone) => asked.schedule = asked.schedule.time_zone(zone),
        None => asked.zones.push("UTC".to_owned()),
    }
    Ok(asked)
}
