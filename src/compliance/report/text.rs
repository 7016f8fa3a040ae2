//! A report as text.

use std::fmt::{self, Write};

use super::{ComplianceReport, ReportNode};
use crate::compliance::Verdict;
use crate::lines::Lines;
use crate::visible::visible_line;

/// The title with the totals, what could not be read, and each node that does not comply, the worst first.
impl fmt::Display for ComplianceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        let totals = &self.totals;
        writeln!(
            f,
            "{}, {}: {}; {} compliant, {} non-compliant, {} unknown",
            visible_line(&self.title),
            self.made_at,
            self.told_share(),
            totals.compliant,
            totals.non_compliant,
            totals.unknown,
        )?;
        for failure in &self.failures {
            writeln!(f, "  not read: {}", visible_line(&failure.to_string()))?;
        }
        let compliant = Verdict::Compliant.to_string();
        let (nodes, _) = self.shown_nodes(usize::MAX);
        for node in nodes.into_iter().filter(|node| node.verdict != compliant) {
            writeln!(f, "  {}", visible_line(&node.to_string()))?;
        }
        Ok(())
    }
}

/// The node, its name, its verdict and why, such as `i-0123456789abcdef0 (web-1) non-compliant: 2 missing`.
impl fmt::Display for ReportNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.source.is_empty() {
            write!(f, "{} ", self.source)?;
        }
        f.write_str(&self.node)?;
        if !self.name.is_empty() {
            write!(f, " ({})", self.name)?;
        }
        write!(f, " {}: {}", self.verdict, self.told_reason())
    }
}
