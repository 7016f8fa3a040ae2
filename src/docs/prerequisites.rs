//! Before the first step: can these nodes be patched at all?
//!
//! A node can be patched if Systems Manager manages it, its agent receives the run, it can download
//! the run's documents and baselines, and its package manager reaches a repository. If one of these
//! is missing, there is no error: the node just never reports. [`check_prerequisites`] checks all
//! of them and prints the command that fixes each finding.
//!
//! ```
//! use aws_patch_manager::PatchManager;
//! use aws_patch_manager::prerequisites::{FindingKind, Prerequisites};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let report = manager.check_prerequisites(&Prerequisites::account()).await?;
//! println!("{report}");
//!
//! let missing = report.findings.iter().find(|found| found.kind == FindingKind::EndpointMissing);
//! let missing = missing.ok_or("the sample lacks an endpoint")?;
//! assert_eq!(missing.message, "vpc-0c0ffee0000000002 has no endpoint for ssmmessages");
//! assert!(missing.fix.command.as_deref().is_some_and(|line| line.contains("create-vpc-endpoint")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The report prints as a compiler prints its errors, one entry for all nodes with the same
//! problem:
//!
//! ```text
//! error[endpoint-missing]: vpc-0c0ffee0000000002 has no endpoint for ssmmessages
//!   --> i-0c0ffee0000000006
//!    | subnet-0c0ffee0000000003: its route table rtb-0c0ffee0000000003 has no default route
//!    | vpce-0c0ffee0000000005: Interface endpoint for ssm
//!    | …
//!    = fix: create an endpoint for com.amazonaws.us-east-1.ssmmessages
//!           aws ec2 create-vpc-endpoint --region us-east-1 --vpc-id vpc-0c0ffee0000000002 …
//! ```
//!
//! # What a severity means
//!
//! | severity | the node | [`is_ready`] |
//! |---|---|---|
//! | [`Error`](crate::prerequisites::Severity::Error) | cannot be patched | no |
//! | [`Unknown`](crate::prerequisites::Severity::Unknown) | may be ready or not: a permission is missing, or no API shows it | no |
//! | [`Warning`](crate::prerequisites::Severity::Warning) | is patched, but probably not as you intend | yes |
//! | [`Note`](crate::prerequisites::Severity::Note) | is patched | yes |
//!
//! To gate a program on the report, use [`is_ready`]. Or leave out the nodes of [`blocked`] and, to
//! be safe, those of [`undecided`]. If the caller may not list the account's nodes, the finding has
//! no nodes: the report is not ready, but blocks no node. Each [`FindingKind`] has a
//! [`code`](crate::prerequisites::FindingKind::code) that stays the same between versions, so you
//! can ignore a known finding. The report can be written to JSON and read back.
//!
//! # The private subnet
//!
//! A subnet is private when its route table has no way to the internet: no default route, one to
//! something that is gone, or one to an internet gateway for a node without a public address. Two
//! routes that take a half of the addresses each are a default route. Then endpoints take its place, and for each the check asks in turn: is there one for the service in the VPC, for the Region
//! of the node, is it available and in a subnet, does the route table (gateway) or the private DNS name
//! (interface) lead to it, does the VPC answer such names, does its policy allow everything, and do the
//! security groups on both sides let port 443 through. One endpoint of a service that works is enough.
//!
//! | endpoint | without it |
//! |---|---|
//! | `ssm` | the agent cannot register, and no state is reported |
//! | `ssmmessages` | runs never reach the node |
//! | `ec2messages` | the same for agents before 3.3.40.0; a note for later ones, which never call it |
//! | `s3` | no document payload, no baseline snapshot, no repository of Amazon Linux |
//!
//! `ec2messages` exists only in Regions launched before 2024, and is asked for only there. Whatever is
//! wrong with it is a note for agents that do without it, and `Unknown` where the agent is. An interface
//! endpoint for S3 whose private DNS is for inbound resolver endpoints only serves no node in the VPC.
//!
//! Behind a transit gateway, a peering, a VPN, a firewall or a NAT instance nothing can be seen,
//! whether it is the default route that leads there or a nearer one of a table that has none. If the
//! VPC has the endpoints, that does not matter; if not, the finding is `Unknown`.
//!
//! An endpoint takes the traffic of public subnets, too: a gateway endpoint that of the subnets whose
//! table leads to it, an interface endpoint with private DNS that of the whole VPC. One whose policy or
//! security group shuts a node out cuts off a node with a NAT gateway. That is looked for everywhere.
//!
//! A node that is in touch and was scanned lately proves its way, behind a proxy as well: nothing about
//! its network is unknown then, and what looks shut is a warning. A question that leaves the last scan
//! out ([`ignore_scan_age`](crate::prerequisites::Prerequisites::ignore_scan_age)) cannot tell.
//!
//! Security groups that were not listed, as those of the owner of a shared VPC, and prefix lists make
//! the answer `Unknown` where it depends on them. Network ACLs, and whether a NAT gateway works, are
//! not looked at.
//!
//! A policy of the S3 endpoint has to admit the buckets that the User Guide lists: for each Region
//! `aws-patch-manager-REGION-SUFFIX` (the payload of AWS-RunPatchBaseline; the suffix follows no rule),
//! `patch-baseline-snapshot-REGION`, the older `aws-ssm-REGION`, and for a patch policy
//! `aws-quicksetup-patchpolicy-ACCOUNT-ID`. Where a policy allows less than everything, the finding
//! says so and is `Unknown`.
//!
//! # The repository
//!
//! Amazon Linux 2023 locks a system to the repositories of its release. Patch Manager does not follow
//! the lock: for every operation on it it uses the latest version of the repositories, whatever the
//! system is configured for (User Guide, patch-manager-linux-rules).
//!
//! No API tells whether a repository answers. With a way to the internet the check says nothing.
//! Without one, Amazon Linux has its repositories behind the S3 endpoint; Windows needs a WSUS server
//! in its network, and other distributions mirrors there: `Unknown`, until a recent scan proves it.
//!
//! # The role
//!
//! Default Host Management gives a role to instances without a profile. It needs version 2 of instance
//! metadata and agent 3.2.582.0; `RegisterDefaultHostManagementConfiguration` turns it on for an account
//! and Region.
//!
//! An instance in touch has the permissions it needs to be in touch, so only the others are asked:
//! for a profile, for the role that the account gives to instances without one, and behind the profile
//! for the managed policy. The last takes IAM. No adapter here has a client for it: implement
//! [`RoleInventory`] over `aws-sdk-iam` and give it to
//! [`PatchManagerBuilder::roles`](crate::manager::PatchManagerBuilder::roles), or read that it was not
//! checked.
//!
//! # The fix
//!
//! Every value in a command is quoted for a POSIX shell. A command names at most 50 nodes, so a fix
//! for more nodes has several lines. The printed report shows the first six; [`Fix`] has all. A
//! command names the Region if the request or an Availability Zone gives it. If several subnets of
//! a VPC lack the same endpoint, that is one finding, and its command creates the endpoint for all
//! of them: in one subnet of each zone, or for all their route tables.
//!
//! # What it costs
//!
//! The check reads in pages and batches, never node by node. For 10,000 instances in five VPCs with
//! interface endpoints: 200 of DescribeInstanceInformation, 200 of DescribeInstancePatchStates
//! (none with [`ignore_scan_age`](crate::prerequisites::Prerequisites::ignore_scan_age)), 10 of
//! DescribeInstances (up to 60 if EC2 does not know some ids), 10 of DescribeVpcAttribute, and one
//! page each of groups, route tables, endpoints, subnets and security groups, if they fit in one.
//! The permissions are in the table on the [front page](crate).
//!
//! [`check_prerequisites`]: crate::PatchManager::check_prerequisites
//! [`is_ready`]: crate::prerequisites::PrerequisiteReport::is_ready
//! [`blocked`]: crate::prerequisites::PrerequisiteReport::blocked
//! [`undecided`]: crate::prerequisites::PrerequisiteReport::undecided
//! [`FindingKind`]: crate::prerequisites::FindingKind
//! [`Fix`]: crate::prerequisites::Fix
//! [`RoleInventory`]: crate::backend::RoleInventory
