//! Rules of baselines and of the account's defaults.

use std::collections::BTreeSet;

use super::expect::{all, holds, refused, same};
use super::trial::everything;
use super::{Failure, Trial};
use crate::backend::{
    CreatePatchBaseline, DeletePatchBaseline, DescribePatchBaselines, GetDefaultPatchBaseline,
    GetPatchBaseline, RegisterDefaultPatchBaseline, UpdatePatchBaseline,
};
use crate::baseline::{
    Approval, ApprovalRules, BaselineChanges, BaselineSpec, PatchAction, PatchBaselineIdentity,
    PatchFilter, PatchFilterGroup, PatchFilterKey,
};
use crate::error::{ErrorKind, Result};
use crate::page::{PageRequest, PageToken, paginate};
use crate::types::{BaselineId, OperatingSystem, PatchComplianceLevel, QueryFilter};

/// A well-formed id of no baseline.
const NOBODYS: &str = "pb-0fedcba9876543210";

async fn listed(
    trial: &Trial<'_>,
    filters: Vec<QueryFilter>,
    page_size: u32,
) -> Result<Vec<PatchBaselineIdentity>, Failure> {
    let store = trial.harness().baselines();
    all(paginate(|token| {
        let (store, filters) = (store.clone(), filters.clone());
        async move {
            let page = PageRequest::first()
                .with_max_results(page_size)
                .with_next_token(token);
            let request = DescribePatchBaselines::new(filters, page);
            store.describe_patch_baselines(request).await
        }
    }))
    .await
}

fn own(trial: &Trial<'_>) -> QueryFilter {
    QueryFilter::new("NAME_PREFIX", [trial.stem()])
}

fn ids(baselines: &[PatchBaselineIdentity]) -> BTreeSet<&str> {
    let ids = baselines.iter().flat_map(|found| &found.baseline_id);
    ids.map(BaselineId::as_str).collect()
}

/// A specification that sets every member.
fn full_spec(name: String) -> BaselineSpec {
    let os = OperatingSystem::Windows;
    let mut spec = BaselineSpec::new(name, os.clone());
    spec.description = Some("made by the conformance suite".to_owned());
    spec.approval_rules = ApprovalRules::new(vec![everything(&os, Approval::AfterDays(7))]);
    spec.global_filters = PatchFilterGroup::new(vec![PatchFilter::new(
        PatchFilterKey::Classification,
        ["SecurityUpdates"],
    )]);
    spec.approved_patches = vec!["KB5000001".to_owned()];
    spec.approved_patches_compliance_level = Some(PatchComplianceLevel::High);
    spec.rejected_patches = vec!["KB5000002".to_owned()];
    spec.rejected_patches_action = Some(PatchAction::Block);
    spec
}

/// A baseline with a name only reads back with the service's defaults.
pub(super) async fn a_sparse_create_reads_back_the_defaults(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let spec = BaselineSpec {
        name: trial.unique_name(),
        ..BaselineSpec::default()
    };
    let id = trial.try_baseline(spec.clone()).await?;
    let found = trial
        .harness()
        .baselines()
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await?;
    same("BaselineId", &found.baseline_id, &id)?;
    same("Name", &found.name, &spec.name)?;
    same(
        "OperatingSystem",
        &found.operating_system,
        &OperatingSystem::Windows,
    )?;
    holds(
        found.global_filters.is_empty(),
        "GlobalFilters is not empty",
    )?;
    holds(
        found.approval_rules.is_empty(),
        "ApprovalRules is not empty",
    )?;
    holds(
        found.approved_patches.is_empty(),
        "ApprovedPatches is not empty",
    )?;
    holds(
        found.rejected_patches.is_empty(),
        "RejectedPatches is not empty",
    )?;
    holds(found.sources.is_empty(), "Sources is not empty")?;
    same(
        "ApprovedPatchesComplianceLevel",
        &found.approved_patches_compliance_level,
        &PatchComplianceLevel::Unspecified,
    )?;
    same(
        "RejectedPatchesAction",
        &found.rejected_patches_action,
        &PatchAction::AllowAsDependency,
    )?;
    holds(
        !found.approved_patches_enable_non_security,
        "the flag is set",
    )?;
    same("ModifiedDate", found.modified_date, found.created_date)
}

