//! Rules of baselines and of the account's defaults.

use std::collections::BTreeSet;

use super::expect::{has, holds, reads_back, refused, same};
use super::trial::everything;
use super::{Failure, Result, Trial};
use crate::backend::{
    CreatePatchBaseline, DeletePatchBaseline, DescribePatchBaselines, GetDefaultPatchBaseline,
    GetPatchBaseline, RegisterDefaultPatchBaseline, UpdatePatchBaseline,
};
use crate::baseline::{
    Approval, ApprovalRules, BaselineChanges, BaselineSpec, PatchAction, PatchBaseline,
    PatchBaselineIdentity, PatchFilter, PatchFilterGroup, PatchFilterKey,
};
use crate::error::ErrorKind::{IdempotentParameterMismatch, InUse, InvalidInput, NotFound};
use crate::page::{PageRequest, PageToken};
use crate::types::{BaselineId, OperatingSystem, PatchComplianceLevel, QueryFilter};

/// A well-formed id of no baseline.
const NOBODYS: &str = "pb-0fedcba9876543210";

async fn listed(
    trial: &Trial<'_>,
    filters: Vec<QueryFilter>,
    page_size: u32,
) -> Result<Vec<PatchBaselineIdentity>> {
    trial
        .every(|page| {
            DescribePatchBaselines::new(filters.clone(), page.with_max_results(page_size))
        })
        .await
}

fn own(trial: &Trial<'_>) -> QueryFilter {
    QueryFilter::new("NAME_PREFIX", [trial.stem()])
}

/// Fails unless the trial has this many baselines.
async fn there_are(trial: &Trial<'_>, count: usize) -> Result {
    let found = listed(trial, vec![own(trial)], 10).await?;
    same("baselines", found.len(), count)
}

fn ids(baselines: &[PatchBaselineIdentity]) -> BTreeSet<&str> {
    let ids = baselines.iter().flat_map(|found| &found.baseline_id);
    ids.map(BaselineId::as_str).collect()
}

async fn found(trial: &Trial<'_>, id: &BaselineId) -> Result<PatchBaseline> {
    Ok(trial.call(GetPatchBaseline::new(id)).await?)
}

/// A Windows baseline that sets every member, and its specification.
async fn full(trial: &Trial<'_>) -> Result<(BaselineId, BaselineSpec)> {
    let os = OperatingSystem::Windows;
    let filter = PatchFilter::new(PatchFilterKey::Classification, ["SecurityUpdates"]);
    let mut spec = trial.spec(os.clone());
    spec.description = Some("made by the conformance suite".to_owned());
    spec.approval_rules = ApprovalRules::new(vec![everything(&os, Approval::AfterDays(7))]);
    spec.global_filters = PatchFilterGroup::new(vec![filter]);
    spec.approved_patches = vec!["KB5000001".to_owned()];
    spec.approved_patches_compliance_level = Some(PatchComplianceLevel::High);
    spec.rejected_patches = vec!["KB5000002".to_owned()];
    spec.rejected_patches_action = Some(PatchAction::Block);
    Ok((trial.baseline(spec.clone()).await?, spec))
}

/// Changes of the description alone.
fn described() -> BaselineChanges {
    BaselineChanges {
        description: Some("changed".to_owned()),
        ..BaselineChanges::default()
    }
}

