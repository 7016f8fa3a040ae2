//! The IAM permissions that your program needs.
//!
//! The policy below allows every verb. [`iam::policy_document`] writes it, and also a smaller one
//! for the verbs that you name:
//!
//! ```
//! use aws_patch_manager::backend::iam;
//!
//! let reporting = iam::policy_document(&["compliance"]);
//! println!("{reporting:#}");
//! ```
//!
//! Restrict the resources for production: `ssm:SendCommand` to the document and to the nodes' tags,
//! `ec2:CreateTags` to the instances. Patch policies, window tasks with a service role, runs
//! with notifications and associations with a dispatch role also need `iam:PassRole` for that role.
//! [`Operation::iam_actions`] lists what one operation needs.
//!
//! Listings of all managed nodes, such as those of a sweep or a snapshot, call
//! `ssm:DescribeInstanceProperties` first. A role without it still works: then
//! `ssm:DescribeInstanceInformation` lists the nodes, with twenty times as many calls, and cannot say which
//! are stopped. Listings by tag and look-ups by id always need the latter.
//!
//! The check of execution roles also needs `sts:AssumeRole` on these roles, which the policy below leaves out,
//! because it would allow to assume every role:
//! `arn:aws:iam::*:role/AWS-SystemsManager-AutomationExecutionRole`.
//!
//! For a program that only reports, the layer [`ReadOnly`](crate::backend::layer::ReadOnly) refuses
//! every write, even if the role allows it.
//!
//! ```json
#![doc = include_str!("iam-policy.json")]
//! ```
//!
//! [`iam::policy_document`]: crate::backend::iam::policy_document
//! [`Operation::iam_actions`]: crate::backend::Operation::iam_actions
