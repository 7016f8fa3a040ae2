//! The forecast as text.

use std::fmt::{self, Write};

use crate::compliance::{ReportNode, Verdict};
use crate::lines::Lines;

use super::forecast::{Forecast, ForecastInstall, ForecastSchedule, ShortWindow};

/// How many nodes a line names.
const MOST_NAMED: usize = 5;

/// Such as `the patch policy production`.
impl fmt::Display for ForecastSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PatchPolicy(name) => write!(f, "the patch policy {name}"),
            Self::Association(name) => write!(f, "the association {name}"),
            Self::MaintenanceWindow(name) => write!(f, "the maintenance window {name}"),
        }
    }
}

impl ForecastInstall {
    /// Whether it fails, does not reach its node, or does not end.
    pub(super) fn is_in_trouble(&self) -> bool {
        let ends = self.started.is_some() && self.ended.is_some();
        !ends || !self.fails.is_empty() || !self.error.is_empty()
    }

    /// What it does, in words.
    pub(super) fn effect(&self) -> String {
        let mut parts = Vec::new();
        if !self.installs.is_empty() {
            parts.push(format!("installs {}", self.installs.join(", ")));
        }
        if !self.fails.is_empty() {
            parts.push(format!("fails to install {}", self.fails.join(", ")));
        }
        if self.reboots {
            parts.push("reboots".to_owned());
        }
        match (self.started, self.ended) {
            (None, _) => parts.push(format!("does not reach the node: {}", self.status)),
            (_, None) => parts.push("goes on beyond the forecast".to_owned()),
            _ if !self.error.is_empty() => parts.push(format!("fails: {}", self.error)),
            _ if self.is_unknown => {
                parts.push(
                    "installs what is approved; the node never reported what it lacks".to_owned(),
                );
            }
            _ if parts.is_empty() => parts.push("installs nothing".to_owned()),
            _ => {}
        }
        parts.join("; ")
    }
}

/// The node, what starts the install and when, and what it does.
impl fmt::Display for ForecastInstall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.started.unwrap_or(self.requested);
        write!(
            f,
            "{} {} by {}: {}",
            at.strftime("%H:%M"),
            self.node,
            self.schedule,
            self.effect()
        )
    }
}

/// The window, when it opens, and what does not fit.
impl fmt::Display for ShortWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} from {} to {}: {}",
            self.name,
            self.opens,
            self.closes,
            self.effect()
        )
    }
}

impl ShortWindow {
    /// What does not fit, in words.
    pub(super) fn effect(&self) -> String {
        let mut parts = Vec::new();
        if self.is_skipped {
            parts.push("its last run still goes on".to_owned());
        }
        if !self.not_started.is_empty() {
            parts.push(format!("does not start {}", self.not_started.join(", ")));
        }
        for (nodes, what) in [
            (&self.cancelled, "is cancelled at the cutoff on"),
            (&self.late, "ends after the window has closed on"),
        ] {
            if !nodes.is_empty() {
                parts.push(format!("{what} {}", named(nodes)));
            }
        }
        parts.join("; ")
    }
}

/// The first of some names.
pub(super) fn named<T: fmt::Display>(names: &[T]) -> String {
    let first: Vec<String> = names.iter().take(MOST_NAMED).map(T::to_string).collect();
    match names.len().saturating_sub(MOST_NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

impl Forecast {
    /// The nodes that do not comply at the end, each with its reason, such as a reboot that it waits for.
    pub(super) fn non_compliant(&self) -> impl Iterator<Item = &ReportNode> {
        let is_non_compliant =
            |node: &&ReportNode| node.verdict == Verdict::NonCompliant.to_string();
        self.report.nodes.iter().filter(is_non_compliant)
    }
}

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        writeln!(f, "Forecast from {} until {}", self.from, self.until)?;
        for unread in &self.unread {
            writeln!(f, "  without: {unread}")?;
        }
        for (day, installs) in self.calendar() {
            writeln!(f, "\n{}", day.strftime("%a %Y-%m-%d"))?;
            for install in installs {
                writeln!(f, "  {install}")?;
            }
        }
        if self.installs.is_empty() {
            writeln!(f, "\nNothing is installed.")?;
        }
        if !self.short_windows.is_empty() {
            writeln!(f, "\nWindows that are too short")?;
        }
        for window in &self.short_windows {
            writeln!(f, "  {window}")?;
        }
        if !self.uncovered.is_empty() {
            writeln!(f, "\nNodes on which no schedule installs")?;
        }
        for node in &self.uncovered {
            let scanned = match node.scanned_by.is_empty() {
                true => "nothing scans it either".to_owned(),
                false => format!("scanned by {}", named(&node.scanned_by)),
            };
            writeln!(f, "  {}: {scanned}", node.node)?;
        }
        for policy in &self.possible_policies {
            writeln!(
                f,
                "\nWithout the patch policy {policy}: whether this account is in its organizational units \
                 is not known"
            )?;
        }
        if !self.unknown.is_empty() {
            let nodes = named(&self.unknown);
            writeln!(
                f,
                "\nNodes that never reported, so that it is not known what they lack: {nodes}"
            )?;
        }
        if !self.missing.is_empty() {
            writeln!(f, "\nStill missing at the end")?;
        }
        for node in &self.missing {
            for patch in &node.patches {
                let mark = if patch.is_approved { "!" } else { " " };
                writeln!(f, "{mark} {} {}: {}", node.node, patch.patch, patch.why)?;
            }
        }
        let totals = &self.report.totals;
        writeln!(
            f,
            "\nOn that day: {} compliant, {} non-compliant, {} unknown",
            totals.compliant, totals.non_compliant, totals.unknown
        )?;
        for node in self.non_compliant() {
            writeln!(f, "  {} non-compliant: {}", node.node, node.reason)?;
        }
        Ok(())
    }
}
