//! Files of a desired state, in JSON or YAML.
#![no_main]

use aws_patch_manager::plan::{DesiredState, MirrorSnapshot, Plan, PlanOptions};
use libfuzzer_sys::fuzz_target;
use patch_manager_fuzz::{NOW, read_and_write_by, wait};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let write = |state: &DesiredState| state.to_json().expect("a state can be written");
    let state = read_and_write_by(text, DesiredState::from_json, write).or_else(|| {
        read_and_write_by(
            text,
            |yaml| serde_norway::from_str::<DesiredState>(yaml),
            as_yaml,
        )
    });
    let Some(state) = state else {
        return;
    };
    let yaml = as_yaml(&state);
    let again = serde_norway::from_str::<DesiredState>(&yaml);
    assert_eq!(again.as_ref().ok(), Some(&state), "{yaml}: {again:?}");
    state.check().expect("what is read passes the check");
    let plan = wait(Plan::make(
        &MirrorSnapshot::new(NOW),
        &state,
        PlanOptions::new(),
    ));
    if let Ok(plan) = plan {
        let written = serde_json::to_string(&plan).expect("a plan can be written");
        let again = serde_json::from_str::<Plan>(&written);
        assert_eq!(again.ok().as_ref(), Some(&plan), "{written}");
        let _ = plan.to_markdown();
    }
});

/// serde crates for YAML write an enum with data as a YAML tag, which no JSON is: a file has the JSON form.
fn as_yaml(state: &DesiredState) -> String {
    let json = serde_json::to_value(state).expect("a state can be written");
    serde_norway::to_string(&json).expect("JSON is YAML")
}
