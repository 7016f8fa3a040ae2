//! Text of SQL, and queries.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};

/// The longest query that Athena takes, in bytes (Athena service quotas).
const LONGEST: usize = 262_144;

/// A query of one statement, and the columns of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AthenaQuery {
    /// The statement, in Athena's dialect.
    pub sql: String,
    /// The columns of each row, in their order.
    pub columns: Vec<Cow<'static, str>>,
}

impl AthenaQuery {
    /// A query with these columns; refused if it is too long.
    pub(super) fn new(sql: String, columns: &[&'static str]) -> Result<Self> {
        if sql.len() > LONGEST {
            let message = format!(
                "the query has {} bytes, and Athena takes {LONGEST} at most: ask about fewer ids",
                sql.len()
            );
            return Err(
                Error::new(ErrorKind::InvalidInput, message).with_operation("StartQueryExecution")
            );
        }
        let columns = columns.iter().map(|name| Cow::Borrowed(*name)).collect();
        Ok(Self { sql, columns })
    }
}

/// A text as a literal. Only the quote has a meaning inside one (Trino, character literals).
pub(super) fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A name as an identifier.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Texts as the members of a list.
pub(super) fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let values: Vec<String> = values.into_iter().map(text).collect();
    values.join(", ")
}

/// A column that is present and not empty: a data sync writes an empty text for an absent value.
pub(super) fn present(column: &str) -> String {
    format!("nullif({column}, '') IS NOT NULL")
}

/// A count in a column, 0 if it is absent, and null if it is no number.
pub(super) fn count(column: &str) -> String {
    format!("try_cast(coalesce(nullif({column}, ''), '0') AS bigint)")
}
