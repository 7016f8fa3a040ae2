//! A file that says what an account has; a plan of what has to change; and the changes.
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
//! | `AllowUnlistedValues` | `true` if filters have values that are not documented for their system | |
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
//! ```
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
//! [`apply`]: crate::PatchManager::apply
//! [`DesiredState`]: crate::plan::DesiredState
//! [`DesiredState::builder`]: crate::plan::DesiredState::builder
//! [`drift`]: crate::PatchManager::drift
//! [`import`]: crate::PatchManager::import
//! [`plan`]: crate::PatchManager::plan
