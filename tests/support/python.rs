//! The Python that some tests run others' AWS tools in.

use std::process::Command;

/// The interpreter: the variable `PYTHON`, otherwise `python3`.
pub(crate) fn interpreter() -> String {
    std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Whether the interpreter has the module. Under `CI=true` its absence fails the test.
pub(crate) fn has(module: &str, requirement: &str) -> bool {
    let python = interpreter();
    let import = Command::new(&python)
        .args(["-c", &format!("import {module}")])
        .output();
    if import.is_ok_and(|import| import.status.success()) {
        return true;
    }
    super::environment::cannot_check(&format!(
        "{python} cannot import {module}; install it with `{python} -m pip install '{requirement}'`"
    ));
    false
}
