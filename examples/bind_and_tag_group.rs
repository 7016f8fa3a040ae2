//! Tags nodes with a patch group, each under the key that it needs, and binds the group to a
//! baseline.

use aws_patch_manager::types::OperatingSystem;
use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager};
use futures_util::TryStreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = PatchManager::in_memory();
    let spec = BaselineBuilder::windows_critical_and_security("windows-production", 7).build()?;
    let baseline = manager.ensure_baseline(&spec).await?.id;

    let group = PatchGroup::new("production")?;
    let binding = manager.bind_patch_group(&group, &baseline).await?;
    println!("{group} and {baseline}: {binding}\n");

    let nodes = manager.list_nodes();
    let nodes: Vec<_> = nodes.map_ok(|node| node.instance_id).try_collect().await?;
    println!("{}", manager.tag_nodes(&group, &nodes).await?);

    for os in [OperatingSystem::Windows, OperatingSystem::Ubuntu] {
        let used = manager.baseline_for_group(&group, os.clone()).await?;
        println!("{os:<8} {}", used.baseline_id);
    }
    Ok(())
}
