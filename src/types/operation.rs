use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::string_enum;

string_enum! {
    /// The operation of the patch document.
    pub enum PatchOperation {
        /// Compares the node with its baseline. Installs nothing and does not reboot.
        Scan = "Scan",
        /// Scans, installs what is missing, and scans again.
        Install = "Install",
    }
}

string_enum! {
    /// Whether an Install reboots the node.
    pub enum RebootOption {
        /// Reboots if at least one patch was installed, or if an earlier patch waits for a reboot.
        RebootIfNeeded = "RebootIfNeeded",
        /// Never reboots; new patches stay InstalledPendingReboot, and the node non-compliant, until
        /// a reboot and a scan.
        NoReboot = "NoReboot",
    }
}

/// Declares a limit: a number or a percentage of nodes, in the service's notation.
macro_rules! rate {
    ($(#[$meta:meta])* $name:ident, from $min:literal, $legal:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(into = "String")]
        pub enum $name {
            /// A number of nodes.
            Count(u32),
            /// A percentage of the targeted nodes, up to 100.
            Percent(u8),
        }

        impl $name {
            /// What is legal, for error messages.
            pub const LEGAL: &'static str = $legal;

            /// What a text in the service's notation says; `None` if it is not legal.
            pub(crate) fn read(text: &str) -> Option<Self> {
                let canonical = |digits: &str| {
                    digits.bytes().all(|b| b.is_ascii_digit())
                        && (digits == "0" || !digits.starts_with('0'))
                };
                let parsed = match text.strip_suffix('%') {
                    Some(digits) if canonical(digits) => digits.parse().ok().map(Self::Percent),
                    None if canonical(text) => text.parse().ok().map(Self::Count),
                    _ => None,
                };
                parsed.filter(Self::is_well_formed)
            }

            /// Whether the service would accept the value: the model's pattern and its 7 characters.
            pub fn is_well_formed(&self) -> bool {
                match *self {
                    Self::Count(count) => ($min..=9_999_999).contains(&count),
                    Self::Percent(percent) => ($min..=100).contains(&percent),
                }
            }

            /// The number of nodes out of `targets`; percentages are rounded down.
            pub fn of(&self, targets: usize) -> usize {
                match *self {
                    Self::Count(count) => count as usize,
                    Self::Percent(percent) => {
                        // In parts, so that no product exceeds what a number holds.
                        let percent = usize::from(percent.min(100));
                        targets / 100 * percent + targets % 100 * percent / 100
                    }
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Count(count) => write!(f, "{count}"),
                    Self::Percent(percent) => write!(f, "{percent}%"),
                }
            }
        }

        impl From<$name> for String {
            fn from(rate: $name) -> Self {
                rate.to_string()
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let value = String::deserialize(from)?;
                let legal = Self::LEGAL;
                let unfit = || D::Error::custom(format_args!("`{value}` is not {legal}"));
                Self::read(&value).ok_or_else(unfit)
            }
        }
    };
}

rate!(
    /// How many nodes may run the operation at the same time; the service's default is 50.
    ///
    /// A count from 1 to 9,999,999, or 1% to 100% of the nodes, rounded down.
    ///
    /// ```
    /// use aws_patch_manager::types::MaxConcurrency;
    ///
    /// let quarter: MaxConcurrency = "25%".parse()?;
    /// assert_eq!(quarter, MaxConcurrency::Percent(25));
    /// assert_eq!(quarter.of(10), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    MaxConcurrency,
    from 1,
    "a count from 1 or a percentage from 1% to 100%"
);

rate!(
    /// How many failed nodes are tolerated: sending stops when one more fails. `0` stops after the first.
    ///
    /// A count from 0 to 9,999,999, or 0% to 100% of the nodes, rounded down.
    ///
    /// ```
    /// use aws_patch_manager::types::MaxErrors;
    ///
    /// assert_eq!("5".parse::<MaxErrors>()?, MaxErrors::Count(5));
    /// assert_eq!(MaxErrors::Percent(2).of(49), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    MaxErrors,
    from 0,
    "a count from 0 or a percentage from 0% to 100%"
);
