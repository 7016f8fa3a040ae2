//! Rows that Athena answers: a row on each line, its cells between tabs, `\N` for none. The queries of a question take
//! turns, each up to a line `;`.
#![no_main]

use std::sync::{Arc, Mutex};

use aws_patch_manager::athena::{
    AthenaExport, AthenaQueries, AthenaQuery, AthenaRow, ExportTables,
};
use aws_patch_manager::compliance::{Deadlines, ReportDetail};
use aws_patch_manager::exposure::{ExposureQuery, ExposureReference};
use aws_patch_manager::{ComplianceQuery, ManualClock, Result};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use libfuzzer_sys::fuzz_target;
use patch_manager_fuzz::{NOW, wait};

#[derive(Debug)]
struct Rows(Mutex<Vec<Vec<AthenaRow>>>);

impl Rows {
    fn read(text: &str) -> Self {
        let mut answers: Vec<_> = text.split("\n;\n").map(rows).collect();
        answers.reverse();
        Self(Mutex::new(answers))
    }
}

fn rows(text: &str) -> Vec<AthenaRow> {
    let cells = |line: &str| {
        line.split('\t')
            .map(|cell| (cell != "\\N").then(|| cell.to_owned()))
            .collect()
    };
    text.lines().map(cells).collect()
}

impl AthenaQueries for Rows {
    fn rows(&self, _: AthenaQuery) -> BoxStream<'static, Result<AthenaRow>> {
        let next = self.0.lock().expect("no panic before").pop();
        stream::iter(next.unwrap_or_default().into_iter().map(Ok)).boxed()
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let export = || {
        let tables = ExportTables::new("patching");
        AthenaExport::new(Arc::new(Rows::read(text)), tables).clock(Arc::new(ManualClock::new(NOW)))
    };
    let all = ComplianceQuery::all();
    if let Ok(report) = wait(export().compliance_report("all", &all, ReportDetail::Patches)) {
        let _ = (report.to_markdown(), report.to_csv());
    }
    let _ = wait(export().group_totals());
    let deadlines = Deadlines::new().critical(7).otherwise(30);
    let _ = wait(export().overdue_patches(&all, &deadlines, &Default::default()));
    let exposure = ExposureQuery::new(["CVE-2026-90101"], all);
    let _ = wait(export().exposure(&exposure, &ExposureReference::new()));
});
