//! Puts layers around a manager: a log of every call, a limit, planned faults, a cache of the
//! program's own, and a second manager that can only read.
//!
//! `cargo run --example layers`

#[path = "../src/docs/cache.rs"]
pub(crate) mod cache;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use aws_patch_manager::backend::Operation;
use aws_patch_manager::backend::layer::{Audit, AuditRecord, Faults, Limit, LimitConfig, ReadOnly};
use aws_patch_manager::types::OperatingSystem;
use aws_patch_manager::{BaselineBuilder, MemoryBackend, PatchManager};
use cache::Cache;

type Lines = Arc<Mutex<Vec<String>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    show(&mut io::stdout().lock()).await
}

/// A line for each call: what was asked, and what came of it.
fn line(name: &str, record: &AuditRecord) -> String {
    let outcome = match record.error_kind {
        Some(kind) => format!("{:?}: {kind}", record.outcome),
        None => format!("{:?}", record.outcome),
    };
    format!("  {name} {:<24} {outcome}", record.operation.as_str())
}

fn log(name: &'static str, lines: &Lines) -> Audit {
    let lines = Arc::clone(lines);
    Audit::new(move |record| {
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line(name, record));
    })
}

pub(crate) async fn show(out: &mut impl Write) -> Result<(), Box<dyn std::error::Error>> {
    let account = MemoryBackend::sample();
    let lines = Lines::default();
    let mut told = |title: &str| {
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(out, "{title}")?;
        lines.drain(..).try_for_each(|line| writeln!(out, "{line}"))
    };

    // The last layer sees a call first: outer, cache, inner, limit, faults, and then memory.
    let faults = Faults::new();
    let operations = vec![Operation::GetDefaultPatchBaseline];
    let manager = PatchManager::from_memory(&account)
        .layer(faults.clone())
        .layer(Limit::new(LimitConfig::default().with_max_rate(2.0)))
        .layer(log("inner", &lines))
        .layer(Cache {
            operations,
            ..Cache::default()
        })
        .layer(log("outer", &lines));

    manager.default_baseline(OperatingSystem::Windows).await?;
    told("a read comes to the backend:")?;
    let default = manager.default_baseline(OperatingSystem::Windows).await?;
    told("the same again is answered by the cache:")?;
    manager.set_default_baseline(&default.baseline_id).await?;
    manager.default_baseline(OperatingSystem::Windows).await?;
    told("a write empties the cache:")?;

    faults.throttle(Operation::CreatePatchBaseline);
    let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
    let throttled = manager.ensure_baseline(&spec).await;
    told("a planned fault looks like one of the service:")?;
    assert!(throttled.is_err_and(|error| error.is_throttled()));

    let reporting = manager.layer(ReadOnly::new());
    let refused = reporting.ensure_baseline(&spec).await;
    told("a manager that only reads refuses the write before any other layer sees it:")?;
    if let Err(error) = refused {
        writeln!(out, "  {error}")?;
    }
    Ok(())
}
