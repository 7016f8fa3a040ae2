//! The parameters that a policy was read from.

use std::collections::BTreeMap;

use super::PatchPolicy;

/// The parameters that a policy was read from; empty if it was not read.
///
/// They are how the policy is written, and not what it says: all are equal, and none is in JSON.
#[derive(Debug, Clone, Default)]
pub(super) struct AsRead(BTreeMap<String, String>);

impl PartialEq for AsRead {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for AsRead {}

impl AsRead {
    pub(super) fn new(parameters: &BTreeMap<String, String>) -> Self {
        Self(parameters.clone())
    }

    /// The policy as it was read.
    pub(super) fn policy(&self, region: &str, account: &str) -> Option<PatchPolicy> {
        if self.0.is_empty() {
            return None;
        }
        PatchPolicy::from_parameters_in(&self.0, region, account).ok()
    }

    /// These parameters with what `after` changes of `before`. Both are written by this crate: where
    /// they agree, the text that was read stays, or its absence.
    pub(super) fn over(
        &self,
        before: &BTreeMap<String, String>,
        after: BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let mut parameters = self.0.clone();
        parameters.retain(|name, _| after.contains_key(name) || !before.contains_key(name));
        for (name, value) in after {
            if before.get(&name) != Some(&value) {
                parameters.insert(name, value);
            }
        }
        parameters
    }
}

impl PatchPolicy {
    /// Writes what it says over the parameters of this policy, which are stored now.
    pub(crate) fn keep_form(&mut self, stored: &Self) {
        self.as_read = stored.as_read.clone();
    }

    /// The same if it was not read itself.
    pub(crate) fn keep_form_if_new(&mut self, stored: &Self) {
        if self.as_read.0.is_empty() {
            self.keep_form(stored);
        }
    }
}
