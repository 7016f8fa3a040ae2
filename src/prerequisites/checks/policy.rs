//! Checks whether an endpoint's policy allows everything of its service.
//!
//! A narrower policy may or may not allow the agent's calls and AWS's buckets. This crate does not
//! evaluate IAM policies, so it reports such a policy as unknown.

use serde_json::Value;

use super::problem::Problem;
use crate::prerequisites::{EndpointService, FindingKind, Severity};
use crate::types::VpcEndpoint;

pub(super) fn check(service: EndpointService, endpoint: &VpcEndpoint) -> Option<Problem> {
    let policy = endpoint.policy_document.as_deref()?;
    if allows_everything(policy, service) {
        return None;
    }
    let message = format!("the policy of the endpoint for {service} allows less than everything");
    let advice = match service {
        EndpointService::S3 => {
            "check that it allows the repositories of Amazon Linux and the buckets that the User Guide \
             lists for the agent and for patch baselines, aws-patch-manager-REGION-SUFFIX, \
             aws-patchmanager-macos-REGION-SUFFIX, patch-baseline-snapshot-REGION and aws-ssm-REGION \
             among them, and aws-quicksetup-patchpolicy-ACCOUNT-ID for patch policies; a scan proves it"
        }
        _ => "check that it allows what the agent calls; a scan proves it",
    };
    Some(
        Problem::new(
            Severity::Unknown,
            FindingKind::EndpointPolicyNarrow,
            message,
            advice,
        )
        .seen(
            endpoint.vpc_endpoint_id.as_str(),
            "its policy was not evaluated",
        ),
    )
}

fn allows_everything(policy: &str, service: EndpointService) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return false;
    };
    let of_service = format!("{service}:*");
    let is_all = |key: &str, value: &str| value == "*" || (key == "Action" && value == of_service);
    let statements = one_or_more(&policy["Statement"]);
    let denies = statements.iter().any(|one| one["Effect"] == "Deny");
    let allows = statements.iter().any(|one| {
        one["Effect"] == "Allow"
            && one.get("Condition").is_none()
            && ["Principal", "Action", "Resource"].into_iter().all(|key| {
                let value = &one[key];
                let values = one_or_more(value.get("AWS").unwrap_or(value)).iter();
                let mut values = values.filter_map(Value::as_str);
                values.any(|value| is_all(key, value))
            })
    });
    allows && !denies
}

/// The values of a member that is a single value or an array (IAM User Guide, policy grammar).
fn one_or_more(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}
