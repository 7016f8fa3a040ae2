use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::wave::signed;
use crate::error::Result;
use crate::types::NodeId;

/// What must hold after a wave's install before the rollout goes on. All conditions must hold.
///
/// ```
/// use std::time::Duration;
/// use aws_patch_manager::rollout::Gate;
///
/// let gate = Gate::new(95)
///     .compliant(["i-0c0ffee0000000001"])
///     .online_within(Duration::from_mins(15))
///     .healthy();
/// assert_eq!(gate.succeeded_percent, 95);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[must_use]
#[non_exhaustive]
pub struct Gate {
    /// The percentage of the wave's nodes on which the install must succeed, 1 to 100.
    pub succeeded_percent: u8,
    /// The nodes that must be compliant.
    #[serde(default)]
    pub compliant: CompliantNodes,
    /// All nodes on which the install succeeded must be online within this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online_within: Option<SignedDuration>,
    /// Whether the run's [`HealthCheck`] must find the wave healthy.
    #[serde(default)]
    pub healthy: bool,
}

/// The nodes of a wave that must be compliant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CompliantNodes {
    /// None has to be.
    #[default]
    None,
    /// Each on which the install succeeded.
    Succeeded,
    /// These.
    Nodes(Vec<NodeId>),
}

/// Every node must succeed.
impl Default for Gate {
    fn default() -> Self {
        Self::new(100)
    }
}

impl Gate {
    /// The install must succeed on this percentage of the nodes, 1 to 100.
    ///
    /// It succeeds if the operation ran and reported, as in
    /// [`NodeOutcome::is_success`](crate::operation::NodeOutcome::is_success). When so many nodes
    /// have failed that the gate cannot hold, no further command is sent. One that runs starts on no
    /// further node once as many of its own nodes have failed; see
    /// [`PatchRequest::max_errors`](crate::PatchRequest::max_errors).
    pub fn new(succeeded_percent: u8) -> Self {
        Self {
            succeeded_percent,
            compliant: CompliantNodes::None,
            online_within: None,
            healthy: false,
        }
    }

    /// These nodes of the wave must be compliant.
    pub fn compliant<I>(mut self, nodes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        self.compliant = CompliantNodes::Nodes(nodes.into_iter().map(Into::into).collect());
        self
    }

    /// Each node on which the install succeeded must be compliant.
    pub fn all_compliant(mut self) -> Self {
        self.compliant = CompliantNodes::Succeeded;
        self
    }

    /// All nodes on which the install succeeded must be online within this time: their agents are
    /// in contact again after the reboot.
    pub fn online_within(mut self, time: Duration) -> Self {
        self.online_within = Some(signed(time));
        self
    }

    /// The [`HealthCheck`] of the run must find the wave healthy, at the gate and again at the end of
    /// the bake time.
    pub fn healthy(mut self) -> Self {
        self.healthy = true;
        self
    }

    /// How many of these nodes may fail.
    pub(super) fn tolerated(&self, nodes: usize) -> usize {
        let percent = usize::from(self.succeeded_percent.min(100));
        nodes - (nodes * percent).div_ceil(100)
    }
}

/// Decides whether a wave did harm: metrics, alarms, a request to the service that runs there.
///
/// ```
/// use async_trait::async_trait;
/// use aws_patch_manager::Result;
/// use aws_patch_manager::rollout::{Health, HealthCheck, PatchedWave};
///
/// #[derive(Debug)]
/// struct ErrorRate;
///
/// #[async_trait]
/// impl HealthCheck for ErrorRate {
///     async fn check(&self, wave: &PatchedWave) -> Result<Health> {
///         let rate = 0.2; // from your metrics, for wave.nodes
///         Ok(match rate < 1.0 {
///             true => Health::Healthy,
///             false => Health::unhealthy(format!("{rate} errors a second in {}", wave.name)),
///         })
///     }
/// }
/// ```
#[async_trait]
pub trait HealthCheck: fmt::Debug + Send + Sync + 'static {
    /// Checks a wave whose nodes are patched.
    ///
    /// # Errors
    ///
    /// Any error stops the run without an answer; a resumed run asks again. A retryable one is
    /// repeated first.
    async fn check(&self, wave: &PatchedWave) -> Result<Health>;
}

