//! A CVE over the export of a resource data sync: which nodes lack the fix, in which account, without any
//! call of Systems Manager.
//!
//! `cargo run --release --example exposure_from_export --features data-sync -- FOLDER` reads a copy of an
//! export. `-- --made-of 100000` makes one of that many nodes in a temporary folder first, and says how
//! long reading it takes.

mod made;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use aws_patch_manager::data_sync::ResourceDataSync;
use aws_patch_manager::exposure::{ExposureQuery, ExposureReference, ExposureState};
use aws_patch_manager::plan::MirrorScope;
use aws_patch_manager::{ComplianceQuery, PatchManager};

const CVE: &str = "CVE-2026-90122";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (folder, is_made) = match words.as_slice() {
        ["--made-of", nodes] => (made::export(nodes.parse()?)?, true),
        [folder] => (PathBuf::from(folder), false),
        _ => (made::export(1_000)?, true),
    };
    let told = tell(&folder).await;
    if is_made {
        std::fs::remove_dir_all(&folder)?;
    }
    told
}

async fn tell(folder: &Path) -> Result<(), Box<dyn Error>> {
    // The catalog and the baselines of any account with the same systems; here the sample.
    let manager = PatchManager::in_memory();
    let snapshot = manager
        .mirror_snapshot(&MirrorScope::new().catalog())
        .await?;
    let reference = ExposureReference::from(&snapshot);
    let export = ResourceDataSync::local(folder)?;
    let query = ExposureQuery::new([CVE], ComplianceQuery::all());
    let begun = Instant::now();
    let exposure = export.exposure(&query, &reference).await?;
    let took = begun.elapsed();
    for node in exposure.in_state(ExposureState::Exposed).take(3) {
        println!("{node}");
    }
    let exposed = exposure.in_state(ExposureState::Exposed).count();
    println!(
        "{exposed} of {} nodes exposed, {} not read, in {took:.2?}",
        exposure.nodes.len(),
        exposure.failures.len()
    );
    Ok(())
}
