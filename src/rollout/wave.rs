use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Gate;
use crate::group::PatchGroup;
use crate::types::NodeId;

/// How long a wave may take from its start to the end of its last command, if nothing else is set.
const TIME_LIMIT: SignedDuration = SignedDuration::from_hours(4);

/// Nodes by what they have in common, or by name.
///
/// A group or a tag means the nodes that have it when the rollout begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum NodeSet {
    /// The nodes of a patch group, under either tag key.
    PatchGroup(PatchGroup),
    /// The nodes whose tag has one of these values.
    Tag {
        /// The tag's key.
        key: String,
        /// The accepted values.
        values: Vec<String>,
    },
    /// These nodes.
    Nodes(Vec<NodeId>),
}

impl NodeSet {
    /// The nodes whose tag has one of these values.
    pub fn tag<I>(key: impl Into<String>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::Tag {
            key: key.into(),
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// These nodes.
    pub fn nodes<I>(nodes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        Self::Nodes(nodes.into_iter().map(Into::into).collect())
    }
}

impl From<PatchGroup> for NodeSet {
    fn from(group: PatchGroup) -> Self {
        Self::PatchGroup(group)
    }
}

/// These nodes, as `list_nodes` returns their ids.
impl From<Vec<NodeId>> for NodeSet {
    fn from(nodes: Vec<NodeId>) -> Self {
        Self::Nodes(nodes)
    }
}

/// Such as `patch group web`, or `tag Ring = canary, early`.
impl fmt::Display for NodeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PatchGroup(group) => write!(f, "patch group {group}"),
            Self::Tag { key, values } => write!(f, "tag {key} = {}", values.join(", ")),
            Self::Nodes(nodes) => write!(f, "{} named nodes", nodes.len()),
        }
    }
}

/// The nodes of a wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WaveNodes {
    /// A set of its own.
    Set(NodeSet),
    /// This percentage of the rollout's target, rounded up, of the nodes that no wave before has.
    Share(u8),
    /// The nodes of the rollout's target that no other wave has.
    Rest,
}

/// Such as `5% of the target`.
impl fmt::Display for WaveNodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(set) => set.fmt(f),
            Self::Share(percent) => write!(f, "{percent}% of the target"),
            Self::Rest => f.write_str("the rest of the target"),
        }
    }
}

/// When a wave may install.
///
/// ```
/// use std::time::Duration;
/// use aws_patch_manager::rollout::WaveWindow;
///
/// let sunday = WaveWindow::new()
///     .not_before("2026-06-07T02:00:00Z".parse()?)
///     .not_after("2026-06-07T05:00:00Z".parse()?)
///     .cutoff(Duration::from_mins(60));
/// assert_eq!(sunday.last_start(), Some("2026-06-07T04:00:00Z".parse()?));
/// # Ok::<(), aws_patch_manager::jiff::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[must_use]
#[non_exhaustive]
pub struct WaveWindow {
    /// The wave waits for this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// The end of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Timestamp>,
    /// How long before its end nothing starts any more, as the cutoff of a maintenance window.
    pub cutoff: SignedDuration,
}

impl WaveWindow {
    /// A window without bounds.
    pub fn new() -> Self {
        Self::default()
    }

    /// The wave waits for this instant.
    pub fn not_before(mut self, instant: Timestamp) -> Self {
        self.not_before = Some(instant);
        self
    }

    /// The window ends at this instant. A run that has started by then goes on.
    pub fn not_after(mut self, instant: Timestamp) -> Self {
        self.not_after = Some(instant);
        self
    }

    /// In this last part of the window neither the wave nor one of its commands starts.
    pub fn cutoff(mut self, cutoff: Duration) -> Self {
        self.cutoff = signed(cutoff);
        self
    }

    /// The instant from which nothing starts any more.
    pub fn last_start(&self) -> Option<Timestamp> {
        let end = self.not_after?;
        Some(end.saturating_sub(self.cutoff).unwrap_or(Timestamp::MIN))
    }

