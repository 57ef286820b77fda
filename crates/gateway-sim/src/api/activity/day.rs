//! A day's usage, broken down in eight ways.

use super::slots::Slots;
use crate::world::{Counters, Name, Row};

#[derive(Clone, Debug, Default)]
pub(super) struct DayUsage {
    pub(super) total: Counters,
    pub(super) models: Slots<Group>,
    pub(super) model_groups: Slots<Group>,
    pub(super) providers: Slots<Group>,
    pub(super) endpoints: Slots<Group>,
    pub(super) mcp_tools: Slots<Group>,
    pub(super) api_keys: Slots<Counters>,
    pub(super) entities: Slots<Group>,
}

/// What one model, provider, endpoint or team used, and through which keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) total: Counters,
    pub(super) api_keys: Slots<Counters>,
}

impl Group {
    fn add(&mut self, row: &Row, shows_key: bool) {
        self.total += row.counters;
        if shows_key {
            *self.api_keys.slot(row.api_key) += row.counters;
        }
    }
}

impl DayUsage {
    /// Adds a row to all its groups; to lists of keys only when its key is shown.
    ///
    /// Rows without a model are in no model and rows without an endpoint in no endpoint, so these
    /// groups may sum up to less than the total. Rows without a model group count under their
    /// model, without a provider under `unknown`, without a team under `Unassigned`.
    pub(super) fn add(&mut self, row: &Row, shows_key: bool) {
        self.total += row.counters;
        if row.model.is_filled() {
            self.models.slot(row.model).add(row, shows_key);
        }
        let model_group = row.model_group.or(row.model);
        if model_group.is_filled() {
            self.model_groups.slot(model_group).add(row, shows_key);
        }
        self.providers.slot(row.provider.or(Name::UNKNOWN)).add(row, shows_key);
        if row.endpoint.is_filled() {
            self.endpoints.slot(row.endpoint).add(row, shows_key);
        }
        if row.mcp_tool.is_filled() {
            self.mcp_tools.slot(row.mcp_tool).add(row, shows_key);
        }
        if shows_key {
            *self.api_keys.slot(row.api_key) += row.counters;
        }
        self.entities.slot(row.team.or(Name::UNASSIGNED)).add(row, shows_key);
    }
}