/// A baseline with a name only reads back with the service's defaults.
pub(super) async fn a_sparse_create_reads_back_the_defaults(trial: &Trial<'_>) -> Result {
    let spec = BaselineSpec {
        name: trial.unique_name(),
        ..BaselineSpec::default()
    };
    let id = trial.baseline(spec.clone()).await?;
    let found = found(trial, &id).await?;
    has(&found, "BaselineId", id.as_str())?;
    has(&found, "Name", spec.name)?;
    has(&found, "OperatingSystem", "WINDOWS")?;
    for (member, is_empty) in [
        ("GlobalFilters", found.global_filters.is_empty()),
        ("ApprovalRules", found.approval_rules.is_empty()),
        ("ApprovedPatches", found.approved_patches.is_empty()),
        ("RejectedPatches", found.rejected_patches.is_empty()),
        ("Sources", found.sources.is_empty()),
    ] {
        holds(is_empty, format!("{member} is not empty"))?;
    }
    has(&found, "ApprovedPatchesComplianceLevel", "UNSPECIFIED")?;
    has(&found, "RejectedPatchesAction", "ALLOW_AS_DEPENDENCY")?;
    let flag = found.approved_patches_enable_non_security;
    holds(!flag, "the flag is set")?;
    same("ModifiedDate", found.modified_date, found.created_date)
}

/// A baseline reads back as it was created.
pub(super) async fn a_full_create_reads_back_what_was_said(trial: &Trial<'_>) -> Result {
    let (id, spec) = full(trial).await?;
    let found = found(trial, &id).await?;
    let lists = ["ApprovedPatches", "RejectedPatches"];
    reads_back(&found, &spec, &["Description", "GlobalFilters"])?;
    reads_back(&found, &spec, &lists)?;
    has(&found, "RejectedPatchesAction", "BLOCK")?;
    let rules = found.approval_rules.patch_rules.iter();
    let approvals: Vec<_> = rules.map(|rule| rule.approval).collect();
    same("ApprovalRules", approvals, [Some(Approval::AfterDays(7))])
}

/// The id of a new baseline of your own is `pb-` and 17 hexadecimal digits.
pub(super) async fn a_new_id_is_bare_and_well_formed(trial: &Trial<'_>) -> Result {
    let id = trial.empty_baseline(OperatingSystem::Ubuntu).await?;
    let digits = id.as_str().strip_prefix("pb-").unwrap_or_default();
    let legal = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    let is_legal = digits.len() == 17 && digits.chars().all(legal);
    holds(is_legal, format!("the id is {id}"))
}

/// An update does not change absent members.
pub(super) async fn an_update_leaves_alone_what_it_does_not_name(trial: &Trial<'_>) -> Result {
    let (id, spec) = full(trial).await?;
    let update = UpdatePatchBaseline::new(id.clone(), described());
    trial.call(update).await?;
    let found = found(trial, &id).await?;
    has(&found, "Description", "changed")?;
    reads_back(&found, &spec, &["Name", "ApprovedPatches", "GlobalFilters"])?;
    same("rules", found.approval_rules.patch_rules.len(), 1)
}

/// A replacing update clears absent members.
pub(super) async fn a_replacing_update_empties_what_it_does_not_name(trial: &Trial<'_>) -> Result {
    let (id, spec) = full(trial).await?;
    let changes = BaselineChanges {
        name: Some(spec.name),
        ..BaselineChanges::default()
    };
    let update = UpdatePatchBaseline::replacing(id.clone(), changes);
    trial.call(update).await?;
    let found = found(trial, &id).await?;
    has(&found, "OperatingSystem", "WINDOWS")?;
    for (member, is_empty) in [
        ("ApprovedPatches", found.approved_patches.is_empty()),
        ("RejectedPatches", found.rejected_patches.is_empty()),
        ("GlobalFilters", found.global_filters.is_empty()),
        ("ApprovalRules", found.approval_rules.is_empty()),
    ] {
        holds(is_empty, format!("{member} was kept"))?;
    }
    same("Description", found.description.unwrap_or_default(), "")
}

/// A replacing update must have a name, as a creation must.
pub(super) async fn a_replacing_update_without_a_name_is_refused(trial: &Trial<'_>) -> Result {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    let update = UpdatePatchBaseline::replacing(id, BaselineChanges::default());
    trial.refuses(update, InvalidInput).await
}

