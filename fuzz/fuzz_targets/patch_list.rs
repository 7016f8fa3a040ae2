//! Entries of the lists of a baseline: lines with the operating system, a patch, and entries; one that begins with
//! `!` is rejected, the others are approved.
#![no_main]

use aws_patch_manager::baseline::approval::{CompiledBaseline, evaluate};
use aws_patch_manager::baseline::{BaselineSpec, PatchBaseline};
use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};
use aws_patch_manager::types::OperatingSystem;
use libfuzzer_sys::fuzz_target;
use patch_manager_fuzz::{NOW, patch};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut lines = text.split('\n');
    let os = OperatingSystem::from(lines.next().unwrap_or_default());
    let patch = patch(lines.next().unwrap_or_default());
    let mut spec = BaselineSpec::new("lists", os.clone());
    for entry in lines {
        match entry.strip_prefix('!') {
            Some(rejected) => spec.rejected_patches.push(rejected.to_owned()),
            None => spec.approved_patches.push(entry.to_owned()),
        }
    }
    let baseline = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec);
    let compiled = CompiledBaseline::new(&baseline);
    let verdict = evaluate(&baseline, &patch, NOW);
    assert_eq!(compiled.evaluate(&patch, NOW), verdict);
    assert_eq!(
        compiled.decide(&patch, NOW).is_approved(),
        verdict.is_approved()
    );
    let _ = spec.warnings();
    let entries = spec.approved_patches.iter().map(OverriddenPatch::new);
    if let Ok(list) = InstallOverrideList::new(entries) {
        let _ = (list.names(&patch, &os), list.warnings());
    }
});
