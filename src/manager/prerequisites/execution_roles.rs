//! Whether the execution roles of an organization's accounts can be assumed.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::hidden;
use crate::backend::AssumeRole;
use crate::error::Result;
use crate::manager::PatchManager;
use crate::prerequisites::{ExecutionRoleRead, ExecutionRoles, Prerequisites};
use crate::types::partition_of;

/// STS answers for the accounts of an organization in parallel, this many at once.
const AT_ONCE: usize = 16;

/// The shortest session that STS gives, in seconds: nobody uses it.
const SESSION_SECONDS: u32 = 900;

impl PatchManager {
    /// Assumes each execution role of the question once.
    pub(super) async fn execution_roles(&self, question: &Prerequisites) -> Result<ExecutionRoles> {
        let region = question.region.as_deref().unwrap_or_default();
        let partition = partition_of(region);
        let reads = stream::iter(question.execution_roles.iter().cloned()).map(|role| {
            let (account, name) = (role.account, role.name);
            let arn = format!("arn:{partition}:iam::{account}:role/{name}");
            let session = "aws-patch-manager";
            let request = AssumeRole::new(arn.as_str(), session, Some(SESSION_SECONDS));
            async move {
                let answer = self.backends.sessions.assume_role(request).await;
                let read = hidden(answer.map(drop))?;
                Ok(ExecutionRoleRead { name, arn, read })
            }
        });
        Ok(ExecutionRoles {
            reads: reads.buffered(AT_ONCE).try_collect().await?,
            units: question.units.iter().cloned().collect(),
        })
    }
}
