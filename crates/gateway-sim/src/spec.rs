//! What a generated world is like.

use jiff::Timestamp;
use jiff::civil::Date;

/// A recipe for [`crate::World::generate`]: the same recipe makes the same world.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Another seed makes other numbers, under the same names.
    pub seed: u64,
    /// How many teams.
    pub teams: usize,
    /// How many keys each team has.
    pub keys_per_team: usize,
    /// How many deployments; every key uses all of them, some rarely.
    pub models: usize,
    /// How many days of history, the last included.
    pub days: usize,
    /// The last day.
    pub until: Date,
    /// When this falls on the last day, that day's usage is what would be there by now.
    pub now: Option<Timestamp>,
    /// On how many of the last days single requests are logged too.
    pub log_days: usize,
    /// A row for each key, model and day, even where nobody would have called. Otherwise such
    /// rows are missing, as in life.
    pub dense: bool,
    /// Teams of one name, without a name, deleted; keys that moved, were deleted, belong to no
    /// team; refused calls; teams made in one instant. See `generate/oddities.rs`.
    pub oddities: bool,
    /// The last days are a workshop.
    pub workshop: Option<Workshop>,
}

/// The last days of a world: more is done, rivals are close to each other, something goes wrong,
/// and everybody hurries in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workshop {
    /// How many days.
    pub days: i32,
    /// By how many hours the days are later than those of offices in Europe.
    pub later_by: u32,
}

impl Workshop {
    pub(crate) fn is_on(self, spec: &Spec, date: Date) -> bool {
        let days_ago = date.until(spec.until).map_or(i32::MAX, |span| span.get_days());
        (0..self.days).contains(&days_ago)
    }

    /// One of some days whose work is in full swing at a moment, wherever that is.
    pub fn around(now: Timestamp, days: i32) -> Workshop {
        let hour = u32::try_from(now.as_second().rem_euclid(86_400) / 3_600).unwrap_or_default();
        let later_by = if BUSY_HOURS.contains(&hour) { 0 } else { (hour + 24 - LATE_HOUR) % 24 };
        Workshop { days, later_by }
    }
}

/// By the clock of offices, in UTC.
const BUSY_HOURS: std::ops::RangeInclusive<u32> = 9..=16;
const LATE_HOUR: u32 = 15;

impl Spec {
    /// A workshop of three days after two months of getting to know models: 8 teams × 3 keys × 6
    /// models × 60 days, with logs of the last week in any time zone.
    pub fn workshop(until: Date) -> Spec {
        let workshop = Workshop { days: 3, later_by: 0 };
        Spec {
            log_days: 8,
            dense: false,
            workshop: Some(workshop),
            ..Spec::of_size(8, 3, 6, 60, until)
        }
    }

    /// A gateway of a certain size: `teams × keys_per_team × models × days` rows, no logs.
    pub fn of_size(
        teams: usize,
        keys_per_team: usize,
        models: usize,
        days: usize,
        until: Date,
    ) -> Spec {
        Spec {
            seed: 1,
            teams,
            keys_per_team,
            models,
            days,
            until,
            now: None,
            log_days: 0,
            dense: true,
            oddities: false,
            workshop: None,
        }
    }
}
