//! Compliance that others report, as it arrives.

use super::custom::kinds;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::store::report::CustomCompliance;
use crate::types::NodeId;

/// The most types of an account (SSM model, `ComplianceTypeCountLimitExceededException`).
const MOST_TYPES: usize = 10;

impl MemoryBackend {
    /// Replaces what was reported of a node, of a custom type; without items nothing is left of it. A
    /// report with the content hash of the one that is there is ignored (SSM model, `ItemContentHash`). No
    /// call is recorded.
    ///
    /// # Errors
    ///
    /// `InvalidResourceId` for a node that is not managed, and
    /// `ComplianceTypeCountLimitExceededException` for the eleventh type of the account.
    pub(crate) fn put_custom_compliance(
        &self,
        id: &NodeId,
        kind: &str,
        reported: CustomCompliance,
    ) -> Result<()> {
        let refused =
            |code: &str, text: &str| Err(Error::service(ErrorKind::InvalidInput, code, text));
        self.act(|engine, _| {
            let known = kinds(&engine.state);
            let is_one_more = known.len() >= MOST_TYPES && !known.contains(kind);
            let node = engine.state.fleet.get_mut(id);
            let Some(node) = node.filter(|node| node.is_managed()) else {
                return refused("InvalidResourceId", "");
            };
            if is_one_more {
                let code = "ComplianceTypeCountLimitExceededException";
                return refused(code, "an account has at most 10 custom types");
            }
            let current = node.custom_compliance.get(kind);
            let hash = current.and_then(|current| current.content_hash.as_ref());
            if hash.is_some() && hash == reported.content_hash.as_ref() {
                return Ok(());
            }
            if reported.items.is_empty() {
                node.custom_compliance.remove(kind);
            } else {
                node.custom_compliance.insert(kind.to_owned(), reported);
            }
            Ok(())
        })
    }
}
