//! The account: its id and Region, its quotas, the ids that it generates and the client tokens that
//! it remembers.

use std::collections::HashMap;

use super::errors::refused;
use crate::backend::Operation;
use crate::error::{Error, ErrorKind, Result};

/// The account's id and Region.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) region: String,
    pub(crate) id: String,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            id: "123456789012".to_owned(),
        }
    }
}

/// The quotas of an account; the defaults are the service's own.
///
/// ```
/// use aws_patch_manager::memory::Limits;
///
/// let mut limits = Limits::default();
/// assert_eq!(limits.baselines, 50);
/// limits.baselines = 2;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Baselines of your own, 50.
    pub baselines: usize,
    /// Patch groups per baseline, 25.
    pub groups_per_baseline: usize,
    /// State Manager associations, 2,000.
    pub associations: usize,
    /// Versions of an association, 1,000.
    pub versions_per_association: usize,
    /// Maintenance windows, 50.
    pub windows: usize,
    /// Registered targets per window, 100.
    pub targets_per_window: usize,
    /// Tasks per window, 20.
    pub tasks_per_window: usize,
    /// Registered targets per task, 10.
    pub targets_per_task: usize,
    /// Resource data syncs, 5.
    pub resource_data_syncs: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            baselines: 50,
            groups_per_baseline: 25,
            associations: 2_000,
            versions_per_association: 1_000,
            windows: 50,
            targets_per_window: 100,
            tasks_per_window: 20,
            targets_per_task: 10,
            resource_data_syncs: 5,
        }
    }
}

/// Generates ids; the same seed gives the same ids.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    rng: fastrand::Rng,
}

impl Ids {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    /// Lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789abcdef"[self.rng.usize(..16)]))
            .collect()
    }

    /// A random (version 4) UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let variant = ['8', '9', 'a', 'b'][self.rng.usize(..4)];
        format!(
            "{}-{}-4{}-{variant}{}-{}",
            self.hex(8),
            self.hex(4),
            self.hex(3),
            self.hex(3),
            self.hex(12)
        )
    }
}

/// The client tokens of one operation, with the input and the answer of each.
///
/// Every call with the token returns the first result, or fails if its input differs (SSM model,
/// `IdempotentParameterMismatch`).
#[derive(Debug, Clone)]
pub(crate) struct ClientTokens<I, O> {
    seen: HashMap<String, (I, O)>,
}

impl<I, O> Default for ClientTokens<I, O> {
    fn default() -> Self {
        Self {
            seen: HashMap::new(),
        }
    }
}

impl<I: PartialEq, O: Clone> ClientTokens<I, O> {
    /// The answer for the token, if it was used before.
    pub(crate) fn replay(
        &self,
        operation: Operation,
        token: Option<&str>,
        input: &I,
    ) -> Result<Option<O>> {
        let Some(token) = token else { return Ok(None) };
        let length = token.chars().count();
        if !(1..=64).contains(&length) {
            return Err(refused(
                operation,
                format!("clientToken has {length} characters: must have 1 to 64"),
            ));
        }
        match self.seen.get(token) {
            None => Ok(None),
            Some((first, answer)) if first == input => Ok(Some(answer.clone())),
            Some(_) => Err(Error::service(
                ErrorKind::IdempotentParameterMismatch,
                "IdempotentParameterMismatch",
                "the client token was used before with other parameters",
            )),
        }
    }

    pub(crate) fn remember(&mut self, token: Option<String>, input: I, answer: O) {
        if let Some(token) = token {
            self.seen.insert(token, (input, answer));
        }
    }
}
