//! What `.ci/run` finds for the tests, and they take from the environment.

use std::path::PathBuf;

use serde_json::Value;

/// Says why something is not checked. With `CI=true` all must be, so the test fails.
pub(crate) fn cannot_check(why: &str) {
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!in_ci, "CANNOT CHECK: {why}");
    println!("NOT CHECKED: {why}");
}

/// The file or folder that a variable names. One that is set to nothing says that the data cannot
/// be had, even with `CI=true`.
pub(crate) fn path(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable);
    match &path {
        None => cannot_check(&format!("{variable} is not set")),
        Some(path) if path.is_empty() => println!("NOT CHECKED: {variable} is set to nothing"),
        Some(_) => {}
    }
    path.filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// How many random cases a long test runs: what the variable says, or this many.
pub(crate) fn cases(variable: &str, usual: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked.map_or(usual, |asked| asked.parse().unwrap())
}

/// A service's model, as the botocore of `PYTHON` has it.
pub(crate) fn model(service: &str) -> Option<Value> {
    if !super::python::has("botocore", "botocore") {
        return None;
    }
    let print = "import sys, json, botocore.loaders as l; \
                 print(json.dumps(l.Loader().load_service_model(sys.argv[1], 'service-2')))";
    let python = super::python::interpreter();
    let mut printing = std::process::Command::new(python);
    let printed = printing.args(["-c", print, service]).output().unwrap();
    Some(serde_json::from_slice(&printed.stdout).unwrap())
}

/// The service's model of SSM, which `SSM_MODEL` names.
pub(crate) fn ssm_model() -> Option<Value> {
    let model = std::fs::read_to_string(path("SSM_MODEL")?).unwrap();
    Some(serde_json::from_str(&model).unwrap())
}
