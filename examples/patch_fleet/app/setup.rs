//! Steps 1 to 4: what an operator sets up once.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

use aws_patch_manager::baseline::{Approval, ApprovalRule, BaselineSpec};
use aws_patch_manager::manager::NodeTagging;
use aws_patch_manager::prerequisites::{FindingKind, Prerequisites};
use aws_patch_manager::schedule::PatchPolicy;
use aws_patch_manager::types::{
    BaselineId, ComplianceStatus, MaxConcurrency, MaxErrors, OperatingSystem, RebootOption,
};
use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchGroupTagKey, PolicySchedule};

use super::site::Site;
use super::{Outcome, table};

/// The delay of patches after their release, in days.
const DELAY: u32 = 7;
const GROUP: &str = "production";
const POLICY: &str = "production-patching";

const DEPLOYMENT: Duration = Duration::from_secs(10 * 60);

/// A created baseline and its operating system.
pub(crate) struct Made {
    os: OperatingSystem,
    name: String,
    id: BaselineId,
}

pub(crate) async fn check_prerequisites(site: &Site, out: &mut dyn Write) -> Outcome {
    // Nothing is scanned or tagged yet; the next steps do that.
    let question = Prerequisites::nodes(site.ids()).ignore_scan_age();
    let report = site.manager.check_prerequisites(&question).await?;
    let mut rows = Vec::new();
    for finding in &report.findings {
        let names = match finding.nodes.as_slice() {
            [one, two, ..] if finding.nodes.len() > 2 => {
                let more = finding.nodes.len() - 2;
                format!("{}, {} and {more} more", site.name(one), site.name(two))
            }
            few => few
                .iter()
                .map(|node| site.name(node))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let advice = match finding.kind {
            FindingKind::NoPatchGroup => "step 3 tags them",
            _ => finding.fix.advice.as_str(),
        };
        let severity = finding.severity.to_string();
        rows.push([names, severity, finding.message.clone()]);
        rows.push([String::new(), String::new(), format!("-> {advice}")]);
    }
    table::print(out, ["NODE", "", "FINDING"], &rows)?;
    let all = report.nodes.len();
    let ready = all - report.blocked().count();
    Ok(writeln!(
        out,
        "\n  {ready} of {all} nodes can be patched\n"
    )?)
}

pub(crate) async fn make_baselines(site: &Site, out: &mut dyn Write) -> Outcome<Vec<Made>> {
    let mut made = Vec::new();
    for builder in [
        // A patch that waits for the delay is not a problem of the node.
        BaselineBuilder::windows_critical_and_security("windows-critical-and-security", DELAY)
            .available_security_updates_compliance_status(ComplianceStatus::Compliant),
        BaselineBuilder::amazon_linux_2023_security("amazon-linux-2023-security", DELAY),
    ] {
        let spec = builder.build()?;
        let id = site.manager.ensure_baseline(&spec).await?.id;
        describe(&spec, &id, out)?;
        made.push(Made {
            os: spec.operating_system(),
            name: spec.name,
            id,
        });
    }
    Ok(made)
}

fn describe(spec: &BaselineSpec, id: &BaselineId, out: &mut dyn Write) -> Outcome {
    writeln!(out, "  {id}  {}  {}", spec.operating_system(), spec.name)?;
    for rule in &spec.approval_rules.patch_rules {
        let filters = rule.filters.patch_filters.iter();
        let filters: Vec<String> = filters
            .map(|filter| format!("{} {}", filter.key, filter.values.join(" or ")))
            .collect();
        writeln!(out, "      approves {}", filters.join(", "))?;
        writeln!(out, "      {}", when(rule))?;
    }
    Ok(writeln!(out)?)
}

fn when(rule: &ApprovalRule) -> String {
    match rule.approval {
        Some(Approval::AfterDays(days)) => format!("{days} days after their release"),
        Some(Approval::UntilDate(date)) => format!("if released until {date}"),
        None => "at once".to_owned(),
    }
}

pub(crate) async fn bind_and_tag(site: &Site, baselines: &[Made], out: &mut dyn Write) -> Outcome {
    let group = PatchGroup::new(GROUP)?;
    for baseline in baselines {
        site.manager.bind_patch_group(&group, &baseline.id).await?;
        writeln!(
            out,
            "  group {group} uses {} on {}",
            baseline.name, baseline.os
        )?;
    }
    writeln!(out)?;
    let report = site.manager.tag_nodes(&group, &site.ids()).await?;
    let rows: Vec<_> = report
        .nodes
        .iter()
        .map(|tagging| {
            let tag = format!("{} = {group}", tagging.key);
            let change = tagging.change.to_string();
            [site.name(&tagging.node), tag, change, why(tagging)]
        })
        .collect();
    table::print(out, ["NODE", "TAG", "", "WHY THIS KEY"], &rows)?;
    Ok(writeln!(out)?)
}

fn why(tagging: &NodeTagging) -> String {
    let why = match tagging.key {
        PatchGroupTagKey::Joined => {
            "shows its tags in instance metadata, where keys have no spaces"
        }
        PatchGroupTagKey::Spaced if tagging.node.is_hybrid() => {
            "hybrid node: Systems Manager stores its tags"
        }
        PatchGroupTagKey::Spaced => "does not show its tags in instance metadata",
    };
    why.to_owned()
}

pub(crate) async fn ensure_policy(site: &Site, made: &[Made], out: &mut dyn Write) -> Outcome {
    // A mixed fleet soon has a first failure; one bad node must not stop the others.
    let mut policy = PolicySchedule::quick_setup_default(POLICY)
        .reboot(RebootOption::RebootIfNeeded)
        .max_concurrency(MaxConcurrency::Percent(50))
        .max_errors(MaxErrors::Percent(100));
    for made in made.iter().chain(&defaults(site, made).await?) {
        policy = policy.baseline(made.os.clone(), made.id.clone(), made.name.clone());
    }
    let policy = policy.patch_policy()?;
    let applied = site.manager.ensure_policy(&policy).await?;
    let deployed = site
        .manager
        .wait_for_policy(&applied.arn, DEPLOYMENT)
        .await?;
    writeln!(out, "  {}: {}", policy.name, deployed.status)?;
    writeln!(out, "  {}\n", applied.arn)?;
    tell_policy(&policy, out)?;
    for warning in &applied.warnings {
        writeln!(out, "\n  note: {warning}")?;
    }
    Ok(writeln!(out)?)
}

/// The defaults of the systems for which no baseline was made: in a policy that names some baselines,
/// nodes of a system that it does not name fail with exit code 163.
async fn defaults(site: &Site, made: &[Made]) -> Outcome<Vec<Made>> {
    let systems: BTreeSet<&str> = site.nodes.iter().map(|node| node.os.as_str()).collect();
    let mut defaults = Vec::new();
    for os in systems.into_iter().map(OperatingSystem::from) {
        if made.iter().all(|made| made.os != os) {
            let id = site.manager.default_baseline(os.clone()).await?.baseline_id;
            let name = site.manager.baseline(&id).await?.name;
            defaults.push(Made { os, name, id });
        }
    }
    Ok(defaults)
}

fn tell_policy(policy: &PatchPolicy, out: &mut dyn Write) -> Outcome {
    let install = policy.install_schedule.clone().unwrap_or_default();
    let pace = format!("{} of them", policy.max_concurrency);
    let stop = match policy.max_errors {
        MaxErrors::Percent(100) => "never, however many fail".to_owned(),
        limit => format!("when more than {limit} fail"),
    };
    let mut rows = vec![
        ["scan", "every day at 01:00 UTC", &policy.scan_schedule],
        ["install", "Sundays at 02:00 UTC", &install],
        ["reboot", policy.reboot_option.as_str(), ""],
        ["nodes", "every managed one", ""],
        ["at a time", &pace, ""],
        ["stop", &stop, ""],
    ];
    let baselines = policy.baselines.iter();
    rows.extend(baselines.map(|(os, baseline)| ["baseline", os, &baseline.label]));
    let rows: Vec<_> = rows.into_iter().map(|row| row.map(str::to_owned)).collect();
    Ok(table::plain(out, 2, &rows)?)
}
