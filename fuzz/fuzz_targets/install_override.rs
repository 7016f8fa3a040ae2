//! Install override lists, in YAML or JSON, and baseline overrides. The first line is a patch that may be named.
#![no_main]

use aws_patch_manager::operation::{BaselineOverride, InstallOverrideList};
use aws_patch_manager::types::OperatingSystem;
use libfuzzer_sys::fuzz_target;
use patch_manager_fuzz::{patch, read_and_write_by};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (line, text) = text.split_once('\n').unwrap_or_default();
    let patch = patch(line);
    let list = read_and_write_by(
        text,
        InstallOverrideList::from_json,
        InstallOverrideList::to_json,
    )
    .or_else(|| {
        read_and_write_by(
            text,
            InstallOverrideList::from_yaml,
            InstallOverrideList::to_json,
        )
    });
    if let Some(list) = list {
        let _ = list.warnings();
        let yaml = InstallOverrideList::from_yaml(&list.to_json());
        assert_eq!(yaml.as_ref().ok(), Some(&list), "{yaml:?}: nodes read YAML");
        for os in OperatingSystem::KNOWN {
            let _ = list.names(&patch, os);
        }
    }
    let read = read_and_write_by(text, BaselineOverride::from_json, BaselineOverride::to_json);
    if let Some(read) = read {
        for os in OperatingSystem::KNOWN {
            let _ = read.of_system(os).count();
        }
    }
});
