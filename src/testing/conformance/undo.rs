//! What a trial removes after its rule.

use crate::ErrorKind;
use crate::backend::{
    Backend, CreateConfigurationManager, CreatePatchBaseline, CreateResourceDataSync,
    DeleteAssociation, DeleteConfigurationManager, DeleteMaintenanceWindow, DeletePatchBaseline,
    DeleteResourceDataSync, DeregisterPatchBaselineForPatchGroup, NodeInventoryExt,
    RegisterDefaultPatchBaseline, RegisterPatchBaselineForPatchGroup, Request,
};
use crate::error::Result;
use crate::group::{BaselineForPatchGroup, PatchGroup};
use crate::schedule::association::{AssociationDescription, CreateAssociation};
use crate::schedule::window::CreateMaintenanceWindow;
use crate::types::{AssociationId, BaselineId, NodeId, PatchPolicyArn, Tag, WindowId};

/// A step that undoes something.
#[derive(Debug)]
pub(super) enum Undo {
    DeleteBaseline(BaselineId),
    Deregister(BaselineId, PatchGroup),
    RegisterDefault(BaselineId),
    Retag(NodeId, Vec<Tag>),
    DeletePolicy(PatchPolicyArn),
    DeleteAssociation(AssociationId),
    DeleteWindow(WindowId),
    DeleteDataSync(String),
}

impl Undo {
    pub(super) async fn run(self, backend: &dyn Backend) -> Result<()> {
        match self {
            Self::DeleteBaseline(id) => DeletePatchBaseline::new(id).send(backend).await,
            Self::Deregister(id, group) => {
                let request = DeregisterPatchBaselineForPatchGroup::new(id, group);
                request.send(backend).await.map(drop)
            }
            Self::RegisterDefault(id) => {
                let request = RegisterDefaultPatchBaseline::new(id);
                request.send(backend).await.map(drop)
            }
            Self::Retag(node, tags) => retag(backend, &node, tags).await,
            Self::DeletePolicy(arn) => {
                unless_gone(DeleteConfigurationManager::new(arn).send(backend).await)
            }
            Self::DeleteAssociation(id) => {
                unless_gone(DeleteAssociation::new(id).send(backend).await)
            }
            Self::DeleteWindow(id) => DeleteMaintenanceWindow::new(id).send(backend).await,
            Self::DeleteDataSync(name) => {
                unless_gone(DeleteResourceDataSync::new(name, None).send(backend).await)
            }
        }
    }
}

/// The rule itself may have deleted it already.
fn unless_gone(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Gives a node exactly these tags.
async fn retag(nodes: &dyn Backend, node: &NodeId, tags: Vec<Tag>) -> Result<()> {
    let present = nodes.list_tags(node).await?;
    let gone: Vec<String> = present
        .into_iter()
        .map(|tag| tag.key)
        .filter(|key| !tags.iter().any(|tag| tag.key == *key))
        .collect();
    nodes.remove_tags(node, &gone).await?;
    if !tags.is_empty() {
        nodes.add_tags(node, &tags).await?;
    }
    Ok(())
}

/// A request that makes something, and the step that removes it again.
pub(super) trait Creation: Request {
    fn undo(&self, answer: &Self::Answer) -> Option<Undo>;
}

impl Creation for CreatePatchBaseline {
    fn undo(&self, id: &BaselineId) -> Option<Undo> {
        Some(Undo::DeleteBaseline(id.clone()))
    }
}

impl Creation for RegisterPatchBaselineForPatchGroup {
    fn undo(&self, _: &BaselineForPatchGroup) -> Option<Undo> {
        let (id, group) = (self.baseline_id.clone(), self.patch_group.clone());
        Some(Undo::Deregister(id, group))
    }
}

impl Creation for CreateConfigurationManager {
    fn undo(&self, arn: &PatchPolicyArn) -> Option<Undo> {
        Some(Undo::DeletePolicy(arn.clone()))
    }
}

impl Creation for CreateAssociation {
    fn undo(&self, made: &AssociationDescription) -> Option<Undo> {
        made.association_id.clone().map(Undo::DeleteAssociation)
    }
}

impl Creation for CreateMaintenanceWindow {
    fn undo(&self, id: &WindowId) -> Option<Undo> {
        Some(Undo::DeleteWindow(id.clone()))
    }
}

impl Creation for CreateResourceDataSync {
    fn undo(&self, (): &()) -> Option<Undo> {
        Some(Undo::DeleteDataSync(self.sync_name.clone()))
    }
}
