//! Rules of page tokens: a token is valid for the listing that returned it, and for no other.

use std::time::Duration;

use super::associations::{again, idle, make};
use super::expect::refused;
use super::{Failure, Result, Trial, windows};
use crate::backend::{
    DescribeAssociationExecutions, DescribeAvailablePatches, DescribeEffectiveInstanceAssociations,
    DescribeEffectivePatchesForPatchBaseline, DescribeInstanceAssociationsStatus,
    DescribeInstanceInformation, DescribeInstancePatchStates,
    DescribeInstancePatchStatesForPatchGroup, DescribeInstancePatches, DescribeInstanceProperties,
    DescribeInstances, DescribeMaintenanceWindowSchedule, DescribeMaintenanceWindowTargets,
    DescribeMaintenanceWindows, DescribePatchBaselines, DescribePatchGroups,
    DescribePatchProperties, DescribeRouteTables, DescribeSecurityGroups, DescribeSubnets,
    DescribeVpcEndpoints, ListAssociationVersions, ListAssociations, ListCommandInvocations,
    ListCommands, ListComplianceItems, ListComplianceSummaries, ListConfigurationManagers,
    ListNodes, ListNodesSummary, ListResourceComplianceSummaries, PatchProperty, Request,
};
use crate::baseline::Approval;
use crate::error::ErrorKind;
use crate::operation::RUN_PATCH_BASELINE;
use crate::page::{Page, PageRequest, PageToken};
use crate::schedule::association::AssociationFilter;
use crate::types::{
    ComplianceFilter, InstancePropertyStringFilter, ListNodesFilter, NodeAggregator,
    NodeAttributeName, NodeFilterKey, NodeId, OperatingSystem, PatchStateFilter,
    PatchStateOperator, QueryFilter,
};

/// A listing with two requests, which differ by a filter or by their subject.
#[derive(Clone, Copy)]
enum Way {
    One,
    Other,
}

impl Way {
    /// One of the two requests.
    fn pick<T>(self, one: T, other: T) -> T {
        match self {
            Self::One => one,
            Self::Other => other,
        }
    }

    /// Nothing, or this value.
    fn more<T>(self, more: T) -> Vec<T> {
        self.pick(Vec::new(), vec![more])
    }
}

/// The size of a page, the smallest that the listing has, and whether the first request has more
/// than one page of it.
#[derive(Clone, Copy)]
enum Pages {
    Several(u32),
    /// It may have one page only: too few nodes.
    Perhaps(u32),
}
use Pages::{Perhaps, Several};

/// Fails unless a token of the first request is accepted there and refused by the second.
async fn keeps_its_ways_apart<R, T>(
    trial: &Trial<'_>,
    pages: Pages,
    list: impl Fn(Way, PageRequest) -> R,
) -> Result
where
    R: Request<Answer = Page<T>>,
{
    let (Several(size) | Perhaps(size)) = pages;
    let page = PageRequest::first().with_max_results(size);
    let first = trial.call(list(Way::One, page.clone())).await?;
    let Some(token) = first.next_token else {
        return match pages {
            Several(_) => Err(Failure::new(format!("{} has no second page", R::OPERATION))),
            Perhaps(_) => Ok(()),
        };
    };
    let next = page.with_next_token(token);
    trial.call(list(Way::One, next.clone())).await?;
    let answer = trial.call(list(Way::Other, next)).await;
    let what = format!("{} by the token of another request", R::OPERATION);
    refused(&what, answer.map(drop), ErrorKind::InvalidInput)
}

/// The same, and that a token of DescribePatchBaselines is refused.
async fn takes_its_own_only<R, T>(
    trial: &Trial<'_>,
    pages: Pages,
    list: impl Fn(Way, PageRequest) -> R,
) -> Result
where
    R: Request<Answer = Page<T>>,
{
    let (Several(size) | Perhaps(size)) = pages;
    let foreign = trial.token_of_baselines().await?;
    let page = PageRequest::first().with_max_results(size);
    let answer = trial.call(list(Way::One, page.with_next_token(foreign)));
    let what = format!("{} by a token of DescribePatchBaselines", R::OPERATION);
    refused(&what, answer.await.map(drop), ErrorKind::InvalidInput)?;
    keeps_its_ways_apart(trial, pages, list).await
}

/// A token of baselines is for the same filters only.
pub(super) async fn a_token_of_baselines_is_for_its_filters(trial: &Trial<'_>) -> Result {
    keeps_its_ways_apart(trial, Several(1), |way, page| {
        let filters = way.more(QueryFilter::new("OWNER", ["AWS"]));
        DescribePatchBaselines::new(filters, page)
    })
    .await
}

