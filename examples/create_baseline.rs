//! Creates a baseline, and shows the errors of one with mistakes, before any call.

use aws_patch_manager::baseline::PatchAction;
use aws_patch_manager::types::{OperatingSystem, PatchComplianceLevel};
use aws_patch_manager::{BaselineBuilder, PatchManager, RuleBuilder};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = PatchManager::in_memory();

    let security = RuleBuilder::new()
        .classifications(["Security"])
        .severities(["Critical", "Important"])
        .approve_after_days(7)
        .compliance_level(PatchComplianceLevel::Critical);
    let fixes = RuleBuilder::new()
        .classifications(["Bugfix"])
        .approve_after_days(14);
    let spec = BaselineBuilder::new("al2023-production", OperatingSystem::AmazonLinux2023)
        .description("Security after a week, bug fixes after two")
        .rule(security)
        .rule(fixes)
        .reject_patches(["kernel-6.1.164-*"])
        .rejected_patches_action(PatchAction::Block)
        .build()?;

    // If the program runs twice against one account, there is still one baseline.
    for _ in 0..2 {
        let ensured = manager.ensure_baseline(&spec).await?;
        println!("{ensured}");
    }

    let security = RuleBuilder::new()
        .msrc_severities(["critical"])
        .approve_after_days(361);
    let mistaken = BaselineBuilder::new("x", OperatingSystem::Windows)
        .rule(security)
        .build();
    match mistaken {
        Ok(_) => return Err("a baseline with mistakes was built".into()),
        Err(error) => println!("\n{error}"),
    }
    Ok(())
}
