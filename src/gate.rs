/// The exit code of a program that is a gate: 1 if something does not hold, else 2 if it is not known whether all
/// holds, else 0.
pub(crate) fn exit_code(fails: bool, is_unknown: bool) -> u8 {
    match (fails, is_unknown) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 0,
    }
}
