//! From what each bucket of a question is answered.

use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::known::{Coverage, has_quarters, rest_of, share_explained, used_part, utc_days};
use super::{Query, View, is_joint};
use crate::access::Scope;
use crate::store::LedgerState;
use crate::usage::{
    Bucket, Day, DayRange, Grain, Metrics, Quarter, Span, buckets, clock_of, iso, quarters_of,
    quarters_of_local_day,
};

/// Where figures come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The gateway's daily table.
    Days,
    /// Its request logs, or requests that it pushed.
    QuarterHours,
    /// Some days from the one, some from the other.
    Mixed,
}

/// How a bucket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BucketState {
    /// It is over.
    Complete,
    /// It has not ended yet.
    Unfinished,
    /// What was used in it is not known, or not yet.
    Unknown,
    /// It holds what was used on the days, nobody knows in which of their hours.
    UnknownHour,
}

/// A bucket of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedBucket {
    /// What to call it: its start, or its hour of the clock.
    pub name: String,
    /// When it begins and ends, with the zone's offset; nothing where it recurs.
    pub bounds: Option<(String, String)>,
    /// When it begins; nothing where it recurs.
    pub start: Option<Timestamp>,
    /// The days that count in it.
    pub days: DayRange,
    /// How it stands.
    pub state: BucketState,
    /// The share of its days' tokens that quarter hours explain; nothing where the answer does
    /// without them.
    pub coverage: Option<f64>,
}

/// A local day of which it is not known when all of its usage happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApproximateDay {
    /// The day, `YYYY-MM-DD` in the answer's time zone.
    #[schema(value_type = String, format = Date)]
    pub date: Day,
    /// Tokens of the UTC days that it touches of which no request is known: they count on their
    /// UTC date. Nothing for those who do not see all usage.
    pub tokens: Option<i64>,
}

/// What is summed for each bucket.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) buckets: Vec<PlannedBucket>,
    /// The spans of each bucket.
    pub(super) slots: Vec<Vec<Span>>,
    /// The quarter hours of each bucket, for what only requests know.
    pub(super) time_slots: Vec<Vec<Span>>,
    pub(super) source: Source,
    /// Local days whose hours are not all known, newest first.
    pub(super) approximate: Vec<ApproximateDay>,
    pub(super) coverage: Option<Coverage>,
}

/// The hours of the clock.
const HOURS: usize = 24;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// What a plan is made for.
struct Planner<'a> {
    query: &'a Query,
    ledger: &'a LedgerState,
    now: Timestamp,
    is_utc: bool,
    needs_requests: bool,
    is_joint: bool,
}

impl Plan {
    /// The plan of a question.
    pub(super) fn of(view: View<'_>, query: &Query) -> Self {
        let planner = Planner {
            query,
            ledger: &view.reader.ledger,
            now: view.now,
            is_utc: query.zone == TimeZone::UTC,
            needs_requests: query.needs_requests(),
            is_joint: is_joint(query.used()),
        };
        let mut plan = match query.grain {
            Grain::HourOfDay | Grain::WeekdayHour => planner.recurring(),
            _ => planner.in_order(),
        };
        planner.tell_basis(&mut plan);
        plan
    }

    /// Takes out what tells of usage that the scope does not see: how much of a day requests
    /// explain is known of everybody together alone.
    pub(super) fn tell_only_what_is_seen(&mut self, scope: &Scope) {
        if scope.sees_everything() {
            return;
        }
        self.coverage = None;
        self.approximate.iter_mut().for_each(|day| day.tokens = None);
        self.buckets.iter_mut().for_each(|bucket| bucket.coverage = None);
    }

    fn push(&mut self, bucket: PlannedBucket, spans: Vec<Span>, times: Vec<Span>) {
        self.buckets.push(bucket);
        self.slots.push(spans);
        self.time_slots.push(times);
    }
}

