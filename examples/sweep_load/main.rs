//! How long a sweep over a large fleet takes, beside what one would write by hand: over HTTP on
//! this machine, with a set latency for each call.
//!
//! `cargo run --release --example sweep_load --features ec2,emulator,default-https-client --
//! --nodes 1000,10000 --latency-ms 20`. The boto3 loop takes part where `PYTHON` (or `python3`) has
//! boto3. Server and contestants are processes of their own, so that none pays for another.

mod contestants;
mod options;
mod server;
mod usage;

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use contestants::CONTESTANTS;
use options::Options;

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
        "{:<14} {:>7} {:>6} {:>9} {:>9} {:>11} {:>9}",
        "", "nodes", "calls", "wall", "CPU", "CPU/call", "peak"
    );
    for nodes in &options.nodes {
        let (mut server, endpoint) = start(*nodes, latency)?;
        for name in CONTESTANTS {
            let mut contestant = Command::new(std::env::current_exe()?);
            contestant.args(["contend", name, &endpoint]);
            tell(name, contestant)?;
        }
        let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut boto3 = Command::new(python);
        boto3.args(["-B", BOTO3, &endpoint]);
        if let Err(absent) = tell("boto3 loop", boto3) {
            println!("boto3 loop: left out: {absent}");
        }
        server.kill()?;
        server.wait()?;
    }
    Ok(())
}

/// The server in a process of its own, once its fleet is there.
fn start(nodes: usize, latency_ms: u64) -> Result<(Child, String), Box<dyn Error>> {
    let mut server = Command::new(std::env::current_exe()?)
        .args(["serve", &nodes.to_string(), &latency_ms.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut endpoint = String::new();
    let told = server.stdout.take().ok_or("the server says nothing")?;
    BufReader::new(told).read_line(&mut endpoint)?;
    Ok((server, endpoint.trim().to_owned()))
}

/// Runs a contestant, and prints its line: nodes, calls, wall and CPU in milliseconds, peak in KiB.
fn tell(name: &str, mut contestant: Command) -> Result<(), Box<dyn Error>> {
    let output = contestant.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let figures: Vec<f64> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [nodes, calls, wall, cpu, peak] = figures[..] else {
        return Err(format!("{name} printed {text:?}").into());
    };
    let (wall, each, peak) = (wall / 1000.0, cpu / calls, peak / 1024.0);
    println!(
        "{name:<14} {nodes:>7} {calls:>6} {wall:>7.2} s {cpu:>6.0} ms {each:>8.2} ms {peak:>5.0} MiB"
    );
    Ok(())
}
