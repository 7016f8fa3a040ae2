//! The in-memory backend passes every rule of the conformance suite.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use aws_patch_manager::backend::layer::{Answer, Call, Faults, Layer, Next, ReadOnly};
use aws_patch_manager::backend::{
    Access, AssociationStore, BaselineStore, CreatePatchBaseline, DeletePatchBaseline,
    DescribeInstancePatchStates, DescribeInstancePatchStatesForPatchGroup, DescribeInstancePatches,
    DescribePatchGroupState, GetPatchBaseline, ListAssociations, ListComplianceSummaries,
    Operation, Request, layered,
};
use aws_patch_manager::baseline::PatchBaseline;
use aws_patch_manager::compliance::PatchGroupState;
use aws_patch_manager::testing::conformance::{
    Capability, Harness, Lack, MemoryHarness, RULES, Rule, RuleOutcome, run_all,
};
use aws_patch_manager::types::BaselineId;
use aws_patch_manager::{MemoryBackend, PageRequest, Result};
use support::suite;

async fn keeps(name: &str) {
    let rule = RULES.iter().find(|rule| rule.name == name).unwrap();
    let verdict = rule.check(&MemoryHarness::new()).await;
    assert!(matches!(verdict, RuleOutcome::Kept), "{name}: {verdict:?}");
}

/// A test for each rule, and the list of their names.
macro_rules! rules {
    ($( $name:ident ),+ $(,)?) => {
        const TESTED: &[&str] = &[$( stringify!($name) ),+];

        $(
            #[tokio::test]
            async fn $name() {
                keeps(stringify!($name)).await;
            }
        )+
    };
}

