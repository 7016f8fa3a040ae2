//! The command line.

use std::fs;

use aws_patch_manager::memory::FleetFile;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Patches a fleet in memory, from nothing to a compliance report. No AWS account is needed.

Usage: cargo run --example patch_fleet -- [OPTIONS]

Options:
  --start DATE   the day on which the clock starts, at 00:00 UTC [default: 2026-05-14]
  --days N       the number of days to simulate, 1 to 366 [default: 11]
  --fleet FILE   a fleet as JSON in AWS's own shapes [default: the shipped sample;
                 its file, src/memory/sample/fleet.json, shows the form]
  --help         prints this
";

const SAMPLE: &str = include_str!("../../../src/memory/sample/fleet.json");
const DEFAULT_START: &str = "2026-05-14";
const DEFAULT_DAYS: u32 = 11;

/// What the program should do.
#[derive(Debug)]
pub(crate) enum Request {
    /// Print the help.
    Help,
    /// Run the scenario.
    Run(Box<Scenario>),
}

/// The program's input.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// When the clock starts.
    pub(crate) start: Timestamp,
    /// The number of days.
    pub(crate) days: u32,
    /// The source of the fleet.
    pub(crate) source: String,
    /// The fleet.
    pub(crate) fleet: FleetFile,
}

/// Reads the arguments after the program's name.
pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Request, String> {
    let mut start = DEFAULT_START.to_owned();
    let mut days = DEFAULT_DAYS.to_string();
    let mut file = None;
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let (name, inline) = match arg.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        if matches!(name.as_str(), "--help" | "-h") {
            return Ok(Request::Help);
        }
        let slot = match name.as_str() {
            "--start" => &mut start,
            "--days" => &mut days,
            "--fleet" => file.insert(String::new()),
            _ => {
                return Err(format!(
                    "unknown argument `{name}`; --help lists the options"
                ));
            }
        };
        *slot = inline
            .or_else(|| args.next())
            .ok_or_else(|| format!("{name} needs a value; --help shows which"))?;
    }
    let (source, json) = match file {
        Some(file) => read(file)?,
        None => ("the shipped sample".to_owned(), SAMPLE.to_owned()),
    };
    Ok(Request::Run(Box::new(Scenario {
        start: midnight(&start)?,
        days: whole_days(&days)?,
        fleet: serde_json::from_str(&json).map_err(|error| format!("{source}: {error}"))?,
        source,
    })))
}

fn read(file: String) -> Result<(String, String), String> {
    match fs::read_to_string(&file) {
        Ok(json) => Ok((file, json)),
        Err(error) => Err(format!("{file}: {error}")),
    }
}

fn midnight(text: &str) -> Result<Timestamp, String> {
    let refuse = || format!("--start takes a date such as {DEFAULT_START}, not `{text}`");
    let date: Date = text.parse().map_err(|_| refuse())?;
    let midnight = date
        .to_zoned_datetime(TimeZone::UTC)
        .map_err(|_| refuse())?;
    Ok(midnight.timestamp())
}

fn whole_days(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(days @ 1..=366) => Ok(days),
        _ => Err(format!(
            "--days takes a whole number from 1 to 366, not `{text}`"
        )),
    }
}
