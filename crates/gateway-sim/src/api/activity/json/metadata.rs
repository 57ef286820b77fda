//! Totals and paging at the end of an answer.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::view::View;
use crate::world::{Counters, Name};

/// Totals of what is shown, and where it is within the whole.
pub(in crate::api::activity) struct Metadata {
    pub(in crate::api::activity) total: Counters,
    pub(in crate::api::activity) paging: Paging,
}

#[derive(Clone)]
pub(in crate::api::activity) struct Paging {
    pub(in crate::api::activity) page: i64,
    pub(in crate::api::activity) total_pages: usize,
    pub(in crate::api::activity) has_more: bool,
    pub(in crate::api::activity) api_key_limit: Option<i64>,
    pub(in crate::api::activity) total_api_keys: Option<usize>,
    pub(in crate::api::activity) entity_total_api_keys: Option<Vec<(Name, usize)>>,
}

impl Metadata {
    pub(super) fn in_view<'a>(&'a self, view: View<'a>) -> MetadataInView<'a> {
        MetadataInView { view, metadata: self }
    }
}

pub(super) struct MetadataInView<'a> {
    view: View<'a>,
    metadata: &'a Metadata,
}

impl Serialize for MetadataInView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Metadata { total, paging } = self.metadata;
        let mut fields = serializer.serialize_map(None)?;
        fields.serialize_entry("total_spend", &total.spend)?;
        fields.serialize_entry("total_prompt_tokens", &total.prompt_tokens)?;
        fields.serialize_entry("total_completion_tokens", &total.completion_tokens)?;
        fields.serialize_entry("total_tokens", &total.total_tokens())?;
        fields.serialize_entry("total_api_requests", &total.api_requests)?;
        fields.serialize_entry("total_successful_requests", &total.successful_requests)?;
        fields.serialize_entry("total_failed_requests", &total.failed_requests)?;
        fields.serialize_entry("total_cache_read_input_tokens", &total.cache_read_input_tokens)?;
        fields.serialize_entry(
            "total_cache_creation_input_tokens",
            &total.cache_creation_input_tokens,
        )?;
        fields.serialize_entry("page", &paging.page)?;
        fields.serialize_entry("total_pages", &paging.total_pages)?;
        fields.serialize_entry("has_more", &paging.has_more)?;
        if self.view.version.timings {
            fields.serialize_entry("total_flat_cost", &total.flat_cost)?;
            for absent in [
                "total_compression_savings_spend",
                "total_prompt_caching_savings_spend",
                "total_gateway_injected_caching_savings_spend",
                "total_autorouter_savings_spend",
            ] {
                fields.serialize_entry(absent, &0.0)?;
            }
            fields.serialize_entry("total_compression_saved_tokens", &0)?;
            fields.serialize_entry("total_response_time_ms", &total.total_response_time_ms)?;
            fields.serialize_entry("total_timed_requests", &total.timed_requests)?;
            fields.serialize_entry("api_key_limit", &paging.api_key_limit)?;
            fields.serialize_entry("total_api_keys", &paging.total_api_keys)?;
            let names = self.view.world.names();
            let entities = paging.entity_total_api_keys.as_ref().map(|entities| {
                entities
                    .iter()
                    .map(|(entity, keys)| (names.text(*entity), keys))
                    .collect::<std::collections::BTreeMap<_, _>>()
            });
            fields.serialize_entry("entity_total_api_keys", &entities)?;
        }
        fields.end()
    }
}
