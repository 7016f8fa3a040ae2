//! RoleSessions: the roles of the members of an organization.

use async_trait::async_trait;

use super::check::Validation;
use crate::backend::{AssumeRole, Operation, RoleSessions};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::types::AssumedRoleUser;

/// The account and the name of a role; a path before the name counts for nothing here.
fn role(arn: &str) -> Option<(&str, &str)> {
    let rest = arn.strip_prefix("arn:")?;
    let (_, rest) = rest.split_once(":iam::")?;
    let (account, path) = rest.split_once(":role/")?;
    let name = path.rsplit('/').next().unwrap_or(path);
    (!name.is_empty()).then_some((account, name))
}

/// STS API reference, AssumeRole.
fn check(request: &AssumeRole) -> Result<()> {
    let mut validation = Validation::of(Operation::AssumeRole);
    validation.length("roleArn", &request.role_arn, 20..=2048);
    let session = &request.role_session_name;
    validation.length("roleSessionName", session, 2..=64);
    let is_legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let rule = r"Member must satisfy regular expression pattern: [\w+=,.@-]*";
    validation.require(session.chars().all(is_legal), "roleSessionName", rule);
    let seconds = request.duration_seconds;
    let is_legal = seconds.is_none_or(|seconds| (900..=43_200).contains(&seconds));
    let rule = "Member must have value between 900 and 43200";
    validation.require(is_legal, "durationSeconds", rule);
    validation.finish()
}

#[async_trait]
impl RoleSessions for MemoryBackend {
    async fn assume_role(&self, request: AssumeRole) -> Result<AssumedRoleUser> {
        self.call_members(Operation::AssumeRole, |backend| {
            check(&request)?;
            let own = backend.act(|engine, _| engine.state.account.id.clone());
            let arn = request.role_arn.as_str();
            let role = role(arn).filter(|(account, name)| match backend.organization() {
                Some(organization) => organization.has_role(account, name),
                None => *account == own,
            });
            let Some((account, name)) = role else {
                let message = format!(
                    "User: arn:aws:iam::{own}:user/user is not authorized to perform: \
                     sts:AssumeRole on resource: {arn}"
                );
                let error = Error::service(ErrorKind::AccessDenied, "AccessDenied", message);
                return Err(error.with_resource(arn));
            };
            let session = &request.role_session_name;
            let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/{session}");
            Ok(AssumedRoleUser {
                assumed_role_id: Some(format!("AROA{account}MEMO:{session}")),
                arn: Some(arn),
            })
        })
        .await
    }
}
