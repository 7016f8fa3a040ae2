#[derive(Debug, Default)]
pub(super) struct PolicyBook {}
