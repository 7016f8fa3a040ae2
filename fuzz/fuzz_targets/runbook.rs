//! Runbooks: lines with the format and the parameters of the start as JSON, then the document.
#![no_main]

use std::collections::BTreeMap;
use std::time::Duration;

use aws_patch_manager::automation::{DocumentFormat, StartAutomationExecution};
use aws_patch_manager::backend::{
    AutomationRunner, CreateDocument, DescribeDocument, DocumentStore, GetAutomationExecution,
    GetDocument, StopAutomationExecution,
};
use libfuzzer_sys::fuzz_target;
use patch_manager_fuzz::{account, wait};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut parts = text.splitn(3, '\n');
    let mut next = || parts.next().unwrap_or_default();
    let (format, parameters, content) = (next(), next(), next());
    let backend = account();
    let mut create = CreateDocument::runbook("Patching", content);
    create.document_format = Some(DocumentFormat::from(format));
    if wait(backend.create_document(create)).is_err() {
        return;
    }
    let document =
        wait(backend.get_document(GetDocument::new("Patching"))).expect("it was created");
    assert_eq!(document.content.as_deref(), Some(content));
    wait(backend.describe_document(DescribeDocument::new("Patching"))).expect("it was created");
    let mut start = StartAutomationExecution::new("Patching");
    start.parameters = serde_json::from_str::<BTreeMap<_, _>>(parameters).ok();
    let Ok(id) = wait(backend.start_automation_execution(start)) else {
        return;
    };
    backend.advance(Duration::from_secs(60));
    wait(backend.get_automation_execution(GetAutomationExecution::new(id.clone())))
        .expect("it was started");
    backend.advance(Duration::from_secs(24 * 3600));
    let _ = wait(backend.stop_automation_execution(StopAutomationExecution::new(id.clone())));
    wait(backend.get_automation_execution(GetAutomationExecution::new(id)))
        .expect("it was started");
});
