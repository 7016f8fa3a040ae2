//! Checks that the role of an instance can read the baselines of its patch policy.
//!
//! They are in a bucket of Quick Setup, whose policy admits roles by a tag. Quick Setup tags the roles that
//! it creates, and others only if it may attach its policies (User Guide, patch-manager-troubleshooting).

use super::command::Cli;
use super::permissions::unread;
use super::problem::Problem;
use super::subject::Subject;
use crate::error::ErrorKind;
use crate::prerequisites::{FindingKind, Severity};

pub(super) fn check(subject: &Subject<'_>) -> Option<Problem> {
    let id = subject.facts.patch_policy.as_deref()?;
    let profile = subject.instance?.iam_instance_profile.as_ref()?;
    let known = match subject.facts.profiles.get(profile.name())? {
        Ok(known) => known,
        // That the profile is gone is a finding of its own.
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => return Some(unread(profile, error)),
    };
    let role = known.role_name.as_deref()?;
    let key = format!("QSConfigId-{id}");
    let Some(tags) = &known.role_tags else {
        let advice = "let the role inventory give the tags of roles (IAM, ListRoleTags)";
        let message = format!("cannot tell whether the role {role} has the tag {key}");
        let problem = Problem::new(
            Severity::Unknown,
            FindingKind::PolicyTagMissing,
            message,
            advice,
        );
        return Some(problem.seen(role, "its tags were not read"));
    };
    if tags.iter().any(|tag| tag.key == key && tag.value == id) {
        return None;
    }
    let command = Cli::global("iam tag-role")
        .option("--role-name", role)
        .option("--tags", &format!("Key={key},Value={id}"));
    let keys: Vec<_> = tags.iter().map(|tag| tag.key.as_str()).collect();
    let seen = match keys.as_slice() {
        [] => "no tags".to_owned(),
        keys => format!("tagged {}", keys.join(", ")),
    };
    Some(
        Problem::error(
            FindingKind::PolicyTagMissing,
            format!(
                "the role {role} lacks the tag {key}; a run by the patch policy ends with exit code 160, \
                 or 4294967295 on Windows"
            ),
            "tag the role, and let it get the objects of aws-quicksetup-patchpolicy-*; or let Quick Setup \
             attach its policies to roles",
        )
        .seen(role, seen)
        .by(command.once()),
    )
}
