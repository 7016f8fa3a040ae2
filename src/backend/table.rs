//! The table of operations, which defines what a backend does.
//!
//! Macros generate from it the traits, [`Operation`](super::Operation), the forwarding of a layer,
//! the IAM actions, the routes of the emulator, the mocks, and the operations of faults. To add an
//! operation, add its request type and its row; the compiler reports what else is missing.
//!
//! A row says, in this order: method, request, answer; service and access (`WriteOnce` is a write
//! that nothing makes repeatable); the verbs that need it, by their name in the IAM table; the form of the answer in
//! AWS's JSON (`output`: the members as they are; `(Name)`: one member; `{Name}`: a page of a listing;
//! `[Name, …]`: nothing but these members of the request); the members that the service requires;
//! the bounds of a page's size and its default; the member that makes a repetition harmless; IAM
//! actions besides the operation's own.

/// Hands the table to a macro.
macro_rules! operations {
    ($emit:ident) => {
        $emit! {
            /// Stores patch baselines and the account's defaults.
            ///
            /// ```
            /// use aws_patch_manager::backend::{BaselineStore, CreatePatchBaseline};
            /// use aws_patch_manager::{BaselineBuilder, MemoryBackend};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let store = MemoryBackend::new();
            /// let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
            /// let request = CreatePatchBaseline::new(spec).with_client_token("once");
            /// let id = store.create_patch_baseline(request.clone()).await?;
            /// assert_eq!(store.create_patch_baseline(request).await?, id);
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            BaselineStore, baselines, MockBaselineStore {
                /// CreatePatchBaseline: creates a baseline, and returns its id.
                create_patch_baseline(CreatePatchBaseline) -> BaselineId {
                    Ssm Write for "baselines" as (BaselineId); requires [Name]; token ClientToken
                }
                /// UpdatePatchBaseline: changes a baseline of your own.
                update_patch_baseline(UpdatePatchBaseline) -> PatchBaseline {
                    Ssm Write for "baselines" as output; requires [BaselineId]
                }
                /// GetPatchBaseline: reads a baseline, with the groups registered for it.
                get_patch_baseline(GetPatchBaseline) -> PatchBaseline {
                    Ssm Read for "baselines" as output; requires [BaselineId]
                }
                /// DeletePatchBaseline: refused while a group or the default uses it; an unknown id succeeds.
                delete_patch_baseline(DeletePatchBaseline) -> () {
                    Ssm Write for "baselines" as [BaselineId]; requires [BaselineId]
                }
                /// DescribePatchBaselines: lists your own and AWS's baselines.
                describe_patch_baselines(DescribePatchBaselines) -> Page<PatchBaselineIdentity> {
                    Ssm Read for "baselines" as {BaselineIdentities}; pages 1..=100 by 50
                }
                /// GetDefaultPatchBaseline: the account's default for an operating system, Windows if none is named.
                get_default_patch_baseline(GetDefaultPatchBaseline) -> DefaultPatchBaseline {
                    Ssm Read for "baselines" as output
                }
                /// RegisterDefaultPatchBaseline: makes a baseline the default for its operating system.
                register_default_patch_baseline(RegisterDefaultPatchBaseline) -> BaselineId {
                    Ssm Write for "baselines" as (BaselineId); requires [BaselineId]
                }
            }

            /// Binds patch groups to baselines: one baseline per group and operating system.
            ///
            /// ```
            /// use aws_patch_manager::backend::{GetPatchBaselineForPatchGroup, PatchGroupRegistry};
            /// use aws_patch_manager::types::OperatingSystem;
            /// use aws_patch_manager::{MemoryBackend, PatchGroup};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let registry = MemoryBackend::new();
            /// let web = PatchGroup::new("web")?;
            /// let os = Some(OperatingSystem::Windows);
            /// let request = GetPatchBaselineForPatchGroup::new(web, os);
            /// let found = registry.get_patch_baseline_for_patch_group(request).await?;
            /// assert!(found.baseline_id.is_aws_owned());
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            PatchGroupRegistry, groups, MockPatchGroupRegistry {
                /// RegisterPatchBaselineForPatchGroup: fails with `AlreadyExists` if the group has another
                /// baseline for the operating system, and with `LimitExceeded` at the baseline's 26th group.
                register_patch_baseline_for_patch_group(RegisterPatchBaselineForPatchGroup) -> BaselineForPatchGroup {
                    Ssm Write for "groups" as output; requires [BaselineId, PatchGroup]
                }
                /// DeregisterPatchBaselineForPatchGroup.
                deregister_patch_baseline_for_patch_group(DeregisterPatchBaselineForPatchGroup) -> BaselineForPatchGroup {
                    Ssm Write for "groups" as output; requires [BaselineId, PatchGroup]
                }
                /// GetPatchBaselineForPatchGroup: the group's baseline, else the default; never fails for an unknown group.
                get_patch_baseline_for_patch_group(GetPatchBaselineForPatchGroup) -> BaselineForPatchGroup {
                    Ssm Read for "groups" as output; requires [PatchGroup]
                }
                /// DescribePatchGroups: one row per group and operating system.
                describe_patch_groups(DescribePatchGroups) -> Page<PatchGroupMapping> {
                    Ssm Read for "groups" as {Mappings}; pages 1..=100 by 50
                }
            }

            /// The patch catalog, and the approval of patches under a baseline.
            ///
            /// ```
            /// use aws_patch_manager::backend::{DescribeAvailablePatches, PatchCatalog};
            /// use aws_patch_manager::types::QueryFilter;
            /// use aws_patch_manager::{MemoryBackend, PageRequest};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let catalog = MemoryBackend::new();
            /// let product = vec![QueryFilter::new("PRODUCT", ["WindowsServer2022"])];
            /// let request = DescribeAvailablePatches::new(product, PageRequest::first().with_max_results(3));
            /// let page = catalog.describe_available_patches(request).await?;
            /// assert_eq!(page.items.len(), 3);
            /// assert!(page.next_token.is_some());
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            PatchCatalog, catalog, MockPatchCatalog {
                /// DescribeAvailablePatches.
                describe_available_patches(DescribeAvailablePatches) -> Page<Patch> {
                    Ssm Read for "catalog" as {Patches}; pages 1..=100 by 50
                }
                /// DescribePatchProperties: each value is a map of one entry, such as `{"Name": "AmazonLinux2023"}`.
                describe_patch_properties(DescribePatchProperties) -> Page<BTreeMap<String, String>> {
                    Ssm Read for "catalog" as {Properties}; requires [OperatingSystem, Property]; pages 1..=50 by 50
                }
                /// DescribeEffectivePatchesForPatchBaseline: Windows baselines only.
                describe_effective_patches_for_patch_baseline(DescribeEffectivePatchesForPatchBaseline) -> Page<EffectivePatch> {
                    Ssm Read for "catalog" as {EffectivePatches}; requires [BaselineId]; pages 1..=100 by 50
                }
            }

            /// The managed nodes and their tags.
            ///
            /// ```
            /// use aws_patch_manager::MemoryBackend;
            /// use aws_patch_manager::backend::{CreateTags, DescribeTags, NodeInventory};
            /// use aws_patch_manager::types::{NodeId, Tag};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let inventory = MemoryBackend::sample();
            /// let node = NodeId::new("i-0c0ffee0000000001");
            /// let tag = Tag::new("Role", "web");
            /// inventory.create_tags(CreateTags::new(&node, [tag.clone()])).await?;
            /// let tags = inventory.describe_tags(DescribeTags::of(&node)).await?.items;
            /// assert!(tags.iter().any(|described| described.key == tag.key));
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            NodeInventory, nodes, MockNodeInventory {
                /// DescribeInstanceInformation: the managed nodes. Stopped ones drop out after a while.
                describe_instance_information(DescribeInstanceInformation) -> Page<InstanceInformation> {
                    Ssm Read for "compliance" as {InstanceInformationList}; pages 5..=50 by 10
                }
                /// DescribeInstanceProperties: the managed nodes, up to 1,000 a page, with more of EC2 and
                /// without tags.
                describe_instance_properties(DescribeInstanceProperties) -> Page<InstanceProperty> {
                    Ssm Read for "compliance" as {InstanceProperties}; pages 5..=1000 by 50
                }
                /// ListNodes: the nodes of this account and Region, or of all accounts and Regions of an
                /// organization, with the account and Region of each.
                ///
                /// # Errors
                ///
                /// [`Unsupported`](crate::ErrorKind::Unsupported) if the account does not have the integrated
                /// experience of Systems Manager, and [`NotFound`](crate::ErrorKind::NotFound) if it has no
                /// sync of the name in this Region.
                list_nodes(ListNodes) -> Page<Node> {
                    Ssm Read for "nodes" as {Nodes}; pages 1..=50 by 50
                }
                /// ListNodesSummary: the number of these nodes in each group.
                ///
                /// # Errors
                ///
                /// As [`list_nodes`](NodeInventory::list_nodes).
                list_nodes_summary(ListNodesSummary) -> Page<NodeSummary> {
                    Ssm Read for "nodes" as {Summary}; requires [Aggregators]; pages 1..=50 by 50
                }
                /// DescribeInstances (EC2): instances in any state.
                ///
                /// # Errors
                ///
                /// [`NotFound`](crate::ErrorKind::NotFound) if EC2 does not know one of the ids that are named.
                describe_instances(DescribeInstances) -> Page<Ec2Instance> {
                    Ec2 Read for "tags" as output; pages 5..=1000 by 1000
                }
                /// DescribeTags (EC2): tags of instances. An unknown instance has none.
                describe_tags(DescribeTags) -> Page<TagDescription> {
                    Ec2 Read for "tags" as output; pages 5..=1000 by 1000
                }
                /// CreateTags (EC2): sets tags on all named instances, or on none.
                ///
                /// # Errors
                ///
                /// [`NotFound`](crate::ErrorKind::NotFound) if EC2 does not know one of the instances.
                create_tags(CreateTags) -> () {
                    Ec2 Write for "tags" as []
                }
                /// DeleteTags (EC2): removes tags from instances; an absent key succeeds.
                ///
                /// # Errors
                ///
                /// [`NotFound`](crate::ErrorKind::NotFound) if EC2 does not know one of the instances.
                delete_tags(DeleteTags) -> () {
                    Ec2 Write for "tags" as []
                }
                /// ListTagsForResource: tags of a hybrid node, a baseline, a window or an association.
                list_tags_for_resource(ListTagsForResource) -> Vec<Tag> {
                    Ssm Read for "tags" as (TagList); requires [ResourceType, ResourceId]
                }
                /// AddTagsToResource.
                add_tags_to_resource(AddTagsToResource) -> () {
                    Ssm Write for "tags" as []; requires [ResourceType, ResourceId, Tags]
                }
                /// RemoveTagsFromResource: an absent key succeeds.
                remove_tags_from_resource(RemoveTagsFromResource) -> () {
                    Ssm Write for "tags" as []; requires [ResourceType, ResourceId, TagKeys]
                }
                /// GetServiceSetting: a setting of the account and Region.
                ///
                /// # Errors
                ///
                /// [`NotFound`](crate::ErrorKind::NotFound) if the service does not know the
                /// setting.
                get_service_setting(GetServiceSetting) -> ServiceSetting {
                    Ssm Read for "prerequisites" as (ServiceSetting); requires [SettingId]
                }
            }

            /// Starts, stops and reboots EC2 instances.
            ///
            /// ```
            /// use aws_patch_manager::MemoryBackend;
            /// use aws_patch_manager::backend::{NodePower, StopInstances};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let power = MemoryBackend::sample();
            /// let changes = power.stop_instances(StopInstances::new(["i-0c0ffee0000000001"])).await?;
            /// assert_eq!(changes[0].previous_state.name, "running");
            /// assert_eq!(changes[0].current_state.name, "stopping");
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            NodePower, power, MockNodePower {
                /// StartInstances (EC2): starts all named instances, or none. One that runs already stays as it is.
                ///
                /// # Errors
                ///
                /// [`NotFound`](crate::ErrorKind::NotFound) if EC2 does not know one of the instances, and
                /// [`Conflict`](crate::ErrorKind::Conflict) if one is still stopping.
                start_instances(StartInstances) -> Vec<InstanceStateChange> {
                    Ec2 Write for "power" as (StartingInstances)
                }
                /// StopInstances (EC2): stops all named instances, or none. One that is stopped already stays as it is.
                ///
                /// # Errors
                ///
                /// [`NotFound`](crate::ErrorKind::NotFound) if EC2 does not know one of the instances, and
                /// [`Conflict`](crate::ErrorKind::Conflict) if one is still starting.
                stop_instances(StopInstances) -> Vec<InstanceStateChange> {
                    Ec2 Write for "power" as (StoppingInstances)
                }
                /// RebootInstances (EC2): asks all named instances to reboot, or none.
                ///
                /// # Errors
                ///
                /// [`NotFound`](crate::ErrorKind::NotFound) if EC2 does not know one of the instances, and
                /// [`Conflict`](crate::ErrorKind::Conflict) if one does not run.
                reboot_instances(RebootInstances) -> () {
                    Ec2 Write for "power" as []
                }
            }

            /// Stores patch policies.
            ///
            /// ```
            /// use aws_patch_manager::backend::{
            ///     CreateConfigurationManager, GetConfigurationManager, PatchPolicyStore,
            /// };
            /// use aws_patch_manager::{MemoryBackend, PolicySchedule};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let store = MemoryBackend::new();
            /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
            /// let request = CreateConfigurationManager::new(policy.clone());
            /// let arn = store.create_configuration_manager(request).await?;
            /// let state = store.get_configuration_manager(GetConfigurationManager::new(arn)).await?;
            /// assert_eq!(state.policy, policy);
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            PatchPolicyStore, policies, MockPatchPolicyStore {
                /// CreateConfigurationManager: creates a patch policy. Deployment is asynchronous.
                create_configuration_manager(CreateConfigurationManager) -> PatchPolicyArn {
                    QuickSetup Write for "policies" as (ManagerArn); requires [ConfigurationDefinitions]; also ["ssm:DescribePatchBaselines"]
                }
                /// GetConfigurationManager: reads a patch policy.
                get_configuration_manager(GetConfigurationManager) -> PatchPolicyState {
                    QuickSetup Read for "policies" as output; requires [ManagerArn]
                }
                /// UpdateConfigurationDefinition: replaces the content of a policy, including its
                /// name.
                update_configuration_definition(UpdateConfigurationDefinition) -> () {
                    QuickSetup Write for "policies" as []; requires [ManagerArn]; also ["ssm-quicksetup:GetConfigurationManager", "ssm-quicksetup:UpdateConfigurationManager", "ssm:DescribePatchBaselines"]
                }
                /// UpdateConfigurationManager: renames a patch policy.
                update_configuration_manager(UpdateConfigurationManager) -> () {
                    QuickSetup Write for "policies" as []; requires [ManagerArn]
                }
                /// DeleteConfigurationManager.
                delete_configuration_manager(DeleteConfigurationManager) -> () {
                    QuickSetup Write for "policies" as []; requires [ManagerArn]
                }
                /// ListConfigurationManagers: patch policies only.
                list_configuration_managers(ListConfigurationManagers) -> Page<PatchPolicyState> {
                    QuickSetup Read for "policies" as {ConfigurationManagersList}; pages 1..=100 by 50; also ["ssm-quicksetup:GetConfigurationManager"]
                }
                /// ListConfigurations: what was deployed of patch policies, by account and Region.
                list_configurations(ListConfigurations) -> Page<PolicyConfigurationSummary> {
                    QuickSetup Read for "policies" as {ConfigurationsList}; pages 1..=100 by 50
                }
                /// GetConfiguration: what was deployed of a patch policy to one account and Region.
                get_configuration(GetConfiguration) -> PolicyConfiguration {
                    QuickSetup Read for "policies" as output; requires [ConfigurationId]
                }
            }

            /// Stores maintenance windows, with their targets and tasks.
            ///
            /// ```
            /// use aws_patch_manager::MemoryBackend;
            /// use aws_patch_manager::backend::{GetMaintenanceWindow, MaintenanceWindowStore};
            /// use aws_patch_manager::schedule::window::CreateMaintenanceWindow;
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let store = MemoryBackend::new();
            /// let create = CreateMaintenanceWindow::new("web", "cron(0 2 ? * SUN *)", 3, 1);
            /// let id = store.create_maintenance_window(create).await?;
            /// let window = store.get_maintenance_window(GetMaintenanceWindow::new(id)).await?;
            /// assert_eq!(window.cutoff, Some(1));
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            MaintenanceWindowStore, windows, MockMaintenanceWindowStore {
                /// CreateMaintenanceWindow.
                create_maintenance_window(CreateMaintenanceWindow) -> WindowId {
                    Ssm Write for "windows" as (WindowId); requires [Name, Schedule, Duration, Cutoff, AllowUnassociatedTargets]; token ClientToken
                }
                /// GetMaintenanceWindow.
                get_maintenance_window(GetMaintenanceWindow) -> MaintenanceWindow {
                    Ssm Read for "windows" as output; requires [WindowId]
                }
                /// UpdateMaintenanceWindow: returns the updated window.
                update_maintenance_window(UpdateMaintenanceWindow) -> MaintenanceWindow {
                    Ssm Write for "windows" as output; requires [WindowId]
                }
                /// DeleteMaintenanceWindow, with its targets and tasks. Does nothing if there is no such window.
                delete_maintenance_window(DeleteMaintenanceWindow) -> () {
                    Ssm Write for "windows" as [WindowId]; requires [WindowId]
                }
                /// DescribeMaintenanceWindows.
                describe_maintenance_windows(DescribeMaintenanceWindows) -> Page<MaintenanceWindowIdentity> {
                    Ssm Read for "windows" as {WindowIdentities}; pages 10..=100 by 50
                }
                /// DescribeMaintenanceWindowsForTarget.
                describe_maintenance_windows_for_target(DescribeMaintenanceWindowsForTarget) -> Page<MaintenanceWindowIdentityForTarget> {
                    Ssm Read for "windows" as {WindowIdentities}; requires [Targets, ResourceType]; pages 1..=4294967295 by 50
                }
                /// DescribeMaintenanceWindowSchedule: the next openings of windows.
                describe_maintenance_window_schedule(DescribeMaintenanceWindowSchedule) -> Page<ScheduledWindowExecution> {
                    Ssm Read for "windows" as {ScheduledWindowExecutions}; pages 1..=4294967295 by 50
                }
                /// RegisterTargetWithMaintenanceWindow.
                register_target_with_maintenance_window(RegisterTargetWithMaintenanceWindow) -> WindowTargetId {
                    Ssm Write for "windows" as (WindowTargetId); requires [WindowId, ResourceType, Targets]; token ClientToken
                }
                /// UpdateMaintenanceWindowTarget: returns the updated target, without its resource
                /// type.
                update_maintenance_window_target(UpdateMaintenanceWindowTarget) -> MaintenanceWindowTarget {
                    Ssm Write for "windows" as output; requires [WindowId, WindowTargetId]
                }
                /// DeregisterTargetFromMaintenanceWindow. With `safe` it fails with
                /// [`InUse`](crate::ErrorKind::InUse) while a task names the target.
                deregister_target_from_maintenance_window(DeregisterTargetFromMaintenanceWindow) -> () {
                    Ssm Write for "windows" as [WindowId, WindowTargetId]; requires [WindowId, WindowTargetId]
                }
                /// DescribeMaintenanceWindowTargets.
                describe_maintenance_window_targets(DescribeMaintenanceWindowTargets) -> Page<MaintenanceWindowTarget> {
                    Ssm Read for "windows" as {Targets}; requires [WindowId]; pages 10..=100 by 50
                }
                /// RegisterTaskWithMaintenanceWindow.
                register_task_with_maintenance_window(RegisterTaskWithMaintenanceWindow) -> WindowTaskId {
                    Ssm Write for "windows" as (WindowTaskId); requires [WindowId, TaskArn, TaskType]; token ClientToken
                }
                /// UpdateMaintenanceWindowTask: returns the updated task, without its type.
                update_maintenance_window_task(UpdateMaintenanceWindowTask) -> MaintenanceWindowTaskDetail {
                    Ssm Write for "windows" as output; requires [WindowId, WindowTaskId]
                }
                /// DeregisterTaskFromMaintenanceWindow.
                deregister_task_from_maintenance_window(DeregisterTaskFromMaintenanceWindow) -> () {
                    Ssm Write for "windows" as [WindowId, WindowTaskId]; requires [WindowId, WindowTaskId]
                }
                /// GetMaintenanceWindowTask.
                get_maintenance_window_task(GetMaintenanceWindowTask) -> MaintenanceWindowTaskDetail {
                    Ssm Read for "windows" as output; requires [WindowId, WindowTaskId]
                }
                /// DescribeMaintenanceWindowTasks.
                describe_maintenance_window_tasks(DescribeMaintenanceWindowTasks) -> Page<MaintenanceWindowTask> {
                    Ssm Read for "windows" as {Tasks}; requires [WindowId]; pages 10..=100 by 50
                }
            }

            /// The runs of maintenance windows.
            ///
            /// ```
            /// use aws_patch_manager::backend::{
            ///     DescribeMaintenanceWindowExecutions, MaintenanceWindowHistory, MaintenanceWindowStore,
            /// };
            /// use aws_patch_manager::schedule::window::CreateMaintenanceWindow;
            /// use aws_patch_manager::{MemoryBackend, PageRequest};
            /// use std::time::Duration;
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let backend = MemoryBackend::new();
            /// let create = CreateMaintenanceWindow::new("web", "cron(0 2 ? * SUN *)", 3, 1);
            /// let id = backend.create_maintenance_window(create).await?;
            /// backend.advance(Duration::from_hours(7 * 24));
            /// let request = DescribeMaintenanceWindowExecutions::new(id, vec![], PageRequest::first());
            /// let runs = backend.describe_maintenance_window_executions(request).await?.items;
            /// println!("{runs:?}");
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            MaintenanceWindowHistory, window_history, MockMaintenanceWindowHistory {
                /// DescribeMaintenanceWindowExecutions, newest first.
                describe_maintenance_window_executions(DescribeMaintenanceWindowExecutions) -> Page<MaintenanceWindowExecution> {
                    Ssm Read for "windows" as {WindowExecutions}; requires [WindowId]; pages 10..=100 by 50
                }
                /// GetMaintenanceWindowExecution.
                get_maintenance_window_execution(GetMaintenanceWindowExecution) -> MaintenanceWindowExecutionDetail {
                    Ssm Read for "windows" as output; requires [WindowExecutionId]
                }
                /// DescribeMaintenanceWindowExecutionTasks.
                describe_maintenance_window_execution_tasks(DescribeMaintenanceWindowExecutionTasks) -> Page<MaintenanceWindowExecutionTaskIdentity> {
                    Ssm Read for "windows" as {WindowExecutionTaskIdentities}; requires [WindowExecutionId]; pages 10..=100 by 50
                }
                /// GetMaintenanceWindowExecutionTask.
                get_maintenance_window_execution_task(GetMaintenanceWindowExecutionTask) -> MaintenanceWindowExecutionTask {
                    Ssm Read for "windows" as output; requires [WindowExecutionId, TaskId]
                }
                /// DescribeMaintenanceWindowExecutionTaskInvocations.
                describe_maintenance_window_execution_task_invocations(DescribeMaintenanceWindowExecutionTaskInvocations) -> Page<MaintenanceWindowExecutionTaskInvocation> {
                    Ssm Read for "windows" as {WindowExecutionTaskInvocationIdentities}; requires [WindowExecutionId, TaskId]; pages 10..=100 by 50
                }
                /// GetMaintenanceWindowExecutionTaskInvocation.
                get_maintenance_window_execution_task_invocation(GetMaintenanceWindowExecutionTaskInvocation) -> MaintenanceWindowExecutionTaskInvocation {
                    Ssm Read for "windows" as output; requires [WindowExecutionId, TaskId, InvocationId]
                }
                /// CancelMaintenanceWindowExecution: tasks that have not started do not start.
                cancel_maintenance_window_execution(CancelMaintenanceWindowExecution) -> () {
                    Ssm Write for "windows" as [WindowExecutionId]; requires [WindowExecutionId]
                }
            }

            /// Stores State Manager associations and their runs.
            ///
            /// ```
            /// use aws_patch_manager::backend::AssociationStore;
            /// use aws_patch_manager::{MemoryBackend, PolicySchedule};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let store = MemoryBackend::sample();
            /// for wanted in PolicySchedule::new("web").scan_daily_at(1, 0).associations()? {
            ///     let made = store.create_association(wanted).await?;
            ///     assert!(made.association_id.is_some());
            /// }
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            AssociationStore, associations, MockAssociationStore {
                /// CreateAssociation. Not idempotent: a repeated call can create a second
                /// association, which patches too. If the association may exist after an error, the
                /// error is [marked](crate::Error::with_unknown_effect).
                create_association(CreateAssociation) -> AssociationDescription {
                    Ssm WriteOnce for "associations" as (AssociationDescription); requires [Name]; also ["ssm:AddTagsToResource", "ssm:ListTagsForResource"]
                }
                /// UpdateAssociation: returns the updated association.
                update_association(UpdateAssociation) -> AssociationDescription {
                    Ssm Write for "associations" as (AssociationDescription); requires [AssociationId]
                }
                /// DeleteAssociation.
                delete_association(DeleteAssociation) -> () {
                    Ssm Write for "associations" as []; requires [AssociationId]
                }
                /// DescribeAssociation.
                describe_association(DescribeAssociation) -> AssociationDescription {
                    Ssm Read for "associations" as (AssociationDescription); requires [AssociationId]
                }
                /// ListAssociations.
                list_associations(ListAssociations) -> Page<Association> {
                    Ssm Read for "associations" as {Associations}; pages 1..=50 by 50
                }
                /// ListAssociationVersions, newest first.
                list_association_versions(ListAssociationVersions) -> Page<AssociationVersionInfo> {
                    Ssm Read for "associations" as {AssociationVersions}; requires [AssociationId]; pages 1..=50 by 50
                }
                /// StartAssociationsOnce: runs 1 to 10 associations now, in addition to their
                /// schedules.
                start_associations_once(StartAssociationsOnce) -> () {
                    Ssm Write for "associations" as []; requires [AssociationIds]
                }
                /// DescribeAssociationExecutions, newest first.
                describe_association_executions(DescribeAssociationExecutions) -> Page<AssociationExecution> {
                    Ssm Read for "associations" as {AssociationExecutions}; requires [AssociationId]; pages 1..=50 by 50
                }
                /// DescribeAssociationExecutionTargets.
                describe_association_execution_targets(DescribeAssociationExecutionTargets) -> Page<AssociationExecutionTarget> {
                    Ssm Read for "associations" as {AssociationExecutionTargets}; requires [AssociationId, ExecutionId]; pages 1..=50 by 50
                }
                /// DescribeEffectiveInstanceAssociations: the associations that apply to a node.
                describe_effective_instance_associations(DescribeEffectiveInstanceAssociations) -> Page<InstanceAssociation> {
                    Ssm Read for "associations" as {Associations}; requires [InstanceId]; pages 1..=5 by 5
                }
                /// DescribeInstanceAssociationsStatus: the status of each association on a node.
                describe_instance_associations_status(DescribeInstanceAssociationsStatus) -> Page<InstanceAssociationStatusInfo> {
                    Ssm Read for "associations" as {InstanceAssociationStatusInfos}; requires [InstanceId]; pages 1..=50 by 50
                }
            }

            /// Runs documents on nodes: Run Command.
            ///
            /// ```
            /// use aws_patch_manager::backend::{CancelCommand, CommandRunner};
            /// use aws_patch_manager::{MemoryBackend, PatchRequest};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let runner = MemoryBackend::sample();
            /// for command in PatchRequest::scan().nodes(["i-0c0ffee0000000001"]).commands()? {
            ///     let sent = runner.send_command(command).await?;
            ///     runner.cancel_command(CancelCommand::new(sent.command_id)).await?;
            /// }
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            CommandRunner, commands, MockCommandRunner {
                /// SendCommand. Not idempotent: a repeated call is a second run. If the run may
                /// have started after an error, the error is
                /// [marked](crate::Error::with_unknown_effect).
                send_command(SendCommand) -> Command {
                    Ssm WriteOnce for "runs" as (Command); requires [DocumentName]
                }
                /// GetCommandInvocation: fails with [`NotYet`](crate::ErrorKind::NotYet) right after sending.
                /// Name the plugin (`PatchWindows`, `PatchLinux`, `PatchMacOS`) to see a step's output.
                get_command_invocation(GetCommandInvocation) -> CommandInvocationDetail {
                    Ssm Read for "runs" as output; requires [CommandId, InstanceId]
                }
                /// ListCommandInvocations.
                list_command_invocations(ListCommandInvocations) -> Page<CommandInvocation> {
                    Ssm Read for "runs" as {CommandInvocations}; pages 1..=50 by 50
                }
                /// ListCommands.
                list_commands(ListCommands) -> Page<Command> {
                    Ssm Read for "runs" as {Commands}; pages 1..=50 by 50
                }
                /// CancelCommand. Best effort.
                cancel_command(CancelCommand) -> () {
                    Ssm Write for "runs" as []; requires [CommandId]
                }
            }

            /// The patch states of nodes, and compliance.
            ///
            /// ```
            /// use aws_patch_manager::backend::{ComplianceSource, DescribeInstancePatchStates};
            /// use aws_patch_manager::types::NodeId;
            /// use aws_patch_manager::{MemoryBackend, PageRequest};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let source = MemoryBackend::sample();
            /// let nodes = [NodeId::new("i-0123456789abcdef0")];
            /// let request = DescribeInstancePatchStates::new(nodes, PageRequest::first());
            /// let page = source.describe_instance_patch_states(request).await?;
            /// assert!(page.items.is_empty());
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            ComplianceSource, compliance, MockComplianceSource {
                /// DescribeInstancePatchStates of at most 50 nodes.
                ///
                /// Nodes that never ran a patch operation, and unknown ids, are left out without an error.
                describe_instance_patch_states(DescribeInstancePatchStates) -> Page<InstancePatchState> {
                    Ssm Read for "compliance" as {InstancePatchStates}; requires [InstanceIds]; pages 10..=100 by 50
                }
                /// DescribeInstancePatchStatesForPatchGroup.
                describe_instance_patch_states_for_patch_group(DescribeInstancePatchStatesForPatchGroup) -> Page<InstancePatchState> {
                    Ssm Read for "compliance" as {InstancePatchStates}; requires [PatchGroup]; pages 10..=100 by 50
                }
                /// DescribeInstancePatches.
                describe_instance_patches(DescribeInstancePatches) -> Page<PatchComplianceData> {
                    Ssm Read for "compliance" as {Patches}; requires [InstanceId]; pages 10..=100 by 50
                }
                /// DescribePatchGroupState: the number of nodes of a group with patches in each
                /// state.
                describe_patch_group_state(DescribePatchGroupState) -> PatchGroupState {
                    Ssm Read for "compliance" as output; requires [PatchGroup]
                }
                /// ListComplianceItems of one node.
                list_compliance_items(ListComplianceItems) -> Page<ComplianceItem> {
                    Ssm Read for "compliance" as {ComplianceItems}; pages 1..=50 by 50
                }
                /// ListComplianceSummaries: the number of compliant nodes, per compliance type.
                list_compliance_summaries(ListComplianceSummaries) -> Page<ComplianceSummaryItem> {
                    Ssm Read for "compliance" as {ComplianceSummaryItems}; pages 1..=50 by 50
                }
                /// ListResourceComplianceSummaries: the compliance of each node, per compliance
                /// type.
                list_resource_compliance_summaries(ListResourceComplianceSummaries) -> Page<ResourceComplianceSummaryItem> {
                    Ssm Read for "compliance" as {ResourceComplianceSummaryItems}; pages 1..=50 by 50
                }
            }

            /// The network of nodes, as far as patching depends on it.
            ///
            /// ```
            /// use aws_patch_manager::backend::{DescribeSubnets, NetworkInventory};
            /// use aws_patch_manager::{MemoryBackend, PageRequest};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let network = MemoryBackend::sample();
            /// let request = DescribeSubnets::new(Vec::new(), PageRequest::first());
            /// let page = network.describe_subnets(request).await?;
            /// for subnet in page.items {
            ///     println!("{} in {}", subnet.subnet_id, subnet.vpc_id);
            /// }
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            NetworkInventory, network, MockNetworkInventory {
                /// DescribeVpcEndpoints (EC2).
                describe_vpc_endpoints(DescribeVpcEndpoints) -> Page<VpcEndpoint> {
                    Ec2 Read for "prerequisites" as output; pages 1..=1000 by 1000
                }
                /// DescribeSubnets (EC2).
                describe_subnets(DescribeSubnets) -> Page<Subnet> {
                    Ec2 Read for "prerequisites" as output; pages 5..=1000 by 1000
                }
                /// DescribeRouteTables (EC2).
                describe_route_tables(DescribeRouteTables) -> Page<RouteTable> {
                    Ec2 Read for "prerequisites" as output; pages 5..=100 by 100
                }
                /// DescribeSecurityGroups (EC2).
                describe_security_groups(DescribeSecurityGroups) -> Page<SecurityGroup> {
                    Ec2 Read for "prerequisites" as output; pages 5..=1000 by 1000
                }
                /// DescribeVpcAttribute (EC2): whether one attribute of a VPC is on.
                ///
                /// # Errors
                ///
                /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such VPC.
                describe_vpc_attribute(DescribeVpcAttribute) -> bool {
                    Ec2 Read for "prerequisites" as output
                }
            }

            /// Stores resource data syncs.
            ///
            /// ```
            /// use aws_patch_manager::MemoryBackend;
            /// use aws_patch_manager::backend::{ListResourceDataSync, ResourceDataSyncStore};
            /// use aws_patch_manager::resource_data_sync::SyncToDestination;
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let store = MemoryBackend::new();
            /// let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "us-east-1");
            /// store.create_resource_data_sync(sync.build()?).await?;
            /// let page = store.list_resource_data_sync(ListResourceDataSync::default()).await?;
            /// assert_eq!(page.items[0].sync_name.as_deref(), Some("patching"));
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            ResourceDataSyncStore, data_syncs, MockResourceDataSyncStore {
                /// CreateResourceDataSync: fails with [`AlreadyExists`](crate::ErrorKind::AlreadyExists) if
                /// there is one of this name, and with
                /// [`LimitExceeded`](crate::ErrorKind::LimitExceeded) at the sixth of an account and Region.
                create_resource_data_sync(CreateResourceDataSync) -> () {
                    Ssm Write for "syncs" as []; requires [SyncName]
                }
                /// UpdateResourceDataSync: replaces the source of a sync of the type `SyncFromSource`.
                ///
                /// # Errors
                ///
                /// [`Conflict`](crate::ErrorKind::Conflict) while another update is in progress.
                update_resource_data_sync(UpdateResourceDataSync) -> () {
                    Ssm Write for "syncs" as []; requires [SyncName, SyncType, SyncSource]
                }
                /// DeleteResourceDataSync: what was written stays.
                delete_resource_data_sync(DeleteResourceDataSync) -> () {
                    Ssm Write for "syncs" as []; requires [SyncName]
                }
                /// ListResourceDataSync.
                list_resource_data_sync(ListResourceDataSync) -> Page<ResourceDataSyncItem> {
                    Ssm Read for "syncs" as {ResourceDataSyncItems}; pages 1..=50 by 50
                }
            }

            /// Documents: runbooks of your own, their versions, and the accounts that share them.
            ///
            /// ```
            /// use aws_patch_manager::MemoryBackend;
            /// use aws_patch_manager::automation::PatchRunbook;
            /// use aws_patch_manager::backend::{CreateDocument, DocumentStore, GetDocument};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let account = MemoryBackend::new();
            /// let runbook = PatchRunbook::new("Patch-Nodes");
            /// let request = CreateDocument::runbook("Patch-Nodes", runbook.content());
            /// let created = account.create_document(request).await?;
            /// assert_eq!(created.document_version.as_deref(), Some("1"));
            /// let read = account.get_document(GetDocument::new("Patch-Nodes")).await?;
            /// assert_eq!(read.content, Some(runbook.content()));
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            DocumentStore, documents, MockDocumentStore {
                /// CreateDocument: fails with `AlreadyExists` if the account has a document of the name.
                create_document(CreateDocument) -> DocumentDescription {
                    Ssm Write for "automation" as (DocumentDescription); requires [Content, Name]
                }
                /// UpdateDocument: makes a new version, which is not the default one yet.
                update_document(UpdateDocument) -> DocumentDescription {
                    Ssm Write for "automation" as (DocumentDescription); requires [Content, Name]
                }
                /// UpdateDocumentDefaultVersion.
                update_document_default_version(UpdateDocumentDefaultVersion) -> DocumentDefaultVersionDescription {
                    Ssm Write for "automation" as (Description); requires [Name, DocumentVersion]
                }
                /// DescribeDocument: a version without its text.
                describe_document(DescribeDocument) -> DocumentDescription {
                    Ssm Read for "automation" as (Document); requires [Name]
                }
                /// GetDocument: a version with its text.
                get_document(GetDocument) -> Document {
                    Ssm Read for "automation" as output; requires [Name]
                }
                /// ListDocuments: the account's own and AWS's documents.
                list_documents(ListDocuments) -> Page<DocumentIdentifier> {
                    Ssm Read for "automation" as {DocumentIdentifiers}; pages 1..=50 by 50
                }
                /// ModifyDocumentPermission: shares a document with accounts, or no longer.
                modify_document_permission(ModifyDocumentPermission) -> () {
                    Ssm Write for "automation" as []; requires [Name, PermissionType]
                }
                /// DescribeDocumentPermission: the accounts that a document is shared with.
                describe_document_permission(DescribeDocumentPermission) -> Page<AccountSharingInfo> {
                    Ssm Read for "automation" as {AccountSharingInfoList}; requires [Name, PermissionType]; pages 1..=200 by 200
                }
            }

            /// Automation: executions of runbooks in one account and Region, or in many.
            ///
            /// ```
            /// use aws_patch_manager::MemoryBackend;
            /// use aws_patch_manager::backend::{AutomationRunner, DescribeAutomationExecutions};
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let account = MemoryBackend::new();
            /// let all = DescribeAutomationExecutions::default();
            /// assert!(account.describe_automation_executions(all).await?.items.is_empty());
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            AutomationRunner, automation, MockAutomationRunner {
                /// StartAutomationExecution.
                ///
                /// # Errors
                ///
                /// [`IdempotentParameterMismatch`](crate::ErrorKind::IdempotentParameterMismatch) if the
                /// client token was used with other parameters.
                start_automation_execution(StartAutomationExecution) -> AutomationExecutionId {
                    Ssm Write for "automation" as (AutomationExecutionId); requires [DocumentName]; token ClientToken
                }
                /// GetAutomationExecution.
                get_automation_execution(GetAutomationExecution) -> AutomationExecution {
                    Ssm Read for "automation" as (AutomationExecution); requires [AutomationExecutionId]
                }
                /// DescribeAutomationExecutions: newest first.
                describe_automation_executions(DescribeAutomationExecutions) -> Page<AutomationExecutionMetadata> {
                    Ssm Read for "automation" as {AutomationExecutionMetadataList}; pages 1..=50 by 50
                }
                /// DescribeAutomationStepExecutions: the steps of one execution, in their order.
                describe_automation_step_executions(DescribeAutomationStepExecutions) -> Page<StepExecution> {
                    Ssm Read for "automation" as {StepExecutions}; requires [AutomationExecutionId]; pages 1..=50 by 50
                }
                /// StopAutomationExecution: fails with `Conflict` if it has ended.
                stop_automation_execution(StopAutomationExecution) -> () {
                    Ssm Write for "automation" as []; requires [AutomationExecutionId]
                }
            }

            /// The roles of instance profiles. Optional: it needs a client for IAM, which no
            /// adapter of this crate has.
            ///
            /// Without it,
            /// [`PatchManager::check_prerequisites`](crate::PatchManager::check_prerequisites)
            /// reports that a node's policy was not checked. An implementation over `aws-sdk-iam`
            /// makes two calls:
            ///
            /// ```text
            /// let profile = iam.get_instance_profile().instance_profile_name(name).send().await?;
            /// let role = profile.instance_profile()….roles()…;
            /// let policies = iam.list_attached_role_policies().role_name(role).into_paginator().items()…;
            /// ```
            RoleInventory, roles, MockRoleInventory {
                /// GetInstanceProfile and ListAttachedRolePolicies (IAM): a profile, by its name, with its role
                /// and that role's managed policies; for patch policies with its tags, by ListRoleTags.
                ///
                /// # Errors
                ///
                /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such profile.
                get_instance_profile(GetInstanceProfile) -> InstanceProfile {
                    Iam Read for "prerequisites" as output; also ["iam:ListAttachedRolePolicies", "iam:ListRoleTags"]
                }
            }

            /// Sessions in roles of other accounts, to find out whether a role is there and trusts the caller.
            ///
            /// ```
            /// use aws_patch_manager::backend::{AssumeRole, RoleSessions};
            /// use aws_patch_manager::memory::MemoryOrganization;
            ///
            /// # futures_util::FutureExt::now_or_never(async {
            /// let organization = MemoryOrganization::builder()
            ///     .unit("ou-ab12-production", None)
            ///     .account("222222222222", "ou-ab12-production")
            ///     .build()?;
            /// let central = organization.member(organization.management(), "us-east-1")?;
            /// let role = "arn:aws:iam::222222222222:role/AWS-SystemsManager-AutomationExecutionRole";
            /// central.assume_role(AssumeRole::new(role, "check", None)).await?;
            /// # Ok::<(), aws_patch_manager::Error>(())
            /// # }).ok_or("pending")??;
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            RoleSessions, sessions, MockRoleSessions {
                /// AssumeRole (STS): who the caller is in the role. The credentials of the session are dropped.
                ///
                /// # Errors
                ///
                /// [`AccessDenied`](crate::ErrorKind::AccessDenied) if there is no such role, if it does not
                /// trust the caller, or if the caller may not assume it: STS does not say which.
                assume_role(AssumeRole) -> AssumedRoleUser {
                    Sts Read for "prerequisites" as (AssumedRoleUser); requires [RoleArn, RoleSessionName]
                }
            }
        }
    };
}

pub(crate) use operations;