/// A baseline reads back as it was created.
pub(super) async fn a_full_create_reads_back_what_was_said(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let spec = full_spec(trial.unique_name());
    let id = trial.try_baseline(spec.clone()).await?;
    let found = trial
        .harness()
        .baselines()
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await?;
    same("Description", &found.description, &spec.description)?;
    same("GlobalFilters", &found.global_filters, &spec.global_filters)?;
    same(
        "ApprovedPatches",
        &found.approved_patches,
        &spec.approved_patches,
    )?;
    same(
        "RejectedPatches",
        &found.rejected_patches,
        &spec.rejected_patches,
    )?;
    same(
        "RejectedPatchesAction",
        found.rejected_patches_action,
        PatchAction::Block,
    )?;
    let approvals: Vec<_> = found
        .approval_rules
        .patch_rules
        .iter()
        .map(|r| r.approval)
        .collect();
    same("ApprovalRules", approvals, [Some(Approval::AfterDays(7))])
}

/// The id of a new baseline of your own is `pb-` and 17 hexadecimal digits.
pub(super) async fn a_new_id_is_bare_and_well_formed(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.empty_baseline(OperatingSystem::Ubuntu).await?;
    let digits = id.as_str().strip_prefix("pb-").unwrap_or_default();
    let legal = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    holds(
        digits.len() == 17 && digits.chars().all(legal),
        format!("the id is {id}"),
    )
}

/// An update does not change absent members.
pub(super) async fn an_update_leaves_alone_what_it_does_not_name(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let spec = full_spec(trial.unique_name());
    let id = trial.try_baseline(spec.clone()).await?;
    let changes = BaselineChanges {
        description: Some("changed".to_owned()),
        ..BaselineChanges::default()
    };
    let store = trial.harness().baselines();
    let request = UpdatePatchBaseline::new(id.clone(), changes);
    store.update_patch_baseline(request).await?;
    let found = store.get_patch_baseline(GetPatchBaseline::new(&id)).await?;
    same("Description", found.description.as_deref(), Some("changed"))?;
    same("Name", &found.name, &spec.name)?;
    same(
        "ApprovedPatches",
        &found.approved_patches,
        &spec.approved_patches,
    )?;
    same("GlobalFilters", &found.global_filters, &spec.global_filters)?;
    same("rules", found.approval_rules.patch_rules.len(), 1)
}

/// A replacing update clears absent members.
pub(super) async fn a_replacing_update_empties_what_it_does_not_name(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let spec = full_spec(trial.unique_name());
    let id = trial.try_baseline(spec.clone()).await?;
    let changes = BaselineChanges {
        name: Some(spec.name.clone()),
        ..BaselineChanges::default()
    };
    let store = trial.harness().baselines();
    let request = UpdatePatchBaseline::replacing(id.clone(), changes);
    store.update_patch_baseline(request).await?;
    let found = store.get_patch_baseline(GetPatchBaseline::new(&id)).await?;
    same(
        "OperatingSystem",
        &found.operating_system,
        &OperatingSystem::Windows,
    )?;
    holds(
        found.approved_patches.is_empty(),
        "ApprovedPatches was kept",
    )?;
    holds(
        found.rejected_patches.is_empty(),
        "RejectedPatches was kept",
    )?;
    holds(found.global_filters.is_empty(), "GlobalFilters was kept")?;
    holds(found.approval_rules.is_empty(), "ApprovalRules was kept")?;
    same("Description", found.description.unwrap_or_default(), "")
}

/// A replacing update must have a name, as a creation must.
pub(super) async fn a_replacing_update_without_a_name_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    let request = UpdatePatchBaseline::replacing(id, BaselineChanges::default());
    let answer = trial
        .harness()
        .baselines()
        .update_patch_baseline(request)
        .await;
    refused("an update that replaces", answer, ErrorKind::InvalidInput)
}

/// An empty list in an update clears the list; it is not the same as no list.
pub(super) async fn an_empty_list_clears_the_list(trial: &Trial<'_>) -> Result<(), Failure> {
    let spec = full_spec(trial.unique_name());
    let id = trial.try_baseline(spec.clone()).await?;
    let changes = BaselineChanges {
        approved_patches: Some(Vec::new()),
        ..BaselineChanges::default()
    };
    let store = trial.harness().baselines();
    let request = UpdatePatchBaseline::new(id, changes);
    let found = store.update_patch_baseline(request).await?;
    holds(
        found.approved_patches.is_empty(),
        "ApprovedPatches was kept",
    )?;
    same(
        "RejectedPatches",
        &found.rejected_patches,
        &spec.rejected_patches,
    )
}