rules! {
    a_sparse_create_reads_back_the_defaults,
    a_full_create_reads_back_what_was_said,
    a_new_id_is_bare_and_well_formed,
    an_update_leaves_alone_what_it_does_not_name,
    a_replacing_update_empties_what_it_does_not_name,
    a_replacing_update_without_a_name_is_refused,
    an_empty_list_clears_the_list,
    updating_an_unknown_baseline_is_not_found,
    names_are_not_unique,
    deleting_an_unknown_baseline_succeeds,
    a_deleted_baseline_is_gone,
    deleting_is_refused_while_a_group_uses_it,
    deleting_is_refused_while_it_is_the_default,
    reading_an_unknown_baseline_is_not_found,
    a_malformed_id_is_invalid_input,
    the_length_of_a_name_is_bounded,
    the_number_of_rules_is_bounded,
    the_number_of_filters_is_bounded,
    the_delay_is_bounded,
    the_lists_of_patches_are_bounded,
    a_baseline_of_aws_cannot_be_updated,
    a_baseline_of_aws_cannot_be_deleted,
    baselines_of_aws_are_listed_by_arn,
    each_operating_system_has_exactly_one_default,
    the_default_without_a_system_is_that_of_windows,
    a_registered_default_is_the_default,
    registering_the_baseline_of_aws_restores_the_default,
    an_unknown_baseline_does_not_become_the_default,
    the_owner_filter_tells_own_from_aws,
    filters_of_baselines_are_anded,
    values_of_a_filter_are_ored,
    an_unknown_filter_of_baselines_is_refused,
    more_than_five_filters_are_refused,
    a_walk_visits_each_baseline_once,
    a_page_of_baselines_is_no_larger_than_asked,
    the_page_size_of_baselines_is_bounded,
    a_bad_token_is_refused,
    a_repeated_client_token_gives_the_first_result,
    a_client_token_with_other_input_is_refused,
    a_registered_group_gets_its_baseline,
    a_second_baseline_of_the_system_already_exists,
    a_baseline_of_a_second_system_is_fine,
    the_same_pair_twice_succeeds,
    an_unknown_baseline_takes_no_group,
    a_26th_group_exceeds_the_limit,
    an_unregistered_group_gets_the_default,
    a_group_gets_the_default_of_its_other_systems,
    a_lookup_without_a_system_is_for_windows,
    after_deregistration_the_default_applies,
    a_group_has_a_row_per_system,
    groups_are_filtered_by_system,
    groups_are_filtered_by_the_beginning_of_their_name,
    a_baseline_names_its_groups,
    a_baseline_of_aws_takes_a_group,
    linux_patches_need_a_product,
    patches_are_filtered_by_product,
    filters_of_patches_are_anded,
    windows_patches_are_those_of_the_system,
    an_unknown_filter_of_patches_is_refused,
    effective_patches_are_for_windows_only,
    effective_patches_of_an_unknown_baseline_are_not_found,
    a_patch_without_delay_is_approved,
    a_patch_inside_the_delay_is_pending,
    a_patch_approved_by_name_is_explicit,
    a_patch_rejected_by_name_is_rejected,
    a_walk_through_properties_visits_each_once,
    the_page_size_of_properties_is_bounded,
    online_nodes_are_listed,
    a_walk_visits_each_node_once,
    nodes_are_filtered_by_id,
    nodes_are_filtered_by_tag,
    the_page_size_of_nodes_is_bounded,
    the_number_of_values_of_a_filter_of_nodes_is_bounded,
    an_unknown_filter_of_nodes_is_refused,
    tags_of_an_instance_come_change_and_go,
    tags_of_a_hybrid_node_come_change_and_go,
    removing_an_absent_tag_succeeds,
    a_reserved_tag_key_is_refused,
    instances_are_described_with_their_tags,
    an_unknown_instance_is_not_found,
    the_subnet_of_an_instance_is_in_its_vpc,
    a_vpc_has_one_main_route_table,
    a_route_table_names_its_subnets,
    endpoints_are_filtered_by_vpc_and_service,
    the_groups_of_an_instance_are_in_its_vpc,
    an_instance_says_where_it_is,
    the_attributes_of_a_vpc_are_told,
    the_role_of_default_host_management_is_a_setting,
    an_unknown_setting_is_not_found,
    a_stopped_instance_starts_again,
    what_runs_or_rests_already_stays_so,
    a_change_of_power_with_an_unknown_instance_changes_none,
    an_instance_that_does_not_run_is_not_rebooted,
    a_change_of_power_needs_an_instance,
    a_rebooted_instance_has_no_patch_pending,
    a_started_instance_has_no_patch_pending,
    properties_agree_with_information,
    a_walk_through_nodes_visits_each_once,
    properties_are_filtered_by_id,
    the_page_size_of_properties_of_nodes_is_bounded,
    an_unknown_filter_of_properties_is_refused,
    listed_nodes_agree_with_information,
    a_walk_through_listed_nodes_visits_each_once,
    listed_nodes_are_filtered_by_id,
    the_page_size_of_listed_nodes_is_bounded,
    an_unknown_filter_of_listed_nodes_is_refused,
    nodes_of_an_unknown_sync_are_not_found,
    a_summary_counts_the_listed_nodes,
    a_summary_groups_by_one_or_two_attributes,
    an_unknown_role_is_not_assumed,
    an_unknown_id_finds_nothing_in_the_network,
    an_unknown_filter_of_the_network_is_refused,
    an_unknown_document_is_not_found,
    an_unmanaged_node_is_refused,
    ids_and_targets_together_are_refused,
    neither_ids_nor_targets_is_refused,
    more_than_50_ids_are_refused,
    a_repeated_id_is_refused,
    a_missing_operation_is_refused,
    an_unknown_operation_is_refused,
    an_undeclared_parameter_is_refused,
    the_delivery_timeout_is_bounded,
    a_sent_command_says_what_it_was_sent_with,
    a_sent_command_keeps_where_its_output_goes,
    a_sent_command_keeps_its_notifications_and_its_alarm,
    a_hash_that_no_document_has_is_refused,
    an_invocation_is_not_yet_there_and_then_succeeds,
    on_linux_two_of_three_steps_are_skipped,
    on_windows_two_of_three_steps_are_skipped,
    output_is_had_by_the_name_of_the_step,
    an_unknown_step_is_refused,
    an_unknown_command_is_not_found,
    counters_count_the_nodes,
    a_command_cancelled_in_time_never_runs,
    commands_are_listed_by_id,
    invocations_have_steps_where_asked_for,
    a_repeated_send_is_a_second_run,
    there_is_no_state_before_the_first_operation,
    a_scan_reports_what_is_missing,
    a_hybrid_node_is_scanned,
    a_scan_installs_nothing,
    an_install_moves_missing_to_installed,
    an_install_without_reboot_leaves_patches_pending,
    a_later_reboot_clears_what_was_pending,
    each_operation_replaces_the_state,
    group_and_baseline_are_those_of_the_run,
    a_node_without_a_group_gets_the_default,
    a_changed_baseline_shows_with_the_next_scan,
    unknown_nodes_are_left_out,
    states_of_more_than_50_nodes_are_refused,
    the_page_size_of_states_is_bounded,
    states_of_a_group_are_compared_by_count,
    an_unknown_count_is_refused,
    patches_are_filtered_by_state,
    patches_are_filtered_by_id,
    an_unknown_filter_of_a_nodes_patches_is_refused,
    patches_of_an_unmanaged_node_are_refused,
    a_group_counts_its_nodes_per_state,
    a_group_without_nodes_counts_none,
    the_summary_of_a_node_follows_its_patches,
    items_of_a_node_are_its_patches,
    the_summary_of_the_fleet_counts_its_nodes,
    a_patch_inside_the_delay_is_not_missing,
    a_rejected_patch_is_not_missing,
    a_blocked_patch_that_is_installed_is_rejected,
    what_nobody_approved_is_installed_other,
    a_policy_reads_back_as_made,
    a_policy_is_listed_once,
    an_update_replaces_what_a_policy_says,
    a_policy_is_renamed,
    a_deleted_policy_is_gone,
    an_unknown_policy_is_not_found,
    an_unknown_configuration_is_not_found,
    a_policy_for_several_regions_reads_back_as_made,
    a_bad_schedule_is_refused,
    a_bad_update_changes_nothing,
    a_policy_fires_at_its_time_and_not_before,
    a_deleted_policy_does_not_fire,
    a_policy_overrides_the_baseline_of_the_group,
    a_policy_installs_at_its_time,
    an_association_reads_back_as_made,
    a_new_association_is_pending_in_version_1,
    an_association_is_listed_once,
    associations_are_filtered,
    an_unknown_filter_of_associations_is_refused,
    the_page_size_of_associations_is_bounded,
    the_page_size_of_effective_associations_is_bounded,
    the_name_of_an_association_is_bounded,
    an_association_of_an_unknown_document_is_not_found,
    the_parameters_of_an_association_suit_its_document,
    an_association_needs_a_node_or_targets,
    the_targets_of_an_association_are_bounded,
    the_schedules_of_the_guide_are_taken,
    a_schedule_that_associations_do_not_take_is_refused,
    apply_only_at_cron_interval_is_refused_with_a_rate,
    an_offset_of_an_association_has_its_conditions,
    the_duration_of_an_association_is_bounded,
    an_unknown_association_is_not_found,
    a_deleted_association_is_gone,
    an_update_makes_a_new_version,
    an_update_clears_what_it_leaves_out,
    a_bad_update_changes_no_association,
    an_unknown_version_of_an_association_is_refused,
    the_number_of_associations_to_start_is_bounded,
    an_association_applies_to_its_nodes_alone,
    associations_of_an_unmanaged_node_are_refused,
    an_association_without_a_schedule_runs_at_once,
    an_install_on_a_schedule_patches_at_once,
    a_run_of_an_association_counts_its_nodes,
    a_target_of_a_run_names_its_command,
    an_unknown_run_of_an_association_is_not_found,
    runs_of_an_association_are_filtered,
    an_updated_association_runs_again,
    an_association_started_once_runs_now,
    a_node_tells_how_it_fares_by_its_associations,
    a_run_of_an_association_counts_as_compliance,
    an_association_runs_at_its_time_and_not_before,
    a_deleted_association_does_not_run,
    the_length_of_a_comment_is_bounded,
    a_malformed_snapshot_id_is_refused,
    a_listed_command_has_its_comment,
    a_state_names_the_snapshot_of_the_operation,
    the_newest_command_is_listed_first,
    commands_are_filtered_by_when_they_were_sent,
    commands_are_filtered_by_status,
    commands_are_filtered_by_document,
    commands_are_filtered_by_stage,
    filters_of_commands_are_anded,
    an_unknown_filter_of_commands_is_refused,
    a_senseless_filter_of_commands_is_refused,
    more_than_five_filters_of_commands_are_refused,
    commands_of_an_unmanaged_node_are_refused,
    values_of_a_target_are_ored,
    targets_are_anded,
    a_target_by_tag_key_takes_any_value,
    without_an_id_every_instance_is_described,
    a_walk_visits_each_instance_once,
    unknown_ids_do_not_hide_known_instances,
    a_listed_instance_reads_as_described,
    the_page_size_of_instances_is_bounded,
    nodes_are_filtered_by_ping_status,
    nodes_are_filtered_by_platform,
    nodes_are_filtered_by_tag_key,
    a_policy_patches_the_nodes_it_names,
    an_updated_policy_fires_by_its_new_schedule,
    a_policy_is_deployed_and_then_succeeds,
    each_configuration_of_a_policy_is_listed_once_and_can_be_read,
    a_policy_patches_the_nodes_of_its_tag,
    an_install_takes_the_place_of_a_scan_due_with_it,
    more_than_five_filters_of_a_nodes_patches_are_refused,
    more_than_four_comparisons_are_refused,
    a_scan_reports_its_reboot_option_and_reboots_nothing,
    patches_are_filtered_by_classification,
    patches_are_filtered_by_severity,
    critical_patches_are_those_of_the_critical_level,
    a_known_snapshot_keeps_the_rules_of_its_first_run,
    a_scan_reads_no_override_list,
    an_install_without_its_override_list_fails_and_installs_nothing,
    two_overrides_together_fail_the_run,
    an_unknown_filter_of_compliance_is_refused,
    items_of_an_unmanaged_node_are_refused,
    items_are_filtered_by_severity,
    items_are_filtered_by_what_they_are_not,
    summaries_are_filtered_by_what_they_are_not,
    the_summary_of_a_node_counts_its_items,
    the_summary_of_the_fleet_counts_by_verdict,
    a_sync_reads_back_as_made,
    a_sync_without_a_type_goes_to_a_bucket,
    a_second_sync_of_a_name_already_exists,
    a_sixth_sync_exceeds_the_limit,
    syncs_are_listed_by_type,
    an_update_replaces_the_source_of_a_sync,
    an_update_changes_no_account_options,
    only_a_known_sync_from_a_source_is_updated,
    a_deleted_sync_is_gone,
    a_sync_that_makes_no_sense_is_refused,
    the_members_of_a_sync_are_bounded,
    the_page_size_of_syncs_is_bounded,
    a_token_of_baselines_is_for_its_filters,
    groups_take_their_own_tokens_only,
    the_catalog_takes_its_own_tokens_only,
    nodes_take_their_own_tokens_only,
    instances_take_their_own_tokens_only,
    properties_take_their_own_tokens_only,
    listed_nodes_take_their_own_tokens_only,
    the_network_takes_its_own_tokens_only,
    commands_take_their_own_tokens_only,
    patch_states_take_their_own_tokens_only,
    compliance_takes_its_own_tokens_only,
    policies_take_their_own_tokens_only,
    a_window_reads_back_as_made,
    names_of_windows_are_not_unique,
    a_client_token_makes_one_window,
    the_members_of_a_window_are_bounded,
    an_offset_of_a_window_needs_cron,
    windows_take_every_form_of_schedule,
    windows_are_listed_and_filtered,
    a_listing_of_windows_is_bounded,
    an_update_of_a_window_leaves_the_rest_alone,
    a_replacing_update_of_a_window_clears_the_rest,
    a_bad_update_changes_no_window,
    an_unknown_window_is_not_found,
    a_deleted_window_is_gone,
    a_window_says_when_it_opens,
    an_offset_puts_openings_off,
    a_window_that_is_off_has_no_openings,
    a_target_reads_back_as_registered,
    the_targets_of_a_window_are_bounded,
    a_target_is_updated,
    a_target_in_use_is_safe,
    a_task_reads_back_as_registered,
    unassociated_targets_must_be_allowed,
    a_task_with_targets_needs_its_limits,
    a_task_is_updated,
    a_client_token_registers_once,
    windows_are_found_by_their_nodes,
    a_window_runs_at_its_time_and_not_before,
    an_invocation_of_a_window_names_its_command,
    a_window_patches_its_nodes,
    tasks_run_by_priority,
    runs_of_a_window_are_filtered,
    an_unknown_run_of_a_window_is_not_found,
    a_window_that_is_off_or_gone_does_not_run,
    associations_take_their_own_tokens_only,
    associations_of_a_node_take_their_own_tokens_only,
    windows_take_their_own_tokens_only,
    a_document_of_a_name_is_created_once,
    a_new_version_becomes_the_default_when_it_is_made_so,
    the_same_text_makes_no_new_version,
    documents_are_listed_by_owner_type_and_name,
    reading_an_unknown_document_is_not_found,
    a_text_that_is_no_runbook_is_refused,
    a_document_is_shared_until_that_is_taken_back,
    an_unknown_runbook_or_execution_is_not_found,
    the_parameters_of_a_runbook_are_checked,
    a_client_token_starts_one_execution,
    an_execution_runs_to_its_end,
    a_stopped_execution_is_cancelled,
    each_target_has_an_execution_of_its_own,
    a_walk_through_states_visits_each_node_once,
    a_walk_through_the_patches_of_a_node_visits_each_once,
    a_group_counts_the_states_of_its_nodes,
    a_walk_through_summaries_visits_each_type_once,
}

