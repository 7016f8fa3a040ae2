#[derive(Debug, Default)]
pub(super) struct CommandLedger {}
