//! The form of a request: flat names, lists as `Name.1`, `Name.2` (EC2's query protocol).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::refused;
use crate::error::Result;
use crate::page::{PageRequest, PageToken};
use crate::types::QueryFilter;

/// The parameters that every operation takes.
const COMMON: [&str; 3] = ["Action", "DryRun", "Version"];

/// The most filters of a request, and the most values of one (EC2 User Guide, "Filter your resources").
const MOST_FILTERS: usize = 50;
const MOST_VALUES: usize = 200;

/// The parameters of a request by name.
#[derive(Debug)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a body. Any bytes are a form; what is missing in it the operation finds.
    pub(crate) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// One parameter.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The values of a list, each once, in the order of their numbers.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let mut values: Vec<_> = self
            .numbered(name)
            .filter(|(_, rest, _)| rest.is_empty())
            .map(|(number, _, value)| (number, value))
            .collect();
        values.sort_unstable();
        let mut seen = BTreeSet::new();
        let values = values.into_iter().map(|(_, value)| value);
        let values = values.filter(|value| seen.insert(*value));
        values.map(str::to_owned).collect()
    }

    /// The numbers that a list of structures has.
    pub(super) fn numbers(&self, name: &str) -> Vec<u32> {
        let mut numbers: Vec<_> = self.numbered(name).map(|(number, ..)| number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Each parameter `name.NUMBER` or `name.NUMBER.REST`. It looks at no other one, so reading each of
    /// many lists takes no more than reading the form.
    fn numbered(&self, name: &str) -> impl Iterator<Item = (u32, &str, &str)> {
        let start = format!("{name}.");
        let from = (Bound::Included(start.as_str()), Bound::Unbounded);
        let those = self.0.range::<str, _>(from).map_while(move |(key, value)| {
            let rest = key.strip_prefix(&start)?;
            Some((rest, value))
        });
        those.filter_map(|(rest, value)| {
            let (first, rest) = rest.split_once('.').unwrap_or((rest, ""));
            Some((number(first)?, rest, value.as_str()))
        })
    }

    /// The filters: `Filter.1.Name` with `Filter.1.Value.1` and so on.
    pub(super) fn filters(&self) -> Result<Vec<QueryFilter>> {
        let numbers = self.numbers("Filter");
        if numbers.len() > MOST_FILTERS {
            let message = format!("a request takes at most {MOST_FILTERS} filters");
            return Err(refused("FilterLimitExceeded", message));
        }
        let filter = |number: u32| {
            let name = self.text(&format!("Filter.{number}.Name"));
            let values = self.list(&format!("Filter.{number}.Value"));
            if values.len() > MOST_VALUES {
                let message = format!("a filter takes at most {MOST_VALUES} values");
                return Err(refused("FilterLimitExceeded", message));
            }
            Ok(QueryFilter::new(name.unwrap_or_default(), values))
        };
        numbers.into_iter().map(filter).collect()
    }

    /// The page that is asked for. An empty token counts as none.
    pub(super) fn page(&self) -> Result<PageRequest> {
        let token = self.text("NextToken").filter(|token| !token.is_empty());
        let page = PageRequest::first().with_next_token(token.map(PageToken::new));
        match self.text("MaxResults") {
            None => Ok(page),
            Some(text) => {
                let size = text.parse().map_err(|_| {
                    let told = format!("Value ( {text} ) for parameter maxResults is invalid.");
                    refused("InvalidParameterValue", told)
                })?;
                Ok(page.with_max_results(size))
            }
        }
    }

    /// Refuses parameters that EC2 reads and the emulator cannot act on: all but these, in which `N`
    /// is any number.
    pub(super) fn refuse_others(&self, known: &[&str]) -> Result<()> {
        let is = |name: &str, known: &str| {
            let (mut parts, mut known) = (name.split('.'), known.split('.'));
            known.all(|known| match parts.next() {
                Some(part) if known == "N" => number(part).is_some(),
                part => part == Some(known),
            }) && parts.next().is_none()
        };
        let unknown = self.0.keys().find(|name| {
            let mut known = known.iter().chain(&COMMON);
            !known.any(|known| is(name, known))
        });
        match unknown {
            None => Ok(()),
            Some(name) => Err(refused(
                "UnsupportedOperation",
                format!("{name} is not known to this emulator; leave it out"),
            )),
        }
    }

    /// A parameter that is true or false; false without it.
    pub(super) fn flag(&self, name: &str, member: &str) -> Result<bool> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(text) => {
                let message = format!("Value ( {text} ) for parameter {member} is invalid.");
                Err(refused("InvalidParameterValue", message))
            }
        }
    }

    /// Answers a dry run: it changes nothing, and its answer is an error (EC2 API, DryRun).
    pub(super) fn refuse_dry_run(&self) -> Result<()> {
        match self.flag("DryRun", "dryRun")? {
            false => Ok(()),
            true => {
                let message = "Request would have succeeded, but DryRun flag is set.";
                Err(refused("DryRunOperation", message))
            }
        }
    }
}

/// The number of an item of a list, as EC2 writes it: no other text is one, so each item has one name.
fn number(part: &str) -> Option<u32> {
    part.parse()
        .ok()
        .filter(|number: &u32| number.to_string() == part)
}
