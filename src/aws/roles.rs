use async_trait::async_trait;

use super::{AwsBackend, send};
use crate::backend::{AssumeRole, Operation, RoleSessions};
use crate::error::{Error, ErrorKind, Result};
use crate::types::AssumedRoleUser;

#[async_trait]
impl RoleSessions for AwsBackend {
    async fn assume_role(&self, request: AssumeRole) -> Result<AssumedRoleUser> {
        const OPERATION: Operation = Operation::AssumeRole;
        let seconds = request.duration_seconds.map(i32::try_from).transpose();
        let seconds = seconds.map_err(|_| {
            let message = "DurationSeconds is out of range: 900 to 43200";
            Error::new(ErrorKind::InvalidInput, message).with_operation(OPERATION)
        })?;
        let call = self
            .sts
            .assume_role()
            .role_arn(&request.role_arn)
            .role_session_name(request.role_session_name)
            .set_duration_seconds(seconds);
        let answer = send!(self, OPERATION, call);
        let answer = answer.map_err(|error| error.with_resource(&request.role_arn))?;
        // The credentials end here: nothing that records or prints an answer may have them.
        let user = answer.assumed_role_user;
        Ok(AssumedRoleUser {
            assumed_role_id: user.as_ref().map(|user| user.assumed_role_id.clone()),
            arn: user.map(|user| user.arn),
        })
    }
}
