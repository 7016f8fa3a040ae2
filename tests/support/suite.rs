//! The conformance suite over an in-memory account, with any layers between.

use std::sync::Arc;

#[cfg(feature = "tracing")]
use aws_patch_manager::backend::layer::Trace;
use aws_patch_manager::backend::layer::{Audit, Faults, Layered, Limit, LimitConfig};
use aws_patch_manager::backend::{Backend, layered};
use aws_patch_manager::testing::conformance::MemoryHarness;
use aws_patch_manager::{MemoryBackend, PatchManager};

/// An account with the sample's network, and the sample's nodes as bystanders.
pub(crate) fn account() -> MemoryBackend {
    MemoryBackend::builder().sample_fleet().build()
}

/// A harness for this backend, whose calls end in this account.
pub(crate) fn harness(backend: impl Backend, account: MemoryBackend) -> MemoryHarness {
    let manager = PatchManager::builder()
        .backend(Arc::new(backend))
        .clock(account.clock());
    MemoryHarness::of(account, manager.build())
}

/// A backend inside every shipped layer that lets calls pass, with the record of its calls.
pub(crate) fn through_all_layers<B: Backend>(
    backend: B,
    account: &MemoryBackend,
) -> (Layered<B>, Faults) {
    let calls = Faults::new();
    let audit = Audit::new(|record| {
        let line: serde_json::Value = serde_json::from_str(&record.to_string()).unwrap();
        assert_eq!(line["Operation"], record.operation.as_str());
    });
    let layered = layered(Arc::new(backend), calls.clone())
        .clock(account.clock())
        .layer(Limit::new(LimitConfig::default().with_max_rate(1e6)))
        .layer(audit);
    #[cfg(feature = "tracing")]
    let layered = layered.layer(Trace::new());
    (layered, calls)
}