#[test]
fn every_rule_has_its_test_and_its_own_name() {
    let tested: BTreeSet<&str> = TESTED.iter().copied().collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(tested, rules);
    assert_eq!(rules.len(), RULES.len(), "a name stands twice");
    assert!(RULES.len() >= 60, "{} rules", RULES.len());
}

/// The rules run one after the other on one account, as on a shared one, and leave nothing behind.
#[tokio::test]
async fn the_whole_suite_runs_on_one_account_and_leaves_nothing_behind() {
    use aws_patch_manager::PatchManager;
    use futures_util::TryStreamExt;

    let memory = MemoryHarness::new();
    let report = run_all(&memory).await;
    assert!(report.is_success(), "{report}");
    assert_eq!(
        report.to_string(),
        format!("{} rules kept, 0 broken, 0 not applicable", RULES.len())
    );
    let manager = PatchManager::from_memory(memory.account());
    let baselines: Vec<_> = manager.list_baselines().try_collect().await.unwrap();
    let left: Vec<_> = baselines
        .iter()
        .filter(|one| !one.baseline_id.as_ref().unwrap().is_aws_owned())
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let groups: Vec<_> = manager.list_patch_groups().try_collect().await.unwrap();
    assert!(groups.is_empty(), "{groups:?}");
    let policies: Vec<_> = manager.list_policies().try_collect().await.unwrap();
    assert!(policies.is_empty(), "{policies:?}");
    let all = ListAssociations::new(Vec::new(), PageRequest::first());
    let associations = memory.account().list_associations(all).await.unwrap();
    assert!(associations.items.is_empty(), "{associations:?}");
    let windows: Vec<_> = manager
        .list_maintenance_windows()
        .try_collect()
        .await
        .unwrap();
    assert!(windows.is_empty(), "{windows:?}");
    for node in [
        memory.windows_node(),
        memory.linux_node(),
        memory.hybrid_node(),
    ] {
        let tags = manager.node_tags(&node).await.unwrap();
        assert!(tags.is_empty(), "{node}: {tags:?}");
    }
}

