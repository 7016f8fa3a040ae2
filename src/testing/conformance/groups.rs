//! Rules of patch groups.

use super::expect::{holds, refused, same};
use super::{Result, Trial};
use crate::backend::{
    DeregisterPatchBaselineForPatchGroup, DescribePatchGroups, GetPatchBaseline,
    GetPatchBaselineForPatchGroup,
};
use crate::error::ErrorKind::{AlreadyExists, LimitExceeded, NotFound};
use crate::group::{PatchGroup, PatchGroupMapping};
use crate::types::{BaselineId, OperatingSystem, QueryFilter};

async fn rows(trial: &Trial<'_>, filters: Vec<QueryFilter>) -> Result<Vec<PatchGroupMapping>> {
    trial
        .every(|page| DescribePatchGroups::new(filters.clone(), page.with_max_results(2)))
        .await
}

fn own(trial: &Trial<'_>) -> QueryFilter {
    QueryFilter::new("NAME_PREFIX", [trial.stem()])
}

async fn effective(
    trial: &Trial<'_>,
    group: &PatchGroup,
    os: OperatingSystem,
) -> Result<BaselineId> {
    let request = GetPatchBaselineForPatchGroup::new(group, Some(os));
    Ok(trial.call(request).await?.baseline_id)
}

/// A new baseline of this system, which the group gets.
async fn bind(trial: &Trial<'_>, os: OperatingSystem, group: &PatchGroup) -> Result<BaselineId> {
    let id = trial.empty_baseline(os).await?;
    trial.register(&id, group).await?;
    Ok(id)
}

/// A Windows baseline with a group.
async fn registered(trial: &Trial<'_>) -> Result<(BaselineId, PatchGroup)> {
    let group = trial.unique_group();
    let id = bind(trial, OperatingSystem::Windows, &group).await?;
    Ok((id, group))
}

/// A registered group gets its baseline.
pub(super) async fn a_registered_group_gets_its_baseline(trial: &Trial<'_>) -> Result {
    let os = OperatingSystem::Windows;
    let (id, group) = registered(trial).await?;
    same("BaselineId", effective(trial, &group, os).await?, id)
}

/// A second baseline for the group and operating system is refused.
pub(super) async fn a_second_baseline_of_the_system_already_exists(trial: &Trial<'_>) -> Result {
    let os = OperatingSystem::Windows;
    let (first, group) = registered(trial).await?;
    let second = trial.empty_baseline(os.clone()).await?;
    let answer = trial.register(&second, &group).await;
    refused("the second baseline", answer, AlreadyExists)?;
    same("BaselineId", effective(trial, &group, os).await?, first)
}

/// A baseline for a second operating system is accepted.
pub(super) async fn a_baseline_of_a_second_system_is_fine(trial: &Trial<'_>) -> Result {
    let (windows, linux) = (OperatingSystem::Windows, OperatingSystem::AmazonLinux2023);
    let group = trial.unique_group();
    let for_windows = bind(trial, windows.clone(), &group).await?;
    let for_linux = bind(trial, linux.clone(), &group).await?;
    let found = effective(trial, &group, windows).await?;
    same("Windows", found, for_windows)?;
    same("Linux", effective(trial, &group, linux).await?, for_linux)
}

/// Registering a pair twice succeeds, and the listing has one row.
pub(super) async fn the_same_pair_twice_succeeds(trial: &Trial<'_>) -> Result {
    let (id, group) = registered(trial).await?;
    trial.register(&id, &group).await?;
    same("rows", rows(trial, vec![own(trial)]).await?.len(), 1)
}

/// A baseline that does not exist cannot get a group.
pub(super) async fn an_unknown_baseline_takes_no_group(trial: &Trial<'_>) -> Result {
    let id = BaselineId::new("pb-0fedcba9876543210");
    let answer = trial.register(&id, &trial.unique_group()).await;
    refused("the registration", answer, NotFound)
}

/// A baseline takes 25 groups, and no 26th.
pub(super) async fn a_26th_group_exceeds_the_limit(trial: &Trial<'_>) -> Result {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    for _ in 0..25 {
        trial.register(&id, &trial.unique_group()).await?;
    }
    let answer = trial.register(&id, &trial.unique_group()).await;
    refused("the 26th group", answer, LimitExceeded)
}

/// A group that was never registered gets the default, without an error.
pub(super) async fn an_unregistered_group_gets_the_default(trial: &Trial<'_>) -> Result {
    for os in [OperatingSystem::Windows, OperatingSystem::AmazonLinux2023] {
        let found = effective(trial, &trial.unique_group(), os.clone()).await?;
        same(os.as_str(), found, trial.the_default(os.clone()).await?)?;
    }
    Ok(())
}

