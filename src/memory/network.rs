#[derive(Debug, Default)]
pub(super) struct Network {}
