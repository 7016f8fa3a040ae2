//! Patches 600 nodes with a progress bar for each long verb: the apply of a plan, the wait for a run, a
//! rollout, a sweep, a mirror. One function shows them all.
//!
//! `cargo run --package patch-manager-progress`. If stderr is not a terminal, it prints a line from time to
//! time. The account is in memory, and some of its calls are throttled.

mod account;

use std::future::ready;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use aws_patch_manager::operation::RunOutcome;
use aws_patch_manager::plan::{DesiredState, MirrorScope, PlanOptions};
use aws_patch_manager::rollout::{InMemoryRolloutStore, Rollout, RolloutOutcome, RolloutRun, Wave};
use aws_patch_manager::{
    ComplianceQuery, PatchGroup, PatchManager, PatchRequest, ProgressWatch, Result,
};
use futures_util::future::join;
use futures_util::{StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};

const NODES: usize = 600;
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How often a line is printed where no bar can be drawn.
const EVERY: Duration = Duration::from_millis(500);
const BAR: &str = "{bar:40} {msg}";

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let manager = account::of(NODES);
    shown("apply", apply(&manager)).await?;
    shown("scan", scan(&manager)).await?;
    shown("rollout", roll_out(&manager)).await?;
    shown("sweep", sweep(&manager)).await;
    let scope = MirrorScope::new().patches();
    shown("mirror", manager.mirror_snapshot(&scope)).await?;
    Ok(())
}

/// A plan that gives 20 patch groups the service's own baselines.
async fn apply(manager: &PatchManager) -> Result<usize> {
    let groups: Vec<String> = (0..20)
        .map(|number| format!(r#""team-{number}": {{"AMAZON_LINUX_2023": "AWS"}}"#))
        .collect();
    let desired = format!(
        r#"{{"Name": "web", "PatchGroups": {{{}}}}}"#,
        groups.join(",")
    );
    let desired = DesiredState::from_json(&desired)?;
    let plan = manager.plan(&desired, PlanOptions::new()).await?;
    let events: Vec<_> = manager.apply(&plan).try_collect().await?;
    Ok(events.len())
}

async fn scan(manager: &PatchManager) -> Result<RunOutcome> {
    let scan = PatchRequest::scan().patch_group(&PatchGroup::new("web")?);
    manager.run(&scan).await?.wait(DAY).await
}

async fn roll_out(manager: &PatchManager) -> Result<RolloutOutcome> {
    let rollout = Rollout::new("june")
        .target(PatchGroup::new("web")?)
        .wave(Wave::share("canary", 5))
        .wave(Wave::rest("rest"));
    let state = rollout.begin(manager).await?;
    RolloutRun::new(manager, state, InMemoryRolloutStore::new())
        .finish()
        .await
}

async fn sweep(manager: &PatchManager) -> usize {
    // Few calls at a time, so that the progress is visible.
    let answers = manager.sweep(&ComplianceQuery::fleet().concurrency(2));
    answers.filter(|answer| ready(answer.is_ok())).count().await
}

/// Does work, and shows how far it is. The bar is only drawn on a terminal.
async fn shown<T>(title: &'static str, work: impl Future<Output = T>) -> T {
    let watch = ProgressWatch::new();
    let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(0).with_style(style);
    let (done, ()) = join(watch.during(work), show(title, &watch, &bar)).await;
    bar.finish_and_clear();
    println!("{title}: {}", watch.progress());
    done
}

async fn show(title: &str, watch: &ProgressWatch, bar: &ProgressBar) {
    let mut changes = watch.changes();
    let mut printed = Instant::now();
    while let Some(progress) = changes.next().await {
        bar.set_length(progress.known as u64);
        bar.set_position(progress.done as u64);
        bar.set_message(format!("{title}: {progress}"));
        if !std::io::stderr().is_terminal() && printed.elapsed() > EVERY {
            println!("{title}: {progress}");
            printed = Instant::now();
        }
    }
}
