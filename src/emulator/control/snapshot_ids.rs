//! The ids of a snapshot, of which each may be there once.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use crate::error::{Result, Violations};
use crate::plan::MirrorSnapshot;

/// Refuses a snapshot that has an id twice: restoring it would silently merge the two.
pub(super) fn check(snapshot: &MirrorSnapshot) -> Result<()> {
    let mut found = Violations::new();
    let own = snapshot
        .baselines
        .iter()
        .map(|own| Some(&own.baseline.baseline_id));
    once(&mut found, "Baselines", "Baseline.BaselineId", own);
    let predefined = snapshot.predefined_baselines.iter();
    let predefined = predefined.map(|one| Some(&one.baseline_id));
    once(&mut found, "PredefinedBaselines", "BaselineId", predefined);
    let listed = snapshot.baseline_listing.iter();
    let listed = listed.map(|one| one.baseline_id.as_ref());
    once(&mut found, "BaselineListing", "BaselineId", listed);
    let policies = snapshot.policies.iter().map(|state| Some(&state.arn));
    once(&mut found, "Policies", "Arn", policies);
    let windows = snapshot.windows.iter();
    let windows = windows.map(|one| one.window.window_id.as_ref());
    once(&mut found, "Windows", "Window.WindowId", windows);
    for (index, window) in snapshot.windows.iter().enumerate() {
        let targets = window.targets.iter();
        let targets = targets.map(|target| target.window_target_id.as_ref());
        let list = format!("Windows[{index}].Targets");
        once(&mut found, &list, "WindowTargetId", targets);
        let tasks = window.tasks.iter().map(|task| task.window_task_id.as_ref());
        let list = format!("Windows[{index}].Tasks");
        once(&mut found, &list, "WindowTaskId", tasks);
    }
    let associations = snapshot.associations.iter();
    let associations = associations.map(|one| one.association.association_id.as_ref());
    once(
        &mut found,
        "Associations",
        "Association.AssociationId",
        associations,
    );
    let nodes = snapshot.nodes.iter().map(|node| Some(&node.id));
    once(&mut found, "Nodes", "Id", nodes);
    let mut groups = HashMap::new();
    for (index, row) in snapshot.patch_groups.iter().enumerate() {
        let key = (&row.patch_group, &row.baseline_identity.operating_system);
        let first = *groups.entry(key).or_insert(index);
        if first != index {
            let field = format!("PatchGroups[{index}].PatchGroup");
            let legal = format!(
                "one row for each group and operating system: PatchGroups[{first}] is for the same"
            );
            found.push(field, row.patch_group.to_string(), legal);
        }
    }
    found.or("the snapshot", ())
}

/// Records the ids that an earlier item of the list has too.
fn once<'s, I: Display + Eq + Hash + 's>(
    found: &mut Violations,
    list: &str,
    member: &str,
    ids: impl Iterator<Item = Option<&'s I>>,
) {
    let mut known = HashMap::new();
    for (index, id) in ids.enumerate() {
        let Some(id) = id else { continue };
        let first = *known.entry(id).or_insert(index);
        if first != index {
            let field = format!("{list}[{index}].{member}");
            let legal = format!("an id that is there once: {list}[{first}] has the same");
            found.push(field, id.to_string(), legal);
        }
    }
}
