//! Limits of nodes are the same after writing and reading.

#![allow(clippy::unwrap_used)]

use aws_patch_manager::types::{MaxConcurrency, MaxErrors};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_well_formed_limit_survives_the_way_there_and_back(count in 1u32..=9_999_999, percent in 1u8..=100) {
        for limit in [MaxConcurrency::Count(count), MaxConcurrency::Percent(percent)] {
            prop_assert_eq!(limit.to_string().parse::<MaxConcurrency>().ok(), Some(limit));
            let json = serde_json::to_string(&limit).unwrap();
            prop_assert_eq!(serde_json::from_str::<MaxConcurrency>(&json).unwrap(), limit);
        }
        for limit in [MaxErrors::Count(count - 1), MaxErrors::Percent(percent - 1)] {
            prop_assert_eq!(limit.to_string().parse::<MaxErrors>().ok(), Some(limit));
        }
    }

    #[test]
    fn whatever_reads_as_a_limit_is_written_as_it_was(text in "[0-9+% .-]{0,9}") {
        if let Ok(limit) = text.parse::<MaxErrors>() {
            prop_assert!(limit.is_well_formed());
            prop_assert_eq!(limit.to_string(), text);
        }
    }
}
