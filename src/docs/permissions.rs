//! What a program must be allowed to do on AWS.
//!
//! The policy below allows every verb. It is what [`iam::policy_document`] writes, which also writes
//! a smaller one for the verbs that you name:
//!
//! ```
//! use aws_patch_manager::backend::iam;
//!
//! let reporting = iam::policy_document(&["compliance"]);
//! println!("{reporting:#}");
//! ```
//!
//! Narrow the resources down for production: `ssm:SendCommand` by the document and by the nodes'
//! tags, `ec2:CreateTags` by the instances. Patch policies, window tasks with a service role and
//! associations with a dispatch role also take `iam:PassRole` for that role. [`Operation::iam_actions`]
//! says what one operation needs.
//!
//! A program that only reports can be held to it by [`ReadOnly`](crate::backend::layer::ReadOnly),
//! whatever its role allows.
//!
//! ```json
#![doc = include_str!("iam-policy.json")]
//! ```
//!
//! [`iam::policy_document`]: crate::backend::iam::policy_document
//! [`Operation::iam_actions`]: crate::backend::Operation::iam_actions
