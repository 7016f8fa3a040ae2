//! The managed nodes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::KeyValues;
use crate::backend::{DescribeInstanceInformation, NodeInventory};
use crate::emulator::error::invalid;
use crate::emulator::request::{Request, listing};
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::types::QueryFilter;

/// Answers an operation on managed nodes, or says that it is none.
pub(super) async fn answer(
    backend: &MemoryBackend,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    Some(match operation {
        "DescribeInstanceInformation" => describe(backend, request).await,
        "GetServiceSetting" => setting(backend, request).await,
        _ => return None,
    })
}

/// The two kinds of filters that the operation takes, one of them at a time.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    filters: Vec<KeyValues>,
    instance_information_filter_list: Vec<OlderFilter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Setting {
    setting_id: String,
}

/// The older kind, with members in lower case.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct OlderFilter {
    key: String,
    value_set: Vec<String>,
}

async fn describe(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let input: Input = request.input(&[])?;
    if !input.filters.is_empty() && !input.instance_information_filter_list.is_empty() {
        return Err(invalid(
            "Filters and InstanceInformationFilterList exclude one another",
        ));
    }
    let older = input
        .instance_information_filter_list
        .into_iter()
        .map(|filter| QueryFilter::new(filter.key, filter.value_set));
    let filters = input
        .filters
        .into_iter()
        .map(QueryFilter::from)
        .chain(older)
        .collect();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeInstanceInformation::new(filters, page);
    listing(
        "InstanceInformationList",
        &backend.describe_instance_information(describe).await?,
    )
}

async fn setting(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let Setting { setting_id } = request.input(&["SettingId"])?;
    let setting = backend.get_service_setting(&setting_id).await?;
    Ok(json!({ "ServiceSetting": setting }))
}
