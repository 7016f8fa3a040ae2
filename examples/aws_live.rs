//! The five steps against the account of the environment variables, or against the emulator.

use std::time::Duration;

use aws_patch_manager::baseline::BaselineSpec;
use aws_patch_manager::prerequisites::Prerequisites;
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{
    BaselineFilter, InstanceInformation, MaxErrors, NodeFilter, NodeId, OperatingSystem as Os,
    PingStatus, Tag,
};
use aws_patch_manager::{BaselineBuilder, ComplianceQuery, PatchGroup, PatchGroupTagKey};
use aws_patch_manager::{PatchManager, PatchRequest, PolicySchedule};
use futures_util::TryStreamExt;

const HELP: &str = "\
Checks the prerequisites, then runs the five steps, on the account of AWS_PROFILE, AWS_REGION and so on, or on AWS_ENDPOINT_URL.
Creates two baselines, a patch group, tags and a patch policy (if AWS_ACCOUNT_ID is set), and scans.
Uses up to 25 Windows and Amazon Linux 2023 nodes that are online and in no other patch group.

Usage: cargo run --example aws_live --features ec2,default-https-client -- [OPTIONS]

Options:
  --dry-run      only read, and print what would be done
  --group NAME   the patch group [default: aws-live]
  --help         prints this
";

type Done<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("aws_live: {error}");
        std::process::exit(1);
    }
}

async fn run() -> Done<()> {
    let (mut group, mut dry_run) = ("aws-live".to_owned(), false);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--dry-run" => dry_run = true,
            "--group" => group = args.next().ok_or("--group needs a name")?,
            "--help" | "-h" => {
                print!("{HELP}");
                return Ok(());
            }
            _ => return Err(format!("unknown argument `{arg}`; see --help").into()),
        }
    }
    let group = PatchGroup::new(group)?;
    let windows = BaselineBuilder::windows_critical_and_security(format!("{group}-windows"), 7);
    let linux = BaselineBuilder::amazon_linux_2023_security(format!("{group}-al2023"), 7);
    let (windows, linux) = (windows.build()?, linux.build()?);
    let specs = [(Os::Windows, windows), (Os::AmazonLinux2023, linux)];
    let manager = PatchManager::from_env().await;
    let nodes = nodes(&manager, &group).await?;
    let question = Prerequisites::nodes(nodes.clone()).ignore_scan_age();
    println!("0. {}", manager.check_prerequisites(&question).await?);
    if dry_run {
        println!("Dry run: nothing is changed. Without --dry-run, these steps follow:");
        for (_, BaselineSpec { name, .. }) in &specs {
            let named = [BaselineFilter::name_prefix([name])];
            let found: Vec<_> = manager.list_baselines_with(named).try_collect().await?;
            let verb = if found.is_empty() { "create" } else { "check" };
            println!("1. {verb} the baseline {name}\n2. bind the patch group {group} to it");
        }
        nodes.iter().for_each(|node| println!("3. tag {node}"));
        println!("4. apply the patch policy {group}, and scan these nodes");
    } else {
        carry_out(&manager, &group, &specs, &nodes).await?;
    }
    let query = ComplianceQuery::nodes(nodes);
    println!("5. {}", manager.compliance_summary(&query).await?);
    Ok(())
}

/// The nodes to use. A node of another group is left out, because tagging would move it.
async fn nodes(manager: &PatchManager, group: &PatchGroup) -> Done<Vec<NodeId>> {
    let online = [NodeFilter::ping_status([PingStatus::Online])];
    let found: Vec<InstanceInformation> = manager.list_nodes_with(online).try_collect().await?;
    let elsewhere = |tag: &Tag| {
        PatchGroupTagKey::ALL
            .map(PatchGroupTagKey::as_str)
            .contains(&tag.key.as_str())
            && tag.value != group.as_str()
    };
    let mut nodes = Vec::new();
    for node in found.into_iter().filter(has_baseline) {
        let tags = manager.node_tags(&node.instance_id).await?;
        match tags.into_iter().find(elsewhere) {
            Some(tag) => println!("{} stays in the group {}", node.instance_id, tag.value),
            None => nodes.push(node.instance_id),
        }
    }
    nodes.truncate(25); // the maximum number of node ids in a patch policy
    if nodes.is_empty() {
        return Err("no Windows or Amazon Linux 2023 node is online and without a group".into());
    }
    Ok(nodes)
}

fn has_baseline(node: &InstanceInformation) -> bool {
    let name = node.platform_name.as_deref().unwrap_or_default();
    let version = node.platform_version.as_deref().unwrap_or_default();
    name.starts_with("Microsoft Windows") || name == "Amazon Linux" && version == "2023"
}

async fn carry_out(
    manager: &PatchManager,
    group: &PatchGroup,
    specs: &[(Os, BaselineSpec)],
    nodes: &[NodeId],
) -> Done<()> {
    println!("To clean up, run the commands marked $, the last one first.");
    // A policy reaches hybrid nodes only by a tag; they are scanned below all the same.
    let instances = nodes.iter().filter(|id| !id.is_hybrid()).cloned();
    let targets = PolicyTargets::InstanceIds(instances.collect());
    let mut policy = PolicySchedule::quick_setup_default(group.as_str()).targets(targets);
    for (os, spec) in specs {
        let baseline = manager.ensure_baseline(spec).await?;
        let (id, name) = (baseline.id, &spec.name);
        println!("1. {name} {id}: {}", baseline.change);
        println!("   $ aws ssm delete-patch-baseline --baseline-id {id}");
        let binding = manager.bind_patch_group(group, &id).await?;
        println!("2. {group}: {binding}");
        let unbind = "aws ssm deregister-patch-baseline-for-patch-group";
        println!("   $ {unbind} --baseline-id {id} --patch-group '{group}'");
        policy = policy.baseline(os.clone(), id, name);
    }
    let tagged = manager.tag_nodes(group, nodes).await?;
    println!("3. Tags\n{tagged}");
    for node in &tagged.nodes {
        let (id, key) = (&node.node, node.key.as_str());
        if id.as_str().starts_with("mi-") {
            let untag = "aws ssm remove-tags-from-resource --resource-type ManagedInstance";
            println!("   $ {untag} --resource-id {id} --tag-keys '{key}'");
        } else {
            println!("   $ aws ec2 delete-tags --resources {id} --tags 'Key={key}'");
        }
    }
    if std::env::var_os("AWS_ACCOUNT_ID").is_some() {
        let arn = manager.ensure_policy(&policy.patch_policy()?).await?.arn;
        println!("4. Patch policy {arn}");
        println!("   $ aws ssm-quicksetup delete-configuration-manager --manager-arn {arn}");
    } else {
        println!("4. No patch policy: set AWS_ACCOUNT_ID to the account's 12 digits");
    }
    let scan = PatchRequest::scan()
        .nodes(nodes)
        .max_errors(MaxErrors::Percent(100));
    let run = manager.run(&scan).await?;
    println!("{}", run.wait(Duration::from_secs(3600)).await?);
    Ok(())
}
