//! Serves a fleet in memory as Systems Manager, Quick Setup and EC2, for any AWS client.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::emulator::Emulator;

/// The interval at which the account's clock advances.
const TICK: Duration = Duration::from_millis(100);

const HELP: &str = "\
Serves a fleet in memory on 127.0.0.1, for boto3, the AWS CLI, Terraform or an SDK.

Usage: cargo run --example emulator --features emulator -- [OPTIONS]

Options:
  --port N         the port [default: a free port]
  --fleet FILE     a fleet as JSON in AWS's own shapes [default: the shipped sample;
                   its file, src/memory/sample/fleet.json, shows the form]
  --speed N        how many times faster than real time the account's clock runs
                   [default: 1]
  --for SECONDS    stop after that many seconds [default: never; stop it with Ctrl-C]
  --help           prints this
";

/// The program's input.
struct Options {
    port: u16,
    speed: u32,
    fleet: Option<String>,
    lifetime: Option<Duration>,
}

/// Reads the arguments after the program's name; `None` is a request for help.
fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Options>, Box<dyn Error>> {
    let mut options = Options {
        port: 0,
        speed: 1,
        fleet: None,
        lifetime: None,
    };
    while let Some(name) = args.next() {
        if matches!(name.as_str(), "--help" | "-h") {
            return Ok(None);
        }
        let mut value = || args.next().ok_or(format!("{name} needs a value"));
        match name.as_str() {
            "--port" => options.port = value()?.parse()?,
            "--speed" => options.speed = value()?.parse()?,
            "--fleet" => options.fleet = Some(value()?),
            "--for" => options.lifetime = Some(Duration::from_secs(value()?.parse()?)),
            _ => {
                return Err(format!("unknown argument `{name}`; --help lists the options").into());
            }
        }
    }
    Ok(Some(options))
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(options) = parse(std::env::args().skip(1))? else {
        print!("{HELP}");
        return Ok(());
    };
    let account = MemoryBackend::builder();
    let account = match &options.fleet {
        Some(file) => account.fleet_json(&std::fs::read_to_string(file)?)?,
        None => account.sample_fleet(),
    };
    let emulator = Emulator::builder()
        .port(options.port)
        .start(account.build())?;
    println!("export AWS_ENDPOINT_URL={}", emulator.endpoint());
    println!("export AWS_REGION=us-east-1");
    println!("export AWS_DEFAULT_REGION=us-east-1");
    println!("export AWS_ACCOUNT_ID=123456789012");
    println!("export AWS_ACCESS_KEY_ID=test");
    println!("export AWS_SECRET_ACCESS_KEY=test");
    let started = Instant::now();
    while options
        .lifetime
        .is_none_or(|lifetime| started.elapsed() < lifetime)
    {
        thread::sleep(TICK);
        emulator.backend().advance(TICK * options.speed);
    }
    Ok(())
}