/// Updating a baseline that is not there is NotFound.
pub(super) async fn updating_an_unknown_baseline_is_not_found(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let changes = BaselineChanges {
        description: Some("changed".to_owned()),
        ..BaselineChanges::default()
    };
    let request = UpdatePatchBaseline::new(NOBODYS, changes);
    let answer = trial
        .harness()
        .baselines()
        .update_patch_baseline(request)
        .await;
    refused("UpdatePatchBaseline", answer, ErrorKind::NotFound)
}

/// Two baselines may have one name.
pub(super) async fn names_are_not_unique(trial: &Trial<'_>) -> Result<(), Failure> {
    let spec = BaselineSpec::new(trial.unique_name(), OperatingSystem::Windows);
    let first = trial.try_baseline(spec.clone()).await?;
    let second = trial.try_baseline(spec).await?;
    holds(first != second, "both got the same id")?;
    same(
        "baselines",
        listed(trial, vec![own(trial)], 10).await?.len(),
        2,
    )
}

/// Deleting a baseline that is not there succeeds.
pub(super) async fn deleting_an_unknown_baseline_succeeds(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let store = trial.harness().baselines();
    Ok(store
        .delete_patch_baseline(DeletePatchBaseline::new(NOBODYS))
        .await?)
}

/// A deleted baseline is gone.
pub(super) async fn a_deleted_baseline_is_gone(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    let store = trial.harness().baselines();
    store
        .delete_patch_baseline(DeletePatchBaseline::new(&id))
        .await?;
    let answer = store.get_patch_baseline(GetPatchBaseline::new(&id)).await;
    refused("GetPatchBaseline", answer, ErrorKind::NotFound)?;
    same(
        "baselines",
        listed(trial, vec![own(trial)], 10).await?.len(),
        0,
    )
}

/// A baseline that a group uses is not deleted.
pub(super) async fn deleting_is_refused_while_a_group_uses_it(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    trial.register(&id, &trial.unique_group()).await?;
    let store = trial.harness().baselines();
    let answer = store
        .delete_patch_baseline(DeletePatchBaseline::new(&id))
        .await;
    refused("DeletePatchBaseline", answer, ErrorKind::InUse)?;
    store.get_patch_baseline(GetPatchBaseline::new(&id)).await?;
    Ok(())
}

/// The account's default is not deleted.
pub(super) async fn deleting_is_refused_while_it_is_the_default(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let os = OperatingSystem::Centos;
    let id = trial.empty_baseline(os.clone()).await?;
    trial.make_default(&id, os).await?;
    let answer = trial
        .harness()
        .baselines()
        .delete_patch_baseline(DeletePatchBaseline::new(&id))
        .await;
    refused("DeletePatchBaseline", answer, ErrorKind::InUse)
}

/// Reading a baseline that is not there is NotFound.
pub(super) async fn reading_an_unknown_baseline_is_not_found(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let store = trial.harness().baselines();
    let answer = store
        .get_patch_baseline(GetPatchBaseline::new(NOBODYS))
        .await;
    refused("GetPatchBaseline", answer, ErrorKind::NotFound)
}

/// A text that is not the id of a baseline is invalid input, not NotFound.
pub(super) async fn a_malformed_id_is_invalid_input(trial: &Trial<'_>) -> Result<(), Failure> {
    let store = trial.harness().baselines();
    let id = BaselineId::new("not an id");
    let read = store.get_patch_baseline(GetPatchBaseline::new(&id)).await;
    refused("GetPatchBaseline", read, ErrorKind::InvalidInput)?;
    let made_default = store
        .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&id))
        .await;
    refused(
        "RegisterDefaultPatchBaseline",
        made_default,
        ErrorKind::InvalidInput,
    )?;
    let deleted = store
        .delete_patch_baseline(DeletePatchBaseline::new(&id))
        .await;
    refused("DeletePatchBaseline", deleted, ErrorKind::InvalidInput)
}

/// A name has 3 to 128 characters.
pub(super) async fn the_length_of_a_name_is_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    for length in [2, 129] {
        let spec = BaselineSpec::new("n".repeat(length), OperatingSystem::Windows);
        let answer = trial.try_baseline(spec).await;
        refused(
            &format!("a name of {length}"),
            answer,
            ErrorKind::InvalidInput,
        )?;
    }
    let padding = "n".repeat(128 - trial.unique_name().len());
    let longest = format!("{}{padding}", trial.unique_name());
    let spec = BaselineSpec::new(longest, OperatingSystem::Windows);
    trial.try_baseline(spec).await?;
    Ok(())
}

