//! What went wrong, so that failures tell something: a provider's outage, a key that is set up wrong.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::clock::{start_of, utc_date};
use crate::spec::Spec;

/// Something that goes wrong for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Trouble {
    /// The share of requests that fail besides the usual ones.
    pub(crate) failures: f64,
    /// How many times as long the others take.
    pub(crate) slowness: f64,
    /// From and until when, in hours since midnight UTC.
    hours: (f64, f64),
}

/// The models that had trouble: how many days ago, which one, and when by the clock of offices.
const TROUBLES: [(usize, usize, f64, (f64, f64)); 4] = [
    (0, 1, 0.5, (13.0, 13.6)),
    (4, 3, 0.6, (10.0, 11.2)),
    (11, 2, 0.35, (8.5, 12.0)),
    (26, 0, 0.4, (14.0, 16.5)),
];
/// The team whose key asks for a self-hosted model that is not always there.
const MISTAKEN_TEAM: usize = 2;
const MISTAKEN_MODEL: usize = 5;

impl Trouble {
    fn lasts_at(self, hours: f64) -> bool {
        (self.hours.0..self.hours.1).contains(&hours)
    }

    /// The hours in which it lasts.
    pub(crate) fn hours(self) -> (f64, f64) {
        self.hours
    }
}

/// The trouble of a model on a day; only workshops have a story.
pub(crate) fn trouble(spec: &Spec, date: Date, model: usize) -> Option<Trouble> {
    let workshop = spec.workshop?;
    let days_ago = usize::try_from(date.until(spec.until).ok()?.get_days()).ok()?;
    let later_by = f64::from(workshop.later_by);
    TROUBLES.iter().find(|(ago, of, ..)| *ago == days_ago && *of == model).map(
        |&(_, _, failures, (from, until))| Trouble {
            failures,
            slowness: 4.0,
            hours: ((from + later_by) % 24.0, (from + later_by) % 24.0 + until - from),
        },
    )
}

/// The trouble of a model at a moment.
pub(crate) fn trouble_at(spec: &Spec, at: Timestamp, model: usize) -> Option<Trouble> {
    let date = utc_date(at);
    let hours = (at.as_second() - start_of(date).as_second()) as f64 / 3_600.0;
    trouble(spec, date, model).filter(|trouble| trouble.lasts_at(hours))
}

/// The share of a team's requests to a model that fail by its own mistake.
pub(crate) fn mistakes(spec: &Spec, team: usize, model: usize) -> f64 {
    let is_theirs = spec.workshop.is_some() && team == MISTAKEN_TEAM && model == MISTAKEN_MODEL;
    if is_theirs { 0.2 } else { 0.0 }
}
