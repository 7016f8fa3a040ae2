use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::read;
use crate::schedule::association::AssociationStatusName;
use crate::types::{AssociationId, NodeId, Target};

/// An association whose status changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct AssociationStateChange {
    /// The association.
    pub association_id: AssociationId,
    /// Its document.
    #[serde(default)]
    pub document_name: String,
    /// Its version.
    #[serde(default, deserialize_with = "read::text")]
    pub association_version: Option<String>,
    /// The version of the document; `None` also for `Optional.empty`.
    #[serde(default, deserialize_with = "read::text")]
    pub document_version: Option<String>,
    /// Its new status.
    pub status: AssociationStatusName,
    /// Its schedule.
    #[serde(default, deserialize_with = "read::text")]
    pub schedule_expression: Option<String>,
    /// When it last ran.
    #[serde(default, deserialize_with = "read::instant")]
    pub last_execution_date: Option<Timestamp>,
    /// When it last ran well.
    #[serde(default, deserialize_with = "read::instant")]
    pub last_successful_execution_date: Option<Timestamp>,
    #[serde(default)]
    targets: Option<String>,
    #[serde(default)]
    association_status_aggregated_count: Option<String>,
}

impl AssociationStateChange {
    /// Its targets, which the event has as JSON in a text; empty if the text cannot be read.
    pub fn targets(&self) -> Vec<Target> {
        targets(self.targets.as_deref())
    }

    /// The number of nodes by status, which the event has as JSON in a text; empty if the text cannot be
    /// read.
    pub fn nodes_by_status(&self) -> BTreeMap<String, u32> {
        let text = self.association_status_aggregated_count.as_deref();
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }
}

/// An association whose status on one node changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct InstanceAssociationStateChange {
    /// The association.
    pub association_id: AssociationId,
    /// The node.
    pub instance_id: NodeId,
    /// Its document.
    #[serde(default)]
    pub document_name: String,
    /// The version of the document; `None` also for `Optional.empty`.
    #[serde(default, deserialize_with = "read::text")]
    pub document_version: Option<String>,
    /// Its new status there.
    pub status: AssociationStatusName,
    /// The status in detail.
    #[serde(default, deserialize_with = "read::text")]
    pub detailed_status: Option<String>,
    /// The error code.
    #[serde(default, deserialize_with = "read::text")]
    pub error_code: Option<String>,
    /// What ran, in a sentence.
    #[serde(default, deserialize_with = "read::text")]
    pub execution_summary: Option<String>,
    /// When it last ran there.
    #[serde(default, deserialize_with = "read::instant")]
    pub last_execution_date: Option<Timestamp>,
    /// When it last ran well there.
    #[serde(default, deserialize_with = "read::instant")]
    pub last_successful_execution_date: Option<Timestamp>,
    #[serde(default)]
    targets: Option<String>,
}

impl InstanceAssociationStateChange {
    /// The association's targets, which the event has as JSON in a text; empty if the text cannot be read.
    pub fn targets(&self) -> Vec<Target> {
        targets(self.targets.as_deref())
    }
}

/// Targets as events spell them: `[{"key":"InstanceIds","values":["i-…"]}]`.
fn targets(text: Option<&str>) -> Vec<Target> {
    #[derive(Deserialize)]
    struct Written {
        key: String,
        #[serde(default)]
        values: Vec<String>,
    }
    let written = text.and_then(|text| serde_json::from_str::<Vec<Written>>(text).ok());
    let written = written.unwrap_or_default().into_iter();
    written
        .map(|target| Target::new(target.key, target.values))
        .collect()
}