/// A baseline has at most 10 rules.
pub(super) async fn the_number_of_rules_is_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    let os = OperatingSystem::Windows;
    let mut spec = BaselineSpec::new(trial.unique_name(), os.clone());
    spec.approval_rules.patch_rules = vec![everything(&os, Approval::AfterDays(7)); 10];
    trial.try_baseline(spec.clone()).await?;
    spec.approval_rules.patch_rules = vec![everything(&os, Approval::AfterDays(7)); 11];
    let answer = trial.try_baseline(spec).await;
    refused("11 rules", answer, ErrorKind::InvalidInput)
}

/// A group of filters has at most 5.
pub(super) async fn the_number_of_filters_is_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut spec = BaselineSpec::new(trial.unique_name(), OperatingSystem::Windows);
    let filter = PatchFilter::new(PatchFilterKey::Product, ["WindowsServer2022"]);
    spec.global_filters = PatchFilterGroup::new(vec![filter; 6]);
    let answer = trial.try_baseline(spec).await;
    refused("6 filters", answer, ErrorKind::InvalidInput)
}

/// A delay has at most 360 days.
pub(super) async fn the_delay_is_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    let os = OperatingSystem::Windows;
    trial
        .approving(os.clone(), Approval::AfterDays(360))
        .await?;
    let answer = trial.approving(os, Approval::AfterDays(361)).await;
    refused("361 days", answer, ErrorKind::InvalidInput)
}

/// The lists of approved and of rejected patches have at most 50 entries.
pub(super) async fn the_lists_of_patches_are_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    let patches = |count: u32| (0..count).map(|n| format!("KB{}", 5_000_000 + n)).collect();
    let mut spec = BaselineSpec::new(trial.unique_name(), OperatingSystem::Windows);
    spec.approved_patches = patches(50);
    trial.try_baseline(spec.clone()).await?;
    spec.approved_patches = patches(51);
    let answer = trial.try_baseline(spec.clone()).await;
    refused("51 approved patches", answer, ErrorKind::InvalidInput)?;
    spec.approved_patches = Vec::new();
    spec.rejected_patches = patches(51);
    let answer = trial.try_baseline(spec).await;
    refused("51 rejected patches", answer, ErrorKind::InvalidInput)
}

async fn an_aws_baseline(trial: &Trial<'_>) -> Result<BaselineId, Failure> {
    let filters = vec![
        QueryFilter::new("OWNER", ["AWS"]),
        QueryFilter::new("OPERATING_SYSTEM", ["AMAZON_LINUX_2023"]),
    ];
    let found = listed(trial, filters, 100).await?;
    let id = found.into_iter().find_map(|baseline| baseline.baseline_id);
    id.ok_or_else(|| Failure::new("AWS has no baseline for AMAZON_LINUX_2023"))
}

/// A baseline that AWS owns cannot be changed.
pub(super) async fn a_baseline_of_aws_cannot_be_updated(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = an_aws_baseline(trial).await?;
    let changes = BaselineChanges {
        description: Some("changed".to_owned()),
        ..BaselineChanges::default()
    };
    let request = UpdatePatchBaseline::new(id, changes);
    let answer = trial
        .harness()
        .baselines()
        .update_patch_baseline(request)
        .await;
    refused("UpdatePatchBaseline", answer, ErrorKind::InvalidInput)
}

/// A baseline that AWS owns cannot be deleted.
pub(super) async fn a_baseline_of_aws_cannot_be_deleted(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = an_aws_baseline(trial).await?;
    let store = trial.harness().baselines();
    if store
        .delete_patch_baseline(DeletePatchBaseline::new(&id))
        .await
        .is_ok()
    {
        return Err(Failure::new(format!("{id} was deleted")));
    }
    store.get_patch_baseline(GetPatchBaseline::new(&id)).await?;
    Ok(())
}

/// AWS's baselines are listed by ARN, your own by bare id, and each can be read by the id listed.
pub(super) async fn baselines_of_aws_are_listed_by_arn(trial: &Trial<'_>) -> Result<(), Failure> {
    let aws = listed(trial, vec![QueryFilter::new("OWNER", ["AWS"])], 100).await?;
    holds(!aws.is_empty(), "AWS has no baseline")?;
    for id in aws.iter().flat_map(|found| &found.baseline_id) {
        holds(id.is_aws_owned(), format!("{id} is no ARN"))?;
    }
    let id = an_aws_baseline(trial).await?;
    let read = trial
        .harness()
        .baselines()
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await?;
    same("BaselineId", read.baseline_id, id)
}

