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
}

impl Spec {
    /// A workshop: 8 teams × 3 keys × 6 models × 30 days, with logs of the last week in any time zone.
    pub fn workshop(until: Date) -> Spec {
        Spec { log_days: 8, dense: false, ..Spec::of_size(8, 3, 6, 30, until) }
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
        }
    }
}
