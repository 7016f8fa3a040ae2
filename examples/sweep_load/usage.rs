use std::time::Instant;

/// The resources that the process has used since its start.
pub(crate) struct Usage {
    begun: Instant,
    cpu_ms: f64,
}

impl Usage {
    pub(crate) fn begin() -> Self {
        Self {
            begun: Instant::now(),
            cpu_ms: cpu_ms(),
        }
    }

    /// Prints the line that the parent reads: nodes, wall and CPU in milliseconds, peak in KiB.
    pub(crate) fn tell(&self, nodes: usize) {
        let wall = self.begun.elapsed().as_secs_f64() * 1000.0;
        let cpu = cpu_ms() - self.cpu_ms;
        println!("{nodes} {wall:.1} {cpu:.1} {}", peak_kib());
    }
}

/// The processor time of all threads, which Linux counts in nanoseconds.
fn cpu_ms() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let spent = threads.flatten().filter_map(|thread| {
        let counted = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        counted.split(' ').next()?.parse::<f64>().ok()
    });
    spent.sum::<f64>() / 1_000_000.0
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.and_then(|line| line.split_whitespace().next());
    figure
        .and_then(|figure| figure.parse().ok())
        .unwrap_or_default()
}