#[tokio::test]
async fn every_rule_is_kept_through_all_layers() {
    let account = suite::account();
    let (layered, calls) = suite::through_all_layers(account.clone(), &account);
    let report = run_all(&suite::harness(layered, account)).await;
    let kept = report.outcomes.iter();
    let kept = kept.filter(|(_, verdict)| matches!(verdict, RuleOutcome::Kept));
    assert_eq!(kept.count(), RULES.len(), "{report}");
    let called: BTreeSet<Operation> = calls.calls().into_iter().collect();
    let known: BTreeSet<Operation> = Operation::ALL.iter().copied().collect();
    let left_out: Vec<_> = known.difference(&called).collect();
    assert_eq!(left_out, [&Operation::GetInstanceProfile]);
}

#[tokio::test]
async fn no_write_of_the_suite_passes_the_read_only_layer() {
    let account = suite::account();
    let calls = Faults::new();
    let backend = layered(Arc::new(account.clone()), calls.clone()).layer(ReadOnly::new());
    let report = run_all(&suite::harness(backend, account)).await;
    let broken = report.outcomes.iter();
    let broken = broken.filter(|(_, verdict)| matches!(verdict, RuleOutcome::Broken(_)));
    assert!(broken.count() > 100, "{report}");
    let called: BTreeSet<Operation> = calls.calls().into_iter().collect();
    assert!(called.len() > 20, "{called:?}");
    for operation in called {
        assert_eq!(operation.access(), Access::Read, "{operation}");
    }
}

