//! One entry of `results`: a day, or the part of one that is on this page.

use std::borrow::Cow;

use serde::de::{DeserializeSeed as _, IgnoredAny, MapAccess};
use serde_json::value::RawValue;

use super::Answer;
use super::object::{Entries, Name, Object, Once};
use crate::gateway::parts::{DayParts, GroupPart, Place};
use crate::gateway::wire::{KeyPart, PartMetadata, WireMetrics};

/// An entry, as far as it was taken.
pub(super) struct DayEntry<'a, 'r, 'de> {
    answer: &'a mut Answer<'r>,
    date: Option<Name<'de>>,
    metrics: WireMetrics,
    /// What came before its date.
    early: Option<&'de RawValue>,
    is_entry: bool,
    told: Once,
}

impl<'a, 'r> DayEntry<'a, 'r, '_> {
    pub(super) fn of(answer: &'a mut Answer<'r>) -> Self {
        let metrics = WireMetrics::default();
        Self { answer, date: None, metrics, early: None, is_entry: false, told: Once::default() }
    }

    /// Adds what remains to its day; whether it is an entry at all, and not null.
    pub(super) fn finish<E: serde::de::Error>(self) -> Result<bool, E> {
        if !self.is_entry {
            return Ok(false);
        }
        let date = self.date.as_ref().map_or("", Name::as_str);
        let Some(parts) = self.answer.day(date) else {
            return Ok(true);
        };
        parts.add_total(&self.metrics);
        if let Some(early) = self.early {
            let mut json = serde_json::Deserializer::from_str(early.get());
            Object(Breakdown::of(parts)).deserialize(&mut json).map_err(E::custom)?.finish();
        }
        Ok(true)
    }
}

impl<'de> Entries<'de> for DayEntry<'_, '_, 'de> {
    fn is_object(&mut self) {
        self.is_entry = true;
    }

    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "date" => {
                self.told.note(0)?;
                self.date = map.next_value()?;
            }
            "metrics" => {
                self.told.note(1)?;
                self.metrics = map.next_value::<Option<_>>()?.unwrap_or_default();
            }
            "breakdown" => {
                self.told.note(2)?;
                let Some(date) = &self.date else {
                    self.early = map.next_value()?;
                    return Ok(());
                };
                match self.answer.day(date.as_str()) {
                    Some(parts) => map.next_value_seed(Object(Breakdown::of(parts)))?.finish(),
                    None => drop(map.next_value::<IgnoredAny>()?),
                }
            }
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// A day's figures by name.
struct Breakdown<'p, 'de> {
    parts: &'p mut DayParts,
    /// Only needed where other parts leave keys without an alias.
    api_keys: Option<&'de RawValue>,
    told: Once,
}

impl<'p, 'de> Breakdown<'p, 'de> {
    fn of(parts: &'p mut DayParts) -> Self {
        Self { parts, api_keys: None, told: Once::default() }
    }

    /// Reads a place that usually only repeats what is known, where a key has no alias yet. What
    /// cannot be read there counts as empty.
    fn finish(self) {
        if let Some(keys) = self.api_keys.filter(|_| self.parts.has_nameless_keys()) {
            let mut json = serde_json::Deserializer::from_str(keys.get());
            let aliases = Object(Aliases::default()).deserialize(&mut json);
            for (api_key, alias) in aliases.into_iter().flat_map(|aliases| aliases.0) {
                self.parts.remember_alias(&api_key, &alias);
            }
        }
    }
}

impl<'de> Entries<'de> for Breakdown<'_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let (part, place) = match name {
            // In the order of the facets.
            "model_groups" => (0, Place::Facet(0)),
            "models" => (1, Place::Facet(1)),
            "providers" => (2, Place::Facet(2)),
            "endpoints" => (3, Place::Facet(3)),
            "mcp_servers" => (4, Place::Facet(4)),
            "entities" => (5, Place::Teams),
            "api_keys" => {
                self.told.note(6)?;
                self.api_keys = map.next_value()?;
                return Ok(());
            }
            _ => return map.next_value::<IgnoredAny>().map(drop),
        };
        self.told.note(part)?;
        map.next_value_seed(Object(Groups { parts: self.parts, place })).map(drop)
    }
}

/// Teams or the values of a facet, by name.
struct Groups<'p> {
    parts: &'p mut DayParts,
    place: Place,
}

impl<'de> Entries<'de> for Groups<'_> {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let part = self.parts.group(self.place, name);
        map.next_value_seed(Object(Group { part, told: Once::default() })).map(drop)
    }
}

/// A team's figures or those of a facet's value, and those of its API keys.
struct Group<'p> {
    part: GroupPart<'p>,
    told: Once,
}

impl<'de> Entries<'de> for Group<'_> {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "metrics" => {
                self.told.note(0)?;
                let metrics: Option<WireMetrics> = map.next_value()?;
                self.part.add(&metrics.unwrap_or_default());
            }
            "metadata" => {
                self.told.note(1)?;
                let metadata: Option<PartMetadata<'de>> = map.next_value()?;
                self.part.name(metadata.unwrap_or_default().team_alias);
            }
            "api_key_breakdown" => {
                self.told.note(2)?;
                map.next_value_seed(Object(Keys(&mut self.part)))?;
            }
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// The API keys of a group.
struct Keys<'k, 'p>(&'k mut GroupPart<'p>);

impl<'de> Entries<'de> for Keys<'_, '_> {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let KeyPart { metrics, metadata } = map.next_value::<Option<_>>()?.unwrap_or_default();
        self.0.add_key(name, &metrics, &metadata.key_alias);
        Ok(())
    }
}

/// The aliases of API keys, and nothing else.
#[derive(Default)]
struct Aliases<'de>(Vec<(String, Cow<'de, str>)>);

impl<'de> Entries<'de> for Aliases<'de> {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let part: KeyPart<'de> = map.next_value::<Option<_>>()?.unwrap_or_default();
        self.0.extend(part.metadata.key_alias.0.map(|alias| (name.to_owned(), alias)));
        Ok(())
    }
}
