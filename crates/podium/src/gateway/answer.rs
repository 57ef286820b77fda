//! An activity answer, read straight into the days that it tells of.
//!
//! Nothing is built in between, and no text is kept but a day's names, each once. Unknown fields
//! are skipped; missing and null parts are empty. An answer that is not an object with a list of
//! `results` is none.

mod day;
mod object;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use self::day::DayEntry;
use self::object::{Entries, Object, Once};
use super::Error;
use super::activity::asked_day;
use super::parts::DayParts;
use super::wire::{PageMetadata, from_json, is_object, unreadable};
use crate::usage::{Day, DayRange};

/// The days of answers, as far as they were read.
pub(super) type DaysRead = BTreeMap<Day, DayParts>;

/// What an answer says besides its days.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) metadata: PageMetadata,
    /// Entries of `results`: days, or parts of them.
    pub(super) entries: usize,
}

/// Adds the days of an answer to `days`, which are of no use if this fails.
pub(super) fn read_answer(
    bytes: &[u8],
    range: DayRange,
    days: &mut DaysRead,
) -> Result<Head, Error> {
    if !is_object(bytes) {
        // Says whether it is JSON of another shape or no JSON at all.
        from_json::<IgnoredAny>(bytes)?;
        return Err(Error::Shape("it is not an object"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Error::NotJson)?;
    let mut answer = Answer {
        range,
        days,
        metadata: PageMetadata::default(),
        entries: None,
        fault: None,
        told: Once::default(),
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Object(&mut answer).deserialize(&mut json).map(drop);
    if let Err(error) = read.and_then(|()| json.end()) {
        let error = unreadable(&error, bytes.len());
        // What follows a part of another type may be missing: then this is half an answer.
        return Err(from_json::<IgnoredAny>(bytes).err().unwrap_or(error));
    }
    match answer {
        Answer { entries: None, .. } => Err(Error::Shape("it has no results")),
        Answer { fault: Some(error), .. } => Err(error),
        Answer { entries: Some(entries), metadata, .. } => Ok(Head { metadata, entries }),
    }
}

/// What was read of an answer.
struct Answer<'r> {
    range: DayRange,
    days: &'r mut DaysRead,
    metadata: PageMetadata,
    /// How many results there are; `None` without a list of them.
    entries: Option<usize>,
    /// What makes it no answer to the question, though it can be read.
    fault: Option<Error>,
    told: Once,
}

impl<'de> Entries<'de> for &mut Answer<'_> {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "results" => {
                self.told.note(0)?;
                map.next_value_seed(Results(self))
            }
            "metadata" => {
                self.told.note(1)?;
                self.metadata = map.next_value::<Option<_>>()?.unwrap_or_default();
                Ok(())
            }
            _ => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

impl Answer<'_> {
    /// The parts of the day of this date; `None` if nobody asked for it.
    fn day(&mut self, date: &str) -> Option<&mut DayParts> {
        match asked_day(date, self.range) {
            Ok(day) => Some(self.days.entry(day).or_default()),
            Err(error) => {
                self.fault = Some(error);
                None
            }
        }
    }
}

/// The list of days.
struct Results<'a, 'r>(&'a mut Answer<'r>);

impl<'de> DeserializeSeed<'de> for Results<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Results<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of days")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut entries = 0;
        while let Some(entry) = seq.next_element_seed(Object(DayEntry::of(&mut *self.0)))? {
            entries += usize::from(entry.finish()?);
        }
        self.0.entries = Some(entries);
        Ok(())
    }
}