/// With pages of one item, listings that need many nodes for a second page have one too.
#[tokio::test]
async fn listings_take_their_own_tokens_only_whatever_the_size_of_a_page() {
    let account = MemoryBackend::builder()
        .sample_fleet()
        .page_size_cap(1)
        .build();
    let memory = suite::harness(account.clone(), account);
    let of_tokens = RULES.iter().filter(|rule| rule.name.contains("own_tokens"));
    let mut checked = 0;
    for rule in of_tokens {
        let verdict = rule.check(&memory).await;
        assert!(
            matches!(verdict, RuleOutcome::Kept),
            "{}: {verdict:?}",
            rule.name
        );
        checked += 1;
    }
    assert!(checked >= 11, "{checked} rules");
}

#[tokio::test]
async fn a_rule_over_a_lacking_capability_is_not_applicable_and_says_why() {
    let reason = "the clock is the real one";
    let lack = Lack::new(Capability::Time, reason);
    let memory = MemoryHarness::new().lacking([lack]);
    let report = run_all(&memory).await;
    let expected: Vec<&Rule> = RULES
        .iter()
        .filter(|rule| rule.needs.contains(&Capability::Time))
        .collect();
    assert!(!expected.is_empty());
    let skipped: Vec<&str> = report.not_applicable().map(|(rule, _)| rule.name).collect();
    let names: Vec<&str> = expected.iter().map(|rule| rule.name).collect();
    assert_eq!(skipped, names);
    assert!(report.to_string().contains(reason), "{report}");
}

