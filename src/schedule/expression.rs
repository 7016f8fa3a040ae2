use jiff::Timestamp;

use crate::error::Result;

/// A schedule of Systems Manager: `cron(…)`, `rate(…)` or `at(…)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScheduleExpression {}

impl ScheduleExpression {
    /// Reads an expression.
    pub fn parse(_text: &str) -> Result<Self> {
        Ok(Self {})
    }

    /// The first firing strictly after an instant, in UTC; `None` where it never fires again.
    pub fn next_after(&self, _instant: Timestamp) -> Option<Timestamp> {
        None
    }
}
