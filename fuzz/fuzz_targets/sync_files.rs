//! The files of a resource data sync: each a line with its key and then its text, with a line `;` between files.
#![no_main]

use std::sync::Arc;

use aws_patch_manager::compliance::ReportDetail;
use aws_patch_manager::data_sync::ResourceDataSync;
use aws_patch_manager::data_sync::object_store::ObjectStoreExt;
use aws_patch_manager::data_sync::object_store::memory::InMemory;
use aws_patch_manager::data_sync::object_store::path::Path;
use aws_patch_manager::exposure::{ExposureQuery, ExposureReference};
use aws_patch_manager::{ComplianceQuery, ManualClock};
use futures_util::StreamExt;
use libfuzzer_sys::fuzz_target;
use patch_manager_fuzz::{NOW, wait};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    wait(read(text));
});

async fn read(text: &str) {
    let store = Arc::new(InMemory::new());
    for file in text.split("\n;\n") {
        let (key, text) = file.split_once('\n').unwrap_or((file, ""));
        if let Ok(key) = Path::parse(key) {
            store
                .put(&key, text.to_owned().into())
                .await
                .expect("memory takes every file");
        }
    }
    let export = ResourceDataSync::new(store).clock(Arc::new(ManualClock::new(NOW)));
    let all = ComplianceQuery::all();
    let mut sweep = export.sweep(&all);
    while let Some(found) = sweep.next().await {
        if let Ok(answer) = found.answer {
            let patches = export.node_patches(&found.source, &answer.node, &[]);
            patches.for_each(|_| async {}).await;
        }
    }
    if let Ok(report) = export
        .compliance_report("all", &all, ReportDetail::Patches)
        .await
    {
        let _ = (report.to_markdown(), report.to_csv());
    }
    let exposure = ExposureQuery::new(["CVE-2026-90101"], all);
    let _ = export.exposure(&exposure, &ExposureReference::new()).await;
}