#[tokio::test]
async fn a_broken_rule_is_reported_with_what_was_expected() {
    let memory = MemoryHarness::new();
    memory
        .account()
        .faults()
        .throttle(Operation::DeletePatchBaseline);
    let name = "deleting_an_unknown_baseline_succeeds";
    let rule = RULES.iter().find(|rule| rule.name == name).unwrap();
    let RuleOutcome::Broken(failure) = rule.check(&memory).await else {
        panic!("the rule was kept by a backend that fails");
    };
    assert!(failure.to_string().contains("throttled"), "{failure}");
}

/// A store of baselines that forwards to memory, but tells of no baseline that it has deleted.
#[derive(Debug)]
struct Forgetful(MemoryBackend);

#[async_trait::async_trait]
impl BaselineStore for Forgetful {
    async fn create_patch_baseline(&self, request: CreatePatchBaseline) -> Result<BaselineId> {
        self.0.create_patch_baseline(request).await
    }

    async fn delete_patch_baseline(&self, _: DeletePatchBaseline) -> Result<()> {
        Ok(())
    }

    async fn get_patch_baseline(&self, request: GetPatchBaseline) -> Result<PatchBaseline> {
        self.0.get_patch_baseline(request).await
    }
}

#[tokio::test]
async fn a_wrapper_of_one_trait_is_checked_around_memory() {
    let harness = MemoryHarness::around(|manager, account| {
        manager.baselines(Arc::new(Forgetful(account.clone())))
    });
    let of = |name| RULES.iter().find(|rule| rule.name == name).unwrap();
    let kept = of("a_sparse_create_reads_back_the_defaults")
        .check(&harness)
        .await;
    assert!(matches!(kept, RuleOutcome::Kept), "{kept:?}");
    let broken = of("a_deleted_baseline_is_gone").check(&harness).await;
    assert!(matches!(broken, RuleOutcome::Broken(_)), "{broken:?}");
}

