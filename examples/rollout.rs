//! Previews a rollout over 40 nodes in three waves, and carries it out. The gate of the second wave
//! fails, because the service on its nodes breaks. When it is repaired, another process takes the
//! rollout up from its file.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::memory::{FleetNode, InstalledPackage};
use aws_patch_manager::rollout::{
    Gate, Health, HealthCheck, LimitPer, PatchedWave, Rollout, RolloutOutcome, RolloutRun,
    RolloutState, RolloutStore, Wave,
};
use aws_patch_manager::{Error, ErrorKind, MemoryBackend, PatchGroup, PatchManager, PatchRequest};
use futures_util::TryStreamExt;

/// A file that always has a whole state: the new one is on the disk before it takes the place of the
/// old one.
#[derive(Debug, Clone)]
struct StateFile(PathBuf);

impl StateFile {
    fn write(&self, json: &str) -> std::io::Result<()> {
        let next = self.0.with_extension("next");
        let mut file = File::create(&next)?;
        file.write_all(json.as_bytes())?;
        file.sync_all()?;
        fs::rename(next, &self.0)
    }

    fn read(&self) -> Result<RolloutState, Box<dyn std::error::Error>> {
        Ok(RolloutState::from_json(&fs::read_to_string(&self.0)?)?)
    }
}

#[async_trait]
impl RolloutStore for StateFile {
    async fn save(&self, state: &RolloutState) -> aws_patch_manager::Result<()> {
        let failed = |error| Error::new(ErrorKind::Other, "not saved").with_source(error);
        self.write(&state.to_json()?).map_err(failed)
    }
}

/// How many errors a second the service on the nodes has; in your program, from its metrics.
#[derive(Debug)]
struct ErrorRate(f64);

#[async_trait]
impl HealthCheck for ErrorRate {
    async fn check(&self, wave: &PatchedWave) -> aws_patch_manager::Result<Health> {
        let ErrorRate(rate) = self;
        Ok(match *rate < 1.0 {
            true => Health::Healthy,
            false => Health::unhealthy(format!("{rate} errors a second after {}", wave.name)),
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account = fleet();
    let manager = PatchManager::from_memory(&account);
    let folder = std::env::temp_dir().join(format!("rollout-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let file = StateFile(folder.join("june.json"));

    // The first process: it begins the rollout, and halts at the gate of the second wave.
    let rollout = Rollout::new("june")
        .target(PatchGroup::new("web")?)
        .limit(2, LimitPer::Tag("Cluster".to_owned()))
        .wave(Wave::share("canary", 5).bake(Duration::from_hours(12)))
        .wave(
            Wave::share("early", 25)
                .gate(
                    Gate::new(90)
                        .all_compliant()
                        .online_within(Duration::from_mins(15))
                        .healthy(),
                )
                .bake(Duration::from_hours(24)),
        )
        .wave(Wave::rest("rest").gate(Gate::new(95)));
    // A preview knows what the last scan has found.
    let scan = PatchRequest::scan().patch_group(&PatchGroup::new("web")?);
    let scan = manager.run(&scan).await?;
    scan.wait(Duration::from_hours(1)).await?;
    println!("{}\n", rollout.preview(&manager).await?.to_markdown());
    let state = rollout.begin(&manager).await?;
    let halted = carry_on(&manager, state, &file, ErrorRate(5.0)).await?;
    assert!(!halted.is_completed());
    println!("\n{halted}");

    // The second process, after the service was repaired: it reads the file, and the gate is decided
    // again. No node gets a second command.
    let mut state = file.read()?;
    state.resume();
    let outcome = carry_on(&manager, state, &file, ErrorRate(0.2)).await?;
    assert!(outcome.is_completed());
    println!("\n{}", outcome.to_markdown());
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Carries a rollout on as far as it goes, and prints what happens.
async fn carry_on(
    manager: &PatchManager,
    state: RolloutState,
    file: &StateFile,
    errors: ErrorRate,
) -> Result<RolloutOutcome, Box<dyn std::error::Error>> {
    let run = RolloutRun::new(manager, state, file.clone()).health_check(errors);
    let mut events = run.events();
    while let Some(event) = events.try_next().await? {
        println!("{event}");
    }
    Ok(file.read()?.outcome())
}

/// Forty nodes in three clusters. On one of them, a patch cannot be installed.
fn fleet() -> MemoryBackend {
    let account = MemoryBackend::new();
    for number in 0..40 {
        let cluster = ["blue", "green", "red"][number % 3];
        let old = InstalledPackage::rpm("openssl", 1, "3.2.2", "1.amzn2023.0.2", "x86_64");
        let node = FleetNode::amazon_linux_2023(format!("i-{number:017x}"))
            .with_tag("Patch Group", "web")
            .with_tag("Cluster", cluster)
            .with_installed(old);
        account.add_node(match number {
            7 => node.with_failing_patch("openssl.x86_64"),
            _ => node,
        });
    }
    account.advance(Duration::from_hours(7 * 24));
    account
}
