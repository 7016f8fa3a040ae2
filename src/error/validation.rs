/// How many problems one message lists.
const LISTED: usize = 50;

/// What the service's validation finds in a request, which it reports in one message. Of more than 50 problems
/// it holds the first 50 and how many there are.
#[derive(Debug, Default)]
pub(crate) struct ValidationProblems {
    listed: Vec<String>,
    count: usize,
}

impl ValidationProblems {
    /// Adds that the value at a path breaks a rule; both are only written if they are listed.
    pub(crate) fn push(&mut self, path: impl FnOnce() -> String, rule: impl FnOnce() -> String) {
        self.count += 1;
        if self.listed.len() < LISTED {
            let (path, rule) = (path(), rule());
            self.listed.push(format!(
                "Value at '{path}' failed to satisfy constraint: {rule}"
            ));
        }
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The message, in the service's words.
    pub(crate) fn message(&self) -> String {
        let listed = listed(&self.listed, self.count);
        match self.count {
            1 => format!("1 validation error detected: {listed}"),
            count => format!("{count} validation errors detected: {listed}"),
        }
    }
}

/// At most 50 of these reasons in one text, and how many more there are.
pub(crate) fn listed<T: std::fmt::Display>(reasons: &[T], count: usize) -> String {
    let shown = reasons.iter().take(LISTED).map(ToString::to_string);
    let mut shown: Vec<String> = shown.collect();
    if count > shown.len() {
        shown.push(format!("and {} more", count - shown.len()));
    }
    shown.join("; ")
}