/// An empty list in an update clears the list; it is not the same as no list.
pub(super) async fn an_empty_list_clears_the_list(trial: &Trial<'_>) -> Result {
    let (id, spec) = full(trial).await?;
    let changes = BaselineChanges {
        approved_patches: Some(Vec::new()),
        ..BaselineChanges::default()
    };
    let found = trial.call(UpdatePatchBaseline::new(id, changes)).await?;
    let is_empty = found.approved_patches.is_empty();
    holds(is_empty, "ApprovedPatches was kept")?;
    reads_back(&found, &spec, &["RejectedPatches"])
}

/// Updating a baseline that is not there is NotFound.
pub(super) async fn updating_an_unknown_baseline_is_not_found(trial: &Trial<'_>) -> Result {
    let update = UpdatePatchBaseline::new(NOBODYS, described());
    trial.refuses(update, NotFound).await
}

/// Two baselines may have one name.
pub(super) async fn names_are_not_unique(trial: &Trial<'_>) -> Result {
    let spec = trial.spec(OperatingSystem::Windows);
    let first = trial.baseline(spec.clone()).await?;
    let second = trial.baseline(spec).await?;
    holds(first != second, "both got the same id")?;
    there_are(trial, 2).await
}

/// Deleting a baseline that is not there succeeds.
pub(super) async fn deleting_an_unknown_baseline_succeeds(trial: &Trial<'_>) -> Result {
    Ok(trial.call(DeletePatchBaseline::new(NOBODYS)).await?)
}

/// A deleted baseline is gone.
pub(super) async fn a_deleted_baseline_is_gone(trial: &Trial<'_>) -> Result {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    trial.call(DeletePatchBaseline::new(&id)).await?;
    trial.refuses(GetPatchBaseline::new(&id), NotFound).await?;
    there_are(trial, 0).await
}

/// A baseline that a group uses is not deleted.
pub(super) async fn deleting_is_refused_while_a_group_uses_it(trial: &Trial<'_>) -> Result {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    trial.register(&id, &trial.unique_group()).await?;
    trial.refuses(DeletePatchBaseline::new(&id), InUse).await?;
    found(trial, &id).await.map(drop)
}

/// The account's default is not deleted.
pub(super) async fn deleting_is_refused_while_it_is_the_default(trial: &Trial<'_>) -> Result {
    let os = OperatingSystem::Centos;
    let id = trial.empty_baseline(os.clone()).await?;
    trial.make_default(&id, os).await?;
    trial.refuses(DeletePatchBaseline::new(id), InUse).await
}

/// Reading a baseline that is not there is NotFound.
pub(super) async fn reading_an_unknown_baseline_is_not_found(trial: &Trial<'_>) -> Result {
    trial
        .refuses(GetPatchBaseline::new(NOBODYS), NotFound)
        .await
}

/// A text that is not the id of a baseline is invalid input, not NotFound.
pub(super) async fn a_malformed_id_is_invalid_input(trial: &Trial<'_>) -> Result {
    let id = BaselineId::new("not an id");
    let read = GetPatchBaseline::new(&id);
    trial.refuses(read, InvalidInput).await?;
    let make_default = RegisterDefaultPatchBaseline::new(&id);
    trial.refuses(make_default, InvalidInput).await?;
    let delete = DeletePatchBaseline::new(&id);
    trial.refuses(delete, InvalidInput).await
}

/// Fails unless this baseline cannot be created.
async fn refuses_spec(trial: &Trial<'_>, spec: BaselineSpec) -> Result {
    let request = CreatePatchBaseline::new(spec);
    trial.refuses_new(request, InvalidInput).await
}

/// A name has 3 to 128 characters.
pub(super) async fn the_length_of_a_name_is_bounded(trial: &Trial<'_>) -> Result {
    let named = |name| BaselineSpec::new(name, OperatingSystem::Windows);
    for length in [2, 129] {
        refuses_spec(trial, named("n".repeat(length))).await?;
    }
    let longest = format!("{:n<128}", trial.unique_name());
    trial.baseline(named(longest)).await?;
    Ok(())
}