/// The listing of groups accepts its own tokens only.
pub(super) async fn groups_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    for _ in 0..2 {
        trial.register(&id, &trial.unique_group()).await?;
    }
    takes_its_own_only(trial, Several(1), |way, page| {
        let filters = way.more(QueryFilter::new("NAME_PREFIX", [trial.stem()]));
        DescribePatchGroups::new(filters, page)
    })
    .await
}

/// The same for the listings of the catalog.
pub(super) async fn the_catalog_takes_its_own_tokens_only(trial: &Trial<'_>) -> Result {
    let os = OperatingSystem::Windows;
    let one = trial.approving(os.clone(), Approval::AfterDays(0)).await?;
    let other = trial.approving(os.clone(), Approval::AfterDays(0)).await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        let filters = way.more(QueryFilter::new("CLASSIFICATION", ["SecurityUpdates"]));
        DescribeAvailablePatches::new(filters, page)
    })
    .await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        DescribeEffectivePatchesForPatchBaseline::new(way.pick(&one, &other), page)
    })
    .await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        let property = way.pick(PatchProperty::Product, PatchProperty::Classification);
        DescribePatchProperties::new(os.clone(), property).with_page(page)
    })
    .await
}

/// The same for the listing of nodes.
pub(super) async fn nodes_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    takes_its_own_only(trial, Perhaps(5), |way, page| {
        let filters = way.more(QueryFilter::new("PingStatus", ["Online"]));
        DescribeInstanceInformation::new(filters, page)
    })
    .await
}

/// The same for the listing of nodes by account and Region, and for their summary.
pub(super) async fn listed_nodes_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    let active = || ListNodesFilter::new(NodeFilterKey::InstanceStatus, ["Active"]);
    takes_its_own_only(trial, Several(1), |way, page| {
        ListNodes::new(None, way.more(active()), page)
    })
    .await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        let platforms = vec![NodeAggregator::count(NodeAttributeName::PlatformType)];
        ListNodesSummary::new(None, way.more(active()), platforms, page)
    })
    .await
}

/// The same for the listing of the properties of nodes.
pub(super) async fn properties_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    takes_its_own_only(trial, Perhaps(5), |way, page| {
        let filters = way.more(InstancePropertyStringFilter::new("PingStatus", ["Online"]));
        DescribeInstanceProperties::new(filters, page)
    })
    .await
}

/// The same for the listing of instances, which has one request only: it refuses tokens of other
/// listings and unknown tokens.
pub(super) async fn instances_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    let page = PageRequest::first().with_max_results(5);
    let by = |token| DescribeInstances::all(page.clone().with_next_token(token));
    if let Some(token) = trial.call(by(None)).await?.next_token {
        trial.call(by(Some(token))).await?;
    }
    let nobodys = PageToken::new("nobody gave this");
    for token in [trial.token_of_baselines().await?, nobodys] {
        let request = by(Some(token));
        trial.refuses(request, ErrorKind::InvalidInput).await?;
    }
    Ok(())
}

/// The same for the listings of the network, each with a filter for the VPC.
pub(super) async fn the_network_takes_its_own_tokens_only(trial: &Trial<'_>) -> Result {
    let by = |way: Way| way.more(QueryFilter::new("vpc-id", ["vpc-0fedcba9876543210"]));
    takes_its_own_only(trial, Perhaps(1), |way, page| {
        DescribeVpcEndpoints::new(by(way), page)
    })
    .await?;
    takes_its_own_only(trial, Perhaps(5), |way, page| {
        DescribeSubnets::new(by(way), page)
    })
    .await?;
    takes_its_own_only(trial, Perhaps(5), |way, page| {
        DescribeRouteTables::new(by(way), page)
    })
    .await?;
    takes_its_own_only(trial, Perhaps(5), |way, page| {
        DescribeSecurityGroups::new(by(way), page)
    })
    .await
}

async fn two_scans(trial: &Trial<'_>) -> Result<NodeId> {
    let node = trial.linux_node();
    for _ in 0..2 {
        trial.scan(&node).await?;
    }
    Ok(node)
}

/// The same for the listings of commands.
pub(super) async fn commands_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    let node = two_scans(trial).await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        let mut request = ListCommands::all(page);
        request.instance_id = way.pick(Some(node.clone()), None);
        request
    })
    .await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        let mut request = ListCommandInvocations::default().with_page(page);
        request.instance_id = way.pick(Some(node.clone()), None);
        request
    })
    .await
}

