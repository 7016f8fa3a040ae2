use std::fmt;

use futures_core::future::BoxFuture;
use serde::{Serialize, Serializer};

use super::{Capability, Harness, Lack, Trial};
use crate::error::Error;

/// Why a backend broke a rule.
#[derive(Debug, thiserror::Error, Serialize)]
#[serde(rename_all = "PascalCase")]
#[error("{message}")]
#[non_exhaustive]
pub struct Failure {
    /// The expectation and the result.
    pub message: String,
    /// The backend's error, if it was unexpected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Error>,
}

impl Failure {
    /// A failure with this text.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            message: format!("unexpected error: {error}"),
            source: Some(error),
        }
    }
}

/// The result of a rule, or of a step of one.
pub(super) type Result<T = (), E = Failure> = std::result::Result<T, E>;

/// The area of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Area {
    /// Baselines and defaults.
    Baselines,
    /// Patch groups.
    Groups,
    /// Patches and a baseline's effective patches.
    Catalog,
    /// Nodes and tags.
    Nodes,
    /// The network.
    Network,
    /// Commands.
    Commands,
    /// Patch states and compliance.
    PatchState,
    /// Patch policies.
    Policies,
    /// Resource data syncs.
    DataSyncs,
    /// State Manager associations.
    Associations,
    /// Maintenance windows.
    Windows,
    /// Documents and Automation.
    Automation,
}

/// The function behind a rule.
pub(super) type Check = for<'a> fn(&'a Trial<'a>) -> BoxFuture<'a, Result>;

/// One thing that every backend must do.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Rule {
    /// The rule, which is also the name of its function.
    pub name: &'static str,
    /// Its area.
    pub area: Area,
    /// The capabilities that it needs.
    pub needs: &'static [Capability],
    pub(super) run: Check,
}

impl Rule {
    /// Resets the nodes, checks a backend against the rule, and cleans up.
    pub async fn check(&self, harness: &dyn Harness) -> RuleOutcome {
        let lacks = harness.lacks();
        if let Some(lack) = lacks
            .into_iter()
            .find(|lack| self.needs.contains(&lack.capability))
        {
            return RuleOutcome::NotApplicable(lack);
        }
        let trial = Trial::new(harness);
        let result = match harness.reset_nodes().await {
            Ok(()) => (self.run)(&trial).await,
            Err(error) => Err(error.into()),
        };
        let cleaned = trial.clean_up().await;
        match result.and(cleaned) {
            Ok(()) => RuleOutcome::Kept,
            Err(failure) => RuleOutcome::Broken(failure),
        }
    }
}

/// The outcome of a rule.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub enum RuleOutcome {
    /// The backend passes it.
    Kept,
    /// The backend breaks it.
    Broken(Failure),
    /// The backend lacks what the rule needs.
    NotApplicable(Lack),
}

/// The outcome of each rule.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Report {
    /// The rules and their outcomes, in the order of their runs.
    #[serde(serialize_with = "written")]
    pub outcomes: Vec<(Rule, RuleOutcome)>,
}

/// A rule as JSON: its name and its outcome.
fn written<S: Serializer>(
    outcomes: &[(Rule, RuleOutcome)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Written<'a> {
        rule: &'static str,
        area: Area,
        outcome: &'a RuleOutcome,
    }

    serializer.collect_seq(outcomes.iter().map(|(rule, outcome)| Written {
        rule: rule.name,
        area: rule.area,
        outcome,
    }))
}

impl Report {
    /// Whether no rule was broken.
    pub fn is_success(&self) -> bool {
        self.broken().next().is_none()
    }

    /// The broken rules, with their failures.
    pub fn broken(&self) -> impl Iterator<Item = (&Rule, &Failure)> {
        self.outcomes
            .iter()
            .filter_map(|(rule, outcome)| match outcome {
                RuleOutcome::Broken(failure) => Some((rule, failure)),
                _ => None,
            })
    }

    /// The rules that did not apply, with the reason.
    pub fn not_applicable(&self) -> impl Iterator<Item = (&Rule, &Lack)> {
        self.outcomes
            .iter()
            .filter_map(|(rule, outcome)| match outcome {
                RuleOutcome::NotApplicable(lack) => Some((rule, lack)),
                _ => None,
            })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (rule, failure) in self.broken() {
            writeln!(f, "broken          {}: {failure}", rule.name)?;
        }
        for (rule, lack) in self.not_applicable() {
            let (name, needed, reason) = (rule.name, lack.capability, &lack.reason);
            writeln!(f, "not applicable  {name}: needs {needed}: {reason}")?;
        }
        let (broken, skipped) = (self.broken().count(), self.not_applicable().count());
        let kept = self.outcomes.len() - broken - skipped;
        write!(
            f,
            "{kept} rules kept, {broken} broken, {skipped} not applicable"
        )
    }
}