/// A baseline has at most 10 rules.
pub(super) async fn the_number_of_rules_is_bounded(trial: &Trial<'_>) -> Result {
    let os = OperatingSystem::Windows;
    let rule = everything(&os, Approval::AfterDays(7));
    let mut spec = trial.spec(os);
    spec.approval_rules.patch_rules = vec![rule.clone(); 10];
    trial.baseline(spec.clone()).await?;
    spec.approval_rules.patch_rules = vec![rule; 11];
    refuses_spec(trial, spec).await
}

/// A group of filters has at most 5.
pub(super) async fn the_number_of_filters_is_bounded(trial: &Trial<'_>) -> Result {
    let mut spec = trial.spec(OperatingSystem::Windows);
    let filter = PatchFilter::new(PatchFilterKey::Product, ["WindowsServer2022"]);
    spec.global_filters = PatchFilterGroup::new(vec![filter; 6]);
    refuses_spec(trial, spec).await
}

/// A delay has at most 360 days.
pub(super) async fn the_delay_is_bounded(trial: &Trial<'_>) -> Result {
    let os = OperatingSystem::Windows;
    let longest = Approval::AfterDays(360);
    trial.approving(os.clone(), longest).await?;
    let answer = trial.approving(os, Approval::AfterDays(361)).await;
    refused("361 days", answer, InvalidInput)
}

/// The lists of approved and of rejected patches have at most 50 entries.
pub(super) async fn the_lists_of_patches_are_bounded(trial: &Trial<'_>) -> Result {
    let patches = |count: u32| (0..count).map(|n| format!("KB{}", 5_000_000 + n)).collect();
    let mut spec = trial.spec(OperatingSystem::Windows);
    spec.approved_patches = patches(50);
    trial.baseline(spec.clone()).await?;
    spec.approved_patches = patches(51);
    refuses_spec(trial, spec.clone()).await?;
    spec.approved_patches = Vec::new();
    spec.rejected_patches = patches(51);
    refuses_spec(trial, spec).await
}

async fn an_aws_baseline(trial: &Trial<'_>) -> Result<BaselineId> {
    let filters = vec![
        QueryFilter::new("OWNER", ["AWS"]),
        QueryFilter::new("OPERATING_SYSTEM", ["AMAZON_LINUX_2023"]),
    ];
    let found = listed(trial, filters, 100).await?;
    let id = found.into_iter().find_map(|baseline| baseline.baseline_id);
    id.ok_or_else(|| Failure::new("AWS has no baseline for AMAZON_LINUX_2023"))
}

/// A baseline that AWS owns cannot be changed.
pub(super) async fn a_baseline_of_aws_cannot_be_updated(trial: &Trial<'_>) -> Result {
    let id = an_aws_baseline(trial).await?;
    let update = UpdatePatchBaseline::new(id, described());
    trial.refuses(update, InvalidInput).await
}

/// A baseline that AWS owns cannot be deleted.
pub(super) async fn a_baseline_of_aws_cannot_be_deleted(trial: &Trial<'_>) -> Result {
    let id = an_aws_baseline(trial).await?;
    let deleted = trial.call(DeletePatchBaseline::new(&id)).await;
    holds(deleted.is_err(), format!("{id} was deleted"))?;
    found(trial, &id).await.map(drop)
}

/// AWS's baselines are listed by ARN, your own by bare id, and each can be read by the id listed.
pub(super) async fn baselines_of_aws_are_listed_by_arn(trial: &Trial<'_>) -> Result {
    let aws = listed(trial, vec![QueryFilter::new("OWNER", ["AWS"])], 100).await?;
    holds(!aws.is_empty(), "AWS has no baseline")?;
    for id in aws.iter().flat_map(|found| &found.baseline_id) {
        holds(id.is_aws_owned(), format!("{id} is no ARN"))?;
    }
    let id = an_aws_baseline(trial).await?;
    same("BaselineId", found(trial, &id).await?.baseline_id, id)
}

