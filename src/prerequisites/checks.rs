use super::{Finding, FindingKind, Severity};
use crate::group::PatchGroupTagKey;
use crate::types::{
    BaselineId, Ec2Instance, InstanceInformation, NodeId, OperatingSystem, PingStatus, Tag,
};

/// The oldest agent that runs AWS-RunPatchBaseline (User Guide, patch documents).
const OLDEST_AGENT: [u64; 4] = [2, 0, 834, 0];

/// Whether the node runs, and Systems Manager manages it and is in touch with it.
pub(crate) fn check_managed(
    node: &NodeId,
    instance: Option<&Ec2Instance>,
    managed: Option<&InstanceInformation>,
) -> Option<Finding> {
    let error = |kind, evidence: String, fix: String| {
        Some(Finding::new(node, Severity::Error, kind, evidence, fix))
    };
    if let Some(instance) = instance.filter(|instance| instance.state.name != "running") {
        let evidence = format!("the instance is {}", instance.state.name);
        let fix = format!("start it: aws ec2 start-instances --instance-ids {node}");
        return error(FindingKind::NotRunning, evidence, fix);
    }
    let Some(managed) = managed else {
        let evidence = "Systems Manager does not know the node".to_owned();
        let fix =
            "install the agent, and give the instance a profile with AmazonSSMManagedInstanceCore: \
                   aws ec2 associate-iam-instance-profile --instance-id "
                .to_owned()
                + node.as_str() + " --iam-instance-profile Name=PROFILE";
        return error(FindingKind::NotManaged, evidence, fix);
    };
    if managed
        .ping_status
        .as_ref()
        .is_none_or(|status| *status == PingStatus::Online)
    {
        return None;
    }
    let since = managed
        .last_ping_date_time
        .map_or_else(String::new, |time| {
            format!(" since {}", time.strftime("%F %R UTC"))
        });
    let fix = "restart the agent, and check the node's way to the ssm, ssmmessages and ec2messages endpoints";
    error(
        FindingKind::ConnectionLost,
        format!("the agent is out of touch{since}"),
        fix.to_owned(),
    )
}

/// Whether the agent is new enough.
pub(crate) fn check_agent(managed: &InstanceInformation) -> Option<Finding> {
    let version = managed.agent_version.as_deref()?;
    let parts: Vec<u64> = version
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect();
    if parts.as_slice() >= OLDEST_AGENT.as_slice() {
        return None;
    }
    let node = &managed.instance_id;
    Some(Finding::new(
        node,
        Severity::Error,
        FindingKind::AgentTooOld,
        format!("agent {version} is older than 2.0.834.0, which AWS-RunPatchBaseline needs"),
        format!("aws ssm send-command --document-name AWS-UpdateSSMAgent --instance-ids {node}"),
    ))
}

/// Which group the node is in, and what is wrong with its tags.
pub(crate) fn check_tags(
    node: &NodeId,
    instance: Option<&Ec2Instance>,
    tags: &[Tag],
) -> Result<(String, Option<Finding>), Finding> {
    let value = |key: PatchGroupTagKey| {
        tags.iter()
            .find(|tag| tag.key == key.as_str())
            .map(|tag| tag.value.clone())
    };
    match (
        value(PatchGroupTagKey::Spaced),
        value(PatchGroupTagKey::Joined),
    ) {
        (None, None) => {
            let key = instance.map_or(PatchGroupTagKey::Spaced, PatchGroupTagKey::for_instance);
            Err(Finding::new(
                node,
                Severity::Note,
                FindingKind::NoPatchGroup,
                "in no patch group, so the default baseline applies",
                tag_command(node, key),
            ))
        }
        (Some(spaced), Some(joined)) => {
            let evidence = format!("tagged `Patch Group`={spaced} and `PatchGroup`={joined}");
            let finding = Finding::new(
                node,
                Severity::Warning,
                FindingKind::BothTagKeys,
                evidence,
                "keep one of the two; a node is in one group, and targets by the other key miss it",
            );
            Ok((spaced, Some(finding)))
        }
        (Some(group), None) | (None, Some(group)) => Ok((group, None)),
    }
}

fn tag_command(node: &NodeId, key: PatchGroupTagKey) -> String {
    let key = key.as_str();
    if node.is_hybrid() {
        format!(
            "aws ssm add-tags-to-resource --resource-type ManagedInstance --resource-id {node} --tags 'Key={key},Value=GROUP'"
        )
    } else {
        format!("aws ec2 create-tags --resources {node} --tags 'Key={key},Value=GROUP'")
    }
}

/// Whether the node's group has a baseline of its own for the node's operating system.
pub(crate) fn check_binding(
    node: &NodeId,
    group: &str,
    os: &OperatingSystem,
    registered: bool,
    applies: &BaselineId,
) -> Option<Finding> {
    (!registered).then(|| {
        Finding::new(
            node,
            Severity::Note,
            FindingKind::GroupNotBound,
            format!("group {group} has no baseline for {os}, so the default {applies} applies"),
            format!(
                "aws ssm register-patch-baseline-for-patch-group --patch-group '{group}' --baseline-id BASELINE"
            ),
        )
    })
}
