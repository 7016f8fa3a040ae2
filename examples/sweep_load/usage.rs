use std::time::Instant;

/// What a process has used from the start on.
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

    /// Prints what the parent reads: nodes, calls, wall and CPU in milliseconds, peak in KiB.
    pub(crate) fn tell(&self, nodes: usize, calls: usize) {
        let wall = self.begun.elapsed().as_secs_f64() * 1000.0;
        let cpu = cpu_ms() - self.cpu_ms;
        println!("{nodes} {calls} {wall:.1} {cpu:.0} {}", peak_kib());
    }
}

/// User and system time so far, as Linux counts it: in ticks of 10 ms.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = after_name.split(' ').skip(11).take(2);
    10.0 * ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.and_then(|line| line.split_whitespace().next());
    figure
        .and_then(|figure| figure.parse().ok())
        .unwrap_or_default()
}
