//! Which nodes of an export a CVE can still hit, from its answers.

use futures_core::Stream;
use futures_util::StreamExt;

use super::answer::{Answer, Known, Unread};
use crate::compliance::{PatchComplianceData, ReportFailure, ReportPart};
use crate::error::{Error, Result};
use crate::exposure::{Exposure, OfflineJudge};
use crate::types::NodeId;

/// Judges every answer; the error if no node could be listed.
pub(crate) async fn exposure(
    judge: &OfflineJudge<'_>,
    answers: impl Stream<Item = Answer>,
) -> Result<Exposure> {
    let mut answers = std::pin::pin!(answers);
    let (mut exposure, mut unlisted) = (judge.no_answer(), None);
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(known) => add(&mut exposure, judge, known),
            Err(unread) => {
                let error = lack(&mut exposure, judge, unread);
                unlisted = unlisted.or(error);
            }
        }
    }
    match unlisted.filter(|_| exposure.nodes.is_empty()) {
        Some(error) => Err(error),
        None => Ok(exposure.worst_first()),
    }
}

/// Adds a node. If one of its patches could not be read, its state is not known.
fn add(exposure: &mut Exposure, judge: &OfflineJudge<'_>, known: Known) {
    let patches: Result<Vec<PatchComplianceData>> = known.patches.into_iter().collect();
    let patches = patches.map_err(|error| {
        let nodes = [known.stands.node.clone()];
        let failure = failure(&known.source, ReportPart::Patches, &nodes, &error);
        exposure.failures.push(failure);
        format!("its patches were not read: {error}")
    });
    let mut node = judge.judge(known.stands, patches);
    node.source = known.source.to_string();
    exposure.nodes.push(node);
}

/// Adds what could not be read, and returns the error if it is of a listing.
fn lack(exposure: &mut Exposure, judge: &OfflineJudge<'_>, unread: Unread) -> Option<Error> {
    let Unread {
        source,
        failure: failed,
        information,
    } = unread;
    let part = match failed.nodes.is_empty() {
        true => ReportPart::Listing,
        false => ReportPart::Verdicts,
    };
    let row = failure(&source, part, &failed.nodes, &failed.error);
    exposure.failures.push(row);
    if failed.nodes.is_empty() {
        return Some(failed.error);
    }
    for mut node in failed.into_unknown() {
        node.information = information.clone();
        let mut node = judge.judge(node, Ok(Vec::new()));
        node.source = source.to_string();
        exposure.nodes.push(node);
    }
    None
}

fn failure(source: &str, part: ReportPart, nodes: &[NodeId], error: &Error) -> ReportFailure {
    ReportFailure {
        source: source.to_owned(),
        part,
        nodes: nodes.iter().map(NodeId::to_string).collect(),
        error: error.to_string(),
    }
}
