//! Where a value of an input stands.

use crate::types::member_path;
use crate::visible::Quoted;

/// How many characters of a member's name a path shows: so it is short, however deep the member stands.
const NAME: usize = 100;

/// Where a value stands. Only the path of one that is reported is written.
pub(super) enum Place<'p> {
    Input,
    Member(&'p Place<'p>, &'p str),
    Item(&'p Place<'p>, usize),
}

impl Place<'_> {
    /// The path, such as `Filters[0].Key`.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Input => String::new(),
            Self::Member(of, name) => {
                let name: String = name.chars().take(NAME).collect();
                member_path(&of.path(), &name)
            }
            Self::Item(of, index) => format!("{}[{index}]", of.path()),
        }
    }

    /// The path in the words of the service's validation, such as `filters.1.key`.
    pub(super) fn path_of_service(&self) -> String {
        let (of, name) = match self {
            Self::Input => return String::new(),
            Self::Member(of, name) => (of, lower_first(&Quoted(name).to_string())),
            Self::Item(of, index) => (of, (index + 1).to_string()),
        };
        match of {
            Self::Input => name,
            of => format!("{}.{name}", of.path_of_service()),
        }
    }
}

/// The name of a member as the service's validation prints it.
pub(super) fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
