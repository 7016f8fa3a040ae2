use std::fmt::{self, Write};

use serde::Serialize;

use super::plan::Plan;
use super::snapshot::Unread;
use super::step::{PlannedAction, PlannedResource};
use crate::gate;
use crate::lines::Lines;

/// How an account differs from a desired state, without the intent to change it.
///
/// `Display` prints one line for each difference, and one for each thing that could not be read.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::plan::{DesiredState, PlanOptions};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let desired = DesiredState::from_json(
///     r#"{"Name": "web", "Defaults": {"WINDOWS": "AWS-WindowsPredefinedPatchBaseline-OS"}}"#,
/// )?;
/// let drift = manager.drift(&desired, PlanOptions::new().prune(true)).await?;
/// for line in &drift.lines {
///     println!("{line}");
/// }
/// assert!(!drift.is_empty());
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Drift {
    /// The differences.
    pub lines: Vec<DriftLine>,
    /// What could not be read: the account may differ there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// One difference of an account from a desired state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DriftLine {
    /// The resource.
    pub resource: PlannedResource,
    /// What is different.
    pub drift: DriftKind,
}

/// What is different in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum DriftKind {
    /// The resource is missing.
    Missing,
    /// The resource belongs to the state by its tag, and is not in it.
    NotDesired,
    /// A member is different.
    Member {
        /// The path of the member.
        field: String,
        /// Its value; empty if there is none.
        current: String,
        /// Its value in the state; empty if there is none.
        desired: String,
    },
}

impl Drift {
    /// Whether the account is as desired, as far as it could be read.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The exit code for a program that is a gate, such as a step of a pipeline: 0 if the account is as desired,
    /// 1 if it is not, 2 if no difference is known but something could not be read.
    pub fn exit_code(&self) -> u8 {
        gate::exit_code(!self.lines.is_empty(), !self.unread.is_empty())
    }
}

impl From<&Plan> for Drift {
    /// What the plan would change.
    fn from(plan: &Plan) -> Self {
        let mut lines = Vec::new();
        for step in plan.changes() {
            let line = |drift| DriftLine {
                resource: step.resource.clone(),
                drift,
            };
            match step.action {
                PlannedAction::Create | PlannedAction::Replace => {
                    lines.push(line(DriftKind::Missing));
                }
                PlannedAction::Delete => lines.push(line(DriftKind::NotDesired)),
                _ => lines.extend(step.differences.iter().map(|difference| {
                    line(DriftKind::Member {
                        field: difference.field.clone(),
                        current: difference.before.clone(),
                        desired: difference.after.clone(),
                    })
                })),
            }
        }
        Self {
            lines,
            unread: plan.unread.clone(),
        }
    }
}

impl fmt::Display for DriftLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |text: &str| match text {
            "" => "none".to_owned(),
            text => text.to_owned(),
        };
        write!(f, "{}: ", self.resource)?;
        match &self.drift {
            DriftKind::Missing => f.write_str("is missing"),
            DriftKind::NotDesired => f.write_str("is not in the state"),
            DriftKind::Member {
                field,
                current,
                desired,
            } => {
                let (current, desired) = (or_none(current), or_none(desired));
                write!(f, "{field} is {current}, not {desired}")
            }
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        for unread in &self.unread {
            writeln!(f, "not known: {unread}")?;
        }
        match self.exit_code() {
            0 => f.write_str("no differences"),
            _ => Ok(()),
        }
    }
}
