use async_trait::async_trait;

use super::convert;
use crate::aws::convert::member::always;
use crate::aws::{AwsBackend, send};
use crate::backend::{NodePower, Operation, RebootInstances, StartInstances, StopInstances};
use crate::error::Result;
use crate::types::InstanceStateChange;

#[async_trait]
impl NodePower for AwsBackend {
    async fn start_instances(&self, request: StartInstances) -> Result<Vec<InstanceStateChange>> {
        let call = self
            .ec2
            .start_instances()
            .set_instance_ids(always(request.instance_ids)?);
        let output = send!(self, Operation::StartInstances, call)?;
        Ok(convert::state_changes(output.starting_instances))
    }

    async fn stop_instances(&self, request: StopInstances) -> Result<Vec<InstanceStateChange>> {
        let call = self
            .ec2
            .stop_instances()
            .set_instance_ids(always(request.instance_ids)?);
        let output = send!(self, Operation::StopInstances, call)?;
        Ok(convert::state_changes(output.stopping_instances))
    }

    async fn reboot_instances(&self, request: RebootInstances) -> Result<()> {
        let call = self
            .ec2
            .reboot_instances()
            .set_instance_ids(always(request.instance_ids)?);
        send!(self, Operation::RebootInstances, call).map(drop)
    }
}
