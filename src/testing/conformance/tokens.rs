//! Rules of page tokens: a token is valid for the listing that returned it, and for no other.

use std::future::Future;

use jiff::SignedDuration;

use super::associations::{again, idle, make};
use super::expect::refused;
use super::{Failure, Trial, windows};
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
    ListResourceComplianceSummaries, PatchProperty,
};
use crate::baseline::Approval;
use crate::error::{ErrorKind, Result};
use crate::operation::RUN_PATCH_BASELINE;
use crate::page::{Page, PageRequest, PageToken};
use crate::schedule::association::AssociationFilter;
use crate::types::{
    ComplianceFilter, InstancePropertyStringFilter, NodeId, OperatingSystem, PatchOperation,
    PatchStateFilter, PatchStateOperator, QueryFilter, RebootOption,
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

/// Whether the listing has more than one page for the first request.
#[derive(Clone, Copy, PartialEq)]
enum Pages {
    Several,
    /// It may have one page only: too few nodes.
    Perhaps,
}

fn token<T>(page: Page<T>) -> Option<PageToken> {
    page.next_token
}

/// Fails unless a token of the first request is accepted there and refused by the second.
async fn keeps_its_ways_apart<F, A>(
    what: &str,
    pages: Pages,
    page: PageRequest,
    list: F,
) -> Result<(), Failure>
where
    F: Fn(Way, PageRequest) -> A,
    A: Future<Output = Result<Option<PageToken>>>,
{
    let Some(token) = list(Way::One, page.clone()).await? else {
        return match pages {
            Pages::Several => Err(Failure::new(format!("{what} has no second page"))),
            Pages::Perhaps => Ok(()),
        };
    };
    let next = page.with_next_token(token);
    list(Way::One, next.clone()).await?;
    let answer = list(Way::Other, next).await;
    let told = format!("{what} by the token of another request");
    refused(&told, answer, ErrorKind::InvalidInput)
}

/// The same, and that a token of DescribePatchBaselines is refused.
async fn takes_its_own_only<F, A>(
    trial: &Trial<'_>,
    what: &str,
    pages: Pages,
    page: PageRequest,
    list: F,
) -> Result<(), Failure>
where
    F: Fn(Way, PageRequest) -> A,
    A: Future<Output = Result<Option<PageToken>>>,
{
    let foreign = trial.token_of_baselines().await?;
    let answer = list(Way::One, page.clone().with_next_token(foreign)).await;
    let told = format!("{what} by a token of DescribePatchBaselines");
    refused(&told, answer, ErrorKind::InvalidInput)?;
    keeps_its_ways_apart(what, pages, page, list).await
}

/// A page of this size, the smallest that the listing has.
fn page(size: u32) -> PageRequest {
    PageRequest::first().with_max_results(size)
}

/// A token of baselines is for the same filters only.
pub(super) async fn a_token_of_baselines_is_for_its_filters(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let store = &trial.harness().baselines();
    keeps_its_ways_apart(
        "DescribePatchBaselines",
        Pages::Several,
        page(1),
        |way, page| async move {
            let filters = way.more(QueryFilter::new("OWNER", ["AWS"]));
            let request = DescribePatchBaselines::new(filters, page);
            store.describe_patch_baselines(request).await.map(token)
        },
    )
    .await
}

/// The listing of groups accepts its own tokens only.
pub(super) async fn groups_take_their_own_tokens_only(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    for _ in 0..2 {
        trial.register(&id, &trial.unique_group()).await?;
    }
    let groups = &trial.harness().groups();
    takes_its_own_only(
        trial,
        "DescribePatchGroups",
        Pages::Several,
        page(1),
        |way, page| async move {
            let filters = way.more(QueryFilter::new("NAME_PREFIX", [trial.stem()]));
            let request = DescribePatchGroups::new(filters, page);
            groups.describe_patch_groups(request).await.map(token)
        },
    )
    .await
}

/// The same for the listings of the catalog.
pub(super) async fn the_catalog_takes_its_own_tokens_only(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let os = OperatingSystem::Windows;
    let one = &trial.approving(os.clone(), Approval::AfterDays(0)).await?;
    let other = &trial.approving(os.clone(), Approval::AfterDays(0)).await?;
    let (catalog, os) = (&trial.harness().catalog(), &os);
    takes_its_own_only(
        trial,
        "DescribeAvailablePatches",
        Pages::Several,
        page(1),
        |way, page| async move {
            let filters = way.more(QueryFilter::new("CLASSIFICATION", ["SecurityUpdates"]));
            let request = DescribeAvailablePatches::new(filters, page);
            catalog.describe_available_patches(request).await.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "DescribeEffectivePatchesForPatchBaseline",
        Pages::Several,
        page(1),
        |way, page| async move {
            let listed = catalog
                .describe_effective_patches_for_patch_baseline(
                    DescribeEffectivePatchesForPatchBaseline::new(way.pick(one, other), page),
                )
                .await;
            listed.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "DescribePatchProperties",
        Pages::Several,
        page(1),
        |way, page| async move {
            let property = way.pick(PatchProperty::Product, PatchProperty::Classification);
            let request = DescribePatchProperties::new(os.clone(), property).with_page(page);
            catalog.describe_patch_properties(request).await.map(token)
        },
    )
    .await
}

/// The same for the listing of nodes.
pub(super) async fn nodes_take_their_own_tokens_only(trial: &Trial<'_>) -> Result<(), Failure> {
    let inventory = &trial.harness().nodes();
    takes_its_own_only(
        trial,
        "DescribeInstanceInformation",
        Pages::Perhaps,
        page(5),
        |way, page| async move {
            let filters = way.more(QueryFilter::new("PingStatus", ["Online"]));
            let request = DescribeInstanceInformation::new(filters, page);
            let listed = inventory.describe_instance_information(request).await;
            listed.map(token)
        },
    )
    .await
}

/// The same for the listing of the properties of nodes.
pub(super) async fn properties_take_their_own_tokens_only(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let inventory = &trial.harness().nodes();
    takes_its_own_only(
        trial,
        "DescribeInstanceProperties",
        Pages::Perhaps,
        page(5),
        |way, page| async move {
            let filters = way.more(InstancePropertyStringFilter::new("PingStatus", ["Online"]));
            let request = DescribeInstanceProperties::new(filters, page);
            let listed = inventory.describe_instance_properties(request).await;
            listed.map(token)
        },
    )
    .await
}

/// The same for the listing of instances, which has one request only: it refuses tokens of other
/// listings and unknown tokens.
pub(super) async fn instances_take_their_own_tokens_only(trial: &Trial<'_>) -> Result<(), Failure> {
    let inventory = trial.harness().nodes();
    if let Some(token) = inventory
        .describe_instances(DescribeInstances::all(page(5)))
        .await?
        .next_token
    {
        let next = page(5).with_next_token(token);
        inventory
            .describe_instances(DescribeInstances::all(next))
            .await?;
    }
    for (what, token) in [
        (
            "a token of DescribePatchBaselines",
            trial.token_of_baselines().await?,
        ),
        ("a token of nobody", PageToken::new("nobody gave this")),
    ] {
        let next = page(5).with_next_token(token);
        let answer = inventory
            .describe_instances(DescribeInstances::all(next))
            .await;
        let told = format!("DescribeInstances by {what}");
        refused(&told, answer, ErrorKind::InvalidInput)?;
    }
    Ok(())
}

/// The same for the listings of the network, each with a filter for the VPC.
pub(super) async fn the_network_takes_its_own_tokens_only(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let network = &trial.harness().network();
    let by = |way: Way| way.more(QueryFilter::new("vpc-id", ["vpc-0fedcba9876543210"]));
    takes_its_own_only(
        trial,
        "DescribeVpcEndpoints",
        Pages::Perhaps,
        page(1),
        |way, page| async move {
            let listed = network
                .describe_vpc_endpoints(DescribeVpcEndpoints::new(by(way), page))
                .await;
            listed.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "DescribeSubnets",
        Pages::Perhaps,
        page(5),
        |way, page| async move {
            network
                .describe_subnets(DescribeSubnets::new(by(way), page))
                .await
                .map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "DescribeRouteTables",
        Pages::Perhaps,
        page(5),
        |way, page| async move {
            let listed = network
                .describe_route_tables(DescribeRouteTables::new(by(way), page))
                .await;
            listed.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "DescribeSecurityGroups",
        Pages::Perhaps,
        page(5),
        |way, page| async move {
            let listed = network
                .describe_security_groups(DescribeSecurityGroups::new(by(way), page))
                .await;
            listed.map(token)
        },
    )
    .await
}

async fn two_scans(trial: &Trial<'_>) -> Result<NodeId, Failure> {
    let node = trial.harness().linux_node();
    for _ in 0..2 {
        trial.scan(&node).await?;
    }
    Ok(node)
}

/// The same for the listings of commands.
pub(super) async fn commands_take_their_own_tokens_only(trial: &Trial<'_>) -> Result<(), Failure> {
    let (node, runner) = (&two_scans(trial).await?, &trial.harness().commands());
    takes_its_own_only(
        trial,
        "ListCommands",
        Pages::Several,
        page(1),
        |way, page| async move {
            let mut request = ListCommands::all(page);
            request.instance_id = way.pick(Some(node.clone()), None);
            runner.list_commands(request).await.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "ListCommandInvocations",
        Pages::Several,
        page(1),
        |way, page| async move {
            let mut request = ListCommandInvocations::default().with_page(page);
            request.instance_id = way.pick(Some(node.clone()), None);
            runner.list_command_invocations(request).await.map(token)
        },
    )
    .await
}

/// The same for the listings of patch states and of a node's patches.
pub(super) async fn patch_states_take_their_own_tokens_only(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let node = &trial.harness().windows_node();
    let nodes = &[node.clone(), trial.harness().linux_node()];
    let os = OperatingSystem::Windows;
    let (_, group) = &trial.approve_everything_on(node, os).await?;
    trial.join(&trial.harness().linux_node(), group).await?;
    for node in nodes {
        trial.scan(node).await?;
    }
    let compliance = &trial.harness().compliance();
    takes_its_own_only(
        trial,
        "DescribeInstancePatchStates",
        Pages::Perhaps,
        page(10),
        |way, page| async move {
            let nodes = way.pick(&nodes[..], &nodes[..1]);
            let listed = compliance
                .describe_instance_patch_states(DescribeInstancePatchStates::new(nodes, page));
            listed.await.map(token)
        },
    )
    .await?;
    let missing = PatchStateFilter::new("MissingCount", PatchStateOperator::GreaterThan, 0);
    let missing = &missing;
    takes_its_own_only(
        trial,
        "DescribeInstancePatchStatesForPatchGroup",
        Pages::Perhaps,
        page(10),
        |way, page| async move {
            let filters = way.more(missing.clone());
            let request =
                DescribeInstancePatchStatesForPatchGroup::new(group.clone(), filters, page);
            let listed = compliance.describe_instance_patch_states_for_patch_group(request);
            listed.await.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "DescribeInstancePatches",
        Pages::Perhaps,
        page(10),
        |way, page| async move {
            let filters = way.more(QueryFilter::new("State", ["Missing"]));
            let request = DescribeInstancePatches::new(node, filters, page);
            let listed = compliance.describe_instance_patches(request);
            listed.await.map(token)
        },
    )
    .await
}

/// The same for the listings of compliance.
pub(super) async fn compliance_takes_its_own_tokens_only(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = &trial.harness().linux_node();
    for node in [node, &trial.harness().windows_node()] {
        trial
            .run(node, PatchOperation::Scan, RebootOption::NoReboot)
            .await?;
    }
    let compliance = &trial.harness().compliance();
    let by = |way: Way, page| {
        let patches = ComplianceFilter::equal("ComplianceType", ["Patch"]);
        (way.more(patches), page)
    };
    takes_its_own_only(
        trial,
        "ListComplianceItems",
        Pages::Several,
        page(1),
        |way, page| async move {
            let (filters, page) = by(way, page);
            let request = ListComplianceItems::new(node, filters, page);
            let listed = compliance.list_compliance_items(request);
            listed.await.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "ListComplianceSummaries",
        Pages::Perhaps,
        page(50),
        |way, page| async move {
            let listed = compliance.list_compliance_summaries({
                let (filters, page) = by(way, page);
                ListComplianceSummaries::new(filters, page)
            });
            listed.await.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "ListResourceComplianceSummaries",
        Pages::Several,
        page(1),
        |way, page| async move {
            let listed = compliance.list_resource_compliance_summaries({
                let (filters, page) = by(way, page);
                ListResourceComplianceSummaries::new(filters, page)
            });
            listed.await.map(token)
        },
    )
    .await
}

/// The same for the listing of policies, which has one request only.
pub(super) async fn policies_take_their_own_tokens_only(trial: &Trial<'_>) -> Result<(), Failure> {
    let foreign = trial.token_of_baselines().await?;
    let page = PageRequest::first().with_next_token(foreign);
    let answer = trial
        .harness()
        .schedules()
        .list_configuration_managers(ListConfigurationManagers::new(page))
        .await;
    refused("ListConfigurationManagers", answer, ErrorKind::InvalidInput)
}

/// The same for the listings of associations.
pub(super) async fn associations_take_their_own_tokens_only(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let one = &make(trial, idle(trial)).await?;
    let other = &make(trial, idle(trial)).await?;
    let store = &trial.harness().associations();
    store.update_association(again(one, &idle(trial))).await?;
    takes_its_own_only(
        trial,
        "ListAssociations",
        Pages::Several,
        page(1),
        |way, page| async move {
            let filters = way.more(AssociationFilter::new("Name", RUN_PATCH_BASELINE));
            let request = ListAssociations::new(filters, page);
            store.list_associations(request).await.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "ListAssociationVersions",
        Pages::Several,
        page(1),
        |way, page| async move {
            let id = way.pick(one, other);
            store
                .list_association_versions(ListAssociationVersions::new(id, page))
                .await
                .map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "DescribeAssociationExecutions",
        Pages::Perhaps,
        page(1),
        |way, page| async move {
            let request =
                DescribeAssociationExecutions::new(way.pick(one, other).clone(), vec![], page);
            let listed = store.describe_association_executions(request);
            listed.await.map(token)
        },
    )
    .await
}

/// The same for the listings of a node's associations.
pub(super) async fn associations_of_a_node_take_their_own_tokens_only(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    for _ in 0..2 {
        make(trial, idle(trial)).await?;
    }
    let linux = &trial.harness().linux_node();
    let windows = &trial.harness().windows_node();
    let store = &trial.harness().associations();
    takes_its_own_only(
        trial,
        "DescribeEffectiveInstanceAssociations",
        Pages::Several,
        page(1),
        |way, page| async move {
            let node = way.pick(linux, windows);
            let listed = store.describe_effective_instance_associations(
                DescribeEffectiveInstanceAssociations::new(node, page),
            );
            listed.await.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "DescribeInstanceAssociationsStatus",
        Pages::Several,
        page(1),
        |way, page| async move {
            let node = way.pick(linux, windows);
            let listed = store.describe_instance_associations_status(
                DescribeInstanceAssociationsStatus::new(node, page),
            );
            listed.await.map(token)
        },
    )
    .await
}

/// The same for the listings of windows.
pub(super) async fn windows_take_their_own_tokens_only(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut yearly = windows::idle(trial);
    yearly.schedule = Some("cron(0 0 1 1 ? *)".to_owned());
    let one = &trial.window(yearly.clone()).await?;
    let other = &trial.window(yearly).await?;
    let node = trial.harness().linux_node();
    for _ in 0..2 {
        windows::target(trial, one, &node).await?;
    }
    let in_years = trial.harness().now() + SignedDuration::from_hours(24 * 1000);
    let far = &vec![QueryFilter::new("ScheduledBefore", [in_years.to_string()])];
    let store = &trial.harness().windows();
    takes_its_own_only(
        trial,
        "DescribeMaintenanceWindows",
        Pages::Perhaps,
        page(10),
        |way, page| async move {
            let filters = way.more(QueryFilter::new("Enabled", ["true"]));
            let request = DescribeMaintenanceWindows::new(filters, page);
            store.describe_maintenance_windows(request).await.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "DescribeMaintenanceWindowSchedule",
        Pages::Several,
        page(1),
        |way, page| async move {
            let window = way.pick(one, other).clone();
            let request = DescribeMaintenanceWindowSchedule::of(window, far.clone(), page);
            let listed = store.describe_maintenance_window_schedule(request);
            listed.await.map(token)
        },
    )
    .await?;
    takes_its_own_only(
        trial,
        "DescribeMaintenanceWindowTargets",
        Pages::Perhaps,
        page(10),
        |way, page| async move {
            let window = way.pick(one, other).clone();
            let request = DescribeMaintenanceWindowTargets::new(window, Vec::new(), page);
            let listed = store.describe_maintenance_window_targets(request);
            listed.await.map(token)
        },
    )
    .await
}
