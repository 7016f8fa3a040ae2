//! What callers ensure, as often as they like.

use aws_patch_manager::automation::PatchRunbook;
use aws_patch_manager::backend::CreateResourceDataSync;
use aws_patch_manager::manager::Change;
use aws_patch_manager::resource_data_sync::SyncToDestination;
use aws_patch_manager::schedule::association::CreateAssociation;
use aws_patch_manager::schedule::window::PatchWindow;
use aws_patch_manager::schedule::{PatchPolicy, PolicyTargets};
use aws_patch_manager::types::Tag;
use aws_patch_manager::{BaselineBuilder, PatchManager, PolicySchedule, Result};

/// What a caller ensures, as often as it likes: the id that it has, and whether it changed anything.
pub(crate) trait Ensured {
    async fn ensure(&self, manager: &PatchManager) -> Result<(String, bool)>;
}

/// A baseline whose updates are approved after this number of days.
pub(crate) struct Baseline(pub(crate) u32);

impl Ensured for Baseline {
    async fn ensure(&self, manager: &PatchManager) -> Result<(String, bool)> {
        let spec = BaselineBuilder::windows_critical_and_security("web", self.0).build()?;
        let ensured = manager.ensure_baseline(&spec).await?;
        Ok((ensured.id.to_string(), ensured.change != Change::Unchanged))
    }
}

impl Ensured for PatchPolicy {
    async fn ensure(&self, manager: &PatchManager) -> Result<(String, bool)> {
        let ensured = manager.ensure_policy(self).await?;
        Ok((ensured.arn.to_string(), ensured.change != Change::Unchanged))
    }
}

impl Ensured for PatchWindow {
    async fn ensure(&self, manager: &PatchManager) -> Result<(String, bool)> {
        let ensured = manager.ensure_maintenance_window(self).await?;
        Ok((ensured.id.to_string(), !ensured.changes.is_empty()))
    }
}

impl Ensured for CreateAssociation {
    async fn ensure(&self, manager: &PatchManager) -> Result<(String, bool)> {
        let ensured = manager.ensure_association(self).await?;
        Ok((ensured.id.to_string(), ensured.change != Change::Unchanged))
    }
}

fn schedule(hour: u8) -> PolicySchedule {
    PolicySchedule::new("web")
        .scan_daily_at(hour, 0)
        .targets(PolicyTargets::Tag(Tag::new("Role", "web")))
}

pub(crate) fn policy(hour: u8) -> PatchPolicy {
    PolicySchedule::new("web")
        .scan_daily_at(hour, 0)
        .patch_policy()
        .unwrap()
}

pub(crate) fn window(hour: u8) -> PatchWindow {
    schedule(hour).maintenance_windows().unwrap().remove(0)
}

pub(crate) fn association(hour: u8) -> CreateAssociation {
    schedule(hour).associations().unwrap().remove(0)
}

impl Ensured for PatchRunbook {
    async fn ensure(&self, manager: &PatchManager) -> Result<(String, bool)> {
        let ensured = manager.ensure_patch_runbook(self).await?;
        let changed = ensured.change != Change::Unchanged || !ensured.shared_with.is_empty();
        Ok((ensured.name, changed))
    }
}

impl Ensured for CreateResourceDataSync {
    async fn ensure(&self, manager: &PatchManager) -> Result<(String, bool)> {
        let change = manager.ensure_resource_data_sync(self).await?;
        Ok((self.sync_name.clone(), change != Change::Unchanged))
    }
}

pub(crate) fn runbook(description: &str) -> PatchRunbook {
    PatchRunbook::new("Patch-Nodes")
        .description(description)
        .share_with(["222222222222"])
}

pub(crate) fn sync(prefix: &str) -> CreateResourceDataSync {
    let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1");
    sync.prefix(prefix).build().unwrap()
}
