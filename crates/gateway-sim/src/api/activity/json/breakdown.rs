//! The breakdown of a day: maps from names to metrics, with lists of keys.

use serde::ser::{SerializeMap as _, SerializeStruct as _};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::metrics::{KeyMetadata, Metrics};
use super::view::View;
use crate::api::activity::day::{DayUsage, Group};
use crate::api::activity::slots::Slots;
use crate::world::{Counters, Name};

pub(super) struct Breakdown<'a> {
    pub(super) view: View<'a>,
    pub(super) usage: &'a DayUsage,
}

impl Serialize for Breakdown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Breakdown { view, usage } = *self;
        let groups = |groups| Groups { view, groups, are_teams: false };
        let mut breakdown = serializer.serialize_map(None)?;
        breakdown.serialize_entry("mcp_servers", &groups(&usage.mcp_tools))?;
        breakdown.serialize_entry("models", &groups(&usage.models))?;
        if view.version.model_groups {
            breakdown.serialize_entry("model_groups", &groups(&usage.model_groups))?;
        }
        breakdown.serialize_entry("providers", &groups(&usage.providers))?;
        if view.version.endpoints {
            breakdown.serialize_entry("endpoints", &groups(&usage.endpoints))?;
        }
        breakdown.serialize_entry("api_keys", &Keys { view, keys: &usage.api_keys })?;
        breakdown.serialize_entry(
            "entities",
            &Groups { view, groups: &usage.entities, are_teams: true },
        )?;
        breakdown.end()
    }
}

struct Groups<'a> {
    view: View<'a>,
    groups: &'a Slots<Group>,
    are_teams: bool,
}

impl Serialize for Groups<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Groups { view, are_teams, .. } = *self;
        serializer.collect_map(self.groups.entries().iter().map(|(name, group)| {
            let metadata = if are_teams { team_metadata(view, *name) } else { json!({}) };
            (view.world.names().text(*name), GroupJson { view, group, metadata })
        }))
    }
}

/// Today's name of a team; nothing for a deleted team and for `Unassigned`.
fn team_metadata(view: View<'_>, team: Name) -> Value {
    match view.world.team(view.world.names().text(team)) {
        Some(team) => json!({ "team_alias": team.alias }),
        None => json!({}),
    }
}

struct GroupJson<'a> {
    view: View<'a>,
    group: &'a Group,
    metadata: Value,
}

impl Serialize for GroupJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut group = serializer.serialize_struct("Group", 3)?;
        group.serialize_field("metrics", &Metrics::of(&self.group.total, self.view.version))?;
        group.serialize_field("metadata", &self.metadata)?;
        group.serialize_field(
            "api_key_breakdown",
            &Keys { view: self.view, keys: &self.group.api_keys },
        )?;
        group.end()
    }
}

struct Keys<'a> {
    view: View<'a>,
    keys: &'a Slots<Counters>,
}

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let View { world, version } = self.view;
        serializer.collect_map(self.keys.entries().iter().map(|(key, counters)| {
            let token = world.names().text(*key);
            let metrics = Metrics::of(counters, version);
            (token, KeyUsage { metrics, metadata: KeyMetadata::of(world, token) })
        }))
    }
}

#[derive(Serialize)]
struct KeyUsage<'a> {
    metrics: Metrics,
    metadata: KeyMetadata<'a>,
}
