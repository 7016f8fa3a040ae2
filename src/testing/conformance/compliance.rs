//! Rules of compliance items and summaries.

use super::expect::{holds, one, same};
use super::patch_state::{missing, of_fleet, open_linux, summaries};
use super::{Result, Trial};
use crate::backend::{
    ListComplianceItems, ListComplianceSummaries, ListResourceComplianceSummaries,
};
use crate::compliance::ComplianceItem;
use crate::error::ErrorKind::InvalidInput;
use crate::page::PageRequest;
use crate::types::{
    ComplianceFilter, ComplianceOperator, ComplianceSeverity, ComplianceStatus, NodeId,
    OperatingSystem, PatchComplianceLevel, RebootOption,
};

/// The Linux node, scanned; its missing patches have the compliance level high.
async fn scanned(trial: &Trial<'_>) -> Result<NodeId> {
    let (node, os) = (trial.linux_node(), OperatingSystem::AmazonLinux2023);
    let level = PatchComplianceLevel::High;
    trial.demand_everything_on(&node, os, level).await?;
    trial.scan(&node).await?;
    missing(trial, &node).await?;
    Ok(node)
}

fn filter(key: &str, operator: ComplianceOperator, values: &[&str]) -> ComplianceFilter {
    let mut filter = ComplianceFilter::equal(key, values.iter().copied());
    filter.operator = operator;
    filter
}

async fn items(
    trial: &Trial<'_>,
    node: &NodeId,
    filters: Vec<ComplianceFilter>,
) -> Result<Vec<ComplianceItem>> {
    trial
        .every(|page| ListComplianceItems::new(node, filters.clone(), page))
        .await
}

fn severity(item: &ComplianceItem) -> &str {
    item.severity
        .as_ref()
        .map_or("", |severity| severity.as_str())
}

fn status(item: &ComplianceItem) -> &str {
    item.status.as_ref().map_or("", |status| status.as_str())
}

/// Fails unless a filter lists exactly the matching items of the node.
async fn lists_what_it_means(
    trial: &Trial<'_>,
    node: &NodeId,
    by: ComplianceFilter,
    means: impl Fn(&ComplianceItem) -> bool,
) -> Result {
    let mut expected = items(trial, node, Vec::new()).await?;
    expected.retain(means);
    let told = format!("{} {} {:?}", by.key, by.operator, by.values);
    same(&told, items(trial, node, vec![by]).await?, expected)
}

/// A node's items are filtered by severity, which is the compliance level of the baseline.
pub(super) async fn items_are_filtered_by_severity(trial: &Trial<'_>) -> Result {
    use ComplianceOperator::Equal;
    let node = scanned(trial).await?;
    let high = filter("Severity", Equal, &["HIGH"]);
    let found = items(trial, &node, vec![high.clone()]).await?;
    for id in missing(trial, &node).await? {
        one(&id, &found, |item| item.id == id)?;
    }
    lists_what_it_means(trial, &node, high, |item| severity(item) == "HIGH").await?;
    let low = filter("Severity", Equal, &["LOW", "MEDIUM"]);
    same("lower ones", items(trial, &node, vec![low]).await?.len(), 0)
}

/// NOT_EQUAL lists what EQUAL leaves out.
pub(super) async fn items_are_filtered_by_what_they_are_not(trial: &Trial<'_>) -> Result {
    use ComplianceOperator::NotEqual;
    let node = scanned(trial).await?;
    let other = filter("Status", NotEqual, &["NON_COMPLIANT"]);
    let found = items(trial, &node, vec![other.clone()]).await?;
    holds(!found.is_empty(), "no item of the node complies")?;
    lists_what_it_means(trial, &node, other, |item| status(item) != "NON_COMPLIANT").await?;
    let other = filter("Severity", NotEqual, &["HIGH", "LOW"]);
    let means = |item: &ComplianceItem| !["HIGH", "LOW"].contains(&severity(item));
    lists_what_it_means(trial, &node, other, means).await
}

/// Summaries of nodes are filtered in the same way.
pub(super) async fn summaries_are_filtered_by_what_they_are_not(trial: &Trial<'_>) -> Result {
    use ComplianceOperator::NotEqual;
    let node = scanned(trial).await?;
    for (value, listed) in [("COMPLIANT", true), ("NON_COMPLIANT", false)] {
        let not = vec![filter("Status", NotEqual, &[value])];
        let found = trial
            .every(|page| ListResourceComplianceSummaries::new(not.clone(), page))
            .await?;
        let found = found.iter().any(|one| one.resource_id == node.as_str());
        same(&format!("not {value}"), found, listed)?;
    }
    Ok(())
}