/// A layer that changes the answers to one type of request.
struct Changes<R: Request>(fn(&mut R::Answer));

impl<R: Request> fmt::Debug for Changes<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Changes({})", R::OPERATION)
    }
}

#[async_trait::async_trait]
impl<R: Request> Layer for Changes<R> {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let answer = next.run(&call).await?;
        if answer.operation() != R::OPERATION {
            return Ok(answer);
        }
        let mut changed = answer.into::<R>()?;
        self.0(&mut changed);
        Ok(Answer::new::<R>(changed))
    }
}

/// The names of the rules that a backend over memory breaks.
async fn broken_by(layer: impl Layer) -> Vec<&'static str> {
    let harness = MemoryHarness::around(|manager, _| manager.layer(layer));
    let report = run_all(&harness).await;
    let outcomes = report.outcomes.iter();
    let broken = outcomes.filter(|(_, outcome)| matches!(outcome, RuleOutcome::Broken(_)));
    broken.map(|(rule, _)| rule.name).collect()
}

#[tokio::test]
async fn a_listing_that_ends_after_its_first_page_breaks_a_rule() {
    let walk = "a_walk_through_states_visits_each_node_once";
    let states = Changes::<DescribeInstancePatchStates>(|page| page.next_token = None);
    assert_eq!(broken_by(states).await, [walk]);
    let of_group =
        Changes::<DescribeInstancePatchStatesForPatchGroup>(|page| page.next_token = None);
    assert!(broken_by(of_group).await.contains(&walk));
    let patches = Changes::<DescribeInstancePatches>(|page| page.next_token = None);
    let broken = broken_by(patches).await;
    assert!(
        broken.contains(&"a_walk_through_the_patches_of_a_node_visits_each_once"),
        "{broken:?}"
    );
    let summaries = Changes::<ListComplianceSummaries>(|page| page.next_token = None);
    let broken = broken_by(summaries).await;
    assert!(
        broken.contains(&"a_walk_through_summaries_visits_each_type_once"),
        "{broken:?}"
    );
}

#[tokio::test]
async fn a_wrong_counter_of_a_group_breaks_a_rule() {
    let counters: [fn(&mut PatchGroupState); 6] = [
        |state| state.instances_with_installed_patches += 1,
        |state| state.instances_with_installed_other_patches += 1,
        |state| state.instances_with_installed_pending_reboot_patches = None,
        |state| state.instances_with_missing_patches += 1,
        |state| state.instances_with_failed_patches += 1,
        |state| state.instances_with_other_non_compliant_patches = None,
    ];
    for (place, change) in counters.into_iter().enumerate() {
        let broken = broken_by(Changes::<DescribePatchGroupState>(change)).await;
        let rule = "a_group_counts_the_states_of_its_nodes";
        assert!(broken.contains(&rule), "counter {place}: {broken:?}");
    }
}
