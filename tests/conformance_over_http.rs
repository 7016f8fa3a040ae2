//! The adapters keep every rule of the conformance suite, over HTTP and the real SDKs.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/suite.rs"]
mod suite;
mod support;

use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::testing::conformance::{Capability, Lack, RULES, Verdict, run_all};
use suite::Suite;

#[tokio::test]
async fn every_rule_is_kept_over_http() {
    let account = suite::account();
    let emulator = Emulator::start(account.clone()).unwrap();
    let config = support::config(emulator.endpoint(), "secret");
    let adapter = AwsBackend::builder(&config).account("123456789012").build();
    let mut harness = Suite::new(adapter, account);
    let lacking = [Capability::Associations, Capability::Windows];
    let lack = |capability| Lack::new(capability, "the adapter has none yet");
    harness.lacks = lacking.map(lack).into();
    let report = run_all(&harness).await;
    let kept = report
        .verdicts
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Kept));
    let lacking = RULES
        .iter()
        .filter(|rule| lacking.iter().any(|lack| rule.needs.contains(lack)));
    let expected = RULES.len() - lacking.count();
    assert_eq!(kept.count(), expected, "{report}");
    emulator.shutdown().await;
}