/// A filter key that the compliance listings do not know is refused.
pub(super) async fn an_unknown_filter_of_compliance_is_refused(trial: &Trial<'_>) -> Result {
    let filters = || vec![ComplianceFilter::equal("Colour", ["blue"])];
    let page = PageRequest::first;
    let items = ListComplianceItems::new(trial.linux_node(), filters(), page());
    trial.refuses(items, InvalidInput).await?;
    let of_fleet = ListComplianceSummaries::new(filters(), page());
    trial.refuses(of_fleet, InvalidInput).await?;
    let of_nodes = ListResourceComplianceSummaries::new(filters(), page());
    trial.refuses(of_nodes, InvalidInput).await
}

/// The items of a node that is not managed are refused.
pub(super) async fn items_of_an_unmanaged_node_are_refused(trial: &Trial<'_>) -> Result {
    let node = NodeId::new("i-0fedcba9876543210");
    let request = ListComplianceItems::new(&node, Vec::new(), PageRequest::first());
    trial.refuses(request, InvalidInput).await
}

/// The summary of a node counts its items by status and by severity.
pub(super) async fn the_summary_of_a_node_counts_its_items(trial: &Trial<'_>) -> Result {
    let node = scanned(trial).await?;
    let listed = items(trial, &node, Vec::new()).await?;
    let count = |is: &str, of: &str| {
        let found = listed.iter();
        let found = found.filter(|item| status(item) == is && severity(item) == of);
        u32::try_from(found.count()).unwrap_or(u32::MAX)
    };
    let all = summaries(trial).await?;
    let summary = one("the node", &all, |one| one.resource_id == node.as_str())?;
    let (good, bad) = (summary.compliant_summary, summary.non_compliant_summary);
    for (is, total, by_severity) in [
        ("COMPLIANT", good.compliant_count, good.severity_summary),
        (
            "NON_COMPLIANT",
            bad.non_compliant_count,
            bad.severity_summary,
        ),
    ] {
        let (high, rest) = (by_severity.high_count, by_severity.unspecified_count);
        same(&format!("{is} HIGH"), high, count(is, "HIGH"))?;
        same(&format!("{is} UNSPECIFIED"), rest, count(is, "UNSPECIFIED"))?;
        same(is, total, high + rest)?;
    }
    let worst = Some(ComplianceSeverity::High);
    same("OverallSeverity", summary.overall_severity.clone(), worst)
}

/// The summary of the fleet counts the nodes that comply, and those that do not by severity.
pub(super) async fn the_summary_of_the_fleet_counts_by_verdict(trial: &Trial<'_>) -> Result {
    let (fixed, _, _) = open_linux(trial).await?;
    let windows = trial.windows_node();
    let (os, level) = (OperatingSystem::Windows, PatchComplianceLevel::High);
    trial.demand_everything_on(&windows, os, level).await?;
    trial.scan(&windows).await?;
    trial.install(&fixed, RebootOption::RebootIfNeeded).await?;
    let nodes = summaries(trial).await?;
    let count = |is: ComplianceStatus, of: Option<ComplianceSeverity>| {
        let found = nodes.iter().filter(|node| {
            node.status.as_ref() == Some(&is) && (of.is_none() || node.overall_severity == of)
        });
        u32::try_from(found.count()).unwrap_or(u32::MAX)
    };
    let fleet = of_fleet(trial).await?;
    let (good, bad) = (fleet.compliant_summary, fleet.non_compliant_summary);
    holds(good.compliant_count > 0, "the fixed node is not counted")?;
    let expected = count(ComplianceStatus::Compliant, None);
    same("CompliantCount", good.compliant_count, expected)?;
    let expected = count(ComplianceStatus::NonCompliant, None);
    same("NonCompliantCount", bad.non_compliant_count, expected)?;
    let high = bad.severity_summary.high_count;
    holds(high > 0, "the node of the level high is not counted")?;
    let of = Some(ComplianceSeverity::High);
    same("HighCount", high, count(ComplianceStatus::NonCompliant, of))
}
