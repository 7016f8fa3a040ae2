use aws_patch_manager::{ErrorKind, PatchGroup, PatchManager, Result};

/// One line for the operations channel, or `None` if all is well.
pub async fn alarm(manager: &PatchManager, group: &PatchGroup) -> Result<Option<String>> {
    let state = match manager.group_state(group).await {
        Err(error) if error.kind() == ErrorKind::AccessDenied => {
            return Ok(Some(format!("{group}: not allowed to look")));
        }
        answer => answer?,
    };
    let (behind, all) = (state.instances_with_missing_patches, state.instances);
    Ok((behind > 0).then(|| format!("{group}: {behind} of {all} nodes lack patches")))
}
