//! Compliance that others report of nodes, such as a scanner of a team's own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::compliance::{ComplianceExecutionSummary, ComplianceItem};
use crate::emulator::request::Body;
use crate::emulator::service::Service;
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::memory::CustomCompliance;
use crate::types::{ComplianceSeverity, ComplianceStatus, NodeId};

/// The only type of resource (SSM model, `PutComplianceItemsRequest`).
const RESOURCE_TYPE: &str = "ManagedInstance";

/// The most items of one report (SSM model, `ComplianceItemEntryList`).
const MOST_ITEMS: usize = 10_000;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutComplianceItems {
    resource_id: NodeId,
    resource_type: String,
    compliance_type: String,
    execution_summary: ComplianceExecutionSummary,
    items: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    item_content_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upload_type: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
    severity: ComplianceSeverity,
    status: ComplianceStatus,
    #[serde(default)]
    details: BTreeMap<String, String>,
}

/// PutComplianceItems, for types whose names begin with `Custom:`. Patch Manager and State Manager report
/// the others themselves.
pub(super) fn put(service: &Service, body: &Body) -> Result<Value> {
    let request: PutComplianceItems = body.input(&[])?;
    request.check()?;
    if request.resource_type != RESOURCE_TYPE {
        let code = "InvalidResourceType";
        return Err(Error::service(ErrorKind::InvalidInput, code, ""));
    }
    let kind = &request.compliance_type;
    let items = request.items.into_iter().map(|entry| {
        let mut item = ComplianceItem::default();
        item.compliance_type.clone_from(kind);
        item.resource_type.clone_from(&request.resource_type);
        item.resource_id = request.resource_id.to_string();
        item.id = entry.id;
        item.title = entry.title;
        item.severity = Some(entry.severity);
        item.status = Some(entry.status);
        item.execution_summary = Some(request.execution_summary.clone());
        item.details = entry.details;
        item
    });
    let reported = CustomCompliance {
        items: items.collect(),
        content_hash: request.item_content_hash,
    };
    let backend = &service.backend;
    backend.put_custom_compliance(&request.resource_id, kind, reported)?;
    Ok(json!({}))
}

impl PutComplianceItems {
    /// Refuses what the service's model bounds.
    fn check(&self) -> Result<()> {
        let mut found = Violations::new();
        let kind = self.compliance_type.as_str();
        let legal = "Custom: and two or more letters, digits or _, at most 100 characters";
        found.require(is_custom(kind), "ComplianceType", kind, legal);
        let length = self.resource_id.as_str().chars().count();
        let legal = "1 to 100 characters";
        found.require((1..=100).contains(&length), "ResourceId", length, legal);
        let summary = &self.execution_summary;
        for (member, text, most) in [
            ("ExecutionSummary.ExecutionId", &summary.execution_id, 100),
            (
                "ExecutionSummary.ExecutionType",
                &summary.execution_type,
                50,
            ),
            ("ItemContentHash", &self.item_content_hash, 256),
        ] {
            let length = text.as_deref().map_or(0, |text| text.chars().count());
            let legal = format!("at most {most} characters");
            found.require(length <= most, member, length, legal);
        }
        let upload = self.upload_type.as_deref().unwrap_or("COMPLETE");
        let legal = "COMPLETE; PARTIAL is for the type Association only";
        found.require(upload == "COMPLETE", "UploadType", upload, legal);
        let count = self.items.len();
        found.require(count <= MOST_ITEMS, "Items", count, "at most 10000 items");
        for (number, entry) in self.items.iter().take(MOST_ITEMS).enumerate() {
            entry.check(&format!("Items[{number}]"), &mut found);
        }
        found.or("the report", ())
    }
}

impl Entry {
    fn check(&self, path: &str, found: &mut Violations) {
        let (severity, status) = (&self.severity, &self.status);
        let at = |member: &str| format!("{path}.{member}");
        let legal = names(ComplianceSeverity::KNOWN);
        found.require(severity.is_known(), at("Severity"), severity, legal);
        let legal = names(ComplianceStatus::KNOWN);
        found.require(status.is_known(), at("Status"), status, legal);
        let length = self.title.chars().count();
        let legal = "at most 500 characters";
        found.require(length <= 500, at("Title"), length, legal);
        for (key, value) in &self.details {
            let lengths = (key.chars().count(), value.chars().count());
            let is_legal = (1..=64).contains(&lengths.0) && lengths.1 <= 4096;
            let legal = "a key of 1 to 64 characters, and a value of at most 4096";
            found.require(is_legal, at("Details"), key, legal);
        }
    }
}

fn names<T: ToString>(known: &[T]) -> String {
    let names: Vec<_> = known.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// The name of a custom type (SSM model, `ComplianceTypeName`).
fn is_custom(kind: &str) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    match kind.strip_prefix("Custom:").map(str::as_bytes) {
        Some([first, rest @ ..]) if !rest.is_empty() && kind.len() <= 100 => {
            (is_word(first) || *first == b'-') && rest.iter().all(is_word)
        }
        _ => false,
    }
}
