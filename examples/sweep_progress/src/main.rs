//! A sweep over 4,000 nodes with a progress bar: the number of nodes listed and answered, of calls,
//! and of throttled calls.
//!
//! `cargo run --package patch-manager-sweep-progress`. If stderr is not a terminal, it prints a
//! line from time to time. The account is in memory: each call takes 100 ms, and some are
//! throttled.

mod account;

use std::io::IsTerminal;
use std::time::Duration;

use aws_patch_manager::compliance::ComplianceSummary;
use aws_patch_manager::manager::{ComplianceSweep, SweepFailure};
use aws_patch_manager::{ComplianceQuery, Progress, ProgressWatch};
use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};

const NODES: usize = 4_000;

const BAR: &str = "{bar:40} {pos} of {len} nodes, {msg}";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = account::scanned(NODES).await?;
    // Few calls at a time, so that the progress is visible.
    let query = ComplianceQuery::fleet().concurrency(4);
    print!("{}", query.explain(NODES));

    let sweep = manager.sweep(&query);
    let watch = sweep.watch();
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(BAR)?);
    let shown = tokio::spawn(show(watch.clone(), bar.clone()));
    let (summary, failures) = count(sweep).await;
    shown.abort();
    bar.finish_and_clear();

    let progress = watch.progress();
    println!("{} nodes, {}", progress.done, calls(&progress));
    println!("{summary}");
    for failure in failures {
        println!("no answer: {failure}");
    }
    Ok(())
}

async fn count(mut sweep: ComplianceSweep) -> (ComplianceSummary, Vec<SweepFailure>) {
    let (mut summary, mut failures) = (ComplianceSummary::default(), Vec::new());
    while let Some(answer) = sweep.next().await {
        match answer {
            Ok(node) => summary.add(&node),
            Err(failure) => failures.push(failure),
        }
    }
    (summary, failures)
}

/// Shows the progress of the sweep until the task is aborted. The bar is only drawn on a terminal.
async fn show(watch: ProgressWatch, bar: ProgressBar) {
    let on_terminal = std::io::stderr().is_terminal();
    let every = if on_terminal { 50 } else { 500 };
    let mut ticks = tokio::time::interval(Duration::from_millis(every));
    loop {
        ticks.tick().await;
        let progress = watch.progress();
        bar.set_length(progress.known as u64);
        bar.set_position(progress.done as u64);
        bar.set_message(calls(&progress));
        if !on_terminal {
            let (done, known) = (progress.done, progress.known);
            println!("{done} of {known} nodes, {}", calls(&progress));
        }
    }
}

fn calls(progress: &Progress) -> String {
    let listing = if progress.total.is_some() {
        ""
    } else {
        ", more to come"
    };
    let (calls, throttled) = (progress.calls, progress.throttled);
    format!("{calls} calls, {throttled} throttled{listing}")
}
