#[derive(Debug, Default)]
pub(super) struct Fleet {}
