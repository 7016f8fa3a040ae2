//! Coverage in words.

use std::fmt;

use super::{Coverage, CoveringSchedule, NodeCoverage};
use crate::prerequisites::write_counts;

/// The findings, and a line of numbers.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        if self.nodes.is_empty() {
            f.write_str("the account has no node")?;
            return write_counts(f, &self.findings);
        }
        let count = |covers: fn(&NodeCoverage) -> bool| {
            let nodes = self.nodes.iter();
            nodes.filter(|node| covers(node)).count()
        };
        let installed = count(|node| node.installs().next().is_some());
        let scanned = count(|node| node.scans().next().is_some());
        let total = self.nodes.len();
        write!(
            f,
            "schedules install on {installed} of {total} nodes, and scan {scanned}"
        )?;
        write_counts(f, &self.findings)
    }
}

/// A line for the node, and one for each schedule.
impl fmt::Display for NodeCoverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.node)?;
        if let Some(os) = &self.operating_system {
            write!(f, " {os}")?;
        }
        if let Some(group) = &self.patch_group {
            write!(f, ", group {group}")?;
        }
        if let Some(baseline) = &self.baseline {
            write!(f, ", baseline {baseline}")?;
        }
        for schedule in &self.schedules {
            write!(f, "\n  {schedule}")?;
        }
        for schedule in &self.possible_schedules {
            write!(f, "\n  perhaps {schedule}")?;
        }
        Ok(())
    }
}

impl fmt::Display for CoveringSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or(&self.id);
        let (operation, kind, schedule) = (&self.operation, self.kind, &self.schedule);
        write!(f, "{operation} by {kind} {name}, {schedule}")?;
        match &self.baseline {
            Some(baseline) => write!(f, ", baseline {baseline}"),
            None => Ok(()),
        }
    }
}
