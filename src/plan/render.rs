//! A plan in words, and as Markdown.

use std::fmt;

use super::plan::Plan;
use super::step::{PlannedAction, PlannedStep};
use crate::visible::visible_line;

impl Plan {
    /// The summary in one line, such as `Plan: 2 to create, 1 to update; 4 unchanged.`
    pub fn summary(&self) -> String {
        const WORDS: [(PlannedAction, &str); 5] = [
            (PlannedAction::Create, "to create"),
            (PlannedAction::Update, "to update"),
            (PlannedAction::Replace, "to replace"),
            (PlannedAction::Adopt, "to adopt"),
            (PlannedAction::Delete, "to delete"),
        ];
        let counts = self.counts();
        let of = |action| counts.get(&action).copied().unwrap_or_default();
        let parts: Vec<String> = WORDS
            .into_iter()
            .map(|(action, words)| (of(action), words))
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} {words}"))
            .collect();
        let unchanged = of(PlannedAction::Unchanged);
        match parts.is_empty() {
            true => format!("No changes; {unchanged} unchanged."),
            false => format!("Plan: {}; {unchanged} unchanged.", parts.join(", ")),
        }
    }

    /// The plan as Markdown for a pull request: the summary, the changes as a diff, the IAM actions
    /// that it needs, and what could not be read.
    ///
    /// ```
    /// use aws_patch_manager::plan::{DesiredState, PlanOptions};
    /// use aws_patch_manager::{BaselineBuilder, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let desired = DesiredState::builder("web-fleet")
    ///     .baseline(BaselineBuilder::ubuntu_security("prod-ubuntu").build()?)
    ///     .build()?;
    /// let comment = manager.plan(&desired, PlanOptions::new()).await?.to_markdown();
    /// assert!(comment.contains("+ baseline prod-ubuntu (UBUNTU)"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_markdown(&self) -> String {
        let mut text = format!(
            "### Patching plan for {}\n\n**{}**\n",
            code(&self.desired.name),
            self.summary()
        );
        if !self.is_empty() {
            let changes: Vec<String> = self.changes().map(diff_lines).collect();
            let changes = changes.concat();
            let fence = fence(&changes);
            text += &format!("\n{fence}diff\n{changes}{fence}\n");
            let actions: Vec<String> = self.iam_actions().iter().map(|name| code(name)).collect();
            let count = actions.len();
            text += &format!(
                "\n<details><summary>{count} IAM actions</summary>\n\n{}\n\n</details>\n",
                actions.join(", ")
            );
        }
        for (title, lines) in [
            ("Check before it is applied", self.warnings.clone()),
            ("Notes", self.notes.clone()),
            ("Not read", self.unread_lines()),
        ] {
            if !lines.is_empty() {
                let lines = lines.iter().map(|line| format!("- {}\n", code(line)));
                text += &format!("\n**{title}**\n\n{}", lines.collect::<String>());
            }
        }
        text
    }

    /// The IAM actions that its changes need, those of their reads included.
    pub fn iam_actions(&self) -> Vec<&str> {
        let actions = self.changes().flat_map(|step| &step.iam_actions);
        let actions: std::collections::BTreeSet<&str> = actions.map(String::as_str).collect();
        actions.into_iter().collect()
    }

    fn unread_lines(&self) -> Vec<String> {
        self.unread.iter().map(ToString::to_string).collect()
    }
}

/// The changes, the summary, and what could not be read.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.changes() {
            writeln!(f, "{step}")?;
        }
        if !self.is_empty() {
            writeln!(f)?;
        }
        f.write_str(&self.summary())?;
        let lines = [
            ("Warning", self.warnings.clone()),
            ("Note", self.notes.clone()),
            ("Not known", self.unread_lines()),
        ];
        for (word, lines) in lines {
            for line in lines {
                write!(f, "\n{word}: {}", visible_line(&line))?;
            }
        }
        Ok(())
    }
}

/// The lines of a step, each with the sign that colours it in a diff.
fn diff_lines(step: &PlannedStep) -> String {
    let (sign, word) = match step.action {
        PlannedAction::Create => ('+', ""),
        PlannedAction::Delete => ('-', ""),
        PlannedAction::Replace => ('!', " (replaced)"),
        PlannedAction::Adopt => ('!', " (adopted)"),
        _ => ('!', ""),
    };
    let mut lines = format!("{sign} {}{word}\n", step.resource);
    let shown = step.shown_differences();
    for difference in shown {
        lines += &format!("{sign}     {difference}\n");
    }
    match step.differences.len() - shown.len() {
        0 => {}
        more => lines += &format!("{sign}     and {more} more\n"),
    }
    lines
}

/// A fence that no run of backticks in the text closes.
pub(super) fn fence(text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    "`".repeat(runs.max().unwrap_or_default().max(2) + 1)
}

/// Text as inline code, whatever is in it.
pub(super) fn code(text: &str) -> String {
    let line = visible_line(text);
    let runs = line.split(|c| c != '`').map(str::len);
    let ticks = "`".repeat(runs.max().unwrap_or_default() + 1);
    match ticks.len() {
        1 => format!("`{line}`"),
        _ => format!("{ticks} {line} {ticks}"),
    }
}