/// A group registered for one operating system gets the default for another.
pub(super) async fn a_group_gets_the_default_of_its_other_systems(trial: &Trial<'_>) -> Result {
    let (_, group) = registered(trial).await?;
    let linux = OperatingSystem::AmazonLinux2023;
    let found = effective(trial, &group, linux.clone()).await?;
    same("BaselineId", found, trial.the_default(linux).await?)
}

/// Without an operating system, a group is looked up for Windows.
pub(super) async fn a_lookup_without_a_system_is_for_windows(trial: &Trial<'_>) -> Result {
    let (id, group) = registered(trial).await?;
    let request = GetPatchBaselineForPatchGroup::new(&group, None);
    same("BaselineId", trial.call(request).await?.baseline_id, id)
}

/// After deregistration the default applies.
pub(super) async fn after_deregistration_the_default_applies(trial: &Trial<'_>) -> Result {
    let os = OperatingSystem::Windows;
    let (id, group) = registered(trial).await?;
    let request = DeregisterPatchBaselineForPatchGroup::new(&id, &group);
    let echo = trial.call(request).await?;
    same("the baseline echoed", &echo.baseline_id, &id)?;
    same("the group echoed", &echo.patch_group, &group)?;
    let found = effective(trial, &group, os.clone()).await?;
    same("BaselineId", found, trial.the_default(os).await?)?;
    same("rows", rows(trial, vec![own(trial)]).await?.len(), 0)
}

/// A group has one row for each operating system.
pub(super) async fn a_group_has_a_row_per_system(trial: &Trial<'_>) -> Result {
    use OperatingSystem::{Suse, Ubuntu, Windows};
    let group = trial.unique_group();
    for os in [Windows, Ubuntu, Suse] {
        bind(trial, os, &group).await?;
    }
    let rows = rows(trial, vec![own(trial)]).await?;
    same("rows", rows.len(), 3)?;
    let all = rows.iter().all(|row| row.patch_group == group);
    holds(all, "a row of another group")
}

/// OPERATING_SYSTEM lists only the rows of that system.
pub(super) async fn groups_are_filtered_by_system(trial: &Trial<'_>) -> Result {
    let group = trial.unique_group();
    let ubuntu = bind(trial, OperatingSystem::Ubuntu, &group).await?;
    bind(trial, OperatingSystem::Suse, &group).await?;
    let by_system = QueryFilter::new("OPERATING_SYSTEM", ["UBUNTU"]);
    let rows = rows(trial, vec![own(trial), by_system]).await?;
    let found = rows
        .iter()
        .flat_map(|row| &row.baseline_identity.baseline_id);
    same("baselines", found.collect::<Vec<_>>(), [&ubuntu])
}

/// NAME_PREFIX lists the groups whose name begins with it, not only the group of that name.
pub(super) async fn groups_are_filtered_by_the_beginning_of_their_name(
    trial: &Trial<'_>,
) -> Result {
    let (id, first) = registered(trial).await?;
    let second = trial.unique_group();
    trial.register(&id, &second).await?;
    same("by the stem", rows(trial, vec![own(trial)]).await?.len(), 2)?;
    let by_name = QueryFilter::new("NAME_PREFIX", [first.as_str()]);
    let found = rows(trial, vec![by_name]).await?;
    let has = |group: &PatchGroup| found.iter().any(|row| row.patch_group == *group);
    let text = "by the whole name of one group, the other is listed";
    holds(has(&first) && !has(&second), text)
}

/// A baseline names the groups that use it.
pub(super) async fn a_baseline_names_its_groups(trial: &Trial<'_>) -> Result {
    let (id, group) = registered(trial).await?;
    let found = trial.call(GetPatchBaseline::new(&id)).await?;
    let groups = found.patch_groups.unwrap_or_default();
    same("PatchGroups", groups, [group.as_str().to_owned()])
}

/// A baseline of AWS can be registered for a group, and is returned by ARN.
pub(super) async fn a_baseline_of_aws_takes_a_group(trial: &Trial<'_>) -> Result {
    let os = OperatingSystem::RockyLinux;
    let id = trial.the_default(os.clone()).await?;
    let text = "the account's default for Rocky Linux is not AWS's";
    holds(id.is_aws_owned(), text)?;
    let group = trial.unique_group();
    trial.register(&id, &group).await?;
    same("BaselineId", effective(trial, &group, os).await?, id)
}
