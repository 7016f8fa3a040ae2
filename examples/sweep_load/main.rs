//! The time of a sweep over a large fleet, compared with a hand-written loop: over HTTP on this
//! machine, with a fixed latency for each call.
//!
//! `cargo run --release --example sweep_load --features ec2,emulator,default-https-client --
//! --nodes 1000,10000 --latency-ms 20`. The boto3 loop takes part if `PYTHON` (or `python3`) has
//! boto3. The server and each contestant are separate processes, so none uses another's time. With
//! `aws` instead of `ec2`, the SDK for EC2 is not compiled and the contestants that ask it are left out.
//!
//! With `--exposure` it times an exposure of the nodes and the same calls of the SDK alone instead, and prints the bound: a tenth more than
//! its calls take if all that may be in flight always are.

mod contestants;
mod options;
mod server;
mod usage;

use std::error::Error;
use std::process::{Command, Stdio};

use contestants::{AT_A_TIME, CONTESTANTS, EXPOSURE, RAW_EXPOSURE};
use options::Options;
use server::Server;

/// Makes glibc give freed memory back at once, to each contestant alike. By default it keeps what was freed
/// between two pages, and more of it the larger the blocks were: then the peak says what the allocator keeps.
const ALLOCATOR: [(&str, &str); 2] = [
    ("MALLOC_MMAP_THRESHOLD_", "32768"),
    ("MALLOC_TRIM_THRESHOLD_", "65536"),
];

const BOTO3: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3/sweep_loop.py");

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", nodes, latency] => server::serve(nodes.parse()?, latency.parse()?),
        ["contend", name, endpoint] => contestants::contend(name, endpoint),
        _ => {
            let options = Options::parse(&words)?;
            match options.exposure {
                true => expose(&options),
                false => compare(&options),
            }
        }
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
        for name in CONTESTANTS.iter().copied() {
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

/// Times an exposure of each number of nodes.
fn expose(options: &Options) -> Result<(), Box<dyn Error>> {
    println!(
        "{:<14} {:>7} {:>6} {:>9} {:>9} {:>9}",
        "", "nodes", "calls", "wall", "bound", "CPU"
    );
    for nodes in &options.nodes {
        let mut server = Server::start(*nodes, options.latency_ms)?;
        for name in [EXPOSURE, RAW_EXPOSURE] {
            let mut contestant = Command::new(std::env::current_exe()?);
            contestant.args(["contend", name, server.endpoint()]);
            let Figures {
                nodes,
                wall,
                cpu,
                calls,
                ..
            } = run(name, contestant, &mut server)?;
            let in_a_row = calls.div_ceil(AT_A_TIME);
            let bound = f64::from(in_a_row) * options.latency_ms as f64 * 1.1 / 1000.0;
            println!("{name:<14} {nodes:>7} {calls:>6} {wall:>7.2} s {bound:>7.2} s {cpu:>6.0} ms");
        }
    }
    Ok(())
}

/// What a contestant reports, and the number of its calls.
struct Figures {
    nodes: f64,
    /// In seconds.
    wall: f64,
    /// In milliseconds.
    cpu: f64,
    /// In MiB.
    peak: f64,
    calls: u32,
}

/// Runs a contestant, and prints its line.
fn tell(name: &str, contestant: Command, server: &mut Server) -> Result<(), Box<dyn Error>> {
    let Figures {
        nodes,
        wall,
        cpu,
        peak,
        calls,
    } = run(name, contestant, server)?;
    let each = cpu / f64::from(calls);
    println!(
        "{name:<14} {nodes:>7} {calls:>6} {wall:>7.2} s {cpu:>6.0} ms {each:>8.3} ms {peak:>7.1} MiB"
    );
    Ok(())
}

/// Runs a contestant. It reports nodes, wall and CPU time in milliseconds, and peak memory in KiB. The
/// server reports the number of calls.
fn run(
    name: &str,
    mut contestant: Command,
    server: &mut Server,
) -> Result<Figures, Box<dyn Error>> {
    contestant.envs(ALLOCATOR).stderr(Stdio::inherit());
    let output = contestant.output()?;
    let calls = server.calls_since()?;
    let text = String::from_utf8(output.stdout)?;
    let figures: Vec<f64> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [nodes, wall, cpu, peak] = figures[..] else {
        return Err(format!("{name} printed {text:?}").into());
    };
    Ok(Figures {
        nodes,
        wall: wall / 1000.0,
        cpu,
        peak: peak / 1024.0,
        calls,
    })
}
