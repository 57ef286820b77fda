//! How far an answer can be trusted: its age, and what is in doubt.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use xxhash_rust::xxh3::xxh3_128;

use crate::query::{ApproximateDay, Coverage, Source, Table, used_part};
use crate::store::LedgerState;
use crate::usage::{Day, DayRange, Measure, Metrics};

/// What every answer about days says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Meta {
    /// First day that counts, `YYYY-MM-DD`.
    #[schema(value_type = String, format = Date)]
    pub start_date: Day,
    /// Last day that counts.
    #[schema(value_type = String, format = Date)]
    pub end_date: Day,
    /// The oldest moment at which one of the days was last known to be as the gateway has it;
    /// `null` where none had to be read.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub as_of: Option<Timestamp>,
    /// Whether every day is read, up to date, and adds up to the gateway's own sums.
    pub complete: bool,
    /// Grows with every change of a figure of these days, or of a name.
    pub data_version: u64,
    /// The days in doubt and why; empty where the answer is complete.
    pub incomplete_days: Vec<DayDoubt>,
    /// What was used in these days outside of the lists: by deleted teams and without a team.
    pub unlisted: Sums,
    /// The time zone of the days.
    pub tz: String,
    /// Where the figures come from.
    pub source: Source,
    /// Local days of which it is not known when all of their usage happened: what no request
    /// explains counts on its UTC date.
    #[schema(value_type = Vec<String>)]
    pub approximate_days: Vec<Day>,
    /// The same days, and how many tokens are in doubt.
    pub approximate: Vec<ApproximateDay>,
    /// How much of the days the quarter hours explain; `null` where the answer does without.
    pub coverage: Option<Coverage>,
    /// Of the teams that are told apart, those that the gateway no longer lists, by id; told by
    /// `/api/v1/query`, elsewhere at each team.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deleted_teams: Vec<String>,
    /// Whose usage the answer is of, for those who do not see all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<MetaScope>,
    /// What may not be as it was meant, such as a filter by a name that nobody has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Whose usage an answer is of.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MetaScope {
    /// `all`: that of all teams that are shown; `own`: that of one's own teams or keys alone, since
    /// what was asked is not shown of others.
    pub reach: &'static str,
    /// The measures that are not told of others, nor of all together: null in their rows.
    pub hidden: Vec<&'static str>,
}

/// A day that the answer cannot vouch for.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DayDoubt {
    /// The day, `YYYY-MM-DD` in UTC.
    #[schema(value_type = String, format = Date)]
    pub date: Day,
    /// What is the matter.
    pub reason: Doubt,
    /// For unverified days: what the parts that were read add up to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Sums>,
    /// For unverified days: what the gateway says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Sums>,
}

/// Why a day is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Doubt {
    /// It was never read.
    Missing,
    /// It may have moved since it was last compared with the gateway.
    Stale,
    /// Its parts and the gateway's sums do not agree, however often it was read.
    Unverified,
}

/// The sums that people compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Sums {
    /// All tokens.
    pub tokens: i64,
    /// All requests.
    pub requests: i64,
    /// Spend in US dollars, reserved capacity included, unrounded.
    pub spend_usd: f64,
}

impl From<&Metrics> for Sums {
    fn from(metrics: &Metrics) -> Self {
        Self {
            tokens: metrics.total_tokens,
            requests: metrics.requests,
            spend_usd: metrics.cost_usd(),
        }
    }
}

/// How old and how sure the days of a range are at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Freshness {
    /// See [`Meta::as_of`].
    pub as_of: Option<Timestamp>,
    /// See [`Meta::incomplete_days`].
    pub doubts: Vec<DayDoubt>,
    /// When it was so, and the last moment before another day becomes stale.
    from: Timestamp,
    until: Timestamp,
    digest: u128,
    /// The part of the days in which something may have been used.
    pub used: DayRange,
    /// The state of the figures and names of these days.
    pub version: u64,
}

/// How long after its end a day may still move (LiteLLM writes late rows).
const SEALED_AFTER: SignedDuration = SignedDuration::from_hours(48);