impl Planner<'_> {
    fn empty(&self) -> Plan {
        Plan {
            buckets: Vec::new(),
            slots: Vec::new(),
            time_slots: Vec::new(),
            source: Source::Days,
            approximate: Vec::new(),
            coverage: None,
        }
    }

    /// Buckets one after the other.
    fn in_order(&self) -> Plan {
        let Query { days, zone, grain, .. } = self.query;
        let mut plan = self.empty();
        for bucket in buckets(*days, *grain, zone, usize::MAX).unwrap_or_default() {
            let quarters = bucket.quarters();
            let spans = if let Some(until) = self.query.until {
                self.spans_until(bucket.first, &quarters, until)
            } else if grain.is_of_days() {
                self.spans_of_days(bucket.first, bucket.last, &quarters)
            } else {
                vec![Span::Quarters(quarters.clone())]
            };
            let planned = self.planned(&bucket);
            plan.push(planned, spans, vec![Span::Quarters(quarters)]);
        }
        if !grain.is_of_days() {
            self.push_unknown_hour(&mut plan);
        }
        plan
    }

    /// Some local days. Their sum is that of the UTC days of the same dates, with the quarter
    /// hours by which the zone's days are shifted added or taken away; what no request explains
    /// stays on its UTC date.
    fn spans_of_days(&self, first: Day, last: Day, quarters: &Range<Quarter>) -> Vec<Span> {
        let Some(days) = DayRange::new(first, last) else { return Vec::new() };
        let Some(days) = days.from(used_part(self.ledger, days).first()) else { return Vec::new() };
        if self.is_joint {
            return vec![Span::Quarters(quarters.clone()), Span::Unexplained(days)];
        }
        let mut spans = vec![Span::Days(days)];
        if !self.is_utc {
            let utc = quarters_of(first).start..quarters_of(last).end;
            spans.push(Span::Quarters(quarters.start..utc.start));
            spans.push(Span::LessQuarters(utc.start..quarters.start));
            spans.push(Span::Quarters(utc.end..quarters.end));
            spans.push(Span::LessQuarters(quarters.end..utc.end));
            spans.retain(|span| match span {
                Span::Quarters(part) | Span::LessQuarters(part) => part.start < part.end,
                _ => true,
            });
        }
        spans
    }

    /// The whole days before a moment, and the quarter hours of its day up to it.
    fn spans_until(&self, first: Day, quarters: &Range<Quarter>, until: Timestamp) -> Vec<Span> {
        let zone = &self.query.zone;
        let day = Day::at(until, zone);
        let start = quarters_of_local_day(day, zone).start;
        let mut spans = match day.previous().filter(|last| *last >= first) {
            Some(last) => self.spans_of_days(first, last, &(quarters.start..start)),
            None => Vec::new(),
        };
        spans.push(Span::Quarters(start..Quarter::of(until)));
        spans
    }

    /// Hours of the clock, or of the week, over all days.
    fn recurring(&self) -> Plan {
        let Query { days, zone, grain, .. } = self.query;
        let of_week = *grain == Grain::WeekdayHour;
        let count = if of_week { WEEKDAYS.len() * HOURS } else { HOURS };
        let mut slots = vec![Vec::new(); count];
        for day in used_part(self.ledger, *days).newest_first() {
            let quarters = quarters_of_local_day(day, zone);
            let mut next = quarters.start;
            // Quarter hours of one hour of the clock are asked for together.
            while next < quarters.end {
                let clock = clock_of(next, zone);
                let mut end = Quarter(next.0 + 1);
                while end < quarters.end && clock_of(end, zone) == clock {
                    end = Quarter(end.0 + 1);
                }
                let hour = usize::from(clock.0.unsigned_abs());
                let weekday = usize::from(clock.1.unsigned_abs()) - 1;
                let place = if of_week { weekday * HOURS + hour } else { hour };
                slots[place].push(Span::Quarters(next..end));
                next = end;
            }
        }
        let coverage = self.coverage_of(*days);
        let state = self.state(*days, Timestamp::MIN, self.now);
        let mut plan = self.empty();
        for (place, spans) in slots.into_iter().enumerate() {
            let hour = place % HOURS;
            let name = if of_week {
                format!("{} {hour:02}:00", WEEKDAYS[place / HOURS])
            } else {
                format!("{hour:02}:00")
            };
            let (bounds, start) = (None, None);
            let bucket = PlannedBucket { name, bounds, start, days: *days, state, coverage };
            plan.push(bucket, spans.clone(), spans);
        }
        self.push_unknown_hour(&mut plan);
        plan
    }

    fn push_unknown_hour(&self, plan: &mut Plan) {
        let days = self.query.days;
        let bucket = PlannedBucket {
            name: "unknown_hour".to_owned(),
            bounds: None,
            start: None,
            days,
            state: BucketState::UnknownHour,
            coverage: self.coverage_of(days),
        };
        plan.push(bucket, vec![Span::Unexplained(used_part(self.ledger, days))], Vec::new());
    }

    fn planned(&self, bucket: &Bucket) -> PlannedBucket {
        let days =
            DayRange::new(bucket.first, bucket.last).unwrap_or(DayRange::single(bucket.first));
        let (start, end) = (bucket.start.timestamp(), bucket.end.timestamp());
        let touched = if self.needs_requests {
            let quarters = bucket.quarters();
            DayRange::new(quarters.start.day(), Quarter(quarters.end.0 - 1).day()).unwrap_or(days)
        } else {
            days
        };
        PlannedBucket {
            name: iso(&bucket.start),
            bounds: Some((iso(&bucket.start), iso(&bucket.end))),
            start: Some(start),
            days,
            state: self.state(touched, start, end),
            coverage: self.coverage_of(days),
        }
    }

    /// A bucket is known if all its days are; of requests, up to where logs are read.
    fn state(&self, days: DayRange, start: Timestamp, end: Timestamp) -> BucketState {
        if start > self.now {
            return BucketState::Unknown;
        }
        let today = Day::of(self.now);
        let days = DayRange::new(days.first(), days.last().min(today));
        let is_known = |day: Day| {
            if self.needs_requests {
                has_quarters(self.ledger, day, self.now)
            } else {
                self.ledger.knows(day)
            }
        };
        match (days.is_none_or(|days| days.newest_first().all(is_known)), end > self.now) {
            (false, _) => BucketState::Unknown,
            (true, true) => BucketState::Unfinished,
            (true, false) => BucketState::Complete,
        }
    }

    fn coverage_of(&self, days: DayRange) -> Option<f64> {
        if self.is_utc && !self.needs_requests {
            return None;
        }
        let days = utc_days(days, &self.query.zone, Day::of(self.now))?;
        Some(share_explained(self.ledger, used_part(self.ledger, days)))
    }

    fn tell_basis(&self, plan: &mut Plan) {
        let Query { days, zone, .. } = self.query;
        let today = Day::of(self.now);
        let used = used_part(self.ledger, *days);
        if self.needs_requests {
            plan.source = Source::QuarterHours;
        } else if !self.is_utc {
            plan.approximate = self.approximate(used);
            plan.source = match plan.approximate.len() {
                0 => Source::QuarterHours,
                all if all == used.day_count() && !self.explains_any(used) => Source::Days,
                _ => Source::Mixed,
            };
        }
        if self.needs_requests || !self.is_utc {
            let touched = utc_days(used, zone, today);
            plan.coverage = touched.map(|days| Coverage::of(self.ledger, days));
        }
    }

    fn explains_any(&self, days: DayRange) -> bool {
        let days = utc_days(days, &self.query.zone, Day::of(self.now));
        days.is_some_and(|days| {
            days.newest_first().any(|day| self.ledger.explained(day).requests > 0)
        })
    }

    /// The local days that touch a UTC day with usage that no request explains.
    fn approximate(&self, days: DayRange) -> Vec<ApproximateDay> {
        let today = Day::of(self.now);
        let mut approximate = Vec::new();
        for date in days.newest_first() {
            let touched = utc_days(DayRange::single(date), &self.query.zone, today);
            let mut tokens = 0_i64;
            let mut is_exact = true;
            for day in touched.into_iter().flat_map(DayRange::newest_first) {
                let rest = rest_of(self.ledger, day);
                is_exact &= !is_in_doubt(&rest) && has_quarters(self.ledger, day, self.now);
                tokens = tokens.saturating_add(rest.total_tokens.max(0));
            }
            if !is_exact {
                approximate.push(ApproximateDay { date, tokens: Some(tokens) });
            }
        }
        approximate
    }
}

/// Whether a day has usage that no request explains. Flat cost has no hour; and the daily table
/// may lag behind the requests for a moment.
fn is_in_doubt(rest: &Metrics) -> bool {
    /// Less is what floats make of nothing.
    const CENTS: f64 = 1e-6;
    rest.total_tokens > 0 || rest.requests > 0 || rest.spend_usd > CENTS
}