/// Each operating system has exactly one default.
pub(super) async fn each_operating_system_has_exactly_one_default(trial: &Trial<'_>) -> Result {
    for os in OperatingSystem::KNOWN {
        let filter = QueryFilter::new("OPERATING_SYSTEM", [os.as_str()]);
        let found = listed(trial, vec![filter], 100).await?;
        let defaults = found.into_iter().filter(|one| one.default_baseline);
        let defaults: Vec<_> = defaults.map(|one| one.baseline_id).collect();
        let default = trial.the_default(os.clone()).await?;
        same(&format!("the defaults of {os}"), defaults, [Some(default)])?;
    }
    Ok(())
}

/// Without an operating system, Windows is the default.
pub(super) async fn the_default_without_a_system_is_that_of_windows(trial: &Trial<'_>) -> Result {
    let unnamed = trial.call(GetDefaultPatchBaseline::new(None)).await?;
    let named = trial.the_default(OperatingSystem::Windows).await?;
    same("BaselineId", unnamed.baseline_id, named)
}

/// A registered default is the default of its own operating system, and listed as such.
pub(super) async fn a_registered_default_is_the_default(trial: &Trial<'_>) -> Result {
    let os = OperatingSystem::Centos;
    let id = trial.empty_baseline(os.clone()).await?;
    trial.make_default(&id, os.clone()).await?;
    same("BaselineId", trial.the_default(os).await?, id)?;
    let found = listed(trial, vec![own(trial)], 10).await?;
    let all = found.iter().all(|one| one.default_baseline);
    holds(all, "not listed as default")
}

/// Registering AWS's baseline as the default replaces the account's own default.
pub(super) async fn registering_the_baseline_of_aws_restores_the_default(
    trial: &Trial<'_>,
) -> Result {
    let os = OperatingSystem::AmazonLinux2023;
    let id = trial.empty_baseline(os.clone()).await?;
    trial.make_default(&id, os.clone()).await?;
    let aws = an_aws_baseline(trial).await?;
    let restore = RegisterDefaultPatchBaseline::new(&aws);
    trial.call(restore).await?;
    same("BaselineId", trial.the_default(os).await?, aws)?;
    Ok(trial.call(DeletePatchBaseline::new(&id)).await?)
}

/// A baseline that is not there does not become the default.
pub(super) async fn an_unknown_baseline_does_not_become_the_default(trial: &Trial<'_>) -> Result {
    let request = RegisterDefaultPatchBaseline::new(NOBODYS);
    trial.refuses(request, NotFound).await
}

/// OWNER selects your own baselines, AWS's, or both with All.
pub(super) async fn the_owner_filter_tells_own_from_aws(trial: &Trial<'_>) -> Result {
    let id = trial.empty_baseline(OperatingSystem::Windows).await?;
    let by = |owner| listed(trial, vec![QueryFilter::new("OWNER", [owner])], 100);
    let (own, aws, both) = (by("Self").await?, by("AWS").await?, by("All").await?);
    let (own, aws, both) = (ids(&own), ids(&aws), ids(&both));
    let id = id.as_str();
    holds(own.contains(id), "Self misses your own")?;
    holds(!aws.contains(id), "AWS lists your own")?;
    holds(both.contains(id), "All misses your own")?;
    holds(both.is_superset(&aws), "All misses those of AWS")
}

/// OPERATING_SYSTEM and NAME_PREFIX together list what passes both.
pub(super) async fn filters_of_baselines_are_anded(trial: &Trial<'_>) -> Result {
    let windows = trial.empty_baseline(OperatingSystem::Windows).await?;
    trial.empty_baseline(OperatingSystem::Debian).await?;
    let of_windows = QueryFilter::new("OPERATING_SYSTEM", ["WINDOWS"]);
    let found = listed(trial, vec![own(trial), of_windows], 10).await?;
    same("baselines", ids(&found), BTreeSet::from([windows.as_str()]))
}

