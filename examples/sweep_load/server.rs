use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::CommandRunner;
use aws_patch_manager::backend::layer::FaultScope;
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::memory::{FleetFile, FleetNode};
use aws_patch_manager::operation::SendCommand;
use aws_patch_manager::types::{MaxConcurrency, MaxErrors, NodeId, PatchOperation};
use aws_patch_manager::{Clock, MemoryBackend, SystemClock};
use jiff::Timestamp;

/// The clock is manual, but the latency of a call takes real time.
#[derive(Debug)]
struct LoadClock {
    second: AtomicI64,
}

#[async_trait]
impl Clock for LoadClock {
    fn now(&self) -> Timestamp {
        let second = self.second.load(Ordering::Relaxed);
        Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
    }

    async fn sleep(&self, duration: Duration) {
        SystemClock::new().sleep(duration).await;
    }
}

/// The server in a separate process, which ends when this is dropped.
pub(crate) struct Server {
    process: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    endpoint: String,
}

impl Server {
    /// Waits until its fleet is ready.
    pub(crate) fn start(nodes: usize, latency_ms: u64) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", &nodes.to_string(), &latency_ms.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let asks = process.stdin.take().ok_or("the server has no input")?;
        let answers = process.stdout.take().ok_or("the server has no output")?;
        let mut server = Self {
            process,
            asks,
            answers: BufReader::new(answers),
            endpoint: String::new(),
        };
        server.endpoint = server.line()?;
        Ok(server)
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The number of calls since the last time.
    pub(crate) fn calls_since(&mut self) -> Result<u32, Box<dyn Error>> {
        writeln!(self.asks)?;
        Ok(self.line()?.parse()?)
    }

    fn line(&mut self) -> Result<String, Box<dyn Error>> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves a fleet of scanned nodes until its input ends. For each input line it prints the number
/// of calls since the last line.
pub(crate) fn serve(nodes: usize, latency_ms: u64) -> Result<(), Box<dyn Error>> {
    let ids: Vec<NodeId> = (0..nodes)
        .map(|number| NodeId::new(format!("i-{number:017x}")))
        .collect();
    let clock = Arc::new(LoadClock {
        second: AtomicI64::new(1_780_000_000),
    });
    let mut fleet = FleetFile::default();
    fleet.nodes = ids.iter().map(FleetNode::amazon_linux_2023).collect();
    let backend = MemoryBackend::builder()
        .clock(clock.clone())
        .fleet(fleet)
        .build();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(scan(&backend, &clock, &ids))?;
    backend.clear_calls();
    backend
        .faults()
        .delay(FaultScope::Any, Duration::from_millis(latency_ms))
        .always();
    let emulator = Emulator::start(backend.clone())?;
    println!("{}", emulator.endpoint());
    for line in std::io::stdin().lines() {
        line?;
        println!("{}", backend.calls().len());
        backend.clear_calls();
    }
    Ok(())
}

/// Scans every node, 50 at a time.
async fn scan(
    backend: &MemoryBackend,
    clock: &LoadClock,
    ids: &[NodeId],
) -> aws_patch_manager::Result<()> {
    for batch in ids.chunks(50) {
        let mut scan = SendCommand::run_patch_baseline(PatchOperation::Scan);
        scan.instance_ids = batch.to_vec();
        scan.max_concurrency = Some(MaxConcurrency::Percent(100));
        scan.max_errors = Some(MaxErrors::Percent(100));
        backend.send_command(scan).await?;
        clock.second.fetch_add(600, Ordering::Relaxed);
    }
    Ok(())
}
