//! Development is patched, what it approved is frozen, and production gets that a week later. A check
//! shows a patch that development has not run yet.
//!
//! `cargo run --example promotion`

use std::time::Duration;

use aws_patch_manager::memory::{FleetFile, FleetNode};
use aws_patch_manager::promotion::{Promotion, PromotionQuery};
use aws_patch_manager::types::{NodeId, OperatingSystem};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, MemoryBackend, PatchManager, PatchRequest, RuleBuilder,
};

const DEVELOPMENT: &str = "i-0de00000000000001";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![FleetNode::windows_server_2022(DEVELOPMENT)];
    let account = MemoryBackend::builder().fleet(fleet).build();
    let manager = PatchManager::from_memory(&account);

    // Development takes security updates after three days.
    let rule = RuleBuilder::new()
        .classifications(["SecurityUpdates"])
        .approve_after_days(3);
    let spec = BaselineBuilder::new("dev-windows", OperatingSystem::Windows).rule(rule);
    let id = manager.ensure_baseline(&spec.build()?).await?.id;
    manager.set_default_baseline(&id).await?;
    let install = PatchRequest::install().nodes([NodeId::new(DEVELOPMENT)]);
    let run = manager.run(&install).await?;
    run.wait(Duration::from_secs(3 * 3600)).await?;

    let development = manager.baseline(&id).await?;
    let day = jiff::tz::TimeZone::UTC
        .to_datetime(account.clock().now())
        .date();
    let frozen = Promotion::new(&development, "prod-windows")
        .description("What development approved")
        .freeze(day)?;
    println!("{frozen}");

    // A week later production may have what is frozen. With the same rules it would get more.
    account.advance(Duration::from_secs(7 * 24 * 3600));
    let nodes = ComplianceQuery::nodes([NodeId::new(DEVELOPMENT)]);
    let query = PromotionQuery::new(&id, &frozen.spec, nodes.clone());
    println!("{}", query.explain(1, 40));
    let check = manager.check_promotion(&query).await?;
    println!("{check}ready: {}\n", check.is_ready());

    let thawed = PromotionQuery::new(&id, &development, nodes);
    let check = manager.check_promotion(&thawed).await?;
    println!("{check}ready: {}", check.is_ready());

    manager.ensure_baseline(&frozen.spec).await?;
    Ok(())
}
