//! Client tokens: a repeated call answers what the first one did.

use std::collections::HashMap;

use crate::error::{Error, ErrorKind, Result};
use crate::memory::operations::check;

/// The tokens that one operation has seen, with the input and the answer of each.
///
/// Every call with the token answers the first result, or fails where its input differs
/// (SSM model, `IdempotentParameterMismatch`).
#[derive(Debug)]
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
    /// The answer that the token leads to, if it was used before.
    pub(crate) fn replay(
        &self,
        operation: &'static str,
        token: Option<&str>,
        input: &I,
    ) -> Result<Option<O>> {
        let Some(token) = token else { return Ok(None) };
        let length = token.chars().count();
        if !(1..=64).contains(&length) {
            return Err(check::refused(
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
            )
            .with_operation(operation)),
        }
    }

    pub(crate) fn remember(&mut self, token: Option<String>, input: I, answer: O) {
        if let Some(token) = token {
            self.seen.insert(token, (input, answer));
        }
    }
}
