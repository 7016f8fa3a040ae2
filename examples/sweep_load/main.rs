//! The time of a sweep over a large fleet, compared with a hand-written loop: over HTTP on this
//! machine, with a fixed latency for each call.
//!
//! `cargo run --release --example sweep_load --features ec2,emulator,default-https-client --
//! --nodes 1000,10000 --latency-ms 20`. The boto3 loop takes part if `PYTHON` (or `python3`) has
//! boto3. The server and each contestant are separate processes, so none uses another's time.

mod contestants;
mod options;
mod server;
mod usage;

use std::error::Error;
use std::process::{Command, Stdio};

use contestants::CONTESTANTS;
use options::Options;
use server::Server;

const BOTO3: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3/sweep_loop.py");

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", nodes, latency] => server::serve(nodes.parse()?, latency.parse()?),
        ["contend", name, endpoint] => contestants::contend(name, endpoint),
        _ => compare(&Options::parse(&words)?),
    }
}

fn compare(options: &Options) -> Result<(), Box<dyn Error>> {
    let latency = options.latency_ms;
    println!(
        "{:<14} {:>7} {:>6} {:>9} {:>9} {:>11} {:>11}",
        "", "nodes", "calls", "wall", "CPU", "CPU/call", "peak"
    );
    for nodes in &options.nodes {
        let mut server = Server::start(*nodes, latency)?;
        for name in CONTESTANTS {
            let mut contestant = Command::new(std::env::current_exe()?);
            contestant.args(["contend", name, server.endpoint()]);
            tell(name, contestant, &mut server)?;
        }
        let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut boto3 = Command::new(python);
        boto3.args(["-B", BOTO3, server.endpoint()]);
        if let Err(absent) = tell("boto3 loop", boto3, &mut server) {
            println!("boto3 loop: left out: {absent}");
        }
    }
    Ok(())
}

/// Runs a contestant, and prints its line. It reports nodes, wall and CPU time in milliseconds, and
/// peak memory in KiB. The server reports the number of calls.
fn tell(name: &str, mut contestant: Command, server: &mut Server) -> Result<(), Box<dyn Error>> {
    let output = contestant.stderr(Stdio::inherit()).output()?;
    let calls = server.calls_since()?;
    let text = String::from_utf8(output.stdout)?;
    let figures: Vec<f64> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [nodes, wall, cpu, peak] = figures[..] else {
        return Err(format!("{name} printed {text:?}").into());
    };
    let (wall, each, peak) = (wall / 1000.0, cpu / f64::from(calls), peak / 1024.0);
    println!(
        "{name:<14} {nodes:>7} {calls:>6} {wall:>7.2} s {cpu:>6.0} ms {each:>8.3} ms {peak:>7.1} MiB"
    );
    Ok(())
}
