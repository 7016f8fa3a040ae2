//! STS over the query protocol: who a key is, and keys of a role in another account.

use hyper::http::request::Parts;
use jiff::{SignedDuration, Timestamp};

use super::accounts::{Accounts, Scope};
use super::ec2::Form;
use super::xml::{self, Node};
use crate::error::{Error, ErrorKind, Result};

/// The API version of every client of STS, by which its forms differ from those of EC2.
const VERSION: &str = "2011-06-15";

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// How long the keys of a role are valid if a request does not say (STS API reference).
const VALID: SignedDuration = SignedDuration::from_hours(1);

/// The operations that the emulator has.
pub(super) const OPERATIONS: [&str; 2] = ["AssumeRole", "GetCallerIdentity"];

/// Whether a form is one of STS.
pub(super) fn is_for(form: &Form) -> bool {
    form.text("Version") == Some(VERSION)
}

/// Runs the operation that a form names, and answers its document.
pub(super) fn answer(
    accounts: &Accounts,
    head: &Parts,
    form: &Form,
    now: Timestamp,
    request_id: &str,
) -> Result<String> {
    let action = form.text("Action").unwrap_or_default();
    let caller = accounts.caller(head)?;
    let members = match action {
        "GetCallerIdentity" => identity(&caller, Scope::of(head).as_ref()),
        "AssumeRole" => assume(accounts, &caller, form, now)?,
        _ => {
            let message = format!("Could not find operation {action} for version {VERSION}");
            return Err(Error::service(
                ErrorKind::Unsupported,
                "InvalidAction",
                message,
            ));
        }
    };
    xml::result(action, NAMESPACE, request_id, members)
}

fn identity(account: &str, scope: Option<&Scope<'_>>) -> Vec<(&'static str, Node)> {
    let key = scope.map(Scope::access_key).unwrap_or_default();
    let arn = match key.starts_with("ASIA") {
        true => format!("arn:aws:sts::{account}:assumed-role/role/session"),
        false => format!("arn:aws:iam::{account}:user/user"),
    };
    vec![
        ("Arn", Node::Text(arn)),
        ("UserId", Node::text(key)),
        ("Account", Node::text(account)),
    ]
}

/// Keys of a role: the account is in the key, so nothing is stored.
fn assume(
    accounts: &Accounts,
    caller: &str,
    form: &Form,
    now: Timestamp,
) -> Result<Vec<(&'static str, Node)>> {
    let required = |name: &str| {
        let lacking = || {
            let message = format!("The request must contain the parameter {name}");
            Error::service(ErrorKind::InvalidInput, "MissingParameter", message)
        };
        form.text(name).ok_or_else(lacking)
    };
    let (arn, session) = (required("RoleArn")?, required("RoleSessionName")?);
    let role = arn
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.split_once(":role/"));
    let found = role.filter(|(account, name)| {
        accounts.has_role(account, name.rsplit('/').next().unwrap_or(name))
    });
    let Some((account, name)) = found else {
        let message = format!(
            "User: arn:aws:iam::{caller}:user/user is not authorized to perform: sts:AssumeRole on resource: {arn}"
        );
        return Err(Error::service(
            ErrorKind::AccessDenied,
            "AccessDenied",
            message,
        ));
    };
    let seconds = form
        .text("DurationSeconds")
        .and_then(|text| text.parse().ok());
    let valid = seconds.map_or(VALID, SignedDuration::from_secs);
    let expires = now.saturating_add(valid).unwrap_or(Timestamp::MAX);
    let key = format!("ASIA{account}MEMO");
    let credentials = Node::Members(vec![
        ("AccessKeyId", Node::text(&key)),
        ("SecretAccessKey", Node::text("secret")),
        ("SessionToken", Node::text("token")),
        ("Expiration", Node::text(expires)),
    ]);
    let user = Node::Members(vec![
        ("AssumedRoleId", Node::Text(format!("{key}:{session}"))),
        (
            "Arn",
            Node::Text(format!(
                "arn:aws:sts::{account}:assumed-role/{name}/{session}"
            )),
        ),
    ]);
    Ok(vec![
        ("Credentials", credentials),
        ("AssumedRoleUser", user),
    ])
}
