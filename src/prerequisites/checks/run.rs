//! Checks what a run needs beside patching: time for its step, and a place for its output.

use jiff::SignedDuration;

use super::problem::Problem;
use super::subject::Subject;
use crate::prerequisites::{FindingKind, RunNeeds, Severity};
use crate::types::PatchOperation;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Problem> {
    let Some(run) = &subject.facts.run else {
        return Vec::new();
    };
    let timeout = check_timeout(subject, run);
    timeout
        .into_iter()
        .chain(run.bucket.as_deref().map(bucket_unseen))
        .chain(run.log_group.as_deref().map(log_group_unseen))
        .collect()
}

/// What took longer than the step may take now is likely to be ended before it is done. An Install scans
/// too, so a Scan that takes too long is a bad sign for it; the reverse says nothing.
fn check_timeout(subject: &Subject<'_>, run: &RunNeeds) -> Option<Problem> {
    let last = subject.last_operation()?;
    let says_something = last.operation == run.operation || last.operation == PatchOperation::Scan;
    let limit = SignedDuration::from_secs(run.step_timeout_seconds.into());
    if !says_something || last.took < limit {
        return None;
    }
    let message = format!(
        "the step of the run may take {} seconds, and the last {} took longer",
        run.step_timeout_seconds, last.operation
    );
    let advice = "allow more by `step_timeout_seconds`, up to 36,000, or patch more often, so that less is \
                  to be installed at once";
    let problem = Problem::new(
        Severity::Warning,
        FindingKind::StepTimeoutShort,
        message,
        advice,
    );
    let took = format!("took {} seconds", last.took.as_secs());
    Some(problem.seen(subject.id.as_str(), took))
}

/// The node is patched all the same, so this is a note. What a role may do with a bucket is in its policies,
/// the bucket's and its key's, which this crate does not evaluate.
fn bucket_unseen(bucket: &str) -> Problem {
    unseen(
        format!(
            "cannot tell whether the role of the node may put the output into the bucket {bucket}"
        ),
        format!(
            "let the role s3:PutObject on arn:aws:s3:::{bucket}/*, and s3:PutObjectAcl and \
             s3:GetEncryptionConfiguration if the bucket is another account's; a run shows it"
        ),
    )
    .seen(bucket, "its policy and the role's were not evaluated")
}

fn log_group_unseen(group: &str) -> Problem {
    unseen(
        format!("cannot tell whether the role of the node may write the output to the log group {group}"),
        "let the role logs:CreateLogGroup, logs:CreateLogStream, logs:DescribeLogGroups, \
         logs:DescribeLogStreams and logs:PutLogEvents, and give a private subnet an endpoint for logs; a \
         run shows it"
            .to_owned(),
    )
    .seen(group, "the policies of the role were not evaluated")
}

fn unseen(message: String, advice: String) -> Problem {
    Problem::new(Severity::Note, FindingKind::OutputUnseen, message, advice)
}
