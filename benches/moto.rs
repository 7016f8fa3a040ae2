//! Moto, in a Python process of its own, timed by itself: without HTTP, as a Python test would have it.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

pub struct Moto {
    child: Child,
    asked: ChildStdin,
    told: Lines<BufReader<ChildStdout>>,
}

impl Moto {
    /// `None` if the Python that the variable `PYTHON` names, or else `python3`, has no moto.
    pub fn start() -> Option<Self> {
        let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut child = Command::new(python)
            .args(["-c", include_str!("moto.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let asked = child.stdin.take()?;
        let mut told = BufReader::new(child.stdout.take()?).lines();
        let first = told.next()?.ok()?;
        (first == "ready").then_some(Self { child, asked, told })
    }

    /// How long it takes to start these nodes, and then to run a command on all of them.
    pub fn timed(&mut self, nodes: usize) -> Option<[Duration; 2]> {
        writeln!(self.asked, "{nodes}").ok()?;
        let told = self.told.next()?.ok()?;
        let mut seconds = told.split_whitespace().filter_map(|one| one.parse().ok());
        let mut next = || seconds.next().map(Duration::from_secs_f64);
        Some([next()?, next()?])
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