    /// How long it is, if it has both ends.
    pub(super) fn length(&self) -> Option<SignedDuration> {
        Some(self.not_before?.duration_until(self.not_after?))
    }
}

/// A part of a [`Rollout`](super::Rollout): nodes that are patched together, and what must hold
/// before the next part.
///
/// ```
/// use std::time::Duration;
/// use aws_patch_manager::rollout::{Gate, Wave};
///
/// let canary = Wave::share("canary", 5)
///     .gate(Gate::new(100).online_within(Duration::from_mins(15)))
///     .bake(Duration::from_hours(24));
/// let rest = Wave::rest("rest").gate(Gate::new(95)).start_stopped();
/// # let _ = (canary, rest);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[must_use]
#[non_exhaustive]
pub struct Wave {
    /// Its name, unique in the rollout.
    pub name: String,
    /// Its nodes.
    pub nodes: WaveNodes,
    /// What must hold after the install.
    #[serde(default)]
    pub gate: Gate,
    /// How long the next wave waits after the gate.
    #[serde(default)]
    pub bake: SignedDuration,
    /// When it may install; at any time by default.
    #[serde(default)]
    pub window: WaveWindow,
    /// Whether stopped instances are started for it, and stopped again at its end.
    #[serde(default)]
    pub start_stopped: bool,
    /// How long it may take from its start to the end of its last command; 4 hours by default.
    #[serde(default = "four_hours")]
    pub time_limit: SignedDuration,
}

fn four_hours() -> SignedDuration {
    TIME_LIMIT
}

impl Wave {
    /// A wave of a set of nodes: a [`PatchGroup`], or a [`NodeSet`].
    pub fn of(name: impl Into<String>, nodes: impl Into<NodeSet>) -> Self {
        Self::new(name, WaveNodes::Set(nodes.into()))
    }

    /// A wave of this percentage of the rollout's target, 1 to 100, rounded up.
    ///
    /// It takes the nodes that no wave before it has, by id.
    pub fn share(name: impl Into<String>, percent: u8) -> Self {
        Self::new(name, WaveNodes::Share(percent))
    }

    /// The last wave: the nodes of the target that no other wave has.
    pub fn rest(name: impl Into<String>) -> Self {
        Self::new(name, WaveNodes::Rest)
    }

    fn new(name: impl Into<String>, nodes: WaveNodes) -> Self {
        Self {
            name: name.into(),
            nodes,
            gate: Gate::default(),
            bake: SignedDuration::ZERO,
            window: WaveWindow::default(),
            start_stopped: false,
            time_limit: TIME_LIMIT,
        }
    }

    /// Sets what must hold after the install. The default is that every node succeeds.
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gate = gate;
        self
    }

    /// Sets how long the next wave waits after the gate. The default is not at all.
    ///
    /// If the gate has a [health check](Gate::healthy), it is asked again at the end.
    pub fn bake(mut self, time: Duration) -> Self {
        self.bake = signed(time);
        self
    }

    /// Sets when the wave may install. The default is at any time.
    pub fn window(mut self, window: WaveWindow) -> Self {
        self.window = window;
        self
    }

    /// Starts the stopped EC2 instances of the wave, and stops them again after the bake time.
    ///
    /// It stops only what it started by EC2's answer, and no instance on which a command has not
    /// ended. An instance that somebody else started meanwhile stays running. So does one whose start
    /// is unclear, after a lost reply or a crash: an event
    /// [names](super::RolloutEventKind::InstancesLeft) it.
    pub fn start_stopped(mut self) -> Self {
        self.start_stopped = true;
        self
    }

    /// Sets how long the wave may take from its start to the end of its last command.
    ///
    /// What has not ended by then is cancelled, and counts as not succeeded.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = signed(limit);
        self
    }
}

/// A duration of an argument; the longest one if it is longer.
pub(super) fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