/// Each operating system has exactly one default.
pub(super) async fn each_operating_system_has_exactly_one_default(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    for os in OperatingSystem::KNOWN {
        let filter = QueryFilter::new("OPERATING_SYSTEM", [os.as_str()]);
        let found = listed(trial, vec![filter], 100).await?;
        let defaults: Vec<_> = found.iter().filter(|one| one.default_baseline).collect();
        let [default] = defaults.as_slice() else {
            return Err(Failure::new(format!(
                "{os} has {} defaults",
                defaults.len()
            )));
        };
        let store = trial.harness().baselines();
        let named = store
            .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some(os.clone())))
            .await?;
        same(
            os.as_str(),
            default.baseline_id.as_ref(),
            Some(&named.baseline_id),
        )?;
    }
    Ok(())
}

/// Without an operating system, Windows is the default.
pub(super) async fn the_default_without_a_system_is_that_of_windows(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let store = trial.harness().baselines();
    let unnamed = store
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
        .await?;
    let windows = OperatingSystem::Windows;
    let named = store
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some(windows)))
        .await?;
    same("BaselineId", unnamed.baseline_id, named.baseline_id)
}

/// A registered default is the default of its own operating system, and listed as such.
pub(super) async fn a_registered_default_is_the_default(trial: &Trial<'_>) -> Result<(), Failure> {
    let os = OperatingSystem::Centos;
    let id = trial.empty_baseline(os.clone()).await?;
    trial.make_default(&id, os.clone()).await?;
    let store = trial.harness().baselines();
    let default = store
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some(os)))
        .await?;
    same("BaselineId", &default.baseline_id, &id)?;
    let found = listed(trial, vec![own(trial)], 10).await?;
    holds(
        found.iter().all(|one| one.default_baseline),
        "not listed as default",
    )
}

/// Registering AWS's baseline as the default replaces the account's own default.
pub(super) async fn registering_the_baseline_of_aws_restores_the_default(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let os = OperatingSystem::AmazonLinux2023;
    let id = trial.empty_baseline(os.clone()).await?;
    trial.make_default(&id, os.clone()).await?;
    let aws = an_aws_baseline(trial).await?;
    let store = trial.harness().baselines();
    store
        .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&aws))
        .await?;
    let default = store
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some(os)))
        .await?;
    same("BaselineId", default.baseline_id, aws)?;
    store
        .delete_patch_baseline(DeletePatchBaseline::new(&id))
        .await?;
    Ok(())
}

/// A baseline that is not there does not become the default.
pub(super) async fn an_unknown_baseline_does_not_become_the_default(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let store = trial.harness().baselines();
    let answer = store
        .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(NOBODYS))
        .await;
    refused("RegisterDefaultPatchBaseline", answer, ErrorKind::NotFound)
}

/// OWNER selects your own baselines, AWS's, or both with All.
pub(super) async fn the_owner_filter_tells_own_from_aws(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    let by = |owner: &str| vec![QueryFilter::new("OWNER", [owner])];
    let (own, aws) = (
        listed(trial, by("Self"), 100).await?,
        listed(trial, by("AWS"), 100).await?,
    );
    let both = listed(trial, by("All"), 100).await?;
    holds(ids(&own).contains(id.as_str()), "Self misses your own")?;
    holds(!ids(&aws).contains(id.as_str()), "AWS lists your own")?;
    holds(ids(&both).contains(id.as_str()), "All misses your own")?;
    holds(
        ids(&both).is_superset(&ids(&aws)),
        "All misses those of AWS",
    )
}

/// OPERATING_SYSTEM and NAME_PREFIX together list what passes both.
pub(super) async fn filters_of_baselines_are_anded(trial: &Trial<'_>) -> Result<(), Failure> {
    let windows = trial.empty_baseline(OperatingSystem::Windows).await?;
    trial.empty_baseline(OperatingSystem::Debian).await?;
    let filters = vec![
        own(trial),
        QueryFilter::new("OPERATING_SYSTEM", ["WINDOWS"]),
    ];
    let found = listed(trial, filters, 10).await?;
    same("baselines", ids(&found), BTreeSet::from([windows.as_str()]))
}

