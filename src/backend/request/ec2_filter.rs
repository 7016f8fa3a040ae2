//! Filters of EC2, whose key is the member `Name`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::types::QueryFilter;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    name: String,
    #[serde(default)]
    values: Vec<String>,
}

pub(super) fn serialize<S: Serializer>(
    filters: &[QueryFilter],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(filters.iter().map(|filter| Filter {
        name: filter.key.clone(),
        values: filter.values.clone(),
    }))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<QueryFilter>, D::Error> {
    let filters = Vec::<Filter>::deserialize(deserializer)?;
    Ok(filters
        .into_iter()
        .map(|filter| QueryFilter::new(filter.name, filter.values))
        .collect())
}
