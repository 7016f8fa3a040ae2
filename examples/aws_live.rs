//! The five steps against whatever the environment points to: an account, or the emulator by
//! `AWS_ENDPOINT_URL`. `--dry-run` reads only, and says what it would do. `--group NAME` names the
//! patch group.

use std::error::Error;
use std::time::Duration;

use aws_patch_manager::baseline::BaselineSpec;
use aws_patch_manager::operation::RebootOption;
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{BaselineId, MaxErrors, NodeId, OperatingSystem};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, PatchGroup, PatchManager, PatchRequest, PolicySchedule,
};
use futures_util::TryStreamExt;

type Done<T> = Result<T, Box<dyn Error>>;

struct Options {
    dry_run: bool,
    group: PatchGroup,
}

fn options() -> Done<Options> {
    let mut options = Options {
        dry_run: false,
        group: PatchGroup::new("aws-live")?,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--dry-run" => options.dry_run = true,
            "--group" => {
                options.group = PatchGroup::new(words.next().ok_or("--group needs a name")?)?;
            }
            other => return Err(format!("`{other}`: only --dry-run and --group NAME").into()),
        }
    }
    Ok(options)
}

fn baselines() -> Done<Vec<BaselineSpec>> {
    Ok(vec![
        BaselineBuilder::windows_critical_and_security("aws-live-windows", 7).build()?,
        BaselineBuilder::amazon_linux_2023_security("aws-live-al2023", 7).build()?,
    ])
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done<()> {
    let options = options()?;
    let manager = PatchManager::from_env().await;
    let nodes: Vec<NodeId> = manager
        .list_nodes(Vec::new())
        .map_ok(|node| node.instance_id)
        .try_collect()
        .await?;
    println!("{} managed nodes", nodes.len());
    println!("{}\n", manager.check_prerequisites(&nodes).await?);
    if options.dry_run {
        return plan(&options.group, &nodes);
    }

    let mut bound: Vec<(OperatingSystem, BaselineId, String)> = Vec::new();
    for spec in baselines()? {
        let ensured = manager.ensure_baseline(&spec).await?;
        let binding = manager
            .bind_patch_group(&options.group, &ensured.id)
            .await?;
        println!(
            "{} {:?}, {binding:?} to {}",
            ensured.id, ensured.change, options.group
        );
        bound.push((spec.operating_system(), ensured.id, spec.name));
    }
    print!("{}", manager.tag_nodes(&options.group, &nodes).await?);
    apply_policy(&manager, &bound).await?;
    scan(&manager, nodes).await?;
    println!(
        "{}",
        manager.compliance_summary(&ComplianceQuery::all()).await?
    );
    clean_up(&options.group, &bound);
    Ok(())
}

fn plan(group: &PatchGroup, nodes: &[NodeId]) -> Done<()> {
    println!("dry run; without --dry-run this would");
    for spec in baselines()? {
        println!(
            "- make the baseline {} and bind the group {group} to it",
            spec.name
        );
    }
    println!("- tag {} nodes with the group", nodes.len());
    println!(
        "- make a patch policy that scans daily and installs on Sundays, where AWS_ACCOUNT_ID is set"
    );
    println!("- scan the nodes once, and report");
    Ok(())
}

async fn apply_policy(
    manager: &PatchManager,
    bound: &[(OperatingSystem, BaselineId, String)],
) -> Done<()> {
    if std::env::var_os("AWS_ACCOUNT_ID").is_none() {
        println!("no patch policy: AWS_ACCOUNT_ID is not set");
        return Ok(());
    }
    let schedule = PolicySchedule::daily_scan_weekly_install("aws-live")
        .reboot(RebootOption::RebootIfNeeded)
        .targets(PolicyTargets::All);
    let policy = bound
        .iter()
        .fold(schedule, |schedule, (os, id, name)| {
            schedule.baseline(os.clone(), id.clone(), name)
        })
        .build()?;
    let applied = manager.apply_policy(&policy).await?;
    println!("{} {:?}", applied.arn, applied.change);
    Ok(())
}

async fn scan(manager: &PatchManager, nodes: Vec<NodeId>) -> Done<()> {
    let request = PatchRequest::scan()
        .nodes(nodes)
        .max_errors(MaxErrors::Percent(100));
    let run = manager.run(&request).await?;
    println!("{}", run.wait(Duration::from_secs(3 * 3600)).await?);
    Ok(())
}

fn clean_up(group: &PatchGroup, bound: &[(OperatingSystem, BaselineId, String)]) {
    println!("\nto undo it, once the policy is deleted in Quick Setup:");
    for (_, id, _) in bound {
        println!(
            "  aws ssm deregister-patch-baseline-for-patch-group --patch-group '{group}' --baseline-id {id}"
        );
        println!("  aws ssm delete-patch-baseline --baseline-id {id}");
    }
}
