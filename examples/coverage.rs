//! Which schedule patches which node of the sample fleet, and who is not patched: a tag that is spelled
//! otherwise, a node under the other patch group key, two mechanisms on one node. With `--exit-code`,
//! the exit code is 1 if a node is not covered, and 2 if that is not known.

use std::io::{self, Write};
use std::process::ExitCode;

use aws_patch_manager::plan::{Coverage, MirrorScope};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{NodeId, Tag};
use aws_patch_manager::{Error, PatchManager, PolicySchedule};

/// What an operator did over the years.
const TAGS: [(&str, &str, &str); 6] = [
    ("i-0c0ffee0000000001", "Patch Group", "web"),
    ("i-0c0ffee0000000002", "Patch group", "web"),
    ("i-0c0ffee0000000004", "PatchGroup", "app"),
    ("i-0c0ffee0000000005", "Patch Group", "app"),
    ("i-0c0ffee0000000006", "Role", "batch"),
    ("mi-0c0ffee0000000009", "Patch Group", "app"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let manager = PatchManager::in_memory();
    for (node, key, value) in TAGS {
        let tags = [Tag::new(key, value)];
        manager.ensure_node_tags(&NodeId::new(node), &tags).await?;
    }
    make_schedules(&manager).await?;

    let coverage = manager.coverage(&MirrorScope::new()).await?;
    match print(&coverage) {
        // The reader, such as `head`, has closed the pipe.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        printed => printed?,
    }
    let asked = std::env::args().any(|argument| argument == "--exit-code");
    Ok(match asked {
        true => ExitCode::from(coverage.exit_code()),
        false => ExitCode::SUCCESS,
    })
}

/// A window for each group, and a policy for one of them.
async fn make_schedules(manager: &PatchManager) -> Result<(), Error> {
    for group in ["web", "app", "bacth"] {
        let tagged = PolicyTargets::Tag(Tag::new("Patch Group", group));
        let schedule = PolicySchedule::quick_setup_default(group).targets(tagged);
        for window in schedule.maintenance_windows()? {
            manager.ensure_maintenance_window(&window).await?;
        }
    }
    let tagged = PolicyTargets::Tag(Tag::new("Patch Group", "web"));
    let policy = PolicySchedule::quick_setup_default("policy-of-web").targets(tagged);
    manager.ensure_policy(&policy.patch_policy()?).await?;
    Ok(())
}

fn print(coverage: &Coverage) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for node in &coverage.nodes {
        writeln!(out, "{node}")?;
    }
    writeln!(out, "\n{coverage}")
}