/// The same for the listings of patch states and of a node's patches.
pub(super) async fn patch_states_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    let (node, os) = (trial.windows_node(), OperatingSystem::Windows);
    let nodes = [node.clone(), trial.linux_node()];
    let (_, group) = trial.approve_everything_on(&node, os).await?;
    trial.join(&trial.linux_node(), &group).await?;
    for node in &nodes {
        trial.scan(node).await?;
    }
    takes_its_own_only(trial, Perhaps(10), |way, page| {
        DescribeInstancePatchStates::new(way.pick(&nodes[..], &nodes[..1]), page)
    })
    .await?;
    takes_its_own_only(trial, Perhaps(10), |way, page| {
        let greater = PatchStateOperator::GreaterThan;
        let filters = way.more(PatchStateFilter::new("MissingCount", greater, 0));
        DescribeInstancePatchStatesForPatchGroup::new(group.clone(), filters, page)
    })
    .await?;
    takes_its_own_only(trial, Perhaps(10), |way, page| {
        let filters = way.more(QueryFilter::new("State", ["Missing"]));
        DescribeInstancePatches::new(&node, filters, page)
    })
    .await
}

/// The same for the listings of compliance.
pub(super) async fn compliance_takes_its_own_tokens_only(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    for node in [&node, &trial.windows_node()] {
        trial.scan(node).await?;
    }
    let by = |way: Way| way.more(ComplianceFilter::equal("ComplianceType", ["Patch"]));
    takes_its_own_only(trial, Several(1), |way, page| {
        ListComplianceItems::new(&node, by(way), page)
    })
    .await?;
    takes_its_own_only(trial, Perhaps(50), |way, page| {
        ListComplianceSummaries::new(by(way), page)
    })
    .await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        ListResourceComplianceSummaries::new(by(way), page)
    })
    .await
}

/// The same for the listing of policies, which has one request only.
pub(super) async fn policies_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    let foreign = trial.token_of_baselines().await?;
    let page = PageRequest::first().with_next_token(foreign);
    let request = ListConfigurationManagers::new(page);
    trial.refuses(request, ErrorKind::InvalidInput).await
}

/// The same for the listings of associations.
pub(super) async fn associations_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    let one = make(trial, idle(trial)).await?;
    let other = make(trial, idle(trial)).await?;
    trial.call(again(&one, &idle(trial))).await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        let filters = way.more(AssociationFilter::new("Name", RUN_PATCH_BASELINE));
        ListAssociations::new(filters, page)
    })
    .await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        ListAssociationVersions::new(way.pick(&one, &other), page)
    })
    .await?;
    takes_its_own_only(trial, Perhaps(1), |way, page| {
        DescribeAssociationExecutions::new(way.pick(&one, &other), Vec::new(), page)
    })
    .await
}

/// The same for the listings of a node's associations.
pub(super) async fn associations_of_a_node_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    for _ in 0..2 {
        make(trial, idle(trial)).await?;
    }
    let (linux, windows) = (trial.linux_node(), trial.windows_node());
    takes_its_own_only(trial, Several(1), |way, page| {
        DescribeEffectiveInstanceAssociations::new(way.pick(&linux, &windows), page)
    })
    .await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        DescribeInstanceAssociationsStatus::new(way.pick(&linux, &windows), page)
    })
    .await
}

/// The same for the listings of windows.
pub(super) async fn windows_take_their_own_tokens_only(trial: &Trial<'_>) -> Result {
    let mut yearly = windows::idle(trial);
    yearly.schedule = Some("cron(0 0 1 1 ? *)".to_owned());
    let one = trial.create(yearly.clone()).await?;
    let other = trial.create(yearly).await?;
    for _ in 0..2 {
        windows::target(trial, &one, &trial.linux_node()).await?;
    }
    let in_years = trial.now() + Duration::from_hours(24 * 1000);
    let far = [QueryFilter::new("ScheduledBefore", [in_years.to_string()])];
    takes_its_own_only(trial, Perhaps(10), |way, page| {
        let filters = way.more(QueryFilter::new("Enabled", ["true"]));
        DescribeMaintenanceWindows::new(filters, page)
    })
    .await?;
    takes_its_own_only(trial, Several(1), |way, page| {
        DescribeMaintenanceWindowSchedule::of(way.pick(&one, &other), far.to_vec(), page)
    })
    .await?;
    takes_its_own_only(trial, Perhaps(10), |way, page| {
        DescribeMaintenanceWindowTargets::new(way.pick(&one, &other), Vec::new(), page)
    })
    .await
}
