//! Checks that an instance whose agent is not online has a role for Systems Manager.
//!
//! An online agent has one: it could not connect otherwise.

use super::command::{Cli, NODE};
use super::managed::agent_version;
use super::problem::Problem;
use super::subject::Subject;
use crate::error::{Error, ErrorKind};
use crate::prerequisites::{FindingKind, Severity};
use crate::types::{
    Ec2Instance, IamInstanceProfile, InstanceProfile, MetadataEndpoint, MetadataTokens,
    ServiceSetting,
};

/// The managed policy that lets an instance be managed (User Guide, instance permissions).
const POLICY: &str = "AmazonSSMManagedInstanceCore";

/// The setting that holds the role of Default Host Management (SSM API, GetServiceSetting).
pub(crate) const DEFAULT_ROLE: &str = "/ssm/managed-instance/default-ec2-instance-management-role";

pub(super) fn check(subject: &Subject<'_>) -> Option<Problem> {
    let instance = subject.instance?;
    if subject.is_online() || subject.facts.managed.is_err() {
        return None;
    }
    match &instance.iam_instance_profile {
        None => without_profile(subject, instance),
        Some(profile) => with_profile(subject, profile),
    }
}

/// Whether the account gives a role to instances without a profile (User Guide, Default Host
/// Management Configuration).
fn gives_role(setting: &ServiceSetting) -> bool {
    let role = setting.setting_value.as_str();
    !role.is_empty() && !role.starts_with('$')
}

/// The oldest agent that takes a role from Default Host Management (User Guide, Default Host
/// Management Configuration).
const AGENT_FOR_DEFAULT_ROLE: [u64; 4] = [3, 2, 582, 0];

/// What Default Host Management needs of an instance: version 2 of the metadata service, and an agent
/// that is new enough (User Guide, Default Host Management Configuration).
fn takes_role(subject: &Subject<'_>, instance: &Ec2Instance) -> Option<Problem> {
    let options = &instance.metadata_options;
    let agent = agent_version(subject.managed);
    let modify = |option: &str, value: &str| {
        Cli::regional("ec2 modify-instance-metadata-options", subject.region())
            .option("--instance-id", NODE)
            .option(option, value)
            .each()
    };
    let (severity, seen, advice, command) = if options.http_endpoint
        == Some(MetadataEndpoint::Disabled)
    {
        (
            Severity::Error,
            "HttpEndpoint is disabled".to_owned(),
            "turn instance metadata on",
            Some(modify("--http-endpoint", "enabled")),
        )
    } else if let Some(version) = agent.filter(|one| one.as_slice() < &AGENT_FOR_DEFAULT_ROLE[..]) {
        let numbers: Vec<_> = version.iter().map(ToString::to_string).collect();
        (
            Severity::Error,
            format!("agent {}", numbers.join(".")),
            "update the agent to 3.2.582.0 or later, or give the instance a profile",
            None,
        )
    } else if options.http_tokens == Some(MetadataTokens::Optional) {
        (
            Severity::Note,
            "HttpTokens is optional".to_owned(),
            "let the instance use version 2 of the metadata service",
            Some(modify("--http-tokens", "required")),
        )
    } else {
        return None;
    };
    let problem = Problem::new(
        severity,
        FindingKind::HostManagementUnfit,
        "Default Host Management needs version 2 of instance metadata and agent 3.2.582.0",
        advice,
    )
    .seen(subject.id.as_str(), seen);
    Some(match command {
        Some(command) => problem.by(command),
        None => problem,
    })
}

fn without_profile(subject: &Subject<'_>, instance: &Ec2Instance) -> Option<Problem> {
    let seen = match subject.facts.default_role.as_ref()? {
        Ok(setting) if gives_role(setting) => return takes_role(subject, instance),
        Ok(_) => "default host management gives it no role either",
        Err(error) => {
            let what = "whether the account gives a role to instances without a profile";
            return Some(Problem::not_checked(what, error));
        }
    };
    let advice = format!(
        "let Default Host Management give a role to every instance of the account and Region that has \
         none, or give this one an instance profile whose role has {POLICY}"
    );
    // RegisterDefaultHostManagementConfiguration: Systems Manager makes the role and keeps it.
    let command = Cli::regional(
        "ssm register-default-host-management-configuration",
        subject.region(),
    )
    .option("--permission-model", "SERVICE_MANAGED");
    Some(
        Problem::error(
            FindingKind::NoInstanceProfile,
            "the instance has no instance profile",
            advice,
        )
        .seen(DEFAULT_ROLE, seen)
        .by(command.once()),
    )
}

fn with_profile(subject: &Subject<'_>, profile: &IamInstanceProfile) -> Option<Problem> {
    match subject.facts.profiles.get(profile.name())? {
        Ok(known) => check_policy(known, profile.partition()),
        Err(error) if error.kind() == ErrorKind::NotFound => Some(
            Problem::error(
                FindingKind::NoInstanceProfile,
                format!("the instance profile {} is gone", profile.name()),
                format!("create the profile again, with a role that has {POLICY}"),
            )
            .seen(profile.arn.as_str(), "not found"),
        ),
        Err(error) => Some(unread(profile, error)),
    }
}

pub(super) fn unread(profile: &IamInstanceProfile, error: &Error) -> Problem {
    let name = profile.name();
    Problem::not_checked(
        &format!("the policies behind the instance profile {name}"),
        error,
    )
}

fn check_policy(profile: &InstanceProfile, partition: &str) -> Option<Problem> {
    let name = &profile.instance_profile_name;
    let Some(role) = &profile.role_name else {
        let message = format!("the instance profile {name} has no role");
        let command = Cli::global("iam add-role-to-instance-profile")
            .option("--instance-profile-name", name)
            .option("--role-name", "ROLE");
        return Some(
            Problem::error(
                FindingKind::NoInstanceProfile,
                message,
                format!("give the profile a role that has {POLICY}"),
            )
            .seen(name.as_str(), "no role")
            .by(command.once()),
        );
    };
    if profile.has_policy(POLICY) {
        return None;
    }
    let seen = match profile.attached_policies.as_slice() {
        [] => "no managed policy is attached".to_owned(),
        attached => format!("attached: {}", attached.join(", ")),
    };
    let policy = format!("arn:{partition}:iam::aws:policy/{POLICY}");
    let command = Cli::global("iam attach-role-policy")
        .option("--role-name", role)
        .option("--policy-arn", &policy);
    let advice = "attach the managed policy, unless another one allows the same";
    Some(
        Problem::new(
            Severity::Warning,
            FindingKind::PolicyMissing,
            format!("the role {role} does not have {POLICY}"),
            advice,
        )
        .seen(role.as_str(), seen)
        .by(command.once()),
    )
}