/// A filter passes if one of its values matches.
pub(super) async fn values_of_a_filter_are_ored(trial: &Trial<'_>) -> Result<(), Failure> {
    trial.empty_baseline(OperatingSystem::Windows).await?;
    trial.empty_baseline(OperatingSystem::Debian).await?;
    trial.empty_baseline(OperatingSystem::Suse).await?;
    let filters = vec![
        own(trial),
        QueryFilter::new("OPERATING_SYSTEM", ["WINDOWS", "SUSE"]),
    ];
    same("baselines", listed(trial, filters, 10).await?.len(), 2)
}

/// A filter key that the listing does not know is refused.
pub(super) async fn an_unknown_filter_of_baselines_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let filters = vec![QueryFilter::new("COLOUR", ["blue"])];
    let request = DescribePatchBaselines::new(filters, PageRequest::first());
    let answer = trial
        .harness()
        .baselines()
        .describe_patch_baselines(request)
        .await;
    refused("DescribePatchBaselines", answer, ErrorKind::InvalidInput)
}

/// A listing takes at most 5 filters.
pub(super) async fn more_than_five_filters_are_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    listed(trial, vec![own(trial); 5], 10).await?;
    let request = DescribePatchBaselines::new(vec![own(trial); 6], PageRequest::first());
    let answer = trial
        .harness()
        .baselines()
        .describe_patch_baselines(request)
        .await;
    refused("6 filters", answer, ErrorKind::InvalidInput)
}

/// A walk in small pages visits each baseline once.
pub(super) async fn a_walk_visits_each_baseline_once(trial: &Trial<'_>) -> Result<(), Failure> {
    for _ in 0..5 {
        trial.empty_baseline(OperatingSystem::Windows).await?;
    }
    let walked = listed(trial, vec![own(trial)], 2).await?;
    same("baselines walked", walked.len(), 5)?;
    same("different ones", ids(&walked).len(), 5)
}

/// A page holds no more than was asked for.
pub(super) async fn a_page_of_baselines_is_no_larger_than_asked(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    for _ in 0..3 {
        trial.empty_baseline(OperatingSystem::Windows).await?;
    }
    let page = PageRequest::first().with_max_results(2);
    let request = DescribePatchBaselines::new(vec![own(trial)], page);
    let store = trial.harness().baselines();
    let page = store.describe_patch_baselines(request).await?;
    holds(
        page.items.len() <= 2,
        format!("{} on a page of 2", page.items.len()),
    )?;
    holds(
        page.next_token.is_some(),
        "the first page of three says it is the last",
    )
}

/// A page has 1 to 100 baselines.
pub(super) async fn the_page_size_of_baselines_is_bounded(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    for size in [0, 101] {
        let page = PageRequest::first().with_max_results(size);
        let request = DescribePatchBaselines::new(Vec::new(), page);
        let store = trial.harness().baselines();
        let answer = store.describe_patch_baselines(request).await;
        refused(
            &format!("a page of {size}"),
            answer,
            ErrorKind::InvalidInput,
        )?;
    }
    Ok(())
}

/// A token that no listing returned is refused.
pub(super) async fn a_bad_token_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    let page = PageRequest::first().with_next_token(PageToken::new("nobody gave this"));
    let request = DescribePatchBaselines::new(Vec::new(), page);
    let answer = trial
        .harness()
        .baselines()
        .describe_patch_baselines(request)
        .await;
    refused("DescribePatchBaselines", answer, ErrorKind::InvalidInput)
}

/// The same client token with the same input returns the first result again.
pub(super) async fn a_repeated_client_token_gives_the_first_result(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let spec = BaselineSpec::new(trial.unique_name(), OperatingSystem::Windows);
    let request = CreatePatchBaseline::new(spec).with_client_token(trial.unique_name());
    let first = trial.try_request(request.clone()).await?;
    let second = trial.try_request(request).await?;
    same("BaselineId", second, first)?;
    same(
        "baselines",
        listed(trial, vec![own(trial)], 10).await?.len(),
        1,
    )
}

/// The same client token with other input is refused.
pub(super) async fn a_client_token_with_other_input_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let token = trial.unique_name();
    let of = |spec| CreatePatchBaseline::new(spec).with_client_token(token.clone());
    let spec = BaselineSpec::new(trial.unique_name(), OperatingSystem::Windows);
    trial.try_request(of(spec)).await?;
    let other = BaselineSpec::new(trial.unique_name(), OperatingSystem::Windows);
    let answer = trial.try_request(of(other)).await;
    refused(
        "CreatePatchBaseline",
        answer,
        ErrorKind::IdempotentParameterMismatch,
    )
}