/// A filter passes if one of its values matches.
pub(super) async fn values_of_a_filter_are_ored(trial: &Trial<'_>) -> Result {
    use OperatingSystem::{Debian, Suse, Windows};
    for os in [Windows, Debian, Suse] {
        trial.empty_baseline(os).await?;
    }
    let either = QueryFilter::new("OPERATING_SYSTEM", ["WINDOWS", "SUSE"]);
    let found = listed(trial, vec![own(trial), either], 10).await?;
    same("baselines", found.len(), 2)
}

/// A filter key that the listing does not know is refused.
pub(super) async fn an_unknown_filter_of_baselines_is_refused(trial: &Trial<'_>) -> Result {
    let filters = vec![QueryFilter::new("COLOUR", ["blue"])];
    let request = DescribePatchBaselines::new(filters, PageRequest::first());
    trial.refuses(request, InvalidInput).await
}

/// A listing takes at most 5 filters.
pub(super) async fn more_than_five_filters_are_refused(trial: &Trial<'_>) -> Result {
    listed(trial, vec![own(trial); 5], 10).await?;
    let request = DescribePatchBaselines::new(vec![own(trial); 6], PageRequest::first());
    trial.refuses(request, InvalidInput).await
}

/// A walk in small pages visits each baseline once.
pub(super) async fn a_walk_visits_each_baseline_once(trial: &Trial<'_>) -> Result {
    for _ in 0..5 {
        trial.empty_baseline(OperatingSystem::Windows).await?;
    }
    let walked = listed(trial, vec![own(trial)], 2).await?;
    same("baselines walked", walked.len(), 5)?;
    same("different ones", ids(&walked).len(), 5)
}

/// A page holds no more than was asked for.
pub(super) async fn a_page_of_baselines_is_no_larger_than_asked(trial: &Trial<'_>) -> Result {
    for _ in 0..3 {
        trial.empty_baseline(OperatingSystem::Windows).await?;
    }
    let page = PageRequest::first().with_max_results(2);
    let request = DescribePatchBaselines::new(vec![own(trial)], page);
    let page = trial.call(request).await?;
    let count = page.items.len();
    holds(count <= 2, format!("{count} on a page of 2"))?;
    let has_next = page.next_token.is_some();
    holds(has_next, "the first page of three says it is the last")
}

/// A page has 1 to 100 baselines.
pub(super) async fn the_page_size_of_baselines_is_bounded(trial: &Trial<'_>) -> Result {
    let listing = |page| DescribePatchBaselines::new(Vec::new(), page);
    trial.refuses_page_sizes([0, 101], listing).await
}

/// A token that no listing returned is refused.
pub(super) async fn a_bad_token_is_refused(trial: &Trial<'_>) -> Result {
    let page = PageRequest::first().with_next_token(PageToken::new("nobody gave this"));
    let request = DescribePatchBaselines::new(Vec::new(), page);
    trial.refuses(request, InvalidInput).await
}

/// The same client token with the same input returns the first result again.
pub(super) async fn a_repeated_client_token_gives_the_first_result(trial: &Trial<'_>) -> Result {
    let spec = trial.spec(OperatingSystem::Windows);
    let request = CreatePatchBaseline::new(spec).with_client_token(trial.unique_name());
    let first = trial.create(request.clone()).await?;
    same("BaselineId", trial.create(request).await?, first)?;
    there_are(trial, 1).await
}

/// The same client token with other input is refused.
pub(super) async fn a_client_token_with_other_input_is_refused(trial: &Trial<'_>) -> Result {
    let token = trial.unique_name();
    let another = || {
        let spec = trial.spec(OperatingSystem::Windows);
        CreatePatchBaseline::new(spec).with_client_token(token.clone())
    };
    trial.create(another()).await?;
    let kind = IdempotentParameterMismatch;
    trial.refuses_new(another(), kind).await
}
