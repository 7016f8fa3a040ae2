//! A desired state reads the same from JSON, YAML and TOML, with the serde crate of each.
#![allow(clippy::unwrap_used)]

use aws_patch_manager::plan::DesiredState;

const EXAMPLE: &str = include_str!("../../examples/plan_fleet/fleet.json");

#[test]
fn a_state_reads_the_same_from_json_yaml_and_toml() {
    let state = DesiredState::from_json(EXAMPLE).unwrap();
    // serde crates for YAML write an enum with data as a YAML tag, which is no JSON; its JSON form
    // is written as a file has it.
    let yaml = serde_norway::to_string(&serde_json::to_value(&state).unwrap()).unwrap();
    assert_eq!(
        serde_norway::from_str::<DesiredState>(&yaml).unwrap(),
        state
    );
    let toml = toml::to_string_pretty(&state).unwrap();
    assert_eq!(toml::from_str::<DesiredState>(&toml).unwrap(), state);
}

#[test]
fn each_format_refuses_unknown_members_and_names_all_of_them() {
    let yaml = "Name: web-fleet\nDefault:\n  WINDOWS: AWS\nNode: []\n";
    let toml = "Name = \"web-fleet\"\nNode = []\n[Default]\nWINDOWS = \"AWS\"\n";
    for refused in [
        serde_norway::from_str::<DesiredState>(yaml)
            .unwrap_err()
            .to_string(),
        toml::from_str::<DesiredState>(toml)
            .unwrap_err()
            .to_string(),
    ] {
        assert!(refused.contains("the nearest is `Defaults`"), "{refused}");
        assert!(refused.contains("the nearest is `Nodes`"), "{refused}");
    }
}
