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
//! A subnet is private if its route table has no route to the internet: no default route, a default
//! route to something deleted, or one to an internet gateway for a node without a public address.
//! Two routes that each cover half of all addresses count as a default route. A node in a private
//! subnet needs endpoints. For each, the check asks in this order:
//!
//! - Does the VPC have an endpoint for the service, in the Region of the node?
//! - Is the endpoint available and in a subnet?
//! - Does the route table (gateway) or the private DNS name (interface) lead to it?
//! - Does the VPC resolve such names?
//! - Does its policy allow everything?
//! - Do the security groups on both sides allow port 443?
//!
//! One working endpoint for a service is enough.
//!
//! | endpoint | without it |
//! |---|---|
//! | `ssm` | the agent cannot register, and no state is reported |
//! | `ssmmessages` | runs never reach the node |
//! | `ec2messages` | the same for agents before 3.3.40.0; only a note for later ones, which never call it |
//! | `s3` | no document payload, no baseline snapshot, no repository of Amazon Linux |
//!
//! `ec2messages` exists only in Regions launched before 2024, and the check looks for it only
//! there. A problem with it is a note if the agent works without it, and `Unknown` if the agent's
//! version is not known. If the private DNS of an S3 interface endpoint is for inbound resolver
//! endpoints only, no node in the VPC can use it.
//!
//! The check cannot see behind a transit gateway, a peering, a VPN, a firewall or a NAT instance.
//! If a route leads there, the default route or a more specific one, and the VPC lacks one of the
//! endpoints, the finding is `Unknown`.
//!
//! An endpoint also takes the traffic of public subnets: a gateway endpoint takes that of every
//! subnet whose table leads to it, an interface endpoint with private DNS that of the whole VPC. If
//! its policy or security group refuses a node, the node is cut off even if it has a NAT gateway.
//! The check covers all subnets for this.
//!
//! If a node is online and has a recent scan, its network works, even behind a proxy. Then nothing
//! about its network is `Unknown`, and a closed path is only a warning. With
//! [`ignore_scan_age`](crate::prerequisites::Prerequisites::ignore_scan_age) the check does not
//! read scans and cannot use this.
//!
//! The answer is `Unknown` if it depends on a prefix list, or on a security group that the caller
//! cannot list, such as one of the owner of a shared VPC. The check does not cover network ACLs,
//! nor whether a NAT gateway works.
//!
//! A policy of the S3 endpoint must allow the buckets in the User Guide: for each Region
//! `aws-patch-manager-REGION-SUFFIX` (the payload of AWS-RunPatchBaseline; the suffix follows no
//! rule), on macOS `aws-patchmanager-macos-REGION-SUFFIX`, `patch-baseline-snapshot-REGION` (with a suffix in six Regions), the older `aws-ssm-REGION`, and for a patch policy
//! `aws-quicksetup-patchpolicy-ACCOUNT-ID`. If a policy does not allow everything, the finding says
//! so and is `Unknown`.
//!
//! # The repository
//!
//! Amazon Linux 2023 locks a system to the repositories of its release. Patch Manager ignores the
//! lock: every operation uses the latest version of the repositories (User Guide,
//! patch-manager-linux-rules).
//!
//! No API shows whether a repository answers. If the node has a route to the internet, the check
//! reports nothing. Without one, Amazon Linux reaches its repositories through the S3 endpoint.
//! Windows needs a WSUS server in its network, and other distributions need mirrors: the finding is
//! `Unknown` until a recent scan proves that they work.
//!
//! # The agent
//!
//! AWS-RunPatchBaseline needs agent 2.0.834.0. AWS-RunPatchBaselineWithHooks needs 3.0.502; the check
//! cannot see whether your runs have hooks, so ask for it by
//! [`with_hooks`](crate::prerequisites::Prerequisites::with_hooks), or by naming the run.
//!
//! # The system
//!
//! The User Guide lists the versions of each system that Patch Manager supports. A run on another one
//! usually ends with exit code 146, so that is an error. If the node has a recent scan, the service still
//! accepts the version: a warning, because it gets no new patches and may show as compliant. The same holds
//! for the systems that the guide no longer names: Amazon Linux 1 and 2022, and Raspberry Pi OS. A release
//! of Amazon Linux that came after this crate is `Unknown`.
//!
//! No API shows the rest of what a system needs (User Guide, Patch Manager prerequisites): Python 2.6 to
//! 3.12 on Linux and macOS, Python 3 on Debian, Ubuntu and AlmaLinux, and on macOS Homebrew in
//! `/usr/local/bin` or `/opt/homebrew/bin`.
//!
//! # The role
//!
//! Default Host Management gives a role to instances without a profile, and to those whose profile does
//! not allow `ssm:UpdateInstanceInformation`. It needs version 2 of instance
//! metadata and agent 3.2.582.0; `RegisterDefaultHostManagementConfiguration` turns it on for an account
//! and Region.
//!
//! An online instance has the permissions it needs to connect. For the other instances, the check
//! looks for an instance profile, for the account's default role for instances without one, and for
//! the managed policy of the profile's role. The last needs IAM, and the adapters here have no
//! client for it: implement [`RoleInventory`] over `aws-sdk-iam` and pass it to
//! [`PatchManagerBuilder::roles`](crate::manager::PatchManagerBuilder::roles). Without it, the
//! report says that the policy was not checked.
//!
//! # The baseline
//!
//! A node gets the baseline of its group for its system, or else the account's default for the system. The
//! check reads each of these once. It is an error if one does not exist, and `Unknown` if the caller may not
//! read it. The listing that finds hybrid nodes in a group does not name the group, so the baseline of such
//! a group is not checked.
//!
//! # A patch policy
//!
//! Nodes that a patch policy patches read its baselines from a bucket of Quick Setup. If the policy may not
//! attach its own policies to roles, the role behind a node's profile needs `s3:GetObject` on
//! `aws-quicksetup-patchpolicy-*` and the tag `QSConfigId-ID`. Ask with
//! [`patch_policy`](crate::prerequisites::Prerequisites::patch_policy): a role that lacks the tag is an
//! error, and `Unknown` if the [`RoleInventory`] does not give tags.
//!
//! # A run
//!
//! With [`for_run`](crate::prerequisites::Prerequisites::for_run) the check takes a run into account: an
//! agent too old for its hooks is an error, and a step timeout that the last operation of the node did not
//! keep is a warning. Whether the role of a node may write to the output bucket or the log group of the run
//! cannot be known here. The node is patched all the same, so that is a note.
//!
//! # A run in an organization
//!
//! Automation acts in each target account by an execution role. Without it the run fails there, and says so
//! only when it has started. With
//! [`for_organization_run`](crate::prerequisites::Prerequisites::for_organization_run), or
//! [`with_execution_roles`](crate::prerequisites::Prerequisites::with_execution_roles) for accounts by name, the
//! check assumes the role in each account once, by STS and without a client for IAM. A session proves that the
//! role is there and trusts the account of the caller, so run the check in the account that starts the run. A
//! refusal can mean that the role is missing, that it does not trust the account, that it trusts only the
//! administration role of Automation, or that the caller lacks `sts:AssumeRole`; STS says the same in all of
//! these cases. So the finding is `Unknown`, with a line for each account, and its fix has the trust policy. What
//! the role may do in its account is not checked.
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
//! interface endpoints: 10 of DescribeInstanceProperties (200 of DescribeInstanceInformation for named
//! nodes, or if the former is denied), 200 of DescribeInstancePatchStates (none with [`ignore_scan_age`](crate::prerequisites::Prerequisites::ignore_scan_age)), 10 of
//! DescribeInstances (up to 60 if EC2 does not know some ids), 10 of DescribeVpcAttribute, and one
//! page each of groups, route tables, endpoints, subnets and security groups, if they fit in one. Add one
//! GetPatchBaseline for each baseline that the nodes get, and one GetDefaultPatchBaseline for each system
//! that has a node with the default.
//! The permissions are in the table on the [front page](crate).
//!
//! [`check_prerequisites`]: crate::PatchManager::check_prerequisites
//! [`is_ready`]: crate::prerequisites::PrerequisiteReport::is_ready
//! [`blocked`]: crate::prerequisites::PrerequisiteReport::blocked
//! [`undecided`]: crate::prerequisites::PrerequisiteReport::undecided
//! [`FindingKind`]: crate::prerequisites::FindingKind
//! [`Fix`]: crate::prerequisites::Fix
//! [`RoleInventory`]: crate::backend::RoleInventory
