//! Checks the roles with which Automation acts in the target accounts of a run in an organization.

use super::command::Cli;
use super::problem::Problem;
use crate::error::ErrorKind;
use crate::prerequisites::facts::ExecutionRoles;
use crate::prerequisites::{FindingKind, Severity};

/// The place of the central account in a command.
const CENTRAL: &str = "CENTRAL-ACCOUNT";

pub(super) fn check(roles: &ExecutionRoles) -> Vec<Problem> {
    let refused = roles.reads.iter().filter_map(|role| {
        let error = role.read.as_ref().err()?;
        Some(match error.kind() {
            ErrorKind::AccessDenied => refused(&role.name, &role.arn, error.message()),
            _ => Problem::not_checked("the execution roles of the target accounts", error),
        })
    });
    let units = roles.units.iter().map(|unit| unresolved(unit));
    refused.chain(units).collect()
}

/// STS refuses in the same words whether the role is missing, does not trust the caller's account, or the
/// caller may not assume it.
fn refused(name: &str, arn: &str, message: &str) -> Problem {
    let principal = format!("arn:aws:iam::{CENTRAL}:root");
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": principal },
            "Action": "sts:AssumeRole",
        }],
    });
    let command = Cli::global("iam create-role")
        .option("--role-name", name)
        .option("--assume-role-policy-document", &policy.to_string())
        .once();
    let problem = Problem::new(
        Severity::Unknown,
        FindingKind::ExecutionRoleRefused,
        format!("the execution role {name} cannot be assumed from this account"),
        format!(
            "create the role in each of these accounts with a trust policy for the central account, or allow \
             sts:AssumeRole on it to the caller; if it is there and trusts only the administration role of \
             Automation, runs work all the same. {CENTRAL} is the account that starts the run"
        ),
    );
    problem.seen(arn, message).by(command)
}

/// Which accounts are in a unit, only AWS Organizations knows.
fn unresolved(unit: &str) -> Problem {
    let command = Cli::global("organizations list-accounts-for-parent");
    Problem::new(
        Severity::Unknown,
        FindingKind::NotChecked,
        format!("the execution roles in the accounts of {unit} were not checked"),
        "list the accounts of the unit and of those inside it, and name them in the question",
    )
    .by(command.option("--parent-id", unit).once())
}
