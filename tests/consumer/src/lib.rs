//! Patches a group at night, and wakes somebody if that failed.
//!
//! It uses AWS only through [`PatchManager`]; its caller chooses the backend.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::operation::NodeOutcome;
use aws_patch_manager::prerequisites::Prerequisites;
use aws_patch_manager::types::{MaxErrors, NodeId, RebootOption};
use aws_patch_manager::{
    ComplianceQuery, PatchGroup, PatchGroupTagKey, PatchManager, PatchRequest, Result,
};
use futures_util::TryStreamExt;

/// Whoever is on call.
#[async_trait]
pub trait Pager: Send + Sync {
    /// Wakes them with this text.
    async fn page(&self, text: &str);
}

/// The outcome of a night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Night {
    /// Every node of the group is patched.
    Quiet { nodes: usize },
    /// These are not, and somebody was paged: each node with its reason.
    Trouble(Vec<String>),
    /// The service has too much to do. Try again.
    Later,
}

/// The service.
#[derive(Clone)]
pub struct PatchNight {
    manager: PatchManager,
    pager: Arc<dyn Pager>,
}

impl PatchNight {
    /// No run is longer than this.
    const LENGTH: Duration = Duration::from_secs(6 * 3600);

    pub fn new(manager: PatchManager, pager: Arc<dyn Pager>) -> Self {
        Self { manager, pager }
    }

    /// In the afternoon: what would keep these nodes from being patched, while there is time to fix
    /// it.
    pub async fn preflight(&self, nodes: &[NodeId]) -> Result<Vec<String>> {
        let question = Prerequisites::nodes(nodes.iter().cloned()).ignore_scan_age();
        let report = self.manager.check_prerequisites(&question).await?;
        let errors = report.findings.iter().filter(|finding| finding.is_error());
        Ok(errors
            .map(|finding| format!("{}: {}", finding.message, finding.fix))
            .collect())
    }

    /// At night: installs what the group's baseline approves, reboots, and checks the result.
    pub async fn patch(&self, group: &PatchGroup) -> Result<Night> {
        let outcome = match self.install(group).await {
            Err(error) if error.is_throttled() && error.is_retryable() => return Ok(Night::Later),
            outcome => outcome?,
        };
        let trouble = self.trouble(group, &outcome).await?;
        if trouble.is_empty() {
            let nodes = outcome.len();
            return Ok(Night::Quiet { nodes });
        }
        let text = format!("group {group}\n{}", trouble.join("\n"));
        self.pager.page(&text).await;
        Ok(Night::Trouble(trouble))
    }

    /// A node is in the group by one tag key or the other, and each is a target of its own.
    async fn install(&self, group: &PatchGroup) -> Result<Vec<NodeOutcome>> {
        let mut nodes = Vec::new();
        for key in PatchGroupTagKey::ALL {
            let request = PatchRequest::install()
                .group(group, key)
                .reboot(RebootOption::RebootIfNeeded)
                .max_errors(MaxErrors::Percent(100));
            let run = self.manager.run(&request).await?;
            nodes.extend(run.wait(Self::LENGTH).await?.nodes);
        }
        Ok(nodes)
    }

    /// The nodes on which the run failed, then those that still miss patches.
    async fn trouble(&self, group: &PatchGroup, outcome: &[NodeOutcome]) -> Result<Vec<String>> {
        let failed = outcome.iter().filter(|node| !node.is_success());
        let mut trouble: Vec<String> = failed
            .clone()
            .map(|node| format!("{}: {}", node.node, node.status_details))
            .collect();
        let failed: Vec<&NodeId> = failed.map(|node| &node.node).collect();
        let mut nodes = self
            .manager
            .compliance(&ComplianceQuery::group(group.clone()));
        while let Some(node) = nodes.try_next().await? {
            if !node.is_compliant() && !failed.contains(&&node.node) {
                trouble.push(format!("{}: {}", node.node, node.reason()));
            }
        }
        Ok(trouble)
    }
}