impl Freshness {
    /// The freshness of `range` in `reader` at `now`. A day that may still move is stale if it
    /// was not compared with the gateway for `stale_after`.
    pub fn of(
        ledger: &LedgerState,
        range: DayRange,
        now: Timestamp,
        stale_after: Duration,
    ) -> Self {
        let stale_after = SignedDuration::try_from(stale_after).unwrap_or(SignedDuration::MAX);
        let stored = ledger.stored_days(range);
        let as_of = stored.iter().map(|(_, state)| state.checked_at).min();
        let mut doubts = Vec::new();
        let mut until = Timestamp::MAX;
        let mut next_stored = stored.iter().peekable();
        let first = ledger.empty_before().unwrap_or(range.first());
        for day in range.from(first).into_iter().flat_map(DayRange::newest_first) {
            let Some((_, state)) = next_stored.next_if(|(stored, _)| *stored == day) else {
                doubts.push(DayDoubt {
                    date: day,
                    reason: Doubt::Missing,
                    read: None,
                    gateway: None,
                });
                continue;
            };
            let sealed_at = day.end().saturating_add(SEALED_AFTER).unwrap_or(Timestamp::MAX);
            let may_have_moved_until = now.min(sealed_at);
            if let Some(discrepancy) = &state.discrepancy {
                doubts.push(DayDoubt {
                    date: day,
                    reason: Doubt::Unverified,
                    read: Some((&discrepancy.read).into()),
                    gateway: Some((&discrepancy.gateway).into()),
                });
            } else if may_have_moved_until.duration_since(state.checked_at) > stale_after {
                doubts.push(DayDoubt {
                    date: day,
                    reason: Doubt::Stale,
                    read: None,
                    gateway: None,
                });
            } else if sealed_at > now {
                let stale_at = state.checked_at.saturating_add(stale_after);
                until = until.min(stale_at.unwrap_or(Timestamp::MAX));
            }
        }
        let digest = if doubts.is_empty() { 0 } else { xxh3_128(format!("{doubts:?}").as_bytes()) };
        let (version, used) = (ledger.version_of(range), used_part(ledger, range));
        Self { as_of, doubts, from: now, until, digest, used, version }
    }

    /// A number that changes with the doubts.
    pub fn digest(&self) -> u128 {
        self.digest
    }

    /// The last moment before another day becomes stale.
    pub fn holds_until(&self) -> Timestamp {
        self.until
    }

    /// Whether it is still so, as far as the same state of the store goes.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        (self.from..=self.until).contains(&now)
    }
}

impl Meta {
    /// What is to be said of a table.
    pub(super) fn of(question: super::Question<'_>, table: &Table) -> Self {
        let super::Question { asked, freshness, tz, .. } = question;
        let mut doubts = freshness.doubts.clone();
        if !table.is_of_everything() {
            // The sums that do not agree are those of everybody together.
            doubts.iter_mut().for_each(|doubt| (doubt.read, doubt.gateway) = (None, None));
        }
        Self {
            start_date: asked.first(),
            end_date: asked.last(),
            as_of: freshness.as_of,
            complete: freshness.doubts.is_empty(),
            data_version: freshness.version,
            incomplete_days: doubts,
            unlisted: (&table.unlisted).into(),
            tz: tz.to_owned(),
            source: table.source,
            approximate_days: table.approximate.iter().map(|day| day.date).collect(),
            approximate: table.approximate.clone(),
            coverage: table.coverage.clone(),
            deleted_teams: Vec::new(),
            scope: MetaScope::told_of(table),
            warnings: Vec::new(),
        }
    }
}

impl MetaScope {
    fn told_of(table: &Table) -> Option<Self> {
        if table.is_of_everything() {
            return None;
        }
        let reach = if table.is_of_own() { "own" } else { "all" };
        Some(Self { reach, hidden: Vec::new() })
    }

    /// The same with the measures among these that are not told of others.
    pub(super) fn hiding(mut self, table: &Table, measures: &[&'static Measure]) -> Self {
        let hidden = measures.iter().filter(|measure| table.hides(measure));
        self.hidden = hidden.map(|measure| measure.name).collect();
        self
    }
}