#[async_trait]
impl<C: HealthCheck + ?Sized> HealthCheck for Arc<C> {
    async fn check(&self, wave: &PatchedWave) -> Result<Health> {
        C::check(self, wave).await
    }
}

/// The wave that a [`HealthCheck`] checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchedWave {
    /// The rollout.
    pub rollout: String,
    /// The wave.
    pub name: String,
    /// Its nodes.
    pub nodes: Vec<NodeId>,
    /// Those on which the install succeeded.
    pub succeeded: Vec<NodeId>,
}

/// The answer of a [`HealthCheck`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum Health {
    /// The rollout may go on.
    Healthy,
    /// It may not.
    Unhealthy {
        /// Why, for the outcome.
        reason: String,
    },
}

impl Health {
    /// The rollout may not go on, for this reason.
    pub fn unhealthy(reason: impl Into<String>) -> Self {
        Self::Unhealthy {
            reason: reason.into(),
        }
    }
}

/// The result of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GateResult {
    /// When it was decided.
    pub at: Timestamp,
    /// The conditions that did not hold; none if the gate let the rollout pass.
    pub failures: Vec<GateFailure>,
    /// Whether the failures were accepted by hand.
    #[serde(default)]
    pub accepted: bool,
}

impl GateResult {
    pub(super) fn new(at: Timestamp, failures: Vec<GateFailure>) -> Self {
        Self {
            at,
            failures,
            accepted: false,
        }
    }

    /// Whether an unhealthy wave was accepted by hand.
    pub(super) fn accepts_harm(&self) -> bool {
        let mut failures = self.failures.iter();
        self.accepted && failures.any(|one| matches!(one, GateFailure::Unhealthy { .. }))
    }

    /// The same but for harm that a health check found, which is no more.
    pub(super) fn without_harm(mut self, at: Timestamp) -> Self {
        let is_harm = |one: &GateFailure| matches!(one, GateFailure::Unhealthy { .. });
        self.failures.retain(|one| !is_harm(one));
        // What else failed was accepted before the health check was asked.
        let accepted = !self.failures.is_empty();
        Self {
            at,
            accepted,
            ..self
        }
    }

    /// Whether the rollout may go on.
    pub fn is_passed(&self) -> bool {
        self.failures.is_empty() || self.accepted
    }
}

/// Such as `passed`, or the conditions that did not hold.
impl fmt::Display for GateResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.failures.is_empty() {
            return f.write_str("passed");
        }
        f.write_str(if self.accepted {
            "accepted: "
        } else {
            "failed: "
        })?;
        for (number, failure) in self.failures.iter().enumerate() {
            let separator = if number == 0 { "" } else { "; " };
            write!(f, "{separator}{failure}")?;
        }
        Ok(())
    }
}

/// A condition of a gate that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum GateFailure {
    /// The install succeeded on too few nodes.
    TooFewSucceeded {
        /// The nodes on which it succeeded.
        succeeded: usize,
        /// The nodes of the wave.
        nodes: usize,
        /// The percentage that must succeed.
        percent: u8,
    },
    /// Nodes that must be compliant are not.
    NotCompliant {
        /// The nodes, and the [reason](crate::compliance::NodeCompliance::reason) of each, such as `2 missing`.
        nodes: BTreeMap<NodeId, String>,
    },
    /// Nodes did not come back online in time.
    Offline {
        /// The nodes.
        nodes: Vec<NodeId>,
    },
    /// The health check found harm.
    Unhealthy {
        /// Its reason.
        reason: String,
    },
}

impl fmt::Display for GateFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewSucceeded {
                succeeded,
                nodes,
                percent,
            } => write!(
                f,
                "{succeeded} of {nodes} nodes succeeded, at least {percent}% must"
            ),
            Self::NotCompliant { nodes } => {
                let nodes = nodes.iter().map(|(node, why)| format!("{node} ({why})"));
                write!(f, "not compliant: {}", first_of(nodes))
            }
            Self::Offline { nodes } => write!(f, "not online again: {}", listed(nodes)),
            Self::Unhealthy { reason } => write!(f, "unhealthy: {reason}"),
        }
    }
}

/// The first nodes of a list, and how many more there are.
pub(super) fn listed(nodes: &[NodeId]) -> String {
    first_of(nodes.iter().map(ToString::to_string))
}

fn first_of(mut items: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = items.by_ref().take(SHOWN).collect();
    match items.count() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
