use std::fmt;

use serde::Serialize;

use super::{Error, Result};
use crate::types::{Identifier, NodeId, member_path};
use crate::visible::{Excerpt, Quoted};

/// One reason why an input was refused: the field, the value, and what is legal.
///
/// It prints in one line, with an excerpt below it if it has one: whatever the value is, at most its first 1,000
/// characters, with escapes for control characters and for those that change the direction of the text.
///
/// ```
/// use aws_patch_manager::BaselineBuilder;
/// use aws_patch_manager::types::OperatingSystem;
///
/// let refused = BaselineBuilder::new("p", OperatingSystem::Windows).build();
/// let refused = refused.err().ok_or("it was built")?;
/// let violation = refused.violations().first().ok_or("it does not say why")?;
/// assert_eq!(violation.field, "Name");
/// assert_eq!(violation.value, "p");
/// println!("{violation}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Violation {
    /// The path of the field in the service's terms, such as `ApprovalRules.PatchRules[0].ApproveAfterDays`.
    pub field: String,
    /// The wrong value, as given. Empty if it is absent.
    pub value: String,
    /// What is legal.
    pub legal: String,
    /// The position of the value, if it is a part of a longer text such as a schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
}

impl Violation {
    /// A violation by this field with this value.
    pub fn new(
        field: impl Into<String>,
        value: impl Into<String>,
        legal: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            value: value.into(),
            legal: legal.into(),
            excerpt: None,
        }
    }

    /// Adds the position of the value in a longer text.
    #[must_use]
    pub fn with_excerpt(mut self, excerpt: Excerpt) -> Self {
        self.excerpt = Some(excerpt);
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", Quoted(&self.field))?;
        if !self.value.is_empty() {
            write!(f, "`{}`: ", Quoted(&self.value))?;
        }
        write!(f, "{}", Quoted(&self.legal))?;
        match &self.excerpt {
            Some(excerpt) => {
                f.write_str("\n")?;
                excerpt.write(f, "      ")
            }
            None => Ok(()),
        }
    }
}

/// Collects violations, so that one error reports all of them.
#[derive(Debug, Default)]
pub(crate) struct Violations(Vec<Violation>);

impl Violations {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn push(
        &mut self,
        field: impl Into<String>,
        value: impl Into<String>,
        legal: impl Into<String>,
    ) {
        self.add(Violation::new(field, value, legal));
    }

    pub(crate) fn add(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    /// Records a violation unless the condition holds.
    pub(crate) fn require(
        &mut self,
        holds: bool,
        field: impl Into<String>,
        value: impl fmt::Display,
        legal: impl Into<String>,
    ) {
        if !holds {
            self.push(field, value.to_string(), legal);
        }
    }

    /// Records an identifier that the service would refuse.
    pub(crate) fn identifier<I: Identifier>(&mut self, id: &I) {
        self.require(id.is_well_formed(), I::FIELD, id, I::LEGAL);
    }

    /// Records the node ids that the service would refuse.
    pub(crate) fn node_ids(&mut self, nodes: &[NodeId]) {
        for (index, node) in nodes.iter().enumerate() {
            let field = format!("InstanceIds[{index}]");
            self.require(node.is_well_formed(), field, node, NodeId::LEGAL);
        }
    }

    /// Adds what an error says of a part that stands at this path.
    pub(crate) fn extend_from(&mut self, path: &str, error: &Error) {
        if error.violations().is_empty() {
            self.push(path, "", error.message());
        }
        for violation in error.violations() {
            self.add_under(path, violation.clone());
        }
    }

    /// Adds a violation of a part that stands at this path.
    pub(crate) fn add_under(&mut self, path: &str, violation: Violation) {
        let field = match violation.field.as_str() {
            "" => path.to_owned(),
            field => member_path(path, field),
        };
        self.add(Violation { field, ..violation });
    }

    pub(crate) fn into_iter(self) -> impl Iterator<Item = Violation> {
        self.0.into_iter()
    }

    /// The error of all violations, or the value if there is none.
    pub(crate) fn or<T>(self, operation: &'static str, value: T) -> Result<T> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(Error::invalid_input(self.0).with_operation(operation))
        }
    }
}
