//! What holds for every page of a listing from memory.

#![allow(clippy::unwrap_used)]

use aws_patch_manager::backend::{BaselineStore, CreatePatchBaseline, DescribePatchBaselines};
use aws_patch_manager::baseline::BaselineSpec;
use aws_patch_manager::types::OperatingSystem;
use aws_patch_manager::{ErrorKind, MemoryBackend, PageRequest, PageToken};
use futures_util::FutureExt;
use proptest::prelude::*;

fn own(backend: &MemoryBackend, name: &str) {
    let spec = BaselineSpec::new(name, OperatingSystem::AmazonLinux2023);
    now(backend.create_patch_baseline(CreatePatchBaseline::new(spec))).unwrap();
}

fn all(page: PageRequest) -> DescribePatchBaselines {
    DescribePatchBaselines::new(Vec::new(), page)
}

/// Awaits a future that memory completes at once.
fn now<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().unwrap()
}

proptest! {
    #[test]
    fn pages_of_any_size_join_to_the_whole(own in 0_usize..30, size in 1_u32..=100, cap in 1_u32..50) {
        let backend = MemoryBackend::builder().page_size_cap(cap).build();
        for number in 0..own {
            crate::own(&backend, &format!("own-{number}"));
        }
        let mut seen = Vec::new();
        let mut token = None;
        loop {
            let page = PageRequest::first().with_max_results(size).with_next_token(token);
            let page = now(backend.describe_patch_baselines(all(page))).unwrap();
            prop_assert!(page.items.len() <= size.min(cap) as usize);
            seen.extend(page.items.into_iter().filter_map(|item| item.baseline_id));
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        prop_assert_eq!(seen.len(), 17 + own);
        seen.sort();
        seen.dedup();
        prop_assert_eq!(seen.len(), 17 + own);
    }

    #[test]
    fn no_text_of_your_own_is_a_page_token(text in "[0-9a-f]{0,3}[.]?[0-9a-f]{0,16}|.{1,40}") {
        let page = PageRequest::first().with_next_token(PageToken::new(text));
        let answer = now(MemoryBackend::new().describe_patch_baselines(all(page)));
        prop_assert_eq!(answer.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}
