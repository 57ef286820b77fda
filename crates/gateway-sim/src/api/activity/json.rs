//! Usage in JSON, with the fields of LiteLLM 1.106; older versions leave some out.
//!
//! Answers of a day may have megabytes, so nothing is built in between: these types borrow the
//! sums and write them.

mod breakdown;
mod metadata;
mod metrics;
mod view;

use jiff::civil::Date;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

pub(super) use metadata::{Metadata, Paging};
pub(super) use metrics::KeyMetadata;

use self::breakdown::Breakdown;
use self::metrics::Metrics;
use self::view::View;
use super::day::DayUsage;
use crate::version::Version;
use crate::world::World;

/// The whole answer: days, newest first, and totals.
pub(super) struct Results<'a> {
    pub(super) world: &'a World,
    pub(super) version: &'a Version,
    pub(super) days: &'a [(Date, DayUsage)],
    pub(super) metadata: Metadata,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let days: Vec<Day<'_>> = self
            .days
            .iter()
            .map(|(date, usage)| Day { view: self.view(), date: *date, usage })
            .collect();
        let mut answer = serializer.serialize_struct("Results", 2)?;
        answer.serialize_field("results", &days)?;
        answer.serialize_field("metadata", &self.metadata.in_view(self.view()))?;
        answer.end()
    }
}

impl<'a> Results<'a> {
    fn view(&self) -> View<'a> {
        View { world: self.world, version: self.version }
    }
}

struct Day<'a> {
    view: View<'a>,
    date: Date,
    usage: &'a DayUsage,
}

impl Serialize for Day<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Day { view, usage, .. } = *self;
        let mut day = serializer.serialize_struct("Day", 3)?;
        day.serialize_field("date", &self.date)?;
        day.serialize_field("metrics", &Metrics::of(&usage.total, view.version))?;
        day.serialize_field("breakdown", &Breakdown { view, usage })?;
        day.end()
    }
}
