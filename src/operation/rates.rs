//! Reads how many nodes may run an operation, or fail it.

use std::str::FromStr;

use crate::error::{Error, Result, Violation};
use crate::types::{MaxConcurrency, MaxErrors};

macro_rules! parsed {
    ($name:ident) => {
        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                Self::read(text).ok_or_else(|| {
                    let unfit = Violation::new(stringify!($name), text, Self::LEGAL);
                    Error::invalid_input(vec![unfit])
                })
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self> {
                text.parse()
            }
        }
    };
}

parsed!(MaxConcurrency);
parsed!(MaxErrors);
