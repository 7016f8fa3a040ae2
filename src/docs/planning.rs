//! A file that says what an account should have; a plan of what has to change; and the changes.
//!
//! [`DesiredState`] → [`plan`] → review → [`apply`] → [`drift`] every night. It is for who would
//! write Terraform for patching, and wants the service's rules checked before the first call.
//!
//! # The desired state
//!
//! A file in AWS's JSON form. All members but `Name` are optional.
//!
//! | member | form | a resource is identified by |
//! |---|---|---|
//! | `Name` | text: the owner of what the plan creates, in the tag `aws-patch-manager/owner` | |
//! | `Baselines` | the input of CreatePatchBaseline, with `Tags` ([`BaselineSpec`](crate::baseline::BaselineSpec)) | `Name` and `OperatingSystem` |
//! | `PatchGroups` | group → operating system → baseline | group and operating system |
//! | `Defaults` | operating system → baseline | operating system |
//! | `Nodes` | `Targets`, and the `PatchGroup` and `Tags` that those nodes get ([`DesiredNodes`](crate::plan::DesiredNodes)) | its targets |
//! | `PatchPolicies` | [`PatchPolicy`](crate::schedule::PatchPolicy); `value` of a selected baseline may be a name | `Name` |
//! | `MaintenanceWindows` | `Window`, `Targets`, `Tasks` ([`PatchWindow`](crate::schedule::window::PatchWindow)) | `Window.Name`; the names of its parts |
//! | `Associations` | the input of CreateAssociation | `AssociationName` |
//! | `AllowUnlistedValues` | `true` if filters have values that are not documented for their system, or a system has a name that this crate does not know and that is like one it knows | |
//!
//! A baseline is named by the name of one in the same file, the name of one that AWS owns
//! (`AWS-…`), its id or ARN, or `AWS` for AWS's default. References are checked, and everything that
//! is wrong is reported at once:
//!
//! ```
//! use aws_patch_manager::plan::DesiredState;
//!
//! let error = DesiredState::from_json(
//!     r#"{
//!         "Name": "web-fleet",
//!         "Baselines": [{"Name": "prod", "OperatingSystem": "UBUNTU", "RejectedPatchs": ["x"]}],
//!         "Defaults": {"UBUNTU": "prod-ubuntu"}
//!     }"#,
//! );
//! let error = error.err().ok_or("accepted")?;
//! let fields: Vec<_> = error.violations().iter().map(|wrong| wrong.field.as_str()).collect();
//! assert_eq!(fields, ["Baselines[0].RejectedPatchs", "Defaults.UBUNTU"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The same in YAML, read by a serde crate of your choice
//! (`serde_norway::from_str::<DesiredState>(text)?`):
//!
//! ```yaml
//! Name: web-fleet
//! Baselines:
//!   - Name: prod-ubuntu
//!     OperatingSystem: UBUNTU
//!     ApprovedPatches: [openssl]
//! PatchGroups:
//!   web: { UBUNTU: prod-ubuntu, WINDOWS: AWS }
//! Nodes:
//!   - Targets: [{ Key: "tag:Role", Values: [web] }]
//!     PatchGroup: web
//! MaintenanceWindows:
//!   - Window:
//!       { Name: web-sunday, Schedule: "cron(0 2 ? * SUN *)", Duration: 4, Cutoff: 1, AllowUnassociatedTargets: false }
//!     Targets:
//!       - { Name: web, ResourceType: INSTANCE, Targets: [{ Key: "tag:Role", Values: [web] }] }
//!     Tasks:
//!       - TargetNames: [web] # names of Targets above
//!         Task:
//!           Name: install
//!           TaskType: RUN_COMMAND
//!           TaskArn: AWS-RunPatchBaseline
//!           MaxConcurrency: "10%"
//!           MaxErrors: "5%"
//!           TaskInvocationParameters:
//!             { RunCommand: { Parameters: { Operation: [Install], RebootOption: [RebootIfNeeded] } } }
//! ```
//!
//! A `PatchPolicy`, a `PatchWindow` or an association that a [`PolicySchedule`](crate::PolicySchedule) made
//! serializes to its entry.
//!
//! and in TOML (`toml::from_str::<DesiredState>(text)?`):
//!
//! ```toml
//! Name = "web-fleet"
//!
//! [[Baselines]]
//! Name = "prod-ubuntu"
//! OperatingSystem = "UBUNTU"
//! ApprovedPatches = ["openssl"]
//!
//! [PatchGroups.web]
//! UBUNTU = "prod-ubuntu"
//! WINDOWS = "AWS"
//! ```
//!
//! Quote dates in both. To write YAML, write `serde_json::to_value(&state)?`: YAML crates write an
//! enum of Rust as a tag otherwise. In code, [`DesiredState::builder`] takes what the builders of
//! this crate make.
//!
//! An account that exists already begins with [`import`], which describes what it has: the first plan
//! has no changes. `left_out` lists what no file can describe, such as two baselines of one name.
//!
//! # The plan
//!
//! [`plan`] reads the account into a mirror, applies the verbs there, and reads off what they write:
//! no rule stands twice, and a request that the service would refuse fails the plan. It prints as a
//! Terraform plan reads, is JSON, and [`to_markdown`](crate::plan::Plan::to_markdown) is a comment of
//! a pull request. [`is_empty`](crate::plan::Plan::is_empty) is for the exit code.
//!
//! ```
//! use aws_patch_manager::plan::{DesiredState, PlanOptions};
//! use aws_patch_manager::{BaselineBuilder, PatchManager};
//! use futures_util::TryStreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let of = |days| {
//!     let spec = BaselineBuilder::windows_critical_and_security("prod-windows", days).build()?;
//!     DesiredState::builder("web-fleet").baseline(spec).build()
//! };
//! let plan = manager.plan(&of(7)?, PlanOptions::new()).await?;
//! assert_eq!(plan.summary(), "Plan: 1 to create; 0 unchanged.");
//! let _events: Vec<_> = manager.apply(&plan).try_collect().await?;
//!
//! let plan = manager.plan(&of(14)?, PlanOptions::new()).await?;
//! assert_eq!(
//!     plan.to_string(),
//!     "  ~ baseline prod-windows (WINDOWS)\n        \
//!      ApprovalRules.PatchRules[0].ApproveAfterDays: 7 -> 14\n\n\
//!      Plan: 1 to update; 0 unchanged."
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | sign | step |
//! |---|---|
//! | `+` | creates the resource, with the tag of its owner |
//! | `~` | changes the members that are named |
//! | `~ … adopted` | changes a resource that belonged to nobody, and tags it as the state's own |
//! | `-/+` | creates a baseline for another operating system in place of the state's own one, which is deleted |
//! | `-` | deletes what belongs to the state by its tag and is not in it, if [`prune`](crate::plan::PlanOptions::prune) is set |
//!
//! Each step has its calls with their requests, and the IAM actions that it needs.
//!
//! - **Names identify.** A resource of the name is used, changed and adopted; with
//!   [`adopt`](crate::plan::PlanOptions::adopt) it is also tagged if nothing else changes. Several of
//!   one name are `Ambiguous`. One that belongs to another state and would change is refused.
//! - **What the file does not say, stays**: other tags, whether a window is enabled, baselines that AWS
//!   selects in a policy. What the service fills in is no difference.
//! - **What is legal but probably not intended is in [`warnings`](crate::plan::Plan::warnings)**, such as
//!   a schedule that never fires, also of a resource that does not change. So a job in CI can fail if
//!   that list is not empty.
//! - **What may not be read is said** in the plan, which takes it for absent. Such a plan cannot be
//!   applied.
//! - **Groups, defaults, node tags and policies have no owner tag.** Groups and defaults of the state's
//!   own baselines are pruned. What loses its baseline so and is not named in the state can be another
//!   state's: [`warnings`](crate::plan::Plan::warnings) has it. A policy is never pruned: delete it
//!   yourself. A baseline that a policy selects stays, and so does one whose patch group is in the
//!   targets of another state's window or association; a note says which.
//! - **A node has one value of a tag.** Two entries of `Nodes` that give it two are refused. An entry
//!   that no node matches is noted.
//!
//! # Apply
//!
//! **An apply never touches what the state does not own and does not name.** A plan's file says what to
//! do and is not trusted: [`apply`] plans the state again, and does a step only if that plan has it too.
//! A deletion must have the same id and still be the state's own; what is gone already is unchanged.
//! What would be written must be what the steps show: if somebody edited only the desired state in the
//! file, or removed or moved steps, the plan is refused by path, with both values.
//!
//! [`apply`] reads the account again, and refuses the plan with `Stale` if a resource of it has
//! changed in another way than the plan would change it, or belongs to another state now. The error
//! names each member. It reads once, before the first step: who changes the account while the steps are
//! done is not seen. Then it does
//! the steps in order, and says when each begins and ends. If it stops, the error has the steps that
//! took effect; nothing is rolled back. **Apply the same plan again:** what is done is left alone,
//! and the rest is done. This holds after a lost reply and after the end of the program too.
//!
//! Nodes that came after the plan was made are for the next plan.
//!
//! # Drift
//!
//! [`drift`] is a plan without the intent. For a nightly job, with `prune`:
//!
//! ```no_run
//! # async fn nightly(
//! #     manager: aws_patch_manager::PatchManager,
//! #     desired: aws_patch_manager::plan::DesiredState,
//! # ) -> Result<std::process::ExitCode, aws_patch_manager::Error> {
//! use aws_patch_manager::plan::PlanOptions;
//! use std::process::ExitCode;
//!
//! let drift = manager.drift(&desired, PlanOptions::new().prune(true)).await?;
//! println!("{drift}"); // baseline prod-windows (WINDOWS): RejectedPatches is ["KB1"], not []
//! Ok(if drift.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
//! # }
//! ```
//!
//! # Destroy
//!
//! [`plan_destroy`](crate::PatchManager::plan_destroy) makes a plan that removes what belongs to the
//! state; [`apply`] does it. Associations, windows and baselines go by the tag of their owner; a
//! baseline leaves its groups first, and AWS's default is restored. Policies have no tag: those that
//! are exactly as the state says go. Tags of nodes stay, and so do resources that were used and never
//! adopted; [`notes`](crate::plan::Plan::notes) names those.
//!
//! [`apply`]: crate::PatchManager::apply
//! [`DesiredState`]: crate::plan::DesiredState
//! [`DesiredState::builder`]: crate::plan::DesiredState::builder
//! [`drift`]: crate::PatchManager::drift
//! [`import`]: crate::PatchManager::import
//! [`plan`]: crate::PatchManager::plan
