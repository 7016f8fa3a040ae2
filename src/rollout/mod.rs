//! Staged rollouts: waves of nodes, with a gate and a bake time after each.
//!
//! [`Rollout`] describes it, [`Rollout::preview`] shows what it would do, [`Rollout::begin`] finds its
//! nodes, and a [`RolloutRun`] carries it out.
//! Its whole state is a [`RolloutState`], which a [`RolloutStore`] stores before and after each write,
//! so that another process can take it up, also after a crash.
//!
//! [`docs::rollouts`](crate::docs::rollouts) is the guide.

mod advance;
mod begin;
mod check;
mod conditions;
mod consistency;
mod control;
mod event;
mod explain;
mod gate;
mod install;
mod outcome;
mod preview;
mod preview_text;
mod run;
mod spec;
mod state;
mod store;
mod wave;

pub use self::advance::RolloutProgress;
pub use self::control::RolloutControl;
pub use self::event::{RolloutEvent, RolloutEventKind};
pub use self::gate::{
    CompliantNodes, Gate, GateFailure, GateResult, Health, HealthCheck, PatchedWave,
};
pub use self::outcome::{RolloutOutcome, WaveOutcome};
pub use self::preview::{NodePreview, RolloutPreview, WavePreview};
pub use self::run::RolloutRun;
pub use self::spec::{FrozenPatches, LimitPer, NodeLimit, Rollout};
pub use self::state::{
    CommandProgress, HaltReason, NodeResult, RolloutState, RolloutStatus, WaveCommand, WavePhase,
    WaveState,
};
pub use self::store::{InMemoryRolloutStore, RolloutStore};
pub use self::wave::{NodeSet, Wave, WaveNodes, WaveWindow};
